"""``kolbench sequence``: who is contacted when, by which channel and plan, until they answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.cli import editing, places, sequence_reports
from kolbench.cli.opening import open_store
from kolbench.cli.output import fields, printable, say, show_json, warn
from kolbench.cli.parser import Actions, whole
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.programme import outreach, sequence_files
from kolbench.programme.local import local_time, morning
from kolbench.store import briefs, changes, creators, decisions, enrolments, sequences

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from kolbench.store.connect import Store
    from kolbench.store.enrolments import Left


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    new = actions.add("new", _("Write a sequence in TOML; without --file in your editor, which begins with an example"))
    new.add_argument("name", metavar="NAME", nargs="?", help=_("what to call it; with --file, instead of its name"))
    _add_file(new)
    new.add_argument("--example", action="store_true", help=_("print an example to begin with, and save nothing"))
    edit = actions.add("edit", _("Change a sequence, which makes a new version; without --file in your editor"))
    _add_sequence(edit)
    _add_file(edit)
    edit.add_argument(
        "--base", metavar="N", type=whole(1), help=_("the version you began with: save only if it is the newest")
    )
    actions.add("list", _("List the sequences, with how many people are where"))
    show = actions.add("show", _("Show the steps of a sequence, and who is in it"))
    _add_sequence(show)
    show.add_argument("--toml", action="store_true", help=_("as a file that --file reads"))
    show.add_argument("--version", metavar="N", type=whole(1), help=_("an earlier version"), dest="number")
    enrol = actions.add("enrol", _("Begin a sequence with people"))
    _add_sequence(enrol)
    places.add_creators(enrol, "*")
    enrol.add_argument("--brief", metavar="BRIEF", help=_("everybody who is in a state of this brief"))
    enrol.add_argument("--state", choices=decisions.STATES[1:], default="shortlisted", help=_("which (shortlisted)"))
    enrol.add_argument("--also", action="store_true", help=_("also those who are in another sequence"))
    pause = actions.add("pause", _("Let the sequences of people wait"))
    places.add_creators(pause)
    _add_of(pause)
    pause.add_argument("--until", metavar="WHEN", help=_("until when: friday, 3d or a date (until they are resumed)"))
    pause.add_argument("--reason", metavar="TEXT", default="", help=_("why"))
    resume = actions.add("resume", _("Let paused sequences go on"))
    places.add_creators(resume)
    _add_of(resume)
    stop = actions.add("stop", _("End the sequences of people"))
    places.add_creators(stop)
    _add_of(stop)
    stop.add_argument("--reason", metavar="TEXT", default="", help=_("why"))
    stats = actions.add("stats", _("Count answers and how soon they came, per step, channel and script"))
    _add_sequence(stats)
    due = actions.add("due", _("List the next steps: who, when where they are, by which channel, with which script"))
    due.add_argument("sequence", metavar="SEQUENCE", nargs="?", help=_("of this sequence alone"))
    due.add_argument("--days", metavar="N", type=whole(0, 365), default=7, help=_("due within so many days (7)"))


def _add_sequence(parser: ArgumentParser) -> None:
    parser.add_argument("sequence", metavar="SEQUENCE", help=_("a name or a part of it, or the number"))


def _add_of(parser: ArgumentParser) -> None:
    parser.add_argument("--sequence", metavar="SEQUENCE", help=_("this sequence alone (all that they are in)"))


def _add_file(parser: ArgumentParser) -> None:
    parser.add_argument("--file", metavar="PATH", type=Path, help=_("the sequence is in this TOML file; - is stdin"))


def run(args: Namespace) -> int:
    """Do the action."""
    if args.action == "new" and args.example:
        say(sequence_files.to_toml(sequence_files.example(args.name or _("First contact")), explained=True).rstrip())
        return 0
    if args.action == "new":
        return _new(args)
    store = open_store(args)
    acts = {
        "edit": _edit,
        "list": sequence_reports.show_list,
        "show": _show,
        "enrol": _enrol,
        "pause": _pause,
        "resume": _resume,
        "stop": _stop,
        "stats": sequence_reports.show_stats,
        "due": sequence_reports.show_due,
    }
    return acts[args.action](store, args)


def _new(args: Namespace) -> int:
    author = changes.me()
    if args.file is not None:
        named = {} if args.name is None else {"name": args.name}
        written = sequence_files.read_toml(args.file, lambda facts: {**facts, **named})
        store = open_store(args, create=True)
        return _say_saved(store, args, outreach.write(store, written, author), changed=True)
    begun = sequence_files.to_toml(sequence_files.example(args.name or _("First contact")), explained=True)
    sequence_id = _edited(args, begun, lambda written: outreach.write(open_store(args, create=True), written, author))
    if sequence_id is None:
        say(_("Nothing was changed, so nothing was saved."))
        return 1
    return _say_saved(open_store(args), args, sequence_id, changed=True)


def _edit(store: Store, args: Namespace) -> int:
    sequence_id, author = sequences.find(store, args.sequence), changes.me()
    newest = sequences.row(store, sequence_id).version
    base = args.base or newest
    if args.file is not None:
        outreach.write(store, sequence_files.read_toml(args.file), author, sequence_id, base)
    else:
        begun = sequence_files.to_toml(sequences.sequence(store, sequence_id), explained=True)
        _edited(args, begun, lambda written: outreach.write(store, written, author, sequence_id, base))
    return _say_saved(store, args, sequence_id, changed=sequences.row(store, sequence_id).version != newest)


def _edited(args: Namespace, text: str, save: Any) -> int | None:
    """What ``save`` returned for what the operator wrote in the editor; None when nothing was changed."""
    editing.require_terminal(args, _("Say with --file where the sequence is. On a terminal, an editor opens without."))
    return editing.edited(text, lambda after: int(save(sequence_files.from_toml(after, _("your text")))))


def _say_saved(store: Store, args: Namespace, sequence_id: int, *, changed: bool) -> int:
    text = _("{name}: version {version} is saved. Begin it with people: kolbench sequence enrol {id} CREATOR")
    return editing.say_saved(args, sequences.row(store, sequence_id), text, changed=changed)


def _show(store: Store, args: Namespace) -> int:
    sequence_id = sequences.find(store, args.sequence)
    if args.toml:
        say(sequence_files.to_toml(sequences.sequence(store, sequence_id, args.number)).rstrip())
        return 0
    return sequence_reports.show_sequence(store, args, sequence_id)


def _enrol(store: Store, args: Namespace) -> int:
    sequence_id = sequences.find(store, args.sequence)
    people = [creators.exact(store, text) for text in args.creators]
    if args.brief is not None:
        people += decisions.people(store, briefs.find(store, args.brief), args.state)
    if not people:
        raise UsageError(_("Name somebody to enrol, or a brief in which somebody has that state."))
    done = enrolments.enrol(store, sequence_id, people, changes.me(), also=args.also)
    outreach.refresh(store, people)
    if args.json:
        show_json({"enrolled": list(done.ids), "left_out": [one._asdict() for one in done.left]})
    else:
        n = len(done.ids)
        text = ngettext(
            "{n} person was enrolled. Next steps: {command}", "{n} people were enrolled. Next steps: {command}", n
        )
        say(text.format(n=n, command=f"kolbench sequence due {sequence_id}"))
        for one in done.left:
            warn(_why_left(one))
    return 1 if done.left else 0


def _why_left(one: Left) -> str:
    if one.reason is not None:
        return _("{who} was left out: they want no contact ({reason}).").format(who=one.name, reason=one.reason)
    if one.same:
        return _("{who} was left out: they are in it already.").format(who=one.name)
    text = _("{who} was left out: they are in '{names}'. With --also they are in both.")
    return text.format(who=one.name, names="', '".join(one.others))


def _running(store: Store, args: Namespace) -> list[int]:
    """The enrolments that are meant."""
    people = [creators.exact(store, text) for text in args.creators]
    found = enrolments.live(store, people)
    if args.sequence is not None:
        sequence_id = sequences.find(store, args.sequence)
        found = [one for one in found if one.sequence_id == sequence_id]
    if not found:
        raise UsageError(_("None of them is in a sequence that goes on."))
    return [one.id for one in found]


def _pause(store: Store, args: Namespace) -> int:
    until = None if args.until is None else morning(args.until)
    ids = enrolments.pause(store, _running(store, args), changes.me(), until, args.reason)
    what = _("paused") if until is None else _("paused until {when}").format(when=local_time(until))
    return _say_done(store, args, ids, what)


def _resume(store: Store, args: Namespace) -> int:
    return _say_done(store, args, enrolments.resume(store, _running(store, args), changes.me()), _("goes on"))


def _stop(store: Store, args: Namespace) -> int:
    ids = enrolments.stop(store, _running(store, args), changes.me(), args.reason)
    return _say_done(store, args, ids, _("stopped"))


def _say_done(store: Store, args: Namespace, ids: Sequence[int], what: str) -> int:
    outreach.refresh(store, {enrolments.get(store, one).creator_id for one in ids})
    if args.json:
        show_json([fields(enrolments.get(store, one)) for one in ids])
        return 0
    for one in ids:
        found = enrolments.get(store, one)
        text = _("{who}, '{sequence}': {what}.")
        say(printable(text.format(who=found.name, sequence=found.sequence, what=what)))
    return 0
