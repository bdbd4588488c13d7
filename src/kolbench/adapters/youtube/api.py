"""The Data API as one pull asks it: within its share of the quota, and with refusals told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec import DecodeError, Raw, Struct, json
from msgspec.structs import replace

from kolbench.adapters import cursors
from kolbench.adapters.answers import decode, each
from kolbench.adapters.youtube import quota
from kolbench.adapters.youtube.entities import Channel, Listed, Video
from kolbench.domain import clock
from kolbench.domain.errors import Denied, Gone, RateLimited, SourceError, Transient
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Pull

T = TypeVar("T")

BASE = "https://www.googleapis.com/youtube/v3"
A_PAGE = 50
"""Ids that one request may ask for, and videos of a playlist that one answer may hold."""
COMMENTS_A_PAGE = 100

is_id = re.compile(r"UC[\w-]{22}", re.ASCII).fullmatch
"""Whether a channel is named by its id."""

_CHANNEL = "snippet,statistics,contentDetails"
_VIDEO = "snippet,contentDetails,statistics,liveStreamingDetails"

_SPENT = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded"}
_KEY = {
    *("keyInvalid", "keyExpired", "accessNotConfigured", "ipRefererBlocked"),
    *("API_KEY_INVALID", "API_KEY_EXPIRED", "SERVICE_DISABLED", "CONSUMER_SUSPENDED", "API_KEY_SERVICE_BLOCKED"),
    *("API_KEY_IP_ADDRESS_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED"),
}
_STALE = {"invalidPageToken"}
_PASSING = {"processingFailure", "backendError"}
_MINUTE_S = 60.0


class Unread(NamedTuple):
    """A comment whose replies are still to be read: its id, its author, and the next page."""

    thread: str
    author: str
    token: str = ""


class Place(Struct, frozen=True, omit_defaults=True):
    """The cursor: the units ``used`` on ``day``, and how far a list was read.

    ``id`` is the channel or video, ``channel`` whose comments they are, ``uploads`` the list of a channel's videos.
    Lists are read from the newest back to ``until``; ``newest`` is the newest seen, both in milliseconds since 1970.
    Names are looked up in their order: ``after`` is the last one that was, ``ids`` are the channels they named.
    """

    day: int = 0
    used: int = 0
    id: str = ""
    channel: str = ""
    title: str = ""
    uploads: str = ""
    token: str = ""
    until: int = 0
    newest: int = 0
    unread: tuple[Unread, ...] = ()
    after: str = ""
    ids: dict[str, str] = {}


class Spent(Exception):
    """Ends a reading: its units of the day are used up."""


class _Reason(Struct):
    reason: str = ""


class _Error(Struct):
    errors: list[_Reason] = []
    details: list[_Reason] = []


class _Failure(Struct):
    error: _Error


class Api:
    """One pull's requests. ``place`` is where it goes on, and set when what lies before it was handed over."""

    def __init__(self, pull: Pull, share: int) -> None:
        assert pull.http
        self._pull = pull
        self._http = pull.http
        self._share = share
        self.has_asked = False
        self._headers = {"X-Goog-Api-Key": pull.settings["api_key"].strip()}
        self.place = cursors.read(pull.cursor, Place())
        self._day, self._used = self.place.day, self.place.used

    def cursor(self) -> str:
        """Where to go on, and what was used."""
        return cursors.written(replace(self.place, day=self._day, used=self._used))

    def ask(self, resource: str, **query: str) -> Listed:
        """One page of a list, for one unit. Raises Spent, and SourceError saying what YouTube's reason means."""
        today = quota.day(clock.now())
        if today != self._day:
            self._day, self._used = today, 0
        if self._used >= self._share:
            raise Spent
        self._used += 1
        self.has_asked = True
        asked = {name: value for name, value in query.items() if value}
        try:
            answer = self._http.get(f"{BASE}/{resource}", params=asked, headers=self._headers)
        except SourceError as error:
            if (meant := _meant(error)) is error:
                raise
            raise meant from error
        return decode(answer, Listed)

    def each(self, items: Iterable[Raw] | None, shape: type[T]) -> Iterator[T]:
        """The items of a list; a broken one is rejected alone."""
        return each(self._pull, items or (), shape)

    def paged(self, resource: str, token: str, **query: str) -> tuple[Listed, str]:
        """The page of that token and the token of the next one: empty behind the last, and for one that repeats itself.

        Tokens don't last for ever: where one is refused, the list is read from its beginning.
        """
        try:
            listed = self.ask(resource, pageToken=token, **query)
        except SourceError as error:
            if not token or not reasons(error) & _STALE:
                raise
            token = ""
            listed = self.ask(resource, **query)
        following = listed.next_page_token or ""
        if following and following == token:
            self._pull.warn(_("{name}: YouTube gives the same page again and again.").format(name=resource))
            following = ""
        return listed, following

    def channels(self, ids: Iterable[str] = (), **by: str) -> tuple[list[Channel], bool]:
        """The channels of these ids, or of one name, and whether there are no others."""
        listed = self.ask("channels", part=_CHANNEL, id=",".join(ids), maxResults=str(A_PAGE), **by)
        found = list(self.each(listed.items, Channel))
        return found, listed.page_info is not None and listed.page_info.total_results == len(found)

    def channel(self, name: str) -> Channel:
        """The channel of an id, an ``@handle``, or a bare name: a handle, or else a user name of old.

        Raises Gone when there is none.
        """
        if is_id(name):
            found, is_all = self.channels([name])
        else:
            found, is_all = self.channels(forHandle=name if name.startswith("@") else f"@{name}")
            if not found and is_all and not name.startswith("@"):
                found, is_all = self.channels(forUsername=name)
        if found:
            return found[0]
        if is_all:
            raise Gone(_("there is no channel {name}").format(name=name))
        raise SourceError(
            _("{name}: YouTube's answer tells neither a channel nor that there is none").format(name=name)
        )

    def videos(self, ids: Iterable[str]) -> list[Video]:
        """Those of up to 50 videos that everybody may see."""
        wanted = ",".join(ids)
        return list(self.each(self.ask("videos", part=_VIDEO, id=wanted).items, Video)) if wanted else []


def reasons(error: SourceError) -> set[str]:
    """The words by which YouTube says why it refuses."""
    try:
        told = json.decode(error.answer, type=_Failure).error
    except (DecodeError, UnicodeDecodeError):
        return set()
    return {one.reason for one in (*told.errors, *told.details)}


def _meant(error: SourceError) -> SourceError:
    """The failure as what it is: most come as a 403 or 400, whatever they are."""
    told = reasons(error)
    if told & _SPENT:
        seconds = quota.until_tomorrow(clock.now())
        text = _("YouTube's quota for today is used up: it goes on in {hours} hours, at midnight in California.")
        meant: SourceError = RateLimited(text.format(hours=max(1, round(seconds / 3600))), seconds)
    elif told & _TOO_FAST:
        meant = RateLimited(str(error), _MINUTE_S)
    elif told & _KEY:
        text = _("YouTube does not accept the API key ({reason}): check it, and that its project has the Data API v3.")
        meant = SourceError(text.format(reason=min(told & _KEY)))
    elif "commentsDisabled" in told:
        meant = Denied(_("comments are switched off"))
    elif told & _PASSING:
        meant = Transient(str(error))
    else:
        return error
    meant.status, meant.answer = error.status, error.answer
    return meant
