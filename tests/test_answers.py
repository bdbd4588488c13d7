"""Decoding what platforms answer."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.adapters.answers import counted, decode, each, plain, whole
from kolbench.adapters.protocol import Pull, Rejected
from kolbench.domain.errors import SourceError, Transient


class Person(msgspec.Struct):
    id: str
    fans: int = 0


def answer(body: str) -> httpx.Response:
    return httpx.Response(200, content=body, request=httpx.Request("GET", "https://example.com/people?token=x"))


def test_an_answer_is_read_as_its_shape_and_other_fields_are_skipped() -> None:
    assert decode(answer('{"id": "7", "fans": 3, "more": []}'), Person) == Person("7", 3)


def test_another_shape_names_the_field_and_not_the_query() -> None:
    with pytest.raises(SourceError, match=r"/people: .*\$\.id") as caught:
        decode(answer('{"id": 7}'), Person)
    assert "token" not in str(caught.value)


def test_html_instead_of_json_may_pass() -> None:
    with pytest.raises(Transient, match="<html>"):
        decode(answer("<html>down for maintenance</html>"), Person)


def test_one_item_of_another_shape_is_rejected_alone() -> None:
    rejected: list[Rejected] = []
    items = decode(answer('[{"id": "1"}, {"id": "2", "fans": "many"}, {"id": "3"}]'), list[msgspec.Raw])
    found = list(each(Pull("profiles", {}, reject=rejected.append), items, Person))
    assert [one.id for one in found] == ["1", "3"]
    assert [(one.line, one.column) for one in rejected] == [(2, "fans")]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>你好 <b>世界</b></p><p>a<br>b</p>", "你好 世界\na\nb"),
        ("1 < 2", "1 < 2"),
        ("<script>x()</script>&lt;ok&gt;", "<ok>"),
        ("no markup", "no markup"),
        ("<P>a</P>\n<!-- b --><?php x ?><![CDATA[c]]>d", "a\nd"),
        ("<style>p {}</style>&amp;amp; a <b", "&amp; a <b"),
        ("<![", "<!["),
        ("<script>never ends", ""),
    ],
)
def test_html_becomes_the_text_a_reader_sees(html: str, text: str) -> None:
    assert plain(html) == text


@pytest.mark.parametrize("piece", ["<a ", "<!--", '<a x="', "<![", "<?", "<script>", "</a ", "<>", "&#", "<p>"])
def test_html_made_to_take_long_takes_no_longer(piece: str) -> None:
    plain(piece * 300_000)


def test_counts_that_a_platform_keeps_to_itself_are_none() -> None:
    assert counted(likes=0, shares=3, views=None, followers=-1) == {"likes": 0, "shares": 3}


@pytest.mark.parametrize(
    ("told", "number"),
    [
        *((7, 7), ("7", 7), ("007", 7), (0, 0), (2**63 - 1, 2**63 - 1)),
        *((None, None), (-1, None), ("-1", None), ("", None), ("²", None), ("٣", None), ("7.0", None)),
        *((2**63, None), ("9" * 19, None), ("9" * 5_000, None), (10**400, None)),
    ],
)
def test_a_number_may_be_told_as_text_and_is_none_beyond_64_bits(told: int | str | None, number: int | None) -> None:
    assert whole(told) == number


@given(st.one_of(st.integers(), st.text(), st.none()))
def test_whatever_is_told_is_such_a_number_or_none(told: int | str | None) -> None:
    found = whole(told)
    assert found is None or 0 <= found < 2**63
