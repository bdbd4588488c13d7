"""The queue on the command line: narrowed, taken, handed on, told to cron, to calendars and to programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chapters import Chapter

if TYPE_CHECKING:
    from commands import Commands


def listed(sampled: Commands, *options: object) -> list[int]:
    return [row["follow_up_id"] for row in sampled("queue", "--due", "all", *options, "--json").json]


def test_the_fields_of_json_stay_where_they_are(sampled: Commands) -> None:
    (row,) = sampled("queue", "--due", "all", "--limit", 1, "--json").json
    assert list(row) == [
        "follow_up_id", "creator_id", "name", "platform", "handle", "rule", "title", "why", "due_at", "snoozed_until",
        "created_at", "last_touch_at", "state", "owner", "channel", "plan", "taken_by", "taken_until", "section",
        "evidence", "template", "variant", "script", "missing", "wrong", "time_zone", "local_time", "right_from",
    ]  # fmt: skip


def test_follow_ups_are_handed_on_and_the_queue_is_narrowed_to_an_operator(sampled: Commands) -> None:
    first, second, *_rest = listed(sampled)
    assert sampled("queue", "reassign", "lin", first, second).out == "2 follow-ups: handed to lin.\n"
    assert listed(sampled, "--owner", "lin") == [first, second]
    assert first not in listed(sampled, "--owner", "none")
    assert sampled("queue", "reassign", "none", first).code == 0
    assert listed(sampled, "--owner", "lin") == [second]
    assert sampled("queue", "reassign", "me", second).code == 0
    assert listed(sampled, "--owner", "me") == [second]


def test_what_is_taken_says_by_whom(sampled: Commands) -> None:
    first = listed(sampled)[0]
    assert sampled("queue", "take", first).out == "1 follow-up: taken.\n"
    assert "(taken by " in sampled("queue", "--due", "all").out
    assert sampled("queue", "release", first).code == 0
    assert "(taken by " not in sampled("queue", "--due", "all").out
    assert sampled("queue", "release", first).code == 1


def test_channel_and_plan_are_changed(sampled: Commands) -> None:
    first = listed(sampled)[0]
    assert sampled("queue", "channel", "phone", first).code == 0
    assert sampled("queue", "plan", "offer a tasting", first, "--json").json["changed"] == [first]
    row = next(row for row in sampled("queue", "--due", "all", "--json").json if row["follow_up_id"] == first)
    assert (row["channel"], row["plan"]) == ("phone", "offer a tasting")


def test_the_queue_is_narrowed_by_rule_community_and_section(sampled: Commands) -> None:
    rules = {row["rule"] for row in sampled("queue", "--due", "all", "--limit", 999, "--json").json}
    for rule in rules:
        found = sampled("queue", "--due", "all", "--rule", rule, "--json").json
        assert {row["rule"] for row in found} == {rule}
    ran = sampled("queue", "--rule", "nope")
    assert ran.code == 2
    assert "no follow-up rule 'nope'" in ran.err
    assert set(listed(sampled, "--community", "美妆")) < set(listed(sampled, "--limit", 999))
    assert sampled("queue", "--section", "closed", "--json").json == []


def test_rules_are_listed_and_asked_again(sampled: Commands) -> None:
    told = {one["rule"]: one for one in sampled("queue", "rules", "--json").json}
    assert told["silent"]["parameters"]["least_days"] == 3
    settings = Path(os.environ["KOLBENCH_STORE"]).with_name("settings.toml")
    settings.write_text("[rules.first-contact]\nenabled = false\n[rules.sillent]\n", "utf-8")
    ran = sampled("queue", "refresh")
    assert ran.code == 1
    assert "Do you mean silent?" in ran.err
    told = {one["rule"]: one for one in sampled("queue", "rules", "--json").json}
    assert (told["first-contact"]["enabled"], told["first-contact"]["open"]) == (False, 0)
    assert "off" in sampled("queue", "rules").out
    settings.write_text("", "utf-8")
    outcomes = {one["rule"]: one for one in sampled("queue", "refresh", "--json").json}
    assert outcomes["first-contact"]["opened"] > 0


def test_the_summary_is_for_a_mail_and_says_nothing_when_nothing_is_due(sampled: Commands) -> None:
    ran = sampled("queue", "summary", "--first", 2)
    due = sampled("queue", "--due", "today", "--limit", 999, "--json").json
    lines = ran.out.splitlines()
    assert lines[0].startswith(f"{len(due)} due: ")
    assert due[0]["name"] in lines[1]
    assert lines[3] == f"and {len(due) - 2} more: kolbench queue --due today"
    assert len(sampled("queue", "summary", "--json").json["first"]) == min(10, len(due))
    sampled("queue", "done", *(row["follow_up_id"] for row in due))
    assert sampled("queue", "summary").out == ""
    assert sampled("queue", "summary", "--always").out.startswith("0 due: ")


@pytest.mark.parametrize("target", ["-", "queue.ics"])
def test_a_calendar_has_an_event_for_each_open_follow_up(sampled: Commands, tmp_path: Path, target: str) -> None:
    path = tmp_path / target
    ran = sampled("queue", "calendar", target if target == "-" else path)
    text = ran.out if target == "-" else path.read_bytes().decode("utf-8")
    assert text.count("BEGIN:VEVENT") == len(listed(sampled, "--limit", 999))
    if target != "-":
        assert path.stat().st_mode & 0o777 == 0o600
        assert ran.out.endswith(f"{text.count('BEGIN:VEVENT')} follow-ups.\n")


def test_a_calendar_replaces_the_last_one_and_no_other_file_unasked(sampled: Commands, tmp_path: Path) -> None:
    theirs = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Somebody//EN\r\nEND:VCALENDAR\r\n"
    path = tmp_path / "queue.ics"
    path.write_bytes(theirs.encode())
    for target in (path, tmp_path):
        ran = sampled("queue", "calendar", target)
        assert (ran.code, "is there already" in ran.err) == (2, True)
    assert path.read_bytes() == theirs.encode()
    assert sampled("queue", "calendar", path, "--overwrite").code == 0
    path.write_bytes(path.read_bytes() + b"old")
    assert sampled("queue", "calendar", path).code == 0
    assert not path.read_bytes().endswith(b"old")


# The chapter -------------------------------------------------------------------------------------------------

CHAPTER = Chapter("follow-ups")


def test_every_command_of_the_chapter_does_what_it_says(
    sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CHAPTER.play(sampled)
    assert (tmp_path / "queue.ics").stat().st_size


def test_the_settings_of_the_chapter_are_those_that_there_are(sampled: Commands) -> None:
    text = "\n".join(CHAPTER.code("toml"))
    Path(os.environ["KOLBENCH_STORE"]).with_name("settings.toml").write_text(text, "utf-8")
    told = {one["rule"]: one for one in sampled("queue", "rules", "--json").json}
    assert [one["problem"] for one in told.values()] == [None] * len(told)
    assert told["reply-waiting"]["parameters"]["hours"] == 12
    assert told["stale-data"]["enabled"] is False
