"""Changing an entry of a file by a few questions; what a colleague wrote meanwhile is never overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.errors import Conflict
from kolbench.domain.lang import _
from kolbench.screens.cautioning import Cautioning
from kolbench.screens.clashing import Clashing
from kolbench.screens.lines import Line, paragraph

if TYPE_CHECKING:
    from kolbench.screens.choose import Choice
    from kolbench.screens.writing import WritingScreen
    from kolbench.store.connect import Store

Values = Mapping[str, str]
"""What the steps of a form say, by their names; a step that says nothing is left out or empty."""

TRIES = 3


class Step(NamedTuple):
    """One question: typed, or with ``choices`` chosen. ``check`` raises KolbenchError for a text that won't do."""

    name: str
    title: str
    hint: str = ""
    choices: Sequence[Choice] = ()
    check: Callable[[str], object] = lambda text: None


Asked = Step | Callable[[Values], Step | None]
"""A step, or what makes it of the answers so far: None where there is nothing to ask."""


@dataclass(frozen=True)
class Form:
    """How an entry is made or changed.

    ``base`` is the entry as the operator sees it (None: a new one), ``values`` what the steps say of an entry,
    ``read`` the entry as it is now (for a new one: one that is there already by what was given), and ``write`` keeps
    values over the entry that it is told, raising Conflict where that is no longer what is kept. ``cautions`` are
    what to think of before values are kept, a sentence each; nothing is kept until the operator has seen them.
    """

    title: str
    steps: Sequence[Asked]
    values: Callable[[Any], Values]
    write: Callable[[Store, str, Values, Any], object]
    read: Callable[[Store, Values], Any] = lambda store, given: None
    base: Any = None
    history: tuple[str, Mapping[str, Any]] | None = None
    cautions: Callable[[Store, Values], Sequence[str]] | None = None


class Clash(NamedTuple):
    """What somebody else made of an entry meanwhile: ``names`` are the steps that two people answered differently."""

    entry: Any
    names: Sequence[str]
    author: str


def fill_one(screen: WritingScreen, title: str, forms: Sequence[Form], kept: Callable[[], object]) -> None:
    """Have one of several forms chosen, each with what is there now, and fill it in."""
    from kolbench.screens.choose import Choice, Choose

    def chosen(place: str | None) -> None:
        if place is not None:
            fill(screen, forms[int(place)], kept)

    if len(forms) == 1:
        chosen("0")
        return
    choices = [Choice(str(place), form.title, _there(form)) for place, form in enumerate(forms)]
    window = Choose(title, choices, numbered=True)
    window.set_class(any(choice.hint for choice in choices), "-broad")
    screen.app.push_screen(window, chosen)


def fill(screen: WritingScreen, form: Form, kept: Callable[[], object]) -> None:
    """Ask the steps of a form one after the other and keep what was given; Esc at any of them leaves all as it is."""
    base = form.values(form.base)
    given: dict[str, str] = {}

    def ask(place: int) -> None:
        if place == len(form.steps):
            _consider(screen, form, given, kept)
            return
        step = _step(form.steps[place], {**base, **given})
        if step is None:
            ask(place + 1)
            return

        def told(text: str | None) -> None:
            if text is not None:
                given[step.name] = text
                ask(place + 1)

        if step.choices:
            from kolbench.screens.choose import Choose

            window = Choose(_titled(form, step), step.choices, base.get(step.name), numbered=True)
            window.add_class("-broad")
            screen.app.push_screen(window, told)
        else:
            from kolbench.screens.prompt import Prompt

            value = base.get(step.name, "")
            prompt = Prompt(_titled(form, step), value=value, hint=step.hint, check=step.check)
            screen.app.push_screen(prompt, told)

    ask(0)


def keep(screen: WritingScreen, form: Form, given: Values, kept: Callable[[], object]) -> None:
    """Write what differs from what the operator saw; where a colleague wrote something else, ask which is to stay."""
    changed = _changed(form, given)
    if not changed:
        return

    def answered(clash: Clash | None) -> None:
        if clash is None:
            kept()
            return

        def chosen(answer: str | None) -> None:
            if answer == "mine":
                keep(screen, replace(form, base=clash.entry), given, kept)
            else:
                kept()

        screen.app.push_screen(Clashing(lambda width: _both(form, clash, changed, width)), chosen)

    screen.write((), lambda store, author: _write(store, author, form, changed), answered)


def _consider(screen: WritingScreen, form: Form, given: Values, kept: Callable[[], object]) -> None:
    """Keep what was given, once the operator has seen what speaks against it."""
    cautions, store = form.cautions, screen.session.store
    if cautions is None or not _changed(form, given):
        keep(screen, form, given, kept)
        return

    def chosen(answer: str | None) -> None:
        if answer is not None:
            keep(screen, form, given, kept)

    def told(texts: Sequence[str]) -> None:
        if texts:
            screen.app.push_screen(Cautioning(form.title, texts), chosen)
        else:
            chosen("yes")

    values = {**form.values(form.base), **given}
    screen.ask("cautions", lambda: cautions(store, values), told, keys_wait=True)


def _changed(form: Form, given: Values) -> Values:
    """What of it differs from what the operator saw."""
    base = form.values(form.base)
    return {name: value for name, value in given.items() if value != base.get(name, "")}


def _write(store: Store, author: str, form: Form, changed: Values) -> Clash | None:
    """Write it over what is there now, unless that differs from the base in what is to be changed."""
    base = form.values(form.base)
    for _try in range(TRIES):
        entry = form.read(store, changed)
        now = form.values(entry)
        theirs = [name for name in changed if now.get(name, "") not in (base.get(name, ""), changed[name])]
        if theirs or (entry is None and form.base is not None):
            return Clash(entry, theirs or list(changed), _who(store, form))
        try:
            form.write(store, author, {**now, **changed}, entry)
        except Conflict:
            continue  # between reading and writing: look again
        return None
    return Clash(entry, list(changed), _who(store, form))


def _who(store: Store, form: Form) -> str:
    if form.history is None:
        return _("Somebody")
    from kolbench.store import history

    entity, columns = form.history
    written = history.of(store, entity, 1, **columns)
    return written[0].author if written else _("Somebody")


def _both(form: Form, clash: Clash, changed: Values, width: int) -> Iterator[Line]:
    """What they wrote and what the operator did."""
    yield [(form.title, "title")]
    yield from paragraph(
        _("{who} has changed it since you opened it. Which is to stay?").format(who=clash.author), width
    )
    theirs = form.values(clash.entry)
    for asked in form.steps:
        step = _step(asked, {**theirs, **changed})
        if step is not None and step.name in clash.names:
            yield []
            yield [(step.title, "strong")]
            now = _shown(step, theirs.get(step.name, "")) if clash.entry is not None else _("taken off")
            yield from paragraph(_("theirs: {text}").format(text=now or _("nothing")), width)
            yield from paragraph(_("yours: {text}").format(text=_shown(step, changed[step.name])), width)


def _step(asked: Asked, answers: Values) -> Step | None:
    """What is asked after these answers."""
    return asked if isinstance(asked, Step) else asked(answers)


def _there(form: Form) -> str:
    """What is there now of the one thing that a form asks for."""
    first = form.steps[0]
    if form.base is None or not isinstance(first, Step):
        return ""
    return _shown(first, form.values(form.base).get(first.name, ""))


def _titled(form: Form, step: Step) -> str:
    if len(form.steps) == 1 or step.title == form.title:
        return form.title
    return _("{what}: {more}").format(what=form.title, more=step.title)


def _shown(step: Step, value: str) -> str:
    return next((choice.label for choice in step.choices if choice.key == value), value)
