"""Plugins: found, asked, judged; a bad one is named and hurts nobody else. The author's page is true."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import kit
import kolbench as face
from kolbench.adapters import conformance, hookspecs, registry
from kolbench.adapters.protocol import Adapter, Page, Pull, RateLimit, Setting
from kolbench.cli import reference
from kolbench.domain.errors import SourceError, UsageError
from kolbench.domain.records import AccountRecord
from kolbench.store import sources
from kolbench.store.connect import Store
from kolbench.sync import loop
from kolbench.testing.server import Scripted
from kolbench.testing.trial import Outcome, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands import Commands
    from kolbench.sync.secrets import Settings
    from kolbench.sync.stop import Patience

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "plugins.md"

GOOD = """
    from kolbench import AccountRecord, Page, hookimpl

    class Good:
        name = "{name}"
        title = "a good one"
        platform = "good"
        feeds = ("profiles",)
        settings = ()
        limits = None

        def pull(self, pull):
            yield Page([AccountRecord(uid="1", name="Ann")], "1")

    @hookimpl
    def kolbench_register_adapters(register):
        register(Good())
"""


def write(folder: Path, name: str, code: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(dedent(code), "utf-8")


def good(folder: Path, name: str = "good", adapter: str = "good") -> None:
    write(folder, name, GOOD.format(name=adapter))


def problem(found: registry.Registry, plugin: str) -> registry.Problem:
    return next(one for one in found.problems if one.plugin == plugin)


# Finding ----------------------------------------------------------------------------------------------------


def test_the_built_in_adapters_are_there_and_sound() -> None:
    found = registry.load()
    assert {"tabular", "chat-archive", "sample"} <= set(found.adapters)
    assert not found.problems


def test_a_module_and_a_package_of_a_folder_are_plugins(tmp_path: Path) -> None:
    good(tmp_path)
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("from .inner import kolbench_register_adapters\n")
    (package / "inner.py").write_text(dedent(GOOD.format(name="packed")))
    found = registry.load([tmp_path])
    assert {"good", "packed"} <= set(found.adapters)
    assert not found.problems


def test_what_begins_with_an_underscore_or_a_dot_or_is_no_python_is_left_alone(tmp_path: Path) -> None:
    for name in ("_helper", ".hidden"):
        write(tmp_path, name, "raise RuntimeError")
    (tmp_path / "README.md").write_text("no plugin")
    (tmp_path / "empty").mkdir()
    assert not registry.load([tmp_path]).problems


def test_folders_of_the_environment_are_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good(tmp_path / "one", "one", "one")
    good(tmp_path / "two", "two", "two")
    monkeypatch.setenv("KOLBENCH_PLUGINS", f"{tmp_path / 'one'}:{tmp_path / 'two'}")
    assert {"one", "two"} <= set(registry.load().adapters)


def test_a_folder_that_is_not_there_is_a_mistake_of_the_operator(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="missing"):
        registry.load([tmp_path / "missing"])


def test_an_installed_distribution_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "kolbench_installed", GOOD.format(name="installed"))
    info = tmp_path / "kolbench_installed-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kolbench-installed\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[kolbench]\ninstalled = kolbench_installed\nlost = kolbench_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = registry.load()
    plugin = next(one for one in found.plugins if one.name == "installed")
    assert (plugin.version, plugin.origin, plugin.adapters) == ("1.2", "kolbench-installed", ("installed",))
    assert "kolbench_not_there" in problem(found, "lost").reason
    sys.modules.pop("kolbench_installed")


# Judging ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "where", "reason"),
    [
        ("import nothing_of_that_name", "import", "nothing_of_that_name"),
        ("x = (", "import", "SyntaxError"),
        ("raise SystemExit(3)", "import", "SystemExit"),
        ("class Odd(Exception):\n    def __str__(self): return 1 / 0\nraise Odd", "import", "Odd (bad.py:3)"),
        ("'a module without hooks'", "hooks", "none of KOLbench's hooks"),
        (
            "from kolbench import hookimpl\n@hookimpl\ndef kolbench_register_adapters(register):\n    1 / 0",
            "hooks",
            "ZeroDivisionError: division by zero (bad.py:4)",
        ),
        (
            "from kolbench import hookimpl\n@hookimpl\ndef kolbench_register_adaptors(register): ...",
            "hooks",
            "kolbench_register_adaptors",
        ),
        (
            "from kolbench import hookimpl\n@hookimpl\ndef kolbench_register_adapters(everything): ...",
            "hooks",
            "everything",
        ),
        (
            "from kolbench import hookimpl\n@hookimpl\ndef kolbench_register_adapters(register): register('junk')",
            "hooks",
            "'junk' is not an adapter",
        ),
    ],
)
def test_a_bad_plugin_is_named_and_the_good_ones_stay(tmp_path: Path, code: str, where: str, reason: str) -> None:
    write(tmp_path, "bad", code)
    good(tmp_path, "zz_good")
    found = registry.load([tmp_path])
    assert [one.plugin for one in found.problems] == ["bad"]
    assert problem(found, "bad").where == where
    assert reason in problem(found, "bad").reason
    assert {"good", "tabular"} <= set(found.adapters)


BLOCKS = "threading.Event().wait()"


@pytest.mark.parametrize("code", [BLOCKS, f"@hookimpl\ndef kolbench_register_adapters(register): {BLOCKS}"])
def test_a_plugin_that_blocks_is_left_behind(tmp_path: Path, code: str) -> None:
    write(tmp_path, "bad", f"import threading\nfrom kolbench import hookimpl\n{code}")
    good(tmp_path)
    found = registry.load([tmp_path], patience_s=0.05)
    assert "did not come back" in problem(found, "bad").reason
    assert "good" in found.adapters


def test_one_junk_adapter_disables_its_whole_plugin(tmp_path: Path) -> None:
    code = dedent(GOOD.format(name="fine")) + "    register(Good)\n"
    write(tmp_path, "half", code)
    found = registry.load([tmp_path])
    assert "fine" not in found.adapters
    assert "instance" in problem(found, "half").reason


def test_a_name_belongs_to_whoever_was_found_first(tmp_path: Path) -> None:
    good(tmp_path / "a", "first", "same")
    good(tmp_path / "b", "second", "same")
    good(tmp_path / "b", "usurper", "tabular")
    good(tmp_path / "b", "tabular", "other")
    found = registry.load([tmp_path / "a", tmp_path / "b"])
    assert "'same' is taken" in problem(found, "second").reason
    assert "'tabular' is taken" in problem(found, "usurper").reason
    assert "another plugin" in problem(found, "tabular").reason
    assert type(found.adapters["tabular"]).__module__ == "kolbench.adapters.tabular"


class Sound:
    name: Any = "sound"
    title: Any = "a sound one"
    platform: Any = "sound"
    feeds: Any = ("profiles",)
    settings: Any = (Setting("url", "where"),)
    limits: Any = RateLimit(1, 1.0)

    def pull(self, pull: Pull) -> Iterator[Page]:
        yield Page([], "1")


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("name", "Sound Adapter"),
        ("name", ""),
        ("name", None),
        ("title", " "),
        ("platform", "two words"),
        ("feeds", ()),
        ("feeds", ("dances",)),
        ("feeds", ["profiles"]),
        ("settings", (Setting("url", ""),)),
        ("settings", (Setting("URL", "where"),)),
        ("settings", (Setting("url", "where"), Setting("url", "again"))),
        ("settings", ({"name": "url"},)),
        ("limits", RateLimit(0, 1.0)),
        ("limits", 5),
        ("pull", "not a method"),
    ],
)
def test_a_declaration_that_lies_is_told_apart_from_a_sound_one(attribute: str, value: object) -> None:
    adapter = Sound()
    assert registry.faults(adapter) == []
    setattr(adapter, attribute, value)
    (fault,) = registry.faults(adapter)
    assert attribute in fault


def test_a_reason_from_a_plugin_is_fit_to_be_shown(tmp_path: Path) -> None:
    write(tmp_path, "bad", r"raise ValueError('\x1b]0;owned\x07 \x1b[31mred\n' + 'long ' * 1000)")
    reason = problem(registry.load([tmp_path]), "bad").reason
    assert reason.isprintable()
    assert len(reason) <= 500


def test_an_unknown_adapter_is_answered_with_those_there_are(tmp_path: Path) -> None:
    write(tmp_path, "bad", "1 / 0")
    with pytest.raises(UsageError, match=r"(?s)tabular.*Disabled plugins: bad"):
        registry.load([tmp_path]).get("nobody")


# Checking ---------------------------------------------------------------------------------------------------


class Reading(Sound):
    limits = None
    settings = ()

    def __init__(self, pages: list[list[Any]]) -> None:
        self.pages = pages

    def pull(self, pull: Pull) -> Iterator[Page]:
        for number in range(int(pull.cursor or 0), len(self.pages)):
            yield Page(self.pages[number], str(number + 1))


def broken(adapter: Adapter) -> list[str]:
    found = conformance.reading(adapter, "profiles", {}, None, 5)
    return [check.what for check in found if isinstance(check, conformance.Check) and check.kept is False]


def people(*numbers: int) -> list[Any]:
    return [AccountRecord(uid=str(number)) for number in numbers]


def test_an_adapter_that_keeps_its_contract_has_nothing_broken() -> None:
    assert broken(Reading([people(1, 2), people(3), people(4)])) == []


def test_a_cursor_that_skips_is_found() -> None:
    class Skipping(Reading):
        def pull(self, pull: Pull) -> Iterator[Page]:
            start = int(pull.cursor or 0)
            for number in range(start and start + 1, len(self.pages)):
                yield Page(self.pages[number], str(number + 1))

    assert broken(Skipping([people(1), people(2), people(3)])) == ["profiles: goes on from every cursor"]


def test_ids_made_up_anew_each_time_are_found() -> None:
    class Random(Reading):
        count = 0

        def pull(self, pull: Pull) -> Iterator[Page]:
            self.count += 1
            yield Page(people(self.count), "1")

    assert broken(Random([])) == ["profiles: reads the same again"]


def test_a_record_that_the_gate_refuses_is_found() -> None:
    (fault,) = broken(Reading([[AccountRecord(uid="")]]))
    assert "valid" in fault


def test_a_stranger_among_the_pages_is_found() -> None:
    class Lists(Reading):
        def pull(self, pull: Pull) -> Iterator[Page]:
            yield people(1)  # type: ignore[misc]

    assert broken(Lists([])) == ["profiles: yields pages"]


def test_an_error_that_is_not_ours_is_found_and_one_that_is_can_not_be_judged() -> None:
    class Raising(Reading):
        error: Exception = KeyError("items")

        def pull(self, pull: Pull) -> Iterator[Page]:
            raise self.error
            yield

    adapter = Raising([])
    assert broken(adapter) == ["profiles: can be read"]
    adapter.error = SourceError("no such server")
    assert broken(adapter) == []


def test_the_command_says_what_is_broken_in_plain_words(kolbench: Commands, tmp_path: Path) -> None:
    code = GOOD.format(name="bad").replace('uid="1"', 'uid=""')
    write(tmp_path / "plugins", "bad", code)
    good(tmp_path / "plugins")
    ran = kolbench("plugins", "check", "--plugin-dir", tmp_path / "plugins")
    assert ran.code == 1
    assert "BAD profiles: 1 records of 1 pages are valid: AccountRecord.uid" in ran.out
    assert kolbench("plugins", "check", "good", "--plugin-dir", tmp_path / "plugins").code == 0


ASKS = """
from kolbench import RateLimit, Setting, SourceError, hookimpl


class Asks:
    name = title = platform = "asks"
    feeds = ("profiles",)
    limits = RateLimit(1, 1)
    settings = (
        Setting("url", "its address", required=True, example="https://stranger.example"),
        Setting("key", "its key", required=True, secret=True),
    )

    def pull(self, pull):
        raise SourceError(f"{pull.settings['url']} is down")
        yield


@hookimpl
def kolbench_register_adapters(register):
    register(Asks())
"""


def test_what_could_not_be_read_is_not_called_kept(
    kolbench: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "plugins", "asks", ASKS)
    check = ("--plugin-dir", tmp_path / "plugins", "plugins", "check", "asks")
    assert kolbench(*check, "--offline").code == 0
    ran = kolbench(*check)
    assert (ran.code, "needs the setting 'url'" in ran.out, "stranger" in ran.out) == (1, True, False)
    ran = kolbench(*check, "--set", "url=https://mine.example")
    assert (ran.code, "into the environment as KOLBENCH_ASKS_KEY" in ran.out, "source edit" in ran.out) == (
        1,
        True,
        False,
    )
    monkeypatch.setenv("KOLBENCH_ASKS_KEY", "s3cret")
    ran = kolbench(*check, "--set", "url=https://mine.example")
    assert (ran.code, "https://mine.example is down" in ran.out, "Not checked" in ran.out) == (1, True, True)
    for wrong, said in (("ulr=https://mine.example", "has no setting 'ulr'"), ("key=s3cret", "is a secret")):
        ran = kolbench(*check, "--set", wrong)
        assert said in ran.out + ran.err
        assert ran.code != 0


PRINTS = GOOD.format(name="loud").replace("pull):", "pull):\n            print('loud\\x1b[31m')")


def test_what_a_plugin_prints_stays_out_of_the_answer(kolbench: Commands, tmp_path: Path) -> None:
    write(tmp_path / "plugins", "loud", "    print('here')\n" + PRINTS)
    plugins = ("--plugin-dir", tmp_path / "plugins")
    ran = kolbench(*plugins, "plugins", "check", "--json")
    assert [one["what"] for one in ran.json["loud"] if one["kept"] is False] == ["prints nothing"]
    assert ("here" in ran.err, "loud" in ran.err, "\x1b" in ran.err) == (True, True, False)
    assert kolbench(*plugins, "source", "add", "loud", "loud").code == 0
    ran = kolbench(*plugins, "sync", "--json")
    assert (ran.code, ran.events[-1]["state"], "loud" in ran.err) == (0, "done", True)
    assert "loud" in kolbench(*plugins, "source", "test", "loud").err


ASKED = """
from kolbench import Evidence, Measure, hookimpl
from kolbench.domain.following import Cause


class Odd:
    name, title, formula = "odd", "Odd", "none"

    def measure(self, people):
        return {{one: Measure(0.5{figure}) for one in people.creator_ids}}

    def evidence(self, people, limit):
        return [Evidence(None, "why", None, "account", 1)]


class Asking:
    name, title, parameters = "asking", "Asking", {{}}

    def find(self, looking):
        yield from (Cause(one, "x", {{}}, looking.at) for one, in looking.db.execute("SELECT id FROM creator LIMIT 3"))

    def why(self, evidence, at):
        return {why}


@hookimpl
def kolbench_register_scorers(register):
    register(Odd())


@hookimpl
def kolbench_register_follow_up_rules(register):
    register(Asking())
"""


@pytest.mark.parametrize(
    ("figure", "why", "bad"),
    [
        ("", "'because'", []),
        (", 'text'", "'because'", ["odd: measures people"]),
        ("", "evidence['x']", ["asking: says why"]),
    ],
)
def test_a_check_asks_scorers_and_rules_about_people(
    kolbench: Commands, tmp_path: Path, figure: str, why: str, bad: list[str]
) -> None:
    write(tmp_path / "plugins", "mine", ASKED.format(figure=figure, why=why))
    ran = kolbench("--plugin-dir", tmp_path / "plugins", "plugins", "check", "asking", "--json")
    assert [one["what"] for one in ran.json["mine"] if one["kept"] is not True] == bad
    assert ran.code == bool(bad)


def test_a_built_in_adapter_passes_its_own_check(kolbench: Commands) -> None:
    ran = kolbench("plugins", "check", "sample", "--pages", "2", "--json")
    assert ran.code == 0
    assert any(check["kept"] for check in ran.json["sample"])


def test_a_plugin_without_a_name_to_check_is_asked_for(kolbench: Commands) -> None:
    assert kolbench("plugins", "check").code == 2
    assert "no plugin 'nobody'" in kolbench("plugins", "check", "nobody").err


def test_the_list_shows_where_each_plugin_is_from_and_what_is_wrong(kolbench: Commands, tmp_path: Path) -> None:
    write(tmp_path / "plugins", "bad", "1 / 0")
    listed = {
        one["name"]: one for one in kolbench("--plugin-dir", tmp_path / "plugins", "plugins", "list", "--json").json
    }
    assert listed["tabular"]["enabled"] is True
    assert listed["bad"]["enabled"] is False
    assert "ZeroDivisionError" in listed["bad"]["problem"]["reason"]
    assert listed["bad"]["origin"].endswith("bad.py")


# The author's page ------------------------------------------------------------------------------------------


def from_the_page(what: str) -> str:
    found = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return next(code for code in found if f"class {what}" in code)


def test_the_pages_adapter_is_short_installs_and_syncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = from_the_page("Fanboard")
    assert len(code.splitlines()) < 100
    write(tmp_path / "plugins", "fanboard", code)
    found = registry.load([tmp_path / "plugins"])
    assert not found.problems
    monkeypatch.setenv("KOLBENCH_BOARD_TOKEN", "s3cret-token")
    store = Store.open(tmp_path / "kolbench.db")
    given = {"url": "https://api.example.com", "people": "ann ben nobody"}
    board = sources.add(store, "board", "fanboard", "fanboard", given)
    trial = Trial(found.adapters["fanboard"], given, lambda: kit.Careful().server)

    def connect(limit: RateLimit, settings: Settings, _patience: Patience) -> httpx.Client:
        return trial.client(Outcome(""), settings.redact)

    first = loop.run(store, found.adapters, [board], connect=connect)
    assert (first.state, first.counts.rejected) == ("done", 0)
    again = loop.run(store, found.adapters, [board], connect=connect)
    assert again.counts.new == 0
    db = store.reader()
    assert db.execute("SELECT count(*) FROM post").fetchone() == (7,)
    assert db.execute("SELECT uid, handle, gone FROM account ORDER BY 1").fetchall() == [
        ("1", "ann", None),
        ("2", "ben", None),
        ("handle:nobody", "nobody", 1),
    ]


def test_the_pages_adapter_passes_the_pages_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, what in {"kolbench_fanboard": "Fanboard", "test_fanboard": "TestFanboard"}.items():
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        exec(from_the_page(what), vars(module))
    assert {name: said for name in kit.names() if (said := kit.complaints(module.TestFanboard, name))} == {}


def test_the_pages_adapter_passes_the_check(tmp_path: Path) -> None:
    write(tmp_path, "fanboard", from_the_page("Fanboard"))
    adapter = registry.load([tmp_path]).adapters["fanboard"]
    settings = {"url": "https://api.example.com", "token": "s3cret-token", "people": "ann ben"}
    with httpx.Client(transport=Scripted(kit.Careful().server)) as http:
        checks = [
            check
            for feed in adapter.feeds
            for check in conformance.reading(adapter, feed, settings, http, 2)
            if isinstance(check, conformance.Check)
        ]
    assert len(checks) == 16
    assert [check.what for check in checks if not check.kept] == ["profiles: goes on from every cursor"]


def test_the_page_lists_every_hook_with_an_example_and_is_up_to_date() -> None:
    text = PAGE.read_text("utf-8")
    assert reference.renewed(text) == text, "run: python dev.py docs"
    hooks = [f for name, f in inspect.getmembers(hookspecs, inspect.isfunction) if name.startswith("kolbench_")]
    assert hooks
    for hook in hooks:
        assert "Example::" in (inspect.getdoc(hook) or ""), hook.__name__
        assert f"### `{hook.__name__}(" in text


def test_the_face_for_authors_is_whole() -> None:
    for name in face.__all__:
        assert getattr(face, name) is not None
    with pytest.raises(AttributeError):
        _ = face.nothing  # type: ignore[attr-defined]
    assert set(face.__all__) <= set(dir(face))
