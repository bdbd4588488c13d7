"""What ``settings.toml`` says of the follow-up rules: which are asked, and by which parameters."""

from __future__ import annotations

import math
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kolbench.domain.following import Parameters
    from kolbench.programme.rules.rule import Rule
    from kolbench.store.connect import Store

ENABLED = "enabled"


class Choice(NamedTuple):
    """Whether a rule is asked, by which parameters, and what is wrong with its settings: that counts as not written."""

    enabled: bool
    parameters: Parameters
    problem: str | None = None


def chosen(store: Store, rules: Mapping[str, Rule]) -> dict[str, Choice]:
    """The choice for each rule, and for each name in the settings that is none's.

    Raises UsageError when the file can't be read as settings.
    """
    return choices(settings.read(store).rules, rules)


def choices(told: Mapping[str, Mapping[str, object]], rules: Mapping[str, Rule]) -> dict[str, Choice]:
    """The same of settings that were read already."""
    found = {name: _choice(rule, told.get(name, {})) for name, rule in rules.items()}
    for name in told.keys() - rules.keys():
        found[name] = Choice(False, {}, _unknown("rules", name, list(rules)))
    return found


def _choice(rule: Rule, told: Mapping[str, object]) -> Choice:
    enabled, parameters = True, dict(rule.parameters)
    problems = []
    for name, value in told.items():
        setting = f"rules.{rule.id}.{name}"
        if name == ENABLED:
            if isinstance(value, bool):
                enabled = value
            else:
                problems.append(_("{setting}: write true or false.").format(setting=setting))
        elif name not in parameters:
            problems.append(_unknown(f"rules.{rule.id}", name, [ENABLED, *parameters]))
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            text = _("{setting}: write a number from 0 on, such as {usual}.")
            problems.append(text.format(setting=setting, usual=parameters[name]))
        else:
            parameters[name] = value
    return Choice(enabled, parameters, " ".join(problems) or None)


def _unknown(where: str, name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1, 0.5)
    text = _("{setting}: there is no such setting. Those there are: {names}.")
    if near:
        text = _("{setting}: there is no such setting. Do you mean {near}? Those there are: {names}.")
    return text.format(setting=f"{where}.{clean_line(name, 60)}", near="".join(near), names=", ".join(known))
