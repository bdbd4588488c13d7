"""Settling comes to the same ledger in whatever order things are told, and to the one that the terms say."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec import structs

import make
from campaigning import bought, came_by, campaign, clicked, gave_back, takes_part
from kolbench.domain.campaigns import Referee
from kolbench.domain.errors import UsageError
from kolbench.domain.records import ConversionRecord
from kolbench.programme.settling import settle
from kolbench.store import changes, conversions, erasure, participants, referrals, refunds, unsettled

if TYPE_CHECKING:
    from kolbench.domain.records import Record
    from kolbench.store.connect import Store


def tell(store: Store, *records: Record) -> None:
    written = make.write(store, *records)
    assert not written.refused, written.refused
    settle(store)


def earned(store: Store) -> dict[str, int]:
    """What the ledger says in sum of each participant who is owed anything."""
    query = (
        "SELECT ref, sum(amount) FROM commission_entry JOIN participant ON participant.id = participant_id"
        " GROUP BY 1 HAVING sum(amount) <> 0"
    )
    return dict(store.reader().execute(query).fetchall())


def verdicts(store: Store) -> dict[str, tuple[str | None, str, str | None]]:
    """Of each order: whose it is, its state, and why."""
    query = (
        "SELECT order_id || line, ref, state, reason FROM conversion"
        " LEFT JOIN participant ON participant.id = participant_id ORDER BY 1"
    )
    return {row[0]: row[1:] for row in store.reader().execute(query).fetchall()}


def test_a_sale_by_a_code_pays_whose_it_is_and_by_whom_they_came(store: Store) -> None:
    campaign(store, levels=("10%", "3%"))
    tell(store, takes_part("ann"), takes_part("bo"), came_by("bo", "ann", 1), bought("o1", 9_999, 2, " bo "))
    assert verdicts(store) == {"o1": ("bo", "counted", None)}
    assert earned(store) == {"bo": 999, "ann": 299}


def test_nobody_earns_by_sales_from_before_they_brought_somebody(store: Store) -> None:
    campaign(store, levels=("10%", "3%"))
    tell(store, takes_part("ann"), takes_part("bo"), came_by("bo", "ann", 3), bought("o1", 1_000, 2, "BO"))
    assert earned(store) == {"bo": 100}


def test_more_levels_pay_more_people_above(store: Store) -> None:
    campaign(store, levels=("10%", "5%", "1 CNY"))
    tell(
        store,
        *(takes_part(ref) for ref in "abcd"),
        came_by("b", "a", 1),
        came_by("c", "b", 1),
        came_by("d", "c", 1),
        bought("o1", 1_000, 2, "D"),
    )
    assert earned(store) == {"d": 100, "c": 50, "b": 100}


def test_a_refund_takes_back_its_part_and_a_whole_one_everything(store: Store) -> None:
    campaign(store, levels=("10%", "1 CNY"))
    tell(store, takes_part("ann"), takes_part("bo"), came_by("bo", "ann", 1), bought("o1", 1_000, 2, "BO"))
    tell(store, gave_back("o1", 501, 3))
    assert earned(store) == {"bo": 49, "ann": 100}
    tell(store, gave_back("o1", 600, 4, "r2"))
    assert earned(store) == {}
    kinds = store.reader().execute("SELECT kind, level, amount, reason FROM commission_entry ORDER BY id").fetchall()
    assert kinds == [
        ("commission", 1, 100, None),
        ("commission", 2, 100, None),
        ("adjustment", 1, -51, "refund"),
        ("adjustment", 1, -49, "refund"),
        ("adjustment", 2, -100, "refund"),
    ]


def test_a_refund_without_a_line_is_spread_over_its_orders_lines_whichever_comes_first(store: Store) -> None:
    campaign(store)
    lines = [bought("o1", 10_001, 2, "ANN", line="1"), bought("o1", 5_000, 2, "ANN", line="2")]
    whole, second = gave_back("o1", 12_002, 3), gave_back("o1", 1_000, 4, "r2", line="2")
    tell(store, takes_part("ann"), whole, lines[1])
    assert earned(store) == {}
    tell(store, lines[0])
    assert earned(store) == {"ann": 299}  # 29.99 are left of the second line
    tell(store, second)
    assert earned(store) == {"ann": 199}
    found = store.reader().execute("SELECT line, refunded FROM conversion ORDER BY line").fetchall()
    assert found == [("1", 10_001), ("2", 3_001)]


def test_what_is_given_back_beyond_what_was_sold_waits_for_more_of_the_order(store: Store) -> None:
    campaign(store)
    tell(store, takes_part("ann"), bought("o1", 1_000, 2, "ANN", line="1"))
    tell(store, gave_back("o1", 1_500, 3), gave_back("o2", 70, 3, line="7"))
    assert [(one.order_id, one.amount) for one in refunds.waiting(store.reader(), 1)] == [("o1", 500), ("o2", 70)]
    tell(store, bought("o1", 2_000, 2, "ANN", line="2"))
    assert [one.order_id for one in refunds.waiting(store.reader())] == ["o2"]
    assert earned(store) == {"ann": 150}


def test_nothing_of_a_refund_falls_on_a_line_in_another_currency(store: Store) -> None:
    campaign(store)
    foreign = bought("o1", 900, 2, "ANN", line="1", currency="USD")
    tell(store, takes_part("ann"), foreign, bought("o1", 1_000, 2, "ANN", line="2"), gave_back("o1", 600, 3))
    assert earned(store) == {"ann": 40}


def test_a_refund_after_its_time_takes_nothing_back(store: Store) -> None:
    campaign(store, refund_days=7)
    tell(store, takes_part("ann"), bought("o1", 1_000, 2, "ANN"), gave_back("o1", 1_000, 9.01))
    assert earned(store) == {"ann": 100}
    tell(store, gave_back("o1", 10, 9, "r2"))
    assert earned(store) == {"ann": 99}


@pytest.mark.parametrize(
    ("terms", "sale", "reason"),
    [
        ({}, {"currency": "USD"}, "bad-currency"),
        ({"starts": "2026-01-04"}, {}, "out-of-window"),
        ({"ends": "2026-01-02"}, {}, "out-of-window"),
        ({"late_days": 3}, {}, "late"),
        ({}, {"code": "NOBODY"}, "unknown-code"),
        ({}, {"code": None}, "no-code"),
        ({}, {"buyer_uid": "ann"}, "self-referral"),
        ({"levels": ("10%", "5%")}, {"buyer_uid": "top"}, "circular"),
        ({"repeat_buyers": False}, {"buyer_uid": "old"}, "duplicate-buyer"),
        ({}, {"buyer_uid": "old", "kind": "signup"}, "duplicate-buyer"),
    ],
)
def test_what_must_not_be_paid_is_kept_apart_with_the_reason(
    store: Store, terms: dict[str, Any], sale: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(10).isoformat())
    campaign(store, **terms)
    earlier = bought("o0", 1_000, 1.9, "ANN", buyer_uid="old", kind=sale.get("kind", "sale"))
    facts = {"code": "ANN", **sale}
    make.write(store, takes_part("ann"), came_by("ann", "top", 1), earlier, bought("o1", 1_000, 2, **facts), day=10)
    settle(store)
    assert verdicts(store)["o1"][1:] == ("quarantined", reason)
    query = (
        "SELECT count(*) FROM commission_entry JOIN conversion ON conversion.id = conversion_id WHERE order_id = 'o1'"
    )
    assert store.reader().execute(query).fetchone() == (0,)


def test_whoever_is_excluded_earns_nothing_and_nobody_in_their_place(store: Store) -> None:
    campaign(store, levels=("10%", "5%", "2%"), exclusions=("staff",))
    tell(
        store,
        *(takes_part(ref) for ref in ("staff", "bo", "top")),
        came_by("staff", "top", 1),
        came_by("bo", "staff", 1),
        bought("o1", 1_000, 2, "STAFF"),
        bought("o2", 1_000, 2, "BO"),
    )
    assert verdicts(store)["o1"] == ("staff", "rejected", "excluded")
    assert earned(store) == {"bo": 100, "top": 20}


def test_somebody_merged_with_the_buyer_is_paid_no_more(store: Store) -> None:
    from kolbench.store import merges

    campaign(store)
    make.write(store, make.person("x"), make.person("y"))
    tell(
        store,
        takes_part("ann", account_uid="x"),
        takes_part("bo", account_uid="y"),
        bought("o1", 1_000, 2, "ANN", buyer_uid="bo"),
    )
    assert earned(store) == {"ann": 100}
    merge = merges.merge(store, make.creator(store, "x"), make.creator(store, "y"), "me")
    settle(store)
    assert verdicts(store)["o1"] == ("ann", "quarantined", "self-referral")
    assert earned(store) == {}
    merges.undo(store, merge, "me")
    settle(store)
    assert earned(store) == {"ann": 100}


def test_a_cap_of_an_order_is_shared_by_its_lines_and_levels(store: Store) -> None:
    campaign(store, levels=("10%", "5%"), cap_per_order="1.60 CNY")
    tell(
        store,
        takes_part("ann"),
        takes_part("bo"),
        came_by("bo", "ann", 0),
        bought("o1", 1_000, 2, "BO", line="1"),
        bought("o1", 1_000, 1, "BO", line="2"),
        bought("o2", 1_000, 1, "BO", line="2"),
    )
    assert earned(store) == {"bo": 100 + 10 + 100, "ann": 50 + 50}


def test_a_cap_of_a_person_goes_by_the_moments_of_the_sales(store: Store) -> None:
    campaign(store, levels=("10%", "5%"), cap_per_person="2.20 CNY")
    tell(store, takes_part("ann"), takes_part("bo"), came_by("bo", "ann", 0), bought("late", 1_000, 9, "ANN"))
    tell(store, *(bought(f"o{day}", 1_000, day, "ANN") for day in (3, 2, 1)))
    by_order = dict(
        store.reader()
        .execute(
            "SELECT order_id, sum(entry.amount) FROM commission_entry AS entry"
            " JOIN conversion ON conversion.id = conversion_id GROUP BY 1"
        )
        .fetchall()
    )
    assert by_order == {"o1": 100, "o2": 100, "o3": 20, "late": 0}
    tell(store, gave_back("o1", 1_000, 4), bought("b", 600, 2.5, "BO"))
    assert earned(store) == {"ann": 220, "bo": 60}


def test_the_buyer_gets_a_reward_for_the_first_time(store: Store) -> None:
    campaign(store, referee=Referee(reward="5 CNY"))
    tell(
        store,
        takes_part("ann"),
        bought("o2", 1_000, 2, "ANN", buyer_uid="bo"),
        bought("o1", 1_000, 1, "ANN", buyer_uid="bo"),
        bought("o3", 1_000, 1, "ANN", buyer_uid="cy"),
    )
    assert earned(store) == {"ann": 300}, "who doesn't take part has got it at the till, or not"
    tell(store, takes_part("bo"))
    assert earned(store) == {"ann": 300, "bo": 500}
    tell(store, gave_back("o1", 1_000, 3))
    assert earned(store) == {"ann": 200}, "what was given back is not another first time"


def test_a_new_version_of_the_terms_holds_for_what_happens_from_then_on(store: Store) -> None:
    from kolbench.store import campaigns

    campaign_id = campaign(store)
    tell(store, takes_part("ann"), *(bought(f"o{day}", 1_000, day, "ANN") for day in (1, 2, 3)))
    terms = campaigns.terms(store, campaign_id)
    from msgspec import structs

    campaigns.save(store, structs.replace(terms, levels=("20%",)), "me", campaign_id, from_at=make.ms(2))
    settle(store)
    assert earned(store) == {"ann": 100 + 200 + 200}
    tell(store, bought("o0", 1_000, 0, "ANN"), bought("o9", 1_000, 9, "ANN"))
    assert earned(store) == {"ann": 100 + 100 + 200 + 200 + 200}


def test_decisions_about_the_quarantine_hold_and_are_undone(store: Store) -> None:
    campaign_id = campaign(store, ends="2026-01-05")
    tell(store, takes_part("ann"), bought("o1", 1_000, 9, "ANN"), bought("o2", 1_000, 2, "NOBODY"))
    late, nobodys = (one.id for one in conversions.quarantined(store.reader(), campaign_id))
    conversions.decide(store, [late], "accept", "me", "told by phone before")
    with pytest.raises(UsageError, match="nobody is known"):
        conversions.decide(store, [nobodys], "accept", "me", "x")
    ann = participants.find(store, campaign_id, "ann")
    conversions.decide(store, [nobodys], "assign", "me", "a typo", ann)
    settle(store)
    assert earned(store) == {"ann": 200}
    conversions.decide(store, [late, nobodys], "reject", "me", "a fraud after all")
    settle(store)
    assert earned(store) == {}
    assert verdicts(store)["o1"] == ("ann", "rejected", "by-hand")
    for left in (200, 100, 0):
        changes.undo(store, "me")
        settle(store)
        assert sum(earned(store).values()) == left


@pytest.mark.parametrize("account", ["id1", "acc1", "@Acc1", "handle:acc1", "demo:acc1", "demo:id1"])
@pytest.mark.parametrize("first", ["the account", "the participant"])
def test_nobody_earns_by_their_other_id_whether_their_account_is_told_before_or_after(
    store: Store, first: str, account: str
) -> None:
    campaign(store)
    known = make.person("id1", handle="acc1")
    parts = (takes_part("ann", account_uid=account), takes_part("bo", account_uid="id1"))
    for records in ((known,), parts) if first == "the account" else (parts, (known,)):
        tell(store, *records, bought("o1", 1_000, 2, "ANN", buyer_uid="bo"))
    assert verdicts(store)["o1"] == ("ann", "quarantined", "self-referral")
    assert earned(store) == {}


def test_an_operators_word_of_who_takes_part_stays_when_a_source_tells_another_account(store: Store) -> None:
    campaign_id = campaign(store)
    make.write(store, make.person("x"), make.person("y"))
    with changes.act(store, "me", "participant") as act:
        participants.add(act, campaign_id, "ann", creator_id=make.creator(store, "x"))
        participants.add(act, campaign_id, "bo")
    tell(store, takes_part("ann", account_uid="y"), takes_part("bo", account_uid="y"))
    found = {one.ref: one.creator_id for one in participants.listed(store.reader(), campaign_id)}
    assert found == {"ann": make.creator(store, "x"), "bo": make.creator(store, "y")}


def test_a_participant_follows_the_handle_that_was_told_of_them(store: Store) -> None:
    campaign_id = campaign(store)
    tell(store, takes_part("ann", account_uid="@tea"), make.person("1", handle="tea"))
    make.write(store, make.person("1", handle="coffee"), day=1)
    assert participants.get(store.reader(), 1).creator_id == make.creator(store, "1"), "who bore it is who it was"
    make.write(store, make.person("2", handle="tea"), day=2)
    found = [one.creator_id for one in participants.listed(store.reader(), campaign_id)]
    assert found == [make.creator(store, "2")]


def test_codes_and_clicks_that_are_told_later_find_what_was_sold(store: Store) -> None:
    campaign(store, attribution="first_click", window_days=7)
    tell(store, bought("o1", 1_000, 9, "BO", buyer_uid="cy"))
    assert verdicts(store)["o1"] == (None, "quarantined", "unknown-code")
    tell(store, takes_part("bo"))
    assert verdicts(store)["o1"] == ("bo", "counted", None)
    tell(store, clicked("cy", "ann", 8))
    assert verdicts(store)["o1"] == ("ann", "counted", None)
    tell(store, clicked("cy", "dee", 3), clicked("cy", "far", 1))
    assert verdicts(store)["o1"] == ("dee", "counted", None)
    assert earned(store) == {"dee": 100}


def test_what_is_told_by_a_code_waits_for_whoever_gets_it(store: Store) -> None:
    campaign_id = campaign(store, attribution="last_click", levels=("10%", "5%"))
    click = clicked("cy", "", 1, participant_uid=None, code="bo")
    tell(store, click, click, bought("o1", 1_000, 2, buyer_uid="cy"), bought("o2", 1_000, 2, "Bo"))
    tell(store, came_by("dee", "", 1, parent_uid=None, code="BO"), click)
    aside = {"o1": (None, "quarantined", "no-code"), "o2": (None, "quarantined", "unknown-code")}
    assert verdicts(store) == aside
    assert participants.waiting(store.reader()) == (1, 1, 1)
    before = participants.newest_code(store.reader())
    tell(store, takes_part("ann"), takes_part("bo"), takes_part("dee"), bought("o3", 1_000, 3, "DEE"))
    assert participants.taken_up(store.reader(), before) == 3
    assert participants.waiting(store.reader()) == (0, 0, 0)
    assert verdicts(store) == {
        order: (ref, "counted", None) for order, ref in (("o1", "bo"), ("o2", "bo"), ("o3", "dee"))
    }
    assert earned(store) == {"bo": 250, "dee": 100}
    assert make.write(store, click).unchanged == 1
    bo = participants.find(store, campaign_id, "bo")
    with pytest.raises(sqlite3.IntegrityError, match="the code was used"), store.writing() as db:
        db.execute("DELETE FROM referral_code WHERE participant_id = ?", (bo,))


def test_a_correction_of_a_referral_moves_the_money_and_is_undone(store: Store) -> None:
    campaign_id = campaign(store, levels=("10%", "5%"))
    tell(store, *(takes_part(ref) for ref in ("ann", "bo", "cy")), came_by("bo", "ann", 1), came_by("cy", "bo", 1))
    tell(store, bought("o1", 1_000, 2, "BO"))
    ids = {one.ref: one.id for one in participants.listed(store.reader(), campaign_id)}
    with pytest.raises(UsageError, match="circle"):
        referrals.correct(store, ids["ann"], ids["cy"], "me", "no")
    referrals.correct(store, ids["bo"], None, "me", "came by an advertisement")
    settle(store)
    assert earned(store) == {"bo": 100}
    changes.undo(store, "me")
    settle(store)
    assert earned(store) == {"bo": 100, "ann": 50}


def test_a_code_that_is_given_out_later_goes_before_by_whom_the_buyer_came(store: Store) -> None:
    campaign(store)
    tell(store, came_by("cy", "ann", 1), bought("o1", 1_000, 2, "BO", buyer_uid="cy"))
    assert verdicts(store)["o1"] == ("ann", "counted", None)
    tell(store, takes_part("bo"))
    assert verdicts(store)["o1"] == ("bo", "counted", None)


# In any order ---------------------------------------------------------------------------------------------------

PEOPLE = "abcdef"
DAYS = st.integers(0, 12)
SHOPPERS = st.one_of(st.none(), st.sampled_from([*PEOPLE, "x", "y"]))

JOINING = st.builds(
    lambda ref, account: takes_part(ref, account_uid=account),
    st.sampled_from(PEOPLE),
    st.sampled_from([None, None, "acc1", "@acc2", "demo:acc1", "id2"]),
)
KNOWN = st.sampled_from([
    make.person("id1", handle="acc1"),
    make.person("handle:acc1", handle="acc1"),
    make.person("id2", handle="acc2"),
])  # fmt: skip
NAMED = st.sampled_from([*PEOPLE, *PEOPLE.upper()])
"""Whose something is, by their id, or by their code in its place."""

COMING = st.one_of(
    st.builds(came_by, st.sampled_from(PEOPLE), NAMED, DAYS),
    st.builds(
        lambda child, code, day: came_by(child, "", day, parent_uid=None, code=code),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        DAYS,
    ),
)
CLICKING = st.one_of(
    st.builds(clicked, st.sampled_from([*PEOPLE, "x", "y"]), NAMED, DAYS),
    st.builds(
        lambda visitor, code, day: clicked(visitor, "", day, participant_uid=None, code=code),
        st.sampled_from([*PEOPLE, "x", "y"]),
        st.sampled_from(PEOPLE),
        DAYS,
    ),
)
BUYING = st.builds(
    lambda order, line, day, code, buyer, kind, told: bought(
        order, int(order) * 333, day, code, line=line, buyer_uid=buyer, kind=kind, participant_uid=told
    ),
    st.sampled_from("13579"),
    st.sampled_from(["", "1", "2"]),
    DAYS,
    st.one_of(st.none(), st.sampled_from(PEOPLE)),
    SHOPPERS,
    st.sampled_from(["sale", "sale", "signup"]),
    st.sampled_from([None, None, None, "a", "B"]),
)
GIVING_BACK = st.builds(
    lambda order, line, amount, day, refund: gave_back(order, amount, day, refund, line=line),
    st.sampled_from("13579"),
    st.sampled_from(["", "", "1", "2"]),
    st.integers(1, 4_000),
    DAYS,
    st.sampled_from(["r1", "r2"]),
)
STORIES = st.tuples(
    st.lists(JOINING, min_size=3, max_size=8),
    st.lists(KNOWN, max_size=3),
    st.lists(COMING, max_size=8),
    st.lists(CLICKING, max_size=5),
    st.lists(BUYING, min_size=3, max_size=12),
    st.lists(GIVING_BACK, max_size=4),
).map(lambda parts: [record for part in parts for record in part])

TERMS = st.fixed_dictionaries(
    {
        "levels": st.sampled_from([("10%",), ("10%", "5%"), ("7.77%", "1 CNY", "2%"), ()]),
        "attribution": st.sampled_from(["code", "first_click", "last_click"]),
        "window_days": st.sampled_from([2, 30]),
        "refund_days": st.sampled_from([1, 30]),
        "starts": st.sampled_from(["", "2026-01-03"]),
        "cap_per_person": st.sampled_from(["", "1 CNY", "3 CNY"]),
        "cap_per_order": st.sampled_from(["", "0.5 CNY"]),
        "repeat_buyers": st.booleans(),
        "pays_for": st.sampled_from([("sale",), ("sale", "signup")]),
        "exclusions": st.sampled_from([(), ("b",)]),
        "referee": st.sampled_from([Referee(), Referee(reward="3%"), Referee(reward="1 CNY", every=True)]),
    }
)


def once(story: list[Record]) -> list[Record]:
    """The story without tellings that contradict an earlier one, which are refused by their order."""
    seen: dict[object, Record] = {}
    by_lines: dict[str, bool] = {}
    for record in story:
        if isinstance(record, ConversionRecord):
            is_line = record.line != ""
            if by_lines.setdefault(record.order_id, is_line) != is_line:
                continue
        order = (type(record), *(getattr(record, name, None) for name in ("order_id", "line", "refund_id")))
        seen.setdefault(order if order[1] else str(record), record)
    return list(seen.values())


def in_parts(story: list[Record], chance: random.Random) -> list[Record]:
    """The story with each sale told twice: what one telling leaves out of whose it is, the other says."""
    told: list[Record] = []
    for record in story:
        if not isinstance(record, ConversionRecord):
            told.append(record)
            continue
        lacks = {name: chance.randint(0, 2) for name in ("code", "participant_uid", "buyer_uid")}
        left_out = [dict.fromkeys((name for name in lacks if lacks[name] == n), None) for n in range(2)]
        told.extend(structs.replace(record, **some) for some in left_out)
    return told


def state(store: Store) -> Any:
    db = store.reader()
    ledger = (
        "SELECT ref, source || order_id || line, level, sum(entry.amount) FROM commission_entry AS entry"
        " JOIN participant ON participant.id = entry.participant_id JOIN conversion ON conversion.id = conversion_id"
        " GROUP BY 1, 2, 3 HAVING sum(entry.amount) <> 0 ORDER BY 1, 2, 3"
    )
    tree = (
        "SELECT child.ref, parent.ref, child.referred_at FROM participant AS child"
        " LEFT JOIN participant AS parent ON parent.id = child.parent_id"
        f" WHERE NOT EXISTS ({participants.STANDS_FOR.format(one='child')}) ORDER BY 1"
    )
    left = "SELECT order_id, line, refunded FROM conversion ORDER BY 1, 2"
    return verdicts(store), *(db.execute(query).fetchall() for query in (ledger, tree, left))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store to copy, which is faster than to make one."""
    path = tmp_path_factory.mktemp("empty")
    make.store(path).close()
    return path / "kolbench.db"


@settings(max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(STORIES, TERMS, st.randoms(use_true_random=False))
def test_any_order_of_arrival_and_any_replay_come_to_the_same(
    empty: Path, story: list[Record], terms: dict[str, Any], chance: random.Random
) -> None:
    story = once(story)
    outcomes = []
    for how in ("at once", "one by one", "in another order, twice"):
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setenv("KOLBENCH_NOW", make.moment(20).isoformat())
            shutil.copy(empty, folder)
            store = make.store(Path(folder))
            campaign(store, **terms)
            if how == "at once":
                make.write(store, *story)
                settle(store)
            elif how == "one by one":
                parts = in_parts(story, chance)
                for record in chance.sample(parts, len(parts)):
                    assert not make.write(store, record).refused
                    settle(store)
            else:
                shuffled = [*story, *in_parts(story, chance)]
                chance.shuffle(shuffled)
                while shuffled:
                    n = chance.randint(1, 5)
                    make.write(store, *shuffled[:n])
                    del shuffled[:n]
                    settle(store)
            outcomes.append(state(store))
            assert acyclic(store)
            assert settle(store).entries == 0
            store.close()
    assert outcomes[0] == outcomes[1] == outcomes[2]


def by_number(store: Store) -> Any:
    """Whose each conversion is, what the ledger says and who came by whom, with numbers in the place of refs."""
    queries = (
        "SELECT id, participant_id, state FROM conversion ORDER BY 1",
        "SELECT participant_id, conversion_id, level, sum(amount) FROM commission_entry GROUP BY 1, 2, 3"
        " HAVING sum(amount) <> 0 ORDER BY 1, 2, 3",
        "SELECT id, parent_id, referred_at FROM participant ORDER BY 1",
    )
    return [store.reader().execute(query).fetchall() for query in queries]


@settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(STORIES, TERMS, st.randoms(use_true_random=False))
def test_forgetting_anybody_leaves_what_was_decided_as_it_is(
    empty: Path, story: list[Record], terms: dict[str, Any], chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLBENCH_NOW", make.moment(20).isoformat())
        shutil.copy(empty, folder)
        store = make.store(Path(folder))
        campaign(store, **terms)
        chance.shuffle(story := once(story))
        make.write(store, *story)
        settle(store)
        for _someone in range(2):
            before = by_number(store)
            one = chance.choice([row[0] for row in before[2]])
            erasure.erase(store, erasure.of_participant(store, one))
            unsettled.everything(store)
            assert settle(store).placed == 0
            states = {"rejected", "quarantined"}  # what they bought of themself can't be told any more
            for (number, whose, state), (*_same, now) in zip(before[0], (after := by_number(store))[0]):
                assert now == state or {now, state} == states, (number, whose)
            assert [row[:2] for row in after[0]] == [row[:2] for row in before[0]]
            assert after[1:] == before[1:]
        store.close()


def test_who_is_forgotten_keeps_their_place_among_those_of_the_same_moment(store: Store) -> None:
    campaign_id = campaign(store, attribution="last_click", levels=("10%", "5%"))
    tell(
        store,
        *(takes_part(ref) for ref in ("ann", "zoe", "mia", "kim")),
        *(came_by("mia", parent, 1) for parent in ("ann", "zoe")),
        came_by("kim", "ann", 1),
        came_by("ann", "kim", 1),
        *(clicked("x", ref, 1) for ref in ("ann", "zoe")),
        bought("o1", 1_000, 2, "MIA"),
        bought("o2", 1_000, 2, buyer_uid="x"),
    )
    before = by_number(store)
    assert earned(store) == {"mia": 100, "ann": 150, "kim": 50}
    ann = participants.find(store, campaign_id, "ann")
    erasure.erase(store, erasure.of_participant(store, ann))
    tell(store, came_by("mia", "bob", 1), clicked("x", "bob", 1))
    unsettled.everything(store)
    assert settle(store).entries == 0
    assert [rows[: len(before[n])] for n, rows in enumerate(by_number(store))] == before


def acyclic(store: Store) -> bool:
    parents = dict(store.reader().execute("SELECT id, parent_id FROM participant").fetchall())
    for one in parents:
        seen = set()
        while one is not None:
            if one in seen:
                return False
            seen.add(one)
            one = parents[one]
    return True
