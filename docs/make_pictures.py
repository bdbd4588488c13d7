"""Write docs/pictures/*.svg: each screen in each language, on the data of the demo, always the same.

``python docs/make_pictures.py`` writes all of them; names (``candidates``, ``leaderboard`` …) only those.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from kolbench.app import KolbenchApp
from kolbench.cli import derived
from kolbench.sample import fill, work
from kolbench.screens.work import WorkScreen
from kolbench.store.connect import Store
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from textual.pilot import Pilot

FOLDER = Path(__file__).parent / "pictures"
LANGUAGES = {"en": "en", "zh_CN": "zh"}
SIZE = (120, 34)
NOW = "2026-05-04T10:00:00+00:00"
PEOPLE = 600

SCENES: dict[str, tuple[str, Sequence[str]]] = {
    "candidates": ("candidates", ["down", "down"]),
    "creator": ("programme", [*"llll", "enter"]),
    "leaderboard": ("leaderboard", ["down"]),
    "follow-ups": ("follow_ups", ["down"]),
    "sync": ("sync", []),
    "programme": ("programme", ["down"]),
    "campaign": ("campaigns", ["enter", "down"]),
    "timeline": ("programme", [*"llll", "enter", "T"]),
}
"""Name of a picture to the screen it begins on and the keys that are pressed."""

TEXT = re.compile(
    r'<text class="(?P<style>[^"]*)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="[\d.]+"'
    r' clip-path="(?P<clip>[^"]*)">(?P<text>.*?)</text>'
)
WORD = re.compile(r" +|[!-~]+|[^ -~]")
CELL = 12.2
"""The width of a cell in Textual's pictures."""

FONTS = "Cascadia Mono, DejaVu Sans Mono, Noto Sans Mono CJK SC, PingFang SC, Microsoft YaHei, monospace"


def main(names: Sequence[str]) -> int:
    FOLDER.mkdir(exist_ok=True)
    os.environ.update(KOLBENCH_NOW=NOW, TZ="UTC", LC_ALL="C.UTF-8", LOGNAME="demo")
    time.tzset()
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "demo.db")
        fill(store, PEOPLE)
        work(store)
        derived.refresh(store)
        for language, suffix in LANGUAGES.items():
            os.environ["KOLBENCH_LANG"] = language
            for name in names or SCENES:
                picture = asyncio.run(shot(store, *SCENES[name]))
                (FOLDER / f"{name}.{suffix}.svg").write_text(picture, encoding="utf-8")
        store.close()
    return 0


async def shot(store: Store, screen: str, keys: Sequence[str]) -> str:
    """One picture: the screen after the keys, once nothing moves any more."""
    app = KolbenchApp(store, (), screen)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        return drawn_everywhere(app.export_screenshot(title="KOLbench", simplify=True))


async def settle(pilot: Pilot[int]) -> None:
    """Wait until nothing is asked, counted or drawn, and the detail beside the list has come."""
    quiet = 0
    while quiet < 10:
        await pilot.pause(0.05)
        quiet = 0 if busy(pilot.app) else quiet + 1


def busy(app: object) -> bool:
    assert isinstance(app, KolbenchApp)
    screens = app.screen_stack
    return (
        app.busy
        or bool(app.session.jobs)
        or any(isinstance(screen, WorkScreen) and screen.busy for screen in screens)
        or any(table.busy for screen in screens for table in screen.query(VirtualTable))
    )


def drawn_everywhere(svg: str) -> str:
    """The picture with every word in its own place and no font from the network.

    Textual sets a run of text as a whole and stretches it to its width; where a font's wide characters are not
    exactly twice as wide as its narrow ones, what follows them on the line is moved.
    """
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", FONTS).replace('"Fira Code"', FONTS)
    return TEXT.sub(words, svg)


def words(match: re.Match[str]) -> str:
    """A run of text as one element a word, or a wide character."""
    text = html.unescape(match["text"]).replace("\xa0", " ")
    at = float(match["x"])
    placed: list[str] = []
    for word in WORD.findall(text):
        width = cell_len(word) * CELL
        if width and not word.isspace():
            placed.append(
                f'<text class="{match["style"]}" x="{at:g}" y="{match["y"]}" textLength="{width:g}"'
                f' lengthAdjust="spacingAndGlyphs" clip-path="{match["clip"]}">{html.escape(word)}</text>'
            )
        at += width
    return "".join(placed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
