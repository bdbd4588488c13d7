"""The creator's file: everything about one person in sections, a key each, all of it changed where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_, _
from kolbench.screens.file.forms import fill, fill_one, keep
from kolbench.screens.file.overview import owner_form
from kolbench.screens.file.parts import PARTS
from kolbench.screens.file.story import StoryPart
from kolbench.screens.sectioned import SectionedScreen
from kolbench.screens.words import said
from kolbench.store import creators
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from kolbench.screens.file.forms import Form

CHANGE = Binding.Group(N_("Change"))


class CreatorScreen(SectionedScreen):
    """One creator: a section at a time and, where there is room, what there is to say of the line under the cursor."""

    HELP = N_(
        "All that is on file about one person, a section a key: the capital before its name. Enter changes the line"
        " under the cursor, or goes to where it is written; + adds, - takes off, u takes back. In Business, + drafts an"
        " agreement, or gives something; Enter on an agreement moves it on, or writes its next version; - on what they"
        " got reverses it. Where a colleague has changed the same meanwhile, both are shown and you choose. H tells who"
        " changed a line, when, and what it said before. Where there is no room for two columns, Tab shows what is said"
        " of the line."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", N_("Edit"), group=CHANGE),
        Binding("plus,equals_sign", "add", N_("Add"), key_display="+", group=CHANGE),
        Binding("minus,delete", "remove", N_("Take off"), key_display="-", group=CHANGE),
        Binding("H", "history", N_("History")),
        Binding("w", "why", N_("Why")),
        Binding("tab", "other_side", N_("Other side"), show=False),
        Binding("y", "copy", N_("Copy the link")),
        Binding("f", "kinds", N_("Kinds of entries"), show=False),
        Binding("m", "merging", N_("Same person?"), show=False),
        Binding("left,h", "step(-1)", N_("Section before"), show=False),
        Binding("right,l", "step(1)", N_("Next section"), show=False),
        *(Binding(part.key, f"part('{part.key}')", part.title, show=False) for part in PARTS),
        Binding("escape", "back", N_("Back")),
    ]

    # Going about.

    def action_part(self, key: str) -> None:
        """Show a section."""
        if not self.table.display:
            self.action_other_side()
        self.open_section(key)
        self.set_focus(self.table)

    def action_step(self, step: int) -> None:
        """The section beside this one."""
        place = (self.parts.index(self.part) + step) % len(self.parts)
        self.action_part(self.parts[place].key)

    @on(VirtualTable.Opened, "#main")
    async def opened(self) -> None:
        """Enter: change the line, or go to where it is written, or read what is said of it."""
        item = self.item()
        if item is None:
            return
        if item.form is not None or item.forms is not None:
            self.action_edit()
        elif item.action is not None:
            await self.run_action(f"screen.{item.action}")
        elif item.goes is not None:
            self.action_part(item.goes)
        else:
            self.action_other_side()

    def action_kinds(self) -> None:
        """Choose what the timeline shows."""
        from kolbench.programme import timeline
        from kolbench.screens.choose import Choice
        from kolbench.screens.several import Several
        from kolbench.screens.telling import KINDS

        story = next(part for part in self.parts if isinstance(part, StoryPart))

        def chosen(kinds: tuple[str, ...] | None) -> None:
            if kinds is not None:
                story.kinds = kinds or None
                self.action_part(story.key)

        choices = [Choice(kind, said(KINDS, kind)) for kind in timeline.KINDS]
        self.app.push_screen(Several(_("Kinds of entries"), choices, story.kinds or ()), chosen)

    def action_why(self) -> None:
        """Show what the score was made from."""
        from kolbench.screens.why import WhyScreen

        self.app.push_screen(WhyScreen(self.session, self.creator_id, self.brief_id))

    def action_merging(self) -> None:
        """Who may be the same person."""
        from kolbench.screens.merging import MergingScreen

        self.app.push_screen(MergingScreen(self.session, self.creator_id))

    def action_join(self) -> None:
        """Look for somebody else who is the same person, whom nothing suggests."""
        from kolbench.screens.file.joining import join

        join(self, self.creator_id, self.show_again)

    def action_copy(self) -> None:
        """Copy the link of the line, else that of the first account that has one, through the terminal."""
        item = self.item()
        link = item.link if item is not None else None

        def copy(found: str | None) -> None:
            if found is None:
                self.notify(_("No account of theirs has a link."), timeout=3)
            else:
                self.app.copy_to_clipboard(found)
                self.notify(_("Copied: {link}").format(link=found), timeout=3)

        def first() -> str | None:
            accounts = creators.accounts(self.session.store, self.whose().creator_id)
            return next((account.url for account in accounts if account.url), None)

        if link is not None:
            copy(link)
        else:
            self.ask("link", first, copy, keys_wait=True)

    # Changing.

    def action_edit(self) -> None:
        """Change the line under the cursor."""
        item = self.item()
        if item is None or (item.form is None and item.forms is None and item.action is None):
            self.notify(_("That is not written here: it comes from elsewhere."), timeout=3)
        elif item.form is not None:
            fill(self, item.form, self.show_again)
        elif (read := item.forms) is not None:
            store, title = self.session.store, item.cells[1]
            self.ask("forms", lambda: read(store), lambda forms: self._offer(title, forms), keys_wait=True)
        else:
            self.run_worker(self.run_action(f"screen.{item.action}"))

    def action_add(self) -> None:
        """Add an entry to the section."""
        part = self.part
        if part.adding is not None:
            self.run_worker(self.run_action(f"screen.{part.adding}"))
            return

        def offer(forms: Sequence[Form]) -> None:
            if forms:
                self._offer(_("Add"), forms)
            else:
                self.notify(_("Nothing is added here by hand. n writes a note."), timeout=3)

        self.ask("adds", lambda: part.adds(self.whose()), offer, keys_wait=True)

    def _offer(self, title: str, forms: Sequence[Form]) -> None:
        """Fill in one of several forms."""
        fill_one(self, title, forms, self.show_again)

    def action_remove(self) -> None:
        """Take the line off the file; u brings it back."""
        item = self.item()
        if item is not None and item.removal is not None:
            fill(self, item.removal, self.show_again)
            return
        if item is None or item.remove is None:
            self.notify(_("That can't be taken off."), timeout=3)
            return

        def removed(_result: object) -> None:
            self.notify(_("{what} u takes it back.").format(what=_("Taken off.")), timeout=4)
            self.show_again()

        self.write([self.creator_id], item.remove, removed, failed=self._read)

    def _own(self, ids: Sequence[int], owner: str | None) -> None:
        if self.head is not None:
            keep(self, owner_form(ids[0], self.head.owner), {"owner": owner or ""}, self.show_again)
