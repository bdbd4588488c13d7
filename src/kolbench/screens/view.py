"""A list of a desk: its rows, what is said of each, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import N_, _
from kolbench.screens.file.part import Write, cell

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.store.connect import Store
    from kolbench.widgets.columns import Column

AT_ONCE = 500
"""Rows that are read at once to look for something in them."""

Act = Callable[["DeskScreen", "Item | None"], None]
"""What a key does with the row under the cursor."""


@dataclass(frozen=True)
class Item:
    """One row: its ``key``, which can be hashed, its ``cells``, and what it was made of.

    Enter goes to the list that ``opens`` makes, else to the file of ``creator_id``, else reads what is said of it.
    """

    key: Any
    cells: Sequence[str]
    style: str | None = None
    creator_id: int | None = None
    found: Any = None
    opens: Callable[[], View] | None = None


class Listing:
    """A window over rows of which the keys are read at once, and the rest as they come in sight.

    Where something is ``sought``, those rows alone of which the cells hold each of its words.
    """

    def __init__(self, order: Callable[[], Sequence[Any]], read: Callable[[Sequence[Any]], Sequence[Item]]) -> None:
        self.view: View | None = None
        """The list that these rows are of."""
        self.sought = ""
        self.superseded = False
        """Whether another window is wanted in its place: then nobody waits for what is still looked for."""
        self._read_order, self._read = order, read
        self._order: Sequence[Any] | None = None
        self._fitting: Sequence[Item] | None = None

    def count(self) -> int:
        """How many rows there are."""
        return len(self._fits() if self.sought else self._keys())

    def rows(self, start: int, stop: int) -> Sequence[tuple[Hashable, Item, View | None]]:
        """The rows from ``start`` to ``stop``."""
        found = self._fits()[start:stop] if self.sought else self._read(self._keys()[start:stop])
        return [(item.key, item, self.view) for item in found]

    def find(self, key: Hashable) -> int | None:
        """The position of the row with ``key``."""
        keys = [item.key for item in self._fits()] if self.sought else self._keys()
        return keys.index(key) if key in keys else None

    def close(self) -> None:
        """Nothing to let go."""

    def _keys(self) -> Sequence[Any]:
        if self._order is None:
            self._order = self._read_order()
        return self._order

    def _fits(self) -> Sequence[Item]:
        if self._fitting is None:
            keys, words = self._keys(), fold(self.sought).split()
            found: list[Item] = []
            for start in range(0, len(keys), AT_ONCE):
                if self.superseded:
                    break
                for item in self._read(keys[start : start + AT_ONCE]):
                    text = fold(" ".join(item.cells))
                    if all(word in text for word in words):
                        found.append(item)
            self._fitting = found
        return self._fitting


class Few(Listing):
    """A window over a few rows, which are read at once."""

    def __init__(self, load: Callable[[], Sequence[Item]]) -> None:
        self._known: dict[Hashable, Item] = {}

        def order() -> Sequence[Hashable]:
            self._known = {item.key: item for item in load()}
            return list(self._known)

        super().__init__(order, lambda keys: [self._known[key] for key in keys])


class View:
    """A list. Subclasses have a ``title``, what to say when it is ``empty``, ``columns``, ``window`` and ``about``."""

    title: str = ""
    empty: str = N_("There is nothing yet.")
    live: bool = True
    """Whether it is read again whenever the store has changed; else only when one of our acts may have changed it."""
    selectable: ClassVar[bool] = False
    searchable: ClassVar[bool] = True
    """Whether it can be narrowed to the rows that hold what is typed."""
    beside: ClassVar[bool] = True
    """Whether what there is to say of a row stands beside the list where there is room, and not below it."""

    def __init__(self) -> None:
        self.place: Hashable | None = None
        """The row where the cursor was when the list was left."""
        self.order: str | None = None
        """The column by which the rows are ordered, the most first, where there are several."""
        self.sought = ""
        """What was typed to narrow it."""

    def named(self) -> str:
        """Its title."""
        return _(self.title)

    def nothing(self) -> str:
        """What is said where there is no row, and what to do then."""
        return _(self.empty)

    def columns(self) -> list[Column]:
        """What its rows show."""
        raise NotImplementedError

    def narrowed(self) -> str:
        """To what the list is narrowed besides the search; nothing where it isn't."""
        return ""

    def widen(self) -> bool:
        """Take back what narrows it besides the search, for Esc; whether anything did."""
        return False

    def told(self) -> str:
        """What its rows are, in a few words, where that depends."""
        return ""

    def sort_by(self, column: str) -> bool:
        """Order the rows by a column, the most first; whether that can be done."""
        return False

    def window(self, store: Store) -> Listing:
        """Its rows. They are read in a thread."""
        raise NotImplementedError

    def about(self, store: Store, item: Item | None) -> Write:
        """What there is to say of a row; None: there is none. Called in a thread."""
        return lambda width: ()

    def open(self, desk: DeskScreen, item: Item) -> bool:
        """What Enter does with a row, where that isn't what the row says; whether anything was done."""
        return False

    def acts(self) -> Mapping[str, Act]:
        """What can be done here: by the names that the screen's keys have."""
        return {}


def columns(*heads: tuple[str, int] | tuple[str, int, dict[str, Any]]) -> list[Column]:
    """The columns of items: each its label, its width, and what else a column says."""
    return [cell(place, head[0], head[1], **(head[2] if len(head) == 3 else {})) for place, head in enumerate(heads)]


def required(text: str) -> None:
    """Raise UsageError for a text that says nothing."""
    if not text.strip():
        raise UsageError(_("Write a word or two."))
