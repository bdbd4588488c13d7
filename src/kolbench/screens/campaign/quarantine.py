"""Conversions that count only when somebody says so: why, and what operators decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme.campaigns import acts, people
from kolbench.screens.campaign import person
from kolbench.screens.campaign.words import WHY, perhaps
from kolbench.screens.lines import paragraph
from kolbench.screens.view import Item, Listing, View
from kolbench.screens.words import said
from kolbench.store import conversions
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.conversions import Decision
    from kolbench.widgets.columns import Column

EVERY = "*"


class QuarantineView(View):
    """All that is quarantined, or what is for one ``reason``."""

    empty = N_(
        "Nothing is quarantined: every conversion counts, or was decided about. What comes late, by an unknown code, or"
        " from somebody who sold to themselves shows up here."
    )
    selectable: ClassVar[bool] = True

    def __init__(self, campaign_id: int) -> None:
        super().__init__()
        self.campaign_id = campaign_id
        self.reason: str | None = None

    def told(self) -> str:
        """For which reason."""
        return "" if self.reason is None else said(WHY, self.reason)

    def columns(self) -> list[Column]:
        """When, which, for how much, by which code, whose, and why."""
        return person.sale_columns()

    def window(self, store: Store) -> Listing:
        """Like reasons together, the first to happen first."""
        return Listing(
            lambda: conversions.waiting(store.reader(), self.campaign_id, self.reason),
            lambda ids: list(map(person.sale_item, conversions.of_ids(store.reader(), ids))),
        )

    def about(self, store: Store, item: Item | None) -> Write:
        """The whole row, why it doesn't count, what a mistyped code perhaps is, and what can be done."""
        if item is None:
            return super().about(store, item)
        code, hint = item.found.code, _("y lets it count, x rejects it, a says whose it is; Space marks several.")
        near = [perhaps(code, one) for one in people.meant(store.reader(), self.campaign_id, code)]
        return lambda width: (*person.sale_lines(item.found, width, near), [], *paragraph(hint, width, "muted"))

    def acts(self) -> Mapping[str, Act]:
        """Let it count, reject it, say whose it is; show one reason alone."""
        return {
            "confirm": lambda desk, item: self._decide(desk, item, "accept"),
            "refuse": lambda desk, item: self._decide(desk, item, "reject"),
            "assign": self._assign,
            "filter": self._filter,
        }

    def _decide(self, desk: DeskScreen, item: Item | None, decision: Decision) -> None:
        if ids := _meant(desk, item):
            title = _("Why does it count?") if decision == "accept" else _("Why does it not count?")
            desk.ask_text(title, lambda reason: self._write(desk, ids, decision, reason), _("Kept with the decision."))

    def _assign(self, desk: DeskScreen, item: Item | None) -> None:
        ids = _meant(desk, item)
        if not ids:
            return
        store = desk.session.store

        def told(whose: int) -> None:
            desk.ask_text(
                _("Why is it theirs?"),
                lambda reason: self._write(desk, ids, "assign", reason, whose),
                _("Kept with the decision."),
            )

        person.ask_who(desk, _("Whose is it?"), lambda text: people.find(store, self.campaign_id, text), told)

    def _write(
        self, desk: DeskScreen, ids: list[int], decision: Decision, reason: str, whose: int | None = None
    ) -> None:
        def decide(store: Store, author: str) -> None:
            acts.decide(store, ids, decision, author, reason, whose)

        text = ngettext("{n} conversion: decided.", "{n} conversions: decided.", len(ids))
        desk.act(decide, text.format(n=separated(len(ids))))

    def _filter(self, desk: DeskScreen, _item: Item | None) -> None:
        store = desk.session.store
        found, offer = lambda: conversions.reasons(store.reader(), self.campaign_id), self._chooser(desk)
        desk.ask("reasons", found, offer, keys_wait=True)

    def _chooser(self, desk: DeskScreen) -> Callable[[dict[str, int]], None]:
        from kolbench.screens.choose import Choice, Choose

        def chosen(key: str | None) -> None:
            if key is not None:
                self.reason = None if key == EVERY else key
                desk.show_same(keep=False)

        def offer(found: dict[str, int]) -> None:
            choices = [Choice(EVERY, _("all of them"), separated(sum(found.values())))]
            choices += [Choice(reason, said(WHY, reason), separated(n)) for reason, n in found.items()]
            window = Choose(_("For which reason?"), choices, self.reason or EVERY, numbered=True)
            window.add_class("-broad")
            desk.app.push_screen(window, chosen)

        return offer


def _meant(desk: DeskScreen, item: Item | None) -> list[int]:
    """The conversions that are marked, else the one under the cursor."""
    marked: set[Any] = set(desk.table.selected)
    return sorted(marked) or ([] if item is None else [item.key])
