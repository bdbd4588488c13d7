"""Whether an adapter keeps its contract: what it declares, what it yields, and whether it can go on from a cursor."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from msgspec import structs

from kolbench.adapters.protocol import MAX_CURSOR, MAX_PAGE, Page, Pull, Targeted
from kolbench.adapters.registry import faults
from kolbench.domain.clock import now
from kolbench.domain.errors import Denied, Gone, KolbenchError, RecordError, told
from kolbench.domain.gate import Gate
from kolbench.domain.lang import _
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    ConversionRecord,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    ParticipantRecord,
    PostRecord,
    Record,
    ReferralRecord,
    RefundRecord,
    SnapshotRecord,
    TouchRecord,
)

if TYPE_CHECKING:
    import httpx

    from kolbench.adapters.protocol import Adapter

Key = tuple[object, ...]
Read = dict[str, list[Page]]
"""The pages of a feed by target; the target of a feed that is read as a whole is ``""``."""

MAX_RESUMED = 12
"""From so many of a target's cursors a reading is tried again: the first, the last, and some between."""

KINDS: dict[str, type[Record]] = {
    "profiles": AccountRecord,
    "followers": FollowRecord,
    "posts": PostRecord,
    "activities": InteractionRecord,
    "members": MembershipRecord,
    "messages": MessageRecord,
    "conversions": ConversionRecord,
}
"""The record that a feed is there for; others may come with it."""

_KEYS: dict[type, tuple[str, ...]] = {
    AccountRecord: ("uid",),
    PostRecord: ("account_uid", "uid"),
    SnapshotRecord: ("account_uid", "post_uid", "observed_at"),
    FollowRecord: ("follower_uid", "account_uid"),
    CommunityRecord: ("uid",),
    MembershipRecord: ("community_uid", "account_uid"),
    MessageRecord: ("community_uid", "uid"),
    InteractionRecord: ("evidence_uid", "kind", "actor_uid", "object_uid"),
    ParticipantRecord: ("campaign", "uid"),
    ReferralRecord: ("campaign", "child_uid", "parent_uid", "code", "at"),
    TouchRecord: ("campaign", "visitor_uid", "participant_uid", "code", "at"),
    ConversionRecord: ("campaign", "shop", "order_id", "line"),
    RefundRecord: ("campaign", "shop", "order_id", "line", "refund_id"),
}
"""What makes two records of a type the same fact."""


@dataclass(frozen=True)
class Check:
    """One thing that was checked. ``kept`` is None where it could not be; ``found`` says why, or what is wrong.

    ``unread``: that it could not be is for want of an answer, so that nothing is known of what it is about.
    """

    what: str
    kept: bool | None
    found: str = ""
    unread: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads with an adapter as a sync does: target by target, each from a cursor of its own.

    ``pull`` holds what every reading has in common; of a target at most ``most`` pages are read (None: all).
    """

    adapter: Adapter
    pull: Pull
    most: int | None = None

    def targets(self, feed: str) -> list[str]:
        """What the feed reads one by one. Raises whatever the adapter raises."""
        if not isinstance(self.adapter, Targeted):
            return [""]
        return list(dict.fromkeys(self.adapter.targets(replace(self.pull, feed=feed))))

    def pages(self, feed: str, target: str, cursor: str | None = None) -> Generator[Page, None, None]:
        """The pages of a target from ``cursor`` on. Raises whatever the adapter raises."""
        pages = self.adapter.pull(replace(self.pull, feed=feed, target=target, cursor=cursor))
        try:
            yield from islice(pages, self.most)
        finally:
            if close := getattr(pages, "close", None):
                close()

    def read(self, feed: str) -> Read:
        """Every target of the feed; one that is gone or denied has no pages."""
        found: Read = {}
        for target in self.targets(feed):
            found[target] = []
            try:
                for page in self.pages(feed, target):
                    found[target].append(page)
            except (Gone, Denied):
                if not target:
                    raise
        return found


def read(
    adapter: Adapter, feed: str, settings: Mapping[str, str], http: httpx.Client | None, cursor: str | None, most: int
) -> list[Page]:
    """The first pages of a feed from ``cursor`` on, at most ``most``. Raises whatever the adapter raises."""
    return list(Reader(adapter, Pull(feed, settings, http=http), most).pages(feed, "", cursor))


def declaration(adapter: Adapter) -> Iterator[Check]:
    """Whether it is an adapter, and an operator could fill in the settings from what it says about them."""
    wrong = faults(adapter)
    yield Check(_("is declared soundly"), not wrong, "; ".join(wrong))
    if wrong:
        return
    silent = [s.name for s in adapter.settings if s.required and s.default is None and not (s.example or s.secret)]
    found = _("without one: {names}").format(names=", ".join(silent))
    yield Check(_("required settings have an example"), not silent, found)
    spoken = [s.name for s in adapter.settings if s.secret and s.default]
    found = _("with one: {names}").format(names=", ".join(spoken))
    yield Check(_("secrets have no default"), not spoken, found)


def reading(
    adapter: Adapter, feed: str, settings: Mapping[str, str], http: httpx.Client | None, most: int
) -> Iterator[Check | Read]:
    """Read a feed three ways and compare; yields each check, and what was read, if anything was.

    It is read from the beginning, from cursors on the way, and from the beginning again; of each target at most
    ``most`` pages.
    """
    reader = Reader(adapter, Pull(feed, settings, http=http), most)
    try:
        found = reader.read(feed)
        if not any(found.values()):
            yield Check(_("{feed}: can be read").format(feed=feed), None, _("there is nothing to read"))
            return
        yield (first := paged(feed, found))
        if not first.kept:
            return
        for look in LOOKS:
            yield look(feed, found)
        yield claimed(adapter, feed, found)
        yield found
        yield resumed(reader, feed, found)
        yield repeated(feed, found, reader.read(feed))
    except KolbenchError as error:
        yield Check(_("{feed}: can be read").format(feed=feed), None, told(error), unread=True)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        yield Check(_("{feed}: can be read").format(feed=feed), False, explained(error))


def paged(feed: str, found: Read) -> Check:
    """Whether all that was yielded are pages."""
    strangers = {type(page).__name__ for page in _pages(found) if not isinstance(page, Page)}
    return Check(_("{feed}: yields pages").format(feed=feed), not strangers, ", ".join(strangers))


def addressed(feed: str, found: Read) -> Check:
    """Whether every page has a cursor that a store can keep."""
    wrong = [page.cursor for page in _pages(found) if not _is_cursor(page.cursor)]
    return Check(_("{feed}: every page has a cursor of text").format(feed=feed), not wrong, repr(wrong)[:200])


def sized(feed: str, found: Read) -> Check:
    """Whether no page is larger than a sync takes."""
    largest = max((len(page.records) for page in _pages(found)), default=0)
    what = _("{feed}: pages hold at most {most} records").format(feed=feed, most=MAX_PAGE)
    return Check(what, largest <= MAX_PAGE, str(largest))


def zoned(feed: str, found: Read) -> Check:
    """Whether all times know their zone."""
    naive = next(filter(None, map(_naive, records(found))), "")
    found_naive = _("{field} has no zone: take a datetime with a tzinfo").format(field=naive)
    return Check(_("{feed}: times have a zone").format(feed=feed), not naive, found_naive)


def valid(feed: str, found: Read) -> Check:
    """Whether the gate before the store lets every record pass."""
    told = records(found)
    gate = Gate(now())
    wrong = next(filter(None, (_fault(gate, record) for record in told)), "")
    name = _("{feed}: {records} records of {pages} pages are valid")
    return Check(name.format(feed=feed, records=len(told), pages=len(list(_pages(found)))), not wrong, wrong)


LOOKS: tuple[Callable[[str, Read], Check], ...] = (addressed, sized, zoned, valid)
"""What can be seen by looking at the pages of a feed."""


def claimed(adapter: Adapter, feed: str, found: Read) -> Check:
    """Whether the feed yields what it is there for; a file may well hold something else."""
    what = _("{feed}: yields what it claims").format(feed=feed)
    kind = KINDS.get(feed)
    if kind is None or number_of(feed, found):
        return Check(what, True)
    met = ", ".join(sorted({type(record).__name__ for record in records(found)})) or _("nothing")
    text = _("no {wanted}, but {met}").format(wanted=kind.__name__, met=met)
    return Check(what, None if adapter.limits is None or not records(found) else False, text)


def resumed(reader: Reader, feed: str, found: Read) -> Check:
    """Whether going on from a cursor brings everything behind it."""
    what = _("{feed}: goes on from every cursor").format(feed=feed)
    if all(len(pages) < 2 for pages in found.values()):
        return Check(what, None, _("one page only"))
    for target, pages in found.items():
        for number in _some(len(pages) - 1):
            cursor = pages[number].cursor
            later = list(replace(reader, most=reader.most and len(pages)).pages(feed, target, cursor))
            if lost := keys(pages[number + 1 :]) - keys(later):
                text = _("from the cursor {cursor} on, {n} records are missing, such as {key}")
                return Check(what, False, text.format(cursor=_cut(cursor), n=len(lost), key=_cut(min(lost, key=repr))))
    return Check(what, True)


def repeated(feed: str, found: Read, again: Read) -> Check:
    """Whether a second reading knows the same records by the same keys."""
    what = _("{feed}: reads the same again").format(feed=feed)
    if lost := keys(_pages(found)) ^ keys(_pages(again)):
        text = _("{n} records have other keys the second time, such as {key}")
        return Check(what, False, text.format(n=len(lost), key=_cut(min(lost, key=repr))))
    return Check(what, True)


def records(found: Read) -> list[Record]:
    """All records that were read."""
    return [record for page in _pages(found) for record in page.records]


def number_of(feed: str, found: Read) -> int:
    """How many different records of the kind that the feed is there for were read (of any, if there is none)."""
    told = keys(_pages(found))
    return sum(kind == KINDS[feed].__name__ for kind, *_rest in told) if feed in KINDS else len(told)


def keys(pages: Iterator[Page] | list[Page]) -> set[Key]:
    """By what a store recognises the records of these pages."""
    return {
        (type(record).__name__, *(getattr(record, name) for name in _KEYS[type(record)]))
        for page in pages
        for record in page.records
        if type(record) in _KEYS
    }


def explained(error: BaseException) -> str:
    """What is to say of an exception that should not have left an adapter."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    text = _("{type} at {place}: {error}. Only Transient, RateLimited and SourceError may leave an adapter.")
    return text.format(
        type=type(error).__name__, place=f"{Path(frame.filename).name}:{frame.lineno}", error=_cut(told(error))
    )


def _pages(found: Read) -> Iterator[Page]:
    for pages in found.values():
        yield from pages


def _some(most: int) -> list[int]:
    """Numbers below ``most``: all, or a few that are spread evenly, the last one included."""
    if most <= MAX_RESUMED:
        return list(range(most))
    return sorted({most - 1 - part * most // MAX_RESUMED for part in range(MAX_RESUMED)})


def _is_cursor(cursor: object) -> bool:
    if not (isinstance(cursor, str) and cursor):
        return False
    try:
        return len(cursor.encode()) <= MAX_CURSOR
    except UnicodeEncodeError:
        return False


def _fault(gate: Gate, record: object) -> str:
    if type(record) not in get_args(Record):
        return _("{type} is not a record").format(type=type(record).__name__)
    try:
        gate.check(record)
    except RecordError as error:
        return f"{type(record).__name__}.{error}"
    return ""


def _naive(record: Any) -> str:
    if type(record) not in get_args(Record):
        return ""
    values = structs.asdict(record).items()
    lost = (name for name, value in values if isinstance(value, datetime) and value.utcoffset() is None)
    return next((f"{type(record).__name__}.{name}" for name in lost), "")


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= 120 else text[:120] + "…"
