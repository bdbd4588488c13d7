"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input files; the test is skipped where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("KOLBENCH_DATA", beside))
    if not folder.is_dir():
        pytest.skip("the real input files are not here (set KOLBENCH_DATA to their folder)")
    return folder
