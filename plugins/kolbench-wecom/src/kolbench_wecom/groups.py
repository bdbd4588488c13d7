"""Customer groups and who is in them: the groups of a hundred employees at a time, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kolbench import Denied, Gone, Page, Record
from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.paging import paged

from .api import Nobody, PlaceLost
from .customers import BEGIN, Place, batches, onward
from .entities import Member, Named, group_records

if TYPE_CHECKING:
    from kolbench_wecom.api import Api


def groups(api: Api) -> Iterator[Page]:
    """Every group that an employee owns."""
    for begun in batches(api):
        place = begun
        while not place.done:
            try:
                answer = api.groups(place.batch, place.next)
            except Nobody:
                break
            except PlaceLost:
                if place is not begun or not place.next:
                    raise
                place = Place(place.batch)
                continue
            names = [named.chat_id for named in each(api.pull, answer.group_chat_list or (), Named)]
            for name in names[names.index(place.group) + 1 if place.group in names else 0 :]:
                before, place = place, Place(place.batch, place.next, name)
                if records := _group(api, name):
                    yield from paged(records, cursors.written(before), cursors.written(place))
            place = onward(api, place, answer.next_cursor)
    yield Page((), BEGIN)


def _group(api: Api, name: str) -> list[Record]:
    """A group and its members; nothing for one that is gone or closed to us, which is told."""
    try:
        group = api.group(name).group_chat
    except (Gone, Denied) as error:
        api.pull.warn(f"The group {name} is left out. {error}")
        return []
    members = list(each(api.pull, group.member_list, Member))
    return list(group_records(api.corpid, group, members))
