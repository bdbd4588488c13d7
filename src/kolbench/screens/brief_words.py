"""The words of briefs as an operator reads them: purposes, languages, states of candidates, supply and demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.words import said
from kolbench.widgets.cells import compact, day

if TYPE_CHECKING:
    from kolbench.analysis.rhythm import Rhythm

PURPOSES = {
    "acquire": N_("acquire"),
    "activate": N_("activate"),
    "convert": N_("convert"),
}

MEANINGS = {
    "acquire": N_("people who don't know us yet hear of us"),
    "activate": N_("those who know us take part"),
    "convert": N_("those who take part buy"),
}

LANGUAGES = {
    "zh": N_("Chinese"),
    "ja": N_("Japanese"),
    "ko": N_("Korean"),
    "latin": N_("Latin script"),
    "cyrillic": N_("Cyrillic script"),
    "arabic": N_("Arabic script"),
    "thai": N_("Thai"),
    "devanagari": N_("Devanagari"),
}

PIPELINE = {
    "undecided": N_("undecided"),
    "shortlisted": N_("shortlisted"),
    "rejected": N_("rejected"),
    "contacted": N_("contacted"),
    "agreed": N_("agreed"),
    "active": N_("active"),
}

VERDICTS = {
    "more": N_("more creators"),
    "fewer": N_("fewer creators"),
    "other": N_("other creators"),
    "enough": N_("as it is"),
    "silent": N_("silent"),
    "unknown": N_("too little is known"),
}

SUBJECTS = {"topic": N_("topic"), "community": N_("community"), "source": N_("source")}


def bound(field: str, least: int) -> str:
    """What a filter demands at least: ``active`` in days, anything else per cent."""
    if field == "active":
        return ngettext("within {n} day", "within {n} days", least).format(n=least)
    return _("at least {share}").format(share=f"{least}%")


def between(least: int | None, most: int | None) -> str:
    """The numbers that a filter is about, exactly, as they can be typed again: ``10K–1M``, ``≥5万``; none: empty."""
    if least is None or most is None:
        return f"≥{_exact(least)}" if least is not None else f"≤{_exact(most)}" if most is not None else ""
    return f"{_exact(least)}–{_exact(most)}"


def _exact(number: int) -> str:
    from kolbench.domain.numbers import parse_count

    short = compact(number)
    try:
        found = parse_count(short)
    except ValueError:  # nobody has a million million followers
        found = None
    return short if found is not None and found.value == number else f"{number:,}"


def needed(one: Rhythm) -> str:
    """What a subject needs now; of one that is silent since when, or what it needed while somebody talked of it."""
    if one.silent_since is None:
        return said(VERDICTS, one.verdict)
    since = day(one.silent_since)
    if one.verdict == "silent":
        return _("silent since {day}").format(day=since)
    return _("until {day}: {what}").format(day=since, what=said(VERDICTS, one.verdict))
