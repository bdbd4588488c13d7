"""The X API v2: one question after another, and what its refusals mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import DecodeError, Raw, Struct, json

from kolbench.adapters.answers import decode
from kolbench.adapters.x.entities import USER_FIELDS, User
from kolbench.domain.errors import Denied, Gone, SourceError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.adapters.protocol import Pull

T = TypeVar("T")

BASE = "https://api.x.com/2/"


class Problem(Struct, frozen=True):
    """What X says of something that it does not answer."""

    title: str | None = None
    detail: str | None = None
    type: str | None = None
    reason: str | None = None
    required_enrollment: str | None = None
    parameter: str | None = None
    value: object = None

    @property
    def kind(self) -> str:
        """The problem's short name, such as ``resource-not-found``."""
        return (self.type or "").rpartition("/")[2]

    @property
    def is_gone(self) -> bool:
        """Whether the account or post is not there, or not any more: X says the same of suspended ones."""
        return self.kind == "resource-not-found" or self.title == "Not Found Error"


class Meta(Struct, frozen=True):
    """Where a list goes on."""

    next_token: str | None = None


class Includes(Struct, frozen=True):
    """What an answer refers to."""

    tweets: list[Raw] = []


class Answer(Struct, frozen=True):
    """A list, and what of it could not be had."""

    data: list[Raw] | None = None
    includes: Includes | None = None
    meta: Meta | None = None
    errors: list[Problem] | None = None


class One(Struct, frozen=True):
    """One account, or why there is none."""

    data: User | None = None
    errors: list[Problem] | None = None


class Usage(Struct, frozen=True):
    """How many posts were read in the month of the bill."""

    project_cap: int | str | None = None
    project_usage: int | str | None = None


class Used(Struct, frozen=True):
    """The answer with it."""

    data: Usage = Usage()


class StaleToken(SourceError):
    """X doesn't know the place any more from which to go on."""


class Api:
    """The API as one pull asks it."""

    def __init__(self, pull: Pull) -> None:
        self.pull = pull
        self._headers = {"Authorization": f"Bearer {pull.settings['token']}"}

    def ask(self, shape: type[T], path: str, **query: str) -> T:
        """The answer to one question, as ``shape``.

        Raises SourceError where the token, the credits or the month's posts are at their end, Denied where the
        app may not ask, StaleToken, and whatever the client raises.
        """
        assert self.pull.http
        try:
            return decode(self.pull.http.get(BASE + path, params=query, headers=self._headers), shape)
        except SourceError as error:
            if plain := _plain(error, path, "pagination_token" in query):
                raise plain from error
            raise

    def user(self, name: str) -> User:
        """The account of that handle or id. Raises Gone and Denied."""
        path = f"users/{name}" if name.isdigit() else f"users/by/username/{name.removeprefix('@')}"
        answer = self.ask(One, path, **{"user.fields": USER_FIELDS})
        if answer.data:
            return answer.data
        raise refused(answer.errors, name)

    def walk(self, path: str, token: str, name: str, **query: str) -> Iterator[tuple[Answer, str]]:
        """The pages of a list from ``token`` on, each with the token of the one behind it, empty at the end.

        Raises Gone and Denied where X has an explanation instead of the list, and StaleToken.
        """
        while True:
            more = {"pagination_token": token} if token else {}
            answer = self.ask(Answer, path, **query, **more)
            if not answer.data and answer.errors:
                raise refused(answer.errors, name)
            upcoming = (answer.meta and answer.meta.next_token) or ""
            if upcoming and upcoming == token:
                self.pull.warn(_("{name}: X gives the same page again and again.").format(name=name))
                upcoming = ""
            yield answer, upcoming
            if not upcoming:
                return
            token = upcoming


def refused(problems: list[Problem] | None, name: str) -> SourceError:
    """Why there is nothing to be had of an account."""
    problem = problems[0] if problems else Problem()
    if problem.is_gone or not problems:
        return Gone(_("X knows no account {name}, or has suspended it.").format(name=name))
    return Denied(_("X does not show {name}: the account is protected, or withheld.").format(name=name))


def _plain(error: SourceError, path: str, has_token: bool) -> SourceError | None:
    """What the operator can do about it, where X's answer tells; None elsewhere."""
    try:
        problem = json.decode(error.answer, type=Problem)
    except (DecodeError, UnicodeDecodeError):
        problem = Problem()
    plain: SourceError
    if problem.kind == "usage-capped" or problem.title == "UsageCapExceeded":
        text = _("X: the posts that the app may read in a month are used up; it goes on when the month is over.")
        plain = SourceError(text)
    elif error.status == 402 or problem.title == "CreditsDepleted":
        plain = SourceError(_("X: the app has no credits left: buy some in the Developer Console."))
    elif error.status == 403 and problem.reason == "client-not-enrolled":
        text = _("X does not let this app read {path}: attach it to a project that pays for this ({access}).")
        plain = Denied(text.format(path=path, access=problem.required_enrollment or "-"))
    elif error.status == 400 and has_token:
        plain = StaleToken(_("X has forgotten the place to go on from."))
    else:
        return None
    plain.status = error.status
    return plain
