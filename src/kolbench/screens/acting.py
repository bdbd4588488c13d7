"""Acts on the people of a list: their owner, tags and notes, for one person or for all that are marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.candidate_rows import Listed
from kolbench.screens.writing import OTHER, WritingScreen
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.choose import Choice
    from kolbench.store.connect import Store

NOBODY = "-"


class ActingScreen(WritingScreen):
    """A list of ``Listed`` rows with acts on them; subclasses read it again in ``show_again``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "owner", N_("Owner"), show=False),
        Binding("number_sign", "tag", N_("Tag"), key_display="#", show=False),
        Binding("n", "note", N_("Note"), show=False),
        Binding("u", "undo", N_("Undo"), show=False),
    ]

    # What subclasses answer.

    def show_again(self, *, at: int | None = None) -> None:
        """Read the list again; the cursor stays with its person, or goes to ``at``."""
        raise NotImplementedError

    def narrowed_by(self, what: str) -> bool:
        """Whether only those of one ``state``, ``owner`` or ``tag`` are shown: then an act may take a row away."""
        raise NotImplementedError

    # Whom an act is about.

    def meant(self) -> list[int]:
        """The people who are marked, else the one under the cursor."""
        marked = sorted(key for key in self.table.selected if isinstance(key, int))
        key = self.table.cursor_key
        return marked or ([key] if isinstance(key, int) else [])

    def whom(self, ids: Sequence[int]) -> str:
        """Those people in a few words."""
        row = self.table.cursor_row
        if len(ids) == 1 and isinstance(row, Listed) and row.creator_id == ids[0]:
            return row.found.name
        return ngettext("{n} person", "{n} people", len(ids)).format(n=separated(len(ids)))

    # Owner, tags and notes: of the person, whatever the brief.

    def action_owner(self) -> None:
        """Say who looks after those who are meant."""
        ids = self.meant()
        if not ids:
            return
        store = self.session.store

        def read() -> tuple[str, list[str]]:
            from kolbench.store import changes, owners

            return changes.me(), [one.name for one in owners.known(store)]

        def offer(found: tuple[str, list[str]]) -> None:
            from kolbench.screens.choose import Choice, Choose

            mine, others = found
            choices = [Choice(f"={mine}", mine, _("me"))]
            choices += [Choice(f"={one}", one) for one in others if one != mine]
            choices += [Choice(NOBODY, _("nobody")), Choice(OTHER, _("somebody else …"))]
            title = _("Who looks after {who}?").format(who=self.whom(ids))
            self.app.push_screen(Choose(title, choices, numbered=True), chosen)

        def named(name: str | None) -> None:
            if name:
                self._own(ids, name)

        def chosen(key: str | None) -> None:
            if key == OTHER:
                from kolbench.screens.prompt import Prompt

                self.app.push_screen(Prompt(_("Owner")), named)
            elif key is not None:
                self._own(ids, None if key == NOBODY else key.removeprefix("="))

        self.ask("owners", read, offer, keys_wait=True)

    def _own(self, ids: Sequence[int], owner: str | None) -> None:
        def assign(store: Store, author: str) -> Any:
            from kolbench.store import owners

            return owners.assign(store, ids, owner, author)

        self._act_on_people(ids, assign, "owner", _("owner: {name}").format(name=owner or _("nobody")))

    def action_tag(self) -> None:
        """Put a tag on those who are meant, or take one off."""
        ids = self.meant()
        if not ids:
            return
        store = self.session.store

        def read() -> list[Choice]:
            from kolbench.screens.choose import Choice
            from kolbench.store import tags

            theirs = sorted({name for names in tags.of(store, ids).values() for name in names})
            others = [one for one in tags.known(store) if one.name not in theirs]
            return [
                *(Choice(f"-{name}", _("take off #{tag}").format(tag=name)) for name in theirs),
                *(Choice(f"+{one.name}", f"#{one.name}", separated(one.people)) for one in others),
                Choice(OTHER, _("a new tag …")),
            ]

        def offer(choices: list[Choice]) -> None:
            from kolbench.screens.choose import Choose

            if len(choices) == 1:
                chosen(OTHER)
            else:
                self.app.push_screen(Choose(_("Tag {who}").format(who=self.whom(ids)), choices, numbered=True), chosen)

        def named(name: str | None) -> None:
            if name:
                self._tag(ids, name, on=True)

        def chosen(key: str | None) -> None:
            if key == OTHER:
                from kolbench.screens.prompt import Prompt

                self.app.push_screen(
                    Prompt(
                        _("Tag {who}").format(who=self.whom(ids)), hint=_("A word or two; several with commas between.")
                    ),
                    named,
                )
            elif key is not None:
                self._tag(ids, key[1:], on=key[0] == "+")

        self.ask("tags", read, offer, keys_wait=True)

    def _tag(self, ids: Sequence[int], name: str, *, on: bool) -> None:
        def tag(store: Store, author: str) -> Any:
            from kolbench.store import tags

            return (tags.tag if on else tags.untag)(store, ids, name, author)

        self._act_on_people(
            ids, tag, "tag", _("tag #{tag}").format(tag=name) if on else _("no tag #{tag}").format(tag=name)
        )

    def _act_on_people(self, ids: Sequence[int], act: Callable[[Store, str], Any], what: str, told: str) -> None:
        following = self.table.beside(ids)
        marked = bool(self.table.selected)

        def written(_acted: object) -> None:
            text = _("{what}: {more}").format(what=self.whom(ids), more=told)
            self.notify(_("{what}. u takes it back.").format(what=text), timeout=4)
            if marked:
                self.table.select(frozenset())
            self.show_again(at=following if self.narrowed_by(what) and isinstance(following, int) else None)
            self.tell_about()

        self.write(ids, act, written)

    def action_note(self) -> None:
        """Write a note on those who are meant."""
        from kolbench.screens.noting import ask_notes

        if ids := self.meant():
            ask_notes(self, ids, self.whom(ids))
