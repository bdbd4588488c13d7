"""Bilibili's open platform: requests signed as it documents, and what its answers mean when it refuses."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from kolbench import Denied, Gone, Pull, RateLimited, SourceError, Transient
from kolbench.adapters.answers import decode

T = TypeVar("T")

HOST = "https://member.bilibili.com/arcopen/fn"

MD5_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
"""What a request without a body is signed with."""

_REFUSED = (4001, 4002, 4005, 4006, 4007, 4012, 122000, 122007, 127022, -101)
_LATE = (4003, 4004)
_CLOSED = (4008, -403)
_MISSING = (4010, -404)
_LIMITED = (4009, 127009, 127306, -509)
_PASSING = (5000, 5001, 5002, 122009, -500, -503, -504)


class _Answer(Struct, frozen=True):
    code: int
    message: str | None = None
    data: Raw = Raw(b"null")


class Api:
    """The open platform as an app's credentials and an account's token open it."""

    def __init__(self, pull: Pull, clock: Callable[[], float], nonce: Callable[[], str]) -> None:
        assert pull.http
        self._http = pull.http
        self._settings = pull.settings
        self._clock = clock
        self._nonce = nonce

    def get(self, path: str, shape: type[T], **params: str | int) -> T:
        """What the platform answers.

        Raises Gone and Denied for what is missing or closed, SourceError with the status 401 where it refuses the
        credentials, and Transient or RateLimited for what may pass.
        """
        headers = signed(self._settings, int(self._clock()), self._nonce())
        try:
            answer = decode(self._http.get(f"{HOST}/{path}", params=params, headers=headers), _Answer)
        except Transient:
            raise
        except SourceError as error:
            if error.status == 401 or not (refusal := _refusal(error.answer)):
                raise
            raise _meant(path, refusal) from error
        if answer.code:
            raise _meant(path, answer)
        try:
            return msgspec.json.decode(answer.data, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceError(f"{path}: not what was expected: {error}") from error


def signed(settings: Mapping[str, str], at: int, nonce: str) -> dict[str, str]:
    """The headers of a request without a body at ``at`` (seconds since 1970), signed by the platform's version 2.0."""
    told = {
        "x-bili-accesskeyid": settings["client_id"],
        "x-bili-content-md5": MD5_OF_NOTHING,
        "x-bili-signature-method": "HMAC-SHA256",
        "x-bili-signature-nonce": nonce,
        "x-bili-signature-version": "2.0",
        "x-bili-timestamp": str(at),
    }
    text = "\n".join(f"{name}:{value}" for name, value in told.items())
    signature = hmac.new(settings["app_secret"].encode(), text.encode(), "sha256").hexdigest()
    return {
        **told,
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Authorization": signature,
        "access-token": settings["token"],
    }


def _refusal(body: bytes) -> _Answer | None:
    try:
        refusal = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return refusal if refusal.code else None


def _meant(path: str, refusal: _Answer) -> SourceError:
    code = refusal.code
    text = f"{path}: Bilibili answers {code} ({(refusal.message or '')[:100]})."
    if code in _REFUSED:
        refused = SourceError(f"{text} Check the app's credentials, its addresses (IP), and the token, which expires.")
        refused.status = 401
        return refused
    if code in _LATE:
        return Transient(f"{text} The request came late or twice: check this computer's clock.")
    if code in _CLOSED:
        return Denied(f"{text} The app lacks the permission, or the account hasn't granted it.")
    kinds = ((_LIMITED, RateLimited), (_PASSING, Transient), (_MISSING, Gone))
    return next((kind(text) for codes, kind in kinds if code in codes), SourceError(text))
