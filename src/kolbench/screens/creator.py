"""The creator's file: everything about one person, on one or two sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens import dossier
from kolbench.screens.lines import Line, Sheet, Span
from kolbench.screens.noting import ask_note
from kolbench.screens.work import WorkScreen

if TYPE_CHECKING:
    from textual.events import Resize
    from textual.widget import Widget

    from kolbench.screens.dossier import Dossier
    from kolbench.screens.session import Session

WIDE = 100
"""From so many cells on, there are two sheets side by side."""


class CreatorScreen(WorkScreen):
    """One creator: accounts, counters, the reasons for the score, what they do and what we noted."""

    HELP = N_(
        "All that is on file about one person. Every figure says when it was seen and which source told it; every"
        " part of the score says what it was made from. Figures that a source rounded are marked with ≈ and ±."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", N_("Back")),
        Binding("n", "note", N_("Note")),
        Binding("w", "why", N_("Why")),
        Binding("y", "copy", N_("Copy the link")),
        Binding("m", "merging", N_("Same person?"), show=False),
        Binding("tab", "app.focus_next", N_("Other side"), show=False),
    ]

    def __init__(self, session: Session, creator_id: int, brief_id: int | None = None) -> None:
        super().__init__(session)
        self.creator_id = creator_id
        self.brief_id = brief_id
        self.found: Dossier | None = None

    def body(self) -> Iterable[Widget]:
        """Who they are, and beside it what they do."""
        yield Horizontal(Sheet(id="main"), Sheet(id="doings"), id="panes")

    def on_mount(self) -> None:
        """Read the file."""
        self.store_changed()

    def on_resize(self, event: Resize) -> None:
        """One sheet or two."""
        self.query_one("#doings").display = event.size.width >= WIDE
        self._show()

    def store_changed(self) -> None:
        """Read the file again."""
        store, creator_id, brief_id = self.session.store, self.creator_id, self.brief_id
        self.ask("dossier", lambda: dossier.load(store, creator_id, brief_id), self._loaded)

    def noted(self) -> None:
        """A note was kept: show it."""
        super().noted()
        self.store_changed()

    def _loaded(self, found: Dossier) -> None:
        first = self.found is None
        self.found = found
        self._tell(0)
        store, creator_id = self.session.store, self.creator_id

        def alike() -> int:
            from kolbench.store import suggestions

            return len(suggestions.order(store, creator_id))

        self.ask("alike", alike, self._tell)
        self._show(top=first)

    def _tell(self, alike: int) -> None:
        """Say who it is, and how many others they may be."""
        if (found := self.found) is not None:
            text = ngettext("may be {n} other (m)", "may be {n} others (m)", alike).format(n=alike)
            left: list[Span] = [(found.name, "title"), ("  " + dossier.facts(found), "muted")]
            self.tell_status(left, [(text, "warn")] if alike else None)

    def _show(self, *, top: bool = False) -> None:
        found = self.found
        if found is None:
            return
        about, doings = self.query_one("#main", Sheet), self.query_one("#doings", Sheet)
        if doings.display:
            about.show(lambda width: (*dossier.bio(found, width), *dossier.about(found, width)), top=top)
            doings.show(lambda width: dossier.beside(found, width), top=top)
        else:
            about.show(lambda width: self._all(found, width), top=top)

    def _all(self, found: Dossier, width: int) -> Iterator[Line]:
        for part in (dossier.bio, dossier.about, dossier.ours, dossier.doings):
            yield from part(found, width)

    def action_note(self) -> None:
        """Write a note."""
        if self.found is not None:
            ask_note(self, self.creator_id, self.found.name)

    def action_why(self) -> None:
        """Show what the score was made from."""
        from kolbench.screens.why import WhyScreen

        self.app.push_screen(WhyScreen(self.session, self.creator_id, self.brief_id))

    def action_merging(self) -> None:
        """Who may be the same person."""
        from kolbench.screens.merging import MergingScreen

        self.app.push_screen(MergingScreen(self.session, self.creator_id))

    def action_copy(self) -> None:
        """Copy the address of the first account that has one, through the terminal."""
        link = next((account.url for account in self.found.accounts if account.url), None) if self.found else None
        if link is None:
            self.notify(_("No account of theirs has a link."), timeout=3)
        else:
            self.app.copy_to_clipboard(link)
            self.notify(_("Copied: {link}").format(link=link), timeout=3)
