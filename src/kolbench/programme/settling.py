"""Settling: whose each conversion is and what it earns, found out again for those of which something is new.

What the ledger should say of a conversion follows from what was told of it and from the terms; written is by how much
it says otherwise. So it comes to the same in whatever order things are told, and however often.
"""

from __future__ import annotations

from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from kolbench.programme import attribution, commissions
from kolbench.store import commissions as ledger
from kolbench.store import conversions, referrals, refunds, unsettled

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from kolbench.programme.commissions import Share
    from kolbench.store.commissions import Owed
    from kolbench.store.connect import Store
    from kolbench.store.unsettled import Book, Person, Sale, Version

Key = tuple[int, int]
"""A participant's id and the level at which they are paid."""

Said = dict[Key, tuple[int, int, int]]
"""What the ledger says of a conversion: the sum, the first entry, and until when (ms) that is held."""

BATCH = 1_000
"""So many conversions are looked at together."""

TURN_S = 1.0
"""After so many seconds others may write, too."""


class Settled(NamedTuple):
    """How many participants have come by others than before, conversions were looked at, and entries written."""

    placed: int
    conversions: int
    entries: int


class _Judged(NamedTuple):
    """A conversion with the terms for it, who may be paid if it counts, and why it doesn't if not."""

    sale: Sale
    version: Version
    chain: list[Person]
    counts: bool
    reason: str | None
    again: bool


def settle(store: Store, progress: Callable[[int, int], None] | None = None) -> Settled:
    """Bring every campaign's conversions and ledger up to date with what has come in; goes on where it was stopped."""
    with store.writing() as db:
        placed = referrals.place(db)
        waiting = unsettled.campaigns_waiting(db)
    looked = written = 0
    for campaign_id in waiting:
        book = unsettled.Book(store.reader(), campaign_id)
        with store.writing() as db:
            unsettled.widen(db, campaign_id, book)
        queue = unsettled.queue(store.reader(), campaign_id, book)
        done = 0
        while done < len(queue):
            began, until = done, monotonic() + TURN_S
            with store.writing_far() as db:
                while done == began or (done < len(queue) and monotonic() < until):
                    written += _settle(db, book, queue[done : done + BATCH])
                    done += len(queue[done : done + BATCH])
            if progress is not None:
                progress(done, len(queue))
        looked += done
        while book.caps_people:
            with store.writing() as db:
                if (participant_id := unsettled.next_capped(db, campaign_id)) is None:
                    break
                written += _settle_capped(db, book, participant_id)
    return Settled(placed, looked, written)


def _settle(db: sqlite3.Connection, book: Book, ids: Sequence[int]) -> int:
    """Judge conversions in their order, and write what they earn; returns how many entries that took."""
    unsettled.take(db, ids)
    judged = _judge(db, book, ids)
    if book.caps_orders:
        lines = set(unsettled.lines_of(db, ids)) - set(ids)
        judged += _as_they_are(db, book, sorted(lines))
    shares = _shares(db, book, judged)
    said: dict[int, Said] = {one.sale.id: {} for one in judged}
    for (conversion_id, *key), told in ledger.said(db, list(said)).items():
        said[conversion_id][key[0], key[1]] = told
    owed: list[Owed] = []
    for one in judged:
        wanted = {(share.participant_id, share.level): share.amount for share in shares[one.sale.id]}
        known = said[one.sale.id]
        if book.caps_people:
            chain = {(person.id, level) for level, person in enumerate(one.chain, 1)} if one.counts else set()
            paid = {key for key in known if key[1] != commissions.REWARD}
            unsettled.settle_later(db, {participant_id for participant_id, _level in chain | paid})
            wanted = {key: amount for key, amount in wanted.items() if key not in chain}
            known = {key: amount for key, amount in known.items() if key not in chain}
        owed += _differences(one, wanted, known)
    return ledger.add(db, _with_reasons(db, book, owed))


def _settle_capped(db: sqlite3.Connection, book: Book, participant_id: int) -> int:
    """Pay a participant one conversion after the other until their cap; returns how many entries that took."""
    written = spent = 0
    waiting = unsettled.below(db, book.campaign_id, participant_id, book.levels)
    while ids := list(islice(waiting, BATCH)):
        judged = _as_they_are(db, book, unsettled.lines_of(db, ids) if book.caps_orders else ids)
        shares = _shares(db, book, judged)
        said: dict[int, Said] = {conversion_id: {} for conversion_id in ids}
        for (conversion_id, *key), told in ledger.said(db, ids).items():
            if key[0] == participant_id and key[1] != commissions.REWARD:
                said[conversion_id][key[0], key[1]] = told
        owed: list[Owed] = []
        for one in (one for one in judged if one.sale.id in said):
            theirs = [share for share in shares[one.sale.id] if share.participant_id == participant_id and share.level]
            kept = commissions.capped(theirs, one.version.rules.cap_per_person, spent)
            spent += sum(share.amount for share in kept)
            wanted = {(share.participant_id, share.level): share.amount for share in kept}
            owed += _differences(one, wanted, said[one.sale.id])
        written += ledger.add(db, _with_reasons(db, book, owed))
    return written


def _judge(db: sqlite3.Connection, book: Book, ids: Sequence[int]) -> list[_Judged]:
    """Say of each conversion whose it is and whether it counts, and write that down before another depends on it."""
    found = [(sale, version := book.at(sale.at), _whose(db, sale, version)) for sale in unsettled.sales(db, ids)]
    people = unsettled.chains(db, (one.participant_id for *_sale, one in found if one.participant_id), book.levels)
    judged: list[_Judged] = []
    news: list[conversions.Found] = []
    for sale, version, one in found:
        chain = _chain(people, one.participant_id, version, sale.at)
        again = False
        if _asks_first(book, sale):
            conversions.write_verdicts(db, news)
            news.clear()
            again = unsettled.bought_before(db, sale)
        verdict = attribution.judge(sale, version.rules, one, chain, again=again)
        if verdict != (sale.participant_id, sale.via, sale.state, sale.reason):
            news.append((*verdict, sale.id))
        judged.append(_Judged(sale, version, chain, verdict.state == "counted", verdict.reason, again))
    conversions.write_verdicts(db, news)
    return judged


def _as_they_are(db: sqlite3.Connection, book: Book, ids: Sequence[int]) -> list[_Judged]:
    """Conversions as they were judged before, for what they earn together with others."""
    sales = unsettled.sales(db, ids)
    people = unsettled.chains(db, (sale.participant_id for sale in sales if sale.participant_id), book.levels)
    judged = []
    for sale in sales:
        version = book.at(sale.at)
        chain = _chain(people, sale.participant_id, version, sale.at)
        again = _asks_first(book, sale) and unsettled.bought_before(db, sale)
        judged.append(_Judged(sale, version, chain, sale.state == "counted", sale.reason, again))
    return judged


def _whose(db: sqlite3.Connection, sale: Sale, version: Version) -> attribution.Whose:
    rules = version.rules
    if rules.attribution == "code" or sale.buyer is None:
        return attribution.whose(sale, rules, None)
    touched = unsettled.touched(db, sale, rules.window, last=rules.attribution == "last_click")
    ever = touched is not None or unsettled.touched_ever(db, sale)
    return attribution.whose(sale, rules, touched, touched_ever=ever)


def _asks_first(book: Book, sale: Sale) -> bool:
    """Whether it matters that the buyer bought something before."""
    return sale.buyer is not None and (book.asks_first or sale.kind != "sale")


def _chain(people: dict[int, Person], participant_id: int | None, version: Version, at: int) -> list[Person]:
    """Whoever may be paid: the participant and those above them, as many as the terms have levels."""
    if participant_id is None:
        return []
    return attribution.chain(people[participant_id], people, max(len(version.rules.levels), 1), at)


def _shares(db: sqlite3.Connection, book: Book, judged: Sequence[_Judged]) -> dict[int, list[Share]]:
    """What each conversion earns, with the cap of its order, and without that of people."""
    shares: dict[int, list[Share]] = {one.sale.id: [] for one in judged}
    spent: dict[tuple[str, str], int] = {}
    for one in sorted(judged, key=lambda one: (one.sale.source, one.sale.order_id, one.sale.line)):
        sale, rules = one.sale, one.version.rules
        if not one.counts:
            continue
        given_back = 0
        if sale.refunded:
            order = (sale.campaign_id, sale.source, sale.order_id)
            given_back = refunds.given_back(db, order, sale.at + rules.refunds)[sale.id]
        earned = commissions.earned(sale, rules, one.chain, given_back)
        if book.caps_orders:
            before = spent.get((sale.source, sale.order_id), 0)
            earned = commissions.capped(earned, rules.cap_per_order, before)
            spent[sale.source, sale.order_id] = before + sum(share.amount for share in earned)
        shares[sale.id] = earned + commissions.reward(sale, rules, given_back, again=one.again)
    return shares


def _differences(one: _Judged, wanted: dict[Key, int], known: Said) -> Iterator[Owed]:
    """By how much the ledger says otherwise of a conversion than it should."""
    sale, version = one.sale, one.version
    for key in sorted({*wanted, *known}, key=lambda key: (key[1], key[0])):
        hold_until = sale.at + version.rules.hold
        amount, origin, held = known.get(key, (0, None, hold_until))
        if difference := wanted.get(key, 0) - amount:  # what may be paid already is taken off at once
            yield ledger.Owed(
                sale.campaign_id,
                key[0],
                sale.id,
                version.id,
                key[1],
                difference,
                version.rules.currency,
                min(hold_until, held) if difference < 0 else hold_until,
                origin,
                one.reason if origin else None,
            )


def _with_reasons(db: sqlite3.Connection, book: Book, owed: Sequence[Owed]) -> Iterator[Owed]:
    """What has to be written, with what it is for where that changes what was written before.

    That is why the conversion doesn't count, if it doesn't, else what happened last since then.
    """
    changed = [one.conversion_id for one in owed if one.origin is not None and one.reason is None]
    known = ledger.since(db, changed) if changed else {}
    told_at = {version.id: version.at for version in book.versions}
    for one in owed:
        since = known.get((one.conversion_id, one.participant_id, one.level))
        if one.origin is None or one.reason is not None or since is None:
            yield one
            continue
        given_back = since.refunded_at if one.amount < 0 else 0  # nobody gets more for what was given back
        happened = [
            (at, reason)
            for at, reason in ((since.decided_at, "decision"), (given_back, "refund"))
            if at >= since.written_at
        ]
        if one.version_id != since.version_id:
            happened.append((told_at[one.version_id], "terms"))
        reason = max(happened)[1] if happened else "refund" if given_back else "changed"
        yield one._replace(reason=reason)
