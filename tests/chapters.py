"""Chapters of the handbook: what their blocks of code hold, and their commands run as a reader would type them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commands import Commands

DOCS = Path(__file__).parents[1] / "docs"

ON_SAMPLE = "The examples run on sample data: type `export KOLBENCH_STORE=~/demo.db` first, then `kolbench demo --bare`"
"""What a chapter says whose commands are tried on the sample."""


class Chapter:
    """The chapter in ``docs/{name}.md``; ``text`` is all of it."""

    def __init__(self, name: str) -> None:
        self.text = (DOCS / f"{name}.md").read_text("utf-8")

    def code(self, language: str = "") -> list[str]:
        """The blocks of code in a language; without one, those that name none."""
        found = re.findall(r"^```(\w*)\n(.*?)^```", self.text, re.DOTALL | re.MULTILINE)
        return [text for named, text in found if named == language]

    def play(self, kolbench: Commands, language: str = "", *, hints: bool = False, **named: object) -> int:
        """Run every line of the blocks where the test stands, with its values for words such as ``CREATOR``.

        All of them must go well, and say nothing beside their output unless ``hints`` are expected. Returns how many
        there were.
        """
        assert ON_SAMPLE in self.text
        lines = "".join(self.code(language)).splitlines()
        for line in lines:
            program, *words = shlex.split(line, comments=True)
            assert program == "kolbench", line
            target = None
            if ">" in words:
                *words, _to, target = words
            ran = kolbench(*(named.get(word, word) for word in words))
            assert (ran.code, hints or ran.err) == (0, hints or ""), (line, ran.err)
            if target:
                Path(target).write_text(ran.out, encoding="utf-8")
        return len(lines)
