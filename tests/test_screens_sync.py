"""Sync and import: run, watched, stopped, resumed, and told when something is wrong."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import campaigning
import make
from kolbench.adapters import registry
from kolbench.domain.errors import SourceError
from kolbench.screens.importing import ImportScreen
from kolbench.screens.progress import Progress
from kolbench.store import conversions, imports, runs, sources, writer
from kolbench.store.candidates import CandidateWindow
from kolbench.sync import lock, loop
from kolbench.sync.events import Counts, RowRejected, Warned
from scripted import Gate, Scripted
from stage import Stage, in_passing

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.adapters.protocol import Pull
    from kolbench.app import KolbenchApp


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Three pages of ten people each, as the only adapter there is."""
    pages = [[make.person(f"p{page}{n}", metrics={"followers": 1_000 + n}) for n in range(10)] for page in range(3)]
    found = Scripted({"profiles": pages})
    brought = registry.Registry({"scripted": found}, {}, {}, ())
    monkeypatch.setattr(registry, "load", lambda *folders, **options: brought)
    return found


@pytest.fixture
def told_to_stop(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once the sync knows that it shall stop: what is read ahead of that, is read."""
    event, look = threading.Event(), loop._Sync._look_for_an_end

    def looked(sync: loop._Sync) -> None:
        look(sync)
        if sync.ending:
            event.set()

    monkeypatch.setattr(loop._Sync, "_look_for_an_end", looked)
    return event


def scripted(stage: Stage, name: str = "people") -> sources.Source:
    return sources.add(stage.store, name, "scripted", "scripted", {})


def states(stage: Stage) -> Sequence[str]:
    return [run.state for run in runs.recent(stage.store)]


def test_the_sources_say_how_their_last_run_ended(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = stage.text(app)
        assert "3 sources" in text
        assert "failed: weibo" in text
        assert "answered 503 three times" in text
        assert "小红书名单" in text

    stage.play(story, screen="sync", size=(160, 40))


def test_a_sync_brings_people_and_their_scores(empty_stage: Stage, adapter: Scripted) -> None:
    stage = empty_stage
    scripted(stage)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "It was never read. r reads it now." in stage.text(app)
        await stage.press(pilot, "r")
        assert in_passing(app, "done: 30 new")
        assert CandidateWindow(stage.store).count() == 30
        await stage.press(pilot, "1")
        assert "30 creators" in stage.text(app)

    stage.play(story, screen="sync")


def test_all_sources_are_read_at_once(empty_stage: Stage, adapter: Scripted) -> None:
    stage = empty_stage
    for name in ("one", "two"):
        scripted(stage, name)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "R")
        assert states(stage) == ["done", "done"]

    stage.play(story, screen="sync")


def test_a_stopped_sync_ends_at_a_page_and_goes_on_from_there(
    empty_stage: Stage, adapter: Scripted, told_to_stop: threading.Event
) -> None:
    stage = empty_stage
    source = scripted(stage)
    gate = Gate()

    def hold(pull: Pull) -> None:
        gate.pass_through()
        assert told_to_stop.wait(20)

    adapter.at = {1: hold}

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await pilot.press("r")
        await gate.reached(pilot)
        app.screen._tell_progress()  # type: ignore[attr-defined]
        await pilot.pause()
        text = stage.text(app)
        assert "Esc stops" in text
        assert "33%" in text
        await pilot.press("3")
        await pilot.pause()
        assert "people 33%" in stage.text(app)
        await pilot.press("4", "escape")
        await pilot.pause()
        assert "stopping at the next page" in stage.text(app)
        gate.open()
        await stage.settle(pilot)
        assert states(stage) == ["cancelled"]
        cursor = runs.cursor(stage.store, source, "profiles")
        assert cursor is not None
        assert int(cursor) < 3
        adapter.at = {}
        await stage.press(pilot, "r")
        assert states(stage) == ["done", "cancelled"]
        assert adapter.asked[-1] == ("profiles", cursor)
        assert CandidateWindow(stage.store).count() == 30

    stage.play(story, screen="sync")


def test_a_source_that_fails_says_why_and_where_its_report_is(empty_stage: Stage, adapter: Scripted) -> None:
    stage = empty_stage
    scripted(stage)

    def fail(pull: Pull) -> None:
        raise SourceError("the platform has closed its doors")

    adapter.at = {1: fail}

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "r")
        assert "the platform has closed its doors" in stage.text(app)
        assert states(stage) == ["failed"]

    stage.play(story, screen="sync")


def test_a_plugin_that_is_disabled_is_named_and_why(
    empty_stage: Stage, adapter: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = empty_stage
    scripted(stage)
    why = registry.Problem("mine", "import", "SyntaxError: [bold]")
    brought = registry.Registry({"scripted": adapter}, {}, {}, (registry.Plugin("mine", "", "", problem=why),))
    monkeypatch.setattr(registry, "load", lambda *folders, **options: brought)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "r")
        assert in_passing(app, "Plugin 'mine' is disabled for this run: SyntaxError: [bold]")

    stage.play(story, screen="sync")


def test_a_sync_elsewhere_is_named_and_nothing_is_done(empty_stage: Stage, adapter: Scripted) -> None:
    stage = empty_stage
    scripted(stage)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        with lock.held(stage.store.path):
            await stage.press(pilot, "r")
        assert in_passing(app, "already running")
        assert states(stage) == []

    stage.play(story, screen="sync")


def test_leaving_while_something_runs_asks_first_and_stops_it(
    empty_stage: Stage, adapter: Scripted, told_to_stop: threading.Event
) -> None:
    stage = empty_stage
    scripted(stage)
    gate = Gate()

    def hold(pull: Pull) -> None:
        gate.pass_through()
        assert told_to_stop.wait(20)

    adapter.at = {1: hold}

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await pilot.press("r")
        await gate.reached(pilot)
        await pilot.press("q")
        await pilot.pause()
        assert "Something is still running" in stage.text(app)
        await pilot.press("down", "enter")
        app.finish_jobs(0.0)
        gate.open()
        app.finish_jobs(20.0)

    stage.play(story, screen="sync")
    assert states(stage) == ["cancelled"]


def test_a_sync_that_was_killed_is_called_interrupted(empty_stage: Stage, adapter: Scripted) -> None:
    stage = empty_stage
    runs.start(stage.store, scripted(stage), "sync")
    with stage.store.writing() as db:
        db.execute("UPDATE run SET pid = 4194305")  # above what Linux gives to any process

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "interrupted" in stage.text(app)
        assert states(stage) == ["interrupted"]

    stage.play(story, screen="sync")


def test_an_empty_store_says_where_data_come_from(empty_stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "No source yet." in empty_stage.text(app)
        assert "Press i to import a file." in empty_stage.text(app)

    empty_stage.play(story, screen="sync", size=(80, 24))


# Importing.


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "fans_2026-01-20.csv"
    path.write_text(
        "昵称,粉丝数,获赞,uid,联系\n王小美,1.2万,3.4w,a1,wx_mei\n李雷,890,12,a2,\n韩梅梅,2亿,475.8m,a3,\n坏行,abc,1,a4,\n",
        encoding="utf-8",
    )
    return path


async def choose_file(stage: Stage, pilot: Pilot[int], path: Path) -> None:
    await stage.press(pilot, "i")
    pilot.app.screen.query_one("Input").value = str(path)  # type: ignore[attr-defined]
    await stage.press(pilot, "enter")


def test_a_table_is_shown_with_what_its_columns_mean_and_then_imported(empty_stage: Stage, table: Path) -> None:
    stage = empty_stage

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_file(stage, pilot, table)
        assert "Which platform are these accounts on?" in stage.text(app)
        await stage.type(pilot, "dou")
        await stage.press(pilot, "enter")
        text = stage.text(app)
        for part in ("fans_2026-01-20.csv", "Douyin", "accounts", "counts as of 2026-01-20", "粉丝数", "followers"):
            assert part in text
        assert "line 5, 粉丝数: not a number" in text
        await stage.press(pilot, "y")
        assert in_passing(app, "done: 4 new")
        assert "Rejected rows:" in stage.text(app)
        await stage.press(pilot, "1")
        app._look()  # as it does each second
        await stage.settle(pilot)
        assert "200M" in stage.text(app)

    stage.play(story)


def test_a_columns_role_is_changed_and_remembered(empty_stage: Stage, table: Path) -> None:
    stage = empty_stage

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_file(stage, pilot, table)
        await stage.type(pilot, "dou")
        await stage.press(pilot, "enter", "down", "down", "enter")
        assert "What is 获赞?" in stage.text(app)
        await stage.type(pilot, "comments")
        await stage.press(pilot, "enter")
        line = next(line for line in stage.text(app).splitlines() if "获赞" in line)
        assert "comments" in line
        await stage.press(pilot, "y")
        metric = "SELECT count(*) FROM account_snapshot WHERE metric_id = (SELECT id FROM metric WHERE name = ?)"
        counted = {name: stage.store.reader().execute(metric, (name,)).fetchone()[0] for name in ("likes", "comments")}
        assert counted == {"likes": 0, "comments": 4}
        shape = stage.store.reader().execute("SELECT shape FROM column_mapping").fetchone()[0]
        assert '"comments"' in imports.mapping(stage.store, shape)

    stage.play(story)


def test_the_same_file_twice_is_said_to_change_nothing(empty_stage: Stage, table: Path) -> None:
    stage = empty_stage

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        for _time in range(2):
            await choose_file(stage, pilot, table)
            await stage.type(pilot, "dou")
            await stage.press(pilot, "enter")
            if _time == 0:
                await stage.press(pilot, "y")
        assert "Imported already on 2026-01-31" in stage.text(app)
        await stage.press(pilot, "y")
        assert CandidateWindow(stage.store).count() == 4

    stage.play(story)


def test_a_table_of_a_campaign_is_imported_into_the_one_that_is_named(empty_stage: Stage, tmp_path: Path) -> None:
    stage = empty_stage
    path = tmp_path / "sales.csv"
    path.write_text(
        "订单号,时间,实付金额,优惠码,买家\nA1,2026-01-02 10:00,129.00,ANN,u1\nA2,no day,59.50,ANN,u2\n", "utf-8"
    )
    campaigning.campaign(stage.store, name="Milk")
    tea = campaigning.campaign(stage.store)
    make.write(stage.store, campaigning.takes_part("ann"))

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_file(stage, pilot, path)
        await stage.type(pilot, "shop")
        await stage.press(pilot, "enter", "w", "8")
        assert "Of which campaign?" in stage.text(app)
        await stage.press(pilot, "enter")
        assert "In which currency are the amounts?" in stage.text(app)
        assert pilot.app.screen.query_one("Input").value == "CNY"  # type: ignore[attr-defined]
        await stage.press(pilot, "enter")
        text = stage.text(app)
        for part in ("conversions · Tea · CNY", "order's number", "buyer's id", "line 3, 时间"):
            assert part in text
        assert "counts" not in text
        await stage.press(pilot, "y")
        assert in_passing(app, "done: 1 new")
        (found,) = conversions.of_ids(stage.store.reader(), [1])
        assert (found.campaign_id, found.order_id, found.amount, found.state) == (tea, "A1", 12_900, "counted")

    stage.play(story)


def test_a_table_with_a_currency_is_not_asked_for_one_and_people_are_in_no_campaign(
    empty_stage: Stage, tmp_path: Path
) -> None:
    stage = empty_stage
    path = tmp_path / "refunds.csv"
    path.write_text("退款单号,订单号,退款时间,退款金额,币种\nR1,A1,2026-01-02 10:00,9.00,CNY\n", "utf-8")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_file(stage, pilot, path)
        await stage.type(pilot, "shop")
        await stage.press(pilot, "enter", "w", "9")
        assert in_passing(app, "There is no campaign yet.")
        campaigning.campaign(stage.store)
        await stage.press(pilot, "w", "9", "enter")
        assert isinstance(app.screen, ImportScreen)
        assert not app.screen.plan.problem
        await stage.press(pilot, "w", "1")
        assert "campaign" not in app.screen.plan.settings

    stage.play(story)


def test_a_file_that_is_not_there_is_refused_where_it_was_typed(empty_stage: Stage) -> None:
    stage = empty_stage

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_file(stage, pilot, Path("/nowhere/fans.csv"))
        assert "There is no file /nowhere/fans.csv." in stage.text(app)
        await stage.press(pilot, "escape")
        assert "There is nobody in this store yet." in stage.text(app)

    stage.play(story)


def test_a_path_is_completed_from_its_folder(tmp_path: Path) -> None:
    from kolbench.screens.paths import complete

    (tmp_path / "fans.csv").write_text("x")
    (tmp_path / "fold er").mkdir()
    assert complete(f"{tmp_path}/fa") == f"{tmp_path}/fans.csv"
    assert complete(f"{tmp_path}/fo") == f"{tmp_path}/fold er/"
    assert complete(f"{tmp_path}/zzz") is None
    assert complete(f"{tmp_path}/none/zzz") is None


def test_people_whom_a_stopped_sync_left_without_a_score_get_it_when_the_workbench_is_open(
    empty_stage: Stage, adapter: Scripted
) -> None:
    stage = empty_stage
    run = runs.start(stage.store, scripted(stage), "sync")
    writer.write_page(stage.store, run, "profiles", [make.person("1", name="迟到的人")], None, 0)
    runs.finish(stage.store, run, "cancelled")
    assert CandidateWindow(stage.store).count() == 0

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        app._look()
        await stage.settle(pilot)  # it is seen that somebody waits, and scored
        app._look()
        await stage.settle(pilot)
        assert "迟到的人" in stage.text(app)

    stage.play(story)


def test_what_the_runs_brought_stands_in_the_list(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        heading = stage.text(app).splitlines()[2]
        for column in ("New", "Changed", "Rejected"):
            assert column in heading

    stage.play(story, screen="sync")


def test_a_sync_of_which_one_source_failed_is_called_partly_failed(empty_stage: Stage, adapter: Scripted) -> None:
    stage = empty_stage
    for name in ("one", "two"):
        scripted(stage, name)
    sources.add(stage.store, "three", "gone", "scripted", {})

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "R")
        told = [notification.message for notification in app._notifications]
        assert any(text.startswith("partly failed (three): 30 new") for text in told)
        assert sorted(states(stage)) == ["done", "done", "failed"]

    stage.play(story, screen="sync")


def test_a_sync_that_failed_altogether_is_called_failed(empty_stage: Stage, adapter: Scripted) -> None:
    sources.add(empty_stage.store, "three", "gone", "scripted", {})

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await empty_stage.press(pilot, "R")
        assert any(notification.message.startswith("failed: ") for notification in app._notifications)

    empty_stage.play(story, screen="sync")


def test_sync_all_says_what_to_do_where_only_files_were_imported(stage: Stage) -> None:
    with stage.store.writing() as db:
        db.execute("UPDATE source SET enabled = 0")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "R")
        assert in_passing(app, "r syncs the one under the cursor")
        assert not in_passing(app, "kolbench source add")

    stage.play(story, screen="sync")


def test_a_table_of_nothing_known_is_told_with_the_keys_that_help(empty_stage: Stage, tmp_path: Path) -> None:
    stage = empty_stage
    path = tmp_path / "orders.csv"
    path.write_text("order,amount\n1,5\n")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_file(stage, pilot, path)
        await stage.type(pilot, "dou")
        await stage.press(pilot, "enter")
        assert "Enter changes what a column means, w what the rows are." in stage.text(app)
        await stage.press(pilot, "y")
        assert "orders.csv" in stage.text(app) or in_passing(app, "orders.csv")
        assert "--map" not in stage.text(app)
        assert not in_passing(app, "--map")

    stage.play(story)


def test_a_reason_for_which_rows_are_left_out_is_said_once_with_their_number_and_lines(stage: Stage) -> None:
    progress = Progress()
    for line in (3, 5, 8, 9, 11, 1_200):
        progress(RowRejected("list", "profiles", line, "followers", "is no number"))
    progress(RowRejected("list", "profiles", 4, "handle", "is empty"))
    progress(RowRejected("list", "profiles", None, "", "has no id"))
    progress(RowRejected("list", "profiles", None, "", "has no id"))
    progress(Warned("list", "half of it is old"))
    stream = progress.streams["list"]
    stream.counts = Counts(rejected=12)
    assert list(stream.remarks()) == [
        "half of it is old",
        "6 rows: followers: is no number; lines 3, 5, 8, 9, 11 …",
        "line 4, handle: is empty",
        "2 rows: has no id",
        "3 rows more were not kept",
    ]
