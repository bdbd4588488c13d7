"""Weibo's open API: one call after another within what the account may still ask for today, and what refusals mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from kolbench import Denied, Gone, Pull, RateLimited, SourceError, Transient
from kolbench.adapters.answers import decode, whole

from .entities import Id, Number

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

HOST = "https://api.weibo.com"

LONGEST_WINDOW_S = 2 * 86_400

_PASSING = (10001, 10002, 10003, 10009, 10010, 10011)
_LIMITED = (10022, 10023, 10024)
_CLOSED = (10005, 10014, 20112, 21335)
_MISSING = (10020, 20003, 20101, 20201)
_REFUSED = (10006, 10013, *range(21301, 21335))


class Budget(Struct, frozen=True):
    """How many requests the account has left, and after how many seconds they are given anew."""

    remaining_user_hits: Number | None = None
    user_limit: Number | None = None
    reset_time_in_seconds: Number | None = None

    @property
    def reset_s(self) -> float | None:
        """Seconds until then, where that is told and credible."""
        seconds = whole(self.reset_time_in_seconds)
        return float(seconds) if seconds is not None and seconds <= LONGEST_WINDOW_S else None


class Token(Struct, frozen=True):
    """Whose the token is, and for how many seconds it is good."""

    uid: Id
    expire_in: Number | None = None


class _Me(Struct, frozen=True):
    uid: Id


class _Refusal(Struct, frozen=True):
    error_code: int | str
    error: str = ""


class Api:
    """The open API as one account's token opens it."""

    def __init__(self, pull: Pull) -> None:
        assert pull.http
        self._http = pull.http
        self._token = pull.settings["token"]
        self._headers = {"Authorization": f"OAuth2 {self._token}"}
        self._left: int | None = None
        self._budget: Budget | None = None

    def me(self) -> str:
        """The id of the account that the token belongs to; Weibo doesn't count this request."""
        return str(self._get("2/account/get_uid.json", _Me).uid)

    def token(self) -> Token:
        """What Weibo knows of the token."""
        path = "oauth2/get_token_info"
        return _understood(path, lambda: self._http.post(f"{HOST}/{path}", data={"access_token": self._token}), Token)

    def budget(self) -> Budget:
        """What is left to ask for; Weibo doesn't count this request."""
        return self._get("2/account/rate_limit_status.json", Budget)

    def get(self, path: str, shape: type[T], **params: str | int) -> T:
        """What Weibo answers, while the account has requests left.

        Raises RateLimited when it hasn't, Gone and Denied for what is missing or closed, SourceError with the status
        401 where the token is refused, and Transient for what may pass.
        """
        if self._budget is None:
            self._budget = self._known()
            self._left = whole(self._budget.remaining_user_hits)
        if self._left == 0:
            raise RateLimited("Weibo lets the account ask no more for now.", self._budget.reset_s)
        if self._left:
            self._left -= 1
        try:
            return self._get(f"2/{path}.json", shape, **params)
        except RateLimited as error:
            if error.status == 429 or error.retry_after is not None:
                raise
            raise RateLimited(str(error), self._known().reset_s) from error

    def _known(self) -> Budget:
        """The budget, or none that is known where the app may not ask for it."""
        try:
            return self.budget()
        except (Denied, Gone):
            return Budget()

    def _get(self, path: str, shape: type[T], **params: str | int) -> T:
        return _understood(path, lambda: self._http.get(f"{HOST}/{path}", params=params, headers=self._headers), shape)


def _understood(path: str, ask: Callable[[], httpx.Response], shape: type[T]) -> T:
    """The answer in its shape, or the error that a refusal means; Weibo refuses with 400, 403 and 200 alike."""
    try:
        answer = ask()
    except Transient:
        raise
    except SourceError as error:
        if error.status == 401 or not (refusal := _refusal(error.answer)):
            raise
        raise _meant(path, refusal) from error
    if refusal := _refusal(answer.content):
        raise _meant(path, refusal)
    return decode(answer, shape)


def _refusal(body: bytes) -> _Refusal | None:
    if b'"error_code"' not in body:
        return None
    try:
        return msgspec.json.decode(body, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _meant(path: str, refusal: _Refusal) -> SourceError:
    code = whole(refusal.error_code)
    text = f"{path}: Weibo answers {refusal.error_code} ({refusal.error[:100]})."
    if code in _REFUSED:
        refused = SourceError(f"{text} The token is wrong, expired or withdrawn: get a new one.")
        refused.status = 401
        return refused
    if code in _CLOSED:
        return Denied(f"{text} The app may not read this.")
    kinds = ((_LIMITED, RateLimited), (_PASSING, Transient), (_MISSING, Gone))
    return next((kind(text) for codes, kind in kinds if code in codes), SourceError(text))
