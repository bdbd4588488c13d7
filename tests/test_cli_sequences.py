"""``kolbench template`` and ``kolbench sequence``: what they do, print, and refuse."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chapters import Chapter
from kolbench.programme.variables import VARIABLES

if TYPE_CHECKING:
    from commands import Commands

CHAPTER = Chapter("sequences")

SOP = """
name = "First contact"
quiet = ""

[[plans]]
name = "directly"

[[plans.steps]]
channel = "weibo"
template = "hello"
days = 0

[[plans.steps]]
channel = "wechat"

[[plans]]
name = "through somebody"

[[plans.steps]]
channel = "broker"
note = "ask whom they know"
"""


@pytest.fixture
def sop(sampled: Commands, tmp_path: Path) -> Commands:
    """The sample with a script and a sequence."""
    assert sampled("template", "add", "hello", "--text", "Hi {{ name }}").code == 0
    path = tmp_path / "sop.toml"
    path.write_text(SOP, "utf-8")
    assert sampled("sequence", "new", "--file", path).code == 0
    return sampled


def people(kolbench: Commands, n: int) -> list[str]:
    found = kolbench("candidates", "--limit", n, "--json").json
    rows = found["candidates"] if isinstance(found, dict) else found
    return [str(row["creator_id"]) for row in rows]


def test_a_script_is_kept_shown_changed_and_retired(sampled: Commands) -> None:
    kolbench = sampled
    kept = kolbench("template", "add", "hello", "--text", "你好 {{ name }}", "--json").json
    assert (kept["label"], kept["language"], kept["version"]) == ("A", "zh", 1)
    assert kolbench("template", "add", "hello", "--text", "Hi {{ name }}").out.startswith("hello, variant B (en)")
    assert kolbench("template", "edit", "hello", "--text", "Hey").err.strip() == (
        "kolbench: Which variant do you mean? Say --variant; there are A, B."
    )
    assert (
        kolbench("template", "edit", "hello", "--variant", "b", "--text", "Hey {{ name }}", "--json").json["version"]
        == 2
    )
    shown = kolbench("template", "show", "hello").out
    assert "Hey {{ name }}" in shown
    assert "Hi {{ name }}" not in shown
    assert len(kolbench("template", "show", "hello", "--all", "--json").json) == 3
    (listed,) = kolbench("template", "list", "--json").json
    assert (listed["name"], listed["variants"], listed["sent"], listed["replied"]["share"]) == ("hello", 2, 0, None)
    assert kolbench("template", "retire", "hello", "--json").json == {"template_id": 1, "retired": 2}
    assert kolbench("template", "list", "--json").json == []
    assert len(kolbench("template", "list", "--retired", "--json").json) == 1


def test_a_text_that_lacks_a_fact_is_shown_and_not_handed_out(sampled: Commands) -> None:
    kolbench = sampled
    (who,) = people(kolbench, 1)
    kolbench("template", "add", "hello", "--text", "Hi {{ name }} of {{ occupation }}", "--language", "en")
    shown = kolbench("template", "preview", "hello", who)
    assert (shown.code, "⟦occupation?⟧" in shown.out) == (1, True)
    assert shown.err == "The script can't be sent: nobody knows occupation of this person.\n"
    plain = kolbench("template", "preview", "hello", who, "--plain")
    assert (plain.code, plain.out) == (2, "")
    assert "nobody knows occupation" in plain.err
    told = kolbench("template", "preview", "hello", who, "--json").json
    assert (told["script"], told["missing"]) == (None, ["occupation"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{{ nam }}", "Do you mean 'name'"), ("{{ name.__class__ }}", "can't be used"), ("{{ name", "Line 1"),
        (" ", "empty"), ("{% for a in range(9) %}{% endfor %}", "can't be used"),
    ],
)  # fmt: skip
def test_what_is_no_script_is_refused(sampled: Commands, text: str, complaint: str) -> None:
    ran = sampled("template", "add", "hello", "--text", text)
    assert (ran.code, complaint in ran.err) == (2, True), ran.err


def test_a_sequence_leads_from_the_first_step_to_the_answer(sop: Commands) -> None:
    who, other = people(sop, 2)
    assert len(sop("sequence", "enrol", "First", who, other, "--json").json["enrolled"]) == 2
    again = sop("sequence", "enrol", "First", who)
    assert (again.code, "in it already" in again.err) == (1, True)
    due = sop("sequence", "due", "--json").json
    assert [(one["channel"], one["plan"], one["step"]) for one in due] == [("weibo", "directly", 1)] * 2
    assert all(one["script"].startswith("Hi ") for one in due)
    steps = [
        row for row in sop("queue", "--due", "all", "--limit", 500, "--json").json if row["rule"] == "sequence-step"
    ]
    assert len(steps) == 2
    assert sop("queue", "done", *(row["follow_up_id"] for row in steps), "--outcome", "agreed").code == 0
    stats = sop("sequence", "stats", "First", "--json").json
    assert (stats["whole"]["sent"], stats["whole"]["accepted"]["n"]) == (2, 2)
    assert [(one["plan"], one["channel"], one["sent"]) for one in stats["steps"]] == [("directly", "weibo", 2)]
    assert [(one["template"], one["variant"], one["sent"]) for one in stats["scripts"]] == [("hello", "A", 2)]
    assert "100.0%" in sop("sequence", "stats", "First").out
    (row,) = sop("sequence", "list", "--json").json
    assert (row["active"], row["answered"]) == (0, 2)
    assert "said yes" in sop("sequence", "show", "First").out
    assert sop("sequence", "due").out.splitlines()[-1] == "No step is due within 7 days."


def test_nobody_is_in_two_sequences_unless_that_is_meant(sop: Commands, tmp_path: Path) -> None:
    (who,) = people(sop, 1)
    path = tmp_path / "other.toml"
    path.write_text(SOP.replace("First contact", "Second"), "utf-8")
    assert sop("sequence", "new", "--file", path).code == 0
    assert sop("sequence", "enrol", "First", who).code == 0
    ran = sop("sequence", "enrol", "Second", who, "--json")
    assert (ran.code, ran.json["enrolled"]) == (1, [])
    assert ran.json["left_out"][0]["others"] == ["First contact"]
    assert "'First contact'" in sop("sequence", "enrol", "Second", who).err
    assert sop("sequence", "enrol", "Second", who, "--also").code == 0
    assert len(sop("sequence", "stop", who, "--sequence", "Second", "--json").json) == 1
    assert len(sop("sequence", "stop", who, "--json").json) == 1
    assert sop("sequence", "stop", who).err == "kolbench: None of them is in a sequence that goes on.\n"


def test_everybody_in_a_state_of_a_brief_is_enrolled_at_once(sop: Commands) -> None:
    found = people(sop, 3)
    assert sop("brief", "new", "Tea", "--purpose", "activate").code == 0
    assert sop("brief", "decide", "Tea", "shortlisted", *found[:2]).code == 0
    assert sop("brief", "decide", "Tea", "contacted", found[2]).code == 0
    assert len(sop("sequence", "enrol", "First", "--brief", "Tea", "--json").json["enrolled"]) == 2
    assert (
        len(sop("sequence", "enrol", "First", "--brief", "Tea", "--state", "contacted", "--json").json["enrolled"]) == 1
    )
    assert "Name somebody" in sop("sequence", "enrol", "First").err


def test_a_sequence_pauses_and_goes_on(sop: Commands) -> None:
    (who,) = people(sop, 1)
    sop("sequence", "enrol", "First", who)
    (paused,) = sop("sequence", "pause", who, "--until", "5d", "--reason", "on holiday", "--json").json
    assert (paused["state"], paused["reason"]) == ("paused", "on holiday")
    assert sop("sequence", "due", "--days", 3, "--json").json == []
    assert "on holiday" in sop("sequence", "show", "First").out
    assert sop("sequence", "resume", who, "--json").json[0]["state"] == "active"
    assert len(sop("sequence", "due", "--json").json) == 1


def test_a_sequence_is_changed_in_versions(sop: Commands, tmp_path: Path) -> None:
    path = tmp_path / "sop.toml"
    assert sop("sequence", "show", "First", "--toml").out
    path.write_text(sop("sequence", "show", "First", "--toml").out, "utf-8")
    assert sop("sequence", "edit", "First", "--file", path, "--json").json["changed"] is False
    path.write_text(path.read_text("utf-8").replace("a_week = 2", "a_week = 1"), "utf-8")
    changed = sop("sequence", "edit", "First", "--file", path, "--json").json
    assert (changed["version"], changed["changed"]) == (2, True)
    assert sop("sequence", "show", "First", "--json").json["sequence"]["a_week"] == 1
    assert sop("sequence", "show", "First", "--version", 1, "--json").json["sequence"]["a_week"] == 2
    path.write_text(path.read_text("utf-8").replace("a_week = 1", "a_week = 3"), "utf-8")
    assert "saved version 2" in sop("sequence", "edit", "First", "--file", path, "--base", 1).err


def test_the_example_is_a_sequence(sampled: Commands, tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(sampled("sequence", "new", "Ours", "--example").out, "utf-8")
    assert sampled("sequence", "new", "--file", path, "--json").json["name"] == "Ours"


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('template = "hello"', 'template = "helo"', "no template 'helo'"),
        ('channel = "wechat"', 'chanel = "wechat"', "chanel"),
        ('quiet = ""', 'quiet = "0-24"', "at least an hour"),
        ("[[plans]]", "[[plans", "is not TOML"),
    ],
)
def test_what_is_no_sequence_is_refused(
    sampled: Commands, tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    sampled("template", "add", "hello", "--text", "Hi")
    path = tmp_path / "sop.toml"
    path.write_text(SOP.replace(before, after), "utf-8")
    ran = sampled("sequence", "new", "--file", path)
    assert (ran.code, complaint in ran.err) == (2, True), ran.err


def test_a_file_without_a_name_takes_the_one_that_is_said(sampled: Commands, tmp_path: Path) -> None:
    sampled("template", "add", "hello", "--text", "Hi")
    path = tmp_path / "sop.toml"
    path.write_text(re.sub(r"(?m)^name = .*\n", "", SOP, count=1), "utf-8")
    assert sampled("sequence", "new", "--file", path).code == 2
    assert sampled("sequence", "new", "Mine", "--file", path, "--json").json["name"] == "Mine"


def test_the_commands_of_the_chapter_work(sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sop.toml").write_text(CHAPTER.code("toml")[0], "utf-8")
    (who,) = people(sampled, 1)
    assert CHAPTER.play(sampled, "sh", hints=True, CREATOR=who) > 12


def test_the_chapter_names_every_variable() -> None:
    table = re.findall(r"^\| `(\w+)` \|", CHAPTER.text, re.MULTILINE)
    assert sorted(table) == sorted(VARIABLES)
