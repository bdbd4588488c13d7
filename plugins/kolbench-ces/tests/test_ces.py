"""The scorer over a store of a few notes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kolbench_ces import CES

from kolbench import AccountRecord, People, PostRecord
from kolbench.adapters import registry
from kolbench.store import runs, sources, writer
from kolbench.store.connect import Store

MAY = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def people(tmp_path: Path) -> People:
    store = Store.open(tmp_path / "kolbench.db")
    run = runs.start(store, sources.add(store, "xhs", "tabular", "xiaohongshu", {}), "import")
    notes = [
        (0, {"likes": 10, "collects": 5, "comments": 2, "shares": 1}),
        (1, {"likes": 73}),
        (-200, {"likes": 10**6}),
    ]
    records = [AccountRecord(uid="a", name="Ann"), AccountRecord(uid="b", name="Bo")]
    posts = [
        PostRecord(
            uid=str(day), account_uid="a", published_at=MAY + timedelta(days=day), title=f"n{day}", metrics=counted
        )
        for day, counted in notes
    ]
    writer.write_page(store, run, "posts", [*records, *posts], None, 1_800_000_000_000)
    return People(store.reader(), [row[0] for row in store.reader().execute("SELECT id FROM creator")])


def test_the_mean_is_of_the_notes_of_ninety_days(people: People) -> None:
    (measure,) = CES().measure(people).values()
    assert (measure.numerator, measure.denominator) == (27 + 73, 2)
    assert measure.value == pytest.approx(0.3415, abs=1e-4)


def test_the_evidence_adds_up(people: People) -> None:
    assert [(one.text, one.amount) for one in CES().evidence(people, 9)] == [("n1", 73), ("n0", 27)]


def test_it_is_found_as_a_plugin() -> None:
    import kolbench_ces

    assert list(registry.brought_by(kolbench_ces).scorers) == ["ces"]
