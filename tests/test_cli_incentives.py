"""Incentives on the command line: granting, points, budgets, batches by rule, and the file for finance."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import make
from chapters import Chapter
from kolbench.analysis import standing
from kolbench.store.connect import Store
from programme_scene import ORDERS_REWARD

if TYPE_CHECKING:
    from commands import Commands

RULES = f"""{ORDERS_REWARD}
[[reward]]
id = "most-thanked"
kind = "points"
amount = "200"
metric = "thanks"
community = "tea"
top = 1

[[reward]]
id = "known"
kind = "medal"
source = "standing"
metric = "followers"
at_least = 1000
once = true
"""


@pytest.fixture
def tea(kolbench: Commands, tmp_path: Path) -> Commands:
    """Ann, Ben and Cat in one room in May; Ben thanks Ann twice, Ann has many followers."""
    store = make.store(tmp_path)
    make.write(
        store,
        *(make.person(name) for name in ("ann", "ben", "=cat()")),
        make.did("thank", "ben", "ann", "tea", 130),
        make.did("thank", "=cat()", "ann", "tea", 131),
        make.did("thank", "ann", "ben", "tea", 132),
        make.counted("ann", 130, followers=5_000),
    )
    standing.refresh(store)
    store.close()
    return kolbench


def opened(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "kolbench.db")


def write(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_granted_is_in_the_ledger_and_reversed_once(tea: Commands) -> None:
    made = tea("incentive", "grant", "demo:ann", "cash", "¥50", "--reason", "the first sale", "--key", "7", "--json")
    assert made.code == 0, made.err
    assert (made.json["amount"], made.json["unit"], made.json["period"], made.json["new"]) == (
        5_000,
        "CNY",
        "2026-06",
        True,
    )
    assert tea("incentive", "grant", "demo:ann", "cash", "¥50", "--key", "7", "--json").json["new"] is False
    assert "granted before" in tea("incentive", "grant", "demo:ann", "cash", "¥50", "--key", "7").out
    assert tea("incentive", "grant", "demo:ann", "cash", "50").code == 2
    assert tea("incentive", "reverse", 1, "--json").json[0]["amount"] == -5_000
    assert tea("incentive", "reverse", 1).code == 2
    assert [row["id"] for row in tea("incentive", "list", "--creator", "demo:ann", "--json").json] == [2, 1]
    named = tea("incentive", "grant", "demo:ann", "medal", "小金人", "--reason", "May", "--json").json
    assert (named["amount"], named["reason"]) == (1, "小金人 · May")
    assert "cash -50.00 CNY" in tea("incentive", "list").out


def test_points_are_shown_and_redeemed(tea: Commands) -> None:
    assert "ann gets 120 points" in tea("incentive", "grant", "demo:ann", "points", "120").out
    added = tea("incentive", "catalogue", "--add", "Mug", "--price", 100, "--kind", "gift", "--stock", 3, "--json")
    assert (added.json[0]["left"], added.json[0]["redeemed"]) == (3, 0)
    assert tea("incentive", "redeem", "demo:ann", "mug", "--json").json["balance"] == 20
    refused = tea("incentive", "redeem", "demo:ann", "mug")
    assert (refused.code, refused.err.strip()) == (2, "kolbench: 'Mug' costs 100 points, and they have 20.")
    assert tea("incentive", "balance", "demo:ann", "--json").json["points"] == 20
    assert [one["points"] for one in tea("incentive", "balance", "--json").json] == [20]
    assert "ann: 20 points" in tea("incentive", "balance", "demo:ann").out
    shown = tea("incentive", "catalogue").out
    assert "Mug" in shown
    assert tea("incentive", "catalogue", "--remove", "mug", "--json").json == []
    assert tea("incentive", "catalogue", "--add", "Cup").code == 2


def test_a_budget_tapers_and_is_forecast(tea: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up = tea("incentive", "budget", "2026-06", "1000 CNY", "--periods", 3, "--taper", 10, "--json")
    assert set_up.code == 0, set_up.err
    assert [(one["period"], one["amount"]) for one in set_up.json] == [
        ("2026-06", 100_000), ("2026-07", 90_000), ("2026-08", 81_000),
    ]  # fmt: skip
    assert [one["change"] for one in set_up.json] == [None, -0.1, -0.1]
    monkeypatch.setenv("KOLBENCH_NOW", "2026-06-10T12:00:00+00:00")
    tea("incentive", "grant", "demo:ann", "cash", "400 CNY", "--stage", "mid")
    tea("incentive", "grant", "demo:ann", "cash", "30 CNY", "--period", "2026-W23")
    june = tea("incentive", "budget", "--json").json[0]
    assert (june["spent"], june["linear"], june["forecast"], june["over"]) == (43_000, 129_000, 129_000, True)
    tea("incentive", "budget", "2026-06", "500 CNY", "--stage", "mid")
    assert [one["spent"] for one in tea("incentive", "budget", "--json").json if one["stage"] == "mid"] == [40_000]
    warned = tea("incentive", "grant", "demo:ann", "cash", "600 CNY")
    assert (warned.code, "is overspent: 1,030.00 CNY of 1,000.00 CNY" in warned.err) == (0, True)
    assert "over" in tea("incentive", "budget").out
    assert len(tea("incentive", "budget", "--remove", june["id"], "--json").json) == 3
    assert tea("incentive", "budget", "2026-06").code == 2


def test_rules_propose_and_an_operator_confirms_once(tea: Commands, tmp_path: Path) -> None:
    rules = write(tmp_path, "rules.toml", RULES)
    counts = write(
        tmp_path, "orders.csv", 'creator,orders\ndemo:ann,60\ndemo:ben,99\ndemo:ann,"1,040"\nnobody,500\ndemo:ben,x\n'
    )
    made = tea("incentive", "propose", rules, "--counts", counts, "--json")
    assert made.code == 1, "a line of the file means nobody"
    assert [(one["rule"], one["period"], one["people"]) for one in made.json["proposals"]] == [
        ("orders-100", "2026-W22", 1), ("most-thanked", "2026-05", 1), ("known", "2026-05", 1),
    ]  # fmt: skip
    assert [problem.split(":")[0] for problem in made.json["problems"]] == ["line 5", "line 6"]
    (line,) = made.json["proposals"][0]["lines"]
    assert (line["name"], line["value"], line["amount"]) == ("ann", 1_100, 5_000)
    assert [one["lines"][0]["value"] for one in made.json["proposals"][1:]] == [2, 5_000]
    first = made.json["proposals"][0]["proposal_id"]
    assert "ann" in tea("incentive", "proposals", first).out
    assert len(tea("incentive", "confirm", first, "--json").json["entries"]) == 1
    assert tea("incentive", "confirm", first, "--json").json["entries"] == []
    assert "1 has it already" in tea("incentive", "confirm", first).out
    third = made.json["proposals"][2]["proposal_id"]
    assert tea("incentive", "confirm", third, "--without", "demo:ann", "--json").json["entries"] == []
    second = made.json["proposals"][1]["proposal_id"]
    assert tea("incentive", "proposals", second, "--drop", "--json").json["open"] is False
    assert [one["open"] for one in tea("incentive", "proposals", "--json").json] == [False] * 3
    assert "dropped" in tea("incentive", "proposals").out
    again = tea("incentive", "propose", rules, "--rule", "orders-100", "--counts", counts, "--json")
    assert (again.json["proposals"][0]["proposal_id"], again.json["proposals"][0]["had"]) == (None, 1)
    other = tea("incentive", "propose", rules, "--period", "2026-W23", "--counts", counts, "--json").json["proposals"]
    assert [(one["rule"], one["period"], one["people"]) for one in other] == [("orders-100", "2026-W23", 1)]


def test_a_mistake_in_the_rules_or_the_counts_is_said(tea: Commands, tmp_path: Path) -> None:
    rules = write(tmp_path, "rules.toml", RULES)
    assert "give a file with a column 'orders'" in tea("incentive", "propose", rules).err
    nameless = write(tmp_path, "nameless.csv", "orders\n5\n")
    assert "one column has to say who it is" in tea("incentive", "propose", rules, "--counts", nameless).err
    assert "no rule 'x'" in tea("incentive", "propose", rules, "--rule", "x").err
    wrong = write(tmp_path, "wrong.toml", RULES.replace("top = 1", 'limit = "1"'))
    assert "there is no such setting" in tea("incentive", "propose", wrong).err
    elsewhere = write(tmp_path, "elsewhere.toml", RULES.replace('"tea"', '"coffee"'))
    assert "no community 'coffee'" in tea("incentive", "propose", elsewhere, "--rule", "most-thanked").err


def test_finance_gets_every_digit_and_no_formula(tea: Commands, tmp_path: Path) -> None:
    tea("incentive", "grant", "demo:=cat()", "cash", "1,234.50 CNY", "--reason", "=HYPERLINK(1)")
    tea("incentive", "grant", "demo:ann", "cash", "0.005 KWD")
    tea("incentive", "grant", "demo:ann", "points", "7")
    tea("incentive", "reverse", 1)
    target = tmp_path / "ledger.csv"
    assert tea("incentive", "export", target, "--json").json["rows"] == 4
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig"))))
    assert [row["amount"] for row in rows] == ["1234.50", "0.005", "7", "-1234.50"]
    assert sum(Decimal(row["amount"]) for row in rows if row["unit"] == "CNY") == 0
    assert (rows[0]["name"], rows[0]["reason"]) == ("'=cat()", "'=HYPERLINK(1)")
    assert (rows[3]["reversal_of"], rows[0]["at"]) == ("1", "2026-06-01T12:00:00Z")
    assert tea("incentive", "export", target, "--during", "2026-05", "--overwrite", "--json").json["rows"] == 0
    assert "1234.50" in tea("incentive", "export", "-").out


# The chapters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["agreements", "incentives"])
def test_every_command_of_the_chapters_does_what_it_says(
    name: str, sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chapter = Chapter(name)
    for file, language in (("rewards.toml", "toml"), ("orders.csv", "csv")):
        write(tmp_path, file, "".join(chapter.code(language)))
    chapter.play(sampled, hints=True)
    if name == "incentives":
        assert [row["amount"] for row in sampled("incentive", "list", "--json").json if row["rule"]] == [5_000]
        assert sampled("incentive", "proposals", 2, "--json").json["open"] is False
    else:
        assert [one["state"] for one in sampled("agreement", "list", "--json").json] == ["broken"]
