"""What is known of a person, field by field: personality, likes, time zone, what they bring along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain import facts as fields
from kolbench.domain.lang import N_, _
from kolbench.screens import file_words
from kolbench.screens.choose import Choice
from kolbench.screens.file.forms import Form, Step, Values
from kolbench.screens.file.part import Item, Page, Part, Whose, texts
from kolbench.screens.words import said
from kolbench.store import facts
from kolbench.widgets.cells import unicode_terminal

if TYPE_CHECKING:
    from kolbench.store.connect import Store
    from kolbench.store.facts import Fact

HINTS = {
    "time_zone": N_("Asia/Shanghai, Europe/Berlin …"),
    "hours": N_("When they have time: 20:00-23:00, sat 10:00-18:00"),
    "exclusive": N_("Until when, and with whom: 2027-12-31 Some Brand. Briefs leave them out until then."),
}


class FactsPart(Part):
    """Every field, whether something is known or not: what isn't is one Enter away."""

    key: ClassVar[str] = "P"
    title: ClassVar[str] = N_("Personal")
    heads: ClassVar[tuple[str, str, str]] = (N_("Field"), "", N_("Written"))

    def load(self, whose: Whose, older: Any = None) -> Page:
        """One entry a field."""
        known = {fact.field: fact for fact in facts.of(whose.store, whose.creator_id)}
        return Page([_item(whose, field, known.get(field)) for field in fields.FIELDS])


def _item(whose: Whose, field: str, fact: Fact | None) -> Item:
    creator_id = whose.creator_id
    value = "" if fact is None else fact.value
    shown = said(file_words.ARCHETYPES, value) if field == "archetype" and value else value
    label = said(file_words.FACTS, field)
    nothing = "–" if unicode_terminal() else "-"

    def remove(store: Store, author: str) -> object:
        return facts.edit(store, creator_id, {field: ""}, author, was={field: value})

    return Item(
        key=field,
        cells=(label, shown or nothing, whose.when(fact.author, fact.at) if fact else ""),
        about=texts(shown or _("Not known yet. Enter writes it down."), HINTS.get(field) and _(HINTS[field])),
        style=None if fact else "muted",
        form=form(creator_id, field, fact),
        remove=remove if fact else None,
        history=("fact", {"creator_id": creator_id, "field": field}),
    )


def form(creator_id: int, field: str, fact: Fact | None) -> Form:
    """How one field is written."""
    label = said(file_words.FACTS, field)
    choices: tuple[Choice, ...] = ()
    if field == "archetype":
        choices = (
            *(Choice(key, said(file_words.ARCHETYPES, key)) for key in fields.ARCHETYPES),
            Choice("", _("not known")),
        )

    def values(entry: Fact | None) -> Values:
        return {} if entry is None else {field: entry.value}

    def read(store: Store, _given: Values) -> Fact | None:
        return next((one for one in facts.of(store, creator_id) if one.field == field), None)

    def write(store: Store, author: str, given: Values, entry: Fact | None) -> object:
        was = {field: "" if entry is None else entry.value}
        return facts.edit(store, creator_id, {field: given.get(field, "")}, author, was=was)

    hint = _(HINTS[field]) if field in HINTS else _("An empty line: not known.")
    step = Step(field, label, hint, choices, lambda text: fields.checked(field, text))
    history = ("fact", {"creator_id": creator_id, "field": field})
    return Form(label, (step,), values, write, read, fact, history)
