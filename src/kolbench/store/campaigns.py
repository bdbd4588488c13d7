"""Campaigns as kept: their terms in versions that are never changed, and their waves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import lawful, naming
from kolbench.domain.campaigns import parse, plain
from kolbench.domain.clock import iso
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.store import changes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kolbench.domain.campaigns import Terms
    from kolbench.store.connect import Store


class Row(NamedTuple):
    """A campaign as a list shows it: its newest version, who saved that and when (ms)."""

    id: int
    name: str
    version: int
    author: str
    at: int
    archived_at: int | None
    participants: int
    conversions: int


class Version(NamedTuple):
    """One version of a campaign's terms: in force for what happens from ``from_at`` (ms) on, until a newer one is.

    ``warned`` is what the law may say of it, as it was told to its author.
    """

    id: int
    version: int
    from_at: int
    author: str
    at: int
    warned: Sequence[str]
    terms: Terms


class Wave(NamedTuple):
    """A wave of participants; ``moment_at`` (ms) is when they all post."""

    id: int
    no: int
    name: str
    moment_at: int | None


def listed(store: Store, *, archived: bool = False) -> list[Row]:
    """The campaigns in use, those changed last first; or the archived ones."""
    return _rows(store.reader(), f"archived_at IS {'NOT ' if archived else ''}NULL")


def row(store: Store, campaign_id: int) -> Row:
    """One campaign as a list shows it. Raises UsageError when there is none of that number."""
    found = _rows(store.reader(), "campaign.id = ?", (campaign_id,))
    if not found:
        raise UsageError(_("There is no campaign {id}.").format(id=campaign_id))
    return found[0]


def find(store: Store, text: str) -> int:
    """The campaign of that number or name, or the only one with ``text`` in its name. Raises UsageError."""
    every = store.reader().execute("SELECT id, name FROM campaign ORDER BY archived_at IS NOT NULL, id DESC").fetchall()
    return naming.meant(
        text,
        every,
        none=_("There is no campaign yet. Write one: kolbench campaign new NAME"),
        which=_("Which campaign do you mean? {names}"),
        unknown=_("There is no campaign '{text}'. Campaigns: {names}"),
    )


def named(db: sqlite3.Connection, name: str) -> int | None:
    """The campaign that a record names: by exactly its name, or its number."""
    found = db.execute(
        "SELECT id FROM campaign WHERE name = ?1 OR CAST(id AS TEXT) = ?1 ORDER BY name = ?1 DESC", (name,)
    ).fetchone()
    return found and int(found[0])


def versions(db: sqlite3.Connection, campaign_id: int) -> list[Version]:
    """The versions of a campaign's terms, newest first."""
    rows = db.execute(
        "SELECT id, version, from_at, author, at, warned, body FROM campaign_version WHERE campaign_id = ?"
        " ORDER BY version DESC",
        (campaign_id,),
    )
    return [Version._make((*one[:5], tuple(json.loads(one[5])), parse(json.loads(one[6])))) for one in rows.fetchall()]


def currency(db: sqlite3.Connection, campaign_id: int) -> str:
    """The currency of a campaign."""
    query = "SELECT body ->> 'currency' FROM campaign_version WHERE campaign_id = ? ORDER BY version DESC LIMIT 1"
    return str(db.execute(query, (campaign_id,)).fetchone()[0])


def terms(store: Store, campaign_id: int, version: int | None = None) -> Terms:
    """A version of a campaign's terms, the newest by default. Raises UsageError when there is none."""
    found = versions(store.reader(), campaign_id)
    if not found:
        raise UsageError(_("There is no campaign {id}.").format(id=campaign_id))
    for one in found:
        if version in (None, one.version):
            return one.terms
    text = _("There is no version {n} of it: the newest is {newest}.")
    raise UsageError(text.format(n=version, newest=found[0].version))


def save(
    store: Store,
    written: Terms,
    author: str,
    campaign_id: int | None = None,
    *,
    base: int | None = None,
    from_at: int | None = None,
) -> int:
    """Keep a new campaign, or the next version of one's terms, and return its id; what is the same changes nothing.

    A version is in force for what happens from ``from_at`` (ms) on, by default from now on; the first one for
    everything before, too. ``base`` is the version that was edited. Raises UsageError when a colleague has saved one
    since, when another campaign has the name, when the currency changes after sales came in, or when there is none.
    """
    with changes.act(store, author, "campaign") as act:
        db = act.db
        _require_name(db, written.name, campaign_id)
        version = 1
        if campaign_id is None:
            campaign_id = act.insert("campaign", name=written.name, author=author, at=act.at)
        else:
            known = versions(db, campaign_id)
            if not known:
                raise UsageError(_("There is no campaign {id}.").format(id=campaign_id))
            newest = known[0]
            if newest.terms == written and from_at is None:
                return campaign_id
            if base is not None and base != newest.version:
                text = _("{author} has saved version {n} of it at {at} meanwhile: nothing was saved.")
                raise UsageError(text.format(author=newest.author, n=newest.version, at=iso(newest.at)))
            if newest.terms.currency != written.currency and _has_sales(db, campaign_id):
                raise UsageError(_("currency: it can't change any more, for there are conversions."))
            version = newest.version + 1
            act.update("campaign", campaign_id, name=written.name)
        db.execute(
            "INSERT INTO campaign_version (campaign_id, version, from_at, body, warned, author, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                campaign_id,
                version,
                act.at if from_at is None else from_at,
                json.dumps(plain(written), ensure_ascii=False),
                json.dumps(lawful.warnings(written), ensure_ascii=False),
                author,
                act.at,
            ),
        )
        act.wrote = True
    return campaign_id


def archive(store: Store, campaign_id: int, author: str, *, archived: bool = True) -> bool:
    """Put a campaign away, or take it out again; whether that changed anything."""
    known = row(store, campaign_id)
    if (known.archived_at is not None) is archived:
        return False
    with changes.act(store, author, "campaign") as act:
        act.update("campaign", campaign_id, archived_at=act.at if archived else None)
    return True


def waves(db: sqlite3.Connection, campaign_id: int) -> list[Wave]:
    """The waves of a campaign, the first one first."""
    rows = db.execute("SELECT id, no, name, moment_at FROM wave WHERE campaign_id = ? ORDER BY no", (campaign_id,))
    return list(map(Wave._make, rows.fetchall()))


def _rows(db: sqlite3.Connection, where: str, values: tuple[object, ...] = ()) -> list[Row]:
    rows = db.execute(
        "SELECT campaign.id, campaign.name, version, made.author, made.at, archived_at,"
        " (SELECT count(*) FROM participant WHERE campaign_id = campaign.id),"
        " (SELECT count(*) FROM conversion WHERE campaign_id = campaign.id)"
        " FROM campaign JOIN campaign_version AS made ON made.campaign_id = campaign.id"
        " AND made.version = (SELECT max(version) FROM campaign_version WHERE campaign_id = campaign.id)"
        f" WHERE {where} ORDER BY made.at DESC, campaign.id DESC",
        values,
    )
    return list(map(Row._make, rows.fetchall()))


def _require_name(db: sqlite3.Connection, name: str, campaign_id: int | None) -> None:
    for other, known in db.execute("SELECT id, name FROM campaign"):
        if other != campaign_id and fold(known) == fold(name):
            raise UsageError(_("There is a campaign '{name}' already.").format(name=known))


def _has_sales(db: sqlite3.Connection, campaign_id: int) -> bool:
    return db.execute("SELECT 1 FROM conversion WHERE campaign_id = ? LIMIT 1", (campaign_id,)).fetchone() is not None
