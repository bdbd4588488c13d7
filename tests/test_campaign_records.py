"""What sources tell about campaigns is written once, however often and in whatever order it is told."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

import make
from campaigning import bought, came_by, campaign, clicked, dump, gave_back, takes_part
from kolbench.analysis.campaigns import totals
from kolbench.domain.errors import UsageError
from kolbench.programme.campaigns import fresh
from kolbench.programme.settling import settle
from kolbench.store import changes, erasure, participants, unsettled

if TYPE_CHECKING:
    from kolbench.domain.records import Record
    from kolbench.store.connect import Store

TOLD = [
    takes_part("ann", name="Ann", shown="masked"),
    came_by("bo", "ann", 1, child_name="Bo"),
    clicked("cy", "bo", 2),
    bought(
        "o1", 9_900, 3, "ANN", buyer_uid="cy", participant_uid="ann", device="phone", address="road 1", payment="card"
    ),
    gave_back("o1", 100, 4),
]


def rows(store: Store, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return store.reader().execute(query, values).fetchall()


def test_everything_is_written_with_the_run_that_told_it(store: Store) -> None:
    campaign(store)
    written = make.write(store, *TOLD)
    assert (written.new, written.refused) == (5, [])
    assert rows(store, "SELECT ref, name, shown FROM participant ORDER BY id") == [
        ("ann", "Ann", "masked"),
        ("bo", "Bo", "hidden"),
    ]
    for table in ("participant", "referral_edge", "touch", "conversion", "refund"):
        assert rows(store, f"SELECT DISTINCT run_id FROM {table}") == [(1,)], table


def test_telling_it_again_changes_nothing(store: Store) -> None:
    campaign(store)
    make.write(store, *TOLD)
    before = dump(store)
    written = make.write(store, *reversed(TOLD), *TOLD)
    assert (written.new, written.changed, written.unchanged, written.refused) == (0, 0, 10, [])
    after = dump(store)
    assert {table for table in before if before[table] != after[table]} == {"run"}


def test_a_campaign_that_is_not_there_is_refused(store: Store) -> None:
    written = make.write(store, *TOLD)
    assert [(one.field, one.reason) for one in written.refused] == [
        ("campaign", "there is no campaign 'Tea': make it with 'kolbench campaign new'")
    ] * 5


def test_an_order_told_otherwise_is_refused_and_the_first_telling_stays(store: Store) -> None:
    campaign(store)
    make.write(store, *TOLD)
    written = make.write(store, bought("o1", 1, 3, "ANN"), gave_back("o1", 7, 4), bought("o1", 9_900, 5, "ANN"))
    assert [one.field for one in written.refused] == ["amount", "at", "amount"]
    assert rows(store, "SELECT amount FROM conversion") == [(9_900,)]
    assert rows(store, "SELECT amount FROM refund") == [(100,)]


def test_the_same_order_of_another_shop_line_or_campaign_is_another(store: Store) -> None:
    campaign(store)
    campaign(store, "Coffee")
    written = make.write(
        store,
        bought("o1", 1, 1),
        bought("o2", 1, 1, line="1"),
        bought("o2", 1, 1, line="2"),
        bought("o1", 1, 1, shop="other"),
        bought("o1", 1, 1, campaign="Coffee"),
        bought("o1", 1, 1),
    )
    assert (written.new, written.unchanged) == (5, 1)


WHOLE = bought("o1", 300, 2, "ANN")
LINES = [bought("o1", 100, 2, "ANN", line="1"), bought("o1", 200, 2, "ANN", line="2")]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    ("told", "kept", "reason"),
    [
        ([WHOLE, *LINES, WHOLE], [""], "the order was told as a whole before, and counts so"),
        ([*LINES, WHOLE, *LINES], ["1", "2"], "the order was told by its lines before, and counts by them"),
    ],
)
def test_an_order_counts_as_a_whole_or_by_its_lines_and_never_twice(
    store: Store, told: list[Record], kept: list[str], reason: str, at_once: bool
) -> None:
    campaign(store)
    make.write(store, takes_part("ann"))
    pages = [told] if at_once else [[one] for one in told]
    refused = [one for page in pages for one in make.write(store, *page).refused]
    assert [(one.field, one.reason) for one in refused] == [("line", reason)] * (3 - len(kept))
    assert [row[0] for row in rows(store, "SELECT line FROM conversion ORDER BY 1")] == kept
    make.write(store, gave_back("o1", 300, 3))
    fresh.refresh(store)
    assert rows(store, "SELECT sum(amount) FROM commission_entry") == [(None,)]
    assert make.write(store, bought("o1", 300, 2, "ANN", shop="other")).new == 1


def test_what_was_missing_of_a_sale_is_filled_in_and_it_is_settled_again(store: Store) -> None:
    campaign(store)
    make.write(store, takes_part("ann"))
    make.write(store, bought("o1", 1_000, 1))
    fresh.refresh(store)
    assert rows(store, "SELECT state, reason FROM conversion") == [("quarantined", "no-code")]
    written = make.write(store, bought("o1", 1_000, 1, "ann"), bought("o1", 1_000, 1, buyer_uid="cy", payment="card"))
    assert (written.new, written.changed, written.unchanged, written.refused) == (0, 1, 1, [])
    fresh.refresh(store)
    query = "SELECT state, code, buyer, payment IS NULL FROM conversion"
    assert rows(store, query) == [("counted", "ANN", "cy", 0)]
    assert rows(store, "SELECT sum(amount) FROM commission_entry") == [(100,)]
    assert rows(store, "SELECT reached FROM campaign_standing") == [(1,)]
    make.write(store, bought("o1", 1_000, 1, participant_uid="bo"))
    fresh.refresh(store)
    assert rows(store, "SELECT ref FROM conversion JOIN participant ON participant.id = participant_id") == [("bo",)]
    assert make.write(store, bought("o1", 1_000, 1, "Ann", participant_uid="bo")).unchanged == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "BO"),
        ("buyer_uid", "dee"),
        ("participant_uid", "bo"),
        ("device", "tablet"),
        ("address", "road 2"),
        ("payment", "cash"),
        ("kind", "lead"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_sale_told_with_another_code_buyer_or_participant_is_refused(
    store: Store, field: str, value: str, at_once: bool
) -> None:
    campaign(store)
    facts = {"buyer_uid": "cy", "participant_uid": "ann", "device": "phone", "address": "road 1", "payment": "card"}
    told = [bought("o1", 1_000, 1, **{"code": "ANN", **facts, **changed}) for changed in ({}, {field: value})]
    pages = [told] if at_once else [[one] for one in told]
    refused = [one for page in pages for one in make.write(store, *page).refused]
    assert [(one.field, one.reason) for one in refused] == [(field, "it was told otherwise before")]
    assert rows(store, "SELECT code, buyer FROM conversion") == [("ANN", "cy")]


def test_an_id_and_the_code_that_is_theirs_do_not_contradict_each_other(store: Store) -> None:
    campaign(store)
    make.write(store, bought("o1", 1_000, 1, participant_uid="TEA-1"))
    make.write(store, takes_part("u1", "TEA-1"))
    assert make.write(store, bought("o1", 1_000, 1, participant_uid="u1")).unchanged == 1


def test_devices_addresses_and_cards_are_kept_as_hashes_that_can_be_compared(store: Store) -> None:
    campaign(store)
    make.write(store, bought("o1", 1, 1, device="phone"), bought("o2", 1, 1, device="phone"), bought("o3", 1, 1))
    (one, two, none) = (row[0] for row in rows(store, "SELECT device FROM conversion ORDER BY id"))
    assert one == two
    assert len(one) == 24
    assert none is None
    assert "phone" not in str(dump(store))


def test_a_code_of_somebody_else_is_refused(store: Store) -> None:
    campaign(store)
    written = make.write(store, takes_part("ann", "tea"), takes_part("bo", "TEA"))
    reason = "the code TEA is somebody else's in this campaign"
    assert [(one.field, one.reason) for one in written.refused] == [("code", reason)]
    assert participants.find(store, 1, "Ｔｅａ") == participants.by_ref(store.reader(), 1, "ann")


def test_a_referral_names_somebody_or_a_code(store: Store) -> None:
    campaign(store)
    written = make.write(store, came_by("bo", "ann", parent_uid=None))
    assert [one.field for one in written.refused] == ["parent_uid"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conversion SET amount = 0",
        "UPDATE conversion SET buyer = 'x'",
        "UPDATE conversion SET told_id = (SELECT max(id) FROM participant)",
        "UPDATE conversion SET code = NULL",
        "DELETE FROM conversion",
        "UPDATE refund SET amount = 1",
        "DELETE FROM refund",
        "UPDATE touch SET at = 0",
        "UPDATE touch SET visitor = 'x'",
        "DELETE FROM touch",
        "UPDATE referral_edge SET at = 0",
        "UPDATE referral_edge SET parent_id = 2",
        "DELETE FROM referral_edge",
        "UPDATE campaign_version SET body = '{}'",
        "DELETE FROM campaign_version",
    ],
)
def test_what_was_told_can_not_be_rewritten(store: Store, statement: str) -> None:
    campaign(store)
    make.write(store, *TOLD)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|never changed"), store.writing() as db:
        db.execute(statement)


def test_a_participant_is_known_by_the_account_that_a_source_tells(store: Store) -> None:
    campaign(store)
    make.write(store, make.person("ann@shop"))
    make.write(store, takes_part("ann", account_uid="ann@shop"), takes_part("bo", account_uid="nobody"))
    found = {one.ref: one.creator_id for one in participants.listed(store.reader(), 1)}
    assert found == {"ann": make.creator(store, "ann@shop"), "bo": None}


def test_of_whom_a_row_is_refused_for_its_code_nothing_is_written(store: Store) -> None:
    campaign(store)
    make.write(store, takes_part("ann"))
    told = takes_part("p4", "ann", name="王五"), takes_part("p5", "NEW"), takes_part("p6", "new"), takes_part("p7", "!")
    written = make.write(store, *told)
    assert [one.reason for one in written.refused] == [
        "the code ANN is somebody else's in this campaign",
        "the code NEW is somebody else's in this campaign",
        "! is no code",
    ]
    assert [one.ref for one in participants.listed(store.reader(), 1)] == ["ann", "p5"]


def test_a_refund_in_another_currency_than_the_campaigns_is_refused(store: Store) -> None:
    campaign(store)
    make.write(store, takes_part("ann"), bought("o1", 10_000, 1, "ANN"))
    written = make.write(store, gave_back("o1", 500, 2, currency="JPY"), gave_back("o1", 500, 2, "r2", currency="CNY"))
    assert [one.field for one in written.refused] == ["currency"]
    assert store.reader().execute("SELECT refunded FROM conversion").fetchall() == [(500,)]


def test_nothing_is_taken_off_the_revenue_by_a_refund_of_what_was_free(store: Store) -> None:
    campaign(store)
    make.write(store, takes_part("ann"), bought("o1", 1_000, 1, "ANN"), bought("o2", 0, 1, "ANN"))
    make.write(store, gave_back("o2", 900, 2))
    fresh.refresh(store)
    found = totals.totals(store, 1)
    assert found is not None
    assert (found.conversions, found.revenue) == (2, 1_000)


def test_whoever_was_erased_does_not_come_back_and_what_they_bought_names_nobody(store: Store) -> None:
    campaign(store)
    make.write(store, make.person("ann@shop"))
    make.write(store, takes_part("ann", account_uid="ann@shop"), *TOLD[1:])
    make.write(store, bought("o2", 5, 4, "BO", buyer_uid="ann", device="hers"), takes_part("bo"))
    erasure.erase(store, erasure.find(store, str(make.creator(store, "ann@shop"))))
    again = [*TOLD, bought("o2", 5, 4, "BO", buyer_uid="ann", device="hers"), bought("o3", 5, 4, "BO", buyer_uid="ann")]
    written = make.write(store, *again, bought("o4", 5, 4, "ann"))
    assert written.new == 1
    assert written.refused == []
    left = str(dump(store)).casefold()
    assert "'ann'" not in left
    assert rows(store, "SELECT order_id, buyer, device FROM conversion WHERE order_id > 'o1' ORDER BY id") == [
        ("o2", "erased:1", None),
        ("o3", None, None),
    ]


def test_an_account_that_was_told_of_somebody_is_forgotten_with_its_owner(store: Store) -> None:
    campaign(store)
    make.write(store, make.person("77@shop", handle="annie"))
    make.write(store, takes_part("ann", account_uid="demo:Annie"), takes_part("bo", account_uid="@annie"))
    erasure.erase(store, erasure.find(store, "77@shop"))
    again = [takes_part(f"new{n}", account_uid=told) for n, told in enumerate(("77@shop", "@annie", "demo:77@shop"))]
    assert make.write(store, *again, takes_part("other", account_uid="zoe")).new == 1
    left = str(dump(store)).casefold()
    assert "annie" not in left
    assert "77@shop" not in left
    assert rows(store, "SELECT uid FROM participant_account") == [("zoe",)]


def test_adding_somebody_is_undone_as_long_as_nothing_rests_on_it(store: Store) -> None:
    campaign_id = campaign(store)
    with changes.act(store, "me", "participant") as act:
        make.give_code(act, participants.add(act, campaign_id, "ann", name="Ann"), "ann")
    done = changes.last(store, "me")
    assert done is not None
    assert changes.undo(store, "me") is not None
    assert rows(store, "SELECT * FROM participant") == rows(store, "SELECT * FROM referral_code") == []


def test_a_code_told_where_an_id_belongs_means_whose_code_it_is(store: Store) -> None:
    campaign(store)
    make.write(store, takes_part("u1", "TEA-1"))
    make.write(
        store,
        came_by("u2", "tea-1", 1),
        clicked("u3", "ＴＥＡ-1", 1),
        bought("o1", 1_000, 2, participant_uid="TEA-1"),
        bought("o2", 1_000, 2, participant_uid="stranger"),
    )
    fresh.refresh(store)
    assert rows(store, "SELECT ref FROM participant ORDER BY id") == [("u1",), ("u2",), ("stranger",)]
    assert rows(store, "SELECT child_id, parent_id FROM referral_edge") == [(2, 1)]
    assert rows(store, "SELECT participant_id FROM touch") == [(1,)]
    assert rows(store, "SELECT participant_id FROM conversion ORDER BY id") == [(1,), (3,)]


def test_a_code_told_where_an_id_belongs_is_taken_up_when_somebody_gets_it(store: Store) -> None:
    campaign_id = campaign(store, attribution="last_click", levels=("10%", "5%"))
    told = (
        came_by("u2", "tea-1", 1),
        clicked("u3", "ＴＥＡ-1", 1),
        bought("o1", 1_000, 2, participant_uid="TEA-1"),
        bought("o2", 2_000, 2, buyer_uid="u3"),
        bought("o3", 4_000, 2, participant_uid="u2"),
    )
    earned = (
        "SELECT ref, sum(amount) FROM commission_entry JOIN participant ON participant.id = participant_id"
        " GROUP BY ref HAVING sum(amount) <> 0 ORDER BY ref"
    )
    make.write(store, *told)
    fresh.refresh(store)
    assert rows(store, earned) == [("TEA-1", 100), ("tea-1", 200), ("u2", 400), ("ＴＥＡ-1", 200)]
    before = participants.newest_code(store.reader())
    make.write(store, takes_part("u1", "TEA-1"))
    assert participants.taken_up(store.reader(), before) == 3
    fresh.refresh(store)
    assert rows(store, earned) == [("u1", 100 + 200 + 200), ("u2", 400)]
    u1 = participants.find(store, campaign_id, "TEA-1")
    assert participants.get(store.reader(), u1).ref == "u1"
    assert participants.unknown_before(store.reader(), 0) == []
    assert make.write(store, *told).new == 0
    with pytest.raises(sqlite3.IntegrityError, match="the code was used"), store.writing() as db:
        db.execute("DELETE FROM referral_code WHERE participant_id = ?", (u1,))
    standings = "SELECT ref, reached FROM participant_standing JOIN participant ON participant.id = participant_id"
    assert [row for row in rows(store, standings) if row[1]] == [("u1", 2)]
    erasure.erase(store, erasure.of_participant(store, u1))
    unsettled.everything(store)
    assert settle(store)[::2] == (0, 0)
    assert not [row for row in rows(store, "SELECT ref FROM participant") if "1" in row[0] and ":" not in row[0]]


def test_who_is_told_of_after_all_keeps_what_was_told_by_their_id(store: Store) -> None:
    campaign(store)
    make.write(store, bought("o1", 1_000, 2, participant_uid="BO"))
    make.write(store, takes_part("u1", "BO"))
    fresh.refresh(store)
    whose = "SELECT ref FROM conversion JOIN participant ON participant.id = participant_id"
    assert rows(store, whose) == [("u1",)]
    make.write(store, takes_part("BO", "CY"))
    fresh.refresh(store)
    assert rows(store, whose) == [("BO",)]


def test_an_id_that_somebody_has_is_theirs_though_it_is_a_code_too(store: Store) -> None:
    campaign(store)
    make.write(store, takes_part("u1", "BO"), takes_part("BO", "CY"), bought("o1", 1_000, 2, participant_uid="BO"))
    fresh.refresh(store)
    assert rows(store, "SELECT participant_id FROM conversion") == [(2,)]
    with pytest.raises(UsageError, match=r"the id of participant 2, and the code of u1 \(participant 1\)"):
        participants.find(store, 1, "BO")
    assert participants.find(store, 1, "1") == 1
