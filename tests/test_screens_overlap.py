"""The screen that compares the audiences of some creators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.analysis import crowd, overlap
from kolbench.domain.records import FollowRecord
from kolbench.screens.overlap import Compared, OverlapScreen, lines
from kolbench.screens.reading import Reading
from stage import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp


@pytest.fixture
def followed(stage: Stage) -> Stage:
    """The stage with forty followers of three people, of whom some follow several."""
    follows = {"w1": range(30), "w2": range(20, 40), "w5": range(35, 40), "w6": range(60, 63)}
    make.write(
        stage.store,
        *(
            FollowRecord(account_uid=who, follower_uid=f"fan{one}", observed_at=make.moment(30))
            for who, fans in follows.items()
            for one in fans
        ),
        origin=make.source(stage.store, "weibo-list", "weibo"),
    )
    return stage


async def compare(stage: Stage, app: KolbenchApp, pilot: Pilot[int], names: Sequence[str]) -> OverlapScreen:
    platform = {"w": "weibo", "g": "wechat"}
    screen = OverlapScreen(app.session, [make.creator(stage.store, name, platform[name[0]]) for name in names])
    await app.push_screen(screen)
    await stage.settle(pilot)
    return screen


@pytest.mark.parametrize("size", [(120, 40), (80, 40)])
def test_audiences_pairs_reach_and_whom_to_add(followed: Stage, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await compare(followed, app, pilot, ["w1", "w2"])
        text = followed.text(app)
        for part in (
            "2 creators",
            "[followers]",
            "Audience: followers known by 2026-01-31",
            "exact: all people were compared",
            "Together they reach 40, each person counted once; their audiences add up to 50.",
        ):
            assert part in " ".join(text.split())
        rows = [" ".join(line.split()) for line in text.splitlines()]
        assert "1 李静的厨房 30 91.3K 20 66.7% 50.0%" in rows
        assert "2 张伟测评 20 1.2M 10 50.0% 50.0%" in rows
        assert "李静的厨房 张伟测评 10 25.0% 50.0%" in rows
        assert "1 王无数 3 43" in rows
        assert not [row for row in rows if row.startswith("2 👨")]  # who would add nobody

    followed.play(story, size=size)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12), (20, 8)])
def test_every_width_has_room_for_it(followed: Stage, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await compare(followed, app, pilot, ["w1", "w2", "w5", "w6", "w4"])
        await followed.press(pilot, "G", "g", "j", "pagedown")
        assert "\x1b" not in followed.text(app)

    followed.play(story, size=size)


def test_who_engaged_can_be_compared_and_in_other_days(followed: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = await compare(followed, app, pilot, ["g1", "g2"])  # of whom followers aren't known
        text = followed.text(app)
        assert "[who engaged]" in text
        told = "who did anything towards them in the 90 days up to the last time anybody did, 2026-01-29 at most"
        assert told in " ".join(text.split())
        assert screen.compared is not None
        assert [one.people for one in screen.compared.found.creators] == [2, 1]
        await followed.press(pilot, "w", "up", "up", "enter")
        assert "[7 days]" in followed.text(app)
        await followed.press(pilot, "b")
        assert "[followers]" in followed.text(app)
        assert "No follower of theirs is known." in " ".join(followed.text(app).split())
        assert "Nobody would add anybody." not in followed.text(app)

    followed.play(story)


def test_new_data_is_told_and_read_when_asked_for(followed: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = await compare(followed, app, pilot, ["w1", "w2"])
        make.write(
            followed.store,
            FollowRecord(account_uid="w1", follower_uid="late", observed_at=make.moment(30)),
            origin=make.source(followed.store, "weibo-list", "weibo"),
        )
        screen.store_changed()
        assert "new data since: r compares again" in followed.text(app)
        assert "reach 40, each" in followed.text(app)
        await followed.press(pilot, "r")
        assert "new data since" not in followed.text(app)
        assert "reach 41, each" in followed.text(app)

    followed.play(story)


def test_help_opens_and_escape_leads_back(followed: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await compare(followed, app, pilot, ["w1"])
        await followed.press(pilot, "question_mark")
        assert isinstance(app.screen, Reading)
        assert "same fans ten times" in " ".join(followed.text(app).replace("│", " ").split())
        await followed.press(pilot, "escape", "escape")
        assert not isinstance(app.screen, OverlapScreen)

    followed.play(story)


def test_a_sample_shows_its_share_and_its_errors() -> None:
    creators = [overlap.Reached(1, 400, 300), overlap.Reached(2, 200, 100)]
    found = overlap.Overlap(crowd.followers(make.ms(2)), 0.1, creators, [overlap.Pair(1, 2, 100, 400, 200)], 500, [])
    compared = Compared(found, {1: "One", 2: "[b]Two"}, {1: 90_000}, found.pairs, True)
    text = ["".join(text for text, _name in line) for line in lines(compared, 100)]
    assert "estimated from 10.0% of all people, ± standard error" in text
    assert "Together they reach ≈5,000 ± 212, each person counted once; their audiences add up to ≈6,000." in text
    assert any("[b]Two" in line and "≈2,000 ± 134" in line and "≈50.0% ± 3.4%" in line for line in text)


def test_hundreds_are_listed_without_a_column_for_each() -> None:
    creators = [overlap.Reached(one, 10, 1) for one in range(1, 301)]
    pairs = [overlap.Pair(one, other, 1, 10, 10) for one in range(1, 301) for other in range(one + 1, 301)]
    found = overlap.Overlap(crowd.followers(make.ms(2)), 1.0, creators, pairs, 300, [])
    compared = Compared(found, {one: f"c{one}" for one in range(1, 301)}, {}, found.closest(45), True)
    text = ["".join(text for text, _name in line) for line in lines(compared, 200)]
    assert "… and 44,805 more pairs" in text
    assert len(text) < 400
    assert not any("Under a number" in line for line in text)
