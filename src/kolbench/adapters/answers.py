"""What a platform answers, decoded into the shapes that an adapter declares as ``msgspec`` structs."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, TypeVar

import msgspec

from kolbench.adapters.protocol import Rejected
from kolbench.domain.errors import SourceError, Transient
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from kolbench.adapters.protocol import Pull
    from kolbench.domain.records import Metrics

T = TypeVar("T")

_SHOWN = 200


def decode(answer: httpx.Response, shape: type[T]) -> T:
    """The answer as ``shape``; fields that it doesn't name are skipped.

    Raises Transient for what isn't JSON, such as a page of HTML under maintenance, and SourceError for JSON of
    another shape, naming the field.
    """
    try:
        return msgspec.json.decode(answer.content, type=shape)
    except msgspec.ValidationError as error:
        text = _("{path}: not what was expected: {reason}")
        raise SourceError(text.format(path=answer.request.url.path, reason=error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        begins = clean_line(answer.text[:40])
        text = _("{path}: the answer is not JSON but begins with '{begins}'")
        raise Transient(text.format(path=answer.request.url.path, begins=begins)) from error


def each(pull: Pull, items: Iterable[msgspec.Raw], shape: type[T]) -> Iterator[T]:
    """The items of a list (decoded as ``list[msgspec.Raw]``) as ``shape``; one that isn't is rejected alone."""
    for number, item in enumerate(items, 1):
        try:
            yield msgspec.json.decode(item, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            reason, _at, column = str(error).partition(" - at ")
            value = bytes(item)[:_SHOWN].decode(errors="replace")
            pull.reject(Rejected(number, column.strip("`").removeprefix("$."), reason, value))


def plain(html: str) -> str:
    """The text of a piece of HTML: paragraphs and line breaks as lines, without tags.

    Takes time in proportion to its length whatever stands in it, and raises nothing: the standard library's parser
    does neither for hostile text.
    """
    if "<" not in html and "&" not in html:
        return html
    parts: list[str] = []
    at, begun = 0, False
    while (start := html.find("<", at)) >= 0:
        parts.append(html[at:start])
        begun = begun or start > at
        end = html.find(">", start)
        if end < 0:  # no tag any more
            at = start
            break
        if not (tag := _TAG.match(html, start)):
            parts.append("<")
            at, begun = start + 1, True
            continue
        name, at = tag[1].lower(), end + 1
        if name in _UNSEEN:
            closing = _UNSEEN[name].search(html, at)
            at = closing.start() if closing else len(html)
        elif name == "br" or (name in _BLOCKS and begun):
            parts.append("\n")
    parts.append(html[at:])
    return unescape("".join(parts)).strip()


def counted(**counts: int | None) -> Metrics:
    """The counts that are told; a platform that keeps one to itself leaves it out, or says -1."""
    return {name: count for name, count in counts.items() if count is not None and count >= 0}


def whole(told: int | str | None) -> int | None:
    """A number that may be told as text; None for what is none, is below 0, or is wider than 64 bits."""
    if isinstance(told, str):
        told = int(told) if told.isascii() and told.isdigit() and len(told) < 20 else -1
    return told if told is not None and 0 <= told < 1 << 63 else None


_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*|!|\?)")
_BLOCKS = frozenset(("p", "li", "div", "blockquote", "pre", "tr"))
_UNSEEN = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
