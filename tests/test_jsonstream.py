"""A list of messages is read out of a JSON file of any size, in constant memory, with whatever is broken in it."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.adapters.chats import jsonstream
from kolbench.adapters.chats.jsonstream import Element, elements
from kolbench.domain.errors import SourceError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
MEMBERS = st.dictionaries(st.text().filter(lambda key: key not in ("messages", "chats", "list")), VALUES, max_size=4)


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(document: object, size: int = 1 << 20, **options: Any) -> list[Element]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(elements(chunked(data, size), "messages", **options))


def values(found: list[Element]) -> list[Any]:
    return [json.loads(one.raw) for one in found if one.raw is not None]


@settings(max_examples=150, deadline=None)
@given(MEMBERS, st.lists(VALUES), MEMBERS, st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_any_list_comes_out_as_it_went_in_wherever_the_chunks_are_cut(
    before: dict[str, Any], items: list[Any], after: dict[str, Any], size: int, indent: int | None, escaped: bool
) -> None:
    pairs = [*before.items(), ("messages", items), *((k, v) for k, v in after.items() if k not in before)]
    data = json.dumps(dict(pairs), indent=indent, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    found = []
    for one in elements(chunked(data, size), "messages"):
        assert {key: json.loads(raw) for key, raw in one.about.items()} == before
        found.append(one)
    assert [one.number for one in found] == list(range(1, len(items) + 1))
    assert values(found) == items


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(MEMBERS, st.lists(VALUES, max_size=3)), max_size=4), st.integers(1, 40))
def test_lists_in_chats_are_found_where_they_are_looked_for(
    chats: list[tuple[dict[str, Any], list[Any]]], size: int
) -> None:
    listed = [{**about, "messages": items} for about, items in chats]
    document = {"about": "x", "chats": {"about": "y", "list": listed}, "other": {"messages": [1, 2]}}
    found = read(document, size, inside=("chats", "list"))
    assert values(found) == [item for _about, items in chats for item in items]
    assert [dict(one.about) for one in found] == [
        {key: json.dumps(value).encode() for key, value in about.items()} for about, items in chats for _item in items
    ]
    assert read(document, size) == []


def test_where_a_list_stands_is_told() -> None:
    document = {"chats": {"list": [{"messages": [1]}]}, "messages": [2]}
    assert [one.within for one in read(document, inside=("chats", "list"))] == ["chats", ""]


@settings(max_examples=100, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=5), st.data())
def test_a_file_cut_short_gives_its_whole_elements_and_says_so(items: list[Any], data: st.DataObject) -> None:
    whole = json.dumps({"id": 1, "messages": items}).encode()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    got: list[Element] = []
    with pytest.raises(SourceError, match="cut short"):
        got.extend(elements([cut], "messages"))
    assert values(got) == items[: len(got)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\ \nx1', max_size=60).map(str.encode), st.integers(1, 9))
def test_rubbish_is_refused_in_words(data: bytes, size: int) -> None:
    try:
        found = list(elements(chunked(b'{"messages":' + data, size), "messages"))
    except SourceError:
        return
    assert all(one.raw for one in found)


@pytest.mark.parametrize(
    "data",
    [b"[1]", b"<html>", b"{1:2}", b'{"a" 1}', b'{"messages":[1 2]}', b'{"messages":[1,]}', b'{"a":}', b'{"a":1,}'],
)
def test_what_is_no_json_is_told_with_its_place(data: bytes) -> None:
    with pytest.raises(SourceError, match="no JSON from byte"):
        read(data)


def test_a_broken_element_is_its_own_matter() -> None:
    found = read(b'{"messages":[{"a":1},{"a":},{"b" "c"},{"a":"\\x1b"},{"a":2}]}')
    assert [one.raw for one in found] == [b'{"a":1}', b'{"a":}', b'{"b" "c"}', b'{"a":"\\x1b"}', b'{"a":2}']


def test_a_byte_order_mark_is_passed_over() -> None:
    assert values(read(b"\xef\xbb\xbf" + b'{"messages":[1]}', 1)) == [1]


def test_brackets_and_quotes_in_texts_are_no_structure() -> None:
    items = [{"text": '"]}{[\\'}, ["\\\\", '\\"', "{"], "[", "中\u2028文"]
    for size in (1, 2, 3, 1000):
        assert values(read({"messages": items}, size)) == items


def test_an_element_that_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonstream, "MAX_ITEM", 500)
    long = {"parts": [{"text": "x" * 50}] * 100}
    found = read({"messages": [{"a": 1}, long, "y" * 400, {"a": 2}]}, 64)
    assert [one.raw is None for one in found] == [False, True, False, False]
    assert values(found)[-1] == {"a": 2}


def test_memory_does_not_grow_with_the_file() -> None:
    message = json.dumps({"id": 1, "text": "some words " * 20, "parts": [{"type": "bold", "text": "b"}] * 5}).encode()

    def chunks(count: int) -> Iterator[bytes]:
        yield b'{"messages":['
        for _number in range(count - 1):
            yield message + b","
        yield message + b'],"rest":"' + b"z" * 3_000_000 + b'"}'

    tracemalloc.start()
    try:
        assert sum(1 for _one in elements(chunks(20_000), "messages")) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_an_endless_string_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonstream, "MAX_ITEM", 10_000)

    def endless() -> Iterator[bytes]:
        yield b'{"messages":[{"text":"'
        while True:
            yield b"x" * 1_000

    with pytest.raises(SourceError, match="no JSON"):
        list(islice(elements(endless(), "messages"), 2))
