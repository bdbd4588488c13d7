"""What the Dub adapter makes of the documented answers of its API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

import campaigning
from asking import Asking, of
from kolbench.adapters.dub import COMMISSIONS, PARTNERS, Dub
from kolbench.adapters.registry import faults
from kolbench.domain.errors import SourceError
from kolbench.domain.records import ConversionRecord, ParticipantRecord, RefundRecord
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
KEY = "dub_key-of-ann"
Json = dict[str, Any]


def at(days: float) -> str:
    """So many days before now, as Dub writes it."""
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def partner(number: int) -> Json:
    return {"id": f"pn_{number}", "name": f"Partner {number}", "email": None, "image": None, "country": "CN"}


def commission(number: int, days: float, **more: Any) -> Json:
    return {
        "id": f"cm_{number}",
        "type": "sale",
        "amount": 1_000 * number,
        "earnings": 100 * number,
        "currency": "usd",
        "status": "pending",
        "invoiceId": f"in_{number}",
        "description": None,
        "quantity": 1,
        "userId": None,
        "createdAt": at(days),
        "updatedAt": at(days),
        "partner": partner(1),
        "customer": {"id": "cus_1", "externalId": f"shop-{number}", "name": "Ben", "createdAt": at(100)},
    } | more


class Platform:
    """Dub in memory."""

    def __init__(self, commissions: list[Json], partners: int = 3) -> None:
        self.lists = {PARTNERS: [partner(number) for number in range(1, partners + 1)], COMMISSIONS: commissions}
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.headers["authorization"] != f"Bearer {KEY}":
            return httpx.Response(401, json={"error": {"code": "unauthorized", "message": "Invalid API key."}})
        asked, path = request.url.params, request.url.path.removeprefix("/")
        found = self.lists[path]
        if path == COMMISSIONS and "start" in asked:
            start = asked["start"].replace("Z", ".000Z")
            found = sorted((one for one in found if one["createdAt"] >= start), key=lambda one: one["createdAt"])
        page, size = int(asked.get("page", 1)), int(asked["pageSize"])
        return httpx.Response(200, json=found[(page - 1) * size : page * size])


def asking(platform: Platform, **settings: str) -> Asking:
    return Asking(Dub(), platform, {"api_key": KEY, "campaign": campaigning.TEA, **settings})


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW.isoformat())


def test_it_declares_what_the_host_needs_to_know() -> None:
    assert faults(Dub()) == []


def test_partners_take_part() -> None:
    (page,) = asking(Platform([])).pages("conversions", PARTNERS)
    assert page.records[0] == ParticipantRecord(campaign="Tea", uid="pn_1", name="Partner 1")
    assert len(page.records) == 3


def test_a_sale_and_a_lead_are_conversions_of_their_partner_and_a_click_is_none() -> None:
    platform = Platform(
        [
            commission(1, 3),
            commission(2, 2, type="lead", amount=0, invoiceId=None),
            commission(3, 1, type="click", amount=0, customer=None),
            commission(4, 1, type="custom"),
        ]
    )
    (page,) = asking(platform).pages("conversions", COMMISSIONS)
    assert page.records == [
        ConversionRecord(
            campaign="Tea", order_id="in_1", at=NOW - timedelta(days=3), amount=1_000, currency="USD",
            participant_uid="pn_1", buyer_uid="shop-1",
        ),
        ConversionRecord(
            campaign="Tea", order_id="cm_2", kind="lead", at=NOW - timedelta(days=2), amount=0, currency="USD",
            participant_uid="pn_1", buyer_uid="shop-2",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["refunded", "duplicate", "fraud", "canceled"])
def test_what_dub_pays_nothing_for_is_given_back(status: str) -> None:
    platform = Platform([commission(1, 3, status=status, updatedAt=at(1))])
    (page,) = asking(platform).pages("conversions", COMMISSIONS)
    assert of(page.records, RefundRecord) == [
        RefundRecord(
            campaign="Tea",
            order_id="in_1",
            refund_id=f"{status}:cm_1",
            amount=1_000,
            currency="USD",
            at=NOW - timedelta(days=1),
        )
    ]


def test_the_next_sync_reads_the_last_days_again_and_nothing_older() -> None:
    platform = Platform([commission(number, 200 - number) for number in range(1, 200)])
    ask = asking(platform, days="365", recount="10")
    pages = ask.pages("conversions", COMMISSIONS)
    assert [len(page.records) for page in pages] == [100, 99]
    again = ask.pages("conversions", COMMISSIONS, pages[-1].cursor)
    assert [len(page.records) for page in again] == [11]
    begun = ask.pages("conversions", COMMISSIONS, pages[0].cursor)
    assert [len(page.records) for page in begun] == [99], "a sync that was stopped goes on where it was"


def test_one_bad_item_is_left_out_and_the_rest_is_read() -> None:
    ask = asking(Platform([commission(1, 3, amount="a lot"), commission(2, 2)]))
    (page,) = ask.pages("conversions", COMMISSIONS)
    assert [one.order_id for one in of(page.records, ConversionRecord)] == ["in_2"]
    assert [one.column for one in ask.rejected] == ["amount"]


def test_a_wrong_key_is_said_and_not_told() -> None:
    with pytest.raises(SourceError) as refused:
        asking(Platform([]), api_key="dub_wrong").pages("conversions", COMMISSIONS)
    assert "dub_wrong" not in str(refused.value)


def test_a_server_that_gives_one_page_for_ever_is_left() -> None:
    platform = Platform([])
    full = [commission(number, 1) for number in range(100)]
    ask = Asking(Dub(), lambda _request: httpx.Response(200, json=full), {"api_key": KEY, "campaign": "Tea"})
    assert platform.asked == []
    assert len(ask.pages("conversions", COMMISSIONS)) == 2
    assert any("again and again" in text for text in ask.warned)


def test_sales_come_into_the_store_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_DUB_API_KEY", KEY)
    campaigning.campaign(store, currency="USD")
    ask = asking(Platform([commission(1, 3), commission(2, 2, status="refunded")]))
    for _ in range(2):
        ask.sync(store)
    told = store.reader().execute("SELECT order_id, amount, refunded FROM conversion ORDER BY order_id").fetchall()
    assert told == [("in_1", 1_000, 0), ("in_2", 2_000, 2_000)]


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = Dub()
    settings = {"api_key": KEY, "campaign": campaigning.TEA, "days": "365", "recount": "20"}
    expected = {"conversions": 150}
    expected_later = {"conversions": 151}

    def server(self, request: httpx.Request) -> httpx.Response:
        return self.platform(0)(request)

    def later(self, request: httpx.Request) -> httpx.Response:
        return self.platform(1)(request)

    def platform(self, more: int) -> Platform:
        return Platform([commission(number, 160 - number) for number in range(1, 151 + more)], 5)
