"""People in campaigns who are merged, taken apart again, and erased: no sum of the ledger changes by it."""

from __future__ import annotations

import re
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import make
from campaigning import TEA, bought, came_by, campaign, clicked, dump, gave_back, takes_part
from kolbench.analysis.campaigns import standings
from kolbench.domain.campaigns import Terms
from kolbench.domain.errors import UsageError
from kolbench.programme.campaigns import board
from kolbench.programme.settling import settle
from kolbench.store import (
    campaigns,
    changes,
    commissions,
    consents,
    conversions,
    erasure,
    flags,
    merges,
    participants,
    payouts,
    referrals,
    unsettled,
    waves,
)
from kolbench.store.flags import Cause

if TYPE_CHECKING:
    from kolbench.store.connect import Store

NAMES = ("ann", "bo", "cy", "dee")


def tell(store: Store) -> None:
    """Four people whose accounts are known, each brought by the one before, who sell and buy from one another."""
    campaign(store, levels=("10%", "5%"), exclusions=("staff",), starts="2026-01-02")
    make.write(store, *(make.person(f"{name}@shop", name=name.title()) for name in NAMES))
    make.write(
        store,
        *(takes_part(name, account_uid=f"{name}@shop", name=name.title()) for name in NAMES),
        *(came_by(child, parent, 1) for parent, child in pairwise(NAMES)),
        *(bought(f"o{n}", 1_000 * n, n, name.upper()) for n, name in enumerate(NAMES, 1)),
        bought("cross", 5_000, 5, "ANN", buyer_uid="dee", device="phone"),
        clicked("dee", "bo", 4),
        gave_back("o2", 500, 6),
    )
    settle(store)


def sums(store: Store) -> Any:
    """What the ledger says by the number of the participant, whoever that is."""
    query = "SELECT participant_id, level, sum(amount) FROM commission_entry GROUP BY 1, 2 HAVING sum(amount) <> 0"
    return store.reader().execute(query).fetchall()


def everything(store: Store) -> dict[str, Any]:
    """All that was told and derived of campaigns, but not the single entries of the ledger."""
    names = ("participant", "referral_edge", "referral_code", "conversion", "refund", "touch")
    kept = {table: rows for table, rows in dump(store).items() if table in names}
    return {**kept, "sums": sums(store)}


@settings(max_examples=15, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=5), st.randoms())
def test_merges_and_their_undoing_in_any_order_leave_campaigns_as_they_were(
    pairs: list[tuple[str, str]], chance: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        tell(store)
        before = everything(store)
        ids = {name: make.creator(store, f"{name}@shop") for name in NAMES}
        done = []
        for one, other in pairs:
            if merges.root(store.reader(), ids[one]) != merges.root(store.reader(), ids[other]):
                done.append(merges.merge(store, ids[one], ids[other], "me"))
                settle(store)
                assert {row[0] for row in store.reader().execute("SELECT creator_id FROM participant")} <= {
                    merges.root(store.reader(), creator_id) for creator_id in ids.values()
                }
        chance.shuffle(done)
        for merge in done:
            merges.undo(store, merge, "me")
            settle(store)
        assert everything(store) == before
        store.close()


def shown_to_all(store: Store) -> list[str]:
    """The names on the public page, the best first; empty where they are hidden."""
    standings.refresh(store)
    return [row.name for row in board.of(store, 1).rows]


def test_who_is_hidden_is_named_by_no_other_part_of_theirs_and_all_comes_back(store: Store) -> None:
    tell(store)
    ann, bo, cy, dee = (participants.find(store, 1, name) for name in NAMES)
    waves.consent(store, [ann, bo, cy, dee], "full", "me")
    before = shown_to_all(store)
    assert {"Ann", "Dee"} < set(before)
    waves.consent(store, [ann], "hidden", "me")
    merge = merges.merge(store, make.creator(store, "ann@shop"), make.creator(store, "dee@shop"), "me")
    settle(store)
    assert not {"Ann", "Dee"} & set(shown_to_all(store))
    assert {part.name for part in consents.others(store.reader(), [ann, cy])[ann]} == {"Dee"}
    assert [participants.get(store.reader(), one).shown for one in (ann, dee)] == ["hidden", "hidden"]
    merges.undo(store, merge, "me")
    settle(store)
    assert shown_to_all(store) == ["" if name == "Ann" else name for name in before]


def test_a_consent_holds_for_all_parts_of_a_person_and_for_none_that_turns_out_to_be_somebody_else(
    store: Store,
) -> None:
    tell(store)
    ann, _bo, cy, dee = (participants.find(store, 1, name) for name in NAMES)
    waves.consent(store, [ann], "masked", "me")
    merge = merges.merge(store, make.creator(store, "ann@shop"), make.creator(store, "dee@shop"), "me")
    settle(store)
    assert waves.consent(store, [ann, cy], "full", "me") == 2
    assert {"Ann", "Cy", "Dee"} <= set(shown_to_all(store))
    merges.undo(store, merge, "me")
    settle(store)
    assert [participants.get(store.reader(), one).shown for one in (ann, dee, cy)] == ["masked", "hidden", "full"]
    again = merges.merge(store, make.creator(store, "ann@shop"), make.creator(store, "dee@shop"), "me")
    waves.consent(store, [dee], "full", "me")
    changes.undo(store, "me")
    assert participants.get(store.reader(), dee).shown == "hidden"
    merges.undo(store, again, "me")
    assert [participants.get(store.reader(), one).shown for one in (ann, dee)] == ["masked", "hidden"]


def test_two_accounts_of_one_person_earn_nothing_by_each_other(store: Store) -> None:
    tell(store)
    before = sums(store)
    merge = merges.merge(store, make.creator(store, "dee@shop"), make.creator(store, "ann@shop"), "me")
    settle(store)
    assert conversions.reasons(store.reader(), 1) == {"self-referral": 1}
    merges.undo(store, merge, "me")
    settle(store)
    assert sums(store) == before


def test_who_turns_out_to_be_the_buyer_earns_nothing_by_those_they_brought(store: Store) -> None:
    campaign(store, levels=("10%", "5%"))
    make.write(store, make.person("ann@shop"))
    story = (takes_part("shopper", account_uid="ann@shop"), takes_part("ann", account_uid="ann@shop"))
    make.write(store, takes_part("bo"), came_by("bo", "ann", 0), bought("o1", 1_000, 1, "BO", buyer_uid="shopper"))
    for one in story:
        make.write(store, one)
        settle(store)
    assert conversions.reasons(store.reader(), 1) == {"circular": 1}
    assert sums(store) == []
    erasure.erase(store, erasure.find(store, str(make.creator(store, "ann@shop"))))
    with store.writing() as db:
        db.execute("INSERT OR IGNORE INTO unsettled_conversion SELECT id FROM conversion")
    settle(store)
    assert sums(store) == []


def test_nobody_comes_by_themselves_as_long_as_two_are_one_person(store: Store) -> None:
    tell(store)
    make.write(store, came_by("bo", "dee", 2))
    settle(store)
    ann, bo, _cy, _dee = (participants.find(store, 1, name) for name in NAMES)
    before = everything(store)
    merge = merges.merge(store, make.creator(store, "ann@shop"), make.creator(store, "bo@shop"), "me")
    settle(store)
    assert [(one.child_id, one.aside) for one in referrals.aside(store.reader(), 1)] == [
        (bo, "self-referral"),
        (bo, "circular"),
    ]
    assert participants.get(store.reader(), bo).parent_id is None
    assert (ann, 2, 100) not in sums(store)
    with pytest.raises(UsageError, match="one person"):
        referrals.correct(store, bo, ann, "me", "as they say")
    merges.undo(store, merge, "me")
    settle(store)
    assert everything(store) == before


def test_a_correction_that_turns_out_to_name_themselves_leaves_nobody(store: Store) -> None:
    tell(store)
    ann, bo, cy, _dee = (participants.find(store, 1, name) for name in NAMES)
    referrals.correct(store, cy, ann, "me", "told on the phone")
    merge = merges.merge(store, make.creator(store, "ann@shop"), make.creator(store, "cy@shop"), "me")
    settle(store)
    assert participants.get(store.reader(), cy).parent_id is None, "what was corrected is not in force again"
    merges.undo(store, merge, "me")
    settle(store)
    assert participants.get(store.reader(), cy).parent_id == ann
    assert participants.get(store.reader(), bo).parent_id == ann


def test_who_did_not_come_by_themselves_does_not_when_they_are_erased(store: Store) -> None:
    tell(store)
    merges.merge(store, make.creator(store, "ann@shop"), make.creator(store, "bo@shop"), "me")
    settle(store)
    before = sums(store)
    erasure.erase(store, erasure.find(store, str(make.creator(store, "ann@shop"))))
    unsettled.everything(store)
    assert settle(store)[::2] == (0, 0)
    assert sums(store) == before


def test_what_is_given_back_is_taken_off_at_once_also_where_new_terms_hold_longer(store: Store) -> None:
    campaign_id = campaign(store, hold_days=0)
    make.write(store, takes_part("ann"), bought("o1", 1_000, 0, "ANN"))
    settle(store)
    payout = payouts.make(store, campaign_id, "me")
    assert payout is not None
    payouts.mark_paid(store, payout, "me")
    campaigns.save(store, Terms(name=TEA, hold_days=3_650), "me", campaign_id, from_at=0)
    make.write(store, gave_back("o1", 1_000, 1))
    settle(store)
    assert commissions.balance(store.reader(), 1)[2:] == (0, 0, 0, -100, 0, 100)


def overfull(store: Store) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(one.payout_id, one.amount, one.names) for one in payouts.overfull(store.reader(), 1)]


def test_a_payout_of_somebody_who_owes_for_another_order_that_was_paid_holds_too_much(store: Store) -> None:
    campaign(store, hold_days=0)
    make.write(store, takes_part("ann"), takes_part("bo"), bought("o1", 5_000, 0, "ANN"))
    settle(store)
    payouts.mark_paid(store, payouts.make(store, 1, "me") or 0, "me")
    make.write(store, bought("o2", 1_000, 0, "ANN"), bought("o3", 1_000, 0, "BO"))
    settle(store)
    waiting = payouts.make(store, 1, "me")
    assert overfull(store) == []
    make.write(store, gave_back("o1", 5_000, 1))
    settle(store)
    assert overfull(store) == [(waiting, 100, ("ann",))], "no more of it than what it has of hers"
    assert payouts.owed_back(store.reader(), 1) == (500, 1)
    with pytest.raises(UsageError, match="too much, to ann"):
        payouts.note_written(store, waiting or 0, "me")
    payouts.drop(store, waiting or 0, "me")
    assert overfull(store) == []
    assert payouts.owed_back(store.reader(), 1) == (400, 1)


def test_what_is_taken_by_hand_makes_a_payout_hold_too_much_though_something_is_on_hold(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign(store, hold_days=10)
    make.write(store, takes_part("ann"), bought("o1", 5_000, 0, "ANN"), bought("o2", 9_000, 9, "ANN"))
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(11).isoformat())
    settle(store)
    assert payouts.make(store, 1, "me") == 1
    commissions.adjust(store, 1, -480, "me", "paid in cash")
    assert commissions.balance(store.reader(), 1)[2:] == (920, 900, 0, -480, 500, 0)
    assert overfull(store) == [(1, 480, ("ann",))]
    commissions.adjust(store, 1, 480, "me", "it wasn't")
    assert overfull(store) == []


def test_a_payout_holds_what_is_due_where_a_cap_only_moves_it_to_another_order(store: Store) -> None:
    campaign(store, hold_days=0, cap_per_person="5 CNY")
    make.write(store, takes_part("ann"), bought("o2", 1_000, 2, "ANN"))
    settle(store)
    assert payouts.make(store, 1, "me") == 1
    make.write(store, bought("o1", 5_000, 1, "ANN"))
    settle(store)
    assert commissions.balance(store.reader(), 1)[2:] == (500, 0, 0, 400, 100, 0)
    assert overfull(store) == []


def test_who_comes_in_while_two_are_merged_goes_home_with_their_account(store: Store) -> None:
    campaign(store)
    make.write(store, make.person("ann@shop"), make.person("bo@shop"))
    merge = merges.merge(store, make.creator(store, "bo@shop"), make.creator(store, "ann@shop"), "me")
    make.write(store, takes_part("ann", account_uid="ann@shop"), takes_part("bo", account_uid="bo@shop"))
    make.write(store, bought("o1", 1_000, 1, "ANN", buyer_uid="bo"))
    settle(store)
    assert conversions.reasons(store.reader(), 1) == {"self-referral": 1}
    merges.undo(store, merge, "me")
    settle(store)
    assert sums(store) == [(1, 1, 100)]


@pytest.mark.parametrize("merged", [False, True])
def test_erasing_a_person_leaves_the_sums_and_no_trace(store: Store, merged: bool) -> None:
    tell(store)
    ids = {one.ref: one.id for one in participants.listed(store.reader(), 1)}
    if merged:
        merges.merge(store, make.creator(store, "dee@shop"), make.creator(store, "ann@shop"), "me")
        settle(store)
    commissions.adjust(store, ids["dee"], 700, "me", "for Dee's trouble")
    referrals.correct(store, ids["dee"], ids["cy"], "me", "Dee says so")
    conversions.decide(store, [4], "accept", "me", "Dee wrote to us")
    with changes.act(store, "me", "participant") as act:
        make.give_code(act, ids["dee"], "dee-2")
    with store.writing() as db:
        flags.note(db, [Cause(1, "burst", "dee", "minor", {"who": "Dee"}, ids["dee"])])
    settle(store)
    before = sums(store)
    erasure.erase(store, erasure.find(store, str(make.creator(store, "dee@shop"))))
    settle(store)
    assert sums(store) == before
    db = store.reader()
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    for table, rows in dump(store).items():
        assert not re.search("(?<![0-9a-f])dee(?![0-9a-f])", str(rows).casefold()), table  # a hash may hold it
    with store.writing() as writer:
        writer.execute("INSERT INTO unsettled_conversion SELECT id FROM conversion")
    settle(store)
    assert sums(store) == before, "and they are the same when all of it is worked out again"


def test_whoever_was_erased_is_still_paid_as_nobody(store: Store) -> None:
    tell(store)
    erasure.erase(store, erasure.find(store, str(make.creator(store, "bo@shop"))))
    payout = payouts.make(store, 1, "me")
    assert payout is not None
    (line,) = (one for one in payouts.lines(store.reader(), payout) if one.ref.startswith("erased:"))
    assert (line.name, line.creator_id) == (None, None)


@settings(max_examples=25, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("sell"), st.sampled_from(NAMES), st.integers(1, 5_000)),
            st.tuples(st.just("refund"), st.integers(1, 9), st.integers(1, 5_000)),
            st.tuples(st.just("pay"), st.integers(1, 500), st.booleans()),
            st.tuples(st.just("give"), st.sampled_from(NAMES), st.integers(-300, 300).filter(bool)),
        ),
        max_size=14,
    )
)
def test_payouts_and_the_ledger_add_up_to_the_last_unit(story: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLBENCH_NOW", make.moment(40).isoformat())
        store = make.store(Path(folder))
        campaign(store, levels=("10%", "3.33%"), hold_days=0)
        make.write(store, *map(takes_part, NAMES), *(came_by(b, a, 0) for a, b in pairwise(NAMES)))
        sold = 0
        for what, one, amount in story:
            if what == "sell":
                sold += 1
                make.write(store, bought(f"o{sold}", amount, 1, one.upper()))
            elif what == "refund":
                make.write(store, gave_back(f"o{one}", amount, 2, f"r{amount}"))
            elif what == "give":
                commissions.adjust(store, participants.find(store, 1, one), amount, "me", "by hand")
            settle(store)
            if what == "pay" and (payout := payouts.make(store, 1, "me", one)) is not None:
                assert all(line.amount >= one for line in payouts.lines(store.reader(), payout))
                if amount:
                    payouts.mark_paid(store, payout, "me")
            check(store)
        store.close()


def check(store: Store) -> None:
    db = store.reader()
    balances = commissions.balances(db, 1)
    for one in balances:
        assert one.earned == one.held + one.flagged + one.due + one.paying + one.paid
        assert one.earned == sum(entry.amount for entry in commissions.statement(db, one.participant_id))
    (ledger,) = db.execute("SELECT coalesce(sum(amount), 0) FROM commission_entry").fetchone()
    assert sum(one.earned for one in balances) == ledger
    paid = [one for one in payouts.listed(db, 1) if one.paid_at is not None]
    assert sum(one.paid for one in balances) == sum(one.amount for one in paid)
    for payout in payouts.listed(db, 1):
        assert payout.amount == sum(line.amount for line in payouts.lines(db, payout.id))
