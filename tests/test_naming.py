"""What a text means of several kept things: its name first, then its number, then what only one is called in part."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.domain import naming, words
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold

KEPT = [(1, "Spring tea"), (2, "Autumn tea"), (3, "1"), (4, "Oolong")]


def meant(text: str, every: list[tuple[int, str]]) -> int:
    return naming.meant(text, every, none="none", which="which: {names}", unknown="unknown {text}: {names}")


@pytest.mark.parametrize(
    ("text", "number"), [("OOLONG", 4), (" oolong ", 4), ("2", 2), ("1", 3), ("spring", 1), ("lo", 4)]
)
def test_a_name_goes_before_a_number_and_that_before_a_part_of_a_name(text: str, number: int) -> None:
    assert meant(text, KEPT) == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tea", "which: Spring tea (1), Autumn tea (2)"),
        ("Oolnog", "unknown Oolnog: Oolong (4)"),
        ("zzz", "unknown zzz: Spring tea (1), Autumn tea (2), 1 (3), Oolong (4)"),
        ("", "unknown : Spring tea (1), Autumn tea (2), 1 (3), Oolong (4)"),
    ],
)
def test_what_is_not_clear_is_asked_with_the_names_that_come_near(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        meant(text, KEPT)
    assert str(refused.value) == said


def test_where_there_is_nothing_it_is_said_how_to_make_one() -> None:
    with pytest.raises(UsageError, match="none"):
        meant("tea", [])


def test_of_many_names_the_first_are_told_and_that_there_are_more() -> None:
    assert naming.few("abcdefgh") == "a, b, c, d, e, f, g, h"
    assert naming.few("abcdefghi") == "a, b, c, d, e, f, g, h, …"
    assert naming.few("abc", 2) == "a, b, …"


@pytest.mark.parametrize(
    ("word", "known"),
    [("duoyin", "douyin"), ("xiaohongshuu", "xiaohongshu"), ("Weibo", "weibo"), ("weibo", ""), ("gab", ""), ("x2", "")],
)
def test_a_word_that_is_nearly_a_known_one_is_taken_for_a_misspelling(word: str, known: str) -> None:
    assert words.platform_meant(word, []) == known


@settings(max_examples=50)
@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=5, unique_by=fold), st.data())
def test_every_name_means_the_one_that_is_called_so(names: list[str], data: st.DataObject) -> None:
    every = list(enumerate(names, 1))
    number, name = data.draw(st.sampled_from([one for one in every if one[1].strip()] or [(0, "")]))
    if number and fold(name.strip()) == fold(name):
        assert meant(name, every) == number
