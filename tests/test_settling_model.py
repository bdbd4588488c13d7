"""Settling against a second way to the same sums: a model in plain Python that knows nothing of the store."""

from __future__ import annotations

import shutil
import tempfile
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import make
from campaigning import campaign
from kolbench.domain.campaigns import Referee, Terms
from kolbench.domain.clock import DAY, to_ms
from kolbench.domain.records import (
    AccountRecord,
    ConversionRecord,
    ParticipantRecord,
    ReferralRecord,
    RefundRecord,
    TouchRecord,
)
from kolbench.programme.settling import settle
from test_settling import STORIES, TERMS, empty, in_parts, once

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from kolbench.domain.records import Record

__all__ = ["empty"]

Ledger = dict[tuple[str, str, int], int]


def pays(text: str, amount: int) -> int:
    """What a rate as it is written pays for what is left of a sale."""
    if text.endswith("%"):
        return floor(Fraction(text[:-1]) / 100 * amount)
    return int(Fraction(text.split()[0]) * 100) if amount else 0


class Model:
    """Everything that was told, and what follows from it."""

    def __init__(self, story: Sequence[Record], terms: Terms) -> None:
        self.terms = terms
        self.codes = {one.code: one.uid for one in story if isinstance(one, ParticipantRecord) and one.code}
        edges = [one for one in story if isinstance(one, ReferralRecord)]
        self.touches = [one for one in story if isinstance(one, TouchRecord)]
        self.refunds = [one for one in story if isinstance(one, RefundRecord)]
        sales = [one for one in story if isinstance(one, ConversionRecord)]
        joined = {one.uid for one in story if isinstance(one, ParticipantRecord)}
        self.own_ids = joined | {one.child_uid for one in edges}
        self.people = {
            self.meant(name)
            for one in story
            for name in (
                getattr(one, "uid", None),
                getattr(one, "child_uid", None),
                getattr(one, "parent_uid", None),
                getattr(one, "participant_uid", None),
            )
            if name
        }
        known = {name for one in story if isinstance(one, AccountRecord) for name in (one.uid, one.handle)}
        self.persons: dict[str, str] = {}
        for one in story:
            if isinstance(one, ParticipantRecord) and one.account_uid:
                for name in (one.account_uid, one.account_uid.removeprefix("demo:")):
                    if name.removeprefix("@") in known:
                        self.persons[one.uid] = min(name, self.persons.get(one.uid, name))
        self.persons = {ref: name[-1] for ref, name in self.persons.items()}  # of acc1, as of id1: the first
        self.parents: dict[str, tuple[str, Any]] = {}
        told = [
            (one.at, one.child_uid, self.meant(one.parent_uid) or self.codes.get((one.code or "").upper()))
            for one in edges
        ]
        for at, child, parent in sorted((edge for edge in told if edge[2]), key=lambda edge: edge):  # type: ignore[type-var]
            assert parent is not None
            own = child in self.persons and self.persons[child] == self.persons.get(parent)
            if not own and child not in self.parents and child not in self.line(parent, None):
                self.parents[child] = (parent, at)
        self.sales = sorted(sales, key=lambda one: (one.at, one.shop or "", one.order_id, one.line))

    def meant(self, name: str | None) -> str | None:
        """Whose an id is: theirs who has it, else theirs whose code it is."""
        return name if name is None or name in self.own_ids else self.codes.get(name.upper(), name)

    def line(self, name: str, at: Any) -> list[str]:
        """Somebody and those above them, as it was at a moment (None: now)."""
        found = [name]
        while name in self.parents and (at is None or self.parents[name][1] <= at):
            name = self.parents[name][0]
            found.append(name)
        return found

    def whose(self, sale: ConversionRecord) -> str | None:
        window = self.terms.window_days * DAY
        if sale.participant_uid:
            return self.meant(sale.participant_uid)
        clicks = [
            (one.at, whose)
            for one in self.touches
            if (whose := self.meant(one.participant_uid) or self.codes.get((one.code or "").upper()))
            and one.visitor_uid == sale.buyer_uid
            and 0 <= to_ms(sale.at) - to_ms(one.at) <= window
        ]
        if clicks and self.terms.attribution == "first_click":
            return min(clicks)[1]
        if clicks and self.terms.attribution == "last_click":
            return min(name for at, name in clicks if at == max(clicks)[0])
        if (sale.code or "").upper() in self.codes:
            return self.codes[(sale.code or "").upper()]
        if self.terms.attribution == "code" and sale.buyer_uid in self.parents:
            parent, at = self.parents[sale.buyer_uid]
            return parent if 0 <= to_ms(sale.at) - to_ms(at) <= window else None
        return None

    def ledger(self) -> Ledger:
        """What everybody is owed by every conversion."""
        terms, paid, bought = self.terms, {}, set()
        by_order: dict[str, list[tuple[str, Any, str, list[tuple[str, int, int]]]]] = {}
        for sale in self.sales:
            whose = self.whose(sale)
            if whose is None or to_ms(sale.at) < (start(terms) or 0) or whose in terms.exclusions:
                continue
            line = self.line(whose, sale.at)[: max(len(terms.levels), 1)]
            buyer = sale.buyer_uid or ""
            key = (sale.buyer_uid, sale.kind)
            same = {sale.buyer_uid} | {one for one in line if self.persons.get(one, one) == self.persons.get(buyer, "")}
            if not same.isdisjoint(line) or (key in bought and (sale.kind != "sale" or not terms.repeat_buyers)):
                continue
            again = key in bought
            if sale.buyer_uid:
                bought.add(key)
            if sale.kind not in terms.pays_for:
                continue
            left = max(0, sale.amount - self.given_back(sale))
            shares = [
                (name, level, pays(rate, left))
                for level, (name, rate) in enumerate(zip(line, terms.levels), 1)
                if name not in terms.exclusions
            ]
            order = sale.order_id + sale.line
            by_order.setdefault(sale.order_id, []).append((sale.line, sale.at, order, shares))
            if terms.referee.reward and sale.buyer_uid in self.people and (terms.referee.every or not again):
                paid[sale.buyer_uid, order, 0] = pays(terms.referee.reward, left)
        capped = []
        for lines in by_order.values():
            room = pays(terms.cap_per_order, 1) if terms.cap_per_order else 10**18
            for line_no, at, order, shares in sorted(lines):
                for name, level, amount in shares:
                    given = min(amount, room)
                    room -= given
                    capped.append(
                        (at, order[: -len(line_no)] if line_no else order, line_no, level, name, order, given)
                    )
        rooms: dict[str, int] = {}
        for *_moment, level, name, order, amount in sorted(capped):
            room = rooms.get(name, pays(terms.cap_per_person, 1) if terms.cap_per_person else 10**18)
            given = min(amount, room)
            rooms[name] = room - given
            paid[name, order, level] = given
        return {key: amount for key, amount in paid.items() if amount}

    def given_back(self, sale: ConversionRecord) -> int:
        latest = to_ms(sale.at) + self.terms.refund_days * DAY
        told = [one for one in self.refunds if one.order_id == sale.order_id and to_ms(one.at) <= latest]
        lines = sorted((one for one in self.sales if one.order_id == sale.order_id), key=lambda one: one.line)
        units = []  # every fen of the order, by the line it is of
        for one in lines:
            named = sum(refund.amount for refund in told if refund.line == one.line != "")
            units += [one.line] * max(0, one.amount - named)
        spread = units[: sum(refund.amount for refund in told if not refund.line)]
        return sale.amount - units.count(sale.line) + spread.count(sale.line)


def start(terms: Terms) -> int | None:
    from kolbench.domain.campaigns import window

    return window(terms)[0]


@settings(max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(STORIES, TERMS, st.randoms(use_true_random=False))
def test_the_ledger_says_what_a_model_of_the_terms_says(
    empty: Path, story: list[Record], terms: dict[str, Any], chance: random.Random
) -> None:
    story = once(story)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLBENCH_NOW", make.moment(20).isoformat())
        shutil.copy(empty, folder)
        store = make.store(Path(folder))
        campaign(store, **terms)
        told = in_parts(story, chance)
        for some in (told[: len(told) // 2], told[len(told) // 2 :]):
            make.write(store, *some)
            settle(store)
        rows = store.reader().execute(
            "SELECT ref, order_id || line, level, sum(entry.amount) FROM commission_entry AS entry"
            " JOIN participant ON participant.id = entry.participant_id"
            " JOIN conversion ON conversion.id = conversion_id GROUP BY 1, 2, 3 HAVING sum(entry.amount) <> 0"
        )
        said = {(ref, order, level): amount for ref, order, level, amount in rows.fetchall()}
        store.close()
    assert said == Model(story, Terms(name="Tea", **{"referee": Referee(), **terms})).ledger()
