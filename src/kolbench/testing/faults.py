"""What can be wrong with an answer: each fault changes the answers of a scripted server on their way."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from kolbench.testing.server import Change, whole

ELSEWHERE = "elsewhere.example"
"""The host to which links and redirects are led away."""

RETRY_AFTER_S = 7
_MOST_PLACES = 40

Made = Callable[[httpx.Request, httpx.Response], httpx.Response]
Place = tuple[str | int, ...]
"""The way to a value in JSON: names and positions, of which a list's first element stands for all."""


def at(number: int, made: Made) -> Change:
    """The fault befalls the answer to the request of that number (from 0)."""
    return lambda n, request, answer: made(request, answer) if answer and n == number else answer


def since(number: int, made: Made) -> Change:
    """The fault befalls the answer to that request and all that follow."""
    return lambda n, request, answer: made(request, answer) if answer and n >= number else answer


def status(code: int, headers: dict[str, str] | None = None) -> Made:
    """An answer of another status, whose body says nothing."""
    return lambda request, answer: httpx.Response(code, headers=headers, json={"error": code})


def too_many() -> Made:
    """429, and how long to stay away."""
    return status(429, {"Retry-After": str(RETRY_AFTER_S)})


def html(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """A page for people, which repeats what the request held, as some do."""
    told = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    page = f"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>{request.url}\n{told}</body></html>"
    return httpx.Response(200, html=page)


def truncated(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """The first half, as if it were whole."""
    return httpx.Response(200, headers=_typed(answer), content=answer.content[: len(answer.content) // 2])


def empty(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """Nothing at all, with a status of 200."""
    return httpx.Response(200, headers=_typed(answer))


def huge(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """More than the host puts up with, by what it declares."""
    return httpx.Response(200, headers={**_typed(answer), "Content-Length": str(10**10)}, content=answer.content)


def replaced(value: object) -> Made:
    """JSON of another shape."""
    return lambda request, answer: httpx.Response(200, json=value)


def refused(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """An error that comes with a status of 200 and repeats what the request held, as some do."""
    held = {"url": str(request.url), "headers": dict(request.headers), "body": request.content.decode(errors="replace")}
    return httpx.Response(200, json={"error": {"code": 190, "message": "invalid request", "request": held}})


def redirected(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """A redirect to another host."""
    return httpx.Response(302, headers={"Location": str(request.url.copy_with(host=ELSEWHERE))})


def led_away(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """The true answer, in which every link to the server leads to another host, and every other link too."""
    host = re.compile(rb"(https?:\\?/\\?/)[^/\"'\s<>\\?#]+")
    elsewhere = rb"\g<1>" + ELSEWHERE.encode()
    kept: list[tuple[bytes, bytes]] = [(name, host.sub(elsewhere, value)) for name, value in answer.headers.raw]
    changed = httpx.Response(answer.status_code, headers=kept, content=host.sub(elsewhere, answer.content))
    changed.headers["Content-Length"] = str(len(changed.content))
    return changed


def grown(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """The true answer, with a field more in every object: platforms add some without notice."""
    return _changed(answer, lambda value: {**value, "kolbench_new": {"since": 1}} if isinstance(value, dict) else value)


def emptied(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """The true answer, with nothing in any list."""
    return _changed(answer, lambda value: [] if isinstance(value, list) else value)


def echo() -> Change:
    """The server gives its first answer again and again, whatever is asked of the same address."""
    first: dict[tuple[str, str], httpx.Response] = {}

    def change(number: int, request: httpx.Request, answer: httpx.Response | None) -> httpx.Response | None:
        address = request.method, request.url.path
        if answer is not None:
            first.setdefault(address, answer)
        return whole(first[address]) if address in first else None

    return change


def places(answer: httpx.Response) -> list[Place]:
    """Where the values of a JSON answer are, each kind of place once; none if it is no JSON."""
    try:
        return list(dict.fromkeys(_places(json.loads(answer.content), ())))[:_MOST_PLACES]
    except ValueError:
        return []


def bent(place: Place, way: str) -> Made:
    """The value at a place is ``missing``, ``null``, of another ``type``, or ``giant``."""

    def made(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        try:
            value = json.loads(answer.content)
            home = value
            for step in place[:-1]:
                home = home[step]
            if way == "missing":
                del home[place[-1]]
            else:
                home[place[-1]] = _BENT[way](home[place[-1]])
        except (ValueError, LookupError, TypeError):  # the place is of another answer
            return answer
        return httpx.Response(200, headers=_kept(answer), content=json.dumps(value))

    return made


WAYS = ("missing", "null", "type", "giant")


def _of_another_type(value: object) -> object:
    if isinstance(value, str):
        return {"text": value}
    return [] if isinstance(value, dict) else "s0mething-else"


def _giant(value: object) -> object:
    return 10**30 if isinstance(value, int) and not isinstance(value, bool) else "\x1b[31m" + "9" * 10_000


_BENT: dict[str, Callable[[object], object]] = {
    "null": lambda value: None,
    "type": _of_another_type,
    "giant": _giant,
}


def _places(value: Any, place: Place) -> Iterator[Place]:
    children = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, child in children:
        yield (*place, name)
        yield from _places(child, (*place, name))


def _changed(answer: httpx.Response, change: Callable[[Any], Any]) -> httpx.Response:
    try:
        value = json.loads(answer.content)
    except ValueError:
        return answer
    return httpx.Response(answer.status_code, headers=_kept(answer), content=json.dumps(_walked(value, change)))


def _walked(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        value = {name: _walked(child, change) for name, child in value.items()}
    elif isinstance(value, list):
        value = [_walked(child, change) for child in value]
    return change(copy.copy(value))


def _typed(answer: httpx.Response) -> dict[str, str]:
    return {"Content-Type": answer.headers.get("content-type", "application/json")}


def _kept(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers.multi_items() if name.lower() != "content-length"]
