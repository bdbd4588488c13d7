"""The way to the first frame: what it must not import, and where it begins."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from kolbench.screens.candidates import CandidatesScreen
from stage import Stage

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp

HEAVY = {
    "httpx", "tenacity", "sqlite_utils", "msgspec", "pluggy", "anyio", "python_calamine", "markdown_it", "pygments",
    "rich.markdown", "rich.traceback", "textual.widgets._data_table", "textual.widgets._markdown",
    "kolbench.sync.loop", "kolbench.adapters.registry", "kolbench.analysis.standing", "kolbench.screens.dossier",
}  # fmt: skip


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = "import sys, kolbench.app, kolbench.store.connect; print('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(ran.stdout.split()) == set()


def test_candidates_are_the_first_thing_seen(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert isinstance(app.screen, CandidatesScreen)
        assert app.focused is app.screen.table

    stage.play(story)
