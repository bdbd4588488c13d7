"""KOLbench: a terminal workbench for key opinion leaders, over one SQLite file that you own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from kolbench.adapters.hookspecs import hookimpl as hookimpl
