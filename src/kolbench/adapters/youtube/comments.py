"""What is said under a channel's videos: comments, and the replies to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kolbench.adapters.servers import moment
from kolbench.adapters.youtube.api import COMMENTS_A_PAGE, Api, Unread
from kolbench.adapters.youtube.entities import WEB, Comment, Thread
from kolbench.domain import clock
from kolbench.domain.errors import Denied, Gone
from kolbench.domain.records import AccountRecord, CommunityRecord, MembershipRecord, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIZE = str(COMMENTS_A_PAGE)


def talk(api: Api, of: Mapping[str, str]) -> Iterator[list[Record]]:
    """The comments ``of`` a channel or video from the newest back to ``api.place.until``, and all replies to them.

    A page of comments is handed over with the few replies that come with it; the others are read next.
    """
    while True:
        people = _channel(api)
        if api.place.unread:
            yield [*people, *_replies(api)]
        else:
            yield [*people, *_comments(api, of)]
        if not api.place.token and not api.place.unread:
            return


def _comments(api: Api, of: Mapping[str, str]) -> list[Record]:
    place = api.place
    listed, token = api.paged(
        "commentThreads",
        place.token,
        part="snippet,replies",
        textFormat="plainText",
        order="time",
        maxResults=_SIZE,
        **of,
    )
    threads = list(api.each(listed.items, Thread))
    times = [clock.to_ms(at) for one in threads if (at := moment(one.top.snippet.published_at))]
    newest = max([place.newest, *(at for at in times if at <= clock.now())])
    if times and max(times) < place.until:
        threads, token = [], ""
    records: list[Record] = []
    for one in threads:
        records += one.top.records(place.channel, place.channel)
        for reply in api.each(one.some, Comment):
            records += reply.records(place.channel, one.top.author, one.top.id)
    unread = tuple(Unread(one.id, one.top.author) for one in threads if one.has_more)
    api.place = replace(place, token=token, newest=newest, unread=unread)
    return records


def _replies(api: Api) -> list[Record]:
    """A page of the replies to the first of the comments whose replies are unread; none where it is gone by now."""
    place = api.place
    (thread, author, token), *others = place.unread
    records: list[Record] = []
    following = ""
    try:
        listed, following = api.paged(
            "comments", token, part="snippet", textFormat="plainText", parentId=thread, maxResults=_SIZE
        )
        for reply in api.each(listed.items, Comment):
            records += reply.records(place.channel, author, thread)
    except (Gone, Denied):
        pass
    again = [Unread(thread, author, following)] if following else []
    api.place = replace(place, unread=(*again, *others))
    return records


def _channel(api: Api) -> list[Record]:
    """The channel, whose comments are a community that belongs to its owner."""
    uid, title = api.place.channel, api.place.title or None
    return [
        AccountRecord(uid=uid, name=title),
        CommunityRecord(uid=uid, name=title, kind="channel", url=f"{WEB}/channel/{uid}"),
        MembershipRecord(community_uid=uid, account_uid=uid, role="owner"),
    ]
