"""A sequence (SOP): plans one after the other, each of steps by which to reach somebody who doesn't answer."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import Struct, structs, to_builtins

from kolbench.domain import hours
from kolbench.domain.errors import UsageError
from kolbench.domain.hours import Spans
from kolbench.domain.lang import _
from kolbench.domain.shapes import refuse, shaped
from kolbench.domain.text import clean_line, clean_text

MOST_STEPS = 50
"""Of all plans of a sequence together."""

SHORTEST_DAY = 60
"""Minutes that quiet hours must leave of a day."""


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contact: ``days`` after the one before it, if that isn't answered; ``note`` says what else to do."""

    channel: str
    template: str = ""
    days: int = 3
    note: str = ""


QUIET = "21:00-09:00"
"""When nobody is contacted where nobody says so, in the person's time."""


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Steps that belong together; the next plan begins when none of them was answered."""

    name: str
    steps: tuple[Step, ...]


class Sequence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``a_week``: contacts with a person in any seven days at most, over all sequences and by hand.

    ``quiet`` are hours in which nobody is contacted, in their time zone. With ``working_days``, that is so on
    weekends and on the public holidays of the country ``holidays``, too (empty: weekends alone).
    """

    name: str
    notes: str = ""
    a_week: int = 2
    quiet: str = QUIET
    working_days: bool = False
    holidays: str = "CN"
    plans: tuple[Plan, ...]


class Placed(NamedTuple):
    """A step and its place: the number of its plan and of itself there, from 1."""

    plan_no: int
    plan: str
    step_no: int
    step: Step


def parse(facts: object) -> Sequence:
    """A sequence from what TOML or JSON holds. Raises UsageError, which names the setting and what is expected."""
    return check(shaped(facts, Sequence, _("the sequence")))


def check(sequence: Sequence) -> Sequence:
    """The sequence with its texts cleaned. Raises UsageError with every value that can't be meant."""
    sequence = _cleaned(sequence)
    steps = flat(sequence)
    awake = sum(not in_spans(minute, quiet(sequence)) for minute in range(hours.DAY))
    mistakes = (
        (not sequence.name, _("name: give the sequence a name.")),
        (not 1 <= sequence.a_week <= 20, _("a_week: write a whole number from 1 to 20.")),
        (awake < SHORTEST_DAY, _("quiet: leave at least an hour of the day.")),
        (not 1 <= len(steps) <= MOST_STEPS, _("plans: write from 1 to {n} steps.").format(n=MOST_STEPS)),
        (any(not plan.steps for plan in sequence.plans), _("plans: each needs a step.")),
        (any(not one.step.channel for one in steps), _("channel: say by which channel each step goes.")),
        (any(not 0 <= one.step.days <= 365 for one in steps), _("days: write a whole number from 0 to 365.")),
    )
    refuse(text for wrong, text in mistakes if wrong)
    return sequence


def flat(sequence: Sequence) -> tuple[Placed, ...]:
    """All steps in their order, over all plans."""
    return tuple(
        Placed(plan_no, plan.name, step_no, step)
        for plan_no, plan in enumerate(sequence.plans, 1)
        for step_no, step in enumerate(plan.steps, 1)
    )


def quiet(sequence: Sequence) -> Spans:
    """The hours in which nobody is contacted, in minutes after midnight."""
    return hours.parse(sequence.quiet) if sequence.quiet else ()


def in_spans(minute: int, spans: Spans) -> bool:
    """Whether a minute of the day lies in one of the spans, of which some go on past midnight."""
    return any(start <= minute < stop if start < stop else minute >= start or minute < stop for start, stop in spans)


def plain(sequence: Sequence) -> dict[str, Any]:
    """Every setting as TOML and JSON hold it; ``parse`` makes the same sequence of it again."""
    facts: dict[str, Any] = to_builtins(sequence, builtin_types=())
    return facts


def _cleaned(sequence: Sequence) -> Sequence:
    return structs.replace(
        sequence,
        name=clean_line(sequence.name, 80),
        notes=clean_text(sequence.notes).strip(),
        quiet=_hours(sequence.quiet),
        holidays=clean_line(sequence.holidays, 8).upper(),
        plans=tuple(
            Plan(name=clean_line(plan.name, 80), steps=tuple(map(_cleaned_step, plan.steps))) for plan in sequence.plans
        ),
    )


def _cleaned_step(step: Step) -> Step:
    return structs.replace(
        step,
        channel=clean_line(step.channel, 40).lower(),
        template=clean_line(step.template, 80),
        note=clean_line(step.note, 500),
    )


def _hours(text: str) -> str:
    text = clean_line(text, 80)
    try:
        return hours.written(hours.parse(text)) if text.strip() else ""
    except UsageError as error:
        raise UsageError(_("{path}: {error}").format(path="quiet", error=error)) from None
