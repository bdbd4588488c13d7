"""Slack's Web API: one call after another, and what its answers mean, which come as 200 even when it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Raw, Struct

from kolbench.adapters.answers import decode
from kolbench.adapters.servers import address
from kolbench.adapters.slack.entities import Channel
from kolbench.domain.errors import Denied, Gone, RateLimited, SourceError, Transient
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from kolbench.adapters.protocol import Pull

PAGE = 200
"""Items asked for at a time: the most that Slack recommends."""

_REFUSED = (
    *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required"),
    *("ekm_access_denied", "team_access_not_granted", "two_factor_setup_required"),
)
_GONE = ("channel_not_found", "thread_not_found", "user_not_found", "message_not_found")
_DENIED = ("not_in_channel", "missing_scope", "access_denied", "no_permission", "not_allowed_token_type")
_PASSING = ("internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org")


class _Metadata(Struct, frozen=True):
    next_cursor: str | None = None


class Answer(Struct, frozen=True):
    """What a call may answer."""

    ok: bool
    error: str | None = None
    needed: str | None = None
    members: list[Raw] = []
    channels: list[Raw] = []
    messages: list[Raw] = []
    channel: Channel | None = None
    team: str | None = None
    user: str | None = None
    response_metadata: _Metadata | None = None

    @property
    def next(self) -> str:
        """The cursor of what follows; empty at the end."""
        return (self.response_metadata and self.response_metadata.next_cursor) or ""


class StaleCursor(SourceError):
    """Slack doesn't know the place any more from which to go on."""


class Api:
    """The Web API of a source's workspace."""

    def __init__(self, pull: Pull) -> None:
        assert pull.http
        self.pull = pull
        self._url = address(pull) + "/api/"
        self._headers = {"Authorization": f"Bearer {pull.settings['token']}"}

    def call(self, method: str, **params: str | int) -> Answer:
        """What Slack answers.

        Raises SourceError where it refuses the token, Gone and Denied for a channel, StaleCursor, and what may pass.
        """
        return self.respond(method, **params)[0]

    def respond(self, method: str, **params: str | int) -> tuple[Answer, httpx.Headers]:
        """The same, with the headers, which tell what the token may do."""
        assert self.pull.http
        response = self.pull.http.post(self._url + method, data=params, headers=self._headers)
        answer = decode(response, Answer)
        if answer.ok:
            return answer, response.headers
        raise _failure(method, answer.error or "", answer.needed)

    def walk(self, method: str, cursor: str = "", **params: str | int) -> Iterator[Answer]:
        """Every page of a list, from ``cursor`` on."""
        more = True
        while more:
            begin = {"cursor": cursor} if cursor else {}
            answer = self.call(method, limit=PAGE, **begin, **params)
            more = answer.next not in ("", cursor)
            cursor = answer.next
            yield answer


def _failure(method: str, error: str, needed: str | None) -> SourceError:
    if error == "invalid_cursor":
        return StaleCursor(_("{method}: Slack has forgotten the place to go on from.").format(method=method))
    if error == "missing_scope" and needed:
        text = _("{method}: the token lacks the scope {scope}: add it to the app and install it again.")
        return Denied(text.format(method=method, scope=needed))
    if error == "not_in_channel":
        return Denied(_("{method}: the app is not in the channel: invite it there.").format(method=method))
    if error in _REFUSED:
        refused = SourceError(_("{method}: Slack refuses the token ({error}).").format(method=method, error=error))
        refused.status = 401
        return refused
    text = _("{method}: Slack answers {error}.").format(method=method, error=error)
    if error == "ratelimited":
        return RateLimited(text)
    kinds = ((_GONE, Gone), (_DENIED, Denied), (_PASSING, Transient))
    return next((kind(text) for errors, kind in kinds if error in errors), SourceError(text))
