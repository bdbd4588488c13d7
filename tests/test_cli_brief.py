"""Briefs on the command line: written by options, as a file and in an editor; people decided about, tagged, listed."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chapters import Chapter
from kolbench.analysis import rhythm
from kolbench.cli import editing
from kolbench.domain import briefs
from kolbench.domain.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands import Commands


@pytest.fixture
def tea(sampled: Commands) -> Commands:
    """A store with one brief, ``Tea``."""
    assert sampled("brief", "new", "Tea", "--purpose", "activate", "--keyword", "奶茶").code == 0
    return sampled


def ids(kolbench: Commands, n: int, *options: str) -> list[int]:
    return [row["creator_id"] for row in kolbench("candidates", "--limit", n, "--json", *options).json]


# Writing ------------------------------------------------------------------------------------------------------


def test_every_option_ends_up_in_the_brief(sampled: Commands) -> None:
    example = ids(sampled, 1)[0]
    made = sampled(
        "brief", "new", "Launch", "--purpose", "convert", "--keyword", "奶茶", "--keyword", "latte",
        "--like", example, "--community", "美妆护肤交流群", "--without", "hello", "--platform", "douyin",
        "--tier", "nano", "--tier", "micro",
        "--region", "杭州", "--language", "zh", "--people", 30, "--exclude-tag", "#rival", "--weight", "fit=30",
        "--weight", "reach=0", "--ours", "美妆护肤交流群", "--points", 12, "--notes", "for May",
        "--include-do-not-contact", "--include-working-with-us", "--include-exclusives", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert (made.json["name"], made.json["version"], made.json["changed"]) == ("Launch", 1, True)
    told = sampled("brief", "show", "launch", "--json").json
    assert told["brief"] == {
        "name": "Launch",
        "purpose": "convert",
        "people": 30,
        "notes": "for May",
        "topics": {
            "keywords": ["奶茶", "latte"],
            "like": [str(example)],
            "communities": ["美妆护肤交流群"],
            "without": ["hello"],
        },
        "who": {"platforms": ["douyin"], "tiers": ["nano", "micro"], "regions": ["杭州"], "languages": ["zh"]},
        "exclude": {"do_not_contact": False, "working_with_us": False, "exclusives": False, "tags": ["rival"]},
        "ours": {"communities": ["美妆护肤交流群"], "points": 12},
        "weights": {"fit": 30, "reach": 0},
    }
    assert sum(told["weights"].values()) == pytest.approx(1)
    assert "reach" not in told["weights"]
    text = sampled("brief", "show", "launch").out
    for line in (
        "keywords: 奶茶, latte",
        "platforms: Douyin",
        "sizes: nano, micro",
        "left out: #rival",
        "notes: for May",
    ):
        assert line in text
    assert "12 points more (美妆护肤交流群)" in text


def test_single_settings_are_changed_and_the_others_stay(tea: Commands) -> None:
    changed = tea("brief", "edit", "tea", "--people", 50, "--weight", "fit=40", "--tier", "nano", "--json").json
    assert (changed["version"], changed["changed"]) == (2, True)
    brief = tea("brief", "show", "1", "--json").json["brief"]
    assert (brief["people"], brief["weights"], brief["topics"]["keywords"]) == (50, {"fit": 40}, ["奶茶"])
    tea("brief", "edit", "tea", "--weight", "fit", "--tier", "", "--keyword", "latte", "--no-include-do-not-contact")
    brief = tea("brief", "show", "1", "--json").json["brief"]
    assert (brief["weights"], brief["who"]["tiers"], brief["topics"]["keywords"]) == ({}, [], ["latte"])
    assert brief["exclude"]["do_not_contact"] is True
    assert tea("brief", "edit", "tea", "--name", "Coffee").out.startswith("Coffee: version 4 is saved.")
    assert tea("brief", "edit", "coffee", "--people", 50).out == "Coffee: nothing was changed.\n"
    assert tea("brief", "edit", "coffee", "--again").out == "Coffee: nothing was changed.\n", "it has no examples"
    told = tea("brief", "show", "coffee", "--version", 1, "--json").json
    assert (told["version"], told["brief"]["name"], len(told["versions"])) == (1, "Tea", 4)


def test_a_file_goes_in_and_out_as_it_is(tea: Commands, tmp_path: Path) -> None:
    path = tmp_path / "tea.toml"
    path.write_text(tea("brief", "show", "tea", "--toml").out, encoding="utf-8")
    assert tomllib.loads(path.read_text("utf-8"))["topics"]["keywords"] == ["奶茶"]
    assert tea("brief", "edit", "tea", "--file", path).out == "Tea: nothing was changed.\n"
    assert tea("brief", "new", "--file", path).err.startswith("kolbench: There is a brief 'Tea' already")
    assert tea("brief", "new", "Second", "--file", path, "--people", 3, "--json").json["people"] == 3
    path.write_text('name = "Tea"\npurpose = "acquire"\n', encoding="utf-8")
    tea("brief", "edit", "tea", "--people", 9)
    ran = tea("brief", "edit", "tea", "--file", path, "--base", 1)
    assert ran.code == 2
    assert "saved version 2 of 'Tea' at" in ran.err
    assert tea("brief", "edit", "tea", "--file", path, "--base", 2, "--json").json["purpose"] == "acquire"


def test_what_a_file_lacks_can_be_said_beside_it(tea: Commands, tmp_path: Path) -> None:
    path = tmp_path / "brief.toml"
    path.write_text("people = 3\n[topics]\nkeywords = ['latte']\n", "utf-8")
    told = ("--purpose", "activate", "--tier", "nano")
    made = tea("brief", "new", "Milk", "--file", path, *told, "--json").json
    assert (made["name"], made["purpose"], made["people"]) == ("Milk", "activate", 3)
    assert tea("brief", "show", "milk", "--json").json["brief"]["who"]["tiers"] == ["nano"]
    nameless = tea("brief", "new", "--file", path, *told)
    assert (nameless.code, nameless.err) == (
        2,
        f"kolbench: {path}: name: it is missing; write a text in quotes.\n",
    )
    path.write_text("who = 3\nweights = 4\ntopics = 5\n", "utf-8")
    ran = tea("brief", "new", "Milk", "--file", path, *told, "--weight", "fit=3", "--weight", "reach", "--keyword", "x")
    assert ran.code == 2
    assert ran.err.splitlines() == [
        f"kolbench: {path}:",
        "topics: write settings with values, not 5.",
        "who: write settings with values, not 3.",
        "weights: write names with numbers, such as fit = 30, not 4.",
    ]


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["new"], "Give the brief a name: kolbench brief new NAME --purpose PURPOSE"),
        (["new", "x"], "Say what for: --purpose acquire|activate|convert"),
        (["new", "x", "--purpose", "convert", "--tier", "tiny"], "who.tiers: write one of pico, nano,"),
        (["new", "x", "--purpose", "convert", "--like", "nobody"], "topics.like: Nobody is called 'nobody'."),
        (["new", "x", "--purpose", "convert", "--weight", "fit=x"], "argument --weight: fit: write a number from 0"),
        (["new", "x", "--purpose", "convert", "--weight", "fitt=1"], "weights.fitt: nothing of that name is measured."),
        (["new", "--file", "nope.toml"], "nope.toml can't be read: No such file"),
        (["edit", "tea"], "Say what to change: by options, or with --file."),
        (["edit", "coffee", "--people", "3"], "There is no brief 'coffee'. Briefs: Tea (1)"),
        (["show", "tea", "--version", "7"], "There is no version 7 of it: the newest is 1."),
        (["decide", "tea", "rejected", "1"], "Rejecting needs a reason"),
        (["decide", "tea", "shortlisted", "nobody"], "Nobody is called 'nobody'."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(tea: Commands, args: Sequence[str], complaint: str) -> None:
    ran = tea("brief", *args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"kolbench: {complaint}")
    assert len(tea("brief", "list", "--json").json) == 1


def test_a_brief_goes_before_its_platform_and_its_ranks_outlast_what_changes_none(tea: Commands) -> None:
    made = tea("brief", "new", "Early", "--purpose", "acquire", "--platform", "tiktok")
    assert (made.code, "nobody is on 'tiktok' yet" in made.err) == (0, True)
    tea("brief", "score", "tea")
    assert "It ranks as the one before: kolbench candidates --brief 1" in tea("brief", "edit", "1", "--people", 7).out
    first = ids(tea, 1)[0]
    tea("creator", "contact", first, "--refuse", "asked not to")
    told = tea("brief", "score", "tea", "--json").json["candidates"]
    assert told == len(ids(tea, 10_000, "--brief", "tea"))
    tea("brief", "edit", "tea", "--like", ids(tea, 2)[1])
    shown = tea("brief", "show", "tea", "--json").json
    tea("brief", "score", "tea")
    (line,) = [
        line for line in tea("candidates", "--brief", "tea", "--limit", 10_000).out.splitlines() if "example" in line
    ]
    assert line
    learnt = next((term for term in shown["topic"] if not term["keyword"]), None)
    assert learnt, "the sample's people write texts"
    assert f"{learnt['text']} {learnt['weight']:.2f}" in tea("brief", "show", "tea").out


# In an editor -------------------------------------------------------------------------------------------------


def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *texts: str | None) -> None:
    """An editor that writes these texts one after the other (None: leaves what is there), and keeps what it saw."""
    for n, text in enumerate(texts):
        if text is not None:
            (tmp_path / f"text{n}").write_text(text, encoding="utf-8")
    script = tmp_path / "editor"
    script.write_text(
        f'#!/bin/sh\ncd "{tmp_path}"; n=$(ls | grep -c ^seen); cp "$1" seen$n\n[ ! -e text$n ] || cp text$n "$1"\n'
    )
    script.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(script))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)


def test_without_options_the_brief_is_edited_as_a_file(
    tea: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(tmp_path, monkeypatch, 'name = "Tea"\npurpose = "convert"\n')
    at_a_terminal(monkeypatch)
    assert tea("brief", "edit", "tea").out.startswith("Tea: version 2 is saved.")
    seen = (tmp_path / "seen0").read_text("utf-8")
    assert tomllib.loads(seen)["topics"]["keywords"] == ["奶茶"]
    assert "# who.tiers: pico, nano, micro" in seen
    assert list(tmp_path.glob("kolbench-*.toml")) == []


def test_a_mistake_comes_back_above_the_text_and_nothing_is_lost(
    tea: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = 'name = "Tea"\npurpose = "sell"\n'
    editor(tmp_path, monkeypatch, wrong, 'name = "Tea"\npurpose = "acquire"\n')
    at_a_terminal(monkeypatch)
    ran = tea("brief", "edit", "tea")
    assert ran.out.startswith("Tea: version 2 is saved.")
    complaint = 'your text: purpose: write one of acquire, activate, convert, not "sell".'
    assert (tmp_path / "seen1").read_text("utf-8") == f"# ! {complaint}\n{wrong}"
    assert complaint in ran.err


def test_who_gives_up_is_told_where_the_text_is(tea: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = 'name = "Tea"\npurpose = "sell"\n'
    editor(tmp_path, monkeypatch, wrong, None)
    at_a_terminal(monkeypatch)
    ran = tea("brief", "edit", "tea")
    (kept,) = tmp_path.glob("kolbench-*.toml")
    assert ran.code == 2
    assert f"Nothing was saved. Your text is in {kept}; --file reads it." in ran.err
    assert kept.read_text("utf-8").endswith(wrong)
    assert (kept.stat().st_mode & 0o777) == 0o600
    assert "purpose: write one of" in tea("brief", "edit", "tea", "--file", kept).err, "the complaint is a comment"


def test_an_unchanged_text_changes_nothing(tea: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(tmp_path, monkeypatch, None)
    at_a_terminal(monkeypatch)
    assert tea("brief", "edit", "tea").out == "Tea: nothing was changed.\n"
    assert list(tmp_path.glob("kolbench-*.toml")) == []


def test_an_editor_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "/nonesuch -w")
    with pytest.raises(UsageError, match="The editor '/nonesuch -w' can't be started"):
        editing.edited("x", lambda text: 1)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("EDITOR", "false")
    with pytest.raises(UsageError, match="The editor ended with 1, and nothing was saved"):
        editing.edited("x", lambda text: 1)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("error", [StoreError("Another program has been writing for a minute."), KeyboardInterrupt()])
def test_a_text_is_kept_and_named_whatever_ends_the_editing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    editor(tmp_path, monkeypatch, "an hour's work")

    def save(text: str) -> int:
        raise error

    with pytest.raises(type(error)):
        editing.edited("x", save)
    (kept,) = tmp_path.glob("kolbench-*.toml")
    assert kept.read_text() == "an hour's work"
    assert f"Your text is in {kept}" in capsys.readouterr().err


def test_a_text_is_kept_where_the_editor_is_gone_by_the_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(tmp_path, monkeypatch, "an hour's work")

    def save(text: str) -> int:
        (tmp_path / "editor").unlink()
        raise UsageError("That won't do.")

    with pytest.raises(UsageError, match="Your text is in"):
        editing.edited("x", save)
    (kept,) = tmp_path.glob("kolbench-*.toml")
    assert kept.read_text().endswith("an hour's work")


# Listing and deciding -----------------------------------------------------------------------------------------


def test_briefs_are_listed_with_how_far_they_have_come(tea: Commands) -> None:
    tea("brief", "score", "tea")
    first, second = ids(tea, 2, "--brief", "tea")
    tea("brief", "decide", "tea", "shortlisted", first, second)
    tea("brief", "decide", "tea", "rejected", second, "--reason", "off topic")
    (row,) = tea("brief", "list", "--json").json
    assert (row["name"], row["scored"], row["version"]) == ("Tea", 1, 1)
    assert {name: n for name, n in row["states"].items() if name != "undecided"} == {
        "shortlisted": 1, "rejected": 1, "contacted": 0, "agreed": 0, "active": 0,
    }  # fmt: skip
    lines = tea("brief", "list").out.splitlines()
    assert lines[0].split()[:8] == [
        "id",
        "name",
        "purpose",
        "wanted",
        "undecided",
        "shortlisted",
        "rejected",
        "contacted",
    ]
    assert tea("brief", "archive", "tea").out == "Tea is in the archive.\n"
    assert tea("brief", "list").out.splitlines()[-1].startswith("No brief is there.")
    assert [row["name"] for row in tea("brief", "list", "--archived", "--json").json] == ["Tea"]
    assert "In the archive since" in tea("brief", "show", "tea").out
    assert "'Tea' is archived" in tea("brief", "decide", "tea", "active", first).err
    assert tea("brief", "restore", "tea").out == "Tea is in use.\n"


def test_who_is_left_alone_is_said(tea: Commands) -> None:
    one, other = ids(tea, 2)
    assert tea("brief", "decide", "tea", "agreed", one).out == "1 person: agreed.\n"
    ran = tea("brief", "decide", "tea", "agreed", one, other)
    assert (ran.code, ran.out) == (1, "1 person: agreed.\n")
    assert "was left alone: agreed already, by " in ran.err
    told = tea("brief", "decide", "tea", "agreed", one, "--json").json
    assert told["changed"] == []
    assert told["skipped"][0]["state"] == "agreed"


def shown(kolbench: Commands, state: str, brief: str = "tea") -> tuple[int, int]:
    """How many are in a state as the briefs are listed, and as their candidates are."""
    (row,) = (row for row in kolbench("brief", "list", "--json").json if row["name"].lower() == brief)
    return row["states"][state], len(ids(kolbench, 50, "--brief", brief, "--state", state))


def test_whom_the_brief_does_not_mean_is_asked_about_and_then_on_its_list(sampled: Commands) -> None:
    sampled("brief", "new", "Tea", "--purpose", "activate", "--platform", "douyin")
    sampled("brief", "score", "tea")
    inside = ids(sampled, 1, "--brief", "tea")[0]
    beyond = ids(sampled, 1, "--platform", "wechat")[0]
    ran = sampled("brief", "decide", "tea", "shortlisted", inside, beyond)
    assert ran.code == 2
    assert "the brief is for these platforms alone: douyin." in ran.err
    assert "Add --yes if you mean it." in ran.err
    assert shown(sampled, "shortlisted") == (0, 0)
    assert "Not on the list of Tea: the brief is for" in sampled("candidates", "--brief", "tea", "--why", beyond).err
    assert sampled("candidates", "--brief", "tea", "--why", inside).err == ""
    assert sampled("brief", "decide", "tea", "shortlisted", inside, beyond, "--yes").code == 0
    assert shown(sampled, "shortlisted") == (2, 2)
    assert sampled("brief", "decide", "tea", "contacted", beyond).code == 0, "it was decided already"
    assert sampled("brief", "decide", "tea", "rejected", beyond, "--reason", "not there").code == 0


def test_who_wants_no_contact_or_is_asked_for_another_brief_is_asked_about(tea: Commands) -> None:
    tea("brief", "score", "tea")
    tea("brief", "new", "Cars", "--purpose", "acquire")
    tea("brief", "score", "cars")
    refused, busy = ids(tea, 2)
    tea("creator", "contact", refused, "--refuse", "asked not to")
    ran = tea("brief", "decide", "tea", "contacted", refused)
    assert (ran.code, "they asked not to be contacted." in ran.err) == (2, True)
    assert "they asked not to be contacted" in tea("candidates", "--brief", "tea", "--why", refused, "--json").out
    name = tea("creator", "show", refused, "--json").json["name"]
    assert f"{name}: they asked not to be contacted.\n" in tea("candidates", "--brief", "tea", "--search", name).err
    assert tea("brief", "decide", "tea", "contacted", refused, "--yes").code == 0
    assert shown(tea, "contacted") == (0, 0)
    assert tea("brief", "decide", "cars", "contacted", busy).code == 0
    ran = tea("brief", "decide", "tea", "shortlisted", busy)
    assert (ran.code, "contacted for 'Cars' already." in ran.err) == (2, True)
    assert tea("brief", "decide", "cars", "agreed", busy).code == 0


def test_the_candidates_of_a_brief_are_ranked_by_it_and_filtered_by_decisions(tea: Commands) -> None:
    before = tea("candidates", "--brief", "tea")
    assert "Version 1 of Tea is not scored to the end: kolbench brief score 1" in before.err
    scored = tea("brief", "score", "tea", "--json").json
    ranked = tea("candidates", "--brief", "tea", "--limit", 500, "--json")
    assert ranked.err == ""
    assert scored["candidates"] == len(ranked.json)
    assert [row["score"] for row in ranked.json] == sorted((row["score"] for row in ranked.json), reverse=True)
    first, second = (row["creator_id"] for row in ranked.json[:2])
    tea("brief", "decide", "tea", "rejected", second, "--reason", "off topic")
    tea("creator", "tag", "newcomer", first)
    tea("creator", "assign", first, "--to", "eve")
    for options in (("--owner", "Eve"), ("--tag", "#Newcomer"), ("--state", "rejected")):
        (row,) = tea("candidates", "--brief", "tea", *options, "--json").json
        if options[0] == "--state":
            assert (row["creator_id"], row["state"], row["reason"]) == (second, "rejected", "off topic")
        else:
            assert (row["creator_id"], row["owner"], row["tags"], row["state"]) == (
                first,
                "eve",
                "newcomer",
                "undecided",
            )
    table = tea("candidates", "--brief", "tea", "--tag", "newcomer").out.splitlines()
    assert table[0].split()[:5] == ["id", "name", "platform", "score", "state"]
    assert table[1].endswith("eve    #newcomer")
    assert table[-1] == "1 of 1 candidates."
    for options, complaint in (
        (("--state", "undecided"), "--state undecided is about a brief: add --brief NAME."),
        (("--sort", "fit"), "--sort fit is about a brief: add --brief NAME."),
        (("--owner", "nobody"), "'nobody' looks after nobody. Who does: eve."),
        (("--tag", "x"), "Nobody has the tag 'x'. Tags: newcomer."),
        (("--evidence", "fit"), "--evidence shows what is behind a part of one score: add --why NAME."),
    ):
        assert tea("candidates", *options).err == f"kolbench: {complaint}\n"


def test_an_empty_list_says_how_many_people_there_are_and_what_leaves_nobody(tea: Commands) -> None:
    people = len(ids(tea, 10_000))
    told = ("--platform", "douyin", "--tier", "mega", "--region", "Atlantis")
    assert tea("brief", "new", "Nowhere", "--purpose", "convert", *told).code == 0
    unscored = tea("candidates", "--brief", "nowhere")
    assert unscored.err == "Version 1 of Nowhere is not scored to the end: kolbench brief score 2\n"
    douyin, mega = (len(ids(tea, 10_000, *only)) for only in (("--platform", "douyin"), ("--tier", "mega")))
    why = (
        f"Of {people:,} people, these alone would leave so many: platforms {douyin}, sizes {mega}, regions 0."
        " Loosen them: kolbench brief edit 2\n"
    )
    scored = tea("brief", "score", "nowhere")
    assert (scored.code, scored.err) == (0, why)
    empty = tea("candidates", "--brief", "nowhere")
    assert (empty.out.splitlines()[-1], empty.err) == ("0 of 0 candidates.", why)
    assert tea("candidates", "--brief", "nowhere", "--json").json == []
    assert tea("brief", "edit", "nowhere", "--region", "", "--tier", "", "--exclude-tag", "all").code == 0
    assert tea("brief", "score", "nowhere", "--json").json["candidates"] == douyin
    tea("creator", "tag", "all", *ids(tea, 10_000, "--brief", "nowhere"))
    left_out = f"The brief means {douyin} people, and leaves all of them out, as kolbench brief show 2 says.\n"
    assert tea("candidates", "--brief", "nowhere").err == left_out
    tea("brief", "score", "tea")
    n = len(ids(tea, 10_000, "--brief", "tea"))
    assert tea("candidates", "--brief", "tea", "--search", "zzzz").err == (
        f"The brief has {n:,} candidates, but no such ones.\n"
    )


def test_the_list_of_a_brief_is_exported_as_it_is_shown(tea: Commands, tmp_path: Path) -> None:
    tea("brief", "score", "tea")
    (first,) = ids(tea, 1, "--brief", "tea")
    tea("brief", "decide", "tea", "rejected", first, "--reason", "=cmd()")
    target = tmp_path / "tea.csv"
    tea("export", "candidates", target, "--brief", "tea", "--state", "rejected")
    with target.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["creator_id"], row["state"], row["reason"]) == (str(first), "rejected", "'=cmd()")


def test_why_is_told_for_the_brief_with_the_rows_behind_each_part(tea: Commands) -> None:
    tea("brief", "score", "tea")
    row = tea("candidates", "--brief", "tea", "--limit", 1, "--json").json[0]
    told = tea("candidates", "--brief", "tea", "--why", row["creator_id"], "--json").json
    assert told["brief"] == "Tea"
    assert told["score"] == pytest.approx(row["score"])
    assert sum(part["points"] for part in told["components"]) == pytest.approx(told["score"])
    known = next(part["name"] for part in told["components"] if part["value"])
    rows = tea("candidates", "--brief", "tea", "--why", row["creator_id"], "--evidence", known, "--json").json
    assert {"at", "text", "amount", "table", "id", "place", "said", "url"} <= set(rows[0])
    shown = tea("candidates", "--brief", "tea", "--why", row["creator_id"], "--evidence", known).out.splitlines()
    assert shown[0].split()[-3:] == ["what", "where", "row"]
    ran = tea("candidates", "--brief", "tea", "--why", row["creator_id"], "--evidence", "luck")
    assert ran.err.startswith("kolbench: The score has no part 'luck'. Its parts: ")
    assert "not known, counts as 0.1" in tea("candidates", "--brief", "tea", "--why", row["creator_id"]).out


def test_a_brief_whose_words_nobody_has_says_that_its_list_tells_nothing_of_them(tea: Commands) -> None:
    tea("brief", "new", "Sun", "--purpose", "activate", "--keyword", "防晒")
    assert "with its words" not in tea("brief", "score", "sun").err
    tea("brief", "new", "Boats", "--purpose", "activate", "--keyword", "regatta", "--keyword", "帆船")
    assert "with its words (regatta, 帆船), so all rank by the rest" in tea("brief", "score", "boats").err
    tea("brief", "new", "Anybody", "--purpose", "activate")
    assert "with its words" not in tea("brief", "score", "anybody").err, "it has none"


# Tags and owners ----------------------------------------------------------------------------------------------


def test_people_are_tagged_and_given_to_an_operator(tea: Commands) -> None:
    one, other = ids(tea, 2)
    assert tea("creator", "tag", "#新人", one, other).out == "2 people have the tag #新人 now.\n"
    assert tea("creator", "untag", "新人", other, "--json").json == {"tag": "新人", "changed": [other], "unchanged": []}
    assert tea("creator", "assign", one, other, "--to", "eve").out == "eve looks after 2 more people.\n"
    assert tea("creator", "assign", other, "--nobody").out == "Nobody looks after 1 person any more.\n"
    tea("brief", "decide", "tea", "rejected", one, "--reason", "off topic")
    shown: dict[str, Any] = tea("creator", "show", one, "--json").json
    assert (shown["owner"], shown["tags"], shown["decisions"][0]["state"]) == ("eve", ["新人"], "rejected")
    text = tea("creator", "show", one).out
    for told in ("eve looks after them.", "#新人", "\nTea: rejected, says ", "off topic"):
        assert told in text
    assert json.loads(tea("creator", "show", other, "--json").out)["owner"] is None


# The chapter --------------------------------------------------------------------------------------------------

CHAPTER = Chapter("briefs")


def test_every_command_of_the_chapter_does_what_it_says(
    sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CHAPTER.play(sampled)
    assert (tmp_path / "summer.csv").stat().st_size
    assert sampled("brief", "show", "summer", "--json").json["states"]["shortlisted"] == 1


def test_the_file_of_the_chapter_is_a_brief_with_every_setting() -> None:
    (text,) = CHAPTER.code("toml")
    brief = briefs.parse(tomllib.loads(text))
    assert tomllib.loads(text).keys() == briefs.plain(brief).keys()
    for name, value in briefs.plain(brief).items():
        if isinstance(value, dict) and name != "weights":
            assert value.keys() == tomllib.loads(text)[name].keys()


def test_the_chapter_tells_the_thresholds_that_are_in_force() -> None:
    for told in (
        f"{rhythm.CROWDED:.0f} people a creator or more",
        f"at least {rhythm.FEWEST_QUESTIONS} questions",
        f"at least {rhythm.FEWEST_WEEKS} creators' weeks",
        f"fewer than {rhythm.FEWEST_PEOPLE} people and creators together",
        f"else the {rhythm.LIVELIEST} of its platforms in which most is said",
    ):
        assert told in CHAPTER.text
    assert (rhythm.IDLE, rhythm.UNANSWERED, rhythm.WEEKS, rhythm.PATIENCE) == (0.5, 0.5, 4, 86_400_000)
