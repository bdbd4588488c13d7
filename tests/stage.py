"""A small, fixed store and an app to act in: what the tests of the screens share.

People are named so that wide, narrow, joined and hostile characters all occur; the clock stands at ``NOW``::

    def test_something(stage: Stage) -> None:
        async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
            await stage.press(pilot, "slash", *"李静")
            assert "1 of 12" in stage.text(app)

        stage.play(story)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from textual.notifications import Notification
from textual.widgets import Input

import kolbench.app
import make
from kolbench.analysis import matching, standing
from kolbench.app import KolbenchApp
from kolbench.domain.agreements import Terms
from kolbench.domain.incentives import Amount
from kolbench.domain.partial_dates import Recurring, Told
from kolbench.domain.records import Contact, Count
from kolbench.programme import follow_ups as programme
from kolbench.screens import follow_ups as follow_ups_screen
from kolbench.screens import panes
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.prompt import Prompt
from kolbench.screens.work import WorkScreen
from kolbench.store import (
    agreements,
    contacts,
    facts,
    follow_ups,
    incentives,
    life,
    needs,
    notes,
    owners,
    refusals,
    runs,
    tags,
)
from kolbench.store.connect import Store
from kolbench.widgets import cells, virtual_table
from kolbench.widgets.virtual_table import VirtualTable
from kolbench.widgets.worker import QueryThread
from resting import at_rest, ready, wait_by_rest

if TYPE_CHECKING:
    import pytest
    from textual.app import App
    from textual.pilot import Pilot

    from kolbench.screens.desk import DeskScreen

NOW = "2026-01-31T12:00:00+00:00"
AUTHOR = "chen"

Story = Callable[[KolbenchApp, "Pilot[int]"], Awaitable[object]]


def at_noon(patch: pytest.MonkeyPatch) -> None:
    """Hold the clock still, in UTC, as one operator on a terminal that draws Unicode."""
    patch.setenv("KOLBENCH_NOW", NOW)
    patch.setenv("TZ", "UTC")
    patch.setenv("LOGNAME", AUTHOR)
    patch.setenv("LC_ALL", "C.UTF-8")
    patch.delenv("NO_COLOR", raising=False)
    patch.delenv("TEXTUAL_THEME", raising=False)
    time.tzset()
    cells.unicode_terminal.cache_clear()


def set_up(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage on the store in ``folder``, where nothing waits for an operator to rest."""
    at_noon(patch)
    patch.setenv("KOLBENCH_LANG", "en")
    patch.setattr(virtual_table, "MOVED_AFTER_S", 0.0)
    patch.setattr(panes, "REST_S", 0.001)
    patch.setattr(kolbench.app, "POLL_S", 3600.0)  # a test looks for news itself
    patch.setattr(follow_ups_screen, "COUNTED_AFTER_S", 0.001)
    patch.setattr(Notification, "time_left", 3600.0)  # what was said in passing stays, however slow the machine
    wait_by_rest(patch)
    store = Store.open(folder / "kolbench.db")
    yield Stage(store, known(patch))
    store.close()
    patch.undo()
    time.tzset()
    cells.unicode_terminal.cache_clear()


def known(patch: pytest.MonkeyPatch) -> Collection[QueryThread]:
    """The threads that will answer questions from now on."""
    threads: WeakSet[QueryThread] = WeakSet()
    begin = QueryThread.__init__

    def begun(self: QueryThread, name: str = "queries") -> None:
        begin(self, name)
        threads.add(self)

    patch.setattr(QueryThread, "__init__", begun)
    return threads


def fill(store: Store) -> None:
    """Twelve people on two platforms and in a group chat, with posts, counts over time, talk and work done."""
    weibo = make.source(store, "weibo-list", "weibo")
    notes_app = make.source(store, "小红书名单", "xiaohongshu")
    group = make.source(store, "内测群", "wechat")
    _weibo(store, weibo)
    _xiaohongshu(store, notes_app)
    _group(store, group)
    standing.refresh(store)
    programme.evaluate(store)
    _work(store)
    failed = runs.start(store, weibo, "sync")
    runs.finish(store, failed, "failed", "weibo.example answered 503 three times. Try again later.")


def _weibo(store: Store, source: make.Source) -> None:
    person = make.person
    make.write(
        store,
        person(
            "w1", handle="lijing", name="李静的厨房", category="美食", region="上海", verified="美食博主",
            bio="每天一道家常菜。合作请私信，不接减肥产品。", url="https://weibo.example/lijing",
            metrics={"followers": Count(79_000, 500), "following": 321, "posts": 1_234, "engagement_bp": 420},
        ),
        person("w2", handle="zhangwei", name="张伟测评", category="科技", metrics={"followers": 1_204_411}),
        person("w3", handle="xiaoyu", name="小雨🌧️的日记", metrics={"followers": 8_900}),
        person("w4", handle="ann", name="Ann O'Neill", category="Travel", metrics={"followers": 415_000}),
        person("w5", handle="family", name="👨‍👩‍👧‍👦 一家四口", metrics={"followers": 23_456}),
        person("w6", handle="unknown", name="王无数"),
        *(make.counted("w1", day, followers=71_000 + 800 * (day // 3)) for day in range(0, 30, 3)),
        make.counted("w2", 0, followers=1_190_000),
        make.posted("w1", 27, "三杯鸡的做法", views=120_000, likes=3_400, comments=210, shares=98),
        make.posted("w1", 21, "年夜饭菜单", views=88_000, likes=2_100, comments=150),
        make.posted("w2", 25, "折叠屏手机评测", views=1_500_000, likes=22_000),
        origin=source,
        day=29,
    )  # fmt: skip


def _xiaohongshu(store: Store, source: make.Source) -> None:
    person = make.person
    make.write(
        store,
        person("x1", handle="lijing_kitchen", name="李静的厨房", metrics={"followers": 12_300, "likes": 540_000}),
        person("x2", handle="momo", name="莫莫护肤笔记", metrics={"followers": 56_000, "engagement_bp": 290}),
        person("x3", handle="mallory", name="[red]Mallory[/red]", metrics={"followers": 3_141}),
        person("x4", handle="sara", name="سارة", metrics={"followers": 7_700}),
        make.counted("x2", 0, followers=55_000),
        origin=source,
        day=30,
    )
    with store.writing() as db:
        db.execute("UPDATE account SET creator_id = (SELECT creator_id FROM account WHERE uid = 'w1') WHERE uid = 'x1'")


def _group(store: Store, source: make.Source) -> None:
    said, did = make.said, make.did
    talk = []
    for day in range(2, 30, 2):
        talk.append(said("g1", "新品内测群", day, f"第{day}天打卡，有人一起吗？"))
        talk.append(said("g2", "新品内测群", day + 0.1, "我来！@阿晓 谢谢分享"))
        talk.append(did("mention", "g2", "g1", "新品内测群", day + 0.1))
        if day % 4 == 0:
            talk.append(said("g3", "新品内测群", day + 0.2, "谢谢 @阿晓 👍"))
            talk.append(did("thank", "g3", "g1", "新品内测群", day + 0.2))
            talk.append(did("reply", "g1", "g2", "新品内测群", day))
    make.write(
        store,
        make.person("g1", handle="axiao", name="阿晓"),
        make.person("g2", handle="dabao", name="大宝同学"),
        make.person("g3", handle="guest", name="Guest 3"),
        *talk,
        origin=source,
        day=30,
    )


def _work(store: Store) -> None:
    lijing = make.creator(store, "w1", "weibo")
    notes.note(store, lijing, "只接护肤和厨具合作；晚上九点后在线。", AUTHOR)
    notes.touch(store, lijing, AUTHOR, channel="wechat", outcome="interested", at=make.ms(26))
    momo = make.creator(store, "x2", "xiaohongshu")
    waiting = [row.follow_up_id for row in programme.about(store, momo) if row.state == "open"]
    follow_ups.snooze(store, waiting, make.ms(34), AUTHOR)
    programme.evaluate(store)


def add_alike(store: Store) -> None:
    """One more account of 李静, and one that links to 小雨: two pairs that may be one person each."""
    make.write(
        store,
        make.person(
            "d1", handle="lijing", name="李静", bio="weibo: lijing", metrics={"followers": 500},
            contacts=(Contact("email", "li@example.org"),),
        ),
        make.person("d2", handle="other", name="[b]小雨\x1b[31m", bio="https://weibo.com/xiaoyu"),
        origin=make.source(store, "douyin", "douyin"),
        day=30,
    )  # fmt: skip
    make.write(
        store,
        make.person("w1", contacts=(Contact("email", "Li@Example.org"),)),
        origin=make.source(store, "weibo-list", "weibo"),
    )
    standing.refresh(store)
    matching.refresh(store)


def fill_file(store: Store, lijing: int) -> None:
    """Write something in every section of a person's file."""
    facts.edit(store, lijing, {"personality": "shy", "archetype": "creative"}, "chen")
    needs.write(store, lijing, "money", "chen", strength=3, switching=1, detail="rent")
    needs.write(store, lijing, "brand", "li", strength=2)
    needs.add_offer(store, "Front page", "brand", "chen", "twice a week")
    life.add_date(store, lijing, "Birthday", Recurring(2, 4, 1990), "chen")
    life.add_date(store, lijing, "Moon", Recurring(8, 15, None, lunar=True), "chen")
    life.add_event(store, lijing, "Moved to Chengdu", Told(2025, 6), "chen")
    wechat = contacts.add(store, lijing, "wechat", "lijing_food", "chen")
    contacts.consent(store, lijing, wechat, "given", "chen")
    refusals.refuse(store, lijing, "works by day", "li", scope="phone")
    life.attach(store, lijing, "https://example.org/kit.pdf", "chen", "Media kit")
    agreement = agreements.new(store, lijing, Terms("four notes", "5 %", ends_on="2026-06-30"), "chen", title="Spring")
    agreements.move(store, agreement, "signed", "chen")
    agreements.owe(store, agreement, "First note", "chen", "2026-01-20")
    incentives.grant(store, lijing, "points", Amount(200, "points"), "chen", reason="star of the week")
    owners.assign(store, [lijing], "li", "chen")
    tags.tag(store, [lijing], "kitchen", "chen")


@dataclass
class Stage:
    """A store and the means to play a story on it."""

    store: Store
    threads: Collection[QueryThread]
    """All that answer questions for the app."""
    plugin_dirs: Sequence[Path] = ()

    def play(self, story: Story, *, size: tuple[int, int] = (120, 40), screen: str = "candidates") -> None:
        """Start the app, wait until it has settled, and play."""

        async def played() -> None:
            app = KolbenchApp(self.store, self.plugin_dirs, screen)
            async with app.run_test(size=size, notifications=True) as pilot:
                await self.settle(pilot)
                await story(app, pilot)

        asyncio.run(played())

    async def press(self, pilot: Pilot[int], *keys: str) -> None:
        """Press keys, each once the app has settled after the one before."""
        for key in keys:
            await pilot.press("space" if key == " " else key)
            await self.settle(pilot)

    async def type(self, pilot: Pilot[int], text: str) -> None:
        """Type a text and let the app settle."""
        await pilot.press(*("space" if letter == " " else letter for letter in text))
        await self.settle(pilot)

    async def settle(self, pilot: Pilot[int]) -> None:
        """Wait until nothing is asked, counted or drawn any more."""
        app = pilot.app
        assert isinstance(app, KolbenchApp)
        async with asyncio.timeout(30):
            while True:
                await at_rest()
                if app._exit or app._exception is not None:
                    return
                if self.busy(app):
                    await asyncio.sleep(0.002)
                elif unfinished(app):
                    app.screen._on_timer_update()
                elif not ready():
                    return

    def busy(self, app: KolbenchApp) -> bool:
        """Whether something is on its way: from a thread, from a key that waits for its turn, or from a clock."""
        screens = app.screen_stack
        later = any(isinstance(screen, WorkScreen) and screen.busy for screen in screens)
        reading = any(table.busy for screen in screens for table in screen.query(VirtualTable))
        typed = bool(app._typed or app._coming)
        return later or reading or typed or bool(app.session.jobs) or not all(thread.idle for thread in self.threads)

    def text(self, app: KolbenchApp) -> str:
        """What the screen shows, as lines of text."""
        return "\n".join(screen_lines(app))


def unfinished(app: KolbenchApp) -> bool:
    """Whether something is to be drawn, or to be done once it is."""
    screen = app.screen
    todo = screen._layout_required or screen._scroll_required or screen._repaint_required or screen._dirty_widgets
    return bool(todo or screen._callbacks)


async def to(stage: Stage, pilot: Pilot[int], screen: DeskScreen, shown: str) -> None:
    """Put the cursor of a desk on the first row that shows a text."""
    await stage.press(pilot, "g")
    while screen.item is None or all(shown not in cell for cell in screen.item.cells):
        before = screen.table.cursor
        await stage.press(pilot, "j")
        assert screen.table.cursor > before, shown


def on_file(
    stage: Stage, creator_id: int, story: Callable[[Pilot[int], CreatorScreen], Any], size: tuple[int, int] = (120, 40)
) -> None:
    """Play a story on somebody's file."""

    async def opened(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = CreatorScreen(app.session, creator_id)
        app.push_screen(screen)
        await stage.settle(pilot)
        await story(pilot, screen)

    stage.play(opened, size=size)


async def to_line(stage: Stage, pilot: Pilot[int], screen: CreatorScreen, key: object) -> None:
    """Put the cursor on a line of a file."""
    await stage.press(pilot, "g")
    while screen.table.cursor_key != key:
        before = screen.table.cursor
        await stage.press(pilot, "j")
        assert screen.table.cursor > before, key


async def write(stage: Stage, pilot: Pilot[int], *lines: str) -> None:
    """Answer what is asked, line by line."""
    for line in lines:
        assert isinstance(pilot.app.screen, Prompt), line
        pilot.app.screen.query_one(Input).value = line
        await stage.press(pilot, "enter")


def text(pilot: Pilot[int]) -> str:
    """What the screen shows, as lines of text."""
    return "\n".join(screen_lines(pilot.app))


def said(pilot: Pilot[int]) -> str:
    """What the screen shows, its lines put together."""
    return " ".join(text(pilot).split())


def screen_lines(app: App[int]) -> list[str]:
    """What is drawn, line by line."""
    width, height = app.size
    strips = app.screen._compositor.render_strips(app.size)
    assert len(strips) == height
    assert {strip.cell_length for strip in strips} == {width}
    return ["".join(segment.text for segment in strip) for strip in strips]


def in_passing(app: App[int], text: str) -> bool:
    """Whether that was said in passing, wherever its lines break."""
    told = "".join(notification.message for notification in app._notifications)
    return "".join(text.split()) in "".join(told.split())
