"""The steps that sequences ask for next: when, by which channel and plan, and with which script."""

from __future__ import annotations

import json
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain import hours
from kolbench.domain.clock import DAY, from_ms, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.sequences import check, flat, quiet
from kolbench.programme import scripts, variables, working_days, zones
from kolbench.programme.sequences import WEEK, Course, Due, Person, Wish, schedule
from kolbench.store import contacts, enrolments, facts, follow_ups, refusals, sequences, templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from kolbench.domain.hours import Spans
    from kolbench.domain.sequences import Placed
    from kolbench.domain.sequences import Sequence as Written
    from kolbench.programme.scripts import Rendered
    from kolbench.store.connect import Store
    from kolbench.store.enrolments import Enrolment
    from kolbench.store.templates import Variant

_WINDOW = 90 * DAY
_LEAST = 20
"""Messages and works from which usual hours can be told."""

_MOST = 1_000


class Upcoming(NamedTuple):
    """The next step of an enrolment: due since or at ``due_at``, and right from ``right_at`` on (ms).

    ``zone`` is the person's. ``variant`` and ``script`` are None where the step has no script in use. ``also`` are the
    other sequences that the person is in.
    """

    enrolment: Enrolment
    placed: Placed
    step: int
    due_at: int
    right_at: int
    zone: tzinfo
    address: str | None
    variant: Variant | None
    script: Rendered | None
    also: tuple[str, ...] = ()


def write(store: Store, written: Written, author: str, sequence_id: int | None = None, base: int | None = None) -> int:
    """Keep a new sequence, or the next version of one, and return its id.

    Raises UsageError where it names a template or a country that isn't there, and where ``store.sequences.save`` does.
    """
    written = check(written)
    working_days.require(written.holidays)
    for plan in written.plans:
        for n, step in enumerate(plan.steps, 1):
            if step.template and templates.named(store, step.template) is None:
                text = _("Plan {plan}, step {n}: there is no template '{name}'. Write it: {command}")
                command = "kolbench template add NAME --text TEXT"
                raise UsageError(text.format(plan=plan.name, n=n, name=step.template, command=command))
    return sequences.save(store, written, author, sequence_id, base=base)


def upcoming(
    store: Store, at: int, ahead: int = WEEK, creator_ids: Iterable[int] | None = None, sequence_id: int | None = None
) -> list[Upcoming]:
    """The steps that are due by ``ahead`` ms after the moment ``at``, the longest due first; of everybody, or some."""
    running = enrolments.live(store, creator_ids)
    if sequence_id is not None:  # the limits hold over all sequences of a person
        people = {one.creator_id for one in running if one.sequence_id == sequence_id}
        running = [one for one in running if one.creator_id in people]
    found: list[tuple[Enrolment, Due, Due, tzinfo]] = []
    known = _people(store, sorted({one.creator_id for one in running}), at)
    groups = {creator_id: list(group) for creator_id, group in groupby(running, attrgetter("creator_id"))}
    for creator_id, group in groups.items():
        found += _of_person(store, group, known[creator_id], at, at + ahead)
    if sequence_id is not None:
        found = [one for one in found if one[0].sequence_id == sequence_id]
    found.sort(key=lambda one: (one[1].at, one[0].id))
    return [
        one._replace(also=tuple(other.sequence for other in groups[one.enrolment.creator_id] if other != one.enrolment))
        for one in _scripted(store, found)
    ]


def refresh(store: Store, creator_ids: Iterable[int]) -> None:
    """Bring the steps of these people in the queue up to date, at once instead of with all other rules."""
    from kolbench.programme.rules import at_once
    from kolbench.programme.rules.sequence_step import RULE

    at_once.ask(store, RULE, creator_ids)


class Plans(NamedTuple):
    """The first step of each plan of the sequences whose steps some follow-ups are; whether others are among them."""

    first: Mapping[str, Placed]
    others: bool


def plans(store: Store, follow_up_ids: Sequence[int]) -> Plans:
    """Which plans there are to go on with; of sequences that have a plan of one name, the first step of the first."""
    first: dict[str, Placed] = {}
    others = False
    for follow_up_id in follow_up_ids:
        place = enrolments.asked(store.reader(), follow_up_id)
        if place is None:
            others = True
            continue
        for placed in sequences.steps(store.reader(), enrolments.get(store, place.enrolment_id).version_id):
            first.setdefault(placed.plan, placed)
    return Plans(first, others)


def done(store: Store, follow_up_ids: Sequence[int], author: str, **more: Any) -> follow_ups.Acted:
    """As ``store.follow_ups.done``; what their sequences ask for next is at once in the queue."""
    acted = follow_ups.done(store, follow_up_ids, author, **more)
    _go_on(store, acted.changed)
    return acted


def touch(store: Store, follow_up_ids: Sequence[int], author: str, **more: Any) -> follow_ups.Acted:
    """As ``store.follow_ups.touch``; what their sequences ask for next is at once in the queue."""
    acted = follow_ups.touch(store, follow_up_ids, author, **more)
    _go_on(store, acted.changed)
    return acted


def _go_on(store: Store, follow_up_ids: Sequence[int]) -> None:
    people = {row.creator_id for row in follow_ups.of_ids(store, follow_up_ids, now())}
    if enrolled := {one.creator_id for one in enrolments.live(store, people)}:
        refresh(store, enrolled)


def go_by(store: Store, follow_up_ids: Sequence[int], plan: str | None, author: str) -> follow_ups.Acted:
    """Go about follow-ups by a plan: people whose sequence has one of that name go on with it, at once in the queue.

    Among those that changed are, instead of their steps, the steps that they go on with.
    """
    acted = follow_ups.set_plan(store, follow_up_ids, plan, author)
    rows = follow_ups.of_ids(store, acted.changed, now())
    if moved := {row.creator_id for row in rows if row.rule == enrolments.RULE}:
        refresh(store, moved)
    going_on = enrolments.asking(store, acted.changed)
    return acted._replace(changed=[going_on.get(one, one) for one in acted.changed])


def halt(store: Store, follow_up_ids: Sequence[int], author: str, *, stop: bool = False) -> follow_ups.Acted:
    """Pause, or ``stop``, the sequences whose steps some follow-ups are; the others stay as they are."""
    places = {one: enrolments.asked(store.reader(), one) for one in follow_up_ids}
    ids = {one: place.enrolment_id for one, place in places.items() if place is not None}
    halted = (enrolments.stop if stop else enrolments.pause)(store, set(ids.values()), author)
    return follow_ups.Acted([one for one, enrolment_id in ids.items() if enrolment_id in halted], [])


def taken_back(store: Store, changed: Iterable[tuple[str, int]]) -> None:
    """An act was undone: bring the steps of whoever's enrolments it had changed up to date."""
    if ids := [row_id for entity, row_id in changed if entity == "enrolment"]:
        refresh(store, enrolments.people(store, ids))


def usual_hours(store: Store, creator_id: int, zone: tzinfo) -> Spans:
    """The hours in which a person mostly writes and publishes, in their zone; empty where too little is known."""
    rows = store.reader().execute(
        "WITH acts AS (SELECT sent_at AS at FROM message JOIN account ON account.id = account_id WHERE creator_id = ?1"
        " UNION ALL SELECT published_at FROM post JOIN account ON account.id = account_id"
        " WHERE creator_id = ?1 AND published_at IS NOT NULL)"
        " SELECT at FROM acts WHERE at > (SELECT max(at) FROM acts) - ?2 ORDER BY at DESC LIMIT ?3",
        (creator_id, _WINDOW, _MOST),
    )
    acts = [0] * 24
    for (at,) in rows:
        acts[from_ms(at).astimezone(zone).hour] += 1
    if sum(acts) < _LEAST:
        return ()
    busy = [n * 24 > sum(acts) for n in acts]  # more than if they were there all day alike
    return tuple((hour * 60, (hour + 1) * 60) for hour in range(24) if busy[hour])


def _people(store: Store, ids: Sequence[int], at: int) -> dict[int, Person]:
    """What a schedule must know of these people, without the hours that have to be learned."""
    text = json.dumps(list(ids))
    wishes = refusals.of(store, ids, at)
    told, there = facts.values(store, ids, ("hours",)), zones.of_people(store, ids)
    touched: dict[int, list[int]] = {}
    for creator_id, moment in store.reader().execute(
        "SELECT creator_id, at FROM json_each(?1) AS wanted CROSS JOIN touchpoint ON creator_id = wanted.value"
        " WHERE direction = 'out' AND at > ?2",
        (text, at - WEEK),
    ):
        touched.setdefault(creator_id, []).append(moment)
    return {
        creator_id: Person(
            there[creator_id],
            hours.parse(told[creator_id]["hours"]) if "hours" in told.get(creator_id, {}) else (),
            touched.get(creator_id, ()),
            tuple(Wish(one.scope, one.until_at) for one in wishes.get(creator_id, ())),
        )
        for creator_id in ids
    }


def _of_person(
    store: Store, running: Sequence[Enrolment], person: Person, at: int, until: int
) -> Iterator[tuple[Enrolment, Due, Due, tzinfo]]:
    """The steps of one person that are due by ``until``: when they became due, and when they are right from now on."""
    courses = [_course(store, one) for one in running]
    since = schedule(courses, person, 0)
    if not any(isinstance(due, Due) and due.at <= until for due in since):
        return  # learning somebody's hours only makes it later
    if not person.usual and (usual := usual_hours(store, running[0].creator_id, person.zone)):
        person = person._replace(usual=usual)
        since = schedule(courses, person, 0)
    late = any(isinstance(due, Due) and due.at < at for due in since)
    from_now = schedule(courses, person, at) if late else since
    for one, due, right in zip(running, since, from_now, strict=True):
        if isinstance(due, Due) and isinstance(right, Due) and due.at <= until:
            yield one, Due(right.step, min(due.at, right.at)), right, person.zone


def _course(store: Store, one: Enrolment) -> Course:
    written = sequences.body(store.reader(), one.version_id)
    return Course(
        [placed.step for placed in flat(written)],
        one.step,
        one.since_at,
        written.a_week,
        quiet(written),
        written.working_days,
        written.holidays,
        paused=one.state == "paused",
        paused_until=one.paused_until,
    )


def _scripted(store: Store, found: Sequence[tuple[Enrolment, Due, Due, tzinfo]]) -> Iterator[Upcoming]:
    """The same with scripts: variants take turns, and one that was shown for a step stays with it."""
    shown = _shown(store)
    languages = variables.languages(store, {one.creator_id for one, *_rest in found})
    every: dict[str, list[Variant]] = {}
    uses: dict[int, int] = {}
    for one, due, right, zone in found:
        placed = sequences.steps(store.reader(), one.version_id)[due.step]
        name, variant, script = placed.step.template, None, None
        if name and name not in every:
            template = templates.named(store, name)
            every[name] = templates.variants(store, template.id) if template else []
            uses |= templates.uses(store, [template.id]) if template else {}
        if name and every[name]:
            was = shown.get(f"{one.id}:{due.step}")
            variant = next((known for known in every[name] if known.id == was), None)
            variant = variant or scripts.choose(every[name], uses, languages.get(one.creator_id))
        if variant is not None:
            uses[variant.id] = uses.get(variant.id, 0) + 1
            script = _filled(store, one.creator_id, variant.text)
        address = next((c.value for c in contacts.of(store, one.creator_id) if c.channel == placed.step.channel), None)
        yield Upcoming(one, placed, due.step, due.at, right.at, zone, address, variant, script)


def _filled(store: Store, creator_id: int, text: str) -> Rendered:
    """A script for one person; whatever is wrong with it stays with it, and hurts nobody else's."""
    try:
        return scripts.render(text, variables.of(store, creator_id, scripts.needed(text)))
    except UsageError as error:
        return scripts.Rendered("", wrong=str(error))


def _shown(store: Store) -> Mapping[str, int]:
    """The variants that open follow-ups show, by their causes."""
    rows = store.reader().execute(
        "SELECT cause, evidence ->> 'variant_id' FROM follow_up WHERE state = 'open' AND rule = ?", (enrolments.RULE,)
    )
    return {cause: variant_id for cause, variant_id in rows if variant_id is not None}


def evidence(one: Upcoming) -> dict[str, Any]:
    """What a step asks for: ``script`` is there only if it may be sent, else ``draft`` and why not."""
    found: dict[str, Any] = {
        "enrolment_id": one.enrolment.id,
        "sequence": one.enrolment.sequence,
        "version": one.enrolment.version,
        "plan": one.placed.plan,
        "plan_no": one.placed.plan_no,
        "step": one.placed.step_no,
        "channel": one.placed.step.channel,
        "address": one.address,
        "also": list(one.also),
        "time_zone": str(one.zone),
        "note": one.placed.step.note,
        "template": one.placed.step.template,
    }
    if one.variant is not None and one.script is not None:
        found |= {"variant": one.variant.label, "variant_id": one.variant.id}
        if one.script.complete:
            found["script"] = one.script.text
        else:
            found |= {"draft": one.script.text, "missing": list(one.script.missing), "wrong": one.script.wrong}
    return {name: value for name, value in found.items() if value not in (None, "", [])}
