"""Reddit's Data API as an app asks it that acts for nobody: its token, its name, and listings."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, TypeVar

from msgspec import DecodeError, Raw, Struct, json
from msgspec.structs import replace

from kolbench import __version__
from kolbench.adapters import cursors
from kolbench.adapters.answers import decode, each
from kolbench.domain import clock
from kolbench.domain.errors import Gone, SourceError, UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    import httpx

    from kolbench.adapters.protocol import Pull

T = TypeVar("T")

TOKENS = "https://www.reddit.com/api/v1/access_token"
BASE = "https://oauth.reddit.com"
A_PAGE = 100
NEARLY_ALL = 900
"""A listing that ends after so many is one that Reddit cut off: it holds about a thousand."""

NAME = re.compile(r"[A-Za-z0-9_-]{2,30}")
"""What the name of an account or a subreddit can be."""


class Token(Struct, frozen=True):
    """What opens requests until ``expires_at`` (ms since 1970)."""

    value: str
    expires_at: int


Held = MutableMapping["httpx.Client", Token]
"""The token of each run, by the run's HTTP client."""


class _Granted(Struct):
    access_token: str
    expires_in: int = 3_600


class Listed(Struct):
    """Some things of a listing, and the name of the last one where more follow."""

    children: list[Raw]
    after: str | None = None


class _Listing(Struct):
    data: Listed


class _Thing(Struct):
    kind: str
    data: Raw


class Place(Struct, frozen=True, omit_defaults=True):
    """The cursor: whose list is read, and what it is called.

    It is read from the newest back to ``until``, and ``newest`` is the newest seen, both in milliseconds since 1970.
    ``after`` is the last thing of the page before, ``seen`` how many there were.
    """

    uid: str = ""
    name: str = ""
    url: str = ""
    after: str = ""
    seen: int = 0
    until: int = 0
    newest: int = 0


class Reddit:
    """One pull's requests. ``held`` keeps the token of the run that it is part of."""

    def __init__(self, pull: Pull, held: Held) -> None:
        assert pull.http
        self.pull = pull
        self._http = pull.http
        self._held = held
        told = pull.settings
        user = told["username"].strip().removeprefix("/").removeprefix("u/")
        if not NAME.fullmatch(user):
            raise UsageError(_("username={value} is no name on Reddit.").format(value=user))
        self._app = told["client_id"].strip(), told["client_secret"].strip()
        self._agent = {"User-Agent": f"python:kolbench:v{__version__} (by /u/{user})"}

    def place(self) -> Place:
        """Where to go on."""
        return cursors.read(self.pull.cursor, Place())

    def token(self) -> str:
        """The run's token, got when it is first needed and when it has expired."""
        held = self._held.get(self._http)
        if held is None or held.expires_at <= clock.now():
            basic = b64encode(":".join(self._app).encode()).decode()
            self.pull.protect(basic)
            answer = self._http.post(
                TOKENS,
                data={"grant_type": "client_credentials"},
                headers={**self._agent, "Authorization": f"Basic {basic}"},
            )
            granted = decode(answer, _Granted)
            self.pull.protect(granted.access_token)
            seconds = min(max(granted.expires_in - 60, 60), 86_400)
            held = self._held[self._http] = Token(granted.access_token, clock.now() + seconds * clock.SECOND)
        return held.value

    def thing(self, path: str, kind: str, shape: type[T]) -> T:
        """The thing at ``path``. Raises Gone where there is something else: Reddit redirects to a search."""
        answer = self._get(path)
        thing = decode(answer, _Thing)
        if thing.kind != kind:
            raise Gone(_("Reddit knows no {name}").format(name=self.pull.target or path))
        try:
            return json.decode(thing.data, type=shape)
        except (DecodeError, UnicodeDecodeError) as error:
            text = _("{path}: not what was expected: {reason}")
            raise SourceError(text.format(path=path, reason=error)) from error

    def listed(self, path: str, **query: str) -> Listed:
        """A page of a listing."""
        return decode(self._get(path, limit=str(A_PAGE), **query), _Listing).data

    def each(self, things: list[Raw], shape: type[T]) -> Iterator[T]:
        """The things of a listing as ``shape``; a broken one is rejected alone."""
        return each(self.pull, things, shape)

    def pages(self, path: str, place: Place, **query: str) -> Iterator[tuple[list[Raw], Place]]:
        """The pages of a listing from ``place`` on, each with the place behind it, whose ``after`` is empty at the end.

        What a reading was to go on after may be deleted by then, and nothing seems to follow: it begins anew.
        """
        resumed = bool(place.after)
        while True:
            page = self.listed(path, after=place.after, **query)
            if resumed and not page.children:
                place = replace(place, after="", seen=0)
                page = self.listed(path, **query)
            resumed = False
            following = page.after or ""
            if following and following == place.after:
                self.pull.warn(_("{name}: Reddit gives the same page again and again.").format(name=path))
                following = ""
            place = replace(place, after=following, seen=place.seen + len(page.children))
            yield page.children, place
            if not following:
                return

    def _get(self, path: str, **query: str) -> httpx.Response:
        headers = {**self._agent, "Authorization": f"Bearer {self.token()}"}
        asked = {name: value for name, value in query.items() if value}
        return self._http.get(BASE + path, params={**asked, "raw_json": "1"}, headers=headers)
