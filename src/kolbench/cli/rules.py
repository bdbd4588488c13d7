"""``kolbench rules``: the rules of the programme, who would move by them, and who knows them."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.cli import places
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, answer, plain, printable, say, show_found, show_json, show_table
from kolbench.cli.parser import Actions, whole
from kolbench.domain import rule_sets as written
from kolbench.domain.clock import iso, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext, wanted
from kolbench.domain.words import CHANNELS, said
from kolbench.programme import guards, stages
from kolbench.programme import rule_sets as writing
from kolbench.programme.local import local_day, past_day
from kolbench.screens import ladder_words
from kolbench.store import changes, creators, rule_sets
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.domain.rule_sets import RuleSet
    from kolbench.store.connect import Store
    from kolbench.store.ladders import Move


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    actions.add("example", _("Print a file to begin with, in which comments say what can be written"))
    _add_file(actions.add("check", _("Check a file, and name every mistake in it")))
    diff = actions.add("diff", _("Compare a file with the rules in force, and say who would move and why"))
    _add_file(diff)
    diff.add_argument("--limit", metavar="N", type=whole(1), default=20, help=_("list at most so many people (20)"))
    apply = actions.add("apply", _("Put the rules of a file in force, and promote who can be"))
    _add_file(apply)
    apply.add_argument(
        "--base", metavar="N", type=whole(1), help=_("the version you began with: apply only if it is the newest")
    )
    show = actions.add("show", _("Show the rules in force, with all versions"))
    _add_version(show)
    show.add_argument("--toml", action="store_true", help=_("as a file that 'apply' reads"))
    _add_version(actions.add("text", _("Print what is asked of everybody, as a text to send")))
    run_ = actions.add("run", _("Ask the rules about everybody now, as each sync does"))
    run_.add_argument("--demote", action="store_true", default=None, help=_("demote now, too, and not when it is time"))
    ack = actions.add("ack", _("Write down that people have acknowledged the rules"))
    places.add_creators(ack)
    ack.add_argument("--channel", metavar="NAME", required=True, help=_("by which channel: wechat, email, phone, …"))
    ack.add_argument("--on", metavar="DAY", type=past_day, help=_("on which day (today)"))
    _add_version(ack)
    timing = actions.add("timing", _("Say whether it is too early to earn money with people or communities"))
    timing.add_argument("--creator", metavar="CREATOR", action="append", default=[], help=_("this person"))
    timing.add_argument("--community", metavar="COMMUNITY", action="append", default=[], help=_("this community"))
    acks = actions.add("acks", _("List who has acknowledged the rules, or who has not"))
    acks.add_argument("--missing", action="store_true", help=_("who has not"))
    acks.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))


def _add_file(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help=_("a TOML file (-: the standard input)"))


def _add_version(parser: ArgumentParser) -> None:
    parser.add_argument("--version", metavar="N", type=whole(1), dest="number", help=_("that version (the newest)"))


def run(args: Namespace) -> int:
    """Do the action."""
    if args.action == "example":
        say(writing.example().rstrip())
        return 0
    if args.action in ("check", "apply"):
        return (_check if args.action == "check" else _apply)(args)
    acts = {
        "diff": _diff,
        "show": _show,
        "text": _text,
        "run": _run,
        "ack": _ack,
        "acks": _acks,
        "timing": _timing,
    }
    return acts[args.action](open_store(args), args)


def _check(args: Namespace) -> int:
    rules = writing.read(args.file)
    counts = {name: len(getattr(rules, name)) for name in ("stages", "grades", "rules", "sanctions")}
    text = _("{name} can be applied: {stages} stages, {grades} grades, {rules} rules, {sanctions} sanctions.")
    return answer(args, {"name": rules.name, **counts}, text.format(name=rules.name, **counts))


def _diff(store: Store, args: Namespace) -> int:
    rules, newest, at = writing.read(args.file), rule_sets.in_force(store), now()
    changed = writing.differences(newest.rules if newest else None, rules)
    counts: Counter[tuple[str, str | None, str, str]] = Counter()
    shown: list[Move] = []
    for move in stages.moves(store, rules, at, demote=True):
        counts[move.ladder, move.before, move.after, move.how] += 1
        if len(shown) < args.limit:
            shown.append(move)
    later = stages.next_time(rules, at)
    if args.json:
        show_json(
            {
                "version": newest.version if newest else None,
                "changes": [one._asdict() for one in changed],
                "moves": [_facts(store, rules, move, later) for move in shown],
                "counts": [
                    {"ladder": ladder, "before": before, "after": after, "how": how, "people": n}
                    for (ladder, before, after, how), n in counts.items()
                ],
            }
        )
        return 0
    if newest is None:
        say(_("No rules are in force yet: all of it is new."))
    else:
        show_table(
            (Column(_("setting")), Column(_("now"), yields=True), Column(_("then"), yields=True)),
            ((one.setting, _shown(one.before), _shown(one.after)) for one in changed),
        )
        if not changed:
            say(_("The file says what is in force."))
    for (ladder, before, after, how), n in counts.items():
        text = ngettext(
            "{ladder}: {n} person from {before} to {after}, {when}",
            "{ladder}: {n} people from {before} to {after}, {when}",
            n,
        )
        when = _when(how, later)
        names = {"before": _rung(rules, ladder, before), "after": _rung(rules, ladder, after)}
        say(printable(text.format(ladder=_ladder(ladder), n=f"{n:,}", **names, when=when)))
    _show_moves(store, rules, shown, later)
    if not counts:
        say(_("Nobody would move."))
    return 0


def _show_moves(store: Store, rules: RuleSet, shown: list[Move], later: int | None) -> None:
    if not shown:
        return
    show_table(
        (
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("from")),
            Column(_("to")),
            Column(_("when")),
            Column(_("why"), yields=True),
        ),
        (
            (
                move.creator_id,
                creators.name(store, move.creator_id),
                _rung(rules, move.ladder, move.before),
                _rung(rules, move.ladder, move.after),
                _when(move.how, later),
                stages.why(rules, move, ladder_words.figure),
            )
            for move in shown
        ),
    )


def _apply(args: Namespace) -> int:
    rules = writing.read(args.file)
    store = open_store(args, create=True)
    newest = rule_sets.in_force(store)
    version, ran = stages.put_in_force(store, rules, changes.me(), args.base)
    changed = newest is None or newest.version != version
    if args.json:
        show_json({"version": version, "changed": changed, "moved": _moved(ran)})
        return 0
    if changed:
        text = _("{name}: version {version} is in force.")
        say(printable(text.format(name=rules.name, version=version)))
        if newest and rule_sets.require(store).text_version == version and rules.rules:
            say(_("What people are told has changed: they are to acknowledge it anew ('kolbench rules text')."))
    else:
        say(printable(_("{name}: nothing was changed.").format(name=rules.name)))
    _say_moved(ran, rules)
    return 0


def _show(store: Store, args: Namespace) -> int:
    found = rule_sets.require(store, args.number)
    facts = written.plain(found.rules)
    if args.toml:
        import tomli_w

        say(tomli_w.dumps(facts, multiline_strings=True).rstrip())
        return 0
    made = rule_sets.versions(store)
    if args.json:
        versions = [plain({"version": one.version, "author": one.author, "at": one.at}) for one in made]
        show_json({"version": found.version, "text_version": found.text_version, "rules": facts, "versions": versions})
        return 0
    rules = found.rules
    say(printable(_("{name}, version {version}").format(name=rules.name, version=found.version)))
    for title, steps in ((_("stages"), rules.stages), (_("grades"), rules.grades)):
        if steps:
            show_table(
                (Column(title), Column(_("id")), Column(_("to enter"), yields=True), Column(_("to stay"), yields=True)),
                (
                    (
                        writing.entitled(one.name, one.title, one.title_zh),
                        one.name,
                        "; ".join(one.enter),
                        "; ".join(one.stay),
                    )
                    for one in steps
                ),
            )
    if rules.rules:
        show_table(
            (Column(_("rule")), Column(_("severity")), Column(_("text"), yields=True)),
            ((one.id, one.severity, written.in_language(one, wanted())) for one in rules.rules),
        )
    if rules.sanctions:
        show_table(
            (Column(_("sanction")), Column(_("text"), yields=True)),
            ((one.name, written.in_language(one, wanted())) for one in rules.sanctions),
        )
    if (later := stages.next_time(rules, now())) is not None:
        say(_("People are demoted next on {day}.").format(day=local_day(later)))
    for one in made:
        say(printable(_("Version {n}: {author}, {day}").format(n=one.version, author=one.author, day=day(one.at))))
    return 0


def _text(store: Store, args: Namespace) -> int:
    found = rule_sets.require(store, args.number)
    text = writing.text(found.rules, found.version, wanted())
    if args.json:
        show_json({"version": found.version, "text": text})
    else:
        for line in text.splitlines():
            say(printable(line))
    return 0


def _run(store: Store, args: Namespace) -> int:
    found = rule_sets.require(store)
    ran = stages.run(store, demote=args.demote)
    assert ran is not None
    if args.json:
        show_json({"version": ran.version, "demoting": ran.demoting, "moved": _moved(ran)})
    else:
        _say_moved(ran, found.rules)
    return 0


def _ack(store: Store, args: Namespace) -> int:
    people = [creators.exact(store, text) for text in args.creators]
    new = rule_sets.acknowledge(store, people, args.channel, changes.me(), version=args.number, at=args.on)
    version = rule_sets.require(store, args.number).version
    text = ngettext("{n} person knows version {version}.", "{n} people know version {version}.", len(people))
    return answer(
        args,
        {"version": version, "changed": new, "unchanged": [one for one in people if one not in new]},
        text.format(n=len(people), version=version),
    )


def _acks(store: Store, args: Namespace) -> int:
    if args.missing:
        missing = list(islice(rule_sets.unaware(store), args.limit))
        return show_found(
            args,
            missing,
            (
                Column(_("id"), "right"),
                Column(_("name"), yields=True),
                Column(_("knows version"), "right"),
                Column(_("since")),
            ),
            lambda one: (one.creator_id, one.name, one.version or "–", day(one.since_at)),
            empty=_("Everybody who takes part has acknowledged the rules in force."),
        )
    found = rule_sets.acknowledgements(store, limit=args.limit)
    return show_found(
        args,
        found,
        (
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("version"), "right"),
            Column(_("channel")),
            Column(_("on")),
            Column(_("to"), yields=True),
        ),
        lambda one: (one.creator_id, one.name, one.version, said(CHANNELS, one.channel), day(one.said_at), one.author),
        empty=_("Nobody has acknowledged any rules yet."),
    )


def _timing(store: Store, args: Namespace) -> int:
    people = [creators.exact(store, text) for text in args.creator]
    rooms = [places.community(store, text).id for text in args.community]
    if not (people or rooms):
        raise UsageError(_("Name people with --creator, or communities with --community."))
    found = guards.before_monetising(store, now(), people, rooms)
    if args.json:
        show_json([one._asdict() for one in found])
        return 0
    for one in found:
        say(printable(one.text))
    if not found:
        say(_("Nothing speaks against it."))
    return 0


def _facts(store: Store, rules: RuleSet, move: Move, later: int | None) -> dict[str, Any]:
    waits = move.how in stages.DOWN
    return {
        "ladder": move.ladder,
        "creator_id": move.creator_id,
        "name": creators.name(store, move.creator_id),
        "before": move.before,
        "after": move.after,
        "how": move.how,
        "due": iso(later) if waits and later is not None else None,
        "why": stages.why(rules, move),
        "figures": move.figures,
    }


def _moved(ran: stages.Ran) -> list[dict[str, Any]]:
    return [
        {"ladder": ladder, "before": before, "after": after, "people": n}
        for (ladder, before, after), n in ran.moved.items()
    ]


def _say_moved(ran: stages.Ran, rules: RuleSet) -> None:
    for (ladder, before, after), n in ran.moved.items():
        text = ngettext(
            "{ladder}: {n} person went from {before} to {after}.",
            "{ladder}: {n} people went from {before} to {after}.",
            n,
        )
        names = {"before": _rung(rules, ladder, before), "after": _rung(rules, ladder, after)}
        say(printable(text.format(ladder=_ladder(ladder), n=f"{n:,}", **names)))
    if not ran.moved:
        say(_("Nobody moved."))
    if not ran.demoting and (later := stages.next_time(rules, now())) is not None:
        say(_("People are demoted next on {day}.").format(day=local_day(later)))


def _ladder(name: str) -> str:
    return _("Stage") if name == "stage" else _("Grade")


def _rung(rules: RuleSet, ladder: str, name: str | None) -> str:
    """What a stage or grade is called; a dash for none."""
    return "–" if name is None else writing.title(rules, ladder, name)


def _when(how: str, later: int | None) -> str:
    if how not in stages.DOWN:
        return _("at once")
    return _("never") if later is None else local_day(later)


def _shown(value: object) -> str:
    if value is None:
        return "–"
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
