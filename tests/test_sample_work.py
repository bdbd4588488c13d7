"""What a newcomer finds in the demo: a programme and a campaign in which something waits in every section."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

import stage as acting
from commands import NOW
from kolbench.adapters import conformance
from kolbench.adapters.protocol import Page
from kolbench.adapters.sample import Sample
from kolbench.domain.clock import DAY, from_ms, held, now, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.gate import Gate
from kolbench.domain.records import ConversionRecord, ReferralRecord, RefundRecord
from kolbench.screens.campaign.screen import SECTIONS as CAMPAIGN
from kolbench.screens.programme.screen import SECTIONS as PROGRAMME
from kolbench.store.connect import Store
from stage import Stage, screen_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp

SHOP = {
    "platform": "shop",
    "people": "300",
    "seed": "1",
    "campaign": "Tea",
    "starts": "2026-05-04T12:00:00+00:00",
    "codes": "CD2FH5J, KM6NP7R",
    "later_codes": "TW8XC9D",
}


@pytest.fixture
def demo(worked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """An app to act in, on a copy of it."""
    shutil.copy(worked, tmp_path / "kolbench.db")
    for made in acting.set_up(tmp_path, monkeypatch):
        monkeypatch.setenv("KOLBENCH_NOW", NOW)
        yield made


@pytest.fixture
def store(worked: Path) -> Iterator[Store]:
    """That store, to be read."""
    opened = Store.open(worked, create=False)
    yield opened
    opened.close()


def one(store: Store, query: str) -> int:
    return int(store.reader().execute(query).fetchone()[0])


def test_every_section_of_the_programme_has_something_in_it(demo: Stage) -> None:
    shown: dict[str, str] = {}

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        for name in PROGRAMME:
            shown[name] = "\n".join(screen_lines(app))
            await demo.press(pilot, "l")

    demo.play(story, screen="programme")
    assert "House rules, version 2" in shown["rules"]
    assert {"reminder", "exempted", "open"} <= set(shown["violations"].replace(":", " ").split())
    for finding in ("unlike sanctions", "unlike rewards", "Exemptions", "unlike stage or grade"):
        assert finding in shown["audit"]
    assert {"Proposal", "Budget", "waits", "given"} <= set(shown["incentives"].split())
    assert "days late" in shown["agreements"]


def test_every_section_of_the_campaign_has_something_in_it(demo: Stage) -> None:
    shown: dict[str, str] = {}

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await demo.press(pilot, "enter")
        for name in CAMPAIGN:
            shown[name] = "\n".join(screen_lines(app))
            await demo.press(pilot, "l")

    demo.play(story, screen="campaigns")
    assert "▲" in shown["board"], "somebody has risen since yesterday"
    assert shown["quarantine"].count("nobody has this code") == 2
    assert "severe" in shown["flags"]
    assert {"Due", "Held", "Flagged", "paid"} <= set(shown["payouts"].split())
    assert {"masked", "hidden"} <= set(shown["codes"].split())
    assert "Lesson" in shown["review"]


def test_the_campaign_runs_now_and_has_two_waves_and_those_who_came_by_others(store: Store) -> None:
    assert one(store, "SELECT count(*) FROM wave") == 2
    depths = dict(store.reader().execute("SELECT depth, count(*) FROM participant_standing GROUP BY depth").fetchall())
    assert depths[0] == 20
    assert all(depths[generation] for generation in (1, 2, 3))
    at = to_ms(datetime.fromisoformat(NOW))
    assert one(store, "SELECT max(at) FROM conversion") > at - DAY, "something was sold today"
    assert one(store, "SELECT max(at) FROM conversion") <= at
    assert one(store, "SELECT count(*) FROM refund") > 5


def test_what_the_shop_tells_that_cannot_count_waits_for_different_reasons(store: Store) -> None:
    query = "SELECT reason, count(*) FROM conversion WHERE state = 'quarantined' GROUP BY reason"
    assert dict(store.reader().execute(query).fetchall()) == {
        "bad-currency": 1,
        "circular": 1,
        "out-of-window": 1,
        "self-referral": 1,
        "unknown-code": 2,
    }


def test_nothing_of_the_demo_happens_after_now(store: Store) -> None:
    at = to_ms(datetime.fromisoformat(NOW))
    for table in ("change_log", "touchpoint", "decision", "stage_event", "sanction", "incentive_entry", "payout"):
        assert one(store, f"SELECT max(at) FROM {table}") <= at, table


def test_colleagues_have_written_to_people_in_turn_and_some_answered(store: Store) -> None:
    states = dict(store.reader().execute("SELECT state, count(*) FROM enrolment GROUP BY state").fetchall())
    assert states == {"active": 6, "replied": 1, "accepted": 1}
    assert one(store, "SELECT count(*) FROM touchpoint WHERE variant_id IS NOT NULL AND direction = 'out'") == 8
    waiting = "SELECT count(*) FROM follow_up WHERE state = 'open' AND rule = 'sequence-step'"
    assert one(store, waiting) > 0


def told(until: str, cursor: str | None = None, **settings: str) -> list[Page]:
    with held(to_ms(datetime.fromisoformat(until).replace(tzinfo=UTC))):
        return conformance.read(Sample(), "conversions", SHOP | settings, None, cursor, 1_000)


def test_a_shop_tells_what_has_happened_by_now_and_later_the_rest() -> None:
    early, whole = told("2026-05-09T15:30"), told("2026-05-20T09:00")
    rest = told("2026-05-20T09:00", early[-1].cursor)
    records = [record for page in whole for record in page.records]
    assert [record for page in (*early, *rest) for record in page.records] == records
    assert {ReferralRecord, ConversionRecord, RefundRecord} <= {type(record) for record in records}
    assert told("2026-05-20T09:00", whole[-1].cursor) == []


def test_a_shop_sells_nothing_once_the_campaign_is_over() -> None:
    assert told("2026-07-01T00:00") == told("2027-01-01T00:00")


def test_what_a_shop_tells_passes_the_gate_as_it_is() -> None:
    records = [record for page in told("2026-06-20T09:00") for record in page.records]
    gate = Gate(to_ms(datetime(2026, 6, 20, 9, tzinfo=UTC)))
    assert all(gate.check(record) is record for record in records)
    assert len({record.order_id for record in records if isinstance(record, ConversionRecord)}) > 100


@pytest.mark.parametrize("wrong", [{"starts": "soon"}, {"codes": ""}, {"people": "many"}])
def test_a_shop_that_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        told("2026-05-20T09:00", **wrong)


def test_the_clock_is_held_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW)
    fixed = now()
    with held(fixed - DAY):
        assert from_ms(now()) == from_ms(fixed - DAY)
    assert now() == fixed
    monkeypatch.delenv("KOLBENCH_NOW")
    with held(fixed):
        assert now() == fixed
    assert now() != fixed
