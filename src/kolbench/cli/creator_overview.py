"""What ``kolbench creator show`` tells as a person's file does: where they stand, what is next, what they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli.agreement import told_agreement
from kolbench.cli.output import fields, plain, printable, say
from kolbench.domain.incentives import POINTS, Amount
from kolbench.domain.lang import _
from kolbench.programme.rule_sets import title
from kolbench.screens import overview_words
from kolbench.screens.file_words import INCENTIVES
from kolbench.screens.telling import LADDERS
from kolbench.screens.words import CHANNELS, said
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kolbench.programme.overview import Overview
    from kolbench.store.creators import Account
    from kolbench.store.ladders import Ladder
    from kolbench.store.notes import Note


def told_accounts(found: Overview, accounts: Iterable[Account]) -> list[dict[str, Any]]:
    """Accounts with their newest number of followers, how exact that is, and when it was seen; for programs."""
    told = []
    for account in accounts:
        seen = found.followers.get(account.id)
        newest = {
            "followers": seen and seen.value,
            "followers_pm": seen and seen.plus_minus,
            "followers_at": seen and seen.observed_at,
        }
        told.append({**fields(account), **plain(newest)})
    return told


def told_overview(found: Overview) -> dict[str, Any]:
    """All of it for programs; what there is none of is null."""
    scored = found.scored
    return {
        "label": scored and scored.kind,
        "authority": scored and scored.authority_score,
        "authenticity": scored and scored.authenticity_score,
        "score": scored and scored.score,
        "confidence": scored and scored.confidence,
        "stage": _told_rung(found, "stage"),
        "grade": _told_rung(found, "grade"),
        "next_step": fields(found.waiting[0]) if found.waiting else None,
        "follow_ups": [fields(row) for row in found.waiting],
        "last_contact": found.touched and fields(found.touched),
        "agreements": [told_agreement(one) for one in found.agreements],
        "points": found.points,
        "incentives": [fields(one) for one in found.entries],
        "violations": [fields(one) for one in found.violations],
        "acknowledgements": [fields(one) for one in found.acknowledged],
    }


def show_standing(found: Overview) -> None:
    """Print how somebody scores, and which stage and grade they have."""
    if (scored := found.scored) is not None:
        _line(_("Label"), overview_words.label(scored))
        _line(_("Score"), f"{scored.score:.1f} · {overview_words.known(scored)}")
    for ladder, event in found.rungs.items():
        since = _("since {day}").format(day=day(event.since_at))
        _line(_(LADDERS[ladder]), f"{overview_words.rung(found.rules, ladder, event)} · {since}", event.reason)


def show_ours(found: Overview) -> None:
    """Print what is next and what was last, a line each, and what they have with us."""
    for place, row in enumerate(found.waiting):
        due = _("due on {day}").format(day=day(row.due_at))
        _line(_("Then") if place else _("Next step"), f"{row.title} · {due}", row.why)
    if not found.waiting:
        _line(_("Next step"), _("no follow-up is open"))
    if (touched := found.touched) is not None:
        _line(_("Last contact"), _by(overview_words.contact(touched), touched.author, touched.at))
    else:
        _line(_("Last contact"), _("none yet"))
    for agreed in found.agreements:
        _line(_("Agreement"), overview_words.agreement(agreed))
    if found.points is not None:
        _line(_("Balance"), str(Amount(found.points, POINTS)))
    for entry in found.entries:
        kind = said(INCENTIVES, entry.kind)
        if entry.reversal_of is not None:
            kind = _("{what}, reversed").format(what=kind)
        _line(kind, _by(overview_words.entry(entry), entry.author, entry.at))
    for broken in found.violations:
        followed = overview_words.followed(found.rules, broken)
        _line(_("Violation"), overview_words.violation(broken), followed, day(broken.happened_at))
    for known in found.acknowledged:
        text = " · ".join((_("knows version {n}").format(n=known.version), said(CHANNELS, known.channel)))
        _line(_("Rules"), _by(text, known.author, known.said_at))


def show_notes(found: Iterable[Note]) -> None:
    """Print notes, the newest first."""
    for note in found:
        _line(_("Note"), _by(note.text, note.author, note.at))


def _told_rung(found: Overview, ladder: Ladder) -> dict[str, Any] | None:
    event = found.rungs.get(ladder)
    return event and {**fields(event), "title": title(found.rules, ladder, event.name)}


def _by(text: str, author: str, at: int) -> str:
    return _("{what} ({author}, {day})").format(what=text, author=author, day=day(at))


def _line(what: str, *told: str | None) -> None:
    text = " · ".join(part for part in told if part)
    say(printable(_("{what}: {more}").format(what=what, more=text)))
