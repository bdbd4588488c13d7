"""Conditions over figures, as rule sets write them: ``works >= 8``, ``growth >= 5% or voice > 20``, ``kind = koc``."""

from __future__ import annotations

import operator
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Figure = float | str | None
"""A figure of a person; None is not known."""


class Metric(NamedTuple):
    """Something that conditions may ask for: a number, a share (0.05 is 5 %), or a word."""

    kind: Literal["number", "share", "word"]
    help: str


METRICS: Mapping[str, Metric] = {
    "followers": Metric("number", N_("followers over all accounts")),
    "growth": Metric("share", N_("growth of the followers in 30 days")),
    "engagement": Metric("share", N_("engagement rate")),
    "voice": Metric("number", N_("people who addressed them")),
    "works": Metric("number", N_("works and messages in their last 90 active days")),
    "days_silent": Metric("number", N_("days since they were last active")),
    "score": Metric("number", N_("general score, of 100")),
    "reach": Metric("number", N_("reach, of 100")),
    "authority": Metric("number", N_("authority, of 100")),
    "authenticity": Metric("number", N_("authenticity, of 100")),
    "fans": Metric("number", N_("quality of their fans, of 100")),
    "portability": Metric("number", N_("fans who would follow elsewhere, of 100")),
    "potential": Metric("number", N_("potential, of 100")),
    "kind": Metric("word", N_("kol, koc, both or unknown")),
    "tier": Metric("word", N_("size: pico, nano, micro, mid, macro, mega or unknown")),
    "agreed": Metric("number", N_("briefs for which they have agreed or are active")),
    "active": Metric("number", N_("briefs for which they are active")),
    "touchpoints": Metric("number", N_("contacts in either direction")),
    "replies": Metric("number", N_("contacts that came from them")),
    "days_since_contact": Metric("number", N_("days since the last contact")),
    "violations": Metric("number", N_("violations that were not withdrawn")),
    "violations_90_days": Metric("number", N_("those of the last 90 days")),
    "acknowledged": Metric("number", N_("1 who has acknowledged the rules in force, else 0")),
    "days_in_programme": Metric("number", N_("days since they first agreed or got a stage")),
    "days_in_stage": Metric("number", N_("days in the stage where they are")),
    "days_in_grade": Metric("number", N_("days in the grade that they have")),
}
"""What can be asked of a person, in the order in which it is listed."""

_OPERATORS: Mapping[str, Callable[[float | str, float | str], bool]] = {
    ">=": operator.ge, "<=": operator.le, "!=": operator.ne, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip

_TEST = re.compile(r"\s*(\w+)\s*(>=|<=|!=|>|<|=)\s*(\S+)\s*")
_NUMBER = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)(%|k|m|万|亿)?")
_UNITS = {"": 1.0, "%": 0.01, "k": 1e3, "m": 1e6, "万": 1e4, "亿": 1e8}


class Test(NamedTuple):
    """One comparison of a figure."""

    metric: str
    operator: str
    value: float | str


class Condition(NamedTuple):
    """Comparisons of which at least one must hold, and how they were written."""

    text: str
    tests: tuple[Test, ...]


def parse(text: str) -> Condition:
    """The condition that ``text`` writes. Raises UsageError, which says what is expected instead."""
    return Condition(" ".join(text.split()), tuple(_test(part) for part in re.split(r"\s+or\s+", text.strip())))


def holds(condition: Condition, figures: Mapping[str, Figure]) -> bool | None:
    """Whether a condition holds for these figures; None where that rests on what is not known."""
    known = [
        None if (figure := figures.get(one.metric)) is None else _OPERATORS[one.operator](figure, one.value)
        for one in condition.tests
    ]
    return True if any(known) else None if None in known else False


def sql(conditions: Iterable[Condition]) -> str:
    """All conditions as an expression over columns that are called like the metrics; NULL as ``holds`` has None."""
    every = ["(" + " OR ".join(map(_sql, condition.tests)) + ")" for condition in conditions]
    return " AND ".join(every) or "TRUE"


def metrics(conditions: Iterable[Condition]) -> set[str]:
    """The metrics that conditions ask for."""
    return {test.metric for condition in conditions for test in condition.tests}


def _test(text: str) -> Test:
    found = _TEST.fullmatch(text)
    if found is None:
        raise UsageError(_("write a condition such as 'works >= 8', not '{text}'").format(text=text.strip()))
    name, sign, written = found.groups()
    if name not in METRICS:
        near = get_close_matches(name, METRICS, 1, 0.5)
        told = _("'{name}' is not measured. What is: {names}")
        if near:
            told = _("'{name}' is not measured. Do you mean {near}? What is: {names}")
        raise UsageError(told.format(name=name, near="".join(near), names=", ".join(METRICS)))
    if METRICS[name].kind == "word":
        if sign not in ("=", "!=") or not re.fullmatch(r"[a-z]+", written):
            raise UsageError(_("'{name}' is a word: write {name} = or != and one of them").format(name=name))
        return Test(name, sign, written)
    number = _NUMBER.fullmatch(written.replace(",", "").lower())
    if number is None:
        raise UsageError(_("'{text}' is no number: write one such as 8, 5%, 10k or 1万").format(text=written))
    return Test(name, sign, round(float(number[1]) * _UNITS[number[2] or ""], 9))


def _sql(test: Test) -> str:
    # Both were parsed above: the name is a known one, the value a number or a word of plain letters.
    value = f"'{test.value}'" if isinstance(test.value, str) else repr(test.value)
    return f'"{test.metric}" {test.operator} {value}'
