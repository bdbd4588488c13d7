"""A Matrix homeserver, asked as one account, and the answers that more than one feed needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from msgspec import Raw, Struct

from kolbench.adapters.answers import decode, each
from kolbench.adapters.servers import address
from kolbench.domain.errors import Denied, Gone, SourceError, UsageError
from kolbench.domain.lang import _
from kolbench.domain.records import AccountRecord

if TYPE_CHECKING:
    import httpx

    from kolbench.adapters.protocol import Pull

T = TypeVar("T")

API = "/_matrix/client/v3"

UNAUTHORIZED = 401

DEVICE = "KOLBENCH"
"""One device for all our sessions: a new one ends the last one, should that have been left open."""


class Chunk(Struct, frozen=True):
    """A list of events, as most of the API gives them."""

    chunk: list[Raw] = []
    state: list[Raw] = []
    start: str = ""
    end: str | None = None


class Profile(Struct, frozen=True):
    """What an ``m.room.member`` event holds."""

    membership: str = ""
    displayname: str | None = None
    avatar_url: str | None = None


class Before(Struct, frozen=True):
    """What came before a member's event; most servers tell the event's id only."""

    replaces_state: str | None = None
    prev_content: Profile | None = None


class Member(Struct, frozen=True):
    """An ``m.room.member`` event: somebody joined, left or changed their name."""

    state_key: str
    origin_server_ts: int
    content: Profile
    unsigned: Before = Before()

    @property
    def was_in(self) -> bool:
        """Whether the member was in the room before, as far as the server tells."""
        before = self.unsigned
        return before.prev_content.membership == "join" if before.prev_content else bool(before.replaces_state)


class _Session(Struct, frozen=True):
    access_token: str


class _Whoami(Struct, frozen=True):
    user_id: str


class _Joined(Struct, frozen=True):
    joined_rooms: list[str]


class _Alias(Struct, frozen=True):
    room_id: str


class Server:
    """The homeserver of a source. A session of our own lasts as long as the client that the host hands over."""

    def __init__(self, pull: Pull) -> None:
        """Log in where there is no token. Raises SourceError when that isn't possible."""
        assert pull.http
        self.pull = pull
        self._root = address(pull)
        self._http: httpx.Client = pull.http
        token = pull.settings.get("token")
        self.is_ours = not token
        if "Authorization" not in self._http.headers:
            self._http.headers["Authorization"] = f"Bearer {token or self._log_in()}"

    def get(self, path: str, shape: type[T], **params: str | int) -> T:
        """What the server answers. Raises Gone and Denied for what isn't there or isn't shown to this account."""
        return decode(self._http.get(self._root + API + path, params=params), shape)

    def state(self, room: str, kind: str, shape: type[T], **params: str) -> T | None:
        """A piece of a room's state; None where the room has none, or one that its members made up."""
        try:
            raw = self.get(f"{path_of(room)}/state/{kind}", Raw, **params)
        except Gone:
            return None
        return next(each(self.pull, [raw], shape), None)

    def user(self) -> str:
        """The account's id."""
        return self.get("/account/whoami", _Whoami).user_id

    def joined(self) -> list[str]:
        """The ids of the rooms that the account is in."""
        return sorted(self.get("/joined_rooms", _Joined).joined_rooms)

    def room_id(self, room: str) -> str:
        """The id behind an alias, which an upgraded room takes along."""
        if room.startswith("!"):
            return room
        return self.get(f"/directory/room/{quote(room, safe='')}", _Alias).room_id

    def log_out(self) -> None:
        """End our own session; one that stays open ends with the next log-in."""
        try:
            self._http.post(f"{self._root}{API}/logout", json={})
        except SourceError as error:
            if error.status != UNAUTHORIZED:  # which it is when it has ended already
                raise
        del self._http.headers["Authorization"]

    def account(
        self,
        user: str,
        profile: Profile,
        *,
        is_bot: bool | None = None,
        is_staff: bool | None = None,
        observed_at: datetime | None = None,
    ) -> AccountRecord:
        """An account as a room shows it."""
        media = profile.avatar_url or ""
        return AccountRecord(
            uid=user,
            handle=user.removeprefix("@"),
            name=profile.displayname,
            url="https://matrix.to/#/" + quote(user, safe="@:"),
            avatar_url=f"{self._root}/_matrix/client/v1/media/download/{media[6:]}" if media[:6] == "mxc://" else None,
            is_bot=is_bot,
            is_staff=is_staff,
            observed_at=observed_at,
        )

    def _log_in(self) -> str:
        told = self.pull.settings
        if not (told.get("user") and told.get("password")):
            raise UsageError(_("Matrix needs the secret 'token', or the setting 'user' and the secret 'password'."))
        request = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": told["user"]},
            "password": told["password"],
            "device_id": DEVICE,
            "initial_device_display_name": "KOLbench",
        }
        try:
            answer = self._http.post(f"{self._root}{API}/login", json=request)
        except (Gone, Denied) as error:  # which would only end the reading of this room
            text = _("{user} can't log in with this password at {url}; some servers take a token only.")
            raise SourceError(text.format(user=told["user"], url=self._root)) from error
        token = decode(answer, _Session).access_token
        self.pull.protect(token)
        return token


def path_of(room: str) -> str:
    """Where the API keeps a room."""
    return f"/rooms/{quote(room, safe='')}"


def moment(milliseconds: int) -> datetime:
    """A time that a server tells; one that makes no sense stays so, and is refused with its record."""
    return datetime.fromtimestamp(min(max(milliseconds, 0), 1 << 42) / 1000, UTC)
