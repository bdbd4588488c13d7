"""The people of a comparison: whom each creator reaches, as sets of bits, of all people or of a sample of them."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.store.connect import Store

Audience = tuple[int, ...]
"""A set of numbered people: bit n of integer i is set when person number ``i * BLOCK + n`` belongs to it."""

BLOCK = 65_536
"""People an integer: so few that several of them lie in a processor's nearest cache."""

ROOM = 1_000_000_000
"""Bits (125 MB) that the audiences of one comparison may take: 500 creators have room for two million people. Where
more people could be in them, a sample of the people is compared."""

PRIME = 2_147_483_647
_NOBODY = 1


class Ties(NamedTuple):
    """What makes somebody part of an audience: ``followers`` or ``engaged``, and the dates (ms).

    From ``start`` (0 for followers) up to, not including, ``stop``; with ``days``, the last so many of each creator's
    own, up to the last time that anybody did anything towards them, as scores count them.
    """

    by: str
    start: int
    stop: int
    days: int = 0


def followers(stop: int) -> Ties:
    """Whoever was known before ``stop`` (ms) to follow the creator."""
    return Ties("followers", 0, stop)


def engaged(start: int, stop: int, days: int = 0) -> Ties:
    """Whoever did anything towards the creator (liked, answered, passed on …) from ``start`` up to ``stop`` (ms).

    With ``days``, in the creator's own last ones.
    """
    return Ties("engaged", start, stop, days)


def sizes(store: Store, ties: Ties, creator_ids: Iterable[int]) -> dict[int, int]:
    """How large each audience is at most: ties at any time, those of bots and of a person's other accounts too."""
    ids = list(creator_ids)
    found = store.reader().execute(sql(f"crowd_{ties.by}_size"), {"ids": json.dumps(ids)})
    return dict.fromkeys(ids, 0) | dict(found.fetchall())


def pool(store: Store, ties: Ties) -> list[int]:
    """The creators of whose audience anybody is known."""
    return [creator_id for (creator_id,) in store.reader().execute(sql(f"crowd_{ties.by}_pool"))]


def newest(store: Store, creator_ids: Iterable[int]) -> int | None:
    """When anybody last did anything towards any of them (ms); None when nobody ever did."""
    row = store.reader().execute(sql("crowd_engaged_newest"), {"ids": json.dumps(list(creator_ids))}).fetchone()
    return None if row[0] is None else int(row[0])


class Crowd:
    """The people in the audiences of creators, whose ``sizes`` tell how much room they need.

    ``share`` is the part of all people who are looked at: 1 where that finds ``room`` (bits), else the part that
    does. A hash of their own number alone says who they are: the same ones for every creator, every time
    (coordinated sampling: Brewer, Early and Joyce 1972). It is one of the polynomials of degree 2 modulo a prime, over
    which any three people are chosen independently of each other (Wegman and Carter 1981).
    """

    def __init__(self, store: Store, ties: Ties, sizes: Mapping[int, int], room: int = ROOM) -> None:
        db = store.reader()
        last = db.execute("SELECT coalesce(max(id), 0) FROM account").fetchone()[0]
        wanted = len(sizes) * min(last, sum(sizes.values()))
        self.share = min(1.0, room / wanted) if wanted else 1.0
        self._store, self._ties, self._numbers = store, ties, Numbers(last)
        below = PRIME if self.share == 1 else round(self.share * PRIME)
        besides = []
        for account_id, person in db.execute(sql("crowd_people")):
            if person is None or sampling_hash(person) >= below:
                self._numbers.leave_out(account_id)
            else:
                self._numbers.join(account_id, person)
                if sampling_hash(account_id) >= below:
                    besides.append(account_id)
        self._values = {
            "start": ties.start,
            "stop": ties.stop,
            "below": None if self.share == 1 else below,
            "besides": json.dumps(besides),
        }

    def audience(self, creator_id: int) -> Audience:
        """Those of a creator's audience who are looked at. Bots are nobody, and the creator is no fan of their own.

        The smallest audiences are best read first: then nobody in them has a high number, which keeps them short, and
        what they share with others.
        """
        db = self._store.reader()
        values = {"creator_id": creator_id, **self._values}
        if self._ties.days and (last := newest(self._store, [creator_id])) is not None:
            values |= {"start": last + 1 - self._ties.days * DAY, "stop": last + 1}
        rows = db.execute(sql(f"audience_{self._ties.by}"), values)
        own = db.execute("SELECT id FROM account WHERE creator_id = ?", (creator_id,)).fetchall()
        return self._numbers.audience(rows, [account_id for (account_id,) in own])


class Numbers:
    """People's numbers, given as they are first seen, by the id of any account of theirs."""

    def __init__(self, last: int) -> None:
        """``last`` is the greatest id there is."""
        self._number = array("I", bytes(4 * (last + 1)))
        self._given = _NOBODY

    def leave_out(self, account_id: int) -> None:
        """This account is nobody's."""
        self._number[account_id] = _NOBODY

    def join(self, account_id: int, other_id: int) -> None:
        """Both accounts are one person's."""
        if not self._number[other_id]:
            self._given += 1
            self._number[other_id] = self._given
        self._number[account_id] = self._number[other_id]

    def audience(self, rows: Iterable[tuple[int]], without: Sequence[int] = ()) -> Audience:
        """The people who have the accounts in ``rows``, but for those who have the accounts ``without``."""
        number, given = self._number, self._given
        octets = bytearray(given // 8 + 1)
        for (account_id,) in rows:
            n = number[account_id]
            if not n:
                given += 1
                number[account_id] = n = given
                if n >> 3 >= len(octets):
                    octets.extend(bytes(BLOCK // 8))
            octets[n >> 3] |= 1 << (n & 7)
        self._given = given
        for n in (_NOBODY, *(number[account_id] for account_id in without)):
            if n >> 3 < len(octets):
                octets[n >> 3] &= ~(1 << (n & 7))
        step = BLOCK // 8
        return tuple(int.from_bytes(octets[start : start + step], "little") for start in range(0, len(octets), step))


def sampling_hash(account_id: int) -> int:
    """From 0 up to ``PRIME``: what ``audience_*.sql`` compute to tell whether a person is looked at."""
    x = account_id % PRIME
    return ((1_640_531_527 * x + 97_531) % PRIME * x + 12_345_701) % PRIME
