"""Lists on the command line say what the store says, as tables and as JSON, and act as the screens do."""

from __future__ import annotations

import csv
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from commands import Commands


# Candidates -------------------------------------------------------------------------------------------------


def test_candidates_come_in_the_order_asked_for(sampled: Commands) -> None:
    by_score = sampled("candidates", "--json").json
    assert [row["score"] for row in by_score] == sorted((row["score"] for row in by_score), reverse=True)
    smallest = sampled("candidates", "--sort", "followers", "--reverse", "--limit", "5", "--json").json
    known = [row["followers"] for row in smallest]
    assert known == sorted(known)
    assert len(smallest) == 5


def test_filters_narrow_the_list_together(sampled: Commands) -> None:
    found = sampled("candidates", "--platform", "douyin", "--tier", "micro", "--json").json
    assert found
    assert {(row["platform"], row["tier"]) for row in found} == {("douyin", "micro")}
    name = found[0]["name"]
    assert name in [row["name"] for row in sampled("candidates", "--search", name, "--json").json]
    assert sampled("candidates", "--source", "sample-wechat", "--platform", "douyin", "--json").json == []
    members = sampled("candidates", "--community", "美妆", "--json").json
    assert {row["platform"] for row in members} == {"wechat"}


def test_people_are_narrowed_by_what_is_told_of_them_and_by_how_much_is_known(sampled: Commands) -> None:
    every = sampled("candidates", "--limit", "100000", "--json").json
    region = next(row["region"] for row in every if row["region"])
    category = next(row["category"] for row in every if row["category"])
    wanted = {
        ("--region", region): lambda row: row["region"] == region,
        ("--category", category.upper()): lambda row: row["category"] == category,
        ("--language", "zh"): lambda row: row["language"] == "zh",
        ("--known", "60"): lambda row: row["confidence"] >= 0.6,
    }
    for options, fits in wanted.items():
        found = sampled("candidates", *options, "--limit", "100000", "--json").json
        assert {row["creator_id"] for row in found} == {row["creator_id"] for row in every if fits(row)}
        assert 0 < len(found) < len(every), options
    lately = sampled("candidates", "--active", "3", "--limit", "100000", "--json").json
    assert {row["creator_id"] for row in lately} < {row["creator_id"] for row in every if row["last_active_at"]}
    ran = sampled("candidates", "--region", "Atlantis")
    assert (ran.code, "Nobody is in the region 'Atlantis'. Regions: " in ran.err) == (2, True)
    assert "--fit 50 is about a brief: add --brief NAME." in sampled("candidates", "--fit", "50").err


def test_a_platform_where_nobody_is_is_refused_with_those_that_there_are(sampled: Commands) -> None:
    ran = sampled("candidates", "--platform", "nope")
    assert (ran.code, ran.out) == (2, "")
    assert "nobody on 'nope'. Platforms: bilibili, douyin, " in ran.err
    assert sampled("candidates", "--platform", "Douyin", "--json").json


def test_the_table_says_how_many_there_are(sampled: Commands) -> None:
    out = sampled("candidates", "--limit", "2").out.splitlines()
    assert len(out) == 4
    assert out[0].split()[:2] == ["id", "name"]
    assert out[-1].startswith("2 of 1")


def test_a_score_is_explained_by_parts_that_add_up(sampled: Commands) -> None:
    first = sampled("candidates", "--limit", "1", "--json").json[0]
    told = sampled("candidates", "--why", first["creator_id"], "--json").json
    assert sum(part["points"] for part in told["components"]) == pytest.approx(told["score"]) == first["score"]
    text = sampled("candidates", "--why", first["name"]).out
    assert first["name"] in text
    assert "log10(followers + 1) / 8" in text


def test_nobody_of_that_name_is_a_mistake_that_is_told(sampled: Commands) -> None:
    ran = sampled("candidates", "--why", "nobody at all")
    assert (ran.code, ran.out) == (2, "")
    assert "nobody at all" in ran.err


# Leaderboards -----------------------------------------------------------------------------------------------


def test_a_leaderboard_names_its_place_window_and_rules(sampled: Commands) -> None:
    board = sampled("leaderboard", "--json").json
    assert board["scope"] == "community"
    assert board["exclusions"] == ["bots", "staff", "self"]
    assert board["entries"][0]["rank"] == 1
    values = [entry["value"] for entry in board["entries"]]
    assert values == sorted(values, reverse=True)
    assert board["place"] in sampled("leaderboard").out


def test_the_list_of_communities_can_be_limited(sampled: Commands) -> None:
    with sqlite3.connect(os.environ["KOLBENCH_STORE"]) as db:
        db.execute("INSERT INTO community (platform, uid, name, run_id) VALUES ('wechat', 'quiet', 'Quiet', 1)")
    every = sampled("leaderboard", "--list", "--json").json
    assert len(every) == 2
    assert sampled("leaderboard", "--list", "--limit", "1", "--json").json == every[:1]


def test_a_community_is_found_by_part_of_its_name_or_by_its_number(sampled: Commands) -> None:
    rooms = sampled("leaderboard", "--list", "--json").json
    room = rooms[0]
    by_name = sampled("leaderboard", "--community", room["name"][:2], "--json").json
    by_number = sampled("leaderboard", "--community", room["id"], "--json").json
    assert by_name["entries"] == by_number["entries"]
    missing = sampled("leaderboard", "--community", "nowhere")
    assert missing.code == 2
    assert room["name"] in missing.err


def test_a_source_can_be_ranked_by_what_it_has(sampled: Commands) -> None:
    board = sampled("leaderboard", "--source", "sample-douyin", "--metric", "reach", "--json").json
    assert (board["scope"], board["place"], board["metric"]) == ("source", "sample-douyin", "reach")
    assert all(entry["platform"] == "douyin" for entry in board["entries"])


def test_a_window_can_be_chosen_in_days(sampled: Commands) -> None:
    week = sampled("leaderboard", "--days", "7", "--json").json
    everything = sampled("leaderboard", "--days", "0", "--json").json
    assert week["from"] > everything["from"]
    assert sampled("leaderboard", "--days", "-1").code == 2


def test_nothing_to_rank_is_said_and_is_null(kolbench: Commands) -> None:
    kolbench("source", "add", "empty", "sample", "--set", "platform=weibo")
    assert kolbench("leaderboard", "--json").json is None
    assert "nothing to rank" in kolbench("leaderboard").out


# Follow-ups -------------------------------------------------------------------------------------------------


def queued(sampled: Commands, due: str = "all") -> list[int]:
    return [row["follow_up_id"] for row in sampled("queue", "--due", due, "--json").json]


def test_the_queue_says_who_waits_and_why(sampled: Commands) -> None:
    rows = sampled("queue", "--due", "all", "--json").json
    assert {"reply-waiting", "first-contact"} <= {row["rule"] for row in rows}
    text = sampled("queue", "--due", "all").out
    assert rows[0]["name"] in text
    assert rows[0]["why"] in text


def test_what_is_done_leaves_the_queue_and_can_come_back(sampled: Commands) -> None:
    first, second, *_rest = queued(sampled)
    assert sampled("queue", "done", first, second, "--outcome", "agreed", "--json").json["changed"] == [first, second]
    assert {first, second}.isdisjoint(queued(sampled))
    assert {first, second} <= set(queued(sampled, "closed"))
    again = sampled("queue", "done", first)
    assert again.code == 1
    assert "done" in again.err
    assert sampled("queue", "reopen", first).code == 0
    assert first in queued(sampled)


def test_programs_are_told_all_that_it_takes_to_turn_to_somebody(sampled: Commands) -> None:
    row = next(row for row in sampled("queue", "--due", "all", "--json").json if row["rule"] == "first-contact")
    assert (row["section"], row["evidence"].keys()) == ("today", {"place", "score", "confidence"})
    assert (row["script"], row["template"], row["missing"]) == (None, None, [])
    assert row["local_time"].startswith("2026-06-0")
    sampled("template", "add", "first-contact", "--text", "您好 {{ name }}")
    sampled("creator", "edit", row["creator_id"], "time_zone=Pacific/Auckland")
    (there,) = (
        one for one in sampled("queue", "--due", "all", "--json").json if one["follow_up_id"] == row["follow_up_id"]
    )
    assert (there["script"], there["template"], there["variant"]) == (f"您好 {row['name']}", "first-contact", "A")
    assert (there["local_time"], there["right_from"]) == ("2026-06-02T00:00+12:00", "2026-06-01T21:00:00Z")
    ran = sampled("queue", "done", row["follow_up_id"], "--outcome", "sent")
    assert (ran.code, f"00:00 where {row['name']} is: right from 09:00." in ran.err) == (0, True)


def test_an_operator_whom_nobody_knows_is_named_with_those_there_are(sampled: Commands) -> None:
    first = queued(sampled)[0]
    sampled("queue", "reassign", "Lin", first)
    mine = sampled("queue", "--due", "all", "--owner", "LIN", "--json")
    assert [row["follow_up_id"] for row in mine.json] == [first]
    for words in (("--owner", "lni"), ("summary", "--owner", "lni"), ("calendar", "-", "--owner", "lni")):
        ran = sampled("queue", *words)
        assert (ran.code, ran.out) == (2, "")
        assert "There is no operator 'lni'. Those there are:" in ran.err
        assert "Lin" in ran.err
    assert sampled("queue", "--owner", "me").code == 0


def test_the_doctor_names_what_is_misspelt_in_the_settings_of_rules(sampled: Commands, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[rules.silent]\nleast_day = 5\n", encoding="utf-8")
    found = [one for one in sampled("doctor", "--json").json if one["check"] == "settings"]
    assert [one["state"] for one in found] == ["warning"]
    assert "rules.silent.least_day: there is no such setting. Do you mean least_days?" in found[0]["found"]


def test_what_is_so_already_is_said_to_be_so(sampled: Commands) -> None:
    first = queued(sampled)[0]
    ran = sampled("queue", "plan", "", first)
    assert (ran.code, ran.err) == (1, f"{first} is so already.\n")


def last_contact(folder: Path) -> tuple[str, str | None]:
    with sqlite3.connect(folder / "kolbench.db") as db:
        newest: tuple[str, str | None] = db.execute(
            "SELECT channel, outcome FROM touchpoint ORDER BY id DESC"
        ).fetchone()
    return newest


@pytest.mark.parametrize("word", ["no_answer", "no answer", "No Answer", "NO-ANSWER", "未回复", "没回复"])
def test_an_outcome_is_kept_by_its_id_whatever_it_is_called(sampled: Commands, tmp_path: Path, word: str) -> None:
    first = queued(sampled)[0]
    assert sampled("queue", "done", first, "--outcome", word, "--channel", "微信").code == 0
    assert last_contact(tmp_path) == ("wechat", "no_answer")


def test_an_undo_takes_the_contact_back_with_what_was_done(sampled: Commands, tmp_path: Path) -> None:
    first = queued(sampled)[0]
    before = last_contact(tmp_path)
    assert sampled("queue", "done", first, "--outcome", "declined", "--channel", "phone").code == 0
    assert last_contact(tmp_path) == ("phone", "declined")
    undone = sampled("queue", "undo", "--json")
    assert (undone.code, undone.json["act"], undone.json["follow_ups"]) == (0, "done", [first])
    assert last_contact(tmp_path) == before
    assert first in queued(sampled)
    assert sampled("brief", "new", "Tea", "--purpose", "activate", "--keyword", "奶茶").code == 0
    assert sampled("brief", "decide", "Tea", "shortlisted", 1).code == 0
    ran = sampled("queue", "undo")
    assert (ran.code, "Your last act was none in the queue" in ran.err) == (2, True)


@pytest.mark.parametrize("word", ["foo", "", " ", "回复了吗"])
def test_an_outcome_that_there_is_not_is_refused_and_the_follow_up_stays_open(sampled: Commands, word: str) -> None:
    first = queued(sampled)[0]
    ran = sampled("queue", "done", first, "--outcome", word)
    assert (ran.code, ran.out) == (2, "")
    assert "sent, agreed, interested, later, no_answer, declined" in ran.err
    assert sampled("queue", "done", first, "--channel", "").code == 2
    assert sampled("queue", "done", first, "--outcome", "agreed", "--invitation").code == 2
    assert first in queued(sampled)


def test_what_is_snoozed_waits_apart(sampled: Commands) -> None:
    first = queued(sampled)[0]
    assert sampled("queue", "snooze", first, "--until", "3d").code == 0
    assert first not in queued(sampled)
    (row,) = sampled("queue", "--due", "snoozed", "--json").json
    assert row["snoozed_until"] == "2026-06-04T00:00:00Z"
    assert sampled("queue", "snooze", first, "--until", "soon").code == 2
    assert sampled("queue", "snooze", first, "--until", "2020-01-01").code == 2


def test_a_note_is_kept_with_the_person(sampled: Commands, tmp_path: Path) -> None:
    first = queued(sampled)[0]
    assert sampled("queue", "note", first, "likes tea 🍵").code == 0
    with sqlite3.connect(tmp_path / "kolbench.db") as db:
        newest = db.execute("SELECT text FROM note ORDER BY id DESC").fetchone()
    assert newest == ("likes tea 🍵",)
    assert sampled("queue", "note", "999999", "nobody").code == 2


def test_an_unknown_follow_up_is_named(sampled: Commands) -> None:
    ran = sampled("queue", "done", "999999")
    assert ran.code == 1
    assert "999999" in ran.err


# Exports ----------------------------------------------------------------------------------------------------


def test_an_export_says_what_the_list_says(sampled: Commands, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    ran = sampled("export", "candidates", target, "--platform", "douyin", "--sort", "followers", "--json")
    listed = sampled("candidates", "--platform", "douyin", "--sort", "followers", "--limit", "1000", "--json").json
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert ran.json == {"file": str(target), "format": "csv", "rows": len(listed)}
    assert [row["name"] for row in rows] == [row["name"] for row in listed]
    assert list(rows[0]) == list(listed[0])


@pytest.mark.parametrize("what", ["candidates", "leaderboard", "queue"])
@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.xlsx"])
def test_every_list_can_be_exported_in_every_format(sampled: Commands, tmp_path: Path, what: str, name: str) -> None:
    assert sampled("export", what, tmp_path / name).code == 0
    assert (tmp_path / name).stat().st_size > 100


@pytest.mark.parametrize("name", ["out.cvs", "out.json", "out", ".csv"])
def test_a_file_whose_name_says_no_format_is_refused_with_those_there_are(
    sampled: Commands, tmp_path: Path, name: str
) -> None:
    ran = sampled("export", "candidates", tmp_path / name)
    assert (ran.code, ran.err) == (2, "kolbench: The name ends in .csv, .jsonl or .xlsx: that says what is written.\n")
    assert not (tmp_path / name).exists()
    assert sampled("export", "candidates", tmp_path / name, "--format", "jsonl").code == 0
    assert (tmp_path / name).read_text("utf-8").startswith("{")


@pytest.mark.parametrize("command", [("export", "leaderboard"), ("incentive", "export")])
def test_a_file_that_is_there_is_replaced_only_where_that_is_said(
    sampled: Commands, tmp_path: Path, command: tuple[str, ...]
) -> None:
    target = tmp_path / "out.csv"
    target.write_text("precious", "utf-8")
    ran = sampled(*command, target)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"kolbench: {target} is there already: choose another name, or replace it with --overwrite.\n"
    assert target.read_text("utf-8") == "precious"
    assert sampled(*command, target, "--overwrite").code == 0
    assert "precious" not in target.read_text("utf-8-sig")


def test_an_export_to_the_standard_output_is_only_the_list(sampled: Commands) -> None:
    out = sampled("export", "leaderboard", "-", "--format", "jsonl").out
    assert all(line.startswith("{") for line in out.splitlines())
    assert sampled("export", "queue", "-", "--format", "xlsx").code == 2


def test_a_list_says_when_people_wait_to_be_scored(sampled: Commands, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "kolbench.db") as db:
        db.execute("INSERT INTO stale_creator (creator_id) SELECT id FROM creator LIMIT 2")
    db.close()
    assert "2 people wait to be scored" in sampled("candidates", "--limit", "1").err
    sampled("rebuild")
    assert sampled("candidates", "--limit", "1").err == ""
