"""``kolbench import``: files into the store, after a look at what would become of them."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kolbench.adapters.tables.columns import CAMPAIGN_KINDS
from kolbench.cli import bars, derived
from kolbench.cli.campaign_figures import refunds_waiting
from kolbench.cli.opening import load_adapters, open_store, store_path
from kolbench.cli.output import Column, printable, say, show_json_line, show_table, warn
from kolbench.domain.clock import iso, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.domain.words import PLATFORMS, misspelt, said
from kolbench.screens.source_words import FIELDS, ROWS
from kolbench.store import participants, referrals, refunds, runs
from kolbench.store.connect import Store, is_there
from kolbench.sync import importing
from kolbench.sync.stop import Stop, on_signals
from kolbench.widgets.cells import fit

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from kolbench.adapters.protocol import Adapter, Page
    from kolbench.adapters.registry import Registry
    from kolbench.sync.importing import Plan

OPTIONS = ("map", "kind", "as_of", "encoding", "delimiter", "sheet", "timezone")
"""Options that are the adapter's settings of the same name."""

EXAMPLES = 3
MOST_NAMED = 5
CELL = 24

WHOSE_KINDS = ("referrals", "clicks", "conversions")
"""Kinds of tables that name participants whom another one should have told first."""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add = parser.add_argument
    add("file", metavar="FILE", nargs="+", help=_("tables (CSV, TSV, JSON Lines, XLSX), chat archives, or a folder"))
    add("--platform", metavar="NAME", default="", help=_("where these accounts are: douyin, weibo, gitter, …"))
    add("--source", metavar="NAME", default="", help=_("what to call where it comes from (the file's name)"))
    add("--map", metavar="COLUMN=ROLE,…", default="", help=_("what columns mean; COLUMN= ignores one"))
    add(
        "--kind",
        metavar="KIND",
        default="",
        help=_("what the rows are: accounts, posts, snapshots, edges; with --set campaign=NAME conversions …"),
    )
    add("--as-of", metavar="DATE", default="", help=_("when the counts were true, if no column says"))
    add("--encoding", metavar="NAME", default="", help=_("of the text: utf-8, gb18030, big5, … (found out)"))
    add("--delimiter", metavar="CHARACTER", default="", help=_("between the cells (found out)"))
    add("--sheet", metavar="NAME", default="", help=_("the sheet of a workbook (the first)"))
    add("--timezone", metavar="NAME", default="", help=_("of times that name none (the campaign's, else UTC)"))
    add("--set", metavar="SETTING=VALUE", action="append", default=[], help=_("another setting of the adapter"))
    add("--adapter", metavar="NAME", default="", help=_("what reads the file (the surest of all)"))
    add("--preview", action="store_true", help=_("show what would become of it, and import nothing"))
    add("--yes", action="store_true", help=_("don't ask"))
    add("--again", action="store_true", help=_("read it even if it was imported before"))
    add("--json", action="store_true", help=_("print every event as a line of JSON; asks nothing"))


def run(args: Namespace) -> int:
    """Import each file; 1 when one of several could not be."""
    if args.preview and not is_there(store_path(args)):
        with TemporaryDirectory() as folder:  # looking leaves nothing behind
            store = Store.open(Path(folder) / "preview.db")
            try:
                return _run(store, args)
            finally:
                store.close()
    return _run(open_store(args, create=True), args)


def _run(store: Store, args: Namespace) -> int:
    registry = load_adapters(args)
    paths = [Path(file).expanduser() for file in args.file]
    source = args.source or (importing.source_name(paths[0], paths) if len(paths) > 1 else "")
    stop = Stop()
    worst = 0
    done = names_participants = False
    before, code_before = runs.newest(store.reader()), participants.newest_code(store.reader())
    for path in paths:
        if len(paths) > 1 and not args.json:
            say(printable(f"{path}:"))
        try:
            plan = _plan(store, registry, path, args, source)
            code, imported = _import(store, plan, args, stop)
            names_participants |= plan.preview is not None and plan.preview.proposal.mapping.kind in WHOSE_KINDS
        except UsageError as error:
            if len(paths) == 1:
                raise
            warn(f"kolbench: {printable(error)}")
            code, imported = 1, False
        worst = max(worst, code)
        done = done or imported
        if stop.requested:
            break
    if stop.requested:
        derived.tell_waiting(store)
    elif done:
        creators = derived.refresh(store)
        if args.json:
            show_json_line({"event": "scores", "creators": creators})
        if names_participants:
            _say_doubtful(store, args, before)
        derived.say_codes(store, before, code_before, json=args.json)
        _say_refunds(store, args, before)
    return worst


def _say_doubtful(store: Store, args: Namespace, before: int) -> None:
    """Say whom runs after ``before`` named that nobody knew, and how many referrals can't be in force."""
    db = store.reader()
    unknown, aside = participants.unknown_before(db, before), referrals.aside_since(db, before)
    if args.json:
        if unknown or aside:
            show_json_line({"event": "doubtful", "unknown": unknown[:MOST_NAMED], "n": len(unknown), "aside": aside})
        return
    told = []
    if n := len(unknown):
        names = ", ".join(unknown[:MOST_NAMED]) + (", …" if n > MOST_NAMED else "")
        text = ngettext(
            "{n} participant that was not known before: {names}",
            "{n} participants that were not known before: {names}",
            n,
        )
        told.append(text.format(n=f"{n:,}", names=names))
    if aside:
        text = ngettext(
            "{n} referral is to oneself or would close a circle: kolbench campaign referrals",
            "{n} referrals are to oneself or would close a circle: kolbench campaign referrals",
            aside,
        )
        told.append(text.format(n=f"{aside:,}"))
    if told:
        say(printable("; ".join(told)))


def _say_refunds(store: Store, args: Namespace, before: int) -> None:
    """Say of which orders runs after ``before`` told more that was given back than is known to have been sold."""
    found = refunds.waiting(store.reader(), run_id=before)
    if args.json:
        if found:
            orders = [one._asdict() for one in found[:MOST_NAMED]]
            show_json_line({"event": "refunds", "n": len(found), "waiting": orders})
    elif found:
        warn(printable(refunds_waiting(found)))


def _plan(store: Store, registry: Registry, path: Path, args: Namespace, source: str) -> Plan:
    given = _given(args)
    adapter = registry.get(args.adapter) if args.adapter else importing.choose(registry.adapters, path, given)
    _check(adapter, given)
    platform = args.platform
    if not platform and not adapter.platform and _may_ask(args):
        guess = importing.guesses(path)[0]
        platform = input(_("Which platform are these accounts on? [{guess}] ").format(guess=guess)).strip() or guess
    return importing.plan(store, adapter, path, platform=platform, settings=given, source=source)


def _given(args: Namespace) -> dict[str, str]:
    """The options as settings. Raises UsageError for one that is not NAME=VALUE."""
    given = {name: getattr(args, name) for name in OPTIONS if getattr(args, name)}
    for pair in args.set:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(_("Write settings as NAME=VALUE, not '{text}'.").format(text=pair))
        given[name] = value
    return given


def _check(adapter: Adapter, given: Mapping[str, str]) -> None:
    """Raise UsageError for a setting that the adapter doesn't have."""
    declared = [setting.name for setting in adapter.settings]
    if unknown := [name for name in given if name not in declared]:
        raise UsageError(
            _("{adapter} has no setting '{name}'. It has: {known}.").format(
                adapter=adapter.name, name=unknown[0], known=", ".join(declared)
            )
        )


def _import(store: Store, plan: Plan, args: Namespace, stop: Stop) -> tuple[int, bool]:
    """Import by a plan, if the operator wants it; returns the exit code and whether it was done."""
    if plan.before and not args.again and not args.preview:
        return _say_imported(plan, args), False
    if args.json and args.preview:
        _show_plan_json(plan)
    elif not args.json and (args.preview or _may_ask(args)):
        show_plan(plan)
    elif plan.preview:
        for doubt in plan.preview.proposal.doubts:
            warn(_note(doubt))
    if plan.problem:
        advice = _("--map COLUMN=ROLE says what a column means.")
        raise UsageError(f"{plan.path}: {plan.problem}. {advice}")
    if plan.preview and not plan.preview.rows:
        warn(printable(_("{path}: there are no rows below the names of its columns.").format(path=plan.path)))
    if args.preview:
        return 0, False
    if _may_ask(args):
        if not _agreed():
            return 0, False
    elif plan.meant and not args.yes:
        raise UsageError(f"{misspelt(plan.platform, plan.meant)} {_('--yes takes it as it is.')}")
    elif not (plan.sure or args.yes or args.map):
        text = _("{path}: it isn't clear what the columns mean. Look with --preview, then add --map or --yes.")
        raise UsageError(text.format(path=plan.path))
    with on_signals(stop):
        outcome = importing.run(store, plan, bars.listener(json=args.json), stop, again=args.again)
    return outcome.exit_code, True


def _say_imported(plan: Plan, args: Namespace) -> int:
    before = plan.before
    assert before
    if args.json:
        show_json_line(
            {"event": "imported_before", "file": str(plan.path), "source": before.source, "at": iso(before.at)}
        )
    else:
        text = _("{path}: already imported on {date} as {source}; nothing to do (--again reads it all the same).")
        say(printable(text.format(path=plan.path, date=iso(before.at)[:10], source=before.source)))
    return 0


def _may_ask(args: Namespace) -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and not (args.yes or args.json)


def _agreed() -> bool:
    answer = input(_("Import it? [Y/n] (other roles: --map COLUMN=ROLE) ")).strip().lower()
    return answer in ("", "y", "yes", "是", "好")


def show_plan(plan: Plan) -> None:
    """Print what would become of a file."""
    text = _("{path}: {what}, read by {adapter}")
    say(printable(text.format(path=plan.path, what=_held(plan), adapter=plan.adapter.name)))
    if plan.meant:
        say(_note(misspelt(plan.platform, plan.meant)))
    if plan.preview is None:
        _show_first_pages(plan)
        return
    proposal = plan.preview.proposal
    look = proposal.look
    say(
        _("{kind}, {sure:.0%} sure; {encoding}, {delimiter}").format(
            kind=said(ROWS, proposal.mapping.kind) or "?",
            sure=proposal.confidence,
            encoding=look.encoding or look.format,
            delimiter=repr(look.delimiter) if look.delimiter else look.format,
        )
    )
    examples = [_("row {n}").format(n=n) for n in range(1, EXAMPLES + 1)]
    show_table(
        [Column(_("column"), yields=True), Column(_("role")), *(Column(one, yields=True) for one in examples)],
        (
            (
                f"{column.index + 1} {column.name}",
                _role(column.role),
                *(fit(row[column.index], CELL).rstrip() for row in _padded(look.sample)),
            )
            for column in proposal.mapping.columns
        ),
    )
    if only := plan.settings.get("only"):
        say(printable(_("only the rows with {only}").format(only=only)))
    if proposal.observed_at:
        where = {"setting": _("as told"), "name": _("by the file's name"), "time": _("by the file's date")}
        text = _("counts as of {date} ({where}); change it with --as-of")
        say(text.format(date=iso(to_ms(proposal.observed_at)), where=where.get(proposal.observed, "")))
    if "campaign" in plan.settings:
        text = _("times that name no zone are taken as {zone}; change it with --timezone")
        say(printable(text.format(zone=plan.settings["timezone"])))
    for warning in proposal.warnings:
        say(_note(warning))
    if plan.preview.rejected:
        rows = plan.preview.rows
        say(ngettext("Left out of the first row:", "Left out of the first {n} rows:", rows).format(n=rows))
        for one in plan.preview.reasons:
            what = bars.left_out(one.column, one.reason)
            say(
                printable("  " + _("{n} × {what} (first in line {line})").format(n=one.count, what=what, line=one.line))
            )


def _role(role: str) -> str:
    """A role in words, with what ``--map`` calls it where that is something else."""
    words = said(FIELDS, role)
    return _("(ignored)") if not role else words if words == role else f"{words} ({role})"


def _held(plan: Plan) -> str:
    """What a file holds: of which platform, or of which campaign."""
    platform = said(PLATFORMS, plan.platform)
    kind = plan.preview.proposal.mapping.kind if plan.preview else ""
    if not kind:
        return platform
    if kind in CAMPAIGN_KINDS:
        text = _("{rows} of the campaign {campaign}")
        return text.format(rows=said(ROWS, kind), campaign=plan.settings.get("campaign", "?"))
    return _("{rows} on {platform}").format(rows=said(ROWS, kind), platform=platform)


def _note(text: str) -> str:
    return printable(_("Note: {text}").format(text=text))


def _padded(sample: tuple[list[str], ...] | list[list[str]]) -> list[list[str]]:
    """The first rows of a sample, empty ones where there are fewer."""
    width = max(map(len, sample), default=0)
    rows = [list(row) for row in islice(sample, EXAMPLES)]
    return rows + [[""] * width] * (EXAMPLES - len(rows))


def _show_first_pages(plan: Plan) -> None:
    """Print what the first page of an adapter without a proposal holds."""
    for feed, page in importing.first_pages(plan.adapter, plan.settings):
        found = ", ".join(f"{number:,} {kind}" for kind, number in _kinds(page).most_common())
        about = _("of about {total:,}").format(total=page.total) if page.total else ""
        say(_("{feed}: the first page holds {found} {about}").format(feed=feed, found=found, about=about).rstrip())


def _kinds(page: Page) -> Counter[str]:
    return Counter(type(record).__name__.removesuffix("Record").lower() for record in page.records)


def _show_plan_json(plan: Plan) -> None:
    """Print what would become of a file, for programs."""
    told: dict[str, object] = {
        "event": "preview",
        "file": str(plan.path),
        "adapter": plan.adapter.name,
        "platform": plan.platform,
        "meant": plan.meant or None,
        "problem": plan.problem or None,
        "imported_before": iso(plan.before.at) if plan.before else None,
    }
    if plan.preview is None:
        pages = importing.first_pages(plan.adapter, plan.settings)
        told["pages"] = [{"feed": feed, "records": _kinds(page), "total": page.total} for feed, page in pages]
    else:
        proposal = plan.preview.proposal
        told |= {
            "kind": proposal.mapping.kind or None,
            "sure": proposal.confidence,
            "format": proposal.look.format,
            "encoding": proposal.look.encoding or None,
            "delimiter": proposal.look.delimiter or None,
            "columns": [{"column": one.name, "role": one.role or None} for one in proposal.mapping.columns],
            "timezone": plan.settings.get("timezone"),
            "observed_at": proposal.observed_at and iso(to_ms(proposal.observed_at)),
            "warnings": proposal.warnings,
            "rows": plan.preview.rows,
            "rejected": plan.preview.reasons,
        }
    show_json_line(told)
