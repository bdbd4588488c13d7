"""Generated people: the same for the same seed, like real ones in their shape, sound as records."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import mean, median
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.adapters import conformance
from kolbench.adapters.protocol import MAX_PAGE
from kolbench.adapters.sample import Sample
from kolbench.domain.errors import UsageError
from kolbench.domain.gate import Gate
from kolbench.domain.records import AccountRecord, InteractionRecord, MessageRecord, Record
from kolbench.sample import fill, work
from kolbench.store.connect import Store

if TYPE_CHECKING:
    from pathlib import Path

NOW_MS = int(datetime(2026, 5, 4, tzinfo=UTC).timestamp() * 1000)

MADE = (
    "account", "message", "standing", "note", "candidate", "decision", "stage_event", "agreement_event", "deliverable",
    "violation", "sanction", "incentive_entry", "proposal_line", "enrolment", "touchpoint", "referral_code",
    "referral_edge", "refund", "commission_entry", "payout_entry", "campaign_freeze_entry",
)  # fmt: skip
"""Tables in which nothing is a secret of the store, such as the hashes of cards."""


def told(feed: str, people: int = 250, seed: int = 1, platform: str = "xiaohongshu") -> list[Record]:
    values = {"platform": platform, "people": str(people), "seed": str(seed), "as_of": "2026-05-04"}
    pages = conformance.read(Sample(), feed, values, None, None, 10_000)
    return [record for page in pages for record in page.records]


def test_the_same_seed_makes_the_same_people_and_another_makes_others() -> None:
    assert told("profiles") == told("profiles")
    assert told("profiles") != told("profiles", seed=2)


def test_more_people_are_the_same_people_and_more() -> None:
    few = [r.name for r in told("profiles", 150) if isinstance(r, AccountRecord)]
    many = [r.name for r in told("profiles", 250) if isinstance(r, AccountRecord)]
    assert len(few) == 150
    assert many[:150] == few


@pytest.mark.parametrize(("platform", "feed"), [("douyin", "profiles"), ("youtube", "posts"), ("wechat", "messages")])
def test_every_record_passes_the_gate_as_it_is(platform: str, feed: str) -> None:
    gate = Gate(NOW_MS)
    records = told(feed, platform=platform)
    assert records
    assert all(gate.check(record) is record for record in records)
    assert not gate.cleaned


def test_sizes_have_a_heavy_tail() -> None:
    records = [r for r in told("profiles", 2_000, platform="bilibili") if isinstance(r, AccountRecord)]
    followers = [r.metrics["followers"] for r in records]
    sizes = [size if isinstance(size, int) else size.value for size in followers]
    assert mean(sizes) > 3 * median(sizes)
    assert max(sizes) > 100 * median(sizes)


def test_a_group_has_helpers_whom_others_thank() -> None:
    records = told("messages", 100, platform="wechat")
    thanks: dict[str, int] = {}
    for record in records:
        if isinstance(record, InteractionRecord) and record.kind == "thank":
            assert record.actor_uid != record.object_uid
            thanks[record.object_uid] = thanks.get(record.object_uid, 0) + 1
    ranked = sorted(thanks.values(), reverse=True)
    assert sum(ranked[:6]) > sum(ranked) / 2


def test_what_shows_an_interaction_is_a_message_of_its_actor() -> None:
    records = told("messages", platform="wechat")
    senders = {r.uid: r.account_uid for r in records if isinstance(r, MessageRecord)}
    deeds = [r for r in records if isinstance(r, InteractionRecord)]
    assert deeds
    assert all(senders[deed.evidence_uid] == deed.actor_uid for deed in deeds)


@settings(max_examples=20, deadline=None)
@given(people=st.integers(1, 900), cursor=st.integers(0, 5), feed=st.sampled_from(("profiles", "posts")))
def test_reading_goes_on_from_any_cursor(people: int, cursor: int, feed: str) -> None:
    values = {"platform": "weibo", "people": str(people), "seed": "3", "as_of": "2026-05-04"}
    whole = conformance.read(Sample(), feed, values, None, None, 100)
    rest = conformance.read(Sample(), feed, values, None, str(cursor), 100)
    assert rest == whole[cursor:]
    assert all(len(page.records) <= MAX_PAGE for page in whole)


@pytest.mark.parametrize("wrong", [{"people": "many"}, {"people": "0"}, {"people": "1000001"}, {"as_of": "soon"}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, str]) -> None:
    values = {"platform": "weibo", "people": "10", "seed": "1", "as_of": "2026-05-04"} | wrong
    with pytest.raises(UsageError):
        conformance.read(Sample(), "profiles", values, None, None, 1)


def test_a_sample_store_has_people_on_every_platform_and_their_scores(sample: Path) -> None:
    store = Store.open(sample, create=False)
    db = store.reader()
    platforms = {row[0] for row in db.execute("SELECT DISTINCT platform FROM standing")}
    assert platforms == {"xiaohongshu", "douyin", "bilibili", "instagram", "youtube", "wechat"}
    assert db.execute("SELECT count(*) FROM stale_creator").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM standing WHERE growth IS NOT NULL").fetchone()[0] > 100
    assert {row[0] for row in db.execute("SELECT DISTINCT kind FROM run")} == {"demo"}
    store.close()


def test_some_of_the_best_have_been_spoken_to(sample: Path) -> None:
    store = Store.open(sample, create=False)
    db = store.reader()
    assert db.execute("SELECT count(*) FROM touchpoint").fetchone()[0] >= 10
    assert db.execute("SELECT count(*) FROM note").fetchone()[0] >= 3
    contacted = "SELECT count(*) FROM follow_up JOIN touchpoint USING (creator_id) WHERE rule = 'first-contact'"
    assert db.execute(contacted).fetchone() == (0,), "nobody who was spoken to counts as never contacted"
    store.close()


def test_a_store_made_again_with_the_same_seed_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-06-01T12:00:00+00:00")
    told = []
    for name in ("one.db", "two.db"):
        store = Store.open(tmp_path / name)
        fill(store, 100, seed=5)
        work(store, seed=5)
        db = store.reader()
        told.append([db.execute(f"SELECT * FROM {table}").fetchall() for table in MADE])
        store.close()
    assert told[0] == told[1]
    assert all(told[0])
