"""What operators write in TOML as typed structs, with a message for each mistake that says how to mend it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_origin

from msgspec import Struct, ValidationError, convert, structs

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.domain.text import clean_line

Shape = TypeVar("Shape", bound=Struct)

MOST = 40
"""Mistakes that are told at once."""


def shaped(facts: object, shape: type[Shape], whole: str) -> Shape:
    """``facts``, as TOML or JSON hold them, as the struct ``shape``.

    ``whole`` is what all of it is called. Raises UsageError with every mistake, which names the setting, what is
    expected, and what to write instead.
    """
    made, wrong = examined(facts, shape, whole)
    refuse(wrong)
    assert made is not None
    return made


def refuse(wrong: Iterable[str]) -> None:
    """Raise UsageError with every mistake on a line of its own, if there is any: many are enough to begin with."""
    lines = list(wrong)
    if more := len(lines[MOST:]):
        lines[MOST:] = [ngettext("… and {n} more mistake.", "… and {n} more mistakes.", more).format(n=f"{more:,}")]
    if lines:
        raise UsageError("\n".join(lines))


def examined(facts: object, shape: type[Shape], whole: str) -> tuple[Shape | None, list[str]]:
    """The same with the mistakes that are found, one line each; the struct is None where there are any."""
    wrong: list[str] = []
    made = _filled(facts, shape, whole, "", wrong)
    return (None if wrong else made), wrong


def rightly_shaped(facts: Mapping[Any, Any], shape: type[Struct]) -> dict[str, Any] | None:
    """What ``examined`` finds nothing wrong with, tables that lack something required left out; None for all of it."""
    right: dict[str, Any] = {}
    for field in structs.fields(shape):
        value = facts.get(field.name)
        if (tables := _listed(field.type)) and isinstance(value, list):
            rows = (rightly_shaped(row, tables) for row in value if isinstance(row, Mapping))
            right[field.name] = [row for row in rows if row is not None]
        elif _is_struct(field.type):
            inner = rightly_shaped(value, field.type) if isinstance(value, Mapping) else None
            if inner is not None:
                right[field.name] = inner
        elif field.name in facts and _is(value, field.type):
            right[field.name] = value
        if field.required and field.name not in right:
            return None
    return right


def _is(value: object, kind: Any) -> bool:
    wrong: list[str] = []
    _valued(value, kind, "", wrong)
    return not wrong


def _filled(facts: object, shape: type[Shape], whole: str, where: str, wrong: list[str]) -> Shape | None:
    if not isinstance(facts, Mapping):
        wrong.append(_wrong(where.removesuffix(".") or whole, _("settings with values"), facts))
        return None
    fields = {field.name: field for field in structs.fields(shape)}
    wrong += (_unknown(where, str(name), list(fields)) for name in facts if name not in fields)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in facts:
            if field.required:
                text = _("{setting}: it is missing; write {expected}.")
                wrong.append(text.format(setting=where + name, expected=_expected(field.type)))
        elif _is_struct(field.type):
            values[name] = _filled(facts[name], field.type, whole, f"{where}{name}.", wrong)
        elif (tables := _listed(field.type)) and isinstance(facts[name], list):
            rows = [
                _filled(row, tables, whole, f"{where}{name}[{place}].", wrong)
                for place, row in enumerate(facts[name], 1)
            ]
            values[name] = tuple(rows)
        else:
            values[name] = _valued(facts[name], field.type, where + name, wrong)
    return None if wrong else shape(**values)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _listed(kind: Any) -> Any:
    """The struct of which a type is a list; None where it is something else."""
    of = get_args(kind)
    return of[0] if get_origin(kind) is tuple and _is_struct(of[0]) else None


def _valued(value: object, kind: Any, setting: str, wrong: list[str]) -> Any:
    try:
        return convert(value, kind)
    except ValidationError:
        # Of a list, the items that are wrong are named; of weights, the names.
        known = len(wrong)
        if isinstance(value, list) and get_origin(kind) is tuple:
            for one in value:
                _valued(one, get_args(kind)[0], setting, wrong)
        if isinstance(value, Mapping) and get_origin(kind) is dict:
            for name, one in value.items():
                _valued(one, get_args(kind)[1], f"{setting}.{clean_line(str(name), 60)}", wrong)
        if len(wrong) == known:
            wrong.append(_wrong(setting, _expected(kind), value))
        return None


def _expected(kind: Any) -> str:
    """What a setting of a type takes, in words."""
    origin, of = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _("one of {names}").format(names=", ".join(of))
    if _listed(kind) is not None:
        return _("tables, each under its name in double brackets")
    if origin is tuple:
        example = next(iter(get_args(of[0])), "tea")
        return _('a list in brackets, such as ["{example}"]').format(example=example)
    if origin is dict:
        return _("names with numbers, such as fit = 30")
    plain_kinds = {
        str: _("a text in quotes"), bool: _("true or false"), int: _("a whole number"), float: _("a number")
    }  # fmt: skip
    return plain_kinds[kind]


def _wrong(setting: str, expected: str, value: object) -> str:
    shown = clean_line(json.dumps(value, ensure_ascii=False, default=str), 60)
    return _("{setting}: write {expected}, not {value}.").format(setting=setting, expected=expected, value=shown)


def _unknown(where: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1, 0.5)
    text = _("{setting}: there is no such setting. Those there are: {names}.")
    if near:
        text = _("{setting}: there is no such setting. Do you mean {near}? Those there are: {names}.")
    return text.format(setting=where + clean_line(name, 60), near="".join(near), names=", ".join(known))
