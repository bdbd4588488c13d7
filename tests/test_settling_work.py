"""How settling does its work: in batches, from where it was stopped, by indexes, and about what is new alone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import make
from campaigning import bought, came_by, campaign, clicked, gave_back, takes_part
from kolbench.programme import settling
from kolbench.programme.settling import settle
from kolbench.store import participants, referrals, unsettled

if TYPE_CHECKING:
    from kolbench.store.connect import Store

ORDERS = 40


def fill(store: Store, **terms: Any) -> None:
    campaign(store, levels=("10%", "5%"), **terms)
    make.write(
        store,
        takes_part("ann"),
        takes_part("bo"),
        came_by("bo", "ann", 0),
        *(bought(f"o{n:02}", 1_000 + n, n / 4, "BO", buyer_uid=f"u{n % 7}") for n in range(ORDERS)),
    )


def ledger(store: Store) -> list[tuple[Any, ...]]:
    query = (
        "SELECT participant_id, conversion_id, level, sum(amount) FROM commission_entry"
        " GROUP BY 1, 2, 3 HAVING sum(amount) <> 0 ORDER BY 1, 2, 3"
    )
    return store.reader().execute(query).fetchall()


@pytest.mark.parametrize(
    "terms", [{}, {"cap_per_person": "9 CNY"}, {"repeat_buyers": False}, {"cap_per_order": "1 CNY"}]
)
def test_settling_goes_on_where_it_was_stopped(
    store: Store, monkeypatch: pytest.MonkeyPatch, terms: dict[str, Any], tmp_path: Any
) -> None:
    whole = make.store(tmp_path, "whole.db")
    fill(whole, **terms)
    settle(whole)
    fill(store, **terms)
    monkeypatch.setattr(settling, "BATCH", 3)
    monkeypatch.setattr(settling, "TURN_S", 0.0)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    for n in range(1, 4):
        with pytest.raises(KeyboardInterrupt):
            settle(store, stop)
        assert unsettled.count(store.reader()) == ORDERS - 3 * n
    steps: list[tuple[int, int]] = []
    settle(store, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (ORDERS - 9, ORDERS - 9)
    assert unsettled.count(store.reader()) == 0
    assert ledger(store) == ledger(whole)
    whole.close()


def test_only_what_is_new_is_looked_at(store: Store) -> None:
    fill(store)
    assert settle(store).conversions == ORDERS
    assert settle(store) == (0, 0, 0)
    make.write(store, gave_back("o03", 5, 9), gave_back("nobody's", 5, 9))
    assert settle(store).conversions == 1
    make.write(store, bought("new", 100, 1, "BO", buyer_uid="u1"), clicked("u2", "ann", 1))
    assert settle(store).conversions == 1 + sum(n % 7 == 2 for n in range(ORDERS))


def test_where_only_the_first_counts_the_later_ones_of_the_buyer_are_looked_at_too(store: Store) -> None:
    fill(store, repeat_buyers=False)
    settle(store)
    make.write(store, bought("before", 100, 0, "BO", buyer_uid="u6"))
    assert settle(store).conversions == 1 + sum(n % 7 == 6 for n in range(ORDERS))


def test_thousands_who_come_at_once_are_placed_as_one_by_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign_id = campaign(store)
    people = [f"p{n}" for n in range(60)]
    edges = [came_by(people[n], people[(n * 7 + 3) % 60], n % 5) for n in range(60)]
    edges += [came_by(people[n], people[(n + 1) % 60], 9) for n in range(0, 60, 3)]
    make.write(store, *edges)
    settle(store)
    at_once = [(one.ref, one.parent_id, one.referred_at) for one in participants.listed(store.reader(), campaign_id)]
    circles = referrals.aside(store.reader(), campaign_id)
    assert circles
    monkeypatch.setattr(referrals, "FEW", 0)
    with store.writing() as db:
        db.execute("INSERT INTO unplaced_participant SELECT id FROM participant")
    assert settle(store).placed == 0
    again = [(one.ref, one.parent_id, one.referred_at) for one in participants.listed(store.reader(), campaign_id)]
    assert again == at_once


def test_nobody_is_led_up_by_their_own_line_however_long_it_is(store: Store) -> None:
    campaign_id = campaign(store)
    people = [f"p{n:04}" for n in range(1_200)]
    make.write(store, *(came_by(b, a, 1 + n / 10_000) for n, (a, b) in enumerate(pairwise(people))))
    settle(store)
    make.write(store, came_by(people[0], people[-1], 5))
    assert settle(store).placed == 0
    assert [one.child_id for one in referrals.aside(store.reader(), campaign_id)] == [
        participants.by_ref(store.reader(), campaign_id, people[0])
    ]


def test_a_batch_is_read_by_indexes(store: Store) -> None:
    fill(store)
    settle(store)
    seen: list[str] = []
    with store.writing() as db:
        db.execute("INSERT INTO unsettled_conversion SELECT id FROM conversion")
        db.set_trace_callback(seen.append)
        book = unsettled.Book(db, 1)
        unsettled.widen(db, 1, book)
        settling._settle(db, book, unsettled.queue(db, 1, book)[:10])
        list(unsettled.below(db, 1, 1, 2))
        db.set_trace_callback(None)
        for statement in {one for one in seen if one.startswith(("SELECT", "WITH", "INSERT", "DELETE"))}:
            for *_place, step in db.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall():
                scans = step.startswith("SCAN") and not any(
                    name in step
                    for name in (
                        "json_each",
                        "wanted",
                        "settling",
                        "unsettled_",
                        "VIRTUAL",
                        "line",
                        "one",
                        "CONSTANT",
                        "campaign_version",
                    )
                )
                assert not scans, (statement, step)


def whose(store: Store) -> dict[str, Any]:
    query = (
        "SELECT order_id, coalesce(reason, ref) FROM conversion"
        " LEFT JOIN participant ON participant.id = participant_id ORDER BY 1"
    )
    return dict(store.reader().execute(query).fetchall())


def test_bounds_belong_to_what_they_bound(store: Store) -> None:
    campaign(store, levels=("10%", "5%"), window_days=3)
    make.write(
        store,
        takes_part("bo"),
        came_by("bo", "ann", 2),
        came_by("cy", "ann", 2),
        bought("same moment", 1_000, 2, "BO"),
        bought("last moment", 1_000, 5, buyer_uid="cy"),
        bought("too late", 1_000, 5.001, buyer_uid="cy"),
    )
    settle(store)
    assert whose(store) == {"same moment": "bo", "last moment": "ann", "too late": "lapsed"}
    assert [row[3] for row in ledger(store)] == [100, 50, 100]


def test_what_costs_nothing_earns_a_fixed_amount(store: Store) -> None:
    campaign(store, levels=("2 CNY",), pays_for=("signup",))
    make.write(store, takes_part("ann"), bought("o1", 0, 1, "ANN", kind="signup"))
    settle(store)
    assert [row[3] for row in ledger(store)] == [200]


def test_of_equal_moments_the_order_decides_whichever_is_told_first(store: Store) -> None:
    campaign(store, attribution="last_click", repeat_buyers=False)
    for record in (
        clicked("x", "zoe", 1),
        clicked("x", "ann", 1),
        bought("o2", 1_000, 2, buyer_uid="x"),
        bought("o1", 1_000, 2, buyer_uid="x"),
    ):
        make.write(store, record)
        settle(store)
    assert whose(store) == {"o1": "ann", "o2": "duplicate-buyer"}


def test_who_is_referred_in_a_circle_first_came_by_the_next(store: Store) -> None:
    campaign_id = campaign(store)
    make.write(store, came_by("b", "a", 1), came_by("a", "b", 2), came_by("a", "c", 3))
    settle(store)
    by = {one.ref: one.parent_id for one in participants.listed(store.reader(), campaign_id)}
    assert by["a"] == participants.by_ref(store.reader(), campaign_id, "c")
    assert len(referrals.aside(store.reader(), campaign_id)) == 1
