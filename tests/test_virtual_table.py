"""A table of any length: what it reads, what it shows, and what it says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from kolbench.domain.errors import StoreError
from kolbench.widgets import cells, virtual_table
from kolbench.widgets.columns import GAP, Column, arrange, column_at, heading, line
from kolbench.widgets.virtual_table import ListWindow, Row, VirtualTable, Window
from kolbench.widgets.window import PAGE
from kolbench.widgets.worker import Asked, QueryThread
from resting import wait_by_rest

COLUMNS = (
    Column("name", "Name", 12, flex=1),
    Column("followers", "Followers", 9, "right", lambda value, _row: f"{value:,}"),
)


class Numbers:
    """A window over numbered people that notes who asks for what, and can be held up."""

    def __init__(self, total: int = 1_000_000, *, backwards: bool = False) -> None:
        self.total, self.backwards = total, backwards
        self.threads: set[int] = set()
        self.asked: list[tuple[int, int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.closed = threading.Event()

    def _number(self, position: int) -> int:
        return self.total - 1 - position if self.backwards else position

    def count(self) -> int:
        self._ask()
        return self.total

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        self.asked.append((start, stop))
        self._ask()
        return [(n, f"王 {n}", n * 2) for n in map(self._number, range(start, min(stop, self.total)))]

    def find(self, key: Hashable) -> int | None:
        return self._number(key) if isinstance(key, int) and key < self.total else None

    def close(self) -> None:
        self._ask()
        self.closed.set()

    def _ask(self) -> None:
        self.threads.add(threading.get_ident())
        assert self.gate.wait(20)
        if self.error is not None:
            raise self.error


class Searched(Numbers):
    """Likewise, with its first rows known before the others are counted."""

    def glance(self) -> Sequence[Row]:
        return [(n, f"王 {n}", n * 2) for n in range(20)]

    def abandon(self) -> None:
        self.error = StoreError("abandoned")
        self.gate.set()


class Tabled(App[None]):
    """An app with nothing but a table, that keeps what the table says."""

    def __init__(self, window: Window | None, columns: Sequence[Column] = COLUMNS, **more: Any) -> None:
        super().__init__()
        self.window = window
        self.table = VirtualTable(columns, empty="Nobody yet.", **more)
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()
        if self.window is not None:
            self.table.show(self.window)

    def on_virtual_table_moved(self, event: VirtualTable.Moved) -> None:
        self.said.append(event)

    on_virtual_table_opened = on_virtual_table_selected = on_virtual_table_moved
    on_virtual_table_sort_requested = on_virtual_table_loaded = on_virtual_table_failed = on_virtual_table_moved

    def heard(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.said if isinstance(message, kind)]


@pytest.fixture(autouse=True)
def in_english_on_a_unicode_terminal_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", "en")
    monkeypatch.setattr(cells, "unicode_terminal", lambda: True)
    monkeypatch.setattr("kolbench.widgets.columns.unicode_terminal", lambda: True)
    monkeypatch.setattr(virtual_table, "MOVED_AFTER_S", 0.0)
    wait_by_rest(monkeypatch)


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    """Wait for something the table's thread brings about."""
    async with asyncio.timeout(20):
        while not met():
            await pilot.pause()


async def settled(pilot: Pilot[None], table: VirtualTable) -> None:
    await until(pilot, lambda: not table.busy)
    await pilot.pause()


def lines(table: VirtualTable) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


def run(story: Callable[[Tabled, Pilot[None]], Any], app: Tabled, size: tuple[int, int] = (60, 12)) -> None:
    """Tell a story in the app, once the table shows its first rows."""

    async def told() -> None:
        async with app.run_test(size=size) as pilot:
            await settled(pilot, app.table)
            await story(app, pilot)

    asyncio.run(told())


def test_a_million_rows_are_shown_by_reading_one_page() -> None:
    window = Numbers()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        shown = lines(app.table)
        assert shown[0].split() == ["Name", "Followers"]
        assert shown[1].startswith("❯ 王 0 ")
        assert shown[11].split() == ["王", "10", "20"]
        assert {cell_len(text) for text in shown} == {app.table.scrollable_content_region.width}
        assert app.heard(VirtualTable.Loaded)[0].total == 1_000_000
        assert sum(stop - start for start, stop in window.asked) <= 2 * PAGE

    run(story, Tabled(window))


def test_a_window_is_only_ever_asked_in_one_thread_which_is_not_the_screens() -> None:
    window = Numbers()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press("end", "pageup", "home")
        await settled(pilot, app.table)
        app.table.reload()
        await settled(pilot, app.table)

    run(story, Tabled(window))
    assert len(window.threads) == 1
    assert threading.get_ident() not in window.threads


@pytest.mark.parametrize(
    ("keys", "position"),
    [
        ("j j k", 1),
        ("down down up", 1),
        ("G", 999_999),
        ("end", 999_999),
        ("end home", 0),
        ("G g", 0),
        ("pagedown", 11),
        ("pagedown pageup", 0),
        ("ctrl+d", 5),
        ("ctrl+d ctrl+d ctrl+u", 5),
        ("k", 0),
        ("end down", 999_999),
    ],
)
def test_the_usual_keys_move_the_cursor_and_it_stays_in_sight(keys: str, position: int) -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press(*keys.split())
        await settled(pilot, app.table)
        assert app.table.cursor == position
        assert app.table.cursor_key == position
        assert next(text for text in lines(app.table) if text.startswith("❯")).split()[2] == str(position)

    run(story, Tabled(Numbers()))


def test_rows_that_are_not_read_yet_are_placeholders_and_nothing_waits_for_them() -> None:
    window = Numbers()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        window.gate.clear()
        await pilot.press("end")
        shown = lines(app.table)
        assert shown[11].startswith("❯ …")
        assert shown[10].startswith("  …")
        assert app.table.cursor_key is None
        window.gate.set()
        await settled(pilot, app.table)
        assert lines(app.table)[11].split()[2] == "999999"

    run(story, Tabled(window))


def test_pages_passed_by_in_a_hurry_are_never_read() -> None:
    window = Numbers()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        window.gate.clear()
        for position in (10_000, 20_000, 30_000, 40_000, 50_000):
            app.table.move_to(position)
            await pilot.pause()
        window.gate.set()
        await settled(pilot, app.table)
        read = {start // PAGE for start, _stop in window.asked}
        assert 50_000 // PAGE in read
        assert not {20_000 // PAGE, 30_000 // PAGE, 40_000 // PAGE} & read

    run(story, Tabled(window))


def test_the_page_ahead_is_read_before_one_gets_there() -> None:
    window = Numbers()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        app.table.move_to(PAGE * 10 + 5)
        await settled(pilot, app.table)
        assert (PAGE * 11, PAGE * 12) in window.asked
        app.table.move_to(PAGE * 30 + 100)
        await settled(pilot, app.table)
        await pilot.press("pageup")
        await settled(pilot, app.table)
        assert (PAGE * 29, PAGE * 30) in window.asked

    run(story, Tabled(window))


def test_few_pages_are_kept() -> None:
    window = Numbers()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        for page in range(40):
            app.table.move_to(page * 3 * PAGE)
            await settled(pilot, app.table)
        before = len(window.asked)
        await pilot.press("home")
        await settled(pilot, app.table)
        assert len(window.asked) > before

    run(story, Tabled(window))


def test_another_order_follows_the_row_under_the_cursor() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press("j", "j", "j")
        app.table.show(Numbers(backwards=True))
        await settled(pilot, app.table)
        assert app.table.cursor_key == 3
        assert app.table.cursor == 999_996
        assert "❯ 王 3 " in "".join(lines(app.table))

    run(story, Tabled(Numbers()))


def test_another_order_can_start_at_its_top() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press("end")
        app.table.show(Numbers(backwards=True), keep=False)
        await settled(pilot, app.table)
        assert (app.table.cursor, app.table.cursor_key) == (0, 999_999)
        assert app.heard(VirtualTable.Moved)[-1].key == 999_999

    run(story, Tabled(Numbers()))


def test_what_is_shown_stays_until_the_new_rows_are_there() -> None:
    late = Numbers(backwards=True)
    late.gate.clear()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        app.table.show(late, keep=False)
        await pilot.pause()
        assert lines(app.table)[1].startswith("❯ 王 0 ")
        late.gate.set()
        await settled(pilot, app.table)
        assert lines(app.table)[1].startswith("❯ 王 999999 ")

    run(story, Tabled(Numbers()))


@pytest.mark.parametrize(("key", "position"), [("down", 1), ("end", 999_999), ("pagedown", 11)])
def test_first_rows_can_be_walked_before_all_are_counted(key: str, position: int) -> None:
    window = Searched()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        window.gate.clear()
        app.table.show(window, keep=False)
        await until(pilot, lambda: not app.table.counted)
        assert lines(app.table)[1].startswith("❯ 王 0 ")
        assert not app.heard(VirtualTable.Loaded)[1:]
        await pilot.press(key)
        window.gate.set()
        await settled(pilot, app.table)
        assert (app.table.cursor, app.table.total, app.table.counted) == (position, 1_000_000, True)
        assert app.table.cursor_key == position

    run(story, Tabled(Numbers(3)))


def test_nobody_waits_for_the_number_of_what_was_searched_before() -> None:
    before, after = Searched(), Numbers(5)

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        before.gate.clear()
        app.table.show(before, keep=False)
        await until(pilot, lambda: not app.table.counted)
        app.table.show(after, keep=False)
        await settled(pilot, app.table)
        assert (app.table.total, app.table.counted) == (5, True)
        assert not app.heard(VirtualTable.Failed)

    run(story, Tabled(Numbers(3)))


def test_a_list_that_follows_its_cursor_waits_for_where_that_stands() -> None:
    window = Searched(backwards=True)

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        app.table.show(window)
        await settled(pilot, app.table)
        assert app.table.cursor_key == 0
        assert app.table.cursor == 999_999

    run(story, Tabled(Numbers(3)))


def test_rows_in_memory_are_never_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_table, "LATE_AFTER_S", 0.0)

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        app.table.show(ListWindow([(1, "王", 1)]))
        app.table.show(ListWindow([(2, "李", 2)]))
        await settled(pilot, app.table)
        assert lines(app.table)[0].startswith("  ")
        assert lines(app.table)[1].startswith("❯ 李")

    run(story, Tabled(ListWindow([])))


def test_a_header_says_that_new_rows_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_table, "LATE_AFTER_S", 0.0)
    late = Numbers()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        assert lines(app.table)[0].startswith("  ")
        late.gate.clear()
        app.table.show(late)
        await until(pilot, lambda: lines(app.table)[0].startswith("…"))
        late.gate.set()
        await settled(pilot, app.table)
        assert lines(app.table)[0].startswith("  ")

    run(story, Tabled(Numbers()))


def test_the_last_of_several_windows_wins_and_the_others_are_let_go() -> None:
    first, windows = Numbers(), [Numbers(n) for n in (10, 20, 30)]

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        first.gate.clear()
        await pilot.press("end")
        for window in windows:
            app.table.show(window)
        first.gate.set()
        await settled(pilot, app.table)
        assert app.table.total == 30
        assert [loaded.total for loaded in app.heard(VirtualTable.Loaded)] == [1_000_000, 30]
        assert windows[0].asked == windows[1].asked == []

    run(story, Tabled(first))
    assert all(window.closed.wait(20) for window in (first, *windows))


def test_rows_that_come_before_the_table_is_on_the_screen_are_not_lost() -> None:
    class Hasty(Tabled):
        def compose(self) -> ComposeResult:
            came = threading.Event()
            self.table.show(ListWindow([(1, "early bird", 5)]))
            self.table._pages._thread.ask("after", came.set, lambda asked: None)
            assert came.wait(20)
            yield self.table

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        assert "early bird" in lines(app.table)[1]

    run(story, Hasty(None))


def test_a_list_at_its_top_shows_who_has_overtaken_the_row_under_the_cursor() -> None:
    rows: list[Row] = [(n, f"person {n}", n) for n in range(100)]

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        rows.insert(0, (100, "newest leader", 100))
        app.table.reload()
        await settled(pilot, app.table)
        assert (app.table.cursor_key, app.table.cursor) == (0, 1)
        assert "newest leader" in lines(app.table)[1]

    run(story, Tabled(ListWindow(rows)))


def test_reloading_shows_changed_rows_where_they_are() -> None:
    rows: list[Row] = [(n, f"person {n}", n) for n in range(100)]

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press(*["j"] * 30)
        top = app.table.scroll_offset.y
        rows[30] = (30, "renamed", 7)
        app.table.reload()
        await settled(pilot, app.table)
        assert app.table.scroll_offset.y == top
        assert app.table.cursor == 30
        assert "renamed" in "".join(lines(app.table))

    run(story, Tabled(ListWindow(rows)))


def test_moving_on_while_rows_are_read_again_is_not_undone() -> None:
    window = Numbers()

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press("j", "j")
        window.gate.clear()
        app.table.reload()
        await pilot.press("j", "j", "j")
        window.gate.set()
        await settled(pilot, app.table)
        assert app.table.cursor_key == 5

    run(story, Tabled(window))


def test_who_goes_back_while_rows_are_counted_is_not_taken_to_the_end() -> None:
    first, searched = Numbers(), Searched(1_000)

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        searched.gate.clear()
        app.table.show(searched, keep=False)
        await until(pilot, lambda: not app.table.counted)
        await pilot.press("end", "home")
        searched.gate.set()
        await settled(pilot, app.table)
        assert app.table.cursor == 0

    run(story, Tabled(first))


def test_a_row_that_vanished_leaves_the_cursor_on_a_row() -> None:
    rows: list[Row] = [(n, f"person {n}", n) for n in range(20)]

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press("end")
        del rows[10:]
        app.table.reload()
        await settled(pilot, app.table)
        assert (app.table.cursor, app.table.cursor_key) == (9, 9)

    run(story, Tabled(ListWindow(rows)))


def test_an_empty_table_says_what_the_screen_gave_it() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        assert "Nobody yet." in "".join(lines(app.table))
        assert app.table.cursor_key is None
        await pilot.press("j", "end", "enter", "space")
        assert not app.heard(VirtualTable.Opened)
        assert app.heard(VirtualTable.Moved) == []

    run(story, Tabled(ListWindow([])))


def test_emptying_a_table_is_told_as_a_move_to_nothing() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        app.table.show(ListWindow([]))
        await settled(pilot, app.table)
        assert app.heard(VirtualTable.Moved)[-1].key is None

    run(story, Tabled(Numbers(5)))


def test_a_failing_window_is_an_error_in_the_table_until_it_works_again() -> None:
    window = Numbers()
    window.error = StoreError("The store is busy.")

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        assert "The store is busy." in "".join(lines(app.table))
        assert isinstance(app.heard(VirtualTable.Failed)[0].error, StoreError)
        assert app.table.total is None
        await pilot.press("enter")
        assert not app.heard(VirtualTable.Opened)
        window.error = None
        app.table.reload()
        await settled(pilot, app.table)
        assert lines(app.table)[1].startswith("❯ 王 0 ")

    run(story, Tabled(window))


def test_markup_and_control_characters_are_shown_as_text_or_not_at_all() -> None:
    evil = "[bold]b[/] \x1b[2J\x07\u202e"

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        text = lines(app.table)[1]
        assert "[bold]b[/] [2J" in text
        assert text.isprintable()

    run(story, Tabled(ListWindow([(1, evil, 1)])))


def test_space_marks_rows_by_their_keys_even_in_another_order() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press("space", "j", "j", "space", "j")
        assert app.table.selected == {0, 2}
        assert [text[:2] for text in lines(app.table)[1:5]] == [" ✓", "  ", " ✓", "❯ "]
        app.table.show(Numbers(4, backwards=True), keep=False)
        await settled(pilot, app.table)
        assert [text[:2] for text in lines(app.table)[1:5]] == ["❯ ", " ✓", "  ", " ✓"]
        app.table.move_to(1)
        await pilot.press("space")
        assert app.heard(VirtualTable.Selected)[-1].keys == {0}

    run(story, Tabled(Numbers()))


def test_a_table_that_is_not_selectable_ignores_space() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press("space")
        assert app.table.selected == frozenset()

    run(story, Tabled(Numbers(), selectable=False))


def test_enter_and_a_double_click_open_a_row_and_a_click_goes_there() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.press("j", "enter")
        await pilot.click(VirtualTable, offset=(5, 4))
        assert app.table.cursor == 3
        await pilot.click(VirtualTable, offset=(5, 6), times=2)
        await pilot.pause()
        assert [opened.key for opened in app.heard(VirtualTable.Opened)] == [1, 5]

    run(story, Tabled(Numbers()))


def test_a_click_on_a_header_asks_for_its_order() -> None:
    columns = (*COLUMNS, Column("bars", "Bars", 5, at=2, sortable=False))

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        width = app.table.size.width
        for x in (4, width - 8, width - 2):
            await pilot.click(VirtualTable, offset=(x, 0))
        assert [request.column for request in app.heard(VirtualTable.SortRequested)] == ["name", "followers"]
        assert app.table.cursor == 0

    run(story, Tabled(Numbers(), columns))


def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot._post_mouse_events([virtual_table_wheel()], VirtualTable, (5, 5))
        await settled(pilot, app.table)
        assert (app.table.scroll_offset.y, app.table.cursor) == (3, 0)
        await pilot.press("home")
        assert app.table.scroll_offset.y == 0

    run(story, Tabled(Numbers()))


def virtual_table_wheel() -> type[Any]:
    from textual.events import MouseScrollDown

    return MouseScrollDown


def test_a_held_key_is_told_once_when_the_cursor_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_table, "MOVED_AFTER_S", 0.05)

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        for _press in range(20):
            app.table.action_move(1)
        await until(pilot, lambda: len(app.heard(VirtualTable.Moved)) > 1)
        assert [moved.key for moved in app.heard(VirtualTable.Moved)] == [0, 20]

    run(story, Tabled(Numbers()))


def test_the_cursor_is_seen_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        cursor, other = app.table.render_line(1), app.table.render_line(2)
        assert "reverse" in str(next(iter(cursor)).style)
        assert "reverse" not in str(next(iter(other)).style)
        assert cursor.text.startswith("❯")

    run(story, Tabled(Numbers()))


def test_a_row_may_have_a_style_of_its_own() -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        first, second, third = (next(iter(app.table.render_line(y))).style for y in (2, 3, 4))
        assert first == third != second

    run(story, Tabled(Numbers(), row_class=lambda row: "muted" if row[0] % 2 else None))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (250, 70), (20, 4)])
def test_every_line_is_as_wide_as_the_table_at_every_size(size: tuple[int, int]) -> None:
    async def story(app: Tabled, pilot: Pilot[None]) -> None:
        await pilot.resize_terminal(*size)
        await pilot.press("end")
        await settled(pilot, app.table)
        assert {cell_len(text) for text in lines(app.table)} == {app.table.scrollable_content_region.width}
        assert len([text for text in lines(app.table) if text.startswith("❯")]) == 1

    run(story, Tabled(Numbers()))


# Columns.


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8),
    st.integers(3, 250),
)
def test_columns_never_overlap_nor_leave_the_table(widths: list[tuple[int, int, int]], width: int) -> None:
    columns = [Column(str(n), "x", w, flex=flex, drop=drop) for n, (w, flex, drop) in enumerate(widths)]
    placed = arrange(columns, width, 2)
    x = 2
    for place in placed:
        assert place.x >= x
        x = place.x + place.width + GAP
    assert x - GAP <= width
    row = [0, *range(len(columns))]
    assert cell_len(line(placed, row, width, 2)) == width - 2
    assert cell_len(heading(placed, width, 2, ("0", True))) == width - 2


def test_the_columns_that_matter_least_go_first_and_spare_cells_are_shared_by_weight() -> None:
    columns = [
        Column("a", "A", 10, flex=3),
        Column("b", "B", 10, drop=2),
        Column("c", "C", 10, flex=1),
        Column("d", "D", 10, drop=1),
    ]
    assert [place.column.key for place in arrange(columns, 45, 2)] == ["a", "b", "c", "d"]
    assert [place.column.key for place in arrange(columns, 35, 2)] == ["a", "c", "d"]
    assert [place.column.key for place in arrange(columns, 24, 2)] == ["a", "c"]
    assert [place.width for place in arrange(columns, 65, 2)] == [25, 10, 15, 10]


def test_a_header_shows_the_order_and_a_click_finds_its_column() -> None:
    placed = arrange([Column("a", "Name", 10), Column("b", "Followers", 9, "right")], 22, 2)
    assert heading(placed, 22, 2, ("b", True)) == "Name       Followe…▾"
    assert heading(placed, 22, 2, ("a", False)) == "Name▴      Followers"
    assert [getattr(column_at(placed, x), "key", None) for x in (0, 2, 11, 12, 13)] == [None, "a", "a", "a", "b"]


# The thread.


def test_only_the_newest_question_of_a_slot_is_asked() -> None:
    async def story() -> list[int]:
        thread, gate = QueryThread(), threading.Event()
        answers: list[int] = []
        done = asyncio.Event()

        def answered(asked: Asked[int]) -> None:
            answers.append(asked.value())
            if asked.value() == 4:
                done.set()

        thread.ask("first", lambda: int(gate.wait(20)), answered)
        for number in (2, 3, 4):
            thread.ask("second", lambda number=number: number, answered)  # type: ignore[misc]
        gate.set()
        await asyncio.wait_for(done.wait(), 20)
        thread.close()
        return answers

    assert asyncio.run(story()) == [1, 4]


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_a_failed_question_raises_where_its_answer_is_read(error: type[BaseException]) -> None:
    def fails() -> None:
        raise error

    async def story() -> None:
        thread = QueryThread()
        for _again in range(2):
            came: asyncio.Future[Asked[None]] = asyncio.get_running_loop().create_future()
            thread.ask("x", fails, came.set_result)
            asked = await asyncio.wait_for(came, 20)
            assert isinstance(asked.error, error)
            with pytest.raises(error):
                asked.value()
        thread.close()

    asyncio.run(story())


def test_a_closed_thread_says_its_last_word_and_answers_no_more() -> None:
    async def story() -> None:
        thread, last, gate = QueryThread(), threading.Event(), threading.Event()
        thread.ask("x", lambda: gate.wait(20), lambda asked: pytest.fail("answered"))
        thread.close(last.set)
        thread.ask("y", lambda: pytest.fail("asked"), lambda asked: None)
        gate.set()
        assert await asyncio.to_thread(last.wait, 20)
        await asyncio.sleep(0)

    asyncio.run(story())
