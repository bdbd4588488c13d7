"""Customer groups and who is in them, one group after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kolbench import Denied, Gone, Page, Record
from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.paging import paged

from .entities import Member, Named, group_records
from .walking import BEGIN, Place, parts

if TYPE_CHECKING:
    from kolbench_wecom.api import Api


def groups(api: Api) -> Iterator[Page]:
    """Every group that an employee owns."""
    for answer, place, _behind in parts(api, api.groups):
        at = place
        names = [named.chat_id for named in each(api.pull, answer.group_chat_list or (), Named)]
        for name in names[names.index(place.group) + 1 if place.group in names else 0 :]:
            before, at = at, Place(place.batch, place.next, name)
            if records := _group(api, name):
                yield from paged(records, cursors.written(before), cursors.written(at))
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
