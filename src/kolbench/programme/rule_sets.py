"""Writing the rules of a programme: from a file, compared with those in force, and told to those who take part."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain import conditions
from kolbench.domain.lang import _, ngettext, wanted
from kolbench.domain.rule_sets import SEVERITIES, RuleSet, in_language, parse, plain
from kolbench.programme import toml_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kolbench.domain.rule_sets import Grade, Stage


class Change(NamedTuple):
    """A setting that says something else: ``before`` or ``after`` is None where it isn't there."""

    setting: str
    before: object
    after: object


def read(path: Path) -> RuleSet:
    """The rules in a file (``-``: what comes in on the standard input). Raises UsageError with every mistake."""
    return toml_text.parsed(*toml_text.read(path), parse)


def title(rules: RuleSet | None, ladder: str, name: str) -> str:
    """What a stage or grade is called in the interface's language; its name where the rules don't say, or know, it."""
    rungs: Sequence[Stage | Grade] = () if rules is None else rules.stages if ladder == "stage" else rules.grades
    rung = next((one for one in rungs if one.name == name), None)
    return name if rung is None else entitled(name, rung.title, rung.title_zh)


def sanction(rules: RuleSet | None, name: str) -> str:
    """What a sanction is in the interface's language; its name where the rules don't know it."""
    found = next((one for one in rules.sanctions if one.name == name), None) if rules else None
    return name if found is None else in_words(name, found.text, found.text_zh)


def in_words(name: str, text: str | None, text_zh: str | None) -> str:
    """Of the texts of a sanction that one in the interface's language, as a part of a sentence; else its name."""
    return " ".join(entitled(name, text, text_zh).split()).rstrip(".。")


def entitled(name: str, title: str | None, title_zh: str | None) -> str:
    """Of the titles of a stage or grade that one in the interface's language; its name where it has none."""
    return (title_zh if wanted().startswith("zh") else None) or title or name


def example() -> str:
    """A file to begin with, in which comments say what can be written."""
    text = files("kolbench.programme").joinpath("example_rules.toml").read_text("utf-8")
    measured = "".join(f"#   {name}: {_(metric.help)}\n" for name, metric in conditions.METRICS.items())
    return text + "\n# " + _("What conditions can ask for:") + "\n" + measured


def differences(before: RuleSet | None, after: RuleSet) -> list[Change]:
    """What the rules ``after`` say otherwise, entries of lists by their names."""
    old, new = (_flat(plain(rules)) if rules else {} for rules in (before, after))
    order = [*new, *(name for name in old if name not in new)]
    return [Change(name, old.get(name), new.get(name)) for name in order if old.get(name) != new.get(name)]


def text(rules: RuleSet, version: int, language: str) -> str:
    """The rules as a text: what is asked, and what follows from breaking it; in that language if it is there."""
    intro = rules.intro_zh if language.startswith("zh") and rules.intro_zh else rules.intro
    lines = [_("{name}, version {version}").format(name=rules.name, version=version), ""]
    if intro:
        lines += [intro, ""]
    lines += [f"{n}. {in_language(rule, language)}" for n, rule in enumerate(rules.rules, 1)]
    known = {one.name: one for one in rules.sanctions}
    for severity in SEVERITIES:
        broken = [str(n) for n, rule in enumerate(rules.rules, 1) if rule.severity == severity]
        if broken:
            lines += ["", _("What follows from breaking {numbers}:").format(numbers=_(", ").join(broken))]
            steps = getattr(rules.ladder, severity)
            for time, name in enumerate(steps, 1):
                when = f"{time}." if time < len(steps) else _("from the {n}. on:").format(n=time)
                lines.append(f"  {when} {in_language(known[name], language)}")
    days = rules.ladder.remember_days
    if rules.rules:
        what = ngettext(
            "What is more than {n} day old doesn't count.", "What is more than {n} days old doesn't count.", days
        )
        lines += ["", what.format(n=days) + " " + _("That is the same for everybody, whatever their grade.")]
    return "\n".join(lines) + "\n"


def _flat(facts: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    return dict(_entries(facts, where))


def _entries(facts: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _entries(value, f"{where}{name}.")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            keys = [str(one.get("name") or one.get("id")) for one in value]
            yield f"{where}{name}", keys
            for key, one in zip(keys, value, strict=True):
                yield from _entries(one, f"{where}{name}.{key}.")
        else:
            yield f"{where}{name}", list(value) if isinstance(value, tuple) else value
