"""Moving people through stages and grades by the rules: promoted at once, demoted on schedule; and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kolbench.analysis import figures
from kolbench.domain import conditions
from kolbench.domain.clock import from_ms, now, to_ms
from kolbench.domain.lang import _
from kolbench.domain.rule_sets import parsed
from kolbench.store import ladders, rule_sets
from kolbench.store.ladders import LADDERS, Ladder, Move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kolbench.domain.conditions import Condition, Figure
    from kolbench.domain.rule_sets import Every, Grade, RuleSet, Stage
    from kolbench.store.connect import Store

ASIDE = -1
"""The place of the stage that is no rung of the ladder."""

DOWN = ("demoted", "aside")
"""How somebody moves who moves on schedule only."""


@dataclass(frozen=True)
class Ran:
    """What came of asking the rules: how many moved from where to where, and whether it was time to demote."""

    version: int
    demoting: bool
    moved: Mapping[tuple[Ladder, str | None, str], int]


def run(store: Store, at: int | None = None, *, demote: bool | None = None) -> Ran | None:
    """Ask the rules in force about everybody and write down who moves; None when there are no rules.

    ``demote``: also demote now, or not at all (None: when it is time). Safe beside other operators.
    """
    found = rule_sets.in_force(store)
    if found is None:
        return None
    at = now() if at is None else at
    demoting = is_time(store, found.rules, at) if demote is None else demote
    counts: Counter[tuple[Ladder, str | None, str]] = Counter()

    def counted(moves: Iterable[Move]) -> Iterator[Move]:
        for move in moves:
            counts[move.ladder, move.before, move.after] += 1
            yield move

    moved = ladders.write(store, counted(moves(store, found.rules, at, demote=demoting)), found.version, at)
    if moved or demoting:
        rule_sets.note_run(store, found.version, at, moved, demoting=demoting)
    return Ran(found.version, demoting, counts)


def put_in_force(store: Store, rules: RuleSet, author: str, base: int | None = None) -> tuple[int, Ran]:
    """Save a version of the rules and promote who can be by it; the version, and who moved. See ``rule_sets.save``."""
    version = rule_sets.save(store, rules, author, base)
    ran = run(store, demote=False)
    assert ran is not None
    return version, ran


def moves(store: Store, rules: RuleSet, at: int, *, demote: bool) -> Iterator[Move]:
    """Who would move by these rules at a moment, and on which figures that rests; nothing is written.

    Stages are gone through one by one; grades are not. People who are held are not moved.
    """
    for ladder in LADDERS:
        yield from _moves(store, ladder, rules, at, demote, _people(rules))


def targets(store: Store, ladder: Ladder, rules: RuleSet, at: int, people: str) -> dict[int, tuple[str, str]]:
    """The highest rung that each of these people (SQL) can enter, whatever they are now, and the figures as JSON."""
    steps = _steps(ladder, rules)
    rungs = [one for one in steps if not _aside(one)]
    if not rungs:
        return {}
    columns, names = _columns(steps, in_turn=False), _metrics(steps)
    query = (
        f"WITH figures AS ({figures.sql(people, names)}),"
        f" asked AS (SELECT creator_id, {columns}, {_object(names)} AS evidence FROM figures)"
        " SELECT creator_id, best, evidence FROM asked WHERE best IS NOT NULL"
    )
    found = store.reader().execute(query, {"at": at})
    return {creator_id: (rungs[best].name, evidence) for creator_id, best, evidence in found}


def named(metric: str, value: Figure | None) -> str:
    """A figure with its metric, as conditions call it."""
    return f"{metric} {_figure(metric, value)}"


def why(rules: RuleSet, move: Move, told: Callable[[str, Figure | None], str] = named) -> str:
    """On what a move rests, in one line: the conditions with the figures, each as it is ``told``."""
    steps = {one.name: one for one in _steps(move.ladder, rules)}
    known = move.figures

    def said(asked: Sequence[str], *, held: bool) -> str:
        return "; ".join(_in_words(one, known, told) for one in parsed(asked) if conditions.holds(one, known) is held)

    if move.how == "demoted" and move.before in steps:
        return said(steps[move.before].stay, held=False)
    if move.how == "returned" and move.before in steps:
        return said(steps[move.before].enter, held=False)
    return said(steps[move.after].enter, held=True) or _("takes part")


def is_time(store: Store, rules: RuleSet, at: int) -> bool:
    """Whether a new period has begun since people were last demoted."""
    last = rule_sets.demoted_at(store)
    began = _began(_day(at), rules.demote_every)
    return last is not None and began is not None and _day(last) < began


def next_time(rules: RuleSet, at: int) -> int | None:
    """The moment (ms) from which on people are demoted next; None: never."""
    day = _day(at)
    began = _began(day, rules.demote_every)
    if began is None:
        return None
    while _began(day, rules.demote_every) == began:
        day += timedelta(days=1)
    return to_ms(datetime(day.year, day.month, day.day).astimezone())


def _moves(store: Store, ladder: Ladder, rules: RuleSet, at: int, demote: bool, people: str) -> Iterator[Move]:
    steps = _steps(ladder, rules)
    rungs = [one.name for one in steps if not _aside(one)]
    aside = next((one.name for one in steps if _aside(one)), None)
    if not rungs:
        return
    place = " ".join(f"WHEN :rung{n} THEN {n}" for n in range(len(rungs)))
    names = {f"rung{n}": name for n, name in enumerate(rungs)} | {"aside": aside}
    demoted = f"WHEN rung >= 0 AND is_aside THEN {ASIDE} WHEN rung > 0 AND NOT stays THEN fallback" if demote else ""
    query = (
        f"WITH figures AS ({figures.sql(people, _metrics(steps))}),"
        f" placed AS (SELECT figures.*, event.id AS seen, event.{ladder} AS before,"
        f" CASE event.{ladder} {place} WHEN :aside THEN {ASIDE} END AS rung"
        f" FROM figures LEFT JOIN {ladder}_event AS event ON event.id = (SELECT max(id) FROM {ladder}_event"
        " WHERE creator_id = figures.creator_id AND undone_at IS NULL) WHERE event.how IS NOT 'held'),"
        f" asked AS (SELECT placed.*, {_columns(steps, in_turn=ladder == 'stage')}, {_stays(steps)} FROM placed),"
        " aimed AS (SELECT *, CASE WHEN rung IS NULL THEN best"
        f" WHEN rung = {ASIDE} THEN iif(is_back, coalesce(best, 0), rung)"
        f" WHEN best > rung AND NOT is_aside THEN best {demoted} ELSE rung END AS target FROM asked)"
        f" SELECT creator_id, seen, before, rung, target, {_object(_metrics(steps))}"
        " FROM aimed WHERE target IS NOT NULL AND target IS NOT rung"
    )
    for creator_id, seen, before, rung, target, evidence in store.reader().execute(query, {"at": at, **names}):
        after = aside if target == ASIDE else rungs[target]
        assert after is not None
        yield Move(ladder, creator_id, seen, before, after, _how(rung, target), evidence)


def _how(rung: int | None, target: int) -> str:
    if rung is None:
        return "placed"
    if ASIDE in (rung, target):
        return "aside" if target == ASIDE else "returned"
    return "promoted" if target > rung else "demoted"


def _columns(steps: Sequence[Stage | Grade], *, in_turn: bool) -> str:
    """``best``: the highest rung that can be entered; ``is_aside``, ``is_back``: what is known about the aside stage.

    Rungs that are gone through ``in_turn``: the next one only. Nobody is moved because of what is not known.
    """
    enters = [
        f"({_all(one.enter)} AND coalesce({_all(one.stay)}, TRUE))" if one.stay else _all(one.enter)
        for one in steps
        if not _aside(one)
    ]  # nobody enters what they would be demoted from
    best = " ".join(f"WHEN {enter} THEN {n}" for n, enter in reversed(list(enumerate(enters))))
    if in_turn:
        later = " ".join(f"WHEN rung = {n - 1} THEN iif({enter}, {n}, NULL)" for n, enter in enumerate(enters) if n)
        best = f"{later} WHEN {enters[0]} THEN 0"
    aside = next((_all(one.enter) for one in steps if _aside(one)), "FALSE")
    return f"CASE {best} END AS best, coalesce({aside}, FALSE) AS is_aside, coalesce(NOT ({aside}), FALSE) AS is_back"


def _stays(steps: Sequence[Stage | Grade]) -> str:
    """``stays``: the conditions of the rung hold, as far as is known; ``fallback``: the highest below where they do."""
    rungs = [one for one in steps if not _aside(one)]
    stays = [f"coalesce({_all(one.stay)}, TRUE)" for one in rungs]
    each = " ".join(f"WHEN {n} THEN {stay}" for n, stay in enumerate(stays))
    below = " ".join(f"WHEN rung > {n} AND {stay} THEN {n}" for n, stay in reversed(list(enumerate(stays))))
    return f"CASE rung {each} ELSE TRUE END AS stays, CASE {below} ELSE 0 END AS fallback"


def _all(texts: Iterable[str]) -> str:
    return f"({conditions.sql(parsed(texts))})"


def _object(names: Iterable[str]) -> str:
    return "json_object(" + ", ".join(f"""'{name}', "{name}\"""" for name in names) + ")"


def _metrics(steps: Sequence[Stage | Grade]) -> list[str]:
    asked = conditions.metrics(parsed(text for one in steps for text in (*one.enter, *one.stay)))
    return [name for name in conditions.METRICS if name in asked]


def _steps(ladder: Ladder, rules: RuleSet) -> Sequence[Stage | Grade]:
    return rules.stages if ladder == "stage" else rules.grades


def _aside(step: Stage | Grade) -> bool:
    return getattr(step, "aside", False)


def _people(rules: RuleSet) -> str:
    return "SELECT creator_id FROM standing" if rules.everybody else rule_sets.IN_PROGRAMME


def _in_words(condition: Condition, known: Mapping[str, Figure], told: Callable[[str, Figure | None], str]) -> str:
    found = [told(test.metric, known.get(test.metric)) for test in condition.tests]
    if conditions.holds(condition, known):
        return _("{figures} ({condition})").format(figures=", ".join(found), condition=condition.text)
    return _("{figures} (not {condition})").format(figures=", ".join(found), condition=condition.text)


def _figure(metric: str, value: Any) -> str:
    if value is None:
        return _("unknown")
    if conditions.METRICS[metric].kind == "share":
        return f"{100 * value:.3g} %"
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _day(at: int) -> date:
    return from_ms(at).astimezone().date()


def _began(day: date, every: Every) -> date | None:
    """The first day of the period in which a day lies."""
    if every == "month":
        return day.replace(day=1)
    if every == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day if every == "day" else None
