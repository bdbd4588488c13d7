"""Every screen in both languages at two sizes, compared with a picture that somebody has looked at.

After a change that is meant: ``python -m pytest tests/test_screens_pictures.py --snapshot-update``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kolbench.app import KolbenchApp
from stage import Stage

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

WINDOWS = {
    "help": ("candidates", ["question_mark"]),
    "commands": ("leaderboard", ["colon"]),
    "filter": ("candidates", ["f"]),
    "outcome": ("follow_ups", ["d"]),
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
