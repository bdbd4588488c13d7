"""One campaign: its leaderboard, quarantine, flags, payouts, codes and review, a section each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_
from kolbench.screens.campaign import progress
from kolbench.screens.campaign.board import BoardView
from kolbench.screens.campaign.codes import CodesView
from kolbench.screens.campaign.flags import FlagsView
from kolbench.screens.campaign.payouts import PayoutsView
from kolbench.screens.campaign.quarantine import QuarantineView
from kolbench.screens.campaign.review import ReviewView
from kolbench.screens.campaign.words import UNDOES
from kolbench.screens.desk import DeskScreen
from kolbench.screens.lines import Bar

if TYPE_CHECKING:
    from textual.events import Resize
    from textual.widget import Widget

    from kolbench.screens.campaign.progress import Head
    from kolbench.screens.session import Session
    from kolbench.screens.view import View
    from kolbench.store.connect import Store

SECTIONS: Mapping[str, Callable[[int], View]] = {
    "board": BoardView,
    "quarantine": QuarantineView,
    "flags": FlagsView,
    "payouts": PayoutsView,
    "codes": CodesView,
    "review": ReviewView,
}

DECIDE = Binding.Group(N_("Decide"))


class CampaignScreen(DeskScreen):
    """A desk on one campaign; how it stands is told above all sections."""

    HELP = N_(
        "One campaign. The leaderboard shows who brings most, lives with every sync, and opens to the tree of whoever"
        " came by somebody; o, b and w choose figure, groups and days, z what was kept. In the quarantine is what"
        " doesn't count by itself, and why: y lets it count, x rejects it, a says whose it is. Flags are questions:"
        " what is more than minor isn't paid before y clears or x upholds it. What is due is put together, written for"
        " finance, and paid once. v opens what a figure was counted from. u takes back."
    )
    UNDOES = UNDOES
    TITLES: ClassVar[dict[str, str]] = {
        "board": N_("Leaderboard"),
        "quarantine": N_("Quarantine"),
        "flags": N_("Flags"),
        "payouts": N_("Payouts"),
        "codes": N_("Codes"),
        "review": N_("Review"),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "act('confirm')", N_("Confirm"), group=DECIDE),
        Binding("x", "act('refuse')", N_("Refuse"), group=DECIDE),
        Binding("a", "act('assign')", N_("Assign"), group=DECIDE),
        Binding("slash", "search", N_("Find"), key_display="/"),
        Binding("o", "act('order')", N_("By which figure")),
        Binding("b", "act('by')", N_("By groups")),
        Binding("w", "act('days')", N_("Of which days")),
        Binding("z", "act('kept')", N_("Kept")),
        Binding("v", "act('evidence')", N_("Evidence")),
        Binding("f", "act('filter')", N_("Filter")),
        Binding("plus,equals_sign", "act('add')", N_("Add"), key_display="+"),
        Binding("minus,delete", "act('remove')", N_("Take off"), key_display="-"),
        Binding("d", "act('compare')", N_("Compare")),
        Binding("c", "act('copy')", N_("Copy the link")),
        Binding("Q", "act('qr')", N_("QR code")),
        Binding("e", "act('export')", N_("Export")),
        Binding("E", "edit", N_("Edit the campaign"), show=False),
        Binding("u", "undo", N_("Undo"), show=False),
        Binding("escape", "back", N_("Back")),
    ]

    def __init__(self, session: Session, campaign_id: int) -> None:
        self.campaign_id = campaign_id
        self.head: Head | None = None
        super().__init__(session)

    def make_sections(self) -> Mapping[str, Callable[[], View]]:
        """The sections, of this campaign."""
        return {name: partial(make, self.campaign_id) for name, make in SECTIONS.items()}

    def body(self) -> Iterable[Widget]:
        """How it stands, above the panes."""
        yield Bar(id="about")
        yield from super().body()

    def on_mount(self) -> None:
        """Read how it stands."""
        self._look()

    def on_resize(self, event: Resize) -> None:
        """Another width has room for other words."""
        self._tell_head()

    def store_changed(self) -> None:
        """Something came in."""
        super().store_changed()
        self._look()

    def show_again(self) -> None:
        """Something was written."""
        super().show_again()
        self._look()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc always leads back: in the end to all campaigns."""
        return True if action == "back" else super().check_action(action, parameters)

    def unsought(self) -> None:
        """All rows again; else back to where we came from; from a section to all campaigns."""
        if self.view.widen():
            self.show_same(keep=False)
        elif len(self.trails[self.section]) > 1:
            self.leave()
        else:
            self.app.pop_screen()

    def action_edit(self) -> None:
        """Change the terms, which makes a new version."""
        from kolbench.screens.campaign.form import CampaignForm

        self.app.push_screen(CampaignForm(self.session, lambda _id: self.show_again(), self.campaign_id))

    def waiting(self, store: Store) -> dict[str, int]:
        """What waits to be decided, and how many payouts to be paid."""
        from kolbench.store import conversions, flags, payouts

        db = store.reader()
        return {
            "quarantine": sum(conversions.reasons(db, self.campaign_id).values()),
            "flags": len(flags.listed(db, self.campaign_id)),
            "payouts": sum(one.is_open for one in payouts.listed(db, self.campaign_id)),
        }

    def _tell(self) -> None:
        super()._tell()
        self._tell_head()

    def _look(self) -> None:
        store = self.session.store
        self.ask("head", lambda: progress.head(store, self.campaign_id), self._known)

    def _known(self, head: Head) -> None:
        self.head = head
        self._tell_head()

    def _tell_head(self) -> None:
        if self.head is not None:
            for about in self.query("#about").results(Bar):
                about.show(progress.line(self.head, self.size.width, narrowed=bool(self.view.narrowed())))
