"""Tables of a campaign that are imported: of which campaign they are, and in which currency if no column says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kolbench.domain import money
from kolbench.domain.lang import _
from kolbench.store import campaigns

if TYPE_CHECKING:
    from kolbench.screens.work import WorkScreen
    from kolbench.sync.importing import Plan

SOLD = ("conversions", "refunds")
"""Kinds of tables with amounts."""


def ask_campaign(screen: WorkScreen, current: str, told: Callable[[str], object]) -> None:
    """Ask of which campaign in use a table is, and hand on its name."""
    from kolbench.screens.choose import Choice, Choose

    def offer(found: Sequence[campaigns.Row]) -> None:
        if not found:
            screen.notify(_("There is no campaign yet. 6 leads to the campaigns: n writes one there."), timeout=6)
            return
        choices = [Choice(one.name, one.name) for one in found]
        screen.app.push_screen(Choose(_("Of which campaign?"), choices, current), chosen)

    def chosen(name: str | None) -> None:
        if name is not None:
            told(name)

    screen.ask("campaigns", lambda: campaigns.listed(screen.session.store), offer, keys_wait=True)


def ask_currency(screen: WorkScreen, plan: Plan, told: Callable[[str], object]) -> None:
    """Ask in which currency the amounts of a table are, if it doesn't say; that of its campaign is suggested."""
    from kolbench.screens.prompt import Prompt

    store, campaign = screen.session.store, plan.settings.get("campaign")
    if plan.preview is None or campaign is None or "currency" in plan.settings:
        return
    mapping = plan.preview.proposal.mapping
    if mapping.kind not in SOLD or any(column.role == "currency" for column in mapping.columns):
        return

    def offer(currency: str) -> None:
        hint = _("No column says it: three letters, such as CNY.")
        prompt = Prompt(_("In which currency are the amounts?"), value=currency, hint=hint, check=money.currency)
        screen.app.push_screen(prompt, given)

    def given(currency: str | None) -> None:
        if currency:
            told(currency)

    screen.ask(
        "currency", lambda: campaigns.terms(store, campaigns.find(store, campaign)).currency, offer, keys_wait=True
    )
