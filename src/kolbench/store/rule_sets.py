"""Rule sets as kept: each applied one a version that is never changed, the newest in force; and who knows them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.rule_sets import parse, plain, told
from kolbench.domain.text import clean_line
from kolbench.store import changes, merges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from kolbench.domain.rule_sets import RuleSet
    from kolbench.store.connect import Store

IN_PROGRAMME = (
    "SELECT creator_id FROM decision AS d WHERE state IN ('agreed', 'active') AND id ="
    " (SELECT max(id) FROM decision WHERE brief_id = d.brief_id AND creator_id = d.creator_id)"
    " UNION SELECT creator_id FROM stage_event WHERE undone_at IS NULL"
    " UNION SELECT creator_id FROM grade_event WHERE undone_at IS NULL"
)
"""SQL: whoever has agreed for a brief or is active for one now, or has a stage or a grade."""

_KNOWS_NOT = (
    "NOT EXISTS (SELECT 1 FROM acknowledgement AS a WHERE a.creator_id = {}.creator_id AND rule_set_id >= :text)"
)
"""SQL: somebody hasn't acknowledged the version ``:text``, nor a newer one."""

_KNOWN = (
    "SELECT creator_id, (SELECT max(rule_set_id) FROM acknowledgement AS a WHERE a.creator_id = people.creator_id)"
    f" AS version FROM (SELECT creator_id FROM acknowledgement UNION {IN_PROGRAMME}) AS people"
)
"""SQL: the newest version that each of those knows who take part, or took part and acknowledged something."""


class Version(NamedTuple):
    """A rule set in its version: who applied it and when (ms), and the first version that told people the same."""

    version: int
    author: str
    at: int
    text_version: int
    rules: RuleSet


class Head(NamedTuple):
    """A version without its rules: who applied it and when (ms)."""

    version: int
    author: str
    at: int


class Knowledge(NamedTuple):
    """How many ``people`` know which version at most; None: of those who take part, none at all."""

    version: int | None
    people: int


class Acknowledged(NamedTuple):
    """Somebody said that they know the rules: of which version, by which channel and when (ms), to whom."""

    creator_id: int
    name: str
    version: int
    channel: str
    said_at: int
    author: str


class Unaware(NamedTuple):
    """Somebody who hasn't acknowledged the rules in force; ``version`` they did acknowledge before, if any.

    ``since_at`` (ms) is from when on they could have: when the rules were applied, or they joined if that was later.
    """

    creator_id: int
    name: str
    version: int | None
    since_at: int


def in_force(store: Store) -> Version | None:
    """The newest rule set; None when none was ever applied."""
    return _version(store.reader(), None)


def require(store: Store, version: int | None = None) -> Version:
    """A version of the rules, the newest by default. Raises UsageError when there is none."""
    return require_in(store.reader(), version)


def require_in(db: sqlite3.Connection, version: int | None = None) -> Version:
    """``require`` as a part of a larger act."""
    found = _version(db, version)
    if found is None and version is None:
        raise UsageError(_("No rules are in force yet. Begin with: kolbench rules example > rules.toml"))
    if found is None:
        raise UsageError(_("There is no version {n} of the rules.").format(n=version))
    return found


def versions(store: Store) -> list[Version]:
    """All versions, newest first."""
    numbers = store.reader().execute("SELECT id FROM rule_set ORDER BY id DESC").fetchall()
    return [require(store, number) for (number,) in numbers]


def heads(store: Store) -> list[Head]:
    """All versions without their rules, newest first."""
    rows = store.reader().execute("SELECT id, author, at FROM rule_set ORDER BY id DESC")
    return list(map(Head._make, rows.fetchall()))


def save(store: Store, rules: RuleSet, author: str, base: int | None = None) -> int:
    """Put a rule set in force and return its version; what is in force already changes nothing.

    Raises UsageError when a colleague has applied another one since version ``base``.
    """
    with store.writing() as db:
        newest = _version(db, None)
        if newest is not None and newest.rules == rules:
            return newest.version
        if newest is not None and base is not None and newest.version != base:
            text = _("{who} applied version {newest} meanwhile, and yours began with version {base}: look at it first.")
            raise UsageError(text.format(who=newest.author, newest=newest.version, base=base))
        number = newest.version + 1 if newest else 1
        same = newest is not None and told(newest.rules) == told(rules)
        body = json.dumps(plain(rules), ensure_ascii=False)
        db.execute(
            "INSERT INTO rule_set (id, author, at, body, text_version) VALUES (?, ?, ?, ?, ?)",
            (number, author, now(), body, newest.text_version if newest and same else number),
        )
    return number


def acknowledge(
    store: Store,
    creator_ids: Iterable[int],
    channel: str,
    author: str,
    *,
    version: int | None = None,
    at: int | None = None,
) -> list[int]:
    """Write down that people know a version of the rules (the newest); returns those for whom that is new.

    ``at``: when they said so (ms; None: now). Raises UsageError when there is no such version or person.
    """
    channel = clean_line(channel, 40)
    if not channel:
        raise UsageError(_("Say by which channel they acknowledged the rules."))
    with changes.act(store, author, "acknowledge") as act:
        number = require_in(act.db, version).version
        people = merges.require_all(act.db, creator_ids)
        known = act.db.execute(
            "SELECT creator_id FROM acknowledgement WHERE rule_set_id = ?"
            " AND creator_id IN (SELECT value FROM json_each(?))",
            (number, json.dumps(people)),
        ).fetchall()
        new = [one for one in people if (one,) not in known]
        facts = {"rule_set_id": number, "channel": channel, "said_at": act.at if at is None else at}
        act.insert_all("acknowledgement", [{"creator_id": one, **facts, "author": author, "at": act.at} for one in new])
    return new


def acknowledgements(store: Store, creator_id: int | None = None, limit: int = 1_000) -> list[Acknowledged]:
    """Who has acknowledged which version, newest first; of one person or of all."""
    rows = store.reader().execute(
        "SELECT creator_id, name, rule_set_id, channel, said_at, author FROM acknowledgement"
        " JOIN creator ON creator.id = creator_id WHERE ?1 IS NULL OR creator_id = ?1"
        " ORDER BY said_at DESC, acknowledgement.id DESC LIMIT ?2",
        (creator_id, limit),
    )
    return list(map(Acknowledged._make, rows.fetchall()))


def knowledge(store: Store) -> list[Knowledge]:
    """How many know which version at most, the newest first; who takes part and knows none comes last."""
    rows = store.reader().execute(f"SELECT version, count(*) FROM ({_KNOWN}) GROUP BY version ORDER BY version DESC")
    return list(map(Knowledge._make, rows.fetchall()))


def knowing(store: Store, version: int) -> list[int]:
    """Who knows that version and no newer one, those who said so last first: ids of their acknowledgements."""
    rows = store.reader().execute(
        "SELECT max(id) FROM acknowledgement AS a WHERE rule_set_id = ?1 AND NOT EXISTS (SELECT 1 FROM acknowledgement"
        " WHERE creator_id = a.creator_id AND rule_set_id > ?1) GROUP BY creator_id ORDER BY said_at DESC, id DESC",
        (version,),
    )
    return [row[0] for row in rows.fetchall()]


def acknowledged(store: Store, ids: Iterable[int]) -> list[tuple[int, Acknowledged]]:
    """The acknowledgements of these ids, in this order, each with its id."""
    rows = store.reader().execute(
        "SELECT a.id, creator_id, name, rule_set_id, channel, said_at, author FROM json_each(?) AS wanted"
        " JOIN acknowledgement AS a ON a.id = wanted.value JOIN creator ON creator.id = creator_id ORDER BY wanted.key",
        (json.dumps(list(ids)),),
    )
    return [(row[0], Acknowledged._make(row[1:])) for row in rows.fetchall()]


def unaware(store: Store, limit: int = -1) -> Sequence[Unaware]:
    """Who takes part and hasn't acknowledged what the rules in force say, those who could for longest first."""
    newest = in_force(store)
    if newest is None:
        return []
    rows = store.reader().execute(
        f"WITH taking_part AS MATERIALIZED ({IN_PROGRAMME}),"
        " joined AS (SELECT creator_id, min(at) AS at FROM (SELECT creator_id, at FROM decision"
        "  WHERE state IN ('agreed', 'active') UNION ALL SELECT creator_id, at FROM stage_event WHERE undone_at IS NULL"
        "  UNION ALL SELECT creator_id, at FROM grade_event WHERE undone_at IS NULL) GROUP BY creator_id)"
        " SELECT creator_id, name,"
        "  (SELECT max(rule_set_id) FROM acknowledgement AS a WHERE a.creator_id = joined.creator_id),"
        "  max(joined.at, (SELECT at FROM rule_set WHERE id = :text)) AS since_at"
        " FROM taking_part JOIN joined USING (creator_id) JOIN creator ON creator.id = creator_id"
        f" WHERE {_KNOWS_NOT.format('joined')}"
        " ORDER BY since_at, creator_id LIMIT :limit",
        {"text": newest.text_version, "limit": limit},
    )
    return list(map(Unaware._make, rows.fetchall()))


def unaware_people(store: Store) -> int:
    """How many those are."""
    newest = in_force(store)
    if newest is None:
        return 0
    query = f"SELECT count(*) FROM ({IN_PROGRAMME}) AS people WHERE {_KNOWS_NOT.format('people')}"
    return int(store.reader().execute(query, {"text": newest.text_version}).fetchone()[0])


def demoted_at(store: Store) -> int | None:
    """When (ms) people were last demoted by the rules, or the first rules were applied; None: there are none."""
    (at,) = (
        store.reader()
        .execute(
            "SELECT max(at) FROM (SELECT min(at) AS at FROM rule_set UNION ALL"
            " SELECT max(at) FROM rule_run WHERE demoting = 1)"
        )
        .fetchone()
    )
    return None if at is None else int(at)


def note_run(store: Store, version: int, at: int, moved: int, *, demoting: bool) -> None:
    """Remember that the rules were asked, and whether it was the time that demotes."""
    with store.writing() as db:
        db.execute(
            "INSERT INTO rule_run (rule_set_id, at, demoting, moved) VALUES (?, ?, ?, ?)",
            (version, at, int(demoting), moved),
        )


def _version(db: sqlite3.Connection, version: int | None) -> Version | None:
    found = db.execute(
        "SELECT id, author, at, text_version, body FROM rule_set"
        " WHERE id = coalesce(?, (SELECT max(id) FROM rule_set))",
        (version,),
    ).fetchone()
    return None if found is None else Version._make((*found[:4], parse(json.loads(found[4]))))
