"""Lets each plugin's tests find its package, whether it is installed or not."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(source) for source in sorted(Path(__file__).parent.glob("*/src"))]
