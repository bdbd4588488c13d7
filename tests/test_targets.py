"""Lists of handles and ids in one setting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.adapters.protocol import Pull
from kolbench.adapters.targets import handle, listed, named, page
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


def test_names_come_once_and_what_is_none_is_told_with_its_setting_and_platform() -> None:
    pull = Pull("posts", {"accounts": "Ann ben ANN", "followers": "ann, ???"})
    form = re.compile("[a-z]+")
    assert named(pull, "accounts", "Example", form, str.lower) == ["ann", "ben"]
    assert named(pull, "groups", "Example", form, str.lower) == []
    with pytest.raises(UsageError, match=r"followers: \?\?\? is no name on Example"):
        named(pull, "followers", "Example", form, str.lower)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *(("ann", "ann"), ("@ann", "ann"), ("44", "44"), ("@44", "@44")),
        *(("https://example.org/ann", "ann"), ("https://www.Example.org/@ann/about?x=1", "@ann")),
        *(("http://m.example.org/44", "@44"), ("https://example.com/ann", "https://example.com/ann")),
        ("https://exam.ple.org/ann", "https://exam.ple.org/ann"),
        *(("https://example.org/", ""), ("https://[example.org/ann", "https://[example.org/ann")),
    ],
)
def test_a_handle_is_taken_out_of_the_address_of_a_profile(written: str, name: str) -> None:
    assert handle(written, "example.org") == name


@given(st.text(), st.text())
def test_whatever_is_written_is_a_page_or_none(before: str, behind: str) -> None:
    found = page(f"{before}://{behind}", "example.org")
    assert found is None or "example.org" in found.netloc.casefold()
