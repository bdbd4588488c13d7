"""What can be saved as a campaign's terms, and may still be a slip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain import money
from kolbench.domain.campaigns import rate
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from kolbench.domain.campaigns import Terms


def doubts(terms: Terms) -> list[str]:
    """Each of them in plain words."""
    told = []
    if terms.hold_days < terms.refund_days:
        text = _("What is paid after {hold} days can be taken back for {refund}: set hold_days to no fewer.")
        told.append(text.format(hold=terms.hold_days, refund=terms.refund_days))
    if terms.currency in money.EXPONENTS and not any(any(rate(one, terms.currency)) for one in terms.levels):
        told.append(_("Nobody earns anything: levels says what, such as levels=10%."))
    if terms.target.amount and bool(terms.starts) != bool(terms.ends):
        told.append(_("The target can't be told by days until the campaign has a start and an end."))
    return told
