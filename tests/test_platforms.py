"""What the READMEs tell of platforms is what the pages say, and leaves out no adapter."""

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


def adapters() -> set[str]:
    sources = [path for path in (ROOT / "plugins").glob("*/src/**/*.py") if registers(path.read_text(encoding="utf-8"))]
    plugins = {path.relative_to(ROOT / "plugins").parts[0].removeprefix("kolbench-") for path in sources}
    return (set(BUILT_IN) - GENERATED) | plugins


def registers(text: str) -> bool:
    return "def kolbench_register_adapters" in text


def named(text: str) -> set[str]:
    return set(re.findall(r"`([a-z0-9-]+)`", text))


def test_the_readme_says_what_the_pages_say() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(docs/platforms/" in readme
    assert platforms.written(readme) == readme, "run: python3 dev.py docs platforms"


def test_every_adapter_has_its_page_and_every_page_its_adapter() -> None:
    told = {name for one in platforms.platforms() for name in named(one.facts["adapter"])}
    assert told == adapters()


def test_the_chinese_readme_names_every_adapter_and_its_page() -> None:
    rows = {}
    for line in (ROOT / "README.zh.md").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| \[[^]]+\]\(docs/platforms/([a-z-]+\.md)\) \| ([^|]+) \|", line):
            rows[found[1]] = named(found[2])
    assert rows == {one.page: named(one.facts["adapter"]) for one in platforms.platforms()}
