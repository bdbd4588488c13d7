"""The creator's works: the list from its beginning, until what was read before and is too old to change much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from kolbench import Denied, Page
from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.servers import number
from kolbench.domain import clock

from .entities import Counted, Counts, Statistics, Video, Videos, Whole, video_record

if TYPE_CHECKING:
    from kolbench_douyin.api import Api

VIDEOS = "/api/douyin/v1/video/video_list/"
COUNTS = "/api/douyin/v1/video/video_data/"

WORKS = 20
"""Works asked for at a time."""

DAY = 86_400


class Place(Struct):
    """Where the reading is, as the cursor keeps it.

    ``at`` is the list's own cursor, 0 between two readings. ``newest`` is when the newest work that was seen was
    made, ``until`` how far back this reading goes: seconds since 1970.
    """

    at: int = 0
    newest: int = 0
    until: int = 0


class Works:
    """Reads the list of works, newest first.

    The documentation doesn't state the list's order, so that a reading ends behind a whole part of the list that is
    older than it has to go; works that are pinned don't count for that.
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    def pages(self) -> Iterator[Page]:
        """Yield a page for each part of the list."""
        pull, place = self._api.pull, self._begin()
        latest, more = clock.now() // clock.SECOND + DAY, True
        while more:
            answer = self._api.get(VIDEOS, Whole[Videos], cursor=place.at, count=WORKS).data
            videos = list(each(pull, answer.items or (), Video))
            unpinned = [video.create_time for video in videos if not video.is_top]
            more = bool(answer.has_more) and not (unpinned and max(unpinned) < place.until)
            if more and answer.cursor == place.at:
                pull.warn(f"The list of works doesn't go on behind {place.at}: the rest is left out.")
                more = False
            newest = max([place.newest, *(made for video in videos if (made := video.create_time) < latest)])
            place = Place(answer.cursor, newest, place.until) if more else Place(newest=newest)
            counts = self._counts([video.item_id for video in videos if video.statistics is None])
            creator = self._api.open_id
            found = [video_record(video, creator, video.statistics or counts.get(video.item_id)) for video in videos]
            yield Page(found, cursors.written(place))

    def _begin(self) -> Place:
        pull = self._api.pull
        place = cursors.read(pull.cursor, Place())
        if place.at:
            return place
        if place.newest:
            return Place(newest=place.newest, until=place.newest - number(pull, "recount") * DAY)
        return Place(until=int(pull.since.timestamp()) if pull.since else 0)

    def _counts(self, ids: list[str]) -> dict[str, Statistics]:
        """The counts of works that the list tells without them."""
        if not ids:
            return {}
        try:
            answer = self._api.post(COUNTS, Whole[Counts], {"item_ids": ids}).data
        except Denied as error:
            self._api.pull.warn(f"The counts of the works are left out: {error}")
            return {}
        counted = each(self._api.pull, answer.items or (), Counted)
        return {one.item_id: one.statistics for one in counted if one.statistics}
