"""``kolbench campaign new …``: what a campaign is for, until when, and what it pays."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.cli import editing
from kolbench.cli.campaign_figures import of_campaign
from kolbench.cli.output import Column, answer, fields, plain, printable, say, show_found, show_json, show_table, warn
from kolbench.cli.parser import whole
from kolbench.domain import campaigns as written
from kolbench.domain import lawful, targets
from kolbench.domain.campaign_doubts import doubts
from kolbench.domain.clock import to_ms
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme import zones
from kolbench.programme.campaigns import acts
from kolbench.programme.campaigns.terms_file import applied, checked, from_toml, read_toml, to_toml
from kolbench.screens.campaign.words import FIGURE_NAMES, STATES
from kolbench.screens.words import said
from kolbench.store import campaigns, changes, conversions, participants
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Sequence

    from kolbench.cli.parser import Actions
    from kolbench.domain.campaigns import Terms
    from kolbench.store.connect import Store


def add(actions: Actions) -> None:
    """Add the actions and their arguments."""
    new = actions.add("new", _("Write a campaign: what it is for, until when, and what a sale earns"))
    new.add_argument("name", metavar="NAME", nargs="?", help=_("what to call it; with --file, instead of its name"))
    _add_settings(new)
    edit = of_campaign(
        actions, "edit", _("Change a campaign, which makes a new version; without options in your editor")
    )
    _add_settings(edit)
    since = _("in force for what happens from this day or moment on; 'start' is from the beginning (now)")
    edit.add_argument("--since", metavar="WHEN", help=since)
    edit.add_argument(
        "--base", metavar="N", type=whole(1), help=_("the version you began with: save only if it is the newest")
    )
    listed = actions.add("list", _("List the campaigns"))
    listed.add_argument("--archived", action="store_true", help=_("those in the archive instead"))
    show = of_campaign(actions, "show", _("Show a campaign: its terms and versions, and what has come in"))
    show.add_argument("--toml", action="store_true", help=_("as a file that --file reads"))
    show.add_argument("--version", metavar="N", type=whole(1), help=_("an earlier version"), dest="number")
    check = actions.add("check", _("Check a file, name every mistake in it, and say what the law may say"))
    check.add_argument("file", metavar="FILE", type=Path, help=_("a TOML file (-: the standard input)"))
    of_campaign(actions, "archive", _("Put a campaign away, with all that was sold in it"))
    of_campaign(actions, "restore", _("Take a campaign out of the archive"))


def _add_settings(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--file", metavar="PATH", type=Path, help=_("begin with the campaign in this TOML file; - is stdin")
    )
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=_setting,
        action="append",
        dest="settings",
        help=_("a setting as 'campaign show --toml' names it, such as levels=10%%,3%%; may be given again"),
    )


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(_("write NAME=VALUE, not '{text}'").format(text=text))
    return name.strip(), value.strip()


def _new(store: Store, args: Namespace) -> int:
    name = {"name": args.name} if args.name else {}
    terms = _told(args, {**name, "time_zone": zones.named_here() or "UTC"} if name else {}, name)
    campaign_id = campaigns.save(store, terms, changes.me())
    return _say_saved(store, args, campaign_id, changed=True)


def _edit(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    known = campaigns.versions(store.reader(), campaign_id)[0]
    base = args.base or known.version

    def save(terms: Terms) -> int:
        since = _moment(args.since, terms)
        return acts.save(store, terms, changes.me(), campaign_id, base=base, from_at=since)

    if args.file is not None or args.settings or args.since is not None:
        save(_told(args, written.plain(known.terms), {}))
    else:
        editing.require_terminal(args, editing.by_options())
        editing.edited(to_toml(known.terms, explained=True), lambda text: save(from_toml(text, _("your text"))))
    newest = campaigns.versions(store.reader(), campaign_id)[0]
    return _say_saved(store, args, campaign_id, changed=newest.version != known.version)


def _told(args: Namespace, facts: dict[str, Any], over: dict[str, Any]) -> Terms:
    """The terms that ``--file`` holds, else ``facts``, with what the options and ``over`` say instead."""
    if args.file is None:
        if not facts:
            raise UsageError(_("Give the campaign a name: kolbench campaign new NAME"))
        return checked(applied(facts, args.settings or ()))
    return read_toml(args.file, lambda inside: {**applied(inside, args.settings or ()), **over})


def _moment(text: str | None, terms: Terms) -> int | None:
    """From when on a version is in force; None: from now on. Raises UsageError."""
    if text is None:
        return None
    if text.strip() == "start":
        return 0
    try:
        return to_ms(parse_moment(text, written.zone(terms.time_zone)))
    except ValueError as error:
        raise UsageError(_("'{text}': {error}").format(text=text, error=error)) from None


def _say_saved(store: Store, args: Namespace, campaign_id: int, *, changed: bool) -> int:
    newest = campaigns.versions(store.reader(), campaign_id)[0]
    row = campaigns.row(store, campaign_id)
    if args.json:
        show_json({**fields(row), "changed": changed, "warnings": [*newest.warned, *doubts(newest.terms)]})
        return 0
    if not changed:
        say(printable(_("{name}: nothing was changed.").format(name=row.name)))
        return 0
    say(printable(_("{name}: version {version} is saved.").format(name=row.name, version=row.version)))
    if not campaigns.waves(store.reader(), campaign_id):
        say(_("Begin its first wave: kolbench campaign start {id} --from-brief BRIEF").format(id=row.id))
    _warn(newest.warned, newest.terms)
    return 0


def _warn(lawful: Iterable[str], terms: Terms) -> None:
    for warning in (*lawful, *doubts(terms)):
        warn(warning)


def _list(store: Store, args: Namespace) -> int:
    return show_found(
        args,
        campaigns.listed(store, archived=args.archived),
        (
            Column(_("number"), "right"),
            Column(_("campaign"), yields=True),
            Column(_("version"), "right"),
            Column(_("people"), "right"),
            Column(_("conversions"), "right"),
            Column(_("changed")),
            Column(_("by"), yields=True),
        ),
        lambda row: (
            row.id,
            row.name,
            row.version,
            f"{row.participants:,}",
            f"{row.conversions:,}",
            day(row.at),
            row.author,
        ),
        empty=_("There is no campaign yet. Write one: kolbench campaign new NAME"),
    )


def _show(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    terms = campaigns.terms(store, campaign_id, args.number)
    if args.toml:
        say(to_toml(terms).rstrip())
        return 0
    db = store.reader()
    versions, waves = campaigns.versions(db, campaign_id), campaigns.waves(db, campaign_id)
    states = conversions.states(db, campaign_id)
    first = [one for wave in waves for one in participants.listed(db, campaign_id, wave.id)]
    share = targets.by_person(terms, len(first))
    if args.json:
        show_json(
            {
                **fields(campaigns.row(store, campaign_id)),
                "terms": written.plain(terms),
                "warnings": [*lawful.warnings(terms), *doubts(terms)],
                "target_by_day": {str(one): amount for one, amount in targets.by_day(terms)},
                "target_by_person": {one.ref: amount for one, amount in zip(first, share)},
                "versions": [plain({**one._asdict(), "terms": written.plain(one.terms)}) for one in versions],
                "waves": [fields(one) for one in waves],
                "states": states,
                "quarantine": conversions.reasons(db, campaign_id),
            }
        )
        return 0
    say(printable(terms.name))
    for title, value in _facts(terms, share).items():
        if value:
            say(printable(f"  {title}: {value}"))
    for wave in waves:
        say(printable(f"  {wave.name}" + (f" ({day(wave.moment_at)})" if wave.moment_at else "")))
    told = ", ".join(f"{said(STATES, state)} {n:,}" for state, n in states.items())
    say(printable(f"  {_('conversions')}: {told or '–'}"))
    show_table(
        (Column(_("version"), "right"), Column(_("in force from")), Column(_("saved")), Column(_("by"), yields=True)),
        (
            (
                one.version,
                _("the start") if one.version == 1 or not one.from_at else day(one.from_at),
                day(one.at),
                one.author,
            )
            for one in versions
        ),
    )
    _warn(lawful.warnings(terms), terms)
    return 0


def _facts(terms: Terms, share: Sequence[int] = ()) -> dict[str, str]:
    target = terms.target

    def amount(n: int) -> str:
        return targets.planned(terms, n) + (f" {terms.currency}" if target.figure == "revenue" else "")

    days = [n for _day, n in targets.by_day(terms)]
    caps = [text for text in (terms.cap_per_person, terms.cap_per_order) if text]
    return {
        _("positioning"): terms.positioning,
        _("for whom"): terms.audience,
        _("what it is"): terms.outline,
        _("benefit"): terms.benefit,
        _("target"): f"{amount(targets.goal(terms))} ({said(FIGURE_NAMES, target.figure)})" if target.amount else "",
        _("of it, each of {n} people in waves").format(n=len(share)): amount(share[0]) if share else "",
        _("of it, each of {n} days").format(n=len(days)): _amounts(days, amount) if days else "",
        _("days"): f"{terms.starts or '…'} – {terms.ends or '…'} ({terms.time_zone})",
        _("link"): terms.landing_url,
        _("a sale earns"): ", ".join(terms.levels),
        _("caps"): ", ".join(caps),
        _("of equals"): _("the earlier one is before") if terms.tie_rule == "earlier" else _("both share the rank"),
        _("the buyer gets"): terms.referee.reward,
        _("attribution"): _("{how}, {n} days").format(how=terms.attribution, n=terms.window_days),
        _("paid after"): _("{n} days").format(n=terms.hold_days),
        _("refunds count for"): _("{n} days").format(n=terms.refund_days),
        _("excluded"): ", ".join(terms.exclusions),
        _("script of the first wave"): terms.copy_first,
        _("script of everybody else"): terms.copy_all,
    }


def _amounts(days: Sequence[int], amount: Callable[[int], str]) -> str:
    """The targets of days: one where they are alike, else the least and the most."""
    least, most = min(days), max(days)
    return amount(least) if least == most else f"{amount(least)} – {amount(most)}"


def check_file(args: Namespace) -> int:
    """Check a file of terms; needs no store."""
    terms = read_toml(args.file)
    if args.json:
        told = [*lawful.warnings(terms), *doubts(terms)]
        show_json({"terms": written.plain(terms), "warnings": told})
        return 0
    say(
        printable(_("{name} can be saved: kolbench campaign new --file {path}").format(name=terms.name, path=args.file))
    )
    _warn(lawful.warnings(terms), terms)
    return 0


def _archive(store: Store, args: Namespace) -> int:
    return _set_archived(store, args, _("{name} is in the archive."), archived=True)


def _restore(store: Store, args: Namespace) -> int:
    return _set_archived(store, args, _("{name} is in use."), archived=False)


def _set_archived(store: Store, args: Namespace, text: str, *, archived: bool) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    campaigns.archive(store, campaign_id, changes.me(), archived=archived)
    row = campaigns.row(store, campaign_id)
    return answer(args, fields(row), text.format(name=row.name))


ACTS: dict[str, Callable[[Store, Namespace], int]] = {
    "new": _new,
    "edit": _edit,
    "list": _list,
    "show": _show,
    "archive": _archive,
    "restore": _restore,
}
