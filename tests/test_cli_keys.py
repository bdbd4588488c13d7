"""The manual names every key that a command tells to programs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from commands import Commands

MANUAL = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
ROWS = dict(re.findall(r"^\| `([a-z -]+)`.*? \| (.*) \|$", MANUAL.read_text("utf-8"), re.MULTILINE))
ALIKE = {"brief show": "brief list", "brief rhythm": "brief list", "brief grounds": "brief list"} | {
    "sequence show": "sequence list",
    "template list": "sequence stats",
    "template show": "template list",
    "campaign show": "campaign list",
    "campaign board": "campaign tree",
    "candidates --why": "candidates",
    "campaign payout": "campaign payouts",
    "incentive list": "incentive grant",
    "agreement list": "agreement new",
}
"""Rows that refer to another one."""

ASKED = [
    *("candidates", "leaderboard", "leaderboard --list", "queue", "queue rules", "source list", "plugins list"),
    *("doctor", "brief list", "sequence list", "sequence due", "template list", "rules show", "rules text"),
    *("rules acks", "violation list", "offer", "incentive list", "incentive balance", "incentive catalogue"),
    *("incentive budget", "incentive proposals", "agreement list", "campaign list"),
]
OF_BRIEF = ["brief show", "brief rhythm", "brief grounds"]
OF_CAMPAIGN = [
    *("show", "codes", "scripts", "board", "tree", "freeze", "quarantine", "flags", "owed", "payouts", "report"),
    "lesson",
]
OF_WHO = ["statement", "referrals"]


def undocumented(name: str, told: Any) -> set[str]:
    """The keys of a document that its row, and the one it refers to, don't name; those of nested lists, too."""
    row = ROWS[name] + (ROWS[ALIKE[name]] if name in ALIKE else "")
    named = {word for words in re.findall(r"`([^`]+)`", row) for word in words.split()}
    one = told[0] if isinstance(told, list) and told else told
    assert one, f"the store has nothing to tell of '{name}'"
    keys = set(one)
    for value in one.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            keys |= set(value[0])
    return keys - named


@pytest.fixture
def ask(kolbench: Commands, worked: Path, tmp_path: Path) -> Commands:
    """Runs commands on the store of the demo."""
    shutil.copy(worked, tmp_path / "kolbench.db")
    return kolbench


@pytest.mark.parametrize("name", ASKED)
def test_the_manual_names_what_is_told(ask: Commands, name: str) -> None:
    asked = [*name.split(), *(["list"] if name == "offer" else [])]
    assert undocumented(name, ask(*asked, "--json").json) == set()


def test_the_manual_names_what_is_told_of_one(ask: Commands) -> None:
    brief, campaign = (ask(kind, "list", "--json").json[0]["name"] for kind in ("brief", "campaign"))
    creator = ask("candidates", "--limit", "1", "--json").json[0]["creator_id"]
    seller = next(row for row in ask("campaign", "board", campaign, "--json").json["rows"] if row["depth"])["ref"]
    sequence, template = (ask(kind, "list", "--json").json[0]["name"] for kind in ("sequence", "template"))
    found = {name: ask(*name.split(), brief, "--json").json for name in OF_BRIEF}
    found |= {f"campaign {act}": ask("campaign", act, campaign, "--json").json for act in OF_CAMPAIGN}
    found |= {f"campaign {act}": ask("campaign", act, campaign, seller, "--json").json for act in OF_WHO}
    found |= {f"sequence {act}": ask("sequence", act, sequence, "--json").json for act in ("show", "stats")}
    found["template show"] = ask("template", "show", template, "--json").json
    found["candidates --why"] = ask("candidates", "--why", creator, "--json").json
    found["creator show"] = dict.fromkeys(ask("creator", "show", creator, "--json").json)  # its lists have their rows
    found["campaign payout"] = ask("campaign", "payout", campaign, "--json").json
    assert {name: keys for name, told in found.items() if (keys := undocumented(name, told))} == {}
