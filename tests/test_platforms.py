"""The README's table of platforms says what the pages say, and leaves out no adapter."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

from kolbench.adapters.registry import BUILT_IN

ROOT = Path(__file__).resolve().parent.parent
GENERATED = {"sample"}
"""Adapters that read no platform."""


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_make_platforms", ROOT / "docs" / "make_platforms.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


platforms = maker()


def test_the_readme_says_what_the_pages_say() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert platforms.written(readme) == readme, "run: python3 dev.py docs platforms"


def test_every_adapter_has_its_page_and_every_page_its_adapter() -> None:
    told = set()
    for page in (ROOT / "docs" / "platforms").glob("*.md"):
        _title, known = platforms.facts(page)
        told |= set(re.findall(r"`([a-z0-9-]+)`", known["adapter"]))
    plugins = {path.name.removeprefix("kolbench-") for path in (ROOT / "plugins").glob("kolbench-*")}
    assert told == (set(BUILT_IN) - GENERATED) | plugins
