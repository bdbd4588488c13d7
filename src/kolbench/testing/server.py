"""A server made of a function: answers what the author wrote, and ends what would never end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from kolbench.domain.errors import SourceError

Answer = httpx.Response | Mapping[str, object] | Sequence[object] | str | None
"""What a scripted server may return: a response, JSON as plain data, a text, or None where it has no answer."""

Server = Callable[[httpx.Request], Answer]
Change = Callable[[int, httpx.Request, httpx.Response | None], httpx.Response | None]
"""What happens to an answer on its way: gets the number of the request (from 0), the request and the true answer.

None stands for a request to which the fixture has no answer.
"""

MOST_REQUESTS = 500
"""A reading that asks more often than this is taken for endless."""

_SHOWN = 300
_OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")


class Unanswered(SourceError):
    """The fixture has no answer to a request."""


class Enough(BaseException):
    """Ends a reading of which the rest doesn't matter."""


class Endless(BaseException):
    """Ends a reading that would not; not an Exception, so that no adapter goes on after it."""


@dataclass
class Scripted(httpx.BaseTransport):
    """The network of one reading."""

    server: Server
    change: Change | None = None
    enough: int | None = None
    asked: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or raise Unanswered, Endless or Enough."""
        if self.enough is not None and len(self.asked) >= self.enough:
            raise Enough
        if len(self.asked) >= MOST_REQUESTS:
            raise Endless(f"it asked more than {MOST_REQUESTS} times, at last {named(request)}")
        self.asked.append(request)
        try:
            answer = response(self.server(request))
        except Exception as error:  # a fixture need not know what to say to a request that nobody should make
            raise Unanswered(f"the fixture failed at {named(request)} with {type(error).__name__}: {error}") from error
        if self.change:
            answer = self.change(len(self.asked) - 1, request, answer)
        if answer is None:
            raise Unanswered(f"the fixture has no answer to {named(request)}")
        answer.request = request
        return answer


def response(answer: Answer) -> httpx.Response | None:
    """``answer`` as a response of its own, whole and not compressed."""
    if answer is None:
        return None
    if isinstance(answer, httpx.Response):
        answer.read()
        return whole(answer)
    if isinstance(answer, str):
        return httpx.Response(200, text=answer)
    return httpx.Response(200, json=answer)


def whole(answer: httpx.Response) -> httpx.Response:
    """A copy of an answer that was read: in one piece and not compressed."""
    kept = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _OF_THE_WIRE]
    return httpx.Response(answer.status_code, headers=kept, content=answer.content)


def named(request: httpx.Request) -> str:
    """A request as the author knows it: method, address and, if there is one, the beginning of the body."""
    body = request.content[:200].decode(errors="replace")
    return f"{request.method} {request.url}"[:_SHOWN] + (f" with {body}" if body else "")
