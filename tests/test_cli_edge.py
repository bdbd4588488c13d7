"""The edge of the command line: help, options before and after, failures in one line, exit codes, the manual."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench import __version__
from kolbench.analysis import scorers, standing
from kolbench.cli import output, reference
from kolbench.cli.commands import commands
from kolbench.cli.output import Column
from kolbench.cli.parser import command_parser, whole_parser
from kolbench.domain.errors import UsageError

if TYPE_CHECKING:
    from commands import Commands

ROOT = Path(__file__).resolve().parent.parent
MANUAL = ROOT / "docs" / "cli.md"


def process(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kolbench", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_help_names_every_command_and_ends_well(kolbench: Commands) -> None:
    for asked in (["--help"], ["-h"], ["--lang", "en", "--help"]):
        ran = kolbench(*asked)
        assert ran.code == 0
        assert all(re.search(rf"^  {name} ", ran.out, re.MULTILINE) for name in commands())


@pytest.mark.parametrize("asked", [["import", "a\x1b[31m\u202eb"], ["source", "add", "a\x1b[31m\u202eb", "matrix"]])
def test_a_complaint_names_what_was_given_without_control_characters(kolbench: Commands, asked: list[str]) -> None:
    ran = kolbench(*asked)
    assert ran.code == 2
    assert "kolbench: " in ran.err
    assert "\x1b" not in ran.err
    assert "\u202e" not in ran.err


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (["creator", "show", "9" * 30], f"Nobody is called '{'9' * 30}'."),
        (["queue", "done", "9" * 30], f"argument ID: write a whole number from 1 on, not '{'9' * 30}'"),
        (["forget", "\udcff"], r"'\xff' is no text in UTF-8."),
        (["leaderboard", "--source=\udcff"], r"'--source=\xff' is no text in UTF-8."),
        (["candidates", "--brief=--"], "argument --brief: expected one argument"),
        (["agreement", "new", "1", "--gives=", "--gets=x"], "Say what they give: --gives TEXT"),
        (["agreement", "new", "1", "--ends", "2026-13-01"], "'2026-13-01' is no whole day: write 2026-05-04, today or"),
        (["agreement", "new", "1", "--starts", "2026-05"], "'2026-05' is no whole day: write 2026-05-04, today or"),
        (["creator", "event", "1", "x", "--on", "3000-01-01"], "'3000-01-01' is no day from 1"),
        (["export", "candidates", "--format", "csv", "--overwrite", ""], ". is a folder: name a file in it."),
        (["backup", "x" * 300 + ".db"], "File name too long"),
        (["candidates", "--limit", "x" * 100_000], f"not '{'x' * 199}…'"),
    ],
)
def test_what_nobody_can_mean_is_refused_in_a_few_words(sampled: Commands, asked: list[str], complaint: str) -> None:
    ran = sampled(*asked)
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err
    assert len(ran.err) < 1_000


@pytest.mark.parametrize(
    "asked",
    [
        ["brief", "new", "Tea", "--purpose", "convert", "--people", "0"],
        ["brief", "new", "Tea", "--file", "wrong.toml"],
        ["sequence", "new", "--file", "wrong.toml"],
        ["sequence", "new"],
        ["rules", "apply", "wrong.toml"],
        ["template", "add", "hello", "--text", "{{ nonsense"],
    ],
)
def test_what_is_refused_leaves_no_store_behind(
    kolbench: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.toml").write_text("nonsense = 1", "utf-8")
    assert kolbench(*asked).code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.toml"]


def test_what_is_said_of_an_operator_has_no_control_characters(sampled: Commands) -> None:
    first = sampled("queue", "--due", "all", "--limit", 1, "--json").json[0]["follow_up_id"]
    assert sampled("queue", "reassign", "a\x1b[31m\u202eb", first).out == "1 follow-up: handed to a[31mb.\n"


@pytest.mark.parametrize("name", list(commands()))
def test_every_command_explains_itself(kolbench: Commands, name: str) -> None:
    ran = kolbench(name, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: kolbench {name}")
    assert "--store PATH" in ran.out


def test_every_argument_of_every_command_has_help() -> None:
    for name in commands():
        for action in command_parser(name)._actions:
            assert action.help or action.dest == "action", f"{name}: {action.dest}"


def test_the_version_is_printed(kolbench: Commands) -> None:
    assert kolbench("--version").out == f"kolbench {__version__}\n"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["candidate"], "Did you mean 'candidates'?"),
        (["frobnicate"], "There is no command 'frobnicate'."),
        (["--frobnicate"], "There is no option '--frobnicate'."),
        (["--store"], "--store needs a value."),
        (["candidates", "--sort", "fame"], "invalid choice"),
        (["candidates", "--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["campaign", "new", "Tea", "--set", "x=5", "EUR"], "quote both: --set 'x=5 EUR'\n"),
        (["campaign", "new", "Tea", "--set=x=5", "EUR", "--json"], "If EUR belongs to what stands before it, quote"),
        (["campaign", "flag", "1", "cleared", "--reason", "a", "test", "case"], "quote both: --reason 'a test case'\n"),
        (["campaign", "adjust", "Tea", "ANN", "5", "CNY", "--reason", "x"], "quote both: '5 CNY'\n"),
        (["candidates", "--json", "foo"], "unrecognized arguments: foo\nTry"),
        (["source"], "ACTION"),
        (["sync", "--workers", "0"], "argument --workers: write a whole number from 1 on, not '0'"),
        (["sync", "--wait", "-1"], "argument --wait: write a number from 0 on, not '-1'"),
        (["sync", "--max-minutes", "nan"], "argument --max-minutes: write a number from 0 on, not 'nan'"),
        (["leaderboard", "--days", "-3"], "argument --days: write a whole number from 0 on, not '-3'"),
        (["leaderboard", "--limit", "x"], "argument --limit: write a whole number from 1 on, not 'x'"),
        (["candidates", "--limit", "-1"], "argument --limit: write a whole number from 1 on, not '-1'"),
        (["candidates", "--tier", "nope"], "choose from 'pico', 'nano', 'micro', 'mid', 'macro', 'mega', 'unknown'"),
        (["queue", "--limit", "0"], "argument --limit: write a whole number from 1 on, not '0'"),
        (["plugins", "check", "tabular", "--pages", "0"], "argument --pages"),
        (["demo", "--people", "3"], "argument --people: write a whole number from 100 to 1000000, not '3'"),
    ],
)
def test_a_mistake_is_answered_in_a_line_or_two_and_with_two(kolbench: Commands, asked: list[str], told: str) -> None:
    ran = kolbench(*asked)
    assert ran.code == 2
    assert ran.err.startswith("kolbench: ")
    assert told in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert ran.out == ""


def test_options_of_every_command_work_before_and_after_it(kolbench: Commands, tmp_path: Path) -> None:
    before = kolbench("--store", tmp_path / "a.db", "candidates")
    after = kolbench("candidates", "--store", tmp_path / "a.db")
    equals = kolbench(f"--store={tmp_path / 'a.db'}", "candidates")
    action = kolbench("source", "list", "--store", tmp_path / "a.db")
    assert "a.db" in before.err
    assert before == after == equals
    assert action.err == before.err


def test_a_store_that_can_be_none_is_told_with_what_to_do(kolbench: Commands, tmp_path: Path) -> None:
    for command in (["candidates"], ["import", __file__], ["demo"], []):
        ran = kolbench("--store", tmp_path, *command)
        assert (ran.code, ran.err) == (
            2,
            f"kolbench: {tmp_path} is a folder. Name a file in it, such as --store {tmp_path / 'kolbench.db'}\n",
        )
    ran = kolbench("--store", "/dev/null", "candidates")
    assert (ran.code, ran.err) == (2, "kolbench: /dev/null is no ordinary file. Choose another one with --store.\n")


def test_a_store_that_is_not_there_comes_with_ways_to_begin(kolbench: Commands) -> None:
    ran = kolbench("candidates")
    assert ran.code == 2
    assert "kolbench demo" in ran.err


def test_the_language_is_the_one_asked_for(kolbench: Commands) -> None:
    ran = kolbench("--lang", "zh", "--help")
    assert ran.code == 0
    assert os.environ["KOLBENCH_LANG"] == "zh"


def test_a_language_that_there_is_not_is_said_once_and_beside_what_programs_read(
    kolbench: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", "xx")
    ran = kolbench("plugins", "list", "--json")
    assert (ran.err, ran.out[:1]) == ("KOLBENCH_LANG: 'xx' is not known; en, zh\n", "[")
    monkeypatch.setenv("KOLBENCH_LANG", "zh_TW.UTF-8")
    assert kolbench("--version").err == ""


def test_a_failure_of_ours_is_one_line_and_with_debug_a_traceback(
    kolbench: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(args: object) -> int:
        raise RuntimeError("boom")

    monkeypatch.setattr("kolbench.cli.completion.run", broken)
    ran = kolbench("completion", "bash")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "RuntimeError: boom" in ran.err
    assert "Traceback" in kolbench("completion", "bash", "--debug").err


@pytest.mark.parametrize("time", ["soon", "2026-05-04T10:00"])
def test_a_clock_set_to_no_time_is_named(kolbench: Commands, time: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kolbench("source", "add", "x", "sample", "--set", "platform=weibo")
    monkeypatch.setenv("KOLBENCH_NOW", time)
    ran = kolbench("candidates")
    assert (ran.code, ran.err) == (2, f"kolbench: KOLBENCH_NOW={time}: not a date\n")


def test_an_interrupt_is_quiet(kolbench: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("kolbench.cli.completion.run", interrupted)
    ran = kolbench("completion", "bash")
    assert (ran.code, ran.out, ran.err) == (130, "", "")


def test_a_reader_that_goes_away_is_no_failure_of_ours(sample: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "kolbench",
        "export",
        "candidates",
        "-",
        "--format",
        "jsonl",
        "--store",
        str(sample),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.read(10)
        running.stdout.close()
        complaint = running.stderr.read()
    assert running.returncode == 141
    assert complaint == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_is_full_is_named(sample: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "kolbench", "candidates", "--store", str(sample)]
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "kolbench: stdout can't be written: No space left on device.\n")


def test_output_survives_a_terminal_of_another_encoding(sample: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "KOLBENCH_LANG": "en"}
    ran = process("candidates", "--store", sample, env=environment)
    assert ran.returncode == 0
    assert "?" in ran.stdout
    listed = process("candidates", "--store", sample, "--json", env=environment)
    assert "\\u" in listed.stdout, "JSON stays exact"


def test_without_a_terminal_the_three_views_are_printed(sample: Path) -> None:
    ran = process("--store", sample, stdin=subprocess.DEVNULL, env=os.environ | {"KOLBENCH_LANG": "en"})
    assert ran.returncode == 0, ran.stderr
    titles = [line for line in ran.stdout.splitlines() if line in ("Candidates", "Leaderboard", "Follow-ups")]
    assert titles == ["Candidates", "Leaderboard", "Follow-ups"]


def test_a_sync_that_is_stopped_says_so_with_its_exit_code(tmp_path: Path) -> None:
    store = tmp_path / "kolbench.db"
    process("source", "add", "big", "sample", "--set", "platform=weibo", "--set", "people=900000", "--store", store)
    command = [sys.executable, "-m", "kolbench", "sync", "--json", "--store", str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        for line in running.stdout:
            if '"event": "page"' in line:
                running.send_signal(signal.SIGTERM)
                break
        events = running.stdout.read()
    assert running.returncode == 143
    assert '"state": "cancelled"' in events


# Completion -------------------------------------------------------------------------------------------------


def test_completion_knows_commands_actions_and_options(kolbench: Commands) -> None:
    for shell in ("bash", "zsh", "fish"):
        script = kolbench("completion", shell).out
        for word in (*commands(), "snooze", "max-minutes"):
            assert word in script, (shell, word)


def test_bash_takes_the_completion_script_and_completes(kolbench: Commands, tmp_path: Path) -> None:
    script = tmp_path / "complete.bash"
    script.write_text(kolbench("completion", "bash").out)
    asked = (
        f"source {script}; COMP_WORDS=(kolbench candidates --so); COMP_CWORD=2;"
        " _shtab_kolbench kolbench --so candidates; echo ${COMPREPLY[@]}"
    )
    told = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["--sort", "--source"]


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_takes_the_completion_script_and_completes(kolbench: Commands, tmp_path: Path) -> None:
    (tmp_path / "_kolbench").write_text(kolbench("completion", "zsh").out)
    (tmp_path / ".zshrc").write_text(
        f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u -D; PS1='READY '\n"
    )
    shell = pexpect.spawn("zsh", ["-i"], env=os.environ | {"ZDOTDIR": str(tmp_path), "TERM": "dumb"}, encoding="utf-8")
    shell.expect("READY ")
    shell.send("kolbench candidates --so\t")
    shell.expect("--sort .*--source ")
    shell.send("\x15kolbench lead\t")
    shell.expect("kolbench leaderboard ")
    shell.close(force=True)


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_takes_the_completion_script_and_completes(kolbench: Commands, tmp_path: Path) -> None:
    script = tmp_path / "kolbench.fish"
    script.write_text(kolbench("completion", "fish").out)
    for line, words in (("kolbench candidates --so", ["--sort", "--source"]), ("kolbench lead", ["leaderboard"])):
        told = subprocess.run(
            ["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"],
            capture_output=True, text=True, check=True, env=os.environ | {"HOME": str(tmp_path)},
        )  # fmt: skip
        assert [found.split("\t")[0] for found in told.stdout.splitlines()] == words


# The manual -------------------------------------------------------------------------------------------------


def test_the_manual_lists_every_command_and_is_up_to_date() -> None:
    text = MANUAL.read_text("utf-8")
    assert reference.renewed(text) == text, "run: python dev.py docs"
    for name, _parser in reference._children(whole_parser()):
        assert f"## kolbench {name}\n" in text


def test_the_reference_is_written_into_its_place_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- hooks -->\nold\n<!-- /hooks -->\nafter\n")
    assert reference.main([str(page)]) == 0
    text = page.read_text()
    assert text.startswith("before\n<!-- hooks -->\n")
    assert text.endswith("<!-- /hooks -->\nafter\n")
    assert "kolbench_register_adapters" in text
    assert "\nold\n" not in text


# Tables -----------------------------------------------------------------------------------------------------


def shown(capsys: pytest.CaptureFixture[str], *rows: tuple[object, ...]) -> list[str]:
    output.show_table([Column("name", yields=True), Column("n", "right")], rows)
    return capsys.readouterr().out.splitlines()


def test_columns_line_up_when_names_are_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, ("王子轩", 5), ("ann", 12_345))

    def cells(text: str) -> int:
        return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)

    assert len({cells(line) for line in lines}) == 1


def test_a_table_is_cut_to_a_terminal_and_whole_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "a" * 300
    assert long in shown(capsys, (long, 1))[1]
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert [len(line) for line in shown(capsys, (long, 1))] == [40, 40]
    monkeypatch.setenv("COLUMNS", "14")
    assert [len(line) for line in shown(capsys, (long, 1))] == [4, 14], "the last column had no room"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_nothing_that_is_printed_can_move_the_cursor(text: str) -> None:
    shown = output.printable(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in shown)


def test_a_mistake_in_the_settings_stops_a_command_before_it_does_anything(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.people(store, 3, metrics={"followers": 10})
    standing.refresh(store)
    (tmp_path / "settings.toml").write_text('[tiers]\nnano = "x"\n')
    ran = kolbench("--store", store.path, "rebuild")
    assert (ran.code, "tiers.nano" in ran.err) == (2, True)
    with pytest.raises(UsageError):
        standing.rebuild(store)
    assert store.reader().execute("SELECT count(*) FROM standing").fetchone() == (3,)
    found = {one["check"]: one for one in kolbench("--store", store.path, "doctor", "--json").json}
    assert found["settings"]["state"] == "failed"


@pytest.mark.parametrize(
    ("held", "wrong"),
    [
        (b"[tiers]\nmicro = \n", "settings.toml is not TOML: line 2, column 9: no value."),
        (b"[tiers\n", "settings.toml is not TOML: line 1, column 7: no ']' behind the table's name."),
        (b'a = "', "settings.toml is not TOML: at its end: a text without its closing quote."),
        (b"a = [1", "settings.toml is not TOML: at its end: a list without an end."),
        (b"\xe2\x28\xa1", "settings.toml is not text in UTF-8, which TOML has to be."),
        (b"a = " + b"[" * 5_000, "settings.toml is not TOML: too deeply nested."),
    ],
)
def test_settings_that_are_no_toml_are_told_with_what_is_wrong_and_where(
    kolbench: Commands, tmp_path: Path, held: bytes, wrong: str
) -> None:
    store = make.store(tmp_path)
    (tmp_path / "settings.toml").write_bytes(held)
    assert kolbench("--store", store.path, "candidates").err.endswith(f"{wrong}\n")


def test_a_folder_of_plugins_named_on_the_command_line_counts_everywhere(
    kolbench: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_PLUGINS", "")
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "mine.py").write_text(
        "from kolbench import hookimpl\nclass Mine:\n name = title = formula = 'mine'\n"
        " def measure(self, people): 1 / 0\n def evidence(self, people, limit): return []\n"
        "@hookimpl\ndef kolbench_register_scorers(register): register(Mine())\n"
    )
    scorers.of_plugins.cache_clear()
    store = make.store(tmp_path)
    make.people(store, 3)
    standing.refresh(store)
    asked = ("--store", store.path, "--plugin-dir", folder)
    assert kolbench(*asked, "brief", "new", "Q", "--purpose", "convert", "--weight", "mine=50").code == 0
    ran = kolbench(*asked, "brief", "score", "Q")
    assert "'mine' could not be measured for all: ZeroDivisionError" in ran.err
    scorers.of_plugins.cache_clear()


def test_a_brief_is_not_named_by_a_number(kolbench: Commands) -> None:
    ran = kolbench("brief", "new", "1", "--purpose", "convert")
    assert (ran.code, "more than a number" in ran.err) == (2, True)
