"""Who is in a Matrix room, who left it, and what the room says about itself."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from kolbench.adapters.answers import each, whole
from kolbench.adapters.matrix.server import Chunk, Member, Server, moment, path_of
from kolbench.adapters.protocol import MAX_PAGE, Page
from kolbench.adapters.targets import listed
from kolbench.domain.lang import _
from kolbench.domain.records import CommunityRecord, MembershipRecord, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN, MODERATOR = 100, 50
"""Power levels from which on a member may do more than talk, by the convention of all clients."""

CREATORS_RULE = 12
"""The version of rooms from which on their creators stand above all levels, and are not listed with one."""


BEGIN = "0"
"""A cursor that comes before every id."""


class _State(Struct, frozen=True):
    """What the events hold that describe a room, each a little of it."""

    name: str | None = None
    alias: str | None = None
    replacement_room: str | None = None
    algorithm: str | None = None


class _Levels(Struct, frozen=True):
    users: dict[str, object] = {}


class _About(Struct, frozen=True):
    type: str | None = None
    creator: str | None = None
    room_version: str = "1"
    additional_creators: list[str] = []


class _Create(Struct, frozen=True):
    """The first event of a room."""

    sender: str = ""
    content: _About = _About()


def members(server: Server, room: str) -> Iterator[Page]:
    """Yield a room and its members by their ids; the cursor is the last one's, and ``BEGIN`` at the end."""
    community, staff = _described(server, room)
    found: dict[str, Member] = {}
    for membership in ("join", "leave", "ban"):
        answer = server.get(f"{path_of(room)}/members", Chunk, membership=membership)
        found.update((member.state_key, member) for member in each(server.pull, answer.chunk, Member))
    order = sorted(user for user in found if user > (server.pull.cursor or ""))
    records: list[Record] = [community]
    for user in order:
        records += _records(server, found[user], room, staff)
        if len(records) > MAX_PAGE - 2 and user != order[-1]:
            yield Page(records, user, 1 + 2 * len(order))
            records = []
    yield Page(records, BEGIN)


def _described(server: Server, room: str) -> tuple[CommunityRecord, dict[str, str]]:
    """The room, and the roles of its staff by their ids; says what can't be read of it."""
    name, alias, encryption, tombstone = (
        server.state(room, f"m.room.{kind}", _State) or _State()
        for kind in ("name", "canonical_alias", "encryption", "tombstone")
    )
    shown = name.name or alias.alias or room
    if encryption.algorithm:
        server.pull.warn(_("{room} is encrypted: who is in it is read, what is said there is not.").format(room=shown))
    successor = tombstone.replacement_room
    if successor and successor not in (listed(server.pull.settings.get("rooms", "")) or server.joined()):
        text = _("{room} goes on in {successor}: join that, and list it if you list rooms.")
        server.pull.warn(text.format(room=shown, successor=successor))
    create = server.state(room, "m.room.create", _Create, format="event") or _Create()
    kind = "space" if create.content.type == "m.space" else "chat"
    url = "https://matrix.to/#/" + quote(alias.alias or room, safe="!#:")
    levels = server.state(room, "m.room.power_levels", _Levels)
    return CommunityRecord(uid=room, name=shown, kind=kind, url=url), _staff(create, levels)


def _staff(create: _Create, levels: _Levels | None) -> dict[str, str]:
    about = create.content
    creators = [create.sender or about.creator, *about.additional_creators]
    rule = (whole(about.room_version) or 0) >= CREATORS_RULE
    roles = {user: "admin" for user in creators if user and (rule or levels is None)}
    for user, level in levels.users.items() if levels else ():
        with suppress(ValueError):  # old rooms have levels in words
            if isinstance(level, int | str) and int(level) >= MODERATOR:
                roles.setdefault(user, "admin" if int(level) >= ADMIN else "mod")
    return roles


def _records(server: Server, member: Member, room: str, staff: dict[str, str]) -> list[Record]:
    """A member, or somebody who was one; nobody who was only invited, or banned without ever coming.

    Since when they belong is told only where nothing came before: a later event may be a change of name.
    """
    user, at = member.state_key, moment(member.origin_server_ts)
    if member.content.membership == "join":
        joined_at = None if member.was_in else at
        role = staff.get(user, "member")
        return [
            server.account(user, member.content, is_staff=True if user in staff else None),
            MembershipRecord(community_uid=room, account_uid=user, role=role, joined_at=joined_at),
        ]
    if member.content.membership in ("leave", "ban") and member.was_in:
        return [
            server.account(user, member.content),
            MembershipRecord(community_uid=room, account_uid=user, left_at=at),
        ]
    return []
