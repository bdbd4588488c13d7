"""``kolbench brief``: whom you look for, what was decided about whom, and how it goes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from kolbench.analysis import standing
from kolbench.cli import brief_reports, brief_settings, derived, editing, places
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, answer, fields, printable, say, show_found, show_json, show_table, warn
from kolbench.cli.parser import Actions, whole
from kolbench.domain import briefs as writing
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.programme import choosing, guards
from kolbench.programme.briefs import awaited, from_toml, parsed, read_toml, to_toml, write
from kolbench.screens import brief_words, words
from kolbench.screens.words import said
from kolbench.store import briefs, changes, creators, decisions, lessons
from kolbench.store.candidates import CandidateWindow
from kolbench.widgets.cells import day, percent

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    from kolbench.domain.briefs import Brief
    from kolbench.store.briefs import Row
    from kolbench.store.connect import Store


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    new = actions.add("new", _("Write a brief: whom you look for, and what counts"))
    new.add_argument("name", metavar="NAME", nargs="?", help=_("what to call it; with --file, instead of its name"))
    brief_settings.add_options(new)
    edit = actions.add("edit", _("Change a brief, which makes a new version; without options in your editor"))
    _add_brief(edit)
    edit.add_argument("--name", metavar="NAME", help=_("call it so from now on"))
    edit.add_argument(
        "--base", metavar="N", type=whole(1), help=_("the version you began with: save only if it is the newest")
    )
    again = _("work out anew what its examples are about, from the texts there are by now")
    edit.add_argument("--again", action="store_true", default=None, help=again)
    brief_settings.add_options(edit)
    listed = actions.add("list", _("List the briefs, with how far each has come"))
    listed.add_argument("--archived", action="store_true", help=_("those in the archive instead"))
    show = actions.add("show", _("Show a brief with all its weights and versions"))
    _add_brief(show)
    show.add_argument("--toml", action="store_true", help=_("as a file that --file reads"))
    show.add_argument("--version", metavar="N", type=whole(1), help=_("an earlier version"), dest="number")
    _add_brief(actions.add("score", _("Rank everybody by a brief now, or go on where that was stopped")))
    decide = actions.add(
        "decide", _("Put people into a state: shortlisted, rejected, contacted, agreed, active, undecided")
    )
    _add_brief(decide)
    decide.add_argument("state", metavar="STATE", choices=decisions.STATES, help=_("the state"))
    places.add_creators(decide)
    decide.add_argument("--reason", metavar="TEXT", help=_("why; rejecting needs it"))
    decide.add_argument("--yes", action="store_true", help=_("don't ask, whatever speaks against it"))
    rhythm = actions.add("rhythm", _("Say where more, fewer or other creators are needed now: supply and demand"))
    _add_brief(rhythm)
    weeks = _("over so many weeks up to today (4)")
    rhythm.add_argument("--weeks", metavar="N", type=whole(1, 520), default=4, help=weeks)
    last = _("of what is silent in them, over the weeks up to its newest text")
    rhythm.add_argument("--last", action="store_true", help=last)
    _add_brief(actions.add("grounds", _("Say which sources and communities brought whom you work with")))
    _add_brief(actions.add("archive", _("Put a brief away, with all that was decided for it")))
    _add_brief(actions.add("restore", _("Take a brief out of the archive")))


def _add_brief(parser: ArgumentParser) -> None:
    parser.add_argument("brief", metavar="BRIEF", help=_("a name or a part of it, or the number"))


def run(args: Namespace) -> int:
    """Do the action."""
    if args.action == "new":
        return _new(args)
    store = open_store(args)
    if args.action == "list":
        return _list(store, args)
    brief_id = briefs.find(store, args.brief)
    acts = {
        "edit": _edit,
        "show": _show,
        "score": _score,
        "decide": _decide,
        "rhythm": brief_reports.show_rhythm,
        "grounds": brief_reports.show_grounds,
        "archive": _archive,
        "restore": _restore,
    }
    return acts[args.action](store, args, brief_id)


def _new(args: Namespace) -> int:
    if args.name is None and args.file is None:
        raise UsageError(_("Give the brief a name: kolbench brief new NAME --purpose PURPOSE"))
    if args.file is None and args.purpose is None:
        raise UsageError(_("Say what for: --purpose {names}").format(names="|".join(writing.PURPOSES)))
    brief = _told(args, {})
    store = open_store(args, create=True)
    brief_id = write(store, brief, changes.me())
    _say_saved(store, args, brief_id, changed=True)
    if not args.json:
        brief_reports.say_lessons(store)
    return 0


def _edit(store: Store, args: Namespace, brief_id: int) -> int:
    newest = briefs.row(store, brief_id).version
    base = args.base or newest
    if brief_settings.told(args):
        brief = _told(args, writing.plain(briefs.brief(store, brief_id)))
        write(store, brief, changes.me(), brief_id, base, anew=bool(args.again))
    else:
        editing.require_terminal(args, editing.by_options())
        text = to_toml(briefs.brief(store, brief_id), explained=True)
        editing.edited(text, lambda after: write(store, from_toml(after, _("your text")), changes.me(), brief_id, base))
    return _say_saved(store, args, brief_id, changed=briefs.row(store, brief_id).version != newest)


def _told(args: Namespace, facts: dict[str, Any]) -> Brief:
    """The brief that ``--file`` holds, else ``facts``, with what the options say instead."""
    if args.file is None:
        return parsed(brief_settings.applied(args, facts))
    return read_toml(args.file, lambda inside: brief_settings.applied(args, inside))


def _say_saved(store: Store, args: Namespace, brief_id: int, *, changed: bool) -> int:
    row = briefs.row(store, brief_id)
    text = _("{name}: version {version} is saved. Rank everybody by it: kolbench brief score {id}")
    if row.scored == row.version:
        text = _("{name}: version {version} is saved. It ranks as the one before: kolbench candidates --brief {id}")
    for line in awaited(store, briefs.brief(store, brief_id)):
        warn(printable(line))
    return editing.say_saved(args, row, text, changed=changed)


def _list(store: Store, args: Namespace) -> int:
    rows = briefs.listed(store, archived=args.archived)
    counts = {row.id: decisions.counts(store, row.id) for row in rows}
    return show_found(
        args,
        rows,
        (
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("purpose")),
            Column(_("wanted"), "right"),
            *(Column(said(brief_words.PIPELINE, state), "right") for state in decisions.STATES),
            Column(_("version"), "right"),
            Column(_("saved")),
            Column(_("by"), yields=True),
        ),
        lambda row: (
            row.id,
            row.name,
            said(brief_words.PURPOSES, row.purpose),
            f"{row.people:,}",
            *(f"{n:,}" for n in counts[row.id].values()),
            row.version,
            day(row.at),
            row.author,
        ),
        empty=_("No brief is there. Write one: kolbench brief new NAME --purpose PURPOSE"),
        facts=lambda row: {**fields(row), "states": counts[row.id]},
    )


def _show(store: Store, args: Namespace, brief_id: int) -> int:
    row, brief = briefs.row(store, brief_id), briefs.brief(store, brief_id, args.number)
    if args.toml:
        say(to_toml(brief).rstrip())
        return 0
    version = args.number or row.version
    weights = writing.weights(brief)
    made = briefs.versions(store, brief_id)
    states = decisions.counts(store, brief_id)
    if args.json:
        show_json(
            {
                **fields(row),
                "version": version,
                "brief": writing.plain(brief),
                "weights": weights,
                "topic": [term._asdict() for term in briefs.goal(store, brief_id, version).topic],
                "states": states,
                "versions": [fields(one) for one in made],
                "lessons": [fields(one) for one in lessons.listed(store, limit=lessons.SHOWN)],
            }
        )
        return 0
    text = _("{name} (id {id}), version {version}: to {purpose}, {people:,} people wanted")
    purpose = said(brief_words.PURPOSES, brief.purpose)
    say(printable(text.format(name=brief.name, id=brief_id, version=version, purpose=purpose, people=brief.people)))
    topic = briefs.goal(store, brief_id, version).topic
    learnt = ", ".join(f"{term.text} {term.weight:.2f}" for term in topic if not term.keyword)
    for label, value in {**_settings(brief), _("words of the examples"): learnt}.items():
        if value:
            say(printable(_("{label}: {value}").format(label=label, value=value)))
    show_table(
        (Column(_("part")), Column(_("weight"), "right"), Column("")),
        (
            (said(words.COMPONENTS, name), percent(weight), _("(changed)") if name in brief.weights else "")
            for name, weight in sorted(weights.items(), key=lambda item: -item[1])
        ),
    )
    say(", ".join(f"{said(brief_words.PIPELINE, state)} {n:,}" for state, n in states.items()))
    for one in made:
        text = _("Version {n}: {author}, {day}")
        say(printable(text.format(n=one.version, author=one.author, day=day(one.at))))
    if row.archived_at is not None:
        say(_("In the archive since {day}.").format(day=day(row.archived_at)))
    brief_reports.say_lessons(store)
    return 0


def _settings(brief: Brief) -> Mapping[str, str]:
    """What restricts and describes, label to text; empty where nothing does."""
    topics, who, exclude, ours = brief.topics, brief.who, brief.exclude, brief.ours
    left_out = (
        _("who asked not to be contacted") if exclude.do_not_contact else "",
        _("who agreed for another brief") if exclude.working_with_us else "",
        _("who is exclusive elsewhere") if exclude.exclusives else "",
        *(f"#{tag}" for tag in exclude.tags),
    )
    inside = ngettext("{n} point more", "{n} points more", ours.points).format(n=ours.points)
    return {
        _("keywords"): ", ".join(topics.keywords),
        _("like"): ", ".join(topics.like),
        _("like those in"): ", ".join(topics.communities),
        _("without the words"): ", ".join(topics.without),
        _("platforms"): ", ".join(said(words.PLATFORMS, name) for name in who.platforms),
        _("sizes"): ", ".join(said(words.TIERS, name) for name in who.tiers),
        _("regions"): ", ".join(who.regions),
        _("languages"): ", ".join(said(brief_words.LANGUAGES, name) for name in who.languages),
        _("left out"): ", ".join(filter(None, left_out)),
        _("members of ours"): _("{points} ({communities})").format(
            points=inside, communities=", ".join(ours.communities) or _("all communities")
        ),
        _("notes"): brief.notes,
    }


def _score(store: Store, args: Namespace, brief_id: int) -> int:
    from kolbench.analysis import candidacy, scorers

    candidacy.score(store, brief_id, derived.counting(_("scored")))
    found = CandidateWindow(store, brief_id=brief_id).count()
    weights = writing.weights(briefs.brief(store, brief_id))
    for name in weights:
        if name not in (known := scorers.of([name])):
            warn(printable(_("Nothing measures '{name}' any more: a plugin is missing.").format(name=name)))
        elif problem := getattr(known[name], "problem", None):
            warn(printable(_("'{name}' could not be measured for all: {problem}").format(name=name, problem=problem)))
    row = briefs.row(store, brief_id)
    if args.json:
        show_json({**fields(row), "candidates": found})
    else:
        text = ngettext(
            "{name}, version {version}: {n} candidate. List them: kolbench candidates --brief {id}",
            "{name}, version {version}: {n} candidates. List them: kolbench candidates --brief {id}",
            found,
        )
        say(printable(text.format(name=row.name, version=row.version, n=f"{found:,}", id=brief_id)))
    if not found:
        brief_reports.tell_why_nobody(store, brief_id)
    brief_reports.tell_unmatched(store, brief_id)
    derived.tell_waiting(store)
    return 0


def _decide(store: Store, args: Namespace, brief_id: int) -> int:
    people = [creators.exact(store, text) for text in args.creators]
    doubts = choosing.doubts(store, brief_id, people, args.state)
    if doubts and not args.yes and not _meant(args, doubts):
        say(_("Nothing was changed."))
        return 0
    acted = decisions.decide(store, brief_id, people, args.state, changes.me(), args.reason)
    if acted.changed and args.state in ("agreed", "active"):
        for caution in guards.before_monetising(store, now(), acted.changed, brief_id=brief_id):
            warn(printable(caution.text))
    if standing.waiting(store):
        derived.refresh(store)  # whom the brief doesn't mean by itself is on its list from now on
    if args.json:
        show_json({"changed": list(acted.changed), "skipped": [fields(one) for one in acted.skipped]})
    else:
        n, state = len(acted.changed), said(brief_words.PIPELINE, args.state)
        say(ngettext("{n} person: {what}.", "{n} people: {what}.", n).format(n=n, what=state))
        for one in acted.skipped:
            who = creators.name(store, one.creator_id)
            text = _("{who} was left alone: nothing is decided about them.")
            if one.author and one.at:
                text = _("{who} was left alone: {state} already, by {author} on {day}.")
            at = day(one.at) if one.at else ""
            warn(printable(text.format(who=who, state=state, author=one.author, day=at)))
    return 1 if acted.skipped else 0


def _meant(args: Namespace, doubts: Sequence[str]) -> bool:
    """Whether the operator, who was told what speaks against it, decides all the same."""
    if args.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        text = _("Nothing was decided. Add --yes if you mean it.")
        raise UsageError("\n".join((*map(printable, doubts), text)))
    for line in doubts:
        say(printable(line))
    return input(_("Decide it all the same? [y/N] ")).strip().lower() in ("y", "yes", "是")


def _archive(store: Store, args: Namespace, brief_id: int) -> int:
    briefs.archive(store, brief_id, changes.me())
    return _say_kept(args, briefs.row(store, brief_id), _("{name} is in the archive."))


def _restore(store: Store, args: Namespace, brief_id: int) -> int:
    briefs.restore(store, brief_id, changes.me())
    return _say_kept(args, briefs.row(store, brief_id), _("{name} is in use."))


def _say_kept(args: Namespace, row: Row, text: str) -> int:
    return answer(args, fields(row), text.format(name=row.name))
