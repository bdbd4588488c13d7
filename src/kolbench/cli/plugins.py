"""``kolbench plugins``: which plugins there are, and whether one that you write keeps its contract."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.adapters import conformance
from kolbench.adapters.aside import Aside, aside
from kolbench.adapters.conformance import Check
from kolbench.cli.output import Column, printable, say, show_json, show_table
from kolbench.cli.parser import Actions, whole
from kolbench.cli.settings import declared
from kolbench.cli.trying import add_settings, tried
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    import httpx

    from kolbench.adapters.conformance import Read
    from kolbench.adapters.protocol import Adapter
    from kolbench.adapters.registry import Plugin, Registry
    from kolbench.sync.secrets import Settings

PAGES = 3

MARKS = {True: N_("ok "), False: N_("BAD"), None: N_("-  ")}


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = Actions(parser)
    actions.add("list", _("List the plugins, the adapters they bring, and what is wrong with them"))
    check = actions.add("check", _("Check that a plugin's adapters keep their contract, by reading with them"))
    check.add_argument(
        "name", metavar="NAME", nargs="?", help=_("a plugin or an adapter; else all of the plugin folders")
    )
    add_settings(check)
    check.add_argument(
        "--pages", metavar="N", type=whole(1), default=PAGES, help=_("read so many pages of each feed (3)")
    )
    check.add_argument("--offline", action="store_true", help=_("ask no server"))


def run(args: Namespace) -> int:
    """List or check."""
    from kolbench.adapters.registry import load

    registry = load([Path(folder) for folder in args.plugin_dir or ()])
    return _list(registry, args) if args.action == "list" else _check(registry, args)


def _list(registry: Registry, args: Namespace) -> int:
    if args.json:
        show_json([_plain(plugin) for plugin in registry.plugins])
        return 0
    table = (
        Column(_("plugin")),
        Column(_("version")),
        Column(_("brings"), yields=True),
        Column(_("from"), yields=True),
        Column(_("state"), yields=True),
    )
    rows = [
        (
            plugin.name,
            plugin.version,
            ", ".join([*plugin.adapters, *plugin.scorers, *plugin.follow_up_rules]),
            plugin.origin,
            plugin.problem.reason if plugin.problem else _("in use"),
        )
        for plugin in registry.plugins
    ]
    show_table(table, rows)
    return 0


def _plain(plugin: Plugin) -> dict[str, object]:
    return {
        "name": plugin.name,
        "version": plugin.version,
        "origin": plugin.origin,
        "adapters": plugin.adapters,
        "scorers": plugin.scorers,
        "follow_up_rules": plugin.follow_up_rules,
        "enabled": plugin.problem is None,
        "problem": plugin.problem and {"where": plugin.problem.where, "reason": plugin.problem.reason},
    }


def _check(registry: Registry, args: Namespace) -> int:
    reports: dict[str, list[Check]] = {}
    meant = _meant(registry, args)
    _require_settings([registry.adapters[name] for plugin in meant for name in plugin.adapters], args.set)
    for plugin in meant:
        checks = reports.setdefault(plugin.name, [])
        if plugin.problem:
            where, reason = plugin.problem.where, plugin.problem.reason
            checks.append(Check(_("is loaded ({where})").format(where=where), False, reason))
        for name in plugin.adapters:
            with aside() as heard:
                checks += _check_adapter(registry.adapters[name], args, heard)
        if plugin.scorers or plugin.follow_up_rules:
            from kolbench.cli import plugins_asked

            checks += plugins_asked.checks(
                [registry.scorers[name] for name in plugin.scorers],
                [registry.follow_up_rules[name] for name in plugin.follow_up_rules],
            )
    failed = any(check.kept is False for checks in reports.values() for check in checks)
    unread = any(check.unread for checks in reports.values() for check in checks)
    if args.json:
        show_json({name: [vars(check) for check in checks] for name, checks in reports.items()})
    else:
        for name, checks in reports.items():
            say(printable(name))
            for check in checks:
                what = check.what if check.kept else _("{what}: {more}").format(what=check.what, more=check.found)
                say(printable(f"  {_(MARKS[check.kept])} {what}"))
        say(_how(failed=failed, unread=unread))
    return 1 if failed or unread else 0


def _how(*, failed: bool, unread: bool) -> str:
    if failed:
        return _("Not kept: see BAD above.")
    if unread:
        return _("Not checked: what could not be read, see above. --offline leaves out what needs a server.")
    return _("All that could be checked is kept.")


def _require_settings(adapters: Sequence[Adapter], pairs: Sequence[str]) -> None:
    """Raise UsageError for a setting that none of the adapters has."""
    for name in (pair.partition("=")[0] for pair in pairs):
        if not any(name == setting.name for adapter in adapters for setting in adapter.settings):
            if len(adapters) == 1:
                declared(adapters[0], name)
            raise UsageError(_("None of these has a setting '{name}'.").format(name=name))


def _meant(registry: Registry, args: Namespace) -> Sequence[Plugin]:
    if args.name:
        found = [
            plugin
            for plugin in registry.plugins
            if args.name in (plugin.name, *plugin.adapters, *plugin.scorers, *plugin.follow_up_rules)
        ]
        if not found:
            names = ", ".join(plugin.name for plugin in registry.plugins)
            raise UsageError(_("There is no plugin '{name}'. Plugins: {names}.").format(name=args.name, names=names))
        return found
    folders = [str(Path(folder).expanduser().absolute()) for folder in args.plugin_dir or ()]
    found = [plugin for plugin in registry.plugins if str(Path(plugin.origin).parent) in folders]
    if not found:
        raise UsageError(_("Say which plugin to check, or where it is: --plugin-dir DIR."))
    return found


def _check_adapter(adapter: Adapter, args: Namespace, heard: Aside) -> Iterator[Check]:
    yield from conformance.declaration(adapter)
    if adapter.limits is not None and args.offline:
        yield Check(_("can be read"), None, _("not tried: --offline"))
        return
    pairs = [pair for pair in args.set if any(pair.partition("=")[0] == setting.name for setting in adapter.settings)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            source, settings = tried(adapter, pairs, args)
        except UsageError as error:
            yield Check(_("can be read"), None, str(error), unread=True)
            return
        read: dict[str, Read] = {}
        with _client(adapter, settings) as http:
            for feed in adapter.feeds:
                for found in conformance.reading(adapter, feed, settings, http, args.pages):
                    if isinstance(found, Check):
                        yield found
                    else:
                        read[feed] = found
        if read:
            from kolbench.testing.storing import Replay, Syncs

            yield Syncs(Path(folder), Replay(adapter.name, adapter.title, source.platform, read), {}).twice()
            yield Check(_("prints nothing"), not heard.heard, _("it prints: tell the operator by pull.warn"))


def _client(adapter: Adapter, settings: Settings) -> AbstractContextManager[httpx.Client | None]:
    if adapter.limits is None:
        return nullcontext()
    from kolbench.sync.http import client

    return client(adapter.limits, settings.redact)
