"""Questions of the programme's screen that several of its lists ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.screens.view import required

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.forms import Form
    from kolbench.store.connect import Store

ALIKE = 20
"""People at most who are offered for a part of a name."""


def ask_person(desk: DeskScreen, title: str, told: Callable[[int, str], object]) -> None:
    """Ask for somebody by a name, a handle or an id; where several fit, for one of them."""
    from kolbench.screens.prompt import Prompt

    store = desk.session.store

    def find(text: str) -> list[tuple[int, str, str]]:
        from kolbench.store.candidates import CandidateWindow
        from kolbench.store.creators import exact, name
        from kolbench.store.filters import Filter

        try:
            found = exact(store, text)
        except UsageError:
            rows = CandidateWindow(store, shown=Filter(text=text)).rows(0, ALIKE)
            if not rows:
                raise
            return [(one.creator_id, one.name, f"@{one.handle}" if one.handle else "") for one in rows]
        return [(found, name(store, found) or "", "")]

    def offer(found: list[tuple[int, str, str]]) -> None:
        from kolbench.screens.choose import Choice, Choose

        names = {str(creator_id): name for creator_id, name, _handle in found}

        def chosen(key: str | None) -> None:
            if key is not None:
                told(int(key), names[key])

        if len(found) == 1:
            told(*found[0][:2])
        else:
            choices = [Choice(str(creator_id), name, handle) for creator_id, name, handle in found]
            desk.app.push_screen(Choose(title, choices), chosen)

    def given(text: str | None) -> None:
        if text is not None:
            desk.ask("person", lambda: find(text), offer, keys_wait=True)

    hint = _("A name or a part of it, a handle, platform:handle, or an id.")
    desk.app.push_screen(Prompt(title, hint=hint, check=required), given)


def fill_for(desk: DeskScreen, title: str, read: Callable[[Store, int], Sequence[Form]], told: str) -> None:
    """Ask for somebody, and fill in one of the forms that there are for them; ``told`` says what was done."""
    ask_person(desk, title, lambda creator_id, name: fill_in(desk, name, lambda store: read(store, creator_id), told))


def fill_in(desk: DeskScreen, title: str, read: Callable[[Store], Sequence[Form]], told: str) -> None:
    """Fill in one of the forms that are read in a thread."""
    from kolbench.screens.file.forms import fill_one

    store = desk.session.store

    def offer(found: Sequence[Form]) -> None:
        fill_one(desk, title, found, lambda: desk.done(told))

    desk.ask("forms", lambda: read(store), offer, keys_wait=True)


def ask_whether(desk: DeskScreen, title: str, yes: str, act: Callable[[], object]) -> None:
    """Ask before something is done that others will see: ``yes`` says what it is."""
    from kolbench.screens.choose import Choice, Choose

    def chosen(answer: str | None) -> None:
        if answer == "yes":
            act()

    desk.app.push_screen(Choose(title, [Choice("no", _("Leave it")), Choice("yes", yes)]), chosen)
