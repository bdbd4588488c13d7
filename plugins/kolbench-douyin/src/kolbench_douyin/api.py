"""The Open Platform's calls: the creator's token, and what an answer means, which comes as 200 even when it refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from kolbench import Denied, Gone, RateLimited, SourceError, Transient, UsageError
from kolbench.adapters.answers import decode
from kolbench.domain.text import clean_line

from .entities import Code, Token, Whole

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from kolbench import Pull

T = TypeVar("T")

HOST = "https://open.douyin.com"

_STALE = (10008, 28001003, 28001008, 2190002, 2190008)
_REFUSED = {
    **dict.fromkeys(_STALE, "the access token is not valid or has expired"),
    10010: "the refresh token has expired",
    28001015: "open_id and token belong to different people",
}
_DENIED = {
    28001012: "the creator has not granted this to the app: let them authorise it again, with it",
    **dict.fromkeys((28001014, 28001018, 2190004), "the app has not got this capability: apply for it in the console"),
    **dict.fromkeys((28001019, 28001056), "the platform has withdrawn this capability"),
    2100007: "the platform doesn't permit it",
    28001020: "the creator is not bound to the test app",
    28001047: "the account is private",
}
_CLOSED = {
    28001045: "the account was closed",
    28001046: "the account was banned",
    2100009: "the account was banned",
}
_PASSING = (28001005, 28001006, 28001052, 2100004)
_TOO_OFTEN = 28003018
_USED_UP = (28003017, 2190001)


class Closed(Gone):
    """The creator's account is closed or banned."""


class Stale(SourceError):
    """The access token can't be used any more."""

    status = 401


class _Status(Struct):
    error_code: Code = 0
    description: str | None = None


class _Verdict(Struct):
    """What an answer says of itself, in the place of the older calls or that of the newer ones."""

    data: _Status | None = None
    extra: _Status | None = None
    err_no: Code = 0
    err_msg: str | None = None


class Api:
    """The calls that a creator's token allows.

    They raise SourceError with status 401 where a new authorisation is needed, Denied for what the app or its token
    may not do, Closed for a creator who is gone, and what may pass.
    """

    def __init__(self, pull: Pull) -> None:
        assert pull.http
        self.pull, self._http = pull, pull.http
        self.open_id = pull.settings["open_id"].strip()
        self._token = _usable(pull.settings.get("access_token", "").strip())
        self._refresh_token = pull.settings.get("refresh_token", "").strip()
        if not (self._token or self._refresh_token):
            raise UsageError("Give access_token, or refresh_token and client_key.")

    def get(self, path: str, shape: type[T], **params: str | int) -> T:
        """What is at ``path``."""
        asked = {"open_id": self.open_id, **params}
        return self._answer(lambda token: self._http.get(HOST + path, params=asked, headers=_signed(token)), shape)

    def post(self, path: str, shape: type[T], body: dict[str, list[str]]) -> T:
        """What is answered to ``body`` as JSON."""
        asked = {"open_id": self.open_id}
        return self._answer(
            lambda token: self._http.post(HOST + path, params=asked, json=body, headers=_signed(token)), shape
        )

    def post_form(self, path: str, shape: type[T]) -> T:
        """What is answered to the creator's id and token in a form, as the older calls want them."""
        return self._answer(
            lambda token: self._http.post(HOST + path, data={"open_id": self.open_id, "access_token": token}),
            shape,
        )

    def _answer(self, ask: Callable[[str], httpx.Response], shape: type[T]) -> T:
        """The answer, with a new token where the old one has expired."""
        if not self._token:
            self._refresh()
        try:
            return _judged(ask(self._token), shape)
        except Stale:
            if not self._refresh_token:
                raise
        self._refresh()
        return _judged(ask(self._token), shape)

    def _refresh(self) -> None:
        key = self.pull.settings.get("client_key", "").strip()
        if not key:
            raise UsageError("Give client_key: without it refresh_token is of no use.")
        form = {"client_key": key, "grant_type": "refresh_token", "refresh_token": self._refresh_token}
        token = _judged(self._http.post(f"{HOST}/oauth/refresh_token/", data=form), Whole[Token]).data.access_token
        self.pull.protect(token)
        self._token, self._refresh_token = _usable(token), ""


def _judged(response: httpx.Response, shape: type[T]) -> T:
    verdict = decode(response, _Verdict)
    statuses = [status for status in (verdict.data, verdict.extra) if status]
    told = [_number(verdict.err_no), *(_number(status.error_code) for status in statuses)]
    code = next(filter(None, told), 0)
    if not code:
        return decode(response, shape)
    said = next(filter(None, [verdict.err_msg, *(status.description for status in statuses)]), "")
    raise _failure(response.request.url.path, code, clean_line(said, 200))


def _failure(path: str, code: int, said: str) -> SourceError:
    if code in _REFUSED:
        kind = Stale if code in _STALE else SourceError
        refused = kind(f"Douyin answers {code}: {_REFUSED[code]}. Let the creator authorise the app again.")
        refused.status = 401
        return refused
    for codes, closed in ((_DENIED, Denied), (_CLOSED, Closed)):
        if code in codes:
            return closed(f"{path}: {codes[code]} ({code}).")
    if code in _USED_UP:
        return SourceError(f"{path}: the app has used up its quota of calls ({code}): sync again another day.")
    text = f"{path}: Douyin answers {code}" + (f" ({said})." if said else ".")
    if code == _TOO_OFTEN:
        return RateLimited(text)
    return Transient(text) if code in _PASSING else SourceError(text)


def _number(code: Code) -> int:
    """An error code, which some calls write as a text; -1 for one that is no number."""
    text = str(code or 0)
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else -1


def _signed(token: str) -> dict[str, str]:
    return {"access-token": token}


def _usable(token: str) -> str:
    """The token, if it can stand in a header."""
    if not (token.isascii() and (token.isprintable() or not token)) or len(token) > 4096:
        raise SourceError("The access token is none: it has characters that no token has.")
    return token
