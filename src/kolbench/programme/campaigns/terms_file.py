"""A campaign's terms as a file: with comments that say what can be written, and single settings told in text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from msgspec import Struct, structs

from kolbench.domain.campaigns import ATTRIBUTIONS, FIGURES, KINDS, MAX_LEVELS, Terms, examined, plain
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.shapes import refuse
from kolbench.programme import toml_text
from kolbench.programme.campaigns import waves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path


def read_toml(path: Path, told: Callable[[Mapping[str, Any]], object] = lambda facts: facts) -> Terms:
    """The terms in a file (``-``: what comes in on the standard input), with what ``told`` changes in them.

    Raises UsageError.
    """
    return toml_text.parsed(*toml_text.read(path), lambda facts: checked(told(facts)))


def from_toml(text: str, where: str) -> Terms:
    """The terms in a text that came from ``where``. Raises UsageError."""
    return toml_text.parsed(text, where, checked)


def checked(facts: object) -> Terms:
    """The terms that ``facts`` hold, what people are told among them.

    Raises UsageError with every mistake: the setting, and what to write instead.
    """
    terms, wrong = examined(facts)
    refuse([*wrong, *waves.copy_mistakes(terms)])
    return terms


def to_toml(terms: Terms, *, explained: bool = False) -> str:
    """Terms as a file to be kept and edited; ``from_toml`` reads it again. ``explained``: with comments above."""
    import tomli_w

    text = tomli_w.dumps(plain(terms), multiline_strings=True)
    return "".join(f"# {line}\n" for line in _explanation()) + "\n" + text if explained else text


def applied(facts: Mapping[str, Any], settings: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The facts with settings told in text: ``levels`` to ``10%, 3%``, ``target.amount`` to ``500``.

    Raises UsageError where there is no such setting.
    """
    changed = {name: dict(value) if isinstance(value, dict) else value for name, value in facts.items()}
    for path, text in settings:
        table, _dot, name = path.rpartition(".")
        shape: Any = Terms
        place = changed
        if table:
            shape = _kinds(Terms).get(table)
            place = changed.setdefault(table, {})
        kind = _kinds(shape).get(name) if isinstance(shape, type) and issubclass(shape, Struct) else None
        if kind is None or (isinstance(kind, type) and issubclass(kind, Struct)):
            names = ", ".join(_names())
            raise UsageError(_("There is no setting '{name}'. Settings: {names}").format(name=path, names=names))
        place[name] = _valued(text, kind)
    return changed


def _kinds(shape: type[Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in structs.fields(shape)}


def _names() -> Iterable[str]:
    for name, kind in _kinds(Terms).items():
        if isinstance(kind, type) and issubclass(kind, Struct):
            yield from (f"{name}.{inner}" for inner in _kinds(kind))
        else:
            yield name


def _valued(text: str, kind: Any) -> Any:
    """What a text means for a setting of a type, as TOML would hold it; the rest is complained of when it is read."""
    if kind is int and text.strip().lstrip("-").isdecimal():
        return int(text)
    if kind is bool and text.strip() in ("true", "false"):
        return text.strip() == "true"
    if get_origin(kind) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    if get_origin(kind) is dict and get_args(kind):
        import tomllib

        try:
            return tomllib.loads(f"x = {{{text}}}")["x"]
        except tomllib.TOMLDecodeError:
            return text
    return text


def _explanation() -> Iterable[str]:
    yield _("starts, ends: days, both inside, or moments such as 2026-05-01T20:00; time_zone is where they are meant")
    yield _("target.figure: {names}; amount of revenue in whole units of the currency").format(names=", ".join(FIGURES))
    yield _("target.days: days that weigh more or less than 1 in it, such as '2026-05-01' = 3")
    yield _("attribution: {names}; window_days: how long a click or a referral leads to a sale").format(
        names=", ".join(ATTRIBUTIONS)
    )
    yield _("levels: what a sale earns, 10% or 5 CNY: whose it is, then by whom they came, {most} at most").format(
        most=MAX_LEVELS
    )
    yield _("pays_for: {names}; caps and entry_fee: money, such as 500 CNY; empty: none").format(names=", ".join(KINDS))
    yield _("hold_days: before something is paid; refund_days: how long a refund takes back what was earned")
    yield _("late_days: what is told later than that after it happened is looked at by hand; 0: nothing is")
    yield _("repeat_buyers = false: only the first that a buyer buys counts")
    yield _("referee.reward: what the buyer gets who takes part, for the first time or for every one")
    yield _("tie_rule: earlier (who came to a figure first is before the other) or shared (the same rank)")
    yield _("exclusions: ids of those who earn nothing, such as staff")
