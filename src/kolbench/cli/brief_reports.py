"""How a brief goes: where more, fewer or other creators are needed, and from where those came who work with us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli.output import Column, fields, plain, printable, say, show_json, show_table, warn
from kolbench.domain.clock import iso, now
from kolbench.domain.lang import _, ngettext
from kolbench.screens.brief_words import SUBJECTS, needed
from kolbench.screens.words import said
from kolbench.store import briefs, lessons
from kolbench.widgets.cells import day, percent

if TYPE_CHECKING:
    from argparse import Namespace

    from kolbench.analysis.grounds import Ground
    from kolbench.analysis.rhythm import Rhythm
    from kolbench.store.connect import Store


MOST_WORDS = 5
"""Words of a topic that are named at the most."""


def tell_unscored(store: Store, brief_id: int) -> None:
    """Say on stderr where a list can't be that of the newest version of a brief yet."""
    if (row := briefs.row(store, brief_id)).scored != row.version:
        text = _("Version {version} of {name} is not scored to the end: kolbench brief score {id}")
        warn(printable(text.format(version=row.version, name=row.name, id=row.id)))


def tell_unmatched(store: Store, brief_id: int) -> None:
    """Say on stderr where nobody has a word of the brief, so that its list says nothing of who fits it."""
    from kolbench.analysis import candidacy

    if words := candidacy.unmatched(store, brief_id):
        text = _(
            "Nobody has a name, bio, work or message with its words ({words}), so all rank by the rest of the score."
            " Choose others: kolbench brief edit {id} --keyword WORD"
        )
        named = _(", ").join([*words[:MOST_WORDS], *(["…"] if words[MOST_WORDS:] else [])])
        warn(printable(text.format(words=named, id=brief_id)))


def tell_why_nobody(store: Store, brief_id: int) -> None:
    """Say on stderr why the list of a brief is empty, and what to loosen; nothing where it isn't scored yet."""
    from kolbench.analysis import candidacy

    if briefs.row(store, brief_id).scored == 0:
        return
    found = candidacy.reasons(store, brief_id)
    if not found.people:
        text = _("Nobody is known yet: kolbench import FILE, or kolbench sync")
    elif found.meant:
        text = _("The brief means {meant}, and leaves all of them out, as kolbench brief show {id} says.")
    else:
        text = _("Of {people}, these alone would leave so many: {conditions}. Loosen them: kolbench brief edit {id}")
    labels = {"platforms": _("platforms"), "tiers": _("sizes"), "languages": _("languages"), "regions": _("regions")}
    warn(
        text.format(
            id=brief_id,
            people=_people(found.people),
            meant=_people(found.meant),
            conditions=", ".join(f"{labels[name]} {n:,}" for name, n in found.alone.items()),
        )
    )


def _people(n: int) -> str:
    return ngettext("{n} person", "{n} people", n).format(n=f"{n:,}")


def say_lessons(store: Store) -> None:
    """Say what was learnt from campaigns, the newest first; nothing where nothing was."""
    for one in lessons.listed(store, limit=lessons.SHOWN):
        text = _("Learnt from '{campaign}': {text}")
        say(printable(text.format(campaign=one.campaign, text=" ".join(one.text.split()))))


def show_rhythm(store: Store, args: Namespace, brief_id: int) -> int:
    """Print supply and demand of each topic and community."""
    from kolbench.analysis import rhythm

    found = list(rhythm.rhythm(store, brief_id, args.weeks, last=args.last))
    row = briefs.row(store, brief_id)
    if args.json:
        facts = {**fields(row), "weeks": args.weeks, "definition": rhythm.VERSION}
        show_json({**facts, "subjects": [_subject(one) for one in found]})
        return 0
    text = _("{name}: supply and demand a week, over the {n} weeks from {first} to {today}")
    today = now()
    dates = {"first": day(today - args.weeks * rhythm.WEEK), "today": day(today)}
    say(printable(text.format(name=row.name, n=args.weeks, **dates)))
    show_table(
        (
            Column(_("kind")),
            Column(_("subject"), yields=True),
            Column(_("needs")),
            Column(_("Creators").lower(), "right"),
            Column(_("works"), "right"),
            Column(_("people"), "right"),
            Column(_("people a creator"), "right"),
            Column(_("without reaction"), "right"),
            Column(_("unanswered"), "right"),
            Column(_("from")),
            Column(_("until")),
        ),
        (
            (
                said(SUBJECTS, one.kind),
                one.name,
                needed(one),
                f"{one.creators:.1f}",
                f"{one.works:.1f}",
                _number(one.people),
                _number(one.crowd),
                _of(one.idle, one.weeks),
                _of(one.unanswered, one.questions),
                day(one.window.start) if one.window else "",
                day(one.window.stop - 1) if one.window else "",
            )
            for one in found
        ),
    )
    if not found:
        say(_("The brief names no keywords, and there are no communities."))
    if not args.last and any(one.silent_since is not None for one in found):
        text = _("What was so when somebody last talked of it: kolbench brief rhythm {id} --last")
        say(text.format(id=brief_id))
    return 0


def show_grounds(store: Store, args: Namespace, brief_id: int) -> int:
    """Print the yield of each source and community."""
    from kolbench.analysis import grounds

    found = grounds.grounds(store, brief_id)
    row = briefs.row(store, brief_id)
    if args.json:
        window = {"first_decision_at": found.first_at, "last_decision_at": found.last_at, "as_of_at": now()}
        show_json({**fields(row), **plain(window), "grounds": [_ground(one) for one in found.grounds]})
        return 0
    text = _("{name}, as of {today}: nothing was decided yet")
    if found.first_at is not None:
        text = _("{name}, as of {today}: decided between {first} and {last}")
    dates = {"today": day(now()), "first": day(found.first_at), "last": day(found.last_at)}
    say(printable(text.format(name=row.name, **dates)))
    show_table(
        (
            Column(_("kind")),
            Column(_("place"), yields=True),
            Column(_("seen"), "right"),
            Column(_("shortlisted"), "right"),
            Column("", "right"),
            Column(_("agreed"), "right"),
            Column("", "right"),
            Column(_("active"), "right"),
            Column("", "right"),
        ),
        (
            (
                said(SUBJECTS, one.kind),
                one.name,
                f"{one.seen:,}",
                f"{one.shortlisted:,}",
                percent(one.shares[0]),
                f"{one.agreed:,}",
                percent(one.shares[1]),
                f"{one.active:,}",
                percent(one.shares[2]),
            )
            for one in found.grounds
        ),
    )
    if not found.grounds:
        say(_("The brief means nobody yet. Rank everybody by it: kolbench brief score {id}").format(id=brief_id))
    return 0


def _subject(one: Rhythm) -> dict[str, Any]:
    window = {"from": iso(one.window.start), "until": iso(one.window.stop)} if one.window else None
    return {**one._asdict(), "window": window, "silent_since": one.silent_since and iso(one.silent_since)}


def _ground(one: Ground) -> dict[str, Any]:
    names = ("shortlisted_of_seen", "agreed_of_shortlisted", "active_of_agreed")
    return {**one._asdict(), **dict(zip(names, one.shares))}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _of(share: float | None, n: int) -> str:
    """A share with what it is of; empty where that is nothing."""
    return "" if share is None else _("{share} of {n}").format(share=percent(share), n=f"{n:,}")
