"""The rows of the queue: what each tells, and a window that what is dealt with leaves at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.lang import _
from kolbench.programme import follow_ups as programme
from kolbench.screens.words import CHANNELS, STATES, said
from kolbench.store import follow_ups
from kolbench.store.queue_start import FIRST
from kolbench.widgets.cells import due, since
from kolbench.widgets.columns import Column

if TYPE_CHECKING:
    from kolbench.store.ahead import Ahead
    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import FollowUp
    from kolbench.store.queue_start import Start
    from kolbench.store.sections import Only

OPEN = "open"
"""All that is open and not snoozed: the section of the store without a name."""


class Item(NamedTuple):
    """One follow-up as a row: its id, itself, and its reason and script in words."""

    follow_up_id: int
    found: FollowUp
    title: str
    why: str
    script: str

    @property
    def creator_id(self) -> int:
        """Whom it is about."""
        return self.found.creator_id

    @property
    def name(self) -> str:
        """What they are called."""
        return self.found.name

    def taken_from(self, me: str) -> bool:
        """Whether a colleague works on it."""
        return self.found.taken_by is not None and self.found.taken_by != me


class QueueWindow:
    """One section at the moment ``at`` (ms), narrowed by ``only``; ``without`` some that are being dealt with.

    The beginning of the order is read once and kept, so that going on costs no more the longer the queue is; the rest
    is read when somebody goes there. Pages are read as they come in sight. ``after`` is a window of the same section
    whose order is taken over; ``ahead`` is the beginning of all that is open, if it was asked for before.
    """

    def __init__(
        self,
        store: Store,
        section: str,
        at: int,
        only: Only,
        without: Collection[int] = (),
        after: QueueWindow | None = None,
        ahead: Ahead[Start] | None = None,
    ) -> None:
        self.store = store
        self.section = section
        self.at = at
        self.only = only
        self._without = frozenset(without)
        self._after = after
        self._ahead = ahead
        self._total: int | None = None
        self._ids: list[int] = []

    def count(self) -> int:
        """How many follow-ups there are."""
        before, self._after = self._after, None
        if self._ahead is not None:
            (self._total, self._ids), self._ahead = self._ahead.value(), None
        if self._total is None and (before is None or not self._take_over(before)):
            self._total = follow_ups.count(self.store, self._part, self.at, self._narrowed)
        assert self._total is not None
        return self._total

    def rows(self, start: int, stop: int) -> Sequence[Item]:
        """Those at positions ``start`` to ``stop``."""
        return [in_words(row, self.at) for row in follow_ups.of_ids(self.store, self._order(stop)[start:stop], self.at)]

    def find(self, key: object) -> int | None:
        """The position of a follow-up."""
        for stop in (0, FIRST, self.count()):  # no more than it takes
            if isinstance(key, int) and key in (ids := self._order(stop)):
                return ids.index(key)
        return None

    def close(self) -> None:
        """Nothing to let go."""

    def _order(self, stop: int) -> list[int]:
        """The numbers of the follow-ups in their order, at least those before ``stop``."""
        if len(self._ids) < min(stop, self.count()):
            most = FIRST if stop <= FIRST else None
            self._ids = follow_ups.ids(self.store, self._part, self.at, self._narrowed, stop=most)
        return self._ids

    def _take_over(self, before: QueueWindow) -> bool:
        """Take over what another window knows, if that tells how many are left."""
        gone = self._without - before._without
        if before._total is None or not gone <= set(before._ids):
            return False
        self._ids = [one for one in before._ids if one not in gone]
        self._total = before._total - len(gone)
        return True

    @property
    def _part(self) -> str | None:
        return None if self.section == OPEN else self.section

    @property
    def _narrowed(self) -> Only:
        return self.only._replace(without=tuple(self._without))


def in_words(row: FollowUp, at: int) -> Item:
    """A follow-up as a row, as of the moment ``at``."""
    title = programme.title(row.rule)
    return Item(row.follow_up_id, row, title, programme.why(row.rule, row.evidence, at), _script(row))


def _script(row: FollowUp) -> str:
    """The first line of the script that a step of a sequence asks for, without looking anything up; may be empty."""
    text = row.evidence.get("script") or row.evidence.get("draft") or ""
    return next((line for line in str(text).splitlines() if line.strip()), "")


def columns(section: str, at: int, me: str, dealt_with: Callable[[int], str | None]) -> list[Column]:
    """The columns of a section; ``dealt_with`` names what has just been done with a row, if anything."""

    def when(row: Item) -> str:
        done = dealt_with(row.follow_up_id)
        if done is not None:
            return done
        return said(STATES, row.found.state) if section == "closed" else due(row.found.due_at, at)

    def touched(row: Item) -> str:
        last = row.found.last_touch_at
        return since(last, at) if last is not None else _("never")

    def whose(row: Item) -> str:
        found = row.found
        if found.taken_by is not None:
            return _("me now") if found.taken_by == me else _("{name} now").format(name=found.taken_by)
        return found.owner or ""

    def column(
        key: str,
        label: str,
        width: int,
        text: Callable[[Item], str],
        *,
        right: bool = False,
        flex: int = 0,
        drop: int = 0,
    ) -> Column:
        def render(_key: Any, row: Sequence[Any]) -> str:
            return text(row) if isinstance(row, Item) else ""

        return Column(
            key, label, width, "right" if right else "left", render, at=0, flex=flex, drop=drop, sortable=False
        )

    return [
        column("due", _("Due"), 9, when),
        column("name", _("Who"), 12, lambda row: row.name, flex=1),
        column("why", _("Why now"), 28, lambda row: row.why, flex=3),
        column("channel", _("Channel"), 8, lambda row: said(CHANNELS, row.found.channel or ""), drop=2),
        column("script", _("Script"), 18, lambda row: row.script, flex=3, drop=3),
        column("touch", _("Contact"), 7, touched, right=True, drop=1),
        column("whose", _("Whose"), 8, whose),
    ]
