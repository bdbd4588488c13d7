"""A place survives being a cursor, and a cursor that is none begins anew."""

from __future__ import annotations

import pytest
from msgspec import Struct

from kolbench.adapters import cursors


class Place(Struct):
    page: int = 0
    seen: dict[str, str] = {}


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place(3, {"ann": "茶"})
    assert cursors.read(cursors.written(place), Place()) == place


@pytest.mark.parametrize("cursor", [None, "", "-", "3", '{"page": "3"}', '{"page": 3'])
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str | None) -> None:
    assert cursors.read(cursor, Place(7)) == Place(7)
