"""What would move a person, and what it costs them to switch to us; and what we can offer to anybody who needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line, clean_text
from kolbench.store import changes, conflicts, merges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from kolbench.store.connect import Store

Kind = Literal["money", "saving", "contact", "users", "brand", "support"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Earning, saving, knowing people, users and resources, a name of their own, support by the platform."""

LEVELS = {"low": 1, "medium": 2, "high": 3}
"""How strong a need is, and what it costs to leave whoever meets it now."""

LONGEST = 2_000

_COLUMNS = "id, kind, strength, switching, detail, author, at"


class Need(NamedTuple):
    """A need of a person: ``strength`` from 1 to 3, ``switching`` likewise (None: not known)."""

    id: int
    kind: Kind
    strength: int
    switching: int | None
    detail: str | None
    author: str
    at: int


class Offer(NamedTuple):
    """Something that we can give to whoever has the need ``kind``."""

    id: int
    name: str
    kind: Kind
    detail: str | None
    author: str
    at: int


def of(store: Store, creator_id: int) -> list[Need]:
    """The needs of a person, the strongest first; of equal ones, those that are met most easily elsewhere last."""
    rows = store.reader().execute(
        f"SELECT {_COLUMNS} FROM need WHERE creator_id = ? AND removed_at IS NULL"
        " ORDER BY strength DESC, coalesce(switching, 2), id",
        (creator_id,),
    )
    return list(map(Need._make, rows.fetchall()))


def write(
    store: Store,
    creator_id: int,
    kind: str,
    author: str,
    was: Mapping[str, Any] | None = None,
    **values: int | str | None,
) -> int:
    """Write down a need, or what else is known of one: ``strength``, ``switching``, ``detail``; returns its id.

    ``was`` holds the values that the operator saw (empty: there was no such need). Raises Conflict where that has
    been changed since, and UsageError for an unknown kind, a level that is none, and when there is no such person.
    """
    kind = _kind(kind)
    wanted: dict[str, Any] = dict(values)
    if "detail" in wanted:
        wanted["detail"] = clean_text(wanted["detail"] or "", LONGEST).strip() or None
    for name in ("strength", "switching"):
        if name in wanted and wanted[name] not in (*LEVELS.values(), *((None,) if name == "switching" else ())):
            raise UsageError(_("{name}: choose one of {names}.").format(name=name, names=", ".join(LEVELS)))
    with changes.act(store, author, "edit") as act:
        creator_id = merges.require(act.db, creator_id)
        found = act.db.execute(
            "SELECT id, removed_at FROM need WHERE creator_id = ? AND kind = ?", (creator_id, kind)
        ).fetchone()
        if was and (found is None or found[1] is not None):
            raise conflicts.conflict(act, "need", found and found[0], kind, was.get("strength"), None, kind)
        if found is None:
            facts = {"creator_id": creator_id, "kind": kind, **wanted, "author": author, "at": act.at}
            return act.insert("need", **facts)
        if found[1] is not None:
            fresh = {"strength": 2, "switching": None, "detail": None, **wanted}
            act.update("need", found[0], **fresh, author=author, at=act.at, removed_at=None)
        else:
            seen = dict.fromkeys(wanted) if was == {} else was
            conflicts.update(act, "need", found[0], wanted, seen, author=author, at=act.at)
        return int(found[0])


def remove(store: Store, creator_id: int, kind: str, author: str) -> None:
    """Take a need off a person. Raises UsageError when they don't have it."""
    with changes.act(store, author, "edit") as act:
        creator_id = merges.require(act.db, creator_id)
        found = act.db.execute(
            "SELECT id FROM need WHERE creator_id = ? AND kind = ? AND removed_at IS NULL", (creator_id, _kind(kind))
        ).fetchone()
        if found is None:
            raise UsageError(_("There is no need '{kind}' on their file.").format(kind=kind))
        act.update("need", found[0], removed_at=act.at)


def offers(store: Store, kind: str | None = None) -> list[Offer]:
    """What we can offer, for one kind of need or for all. Raises UsageError for an unknown kind."""
    rows = store.reader().execute(
        "SELECT id, name, kind, detail, author, at FROM offer WHERE removed_at IS NULL AND kind = coalesce(?, kind)"
        " ORDER BY kind, name, id",
        (None if kind is None else _kind(kind),),
    )
    found = list(map(Offer._make, rows.fetchall()))
    return sorted(found, key=lambda offer: KINDS.index(offer.kind))


def offer(store: Store, text: str) -> Offer:
    """The offer of that id, or of exactly that name, whatever the case. Raises UsageError when there is none."""
    for one in offers(store):
        if text == str(one.id) or fold(one.name) == fold(text):
            return one
    raise UsageError(_("There is no offer '{text}'. 'kolbench offer list' names all.").format(text=text))


def add_offer(store: Store, name: str, kind: str, author: str, detail: str | None = None) -> int:
    """Say what we can give to whoever has the need ``kind``; returns the offer's id. Raises UsageError."""
    with changes.act(store, author, "offer") as act:
        name = _offer_name(act.db, name, None)
        kept = clean_text(detail or "", LONGEST).strip() or None
        return act.insert("offer", name=name, kind=_kind(kind), detail=kept, author=author, at=act.at)


def edit_offer(
    store: Store, offer_id: int, author: str, was: Mapping[str, Any] | None = None, **values: str | None
) -> bool:
    """Change ``name``, ``kind`` or ``detail`` of an offer; whether anything did. Raises Conflict and UsageError."""
    with changes.act(store, author, "offer") as act:
        _require_offer(act.db, offer_id)
        wanted: dict[str, Any] = dict(values)
        if "name" in wanted:
            wanted["name"] = _offer_name(act.db, wanted["name"] or "", offer_id)
        if "kind" in wanted:
            wanted["kind"] = _kind(wanted["kind"] or "")
        if "detail" in wanted:
            wanted["detail"] = clean_text(wanted["detail"] or "", LONGEST).strip() or None
        return conflicts.update(act, "offer", offer_id, wanted, was)


def remove_offer(store: Store, offer_id: int, author: str) -> None:
    """Offer something no longer. Raises UsageError when there is no such offer."""
    with changes.act(store, author, "offer") as act:
        _require_offer(act.db, offer_id)
        act.update("offer", offer_id, removed_at=act.at)


def _kind(text: str) -> Kind:
    for kind in KINDS:
        if text == kind:
            return kind
    raise UsageError(_("There is no need '{kind}'. Needs: {names}.").format(kind=text, names=", ".join(KINDS)))


def _offer_name(db: sqlite3.Connection, text: str, offer_id: int | None) -> str:
    name = clean_line(text, 80)
    if not name:
        raise UsageError(_("The offer needs a name."))
    for other, known in db.execute("SELECT id, name FROM offer WHERE removed_at IS NULL").fetchall():
        if other != offer_id and fold(known) == fold(name):
            raise UsageError(_("There is an offer '{name}' already: edit that one.").format(name=known))
    return name


def _require_offer(db: sqlite3.Connection, offer_id: int) -> None:
    if db.execute("SELECT 1 FROM offer WHERE id = ? AND removed_at IS NULL", (offer_id,)).fetchone() is None:
        raise UsageError(_("There is no offer {id}.").format(id=offer_id))
