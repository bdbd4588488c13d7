"""What time it is where the people of follow-ups are, and from when on it is right to turn to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import hours
from kolbench.domain.clock import from_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.sequences import QUIET, quiet
from kolbench.programme import zones
from kolbench.programme.sequences import Course, opens
from kolbench.store import enrolments, sequences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo
    from typing import Any

    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import FollowUp

_LONGEST = 100
"""Nights and days off in a row, and more: holidays end."""


class There(NamedTuple):
    """The time zone of a person, and from when on (ms) a contact is right at the moment ``at``: then, or later."""

    zone: tzinfo
    at: int
    right_at: int

    @property
    def time(self) -> str:
        """What the clock says there."""
        return f"{from_ms(self.at).astimezone(self.zone):%H:%M}"

    @property
    def right(self) -> str:
        """From when on it is right there, with its day where that is another one; empty: it is now."""
        if self.right_at <= self.at:
            return ""
        then, today = (from_ms(one).astimezone(self.zone) for one in (self.right_at, self.at))
        return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%m-%d %H:%M}"

    def told(self) -> str:
        """Both in words; empty where it is right now and their clock is ours."""
        if not self.right and self.zone == zones.here():
            return ""
        text = _("{time} there ({zone}), right from {right}") if self.right else _("{time} there ({zone})")
        return text.format(time=self.time, zone=self.zone, right=self.right)


def of(store: Store, rows: Sequence[FollowUp], at: int) -> dict[int, There]:
    """How late it is for the person of each follow-up, by its number.

    A step of a sequence has the quiet hours and days off of its sequence; anything else the hours that sequences have
    where they don't say.
    """
    known = zones.of_people(store, {row.creator_id for row in rows})
    found = {}
    for row in rows:
        zone = known[row.creator_id]
        found[row.follow_up_id] = There(zone, at, _right(_course(store, row.evidence), zone, at))
    return found


def warning(name: str, there: There | None) -> str:
    """What to say to whoever turns to somebody who is asleep; empty where nobody is."""
    if there is None or not there.right:
        return ""
    text = _("{time} where {name} is: right from {right}.")
    return text.format(time=there.time, name=name, right=there.right)


def _right(course: Course, zone: tzinfo, at: int) -> int:
    for _night in range(_LONGEST):
        later = opens(course, zone, None, at)
        if later == at:
            break
        at = later
    return at


def _course(store: Store, evidence: Mapping[str, Any]) -> Course:
    enrolment_id = evidence.get("enrolment_id")
    if isinstance(enrolment_id, int):
        try:
            written = sequences.body(store.reader(), enrolments.get(store, enrolment_id).version_id)
        except UsageError:  # it was taken back meanwhile
            pass
        else:
            return Course((), 0, 0, 0, quiet(written), written.working_days, written.holidays)
    return Course((), 0, 0, 0, hours.parse(QUIET))
