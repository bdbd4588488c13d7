"""``kolbench source``: which platforms and files are read, and with which settings."""

from __future__ import annotations

import getpass
import glob
import os
import sys
from argparse import BooleanOptionalAction
from dataclasses import replace
from typing import TYPE_CHECKING

from kolbench.cli import bars
from kolbench.cli.opening import load_adapters, open_store, store_path
from kolbench.cli.output import Column, answer, plain, printable, say, show_json, show_table, warn
from kolbench.cli.parser import Actions, whole
from kolbench.cli.settings import checked, declared, given
from kolbench.domain.clock import DAY, iso, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.words import PLATFORMS, misspelt, platform_meant, said
from kolbench.store import filters, raw, runs, sources
from kolbench.store.sources import Source

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from kolbench.adapters.protocol import Adapter, Finding, Setting
    from kolbench.store.connect import Store
    from kolbench.sync.events import Event


MARKS = {True: N_("✓ ok "), False: N_("✗ BAD")}


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = Actions(parser)
    add = actions.add("add", _("Add a source"))
    add.add_argument("name", metavar="NAME", help=_("what to call it"))
    add.add_argument("adapter", metavar="ADAPTER", help=_("what reads it; see 'kolbench plugins list'"))
    _add_setting(add)
    add.add_argument(
        "--test",
        action=BooleanOptionalAction,
        help=_("find out at once what its credentials allow (where somebody sits at the terminal)"),
    )
    _add_keep_raw(add)
    edit = actions.add("edit", _("Change a source's settings"))
    edit.add_argument("name", metavar="NAME", help=_("which source"))
    _add_setting(edit)
    edit.add_argument("--unset", metavar="SETTING", action="append", default=[], help=_("go back to its default"))
    edit.add_argument(
        "--secret",
        metavar="SETTING",
        action="append",
        default=[],
        help=_("ask for this secret, or read it from a pipe"),
    )
    _add_keep_raw(edit)
    edit.add_argument("--off", dest="enabled", action="store_const", const=False, help=_("leave it out of every sync"))
    edit.add_argument("--on", dest="enabled", action="store_const", const=True, help=_("read it in every sync again"))
    test = actions.add("test", _("Say what a source's credentials allow, by one cheap call; writes nothing"))
    test.add_argument("name", metavar="NAME", help=_("which source"))
    remove = actions.add("remove", _("Stop reading a source; what it brought stays"))
    remove.add_argument("name", metavar="NAME", help=_("which source"))
    purge = actions.add("purge", _("Delete the answers that were kept word for word"))
    purge.add_argument("name", metavar="NAME", nargs="?", help=_("which source (all)"))
    purge.add_argument("--older-than", metavar="DAYS", type=whole(0), default=0, help=_("only those of before"))
    actions.add("list", _("List the sources, with their last run"))


def _add_keep_raw(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--keep-raw",
        action=BooleanOptionalAction,
        help=_("keep what the platform answers word for word, compressed, until 'source purge'"),
    )


def _add_setting(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        metavar="SETTING=VALUE",
        action="append",
        default=[],
        help=_("a setting; secrets are asked for instead"),
    )


def run(args: Namespace) -> int:
    """Do the action."""
    actions = {"add": _add, "edit": _edit, "test": _test, "remove": _remove, "purge": _purge, "list": _list}
    return actions[args.action](args)


def _add(args: Namespace) -> int:
    adapter = load_adapters(args).get(args.adapter)
    values = given(adapter, args.set)
    sources.check_name(args.name, open_store(args) if store_path(args).exists() else None)
    secrets: dict[str, str] = {}
    for setting in adapter.settings:
        if setting.secret:
            if value := _asked_secretly(args.name, setting):
                secrets[setting.name] = value
        elif _missing(setting, values):
            values[setting.name] = checked(setting, _asked(args.name, setting))
    platform = adapter.platform or values.get("platform", "")
    if not platform:
        raise UsageError(_("Which platform is it? Add: --set platform=NAME"))
    _rehearse(args, adapter, Source(0, args.name, adapter.name, platform, values), secrets)
    store = open_store(args, create=True)
    if not adapter.platform and (meant := platform_meant(platform, filters.platforms(store))):
        advice = _("If so, take it back: kolbench source remove {name}").format(name=args.name)
        warn(printable(f"{misspelt(platform, meant)} {advice}"))
    source = sources.add(store, args.name, adapter.name, platform, values)
    if args.keep_raw:
        source = sources.keep_raw(store, source, keep=True)
    _keep_secrets(store, source.name, secrets)
    if not (sys.stdin.isatty() if args.test is None else args.test):
        return _say_source(args, source, _("Added {name}. Try it with 'kolbench source test {name}'."))
    if not args.json:
        say(printable(_("Added {name}. Trying it:").format(name=source.name)))
    found = _tried(args, store, source, adapter)
    failed = not all(one.ok for one in found)
    if args.json:
        show_json({**_plain(source), "findings": found})
    elif failed:
        _say_how_to_mend(source)
    return 1 if failed else 0


def _rehearse(args: Namespace, adapter: Adapter, source: Source, secrets: Mapping[str, str]) -> None:
    """Raise UsageError for settings that the adapter can't read by; warn of a file that isn't there."""
    from kolbench.sync.rehearsal import complaint

    if wrong := complaint(source, adapter, store_path(args), secrets):
        raise UsageError(wrong)
    path = source.settings.get("path", "")
    if adapter.limits is None and path and not glob.has_magic(path) and not os.path.exists(path):
        warn(printable(_("There is no file {path} yet: until there is, each sync fails.").format(path=path)))


def _say_how_to_mend(source: Source) -> None:
    text = _(
        "Change it with 'kolbench source edit {name}' and --set or --secret, then try it again with 'kolbench source "
        "test {name}'."
    )
    say(printable(text.format(name=source.name)))


def _edit(args: Namespace) -> int:
    store = open_store(args)
    source = sources.get(store, args.name)
    adapter = load_adapters(args).get(source.adapter)
    values = {**source.settings, **given(adapter, args.set)}
    for name in args.unset:
        if values.pop(name, None) is None:
            declared(adapter, name)
    for one in adapter.settings:
        if _missing(one, values):
            raise UsageError(_needs(source.name, one))
    secrets: dict[str, str] = {}
    for name in args.secret:
        setting = next((one for one in adapter.settings if one.secret and one.name == name), None)
        if setting is None:
            raise UsageError(_("{adapter} has no secret '{name}'.").format(adapter=adapter.name, name=name))
        value = _asked_secretly(source.name, setting) if sys.stdin.isatty() else sys.stdin.readline().strip()
        if not value:
            raise UsageError(_("There is no value for '{name}': nothing was changed.").format(name=name))
        secrets[name] = value
    if args.set or args.unset:
        _rehearse(args, adapter, replace(source, settings=values), secrets)
    _keep_secrets(store, source.name, secrets)
    source = sources.change(store, source, values)
    if args.keep_raw is not None:
        source = sources.keep_raw(store, source, keep=args.keep_raw)
    if args.enabled is not None:
        source = sources.switch(store, source, enabled=args.enabled)
    return _say_source(args, source, _("Changed {name}."))


def _remove(args: Namespace) -> int:
    store = open_store(args)
    source = sources.get(store, args.name)
    sources.remove(store, source)
    from kolbench.cli.secret_file import drop

    drop(store.path, source.name)
    return _say_source(args, source, _("{name} is not read any more. What it brought stays."))


def _purge(args: Namespace) -> int:
    store = open_store(args)
    source = sources.get(store, args.name) if args.name else None
    deleted = raw.purge(store, source, now() - args.older_than * DAY)
    return answer(
        args,
        {"source": source and source.name, "deleted": deleted},
        ngettext("{n} answer deleted.", "{n} answers deleted.", deleted).format(n=deleted),
    )


def _test(args: Namespace) -> int:
    store = open_store(args)
    source = sources.get(store, args.name)
    found = _tried(args, store, source, load_adapters(args).get(source.adapter))
    error = next((one.text for one in found if not one.ok), None)
    if args.json:
        show_json({"source": source.name, "ok": error is None, "error": error, "findings": found})
    elif error is not None:
        _say_how_to_mend(source)
    return 1 if error is not None else 0


def _tried(args: Namespace, store: Store, source: Source, adapter: Adapter) -> list[Finding]:
    """Try a source out, and print what is found unless it is asked for as JSON."""
    from kolbench.sync.events import RowRejected, Warned
    from kolbench.sync.probe import probe
    from kolbench.sync.stop import Stop, on_signals

    remarks = bars.Remarks()

    def listen(event: Event) -> None:
        if isinstance(event, Warned | RowRejected) and (text := remarks.on(event)):
            warn(printable(text))

    found: list[Finding] = []
    stop = Stop()
    with on_signals(stop):
        for finding in probe(store, source, adapter, listen, stop):
            found.append(finding)
            if not args.json:
                say(f"{_(MARKS[finding.ok])} {printable(finding.text)}")
    return found


def _list(args: Namespace) -> int:
    store = open_store(args)
    found = sources.every(store)
    last = {source.name: next(iter(runs.recent(store, 1, source)), None) for source in found}
    if args.json:
        show_json([{**_plain(one), "last_run": plain(vars(run)) if (run := last[one.name]) else None} for one in found])
        return 0
    if not found:
        say(_("There is no source yet. Add one with 'kolbench source add NAME ADAPTER', or import a file."))
        return 0
    table = (
        Column(_("source"), yields=True),
        Column(_("adapter")),
        Column(_("platform")),
        Column(_("last run")),
        Column(_("state")),
        Column(_("new"), "right"),
        Column(_("rejected rows"), "right"),
        Column(_("settings"), yields=True),
    )
    rows = []
    for source in found:
        report = last[source.name]
        told = (
            (iso(report.started_at)[:16], bars.state(report.state), f"{report.new:,}", f"{report.rejected:,}")
            if report
            else ("",) * 4
        )
        settings = " ".join(f"{name}={value}" for name, value in source.settings.items())
        rows.append(
            (
                source.name,
                source.adapter,
                said(PLATFORMS, source.platform),
                *told,
                settings if source.enabled else _("off"),
            )
        )
    show_table(table, rows)
    return 0


def _say_source(args: Namespace, source: Source, text: str) -> int:
    return answer(args, _plain(source), text.format(name=source.name))


def _plain(source: Source) -> dict[str, object]:
    return {
        "name": source.name,
        "adapter": source.adapter,
        "platform": source.platform,
        "enabled": source.enabled,
        "keep_raw": source.keep_raw,
        "settings": dict(source.settings),
    }


def _missing(setting: Setting, values: Mapping[str, str]) -> bool:
    return setting.required and not setting.secret and setting.default is None and not values.get(setting.name)


def _needs(source: str, setting: Setting) -> str:
    text = _("{source} needs the setting '{setting}' ({help}). Add: --set {setting}={example}")
    return text.format(source=source, setting=setting.name, help=_(setting.help), example=setting.example or "…")


def _asked(source: str, setting: Setting) -> str:
    if not sys.stdin.isatty():
        raise UsageError(_needs(source, setting))
    example = f" [{setting.example}]" if setting.example else ""
    return input(f"{printable(setting.name)} ({printable(_(setting.help))}){printable(example)}: ").strip()


def _asked_secretly(source: str, setting: Setting) -> str:
    """What the operator types unseen; empty where nobody can be asked: then it comes from the environment."""
    from kolbench.sync.secrets import variable

    if not sys.stdin.isatty():
        return ""
    text = _("{setting} ({help}; empty: none, or in the environment as {variable}): ")
    if setting.required:
        text = _("{setting} ({help}; empty: it will be in the environment as {variable}): ")
    return getpass.getpass(
        text.format(
            setting=printable(setting.name), help=printable(_(setting.help)), variable=variable(source, setting.name)
        )
    ).strip()


def _keep_secrets(store: Store, source: str, values: dict[str, str]) -> None:
    if not values:
        return
    from kolbench.cli.secret_file import keep

    path = keep(store.path, source, values)
    warn(_("The secrets are kept in {path}, which only you can read.").format(path=path))
