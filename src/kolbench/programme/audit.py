"""Whether everybody was treated alike: like cases with unlike outcomes, side by side, for people to judge.

Each check is a function of the store and a moment; one more is one line in ``CHECKS``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import DAY
from kolbench.domain.incentives import Amount
from kolbench.domain.lang import _
from kolbench.programme import stages
from kolbench.programme.rule_sets import sanction, title
from kolbench.store import creators, incentives, ladders, rule_sets, violations
from kolbench.store.ladders import LADDERS
from kolbench.store.leaderboards import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kolbench.store.connect import Store
    from kolbench.store.incentives import Reward
    from kolbench.store.ladders import Event, Ladder
    from kolbench.store.violations import Violation

    Check = Callable[[Store, int], Iterable["Finding"]]

PATIENCE_DAYS = 14
"""From so many days on a violation from which nothing followed is an outcome, too."""

PEERS = 3
"""People who are shown beside somebody whom the rules would put elsewhere."""


class Case(NamedTuple):
    """One person's case: how they were treated, by whom (None: the rules), when (ms) and why, and what counts."""

    creator_id: int
    name: str
    grade: str | None
    treated: str
    reason: str | None
    author: str | None
    at: int | None
    facts: Mapping[str, Any]


class Finding(NamedTuple):
    """Cases that are alike in what ``alike`` says, and were not treated alike; on which ``ladder``, where on one."""

    check: str
    alike: str
    cases: Sequence[Case]
    ladder: Ladder | None = None


def audit(store: Store, at: int, only: Iterable[str] | None = None) -> Iterator[Finding]:
    """What all checks find, or those named in ``only``."""
    for name, check in CHECKS.items():
        if only is None or name in only:
            yield from check(store, at)


def unlike_sanctions(store: Store, at: int) -> Iterator[Finding]:
    """Violations of one rule for which the ladder says the same, and from which something different followed."""
    alike: dict[tuple[str, str], list[tuple[Violation, str]]] = defaultdict(list)
    for one in violations.listed(store):
        if one.sanctioned_at is not None:
            alike[one.rule, one.proposed or ""].append((one, one.applied or _("nothing (exempted)")))
        elif one.at < at - PATIENCE_DAYS * DAY:
            alike[one.rule, violations.proposal(store, one.id).sanction].append((one, _("nothing yet")))
    newest = rule_sets.in_force(store)
    for (rule, proposed), cases in alike.items():
        if len({treated for _one, treated in cases}) > 1:
            said = sanction(newest and newest.rules, proposed)
            text = _("broke '{rule}', for which the rules say '{sanction}'").format(rule=rule, sanction=said)
            yield Finding("sanctions", text, _of_violations(store, cases))


def exemptions(store: Store, at: int) -> Iterator[Finding]:
    """Violations from which something else followed than the ladder says, or nothing, for a reason."""
    found = [one for one in violations.listed(store) if one.sanctioned_at is not None and one.applied != one.proposed]
    if found:
        cases = [(one, one.applied or _("nothing (exempted)")) for one in found]
        yield Finding("exemptions", _("treated otherwise than the rules say"), _of_violations(store, cases))


def overrides(store: Store, at: int) -> Iterator[Finding]:
    """People held in a stage or grade where the rules would not put them, beside others with like figures."""
    newest = rule_sets.in_force(store)
    for ladder in LADDERS if newest else ():
        held = {event.creator_id: event for event in ladders.held(store, ladder)}
        if not held or newest is None:
            continue
        asked = rule_sets.IN_PROGRAMME
        earned = stages.targets(store, ladder, newest.rules, at, asked)
        unlike = {one: event for one, event in held.items() if one in earned and earned[one][0] != event.name}
        for creator_id, event in unlike.items():
            name, evidence = earned[creator_id]
            others = [one for one, (its, _figures) in earned.items() if its == name and one not in held]
            placed = ladders.current(store, ladder, _nearest(json.loads(evidence), others, earned))
            peers = [one for one in placed.values() if one.name != event.name][:PEERS]
            called = title(newest.rules, ladder, name)
            text = _("by their figures {ladder} '{name}'").format(ladder=_called(ladder), name=called)
            yield Finding("overrides", text, [_of_event(store, one, earned) for one in (event, *peers)], ladder)


def unlike_rewards(store: Store, at: int) -> Iterator[Finding]:
    """Figures that earned less by a rule than no better ones did for the same period, or nothing, within a year."""
    alike: dict[tuple[str, str, str], list[Reward]] = defaultdict(list)
    for one in incentives.rewards(store, Window(at - 365 * DAY, at + 1)):
        if one.rule is not None:
            alike[one.rule, one.period, one.unit].append(one)
    for (rule, period, _unit), rows in alike.items():
        best, most = 0, {}
        for one in reversed(rows):  # the lowest figure first: what anybody got for it, or for a lower one
            best = most[one.value] = max(best, one.amount)
        short = [one for one in rows if one.amount < most[one.value]]
        if short:
            least = min(one.amount for one in short)
            peers = [one for one in rows if least < one.amount == most[one.value]][-PEERS:]
            text = _("earned a reward by '{rule}' for {period}").format(rule=rule, period=period)
            yield Finding("rewards", text, [_of_reward(store, one) for one in (*short, *peers)])


CHECKS: Mapping[str, Check] = {
    "sanctions": unlike_sanctions,
    "rewards": unlike_rewards,
    "exemptions": exemptions,
    "overrides": overrides,
}
"""All checks by name, in the order in which they are told."""


def _of_violations(store: Store, cases: Sequence[tuple[Violation, str]]) -> list[Case]:
    graded = ladders.current(store, "grade", [one.creator_id for one, _treated in cases])
    return [
        Case(
            one.creator_id,
            one.name,
            graded[one.creator_id].name if one.creator_id in graded else None,
            treated,
            one.reason,
            one.sanctioned_by,
            one.sanctioned_at,
            {"violation": one.id, "rule": one.rule, "severity": one.severity, "earlier": one.earlier},
        )
        for one, treated in cases
    ]


def _of_event(store: Store, event: Event, earned: Mapping[int, tuple[str, str]]) -> Case:
    grade = ladders.current(store, "grade", [event.creator_id]).get(event.creator_id)
    return Case(
        event.creator_id,
        creators.name(store, event.creator_id) or "",
        grade.name if grade else None,
        event.name,
        event.reason,
        event.author,
        event.at,
        json.loads(earned[event.creator_id][1]),
    )


def _of_reward(store: Store, one: Reward) -> Case:
    grade = ladders.current(store, "grade", [one.creator_id]).get(one.creator_id)
    treated = str(Amount(one.amount, one.unit)) if one.amount else _("nothing")
    figures = {"rule": one.rule, "period": one.period, "figure": one.value}
    name = creators.name(store, one.creator_id) or ""
    reason = one.reason if one.amount or one.reason else _("left out when it was given")
    return Case(one.creator_id, name, grade.name if grade else None, treated, reason, one.author, one.at, figures)


def _nearest(figures: Mapping[str, Any], others: Iterable[int], earned: Mapping[int, tuple[str, str]]) -> list[int]:
    """Of people with the same rung by their figures those whose figures are nearest, a few more than are shown."""

    def distance(creator_id: int) -> float:
        theirs = json.loads(earned[creator_id][1])
        return sum(_apart(value, theirs.get(name)) for name, value in figures.items())

    return sorted(others, key=lambda one: (distance(one), one))[: 10 * PEERS]


def _apart(one: Any, other: Any) -> float:
    """How far two figures are apart, from 0 (the same) to 1."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) / max(abs(one), abs(other), 1e-9)
    return float(one != other)


def _called(ladder: Ladder) -> str:
    return _("stage") if ladder == "stage" else _("grade")
