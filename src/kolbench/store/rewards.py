"""What points buy: the catalogue, and redeeming points for something in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.incentives import POINTS, Amount, Kind
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, incentives, merges

if TYPE_CHECKING:
    import sqlite3

    from kolbench.store.connect import Store


class Offered(NamedTuple):
    """Something in the catalogue: its ``price`` in points, what one of it is, and how many are ``left`` (None: any)."""

    id: int
    name: str
    price: int
    kind: Kind
    amount: int
    unit: str
    left: int | None
    redeemed: int
    author: str
    at: int


class Redeemed(NamedTuple):
    """A redemption: the entry with the points, that with what they bought, and the points that are left."""

    points_id: int
    entry_id: int
    balance: int


def catalogue(store: Store) -> list[Offered]:
    """What points buy, the cheapest first."""
    return _offered(store.reader())


def find(store: Store, text: str) -> Offered:
    """What has that number in the catalogue, or exactly that name, whatever the case. Raises UsageError."""
    for one in catalogue(store):
        if text == str(one.id) or fold(one.name) == fold(text):
            return one
    raise UsageError(_("'{text}' is not in the catalogue. See: kolbench incentive catalogue").format(text=text))


def add(store: Store, name: str, price: int, kind: Kind, amount: Amount, author: str, stock: int | None = None) -> int:
    """Put something into the catalogue; returns its number. Raises UsageError where the name is taken or empty."""
    kept = clean_line(name, 80)
    if not kept:
        raise UsageError(_("The title is empty: write a word or two."))
    if kind == "points":
        raise UsageError(_("Points can't buy points."))
    with changes.act(store, author, "catalogue") as act:
        if any(fold(one.name) == fold(kept) for one in _offered(act.db)):
            raise UsageError(_("'{name}' is in the catalogue already: remove that first.").format(name=kept))
        facts = {"name": kept, "price": price, "kind": kind, "amount": amount.n, "unit": amount.unit, "stock": stock}
        return act.insert("reward", **facts, author=author, at=act.at)


def remove(store: Store, reward_id: int, author: str) -> None:
    """Sell something no longer. Raises UsageError when it isn't in the catalogue."""
    with changes.act(store, author, "catalogue") as act:
        _require(act.db, reward_id)
        act.update("reward", reward_id, removed_at=act.at)


def redeem(store: Store, creator_id: int, reward_id: int, author: str, stage: str | None = None) -> Redeemed:
    """Give a person something for their points, in one act.

    Raises UsageError where they haven't enough, none is left, or it isn't in the catalogue.
    """
    with changes.act(store, author, "redeem") as act:
        creator_id = merges.require(act.db, creator_id)
        one = _require(act.db, reward_id)
        if one.left == 0:
            raise UsageError(_("None of '{name}' is left.").format(name=one.name))
        has = incentives.balance(act.db, creator_id)
        if has < one.price:
            text = _("'{name}' costs {price:,} points, and they have {has:,}.")
            raise UsageError(text.format(name=one.name, price=one.price, has=has))
        facts: dict[str, Any] = {"stage": stage, "reward_id": one.id, "reason": one.name}
        points_id = incentives.add(act, creator_id, "points", Amount(-one.price, POINTS), **facts)
        given = Amount(one.amount, one.unit)
        entry_id = incentives.add(act, creator_id, one.kind, given, **facts, paid_by=points_id)
        return Redeemed(points_id, entry_id, has - one.price)


def _require(db: sqlite3.Connection, reward_id: int) -> Offered:
    for one in _offered(db):
        if one.id == reward_id:
            return one
    raise UsageError(_("'{text}' is not in the catalogue. See: kolbench incentive catalogue").format(text=reward_id))


def _offered(db: sqlite3.Connection) -> list[Offered]:
    rows = db.execute(
        "SELECT id, name, price, kind, amount, unit, stock, author, at,"
        " (SELECT coalesce(sum(iif(amount < 0, 1, -1)), 0) FROM incentive_entry"
        " WHERE reward_id = reward.id AND unit = 'points')"
        " FROM reward WHERE removed_at IS NULL ORDER BY price, id"
    )
    return [
        Offered._make((*row[:6], None if row[6] is None else max(0, row[6] - row[9]), row[9], row[7], row[8]))
        for row in rows.fetchall()
    ]
