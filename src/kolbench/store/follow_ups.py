"""Follow-ups as operators work on them: listed by section, taken, changed, done, snoozed, handed on and reopened."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain import words
from kolbench.domain.clock import HOUR, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, enrolments, notes, sections
from kolbench.store.sections import UNNARROWED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store
    from kolbench.store.sections import Only, Part

TAKEN_FOR = 8 * HOUR
"""How long a follow-up stays with whoever took it (ms)."""

_TAKEN = "taken_until > :at AND state = 'open'"
_COLUMNS = (
    "follow_up.id, follow_up.creator_id, coalesce(standing.name, creator.name),"
    " coalesce(standing.platform, (SELECT min(platform) FROM account WHERE creator_id = creator.id), ''),"
    f" standing.handle, rule, evidence, {sections.DUE}, snoozed_until, follow_up.created_at,"
    " (SELECT max(at) FROM touchpoint WHERE creator_id = creator.id), state,"
    f" coalesce(follow_up.owner, creator.owner), channel, plan, iif({_TAKEN}, taken_by, NULL),"
    f" iif({_TAKEN}, taken_until, NULL)"
)
_PEOPLE = (
    "JOIN creator ON creator.id = follow_up.creator_id LEFT JOIN standing ON standing.creator_id = follow_up.creator_id"
)


class FollowUp(NamedTuple):
    """One follow-up as the queue shows it. Moments are ms; ``due_at`` is after a snooze.

    ``owner`` is whom it was handed to, else whoever looks after the person. ``taken_by`` is who works on it now.
    """

    follow_up_id: int
    creator_id: int
    name: str
    platform: str
    handle: str | None
    rule: str
    evidence: Mapping[str, Any]
    due_at: int
    snoozed_until: int | None
    created_at: int
    last_touch_at: int | None
    state: str
    owner: str | None
    channel: str | None
    plan: str | None
    taken_by: str | None
    taken_until: int | None


class Skipped(NamedTuple):
    """A follow-up that was left as it was: its state (``taken``: a colleague works on it), and who did that and when,
    where that is known."""

    follow_up_id: int
    state: str
    author: str | None
    at: int | None


class Acted(NamedTuple):
    """The follow-ups that an action changed, and those it left alone."""

    changed: Sequence[int]
    skipped: Sequence[Skipped]


def done(
    store: Store,
    ids: Sequence[int],
    author: str,
    outcome: str | None = None,
    channel: str | None = None,
    sent: Mapping[int, int] = MappingProxyType({}),
) -> Acted:
    """Mark as done; with an outcome or a channel, also write down the contact with each person.

    Without a channel it was by the follow-up's own, else by that of the last contact with them. A step of a sequence
    that is done is a contact without either.
    ``sent`` are the variants of scripts that were sent, by follow-up. What its rule has resolved meanwhile is done all
    the same: a contact that somebody had isn't lost.
    """

    def change(act: Act, row: _Row) -> bool:
        if row.state == "done":
            return False
        act.update("follow_up", row.id, state="done", closed_at=act.at)
        if outcome or channel or enrolments.asked(act.db, row.id):
            way = channel or _way(act, row)
            notes.add_touchpoint(act, row.creator_id, way, outcome, follow_up_id=row.id, variant_id=sent.get(row.id))
        return True

    return _act(store, ids, author, "done", change)


def touch(
    store: Store,
    ids: Sequence[int],
    author: str,
    outcome: str | None = None,
    direction: str = "out",
    sent: Mapping[int, int] = MappingProxyType({}),
) -> Acted:
    """Write down a contact with each person, ``in`` or ``out``, by the channel that ``done`` takes; leave it open.

    ``sent`` are the variants of scripts that were sent, by follow-up.
    """

    def change(act: Act, row: _Row) -> bool:
        notes.add_touchpoint(
            act, row.creator_id, _way(act, row), outcome, direction, follow_up_id=row.id, variant_id=sent.get(row.id)
        )
        return True

    return _act(store, ids, author, "touch", change)


def snooze(store: Store, ids: Sequence[int], until: int, author: str) -> Acted:
    """Let open follow-ups wait until a moment (ms). Raises UsageError when it is past."""
    if until <= now():
        raise UsageError(_("Snooze until a later time: that one is past."))

    def change(act: Act, row: _Row) -> bool:
        return _set_open(act, row, snoozed_until=until)

    return _act(store, ids, author, "snooze", change)


def reopen(store: Store, ids: Sequence[int], author: str) -> Acted:
    """Open closed follow-ups again, and wake those that are snoozed."""

    def change(act: Act, row: _Row) -> bool:
        if row.state == "open" and row.snoozed_until is None:
            return False
        act.update("follow_up", row.id, state="open", closed_at=None, snoozed_until=None)
        return True

    return _act(store, ids, author, "reopen", change)


def take(store: Store, ids: Sequence[int], author: str, *, over: bool = False) -> Acted:
    """Work on open follow-ups: for a while colleagues see it, and can't close or change them.

    One that a colleague has taken is left to them; with ``over`` it is taken over.
    """

    def change(act: Act, row: _Row) -> bool:
        return _set_open(act, row, taken_by=author, taken_until=act.at + TAKEN_FOR)

    return _act(store, ids, author, "take", change, over=over)


def release(store: Store, ids: Sequence[int], author: str) -> Acted:
    """Leave follow-ups that one has taken to anybody again."""

    def change(act: Act, row: _Row) -> bool:
        return row.taken_by is not None and _set_open(act, row, taken_by=None, taken_until=None)

    return _act(store, ids, author, "release", change)


def reassign(store: Store, ids: Sequence[int], owner: str | None, author: str) -> Acted:
    """Hand open follow-ups to an operator; None: back to whoever looks after the person.

    Raises UsageError when the name is empty.
    """
    if owner is not None and not (owner := clean_line(owner, 80)):
        raise UsageError(_("Say who is to do it: the name is empty."))

    def change(act: Act, row: _Row) -> bool:
        return _set_open(act, row, owner=owner)

    return _act(store, ids, author, "reassign", change)


def set_channel(store: Store, ids: Sequence[int], channel: str, author: str) -> Acted:
    """Turn to these people by another channel. Raises UsageError when it is empty."""
    if not (channel := words.channel(clean_line(channel, 40))):
        raise UsageError(_("Name the channel, such as wechat or email."))

    def change(act: Act, row: _Row) -> bool:
        return _set_open(act, row, channel=channel)

    return _act(store, ids, author, "channel", change)


def set_plan(store: Store, ids: Sequence[int], plan: str | None, author: str) -> Acted:
    """Say how to go about it; None or an empty text: nothing special.

    Where it is a step of a sequence that has a plan of that name, the person goes on with that plan: the step is
    resolved, and ``programme.outreach.refresh`` opens the one that is next.
    """
    told = clean_line(plan or "", 200) or None

    def change(act: Act, row: _Row) -> bool:
        place = enrolments.asked(act.db, row.id) if told and row.state == "open" else None
        if place is not None and told and enrolments.to_plan(act, place.enrolment_id, told):
            return True
        return _set_open(act, row, plan=told)

    return _act(store, ids, author, "plan", change)


def count(store: Store, section: str | None, at: int, only: Only = UNNARROWED) -> int:
    """How many follow-ups a section has at the moment ``at``; None: all that are open and not snoozed."""
    table, where, _order, values = sections.part(section, at, only)
    return int(store.reader().execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0])


def counts(store: Store, at: int, only: Only = UNNARROWED) -> dict[str, int]:
    """How many follow-ups each section has at the moment ``at``."""
    query, values = sections.tally(at, only)
    found = dict(zip(sections.SECTIONS, store.reader().execute(query, values).fetchone(), strict=False))
    return {**found, "closed": count(store, "closed", at, only)}


def ids(
    store: Store, section: str | None, at: int, only: Only = UNNARROWED, start: int = 0, stop: int | None = None
) -> list[int]:
    """The follow-ups of a section in its order, or those at positions ``start`` to ``stop``.

    The longest due come first, by day and within a day by the person's score; closed ones newest first.
    """
    db, part = store.reader(), sections.part(section, at, only)
    if stop and section != "closed" and only._replace(without=()) == UNNARROWED:
        part = _beginning(db, part, stop)
    found = db.execute(
        f"SELECT id FROM {part.rows} WHERE {part.where} ORDER BY {part.order} LIMIT :limit OFFSET :start",
        {**part.values, "limit": -1 if stop is None else max(0, stop - start), "start": max(0, start)},
    )
    return [row[0] for row in found]


def _beginning(db: sqlite3.Connection, part: Part, stop: int) -> Part:
    """A section without the days that begin after its first ``stop`` rows, so that those need not be sorted.

    When so many that were never snoozed are due until a moment, no row before ``stop`` is of a day after it.
    """
    row = db.execute(
        f"SELECT due_at FROM {part.rows} WHERE {part.where} AND snoozed_until IS NULL"
        " ORDER BY due_at LIMIT 1 OFFSET :before",
        {**part.values, "before": stop - 1},
    ).fetchone()
    if row is None:
        return part
    where = f"(due_at < :day_end OR snoozed_until IS NOT NULL) AND {part.where}"
    return part._replace(where=where, values={**part.values, "day_end": sections.day_end(row[0], part.values)})


def of_ids(store: Store, follow_up_ids: Sequence[int], at: int) -> list[FollowUp]:
    """These follow-ups at the moment ``at``, in this order; those that aren't there are left out."""
    found = store.reader().execute(
        f"SELECT {_COLUMNS} FROM json_each(:ids) AS one CROSS JOIN follow_up ON follow_up.id = one.value {_PEOPLE}"
        " ORDER BY one.key",
        {"ids": json.dumps(list(follow_up_ids)), "at": at},
    )
    return [_follow_up(row) for row in found.fetchall()]


def sections_of(store: Store, follow_up_ids: Sequence[int], at: int) -> dict[int, str]:
    """In which section each of these follow-ups is at the moment ``at``."""
    named, values = sections.naming(at)
    found = store.reader().execute(
        f"SELECT id, {named} FROM follow_up WHERE id IN (SELECT value FROM json_each(:ids))",
        {**values, "ids": json.dumps(list(follow_up_ids))},
    )
    return dict(found.fetchall())


def rows(store: Store, section: str | None, at: int, start: int, stop: int, only: Only = UNNARROWED) -> list[FollowUp]:
    """The follow-ups of a section at positions ``start`` to ``stop``."""
    return of_ids(store, ids(store, section, at, only, start, stop), at)


def about(store: Store, creator_id: int, limit: int = 10) -> list[FollowUp]:
    """A person's follow-ups: those that are open, then the newest."""
    found = store.reader().execute(
        f"SELECT {_COLUMNS} FROM follow_up {_PEOPLE} WHERE follow_up.creator_id = :creator"
        " ORDER BY state <> 'open', follow_up.created_at DESC, follow_up.id LIMIT :limit",
        {"at": now(), "creator": creator_id, "limit": limit},
    )
    return [_follow_up(row) for row in found.fetchall()]


def creator(store: Store, follow_up_id: int) -> int:
    """The person a follow-up is about. Raises UsageError when there is no such follow-up."""
    row = store.reader().execute("SELECT creator_id FROM follow_up WHERE id = ?", (follow_up_id,)).fetchone()
    if row is None:
        raise UsageError(_("There is no follow-up {id}.").format(id=follow_up_id))
    return int(row[0])


def position(store: Store, section: str | None, at: int, follow_up_id: int, only: Only = UNNARROWED) -> int | None:
    """Where a follow-up stands in its section; None when it is not there."""
    found = ids(store, section, at, only)
    return found.index(follow_up_id) if follow_up_id in found else None


class _Row(NamedTuple):
    id: int
    creator_id: int
    state: str
    snoozed_until: int | None
    owner: str | None
    channel: str | None
    plan: str | None
    taken_by: str | None
    taken_until: int | None

    def taken_from(self, author: str, at: int) -> bool:
        """Whether a colleague works on it."""
        return self.state == "open" and self.taken_by not in (None, author) and (self.taken_until or 0) > at


def _way(act: Act, row: _Row) -> str | None:
    """By what way a contact was of which nobody says so."""
    return row.channel or notes.last_channel(act.db, row.creator_id)


def _set_open(act: Act, row: _Row, **values: Any) -> bool:
    """Change columns of an open follow-up, unless they say so already."""
    if row.state != "open" or all(getattr(row, column) == value for column, value in values.items()):
        return False
    act.update("follow_up", row.id, **values)
    return True


def _act(
    store: Store,
    ids: Sequence[int],
    author: str,
    action: str,
    change: Callable[[Act, _Row], bool],
    *,
    over: bool = False,
) -> Acted:
    """Do ``change`` with each, in one act; what a colleague has taken is left to them unless ``over``."""
    changed: list[int] = []
    skipped: list[Skipped] = []
    with changes.act(store, author, action) as act:
        found = act.db.execute(
            f"SELECT {', '.join(_Row._fields)} FROM follow_up WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(ids)),),
        ).fetchall()
        for row in map(_Row._make, found):
            if row.taken_from(author, act.at) and not over:
                skipped.append(Skipped(row.id, "taken", row.taken_by, (row.taken_until or 0) - TAKEN_FOR))
            elif change(act, row):
                changed.append(row.id)
            else:
                skipped.append(_skipped(act, row))
    return Acted(changed, skipped)


def _follow_up(row: tuple[Any, ...]) -> FollowUp:
    return FollowUp._make((*row[:6], json.loads(row[6]), *row[7:]))


def _skipped(act: Act, row: _Row) -> Skipped:
    by = act.db.execute(
        "SELECT author, at FROM change_log WHERE entity = 'follow_up' AND entity_id = ? AND undone_at IS NULL"
        " ORDER BY id DESC LIMIT 1",
        (row.id,),
    ).fetchone()
    author, at = by if by and row.state != "resolved" else (None, None)
    return Skipped(row.id, row.state, author, at)
