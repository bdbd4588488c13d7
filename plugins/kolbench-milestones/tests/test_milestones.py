"""The rule over a store in which two people grow, of whom one is known to us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kolbench_milestones import Milestone

from kolbench import AccountRecord, Looking
from kolbench.adapters import registry
from kolbench.store import notes, runs, sources, writer
from kolbench.store.connect import Store

MAY = datetime(2026, 5, 1, tzinfo=UTC)
NOW = int(MAY.timestamp() * 1000) + 40 * 86_400_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.open(tmp_path / "kolbench.db")
    run = runs.start(store, sources.add(store, "bili", "tabular", "bilibili", {}), "import")
    records = [
        AccountRecord(uid=uid, name=uid, metrics={"followers": count}, observed_at=MAY + timedelta(days=day))
        for uid in ("ann", "bob")
        for day, count in ((0, 9_000), (20, 12_000), (30, 150_000), (35, 160_000))
    ]
    for record in records:
        writer.write_page(store, run, "profiles", [record], None, NOW)
    notes.touch(store, 1, "eve")
    return store


def found(store: Store, at: int = NOW) -> list[tuple[int, str]]:
    looking = Looking(store.reader(), at, Milestone.parameters)
    return [(cause.creator_id, cause.cause) for cause in Milestone().find(looking)]


def test_whoever_we_know_is_congratulated_once_for_each_milestone(store: Store) -> None:
    assert found(store) == [(1, "bilibili:100000"), (1, "bilibili:10000")]
    assert found(store, NOW + 15 * 86_400_000) == [(1, "bilibili:100000")]


def test_it_says_why() -> None:
    why = Milestone().why({"platform": "bilibili", "followers": 10_000}, NOW)
    assert why == "10,000 followers on bilibili: congratulate them"


def test_it_is_found_as_a_plugin() -> None:
    import kolbench_milestones

    assert list(registry.brought_by(kolbench_milestones).follow_up_rules) == ["milestone"]
