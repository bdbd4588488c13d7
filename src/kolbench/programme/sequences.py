"""When to take the next step of a sequence: never against a wish, in quiet hours, or more often than is right."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.domain import hours
from kolbench.domain.clock import DAY, MINUTE, from_ms, to_ms
from kolbench.domain.sequences import in_spans
from kolbench.programme.working_days import day_off

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from kolbench.domain.hours import Spans
    from kolbench.domain.sequences import Step

WEEK = 7 * DAY
PATIENCE = WEEK
"""So long a contact waits for the hours in which the person is usually there."""

_TRIES = 2_000
"""More than any schedule needs: quiet hours, days off and wishes end, so that looking further finds nothing."""


class Wish(NamedTuple):
    """Not to be contacted, at all (``all``) or by a channel; until a moment (ms), or None: for good."""

    scope: str
    until_at: int | None


class Person(NamedTuple):
    """What a schedule must know of somebody: their zone and usual hours there (empty: unknown), contacts and wishes.

    ``touched`` are the moments (ms) at which we contacted them, in any order.
    """

    zone: tzinfo
    usual: Spans = ()
    touched: Sequence[int] = ()
    wishes: Sequence[Wish] = ()


class Course(NamedTuple):
    """A person's course through a sequence: its steps and limits, and how far it has come.

    ``step`` is the next one, whose days count from ``since_at`` (ms). Paused without an end: until it is resumed.
    """

    steps: Sequence[Step]
    step: int
    since_at: int
    a_week: int
    quiet: Spans = ()
    working_days: bool = False
    country: str = ""
    live: bool = True
    paused: bool = False
    paused_until: int | None = None


class Due(NamedTuple):
    """The step to take next, from 0, and the first moment (ms) at which that is right."""

    step: int
    at: int


Nothing = Literal["ended", "paused", "refused"]
"""Why there is no next step: it is over; it is paused; they want no contact by any channel that is left."""


def next_step(course: Course, person: Person, now: int) -> Due | Nothing:
    """Which step is next and when: not before ``now``.

    A step by a channel that the person refuses is passed over. Of the moments at which a contact is right, one in
    the person's usual hours comes first if it is within ``PATIENCE``.
    """
    if not course.live or course.step >= len(course.steps):
        return "ended"
    if course.paused and course.paused_until is None:
        return "paused"
    for n in range(course.step, len(course.steps)):
        step = course.steps[n]
        least = max(now, course.since_at + step.days * DAY, course.paused_until or now)
        at = _right(course, person, step.channel, least, None)
        if at is not None and person.usual:
            usual = _right(course, person, step.channel, at, person.usual)
            at = at if usual is None or usual > at + PATIENCE else usual
        if at is not None:
            return Due(n, at)
    return "refused"


def schedule(courses: Sequence[Course], person: Person, now: int) -> list[Due | Nothing]:
    """The next step of each of a person's courses, as if each were taken when it is due.

    So that the limits hold for all of them together, the earliest is fixed first, and the strictest number of contacts
    a week is everybody's.
    """
    a_week = min((course.a_week for course in courses), default=1)
    courses = [course._replace(a_week=a_week) for course in courses]
    found: dict[int, Due | Nothing] = {}
    while len(found) < len(courses):
        left = {n: next_step(course, person, now) for n, course in enumerate(courses) if n not in found}
        dues = [(due.at, n) for n, due in left.items() if isinstance(due, Due)]
        if not dues:
            found |= left
            break
        at, first = min(dues)
        found[first] = left[first]
        person = person._replace(touched=(*person.touched, at))
    return [found[n] for n in range(len(courses))]


def opens(course: Course, zone: tzinfo, usual: Spans | None, at: int) -> int:
    """When, from ``at`` on, the day or hour may be right: ``at`` itself (ms) where it is right already."""
    there = from_ms(at).astimezone(zone)
    minute = there.hour * 60 + there.minute
    if course.working_days and day_off(course.country, there.date()):
        wait = hours.DAY - minute
    elif in_spans(minute, course.quiet):
        wait = min((stop - minute) % hours.DAY or hours.DAY for stop in _ends(course.quiet, minute))
    elif usual and not in_spans(minute, usual):
        wait = min((start - minute) % hours.DAY for start, _stop in usual)
    else:
        return at
    by_the_clock = there.replace(tzinfo=None, second=0, microsecond=0) + timedelta(minutes=wait)
    return max(at + MINUTE, to_ms(by_the_clock.replace(tzinfo=zone)))


def _ends(spans: Spans, minute: int) -> list[int]:
    return [span[1] for span in spans if in_spans(minute, (span,))]


def _right(course: Course, person: Person, channel: str, at: int, usual: Spans | None) -> int | None:
    """The first moment from ``at`` on at which a contact by ``channel`` is right; None: it never is."""
    touched = sorted(person.touched)
    for _try in range(_TRIES):
        until = [one.until_at for one in person.wishes if one.scope == "all"]
        if None in until or _only_channel(person, channel, at):
            return None
        later = max([at, *(one for one in until if one is not None)])
        if len(touched) >= course.a_week:
            later = max(later, touched[-course.a_week] + WEEK)
        later = opens(course, person.zone, usual, later)
        if later == at:
            return at
        at = later
    return None


def _only_channel(person: Person, channel: str, at: int) -> bool:
    return any(one.scope == channel and (one.until_at is None or one.until_at > at) for one in person.wishes)
