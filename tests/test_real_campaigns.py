"""The tables of a real referral programme, with all their defects, as a campaign; counted again without KOLbench."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest

from commands import Commands
from kolbench.store.connect import Store

PAGE = (Path(__file__).parents[1] / "docs" / "campaign-inputs.md").read_text("utf-8")


@pytest.fixture
def imported(kolbench: Commands, store: Store, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The page's own commands, on the real file."""
    monkeypatch.chdir(shared_data / "referral")
    commands = re.findall(r"^kolbench (.*Members.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        ran = kolbench(*shlex.split(command))
        assert ran.code == 0, ran.err
    return store


@pytest.fixture
def rows(shared_data: Path) -> list[dict[str, str | None]]:
    with (shared_data / "referral" / "user_referrals.csv").open(encoding="utf-8") as file:
        return [{name: None if cell == "null" else cell for name, cell in row.items()} for row in csv.DictReader(file)]


def test_everybody_came_by_who_referred_them_first(imported: Store, rows: list[dict[str, str | None]]) -> None:
    first: dict[str, tuple[str, str]] = {}
    for row in rows:
        child, by, at = row["referee_id"], row["referrer_id"], row["referral_at"]
        if child and by and at and child != by:
            first[child] = min(first.get(child, (at, by)), (at, by))
    stored = imported.reader().execute(
        "SELECT child.ref, parent.ref FROM participant AS child JOIN participant AS parent"
        " ON parent.id = child.parent_id"
    )
    assert dict(stored.fetchall()) == {child: by for child, (_at, by) in first.items()}
    assert (len(rows), len(first)) == (46, 27)


def test_a_transaction_that_stands_in_four_rows_counts_once(imported: Store, rows: list[dict[str, str | None]]) -> None:
    won = [row for row in rows if row["user_referral_status_id"] == "2" and row["transaction_id"]]
    orders = {row["transaction_id"] for row in won}
    stored = imported.reader().execute("SELECT order_id, state FROM conversion").fetchall()
    assert {order for order, _state in stored} == orders
    assert {state for _order, state in stored} == {"counted"}
    assert (len(won), len(stored)) == (6, 5)


def test_what_is_left_out_is_named_with_its_line(imported: Store, rows: list[dict[str, str | None]]) -> None:
    reports = [Path(row[0]) for row in imported.reader().execute("SELECT report FROM run ORDER BY id")]
    left = [list(csv.DictReader(report.read_text("utf-8").splitlines())) for report in reports]
    nobody = [str(line) for line, row in enumerate(rows, 2) if not (row["referee_id"] and row["referrer_id"])]
    assert [row["line"] for row in left[0]] == nobody
    assert len(nobody) == 13
    without = [str(line) for line, row in enumerate(rows, 2) if not row["transaction_id"]]
    won = {str(line) for line, row in enumerate(rows, 2) if row["user_referral_status_id"] == "2"}
    assert {row["line"] for row in left[1] if "which order it is of" in row["reason"]} == won & set(without)
    assert len(left[1]) == 2
