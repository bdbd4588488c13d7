"""Referral codes and the links that carry them."""

from __future__ import annotations

import random
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.domain import codes
from kolbench.domain.errors import UsageError

CODES = st.integers(0, 2**32).map(lambda seed: codes.draw(1, (), random.Random(seed).choice)[0])


def test_codes_are_short_unique_and_new() -> None:
    taken = set(codes.draw(200, ()))
    fresh = codes.draw(200, taken)
    assert len(taken) == 200
    assert len({*fresh, *taken}) == 400
    assert {len(code) for code in fresh} == {7}


def test_a_million_codes_are_longer_and_still_unique() -> None:
    pick = random.Random(6).choice
    assert {len(code) for code in codes.draw(3, range(1_000_000), pick)} == {10}


@given(CODES)
def test_a_code_has_no_look_alikes_and_spells_nothing(code: str) -> None:
    assert not set(code) & set("AEIOUY134")
    assert not re.search("[A-Z]{3}", code)


def test_of_symbols_that_look_alike_only_one_is_used() -> None:
    for alike in ("0OQ", "1IL", "2Z", "5S", "8B", "UVY", "VW", "6G", "9GQ"):
        assert sum(symbol in codes.SYMBOLS for symbol in alike) <= 1, alike


@settings(max_examples=60)
@given(CODES, st.data())
def test_any_one_slip_is_seen(code: str, data: st.DataObject) -> None:
    assert not codes.is_slip(code)
    at = data.draw(st.integers(0, len(code) - 1))
    kind = codes.LETTERS if code[at] in codes.LETTERS else codes.DIGITS
    wrong = code[:at] + data.draw(st.sampled_from([one for one in kind if one != code[at]])) + code[at + 1 :]
    assert codes.is_slip(wrong)
    assert code in codes.likely(wrong)
    if at + 1 < len(code) - 1 and code[at] != code[at + 1]:
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        assert codes.is_slip(swapped) or not codes._OURS.fullmatch(swapped)
        assert code in codes.likely(swapped)


def test_a_link_carries_the_code_and_where_it_came_from() -> None:
    found = codes.link("https://shop.example/tea?size=L&ref=old#buy", "TK5HW7R", "双11 & more", "weibo", "wave-1")
    parts = urlsplit(found)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "shop.example", "/tea", "buy")
    assert parse_qs(parts.query) == {
        "size": ["L"],
        "ref": ["TK5HW7R"],
        "utm_source": ["weibo"],
        "utm_medium": ["referral"],
        "utm_campaign": ["双11 & more"],
        "utm_content": ["wave-1"],
    }
    assert found.isascii()


def test_a_shop_can_say_where_the_code_belongs() -> None:
    found = codes.link("https://shop.example/i/{code}?x=1", "TK5HW7R", "tea")
    assert found.startswith("https://shop.example/i/TK5HW7R?x=1&utm_source=kol&")
    assert "ref=" not in found


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_a_campaign_is_called_the_link_stays_one_address(campaign: str, source: str) -> None:
    found = codes.link("https://shop.example/", "TK5HW7R", campaign.encode("utf-8", "ignore").decode(), "kol")
    assert urlsplit(found).hostname == "shop.example"
    assert parse_qs(urlsplit(found).query)["ref"] == ["TK5HW7R"]
    assert not re.search(r"[\s<>\"']", found)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//shop.example",
        "shop.example",
        "https://",
        "https://a b",
        "https://x/\n",
        "https://me:secret@shop.example/",
        "https://[::1",
        "ftp://shop.example",
        "https://shop.example:99999/",
        "https://x/" + "a" * 2_000,
    ],
)
def test_only_addresses_of_the_web_are_landed_on(url: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        codes.link(url, "TK5HW7R", "tea")
