"""Recorded answers: a JSON file of requests and what a server said to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx

from kolbench.testing.server import Server, whole

_KEPT = ("content-type", "link", "location", "date")
_KEPT_LIKE = ("ratelimit", "rate-limit", "x-next", "x-total", "etag")


def cassette(path: Path | str) -> Server:
    """A server that answers from the file at ``path``; the order of a query's parameters doesn't matter.

    The file is a list of ``{"request": "GET https://…", "body": "…", "status": 200, "headers": {…}, "json": …}``;
    ``body``, ``status`` and ``headers`` may be left out, and ``text`` stands for ``json`` where it isn't that.
    """
    known = {
        _key(*_asked(entry["request"]), entry.get("body", "")): entry
        for entry in json.loads(Path(path).read_text("utf-8"))
    }

    def server(request: httpx.Request) -> httpx.Response | None:
        entry = known.get(_key(request.method, request.url, request.content.decode(errors="replace")))
        return None if entry is None else _answer(entry)

    return server


def stand_in(name: str) -> str:
    """What stands for the secret of that name where the true one must not."""
    return f"s3cret-{name}-0123456789"


class Recorder(httpx.BaseTransport):
    """Lets every request pass to ``inner``, and keeps what came back."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._entries: dict[tuple[object, ...], dict[str, Any]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask ``inner``; of a request that is made again the last answer stays."""
        came = self._inner.handle_request(request)
        try:
            came.read()
        finally:
            came.close()
        body = request.content.decode(errors="replace")
        self._entries[_key(request.method, request.url, body)] = self._entry(request, body, came)
        return whole(came)

    def close(self) -> None:
        """Close the network below."""
        self._inner.close()

    def write(self, path: Path, secrets: Mapping[str, str]) -> int:
        """Write the file, with each secret replaced by its stand-in; returns the number of answers in it."""
        text = json.dumps(list(self._entries.values()), ensure_ascii=False, indent=1) + "\n"
        for secret in sorted(secrets, key=len, reverse=True):
            for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret)):
                text = text.replace(form, secrets[secret])
        path.write_text(text, "utf-8")
        return len(self._entries)

    @staticmethod
    def _entry(request: httpx.Request, body: str, came: httpx.Response) -> dict[str, Any]:
        entry: dict[str, Any] = {"request": f"{request.method} {request.url}"}
        if body:
            entry["body"] = body
        if came.status_code != 200:
            entry["status"] = came.status_code
        if headers := {name: value for name, value in came.headers.items() if _tells(name)}:
            entry["headers"] = headers
        try:
            entry["json"] = json.loads(came.content)
        except ValueError:
            entry["text"] = came.text
        return entry


def _tells(header: str) -> bool:
    return header in _KEPT or any(part in header for part in _KEPT_LIKE)


def _asked(text: str) -> tuple[str, httpx.URL]:
    method, _space, url = text.partition(" ")
    return method, httpx.URL(url)


def _key(method: str, url: httpx.URL, body: str) -> tuple[object, ...]:
    return method, url.scheme, url.netloc, url.path, tuple(sorted(url.params.multi_items())), body


def _answer(entry: Mapping[str, Any]) -> httpx.Response:
    content = {"json": entry["json"]} if "json" in entry else {"text": entry.get("text", "")}
    return httpx.Response(entry.get("status", 200), headers=entry.get("headers", {}), **content)
