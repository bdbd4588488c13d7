"""The API of a WeChat official account: its token, one question after another, and what its error codes mean."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from kolbench.adapters.answers import decode
from kolbench.adapters.servers import address
from kolbench.domain import clock
from kolbench.domain.errors import Denied, RateLimited, SourceError, Transient
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from weakref import WeakKeyDictionary

    import httpx

    from kolbench.adapters.protocol import Pull

    Tokens = WeakKeyDictionary[httpx.Client, str]

T = TypeVar("T")

BEIJING = timezone(timedelta(hours=8))
"""By which WeChat counts days."""

_IP = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_EXPIRED = (40001, 40014, 41001, 42001)
_CREDENTIALS = (40001, 40002, 40013, 40125, 41002, 41004)


class _Token(Struct, frozen=True):
    access_token: str


class _Failure(Struct, frozen=True):
    errcode: int | None = None
    errmsg: str | None = None


class Expired(SourceError):
    """The access token is not valid, or not any more."""


class Unknown(SourceError):
    """WeChat doesn't know the follower behind whom the list shall go on: they may have left."""


class Api:
    """The API as one pull asks it. ``tokens`` keeps a run's token, by the run's HTTP client."""

    def __init__(self, pull: Pull, tokens: Tokens) -> None:
        assert pull.http
        self.pull = pull
        self.account = pull.settings["appid"]
        self._http = pull.http
        self._tokens = tokens
        self._url = address(pull)

    def ask(self, path: str, shape: type[T], body: Mapping[str, object] | None = None, **query: str) -> T:
        """The answer to one question as ``shape``, with a new token where the run's has expired.

        Raises SourceError for what the operator has to put right, Denied for what the account may not do,
        Unknown for a follower who has left, RateLimited where its calls are used up, and Transient for what may pass.
        """
        had = self._http in self._tokens
        try:
            return self._asked(path, shape, body, query)
        except Expired:
            if not had:
                raise
            del self._tokens[self._http]
            return self._asked(path, shape, body, query)

    def _asked(self, path: str, shape: type[T], body: Mapping[str, object] | None, query: dict[str, str]) -> T:
        url, params = f"{self._url}/{path}", {"access_token": self._token(), **query}
        if body is None:
            return _checked(path, self._http.get(url, params=params), shape)
        return _checked(path, self._http.post(url, params=params, json=body), shape)

    def _token(self) -> str:
        if self._http not in self._tokens:
            asked = {
                "grant_type": "client_credential",
                "appid": self.account,
                "secret": self.pull.settings["appsecret"],
            }
            path = "cgi-bin/stable_token"
            token = _checked(path, self._http.post(f"{self._url}/{path}", json=asked), _Token).access_token
            self.pull.protect(token)
            self._tokens[self._http] = token
        return self._tokens[self._http]


def _checked(path: str, answer: httpx.Response, shape: type[T]) -> T:
    """The answer, unless it is an error, which comes with status 200 as well."""
    told = decode(answer, _Failure)
    if told.errcode:
        raise _failure(path, told.errcode, told.errmsg or "")
    return decode(answer, shape)


def _failure(path: str, code: int, message: str) -> SourceError:
    error = _explained(path, code, message)
    if isinstance(error, Expired) or code in (*_CREDENTIALS, 40164, 61004):
        error.status = 401
    return error


def _explained(path: str, code: int, message: str) -> SourceError:
    if code in _CREDENTIALS and path.endswith("stable_token"):
        text = _("WeChat does not accept the AppID and AppSecret ({code}): copy them from mp.weixin.qq.com again.")
        return SourceError(text.format(code=code))
    if code in _EXPIRED:
        return Expired(_("{path}: WeChat does not accept the access token ({code}).").format(path=path, code=code))
    if code == 40003:
        return Unknown(_("{path}: WeChat knows no such follower.").format(path=path))
    if code in (40164, 61004):
        found = _IP.search(message)
        text = _("WeChat answers only addresses in the account's IP whitelist: add {ip} there, at mp.weixin.qq.com.")
        return SourceError(text.format(ip=found[0] if found else _("this computer's")))
    if code in (48001, 76022):
        text = _(
            "{path}: the account has no right to it: unverified accounts lack it, and personal ones can't be verified."
        )
        return Denied(text.format(path=path))
    if code in (48004, 50002):
        text = _("{path}: WeChat has closed it for the account ({code}): mp.weixin.qq.com says why.")
        return Denied(text.format(path=path, code=code))
    if code == 88000:
        return Denied(_("The account has no comments under its articles."))
    if code == 45009:
        text = _("{path}: the calls of the day are used up; it goes on when the next day begins in Beijing.")
        return RateLimited(text.format(path=path), _until_midnight())
    text = _("{path}: WeChat answers with error {code}.").format(path=path, code=code)
    if code == 45011:
        return RateLimited(text, 60)
    return Transient(text) if code == -1 else SourceError(text)


def _until_midnight() -> float:
    here = clock.from_ms(clock.now()).astimezone(BEIJING)
    return (datetime.combine(here.date() + timedelta(days=1), time(), BEIJING) - here).total_seconds()
