"""``kolbench campaign start …``: waves of a campaign, with codes, links, scripts, QR codes and posters."""

from __future__ import annotations

import os
import re
import shlex
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.cli import places, writing
from kolbench.cli.campaign_figures import of_campaign, say_same_person
from kolbench.cli.output import Column, answer, printable, say, show_found, show_json, warn
from kolbench.cli.parser import whole
from kolbench.domain import naming
from kolbench.domain.campaigns import SHOWN
from kolbench.domain.clock import iso, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.programme import guards
from kolbench.programme.campaigns import acts, days, posters, qr, waves, wording
from kolbench.programme.campaigns import people as taking_part
from kolbench.store import briefs, campaigns, changes, consents, creators, decisions, export, participants
from kolbench.store import waves as kept

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kolbench.cli.parser import Actions
    from kolbench.programme.campaigns.waves import Campaign
    from kolbench.store.connect import Store
    from kolbench.store.participants import Participant
    from kolbench.store.waves import Left


PAGE = 10_000
"""Participants read at once."""

NAMED = 5
"""So many of those who have no code are named."""


def add(actions: Actions) -> None:
    """Add the actions and their arguments."""
    start = of_campaign(actions, "start", _("Begin a wave: everybody in it gets a code, a link and a follow-up"))
    places.add_creators(start, "*")
    start.add_argument("--wave", metavar="N", type=whole(1, 1_000), default=1, help=_("which wave (1)"))
    start.add_argument("--from-brief", metavar="BRIEF", help=_("everybody who is in a state of this brief"))
    start.add_argument("--state", choices=decisions.STATES[1:], default="agreed", help=_("which (agreed)"))
    start.add_argument("--name", metavar="TEXT", default="", help=_("what to call the wave"))
    start.add_argument(
        "--moment", metavar="WHEN", help=_("when they all post, where the campaign is: 2026-06-01T20:00")
    )
    start.add_argument("--move", action="store_true", help=_("have everybody in the wave post at that moment instead"))
    listed = _narrowed(of_campaign(actions, "codes", _("List who takes part, with their codes and links")))
    text = _("give these a code, who have none: ids where sales are told or names (without WHO: all of them)")
    listed.add_argument("--give", metavar="WHO", nargs="*", help=text)
    links = of_campaign(actions, "links", _("Write everybody's code and link to a file"))
    writing.add_file(links)
    links.add_argument("--wave", metavar="N", type=whole(1), help=_("of this wave alone"))
    _narrowed(of_campaign(actions, "scripts", _("Show what to tell each of them, in the campaign's words")))
    code = of_campaign(actions, "qr", _("Show the QR code of somebody's link, or write it to a file"))
    code.add_argument("who", metavar="WHO", help=_("a code, a name, an id where sales are told, or a creator"))
    code.add_argument("--out", metavar="FILE", type=Path, help=_("write it to this file, .png or .svg"))
    writing.add_overwrite(code)
    poster = _narrowed(of_campaign(actions, "poster", _("Write posters, a file for each person")))
    poster.add_argument("--out", metavar="DIR", type=Path, required=True, help=_("the folder for them"))
    poster.add_argument("--png", action="store_true", help=_("as PNG and not SVG"))
    poster.add_argument(
        "--words", choices=tuple(wording.WORDS), help=_("their language (that of the campaign's texts)")
    )
    consent = of_campaign(actions, "consent", _("Note how people let their names be shown to the public"))
    consent.add_argument("shown", choices=SHOWN, help=_("full, masked (王**) or hidden"))
    consent.add_argument("who", metavar="WHO", nargs="+", help=_("codes, names, ids where sales are told, or creators"))


def _narrowed(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("who", metavar="WHO", nargs="*", help=_("these alone: codes, names, ids or creators"))
    parser.add_argument("--wave", metavar="N", type=whole(1), help=_("of this wave alone"))
    return parser


def _start(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    terms = campaigns.terms(store, campaign_id)
    people = [_creator(store, campaign_id, text) for text in args.creators]
    brief_id = None if args.from_brief is None else briefs.find(store, args.from_brief)
    if brief_id is not None:
        people += decisions.people(store, brief_id, args.state)
    if not people:
        raise UsageError(_("Name who is in the wave, or a brief in which somebody has that state."))
    following = max((one.no for one in campaigns.waves(store.reader(), campaign_id)), default=0) + 1
    if args.wave > following:
        raise UsageError(_("There is no wave {n}: the next one is {next}.").format(n=args.wave, next=following))
    moment_at = None if args.moment is None else days.moment(args.moment, terms)
    agreed = {"no": args.wave, "name": args.name, "moment_at": moment_at, "move": args.move}
    done = waves.start(store, campaign_id, changes.me(), people, **agreed)
    left_out = {one.creator_id for one in done.left}
    asked = [one for one in dict.fromkeys(people) if one not in left_out]
    for caution in guards.before_monetising(store, now(), asked, brief_id=brief_id if asked else None):
        warn(printable(caution.text))
    if args.json:
        left = [one._asdict() for one in done.left]
        show_json({"wave": args.wave, "participants": list(done.participants), "left_out": left})
        return 1 if done.left else 0
    n = len(done.participants)
    text = ngettext("{n} person has a code now. See it: {command}", "{n} people have codes now. See them: {command}", n)
    say(text.format(n=n, command=f"kolbench campaign codes {campaign_id} --wave {args.wave}"))
    for one in done.left:
        warn(_left_out(store, campaign_id, one))
    if moment_at is not None and (doubt := waves.doubt(terms, moment_at)):
        warn(doubt)
    if moment_at is None and not any(wave.moment_at for wave in campaigns.waves(store.reader(), campaign_id)):
        warn(_("No moment was agreed at which they post, so nobody will be asked whether they did (--moment)."))
    if not terms.landing_url:
        warn(_("The campaign has no landing address yet, so there are no links: set landing_url."))
    return 1 if done.left else 0


def _creator(store: Store, campaign_id: int, text: str) -> int:
    """The creator who is named. Raises UsageError, which says of somebody who takes part only how they get a code."""
    try:
        return creators.exact(store, text)
    except UsageError:
        try:
            part = participants.find(store, campaign_id, text)
        except UsageError:
            part = None
        if part is None:
            raise
        raise UsageError(_inside(store, part)) from None


def _left_out(store: Store, campaign_id: int, one: Left) -> str:
    """Why somebody was not taken into a wave, and what gives them what they lack."""
    part = kept.part_in(store.reader(), campaign_id, one.creator_id)
    if one.reason is not None or part is None:
        return _("{who} was left out: they want no contact ({reason}).").format(who=one.name, reason=one.reason)
    return _inside(store, part, one.name)


def _inside(store: Store, part: int, name: str = "") -> str:
    """That somebody takes part already and, without a code, how they get one."""
    who = participants.get(store.reader(), part)
    told = _("{who} was left out: takes part already.")
    if who.code is None:
        told = _("{who} was left out: takes part already, and has no code. Give them one: {command}")
    command = f"kolbench campaign codes {who.campaign_id} --give {shlex.quote(who.ref)}"
    return told.format(who=name or who.name or who.ref, command=command)


def _codes(store: Store, args: Namespace) -> int:
    if args.give is not None:
        return _give(store, args)
    found, people = _chosen(store, args)
    table = (
        Column(_("id"), "right"),
        Column(_("name"), yields=True),
        Column(_("wave"), "right"),
        Column(_("code")),
        Column(_("shown")),
        Column(_("link")),
    )

    def row(one: Participant) -> Sequence[object]:
        return one.id, one.name or one.ref, _wave(found, one), one.code, one.shown, _link(found, one)

    same = consents.others(store.reader(), [one.id for one in people])

    def facts(one: Participant) -> dict[str, Any]:
        return {**_facts(found, one), "same_person_as": [other.id for other in same.get(one.id, ())]}

    code = show_found(args, people, table, row, empty=_nobody(found), facts=facts)
    if not args.json:
        say_same_person(store, [one.id for one in people])
    return code


def _give(store: Store, args: Namespace) -> int:
    """Give a code to those who have none, which can be undone."""
    found, people = _chosen(store, args, [*args.who, *args.give])
    had = {one.id for one in people if one.code}
    kept.give_codes(store, found.id, [one.id for one in people if one.id not in had], changes.me())
    db = store.reader()
    given = [participants.get(db, one.id) for one in people if one.id not in had]
    if args.json:
        show_json([_facts(found, one) for one in given])
        return 0
    for one in given:
        say(printable(f"{one.name or one.ref}: {one.code} {_link(found, one) or ''}".rstrip()))
    text = ngettext("{n} person has a code now.", "{n} people have codes now.", len(given))
    say(text.format(n=f"{len(given):,}"))
    if args.who or args.give:
        for one in people:
            if one.id in had:
                warn(printable(_("{who} has the code {code} already.").format(who=one.name or one.ref, code=one.code)))
    return 0


def _links(store: Store, args: Namespace) -> int:
    columns = ("id", "name", "wave", "ref", "code", "link")

    def listed() -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
        found, wave_id = _campaign(store, args)
        facts = (_facts(found, one) for one in _everybody(store, found.id, wave_id))
        return columns, ([one[column] for column in columns] for one in facts)

    code = writing.write(args, listed)
    found, wave_id = _campaign(store, args)
    _say_without(found, participants.without_code(store.reader(), found.id, wave_id))
    return code


def _scripts(store: Store, args: Namespace) -> int:
    found, people = _chosen(store, args)
    waves.require_copy(found.terms)
    rendered = [(one, waves.script(store, found, one)) for one in people]
    if args.json:
        show_json([
            {"id": one.id, "name": one.name, "script": made.text if made and made.complete else None,
             "missing": list(made.missing) if made else [], "wrong": made.wrong if made else ""}
            for one, made in rendered
        ])  # fmt: skip
        return 0
    for one, made in rendered:
        say(f"── {printable(one.name or one.ref)} ──")
        if made is None:
            say(_("Nothing is written for them: set copy_first, and copy_all for those who follow."))
        elif made.complete:
            for line in made.text.splitlines():
                say(printable(line))
        else:
            names = ", ".join(made.missing)
            say(printable(made.wrong or _("It can't be sent: nobody knows {names} of them.").format(names=names)))
        say()
    if not people:
        say(_nobody(found))
    _say_without(found, [one.name or one.ref for one in people if not one.code])
    return 0 if all(made and made.complete for _one, made in rendered) else 1


def _qr(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    found = waves.campaign(store, campaign_id)
    one = participants.get(store.reader(), taking_part.find(store, campaign_id, args.who))
    link = waves.link(found, one)
    if args.out is not None:
        target = args.out.expanduser()
        kinds = {".png": qr.png, ".svg": qr.svg}
        if target.suffix.lower() not in kinds:
            raise UsageError(_("A QR code is written as .png or .svg: name the file so."))
        writing.require_new(args, target)
        export.write_bytes(target, kinds[target.suffix.lower()](link))
        return answer(args, {"file": str(target), "link": link}, _("{path} is written.").format(path=target))
    if args.json:
        show_json({"link": link, "modules": [[int(module) for module in row] for row in qr.modules(link)]})
        return 0
    for line in qr.half_blocks(link, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")):
        say(line)
    say(printable(link))
    return 0


def _poster(store: Store, args: Namespace) -> int:
    found, people = _chosen(store, args)
    if not people:
        raise UsageError(_nobody(found))
    if without := [one for one in people if not one.code]:
        if len(without) == len(people):
            waves.link(found, without[0])  # says that they have none
        people = [one for one in people if one.code]
    folder: Path = args.out.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(_("{path} can't be written: {reason}.").format(path=folder, reason=error.strerror)) from error
    files = []
    for one in people:
        poster = waves.poster(found, one, args.words)
        target = folder / f"{_file_name(one)}.{'png' if args.png else 'svg'}"
        export.write_bytes(target, posters.png(poster) if args.png else posters.svg(poster).encode())
        files.append(str(target))
    text = ngettext("{path}: {n} poster.", "{path}: {n} posters.", len(files))
    answer(args, {"files": files}, text.format(path=folder, n=len(files)))
    _say_without(found, [one.name or one.ref for one in without])
    return 1 if args.who and without else 0


def _consent(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    people = [taking_part.find(store, campaign_id, text) for text in args.who]
    n, problems = acts.show(store, people, args.shown, changes.me())
    for problem in problems:
        warn(_("The leaderboard of '{campaign}' was not published: {reason}").format_map(problem._asdict()))
    text = ngettext("{n} person: {shown}.", "{n} people: {shown}.", n).format(n=n, shown=args.shown)
    answer(args, {"changed": n, "shown": args.shown}, text)
    if not args.json:
        say_same_person(store, people)
    return 0


ACTS: Mapping[str, Callable[[Store, Namespace], int]] = {
    "start": _start,
    "codes": _codes,
    "links": _links,
    "scripts": _scripts,
    "qr": _qr,
    "poster": _poster,
    "consent": _consent,
}


def _nobody(found: Campaign) -> str:
    text = _("Nobody takes part yet. Begin a wave: kolbench campaign start {id} --from-brief BRIEF")
    return text.format(id=found.id)


def _say_without(found: Campaign, names: Sequence[str]) -> None:
    """Say on stderr who has no code in use, the first of them by name, and how they get one."""
    if not names:
        return
    told = naming.few(names, NAMED)
    text = ngettext(
        "{n} person has no code in use ({names}). Give them one: kolbench campaign codes {id} --give WHO",
        "{n} people have no code in use ({names}). Give them one: kolbench campaign codes {id} --give WHO",
        len(names),
    )
    warn(printable(text.format(n=f"{len(names):,}", names=told, id=found.id)))


def _chosen(store: Store, args: Namespace, who: Sequence[str] | None = None) -> tuple[Campaign, list[Participant]]:
    """The campaign and those of its people who are meant: all of them, of one wave, or those who are named."""
    found, wave_id = _campaign(store, args)
    if names := args.who if who is None else who:
        db = store.reader()
        ids = dict.fromkeys(taking_part.find(store, found.id, text) for text in names)
        return found, [participants.get(db, one) for one in ids]
    return found, participants.listed(store.reader(), found.id, wave_id)


def _campaign(store: Store, args: Namespace) -> tuple[Campaign, int | None]:
    """The campaign, and the id of the wave that is meant, if one is."""
    found = waves.campaign(store, campaigns.find(store, args.campaign))
    if args.wave is None:
        return found, None
    wave_id = next((wave.id for wave in found.waves.values() if wave.no == args.wave), None)
    if wave_id is None:
        raise UsageError(_("There is no wave {n} yet.").format(n=args.wave))
    return found, wave_id


def _everybody(store: Store, campaign_id: int, wave_id: int | None) -> Iterator[Participant]:
    """Everybody of a campaign or a wave, some at a time: there may be millions."""
    for start in count(0, PAGE):
        page = participants.listed(store.reader(), campaign_id, wave_id, start, PAGE)
        yield from page
        if len(page) < PAGE:
            return


def _facts(found: Campaign, one: Participant) -> dict[str, Any]:
    return {
        "id": one.id,
        "creator_id": one.creator_id,
        "name": one.name,
        "ref": one.ref,
        "wave": _wave(found, one),
        "code": one.code,
        "shown": one.shown,
        "joined_at": None if one.joined_at is None else iso(one.joined_at),
        "link": _link(found, one),
    }


def _wave(found: Campaign, one: Participant) -> int | None:
    wave = found.waves.get(one.wave_id or 0)
    return wave.no if wave else None


def _link(found: Campaign, one: Participant) -> str | None:
    return waves.link(found, one) if one.code and found.terms.landing_url else None


def _file_name(one: Participant) -> str:
    """A file's name on any system: the code, and what of the name is letters and digits."""
    name = re.sub(r"[^\w\-]+", "_", one.name or "", flags=re.UNICODE).strip("_")[:40]
    return f"{re.sub(r'[^A-Z0-9]', '_', one.code or str(one.id))}-{name}" if name else one.code or str(one.id)
