"""The sections of the queue, narrowed by owner, brief, campaign, community or rule: as conditions in SQL."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import DAY
from kolbench.store import decisions, merges

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTIONS = ("overdue", "today", "week", "later", "waiting", "snoozed", "closed")
"""The parts of the queue: by the local day on which a follow-up is due; those that wait for an answer until they are
due, and snoozed ones, wait apart."""

DUE = "coalesce(snoozed_until, due_at)"
"""SQL: when a follow-up is due, after a snooze."""

WORKED_WITH = ("shortlisted", "contacted", "agreed", "active")
"""States of a decision for a brief by which a person belongs to its work."""

_AWAKE = "(snoozed_until IS NULL OR snoozed_until <= :at)"
_CONDITIONS: Mapping[str | None, str] = {
    None: _AWAKE,
    "overdue": f"{_AWAKE} AND {DUE} < :today",
    "today": f"{_AWAKE} AND {DUE} >= :today AND {DUE} < :tomorrow",
    "week": f"{_AWAKE} AND waits = 0 AND {DUE} >= :tomorrow AND {DUE} < :later",
    "later": f"{_AWAKE} AND waits = 0 AND {DUE} >= :later",
    "waiting": f"{_AWAKE} AND waits = 1 AND {DUE} >= :tomorrow",
    "snoozed": "snoozed_until > :at",
    "closed": "state <> 'open'",
}
_OPEN = "follow_up INDEXED BY follow_up_open"
_CLOSED = "follow_up INDEXED BY follow_up_closed"
_BY_DAY = f"({DUE} + :offset) / {DAY}, -follow_up.score, {DUE}, follow_up.id"
_NEWEST = "closed_at DESC, follow_up.id DESC"


class Only(NamedTuple):
    """What narrows the queue; None: doesn't. An empty ``owner`` means those whom nobody looks after. ``text`` is in
    the person's name or handle; ``without`` are follow-ups to leave out."""

    owner: str | None = None
    brief_id: int | None = None
    campaign_id: int | None = None
    community_id: int | None = None
    rule: str | None = None
    text: str = ""
    without: tuple[int, ...] = ()


UNNARROWED = Only()


class Part(NamedTuple):
    """A section as SQL: rows of ``follow_up`` by an index, a condition and an order, with the values of both."""

    rows: str
    where: str
    order: str
    values: Mapping[str, Any]


def days(at: int, *ahead: int) -> list[int]:
    """The first moments (ms) of the local days ``ahead`` of the one that holds ``at``."""
    today = datetime.fromtimestamp(at / 1000).replace(hour=0, minute=0, second=0, microsecond=0)
    return [int((today + timedelta(days=n)).timestamp() * 1000) for n in ahead]


def moments(at: int) -> dict[str, int]:
    """The values of all conditions: now, where days begin, and how far local time is ahead of UTC (ms)."""
    today, tomorrow, later = days(at, 0, 1, 8)
    ahead = datetime.fromtimestamp(at / 1000).astimezone().utcoffset() or timedelta()
    return {
        "at": at,
        "today": today,
        "tomorrow": tomorrow,
        "later": later,
        "offset": int(ahead.total_seconds() * 1000),
    }


def day_end(due_at: int, values: Mapping[str, int]) -> int:
    """The moment (ms) at which the day of another one ends, as the order of a section counts days."""
    offset = values["offset"]
    return ((due_at + offset) // DAY + 1) * DAY - offset


def part(section: str | None, at: int, only: Only = UNNARROWED) -> Part:
    """A section at the moment ``at``; None: all that is open and not snoozed.

    Days come in their order, and those of one day by the person's score. Relies on the indexes of open and of closed
    follow-ups.
    """
    narrowed, values = narrow(only)
    where = f"{_CONDITIONS[section]} AND follow_up.creator_id NOT IN {merges.MERGED_AWAY}{narrowed}"
    values |= moments(at)
    if section == "closed":
        return Part(_CLOSED, where, _NEWEST, values)
    return Part(_OPEN, f"state = 'open' AND {where}", _BY_DAY, values)


def tally(at: int, only: Only = UNNARROWED) -> tuple[str, Mapping[str, Any]]:
    """A query for one row with the count of each section, in the order of ``SECTIONS`` but without the closed ones."""
    narrowed, values = narrow(only)
    counted = ", ".join(f"count(*) FILTER (WHERE {_CONDITIONS[section]})" for section in SECTIONS[:-1])
    where = f"state = 'open' AND follow_up.creator_id NOT IN {merges.MERGED_AWAY}{narrowed}"
    return f"SELECT {counted} FROM {_OPEN} WHERE {where}", {**moments(at), **values}


def naming(at: int) -> tuple[str, Mapping[str, Any]]:
    """SQL that names the section of a follow-up at the moment ``at``, and its values."""
    cases = " ".join(f"WHEN {_CONDITIONS[section]} THEN '{section}'" for section in ("closed", *SECTIONS[:-1]))
    return f"CASE {cases} END", moments(at)


def narrow(only: Only) -> tuple[str, dict[str, Any]]:
    """The conditions of filters, each beginning with AND, and their values."""
    conditions = ""
    values: dict[str, Any] = {}
    if only.owner == "":
        conditions += (
            " AND follow_up.owner IS NULL"
            " AND follow_up.creator_id NOT IN (SELECT id FROM creator WHERE owner IS NOT NULL)"
        )
    elif only.owner is not None:  # by the index of owners: their people are fewer than those of the whole queue
        conditions += (
            " AND (follow_up.owner = :owner OR follow_up.owner IS NULL"
            " AND follow_up.creator_id IN (SELECT id FROM creator WHERE owner = :owner))"
        )
        values["owner"] = only.owner
    if only.brief_id is not None:
        having, states = decisions.having(only.brief_id, WORKED_WITH)
        conditions += f" AND {having}"
        values |= states
    if only.campaign_id is not None:
        conditions += (
            " AND EXISTS (SELECT 1 FROM participant WHERE participant.creator_id = follow_up.creator_id"
            " AND participant.campaign_id = :campaign)"
        )
        values["campaign"] = only.campaign_id
    if only.community_id is not None:
        conditions += (
            " AND EXISTS (SELECT 1 FROM account CROSS JOIN membership ON membership.account_id = account.id"
            " AND membership.community_id = :community WHERE account.creator_id = follow_up.creator_id"
            " AND membership.left_at IS NULL)"
        )
        values["community"] = only.community_id
    if only.rule is not None:
        conditions += " AND rule = :rule"
        values["rule"] = only.rule
    if only.without:
        conditions += " AND follow_up.id NOT IN (SELECT value FROM json_each(:without))"
        values["without"] = json.dumps(only.without)
    if only.text:
        from kolbench.store import search  # its patterns take 5 ms to compile, which the queue would wait for

        values["match"], values["part"] = search.query(only.text)
        found = " AND creator_id IN (SELECT rowid FROM creator_terms WHERE creator_terms MATCH :match)"
        conditions += (
            " AND follow_up.creator_id IN (SELECT creator_id FROM standing WHERE instr(name_key, :part) > 0"
            f"{found if values['match'] else ''})"
        )
    return conditions, values
