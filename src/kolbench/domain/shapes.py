"""What operators write in TOML as typed structs, with a message for each mistake that says how to mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_origin

from msgspec import Struct, ValidationError, convert, structs

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line

Shape = TypeVar("Shape", bound=Struct)


def shaped(facts: object, shape: type[Shape], whole: str, where: str = "") -> Shape:
    """``facts``, as TOML or JSON hold them, as the struct ``shape``.

    ``whole`` is what all of it is called. Raises UsageError, which names the setting, what is expected, and what to
    write instead.
    """
    if not isinstance(facts, Mapping):
        raise UsageError(_wrong(where.removesuffix(".") or whole, _("settings with values"), facts))
    fields = {field.name: field for field in structs.fields(shape)}
    for name in facts:
        if name not in fields:
            raise UsageError(_unknown(where, str(name), list(fields)))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in facts:
            if field.required:
                text = _("{setting}: it is missing; write {expected}.")
                raise UsageError(text.format(setting=where + name, expected=_expected(field.type)))
        elif isinstance(field.type, type) and issubclass(field.type, Struct):
            values[name] = shaped(facts[name], field.type, whole, f"{where}{name}.")
        else:
            values[name] = _valued(facts[name], field.type, where + name)
    return shape(**values)


def _valued(value: object, kind: Any, setting: str) -> Any:
    try:
        return convert(value, kind)
    except ValidationError:
        # Of a list, the first item that is wrong is named; of weights, the first name.
        if isinstance(value, list) and (item := next(iter(get_args(kind)), None)):
            for one in value:
                _valued(one, item, setting)
        if isinstance(value, Mapping) and get_args(kind):
            for name, one in value.items():
                _valued(one, get_args(kind)[1], f"{setting}.{name}")
        raise UsageError(_wrong(setting, _expected(kind), value)) from None


def _expected(kind: Any) -> str:
    """What a setting of a type takes, in words."""
    origin, of = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _("one of {names}").format(names=", ".join(of))
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
