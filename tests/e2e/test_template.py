"""What ``kolbench adapter new`` writes: its tests, which play every failure of a server, and mypy pass at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from workbench import Workbench


def test_a_new_adapter_passes_its_tests_and_mypy_at_once(workbench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    workbench("adapter", "new", "9-lives", "--dir", folder)
    for command in (("pytest", "-q", "-p", "no:cacheprovider"), ("mypy", "--cache-dir", str(tmp_path / "mypy"))):
        done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
