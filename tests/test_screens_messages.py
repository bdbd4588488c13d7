"""Messages in passing: lines that break where words do, as wide as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp
    from stage import Stage

SENTENCE = "Somebody else has changed this agreement meanwhile, so nothing of yours was written; look at both versions."
MIXED = "先导入kolbench认识的名单（CSV、XLSX），再看小红书和WeChat的达人，最后写brief。"


@pytest.mark.parametrize("size", [(120, 40), (100, 30), (80, 24), (60, 20)])
@pytest.mark.parametrize("text", [SENTENCE, MIXED])
def test_a_message_breaks_between_words(stage: Stage, text: str, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        app.notify(text)
        await stage.settle(pilot)
        lines = [line.split("▌", 1)[1].strip() for line in stage.text(app).splitlines() if "▌" in line]
        told = " ".join(line for line in lines if line)
        for word in ("meanwhile,", "agreement", "versions.") if text is SENTENCE else ("kolbench", "XLSX", "brief"):
            assert word in told
        assert len([line for line in lines if line]) > 1

    stage.play(story, size=size)


def test_an_address_that_is_longer_than_a_line_is_shown_to_its_end(stage: Stage) -> None:
    address = "https://example.org/" + "a" * 60 + "/end"

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        app.notify(f"Copied: {address}")
        await stage.settle(pilot)
        lines = [line.split("▌", 1)[1].strip() for line in stage.text(app).splitlines() if "▌" in line]
        assert address in "".join(lines)

    stage.play(story, size=(80, 24))
