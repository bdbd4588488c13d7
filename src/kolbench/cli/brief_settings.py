"""The options that write a brief."""

from __future__ import annotations

from argparse import ArgumentTypeError, BooleanOptionalAction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.cli.parser import amount, whole
from kolbench.domain.briefs import LANGUAGES, PURPOSES, TIERS
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

_SETTINGS = {
    "name": ("name",),
    "purpose": ("purpose",),
    "people": ("people",),
    "notes": ("notes",),
    "keyword": ("topics", "keywords"),
    "like": ("topics", "like"),
    "in_community": ("topics", "communities"),
    "without": ("topics", "without"),
    "platform": ("who", "platforms"),
    "tier": ("who", "tiers"),
    "region": ("who", "regions"),
    "language": ("who", "languages"),
    "exclude_tag": ("exclude", "tags"),
    "ours": ("ours", "communities"),
    "points": ("ours", "points"),
}
"""Where the value of each option goes."""

_ANSWERS = {
    "include_do_not_contact": "do_not_contact",
    "include_working_with_us": "working_with_us",
    "include_exclusives": "exclusives",
}


def add_options(parser: ArgumentParser) -> None:
    """One option a setting; each list may be given anew, and an empty text alone empties it."""
    parser.add_argument(
        "--file", metavar="PATH", type=Path, help=_("begin with the brief in this TOML file; - is stdin")
    )
    parser.add_argument("--purpose", choices=PURPOSES, help=_("what for: the usual weights depend on it"))
    _add_list(parser, "--keyword", "TEXT", _("a word or phrase they talk about; may be given again"))
    _add_list(parser, "--like", "CREATOR", _("somebody who is an example: platform:handle, an id or exactly a name"))
    _add_list(parser, "--community", "NAME", _("a community whose talk is an example"), dest="in_community")
    _add_list(parser, "--without", "WORD", _("a word of the examples that says nothing of the topic"))
    _add_list(parser, "--platform", "NAME", _("only people on these platforms"))
    _add_list(parser, "--tier", "TIER", _("only people of these sizes: {names}").format(names=", ".join(TIERS)))
    _add_list(parser, "--region", "NAME", _("only people of these regions"))
    languages = ", ".join(LANGUAGES)
    _add_list(parser, "--language", "CODE", _("only who writes in these: {names}").format(names=languages))
    parser.add_argument("--people", metavar="N", type=whole(1, 1_000_000), help=_("how many are wanted (20)"))
    _add_list(parser, "--exclude-tag", "TAG", _("nobody with this tag"))
    parser.add_argument(
        "--include-do-not-contact", action=BooleanOptionalAction, help=_("also people who asked not to be contacted")
    )
    parser.add_argument(
        "--include-working-with-us", action=BooleanOptionalAction, help=_("also who agreed for another brief")
    )
    parser.add_argument(
        "--include-exclusives", action=BooleanOptionalAction, help=_("also who is exclusive elsewhere today")
    )
    weighs = _("what a part of the score weighs; without N as its purpose has it")
    _add_list(parser, "--weight", "NAME=N", weighs, type=_weight)
    _add_list(parser, "--ours", "COMMUNITY", _("a community of ours, whose members come first (all)"))
    parser.add_argument("--points", metavar="N", type=whole(0, 100), help=_("how many points that is worth (5)"))
    parser.add_argument("--notes", metavar="TEXT", help=_("what else is to be known about it"))


def _add_list(parser: ArgumentParser, name: str, value: str, text: str, **options: Any) -> None:
    parser.add_argument(name, metavar=value, action="append", help=text, **options)


def told(args: Namespace) -> bool:
    """Whether any of the options was given."""
    names = (*_SETTINGS, *_ANSWERS, "file", "weight", "again")
    return any(getattr(args, name, None) is not None for name in names)


def applied(args: Namespace, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The settings ``facts`` with what the options say instead; what is wrong in ``facts`` stays as it is."""
    changed = {name: dict(value) if isinstance(value, dict) else value for name, value in facts.items()}

    def put(value: Any, *path: str) -> None:
        *tables, name = path
        place = changed
        for table in tables:
            place = place.setdefault(table, {})
        if isinstance(place, dict):
            place[name] = value

    for option, path in _SETTINGS.items():
        if (value := getattr(args, option)) is not None:
            put([text for text in value if text.strip()] if isinstance(value, list) else value, *path)
    for option, name in _ANSWERS.items():
        if (answer := getattr(args, option)) is not None:
            put(not answer, "exclude", name)
    for name, number in args.weight or ():
        if number is not None:
            put(number, "weights", name)
        elif isinstance(weights := changed.get("weights"), dict):
            weights.pop(name, None)
    return changed


def _weight(text: str) -> tuple[str, float | None]:
    """An argument's type: ``fit=30``; without a number as its purpose has it."""
    name, _equals, number = text.partition("=")
    try:
        return name.strip(), amount(number.strip()) if number else None
    except ArgumentTypeError as error:
        raise ArgumentTypeError(_("{path}: {error}").format(path=name.strip(), error=error)) from None
