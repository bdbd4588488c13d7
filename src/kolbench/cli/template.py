"""``kolbench template``: scripts (话术) in variants, and how people answer them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.cli import editing, places
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, answer, fields, printable, say, show_found, show_json, show_table, warn
from kolbench.cli.parser import Actions
from kolbench.cli.responses import cells, columns, facts
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.programme import responses, scripts, variables
from kolbench.store import changes, creators, templates
from kolbench.store import responses as kept
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.programme.scripts import Rendered
    from kolbench.store.connect import Store
    from kolbench.store.templates import Variant


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    add = actions.add("add", _("Write a script, or another variant of one"))
    add.add_argument("name", metavar="NAME", help=_("what to call it"))
    _add_text(add)
    add.add_argument("--variant", metavar="LABEL", help=_("what to call the variant (the next letter)"))
    edit = actions.add("edit", _("Change the text of a variant; without options in your editor"))
    _add_template(edit)
    _add_variant(edit)
    _add_text(edit)
    listed = actions.add("list", _("List the scripts, with how people answer them"))
    listed.add_argument("--retired", action="store_true", help=_("those that are used no more instead"))
    show = actions.add("show", _("Show the variants of a script, with how people answer each"))
    _add_template(show)
    show.add_argument("--all", action="store_true", help=_("also earlier versions, and variants that were retired"))
    preview = actions.add("preview", _("Show a script as a person would get it, and which facts are missing"))
    _add_template(preview)
    places.add_creator(preview)
    _add_variant(preview)
    preview.add_argument(
        "--plain", action="store_true", help=_("the text alone, to be copied; fails if facts are missing")
    )
    retire = actions.add("retire", _("Use a script, or one variant of it, no more; its figures stay"))
    _add_template(retire)
    _add_variant(retire)


def _add_template(parser: ArgumentParser) -> None:
    parser.add_argument("template", metavar="TEMPLATE", help=_("a name or a part of it, or the number"))


def _add_variant(parser: ArgumentParser) -> None:
    parser.add_argument("--variant", metavar="LABEL", help=_("which variant: A, B, …"))


def _add_text(parser: ArgumentParser) -> None:
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--text", metavar="TEXT", help=_("the script, with variables such as {{ name }}"))
    given.add_argument("--file", metavar="PATH", type=Path, help=_("the script is in this file; - is stdin"))
    parser.add_argument("--language", metavar="CODE", help=_("its language: zh, en, … (by its characters)"))


def run(args: Namespace) -> int:
    """Do the action."""
    if args.action == "add":
        return _add(args)
    store = open_store(args)
    if args.action == "list":
        return _list(store, args)
    template_id = templates.find(store, args.template)
    acts = {"edit": _edit, "show": _show, "preview": _preview, "retire": _retire}
    return acts[args.action](store, args, template_id)


def _add(args: Namespace) -> int:
    text = _given(args)
    if text is None:
        raise UsageError(_("Say what the script is: --text TEXT or --file PATH"))
    text = scripts.check(text)
    language = args.language or scripts.spoken(text)
    store = open_store(args, create=True)
    return _say_kept(store, args, templates.add(store, args.name, text, language, changes.me(), args.variant))


def _edit(store: Store, args: Namespace, template_id: int) -> int:
    known = _variant(templates.variants(store, template_id), args.variant)
    author = changes.me()
    if (text := _given(args)) is not None or args.language is not None:
        text = scripts.check(known.text if text is None else text)
        return _say_kept(store, args, templates.edit(store, known.id, text, author, args.language))
    editing.require_terminal(args, editing.by_options())
    changed = editing.edited(
        known.text + "\n", lambda after: templates.edit(store, known.id, scripts.check(after), author)
    )
    return _say_kept(store, args, known.id if changed is None else changed)


def _given(args: Namespace) -> str | None:
    """The script that ``--text`` or ``--file`` holds."""
    if args.file is None:
        return None if args.text is None else str(args.text)
    try:
        return sys.stdin.read() if str(args.file) == "-" else str(args.file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(_("{path} can't be read: {reason}.").format(path=args.file, reason=error.strerror)) from None
    except UnicodeDecodeError:
        raise UsageError(_("{path} is not text in UTF-8.").format(path=args.file)) from None


def _variant(found: list[Variant], label: str | None) -> Variant:
    """The one that is meant. Raises UsageError where there is none, or several and no label was told."""
    chosen = [one for one in found if label is None or one.label.casefold() == label.casefold()]
    if len(chosen) == 1:
        return chosen[0]
    labels = ", ".join(one.label for one in found) or _("none")
    raise UsageError(_("Which variant do you mean? Say --variant; there are {labels}.").format(labels=labels))


def _say_kept(store: Store, args: Namespace, variant_id: int) -> int:
    one = templates.variant(store, variant_id)
    text = _("{name}, variant {label} ({language}), version {version} is kept. Try it: {command}")
    command = f"kolbench template preview {one.template_id} CREATOR"
    return answer(args, fields(one), text.format(name=one.template, command=command, **_short(one)))


def _short(one: Variant) -> dict[str, Any]:
    return {"label": one.label, "language": one.language, "version": one.version}


def _list(store: Store, args: Namespace) -> int:
    found = templates.listed(store, retired=args.retired)
    results = {one.id: responses.response(kept.of_template(store, one.id)) for one in found}
    return show_found(
        args,
        found,
        (Column(_("id"), "right"), Column(_("name"), yields=True), Column(_("variants"), "right"), *columns()),
        lambda one: (one.id, one.name, one.variants, *cells(results[one.id])),
        empty=_("No script is there. Write one: kolbench template add NAME --text TEXT"),
        facts=lambda one: {**fields(one), **facts(results[one.id])},
    )


def _show(store: Store, args: Namespace, template_id: int) -> int:
    found = templates.variants(store, template_id, retired=args.all)
    sent = responses.by(kept.of_template(store, template_id), lambda one: one.variant_id)
    none = responses.response(())
    if args.json:
        show_json([{**fields(one), **facts(sent.get(one.id, none))} for one in found])
        return 0
    for one in found:
        text = _("{name}, variant {label} ({language}), version {version} of {day} by {author}")
        head = text.format(name=one.template, day=day(one.at), author=one.author, **_short(one))
        say(printable(head + (f" · {_('retired')}" if one.retired_at else "")))
        for line in one.text.splitlines():
            say(f"  {printable(line)}")
        say()
    show_table(
        (Column(_("variant")), Column(_("version"), "right"), *columns()),
        ((one.label, one.version, *cells(sent.get(one.id, none))) for one in found),
    )
    return 0


def _preview(store: Store, args: Namespace, template_id: int) -> int:
    found = templates.variants(store, template_id)
    creator_id = creators.exact(store, args.creator)
    if args.variant is None:
        language = variables.languages(store, [creator_id]).get(creator_id)
        one = scripts.choose(found, templates.uses(store, [template_id]), language)
    else:
        one = _variant(found, args.variant)
    if one is None:
        raise UsageError(_("No variant of this template is in use."))
    rendered = scripts.render(one.text, variables.of(store, creator_id))
    if args.json:
        script = rendered.text if rendered.complete else None
        show_json(
            {"creator_id": creator_id, "variant_id": one.id, **_short(one), "text": rendered.text, "script": script,
             "missing": list(rendered.missing), "wrong": rendered.wrong}
        )  # fmt: skip
    elif args.plain:
        say(rendered.to_send())
    else:
        say("\n".join(map(printable, rendered.text.splitlines())))
        if not rendered.complete:
            warn(_refusal(rendered))
    return 0 if rendered.complete else 1


def _refusal(rendered: Rendered) -> str:
    """Why a script can't be sent."""
    try:
        rendered.to_send()
    except UsageError as error:
        return str(error)
    return ""


def _retire(store: Store, args: Namespace, template_id: int) -> int:
    n = templates.retire(store, template_id, changes.me(), args.variant)
    return answer(
        args,
        {"template_id": template_id, "retired": n},
        ngettext("{n} variant is used no more.", "{n} variants are used no more.", n).format(n=n),
    )
