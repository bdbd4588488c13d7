"""The first sheet of a file: who it is, where they stand, and what is next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme import dates, overview
from kolbench.screens import dossier, overview_words
from kolbench.screens.brief_words import PIPELINE
from kolbench.screens.file.accounts import comparison, hint_in_words
from kolbench.screens.file.contacts import refused_in_words
from kolbench.screens.file.dates import SOON_DAYS, coming_in_words
from kolbench.screens.file.forms import Form, Step, Values
from kolbench.screens.file.part import Item, Page, Part, Whose, Write, texts
from kolbench.screens.file_words import NEEDS, remaining
from kolbench.screens.telling import LADDERS
from kolbench.screens.words import said
from kolbench.store import agreements, candidates, decisions, needs, notes, owners, refusals, rule_sets, tags
from kolbench.widgets.cells import due, since

if TYPE_CHECKING:
    from kolbench.screens.lines import Line
    from kolbench.store.connect import Store

NOTES = 3
DECISIONS = 5


class OverviewPart(Part):
    """A line each for what an operator asks first; Enter changes it, or goes to where it is written."""

    key: ClassVar[str] = "O"
    title: ClassVar[str] = N_("Overview")
    heads: ClassVar[tuple[str, str, str]] = (N_("Item"), "", N_("When"))
    widths: ClassVar[tuple[int, int]] = (14, 11)

    def load(self, whose: Whose, older: Any = None) -> Page:
        """Every line that says something."""
        return Page([*_wanting(whose), *_standing(whose), *_ours(whose), *_next(whose), *_known(whose)])

    def beside(self, whose: Whose) -> Write:
        """The dossier."""
        found = dossier.load(whose.store, whose.creator_id, whose.brief_id)

        def write(width: int) -> Iterable[Line]:
            return (*dossier.bio(found, width), *dossier.about(found, width), [], *dossier.beside(found, width))

        return write


def _wanting(whose: Whose) -> Iterator[Item]:
    """What has to be known before anything is done: that they want no contact, or that something is wrong."""
    for place, one in enumerate(refusals.of(whose.store, [whose.creator_id], whose.at).get(whose.creator_id, ())):
        text = refused_in_words(one)
        yield Item(("refused", place), (_("Do not contact"), text, ""), texts(text), "alert", goes="C")
    if (hint := comparison(whose).hint) is not None:
        text = hint_in_words(hint)
        yield Item(("hint",), (_("Look here"), text, ""), texts(text), "alert", goes="A")


def _standing(whose: Whose) -> Iterator[Item]:
    """Label, score, grade and stage."""
    found = candidates.get(whose.store, whose.creator_id)
    if found is not None:
        text = overview_words.label(found)
        yield Item(("label",), (_("Label"), text, ""), texts(text, _("Enter shows why.")), action="why")
        cells = (_("Score"), f"{found.score:.1f}", overview_words.known(found))
        yield Item(("score",), cells, action="why")
    newest = rule_sets.in_force(whose.store)
    for ladder, held in overview.rungs(whose.store, whose.creator_id).items():
        text = overview_words.rung(newest and newest.rules, ladder, held)
        yield Item((ladder,), (_(LADDERS[ladder]), text, since(held.since_at, whose.at)), texts(held.reason), goes="B")


def _ours(whose: Whose) -> Iterator[Item]:
    """Owner, tags, and where they stand in our briefs and agreements."""
    store, creator_id = whose.store, whose.creator_id
    owner = owners.of(store, [creator_id]).get(creator_id, "")
    history = ("creator", {"id": creator_id})
    cells = (_("Owner"), owner or _("nobody: Enter says who looks after them"), "")
    yield Item(("owner",), cells, style=None if owner else "muted", action="owner", history=history)
    names = " ".join(f"#{name}" for name in tags.of(store, [creator_id]).get(creator_id, ()))
    cells = (_("Tags"), names or _("none: Enter adds one"), "")
    yield Item(("tags",), cells, style=None if names else "muted", action="tag")
    seen: set[int] = set()
    for event in decisions.history(store, creator_id):
        if event.brief_id not in seen and len(seen) < DECISIONS:
            seen.add(event.brief_id)
            text = _("{what}: {more}").format(what=event.brief, more=said(PIPELINE, event.state))
            about = texts(text, event.reason)
            yield Item(("decision", event.brief_id), (_("Brief"), text, whose.when(event.author, event.at)), about)
    for one in agreements.of(store, creator_id):
        if one.in_force:
            text = overview_words.agreement(one)
            yield Item(("agreement", one.id), (_("Agreement"), text, ""), texts(text), goes="B")


def _next(whose: Whose) -> Iterator[Item]:
    """The next step, the next date, and the last contact."""
    store, creator_id = whose.store, whose.creator_id
    if waiting := overview.waiting(store, creator_id):
        row = waiting[0]
        late = row.due_at <= whose.at
        cells = (_("Next step"), row.title, due(row.due_at, whose.at))
        yield Item(("step",), cells, texts(row.title, row.why), "strong" if late else None)
    else:
        yield Item(("step",), (_("Next step"), _("no follow-up is open"), ""), style="muted")
    coming = dates.upcoming(store, whose.at, [creator_id])
    if coming:
        first = coming[0]
        cells = (_("Next date"), first.entry.title, remaining(first.days))
        style = "strong" if first.days <= SOON_DAYS else None
        yield Item(("date",), cells, texts(first.entry.title, coming_in_words(first)), style, goes="D")
    touched = overview.touched(store, creator_id)
    text = overview_words.contact(touched) if touched else _("none yet")
    when = whose.when(touched.author, touched.at) if touched else ""
    yield Item(("touch",), (_("Last contact"), text, when), texts(text), None if touched else "muted", goes="T")


def _known(whose: Whose) -> Iterator[Item]:
    """What they need, and what we noted last."""
    found = needs.of(whose.store, whose.creator_id)
    text = _(", ").join(said(NEEDS, need.kind) for need in found)
    told = ngettext("{n} need", "{n} needs", len(found)).format(n=len(found)) if found else ""
    cells = (_("Needs"), text or _("not known yet: Enter writes them down"), told)
    yield Item(("needs",), cells, texts(text), None if found else "muted", goes="N")
    for note in notes.notes(whose.store, whose.creator_id, NOTES):
        yield Item(
            ("note", note.id), (_("Note"), note.text, whose.when(note.author, note.at)), texts(note.text), goes="T"
        )


def owner_form(creator_id: int, owner: str) -> Form:
    """How it is kept who looks after them (empty: nobody)."""

    def values(one: str | None) -> Values:
        return {"owner": one or ""}

    def read(store: Store, _given: Values) -> str:
        return owners.of(store, [creator_id]).get(creator_id, "")

    def write(store: Store, author: str, given: Values, now: str) -> object:
        return owners.assign(store, [creator_id], given["owner"] or None, author, was={creator_id: now or None})

    return Form(_("Owner"), (Step("owner", _("Owner")),), values, write, read, owner, ("creator", {"id": creator_id}))
