"""What looks wrong: how bad it is, the conversions that show it, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _
from kolbench.domain.words import labelled
from kolbench.programme.campaigns import acts
from kolbench.screens.campaign.person import SalesView
from kolbench.screens.campaign.words import FLAGS, OUTCOMES, SEVERITIES, evidence, shown_by
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.view import Few, Item, View, columns
from kolbench.screens.words import said
from kolbench.store import flags
from kolbench.widgets.cells import day, separated

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.flags import Flag, Outcome
    from kolbench.widgets.columns import Column


class FlagsView(View):
    """The flags of a campaign: those that wait, the severest first, and below them the decided ones."""

    empty = N_("Nothing looks wrong. Everybody's sales are checked alike, whenever some come in.")

    def __init__(self, campaign_id: int) -> None:
        super().__init__()
        self.campaign_id = campaign_id

    def columns(self) -> list[Column]:
        """How bad, what, whose, on how much it rests, and what was decided."""
        return columns(
            (_("How bad"), 8),
            (_("What"), 18, {"flex": 2}),
            (_("Whose"), 12, {"flex": 1}),
            (_("Conversions"), 11, {"align": "right", "drop": 1}),
            (_("Decided"), 14, {"flex": 1}),
        )

    def window(self, store: Store) -> Few:
        """Those that wait first."""

        def load() -> list[Item]:
            db = store.reader()
            waiting, decided = (flags.listed(db, self.campaign_id, decided=one) for one in (False, True))
            return [_item(one) for one in (*waiting, *decided)]

        return Few(load)

    def about(self, store: Store, item: Item | None) -> Write:
        """What shows it, and what a decision means."""
        return super().about(store, item) if item is None else lambda width: _about(item.found, width)

    def acts(self) -> Mapping[str, Act]:
        """Clear or uphold one; see what shows it."""
        return {
            "confirm": lambda desk, item: _decide(desk, item, "cleared"),
            "refuse": lambda desk, item: _decide(desk, item, "upheld"),
            "evidence": _evidence,
        }


def _item(one: Flag) -> Item:
    decided = "" if one.decision is None else labelled(said(OUTCOMES, one.decision), one.reason)
    style = "muted" if one.decision else "alert" if one.severity == "severe" else None
    cells = (
        said(SEVERITIES, one.severity),
        said(FLAGS, one.kind),
        one.name or one.ref or "",
        separated(len(shown_by(one))),
        decided,
    )
    return Item(one.id, cells, style, found=one, opens=lambda: SalesView(said(FLAGS, one.kind), ids=shown_by(one)))


def _about(one: Flag, width: int) -> Iterator[Line]:
    yield [(said(FLAGS, one.kind), "title"), (f"  {said(SEVERITIES, one.severity)}", "strong")]
    yield from paragraph(one.name or one.ref or "", width)
    for label, value in evidence(one):
        yield from paragraph(_("{what}: {more}").format(what=label, more=value), width)
    yield from paragraph(_("found on {day}").format(day=day(one.found_at)), width, "muted")
    yield []
    if one.decision is not None:
        text = _("{author} on {day}: {what}. {reason}")
        when = day(one.decided_at)
        told = text.format(author=one.author, day=when, what=said(OUTCOMES, one.decision), reason=one.reason)
        yield from paragraph(told, width, "strong")
        return
    if one.severity != "minor":
        yield from paragraph(_("What they have earned is held until somebody decides."), width, "warn")
    hint = _(
        "Enter shows the conversions. y clears it, and what is held is paid; x upholds it, and they count no more."
    )
    yield from paragraph(hint, width, "muted")


def _evidence(desk: DeskScreen, item: Item | None) -> None:
    if item is not None and item.opens is not None:
        desk.enter(item.opens())


def _decide(desk: DeskScreen, item: Item | None, outcome: Outcome) -> None:
    if item is None:
        return
    one: Flag = item.found
    if one.decision is not None:
        desk.notify(_("That is decided already: u takes a decision back."), timeout=4)
        return

    def told(reason: str) -> None:
        def decide(store: Store, author: str) -> None:
            acts.decide_flag(store, one.id, outcome, author, reason)

        desk.act(decide, _("{what}: {more}.").format(what=said(FLAGS, one.kind), more=said(OUTCOMES, outcome)))

    title = _("Why is it all right?") if outcome == "cleared" else _("Why does it count no more?")
    desk.ask_text(title, told, _("Kept with the decision."))
