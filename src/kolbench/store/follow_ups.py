"""Follow-ups as kept: opened and resolved as their causes come and go; done, snoozed and reopened by operators."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import changes, enrolments, merges, notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kolbench.domain.following import Cause
    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

SECTIONS = ("overdue", "today", "week", "later", "snoozed", "closed")
"""The parts of the queue: by the local day on which a follow-up is due; snoozed ones wait apart."""

BATCH = 1_000

_DUE = "coalesce(snoozed_until, due_at)"

_COLUMNS = (
    "follow_up.id, follow_up.creator_id, coalesce(standing.name, creator.name),"
    " coalesce(standing.platform, (SELECT min(platform) FROM account WHERE creator_id = creator.id), ''),"
    f" standing.handle, rule, evidence, {_DUE}, snoozed_until, follow_up.created_at,"
    " (SELECT max(at) FROM touchpoint WHERE creator_id = creator.id), state"
)
_PEOPLE = (
    "JOIN creator ON creator.id = follow_up.creator_id LEFT JOIN standing ON standing.creator_id = follow_up.creator_id"
)


class Applied(NamedTuple):
    """What became of a rule's causes; ``more`` were left for another time."""

    opened: int
    resolved: int
    kept: int
    more: int


class FollowUp(NamedTuple):
    """One follow-up as the queue shows it. Moments are ms; ``due_at`` is after a snooze."""

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


class Skipped(NamedTuple):
    """A follow-up that was left as it was: its state, and who closed it and when, where that is known."""

    follow_up_id: int
    state: str
    author: str | None
    at: int | None


class Acted(NamedTuple):
    """The follow-ups that an action changed, and those it left alone."""

    changed: Sequence[int]
    skipped: Sequence[Skipped]


def apply(store: Store, rule: str, causes: Iterable[Cause], at: int, at_most: int | None = None) -> Applied:
    """Open what ``rule`` now has cause for, resolve what it has none for any more.

    A cause that was done once never opens again; one that went away and came back does. With ``at_most``, new
    ones open, in the order of ``causes``, only up to so many open at once. Safe beside other operators.
    """
    wanted = {(cause.creator_id, cause.cause): cause for cause in causes}
    still_open = {
        (creator_id, cause): (follow_up_id, evidence)
        for follow_up_id, creator_id, cause, evidence in store.reader().execute(
            "SELECT id, creator_id, cause, evidence FROM follow_up WHERE state = 'open' AND rule = ?"
            f" AND creator_id NOT IN {merges.MERGED_AWAY}",
            (rule,),
        )
    }
    gone = [(at, follow_up_id) for key, (follow_up_id, _evidence) in still_open.items() if key not in wanted]
    kept = [(_json(wanted[key]), still_open[key]) for key in wanted.keys() & still_open.keys()]
    changed = [(evidence, follow_up_id) for evidence, (follow_up_id, stored) in kept if evidence != stored]
    asked = _asked(store, rule, wanted)
    new = [cause for key, cause in wanted.items() if cause.opens and key not in still_open and key not in asked]
    room = len(new) if at_most is None else max(0, at_most - len(kept))
    resolved = _in_batches(
        store, "UPDATE follow_up SET state = 'resolved', closed_at = ? WHERE id = ? AND state = 'open'", gone
    )
    _in_batches(store, "UPDATE follow_up SET evidence = ? WHERE id = ? AND state = 'open'", changed)
    opened = _in_batches(
        store,
        "INSERT INTO follow_up (creator_id, rule, cause, evidence, due_at, created_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (creator_id, rule, cause) DO UPDATE SET state = 'open', closed_at = NULL,"
        " evidence = excluded.evidence, due_at = excluded.due_at WHERE state = 'resolved'",
        [(cause.creator_id, rule, cause.cause, _json(cause), cause.due_at, at) for cause in new[:room]],
    )
    return Applied(opened, resolved, len(kept), len(new[room:]))


def done(
    store: Store, ids: Sequence[int], author: str, outcome: str | None = None, channel: str | None = None
) -> Acted:
    """Mark as done; with an outcome or a channel, also write down the contact with each person.

    A step of a sequence that is done is a contact without either, by the step's channel.
    """

    def change(act: Act, row: _Row) -> bool:
        if row.state != "open":
            return False
        act.update("follow_up", row.id, state="done", closed_at=act.at)
        step = enrolments.asked(act.db, row.id)
        if outcome or channel or step:
            way = channel or (step.channel if step else None)
            notes.add_touchpoint(act, row.creator_id, way, outcome, follow_up_id=row.id)
        return True

    return _act(store, ids, author, "done", change)


def snooze(store: Store, ids: Sequence[int], until: int, author: str) -> Acted:
    """Let open follow-ups wait until a moment (ms). Raises UsageError when it is past."""
    if until <= now():
        raise UsageError(_("Snooze until a later time: that one is past."))

    def change(act: Act, row: _Row) -> bool:
        if row.state != "open" or row.snoozed_until == until:
            return False
        act.update("follow_up", row.id, snoozed_until=until)
        return True

    return _act(store, ids, author, "snooze", change)


def reopen(store: Store, ids: Sequence[int], author: str) -> Acted:
    """Open closed follow-ups again, and wake those that are snoozed."""

    def change(act: Act, row: _Row) -> bool:
        if row.state == "open" and row.snoozed_until is None:
            return False
        act.update("follow_up", row.id, state="open", closed_at=None, snoozed_until=None)
        return True

    return _act(store, ids, author, "reopen", change)


def count(store: Store, section: str | None, at: int, rule: str | None = None) -> int:
    """How many follow-ups a section has at the moment ``at``; None: all that are open and not snoozed."""
    where, values, _order = _where(section, at, rule)
    return int(store.reader().execute(f"SELECT count(*) FROM follow_up WHERE {where}", values).fetchone()[0])


def rows(store: Store, section: str | None, at: int, start: int, stop: int, rule: str | None = None) -> list[FollowUp]:
    """Those at positions ``start`` to ``stop``: the longest due first; closed ones newest first."""
    where, values, order = _where(section, at, rule)
    found = store.reader().execute(
        "WITH page AS MATERIALIZED (SELECT id FROM follow_up"
        f" WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset)"
        f" SELECT {_COLUMNS} FROM page JOIN follow_up ON follow_up.id = page.id {_PEOPLE} ORDER BY {order}",
        {**values, "limit": max(0, stop - start), "offset": max(0, start)},
    )
    return [_follow_up(row) for row in found.fetchall()]


def about(store: Store, creator_id: int, limit: int = 10) -> list[FollowUp]:
    """A person's follow-ups: those that are open, then the newest."""
    found = store.reader().execute(
        f"SELECT {_COLUMNS} FROM follow_up {_PEOPLE} WHERE follow_up.creator_id = ?"
        " ORDER BY state <> 'open', follow_up.created_at DESC, follow_up.id LIMIT ?",
        (creator_id, limit),
    )
    return [_follow_up(row) for row in found.fetchall()]


def creator(store: Store, follow_up_id: int) -> int:
    """The person a follow-up is about. Raises UsageError when there is no such follow-up."""
    row = store.reader().execute("SELECT creator_id FROM follow_up WHERE id = ?", (follow_up_id,)).fetchone()
    if row is None:
        raise UsageError(_("There is no follow-up {id}.").format(id=follow_up_id))
    return int(row[0])


def position(store: Store, section: str | None, at: int, follow_up_id: int, rule: str | None = None) -> int | None:
    """Where a follow-up stands in its section; None when it is not there."""
    where, values, order = _where(section, at, rule)
    ids = [row[0] for row in store.reader().execute(f"SELECT id FROM follow_up WHERE {where} ORDER BY {order}", values)]
    return ids.index(follow_up_id) if follow_up_id in ids else None


def days(at: int, *ahead: int) -> list[int]:
    """The first moments (ms) of the local days ``ahead`` of the one that holds ``at``."""
    today = datetime.fromtimestamp(at / 1000).replace(hour=0, minute=0, second=0, microsecond=0)
    return [int((today + timedelta(days=n)).timestamp() * 1000) for n in ahead]


class _Row(NamedTuple):
    id: int
    creator_id: int
    state: str
    snoozed_until: int | None


def _act(store: Store, ids: Sequence[int], author: str, action: str, change: Callable[[Act, _Row], bool]) -> Acted:
    changed: list[int] = []
    skipped: list[Skipped] = []
    with changes.act(store, author, action) as act:
        found = act.db.execute(
            "SELECT id, creator_id, state, snoozed_until FROM follow_up"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(ids)),),
        ).fetchall()
        for row in map(_Row._make, found):
            if change(act, row):
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


def _asked(store: Store, rule: str, wanted: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those keys of ``wanted`` that an operator has dealt with."""
    found = store.reader().execute(
        "SELECT f.creator_id, f.cause FROM json_each(?1) AS wanted CROSS JOIN follow_up AS f"
        " ON f.creator_id = wanted.value ->> 0 AND f.rule = ?2 AND f.cause = wanted.value ->> 1"
        " WHERE f.state = 'done'",
        (json.dumps(list(wanted), ensure_ascii=False), rule),
    )
    return {(creator_id, cause) for creator_id, cause in found}


def _where(section: str | None, at: int, rule: str | None) -> tuple[str, dict[str, Any], str]:
    """A section as a condition, its values and its order. Relies on the indexes of open and of closed ones."""
    today, tomorrow, later = days(at, 0, 1, 8)
    values: dict[str, Any] = {"at": at, "today": today, "tomorrow": tomorrow, "later": later}
    awake = "state = 'open' AND (snoozed_until IS NULL OR snoozed_until <= :at)"
    where = {
        None: awake,
        "overdue": f"{awake} AND {_DUE} < :today",
        "today": f"{awake} AND {_DUE} >= :today AND {_DUE} < :tomorrow",
        "week": f"{awake} AND {_DUE} >= :tomorrow AND {_DUE} < :later",
        "later": f"{awake} AND {_DUE} >= :later",
        "snoozed": f"state = 'open' AND {_DUE} > :at AND snoozed_until > :at",
        "closed": "state <> 'open'",
    }[section]
    where += f" AND follow_up.creator_id NOT IN {merges.MERGED_AWAY}"
    if rule is not None:
        where += " AND rule = :rule"
        values["rule"] = rule
    order = "closed_at DESC, follow_up.id DESC" if section == "closed" else f"{_DUE}, follow_up.id"
    return where, values, order


def _in_batches(store: Store, statement: str, values: Sequence[tuple[Any, ...]]) -> int:
    """Run ``statement`` for each of ``values``, never holding the writer's place for long; returns rows changed."""
    changed = 0
    for batch in _batches(values):
        with store.writing() as db:
            changed += db.executemany(statement, batch).rowcount
    return changed


def _batches(values: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def _json(cause: Cause) -> str:
    return json.dumps(dict(cause.evidence), ensure_ascii=False, sort_keys=True)
