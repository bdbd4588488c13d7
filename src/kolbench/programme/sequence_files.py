"""A sequence as a file: with comments that say what can be written, and an example to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.lang import _
from kolbench.domain.sequences import Plan, Sequence, Step, parse, plain
from kolbench.programme import toml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path


def read_toml(path: Path, told: Callable[[Mapping[str, Any]], object] = lambda facts: facts) -> Sequence:
    """The sequence in a file (``-``: what comes in on the standard input), its settings changed by ``told``.

    Raises UsageError.
    """
    return toml_text.parsed(*toml_text.read(path), lambda facts: parse(told(facts)))


def from_toml(text: str, where: str) -> Sequence:
    """The sequence in a text that came from ``where``. Raises UsageError."""
    return toml_text.parsed(text, where, parse)


def to_toml(sequence: Sequence, *, explained: bool = False) -> str:
    """A sequence as a file to be kept and edited; ``from_toml`` reads it again. ``explained``: with comments above."""
    import tomli_w

    facts = plain(sequence)
    if not facts["notes"]:
        del facts["notes"]
    for plan in facts["plans"]:
        plan["steps"] = [{name: value for name, value in step.items() if value != ""} for step in plan["steps"]]
    plans = facts.pop("plans")
    text = tomli_w.dumps(facts, multiline_strings=True) + "".join(
        f"\n[[plans]]\nname = {_quoted(plan['name'])}\n"
        + "".join("\n[[plans.steps]]\n" + tomli_w.dumps(step) for step in plan["steps"])
        for plan in plans
    )
    return "".join(f"# {line}\n" for line in _explanation()) + "\n" + text if explained else text


def example(name: str) -> Sequence:
    """A sequence to begin with: from an open channel to closer ones, then by way of others."""

    def step(channel: str, days: int, note: str = "") -> Step:
        return Step(channel=channel, days=days, note=note)

    return Sequence(
        name=name,
        plans=(
            Plan(name=_("directly"), steps=(step("weibo", 0), step("wechat", 3), step("email", 4))),
            Plan(name=_("where they are"), steps=(step("community", 7), step("group", 7))),
            Plan(name=_("through somebody"), steps=(step("broker", 14, _("ask whom they know")),)),
        ),
    )


def _explanation() -> Iterable[str]:
    yield _("days: how long after the last contact; days after being enrolled for the first step")
    yield _("template: the script's name, as 'kolbench template list' has it; note: what else to do")
    yield _("a_week: contacts with a person in seven days at most, over all sequences and by hand")
    yield _("quiet: hours in which nobody is contacted, where they are; working_days = true: nor on days off")
    yield _("holidays: the country whose public holidays are days off, such as CN")


def _quoted(text: str) -> str:
    import tomli_w

    return tomli_w.dumps({"x": text}).removeprefix("x = ").rstrip()
