"""Agreements as kept: versions of their terms that are never changed, events that tell their state, deliverables."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.agreements import BASES, IN_FORCE, STATES, State, Terms, check, require_move
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line, clean_text
from kolbench.store import changes, decisions, merges

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

LONGEST = 4_000

_LINK = re.compile(r"https?://\S{1,2000}")

NEWEST = (
    "(SELECT max(id) FROM agreement_event AS other WHERE other.agreement_id = agreement.id AND other.undone_at IS NULL)"
)
"""SQL: the event by which an agreement is in its state."""

_BOUND = f"state IN ('{IN_FORCE[0]}', '{IN_FORCE[1]}')"
JOIN_IN_FORCE = f"JOIN agreement_event AS event ON event.id = {NEWEST} AND event.{_BOUND}"
"""SQL: agreements in force alone, each with the event by which it is."""

_SIGNED_AT = (
    "(SELECT max(at) FROM agreement_event AS other WHERE other.agreement_id = agreement.id AND other.undone_at IS NULL"
    " AND other.state = 'signed')"
)
_COLUMNS = (
    "agreement.id, agreement.creator_id, agreement.brief_id, agreement.title, coalesce(event.state, 'draft'),"
    f" event.at, {_SIGNED_AT}, terms.version,"
    " (SELECT max(version) FROM agreement_version WHERE agreement_id = agreement.id), terms.gives, terms.gets,"
    " terms.exclusivity, terms.basis, terms.starts_on, terms.ends_on, terms.notes, agreement.author, agreement.at"
)
_FROM = (
    f" FROM agreement LEFT JOIN agreement_event AS event ON event.id = {NEWEST}"
    " JOIN agreement_version AS terms ON terms.agreement_id = agreement.id"
    " AND terms.version = iif(event.state NOT IN ('draft', 'declined'), event.version,"
    " (SELECT max(version) FROM agreement_version WHERE agreement_id = agreement.id))"
)


class Agreement(NamedTuple):
    """An agreement with the terms that count: what was offered or signed, else the newest version's.

    ``since`` is when its state came about, ``signed_at`` when it was signed last (ms).
    """

    id: int
    creator_id: int
    brief_id: int | None
    title: str
    state: State
    since: int | None
    signed_at: int | None
    version: int
    newest: int
    terms: Terms
    author: str
    at: int

    @property
    def in_force(self) -> bool:
        """Whether both sides are bound."""
        return self.state in IN_FORCE


class Version(NamedTuple):
    """One version of the terms: who wrote it and when (ms)."""

    version: int
    terms: Terms
    author: str
    at: int


class Event(NamedTuple):
    """A change of an agreement's state, and of which version. Moments are ms."""

    id: int
    version: int
    state: State
    reason: str | None
    author: str
    at: int
    undone_at: int | None
    undone_by: str | None


class Deliverable(NamedTuple):
    """Something they owe us; ``due_on`` and ``done_on`` are ISO dates, ``proof`` is a link that shows it."""

    id: int
    agreement_id: int
    creator_id: int
    title: str
    due_on: str | None
    done_on: str | None
    proof: str | None
    author: str
    at: int


def new(
    store: Store, creator_id: int, terms: Terms, author: str, *, title: str = "", brief_id: int | None = None
) -> int:
    """Draft an agreement with a person and return its id. Raises UsageError for terms that can't be meant."""
    terms = _cleaned(terms)
    with changes.act(store, author, "agreement") as act:
        creator_id = merges.require(act.db, creator_id)
        if brief_id is not None and not act.db.execute("SELECT 1 FROM brief WHERE id = ?", (brief_id,)).fetchone():
            raise UsageError(_("There is no brief {id}.").format(id=brief_id))
        agreement_id = act.insert(
            "agreement",
            creator_id=creator_id,
            brief_id=brief_id,
            title=clean_line(title, 80) or clean_line(terms.gives.splitlines()[0], 80),
            author=author,
            at=act.at,
        )
        _add_version(act, creator_id, agreement_id, 1, terms)
        _tell(act, creator_id, agreement_id, 1, "draft", None)
        return agreement_id


def add_version(store: Store, agreement_id: int, author: str, *, base: int | None = None, **changed: str | None) -> int:
    """Write the next version of an agreement, with the terms ``changed`` (names of ``Terms``); returns its number.

    ``base`` is the version that was looked at. Raises UsageError where a colleague has written one since, nothing
    is changed, or the terms can't be meant.
    """
    with changes.act(store, author, "agreement") as act:
        known = _get(act.db, agreement_id)
        return _next_version(act, known, changed, base)


def move(
    store: Store, agreement_id: int, to: State, author: str, *, reason: str | None = None, version: int | None = None
) -> Agreement:
    """Put an agreement into a state: ``offered``, ``signed``, ``declined``, ``ended``, ``broken``.

    ``version`` is the newest by default, and to be signed the one that was offered. Signing decides 'agreed' for the
    agreement's brief. Raises UsageError where its state doesn't allow that, or there is no such agreement or version.
    """
    with changes.act(store, author, "agreement") as act:
        known = _get(act.db, agreement_id)
        require_move(known.state, to)
        usual = known.newest if to == "offered" else known.version
        chosen = usual if version is None else version
        if not 1 <= chosen <= known.newest:
            text = _("There is no version {n} of it: the newest is {newest}.")
            raise UsageError(text.format(n=chosen, newest=known.newest))
        _tell(act, known.creator_id, agreement_id, chosen, to, reason)
        if to == "signed":
            _decide(act, known)
    return get(store, agreement_id)


def renew(
    store: Store, agreement_id: int, author: str, *, reason: str | None = None, **changed: str | None
) -> Agreement:
    """Let an agreement go on by its newest version, or by one more with the terms ``changed``, in one act."""
    with changes.act(store, author, "agreement") as act:
        known = _get(act.db, agreement_id)
        require_move(known.state, "renewed")
        version = _next_version(act, known, changed, None) if changed else known.newest
        _tell(act, known.creator_id, agreement_id, version, "renewed", reason)
        _decide(act, known)
    return get(store, agreement_id)


def reverse(db: sqlite3.Connection, event_id: int, author: str) -> None:
    """Undo an event: it stays, and counts no more. Raises sqlite3.IntegrityError where another one followed it."""
    later = db.execute(
        "SELECT 1 FROM agreement_event AS mine JOIN agreement_event AS later USING (agreement_id)"
        " WHERE mine.id = ? AND later.id > mine.id AND later.undone_at IS NULL",
        (event_id,),
    ).fetchone()
    if later:
        raise sqlite3.IntegrityError("another event followed it")
    db.execute("UPDATE agreement_event SET undone_at = ?, undone_by = ? WHERE id = ?", (now(), author, event_id))


def get(store: Store, agreement_id: int) -> Agreement:
    """One agreement. Raises UsageError when there is none of that number."""
    return _get(store.reader(), agreement_id)


def of(store: Store, creator_id: int) -> list[Agreement]:
    """The agreements with a person, those in force first, then the newest."""
    return _agreements(
        store.reader(), f"agreement.creator_id = ? ORDER BY coalesce(event.{_BOUND}, 0) DESC, agreement.id DESC",
        (creator_id,),
    )  # fmt: skip


def listed(store: Store, state: str | None = None) -> list[Agreement]:
    """Every agreement, or those in a state or ``in_force``: what ends first at the top. Raises UsageError."""
    if state is not None and state not in (*STATES, "in_force"):
        raise UsageError(_("There is no state '{text}'. States: {names}.").format(
            text=state, names=", ".join((*STATES, "in_force"))
        ))  # fmt: skip
    wanted = (
        "1" if state is None else f"event.{_BOUND}" if state == "in_force" else "coalesce(event.state, 'draft') = ?"
    )
    return _agreements(
        store.reader(),
        f"{wanted} ORDER BY terms.ends_on IS NULL, terms.ends_on, agreement.id",
        () if state in (None, "in_force") else (state,),
    )


def versions(store: Store, agreement_id: int) -> list[Version]:
    """Every version of an agreement, the newest first."""
    rows = store.reader().execute(
        "SELECT version, gives, gets, exclusivity, basis, starts_on, ends_on, notes, author, at FROM agreement_version"
        " WHERE agreement_id = ? ORDER BY version DESC",
        (agreement_id,),
    )
    return [Version(row[0], Terms._make(row[1:8]), row[8], row[9]) for row in rows.fetchall()]


def events(store: Store, agreement_id: int) -> list[Event]:
    """What happened to an agreement, the newest first, what was undone included."""
    rows = store.reader().execute(
        "SELECT id, version, state, reason, author, at, undone_at, undone_by FROM agreement_event"
        " WHERE agreement_id = ? ORDER BY id DESC",
        (agreement_id,),
    )
    return list(map(Event._make, rows.fetchall()))


def owe(store: Store, agreement_id: int, title: str, author: str, due_on: str | None = None) -> int:
    """Add something that they are to deliver, by an ISO date; returns its id. Raises UsageError."""
    if not (kept := clean_line(title, 200)):
        raise UsageError(_("The title is empty: write a word or two."))
    with changes.act(store, author, "deliverable") as act:
        known = _get(act.db, agreement_id)
        return act.insert(
            "deliverable", creator_id=known.creator_id, agreement_id=agreement_id, title=kept, due_on=due_on,
            author=author, at=act.at,
        )  # fmt: skip


def deliver(store: Store, deliverable_id: int, done_on: str, author: str, proof: str | None = None) -> Deliverable:
    """Say that something was delivered, when (an ISO date), and which link shows it. Raises UsageError."""
    link = None if proof is None else clean_line(proof, 2_000)
    if link is not None and not _LINK.fullmatch(link):
        raise UsageError(_("'{text}' is no link: it begins with https://.").format(text=clean_line(proof or "", 80)))
    with changes.act(store, author, "deliverable") as act:
        known = _deliverable(act.db, deliverable_id)
        act.update("deliverable", deliverable_id, done_on=done_on, proof=link or known.proof)
    return _deliverable(store.reader(), deliverable_id)


def drop(store: Store, deliverable_id: int, author: str) -> None:
    """Expect something no longer. Raises UsageError when there is no such deliverable."""
    with changes.act(store, author, "deliverable") as act:
        _deliverable(act.db, deliverable_id)
        act.update("deliverable", deliverable_id, removed_at=act.at)


def deliverables(store: Store, agreement_ids: Iterable[int]) -> list[Deliverable]:
    """What these agreements ask for, the first due first."""
    rows = store.reader().execute(
        "SELECT id, agreement_id, creator_id, title, due_on, done_on, proof, author, at FROM deliverable"
        " WHERE agreement_id IN (SELECT value FROM json_each(?)) AND removed_at IS NULL"
        " ORDER BY due_on IS NULL, due_on, id",
        (json.dumps(list(agreement_ids)),),
    )
    return list(map(Deliverable._make, rows.fetchall()))


def overdue(store: Store, today: str) -> list[tuple[Deliverable, str]]:
    """What was due before ``today`` by agreements in force and isn't there, each with its agreement's title."""
    rows = store.reader().execute(
        "SELECT deliverable.id, deliverable.agreement_id, deliverable.creator_id, deliverable.title, due_on, done_on,"
        " proof, deliverable.author, deliverable.at, agreement.title FROM deliverable"
        " JOIN agreement ON agreement.id = deliverable.agreement_id"
        f" {JOIN_IN_FORCE}"
        " WHERE due_on < ? AND done_on IS NULL AND removed_at IS NULL ORDER BY due_on, deliverable.id",
        (today,),
    )
    return [(Deliverable._make(row[:9]), row[9]) for row in rows.fetchall()]


def of_ids(store: Store, ids: Iterable[int]) -> dict[int, Agreement]:
    """These agreements by their ids."""
    where = "agreement.id IN (SELECT value FROM json_each(?))"
    return {one.id: one for one in _agreements(store.reader(), where, (json.dumps(list(ids)),))}


def deliverables_of(store: Store, ids: Sequence[int]) -> dict[int, Deliverable]:
    """These deliverables by their ids."""
    rows = store.reader().execute(
        "SELECT id, agreement_id, creator_id, title, due_on, done_on, proof, author, at FROM deliverable"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {row[0]: Deliverable._make(row) for row in rows.fetchall()}


def _agreements(db: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> list[Agreement]:
    rows = db.execute(f"SELECT {_COLUMNS}{_FROM} WHERE {where}", values).fetchall()
    return [Agreement._make((*row[:9], Terms._make(row[9:16]), *row[16:])) for row in rows]


def _get(db: sqlite3.Connection, agreement_id: int) -> Agreement:
    found = _agreements(db, "agreement.id = ?", (agreement_id,))
    if not found:
        raise UsageError(_("There is no agreement {id}. 'kolbench agreement list' names all.").format(id=agreement_id))
    return found[0]


def _deliverable(db: sqlite3.Connection, deliverable_id: int) -> Deliverable:
    row = db.execute(
        "SELECT id, agreement_id, creator_id, title, due_on, done_on, proof, author, at FROM deliverable"
        " WHERE id = ? AND removed_at IS NULL",
        (deliverable_id,),
    ).fetchone()
    if row is None:
        raise UsageError(_("There is no deliverable {id}.").format(id=deliverable_id))
    return Deliverable._make(row)


def _next_version(act: Act, known: Agreement, changed: dict[str, str | None], base: int | None) -> int:
    if base is not None and base != known.newest:
        text = _("Version {newest} of it was written since you looked at version {base}: nothing was saved.")
        raise UsageError(text.format(newest=known.newest, base=base))
    newest = Terms._make(
        act.db.execute(
            "SELECT gives, gets, exclusivity, basis, starts_on, ends_on, notes FROM agreement_version"
            " WHERE agreement_id = ? AND version = ?",
            (known.id, known.newest),
        ).fetchone()
    )
    terms = _cleaned(newest._replace(**changed))  # type: ignore[arg-type]
    if terms == newest:
        raise UsageError(_("That is what version {n} says already.").format(n=known.newest))
    _add_version(act, known.creator_id, known.id, known.newest + 1, terms)
    return known.newest + 1


def _add_version(act: Act, creator_id: int, agreement_id: int, version: int, terms: Terms) -> None:
    facts = {"creator_id": creator_id, "agreement_id": agreement_id, "version": version}
    act.insert("agreement_version", **facts, **terms._asdict(), author=act.author, at=act.at)


def _tell(act: Act, creator_id: int, agreement_id: int, version: int, state: State, reason: str | None) -> None:
    kept = clean_line(reason or "", 500) or None
    facts = {"creator_id": creator_id, "agreement_id": agreement_id, "version": version, "state": state}
    act.insert("agreement_event", **facts, reason=kept, author=act.author, at=act.at)


def _decide(act: Act, known: Agreement) -> None:
    """Say for the agreement's brief that the person agreed, unless it is put away or goes further already."""
    live = act.db.execute("SELECT 1 FROM brief WHERE id = ? AND archived_at IS NULL", (known.brief_id,)).fetchone()
    if known.brief_id is None or live is None:
        return
    decided = decisions.in_force(act.db, known.brief_id, [known.creator_id]).get(known.creator_id)
    if decided is None or decided.state not in ("agreed", "active"):
        decisions.record(act, known.brief_id, [known.creator_id], "agreed")


def _cleaned(terms: Terms) -> Terms:
    if terms.basis not in BASES:
        text = _("There is no basis '{text}': choose one of {names}.")
        raise UsageError(text.format(text=terms.basis, names=", ".join(BASES)))
    notes = clean_text(terms.notes or "", LONGEST).strip() or None
    return check(
        terms._replace(
            gives=clean_text(terms.gives, LONGEST).strip(),
            gets=clean_text(terms.gets, LONGEST).strip(),
            exclusivity=clean_line(terms.exclusivity or "", 200) or None,
            notes=notes,
        )
    )
