"""The walk through what employees have, customers or groups: a hundred employees at a time, a part after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec import Struct

from kolbench.adapters import cursors
from kolbench.adapters.targets import listed

from .api import AT_ONCE, Nobody, PlaceLost

if TYPE_CHECKING:
    from kolbench_wecom.api import Api


class Part(Protocol):
    """A part of a list, with WeCom's cursor of the next one."""

    @property
    def next_cursor(self) -> str | None:
        """Empty behind the last part."""


P = TypeVar("P", bound=Part)

BEGIN = "begin"
"""The cursor behind an end: the next sync reads everything again."""


class Place(Struct):
    """Where a reading is, as the cursor keeps it.

    ``batch`` are the employees whose customers or groups are being read, ``next`` is WeCom's own cursor in their list.
    ``group`` is the last group of that part of the list which was read. ``done`` says that the batch is over.
    """

    batch: list[str] = []
    next: str = ""
    group: str = ""
    done: bool = False


def employees(api: Api) -> list[str]:
    """Those whose customers are read, in order: the ones that the setting names, or all that the app sees."""
    wanted = listed(api.pull.settings.get("employees", ""))
    return sorted(set(wanted or api.followed().follow_user or ()))


def batches(api: Api) -> Iterator[Place]:
    """Where to begin with each batch of employees: the one that was being read first, then those behind it."""
    place = cursors.read(api.pull.cursor, Place())
    if place.batch and not place.done:
        yield place
    behind = [name for name in employees(api) if not place.batch or name > place.batch[-1]]
    for start in range(0, len(behind), AT_ONCE):
        yield Place(behind[start : start + AT_ONCE])


def parts(api: Api, ask: Callable[[list[str], str], P]) -> Iterator[tuple[P, Place, Place]]:
    """Each part of the lists of all employees, where it lies, and the place behind it."""
    for begun in batches(api):
        place = begun
        while not place.done:
            try:
                answer = ask(place.batch, place.next)
            except Nobody:
                break
            except PlaceLost:
                if place is not begun or not place.next:
                    raise
                place = Place(place.batch)
                continue
            behind = _behind(api, place, answer.next_cursor)
            yield answer, place, behind
            place = behind


def _behind(api: Api, place: Place, following: str | None) -> Place:
    """The place behind a part of a list."""
    if not following:
        return Place(place.batch, done=True)
    if following == place.next:
        api.pull.warn("A list of WeCom's doesn't go on: the rest of it is left out.")
        return Place(place.batch, done=True)
    return Place(place.batch, following)
