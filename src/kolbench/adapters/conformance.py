"""Whether an adapter keeps its contract: what it declares, what it yields, and whether it can go on from a cursor."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from kolbench.adapters.protocol import MAX_PAGE, Page, Pull
from kolbench.domain.clock import now
from kolbench.domain.errors import KolbenchError, RecordError
from kolbench.domain.gate import Gate
from kolbench.domain.lang import _
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
    Record,
    SnapshotRecord,
)

if TYPE_CHECKING:
    import httpx

    from kolbench.adapters.protocol import Adapter

Key = tuple[object, ...]

_KEYS: dict[type, tuple[str, ...]] = {
    AccountRecord: ("uid",),
    PostRecord: ("account_uid", "uid"),
    SnapshotRecord: ("account_uid", "post_uid", "observed_at"),
    FollowRecord: ("follower_uid", "account_uid"),
    CommunityRecord: ("uid",),
    MembershipRecord: ("community_uid", "account_uid"),
    MessageRecord: ("community_uid", "uid"),
    InteractionRecord: ("evidence_uid", "kind", "actor_uid", "object_uid"),
}
"""What makes two records of a type the same fact."""


@dataclass(frozen=True)
class Check:
    """One thing that was checked. ``kept`` is None where it could not be; ``found`` says why, or what is wrong."""

    what: str
    kept: bool | None
    found: str = ""


def declaration(adapter: Adapter) -> list[Check]:
    """Whether an operator could fill in the settings from what the adapter says about them."""
    silent = [s.name for s in adapter.settings if s.required and s.default is None and not (s.example or s.secret)]
    spoken = [s.name for s in adapter.settings if s.secret and s.default]
    return [
        Check(
            _("required settings have an example"),
            not silent,
            _("without one: {names}").format(names=", ".join(silent)),
        ),
        Check(_("secrets have no default"), not spoken, _("with one: {names}").format(names=", ".join(spoken))),
    ]


def read(
    adapter: Adapter, feed: str, settings: Mapping[str, str], http: httpx.Client | None, cursor: str | None, most: int
) -> list[Page]:
    """The first pages of a feed from ``cursor`` on, at most ``most``. Raises whatever the adapter raises."""
    pages = adapter.pull(Pull(feed, settings, cursor, None, http))
    try:
        return list(islice(pages, most))
    finally:
        if close := getattr(pages, "close", None):
            close()


def reading(
    adapter: Adapter, feed: str, settings: Mapping[str, str], http: httpx.Client | None, most: int
) -> Iterator[Check | list[Page]]:
    """Read a feed three ways and compare; yields each check, and first the pages that were read, if any.

    It is read from the beginning, from each cursor on the way, and from the beginning again.
    """
    try:
        pages = read(adapter, feed, settings, http, None, most)
        if not pages:
            yield Check(_("{feed}: can be read").format(feed=feed), None, _("there is nothing to read"))
            return
        yield from _checked(feed, pages)
        if not all(isinstance(page, Page) for page in pages):
            return
        yield pages
        yield _resumes(adapter, feed, settings, http, pages)
        yield _repeats(adapter, feed, settings, http, pages)
    except KolbenchError as error:
        yield Check(_("{feed}: can be read").format(feed=feed), None, str(error))
    except Exception as error:
        text = _("{type} at {place}: {error}. Only Transient, RateLimited and SourceError may leave an adapter.")
        yield Check(
            _("{feed}: can be read").format(feed=feed),
            False,
            text.format(type=type(error).__name__, place=_place(error), error=error),
        )


def _checked(feed: str, pages: list[Any]) -> Iterator[Check]:
    """Whether the pages are pages and their records pass the gate."""
    strangers = {type(page).__name__ for page in pages if not isinstance(page, Page)}
    yield Check(_("{feed}: yields pages").format(feed=feed), not strangers, ", ".join(strangers))
    if strangers:
        return
    cursors = [page.cursor for page in pages]
    sound = all(isinstance(cursor, str) and cursor for cursor in cursors)
    yield Check(_("{feed}: every page has a cursor of text").format(feed=feed), sound, repr(cursors)[:200])
    largest = max((len(page.records) for page in pages), default=0)
    yield Check(
        _("{feed}: pages hold at most {most} records").format(feed=feed, most=MAX_PAGE),
        largest <= MAX_PAGE,
        str(largest),
    )
    records = [record for page in pages for record in page.records]
    wrong = next(filter(None, map(_fault, records)), "")
    name = _("{feed}: {records} records of {pages} pages are valid")
    text = name.format(feed=feed, records=len(records), pages=len(pages))
    yield Check(text, not wrong, wrong)


def _fault(record: object) -> str:
    if type(record) not in get_args(Record):
        return _("{type} is not a record").format(type=type(record).__name__)
    try:
        Gate(now()).check(record)
    except RecordError as error:
        return f"{type(record).__name__}.{error}"
    return ""


def _resumes(
    adapter: Adapter, feed: str, settings: Mapping[str, str], http: httpx.Client | None, pages: list[Page]
) -> Check:
    """Whether going on from each cursor brings everything behind it."""
    what = _("{feed}: goes on from every cursor").format(feed=feed)
    if len(pages) < 2:
        return Check(what, None, _("one page only"))
    for number, page in enumerate(pages[:-1], 1):
        later = read(adapter, feed, settings, http, page.cursor, len(pages))
        if lost := _keys(pages[number:]) - _keys(later):
            text = _("from the cursor {cursor} on, {n} records are missing, such as {key}")
            return Check(what, False, text.format(cursor=page.cursor, n=len(lost), key=next(iter(lost))))
    return Check(what, True)


def _repeats(
    adapter: Adapter, feed: str, settings: Mapping[str, str], http: httpx.Client | None, pages: list[Page]
) -> Check:
    """Whether a second reading knows the same records by the same keys."""
    what = _("{feed}: reads the same again").format(feed=feed)
    again = read(adapter, feed, settings, http, None, len(pages))
    if lost := _keys(pages) ^ _keys(again):
        text = _("{n} records have other keys the second time, such as {key}")
        return Check(what, False, text.format(n=len(lost), key=next(iter(lost))))
    return Check(what, True)


def _keys(pages: list[Page]) -> set[Key]:
    return {
        (type(record).__name__, *(getattr(record, name) for name in _KEYS[type(record)]))
        for page in pages
        for record in page.records
        if type(record) in _KEYS
    }


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
