"""What a chat archive tells, whatever its format: messages, and who came and left."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kolbench.domain.identity import HANDLE_REF, handle_ref
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from datetime import datetime

    from kolbench.domain.records import Contact, Record


@dataclass(frozen=True, slots=True)
class Told:
    """Where, when (aware, UTC) and who; ``handle`` is what people type after @ to reach the person."""

    community_uid: str
    community: str | None
    at: datetime
    sender_uid: str
    handle: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Said(Told):
    """A message; ``uid`` is the archive's own or made by ``MadeUids``, ``role`` the sender's in the room.

    In ``text`` the isolates U+2068 and U+2069 around a name after @ tell where it ends; they aren't kept. Where the
    platform tells whom such names mean, ``named`` has the uids of people by the keys of the names, and ``replied_to``
    the uid of whoever wrote the message replied to.
    """

    uid: str
    text: str
    contacts: tuple[Contact, ...] = ()
    role: str | None = None
    is_staff: bool | None = None
    is_bot: bool = False
    reply_to_uid: str | None = None
    replied_to: str | None = None
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved(Told):
    """Somebody came into a room (``joined``), or left it."""

    joined: bool
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """At most 100 records that tell of something else than words and moves, such as reactions."""

    at: datetime
    records: tuple[Record, ...]


def ref_to(handle: str) -> str:
    """A uid for somebody known by a handle only, as short and clean as an id must be; empty when nothing is left."""
    ref = clean_line(handle_ref(handle))
    return "" if ref == HANDLE_REF else ref


class MadeUids:
    """Stable ids for messages that have none: the same message gets the same id from every archive.

    Identical messages of one sender at one moment are numbered; they stand side by side in an archive,
    whether it runs forwards or backwards, so that only one moment has to be remembered.
    """

    def __init__(self) -> None:
        self._moment: datetime | None = None
        self._seen: dict[bytes, int] = {}

    def uid(self, community_uid: str, sender_uid: str, sent_at: datetime, text: str) -> str:
        """The id of the next message of the archive."""
        if sent_at != self._moment:
            self._moment = sent_at
            self._seen.clear()
        lines = "\n".join(text.splitlines())
        told = "\0".join((community_uid, sender_uid, sent_at.isoformat(), lines))
        digest = hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16)
        ordinal = self._seen[digest.digest()] = self._seen.get(digest.digest(), -1) + 1
        digest.update(b"\0%d" % ordinal)
        return digest.hexdigest()
