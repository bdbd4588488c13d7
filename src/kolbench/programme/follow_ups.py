"""Whom to follow up with: the rules, each with its causes and their evidence, and the queue they fill."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY, iso, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.domain.text import clean_line
from kolbench.store import follow_ups, refusals
from kolbench.store.follow_ups import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import FollowUp

    Parameters = Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """A reason to ask for a follow-up.

    ``find(store, now, parameters)`` gives today's causes, the most pressing first; ``why(evidence, now)`` says in
    one line what one of them means. ``at_most``: so many are open at once. One that asks to contact a person
    (``contacts``) asks for nobody who wants no contact.
    """

    id: str
    title: Callable[[], str]
    parameters: Parameters
    find: Callable[[Store, int, Parameters], Iterable[Cause]]
    why: Callable[[Mapping[str, Any], int], str]
    at_most: int | None = None
    contacts: bool = True


class Outcome(NamedTuple):
    """What one rule did; ``more`` were left for another time, ``error`` says why it could not look."""

    rule: str
    opened: int = 0
    resolved: int = 0
    kept: int = 0
    more: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Evaluated:
    """What the rules did, one outcome each."""

    outcomes: Sequence[Outcome]

    @property
    def opened(self) -> int:
        """Follow-ups opened."""
        return sum(outcome.opened for outcome in self.outcomes)

    @property
    def resolved(self) -> int:
        """Follow-ups whose cause has gone."""
        return sum(outcome.resolved for outcome in self.outcomes)

    @property
    def kept(self) -> int:
        """Follow-ups that were open and stay so."""
        return sum(outcome.kept for outcome in self.outcomes)


class QueueRow(NamedTuple):
    """One follow-up as the queue shows it, with its reason in words. Moments are ms."""

    follow_up_id: int
    creator_id: int
    name: str
    platform: str
    handle: str | None
    rule: str
    title: str
    why: str
    due_at: int
    snoozed_until: int | None
    created_at: int
    last_touch_at: int | None
    state: str


class FollowUpWindow:
    """One section of the queue (see ``store.follow_ups.SECTIONS``; None: all open ones that aren't snoozed).

    ``at`` is the moment that divides what is due from what is not.
    """

    def __init__(
        self, store: Store, section: str | None = None, *, rule: str | None = None, at: int | None = None
    ) -> None:
        self.store = store
        self.section = section
        self.rule = rule
        self.at = now() if at is None else at

    def count(self) -> int:
        """How many follow-ups there are."""
        return follow_ups.count(self.store, self.section, self.at, self.rule)

    def rows(self, start: int, stop: int) -> Sequence[QueueRow]:
        """Those at positions ``start`` to ``stop``, the longest due first."""
        found = follow_ups.rows(self.store, self.section, self.at, start, stop, self.rule)
        return [_in_words(row, self.at) for row in found]

    def find(self, key: object) -> int | None:
        """The position of a follow-up."""
        if not isinstance(key, int):
            return None
        return follow_ups.position(self.store, self.section, self.at, key, self.rule)

    def close(self) -> None:
        """Nothing to let go."""


def rules() -> list[Rule]:
    """All rules, in the order in which they are asked."""
    return list(_rules.values())


def register(rule: Rule) -> None:
    """Add a rule. Raises UsageError when there is one of that name."""
    if rule.id in _rules:
        raise UsageError(_("There is a follow-up rule '{rule}' already.").format(rule=rule.id))
    _rules[rule.id] = rule


def evaluate(store: Store, at: int | None = None, parameters: Mapping[str, Parameters] | None = None) -> Evaluated:
    """Ask every rule and bring the queue up to date. One that fails is named, and hurts no other.

    ``parameters`` replaces defaults, by rule: ``{"silent": {"least_days": 7}}``.
    """
    at = now() if at is None else at
    outcomes = []
    refused = refusals.everybody(store, at)
    for rule in rules():
        chosen = {**rule.parameters, **(parameters or {}).get(rule.id, {})}
        try:
            causes = [
                cause for cause in rule.find(store, at, chosen) if not (rule.contacts and cause.creator_id in refused)
            ]
        except Exception as error:  # a plugin's rule may raise anything
            outcomes.append(Outcome(rule.id, error=clean_line(f"{type(error).__name__}: {error}")))
        else:
            outcomes.append(Outcome(rule.id, *follow_ups.apply(store, rule.id, causes, at, rule.at_most)))
    return Evaluated(outcomes)


def counts(store: Store, at: int | None = None) -> dict[str, int]:
    """How many follow-ups each section holds."""
    at = now() if at is None else at
    return {section: follow_ups.count(store, section, at) for section in follow_ups.SECTIONS}


def about(store: Store, creator_id: int) -> list[QueueRow]:
    """A person's follow-ups: those that are open, then the newest."""
    at = now()
    return [_in_words(row, at) for row in follow_ups.about(store, creator_id)]


def title(rule_id: str) -> str:
    """What a rule is called; its id when it is not here any more."""
    rule = _rules.get(rule_id)
    return rule.title() if rule else rule_id


def why(rule_id: str, evidence: Mapping[str, Any], at: int) -> str:
    """Why a rule asks, in one line, as of the moment ``at``."""
    rule = _rules.get(rule_id)
    try:
        return rule.why(evidence, at) if rule else json.dumps(dict(evidence), ensure_ascii=False)
    except (KeyError, TypeError, ValueError):
        return json.dumps(dict(evidence), ensure_ascii=False)


def _in_words(row: FollowUp, at: int) -> QueueRow:
    return QueueRow(
        *row[:6],
        title(row.rule),
        why(row.rule, row.evidence, at),
        row.due_at,
        row.snoozed_until,
        row.created_at,
        row.last_touch_at,
        row.state,
    )


def _first_contact(store: Store, at: int, parameters: Parameters) -> Iterable[Cause]:
    top = int(parameters["top"])
    # Those a little further down keep what is open, so that a place lost today doesn't open and close it.
    found = store.reader().execute(
        sql("follow_up_first_contact"), {"top": 2 * top, "confidence": parameters["confidence"]}
    )
    for creator_id, place, score, confidence in found.fetchall():
        due_at = at + (place - 1) // max(1, int(parameters["a_day"])) * DAY
        evidence = {"place": place, "score": round(score, 1), "confidence": round(confidence, 2)}
        yield Cause(creator_id, "never", evidence, due_at, opens=place <= top)


def _why_first_contact(evidence: Mapping[str, Any], at: int) -> str:
    return _("Never contacted, no. {place} by score ({score})").format(**evidence)


def _silent(store: Store, at: int, parameters: Parameters) -> Iterable[Cause]:
    db = store.reader()
    people = [row[0] for row in db.execute(sql("follow_up_people"), {"top": int(parameters["top"])})]
    found = db.execute(
        sql("follow_up_silent"),
        {
            "ids": json.dumps(people),
            "window_ms": int(parameters["window_days"]) * DAY,
            "least_acts": int(parameters["active_days"]),
            "least_days": int(parameters["least_days"]),
            "most_days": int(parameters["most_days"]),
        },
    )
    for creator_id, last_at, known_until, days, usual, active_days in found.fetchall():
        evidence = {
            "days": days,
            "usual": usual,
            "active_days": active_days,
            "last_at": last_at,
            "known_until": known_until,
        }
        yield Cause(creator_id, str(last_at), evidence, at)


def _why_silent(evidence: Mapping[str, Any], at: int) -> str:
    text = ngettext(
        "Silent {days} day, usual ≤ {usual} (up to {until})",
        "Silent {days} days, usual ≤ {usual} (up to {until})",
        evidence["days"],
    )
    return text.format(days=evidence["days"], until=iso(evidence["known_until"])[:10], usual=evidence["usual"])


def _stale(store: Store, at: int, parameters: Parameters) -> Iterable[Cause]:
    db = store.reader()
    people = [row[0] for row in db.execute(sql("follow_up_people"), {"top": int(parameters["top"])})]
    before = at - int(parameters["days"]) * DAY
    found = db.execute(sql("follow_up_stale"), {"ids": json.dumps(people), "before": before})
    for creator_id, observed_at, source in found.fetchall():
        yield Cause(creator_id, str(observed_at), {"observed_at": observed_at, "source": source}, at + 3 * DAY)


def _why_stale(evidence: Mapping[str, Any], at: int) -> str:
    days = (at - evidence["observed_at"]) // DAY
    text = ngettext("Figures are {days} day old: sync {source}", "Figures are {days} days old: sync {source}", days)
    return text.format(days=days, source=evidence["source"])


_rules: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "silent",
            lambda: _("Silent longer than usual"),
            {"top": 100, "window_days": 365, "active_days": 8, "least_days": 3, "most_days": 180},
            _silent,
            _why_silent,
        ),
        Rule(
            "first-contact",
            lambda: _("Never contacted"),
            {"top": 50, "confidence": 0.3, "a_day": 10},
            _first_contact,
            _why_first_contact,
        ),
        Rule(
            "stale-data",
            lambda: _("Figures out of date"),
            {"top": 50, "days": 14},
            _stale,
            _why_stale,
            at_most=50,
            contacts=False,
        ),
    )
}
