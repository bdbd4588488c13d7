"""What to say to the person of a follow-up: their script, copied or shown, and where to find them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.screens.queue_rows import Item
from kolbench.screens.words import CHANNELS, PLATFORMS, said
from kolbench.screens.writing import WritingScreen

if TYPE_CHECKING:
    from kolbench.programme.suggestion import Suggestion
    from kolbench.screens.choose import Choice
    from kolbench.screens.session import Session


MOST_WARNINGS = 3
"""So many people are named of those for whom it is night."""


class QueueScriptsScreen(WritingScreen):
    """A list of ``Item`` rows, each with a script; subclasses bind the keys."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.chosen: dict[int, int] = {}
        """Templates that were chosen here, by follow-up."""
        self.copied: dict[int, int] = {}
        """Variants that were copied here, and so probably sent, by follow-up."""

    @property
    def item(self) -> Item | None:
        """The follow-up under the cursor."""
        row = self.table.cursor_row
        return row if isinstance(row, Item) else None

    def with_script(self, use: Callable[[Item, str, int], None]) -> None:
        """Fill in the script of the follow-up under the cursor as of now; one that lacks something is not used."""
        item = self.item
        if item is None:
            return
        store, template_id = self.session.store, self.chosen.get(item.follow_up_id)

        def read() -> tuple[Suggestion | None, str, str]:
            from kolbench.programme import suggestion, there
            from kolbench.store import refusals

            against = refusals.against(store, item.creator_id, item.found.channel, now())
            if against is not None:
                text = _("{name} wants no contact: {reason}")
                raise UsageError(text.format(name=item.name, reason=against.reason or said(CHANNELS, against.scope)))
            suggested = suggestion.of(store, item.found, template_id)
            late = there.warning(item.name, there.of(store, [item.found], now())[item.follow_up_id])
            return suggested, suggested.script.to_send() if suggested else "", late

        def answered(found: tuple[Suggestion | None, str, str]) -> None:
            suggested, text, late = found
            if suggested is None:
                self.action_script()
                return
            use(item, text, suggested.variant.id)
            if late:
                self.notify(late, severity="warning", timeout=5)

        self.ask("script", read, answered, keys_wait=True)

    def mind_the_hour(self, ids: Sequence[int]) -> None:
        """Say in passing for whom of these it is night, where nothing was copied for them, which says so, too."""
        store, at = self.session.store, now()
        asked = [one for one in ids if one not in self.copied]

        def read() -> list[str]:
            from kolbench.programme import there
            from kolbench.store import follow_ups

            rows = follow_ups.of_ids(store, asked, at)
            clocks = there.of(store, rows, at)
            return [late for row in rows if (late := there.warning(row.name, clocks[row.follow_up_id]))]

        def tell(late: list[str]) -> None:
            for text in late[:MOST_WARNINGS]:
                self.notify(text, severity="warning", timeout=5)
            if more := late[MOST_WARNINGS:]:
                text = ngettext("It is too late for {n} more.", "It is too late for {n} more.", len(more))
                self.notify(text.format(n=len(more)), severity="warning", timeout=5)

        if asked:
            self.ask("hour", read, tell)

    def action_copy(self) -> None:
        """Copy the script to the clipboard of the terminal, which may be far away."""
        from kolbench.screens import clipboard

        def use(item: Item, text: str, variant_id: int) -> None:
            self.copied[item.follow_up_id] = variant_id
            clipboard.copy(self, text, _("Copied for {name}. If not: Y shows it for the mouse.").format(name=item.name))

        self.with_script(use)

    def action_select_script(self) -> None:
        """Show the script alone, to be selected with the mouse."""
        from kolbench.screens import clipboard

        def use(item: Item, text: str, variant_id: int) -> None:
            self.copied[item.follow_up_id] = variant_id
            clipboard.show(self, text)

        self.with_script(use)

    def action_script(self) -> None:
        """Choose another script for this follow-up."""
        item, store = self.item, self.session.store
        if item is None:
            return

        def read() -> list[Choice]:
            from kolbench.screens.choose import Choice
            from kolbench.store import templates

            return [Choice(str(one.id), one.name) for one in templates.listed(store)]

        def offer(choices: list[Choice]) -> None:
            from kolbench.screens.choose import Choose

            if choices:
                self.app.push_screen(Choose(_("Script for {name}").format(name=item.name), choices), chosen)
            else:
                self.notify(_("There is no template yet. Write one: kolbench template add NAME --text TEXT"), timeout=5)

        def chosen(key: str | None) -> None:
            if key is not None:
                self.chosen[item.follow_up_id] = int(key)
                self.tell_about()

        self.ask("templates", read, offer, keys_wait=True)

    def action_link(self) -> None:
        """Open an account, a work or what is attached to their file; copy it where there is no browser."""
        item, store = self.item, self.session.store
        if item is None:
            return

        def read() -> dict[str, str]:
            """What each leads to, by its address."""
            from kolbench.store import creators, life

            found = [(one.url, said(PLATFORMS, one.platform)) for one in creators.accounts(store, item.creator_id)]
            found += [(one.url, _("newest work")) for one in creators.posts(store, item.creator_id, 1)]
            found += [(one.target, one.title) for one in life.attachments(store, item.creator_id)]
            links: dict[str, str] = {}
            for link, what in found:
                if link:
                    links.setdefault(link, what)
            return links

        def offer(links: dict[str, str]) -> None:
            from kolbench.screens import clipboard
            from kolbench.screens.choose import Choice, Choose

            def follow(link: str | None) -> None:
                if link and link.startswith("/"):  # a file may be anything: it is opened by whoever knows what it is
                    clipboard.copy(self, link, _("Copied: {link}").format(link=link))
                elif link:
                    clipboard.follow(self, link)

            if not links:
                self.notify(_("No account of theirs has a link."), timeout=3)
            elif len(links) == 1:
                follow(next(iter(links)))
            else:
                choices = [Choice(link, link, what) for link, what in links.items()]
                window = Choose(_("Links of {name}").format(name=item.name), choices, numbered=True)
                window.add_class("-broad")
                self.app.push_screen(window, follow)

        self.ask("links", read, offer, keys_wait=True)

    def action_note(self) -> None:
        """Write a note on whoever is under the cursor."""
        from kolbench.screens.noting import ask_note

        if (item := self.item) is not None:
            ask_note(self, item.creator_id, item.name)
