"""The Chinese interface: its catalogue is whole, current, and says what the English texts say."""

from __future__ import annotations

import argparse
import ast
import gettext
import importlib.util
import inspect
import re
from collections import Counter
from functools import cache
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from rich.cells import cell_len

from commands import Commands
from kolbench.analysis import scorers
from kolbench.app import KEYS
from kolbench.cli.parser import COMPLAINTS
from kolbench.domain import lang
from kolbench.screens.words import COMPONENTS

ROOT = Path(__file__).resolve().parent.parent


def maker() -> ModuleType:
    """The script that makes what is generated; it is in no package."""
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


docs = maker()

HAN = r"[\u4e00-\u9fff]"
LETTERS = re.compile(r"[A-Za-z]{3,}")


@cache
def chinese() -> Catalog:
    """The translations that the repository holds."""
    with docs.po_file("zh_CN").open("rb") as file:
        return read_po(file, locale="zh_CN")


@cache
def template() -> Any:
    """The texts of the sources."""
    return docs.extracted()


def texts() -> list[Message]:
    """Every text of the catalogue but its header."""
    return [message for message in chinese() if message.id]


def pairs() -> list[tuple[str, str]]:
    """Each English text, the plural of those that have one, with its translation."""
    return [
        (message.id, message.string) if isinstance(message.id, str) else (message.id[1], message.string[0])
        for message in texts()
    ]


def fields(text: str) -> Counter[tuple[str, str, str]]:
    """The places that ``format`` or ``%`` fill in: name, format and conversion."""
    try:
        found = Counter((name, spec or "", how or "") for _t, name, spec, how in Formatter().parse(text) if name)
    except ValueError:
        found = Counter()
    return found + Counter(("%", one, "") for one in re.findall(r"%(?:\(\w+\))?[srd]", text))


def bare(text: str) -> str:
    """A text without what is filled in."""
    return re.sub(r"\{[^}]*\}|%\(\w+\)", "", text)


def test_the_template_is_what_the_sources_say() -> None:
    assert docs.TEMPLATE.read_bytes() == template().as_po(), "run: python3 dev.py docs messages"


def test_the_catalogue_has_every_text_of_the_sources_and_no_other() -> None:
    assert docs.po_file("zh_CN").read_bytes() == docs.translated("zh_CN", template()).as_po()


def test_every_text_is_translated() -> None:
    assert [message.id for message in texts() if not message.string or message.string == ("",)] == []
    assert [message.id for message in texts() if message.fuzzy] == []


def test_what_is_compiled_is_what_is_written() -> None:
    compiled = docs.po_file("zh_CN").with_suffix(".mo")
    assert compiled.read_bytes() == docs.translated("zh_CN", template()).as_mo()
    with compiled.open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert all(read.ngettext("{n} day", "{n} days", n) == "{n}天" for n in (0, 1, 2))
    assert read.gettext("Candidates") == "候选"


def test_a_translation_fills_in_what_its_text_does() -> None:
    assert {english: han for english, han in pairs() if fields(english) != fields(han)} == {}


def test_keys_options_and_commands_are_what_they_are_in_every_language() -> None:
    literal = re.compile(r"--[a-z][a-z-]+|\bKOLBENCH_\w+|\bkolbench [a-z]+|\b(?:Enter|Esc|Space|PgUp|PgDn|Home|Tab)\b")
    for english, han in pairs():
        assert Counter(literal.findall(english)) == Counter(literal.findall(han)), english
    assert all(chinese()[name].string == name for name in KEYS.values())


def test_every_formula_of_a_score_can_be_translated() -> None:
    assert [one.formula for one in scorers.of(COMPONENTS).values() if template().get(one.formula) is None] == []


def test_a_key_named_in_a_sentence_is_the_same_key() -> None:
    key = re.compile(r"(?<![\w'(-])[b-rt-z](?![\w')-])")
    others = {*(scorer.formula for scorer in scorers.of(COMPONENTS).values()), *COMPLAINTS}
    named = {
        english: (set(key.findall(bare(english))), set(key.findall(bare(han))))
        for english, han in pairs()
        if " " in english and english not in others
    }
    assert {english: both for english, both in named.items() if both[0] != both[1]} == {}
    assert sum(bool(both[0]) for both in named.values()) > 10


def test_no_english_is_left() -> None:
    left = {english for english, han in pairs() if LETTERS.search(bare(english)) and not re.search(HAN, han)}
    assert left - set(KEYS.values()) == set()


def test_punctuation_is_that_of_the_language() -> None:
    assert [han for _english, han in pairs() if re.search(rf"{HAN}[,;:?!]|{HAN}\.(?!\w)|[,;:?!] |[“”]", han)] == []
    assert [han for _english, han in pairs() if re.search(rf"[，。；：？！、]\s*{HAN}?\s+[，。；：？！、]", han)] == []


def test_a_sentence_ends_where_the_english_one_ends() -> None:
    assert [han for english, han in pairs() if english.endswith(".") != han.endswith("。")] == []


def test_headings_fit_their_columns() -> None:
    """The sort's arrow takes a cell of those that can be sorted by."""
    wide = {}
    for path in sorted((ROOT / "src" / "kolbench" / "screens").glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(
                    func=ast.Name("Column"),
                    args=[_, ast.Call(args=[ast.Constant(str(label))]), ast.Constant(int(width)), *_],
                    keywords=keywords,
                ):
                    fixed = any(k.arg == "sortable" and ast.unparse(k.value) == "False" for k in keywords)
                    han = str(chinese()[label].string)
                    if cell_len(han) > width - (not fixed):
                        wide[f"{path.name}: {label}"] = (han, width)
    assert wide == {}


def test_footer_labels_are_short() -> None:
    """What the footer shows has at most four characters, so that all of it fits into 80 columns."""
    from textual.binding import Binding

    from kolbench.screens import candidates, creator, follow_ups, importing, leaderboard, sync

    shown = [
        binding.description
        for module in (candidates, creator, follow_ups, importing, leaderboard, sync)
        for screen in vars(module).values()
        if isinstance(screen, type) and screen.__module__ == module.__name__
        for binding in screen.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.show
    ]
    assert len(shown) > 10
    assert [text for text in shown if cell_len(str(chinese()[text].string)) > 10] == []


def test_argparse_still_says_what_is_translated_for_it() -> None:
    source = inspect.getsource(argparse)
    assert [text for text in COMPLAINTS if text not in source] == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("candidates", "--limit", "x"), "参数 --limit：应为不小于1的整数，而不是「x」"),
        (("candidates", "--limit"), "参数 --limit：缺少值"),
        (("queue", "done"), "缺少参数：ID"),
        (("backup",), "缺少参数：FILE"),
        (("doctor", "--nothing"), "无法识别的参数：--nothing"),
        (("nothing",), "没有命令「nothing」。"),
    ],
)
def test_wrong_usage_is_told_in_chinese(arguments: tuple[str, ...], complaint: str, kolbench: Commands) -> None:
    ran = kolbench("--lang", "zh", *arguments)
    assert ran.code == 2
    assert complaint in ran.err
    assert "--help 查看用法。" in ran.err


def test_after_chinese_the_next_command_may_be_english(kolbench: Commands) -> None:
    assert "缺少参数" in kolbench("--lang", "zh", "backup").err
    assert "the following arguments are required: FILE" in kolbench("--lang", "en", "backup").err


def test_help_fits_a_chinese_terminal(kolbench: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("import", "sync", "source", "export", "doctor"):
        out = kolbench("--lang", "zh", name, "--help").out
        assert max(map(cell_len, out.splitlines())) <= 80, name
        assert out.splitlines()[0].startswith(f"用法：kolbench {name}")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"KOLBENCH_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh_CN"),
        ({"KOLBENCH_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_comes_from_the_environment(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KOLBENCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert lang.wanted() == language
    assert lang._("Candidates") == {"en": "Candidates", "zh_CN": "候选"}[language]


def test_a_text_that_no_catalogue_knows_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", "zh")
    assert lang._("a plugin's own words") == "a plugin's own words"
