"""New stores by copying one that was made before, which takes a fifth of the time that making one does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from kolbench.store import connect
from kolbench.store.connect import Store

make_file = connect._create_file
"""What a store begins with where it is made anew."""


def copying(folder: Path) -> Callable[[Path], None]:
    """What makes a file that holds a new store, which is itself made in ``folder`` when it is first needed."""

    @cache
    def empty() -> bytes:
        path = folder / "kolbench.db"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connect, "_create_file", make_file)
            Store.open(path).close()
        return path.read_bytes()

    def copied(path: Path) -> None:
        make_file(path)
        path.write_bytes(empty())

    return copied
