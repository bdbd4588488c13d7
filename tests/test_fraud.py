"""What looks like fraud in a campaign: each check on a case that shows it and on one that is like it and doesn't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import campaigning
import make
from campaigning import bought, came_by, clicked, gave_back, takes_part
from kolbench.domain.campaigns import Referee
from kolbench.domain.clock import MINUTE, SECOND
from kolbench.programme import fraud
from kolbench.programme.campaigns import fresh
from kolbench.store import changes, commissions, erasure, flags, participants, payouts
from kolbench.store.suspicions import Case, Known, Sale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kolbench.store.connect import Store


def sale(n: int, at: int | None = None, **facts: Any) -> Sale:
    """The ``n``-th sale: an hour after the one before, to somebody else."""
    told = {"buyer": f"b{n}", "amount": 100, "refunded": 0, "payment": None, "device": None, "address": None}
    moment = n * 60 * MINUTE + n * n * MINUTE if at is None else at
    return Sale(**{"id": n, "at": moment, "clicked_at": None, "elsewhere": None, **told, **facts})


def case(sales: Iterable[Sale], **own: Iterable[str]) -> Case:
    """A participant who sold this, and themself bought with these."""
    return Case(1, 7, list(sales), {kind: frozenset(own.get(kind, ())) for kind in ("payment", "device", "address")})


def found(one: Case, known: dict[tuple[str, str], Known] | None = None) -> dict[str, str]:
    """The severity of what is found, by kind."""
    return {cause.kind: cause.severity for cause in fraud.look(one, known or {})}


ORDINARY = [sale(n) for n in range(1, 31)]


def test_ordinary_sales_raise_no_question() -> None:
    assert found(case(ORDINARY)) == {}


@pytest.mark.parametrize(
    ("sales", "own", "expected"),
    [
        pytest.param([sale(1, payment="p")], {"payment": "p"}, {"self-purchase": "severe"}, id="their own card"),
        pytest.param([sale(1, address="a")], {"address": "a"}, {"self-purchase": "minor"}, id="their own address"),
        pytest.param([sale(1, payment="p")], {"payment": "q"}, {}, id="another card"),
        pytest.param([sale(n, payment="p") for n in (1, 2, 3)], {}, {"shared-payment": "severe"}, id="one card"),
        pytest.param([sale(n, payment="p") for n in (1, 2)], {}, {}, id="a couple's card"),
        pytest.param([sale(n, payment="p", buyer="b") for n in range(9)], {}, {}, id="one buyer again"),
        pytest.param([sale(n, device="d") for n in range(4)], {}, {"shared-device": "serious"}, id="one device"),
        pytest.param([sale(n, address="a") for n in range(6)], {}, {"shared-address": "minor"}, id="one address"),
        pytest.param([sale(n, address="a") for n in range(5)], {}, {}, id="a family"),
        pytest.param(
            [sale(n, at=n * n * SECOND) for n in range(20)], {}, {"burst": "minor"}, id="twenty within minutes"
        ),
        pytest.param(
            [sale(n, at=n * n * SECOND // 10) for n in range(70)], {}, {"burst": "serious"}, id="seventy within minutes"
        ),
        pytest.param(
            [*ORDINARY, *(sale(100 + n, at=n * n * SECOND) for n in range(20))], {}, {}, id="a good evening among many"
        ),
        pytest.param(
            [sale(n, clicked_at=n * 60 * MINUTE + n * n * MINUTE - 3 * SECOND) for n in range(3)],
            {},
            {"quick": "serious"},
            id="bought within seconds of the click",
        ),
        pytest.param(
            [sale(n, clicked_at=n * 60 * MINUTE + n * n * MINUTE - 3 * MINUTE) for n in range(9)], {}, {}, id="chosen"
        ),
        pytest.param([sale(n, at=n * 90 * SECOND) for n in range(8)], {}, {"regular": "serious"}, id="by the clock"),
        pytest.param([sale(n, refunded=n < 5) for n in range(15)], {}, {"refunds": "serious"}, id="a third given back"),
        pytest.param([sale(n, refunded=n < 10) for n in range(15)], {}, {"refunds": "severe"}, id="most given back"),
        pytest.param([sale(n, refunded=n < 5) for n in range(30)], {}, {}, id="a sixth given back"),
        pytest.param([sale(n, elsewhere=3) for n in range(5)], {}, {"code-sharing": "serious"}, id="others' buyers"),
        pytest.param([*ORDINARY, *(sale(40 + n, elsewhere=3) for n in range(5))], {}, {}, id="some others' buyers"),
    ],
)
def test_a_check_finds_what_it_is_for_and_leaves_what_is_alike(
    sales: Sequence[Sale], own: dict[str, str], expected: dict[str, str]
) -> None:
    assert found(case(sales, **own)) == expected


def test_the_evidence_names_the_conversions_and_nothing_else() -> None:
    sales = [*ORDINARY, *(sale(50 + n, payment="p") for n in range(3))]
    (cause,) = fraud.look(case(sales), {})
    assert cause.evidence == {"buyers": 3, "conversions": [50, 51, 52]}
    assert (cause.kind, cause.cause, cause.participant_id) == ("shared-payment", "7:p", 7)


def test_what_was_cleared_is_asked_again_only_when_there_is_more() -> None:
    cleared = {("shared-payment", "7:p"): Known(decided=True, conversions=frozenset({1, 2, 3}))}
    three = [sale(n, payment="p") for n in (1, 2, 3)]
    assert found(case(three), cleared) == {}
    assert found(case([*three, sale(4, payment="p"), sale(5, payment="p")]), cleared) == {}
    (again,) = fraud.look(case([*three, *(sale(n, payment="p") for n in (4, 5, 6))]), cleared)
    assert (again.cause, again.evidence["conversions"]) == ("7:p #2", [4, 5, 6])


def test_a_check_knows_nothing_of_who_somebody_is() -> None:
    assert set(Case._fields) == {"campaign_id", "participant_id", "sales", "own"}
    for check in fraud.CHECKS:
        for sales in (ORDINARY, [sale(n, payment="p", refunded=1, elsewhere=4) for n in range(12)]):
            of_one, of_other = case(sales), case(sales)._replace(participant_id=8)
            kinds = [[(one.kind, one.severity, one.evidence) for one in check(of)] for of in (of_one, of_other)]
            assert kinds[0] == kinds[1]


def test_a_sync_flags_what_is_new_once_and_holds_what_is_severe(store: Store) -> None:
    campaign = campaigning.campaign(store)
    make.write(store, takes_part("ann"), takes_part("bob"))
    make.write(store, *(bought(f"o{n}", 1_000, n + n * n / 9, "ANN", buyer_uid=f"b{n}", payment="p") for n in range(3)))
    make.write(store, *(bought(f"q{n}", 1_000, n + n * n / 9, "BOB", buyer_uid=f"c{n}") for n in range(3)))
    fresh.refresh(store)
    (flag,) = flags.listed(store.reader(), campaign)
    assert (flag.kind, flag.severity, flag.ref) == ("shared-payment", "severe", "ann")
    make.write(store, bought("o9", 1_000, 9, "ANN", buyer_uid="b9", payment="p"))
    fresh.refresh(store)
    (flag,) = flags.listed(store.reader(), campaign)  # the same one, which has seen more
    assert len(flag.evidence["conversions"]) == 4


def test_what_is_upheld_counts_no_more_on_the_leaderboard(store: Store) -> None:
    campaign = campaigning.campaign(store)
    make.write(store, takes_part("ann"))
    make.write(store, *(bought(f"o{n}", 1_000, n + n * n / 9, "ANN", buyer_uid=f"b{n}", payment="p") for n in range(3)))
    make.write(store, bought("own", 1_000, 8, "ANN", buyer_uid="z"))
    fresh.refresh(store)
    (flag,) = flags.listed(store.reader(), campaign)
    flags.decide(store, flag.id, "upheld", changes.me(), "one card")
    fresh.refresh(store)
    query = "SELECT direct FROM participant_standing WHERE campaign_id = ?"
    assert store.reader().execute(query, (campaign,)).fetchone() == (1,)


def test_what_a_flagged_sale_earns_anybody_is_held_until_it_is_decided(store: Store) -> None:
    campaign = campaigning.campaign(
        store, levels=("10%", "5%"), hold_days=0, refund_days=0, referee=Referee(reward="1 CNY", every=True)
    )
    make.write(store, takes_part("top"), takes_part("ann"), takes_part("b1"), came_by("ann", "top", 0))
    days = (1.0, 1.2, 2.5)
    make.write(
        store,
        *(bought(f"o{n}", 1_000, day, "ANN", buyer_uid=f"b{n}", payment="p") for n, day in enumerate(days)),
        bought("clean", 1_000, 4, "ANN", buyer_uid="b1"),
        bought("own", 1_000, 5, "TOP", buyer_uid="z"),
    )
    fresh.refresh(store)
    (flag,) = flags.listed(store.reader(), campaign)

    def pay() -> dict[str, tuple[int, int]]:
        """What is flagged and what is due, by ref; it adds up to what was earned."""
        found = commissions.balances(store.reader(), campaign)
        assert all(one.earned == one.flagged + one.due for one in found)
        names = {one.id: one.ref for one in participants.listed(store.reader(), campaign)}
        return {names[one.participant_id]: (one.flagged, one.due) for one in found}

    held = {"ann": (400, 0), "top": (150, 150), "b1": (100, 100)}
    assert pay() == held, "their own pay, and of others' what comes by the sales that are flagged"
    payout = payouts.make(store, campaign, changes.me())
    assert payout is not None
    assert {(line.ref, line.amount) for line in payouts.lines(store.reader(), payout)} == {("top", 150), ("b1", 100)}
    payouts.drop(store, payout, changes.me())
    top = participants.find(store, campaign, "top")
    assert [entry.flagged for entry in commissions.statement(store.reader(), top)] == [True, True, True, False, False]
    flags.decide(store, flag.id, "cleared", changes.me(), "a shop's card")
    assert pay() == {"ann": (0, 400), "top": (0, 300), "b1": (0, 200)}
    changes.undo(store, changes.me())
    assert pay() == held
    flags.decide(store, flag.id, "upheld", changes.me(), "one card")
    fresh.refresh(store)
    assert pay() == {"ann": (0, 100), "top": (0, 150), "b1": (0, 100)}


def test_a_flag_holds_as_before_when_whom_it_is_about_is_forgotten(store: Store) -> None:
    campaign = campaigning.campaign(store, levels=("10%", "5%"), hold_days=0, refund_days=0)
    make.write(store, takes_part("top"), takes_part("ann"), came_by("ann", "top", 0))
    make.write(store, *(bought(f"o{n}", 1_000, n * n, "ANN", buyer_uid=f"b{n}", payment="p") for n in (1, 2, 3)))
    fresh.refresh(store)
    ann = participants.find(store, campaign, "ann")
    erasure.erase(store, erasure.of_participant(store, ann))
    assert {one.flagged for one in commissions.balances(store.reader(), campaign)} == {300, 150}
    (flag,) = flags.listed(store.reader(), campaign)
    flags.decide(store, flag.id, "upheld", changes.me(), "one card")
    fresh.refresh(store)
    assert {one.earned for one in commissions.balances(store.reader(), campaign)} == {0}


def test_clicks_and_refunds_are_seen_as_they_were_told(store: Store) -> None:
    campaign = campaigning.campaign(store)
    make.write(store, takes_part("ann"), takes_part("bob"))
    for n in range(6):
        day = n + n * n / 9
        make.write(store, clicked(f"b{n}", "bob", day - 0.1))
        make.write(store, bought(f"o{n}", 1_000, day, "ANN", buyer_uid=f"b{n}"), gave_back(f"o{n}", 1_000 - n, day + 1))
    fresh.refresh(store)
    told = {flag.kind: flag.severity for flag in flags.listed(store.reader(), campaign)}
    assert told == {"code-sharing": "serious", "refunds": "serious"}
