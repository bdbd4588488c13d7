"""Violations of the rules with their evidence, and what followed: by the ladder, otherwise, or nothing at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import DAY
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.rule_sets import propose
from kolbench.domain.text import clean_line, clean_text
from kolbench.store import changes, merges, rule_sets

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from kolbench.domain.rule_sets import Severity
    from kolbench.store.connect import Store

_WEIGHT = "CASE {} WHEN 'minor' THEN 1 WHEN 'serious' THEN 2 ELSE 3 END"

_EARLIER = (
    "WHERE creator_id = ?1 AND withdrawn_at IS NULL"
    f" AND {_WEIGHT.format('severity')} >= {_WEIGHT.format('?2')}"
    " AND (happened_at, id) < (?3, ?4) AND happened_at > ?3 - ?5"
)
"""SQL: the violations of a person that the ladder counts before another one."""


class Violation(NamedTuple):
    """A rule that somebody broke, as it was at that ``version``, and what followed. Moments are ms.

    ``applied`` is the sanction in force, or None: ``sanctioned_at`` tells an exemption from what is still open.
    """

    id: int
    creator_id: int
    name: str
    version: int
    rule: str
    severity: Severity
    text: str
    evidence: str
    happened_at: int
    author: str
    at: int
    withdrawn_at: int | None
    withdrawn_by: str | None
    withdrawn_why: str | None
    proposed: str | None
    earlier: int | None
    applied: str | None
    reason: str | None
    sanctioned_by: str | None
    sanctioned_at: int | None


class Decided(NamedTuple):
    """What was once to follow from a violation: ``applied``, or None for an exemption. ``at`` is ms."""

    proposed: str
    applied: str | None
    reason: str | None
    author: str
    at: int


class Proposal(NamedTuple):
    """What the ladder says of a violation after ``earlier`` ones of at least its severity that count."""

    violation_id: int
    sanction: str
    earlier: int


_QUERY = (
    "SELECT v.id, v.creator_id, creator.name, v.rule_set_id, v.rule, v.severity, v.text, v.evidence, v.happened_at,"
    " v.author, v.at, withdrawn_at, withdrawn_by, withdrawn_why, proposed, earlier, applied, s.reason, s.author, s.at"
    " FROM violation AS v JOIN creator ON creator.id = v.creator_id LEFT JOIN sanction AS s"
    " ON s.id = (SELECT max(id) FROM sanction WHERE violation_id = v.id)"
)


def add(store: Store, creator_id: int, rule: str, text: str, evidence: str, happened_at: int, author: str) -> int:
    """Write down that somebody broke a rule in force, and return the violation's number.

    Raises UsageError without a text or evidence, for a rule that isn't there, and when there is no such person.
    """
    text, evidence = clean_text(text, 2_000).strip(), clean_text(evidence, 2_000).strip()
    if not text or not evidence:
        raise UsageError(_("Say what happened and what shows it: --text and --evidence (a link, a message, a file)."))
    with changes.act(store, author, "violation") as act:
        found = rule_sets.require_in(act.db)
        broken = next((one for one in found.rules.rules if one.id == rule), None)
        if broken is None:
            names = ", ".join(one.id for one in found.rules.rules) or _("none yet")
            raise UsageError(_("There is no rule '{rule}'. Those there are: {names}.").format(rule=rule, names=names))
        return act.insert(
            "violation",
            creator_id=merges.require(act.db, creator_id),
            rule_set_id=found.version,
            rule=broken.id,
            severity=broken.severity,
            text=text,
            evidence=evidence,
            happened_at=happened_at,
            author=author,
            at=act.at,
        )


def withdraw(store: Store, violation_id: int, reason: str, author: str) -> None:
    """Take a violation back that was none: it doesn't count any more, but is kept. Raises UsageError."""
    reason = _reason(reason)
    with changes.act(store, author, "violation") as act:
        if _require(act.db, violation_id).withdrawn_at is not None:
            raise UsageError(_("The violation {id} was withdrawn already.").format(id=violation_id))
        act.update("violation", violation_id, withdrawn_at=act.at, withdrawn_by=author, withdrawn_why=reason)


def get(store: Store, violation_id: int) -> Violation:
    """One violation. Raises UsageError when there is none of that number."""
    return _require(store.reader(), violation_id)


def listed(store: Store, creator_id: int | None = None, *, withdrawn: bool = False) -> list[Violation]:
    """Violations with what followed, newest first: of one person or of all; with those withdrawn only if asked."""
    where = "(?1 IS NULL OR v.creator_id = ?1)" + ("" if withdrawn else " AND withdrawn_at IS NULL")
    rows = store.reader().execute(f"{_QUERY} WHERE {where} ORDER BY v.happened_at DESC, v.id DESC", (creator_id,))
    return list(map(Violation._make, rows.fetchall()))


def order(store: Store, rule: str | None = None) -> list[int]:
    """The numbers of all violations, or those of a rule: first what waits for a decision, last what was withdrawn."""
    rows = store.reader().execute(
        "SELECT id FROM violation AS v WHERE ?1 IS NULL OR rule = ?1 ORDER BY withdrawn_at IS NOT NULL,"
        " EXISTS (SELECT 1 FROM sanction WHERE violation_id = v.id), happened_at DESC, id DESC",
        (rule,),
    )
    return [row[0] for row in rows.fetchall()]


def of_ids(store: Store, ids: Iterable[int]) -> list[Violation]:
    """These violations, in this order."""
    asked = json.dumps(list(ids))
    rows = store.reader().execute(
        f"{_QUERY} JOIN json_each(?) AS wanted ON wanted.value = v.id ORDER BY wanted.key", (asked,)
    )
    return list(map(Violation._make, rows.fetchall()))


def waiting(store: Store) -> int:
    """How many violations nobody has decided about."""
    (n,) = (
        store.reader()
        .execute(
            "SELECT count(*) FROM violation AS v WHERE withdrawn_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM sanction WHERE violation_id = v.id)"
        )
        .fetchone()
    )
    return int(n)


def decisions(store: Store, violation_id: int) -> list[Decided]:
    """All that was ever decided about a violation; the newest, at the top, is in force."""
    rows = store.reader().execute(
        "SELECT proposed, applied, reason, author, at FROM sanction WHERE violation_id = ? ORDER BY id DESC",
        (violation_id,),
    )
    return list(map(Decided._make, rows.fetchall()))


def counted(store: Store, violation_id: int) -> list[Violation]:
    """The earlier ones that the ladder counts with a violation, newest first. Raises UsageError."""
    found = _require(store.reader(), violation_id)
    rows = store.reader().execute(f"SELECT id FROM violation AS v {_EARLIER}", _before(store.reader(), found))
    return of_ids(store, sorted((row[0] for row in rows.fetchall()), reverse=True))


def proposal(store: Store, violation_id: int) -> Proposal:
    """What is to follow from a violation by the ladder of the rules at its time. Raises UsageError."""
    return _proposal(store.reader(), _require(store.reader(), violation_id))


def sanction(
    store: Store,
    violation_id: int,
    author: str,
    *,
    applied: str | None = None,
    reason: str | None = None,
    base: Violation | None = None,
) -> Proposal:
    """Let follow what the ladder proposes, or ``applied``, which needs a reason; returns what was proposed.

    ``base`` is the violation as it was looked at. Raises UsageError for a sanction that the rules don't have, for what
    is withdrawn or is so already, and where a colleague has decided otherwise since.
    """
    with changes.act(store, author, "sanction") as act:
        found = _require(act.db, violation_id)
        asked = _proposal(act.db, found)
        names = [one.name for one in rule_sets.require_in(act.db, found.version).rules.sanctions]
        wanted = asked.sanction if applied is None else applied
        if wanted not in names:
            text = _("There is no sanction '{name}'. Those there are: {names}.")
            raise UsageError(text.format(name=wanted, names=", ".join(names)))
        told = _reason(reason or "") if wanted != asked.sanction else clean_line(reason or "", 500) or None
        _write(act, found, asked, wanted, told, base)
    return asked


def exempt(store: Store, violation_id: int, reason: str, author: str, *, base: Violation | None = None) -> Proposal:
    """Let nothing follow from a violation, for a reason; returns what would have. Raises UsageError as ``sanction``."""
    reason = _reason(reason)
    with changes.act(store, author, "sanction") as act:
        found = _require(act.db, violation_id)
        asked = _proposal(act.db, found)
        _write(act, found, asked, None, reason, base)
    return asked


def _write(
    act: changes.Act,
    found: Violation,
    asked: Proposal,
    applied: str | None,
    reason: str | None,
    base: Violation | None,
) -> None:
    if base is not None and _decided(found) != _decided(base):
        text = _("{who} has decided about it since you looked at it: {what}. Nothing was written.")
        what = _("open") if found.sanctioned_at is None else found.applied or _("exempt")
        raise UsageError(text.format(who=found.sanctioned_by or _("Somebody"), what=what))
    if found.sanctioned_at is not None and (found.applied, found.reason) == (applied, reason):
        raise UsageError(_("That was decided already about violation {id}.").format(id=found.id))
    act.insert(
        "sanction",
        creator_id=found.creator_id,
        violation_id=found.id,
        proposed=asked.sanction,
        earlier=asked.earlier,
        applied=applied,
        reason=reason,
        author=act.author,
        at=act.at,
    )


def _decided(one: Violation) -> tuple[str | None, str | None, int | None]:
    return one.applied, one.sanctioned_by, one.sanctioned_at


def _proposal(db: sqlite3.Connection, found: Violation) -> Proposal:
    if found.withdrawn_at is not None:
        raise UsageError(_("The violation {id} was withdrawn: nothing follows from it.").format(id=found.id))
    ladder = rule_sets.require_in(db, found.version).rules.ladder
    (earlier,) = db.execute(f"SELECT count(*) FROM violation AS v {_EARLIER}", _before(db, found)).fetchone()
    return Proposal(found.id, propose(ladder, found.severity, earlier), earlier)


def _before(db: sqlite3.Connection, found: Violation) -> tuple[Any, ...]:
    remembered = rule_sets.require_in(db, found.version).rules.ladder.remember_days * DAY
    return found.creator_id, found.severity, found.happened_at, found.id, remembered


def _require(db: sqlite3.Connection, violation_id: int) -> Violation:
    found: tuple[Any, ...] | None = db.execute(f"{_QUERY} WHERE v.id = ?", (violation_id,)).fetchone()
    if found is None:
        raise UsageError(_("There is no violation {id}.").format(id=violation_id))
    return Violation._make(found)


def _reason(text: str) -> str:
    if not (reason := clean_line(text, 500)):
        raise UsageError(_("Say why, with --reason: it is what an audit will show beside like cases."))
    return reason
