"""Requests to GitHub's REST API: their headers, pages that are linked, and lists by time of change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import MINYEAR, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from kolbench.adapters.answers import decode, each
from kolbench.adapters.servers import address
from kolbench.domain.errors import Gone, SourceError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    import httpx

    from kolbench.adapters.protocol import Pull

T = TypeVar("T")

JSON = "application/vnd.github+json"
STARS = "application/vnd.github.star+json"
"""Asks for the time of a star as well."""

VERSION = "2022-11-28"
PER_PAGE = 100
UNPROCESSABLE = 422
UNCHANGED = 304


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a list by time of change was read: the next request, and the tag of its answer when that was the last."""

    since: str = ""
    page: int = 1
    etag: str = ""


class Changing(Protocol):
    """What a list by time of change holds."""

    @property
    def updated_at(self) -> datetime:
        """When it was changed last."""


C = TypeVar("C", bound=Changing)


class Api:
    """One pull's requests."""

    def __init__(self, pull: Pull) -> None:
        assert pull.http
        self._pull = pull
        self._http = pull.http
        self._base = address(pull)
        token = pull.settings.get("token", "")
        self._headers = {"X-GitHub-Api-Version": VERSION, **({"Authorization": f"Bearer {token}"} if token else {})}

    def get(
        self, path: str, params: Mapping[str, str] | None = None, *, etag: str = "", accept: str = JSON
    ) -> httpx.Response:
        """The answer, which is a 304 where ``etag`` is still that of the resource. Raises like the client."""
        condition = {"If-None-Match": etag} if etag else {}
        headers = {**self._headers, "Accept": accept, **condition}
        return self._http.get(f"{self._base}{path}", params=dict(params or {}), headers=headers)

    def one(self, path: str, shape: type[T]) -> T:
        """What is at ``path``."""
        return decode(self.get(path), shape)

    def items(self, answer: httpx.Response, shape: type[T]) -> list[T]:
        """The items of a list; an empty repository's contributors are told by an answer without content."""
        return list(each(self._pull, decode(answer, list[msgspec.Raw]), shape)) if answer.content.strip() else []

    def linked(self, path: str, shape: type[T], query: str = "") -> Iterator[tuple[list[T], str]]:
        """The pages of a list from ``query`` on, each with the query of the next one: empty behind the last.

        Ends, and says so, where a page links to itself.
        """
        while True:
            answer = self.get(path, dict(parse_qsl(query)) or {"per_page": str(PER_PAGE)})
            following = urlsplit(answer.links.get("next", {}).get("url", "")).query
            if following and following == query:
                self._circle(path)
                following = ""
            yield self.items(answer, shape), following
            if not following:
                return
            query = following

    def changed(
        self, path: str, shape: type[C], place: Place, of: Mapping[str, str] = {}
    ) -> Iterator[tuple[list[C], Place]]:
        """The items changed since ``place``, the longest unchanged first, with the place behind each page.

        Each request begins at the last item's time, not at a page's number: a list that is changed while it is read
        moves what was changed to its end, and numbers would pass over others. Nothing is yielded where nothing has
        changed. A list that a repository has switched off is an empty one.
        """
        before: list[C] = []
        while True:
            params = {**of, "sort": "updated", "direction": "asc", "per_page": str(PER_PAGE), "page": str(place.page)}
            if place.since:
                params["since"] = place.since
            try:
                answer = self.get(path, params, etag=place.etag)
            except Gone:
                return
            if answer.status_code == UNCHANGED:
                return
            found = self.items(answer, shape)
            if found and found == before:
                self._circle(path)
                return
            if "next" not in answer.links:
                tag = answer.headers.get("etag", "") if place.page == 1 else ""
                yield found, Place(place.since, 1, tag)
                return
            before, place = found, _behind(found, place)
            yield found, place

    def _circle(self, path: str) -> None:
        self._pull.warn(_("{path}: the server repeats itself; the rest is left out").format(path=path))


def _behind(found: list[C], place: Place) -> Place:
    """Where to go on: a second before the newest, which more items may share; by page while all are of one second."""
    times = [item.updated_at for item in found if item.updated_at.year > MINYEAR]
    since = max(times) - timedelta(seconds=1) if times else None
    if since and min(times) < since and stamp(since) > place.since:
        return Place(stamp(since))
    return Place(place.since, place.page + 1)


def stamp(moment: datetime) -> str:
    """A UTC time as GitHub writes it; two of them compare as the times do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def or_none(ask: Callable[[], T], *statuses: int) -> T | None:
    """What ``ask`` returns; None when the answer has one of ``statuses``."""
    try:
        return ask()
    except SourceError as error:
        if error.status in statuses:
            return None
        raise
