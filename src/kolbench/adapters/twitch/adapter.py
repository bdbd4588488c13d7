"""The Twitch adapter: what it needs from the operator, and the channels, followers, videos and clips that it reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from msgspec import Struct
from msgspec.structs import replace

from kolbench.adapters import cursors
from kolbench.adapters.answers import counted, each
from kolbench.adapters.batches import batches
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.servers import began, moment, number
from kolbench.adapters.targets import handle, named
from kolbench.adapters.twitch.api import APP, MOST, USER, Api, StaleCursor
from kolbench.adapters.twitch.entities import (
    Clip,
    Follower,
    Stream,
    User,
    Video,
    clip_record,
    user_record,
    video_record,
)
from kolbench.domain import clock
from kolbench.domain.errors import Denied, SourceError, UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import N_, _
from kolbench.domain.records import AccountRecord, FollowRecord, InteractionRecord, Record

if TYPE_CHECKING:
    from kolbench.adapters.twitch.api import Tokens

SCOPE = "moderator:read:followers"

WINDOW = 7 * clock.DAY
"""Clips are asked for week by week: Twitch gives at most a thousand of any time asked for."""

EARLIEST = 1_451_606_400_000
"""The year in which there were clips first, 2016, in milliseconds since 1970."""

_NAME = re.compile(r"[0-9]{1,19}|@[0-9]{1,25}|[a-z0-9_]{1,25}")
_KINDS = ("videos", "clips")


class Place(Struct, omit_defaults=True):
    """The cursor: whose list is read, and Twitch's own cursor of its next page.

    Videos are read from the newest one back to ``until`` (0 between two walks), and ``newest`` is where the next
    sync begins to look back from; clips from ``at`` on, which is when they were last ``read`` to between two walks.
    Times in milliseconds since 1970.
    """

    id: str = ""
    next: str = ""
    until: int = 0
    newest: int = 0
    at: int = 0
    read: bool = False


class Twitch:
    """Reads the channels that an operator lists."""

    name = "twitch"
    title = N_("Twitch: channels, viewers, videos and clips")
    platform = "twitch"
    feeds = ("profiles", "posts", "followers")
    limits: RateLimit | None = RateLimit(requests=780, seconds=60)
    settings = (
        Setting(
            "client_id", N_("of your app in Twitch's developer console"), required=True, example="hof5gwx0su6owfnys0ny"
        ),
        Setting("client_secret", N_("of the same app"), required=True, secret=True),
        Setting(
            "accounts",
            N_("whom to read: names of channels, ids or addresses, or the file @path"),
            required=True,
            example="ann, bob",
        ),
        Setting("followers", N_("channels whose followers to read: of the refresh token's user, or moderated by them")),
        Setting("refresh_token", N_("of a user who allows the app moderator:read:followers"), secret=True),
        Setting("days", N_("how many days back the first sync goes"), default="30", example="90"),
        Setting("recount", N_("for how many days a post's counts are read again"), default="7", example="14"),
    )

    def __init__(self) -> None:
        self._tokens: Tokens = WeakKeyDictionary()

    def targets(self, pull: Pull) -> Iterable[str]:
        """Channels, with their videos and their clips apart; profiles are read many at a time."""
        if pull.feed == "profiles":
            return ("",)
        if pull.feed == "posts":
            return [f"{name} {kind}" for name in _names(pull, "accounts") for kind in _KINDS]
        channels = _names(pull, "followers")
        if channels and not pull.settings.get("refresh_token"):
            raise UsageError(
                _("Twitch shows followers to a channel's own people only: give a refresh_token of theirs.")
            )
        return channels

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield channels and followers anew each time, videos and clips from the last time on."""
        api = Api(pull, self._tokens, USER if pull.feed == "followers" else APP)
        if pull.feed == "profiles":
            yield from _profiles(api)
            return
        name, _space, kind = pull.target.partition(" ")
        read = {"videos": _videos, "clips": _clips}.get(kind, _followers)
        place = cursors.read(pull.cursor, Place())
        if not place.id:
            place = replace(place, id=name if name.isdigit() else api.user(name).id)
        try:
            yield from read(api, place)
        except StaleCursor:
            yield from read(api, replace(place, next=""))

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Get the tokens, and look whether the first channel is there."""
        app = Api(pull, self._tokens)
        names = _names(pull, "accounts")[:1]
        found = app.users(names)
        yield Finding(True, _("Twitch accepts the client id and secret."))
        for name in names:
            if name not in found:
                text = _("Twitch knows no account {name}, or has suspended it.")
                yield Finding(False, text.format(name=name))
        if pull.settings.get("refresh_token"):
            yield from _allowed(Api(pull, self._tokens, USER))
        elif _names(pull, "followers"):
            yield Finding(False, _("Without a refresh_token no followers can be read."))


def _allowed(api: Api) -> Iterator[Finding]:
    """What the user of the refresh token allows."""
    try:
        scopes = api.token.scope
    except SourceError as error:
        if error.status != 401:
            raise
        yield Finding(False, str(error))
        return
    for user in each(api.pull, api.ask("users").data, User):
        yield Finding(True, _("The refresh token belongs to {user}.").format(user=user.login))
    if SCOPE not in scopes:
        yield Finding(False, _("It lacks the scope {scope}: followers can't be read.").format(scope=SCOPE))


def _profiles(api: Api) -> Iterator[Page]:
    """Channels with how many follow each, and how many watch those that are live."""
    names = _names(api.pull, "accounts")
    for batch, cursor in batches(names, MOST, api.pull.cursor):
        users = api.users(batch)
        viewers: dict[str, int | None] = {}
        if users:
            ids = [user.id for user in users.values()]
            live = api.ask("streams", user_id=ids, first=str(MOST)).data
            viewers = {stream.user_id: stream.viewer_count for stream in each(api.pull, live, Stream)}
        found: list[Record] = []
        for name in batch:
            if user := users.get(name):
                counts = counted(followers=_followed(api, user.id), viewers=viewers.get(user.id))
                found.append(user_record(user, counts))
            else:
                found.append(AccountRecord(uid=name if name.isdigit() else handle_ref(name), gone=True))
        yield Page(found, cursor, len(names))


def _followed(api: Api, user: str) -> int | None:
    """How many follow a channel, which Twitch tells everybody."""
    try:
        return api.ask("channels/followers", broadcaster_id=user, first="1").total
    except Denied:
        return None


def _followers(api: Api, place: Place) -> Iterator[Page]:
    """Who follows a channel; a list that was read to its end is read anew."""
    for answer, following in api.walk("channels/followers", place.next, broadcaster_id=place.id):
        if answer.total and not answer.data and not place.next:
            text = _("{channel}: the refresh token's user is no moderator there, or allows no {scope}.")
            raise Denied(text.format(channel=api.pull.target, scope=SCOPE))
        place = replace(place, next=following)
        found: list[Record] = []
        for one in each(api.pull, answer.data, Follower):
            found.append(AccountRecord(uid=one.user_id, handle=one.user_login, name=one.user_name))
            # Seen when it began, and seen now.
            since = moment(one.followed_at)
            seen = (since, None) if since else (None,)
            found += [FollowRecord(follower_uid=one.user_id, account_uid=place.id, observed_at=at) for at in seen]
        yield Page(found, cursors.written(place), answer.total)


def _videos(api: Api, place: Place) -> Iterator[Page]:
    """Videos from the newest one back to the last sync and ``recount`` days further."""
    if not place.until:
        until = place.newest - number(api.pull, "recount") * clock.DAY if place.newest else began(api.pull)
        place = replace(place, until=until)
    for answer, following in api.walk("videos", place.next, user_id=place.id, sort="time"):
        videos = list(each(api.pull, answer.data, Video))
        ages = [clock.to_ms(video.at) for video in videos if video.at]
        reached = bool(ages) and max(ages) < place.until
        newest = max(place.newest, min(max(ages, default=0), clock.now()))
        until = place.until if following and not reached else 0
        place = replace(place, next=following if until else "", newest=newest, until=until)
        yield Page([video_record(video, place.id) for video in videos], cursors.written(place))
        if reached:
            return


def _clips(api: Api, place: Place) -> Iterator[Page]:
    """Clips, and who has cut them out, week by week from the last sync on and ``recount`` days before."""
    if place.read or not place.at:
        again = place.at - number(api.pull, "recount") * clock.DAY
        place = replace(place, at=max(again if place.read else began(api.pull), EARLIEST), read=False)
    now = clock.now()
    if place.at + WINDOW > now:  # the last week has grown since, and Twitch's cursor is for what it was
        place = replace(place, next="")
    while not place.read:
        end = min(place.at + WINDOW, now)
        times = {"started_at": clock.iso(place.at), "ended_at": clock.iso(end)}
        for answer, following in api.walk("clips", place.next, broadcaster_id=place.id, **times):
            place = replace(place, next=following)
            if not following:
                place = replace(place, at=end, read=end >= now)
            yield Page(_cut(each(api.pull, answer.data, Clip), place.id), cursors.written(place))


def _cut(clips: Iterable[Clip], owner: str) -> list[Record]:
    people: dict[str, Record] = {}
    rest: list[Record] = []
    for clip in clips:
        rest.append(clip_record(clip, owner))
        at = moment(clip.created_at)
        if clip.creator_id and clip.creator_id != owner and at:
            people[clip.creator_id] = AccountRecord(uid=clip.creator_id, name=clip.creator_name or None)
            act = InteractionRecord(
                actor_uid=clip.creator_id, object_uid=owner, kind="clip", at=at, evidence_uid=clip.id
            )
            rest.append(act)
    return [*people.values(), *rest]


def _names(pull: Pull, setting: str) -> list[str]:
    return named(pull, setting, "Twitch", _NAME, lambda item: handle(item, "twitch.tv").lower())
