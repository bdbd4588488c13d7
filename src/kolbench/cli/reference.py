"""The generated parts of the manual: commands from the parsers, hooks from their specifications, settings.

Run ``python -m kolbench.cli.reference FILE…``: what stands in a file between ``<!-- commands -->`` and
``<!-- /commands -->`` (or ``hooks``, ``settings`` …) is written anew.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

from kolbench.adapters import hookspecs, registry
from kolbench.cli.parser import whole_parser
from kolbench.testing import template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def main(names: list[str]) -> int:
    """Write the generated parts of these files."""
    os.environ["KOLBENCH_LANG"] = "en"
    for name in names:
        path = Path(name)
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")
    return 0


def renewed(text: str) -> str:
    """A page with its generated parts made again."""
    for name, make in PARTS.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _old, end, after = rest.partition(f"<!-- /{name} -->")
        if end:
            text = before + begin + make() + end + after
    return text


def commands() -> str:
    """Every command with its arguments and options."""
    lines: list[str] = []
    for name, parser in _children(whole_parser()):
        lines += _command(f"kolbench {name}", parser, "##")
        for action, sub in _children(parser):
            lines += _command(f"kolbench {name} {action}", sub, "###")
    return "\n".join(lines) + "\n"


def hooks() -> str:
    """Every hook with its signature and its documentation."""
    lines: list[str] = []
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction):
        if name.startswith("kolbench_"):
            arguments = ", ".join(inspect.signature(function).parameters)
            lines += ["", f"### `{name}({arguments})`", "", _markdown(inspect.getdoc(function) or ""), ""]
    return "\n".join(lines)


def settings() -> str:
    """The settings of every built-in adapter."""
    lines: list[str] = []
    for name, adapter in registry.load().adapters.items():
        if name in registry.BUILT_IN:
            lines += ["", f"### `{name}`: {adapter.title}", "", "| setting | meaning | default | example |"]
            lines.append("|---|---|---|---|")
            for setting in adapter.settings:
                needed = " (required)" if setting.required else ""
                cells = (f"`{setting.name}`", setting.help + needed, setting.default or "", setting.example)
                lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n\n"


def adapter() -> str:
    """What a new adapter begins as."""
    return f"\n```python\n{template.filled('adapter', 'fanboard')}```\n"


def adapter_tests() -> str:
    """And its tests."""
    return f"\n```python\n{template.filled('tests', 'fanboard')}```\n"


def _children(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def _command(title: str, parser: argparse.ArgumentParser, heading: str) -> list[str]:
    lines = ["", f"{heading} {title}", "", parser.description or ""]
    told = sorted(filter(_is_own, parser._actions), key=lambda action: bool(action.option_strings))
    if told:
        lines += ["", "| | |", "|---|---|", *(f"| {_usage(action)} | {_cell(action.help or '')} |" for action in told)]
    return lines


def _is_own(action: argparse.Action) -> bool:
    """Whether an action belongs to this command and not to all."""
    everywhere = ("--store", "--lang", "--plugin-dir", "--debug", "--help")
    if isinstance(action, argparse._SubParsersAction):
        return False
    return not any(option in everywhere for option in action.option_strings)


def _usage(action: argparse.Action) -> str:
    value = action.metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    )
    if not action.option_strings:
        return f"`{value}{'…' if action.nargs in ('+', '*') else ''}`"
    return f"`{', '.join(action.option_strings)}{'' if action.nargs == 0 else f' {value}'}`"


def _markdown(doc: str) -> str:
    """A docstring as Markdown: its example becomes a block of code."""
    text, _mark, example = doc.partition("Example::\n")
    code = f"\n\n```python\n{dedent(example).strip()}\n```" if example else ""
    return text.replace("``", "`").strip() + code


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("%%", "%")


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "hooks": hooks,
    "settings": settings,
    "adapter": adapter,
    "adapter tests": adapter_tests,
}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
