"""The words of briefs as an operator reads them: purposes, languages, states of candidates, supply and demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.words import LABELS, PLATFORMS, TIERS, said
from kolbench.widgets.cells import compact, day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.analysis.rhythm import Rhythm
    from kolbench.store.filters import Filter

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


def chips(shown: Filter, names: Mapping[str, str], *, of_brief: bool) -> Iterable[str]:
    """What a list is narrowed by, in a word or two each; ``names`` are of what the filter names by its id."""
    if shown.text:
        yield f"“{shown.text}”"
    for words, value in ((PLATFORMS, shown.platform), (TIERS, shown.tier), (LABELS, shown.kind)):
        if value:
            yield said(words, value)
    if shown.state and of_brief:
        yield said(PIPELINE, shown.state)
    if shown.owner:
        yield _("owner: {name}").format(name=shown.owner)
    if shown.tag:
        yield f"#{shown.tag}"
    if shown.followers_from is not None or shown.followers_to is not None:
        yield f"{between(shown.followers_from, shown.followers_to)} " + _("followers")
    if shown.language:
        yield said(LANGUAGES, shown.language)
    yield from filter(None, (shown.region, shown.category))
    bounds = (
        ("active", _("active"), shown.active_days),
        ("known", _("known"), shown.known_from),
        ("fit", _("fit"), shown.fit_from if of_brief else None),
    )
    for field, word, least in bounds:
        if least is not None:
            yield f"{word} {bound(field, least)}"
    for key, place in (("community", shown.community_id), ("source", shown.source_id)):
        if place is not None:
            yield names.get(key, str(place))


def needed(one: Rhythm) -> str:
    """What a subject needs now; of one that is silent since when, or what it needed while somebody talked of it."""
    if one.silent_since is None:
        return said(VERDICTS, one.verdict)
    since = day(one.silent_since)
    if one.verdict == "silent":
        return _("silent since {day}").format(day=since)
    return _("until {day}: {what}").format(day=since, what=said(VERDICTS, one.verdict))
