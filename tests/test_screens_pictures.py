"""Every screen in both languages at two sizes, compared with a picture that somebody has looked at.

After a change that is meant: ``python -m pytest tests/test_screens_pictures.py --snapshot-update``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import make
from campaign_scene import fill_campaign
from kolbench.analysis import candidacy
from kolbench.app import KolbenchApp
from kolbench.domain import codes
from kolbench.domain.briefs import Brief, Topics
from kolbench.programme import briefs, scripts
from kolbench.store import decisions, follow_ups, owners, payouts, tags, templates
from programme_scene import fill_programme
from sequence_scene import fill_sequences
from stage import Stage, fill_file

if TYPE_CHECKING:
    from textual.pilot import Pilot

Compare = Callable[..., bool]

SCENES = {
    "candidates": ("candidates", ["j"]),
    "creator": ("candidates", ["enter"]),
    "leaderboard": ("leaderboard", ["j"]),
    "follow_ups": ("follow_ups", ["space", "j"]),
    "sync": ("sync", ["j"]),
}

OF_PEOPLE_ALIKE = {
    "merging": ("candidates", ["M"]),
    "comparing": ("candidates", ["M", "enter"]),
}

OF_A_BRIEF = {
    "ranking": ("candidates", ["b", "down", "enter", "a", "space", "j", "space"]),
    "brief": ("candidates", ["b", "down", "enter", "b", "end", "up", "enter", "G", "plus"]),
    "why": ("candidates", ["b", "down", "enter", "w", "j"]),
    "side_by_side": ("candidates", ["b", "down", "enter", "space", "j", "space", "j", "j", "space", "c"]),
}

WINDOWS_OF_A_BRIEF = {
    "briefs": ["b"],
    "reject": ["b", "down", "enter", "x"],
    "tag": ["number_sign"],
    "owner": ["o"],
    "export": ["e"],
    "why_evidence": ["w", "j", "enter"],
    "several": ["b", "down", "enter", "b", "end", "up", "enter", "j", "j", "j", "j", "j", "j", "j", "enter", "space"],
}

OF_A_FILE = {
    "file": ["enter"],
    "file_accounts": ["enter", "A"],
    "file_timeline": ["enter", "T", "j"],
    "file_contact": ["enter", "C"],
    "file_needs": ["enter", "N"],
    "file_dates": ["enter", "D"],
    "file_personal": ["enter", "P", "j", "j", "j"],
    "file_business": ["enter", "B"],
}

OF_THE_PROGRAMME = {
    "rules": ["j"],
    "violations": ["l"],
    "audit": ["l", "l"],
    "incentives": ["l", "l", "l", "j"],
    "agreements": ["l", "l", "l", "l"],
}

OF_A_CAMPAIGN = {
    "campaigns": ["j"],
    "board": ["enter", "j"],
    "tree": ["enter", "j", "j", "enter", "j"],
    "quarantine": ["enter", "l", "space", "j"],
    "flags": ["enter", "l", "l"],
    "payouts": ["enter", "l", "l", "l", "j", "j"],
    "codes": ["enter", "l", "l", "l", "l", "j"],
    "review": ["enter", "h", "j", "j"],
    "campaign_form": ["enter", "E", "j"],
}

INSIDE_OF_THE_PROGRAMME = {
    "dry_run": ["j", "j", "j", "j", "enter"],
    "decide": ["l", "d"],
    "cases": ["l", "l", "enter"],
    "batch": ["l", "l", "l", "enter", "x", "j"],
    "ledger": ["l", "l", "l", "j", "j", "j", "enter"],
}

OF_SEQUENCES = {
    "sequences": ["h"],
    "enrolled": ["h", "enter", "j"],
}

WINDOWS = {
    "help": ("candidates", ["question_mark"]),
    "commands": ("leaderboard", ["colon"]),
    "filter": ("candidates", ["f"]),
    "outcome": ("follow_ups", ["d"]),
    "queue_filter": ("follow_ups", ["f"]),
    "evidence": ("leaderboard", ["e"]),
    "search": ("candidates", ["slash", "静"]),
}


@pytest.fixture
def compare(stage: Stage, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def compared(screen: str, keys: list[str], language: str, size: tuple[int, int]) -> None:
        monkeypatch.setenv("KOLBENCH_LANG", language)

        async def before(pilot: Pilot[int]) -> None:
            await stage.settle(pilot)
            await stage.press(pilot, *keys)
            for blinking in pilot.app.screen.query("Input"):
                blinking.cursor_blink = False  # type: ignore[attr-defined]
                blinking._cursor_visible = True  # type: ignore[attr-defined]
            await stage.settle(pilot)

        assert snap_compare(KolbenchApp(stage.store, (), screen), run_before=before, terminal_size=size)

    return compared


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("scene", SCENES)
def test_screen(compare: Callable[..., None], scene: str, language: str, size: tuple[int, int]) -> None:
    compare(*SCENES[scene], language, size)


@pytest.mark.usefixtures("alike")
@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("scene", OF_PEOPLE_ALIKE)
def test_people_alike(compare: Callable[..., None], scene: str, language: str, size: tuple[int, int]) -> None:
    compare(*OF_PEOPLE_ALIKE[scene], language, size)


@pytest.fixture
def briefed(stage: Stage) -> int:
    """A brief by which everybody is scored; one person was rejected, one has a tag."""
    topics = Topics(keywords=("菜", "测评"))
    brief = Brief(name="年夜饭 New Year", purpose="activate", people=3, topics=topics, weights={"reach": 10})
    brief_id = briefs.write(stage.store, brief, "chen")
    candidacy.score(stage.store, brief_id)
    momo = make.creator(stage.store, "x2", "xiaohongshu")
    decisions.decide(stage.store, brief_id, [momo], "rejected", "li", "报价太高")
    tags.tag(stage.store, [momo], "护肤", "li")
    owners.assign(stage.store, [momo], "li", "li")
    return brief_id


@pytest.fixture
def filled(stage: Stage) -> int:
    """A person on whose file something is written in every section."""
    lijing = make.creator(stage.store, "w1", "weibo")
    fill_file(stage.store, lijing)
    return lijing


@pytest.mark.usefixtures("briefed")
@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("scene", OF_A_BRIEF)
def test_brief(compare: Callable[..., None], scene: str, language: str, size: tuple[int, int]) -> None:
    compare(*OF_A_BRIEF[scene], language, size)


@pytest.mark.usefixtures("briefed")
@pytest.mark.parametrize("window", WINDOWS_OF_A_BRIEF)
def test_window_of_a_brief(compare: Callable[..., None], window: str) -> None:
    compare("candidates", WINDOWS_OF_A_BRIEF[window], "en", (80, 24))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("scene", OF_A_FILE)
def test_file(compare: Callable[..., None], scene: str, size: tuple[int, int]) -> None:
    compare("candidates", OF_A_FILE[scene], "en", size)


@pytest.fixture
def programme(stage: Stage) -> None:
    """A programme in which something has happened in every section."""
    fill_file(stage.store, make.creator(stage.store, "w1", "weibo"))
    fill_programme(stage.store)


@pytest.mark.usefixtures("programme")
@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("section", OF_THE_PROGRAMME)
def test_programme(compare: Callable[..., None], section: str, language: str, size: tuple[int, int]) -> None:
    compare("programme", OF_THE_PROGRAMME[section], language, size)


@pytest.mark.usefixtures("programme")
@pytest.mark.parametrize("inside", INSIDE_OF_THE_PROGRAMME)
def test_inside_of_the_programme(compare: Callable[..., None], inside: str) -> None:
    compare("programme", INSIDE_OF_THE_PROGRAMME[inside], "en", (80, 24))


@pytest.fixture
def sequenced(stage: Stage) -> None:
    """Two sequences with people at several of their steps."""
    fill_sequences(stage.store)


@pytest.mark.usefixtures("sequenced")
@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("scene", OF_SEQUENCES)
def test_sequences(compare: Callable[..., None], scene: str, language: str, size: tuple[int, int]) -> None:
    compare("programme", OF_SEQUENCES[scene], language, size)


@pytest.mark.usefixtures("sequenced")
def test_what_came_of_a_sequence(compare: Callable[..., None]) -> None:
    compare("programme", ["h", "s", "j"], "en", (80, 24))


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("scene", OF_A_CAMPAIGN)
def test_campaign(
    compare: Callable[..., None],
    stage: Stage,
    scene: str,
    language: str,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(codes, "draw", lambda n, _taken, _pick: [f"TEA{number}" for number in range(n)])
    payouts.make(stage.store, fill_campaign(stage.store), "chen", 20_000)
    compare("campaigns", OF_A_CAMPAIGN[scene], language, size)


@pytest.mark.parametrize("window", WINDOWS)
def test_window(compare: Callable[..., None], window: str) -> None:
    compare(*WINDOWS[window], "en", (80, 24))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_import(
    stage: Stage, snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", language)
    table = tmp_path / "达人名单_2026-01-20.csv"
    table.write_text("昵称,粉丝数,uid,备注\n王小美,1.2万,a1,x\n李雷,abc,a2,\n", encoding="gb18030")

    async def before(pilot: Pilot[int]) -> None:
        await stage.settle(pilot)
        await stage.press(pilot, "i")
        pilot.app.screen.query_one("Input").value = str(table)  # type: ignore[attr-defined]
        await stage.press(pilot, "enter", "enter")

    assert snap_compare(KolbenchApp(stage.store), run_before=before, terminal_size=(120, 40))


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_queue_with_scripts(compare: Callable[..., None], stage: Stage, language: str, size: tuple[int, int]) -> None:
    """One has a script, one is taken by a colleague, one waits for a channel."""
    text = "您好 {{ name }}！\n我是 {{ operator }}。看到您的《{{ work }}》，想请您试试新品，{{ need_detail }}也可以聊。"
    templates.add(stage.store, "first-contact", scripts.check(text), "zh", "chen")
    found = follow_ups.ids(stage.store, None, make.ms(30.5))
    follow_ups.set_channel(stage.store, found[1:3], "wechat", "chen")
    follow_ups.take(stage.store, found[2:3], "li", over=True)
    compare("follow_ups", ["j"], language, size)
