"""The programme's rules on the command line, as their chapter tells them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from chapters import Chapter
from kolbench.domain.conditions import METRICS
from kolbench.domain.rule_sets import parse
from kolbench.domain.settings import Guards
from kolbench.programme import audit
from kolbench.programme.rule_sets import example
from kolbench.screens import ladder_words

if TYPE_CHECKING:
    from commands import Commands

CHAPTER = Chapter("rules")


def eased() -> str:
    """The example with a second stage that whoever has agreed enters."""
    return example().replace(' "days_in_stage >= 30", "works >= 8",', "").replace('stay = ["works >= 4", ', "stay = [")


@pytest.fixture
def ruled(sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The sample under the rules of the example; the first two people of a brief have agreed."""
    monkeypatch.chdir(tmp_path)
    Path("rules.toml").write_text(example(), encoding="utf-8")
    assert sampled("brief", "new", "Tea", "--purpose", "activate").code == 0
    assert sampled("brief", "decide", "Tea", "agreed", 1, 2).code == 0
    assert sampled("rules", "apply", "rules.toml").code == 0
    return sampled


def test_every_command_of_the_chapter_does_what_it_says(
    sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CHAPTER.play(sampled)
    assert "以下规则对每个人一视同仁" in Path("rules.txt").read_text("utf-8")
    found = sampled("audit", "--json").json
    assert [one["check"] for one in found] == ["sanctions", "exemptions"]


def test_the_chapter_tells_what_is_in_force() -> None:
    stages, guarded = CHAPTER.code("toml")
    limits = Guards()
    stage, shown = parse(tomllib.loads(example())).stages[1], parse({"name": "x", **tomllib.loads(stages)}).stages[1]
    assert (shown.name, shown.enter, shown.stay) == (stage.name, stage.enter, stage.stay)
    for told in (
        f"younger than {limits.community_days} days",
        f"promoted within {limits.person_days} days",
        f"and {limits.growth_least} more",
        f"nothing after {audit.PATIENCE_DAYS} days",
    ):
        assert told in CHAPTER.text
    for name in audit.CHECKS:
        assert f"| `{name}` |" in CHAPTER.text
    assert limits.growth == 1.5
    assert tomllib.loads(guarded) == {"guards": structs.asdict(limits)}


def test_all_mistakes_of_a_file_are_named_and_nothing_is_written(sampled: Commands, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('nam = "x"\nname = "y"\n[[stages]]\nname = 3\n', encoding="utf-8")
    for action in ("check", "diff", "apply"):
        ran = sampled("rules", action, path)
        assert (ran.code, ran.out) == (2, "")
        assert "nam: there is no such setting. Do you mean name?" in ran.err
        assert "stages[1].name: write a text in quotes, not 3." in ran.err
        assert str(path) in ran.err
    assert sampled("rules", "show").code == 2
    path.write_text("[", encoding="utf-8")
    assert "is not TOML" in sampled("rules", "check", path).err
    assert "can't be read" in sampled("rules", "check", tmp_path / "none.toml").err


def test_a_dry_run_says_who_would_move_and_why_and_moves_nobody(ruled: Commands) -> None:
    before = ruled("creator", "stage", 1, "--json").json
    assert [(event["name"], event["how"], event["version"]) for event in before] == [("early", "placed", 1)]
    text = eased().replace("House rules", "Ours")
    Path("next.toml").write_text(text, encoding="utf-8")
    told = ruled("rules", "diff", "next.toml", "--json").json
    assert told["version"] == 1
    assert {one["setting"] for one in told["changes"]} == {"name", "stages.mid.enter", "stages.mid.stay"}
    moves = {one["creator_id"]: one for one in told["moves"] if one["ladder"] == "stage"}
    assert moves[1]["before"] == "early"
    assert moves[1]["after"] == "mid"
    assert moves[1]["due"] is None
    assert "agreed 1 (agreed >= 1)" in moves[1]["why"]
    assert moves[1]["figures"]["agreed"] == 1
    shown = ruled("rules", "diff", "next.toml").out
    assert "stages.mid.enter" in shown
    assert "Stage: 2 people from Early to Mid, at once" in shown
    assert "briefs agreed 1 (agreed >= 1)" in shown
    assert ruled("creator", "stage", 1, "--json").json == before
    assert "The file says what is in force." in ruled("rules", "diff", "rules.toml").out


def test_stages_are_told_by_their_titles_and_to_programs_by_their_ids(ruled: Commands) -> None:
    assert [line.split()[:2] for line in ruled("rules", "show").out.splitlines()[2:4]] == [
        ["Early", "early"], ["Mid", "mid"],
    ]  # fmt: skip
    ruled("incentive", "budget", "2026-06", "500 CNY", "--stage", "mid")
    assert ruled("incentive", "budget").out.splitlines()[1].split()[2] == "Mid"
    assert ruled("incentive", "budget", "--json").json[0]["stage"] == "mid"
    ruled("creator", "stage", 1, "mid", "--reason", "a friend")
    shown = ruled("audit", "--only", "overrides").out
    assert "by their figures stage 'Early'" in shown
    assert "  Mid  " in shown
    assert [case["treated"] for case in ruled("audit", "--json").json[0]["cases"]] == ["mid", "early"]
    assert "前期" in ruled("rules", "show", "--lang", "zh").out
    assert "前期：" in ruled("creator", "timeline", 1, "--lang", "zh").out


def test_what_follows_from_a_violation_is_told_in_words(ruled: Commands) -> None:
    told = ruled("violation", "add", 1, "spam", "--text", "an advert", "--evidence", "a link").out
    assert "The rules say: A friendly reminder of the rule. Apply it" in told
    ruled("violation", "add", 2, "spam", "--text", "another", "--evidence", "a link")
    ruled("sanction", "apply", 1)
    ruled("sanction", "apply", 2, "--exempt", "--reason", "their first week")
    assert "severity minor, earlier ones 0" in ruled("audit").out
    for language, words in (("en", "friendly reminder of the rule"), ("zh", "友好提醒")):
        for command in ("violation list", "sanction propose 1", "creator show 1", "creator timeline 1", "audit"):
            assert words in ruled(*command.split(), "--lang", language).out, command
    assert ruled("violation", "list", "--json").json[-1]["applied"] == "reminder"
    shown = ruled("rules", "show", "--lang", "en").out.splitlines()
    assert ["reminder", "A friendly reminder of the rule."] in [line.split(maxsplit=1) for line in shown]


def test_applying_makes_a_version_and_promotes_and_the_same_file_changes_nothing(ruled: Commands) -> None:
    again = ruled("rules", "apply", "rules.toml", "--json").json
    assert (again["version"], again["changed"], again["moved"]) == (1, False, [])
    text = eased()
    Path("rules.toml").write_text(text.replace("No insults", "No insults at all"), encoding="utf-8")
    ran = ruled("rules", "apply", "rules.toml", "--base", 1)
    assert ran.code == 0
    assert "version 2 is in force" in ran.out
    assert "acknowledge it anew" in ran.out
    assert "Stage: 2 people went from Early to Mid." in ran.out
    assert "People are demoted next on 2026-07-01." in ran.out
    Path("rules.toml").write_text(text, encoding="utf-8")
    ran = ruled("rules", "apply", "rules.toml", "--base", 1)
    assert (ran.code, "applied version 2 meanwhile" in ran.err) == (2, True)
    toml = ruled("rules", "show", "--version", 1, "--toml").out
    assert parse(tomllib.loads(toml)) == parse(tomllib.loads(example()))
    assert [one["version"] for one in ruled("rules", "show", "--json").json["versions"]] == [2, 1]


def test_holding_somebody_needs_a_reason_and_lifting_somebody_who_is_held(ruled: Commands) -> None:
    assert "Say why" in ruled("creator", "grade", 1, "A").err
    held = ruled("creator", "grade", 1, "A", "--reason", "a star", "--json").json
    assert (held[0]["name"], held[0]["how"], held[0]["reason"]) == ("A", "held", "a star")
    assert "a star" in ruled("creator", "grade", 1).out
    assert ruled("creator", "grade", 1, "--lift", "--reason", "no star").code == 0
    assert "Nobody holds them" in ruled("creator", "grade", 1, "--lift", "--reason", "no star").err
    assert ruled("creator", "stage", 3).out.endswith("The rules have not put them anywhere yet.\n")


def test_how_somebody_came_to_a_stage_is_told_in_words_and_with_figures_rounded(ruled: Commands) -> None:
    Path("rules.toml").write_text(eased(), encoding="utf-8")
    assert ruled("rules", "apply", "rules.toml").code == 0
    (moved, placed) = ruled("creator", "stage", 1, "--json").json
    assert (moved["how"], placed["how"]) == ("promoted", "placed")
    told = [line for name in ("stage", "grade") for line in ruled("creator", name, 1).out.splitlines()[1:]]
    assert "promoted" in told[0]
    assert "briefs agreed 1, briefs active 0" in told[0]
    for line in told:
        assert not re.search(r"[a-z]_[a-z]|\d\.\d\d", line), line
    chinese = ruled("creator", "stage", 1, "--lang", "zh").out
    assert "已升级" in chinese
    assert "promoted" not in chinese
    assert set(ladder_words.FIGURES) == set(METRICS)


def test_figures_are_told_as_screens_round_them_and_what_is_unknown_is_not() -> None:
    figures = {"score": 61.9294023243916, "followers": 91_300, "growth": 0.0518, "voice": None, "kind": "both",
               "acknowledged": 1, "plugin's own": 2.0}  # fmt: skip
    assert ladder_words.told(figures) == [
        "score 61.9", "followers 91,300", "growth 5.2%", "Label both", "knows the rules yes", "plugin's own 2.0",
    ]  # fmt: skip


def test_who_knows_the_rules_is_written_down_once(ruled: Commands) -> None:
    done = ruled("rules", "ack", 1, "--channel", "wechat", "--on", "2026-05-20", "--json").json
    assert done == {"version": 1, "changed": [1], "unchanged": []}
    assert ruled("rules", "ack", 1, "--channel", "email", "--json").json["unchanged"] == [1]
    (told,) = ruled("rules", "acks", "--json").json
    assert (told["creator_id"], told["channel"], told["version"]) == (1, "wechat", 1)
    assert [one["creator_id"] for one in ruled("rules", "acks", "--missing", "--json").json] == [2]
    assert ruled("rules", "ack", 1, "--channel", "wechat", "--version", 7).code == 2


def test_violations_and_sanctions_for_programs(ruled: Commands) -> None:
    words = ("--text", "an advert", "--evidence", "https://example.org")
    made = ruled("violation", "add", 1, "spam", *words, "--on", "2026-05-20", "--json").json
    assert (made["id"], made["severity"], made["proposed"], made["earlier"]) == (1, "minor", "reminder", 0)
    assert ruled("sanction", "propose", 1, "--json").json == {"violation_id": 1, "sanction": "reminder", "earlier": 0}
    assert "Say why" in ruled("sanction", "apply", 1, "--as", "pause").err
    done = ruled("sanction", "apply", 1, "--as", "pause", "--reason", "a week before the launch", "--json").json
    assert (done["applied"], done["proposed"]) == ("pause", "reminder")
    assert [one["id"] for one in ruled("sanction", "list", "--json").json] == [1]
    assert ruled("violation", "withdraw", 1, "--reason", "a mistake", "--json").json["withdrawn_why"] == "a mistake"
    assert ruled("violation", "list", "--json").json == []
    assert "withdrawn: a mistake" in ruled("violation", "list", "--withdrawn").out


def test_who_has_not_agreed_is_not_invited_and_the_follow_up_stays_open(ruled: Commands) -> None:
    first = ruled("queue", "--due", "all", "--json").json[0]
    for words in (("--invitation",), ("--channel", "group", "--outcome", "invited")):
        ran = ruled("queue", "done", first["follow_up_id"], *words)
        assert (ran.code, "nobody is invited into a community without their consent" in ran.err) == (2, True)
    assert ruled("queue", "--due", "all", "--json").json[0]["follow_up_id"] == first["follow_up_id"]
    who = first["creator_id"]
    contact = next(one for one in ruled("creator", "contact", who, "wechat", "an-address", "--json").json["contacts"]
                   if one["value"] == "an-address")  # fmt: skip
    assert ruled("creator", "contact", who, contact["channel"], contact["value"], "--consent", "given").code == 0
    ran = ruled("queue", "done", first["follow_up_id"], "--invitation")
    assert (ran.code, ran.err) == (0, "")


def test_timing_is_asked_about_somebody_or_some_place(ruled: Commands) -> None:
    assert "Name people with --creator" in ruled("rules", "timing").err
    assert ruled("rules", "timing", "--creator", 1, "--community", "美妆护肤交流群", "--json").code == 0


def test_what_may_be_too_early_is_told_of_the_communities_of_those_with_whom_something_begins(
    sampled: Commands, tmp_path: Path
) -> None:
    """Settings by which every community is young: whoever is in one is named with it."""
    (tmp_path / "settings.toml").write_text("[guards]\ncommunity_days = 100_000\n", "utf-8")
    who = sampled("leaderboard", "--community", "美妆护肤交流群", "--json").json["entries"][0]["creator_id"]
    assert "earn no money there" in sampled("rules", "timing", "--creator", who).out
    sampled("campaign", "new", "Tea")
    ran = sampled("campaign", "start", "Tea", who)
    assert "earn no money there in the first 100000 days" in ran.err
    sampled("agreement", "new", who, "--gives", "films", "--gets", "a share")
    assert "earn no money there" in sampled("agreement", "sign", 1).err
