"""``kolbench adapter``: begin an adapter of your own, and record what a server answers for its tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.cli.opening import load_adapters
from kolbench.cli.output import printable, say, show_json
from kolbench.cli.parser import Actions
from kolbench.cli.trying import add_settings, tried
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = Actions(parser)
    new = actions.add("new", _("Write a package with an adapter that works, tests and all, to change into yours"))
    new.add_argument("name", metavar="NAME", help=_("what to call it: lower-case letters, digits and '-'"))
    new.add_argument("--dir", metavar="DIR", help=_("where to write it (kolbench-NAME)"))
    record = actions.add("record", _("Read with an adapter, and keep what the server answers for its tests"))
    record.add_argument("adapter", metavar="ADAPTER", help=_("which adapter; see 'kolbench plugins list'"))
    record.add_argument("file", metavar="FILE", help=_("where to write the answers: a JSON file"))
    add_settings(record)


def run(args: Namespace) -> int:
    """Do the action."""
    return _new(args) if args.action == "new" else _record(args)


def _new(args: Namespace) -> int:
    from kolbench.testing import template

    name = args.name.removeprefix("kolbench-")
    if not template.NAME.fullmatch(name) or len(name) > template.LONGEST:
        text = _("'{name}' can't be a name: use up to {most} lower-case letters, digits and '-'.")
        raise UsageError(text.format(name=printable(args.name), most=template.LONGEST))
    if name in load_adapters(args).adapters:
        text = _("There is an adapter '{name}' already: choose another name, so that both can be used.")
        raise UsageError(text.format(name=name))
    folder = Path(args.dir or f"kolbench-{name}").expanduser()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(_("{path} is there already, and not empty.").format(path=printable(folder)))
    files = template.files(name)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    if args.json:
        show_json({"folder": str(folder), "files": list(files)})
        return 0
    say(_("Written to {path}. It works as it is; make it yours:").format(path=printable(folder)))
    say(f"  cd {printable(folder)} && pip install -e '.[test]' && pytest")
    return 0


def _record(args: Namespace) -> int:
    """Read every feed to its end, and ask what the credentials allow; secrets are replaced by stand-ins."""
    from kolbench.adapters.conformance import Reader, number_of
    from kolbench.adapters.protocol import Pull, Tester
    from kolbench.sync import http
    from kolbench.testing.cassette import Recorder, stand_in

    adapter, path = load_adapters(args).get(args.adapter), Path(args.file).expanduser()
    if adapter.limits is None:
        raise UsageError(_("{adapter} asks no server.").format(adapter=adapter.name))
    _source, settings = tried(adapter, args.set, args)
    secrets = {
        settings[each.name]: stand_in(each.name) for each in adapter.settings if each.secret and each.name in settings
    }

    def protect(token: str) -> None:
        settings.redact.hide(token)
        secrets.setdefault(token, stand_in(f"token-{len(secrets)}"))

    recorder = Recorder(http.Network())
    with http.client(adapter.limits, settings.redact, inner=recorder) as client:
        reader = Reader(adapter, Pull("", settings, http=client, protect=protect))
        found = {feed: number_of(feed, reader.read(feed)) for feed in adapter.feeds}
        if isinstance(adapter, Tester):
            list(adapter.test(reader.pull))
    answers = recorder.write(path, secrets)
    if args.json:
        show_json({"file": str(path), "answers": answers, "expected": found})
        return 0
    say(_("{n} answers are in {path}. For the test:").format(n=answers, path=printable(path)))
    shown = {name: value for name, value in settings.items() if value not in secrets}
    say(f"    settings = {printable(shown)}\n    expected = {found}\n    cassette = {path.name!r}")
    return 0
