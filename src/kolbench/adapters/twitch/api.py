"""Twitch's Helix API: its tokens, one question after another, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from msgspec import Raw, Struct

from kolbench.adapters.answers import decode, each
from kolbench.adapters.twitch.entities import User
from kolbench.domain.errors import Gone, SourceError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from weakref import WeakKeyDictionary

    import httpx

    from kolbench.adapters.protocol import Pull

    Tokens = WeakKeyDictionary[httpx.Client, dict[str, "Token"]]

T = TypeVar("T")

BASE, LOGIN = "https://api.twitch.tv/helix/", "https://id.twitch.tv/oauth2/token"

APP, USER = "client_credentials", "refresh_token"
"""Whose token: the app's own, or that of the user who gave the refresh token."""

MOST = 100
"""Accounts that one request may ask for, and items of a list that one answer may hold."""


class Token(Struct, frozen=True):
    """What opens requests, for some hours at least."""

    access_token: str
    scope: list[str] | str = []


class Pagination(Struct, frozen=True):
    """Where a list goes on."""

    cursor: str | None = None


class Answer(Struct, frozen=True):
    """A list; ``total`` is told of followers."""

    data: list[Raw] = []
    pagination: Pagination | None = None
    total: int | None = None


class StaleCursor(SourceError):
    """Twitch doesn't know the place any more from which to go on."""


class Api:
    """Helix as one pull asks it. ``tokens`` keeps a run's tokens, by the run's HTTP client."""

    def __init__(self, pull: Pull, tokens: Tokens, grant: str = APP) -> None:
        assert pull.http
        self.pull = pull
        self._http = pull.http
        self._tokens = tokens
        self._grant = grant

    @property
    def token(self) -> Token:
        """The run's token, got when it is first needed. Raises SourceError."""
        known = self._tokens.setdefault(self._http, {})
        if self._grant not in known:
            token = self._granted()
            self.pull.protect(token.access_token)
            known[self._grant] = token
        return known[self._grant]

    def ask(self, path: str, **query: str | Sequence[str]) -> Answer:
        """The answer to one question. Raises StaleCursor, and whatever the client raises."""
        headers = {
            "Authorization": f"Bearer {self.token.access_token}",
            "Client-Id": self.pull.settings["client_id"],
        }
        try:
            return decode(self._http.get(BASE + path, params=query, headers=headers), Answer)
        except SourceError as error:
            if error.status == 400 and "after" in query:
                raise StaleCursor(_("Twitch has forgotten the place to go on from.")) from error
            raise

    def walk(self, path: str, after: str, **query: str) -> Iterator[tuple[Answer, str]]:
        """The pages of a list from the cursor ``after`` on, each with the cursor behind it, empty at the end."""
        while True:
            answer = self.ask(path, first=str(MOST), **query, **({"after": after} if after else {}))
            upcoming = (answer.pagination and answer.pagination.cursor) or ""
            if upcoming and upcoming == after:
                self.pull.warn(_("{path}: Twitch gives the same page again and again.").format(path=path))
                upcoming = ""
            if not answer.data:
                upcoming = ""
            yield answer, upcoming
            if not upcoming:
                return
            after = upcoming

    def users(self, names: Sequence[str]) -> dict[str, User]:
        """The accounts of these names, at most a hundred, as far as there are any."""
        ids = [name for name in names if name.isdigit()]
        logins = [login(name) for name in names if not name.isdigit()]
        asked = {key: value for key, value in (("id", ids), ("login", logins)) if value}
        found = list(each(self.pull, self.ask("users", **asked).data, User))
        by_id, by_login = {user.id: user for user in found}, {user.login: user for user in found}
        known = {name: by_id.get(name) if name.isdigit() else by_login.get(login(name)) for name in names}
        return {name: user for name, user in known.items() if user}

    def user(self, name: str) -> User:
        """The account of that name. Raises Gone."""
        if user := self.users([name]).get(name):
            return user
        raise Gone(_("Twitch knows no account {name}, or has suspended it.").format(name=name))

    def _granted(self) -> Token:
        form = {name: self.pull.settings.get(name, "") for name in ("client_id", "client_secret")}
        if self._grant == USER:
            form["refresh_token"] = self.pull.settings.get("refresh_token", "")
        try:
            return decode(self._http.post(LOGIN, data={**form, "grant_type": self._grant}), Token)
        except SourceError as error:
            said = error.answer.lower()
            if error.status not in (400, 401, 403) or b"invalid" not in said:
                raise
            text = _("Twitch does not accept the client id and secret: copy them from its developer console.")
            if b"refresh token" in said:
                text = _("Twitch does not accept the refresh token any more: its user has to allow the app again.")
            refused = SourceError(text)
            refused.status = 401
            raise refused from error


def login(name: str) -> str:
    """A login as Twitch writes it."""
    return name.removeprefix("@").lower()
