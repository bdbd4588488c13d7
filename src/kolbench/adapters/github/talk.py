"""What happens in a repository: issues and comments as messages, stars and reviews as activities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from kolbench.adapters import cursors
from kolbench.adapters.chats.people import Authors
from kolbench.adapters.github.api import PER_PAGE, STARS, UNPROCESSABLE, Api, Place, or_none, stamp
from kolbench.adapters.github.entities import Comment, Issue, Repository, Review, Star, act, said, somebody
from kolbench.adapters.protocol import Page
from kolbench.domain.errors import Gone
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Pull
    from kolbench.domain.records import Record


NOBODY = "?"
"""Stands for the author of an issue whose account was deleted."""


class _Talk(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far each of a repository's three lists was read."""

    issues: Place = Place()
    comments: Place = Place()
    code: Place = Place()


class _Deeds(msgspec.Struct, frozen=True, omit_defaults=True):
    """The page of stars to look at next and the newest star seen, and how far pull requests were read."""

    page: int = 1
    newest: datetime | None = None
    pulls: Place = Place()


def messages(pull: Pull, api: Api, repository: Repository) -> Iterator[Page]:
    """Issues, pull requests and the comments to them, each list from where it was changed last."""
    first = Place(stamp(pull.since)) if pull.since else Place()
    place = cursors.read(pull.cursor, _Talk(first, first, first))
    path = f"/repos/{repository.full_name}"
    threads = _Threads(api, path)
    for issues, behind in api.changed(f"{path}/issues", Issue, place.issues, {"state": "all"}):
        place = msgspec.structs.replace(place, issues=behind)
        yield _page(repository, (_opened(repository, issue) for issue in threads.noted(issues)), place)
    for comments, behind in api.changed(f"{path}/issues/comments", Comment, place.comments):
        place = msgspec.structs.replace(place, comments=behind)
        yield _page(repository, (_commented(repository, one, threads, "issuecomment-") for one in comments), place)
    for comments, behind in api.changed(f"{path}/pulls/comments", Comment, place.code):
        place = msgspec.structs.replace(place, code=behind)
        yield _page(repository, (_commented(repository, one, threads, "discussion_r") for one in comments), place)


def activities(pull: Pull, api: Api, repository: Repository) -> Iterator[Page]:
    """The reviews of the pull requests changed since, and who starred the repository since."""
    first = Place(stamp(pull.since)) if pull.since else Place()
    place = cursors.read(pull.cursor, _Deeds(pulls=first))
    path = f"/repos/{repository.full_name}"
    for issues, behind in api.changed(f"{path}/issues", Issue, place.pulls, {"state": "all"}):
        for issue in issues:
            if issue.pull_request is None or not somebody(issue.user):
                continue
            for reviews, more in api.linked(f"{path}/pulls/{issue.number}/reviews", Review):
                if not more:  # a resume reads again from this pull request on, not from the list's page
                    since = stamp(issue.updated_at)
                    place = msgspec.structs.replace(place, pulls=Place(max(since, place.pulls.since)))
                if reviews:
                    yield _page(repository, (_reviewed(repository, issue, review) for review in reviews), place)
        place = msgspec.structs.replace(place, pulls=behind)
        yield Page([], cursors.written(place))
    for stars, after in _stars(pull, api, repository, place):
        yield _page(repository, (_starred(repository, star) for star in stars), after)


def _stars(pull: Pull, api: Api, repository: Repository, place: _Deeds) -> Iterator[tuple[list[Star], _Deeds]]:
    """Stars from the newest seen on: they come oldest first, and move forward when others are taken back."""
    path = f"/repos/{repository.full_name}/stargazers"
    page, newest = place.page, place.newest

    def ask(number: int) -> tuple[list[Star], bool]:
        params = {"per_page": str(PER_PAGE), "page": str(number)}
        answer = or_none(lambda: api.get(path, params, accept=STARS), UNPROCESSABLE)
        if answer is None:
            pull.warn(
                _("{name}: GitHub lists no stars beyond page {page}").format(name=repository.full_name, page=number)
            )
            return [], False
        return api.items(answer, Star), "next" in answer.links

    stars, more = ask(page)
    while newest and page > 1 and (not stars or stars[0].starred_at > newest):
        page -= 1
        stars, more = ask(page)
    before: list[Star] = []
    while stars and stars != before:
        newest = max([star.starred_at for star in stars] + ([newest] if newest else []))
        place = msgspec.structs.replace(place, page=page + more, newest=newest)
        yield stars, place
        if not more:
            return
        page += 1
        before = stars
        stars, more = ask(page)


class _Threads:
    """Who opened which issue: comments tell only its number."""

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = path
        self._authors = Authors()

    def noted(self, issues: list[Issue]) -> list[Issue]:
        """The issues, whose authors are remembered now."""
        for issue in issues:
            self._authors.note(str(issue.number), _author(issue))
        return issues

    def author(self, number: int) -> str:
        """The uid of who opened it; asked for where the list did not tell. Empty when nobody knows."""
        known = self._authors.of(str(number)) if number else NOBODY
        if known is None:
            try:
                known = _author(self._api.one(f"{self._path}/issues/{number}", Issue))
            except Gone:
                known = NOBODY
            self._authors.note(str(number), known)
        return known.removeprefix(NOBODY)


def _author(issue: Issue) -> str:
    return issue.user.uid if somebody(issue.user) else NOBODY


def _opened(repository: Repository, issue: Issue) -> list[Record]:
    if not somebody(issue.user):
        return []
    text = "\n\n".join(filter(None, (issue.title, issue.body)))
    uid = f"{repository.uid}#{issue.number}"
    return said(repository, issue.user, uid, issue.created_at, text, issue.author_association)


def _commented(repository: Repository, comment: Comment, threads: _Threads, prefix: str) -> list[Record]:
    """A comment, under the name that its anchor on the web has; it answers whoever opened what it belongs to."""
    user = comment.user
    if not somebody(user):
        return []
    uid, thread = f"{prefix}{comment.id}", f"{repository.uid}#{comment.number}" if comment.number else None
    reply_to = f"{prefix}{comment.in_reply_to_id}" if comment.in_reply_to_id else thread
    at = comment.created_at
    records = said(repository, user, uid, at, comment.body or "", comment.author_association, reply_to)
    author = "" if user.is_bot else threads.author(comment.number)
    if author not in ("", user.uid):
        records.append(act(repository, user, "reply", author, at, uid))
    return records


def _reviewed(repository: Repository, issue: Issue, review: Review) -> list[Record]:
    user, at, author = review.user, review.submitted_at, issue.user
    if not somebody(user) or at is None or author is None:
        return []
    uid = f"pullrequestreview-{review.id}"
    thread = f"{repository.uid}#{issue.number}"
    records: list[Record] = [user.record(review.author_association)]
    if review.body:
        records = said(repository, user, uid, at, review.body, review.author_association, thread)
    if user.uid != author.uid and not user.is_bot:
        records += [author.record(issue.author_association), act(repository, user, "review", author.uid, at, uid)]
    return records


def _starred(repository: Repository, star: Star) -> list[Record]:
    user = star.user
    if not somebody(user):
        return []
    own = user.uid == repository.owner.uid
    deed = act(repository, user, "star", repository.owner.uid, star.starred_at, f"star-{repository.uid}")
    return [user.record()] if own else [user.record(), deed]


def _page(repository: Repository, found: Iterator[list[Record]], place: _Talk | _Deeds) -> Page:
    """A page, each account on it once as it was told last."""
    records: dict[object, Record] = {"owner": repository.owner.record(), "community": repository.community()}
    for some in found:
        for record in some:
            uid = getattr(record, "uid", None)
            records[(type(record), uid) if uid else record] = record
    return Page(list(records.values()), cursors.written(place))
