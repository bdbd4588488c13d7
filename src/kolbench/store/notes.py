"""What operators write down about a person: notes, and the touchpoints of each contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import outcomes, words
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line, clean_text
from kolbench.domain.words import NO_CHANNEL
from kolbench.store import changes, conflicts, enrolments, guards, merges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

CHANNELS = ("wechat", "weibo", "dm", "email", "phone", "group", "in_person", "other")
"""Suggestions for a touchpoint's channel; any other word will do."""


class Note(NamedTuple):
    """A note on a person."""

    id: int
    text: str
    author: str
    at: int


class Touchpoint(NamedTuple):
    """A contact with a person: ``direction`` is ``out`` (we spoke to them) or ``in``."""

    id: int
    at: int
    direction: str
    channel: str
    outcome: str | None
    author: str
    follow_up_id: int | None


def note(store: Store, creator_id: int, text: str, author: str) -> int:
    """Write a note on a person and return its id. Raises UsageError when it is empty or there is no such person."""
    return note_all(store, [creator_id], text, author)[0]


def note_all(store: Store, creator_ids: Iterable[int], text: str, author: str) -> list[int]:
    """Write the same note on each of several people, in one act. Raises UsageError as ``note`` does."""
    text = clean_text(text).strip()
    if not text:
        raise UsageError(_("The note is empty: write a word or two."))
    with changes.act(store, author, "note") as act:
        people = dict.fromkeys(merges.require(act.db, creator_id) for creator_id in creator_ids)
        return [act.insert("note", creator_id=one, text=text, author=author, at=act.at) for one in people]


def rewrite(store: Store, creator_id: int, note_id: int, text: str, author: str, *, was: Note | None) -> bool:
    """Change what a note says; whether that is new. Its author and time stay, the change log knows the rest.

    ``was`` is the note as the operator saw it (None: whatever it says). Raises Conflict where it has been changed
    since, and UsageError when the person has no such note, or nothing would be left of it.
    """
    text = clean_text(text).strip()
    if not text:
        raise UsageError(_("The note is empty: write a word or two."))
    with changes.act(store, author, "note") as act:
        creator_id = merges.require(act.db, creator_id)
        _get(act.db, creator_id, note_id)
        return conflicts.update(act, "note", note_id, {"text": text}, None if was is None else {"text": was.text})


def get(store: Store, creator_id: int, note_id: int) -> Note:
    """One of the notes on a person. Raises UsageError when they have no such note."""
    return _get(store.reader(), creator_id, note_id)


def _get(db: sqlite3.Connection, creator_id: int, note_id: int) -> Note:
    query = "SELECT id, text, author, at FROM note WHERE id = ? AND creator_id = ?"
    if (row := db.execute(query, (note_id, creator_id)).fetchone()) is None:
        raise UsageError(_("There is no entry {id} on their file (any more).").format(id=note_id))
    return Note._make(row)


def touch(
    store: Store,
    creator_id: int,
    author: str,
    *,
    channel: str = NO_CHANNEL,
    outcome: str | None = None,
    direction: str = "out",
    at: int | None = None,
) -> int:
    """Write down a contact (``at``: when it was, in ms; None: now) and return its id.

    Raises UsageError when there is no such person.
    """
    with changes.act(store, author, "touch") as act:
        creator_id = merges.require(act.db, creator_id)
        return add_touchpoint(act, creator_id, channel, outcome, direction, at)


def add_touchpoint(
    act: Act,
    creator_id: int,
    channel: str | None,
    outcome: str | None,
    direction: str = "out",
    at: int | None = None,
    follow_up_id: int | None = None,
    variant_id: int | None = None,
) -> int:
    """Write down a contact as a part of a larger act, sent by a script's variant or not; returns its id.

    Known channels and outcomes are kept by their ids, whatever they were called. It moves the sequences that the person
    is in: see ``enrolments.touched``. Raises UsageError for an invitation into a community to which they have not
    consented.
    """
    channel, outcome = clean_line(channel or "", 40) or NO_CHANNEL, clean_line(outcome or "") or None
    channel, outcome = words.channel(channel), outcome and (outcomes.named(outcome) or outcome)
    at = act.at if at is None else at
    if guards.is_invitation(outcome, direction):
        guards.require_consent(act.db, creator_id, at)
    place = enrolments.touched(act, creator_id, channel, outcome, direction, at, follow_up_id)
    return act.insert(
        "touchpoint",
        creator_id=creator_id,
        at=at,
        direction=direction,
        channel=channel,
        outcome=outcome,
        author=act.author,
        follow_up_id=follow_up_id,
        enrolment_id=place and place.enrolment_id,
        step=place and place.step,
        variant_id=variant_id or (place and place.variant_id),
    )


def last_channel(db: sqlite3.Connection, creator_id: int) -> str | None:
    """By what channel the last contact with a person was of which that is known."""
    row = db.execute(
        "SELECT channel FROM touchpoint WHERE creator_id = ? AND channel <> ? ORDER BY at DESC, id DESC LIMIT 1",
        (creator_id, NO_CHANNEL),
    ).fetchone()
    return row and str(row[0])


def notes(store: Store, creator_id: int, limit: int = 50) -> list[Note]:
    """The notes on a person, newest first."""
    rows = store.reader().execute(
        "SELECT id, text, author, at FROM note WHERE creator_id = ? ORDER BY at DESC, id DESC LIMIT ?",
        (creator_id, limit),
    )
    return list(map(Note._make, rows.fetchall()))


def touchpoints(store: Store, creator_id: int, limit: int = 50) -> list[Touchpoint]:
    """The contacts with a person, newest first."""
    rows = store.reader().execute(
        "SELECT id, at, direction, channel, outcome, author, follow_up_id FROM touchpoint"
        " WHERE creator_id = ? ORDER BY at DESC, id DESC LIMIT ?",
        (creator_id, limit),
    )
    return list(map(Touchpoint._make, rows.fetchall()))
