"""Recorded answers: a JSON file of requests and what a server said to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from kolbench.testing.server import Server

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


class Recorder(httpx.BaseTransport):
    """Lets every request pass to ``inner`` and keeps what came back, with each of ``secrets`` replaced."""

    def __init__(self, inner: httpx.BaseTransport, secrets: Mapping[str, str]) -> None:
        self._inner = inner
        self._secrets = secrets
        self.entries: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask ``inner``, and keep its answer."""
        came = self._inner.handle_request(request)
        try:
            came.read()
        finally:
            came.close()
        self.entries.append(self._entry(request, came))
        headers = [
            (name, value) for name, value in came.headers.multi_items() if not name.lower().startswith("content-")
        ]
        return httpx.Response(came.status_code, headers=headers, content=came.content)

    def close(self) -> None:
        """Close the network below."""
        self._inner.close()

    def write(self, path: Path) -> None:
        """Write the file; of requests that were made twice the last one stays."""
        entries = {(entry["request"], entry.get("body", "")): entry for entry in self.entries}
        path.write_text(json.dumps(list(entries.values()), ensure_ascii=False, indent=1) + "\n", "utf-8")

    def _entry(self, request: httpx.Request, came: httpx.Response) -> dict[str, Any]:
        entry: dict[str, Any] = {"request": f"{request.method} {request.url}"}
        if body := request.content.decode(errors="replace"):
            entry["body"] = body
        if came.status_code != 200:
            entry["status"] = came.status_code
        headers = {name: value for name, value in came.headers.items() if _tells(name)}
        if headers:
            entry["headers"] = headers
        try:
            entry["json"] = json.loads(came.content)
        except ValueError:
            entry["text"] = came.text
        text = json.dumps(entry, ensure_ascii=False)
        for secret, stand_in in self._secrets.items():
            text = text.replace(secret, stand_in)
        found: dict[str, Any] = json.loads(text)
        return found


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
