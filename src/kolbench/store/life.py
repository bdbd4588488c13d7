"""What belongs to a person's life and papers: important dates, what has happened to them, files and links."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.partial_dates import Recurring, Told
from kolbench.domain.text import clean_line, clean_text
from kolbench.store import changes, conflicts, merges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.store.connect import Store

Table = Literal["important_date", "life_event", "attachment"]

_LINK = re.compile(r"https?://\S+")


class ImportantDate(NamedTuple):
    """A day that comes back every year, whose it is, and what it is called."""

    id: int
    creator_id: int
    title: str
    on: Recurring
    author: str
    at: int


class LifeEvent(NamedTuple):
    """Something that happened in a person's life; ``at`` is when it was written down."""

    id: int
    text: str
    on: Told
    author: str
    at: int


class Attachment(NamedTuple):
    """A file (its whole path) or a link that belongs to a person; the file itself stays where it is."""

    id: int
    kind: str
    target: str
    title: str
    author: str
    at: int


def dates(store: Store, creator_ids: Iterable[int] | None = None) -> list[ImportantDate]:
    """The important dates of these people, or of everybody who isn't a part of somebody else now."""
    some = "" if creator_ids is None else "creator_id IN (SELECT value FROM json_each(?)) AND "
    rows = store.reader().execute(
        "SELECT id, creator_id, title, month, day, year, lunar, leap, author, at FROM important_date"
        f" WHERE {some}removed_at IS NULL AND creator_id NOT IN {merges.MERGED_AWAY} ORDER BY id",
        () if creator_ids is None else (json.dumps(list(creator_ids)),),
    )
    return [
        ImportantDate(date_id, whose, title, Recurring(month, day, year, bool(lunar), bool(leap)), author, at)
        for date_id, whose, title, month, day, year, lunar, leap, author, at in rows.fetchall()
    ]


def date(store: Store, creator_id: int, date_id: int) -> ImportantDate:
    """One of a person's important dates. Raises UsageError when it isn't there."""
    found = next((one for one in dates(store, [creator_id]) if one.id == date_id), None)
    return found or _missing(date_id)


def add_date(store: Store, creator_id: int, title: str, on: Recurring, author: str) -> int:
    """Write down an important date and return its id; that of the same one, if it is there already."""
    title = _title(title)
    with changes.act(store, author, "edit") as act:
        creator_id = merges.require(act.db, creator_id)
        facts = {"title": title, **_columns(on)}
        same = " AND ".join(f"{column} IS ?" for column in facts)
        known = act.db.execute(
            f"SELECT id FROM important_date WHERE creator_id = ? AND {same} AND removed_at IS NULL",
            (creator_id, *facts.values()),
        ).fetchone()
        if known:
            return int(known[0])
        return act.insert("important_date", creator_id=creator_id, **facts, author=author, at=act.at)


def edit_date(
    store: Store,
    creator_id: int,
    date_id: int,
    author: str,
    *,
    title: str | None = None,
    on: Recurring | None = None,
    was: ImportantDate | None,
) -> bool:
    """Change the title or the day of an important date; whether anything did.

    ``was`` is the date as the operator saw it (None: whatever it says). Raises Conflict where it has been changed
    since, and UsageError when the person has no such date.
    """
    wanted: dict[str, Any] = {} if on is None else _columns(on)
    if title is not None:
        wanted["title"] = _title(title)
    seen = None if was is None else {"title": was.title, **_columns(was.on)}
    return _edit(store, "important_date", creator_id, date_id, author, wanted, seen)


def events(store: Store, creator_id: int) -> list[LifeEvent]:
    """What has happened in a person's life, the newest first; what has no date by when it was written down."""
    rows = store.reader().execute(
        "SELECT id, text, year, month, day, author, at FROM life_event WHERE creator_id = ? AND removed_at IS NULL",
        (creator_id,),
    )
    found = [
        LifeEvent(event_id, text, Told(year, month, day), author, at)
        for event_id, text, year, month, day, author, at in rows.fetchall()
    ]
    return sorted(found, key=lambda event: (str(event.on) or "9999", event.at, event.id), reverse=True)


def event(store: Store, creator_id: int, event_id: int) -> LifeEvent:
    """One thing that has happened in a person's life. Raises UsageError when it isn't there."""
    found = next((one for one in events(store, creator_id) if one.id == event_id), None)
    return found or _missing(event_id)


def add_event(store: Store, creator_id: int, text: str, on: Told, author: str) -> int:
    """Write down what has happened, and when as far as that is known; returns its id. Raises UsageError."""
    kept = _text(text)
    with changes.act(store, author, "edit") as act:
        creator_id = merges.require(act.db, creator_id)
        return act.insert("life_event", creator_id=creator_id, text=kept, **on._asdict(), author=author, at=act.at)


def edit_event(
    store: Store,
    creator_id: int,
    event_id: int,
    author: str,
    *,
    text: str | None = None,
    on: Told | None = None,
    was: LifeEvent | None,
) -> bool:
    """Change what a life event says; as ``edit_date``."""
    wanted: dict[str, Any] = {} if on is None else on._asdict()
    if text is not None:
        wanted["text"] = _text(text)
    seen = None if was is None else {"text": was.text, **was.on._asdict()}
    return _edit(store, "life_event", creator_id, event_id, author, wanted, seen)


def attachments(store: Store, creator_id: int) -> list[Attachment]:
    """The files and links on a person's file, the newest first."""
    rows = store.reader().execute(
        "SELECT id, kind, target, title, author, at FROM attachment WHERE creator_id = ? AND removed_at IS NULL"
        " ORDER BY at DESC, id DESC",
        (creator_id,),
    )
    return list(map(Attachment._make, rows.fetchall()))


def attach(store: Store, creator_id: int, target: str, author: str, title: str | None = None) -> int:
    """Put a file that is there, or an http link, on a person's file, and return its id.

    The file isn't copied. Raises UsageError when there is no such file or person.
    """
    kind, place = _place(target)
    kept = clean_line(title or "") or clean_line(place if kind == "link" else Path(place).name)
    with changes.act(store, author, "edit") as act:
        creator_id = merges.require(act.db, creator_id)
        known = act.db.execute(
            "SELECT id FROM attachment WHERE creator_id = ? AND target = ? AND removed_at IS NULL", (creator_id, place)
        ).fetchone()
        if known:
            return int(known[0])
        return act.insert(
            "attachment", creator_id=creator_id, kind=kind, target=place, title=kept, author=author, at=act.at
        )


def rename(
    store: Store, creator_id: int, attachment_id: int, title: str, author: str, *, was: Attachment | None
) -> bool:
    """Give an attachment another title; as ``edit_date``."""
    seen = None if was is None else {"title": was.title}
    return _edit(store, "attachment", creator_id, attachment_id, author, {"title": _title(title)}, seen)


def remove(store: Store, table: Table, creator_id: int, entity_id: int, author: str) -> None:
    """Take an entry off a person's file. Raises UsageError when it isn't there."""
    _edit(store, table, creator_id, entity_id, author, None, None)


def _edit(
    store: Store,
    table: Table,
    creator_id: int,
    entity_id: int,
    author: str,
    wanted: Mapping[str, Any] | None,
    was: Mapping[str, Any] | None,
) -> bool:
    """Change an entry, or with None for ``wanted`` remove it."""
    with changes.act(store, author, "edit") as act:
        creator_id = merges.require(act.db, creator_id)
        found = act.db.execute(
            f"SELECT 1 FROM {table} WHERE id = ? AND creator_id = ? AND removed_at IS NULL", (entity_id, creator_id)
        ).fetchone()
        if found is None:
            _missing(entity_id)
        if wanted is None:
            act.update(table, entity_id, removed_at=act.at)
            return True
        return bool(wanted) and conflicts.update(act, table, entity_id, wanted, was)


def _missing(entity_id: int) -> NoReturn:
    raise UsageError(_("There is no entry {id} on their file (any more).").format(id=entity_id))


def _columns(on: Recurring) -> dict[str, Any]:
    return {**on._asdict(), "lunar": int(on.lunar), "leap": int(on.leap)}


def _title(text: str) -> str:
    if not (title := clean_line(text, 80)):
        raise UsageError(_("The title is empty: write a word or two."))
    return title


def _text(text: str) -> str:
    if not (kept := clean_text(text).strip()):
        raise UsageError(_("There is nothing to write down: write a word or two."))
    return kept


def _place(target: str) -> tuple[str, str]:
    """``link`` or ``file``, and the address or the whole path."""
    if _LINK.fullmatch(target):
        if len(target) > 2_000 or clean_line(target, 2_000) != target:
            raise UsageError(_("That link can't be kept: it is too long, or has characters that are no part of one."))
        return "link", target
    path = Path(target).expanduser().absolute()
    if not path.is_file():
        raise UsageError(_("{path}: there is no such file. A link begins with https://.").format(path=path))
    if clean_line(str(path), 4_000) != str(path):
        raise UsageError(_("{path}: rename the file first, its name can't be shown as it is.").format(path=path))
    return "file", str(path)
