"""What comparisons say in words: figures with their errors, what they were counted from, how much rests on few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _, ngettext
from kolbench.widgets.cells import day, near, percent, separated

if TYPE_CHECKING:
    from kolbench.analysis.concentration import Concentration
    from kolbench.analysis.overlap import Figure, Overlap

MATRIX = 16
"""So many creators at most are compared each with each in columns."""

VERDICTS = {
    "dispersed": N_("dispersed"),
    "moderate": N_("moderately concentrated"),
    "concentrated": N_("highly concentrated"),
}


def whole(figure: Figure) -> str:
    """A number of people: ``1,234``, or ``≈1,230 ± 40`` where it was estimated."""
    text = separated(round(figure.value))
    return f"{near(1)}{text} ± {separated(round(figure.error))}" if figure.error else text


def part(figure: Figure | None) -> str:
    """A part of people: ``12.3%``, or ``≈12.3% ± 0.4%`` where it was estimated; nothing for None."""
    if figure is None:
        return ""
    return f"{near(1)}{percent(figure.value)} ± {percent(figure.error)}" if figure.error else percent(figure.value)


def whose(found: Overlap) -> str:
    """Who is in the audiences, and until when or in which window that was seen."""
    if found.ties.by == "followers":
        return _("Audience: followers known by {date}").format(date=day(found.ties.stop - 1))
    if days := found.ties.days:
        text = ngettext(
            "Audience: who did anything towards them in the {n} day up to the last time anybody did, {stop} at most",
            "Audience: who did anything towards them in the {n} days up to the last time anybody did, {stop} at most",
            days,
        )
        return text.format(n=days, stop=day(found.ties.stop - 1))
    if not found.ties.start:
        return _("Audience: whoever did anything towards them up to {stop}").format(stop=day(found.ties.stop - 1))
    text = _("Audience: whoever did anything towards them, {start} to {stop}")
    return text.format(start=day(found.ties.start), stop=day(found.ties.stop - 1))


def common(found: Overlap) -> dict[frozenset[int], str]:
    """The part of the smaller audience that is in the other, of each two; nothing where there are too many."""
    if len(found.creators) > MATRIX:
        return {}
    return {frozenset((pair.one, pair.other)): part(found.part(pair.both, pair.smaller)) for pair in found.pairs}


def exactness(found: Overlap) -> str:
    """Whether the figures are exact, or how large the sample was."""
    if found.exact:
        return _("exact: all people were compared")
    return _("estimated from {share} of all people, ± standard error").format(share=percent(found.share))


def together(found: Overlap) -> str:
    """The real reach beside the sum of the audiences."""
    text = _("Together they reach {reached}, each person counted once; their audiences add up to {total}.")
    total = sum(round(found.whole(one.people).value) for one in found.creators)
    return text.format(reached=whole(found.whole(found.reached)), total=near(not found.exact) + separated(total))


def nobody(found: Overlap) -> str:
    """What to do where nobody is known to be in any of the audiences."""
    if found.ties.by == "followers":
        return _("No follower of theirs is known. Sync a source that tells who follows whom, or compare who engaged.")
    return _("Nobody is known to have done anything towards them. Import chats or sync posts, or compare followers.")


def resting(found: Concentration) -> str:
    """How much of a whole rests on few people."""
    text = _("Concentration: HHI {hhi} ({verdict}), as if {n} people shared it equally; Gini {gini}.")
    equals, verdict = f"{found.effective:,.1f}", _(VERDICTS[found.verdict])
    return text.format(hhi=f"{found.hhi:,.0f}", verdict=verdict, n=equals, gini=f"{found.gini:.2f}")


def resting_shortly(found: Concentration) -> str:
    """The same in few words."""
    return _("{verdict}: HHI {hhi}, Gini {gini}").format(
        verdict=_(VERDICTS[found.verdict]), hhi=f"{found.hhi:,.0f}", gini=f"{found.gini:.2f}"
    )
