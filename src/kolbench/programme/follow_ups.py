"""Whom to follow up with: asking the rules, and the queue they fill, with its reasons in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.errors import named
from kolbench.domain.following import Looking
from kolbench.domain.text import clean_line
from kolbench.programme import rules
from kolbench.programme.rules.chosen import chosen
from kolbench.store import asking, causes, follow_ups, refusals
from kolbench.store.sections import UNNARROWED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from kolbench.domain.following import Cause, Parameters
    from kolbench.programme.rules import Rule
    from kolbench.programme.rules.chosen import Choice
    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import FollowUp
    from kolbench.store.sections import Only


MANY = 50_000
"""When something is new of more people, everybody is asked about: it takes no longer."""


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
    owner: str | None
    channel: str | None
    plan: str | None
    taken_by: str | None
    taken_until: int | None


class ToldRule(NamedTuple):
    """A rule as it is used: whether and by what, what is wrong with its settings, and how many it has open."""

    rule: str
    title: str
    enabled: bool
    parameters: Parameters
    open: int
    problem: str | None


class FollowUpWindow:
    """One section of the queue (see ``store.sections.SECTIONS``; None: all open ones that aren't snoozed).

    ``at`` is the moment that divides what is due from what is not; ``only`` narrows it.
    """

    def __init__(
        self, store: Store, section: str | None = None, *, only: Only = UNNARROWED, at: int | None = None
    ) -> None:
        self.store = store
        self.section = section
        self.only = only
        self.at = now() if at is None else at

    def count(self) -> int:
        """How many follow-ups there are."""
        return follow_ups.count(self.store, self.section, self.at, self.only)

    def rows(self, start: int, stop: int) -> Sequence[QueueRow]:
        """Those at positions ``start`` to ``stop``, the longest due first."""
        found = follow_ups.rows(self.store, self.section, self.at, start, stop, self.only)
        return [_in_words(row, self.at) for row in found]

    def find(self, key: object) -> int | None:
        """The position of a follow-up."""
        if not isinstance(key, int):
            return None
        return follow_ups.position(self.store, self.section, self.at, key, self.only)

    def close(self) -> None:
        """Nothing to let go."""


def evaluate(
    store: Store,
    at: int | None = None,
    parameters: Mapping[str, Parameters] | None = None,
    *,
    news: bool = False,
    between: Callable[[], object] | None = None,
) -> Evaluated:
    """Ask every rule and bring the queue up to date. One that fails is named, and hurts no other.

    ``settings.toml`` chooses rules and parameters; ``parameters`` replaces some, by rule:
    ``{"silent": {"least_days": 7}}``. With ``news``, rules that go by changes are asked only about people of whom
    something has changed since they were asked last. ``between`` is called before each rule; what it raises ends the
    round, and the rules that weren't asked stay as they were.
    """
    at = now() if at is None else at
    known = rules.known()
    choices = chosen(store, known)
    refused = refusals.everybody(store, at)
    seen, changed = asking.changed(store)
    outcomes = [Outcome(name, error=one.problem) for name, one in choices.items() if name not in known and one.problem]
    for rule in known.values():
        if between is not None:
            between()
        choice = choices[rule.id]
        using = {**choice.parameters, **(parameters or {}).get(rule.id, {})}
        few = news and rule.by_change and len(changed) <= MANY and asking.was_asked(store, rule.id, using)
        among = changed if few else None
        looking = Looking(store.reader(), at, using, among)
        outcomes.append(_asked(store, rule, choice, looking, refused))
        asking.asked(store, rule.id, using if choice.enabled and outcomes[-1].error == choice.problem else None)
    asking.forget(store, seen)
    causes.rescore(store)
    return Evaluated(outcomes)


def _asked(store: Store, rule: Rule, choice: Choice, looking: Looking, refused: Collection[int]) -> Outcome:
    """Ask one rule; one that is switched off has no causes. What is wrong with its settings is named all the same."""
    whom = None if looking.creator_ids is None else set(looking.creator_ids)
    try:
        found = [
            cause
            for cause in (rule.find(store, looking) if choice.enabled else ())
            if not (rule.contacts and cause.creator_id in refused) and (whom is None or cause.creator_id in whom)
        ]
        sooner = causes.people(store, rule.yields_to)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin's rule may raise anything, and doesn't end the program
        return Outcome(rule.id, error=clean_line(named(error)))
    found = _by_allowed_channels(store, [one for one in found if one.creator_id not in sooner], looking.at)
    applied = causes.apply(store, rule.id, found, looking.at, rule.at_most, looking.creator_ids)
    return Outcome(rule.id, *applied, error=choice.problem)


def _by_allowed_channels(store: Store, found: Sequence[Cause], at: int) -> list[Cause]:
    """The causes without channels by which their people want no contact."""
    refused = refusals.of(store, {cause.creator_id for cause in found if cause.channel}, at)
    return [
        cause._replace(channel=None)
        if any(one.scope == cause.channel for one in refused.get(cause.creator_id, ()))
        else cause
        for cause in found
    ]


def counts(store: Store, at: int | None = None, only: Only = UNNARROWED) -> dict[str, int]:
    """How many follow-ups each section holds."""
    return follow_ups.counts(store, now() if at is None else at, only)


def told_rules(store: Store) -> list[ToldRule]:
    """All rules in the order in which they are asked, then what settings name that is none."""
    known, opened = rules.known(), causes.opened(store)
    return [
        ToldRule(name, title(name), one.enabled, one.parameters, opened.get(name, 0), one.problem)
        for name, one in chosen(store, known).items()
    ]


def rule_ids(store: Store) -> list[str]:
    """The rules there are, and those by which something is open though they aren't here any more."""
    return list(dict.fromkeys([*rules.known(), *causes.opened(store)]))


def about(store: Store, creator_id: int) -> list[QueueRow]:
    """A person's follow-ups: those that are open, then the newest."""
    at = now()
    return [_in_words(row, at) for row in follow_ups.about(store, creator_id)]


def title(rule_id: str) -> str:
    """What a rule is called; its id when it is not here any more."""
    rule = rules.named(rule_id)
    return rule.title() if rule else rule_id


def why(rule_id: str, evidence: Mapping[str, Any], at: int) -> str:
    """Why a rule asks, in one line, as of the moment ``at``."""
    rule = rules.named(rule_id)
    try:
        return rule.why(evidence, at) if rule else json.dumps(dict(evidence), ensure_ascii=False)
    except (KeyError, TypeError, ValueError):
        return json.dumps(dict(evidence), ensure_ascii=False)


def _in_words(row: FollowUp, at: int) -> QueueRow:
    found = row._asdict()
    evidence = found.pop("evidence")
    return QueueRow(**found, title=title(row.rule), why=why(row.rule, evidence, at))
