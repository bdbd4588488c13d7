"""Lists of handles and ids in one setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from kolbench.adapters.targets import listed
from kolbench.domain.errors import UsageError


def test_items_are_separated_by_commas_of_any_kind_and_white_space_and_come_once() -> None:
    assert listed(" @ann，ben、chi;  ann@example.social\nben ") == ("@ann", "ben", "chi", "ann@example.social")


def test_a_file_lists_them_with_remarks(tmp_path: Path) -> None:
    path = tmp_path / "people.txt"
    path.write_text("\ufeff# ours\nann, ben\n小红\n", encoding="utf-8")
    assert listed(f"zoe @{path}") == ("zoe", "ann", "ben", "小红")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nobody\.txt"):
        listed(f"@{tmp_path}/nobody.txt")
    (tmp_path / "bad").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="bad"):
        listed(f"@{tmp_path}/bad")
