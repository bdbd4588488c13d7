"""``kolbench doctor``: what is wrong with the store, the terminal or the plugins, and what to do about it."""

from __future__ import annotations

import locale
import os
import platform
import sys
from typing import TYPE_CHECKING

from kolbench import __version__
from kolbench.cli.opening import store_path
from kolbench.cli.output import printable, say, show_json
from kolbench.cli.parser import add_json, columns
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _, wanted
from kolbench.screens.words import said
from kolbench.store.health import Finding, examine
from kolbench.widgets.cells import fit

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator
    from pathlib import Path

MARKS = {"ok": N_("ok "), "warning": N_("!  "), "failed": N_("BAD")}

CHECKS = {
    "adapters": N_("adapters"),
    "disk": N_("disk"),
    "file mode": N_("file mode"),
    "integrity": N_("integrity"),
    "locale": N_("locale"),
    "one sqlite": N_("one sqlite"),
    "plugin": N_("plugin"),
    "references": N_("references"),
    "runs": N_("runs"),
    "scores": N_("scores"),
    "settings": N_("settings"),
    "store": N_("store"),
    "terminal": N_("terminal"),
}
"""What was checked, as an operator reads it; ``--json`` has the keys."""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--full", action="store_true", help=_("compare every index with its table too (minutes for a large store)")
    )
    add_json(parser)


def run(args: Namespace) -> int:
    """Print each finding as soon as it is known; 1 when something is broken."""
    findings: list[Finding] = []
    for finding in _findings(args):
        findings.append(finding)
        if not args.json:
            say(f"{_(MARKS[finding.state])} {fit(said(CHECKS, finding.check), 12)} {printable(finding.found)}")
            if finding.advice:
                say(f"{'':16} → {printable(finding.advice)}")
    if args.json:
        show_json(findings)
    return 1 if any(finding.state == "failed" for finding in findings) else 0


def _findings(args: Namespace) -> Iterator[Finding]:
    yield Finding("kolbench", "ok", f"{__version__}, Python {platform.python_version()}")
    yield from examine(store_path(args), full=args.full)
    yield from _settings(store_path(args))
    yield from _terminal()
    yield from _plugins(args)


def _settings(store: Path) -> Iterator[Finding]:
    from kolbench.store import settings

    path = store.with_name(settings.FILE)
    try:
        told = settings.load(path)
    except UsageError as error:
        yield Finding("settings", "failed", str(error), _("Until it is mended, commands refuse to begin."))
        return
    from kolbench.programme import rules
    from kolbench.programme.rules.chosen import choices

    problems = [one.problem for one in choices(told.rules, rules.known()).values() if one.problem]
    for problem in problems:
        yield Finding("settings", "warning", problem, _("It counts as not written: {path}").format(path=path))
    if not problems:
        yield Finding("settings", "ok", str(path) if path.exists() else _("none: all are as usual"))


def _terminal() -> Iterator[Finding]:
    encoding = locale.getencoding()
    language = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    found = _("{locale}, {encoding}; interface: {language}").format(
        locale=language or "POSIX", encoding=encoding, language=wanted()
    )
    if encoding.lower().replace("-", "") == "utf8" and "utf" in language.lower():
        yield Finding("locale", "ok", found)
    else:
        advice = _("For Chinese and symbols set a UTF-8 locale, such as: export LANG=C.UTF-8")
        yield Finding("locale", "warning", found, advice)
    if not sys.stdout.isatty():
        yield Finding("terminal", "ok", _("none: output goes to a file or a pipe"))
        return
    term, width = os.environ.get("TERM", ""), columns()
    colours = os.environ.get("COLORTERM") or _("no true colour stated")
    found = _("{term}, {width} columns, {colours}").format(term=term, width=width, colours=colours)
    if term in ("", "dumb"):
        yield Finding("terminal", "warning", found, _("The workbench needs a terminal: check TERM."))
    elif width < 80:
        yield Finding("terminal", "warning", found, _("The workbench needs 80 columns."))
    else:
        yield Finding("terminal", "ok", found)


def _plugins(args: Namespace) -> Iterator[Finding]:
    from pathlib import Path

    from kolbench.adapters.registry import load

    registry = load([Path(folder) for folder in args.plugin_dir or ()])
    for problem in registry.problems:
        advice = _("It is left out; tell its author. 'kolbench plugins check {name}' says more.").format(
            name=problem.plugin
        )
        yield Finding("plugin", "warning", f"{problem.plugin}: {problem.reason}", advice)
    yield Finding("adapters", "ok", ", ".join(registry.adapters))
