"""Bringing data in by commands: sources, syncs, imports; and looking after the store."""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import sqlite3
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kolbench.cli import secret_file
from kolbench.cli.sync import moment
from kolbench.domain.errors import UsageError
from kolbench.store.connect import Store
from kolbench.sync import importing, lock

if TYPE_CHECKING:
    from commands import Commands

PLUGIN = """
from kolbench import AccountRecord, Page, Setting, SourceError, hookimpl

class Door:
    name = "door"
    title = "wants a token"
    platform = "door"
    feeds = ("profiles",)
    settings = (Setting("room", "which room", required=True), Setting("token", "from the door", secret=True))
    limits = None

    def pull(self, pull):
        if pull.settings.get("token") != "s3cret-token":
            raise SourceError("the door stays shut for " + pull.settings.get("token", "nobody"))
        yield Page([AccountRecord(uid="1", name="Ann", metrics={"followers": 5})], "1")

@hookimpl
def kolbench_register_adapters(register):
    register(Door())
"""

FANS = "名字,粉丝数,id\n王子轩,1.2万,a1\n李雨,3400,a2\n=cmd|' /C calc'!A0,12,a3\n"


def rows(tmp_path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(tmp_path / "kolbench.db") as db:
        return db.execute(query).fetchall()


@pytest.fixture
def door(kolbench: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Commands with a plugin whose adapter wants a secret."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "door.py").write_text(PLUGIN)
    monkeypatch.setenv("KOLBENCH_PLUGINS", str(folder))
    return kolbench


# Sources ----------------------------------------------------------------------------------------------------


def test_a_source_is_added_tried_read_changed_and_removed(kolbench: Commands, tmp_path: Path) -> None:
    added = kolbench("source", "add", "fans", "sample", "--set", "platform=weibo", "--set", "people=30", "--json")
    assert added.json["platform"] == "weibo"
    tried = kolbench("source", "test", "fans", "--json").json
    assert tried["ok"]
    assert [one["ok"] for one in tried["findings"]] == [True]
    assert "the first page has" in tried["findings"][0]["text"]
    assert rows(tmp_path, "SELECT count(*) FROM account") == [(0,)], "a test writes nothing"
    assert kolbench("sync", "fans").code == 0
    assert rows(tmp_path, "SELECT count(*) FROM account") == [(30,)]
    changed = kolbench("source", "edit", "fans", "--set", "seed=2", "--off", "--json").json
    assert changed["settings"] == {"platform": "weibo", "people": "30", "seed": "2"}
    assert changed["enabled"] is False
    assert kolbench("sync").code == 2, "a source that is off is read by no sync that doesn't name it"
    listed = kolbench("source", "list", "--json").json
    assert listed[0]["last_run"]["state"] == "done"
    assert "  Weibo  " in kolbench("source", "list").out
    assert kolbench("source", "remove", "fans").code == 0
    assert kolbench("source", "list", "--json").json == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["add", "x", "nobody"], "no adapter 'nobody'"),
        (["add", "x", "sample"], "needs the setting 'platform'"),
        (["add", "x", "sample", "--set", "platform"], "NAME=VALUE"),
        (["add", "x", "sample", "--set", "colour=red"], "no setting 'colour'"),
        (["add", "x y", "sample", "--set", "platform=weibo"], "can't be a source's name"),
        (["add", "x", "door", "--set", "room=1", "--set", "token=s3cret-token"], "is a secret"),
        (["add", "x", "matrix", "--set", "server=ftp://example.org"], "server=ftp://example.org is no address"),
        (["add", "x", "github", "--set", "server=https://example.org:999999"], "is no address"),
        (["add", "x", "github", "--set", "server=https://["], "is no address"),
        (["add", "x", "github", "--set", "server=notaurl"], "is no address"),
        (["add", "x", "mastodon", "--set", "server=example.org", "--set", "days=abc"], "days=abc: a number is needed"),
        (["add", "x", "bluesky"], "No account, list or starter pack is named"),
        (["add", "x", "bluesky", "--set", "accounts=a.example", "--set", "reactions_to=x"], "reactions_to=x: a number"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(door: Commands, asked: list[str], told: str) -> None:
    ran = door("source", *asked)
    assert ran.code == 2
    assert told in ran.err
    assert "s3cret-token" not in ran.err


def test_what_would_be_refused_is_refused_before_anything_is_asked(
    door: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert door("source", "add", "front", "door", "--set", "room=1").code == 0
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: pytest.fail(f"asked for {prompt}"))
    monkeypatch.setattr("builtins.input", lambda prompt: "gopher://example.org")
    for name, adapter, told in (
        ("front", "door", "There is a source 'front' already"),
        ("back door", "door", "can't be a source's name"),
        ("rooms", "matrix", "server=gopher://example.org is no address"),
    ):
        ran = door("source", "add", name, adapter)
        assert (ran.code, told in ran.err) == (2, True)
    assert rows(tmp_path, "SELECT count(*) FROM source") == [(1,)]


def test_an_address_is_looked_at_when_it_is_changed(kolbench: Commands) -> None:
    assert (
        kolbench(
            "source", "add", "code", "github", "--set", "accounts=ann", "--set", "server=github.example.org/api/v3"
        ).code
        == 0
    )
    ran = kolbench("source", "edit", "code", "--set", "server=file:///etc")
    assert (ran.code, "server=file:///etc is no address" in ran.err) == (2, True)


def test_a_login_may_come_later_from_the_environment(kolbench: Commands) -> None:
    assert kolbench("source", "add", "rooms", "matrix", "--set", "server=example.org").code == 0


def test_a_file_that_is_not_there_yet_is_named(kolbench: Commands, tmp_path: Path) -> None:
    asked = ("source", "add", "x", "tabular", "--set", "platform=weibo", "--set")
    ran = kolbench(*asked, f"path={tmp_path / 'later.csv'}")
    assert (ran.code, "There is no file" in ran.err) == (0, True)


def test_a_secret_comes_from_the_environment_and_never_shows(
    door: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert door("source", "add", "front", "door", "--set", "room=1").code == 0
    monkeypatch.setenv("KOLBENCH_FRONT_TOKEN", "wrong-token-1")
    failed = door("sync", "--json")
    assert failed.code == 1
    assert "stays shut" in failed.out
    assert "wrong-token-1" not in failed.out + failed.err
    monkeypatch.setenv("KOLBENCH_FRONT_TOKEN", "s3cret-token")
    assert door("sync").code == 0
    assert b"s3cret-token" not in (tmp_path / "kolbench.db").read_bytes()


def test_a_sources_file_is_found_from_any_folder(
    kolbench: Commands, fans: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(fans.parent)
    added = kolbench("source", "add", "fans", "tabular", "--set", f"path={fans.name}", "--set", "platform=weibo")
    assert added.code == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert kolbench("sync").code == 0
    assert rows(tmp_path, "SELECT count(*) FROM account") == [(3,)]


def test_a_setting_that_there_is_not_cannot_be_unset(kolbench: Commands) -> None:
    kolbench("source", "add", "fans", "sample", "--set", "platform=weibo", "--set", "seed=2")
    assert kolbench("source", "edit", "fans", "--unset", "seed").code == 0
    ran = kolbench("source", "edit", "fans", "--unset", "colour")
    assert (ran.code, "no setting 'colour'" in ran.err) == (2, True)


def test_a_setting_that_is_required_cannot_be_emptied(kolbench: Commands, fans: Path) -> None:
    kolbench("source", "add", "fans", "tabular", "--set", f"path={fans}", "--set", "platform=weibo")
    for change in (["--set", "path="], ["--unset", "path"]):
        ran = kolbench("source", "edit", "fans", *change)
        assert (ran.code, "fans needs the setting 'path'" in ran.err) == (2, True)


def test_a_secret_typed_unseen_is_kept_in_a_private_file(
    door: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "s3cret-token")
    added = door("source", "add", "front", "door", "--set", "room=1")
    assert (added.code, "the first page has 1 records" in added.out) == (0, True), "it is tried at once"
    kept = tmp_path / "secrets.toml"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert door("sync").code == 0
    monkeypatch.setattr("getpass.getpass", lambda prompt: "another-token")
    assert door("source", "edit", "front", "--secret", "token").code == 0
    assert door("sync").code == 1


def test_a_source_whose_secret_is_wrong_is_kept_with_what_to_do(
    door: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "wrong-token-1")
    added = door("source", "add", "front", "door", "--set", "room=1")
    assert added.code == 1
    assert "✗ BAD the door stays shut for ***\n" in added.out
    assert "Change it with 'kolbench source edit front'" in added.out
    again = door("source", "test", "front")
    assert (again.code, "Change it with 'kolbench source edit front'" in again.out) == (1, True)
    assert "wrong-token-1" not in added.out + added.err + again.out + again.err
    untried = door("source", "add", "back", "door", "--set", "room=1", "--no-test")
    assert (untried.code, "kolbench source test back" in untried.out) == (0, True)
    told = door("source", "add", "side", "door", "--set", "room=1", "--json").json
    assert (told["name"], [one["ok"] for one in told["findings"]]) == ("side", [False])
    assert rows(tmp_path, "SELECT count(*) FROM source") == [(3,)]
    assert b"wrong-token-1" not in (tmp_path / "kolbench.db").read_bytes()


def test_without_a_terminal_a_secret_is_read_from_a_pipe_and_nothing_is_tried(
    door: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Try it with" in door("source", "add", "front", "door", "--set", "room=1").out
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret-token\n"))
    assert door("source", "edit", "front", "--secret", "token").code == 0
    assert door("sync").code == 0
    ran = door("source", "edit", "front", "--secret", "token")
    assert (ran.code, "no value for 'token'" in ran.err) == (2, True)


def test_other_secrets_and_comments_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(
        "# mine\n[other]\ntoken = 'x' # keep\n\n[front]\n# old\ntoken = \"old\"\nroom = 'r'\n\n[last]\na = '1'\n"
    )
    path.chmod(0o600)
    secret_file.keep(tmp_path / "kolbench.db", "front", {"token": 'n"e\\w', "more": "é🍵"})
    secret_file.keep(tmp_path / "kolbench.db", "new.one", {"token": "t"})
    text = path.read_text()
    assert text.startswith("# mine\n[other]\ntoken = 'x' # keep\n\n[front]\nmore = ")
    assert "# old" in text
    assert '["new.one"]' in text


def test_a_source_that_is_removed_takes_its_secrets_along(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text("# mine\n[other]\ntoken = 'x'\n")
    store = tmp_path / "kolbench.db"
    for source in ("前门", "back.door"):
        secret_file.keep(store, source, {"token": "sesame"})
        secret_file.keep(store, source, {"token": "open sesame"})
    for source in ("前门", "back.door", "back.door"):
        secret_file.drop(store, source)
    assert tomllib.loads(path.read_text("utf-8")) == {"other": {"token": "x"}}
    assert path.stat().st_mode & 0o777 == 0o600


def test_answers_are_kept_word_for_word_where_that_is_asked_for_and_purged(kolbench: Commands, tmp_path: Path) -> None:
    kolbench("source", "add", "fans", "sample", "--set", "platform=weibo", "--keep-raw")
    assert kolbench("source", "list", "--json").json[0]["keep_raw"] is True
    assert kolbench("source", "edit", "fans", "--no-keep-raw", "--json").json["keep_raw"] is False
    assert kolbench("source", "purge", "fans", "--older-than", "30", "--json").json == {"source": "fans", "deleted": 0}
    assert "0 answers deleted" in kolbench("source", "purge").out


def test_a_secret_file_that_can_not_be_changed_safely_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    text = 'front = { token = "old" }\n'
    path.write_text(text)
    with pytest.raises(UsageError, match="by hand"):
        secret_file.keep(tmp_path / "kolbench.db", "front", {"token": "new"})
    assert path.read_text() == text


# Syncs ------------------------------------------------------------------------------------------------------


def test_a_dry_run_reads_and_writes_nothing(kolbench: Commands, tmp_path: Path) -> None:
    kolbench("source", "add", "fans", "sample", "--set", "platform=weibo", "--set", "people=30")
    ran = kolbench("sync", "--dry-run")
    assert ran.code == 0
    assert "nothing was written" in ran.out
    assert re.search(r" fans: done, [1-9][\d,]* read, 0 rejected, ", ran.out)
    assert rows(tmp_path, "SELECT count(*) FROM account") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM run") == [(0,)]


def test_one_source_that_fails_costs_the_others_nothing(door: Commands, tmp_path: Path) -> None:
    door("source", "add", "front", "door", "--set", "room=1")
    door("source", "add", "fans", "sample", "--set", "platform=weibo", "--set", "people=30")
    ran = door("sync", "--json")
    assert ran.code == 1
    assert next(event["state"] for event in ran.events if event["event"] == "finished") == "partly_failed"
    states = {event["source"]: event["state"] for event in ran.events if event["event"] == "source_finished"}
    assert states == {"front": "failed", "fans": "done"}
    assert [event["event"] for event in ran.events[-2:]] == ["scores", "finished"]
    assert (ran.events[-2]["creators"], ran.events[-2]["at"]) == (30, "2026-06-01T12:00:00Z")
    assert len(door("candidates", "--json").json) == 30


def test_a_second_sync_finds_nothing_new_and_a_full_one_changes_nothing(kolbench: Commands) -> None:
    kolbench("source", "add", "fans", "sample", "--set", "platform=weibo", "--set", "people=30")
    kolbench("sync")
    for asked in (["sync"], ["sync", "--full"]):
        finished = next(event for event in kolbench(*asked, "--json").events if event["event"] == "finished")
        assert (finished["new"], finished["changed"]) == (0, 0)


def test_a_sync_of_which_some_sources_failed_has_partly_failed(door: Commands) -> None:
    door("source", "add", "front", "door", "--set", "room=1")
    door("source", "add", "fans", "sample", "--set", "platform=weibo", "--set", "people=30")
    ran = door("sync")
    assert ran.code == 1
    assert "2026-06-01T12:00:00Z 2 sources: partly failed, 158 new" in ran.out, "a log tells when"
    ran = door("sync", "front")
    assert (ran.code, "partly" in ran.out + ran.err) == (1, False)


def test_a_date_that_is_none_is_told(kolbench: Commands) -> None:
    for text in ("yesterday", "0001-01-01T00:00+14:00"):
        assert "is no date" in kolbench("sync", "--since", text).err


def test_a_date_is_handed_to_adapters_in_utc_as_they_write_it_to_servers() -> None:
    told = moment("2026-05-01T08:00+08:00")
    assert (told, told.tzinfo) == (datetime(2026, 5, 1, tzinfo=UTC), UTC)


# Imports ----------------------------------------------------------------------------------------------------


@pytest.fixture
def fans(tmp_path: Path) -> Path:
    """A table of three people."""
    path = tmp_path / "fans.csv"
    path.write_text(FANS, "utf-8")
    return path


def test_a_file_is_imported_once(kolbench: Commands, fans: Path, tmp_path: Path) -> None:
    first = kolbench("import", fans, "--platform", "douyin", "--as-of", "2026-05-04")
    assert first.code == 0, first.err
    assert rows(tmp_path, "SELECT count(*), sum(kind = 'import') FROM account, run") == [(3, 3)]
    again = kolbench("import", fans, "--platform", "douyin", "--as-of", "2026-05-04")
    assert again.code == 0
    assert "already imported on 2026-06-01 as fans.csv" in again.out
    assert rows(tmp_path, "SELECT count(*) FROM run") == [(1,)]
    forced = kolbench("import", fans, "--platform", "douyin", "--as-of", "2026-05-04", "--again", "--json")
    finished = next(event for event in forced.events if event["event"] == "finished")
    assert (finished["new"], finished["changed"], finished["unchanged"]) == (0, 0, 3)
    assert len(kolbench("candidates", "--json").json) == 3


def test_a_row_that_stands_twice_in_a_file_is_unchanged_the_second_time(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("id,name,followers\na,Ann,12\na,Ann,12\nb,Bob,3\nb,Bob,3\n", "utf-8")
    ran = kolbench("import", path, "--platform", "weibo", "--json")
    finished = next(event for event in ran.events if event["event"] == "finished")
    assert (finished["new"], finished["changed"], finished["unchanged"]) == (2, 0, 2)


def test_the_same_content_under_another_name_is_recognised(kolbench: Commands, fans: Path, tmp_path: Path) -> None:
    kolbench("import", fans, "--platform", "douyin", "--as-of", "2026-05-04")
    copy = tmp_path / "copy of fans.csv"
    shutil.copy(fans, copy)
    ran = kolbench("import", copy, "--platform", "douyin", "--as-of", "2026-05-04", "--json")
    assert [event["event"] for event in ran.events] == ["imported_before"]


def test_the_same_content_read_in_another_way_is_imported(kolbench: Commands, fans: Path, tmp_path: Path) -> None:
    kolbench("import", fans, "--platform", "douyin", "--as-of", "2026-05-04")
    ran = kolbench("import", fans, "--platform", "douyin", "--as-of", "2026-05-05")
    assert "1.2" not in ran.err
    assert rows(tmp_path, "SELECT count(*) FROM account_snapshot") == [(6,)]


def test_an_import_while_a_sync_runs_leaves_no_source(kolbench: Commands, fans: Path, tmp_path: Path) -> None:
    Store.open(tmp_path / "kolbench.db").close()
    with lock.held(tmp_path / "kolbench.db"):
        ran = kolbench("import", fans, "--platform", "douyin", "--yes")
    assert (ran.code, "already running" in ran.err) == (1, True)
    assert rows(tmp_path, "SELECT count(*) FROM source") == [(0,)]
    assert kolbench("import", fans, "--platform", "douyin", "--yes").code == 0


def test_who_was_erased_and_comes_again_is_counted_as_left_out(kolbench: Commands, fans: Path) -> None:
    kolbench("import", fans, "--platform", "douyin", "--yes")
    kolbench("forget", "1", "--yes")
    again = ("import", fans, "--platform", "douyin", "--again", "--yes")
    assert re.search(r"0 new, \d+ changed, \d+ unchanged, 0 rejected, [1-9] left out \(erased\)", kolbench(*again).out)


def test_a_preview_shows_the_mapping_and_imports_nothing(kolbench: Commands, fans: Path, tmp_path: Path) -> None:
    ran = kolbench("import", fans, "--platform", "douyin", "--preview")
    assert ran.code == 0
    assert ran.out.startswith(f"{fans}: accounts on Douyin, read by tabular\n")
    assert "counts as of" in ran.out
    assert "粉丝数" in ran.out
    assert "followers" in ran.out
    assert not (tmp_path / "kolbench.db").exists()
    kolbench("import", fans, "--platform", "douyin")
    kolbench("import", fans, "--platform", "douyin", "--preview")
    assert rows(tmp_path, "SELECT count(*) FROM run") == [(1,)]


def test_a_preview_in_chinese_says_what_the_columns_and_rows_are(
    kolbench: Commands, fans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", "zh")
    out = kolbench("import", fans, "--platform", "douyin", "--preview").out
    assert "粉丝 (followers)" in out, "with what --map calls it"
    assert "accounts，" not in out


def test_a_misspelt_platform_is_asked_back(kolbench: Commands, fans: Path) -> None:
    ran = kolbench("import", fans, "--platform", "duoyin")
    assert (ran.code, "Did you mean 'douyin'?" in ran.err) == (2, True)
    assert "Did you mean 'douyin'?" in kolbench("import", fans, "--platform", "duoyin", "--preview").out
    assert kolbench("import", fans, "--platform", "douyin").code == 0
    assert "Did you mean 'douyin'?" in kolbench("candidates", "--platform", "duoyin").err
    added = kolbench("source", "add", "more", "tabular", "--set", f"path={fans}", "--set", "platform=duoyin")
    assert (added.code, "Did you mean 'douyin'?" in added.err) == (0, True)
    named = ("import", fans, "--platform", "duoyin", "--source", "typo")
    assert kolbench(*named, "--yes").code == 0
    assert kolbench(*named, "--again").code == 0


def test_a_preview_names_each_reason_with_its_count_and_first_line(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    people = "".join(f"u{n},{n},2026-05-{n}\n" for n in range(10, 31))
    path.write_text(f"id,fans,date\na,x,2026-05-01\nb,y,2026-05-02\nc,3,4/5/2026\n,,\n,5,2026-05-02\n{people}", "utf-8")
    asked = ("import", path, "--platform", "douyin", "--preview")
    out = kolbench(*asked).out
    assert "Left out of the first 25 rows:" in out
    assert "  2 × fans: not a number; the rest of the row was kept (first in line 2)\n" in out
    assert "  1 × date: day or month first? set date_order to dmy or mdy (first in line 4)\n" in out
    told = kolbench(*asked, "--json").json
    assert (told["adapter"], told["kind"], told["rows"], told["problem"]) == ("tabular", "snapshots", 25, None)
    assert {"column": "fans", "role": "followers"} in told["columns"]
    assert {"column": "fans", "reason": "not a number; the rest of the row was kept", "count": 2, "line": 2} in told[
        "rejected"
    ]
    assert not (tmp_path / "kolbench.db").exists()


def test_what_is_left_out_is_told_with_its_line_and_column_where_it_has_one(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("id,name,fans\na,Ann,x\nb,Bob,1\nc,Cyd,3,4,5\n", "utf-8")
    err = kolbench("import", path, "--platform", "douyin", "--yes").err
    assert "odd.csv: left out in line 2: fans: not a number; the rest of the row was kept\n" in err
    assert "odd.csv: left out in line 4: 5 cells where 3 belong\n" in err


def test_of_rows_left_out_different_reasons_are_told_and_then_how_many_more(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    wrong = "".join(f"a{n},Ann,x\n" for n in range(5))
    right = "".join(f"d{n},Dan,1\n" for n in range(20))
    path.write_text(f"id,name,fans\n{wrong}c,Cyd,3,4,5\n{right}", "utf-8")
    err = kolbench("import", path, "--platform", "douyin", "--yes").err
    assert [line.partition("odd.csv: ")[2] for line in err.splitlines()] == [
        "left out in line 2: fans: not a number; the rest of the row was kept",
        "left out in line 7: 5 cells where 3 belong",
        "… and 4 more",
    ]


def test_a_row_that_contradicts_the_store_is_reported_with_its_line(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "fans.csv"
    asked = ("import", path, "--platform", "weibo", "--as-of", "2026-05-04")
    path.write_text("id,name,followers\na,Ann,12\nb,Bob,3\n", "utf-8")
    kolbench(*asked)
    path.write_text("id,name,followers\nlong,Long,1\n\na,Ann,12\nb,Bob,4\nc,Cyd,5\na,Ann,13\n", "utf-8")
    path.write_text(path.read_text("utf-8").replace("long", "x" * 2_000), "utf-8")
    ran = kolbench(*asked, "--json")
    told = [(event["line"], event["column"]) for event in ran.events if event["event"] == "rejected"]
    assert sorted(told) == [(2, "uid"), (5, "followers"), (7, "followers")]
    (report,) = (tmp_path / "kolbench.db.rejects").iterdir()
    assert 'profiles,5,followers,"Bob: 4 contradicts 3, which' in report.read_text("utf-8")


def test_a_mapping_that_was_used_is_remembered_for_the_shape(kolbench: Commands, fans: Path, tmp_path: Path) -> None:
    kolbench("import", fans, "--platform", "douyin", "--as-of", "2026-05-04", "--map", "粉丝数=following")
    later = tmp_path / "later.csv"
    later.write_text(FANS.replace("3400", "3500"), "utf-8")
    kolbench("import", later, "--platform", "douyin", "--as-of", "2026-05-11")
    found = rows(
        tmp_path, "SELECT metric.name, count(*) FROM account_snapshot JOIN metric ON metric.id = metric_id GROUP BY 1"
    )
    assert found == [("following", 6)]


def test_a_guess_is_told_and_not_remembered(kolbench: Commands, tmp_path: Path) -> None:
    rows_of = "uid,name,followers,date\na,A,1,31/12/2025\nb,B,2,soon\nc,C,3,later\n"
    mixed = tmp_path / "mixed.csv"
    mixed.write_text(rows_of, "utf-8")
    ran = kolbench("import", mixed, "--platform", "douyin")
    assert (ran.code, ran.err.count("date: few cells make sense as observed_at; ignored")) == (0, 1)
    later = tmp_path / "later.csv"
    later.write_text(rows_of.replace("soon", "5/4/2025").replace("later", "6/4/2025"), "utf-8")
    ran = kolbench("import", later, "--platform", "douyin", "--set", "date_order=dmy")
    assert ran.code == 0
    observed = rows(tmp_path, "SELECT DISTINCT date(observed_at / 1000, 'unixepoch') FROM account_snapshot")
    assert ("2025-12-31",) in observed


def test_the_platform_is_asked_for_and_suggested(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "Weibo top.csv"
    path.write_text(FANS, "utf-8")
    ran = kolbench("import", path)
    assert ran.code == 2
    assert "--platform with a word such as weibo" in ran.err


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (None, [], "There is no file"),
        ("", [], "empty"),
        ("a,b\n1,2\n", [], "can't tell what"),
        (FANS, ["--map", "nothing=followers"], "no column nothing"),
        (FANS, ["--adapter", "chat-archive"], "columns"),
        (FANS, ["--adapter", "nobody"], "no adapter 'nobody'"),
        (FANS, ["--set", "colour=red"], "no setting 'colour'"),
        (FANS, ["--platform", "Wei Bo!!"], "'Wei Bo!!' is no platform's name"),
        (f"Buy,{'milk ' * 9}!\n1,2\n", [], "file.csv: can't tell what it holds: Buy, milk milk milk milk milk; say"),
    ],
)
def test_a_file_that_can_not_be_imported_is_told_with_two(
    kolbench: Commands, tmp_path: Path, content: str | None, options: list[str], told: str
) -> None:
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_text(content, "utf-8")
    ran = kolbench("import", path, "--platform", "douyin", *options)
    assert told in ran.out + ran.err
    assert ran.code == 2
    assert not (tmp_path / "kolbench.db").exists() or rows(tmp_path, "SELECT count(*) FROM account") == [(0,)]


def test_a_damaged_file_is_as_wrong_as_one_of_another_kind_and_costs_the_others_nothing(
    kolbench: Commands, fans: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(FANS.encode())[:-12])
    assert kolbench("import", cut, "--platform", "douyin").code == 2
    ran = kolbench("import", cut, fans, "--platform", "douyin", "--yes")
    assert (ran.code, "cut short" in ran.err) == (1, True)
    assert rows(tmp_path, "SELECT count(*) FROM account") == [(3,)]


def test_a_table_without_rows_is_said_to_have_none(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,name,followers\n", "utf-8")
    ran = kolbench("import", path, "--platform", "douyin", "--yes")
    assert (ran.code, "there are no rows below the names" in ran.err) == (0, True)


def test_another_platform_for_the_same_file_is_told_what_the_first_one_brought(kolbench: Commands, fans: Path) -> None:
    kolbench("import", fans, "--platform", "weibo", "--yes")
    ran = kolbench("import", fans, "--platform", "douyin", "--yes")
    assert (ran.code, "brought was on Weibo, read by tabular, and stays" in ran.err) == (2, True)


def test_one_bad_file_of_several_costs_the_others_nothing(kolbench: Commands, fans: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("")
    ran = kolbench("import", bad, fans, "--platform", "douyin")
    assert ran.code == 1
    assert "bad.csv" in ran.err
    assert f"{fans}:\n" in ran.out
    assert rows(tmp_path, "SELECT count(*) FROM account") == [(3,)]
    assert rows(tmp_path, "SELECT name FROM source") == [(tmp_path.name,)]


def test_an_import_does_not_become_a_part_of_every_sync(kolbench: Commands, fans: Path) -> None:
    kolbench("import", fans, "--platform", "douyin")
    assert kolbench("sync").code == 2
    assert kolbench("sync", "fans.csv").code == 0


def test_a_source_of_another_platform_keeps_its_name(kolbench: Commands, fans: Path) -> None:
    kolbench("import", fans, "--platform", "douyin")
    ran = kolbench("import", fans, "--platform", "weibo")
    assert ran.code == 2
    assert "--source" in ran.err
    assert kolbench("import", fans, "--platform", "weibo", "--source", "weibo-fans").code == 0


def test_a_chat_archive_is_recognised_among_tables(kolbench: Commands, tmp_path: Path) -> None:
    archive = tmp_path / "room.csv"
    archive.write_text("time,user_id,name,text\n2026-05-04 10:00,1,Ann,hi\n2026-05-04 10:01,2,Bob,thanks @Ann\n")
    ran = kolbench("import", archive, "--platform", "wechat", "--json")
    assert ran.events[0]["adapter"] == "chat-archive"
    assert rows(tmp_path, "SELECT count(*) FROM message") == [(2,)]


def test_an_interrupted_import_goes_on_and_is_not_taken_for_finished(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("id,粉丝数\n" + "".join(f"u{n},{n}\n" for n in range(5_000)), "utf-8")
    store = Store.open(tmp_path / "kolbench.db")
    from kolbench.adapters.tabular import Tabular
    from kolbench.sync.events import PageWritten
    from kolbench.sync.stop import Stop

    stop = Stop()
    plan = importing.plan(store, Tabular(), path, platform="douyin")
    outcome = importing.run(store, plan, lambda e: stop.request() if isinstance(e, PageWritten) else None, stop)
    assert outcome.state == "cancelled"
    assert 0 < outcome.counts.new < 5_000
    again = importing.plan(store, Tabular(), path, platform="douyin")
    assert again.before is None
    finished = importing.run(store, again)
    assert outcome.counts.new + finished.counts.new == 5_000, "nothing is read twice, nothing left out"
    assert importing.plan(store, Tabular(), path, platform="douyin").before is not None
    store.close()


def test_a_table_of_posts_is_not_taken_for_a_chat(kolbench: Commands, tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("id,date,author,content,likes\np1,2026-05-04,Ann,hello,5\np2,2026-05-05,Bob,hi,7\n")
    ran = kolbench("import", table, "--platform", "weibo", "--json")
    assert ran.events[0]["adapter"] == "tabular"
    assert rows(tmp_path, "SELECT count(*) FROM post") == [(2,)]


def test_an_attempt_that_brought_nothing_keeps_no_name(kolbench: Commands, tmp_path: Path) -> None:
    cut = tmp_path / "fans.csv.gz"
    cut.write_bytes(gzip.compress(FANS.encode() * 10_000)[:200])
    assert kolbench("import", cut, "--platform", "douyin", "--as-of", "2026-05-04").code in (1, 2)
    cut.write_bytes(gzip.compress(FANS.encode()))
    assert kolbench("import", cut, "--platform", "weibo").code == 0


def test_others_can_read_a_store_is_found(sampled: Commands, tmp_path: Path) -> None:
    (tmp_path / "kolbench.db").chmod(0o644)
    ran = sampled("doctor")
    assert f"chmod 600 {tmp_path / 'kolbench.db'}" in ran.out


def test_an_adapter_that_fails_at_recognising_is_passed_over(tmp_path: Path) -> None:
    from kolbench.adapters.tabular import Tabular

    class Loud(Tabular):
        name = "loud"

        def recognise(self, path: str) -> float:
            raise RuntimeError("boom")

    class Sure(Tabular):
        name = "sure"

        def recognise(self, path: str) -> float:
            return 1.0

    path = tmp_path / "room.csv"
    path.write_text("hm")
    assert importing.choose({"loud": Loud(), "tabular": Tabular(), "sure": Sure()}, path).name == "sure"
    assert importing.choose({"loud": Loud(), "tabular": Tabular()}, path).name == "tabular"


# Looking after the store ------------------------------------------------------------------------------------


def found(ran: object) -> dict[str, str]:
    return {finding["check"]: finding["state"] for finding in ran.json}  # type: ignore[attr-defined]


def test_a_healthy_store_is_found_healthy(sampled: Commands) -> None:
    ran = sampled("doctor", "--full", "--json")
    assert ran.code == 0
    states = found(ran)
    assert {"sqlite", "integrity", "references", "scores", "runs", "disk", "adapters"} <= set(states)
    assert "failed" not in states.values()


def test_a_damaged_store_is_found_and_told_what_to_do(sampled: Commands, tmp_path: Path) -> None:
    path = tmp_path / "kolbench.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size // 4))
    ran = sampled("doctor")
    assert ran.code == 1
    assert "BAD integrity" in ran.out
    assert "→" in ran.out


def test_who_has_run_doctor_is_not_told_to(sampled: Commands, tmp_path: Path) -> None:
    with (tmp_path / "kolbench.db").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4_000)
    assert "Run 'kolbench doctor'" in sampled("creator", "show", "1").err
    ran = sampled("doctor")
    assert (ran.code, "kolbench doctor" in ran.out, "go back to a backup" in ran.out) == (1, False, True)


def test_what_waits_and_what_was_left_running_is_found(sampled: Commands, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "kolbench.db") as db:
        db.execute("INSERT INTO stale_creator VALUES (1)")
        db.execute("UPDATE run SET state = 'running' WHERE id = 1")
    states = found(sampled("doctor", "--json"))
    assert (states["scores"], states["runs"]) == ("warning", "warning")


def test_a_file_that_is_no_store_is_found(kolbench: Commands, tmp_path: Path) -> None:
    (tmp_path / "kolbench.db").write_text("not a database, but long enough to be looked at" * 100)
    states = found(kolbench("doctor", "--json"))
    assert (states["store"], "file mode" in states) == ("failed", False), "the modes of a stranger's file are its own"
    (tmp_path / "kolbench.db").unlink()
    assert found(kolbench("doctor", "--json"))["store"] == "warning"


def test_a_bad_plugin_is_found(kolbench: Commands, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "bad.py").write_text("1 / 0")
    ran = kolbench("doctor", "--plugin-dir", tmp_path / "plugins")
    assert "bad: ZeroDivisionError" in ran.out


def test_a_backup_by_command_says_what_is_in_it(sampled: Commands, tmp_path: Path) -> None:
    ran = sampled("backup", tmp_path / "copy.db", "--json")
    assert ran.json["creators"] == 180
    assert sampled("backup", tmp_path / "copy.db").code == 2
    assert found(sampled("doctor", "--store", tmp_path / "copy.db", "--json"))["integrity"] == "ok"


def test_a_rebuild_gives_the_same_scores(sampled: Commands) -> None:
    before = sampled("candidates", "--limit", "1000", "--json").out
    assert sampled("rebuild", "--json").json == {"creators": 180}
    assert sampled("candidates", "--limit", "1000", "--json").out == before


# The demo ---------------------------------------------------------------------------------------------------


def test_a_demo_is_made_once_beside_the_usual_store_and_printed(
    kolbench: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kolbench.cli.demo.default_path", lambda: tmp_path / "kolbench.db")
    monkeypatch.delenv("KOLBENCH_STORE")
    first = kolbench("demo", "--people", "100", "--bare")
    assert first.code == 0
    assert "Making 100 people" in first.out
    assert "Candidates" in first.out
    assert not (tmp_path / "kolbench.db").exists()
    assert (tmp_path / "demo.db").stat().st_mode & 0o777 == 0o600
    assert "Making" not in kolbench("demo", "--people", "100", "--bare").out
    assert "Making" in kolbench("demo", "--people", "100", "--bare", "--fresh").out


def test_a_demo_whose_making_ended_early_is_made_again(
    kolbench: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = tmp_path / ".kolbench.db.part"
    part.write_text("left behind by one that was killed")
    with monkeypatch.context() as broken:
        broken.setattr("kolbench.cli.demo.derived.refresh", lambda store: 1 / 0)
        assert kolbench("demo", "--people", "100", "--bare").code != 0
    assert [path.name for path in tmp_path.glob("*kolbench.db*")] == []
    assert "Making 100 people" in kolbench("demo", "--people", "100", "--bare").out
    assert sorted(path.name for path in tmp_path.glob(".kolbench.db*")) == []


def test_a_demo_is_made_in_the_store_that_the_environment_names(kolbench: Commands, tmp_path: Path) -> None:
    assert kolbench("demo", "--people", "100", "--bare").code == 0
    assert (tmp_path / "kolbench.db").exists()
    assert not (tmp_path / "demo.db").exists()
    assert len(kolbench("candidates", "--limit", "1000", "--json").json) > 100


def test_a_demo_of_another_size_is_made_only_afresh(kolbench: Commands) -> None:
    kolbench("demo", "--people", "100", "--seed", "2", "--bare")
    assert kolbench("demo").code == 0
    for other in (["--people", "150"], ["--seed", "1"]):
        ran = kolbench("demo", *other)
        assert (ran.code, "Add --fresh" in ran.err) == (2, True)
    assert "Making 150 people" in kolbench("demo", "--people", "150", "--bare", "--fresh").out


def test_a_demo_has_a_programme_and_a_campaign_unless_it_is_to_be_bare(kolbench: Commands) -> None:
    kolbench("demo", "--people", "100", "--bare")
    assert kolbench("campaign", "list", "--json").json == []
    assert kolbench("rules", "show").code == 2
    kolbench("demo", "--people", "100", "--fresh")
    (campaign,) = kolbench("campaign", "list", "--json").json
    assert kolbench("campaign", "board", campaign["id"], "--json").json["rows"]
    ran = kolbench("demo", "--bare")
    assert (ran.code, "Add --fresh" in ran.err) == (2, True)


def test_a_demo_never_touches_real_data(kolbench: Commands, fans: Path, tmp_path: Path) -> None:
    kolbench("import", fans, "--platform", "douyin")
    ran = kolbench("demo", "--fresh", "--store", tmp_path / "kolbench.db")
    assert ran.code == 2
    assert rows(tmp_path, "SELECT count(*) FROM account") == [(3,)]


# Real files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "platform", "people"),
    [
        ("creators/douyin_top5025.csv", "douyin", None),
        ("creators/instagram_top200.csv", "instagram", 200),
        ("creators/youtube_top995_indian_grouping.csv", "youtube", None),
    ],
)
def test_real_tables_are_imported_without_being_told_how(
    kolbench: Commands, shared_data: Path, tmp_path: Path, name: str, platform: str, people: int | None
) -> None:
    ran = kolbench("import", shared_data / name, "--platform", platform, "--json")
    assert ran.code == 0, ran.err
    ((count,),) = rows(tmp_path, "SELECT count(*) FROM account")
    assert count == people if people else isinstance(count, int) and count > 900
