"""Bilibili as KOLbench reads it: a creator who has authorised an app, and their videos with all counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

from msgspec import Struct

from kolbench import (
    Denied,
    Finding,
    Gone,
    Page,
    PostRecord,
    Pull,
    RateLimit,
    Register,
    Setting,
    hookimpl,
)
from kolbench.adapters import cursors
from kolbench.adapters.answers import each, whole
from kolbench.adapters.servers import number

from .api import Api
from .entities import (
    Grant,
    Person,
    PersonCounts,
    Video,
    VideoCounts,
    Videos,
    account,
    post,
)

LISTED_AT_ONCE = 50
"""Videos a request: the most that the platform documents."""

COUNTED_AT_ONCE = 20
"""Videos a page: the counts of each take a request, which is lost where a sync is cut off."""

DAY_S = 86_400

SCOPES = {
    "USER_INFO": "who the account is",
    "USER_DATA": "how many follow it",
    "ARC_BASE": "its videos",
    "ARC_DATA": "the counts of its videos",
}
"""What an account may grant, and what for."""


class Place(Struct, frozen=True, order=True):
    """The last video that was read, by its time (seconds since 1970) and id: earlier ones were read before it."""

    at: int = 0
    uid: str = ""


class Bilibili:
    """Reads the account that a token belongs to.

    Its list of videos is read whole in each sync, a few requests that tell what is new whatever its order is; counts,
    which take a request a video, are read of new videos, oldest first, and of those of the last days.
    """

    name = "bilibili"
    title = "Bilibili: a creator who has authorised your app, and their videos"
    platform = "bilibili"
    feeds = ("profiles", "posts")
    limits: RateLimit | None = RateLimit(requests=60, seconds=60)
    settings = (
        Setting("client_id", "of your app", required=True, example="34c0f583f0414123"),
        Setting("app_secret", "of your app: requests are signed with it", required=True, secret=True),
        Setting("token", "access token of an account that has authorised your app", required=True, secret=True),
        Setting("recount", "for how many days a video's counts are read again", default="30", example="90"),
    )

    def __init__(self, clock: Callable[[], float] = time.time, nonce: Callable[[], str] = lambda: uuid4().hex) -> None:
        self._clock = clock
        self._nonce = nonce

    def targets(self, pull: Pull) -> tuple[str, ...]:
        """The account that the token belongs to, so that another one's token begins anew."""
        return (self._api(pull).get("user/account/info", Person).openid,)

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the account with its counts, or its videos."""
        return self._profile(pull) if pull.feed == "profiles" else self._videos(pull)

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Say whose the token is, and what the account hasn't granted."""
        api = self._api(pull)
        person = api.get("user/account/info", Person)
        yield Finding(True, f"The token belongs to {person.name or person.openid}.")
        grant = api.get("user/account/scopes", Grant)
        for scope, what in SCOPES.items():
            if not grant.allows(scope):
                yield Finding(False, f"It lacks the permission {scope}, and doesn't show {what}.")

    def _api(self, pull: Pull) -> Api:
        return Api(pull, self._clock, self._nonce)

    def _profile(self, pull: Pull) -> Iterator[Page]:
        api = self._api(pull)
        person = api.get("user/account/info", Person)
        counts = PersonCounts()
        if _granted(pull, api, "USER_DATA"):
            try:
                counts = api.get("data/user/stat", PersonCounts)
            except (Denied, Gone) as error:
                pull.warn(str(error))
        yield Page([account(person, counts)], cursor="read")

    def _videos(self, pull: Pull) -> Iterator[Page]:
        api, place = self._api(pull), cursors.read(pull.cursor, Place())
        videos = sorted(_listed(pull, api), key=_place_of)
        recent = self._clock() - number(pull, "recount") * DAY_S
        since = pull.since.timestamp() if pull.since and not pull.cursor else 0
        wanted = [video for video in videos if (_place_of(video) > place or video.at >= recent) and video.at >= since]
        is_counted = bool(wanted) and _granted(pull, api, "ARC_DATA")
        for start in range(0, len(wanted), COUNTED_AT_ONCE):
            some = wanted[start : start + COUNTED_AT_ONCE]
            place = max(place, _place_of(some[-1]))
            records = [_counted(pull, api, video, is_counted) for video in some]
            yield Page(records, cursor=cursors.written(place), total=len(wanted))


def _granted(pull: Pull, api: Api, scope: str) -> bool:
    """Whether the account allows it, as far as that is told; if not, the operator hears of it."""
    try:
        is_granted = api.get("user/account/scopes", Grant).allows(scope)
    except (Denied, Gone):
        return True
    if not is_granted:
        pull.warn(f"The account hasn't granted {scope}: {SCOPES[scope]} can't be read.")
    return is_granted


def _listed(pull: Pull, api: Api) -> list[Video]:
    """All published videos, each once."""
    found: dict[str, Video] = {}
    page, shown, more, total = 1, 0, True, None
    while more:
        answer = api.get("archive/viewlist", Videos, pn=page, ps=LISTED_AT_ONCE, status="pubed")
        before = len(found)
        found |= {video.resource_id: video for video in each(pull, answer.entries, Video)}
        page, shown, total = page + 1, shown + len(answer.entries), whole(answer.page.total)
        more = len(found) > before and (total is None or shown < total)
    if total is not None and shown < total:
        pull.warn(f"Bilibili counts {total} videos and lists {shown}.")
    return list(found.values())


def _counted(pull: Pull, api: Api, video: Video, is_counted: bool) -> PostRecord:
    counts = VideoCounts()
    if is_counted:
        try:
            counts = api.get("data/arc/stat", VideoCounts, resource_id=video.resource_id)
        except (Denied, Gone) as error:
            pull.warn(str(error))
    return post(video, pull.target, counts)


def _place_of(video: Video) -> Place:
    return Place(video.at, video.resource_id)


@hookimpl
def kolbench_register_adapters(register: Register) -> None:
    """Offer the adapter."""
    register(Bilibili())
