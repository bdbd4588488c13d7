"""What a platform answers, decoded into the shapes that an adapter declares as ``msgspec`` structs."""

from __future__ import annotations

from html.parser import HTMLParser
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
    """The text of a piece of HTML: paragraphs and line breaks as lines, without tags."""
    if "<" not in html and "&" not in html:
        return html
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts).strip()


class _Text(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden += 1
        elif tag == "br" or (tag in ("p", "li", "div", "blockquote", "pre", "tr") and self.parts):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style") and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)
