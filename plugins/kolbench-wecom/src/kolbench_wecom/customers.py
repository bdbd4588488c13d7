"""Customers, and the employees who look after them: a hundred employees at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from kolbench import Page
from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.paging import paged
from kolbench.adapters.targets import listed

from .api import AT_ONCE, Nobody, PlaceLost
from .entities import CaredFor, Contacts, customer_records, employee_record

if TYPE_CHECKING:
    from kolbench_wecom.api import Api

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


def customers(api: Api) -> Iterator[Page]:
    """Every customer of every employee."""
    for begun in batches(api):
        place = begun
        while not place.done:
            try:
                answer = api.contacts(place.batch, place.next)
            except Nobody:
                break
            except PlaceLost:
                if place is not begun or not place.next:
                    raise
                place = Place(place.batch)
                continue
            _warn_of_failed(api, answer)
            found = list(each(api.pull, answer.external_contact_list or (), CaredFor))
            names = sorted({one.follow_info.userid for one in found if one.follow_info.userid})
            records = [employee_record(api.corpid, name) for name in names]
            pages = [*records, *(record for one in found for record in customer_records(api.corpid, one))]
            before, place = place, onward(api, place, answer.next_cursor)
            yield from paged(pages, cursors.written(before), cursors.written(place))
    yield Page((), BEGIN)


def onward(api: Api, place: Place, following: str | None) -> Place:
    """The place behind a part of a list."""
    if not following:
        return Place(place.batch, done=True)
    if following == place.next:
        api.pull.warn("A list of WeCom's doesn't go on: the rest of it is left out.")
        return Place(place.batch, done=True)
    return Place(place.batch, following)


def _warn_of_failed(api: Api, answer: Contacts) -> None:
    failed = (answer.fail_info and answer.fail_info.unlicensed_userid_list) or ()
    for name in failed:
        api.pull.warn(f"The customers of {name} are not shown: a licence is missing (互通许可).")
