"""Saying that somebody else is the same person, whom nothing suggests: looked for by name, then merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.screens.choose import Choice, Choose
from kolbench.screens.prompt import Prompt
from kolbench.screens.words import PLATFORMS, said
from kolbench.store import candidates, creators
from kolbench.store.candidates import CandidateWindow
from kolbench.store.filters import Filter
from kolbench.widgets.cells import compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from kolbench.screens.writing import WritingScreen
    from kolbench.store.candidates import Candidate
    from kolbench.store.connect import Store

FOUND = 30
"""So many people are offered at the most."""


def join(screen: WritingScreen, creator_id: int, joined: Callable[[], object]) -> None:
    """Ask for the other one, offer who is found, and let ``creator_id`` stand for both."""
    store = screen.session.store

    def look(text: str | None) -> None:
        if text:
            screen.ask("others", lambda: others(store, creator_id, text), offer, keys_wait=True)

    def offer(found: list[Candidate]) -> None:
        if not found:
            screen.notify(_("Nobody else is called so."), timeout=4)
            return
        choices = [Choice(str(one.creator_id), one.name, _hint(one)) for one in found]
        window = Choose(_("Who is the same person?"), choices)
        window.add_class("-broad")
        screen.app.push_screen(window, chosen)

    def chosen(key: str | None) -> None:
        if key is not None:
            screen.write((), lambda store, author: _merge(store, creator_id, int(key), author), merged)

    def merged(names: tuple[str, str]) -> None:
        told = _("{a} and {b} are one person now.").format(a=names[0], b=names[1])
        screen.notify(_("{what} u takes it back.").format(what=told), timeout=4)
        joined()

    def ask(name: str | None) -> None:
        hint = _("A name or handle, or a part of it; also platform:handle, or an id.")
        screen.app.push_screen(Prompt(_("Who is the same person?"), value=name or "", hint=hint), look)

    screen.ask("name", lambda: creators.name(store, creator_id), ask, keys_wait=True)


def others(store: Store, creator_id: int, text: str) -> list[Candidate]:
    """Who else is meant by a text, the best scored first. Call it in a thread."""
    if text.isdecimal() or ":" in text:
        try:
            ids = [creators.exact(store, text)]
        except UsageError:
            ids = []
        found = [one for one in (candidates.get(store, number) for number in ids) if one is not None]
    else:
        found = list(CandidateWindow(store, shown=Filter(text=text)).rows(0, FOUND + 1))
    return [one for one in found if one.creator_id != creator_id][:FOUND]


def _hint(one: Candidate) -> str:
    followers = "" if one.followers is None else compact(one.followers)
    return " ".join(
        part for part in (said(PLATFORMS, one.platform), one.handle and f"@{one.handle}", followers) if part
    )


def _merge(store: Store, creator_id: int, other_id: int, author: str) -> tuple[str, str]:
    from kolbench.programme import merging

    names = [creators.name(store, one) or str(one) for one in (creator_id, other_id)]
    merging.merge(store, creator_id, other_id, author)
    return names[0], names[1]
