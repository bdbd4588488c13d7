"""What the YouTube adapter offers: its settings, what it reads one by one, and how."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from msgspec.structs import replace

from kolbench.adapters import servers
from kolbench.adapters.protocol import Finding, Page, RateLimit, Setting
from kolbench.adapters.targets import named, page
from kolbench.adapters.youtube import comments
from kolbench.adapters.youtube.api import A_PAGE, Api, Spent, is_id
from kolbench.adapters.youtube.entities import Item, Video
from kolbench.adapters.youtube.quota import Plan, Work, planned
from kolbench.domain import clock
from kolbench.domain.errors import Gone, RateLimited, SourceError, Transient, UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import N_, _
from kolbench.domain.records import AccountRecord

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Pull
    from kolbench.domain.records import Record

VIDEOS = "videos"
"""The target that stands for all videos which are listed one by one; other targets are channels and playlists."""

A_LIST = 3
"""Units with which a channel gets on in a day: to find it, to list what is new, and to ask for counts or replies."""

REMEMBERED = 400
"""Names whose channels are kept in the cursor of the profiles, so that 50 can be asked for at once."""

_NAME = re.compile(r"@?[^\s/?#&=@]{1,100}")
_VIDEO = re.compile(r"[\w-]{11}", re.ASCII)
_PLAYLIST = re.compile(r"[\w-]{2,100}", re.ASCII)
_SITES = ("youtube.com", "youtu.be")


class YouTube:
    """Reads channels, their videos and what is said about them, with no more units a day than there are."""

    name = "youtube"
    title = N_("YouTube: channels, videos and comments")
    platform = "youtube"
    feeds = ("profiles", "posts", "messages")
    limits: RateLimit | None = RateLimit(requests=300, seconds=60)
    settings = (
        Setting("api_key", N_("API key of a project with the YouTube Data API v3"), required=True, secret=True),
        Setting("channels", N_("handles, ids or addresses of channels, or the file @path"), example="@ann, UC…"),
        Setting("playlists", N_("playlists whose videos to read"), example="PL…"),
        Setting("videos", N_("single videos to read"), example="https://youtu.be/dQw4w9WgXcQ"),
        Setting("quota", N_("units that may be used in a day"), default="10000", example="50000"),
        Setting("days", N_("how many days back the first sync goes"), default="90", example="365"),
        Setting("recount", N_("for how many days a post's counts are read again"), default="7", example="14"),
        Setting("thread_days", N_("how long to look for new replies to a message"), default="3", example="7"),
        Setting("comments", N_("whether to read comments: yes, no"), default="yes", example="no"),
    )

    def targets(self, pull: Pull) -> Iterator[str]:
        """The channels, playlists and videos of a feed whose turn it is today. Raises UsageError for a bad name."""
        wanted = _Wanted(pull)
        plan = wanted.plan()
        if plan.days > 1:
            text = _("{quota} units a day don't read everything daily: each part is read every {days} days.")
            pull.warn(text.format(quota=plan.quota, days=plan.days))
        now = clock.now()
        match pull.feed:
            case "profiles":
                yield from [""] if wanted.channels else []
            case "posts":
                yield from plan.turn([*wanted.channels, *wanted.playlists], now)
                yield from [VIDEOS] if wanted.videos else []
            case _:
                yield from plan.turn(wanted.talks, now)

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the pages of one target, until its share of the day's units is used up."""
        wanted = _Wanted(pull)
        plan = wanted.plan()
        read: Callable[[Pull, Api, _Wanted], Iterator[list[Record]]]
        if pull.feed == "profiles":
            share, read = plan.shares("profiles"), _profiles
        elif pull.feed == "posts" and pull.target == VIDEOS:
            share, read = plan.shares(VIDEOS), _videos
        elif pull.feed == "posts":
            share, read = plan.share("posts"), _posts
        else:
            share, read = plan.share("messages"), _messages
        api = Api(pull, share)
        try:
            for records in read(pull, api, wanted):
                yield Page(records, api.cursor())
        except Spent:
            text = _("{name}: its {units} units of today are used up; the rest follows from tomorrow on.")
            name = pull.target if api.has_asked else ""  # else it was said of each, at every sync of the day
            pull.warn(text.format(name=name or _(pull.feed), units=share))
            yield Page((), api.cursor())
        except SourceError as error:
            if not isinstance(error, Transient):
                yield Page((), api.cursor())  # for requests in vain count too
            raise

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Ask for one channel or video, which costs a unit, and tell the plan."""
        wanted = _Wanted(pull)
        plan = wanted.plan()
        api = Api(pull, plan.quota)
        try:
            if wanted.channels:
                api.channel(wanted.channels[0])
            elif wanted.playlists:
                api.ask("playlistItems", part="id", playlistId=wanted.playlists[0])
            else:
                api.ask("videos", part="id", id=wanted.videos[0])
            yield Finding(True, _("The API key works."))
        except Gone as error:
            yield Finding(False, _("The API key works, but {reason}.").format(reason=error))
        except RateLimited as error:
            yield Finding(False, str(error))
        text = _("One pass takes {needed} units or more, of {quota} a day: everything is read every {days} day(s).")
        yield Finding(True, text.format(needed=plan.needed, quota=plan.quota, days=plan.days))


class _Wanted:
    """What the settings list. Raises UsageError for what is no name, and where nothing is listed."""

    def __init__(self, pull: Pull) -> None:
        told = pull.settings
        self.channels = named(pull, "channels", "YouTube", _NAME, _channel)
        self.playlists = named(pull, "playlists", "YouTube", _PLAYLIST, _playlist)
        self.videos = named(pull, "videos", "YouTube", _VIDEO, _video)
        if not (self.channels or self.playlists or self.videos):
            raise UsageError(_("Name what to read in channels, playlists or videos."))
        answer = told.get("comments", "yes").strip().casefold()
        if answer not in ("yes", "no"):
            raise UsageError(_("comments={value}: yes or no is needed.").format(value=answer))
        self.talks = [*self.channels, *(f"video {video}" for video in self.videos)] if answer == "yes" else []
        quota = told.get("quota", "").strip()
        if not (quota.isascii() and quota.isdigit() and len(quota) < 10):
            raise UsageError(_("quota={value}: a number of units a day is needed, such as 10000.").format(value=quota))
        self.quota = int(quota)

    def plan(self) -> Plan:
        """How the quota is shared out over it."""
        ids = sum(map(bool, map(is_id, self.channels)))
        works = {
            "profiles": Work(-(-ids // A_PAGE) + len(self.channels) - ids, 1),
            "posts": Work(len(self.channels) + len(self.playlists), A_LIST),
            VIDEOS: Work(-(-len(self.videos) // A_PAGE), 1),
            "messages": Work(len(self.talks), A_LIST),
        }
        return planned(self.quota, works)


def _profiles(pull: Pull, api: Api, wanted: _Wanted) -> Iterator[list[Record]]:
    """All channels as they are now: by 50 where their ids are known, else by name."""
    left = _behind(wanted.channels, api.place.after)
    while left:
        ids = dict(api.place.ids)
        batch = _batch(left, ids)
        left = left[len(batch) :]
        records: list[Record] = []
        uid_of = {name: name if is_id(name) else ids.get(name, "") for name in batch}
        if all(uid_of.values()):
            found, is_all = api.channels(dict.fromkeys(uid_of.values()))
            records += (channel.record() for channel in found)
            seen = {channel.id for channel in found}
            missing = {name: uid for name, uid in uid_of.items() if uid not in seen}
            if is_all:
                records += (AccountRecord(uid=uid, gone=True) for uid in dict.fromkeys(missing.values()))
                for name in missing:
                    ids.pop(name, None)  # by its name the next time: somebody may have it
            elif missing:
                pull.warn(_("YouTube left out channels without saying that they are gone: {n}").format(n=len(missing)))
        else:
            name = batch[0]
            try:
                channel = api.channel(name)
                records.append(channel.record())
                if len(ids) < REMEMBERED:
                    ids[name] = channel.id
            except Gone:
                records.append(AccountRecord(uid=handle_ref(name), gone=True))
        api.place = replace(api.place, after=batch[-1] if left else "", ids=ids)
        yield records


def _posts(pull: Pull, api: Api, wanted: _Wanted) -> Iterator[list[Record]]:
    """The videos of a channel since the last time, and those whose counts are young; those of a playlist all."""
    if pull.target in wanted.channels:
        _find(api, pull.target)
        if not api.place.token:
            young = clock.now() - servers.number(pull, "recount") * clock.DAY
            newest = api.place.newest
            api.place = replace(api.place, until=min(newest, young) if newest else servers.began(pull))
        playlist = api.place.uploads
    else:
        playlist = pull.target
    while True:
        place = api.place
        try:
            page, token = api.paged(
                "playlistItems", place.token, part="contentDetails", playlistId=playlist, maxResults=str(A_PAGE)
            )
        except Gone:
            if pull.target not in wanted.channels:
                raise
            api.place = replace(place, token="")
            yield []  # a channel without a video has no list of them; whether it is gone, its profile tells
            return
        items = [item.content_details for item in api.each(page.items, Item)]
        times = [clock.to_ms(at) for item in items if (at := servers.moment(item.video_published_at))]
        newest = max([place.newest, *(at for at in times if at <= clock.now())])
        is_over = bool(times) and max(times) < place.until
        found = [] if is_over else api.videos(dict.fromkeys(item.video_id for item in items))
        api.place = replace(place, token="" if is_over else token, newest=newest)
        yield _works(found)
        if not api.place.token:
            return


def _videos(pull: Pull, api: Api, wanted: _Wanted) -> Iterator[list[Record]]:
    """Videos that are listed one by one."""
    left = _behind(wanted.videos, api.place.after)
    while left:
        batch, left = left[:A_PAGE], left[A_PAGE:]
        found = api.videos(batch)
        if missing := set(batch) - {video.id for video in found}:
            text = _("Gone, or not public: the videos {names}.")
            pull.warn(text.format(names=", ".join(sorted(missing))))
        api.place = replace(api.place, after=batch[-1] if left else "")
        yield _works(found)


def _messages(pull: Pull, api: Api, wanted: _Wanted) -> Iterator[list[Record]]:
    """What is said under all videos of a channel, or under one video."""
    video = pull.target.removeprefix("video ")
    if video == pull.target:
        _find(api, pull.target)
        of = {"allThreadsRelatedToChannelId": api.place.id}
    else:
        if not api.place.id:
            found = api.videos([video])
            if not found:
                raise Gone(_("there is no video {name}, or it is not public").format(name=video))
            told = found[0].snippet
            api.place = replace(api.place, id=video, channel=told.channel_id, title=told.channel_title or "")
        of = {"videoId": video}
    if not (api.place.token or api.place.unread):
        again = servers.number(pull, "thread_days") * clock.DAY  # for replies to what is older
        api.place = replace(api.place, until=(api.place.newest or servers.began(pull)) - again)
    return comments.talk(api, of)


def _find(api: Api, name: str) -> None:
    """Let the place know the channel; it is looked up only where it isn't known yet."""
    if api.place.id:
        return
    channel = api.channel(name)
    if not channel.uploads:
        raise SourceError(_("{name}: YouTube does not tell where its videos are listed").format(name=name))
    api.place = replace(
        api.place, id=channel.id, channel=channel.id, title=channel.title[:200], uploads=channel.uploads
    )


def _works(videos: Sequence[Video]) -> list[Record]:
    owners = {video.snippet.channel_id: video.owner() for video in videos}
    return [*owners.values(), *(video.record() for video in videos)]


def _batch(names: Sequence[str], ids: dict[str, str]) -> list[str]:
    """The first of ``names`` that can be asked for at once: 50 of known channels, or one that has to be looked up."""
    batch: list[str] = []
    for name in names[:A_PAGE]:
        if not is_id(name) and name not in ids:
            break
        batch.append(name)
    return batch or [names[0]]


def _behind(names: Sequence[str], name: str) -> list[str]:
    """Those that come after ``name``; all, where it isn't among them."""
    return list(names[names.index(name) + 1 :] if name in names else names)


def _channel(item: str) -> str:
    """An id, an ``@handle`` or a bare name, from any form in which a channel may be written."""
    path = _address(item)[0]
    return path[1] if path[0] in ("channel", "user", "c") and len(path) > 1 else path[0]


def _playlist(item: str) -> str:
    path, query = _address(item)
    return query.get("list", path[-1:])[0]


def _video(item: str) -> str:
    path, query = _address(item)
    return query.get("v", path[-1:])[0]


def _address(item: str) -> tuple[list[str], dict[str, list[str]]]:
    """The parts of an address's path, and its query; what is none is a path of its own."""
    found = page(item) or page(f"https://{item}", *_SITES)
    if not found:
        return [item], {}
    return [part for part in found.path.split("/") if part] or [""], parse_qs(found.query)
