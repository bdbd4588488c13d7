"""One server with the Mastodon client API, as it is asked for lists and people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from msgspec import DecodeError, Raw, Struct, json
from msgspec.structs import replace

from kolbench.adapters import cursors, servers
from kolbench.adapters.answers import decode, each, plain
from kolbench.adapters.mastodon import entities
from kolbench.adapters.mastodon.entities import Account, Instance, Mention, Status
from kolbench.domain.errors import Denied, Gone, SourceError, Transient
from kolbench.domain.gate import MAX_ID
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import _
from kolbench.domain.records import AccountRecord

if TYPE_CHECKING:
    import httpx

    from kolbench.adapters.protocol import Pull

ACCOUNTS_A_PAGE = 80
STATUSES_A_PAGE = 40

_DOMAIN = re.compile(r"[\w.-]{1,200}(:\d+)?")
_ID = re.compile(r"\d+|[0-9A-HJKMNP-TV-Z]{26}")  # a number, or a ULID as GoToSocial has them


class Place(Struct, omit_defaults=True):
    """The cursor: whose list on which server is read, and the query of its next page.

    ``id`` is the server's, ``uid`` ours. Posts are read from the newest one back to ``until``, and ``newest`` is
    where the next sync begins to look back from, both in milliseconds since 1970.
    """

    server: str
    domain: str
    id: str = ""
    uid: str = ""
    next: dict[str, str] = {}
    until: int = 0
    newest: int = 0


class Server:
    """One server as one pull asks it, and how its ids become ours.

    An id means something on its own server only, and each server numbers the accounts of all others anew. So an
    account gets its id with the server's domain where it is at home, and is known by its handle elsewhere: who is
    seen through two servers is one.
    """

    def __init__(self, pull: Pull) -> None:
        assert pull.http
        self._http = pull.http
        self._pull = pull
        self._headers = {"Authorization": f"Bearer {pull.settings['token']}"} if "token" in pull.settings else {}
        self.base = servers.address(pull)
        self.domain = urlsplit(self.base).netloc
        self.uids: dict[str, str] = {}

    def get(self, path: str, **query: str) -> httpx.Response:
        """The answer to one question, within the first version of the API where ``path`` names no other."""
        place = path if path.startswith("/") else f"/api/v1/{path}"
        return self._http.get(self.base + place, params=query, headers=self._headers)

    def instance(self) -> Instance:
        """What the server says of itself; nothing where it keeps silent."""
        for path in ("/api/v2/instance", "instance"):
            try:
                return decode(self.get(path), Instance)
            except SourceError as error:
                if isinstance(error, Transient) or error.status in (401, 403):
                    raise
        return Instance()

    def place(self) -> Place:
        """Where to go on; a cursor of another server counts for nothing."""
        place = cursors.read(self._pull.cursor, Place("", ""))
        if place.server != self.base:
            told = self.instance()
            domain = (told.account_domain or told.domain or told.uri or "").rpartition("://")[2].strip("/")
            place = Place(self.base, domain.casefold() if _DOMAIN.fullmatch(domain) else self.domain)
        self.domain = place.domain
        return place

    def at(self, place: Place, account: Account) -> Place:
        """``place`` with whose list it is."""
        uid = self.uids[str(account.id)] = self.uid(account)
        return replace(place, id=str(account.id), uid=uid)

    def known(self, place: Place, name: str) -> Place:
        """``place`` with the id of the account, which is asked for only where it isn't known yet."""
        if not place.id:
            return self.at(place, self.account(place, name))
        self.uids[place.id] = place.uid
        return place

    def pages(
        self, path: str, size: int, following: Mapping[str, str], query: Mapping[str, str] = {}
    ) -> Iterator[tuple[list[Raw], dict[str, str]]]:
        """The pages of a list, each with the query of the one behind it, which is empty for the last.

        Of the link to it only the query is taken, so that it can't lead to another host. Where a server sends no
        links, lists of posts go on by the id of the last post, as is documented; others end.
        """
        asked = dict(following)
        while True:
            answer = self.get(path, **{**query, **asked, "limit": str(size)})
            raws = decode(answer, list[Raw])
            link = answer.links.get("next", {}).get("url", "") if raws else ""
            upcoming = {key: value for key, value in parse_qsl(urlsplit(link).query) if key not in {"limit", *query}}
            if raws and "link" not in answer.headers and size == STATUSES_A_PAGE:
                upcoming = _before(raws)
            elif "link" not in answer.headers and len(raws) >= size:
                self._pull.warn(_("{path}: the server does not say how the list goes on.").format(path=path))
            if upcoming and upcoming == asked:
                self._pull.warn(_("{path}: the server gives the same page again and again.").format(path=path))
                upcoming = {}
            yield raws, upcoming
            if not upcoming:
                return
            asked = upcoming

    def account(self, place: Place, name: str) -> Account:
        """The account of ``place``, else the one of that name. Raises Gone when the server knows none."""
        if place.id or is_id(name):
            return decode(self.get(f"accounts/{quoted(place.id or name)}"), Account)
        try:
            return decode(self.get("accounts/lookup", acct=name.removeprefix("@")), Account)
        except SourceError as error:
            if not isinstance(error, Gone) and error.status not in (400, 405, 501):
                raise
            return self._searched(name)

    def _searched(self, name: str) -> Account:
        """By search: for servers without a lookup, and, with a token, for people whom this one has yet to meet."""
        own = "token" in self._pull.settings
        try:
            raws = decode(
                self.get("accounts/search", q=name.removeprefix("@"), limit="40", resolve=str(own).lower()), list[Raw]
            )
        except SourceError as error:
            unmet = isinstance(error, Transient) and error.status == 503  # it couldn't reach the other server
            if not (unmet or isinstance(error, Gone) or (error.status in (401, 403) and not own)):
                raise
            raws = []
        for account in each(self._pull, raws, Account):
            if (self.handle(account) or "").casefold() == self.full(name).casefold():
                return account
        raise Gone(_("{server} knows no {name}.").format(server=self.domain, name=name))

    def reacted(self, path: str) -> list[Raw]:
        """The first page of people who reacted to a post; nobody where it is gone or the list is closed."""
        try:
            return decode(self.get(path, limit=str(ACCOUNTS_A_PAGE)), list[Raw])
        except (Gone, Denied):
            return []

    def full(self, name: str) -> str:
        """``user@host``, for those at home here too."""
        bare = name.removeprefix("@")
        return bare if "@" in bare else f"{bare}@{self.domain}"

    def handle(self, account: Account | Mention) -> str | None:
        """``user@host``, where a handle was told."""
        return self.full(account.acct) if account.acct else None

    def uid(self, account: Account | Mention) -> str:
        """Our id of it."""
        own, handle = f"{account.id}@{self.domain}", self.handle(account)
        if handle is None:
            return self.uids.get(str(account.id), own)
        return own if handle.casefold().endswith(f"@{self.domain}") else handle_ref(handle)

    def post_uid(self, status: Status) -> str:
        """The address by which all servers know a post, where that fits."""
        return status.uri if status.uri and len(status.uri) <= MAX_ID else f"{status.id}@{self.domain}"

    def record(self, account: Account) -> AccountRecord:
        """What is told of an account; of a suspended one, that it is gone: its counts are answered as 0."""
        uid, handle = self.uid(account), self.handle(account)
        if account.suspended:
            return AccountRecord(uid=uid, handle=handle, url=account.url, gone=True)
        return AccountRecord(
            uid=uid,
            handle=handle,
            name=account.display_name or None,
            bio=plain(account.note or "") or None,
            url=account.url,
            avatar_url=account.avatar,
            category="group" if account.group else None,
            verified=entities.verified(account),
            is_bot=account.bot,
            is_staff=entities.is_staff(account),
            created_at=servers.moment(account.created_at),
            gone=False,
            contacts=entities.contacts(account),
            metrics=entities.standing(account),
        )


def is_id(name: str) -> bool:
    """Whether an account is named by its id rather than its handle."""
    return _ID.fullmatch(name) is not None


def quoted(part: int | str) -> str:
    """``part`` as one part of a path."""
    return quote(str(part), safe="")


def _before(raws: list[Raw]) -> dict[str, str]:
    """The query for what is older than the last item that has an id."""
    for raw in reversed(raws):
        try:
            return {"max_id": str(json.decode(raw, type=Mention).id)}
        except DecodeError:
            continue
    return {}
