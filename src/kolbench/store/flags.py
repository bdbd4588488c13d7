"""What looks wrong in campaigns: each cause flagged once, with its evidence, until an operator decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, conversions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from kolbench.store.connect import Store

Severity = Literal["minor", "serious", "severe"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

Outcome = Literal["cleared", "upheld"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

_COLUMNS = (
    "flag.id, flag.campaign_id, flag.participant_id, participant.ref, participant.name, conversion_id, kind, cause,"
    " severity, evidence, found_at, decision, reason, flag.author, decided_at"
)


class Cause(NamedTuple):
    """Something that looks wrong: of a participant, a conversion, or both. The same ``cause`` of a kind is one flag.

    ``evidence`` under ``conversions`` names the ids of those that would not count if it is upheld.
    """

    campaign_id: int
    kind: str
    cause: str
    severity: Severity
    evidence: Mapping[str, Any]
    participant_id: int | None = None
    conversion_id: int | None = None


class Flag(NamedTuple):
    """A flag as it was found, and what was decided about it. Moments are ms."""

    id: int
    campaign_id: int
    participant_id: int | None
    ref: str | None
    name: str | None
    conversion_id: int | None
    kind: str
    cause: str
    severity: Severity
    evidence: Mapping[str, Any]
    found_at: int
    decision: Outcome | None
    reason: str | None
    author: str | None
    decided_at: int | None


def note(db: sqlite3.Connection, causes: Iterable[Cause]) -> int:
    """Flag what was found; one that is open already gets the newest evidence, and a decided one stays decided.

    Returns how many are new. A part of a transaction.
    """
    at = now()
    new = 0
    for one in causes:
        evidence = json.dumps(dict(one.evidence), ensure_ascii=False, sort_keys=True)
        key = (one.campaign_id, one.kind, one.cause)
        written = db.execute(
            "INSERT INTO campaign_flag (campaign_id, kind, cause, severity, evidence, participant_id, conversion_id,"
            " found_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (*key, one.severity, evidence, one.participant_id, one.conversion_id, at),
        )
        new += written.rowcount
        if not written.rowcount:
            db.execute(
                "UPDATE campaign_flag SET severity = ?, evidence = ? WHERE campaign_id = ? AND kind = ? AND cause = ?"
                " AND decision IS NULL AND (severity, evidence) IS NOT (?1, ?2)",
                (one.severity, evidence, *key),
            )
    return new


def get(db: sqlite3.Connection, flag_id: int) -> Flag:
    """One flag. Raises UsageError when there is none of that number."""
    found = _flags(db, "flag.id = ?1", flag_id)
    if not found:
        raise UsageError(_("There is no flag {id}.").format(id=flag_id))
    return found[0]


def listed(db: sqlite3.Connection, campaign_id: int, *, decided: bool = False) -> list[Flag]:
    """The flags of a campaign that wait for a decision, the severest first; or those that are decided."""
    return _flags(db, f"flag.campaign_id = ?1 AND decision IS {'NOT ' if decided else ''}NULL", campaign_id)


def decide(store: Store, flag_id: int, outcome: Outcome, author: str, reason: str) -> Flag:
    """Clear a flag, and what was held is paid; or uphold it, and the conversions it names count no more.

    Raises UsageError without a reason, or where it was decided before: that decision is to be undone first.
    """
    reason = clean_line(reason, 500)
    if not reason:
        raise UsageError(_("Say why: the reason is kept with the decision."))
    with changes.act(store, author, "flag") as act:
        flag = get(act.db, flag_id)
        if flag.decision is not None:
            text = _(
                "The flag {id} was decided by {author} already: take that back first, with u or"
                " 'kolbench campaign flag {id} reopen'."
            )
            raise UsageError(text.format(id=flag_id, author=flag.author))
        act.update("campaign_flag", flag_id, decision=outcome, reason=reason, author=author, decided_at=act.at)
        if outcome == "upheld":
            for conversion_id in _named(act.db, flag):
                conversions.record(act, conversion_id, "reject", reason)
        return get(act.db, flag_id)


def reopen(store: Store, flag_id: int, author: str) -> Flag:
    """Take back what was decided about a flag: it waits again, and what was rejected by it is no more.

    Raises UsageError where nothing is decided.
    """
    with store.writing() as db:
        flag = get(db, flag_id)
        if flag.decision is None:
            raise UsageError(_("Nothing is decided about the flag {id}.").format(id=flag_id))
        rejected = db.execute(
            "SELECT id FROM conversion_decision WHERE decision = 'reject' AND undone_at IS NULL"
            " AND (reason, author, at) = (?, ?, ?) AND conversion_id IN (SELECT value FROM json_each(?))",
            (flag.reason, flag.author, flag.decided_at, json.dumps(_named(db, flag))),
        )
        for (decision_id,) in rejected.fetchall():
            conversions.reverse(db, decision_id, author)
        db.execute(
            "UPDATE campaign_flag SET decision = NULL, reason = NULL, author = NULL, decided_at = NULL WHERE id = ?",
            (flag_id,),
        )
        return get(db, flag_id)


def _named(db: sqlite3.Connection, flag: Flag) -> list[int]:
    """The conversions that a flag names, as far as they are of its campaign."""
    told = flag.evidence.get("conversions", ())
    ids = [flag.conversion_id, *(told if isinstance(told, list) else ())]
    query = "SELECT id FROM conversion WHERE campaign_id = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [row[0] for row in db.execute(query, (flag.campaign_id, json.dumps(ids)))]


def _flags(db: sqlite3.Connection, where: str, value: int) -> list[Flag]:
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM campaign_flag AS flag LEFT JOIN participant ON participant.id = flag.participant_id"
        f" WHERE {where} ORDER BY severity = 'severe' DESC, severity = 'serious' DESC, flag.id",
        (value,),
    )
    return [Flag._make((*row[:9], json.loads(row[9]), *row[10:])) for row in rows.fetchall()]
