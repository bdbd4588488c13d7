"""Sequences as kept: each saved one a version that is never changed, by which people who are enrolled go on."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import naming
from kolbench.domain.clock import iso
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.store import changes

if TYPE_CHECKING:
    import sqlite3

    from kolbench.domain.sequences import Placed, Sequence
    from kolbench.store.connect import Store


class Row(NamedTuple):
    """A sequence as a list shows it: its newest version, who saved it and when (ms), and how many are where in it.

    Who ``accepted`` has ``answered``, too.
    """

    id: int
    name: str
    version: int
    author: str
    at: int
    steps: int
    active: int
    finished: int
    answered: int
    accepted: int


class Version(NamedTuple):
    """One version of a sequence: who saved it and when (ms)."""

    id: int
    version: int
    author: str
    at: int


def listed(store: Store) -> list[Row]:
    """The sequences, by name."""
    return _rows(store.reader(), "true")


def row(store: Store, sequence_id: int) -> Row:
    """One sequence as a list shows it. Raises UsageError when there is none of that number."""
    found = _rows(store.reader(), "sequence.id = ?", sequence_id)
    if not found:
        raise UsageError(_("There is no sequence {id}.").format(id=sequence_id))
    return found[0]


def find(store: Store, text: str) -> int:
    """The sequence of that name or number, or the only one with ``text`` in its name. Raises UsageError."""
    every = store.reader().execute("SELECT id, name FROM sequence ORDER BY id").fetchall()
    return naming.meant(
        text,
        every,
        none=_("There is no sequence yet. Write one: kolbench sequence new --file PATH"),
        which=_("Which sequence do you mean? {names}"),
        unknown=_("There is no sequence '{text}'. Sequences: {names}"),
    )


def versions(store: Store, sequence_id: int) -> list[Version]:
    """The versions of a sequence, newest first."""
    rows = store.reader().execute(
        "SELECT id, version, author, at FROM sequence_version WHERE sequence_id = ? ORDER BY version DESC",
        (sequence_id,),
    )
    return list(map(Version._make, rows.fetchall()))


def newest(db: sqlite3.Connection, sequence_id: int) -> Version:
    """The version by which people are enrolled now. Raises UsageError when there is no such sequence."""
    found = db.execute(
        "SELECT id, version, author, at FROM sequence_version WHERE sequence_id = ? ORDER BY version DESC LIMIT 1",
        (sequence_id,),
    ).fetchone()
    if found is None:
        raise UsageError(_("There is no sequence {id}.").format(id=sequence_id))
    return Version._make(found)


def sequence(store: Store, sequence_id: int, version: int | None = None) -> Sequence:
    """A version of a sequence as it was written, the newest by default. Raises UsageError when there is none."""
    known = versions(store, sequence_id)
    for one in known:
        if version in (None, one.version):
            return body(store.reader(), one.id)
    if not known:
        raise UsageError(_("There is no sequence {id}.").format(id=sequence_id))
    text = _("There is no version {n} of it: the newest is {newest}.")
    raise UsageError(text.format(n=version, newest=known[0].version))


def body(db: sqlite3.Connection, version_id: int) -> Sequence:
    """What a version says, by its id."""
    return _parsed(db.execute("SELECT body FROM sequence_version WHERE id = ?", (version_id,)).fetchone()[0])


def steps(db: sqlite3.Connection, version_id: int) -> tuple[Placed, ...]:
    """The steps of a version in their order, by its id."""
    from kolbench.domain.sequences import flat  # with msgspec, which a screen without sequences does without

    return flat(body(db, version_id))


def save(
    store: Store, written: Sequence, author: str, sequence_id: int | None = None, *, base: int | None = None
) -> int:
    """Keep a new sequence, or the next version of one, and return its id; what is the newest already changes nothing.

    ``base`` is the version that was edited. Raises UsageError when a colleague has saved one since, when another
    sequence has the name, or when there is no such sequence.
    """
    from kolbench.domain.sequences import plain

    with changes.act(store, author, "sequence") as act:
        _require_name(act.db, written.name, sequence_id)
        version = 1
        if sequence_id is None:
            sequence_id = act.insert("sequence", name=written.name, author=author, at=act.at)
        else:
            known = newest(act.db, sequence_id)
            if body(act.db, known.id) == written:
                return sequence_id
            if base is not None and base != known.version:
                raise UsageError(_outdated(known, written.name, base))
            version = known.version + 1
            act.update("sequence", sequence_id, name=written.name)
        text = json.dumps(plain(written), ensure_ascii=False)
        facts = {"sequence_id": sequence_id, "version": version, "body": text}
        act.insert("sequence_version", **facts, author=author, at=act.at)
    return sequence_id


@lru_cache(64)
def _parsed(text: str) -> Sequence:
    from kolbench.domain.sequences import parse

    return parse(json.loads(text))


def _rows(db: sqlite3.Connection, where: str, *values: object) -> list[Row]:
    def enrolled(states: str) -> str:
        return (
            "(SELECT count(*) FROM enrolment JOIN sequence_version AS own ON own.id = version_id"
            f" WHERE own.sequence_id = sequence.id AND state IN ({states}))"
        )

    live, finished = enrolled("'active', 'paused'"), enrolled("'finished'")
    answered, accepted = enrolled("'replied', 'accepted', 'declined'"), enrolled("'accepted'")
    found = db.execute(
        "SELECT sequence.id, name, made.version, made.author, made.at, made.id,"
        f" {live}, {finished}, {answered}, {accepted}"
        " FROM sequence JOIN sequence_version AS made ON made.sequence_id = sequence.id"
        " AND made.version = (SELECT max(version) FROM sequence_version WHERE sequence_id = sequence.id)"
        f" WHERE {where} ORDER BY name, sequence.id",
        values,
    ).fetchall()
    return [Row._make((*one[:5], len(steps(db, one[5])), *one[6:])) for one in found]


def _require_name(db: sqlite3.Connection, name: str, sequence_id: int | None) -> None:
    for other, known in db.execute("SELECT id, name FROM sequence").fetchall():
        if other != sequence_id and fold(known) == fold(name):
            text = _("There is a sequence '{name}' already: edit that one, or choose another name.")
            raise UsageError(text.format(name=known))


def _outdated(known: Version, name: str, base: int) -> str:
    text = _(
        "{who} saved version {newest} of '{name}' at {when}, and yours began with version {base}:"
        " nothing was saved. Look at the newest, and make your changes there."
    )
    return text.format(who=known.author, newest=known.version, name=name, when=iso(known.at), base=base)
