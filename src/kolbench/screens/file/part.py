"""A section of a file: a list of entries, what is said of each, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Line, paragraph
from kolbench.widgets.cells import since
from kolbench.widgets.columns import Column

if TYPE_CHECKING:
    from kolbench.screens.file.forms import Form
    from kolbench.store.connect import Store

Write = Callable[[int], Iterable[Line]]
"""Lines for a width."""


class Whose(NamedTuple):
    """Whose file it is, for which brief, and when it is looked at (ms)."""

    store: Store
    creator_id: int
    brief_id: int | None
    at: int

    def when(self, author: str | None, at: int | None) -> str:
        """Who wrote something and how long ago."""
        return " ".join(part for part in (author, since(at, self.at)) if part)


@dataclass(frozen=True)
class Item:
    """One line of a section.

    ``cells`` are its columns, ``about`` what is said of it beside the list. Enter fills in ``form``, or one of the
    ``forms`` (read in a thread), or does the screen's ``action``, or goes to the section with the key ``goes``.
    Taking it off does ``remove``, or asks for a reason by ``removal``. ``history`` names its row in the store, a
    table and the columns that tell it; ``link`` is what can be copied.
    """

    key: Hashable
    cells: Sequence[str]
    about: Write = lambda width: ()
    style: str | None = None
    form: Form | None = None
    forms: Callable[[Store], Sequence[Form]] | None = None
    remove: Callable[[Store, str], object] | None = None
    removal: Form | None = None
    action: str | None = None
    goes: str | None = None
    history: tuple[str, Mapping[str, Any]] | None = None
    link: str | None = None


class Page(NamedTuple):
    """Some entries of a section; ``older`` is where the next ones begin, None when there are none."""

    items: Sequence[Item]
    older: Any = None


class Part:
    """A section of the file. Subclasses have a ``key``, a ``title``, what to say when it is ``empty``, and ``load``."""

    key: ClassVar[str]
    title: ClassVar[str]
    empty: ClassVar[str] = N_("There is nothing yet.")
    heads: ClassVar[tuple[str, str, str]] = (N_("Item"), "", N_("Written"))
    adding: ClassVar[str | None] = None
    """The screen's action that adds an entry, where no form does."""
    widths: ClassVar[tuple[int, int]] = (18, 14)
    """Cells of the first and the last column."""

    def columns(self) -> list[Column]:
        """The columns of the list."""
        first, second, third = (head and _(head) for head in self.heads)
        return [
            cell(0, first, self.widths[0]),
            cell(1, second, 20, flex=1),
            cell(2, third, self.widths[1], align="right", drop=1),
        ]

    def load(self, whose: Whose, older: Any = None) -> Page:
        """Read entries: the first, or those from ``older`` on. Called in a thread."""
        raise NotImplementedError

    def adds(self, whose: Whose) -> Sequence[Form]:
        """What can be added here. Called in a thread."""
        return ()

    def beside(self, whose: Whose) -> Write | None:
        """What stands beside the list, below what is said of an entry. Called in a thread."""
        return None


def cell(place: int, label: str, width: int, **more: Any) -> Column:
    """A column that shows the cell at a place of an item."""

    def shown(item: Item, _row: Sequence[Any]) -> str:
        # While another section is being read, the lines of the one before may be drawn once more.
        return item.cells[place] if place < len(item.cells) else ""

    return Column(str(place), label, width, render=shown, at=1, sortable=False, **more)


def texts(*told: str | None) -> Write:
    """What is said of an entry: a paragraph each, those after the first muted."""

    def write(width: int) -> Iterable[Line]:
        for place, text in enumerate(one for one in told if one):
            for line in text.splitlines():
                yield from paragraph(line, width, "muted" if place else "plain")

    return write
