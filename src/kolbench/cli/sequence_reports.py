"""What ``kolbench sequence`` lists: the sequences, their steps and people, the next steps, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli.output import Column, fields, printable, say, show_found, show_json, show_table
from kolbench.cli.responses import cells, columns, facts
from kolbench.domain import sequences as written
from kolbench.domain.clock import DAY, from_ms, iso, now
from kolbench.domain.lang import _, ngettext
from kolbench.programme import outreach, responses
from kolbench.screens import words
from kolbench.screens.words import said
from kolbench.store import enrolments, sequences
from kolbench.widgets.cells import day, due

if TYPE_CHECKING:
    from argparse import Namespace

    from kolbench.programme.outreach import Upcoming
    from kolbench.store.connect import Store
    from kolbench.store.enrolments import Enrolment

SHOWN = 50
"""People that ``show`` lists."""


def show_list(store: Store, args: Namespace) -> int:
    """List the sequences."""
    found = sequences.listed(store)
    return show_found(
        args,
        found,
        (
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("steps"), "right"),
            Column(_("going on"), "right"),
            Column(_("no answer"), "right"),
            Column(_("answered"), "right"),
            Column(_("said yes"), "right"),
            Column(_("version"), "right"),
            Column(_("saved")),
            Column(_("by"), yields=True),
        ),
        lambda o: (o.id, o.name, o.steps, o.active, o.finished, o.answered, o.accepted, o.version, day(o.at), o.author),
        empty=_("No sequence is there. Write one: kolbench sequence new --example"),
    )


def show_sequence(store: Store, args: Namespace, sequence_id: int) -> int:
    """Show a version's steps, and who is in the sequence."""
    row, one = sequences.row(store, sequence_id), sequences.sequence(store, sequence_id, args.number)
    people = enrolments.of_sequence(store, sequence_id, limit=SHOWN)
    if args.json:
        show_json(
            {
                **fields(row),
                "version": args.number or row.version,
                "sequence": written.plain(one),
                "versions": [fields(known) for known in sequences.versions(store, sequence_id)],
                "people": [fields(found) for found in people],
            }
        )
        return 0
    text = _("{name} (id {id}), version {version}: at most {n} contacts with a person in seven days")
    say(printable(text.format(name=one.name, id=sequence_id, version=args.number or row.version, n=one.a_week)))
    limits = [_("quiet from {hours} where they are").format(hours=one.quiet)] if one.quiet else []
    if one.working_days:
        limits.append(_("on working days alone ({country})").format(country=one.holidays or _("weekends")))
    if limits:
        say("; ".join(limits))
    if one.notes:
        say(printable(one.notes))
    show_table(
        (
            Column(_("plan"), yields=True),
            Column(_("step"), "right"),
            Column(_("channel")),
            Column(_("after"), "right"),
            Column(_("script"), yields=True),
            Column(_("note"), yields=True),
        ),
        (
            (
                placed.plan,
                placed.step_no,
                said(words.CHANNELS, placed.step.channel),
                _("{n}d").format(n=placed.step.days),
                placed.step.template,
                placed.step.note,
            )
            for placed in written.flat(one)
        ),
    )
    if people:
        say()
        _show_people(store, people)
    return 0


def _show_people(store: Store, people: list[Enrolment]) -> None:
    db = store.reader()
    show_table(
        (
            Column(_("name"), yields=True),
            Column(_("state")),
            Column(_("next step")),
            Column(_("until")),
            Column(_("reason"), yields=True),
            Column(_("enrolled")),
            Column(_("by"), yields=True),
        ),
        (
            (
                one.name,
                said(words.ENROLMENTS, one.state),
                _step(sequences.steps(db, one.version_id), one.step) if one.state in ("active", "paused") else "",
                day(one.paused_until),
                one.reason,
                day(one.at),
                one.author,
            )
            for one in people
        ),
    )


def _step(steps: tuple[written.Placed, ...], step: int) -> str:
    placed = steps[step]
    return f"{placed.plan_no}.{placed.step_no} {said(words.CHANNELS, placed.step.channel)}"


def show_stats(store: Store, args: Namespace) -> int:
    """Count what came of a sequence."""
    sequence_id = sequences.find(store, args.sequence)
    found = responses.of_sequence(store, sequence_id)
    if args.json:
        show_json(
            {
                "whole": facts(found.whole),
                "steps": [
                    {"version": version, "plan_no": placed.plan_no, "plan": placed.plan, "step": placed.step_no,
                     "channel": placed.step.channel, **facts(response)}
                    for version, placed, response in found.steps
                ],
                "channels": [{"channel": channel, **facts(response)} for channel, response in found.channels],
                "scripts": [
                    {"template": one.template, "variant": one.label, "version": one.version, "variant_id": one.id,
                     **facts(response)}
                    for one, response in found.scripts
                ],
            }
        )  # fmt: skip
        return 0
    rows: list[tuple[Any, ...]] = [(_("whole"), *cells(found.whole))]
    rows += [
        (f"v{version} {placed.plan_no}.{placed.step_no} {said(words.CHANNELS, placed.step.channel)}", *cells(response))
        for version, placed, response in found.steps
    ]
    rows += [(said(words.CHANNELS, channel), *cells(response)) for channel, response in found.channels]
    rows += [(f"{one.template} {one.label} v{one.version}", *cells(response)) for one, response in found.scripts]
    show_table((Column(_("of"), yields=True), *columns()), rows)
    return 0


def show_due(store: Store, args: Namespace) -> int:
    """List the next steps."""
    sequence_id = None if args.sequence is None else sequences.find(store, args.sequence)
    at = now()
    found = outreach.upcoming(store, at, args.days * DAY, sequence_id=sequence_id)
    text = ngettext("No step is due within {n} day.", "No step is due within {n} days.", args.days)
    return show_found(
        args,
        found,
        (
            Column(_("due")),
            Column(_("name"), yields=True),
            Column(_("sequence"), yields=True),
            Column(_("step")),
            Column(_("right from, there"), yields=True),
            Column(_("script"), yields=True),
        ),
        lambda one: (
            due(one.due_at, at),
            one.enrolment.name,
            one.enrolment.sequence,
            f"{one.placed.plan_no}.{one.placed.step_no} {said(words.CHANNELS, one.placed.step.channel)}",
            f"{from_ms(one.right_at).astimezone(one.zone):%m-%d %H:%M} {one.zone}",
            _script(one),
        ),
        empty=text.format(n=args.days),
        facts=_facts,
    )


def _script(one: Upcoming) -> str:
    if one.script is None:
        return one.placed.step.note
    if one.script.missing:
        return _("lacks {names}").format(names=", ".join(one.script.missing))
    if not one.script.complete:
        return one.script.wrong or _("empty for this person")
    return one.script.text


def _facts(one: Upcoming) -> dict[str, Any]:
    there = from_ms(one.right_at).astimezone(one.zone).isoformat()
    return {
        "creator_id": one.enrolment.creator_id,
        "name": one.enrolment.name,
        "due_at": iso(one.due_at),
        "right_at": iso(one.right_at),
        "there": there,
        **outreach.evidence(one),
    }
