"""Finding a participant as an operator names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.campaigns import code_key
from kolbench.domain.codes import is_slip, likely
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import creators, participants, waves

if TYPE_CHECKING:
    import sqlite3

    from kolbench.store.connect import Store


BEGINNING = 3
"""Where nothing holds the whole of a text, so many of its first signs are looked for."""

MOST = 10
"""So many at most are said to be meant perhaps."""


class Meant(NamedTuple):
    """A code that is perhaps meant by a mistyped one, and whose it is."""

    code: str
    participant_id: int
    name: str


def find(store: Store, campaign_id: int, text: str) -> int:
    """The participant whom a code, a ref, a name or a number names, or the creator of that name.

    Raises UsageError, which says of a code whether it looks mistyped.
    """
    try:
        return participants.find(store, campaign_id, text)
    except UsageError:
        if is_slip(code_key(text)):
            raise UsageError(_("There is no code {code}: one of its signs is wrong.").format(code=text)) from None
        if (found := _by_creator(store, campaign_id, text)) is not None:
            return found
        raise


def near(store: Store, campaign_id: int, text: str) -> list[participants.Participant]:
    """Who is perhaps meant by a text that names nobody: by a part of a name, an id or a code, or by a mistyped one."""
    db = store.reader()
    ids = participants.sought(db, campaign_id, text) or [
        one.participant_id for one in meant(db, campaign_id, code_key(text))
    ]
    if not ids and len(text) > BEGINNING:
        ids = participants.sought(db, campaign_id, text[:BEGINNING])
    return [participants.get(db, one) for one in ids[:MOST]]


def meant(db: sqlite3.Connection, campaign_id: int, code: str | None) -> list[Meant]:
    """What a code that looks mistyped is one slip away from; nothing where it doesn't look so."""
    found = []
    for near in likely(code) if code and is_slip(code) else ():
        if (one := participants.by_code(db, campaign_id, near)) is not None:
            who = participants.get(db, one)
            found.append(Meant(near, one, who.name or who.ref))
    return found


def _by_creator(store: Store, campaign_id: int, text: str) -> int | None:
    try:
        creator_id = creators.exact(store, text)
    except UsageError:
        return None
    return waves.part_in(store.reader(), campaign_id, creator_id)
