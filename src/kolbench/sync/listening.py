"""The web's side of ``kolbench listen``: an ASGI application that hands requests to the receiver."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kolbench.adapters.webhook_body import in_words
from kolbench.domain.lang import _, ngettext
from kolbench.sync.receiving import HEADER, LARGEST, Answer

if TYPE_CHECKING:
    from kolbench.sync.receiving import Receiver

QUIET_S = 2.0
"""What has come is derived from when nothing more has come for so long ..."""

LATEST_S = 30.0
"""... and at the latest after so long."""

QUIET_AFTER_S = 60.0
"""How long one line stands for all that is answered in the same way to whoever can't sign."""

NAMED = 5
"""Refused records that a line of the log names at most."""

SLOWEST_S = 10.0
"""How long a body may take to arrive."""

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_PATH = "/conversions/"
_LONGEST_NAME = 80
_ANYBODY = (401, 404, 429)
"""What is answered also to whoever can't sign."""


class Listening:
    """The ASGI application. Everything that touches the store happens in one thread of its own."""

    def __init__(self, receiver: Receiver, tell: Callable[[str], object]) -> None:
        self._receiver = receiver
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, "kolbench-listen")
        self._settling: asyncio.Task[None] | None = None
        self._came = asyncio.Event()
        self._told_at: dict[tuple[str, int], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's request, or the server's own beginning and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            answer = await self._answer(scope, receive)
            await _send(send, answer)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._settling = asyncio.create_task(self._settle())
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._settling is not None:
                    self._settling.cancel()
                await self._run(self._settled)
                self._thread.shutdown()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path: str = scope["path"]
        if not path.startswith(_PATH):
            return Answer(404, {"error": _("send to {path}SOURCE").format(path=_PATH)})
        if scope["method"] != "POST":
            return Answer(405, {"error": _("send it by POST")})
        try:
            body = await asyncio.wait_for(_body(receive), SLOWEST_S)
        except TimeoutError:
            return Answer(408, {"error": _("the body took too long")})
        if body is None:
            return Answer(413, {"error": _("the body is larger than {n} bytes").format(n=f"{LARGEST:,}")})
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        name = path.removeprefix(_PATH)
        try:
            answer: Answer = await self._run(self._receiver.take, name, headers.get(HEADER, ""), body)
        except Exception as error:  # whatever it is, the shop sends it again and the next request is served
            self._tell(_("{source}: {error}").format(source=name, error=type(error).__name__))
            return Answer(503, {"error": _("it could not be written; send it again")})
        if self._receiver.waiting:
            self._came.set()
        self._log(name[:_LONGEST_NAME], answer)
        return answer

    def _log(self, name: str, answer: Answer) -> None:
        """Say what was refused, and what nobody asks for; of what anybody may send only now and then."""
        if answer.status in _ANYBODY:
            at, alike = asyncio.get_running_loop().time(), ("" if answer.status == 404 else name, answer.status)
            if at - self._told_at.get(alike, -QUIET_AFTER_S) < QUIET_AFTER_S:
                return
            self._told_at[alike] = at
        if error := answer.facts.get("error"):
            text = _("{source}: refused ({status}): {reason}")
            self._tell(text.format(source=name, status=answer.status, reason=error))
        if answer.refused:
            count = len(answer.refused)
            text = ngettext("{source}: {n} record refused: {which}", "{source}: {n} records refused: {which}", count)
            which = in_words(answer.refused[:NAMED]) + ("; …" if count > NAMED else "")
            self._tell(text.format(source=name, n=count, which=which))
        if ignored := answer.facts.get("ignored"):
            text = _("{source}: fields that nobody asks for: {names}")
            self._tell(text.format(source=name, names=", ".join(ignored)))

    async def _settle(self) -> None:
        """Derive what rests on what has come, once it is quiet or after a while."""
        while True:
            await self._came.wait()
            loop = asyncio.get_running_loop()
            until = loop.time() + LATEST_S
            while self._came.is_set() and loop.time() < until:
                self._came.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._came.wait(), QUIET_S)
            await self._run(self._settled)

    def _settled(self) -> None:
        if not self._receiver.waiting:
            return
        try:
            self._receiver.settle()
        except Exception as error:  # what is kept is derived after the next request, or by the next sync
            self._tell(_("What came is kept; working out what follows failed: {error}").format(error=error))

    async def _run(self, work: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None for one that is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > LARGEST:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    body = json.dumps(answer.facts, ensure_ascii=False).encode() + b"\n"
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if answer.status in (429, 503):
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
