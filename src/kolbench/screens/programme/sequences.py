"""Sequences: who is in which and how far, halted and begun; and what came of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from kolbench.domain.clock import DAY, from_ms, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.outcomes import OUTCOMES
from kolbench.programme.local import local_day, local_time, morning
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.programme.sequence_responses import ResponsesView
from kolbench.screens.view import Few, Item, Listing, View, columns
from kolbench.screens.words import CHANNELS, ENROLMENTS, said
from kolbench.store import enrolments, sequences
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.domain.sequences import Placed
    from kolbench.domain.sequences import Sequence as Written
    from kolbench.programme.outreach import Upcoming
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.enrolments import Enrolled, Enrolment
    from kolbench.store.sequences import Row
    from kolbench.widgets.columns import Column

AHEAD = 3_650 * DAY
"""A next step is shown however far ahead it is."""

LIVE = ("active", "paused")
"""States in which a sequence goes on, or will."""


class SequencesView(View):
    """All sequences, with how many people are where in each."""

    title = N_("Sequences")
    empty = N_(
        "There is no sequence yet: who is contacted when, by which channel and with which script, until they answer."
        " kolbench sequence new opens an example in your editor; then + here begins it with somebody."
    )

    def columns(self) -> list[Column]:
        """Its name, its steps, and its people by how far they are."""
        right = {"align": "right"}
        return columns(
            (_("Name"), 14, {"flex": 1}),
            (_("Steps"), 6, {**right, "drop": 1}),
            (_("Going on"), 9, right),
            (_("No answer"), 9, right),
            (_("Answered"), 9, right),
            (_("Said yes"), 9, right),
        )

    def window(self, store: Store) -> Few:
        """By name."""
        return Few(lambda: list(map(_sequence, sequences.listed(store))))

    def about(self, store: Store, item: Item | None) -> Write:
        """What it does when, within which limits."""
        if item is None:
            return super().about(store, item)
        row: Row = item.found
        written = sequences.sequence(store, row.id)
        steps = sequences.steps(store.reader(), sequences.newest(store.reader(), row.id).id)
        return lambda width: _about(row, written, steps, width)

    def acts(self) -> Mapping[str, Act]:
        """Begin it with somebody, or see what came of it."""
        return {"add": _begin, "statistics": _count}


class EnrolledView(View):
    """Who is or was in a sequence, with the next step of each."""

    empty = N_("Nobody is in it yet. + begins it with somebody: by a name, a handle or an id.")
    selectable: ClassVar[bool] = True

    def __init__(self, sequence_id: int, name: str) -> None:
        super().__init__()
        self.sequence_id, self.name = sequence_id, name

    def named(self) -> str:
        """Which sequence."""
        return self.name

    def columns(self) -> list[Column]:
        """Who is at which step of which plan, by which channel and when, or how it ended."""
        return columns(
            (_("Who"), 12, {"flex": 2}),
            (_("Step"), 5),
            (_("Channel"), 10),
            (_("Plan"), 12, {"flex": 1, "drop": 1}),
            (_("Right from"), 11),
            (_("State"), 10),
        )

    def window(self, store: Store) -> Listing:
        """Those whose sequence goes on come first, of these who was enrolled last."""
        return Listing(lambda: enrolments.order(store, self.sequence_id), lambda ids: self._read(store, ids))

    def _read(self, store: Store, ids: Sequence[int]) -> list[Item]:
        from kolbench.programme import outreach

        at, found = now(), enrolments.of_ids(store, ids)
        running = {one.creator_id for one in found if one.state in LIVE}
        coming = outreach.upcoming(store, at, AHEAD, running, self.sequence_id) if running else []
        known = {one.enrolment.id: one for one in coming}
        return [_enrolled(_placed(store, one, known.get(one.id)), at) for one in found]

    def about(self, store: Store, item: Item | None) -> Write:
        """The next step with its script, when it is right where they are, and what holds it up."""
        if item is None:
            return super().about(store, item)
        place: Place = item.found
        return lambda width: _standing(place, width)

    def acts(self) -> Mapping[str, Act]:
        """Begin it with somebody, pause it, let it go on, stop it, or see what came of it."""

        def begin(desk: DeskScreen, _item: Item | None) -> None:
            _enrol(desk, self.sequence_id)

        def count(desk: DeskScreen, _item: Item | None) -> None:
            desk.enter(ResponsesView(self.sequence_id))

        return {"add": begin, "decide": _decide, "statistics": count}


class Place(NamedTuple):
    """An enrolment with the step that is its turn, and when that is right; None where there is none."""

    enrolment: Enrolment
    step: Placed | None
    upcoming: Upcoming | None


def _placed(store: Store, one: Enrolment, upcoming: Upcoming | None) -> Place:
    if upcoming is not None:
        return Place(one, upcoming.placed, upcoming)
    left = sequences.steps(store.reader(), one.version_id)[one.step :] if one.state in LIVE else ()
    return Place(one, left[0] if left else None, None)


def _sequence(row: Row) -> Item:
    counts = (row.steps, row.active, row.finished, row.answered, row.accepted)
    return Item(
        row.id,
        (row.name, *map(separated, counts)),
        found=row,
        opens=lambda: EnrolledView(row.id, row.name),
    )


def _enrolled(place: Place, at: int) -> Item:
    one, step, coming = place
    number = "" if step is None else f"{step.plan_no}.{step.step_no}"
    channel = "" if step is None else said(CHANNELS, step.step.channel)
    right = ""
    if coming is not None:
        now_right = coming.right_at <= at
        right = _("at once") if now_right else f"{from_ms(coming.right_at).astimezone(coming.zone):%m-%d %H:%M}"
    cells = (one.name, number, channel, "" if step is None else step.plan, right, said(ENROLMENTS, one.state))
    style = "muted" if one.state not in LIVE else "strong" if coming is not None and coming.right_at <= at else None
    return Item(one.id, cells, style, one.creator_id, place)


def _about(row: Row, written: Written, steps: Sequence[Placed], width: int) -> Iterator[Line]:
    yield [(row.name, "title")]
    if written.notes:
        yield from paragraph(written.notes, width)
    n = written.a_week
    text = ngettext(
        "At most {n} contact with a person in seven days", "At most {n} contacts with a person in seven days", n
    )
    limits = [text.format(n=n)]
    limits += [_("quiet from {hours} where they are").format(hours=written.quiet)] if written.quiet else []
    if written.working_days:
        limits.append(_("on working days alone ({country})").format(country=written.holidays or _("weekends")))
    yield from paragraph("; ".join(limits), width, "muted")
    plan = 0
    for one in steps:
        if one.plan_no != plan:
            plan = one.plan_no
            yield []
            yield from paragraph(f"{plan} {one.plan}", width, "strong")
        days = ngettext("after {n} day", "after {n} days", one.step.days).format(n=one.step.days)
        after = days if one.step.days else _("at once")
        parts = (said(CHANNELS, one.step.channel), after, one.step.template, one.step.note)
        yield from paragraph(f"{plan}.{one.step_no} " + " · ".join(part for part in parts if part), width)
    yield []
    text = _("Version {n}, by {author} on {day}.")
    yield from paragraph(text.format(n=row.version, author=row.author, day=local_day(row.at)), width, "muted")
    yield from paragraph(_("Enter shows who is in it, s what came of it; + begins it with somebody."), width, "muted")


def _standing(place: Place, width: int) -> Iterator[Line]:
    one, step, coming = place
    yield [(one.name, "title")]
    state = said(ENROLMENTS, one.state)
    if one.state == "paused" and one.paused_until is not None:
        state = _("{what} until {day}").format(what=state, day=local_time(one.paused_until))
    if one.reason:
        state = _("{what}: {more}").format(what=state, more=one.reason)
    yield from paragraph(state, width, "strong")
    if step is not None:
        text = _("Plan {plan}, step {n}: {channel}")
        told = text.format(plan=step.plan, n=step.step_no, channel=said(CHANNELS, step.step.channel))
        address = coming.address if coming is not None else None
        yield from paragraph(" · ".join(part for part in (told, address, step.step.note) if part), width)
    if coming is not None:
        yield from _right(coming, width)
        if coming.also:
            text = _("Also in '{names}'.").format(names="', '".join(coming.also))
            yield from paragraph(text, width, "warn")
    elif one.state == "active":
        yield from paragraph(_("They want no contact by any channel that is left."), width, "warn")
    yield []
    text = _("Enrolled by {author} on {day}, by version {n}.")
    yield from paragraph(text.format(author=one.author, day=local_day(one.at), n=one.version), width, "muted")
    if one.ended_at is not None:
        yield from paragraph(_("It ended on {day}.").format(day=local_day(one.ended_at)), width, "muted")
    else:
        told = _("d pauses it, lets it go on or stops it; Space marks several. Enter opens the file.")
        yield from paragraph(told, width, "muted")


def _right(coming: Upcoming, width: int) -> Iterator[Line]:
    there = f"{from_ms(coming.right_at).astimezone(coming.zone):%Y-%m-%d %H:%M}"
    text = _("Right from {time} there ({zone}).").format(time=there, zone=coming.zone)
    if (here := local_time(coming.right_at)) not in there:
        text = _("{what} Here that is {time}.").format(what=text, time=here)
    yield from paragraph(text, width)
    if coming.variant is None or coming.script is None:
        return
    yield []
    yield [(_("Script “{name}” {label}").format(name=coming.variant.template, label=coming.variant.label), "strong")]
    if coming.script.missing:
        text = _("Not to be sent: nobody knows {names}.").format(names=", ".join(coming.script.missing))
        yield from paragraph(text, width, "bad")
    for line in (coming.script.text or coming.script.wrong).splitlines():
        yield from paragraph(line, width) if line else ([],)


def _count(desk: DeskScreen, item: Item | None) -> None:
    if item is not None:
        desk.enter(ResponsesView(item.found.id, item.found.name))


def _begin(desk: DeskScreen, item: Item | None) -> None:
    if item is None:
        desk.notify(_("First write a sequence: kolbench sequence new"), timeout=5)
    else:
        _enrol(desk, item.found.id)


def _enrol(desk: DeskScreen, sequence_id: int) -> None:
    """Ask with whom it begins; who is in another sequence gets into both only when that is meant."""
    from kolbench.screens.programme.asking import ask_person, ask_whether

    store = desk.session.store

    def told(creator_id: int, name: str) -> None:
        def offer(running: Sequence[Enrolment]) -> None:
            others = [one.sequence for one in running if one.sequence_id != sequence_id]
            if not others or len(others) < len(running):  # who is in this one already is told so
                _write(desk, sequence_id, creator_id, name, also=False)
                return
            title = _("{who} is in '{names}' already.").format(who=name, names="', '".join(others))
            ask_whether(
                desk,
                title,
                _("Begin this one, too"),
                lambda: _write(desk, sequence_id, creator_id, name, also=True),
            )

        desk.ask("enrolled", lambda: enrolments.live(store, [creator_id]), offer, keys_wait=True)

    ask_person(desk, _("With whom does it begin?"), told)


def _write(desk: DeskScreen, sequence_id: int, creator_id: int, name: str, *, also: bool) -> None:
    def write(store: Store, author: str) -> Enrolled:
        from kolbench.programme import outreach

        done = enrolments.enrol(store, sequence_id, [creator_id], author, also=also)
        outreach.refresh(store, [creator_id])
        return done

    def written(done: Enrolled) -> None:
        if done.ids:
            if isinstance(desk.view, EnrolledView):
                desk.go_to(done.ids[0])
            desk.done(_("It begins with {who}.").format(who=name))
            return
        (left,) = done.left
        if left.reason is not None:
            text = _("{who} was left out: they want no contact ({reason}).").format(who=left.name, reason=left.reason)
        elif left.same:
            text = _("{who} was left out: they are in it already.").format(who=left.name)
        else:
            text = _("{who} is in '{names}' already.").format(who=left.name, names="', '".join(left.others))
        desk.notify(text, severity="warning", timeout=8)

    desk.write([creator_id], write, written, desk.show_same)


def _decide(desk: DeskScreen, item: Item | None) -> None:
    """Pause the sequence of the marked people, or of the one under the cursor, let it go on, or stop it."""
    ids = sorted(key for key in desk.table.selected if isinstance(key, int)) or ([] if item is None else [item.key])
    if not ids:
        return
    from kolbench.screens.choose import Choice, Choose
    from kolbench.screens.prompt import Prompt

    away = said(OUTCOMES, "out_of_office")
    n = len(ids)
    people = ngettext("{n} person", "{n} people", n).format(n=separated(n))
    title = item.cells[0] if n == 1 and item is not None and item.key in ids else people

    def until(text: str | None) -> None:
        if text is not None:
            moment = morning(text)
            told = _("paused until {when}").format(when=local_time(moment))
            _change(desk, ids, lambda store, ids, author: enrolments.pause(store, ids, author, moment, away), told)

    def why(text: str | None) -> None:
        if text is not None:
            _change(desk, ids, lambda store, ids, author: enrolments.stop(store, ids, author, text), _("stopped"))

    def chosen(key: str | None) -> None:
        if key == "away":
            hint = _("tomorrow, friday, 3d or 2026-05-01")
            desk.app.push_screen(Prompt(_("Until when are they away?"), hint=hint, check=morning), until)
        elif key == "pause":
            _change(desk, ids, enrolments.pause, _("paused"))
        elif key == "resume":
            _change(desk, ids, enrolments.resume, _("goes on"))
        elif key == "stop":
            desk.app.push_screen(Prompt(_("Why does it end?"), hint=_("In a few words, or nothing.")), why)

    choices = [
        Choice("away", _("out of office until a day")),
        Choice("pause", _("pause the sequence")),
        Choice("resume", _("let it go on")),
        Choice("stop", _("stop the sequence")),
    ]
    desk.app.push_screen(Choose(title, choices, numbered=True), chosen)


def _change(
    desk: DeskScreen, ids: Sequence[int], do: Callable[[Store, Sequence[int], str], list[int]], told: str
) -> None:
    def write(store: Store, author: str) -> int:
        from kolbench.programme import outreach

        changed = do(store, ids, author)
        if not changed:
            raise UsageError(_("None of them is in a sequence for which that can be done."))
        outreach.refresh(store, enrolments.people(store, changed))
        return len(changed)

    def written(n: int) -> None:
        people = ngettext("{n} person", "{n} people", n).format(n=separated(n))
        desk.done(_("{what}: {more}.").format(what=people, more=told))

    desk.write(ids, write, written, desk.show_same)
