"""Accounts of one person: who may be the same, side by side with the evidence, and the operator's word on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens import dossier
from kolbench.screens.lines import Line, columns, paragraph, width_of
from kolbench.screens.panes import PanesScreen
from kolbench.screens.words import LIKENESSES, said
from kolbench.screens.work import Table
from kolbench.store import changes, suggestions
from kolbench.store.suggestions import Suggestion, SuggestionWindow
from kolbench.widgets.cells import fit, separated
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from kolbench.screens.dossier import Dossier
    from kolbench.screens.session import Session
    from kolbench.store.changes import Undone
    from kolbench.store.connect import Store

NARROW = 56
"""Below so many cells the two people are shown one below the other."""


Text = Callable[[int], Iterator[Line]]
"""A text as the lines of a width."""


class Pair(NamedTuple):
    """Two people who may be one, with their files."""

    suggestion: Suggestion
    first: Dossier
    second: Dossier


def load(store: Store, key: tuple[int, int]) -> Pair | None:
    """Read both files; None when nothing is kept of the pair any more. Call it in a thread."""
    found = suggestions.get(store, *key)
    if found is None:
        return None
    return Pair(found, dossier.load(store, found.creator_id), dossier.load(store, found.other_id))


def lines(pair: Pair, width: int) -> Iterator[Line]:
    """The evidence, then what is known of both."""
    found = pair.suggestion
    yield [(_("{score} of 100").format(score=found.score), "strong")]
    yield from paragraph(
        _("Merged, all of both would stand under the first name; u takes it back without a loss."), width, "muted"
    )
    for item in found.evidence:
        yield []
        name, weight = f"{said(LIKENESSES, item['rule'])} ({item['value']})", f"{item['weight']:+d} %"
        yield columns(
            (name, max(8, width - 9), "plain"), (weight, 8, "good" if item["weight"] > 0 else "warn", "right")
        )
        values = [side["value"] for side in item["sides"]]
        if values[0] == values[1]:
            yield from paragraph(around(values[0], item["value"], 2 * width - 8), width, "muted", indent=2, most=2)
        else:
            room = 3 * (width if width < NARROW else width // 2) - 12
            first, second = (around(value, item["value"], room) for value in values)
            yield from _beside(_value(first), _value(second), width)
    yield []
    yield from _beside(_file(pair.first), _file(pair.second), width, gap=True)


def around(text: str, value: str, cells: int) -> str:
    """A text in about so many cells, cut around the value that was found in it."""
    text, found = " ".join(text.split()), value.rpartition(":")[2].rpartition(" ")[2]
    room = max(8, cells // 2 if any(letter > "\u2e7f" for letter in text) else cells)  # wide letters take two
    at = text.casefold().find(found.casefold())
    if at < 0 or len(text) <= room:
        return text
    start = max(0, min(at - (room - len(found)) // 2, len(text) - room))
    return ("…" if start else "") + text[start : start + room] + ("…" if start + room < len(text) else "")


def _file(found: Dossier) -> Text:
    def write(width: int) -> Iterator[Line]:
        yield from dossier.head(found, width)
        yield from dossier.ours(found, width)
        yield from dossier.about(found, width)

    return write


def _value(text: str) -> Text:
    return lambda width: paragraph(text, width, "muted", indent=2, most=3)


def _beside(first: Text, second: Text, width: int, *, gap: bool = False) -> Iterator[Line]:
    """Two texts in two columns; where there is no room one below the other, with a ``gap`` between."""
    if width < NARROW:
        yield from first(width)
        if gap:
            yield []
        yield from second(width)
        return
    half = (width - 3) // 2
    for one, other in zip_longest(first(half), second(half), fillvalue=()):
        yield [*_filled(one, half), (" │ ", "muted"), *other]


def _filled(line: Line, width: int) -> Line:
    """A line as exactly ``width`` cells."""
    used = width_of(line)
    if used <= width:
        return [*line, (" " * (width - used), "plain")]
    text, name = "".join(text for text, _name in line), line[0][1]
    return [(fit(text, width), name)]


class MergingScreen(PanesScreen):
    """The pairs that wait for a decision and, where there is room, both people with the evidence."""

    HELP = N_(
        "People who may be one, the likeliest first: the same address, links to each other, the same handle or name."
        " y makes them one person with all accounts, notes and contacts; n says that they are not the same, and they"
        " are not suggested again; i leaves them for a month. u takes back whatever you did, without a loss."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "merge", N_("Merge")),
        Binding("n", "reject", N_("Not the same")),
        Binding("i", "ignore", N_("Later")),
        Binding("escape", "app.pop_screen", N_("Back")),
    ]

    def __init__(self, session: Session, creator_id: int | None = None) -> None:
        super().__init__(session)
        self.creator_id = creator_id

    def make_table(self) -> Table:
        """The pairs."""

        def of(text: Callable[[Suggestion], str]) -> Any:
            return lambda _value, row: text(row)

        return Table(
            [
                Column("score", _("Score"), 5, "right", of(lambda found: str(found.score)), sortable=False),
                Column("first", _("Who"), 14, render=of(lambda found: found.name), flex=1, sortable=False),
                Column("second", _("May be"), 14, render=of(lambda found: found.other_name), flex=1, sortable=False),
                Column("why", _("Because"), 18, render=of(_why), flex=2, sortable=False, drop=1),
            ],
            enter=N_("Compare"),
            selectable=False,
            id="main",
        )

    def on_mount(self) -> None:
        """Show what waits."""
        self.table.set_empty(
            _("Nobody here may be the same as another.")
            + "\n\n"
            + _("Every sync compares those who are new or have changed.")
        )
        self._show()

    def store_changed(self) -> None:
        """Read the list again."""
        self._show()

    def taken_back(self, undone: Undone) -> None:
        """What was decided waits again: show it."""
        self._show()

    def _show(self) -> None:
        store, creator_id = self.session.store, self.creator_id
        self.table.show(SuggestionWindow(store, creator_id), keep=True)
        self.ask("count", lambda: len(suggestions.order(store, creator_id)), self._tell)
        self.tell_about()

    def _tell(self, n: int) -> None:
        text = ngettext("{n} pair may be one person", "{n} pairs may be one person", n)
        self.tell_status([(text.format(n=separated(n)), "strong")])

    # One pair.

    def _pair(self) -> Suggestion | None:
        row = self.table.cursor_row
        return row if isinstance(row, Suggestion) else None

    def read_about(self) -> None:
        """Both people and the evidence."""
        if (found := self._pair()) is None:
            self.sheet.show(lambda width: ())
            return
        store, key = self.session.store, found.key
        self.ask("detail", lambda: load(store, key), self._show_pair)

    def _show_pair(self, pair: Pair | None) -> None:
        self.sheet.show(lambda width: lines(pair, width) if pair is not None else ())

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter: both in a window of their own, where it can be decided, too."""
        if (found := self._pair()) is None:
            return
        store, key = self.session.store, found.key

        def show(pair: Pair | None) -> None:
            from kolbench.screens.comparing import Comparing

            if pair is not None:
                self.app.push_screen(Comparing(lambda width: lines(pair, width)), decided)

        def decided(act: str | None) -> None:
            if act is not None:
                {"merge": self.action_merge, "reject": self.action_reject, "ignore": self.action_ignore}[act]()

        self.ask("compare", lambda: load(store, key), show, keys_wait=True)

    # Deciding.

    def _decide(self, act: Callable[[Store, int, int, str], object], text: str) -> None:
        found, store = self._pair(), self.session.store
        if found is None:
            return

        def decided(_result: object) -> None:
            told = text.format(a=found.name, b=found.other_name)
            self.notify(_("{what} u takes it back.").format(what=told), timeout=4)
            self.session.version += 1  # the screens behind this one read again when it is left
            self._show()

        self.ask("decide", lambda: act(store, found.creator_id, found.other_id, changes.me()), decided)

    def action_merge(self) -> None:
        """They are one person."""
        self._decide(_merge, _("{a} and {b} are one person now."))

    def action_reject(self) -> None:
        """They are two."""
        self._decide(suggestions.reject, _("{a} and {b} are not the same."))

    def action_ignore(self) -> None:
        """Ask again in a month."""
        self._decide(suggestions.ignore, _("{a} and {b}: later."))


def _merge(store: Store, creator_id: int, other_id: int, author: str) -> int:
    from kolbench.programme import merging

    return merging.merge(store, creator_id, other_id, author)


def _why(found: Suggestion) -> str:
    rules = dict.fromkeys(item["rule"] for item in found.evidence if item["weight"] > 0)
    return _(", ").join(said(LIKENESSES, rule) for rule in rules)
