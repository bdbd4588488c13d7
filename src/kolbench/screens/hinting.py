"""What the comparison of "on ours" and "elsewhere" says to do, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import _
from kolbench.programme.compare import usual
from kolbench.screens.file_words import NEEDS
from kolbench.screens.words import said

if TYPE_CHECKING:
    from kolbench.programme.compare import Comparison
    from kolbench.programme.offers import Match


def told(comparison: Comparison) -> list[str]:
    """The hint, a sentence each; nothing where there is none."""
    hint = comparison.hint
    if hint is None:
        return []
    if hint.kind == "outdated":
        return [_("What is known of one side ends long before the other: sync or import before you compare.")]
    here, elsewhere = comparison.here, comparison.elsewhere
    text = _("Quiet everywhere: ask how they are before you ask for anything.")
    if hint.kind == "quiet_here":
        text = _("Active elsewhere, quiet here: {posts} works there, {messages} messages here (usual: {usual}).")
    lines = [
        text.format(
            posts=elsewhere[0].posts,
            messages=here[0].messages,
            usual=round(usual([window.messages for window in here[1:]])),
        )
    ]
    if hint.kind == "quiet_here":
        lines += map(_incentive, hint.matches)
        if not hint.matches:
            lines.append(_("Nothing is known of what they need: ask them, and write it down."))
    return lines


def _incentive(match: Match) -> str:
    need = said(NEEDS, match.need.kind)
    if not match.offers:
        return _("They need {need}, for which we offer nothing yet.").format(need=need)
    names = ", ".join(offer.name for offer in match.offers)
    return _("They need {need}: look at {names}.").format(need=need, names=names)
