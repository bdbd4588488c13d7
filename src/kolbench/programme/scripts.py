"""Scripts (话术) with a person's facts put in: what a script may say, and what is missing from one."""

from __future__ import annotations

from contextvars import ContextVar
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_text
from kolbench.domain.words import platform_in
from kolbench.programme.variables import LISTS, VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jinja2 import nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from kolbench.store.templates import Variant

LONGEST = 5_000
"""Characters of a script, before and after the facts are put in."""

_DEEPEST = 2
"""Loops within loops: lists of facts are short, so that no script takes long."""

_BETWEEN = 20
"""Characters between the values of a list: joins within joins would grow without an end."""

_NODES = frozenset({
    "Template", "Output", "TemplateData", "Name", "Const", "If", "For", "Filter", "Keyword", "Test", "Compare",
    "Operand", "And", "Or", "Not", "CondExpr", "Concat", "List", "Tuple", "Getattr",
})  # fmt: skip
"""What a script is made of. Nothing of it calls, assigns, multiplies or reads attributes."""

_FILTERS = frozenset({"default", "d", "upper", "lower", "title", "capitalize", "trim", "join", "length", "count"})
_TESTS = frozenset({"defined", "undefined", "in", "eq", "ne", "gt", "lt", "ge", "le"})
_LOOP = frozenset({"index", "first", "last", "length"})

_missing: ContextVar[dict[str, None]] = ContextVar("missing")


class Rendered(NamedTuple):
    """A script for one person: ``missing`` names the facts that it needs and nobody knows, marked in ``text``.

    ``wrong`` says why it can't be filled in for this person, for another reason.
    """

    text: str
    missing: tuple[str, ...] = ()
    wrong: str = ""

    @property
    def complete(self) -> bool:
        """Whether it may be copied and sent."""
        return not self.missing and not self.wrong and bool(self.text.strip())

    def to_send(self) -> str:
        """The text, to be copied or sent. Raises UsageError, which says what is missing, where it is not complete."""
        if self.missing:
            names = ", ".join(self.missing)
            raise UsageError(_("The script can't be sent: nobody knows {names} of this person.").format(names=names))
        if not self.complete:
            raise UsageError(self.wrong or _("There is nothing to send: the script is empty for this person."))
        return self.text


def check(text: str) -> str:
    """A script as it is kept. Raises UsageError, which says what is wrong with it and in which line."""
    text = clean_text(text, LONGEST + 1).strip()
    if len(text) > LONGEST:
        raise UsageError(_("The script is too long: {n:,} characters at most.").format(n=LONGEST))
    _parsed(text)
    return text


def render(text: str, facts: Mapping[str, Any]) -> Rendered:
    """``text`` with ``facts``, values of ``VARIABLES``, put in. Raises UsageError where it is no script.

    What is missing stands in the text as ``⟦name?⟧``. Facts are never read as script. A platform is called what it is
    called in the script's language.
    """
    from jinja2 import TemplateError

    template = _compiled(text)
    if platform := facts.get("platform"):
        facts = {**facts, "platform": platform_in(spoken(text), platform)}
    missing: dict[str, None] = {}
    token = _missing.set(missing)
    parts: list[str] = []
    room, wrong = LONGEST, ""
    try:
        for part in template.generate(**facts):
            parts.append(part[:room])
            room -= len(part)
            if room < 0:
                wrong = _("The script is too long: {n:,} characters at most.").format(n=LONGEST)
                break
    except (TemplateError, TypeError, ValueError) as error:
        wrong = _("The script can't be filled in: {error}.").format(error=error)
    finally:
        _missing.reset(token)
    return Rendered(clean_text("".join(parts), LONGEST).strip(), tuple(missing), wrong)


@lru_cache(256)
def needed(text: str) -> frozenset[str]:
    """The variables that a script names. Raises UsageError where it is no script."""
    from jinja2 import meta

    return frozenset(meta.find_undeclared_variables(_parsed(text)))


def choose(variants: Iterable[Variant], uses: Mapping[int, int], language: str | None) -> Variant | None:
    """The variant to use next: in the person's language where there is one, and of those the least used.

    ``uses`` is how often each was used, by id; None where there are no variants.
    """
    every = list(variants)
    fitting = [one for one in every if one.language == language] or every
    return min(fitting, key=lambda one: (uses.get(one.id, 0), one.label), default=None)


def spoken(text: str) -> str:
    """The language in which a script seems to be written: ``zh`` where it has Chinese characters, else ``en``."""
    return "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import ChainableUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Missing(ChainableUndefined):
        """A fact that nobody knows: it may be asked for, and is shown and remembered where it would be said."""

        def __str__(self) -> str:
            name = self._undefined_name or "?"
            _missing.get()[name] = None
            return f"⟦{name}?⟧"

        def __iter__(self) -> Any:
            return iter((str(self),))

        def __len__(self) -> int:
            return len(str(self))

        __lt__ = __le__ = __gt__ = __ge__ = _is_not  # type: ignore[assignment]

    environment = ImmutableSandboxedEnvironment(autoescape=False, undefined=Missing, cache_size=0, optimized=False)
    environment.finalize = _said
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.filters["join"] = _join
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment


def _said(value: Any) -> Any:
    """A value as a script says it: lists with commas."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _is_not(_missing: object, _other: object) -> bool:
    """Comparing a fact that nobody knows: no."""
    return False


def _join(values: Any, between: str = "") -> str:
    """A list as one text; what is no list stays as it is."""
    return str(between)[:_BETWEEN].join(map(str, values)) if isinstance(values, list | tuple) else str(values)


@lru_cache(256)
def _compiled(text: str) -> Any:
    return _environment().from_string(_parsed(text))


def _parsed(text: str) -> nodes.Template:
    from jinja2 import TemplateSyntaxError, meta

    try:
        tree = _environment().parse(text)
        _require_plain(tree, 0)
    except TemplateSyntaxError as error:
        raise UsageError(
            _("Line {line} of the script: {error}").format(line=error.lineno, error=error.message)
        ) from None
    except (RecursionError, ValueError) as error:  # the latter for numbers of thousands of digits
        raise UsageError(_("The script can't be read: {error}.").format(error=type(error).__name__)) from None
    for name in sorted(meta.find_undeclared_variables(tree)):
        if name not in VARIABLES:
            near = get_close_matches(name, VARIABLES, 1, 0.6)
            said = _("There is no variable '{name}'. Variables: {names}.")
            if near:
                said = _("There is no variable '{name}'. Do you mean '{near}'?")
            raise UsageError(said.format(name=name, near="".join(near), names=", ".join(VARIABLES)))
    return tree


def _require_plain(node: nodes.Node, loops: int) -> None:
    """Refuse what could run for long or reach beyond the facts, by the kinds of which a script may be made."""
    kind = type(node).__name__
    allowed: Mapping[str, Callable[[Any], bool]] = {
        "Name": lambda found: found.name not in ("loop", "self"),
        "Filter": lambda found: found.name in _FILTERS and found.node is not None,
        "Test": lambda found: found.name in _TESTS,
        "Getattr": lambda found: getattr(found.node, "name", None) == "loop" and found.attr in _LOOP,
        "For": lambda found: loops < _DEEPEST and not found.recursive and getattr(found.iter, "name", None) in LISTS,
    }
    if kind not in _NODES or not allowed.get(kind, lambda _found: True)(node):
        what = getattr(node, "name", None) or kind.lower()
        text = _("Line {line} of the script: '{what}' can't be used in one.")
        raise UsageError(text.format(line=node.lineno, what=what))
    for child in () if kind == "Getattr" else node.iter_child_nodes():
        _require_plain(child, loops + (kind == "For"))
