"""Briefs as kept: each saved one a version that is never changed, with what its words meant then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain import naming
from kolbench.domain.briefs import Goal, Term, parse, plain
from kolbench.domain.clock import iso, now
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.store import changes, merges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kolbench.domain.briefs import Brief, Purpose
    from kolbench.store.connect import Store


class Row(NamedTuple):
    """A brief as a list shows it: its newest version, who saved that and when, and the version scored last (0: none).

    Moments are ms.
    """

    id: int
    name: str
    version: int
    purpose: Purpose
    people: int
    author: str
    at: int
    archived_at: int | None
    scored: int


class Version(NamedTuple):
    """One version of a brief: who saved it and when (ms)."""

    version: int
    author: str
    at: int


NOT_YET = 0
"""What a community of ours means that isn't in the store yet: no community has that id."""


class Meant(NamedTuple):
    """What the words of a brief mean: ids in the store, each setting's in the order of its words."""

    like: Sequence[int] = ()
    communities: Sequence[int] = ()
    ours: Sequence[int] = ()
    topic: Sequence[Term] = ()


def listed(store: Store, *, archived: bool = False) -> list[Row]:
    """The briefs in use, those saved last first; or the archived ones."""
    return _rows(store.reader(), f"archived_at IS {'NOT ' if archived else ''}NULL")


def row(store: Store, brief_id: int) -> Row:
    """One brief as a list shows it. Raises UsageError when there is none of that number."""
    found = _rows(store.reader(), "brief.id = ?", (brief_id,))
    if not found:
        raise UsageError(_("There is no brief {id}.").format(id=brief_id))
    return found[0]


def find(store: Store, text: str) -> int:
    """The brief of that number or name, or the only one with ``text`` in its name. Raises UsageError."""
    every = store.reader().execute("SELECT id, name FROM brief ORDER BY archived_at IS NOT NULL, id DESC").fetchall()
    return naming.meant(
        text,
        every,
        none=_("There is no brief yet. Write one: kolbench brief new NAME --purpose PURPOSE"),
        which=_("Which brief do you mean? {names}"),
        unknown=_("There is no brief '{text}'. Briefs: {names}"),
    )


def versions(store: Store, brief_id: int) -> list[Version]:
    """The versions of a brief, newest first."""
    rows = store.reader().execute(
        "SELECT version, author, at FROM brief_version WHERE brief_id = ? ORDER BY version DESC", (brief_id,)
    )
    return list(map(Version._make, rows.fetchall()))


def brief(store: Store, brief_id: int, version: int | None = None) -> Brief:
    """A version of a brief as it was written, the newest by default. Raises UsageError when there is none."""
    return _version(store.reader(), brief_id, version)[1]


def goal(store: Store, brief_id: int, version: int | None = None) -> Goal:
    """A version of a brief, the newest by default, with whom and what it means now that people were merged.

    Raises UsageError when there is none.
    """
    db = store.reader()
    number, written, meant = _version(db, brief_id, version)
    stands = merges.roots(db, meant.like)
    like = tuple(dict.fromkeys(stands[creator_id] for creator_id in meant.like if creator_id in stands))
    words = written.ours.communities
    come = [_come(db, words[place]) if one == NOT_YET else one for place, one in enumerate(meant.ours)]
    communities, ours = (tuple(dict.fromkeys(ids)) for ids in (meant.communities, come))
    return Goal(brief_id, number, written, like, communities, ours, tuple(meant.topic))


def save(
    store: Store,
    written: Brief,
    meant: Meant,
    author: str,
    brief_id: int | None = None,
    *,
    base: int | None = None,
    anew: bool = False,
) -> int:
    """Keep a new brief, or the next version of one, and return its id; what is the newest already changes nothing.

    ``base`` is the version that was edited. That examples have new texts makes a version only if asked (``anew``).
    Raises UsageError when a colleague has saved one since, when another
    brief has the name, or when there is no such brief.
    """
    with store.writing() as db:
        _require_name(db, written.name, brief_id)
        at = now()
        version = 1
        if brief_id is None:
            query = "INSERT INTO brief (name, author, created_at) VALUES (?, ?, ?) RETURNING id"
            brief_id = int(db.execute(query, (written.name, author, at)).fetchone()[0])
        else:
            newest, known, known_meant = _version(db, brief_id, None)
            compared = len(meant) if anew else len(meant) - 1
            if known == written and known_meant[:compared] == tuple(map(tuple, meant[:compared])):
                return brief_id
            if base is not None and base != newest:
                raise UsageError(_outdated(db, brief_id, written.name, base))
            version = newest + 1
            db.execute("UPDATE brief SET name = ?, scored_to = 0 WHERE id = ?", (written.name, brief_id))
            if not anew and known.topics == written.topics and known_meant[:compared] == meant[:compared]:
                meant = known_meant  # what its examples were about stays until asked for anew
            if known_meant == meant and _ranks(known) == _ranks(written):
                db.execute("UPDATE brief SET scored = ? WHERE id = ? AND scored = ?", (version, brief_id, newest))
        db.execute(
            "INSERT INTO brief_version (brief_id, version, author, at, body, meant) VALUES (?, ?, ?, ?, ?, ?)",
            (brief_id, version, author, at, _json(plain(written)), _json(meant._asdict())),
        )
    return brief_id


def archive(store: Store, brief_id: int, author: str) -> bool:
    """Put a brief away with all that was decided for it; whether it was in use until now."""
    return _set_archived(store, brief_id, author, archived=True)


def restore(store: Store, brief_id: int, author: str) -> bool:
    """Take a brief out of the archive; whether it was there."""
    return _set_archived(store, brief_id, author, archived=False)


def _set_archived(store: Store, brief_id: int, author: str, *, archived: bool) -> bool:
    known = row(store, brief_id)
    if (known.archived_at is not None) is archived:
        return False
    with changes.act(store, author, "brief") as act:
        act.update("brief", brief_id, archived_at=act.at if archived else None)
    return True


def _ranks(brief: Brief) -> tuple[object, ...]:
    """All of a brief that decides about who is where in it. Whom it leaves out is asked when the list is read."""
    return brief.purpose, brief.topics, brief.who, brief.ours, brief.weights


def _come(db: sqlite3.Connection, name: str) -> int:
    """The only community that is called so by now; ``NOT_YET``."""
    key = fold(name)
    found = [one for one, known in db.execute("SELECT id, name FROM community") if known and fold(known) == key]
    return found[0] if len(found) == 1 else NOT_YET


def _rows(db: sqlite3.Connection, where: str, values: tuple[object, ...] = ()) -> list[Row]:
    rows = db.execute(
        "SELECT brief.id, brief.name, version, body ->> 'purpose', body ->> 'people', made.author, made.at,"
        " archived_at, scored FROM brief JOIN brief_version AS made ON made.brief_id = brief.id"
        " AND made.version = (SELECT max(version) FROM brief_version WHERE brief_id = brief.id)"
        f" WHERE {where} ORDER BY made.at DESC, brief.id DESC",
        values,
    )
    return list(map(Row._make, rows.fetchall()))


def _version(db: sqlite3.Connection, brief_id: int, version: int | None) -> tuple[int, Brief, Meant]:
    found = db.execute(
        "SELECT version, body, meant FROM brief_version WHERE brief_id = ?1 AND version = coalesce(?2,"
        " (SELECT max(version) FROM brief_version WHERE brief_id = ?1))",
        (brief_id, version),
    ).fetchone()
    if found is None and version is None:
        raise UsageError(_("There is no brief {id}.").format(id=brief_id))
    if found is None:
        (newest,) = db.execute("SELECT max(version) FROM brief_version WHERE brief_id = ?", (brief_id,)).fetchone()
        raise UsageError(_("There is no version {n} of it: the newest is {newest}.").format(n=version, newest=newest))
    facts = json.loads(found[2])
    ids = {name: tuple(facts[name]) for name in ("like", "communities", "ours")}
    meant = Meant(**ids, topic=tuple(Term(*term) for term in facts["topic"]))
    return found[0], parse(json.loads(found[1])), meant


def _require_name(db: sqlite3.Connection, name: str, brief_id: int | None) -> None:
    """Names are unique, archived briefs included: else taking an archiving back could fail."""
    for other, known, archived_at in db.execute("SELECT id, name, archived_at FROM brief").fetchall():
        if other != brief_id and fold(known) == fold(name):
            text = _("There is a brief '{name}' already: edit that one, or choose another name.")
            if archived_at is not None:
                text = _("There is an archived brief '{name}': restore that one, or choose another name.")
            raise UsageError(text.format(name=known))


def _outdated(db: sqlite3.Connection, brief_id: int, name: str, base: int) -> str:
    version, author, at = db.execute(
        "SELECT version, author, at FROM brief_version WHERE brief_id = ? ORDER BY version DESC LIMIT 1", (brief_id,)
    ).fetchone()
    text = _(
        "{who} saved version {newest} of '{name}' at {when}, and yours began with version {base}:"
        " nothing was saved. Look at the newest, and make your changes there."
    )
    return text.format(who=author, newest=version, name=name, when=iso(at), base=base)


def _json(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False)
