"""The walk through a list of Weibo's, from the newest entry back to what was read before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from kolbench import Pull, RecordError, SourceError
from kolbench.adapters import cursors
from kolbench.adapters.answers import each, whole

from .api import Api
from .entities import Comment, Id, Number, Status, moment

T = TypeVar("T", Status, Comment)


class Place(Struct, frozen=True, omit_defaults=True):
    """Where a walk is, by the ids of entries, which grow with time.

    Everything up to ``read`` is in the store. A walk that began at the entry ``top`` goes on at ``below``, or begins
    anew where that is 0; it was shown ``seen`` entries so far.
    """

    read: int = 0
    top: int = 0
    below: int = 0
    seen: int = 0


class _Entry(Struct, frozen=True):
    id: Id
    created_at: str | None = None


class Listing(Struct, frozen=True):
    """A page of a list, which holds either statuses or comments."""

    statuses: list[Raw] | None = None
    comments: list[Raw] | None = None
    next_cursor: Number | None = None
    total_number: Number | None = None

    def entries(self, name: str) -> list[Raw]:
        """Those of the list that was asked for. Raises SourceError where the answer has none."""
        entries = self.statuses if name == "statuses" else self.comments
        if entries is None:
            raise SourceError(f"Weibo did not answer with {name}")
        return entries


def walk(pull: Pull, api: Api, path: str, size: int, shape: type[T]) -> Iterator[tuple[list[T], str]]:
    """Yield the entries page by page, newest first, each with the cursor behind it.

    The newest page is read in every sync, also when nothing is new: counts still grow. An empty page ends the walk
    only where no other follows it, for Weibo leaves out what the app may not see after it has cut the pages.
    """
    place = cursors.read(pull.cursor, Place())
    name = "statuses" if shape is Status else "comments"
    more = True
    while more:
        begin = {"max_id": place.below} if place.below else {}
        listing = api.get(path, Listing, count=size, **begin)
        entries = listing.entries(name)
        known: dict[int, str | None] = _known(entries)
        if entries and not known:
            raise SourceError(f"{path}: no entry has an id to go on from")
        below, reached = _below(place, listing, known), _reached(pull, place, known)
        top, seen = max([place.top, *known]), place.seen + len(entries)
        more = below > 0 and not reached
        if not more and not reached:
            _compare(pull, path, place, listing, seen)
        place = Place(place.read, top, below, seen) if more else Place(max(place.read, top))
        yield list(each(pull, entries, shape)), cursors.written(place)


def _known(entries: list[Raw]) -> dict[int, str | None]:
    """The entries' ids with their times, as far as they can be read."""
    known: dict[int, str | None] = {}
    for entry in entries:
        try:
            told = msgspec.json.decode(entry, type=_Entry)
        except msgspec.DecodeError:
            continue
        if number := whole(told.id):
            known[number] = told.created_at
    return known


def _below(place: Place, listing: Listing, known: dict[int, str | None]) -> int:
    """The largest id of the next page; 0 where there is none, or where the server goes round in circles."""
    told, last = whole(listing.next_cursor) or 0, min(known, default=0) - 1
    for below in (max(told, last), last):
        if below > 0 and (below < place.below or not place.below):
            return below
    return 0


def _reached(pull: Pull, place: Place, known: dict[int, str | None]) -> bool:
    """Whether the page goes back to what was read before, or before the moment that bounds the first reading."""
    if place.read:
        return any(number <= place.read for number in known)
    if pull.since is None:
        return False
    for created_at in known.values():
        try:
            if moment(created_at) < pull.since:
                return True
        except RecordError:
            continue
    return False


def _compare(pull: Pull, path: str, place: Place, listing: Listing, seen: int) -> None:
    """Say so when a walk has come to the end of a list that it is not shown in full."""
    total = whole(listing.total_number)
    if place.read and seen:
        pull.warn(
            f"{path}: Weibo shows the latest only. What was written between them and the last sync may be missing."
        )
    elif not place.read and total is not None and seen < total:
        pull.warn(
            f"{path}: Weibo counts {total} and shows {seen}. It shows an app the latest only, and only what was "
            "written by people who use the app."
        )
