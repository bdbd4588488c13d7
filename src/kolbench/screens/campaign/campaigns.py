"""All campaigns: how each stands, and the way into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain import lawful
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.money import Money
from kolbench.screens.campaign import progress
from kolbench.screens.campaign.words import UNDOES, money_of
from kolbench.screens.desk import DeskScreen
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.view import Few, Item, View, columns
from kolbench.store import campaigns, payouts
from kolbench.widgets.cells import percent, separated

if TYPE_CHECKING:
    from kolbench.screens.campaign.progress import Head
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.payouts import Owed
    from kolbench.widgets.columns import Column


class CampaignsView(View):
    """The campaigns in use, or those in the archive."""

    beside = False

    empty = N_(
        "There is no campaign yet. n writes one: what it is for, until when, and what a sale earns. Or from a file:"
        " kolbench campaign new --file FILE."
    )

    def __init__(self, *, archived: bool = False) -> None:
        super().__init__()
        self.archived = archived
        if archived:
            self.empty = N_("The archive is empty. x puts a campaign that is in use away.")

    def columns(self) -> list[Column]:
        """Which, when, how far, who, what came in, and what it costs still."""
        right = {"align": "right"}
        return columns(
            (_("Campaign"), 16, {"flex": 1}),
            (_("Days"), 23, {"drop": 3}),
            (_("Target"), 7, right),
            (_("People"), 9, {**right, "drop": 1}),
            (_("Conversions"), 11, right),
            (_("Revenue"), 15, right),
            (_("To pay"), 14, {**right, "drop": 2}),
            (_("Owed back"), 11, {**right, "drop": 2}),
        )

    def window(self, store: Store) -> Few:
        """Those changed last first."""

        def load() -> list[Item]:
            rows = campaigns.listed(store, archived=self.archived)
            return [_item(progress.head(store, row.id), payouts.owed_back(store.reader(), row.id), row) for row in rows]

        return Few(load)

    def about(self, store: Store, item: Item | None) -> Write:
        """What it is for, and what the law may say of it."""
        if item is None:
            return super().about(store, item)
        owed = payouts.owed_back(store.reader(), item.key)
        return lambda width: _about(item.found, owed, width)

    def open(self, desk: DeskScreen, item: Item) -> bool:
        """Into the campaign."""
        from kolbench.screens.campaign.screen import CampaignScreen

        desk.app.push_screen(CampaignScreen(desk.session, item.key))
        return True

    def acts(self) -> Mapping[str, Act]:
        """Put one away, or take it out again."""
        return {"archive": self._archive}

    def _archive(self, desk: DeskScreen, item: Item | None) -> None:
        if item is not None:
            told = _("{name} is in use.") if self.archived else _("{name} is in the archive.")
            archived, campaign_id = not self.archived, item.key
            desk.act(
                lambda store, author: campaigns.archive(store, campaign_id, author, archived=archived),
                told.format(name=item.cells[0]),
            )


class CampaignsScreen(DeskScreen):
    """The campaigns in use and in the archive."""

    HELP = N_(
        "Campaigns, by what people bring: the target and how much of it is reached, who takes part, what came in, and"
        " what was earned and isn't paid yet. Enter opens a campaign: its leaderboard, which moves by itself while"
        " syncs run, what is quarantined and flagged, payouts, codes and the review. n writes a new one."
    )
    UNDOES = UNDOES
    TITLES: ClassVar[dict[str, str]] = {"used": N_("In use"), "archived": N_("Archive")}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,plus,equals_sign", "new", N_("New campaign"), key_display="n"),
        Binding("x", "act('archive')", N_("Into the archive, or out of it"), show=False),
        Binding("slash", "search", N_("Search"), key_display="/"),
        Binding("u", "undo", N_("Undo"), show=False),
        Binding("escape", "back", N_("Back")),
    ]

    def make_sections(self) -> Mapping[str, Callable[[], View]]:
        """Two of them."""
        return {"used": CampaignsView, "archived": lambda: CampaignsView(archived=True)}

    def action_new(self) -> None:
        """Write a campaign."""
        from kolbench.screens.campaign.form import CampaignForm
        from kolbench.screens.campaign.screen import CampaignScreen

        def saved(campaign_id: int) -> None:
            self.go_to(campaign_id)
            self.show_again()
            self.app.push_screen(CampaignScreen(self.session, campaign_id))

        self.app.push_screen(CampaignForm(self.session, saved))


def _item(found: Head, owed: Owed, row: campaigns.Row) -> Item:
    terms, sums = found.terms, found.totals
    cells = (
        terms.name,
        progress.days(terms),
        "" if found.progress is None else percent(found.progress.share),
        separated(row.participants),
        separated(sums.conversions if sums else row.conversions),
        str(Money(sums.revenue if sums else 0, terms.currency)),
        money_of(terms)(found.open + owed.amount),
        money_of(terms)(owed.amount) if owed.amount else "",
    )
    return Item(row.id, cells, found=found)


def _about(found: Head, owed: Owed, width: int) -> Iterator[Line]:
    terms = found.terms
    yield [(terms.name, "title")]
    for text in (terms.positioning, terms.audience):
        yield from paragraph(text, width) if text else ()
    if told := progress.target(found):
        yield from paragraph(_("{what}: {more}").format(what=_("Target"), more=told), width, "strong")
    if owed.people:
        text = ngettext(
            "{amount} is owed back by {n} person, and taken off what is due to them.",
            "{amount} is owed back by {n} people, and taken off what is due to them.",
            owed.people,
        )
        amount = Money(owed.amount, terms.currency)
        yield from paragraph(text.format(amount=amount, n=separated(owed.people)), width, "warn")
    yield from paragraph(f"{progress.days(terms)} ({terms.time_zone})", width, "muted")
    if terms.levels:
        text = _("A sale earns {levels}.").format(levels=_(", ").join(terms.levels))
        yield from paragraph(text, width, "muted")
    for warning in lawful.warnings(terms):
        yield from paragraph(warning, width, "warn")
