"""One host of the AT Protocol: its session, its queries, and what its refusals mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from msgspec import DecodeError, Raw, json

from kolbench.adapters.answers import decode, each
from kolbench.adapters.bluesky_views import Profile, View
from kolbench.adapters.servers import address
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from weakref import WeakKeyDictionary

    import httpx

    from kolbench.adapters.protocol import Pull

    Sessions = WeakKeyDictionary[httpx.Client, "Tokens"]

T = TypeVar("T")

PUBLIC, WITH_LOGIN = "https://public.api.bsky.app", "https://bsky.social"
BATCH, MOST = 25, 100
"""Profiles that one request may ask for, and items of a list that one answer may hold."""

is_did = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+").fullmatch

_is_gone = re.compile(r"(?:Account|Repo)(?:Takedown|Takendown|Suspended|Deactivated|Deleted)|\w*NotFound").fullmatch
_says_gone = re.compile(r"not found|could not (?:find|resolve)|unable to resolve", re.IGNORECASE).search
_BLOCKED = ("BlockedActor", "BlockedByActor")


class Tokens(View):
    """A session: the first token opens requests for some minutes, the other one gets new tokens."""

    did: str
    handle: str
    access_jwt: str
    refresh_jwt: str
    active: bool | None = None
    status: str | None = None


class _Failure(View):
    """What XRPC says of a request that failed."""

    error: str = ""
    message: str = ""


class _Resolved(View):
    did: str


class _Profiles(View):
    profiles: list[Raw]


class Slice(NamedTuple):
    """Some items of a long list, the cursor behind them (empty at the end), and the whole answer."""

    items: list[Raw]
    cursor: str
    answer: Mapping[str, Raw]


@dataclass
class Host:
    """The host that one pull asks. ``sessions`` keeps a run's session, by the run's HTTP client."""

    pull: Pull
    sessions: Sessions
    http: httpx.Client = field(init=False)
    url: str = field(init=False)

    def __post_init__(self) -> None:
        assert self.pull.http
        self.http = self.pull.http
        told = self.pull.settings
        self._identifier = told.get("identifier", "").strip().removeprefix("@")
        self._password = told.get("app_password", "").strip()
        if bool(self._identifier) != bool(self._password):
            raise UsageError(_("A login needs both 'identifier' and 'app_password'; without both, none is made."))
        server = told.get("server") or (WITH_LOGIN if self.has_login else PUBLIC)
        self.url = address(replace(self.pull, settings={"server": server}))

    @property
    def has_login(self) -> bool:
        """Whether the source reads as somebody."""
        return bool(self._password)

    def session(self) -> Tokens | None:
        """The run's session, made when it is first needed; None without a login. Raises SourceError."""
        if not self.has_login:
            return None
        if self.http not in self.sessions:
            self._open("createSession", json={"identifier": self._identifier, "password": self._password})
        return self.sessions[self.http]

    def get(self, method: str, shape: type[T], **params: object) -> T:
        """The answer to a query. Raises Gone and Denied for an account that is so, SourceError for the rest."""
        asked = {name: value for name, value in params.items() if value not in (None, "")}
        session = self.session()
        try:
            return decode(self._ask(method, asked, session), shape)
        except SourceError as error:
            if not session or _told(error).error != "ExpiredToken":
                raise _meant(error) from error.__cause__
        self._renew(session)
        try:
            return decode(self._ask(method, asked, self.session()), shape)
        except SourceError as error:
            raise _meant(error) from error.__cause__

    def slices(self, method: str, key: str, cursor: str = "", **params: object) -> Iterator[Slice]:
        """What stands under ``key`` from ``cursor`` on, to the end or until the server's cursor stands still.

        A cursor of an earlier run that the server takes no more begins again.
        """
        kept = cursor
        while True:
            try:
                answer = self.get(method, dict[str, Raw], limit=MOST, cursor=cursor, **params)
            except SourceError as error:
                if not cursor or cursor != kept or type(error) is not SourceError or error.status != 400:
                    raise
                self.pull.warn(
                    _("{method}: the place where reading ended is not known any more.").format(method=method)
                )
                cursor = kept = ""
                continue
            items = part(answer, key, list[Raw])
            following = part(answer, "cursor", str | None) if "cursor" in answer else None
            if following and following == cursor:
                self.pull.warn(_("{method}: the server repeats its cursor; reading ends here.").format(method=method))
                following = None
            cursor = following or ""
            yield Slice(items, cursor, answer)
            if not cursor:
                return

    def did(self, actor: str) -> str:
        """The id behind a handle, which may be somebody else's tomorrow. Raises Gone."""
        if is_did(actor):
            return actor
        return self.get("com.atproto.identity.resolveHandle", _Resolved, handle=actor).did

    def profiles(self, actors: Sequence[str]) -> list[Profile]:
        """Those of at most ``BATCH`` accounts that there are, with their counts."""
        found = self.get("app.bsky.actor.getProfiles", _Profiles, actors=list(actors)).profiles
        return list(each(self.pull, found, Profile))

    def _ask(self, method: str, params: dict[str, Any], session: Tokens | None) -> httpx.Response:
        headers = {}
        if session:
            headers["Authorization"] = f"Bearer {session.access_jwt}"
            if (appview := self.pull.settings.get("appview")) and method.startswith("app.bsky."):
                headers["Atproto-Proxy"] = appview
        return self.http.get(f"{self.url}/xrpc/{method}", params=params, headers=headers)

    def _renew(self, old: Tokens) -> None:
        """New tokens for the old ones; where these are refused as well, the next request logs in again."""
        del self.sessions[self.http]
        try:
            self._open("refreshSession", headers={"Authorization": f"Bearer {old.refresh_jwt}"})
        except Transient:
            raise
        except SourceError:
            return

    def _open(self, method: str, **request: Any) -> None:
        try:
            answer = self.http.post(f"{self.url}/xrpc/com.atproto.server.{method}", **request)
        except SourceError as error:
            _explain(error)
            raise
        tokens = decode(answer, Tokens)
        self.pull.protect(tokens.access_jwt)
        self.pull.protect(tokens.refresh_jwt)
        self.sessions[self.http] = tokens


def part(answer: Mapping[str, Raw], key: str, shape: Any) -> Any:
    """What stands under ``key``. Raises SourceError when there is nothing or something else."""
    try:
        return json.decode(answer[key], type=shape)
    except (KeyError, DecodeError) as error:
        text = _("{path}: not what was expected: {reason}")
        raise SourceError(text.format(path=key, reason=error)) from error


def _told(error: SourceError) -> _Failure:
    try:
        return json.decode(error.answer, type=_Failure)
    except (DecodeError, UnicodeDecodeError):
        return _Failure()


def _explain(error: SourceError) -> None:
    """Add what the server says to what the client knows."""
    told = _told(error)
    if words := clean_line(told.message or told.error):
        error.args = (f"{error} {words}",)


def _meant(error: SourceError) -> SourceError:
    """What XRPC means: it says 400 of an account that is gone as of a request that makes no sense."""
    _explain(error)
    told = _told(error)
    if type(error) is not SourceError or error.status != 400:
        return error
    if _is_gone(told.error) or (told.error == "InvalidRequest" and _says_gone(told.message)):
        kind: type[SourceError] = Gone
    elif told.error in _BLOCKED:
        kind = Denied
    else:
        return error
    meant = kind(*error.args)
    meant.status = error.status
    return meant
