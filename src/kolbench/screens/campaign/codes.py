"""Who takes part, with the code and the link of each: copied, or shown as a QR code."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.programme.campaigns import qr, waves
from kolbench.screens import clipboard
from kolbench.screens.campaign.tree import TreeView
from kolbench.screens.campaign.words import same_person
from kolbench.screens.file.part import texts
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.view import Item, Listing, View, columns
from kolbench.screens.words import said
from kolbench.store import campaigns, consents, participants
from kolbench.store import waves as kept

if TYPE_CHECKING:
    from kolbench.programme.campaigns.waves import Campaign
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.participants import Participant
    from kolbench.widgets.columns import Column

SHOWN = {"full": N_("by name"), "masked": N_("masked"), "hidden": N_("hidden")}
"""How somebody's name is shown to the public."""


class CodesView(View):
    """The participants in the order in which they came in."""

    empty = N_(
        "Nobody takes part yet. Begin a wave: mark people under 1 and press W there, or kolbench campaign start."
        " Everybody in it gets a code, a link and a QR code."
    )

    def __init__(self, campaign_id: int) -> None:
        super().__init__()
        self.campaign_id = campaign_id

    def columns(self) -> list[Column]:
        """Who, of which wave, the code, and how they are shown to the public."""
        return columns(
            (_("Who"), 16, {"flex": 1}),
            (_("Id"), 14, {"drop": 3}),
            (_("Wave"), 4, {"align": "right", "drop": 2}),
            (_("Code"), 14),
            (_("Shown"), 8, {"drop": 1}),
        )

    def window(self, store: Store) -> Listing:
        """Some at a time."""
        return PeopleWindow(store, self.campaign_id)

    def about(self, store: Store, item: Item | None) -> Write:
        """Their link."""
        if item is None:
            return super().about(store, item)
        one: Participant = item.found
        same = same_person(consents.others(store.reader(), [one.id]).get(one.id, ()))
        try:
            link = waves.link(waves.campaign(store, self.campaign_id), one)
        except UsageError as error:
            return texts(item.cells[0], str(error), same)
        hint = _("c copies the link, Q shows it as a QR code. Posters: kolbench campaign poster CAMPAIGN --out DIR")
        return texts(item.cells[0], one.code, link, same, hint)

    def acts(self) -> Mapping[str, Act]:
        """Copy a link, show it as a QR code."""
        return {"copy": self._copy, "qr": self._qr}

    def _link(self, desk: DeskScreen, one: Participant) -> str:
        """Their link. Called in a thread. Raises UsageError."""
        return waves.link(waves.campaign(desk.session.store, self.campaign_id), one)

    def _copy(self, desk: DeskScreen, item: Item | None) -> None:
        if item is not None:
            told = _("Copied: the link of {who}.").format(who=item.cells[0])
            desk.ask(
                "link",
                lambda: self._link(desk, item.found),
                lambda link: clipboard.copy(desk, link, told),
                keys_wait=True,
            )

    def _qr(self, desk: DeskScreen, item: Item | None) -> None:
        if item is None:
            return
        from kolbench.screens.reading import FRAME, Reading

        room = desk.size.height - FRAME

        def read() -> tuple[str, list[str]]:
            link = self._link(desk, item.found)
            return link, qr.blocks(link, dark=True)

        def show(found: tuple[str, list[str]]) -> None:
            desk.app.push_screen(Reading(lambda width: _drawn(*found, width, room)))

        desk.ask("qr", read, show, keys_wait=True)


class PeopleWindow(Listing):
    """A window over the participants of a campaign, who may be millions, or over whom a search finds."""

    def __init__(self, store: Store, campaign_id: int) -> None:
        super().__init__(self._found, lambda keys: [])
        self.store, self.campaign_id = store, campaign_id
        self._campaign: Campaign | None = None

    def count(self) -> int:
        """How many there are."""
        return len(self._keys()) if self.sought else campaigns.row(self.store, self.campaign_id).participants

    def rows(self, start: int, stop: int) -> Sequence[tuple[Hashable, Item, View | None]]:
        """Those from ``start`` to ``stop``."""
        if self._campaign is None:
            self._campaign = waves.campaign(self.store, self.campaign_id)
        db = self.store.reader()
        if self.sought:
            found = [participants.get(db, one) for one in self._keys()[start:stop]]
        else:
            found = participants.listed(db, self.campaign_id, None, start, stop - start)
        return [(one.id, _item(one, self._campaign), self.view) for one in found]

    def find(self, key: Hashable) -> int | None:
        """The position of a participant."""
        if self.sought:
            return self._keys().index(key) if key in self._keys() else None
        return kept.ahead_of(self.store.reader(), key) if isinstance(key, int) else None

    def _found(self) -> Sequence[int]:
        return participants.sought(self.store.reader(), self.campaign_id, self.sought)


def _item(one: Participant, campaign: Campaign) -> Item:
    wave = campaign.waves.get(one.wave_id or 0)
    cells = (one.name or one.ref, one.ref, "" if wave is None else str(wave.no), one.code or "", said(SHOWN, one.shown))
    return Item(one.id, cells, found=one, opens=lambda: TreeView(one.id, one.name or one.ref))


def _drawn(link: str, drawn: Sequence[str], width: int, room: int) -> Iterator[Line]:
    """The code, black on white whatever the colours are; where it doesn't fit, what to do instead of a part of it."""
    if len(drawn) > room or len(drawn[0]) > width:
        text = _(
            "The code needs {n} rows: make the window larger, or write it to a file:"
            " kolbench campaign qr CAMPAIGN WHO --out FILE.png"
        )
        yield from paragraph(text.format(n=len(drawn)), width, "warn")
    else:
        for line in drawn:
            yield [(line, "paper")]
    yield from paragraph(link, width, "muted")
