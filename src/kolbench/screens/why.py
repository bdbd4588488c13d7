"""Why somebody scores as they do: every part with its weight, its figures and its evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens import clipboard, measures
from kolbench.screens.lines import Line, Span, paragraph
from kolbench.screens.stacked import StackedScreen
from kolbench.screens.words import COMPONENTS, PLATFORMS, TABLES, said
from kolbench.screens.work import Table
from kolbench.widgets.cells import bar, day, separated
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import ListWindow, VirtualTable

if TYPE_CHECKING:
    from kolbench.analysis.scores import Score
    from kolbench.analysis.standing import Standing
    from kolbench.domain.scoring import Component, Evidence
    from kolbench.screens.session import Session
    from kolbench.store.citing import Cited
    from kolbench.store.connect import Store

EVIDENCE = 1_000
"""Rows of evidence that are shown of a part, those that count most."""

PERSON = "creator"
"""The table of evidence that is a person."""

QUOTED = 12
"""Lines of a text that is evidence at the most."""


class Why(NamedTuple):
    """The score of one person for a brief, or in general, worked out now."""

    creator_id: int
    name: str
    brief: str
    score: Score | None


def load(store: Store, brief_id: int | None, creator_id: int) -> Why:
    """Work out the score of somebody, or of whoever they were merged into. Call it in a thread."""
    from kolbench.analysis import standing
    from kolbench.store import merges

    creator_id = merges.root(store.reader(), creator_id)
    return of(store, brief_id, creator_id, standing.explain(store, creator_id))


def of(store: Store, brief_id: int | None, creator_id: int, stands: Standing | None) -> Why:
    """The score with all that it was made from: of a brief, or the general one, by where somebody stands."""
    from kolbench.store import briefs, creators

    name = creators.name(store, creator_id) or ""
    if brief_id is None or stands is None:
        return Why(creator_id, name, "", stands and stands.score)
    from kolbench.analysis import candidacy

    return Why(creator_id, name, briefs.row(store, brief_id).name, candidacy.explain(store, brief_id, creator_id))


class Piece(NamedTuple):
    """A row of evidence: key, what counts, and what the row says that shows it."""

    key: int
    counts: Evidence
    said: Cited | None


class WhyScreen(StackedScreen):
    """The parts of one person's score, what counts most first, and below what the one under the cursor is made of."""

    HELP = N_(
        "Why somebody has this score. Every part is a value from 0 to 1 times its weight; below stands what it was"
        " made from: figures, dates, and how many observations there were. Enter shows the works, messages, counts or"
        " people behind it. What is not known counts as little as is usual and says what would make it known."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("w,escape", "app.pop_screen", N_("Back"))]

    def __init__(self, session: Session, creator_id: int, brief_id: int | None = None) -> None:
        super().__init__(session)
        self.creator_id = creator_id
        self.brief_id = brief_id
        self.found: Why | None = None

    def make_table(self) -> Table:
        """The parts."""

        def column(key: str, label: str, width: int, text: Callable[[Component], str], **more: Any) -> Column:
            return Column(key, label, width, render=lambda found, _row: text(found), at=1, sortable=False, **more)

        return Table(
            [
                column("part", _("Part"), 14, lambda c: said(COMPONENTS, c.name)),
                column("value", _("Value"), 15, _value),
                column("weight", _("Weight"), 6, lambda c: f"{c.weight:.0%}", align="right"),
                column("points", _("Points"), 6, lambda c: f"{c.points:.1f}", align="right"),
                column("figure", _("Made from"), 16, _figure, flex=1, drop=1),
                column("sample", _("Sample"), 7, _sample, align="right", drop=3),
                column("at", _("As of"), 10, lambda c: day(c.measure.stop), drop=2),
            ],
            selectable=False,
            enter=N_("Evidence"),
            row_class=lambda row: "muted" if row[1].measure.value is None else None,
            empty=_("They have no score: a bot, staff, excluded by the brief, or without accounts."),
            id="main",
        )

    def on_mount(self) -> None:
        """Work it out."""
        self.sheet.styles.height = "1fr"
        self.store_changed()

    def store_changed(self) -> None:
        """Work it out again."""
        store, brief_id, creator_id = self.session.store, self.brief_id, self.creator_id
        self.ask("why", lambda: load(store, brief_id, creator_id), self._loaded)

    def _loaded(self, found: Why) -> None:
        self.found = found
        score = found.score
        parts = sorted(score.components, key=lambda one: -one.weight) if score is not None else ()
        self.table.styles.height = 1 + max(1, len(parts))
        self.table.show(ListWindow([(one.name, one) for one in parts]))
        left: list[Span] = [(found.name, "title"), ("  " + (found.brief or _("general score")), "muted")]
        right: list[Span] = []
        if score is not None:
            left.append(("  " + _("Score {score:.1f}").format(score=score.total), "strong"))
            right = [(_("{share} known").format(share=f"{score.confidence:.0%}"), "muted")]
        self.tell_status(left, right)
        self.tell_about()

    def read_about(self) -> None:
        """What the part under the cursor is made of."""
        row = self.table.cursor_row
        self.sheet.show(lambda width: measures.whole(row[1], width) if row is not None else ())

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter: the rows behind the part under the cursor."""
        row = self.table.cursor_row
        if row is not None and self.found is not None:
            self.app.push_screen(EvidenceScreen(self.session, self.found, self.brief_id, row[1]))


class EvidenceScreen(StackedScreen):
    """The rows in the store behind one part of a score."""

    HELP = N_(
        "The works, messages, counts or people that this part of the score was made from, what counts most first,"
        " each with its date, where it was and how much it counts. Below stands the whole text, with its row in the"
        " store. Enter opens the file of the other person, or the work where it was published."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.pop_screen", N_("Back"))]

    def __init__(self, session: Session, why: Why, brief_id: int | None, component: Component) -> None:
        self.why = why
        self.brief_id = brief_id
        self.component = component
        super().__init__(session)

    def make_table(self) -> Table:
        """The evidence."""

        def column(key: str, label: str, cells: int, text: Callable[[Piece], str], **more: Any) -> Column:
            return Column(
                key, label, cells, render=lambda _value, row: text(cast("Piece", row)), at=1, sortable=False, **more
            )

        unit = measures.unit(self.component)
        return Table(
            [
                column("at", _("When"), 10, lambda piece: day(piece.counts.at)),
                column("kind", _("Row"), 8, lambda piece: said(TABLES, piece.counts.table), drop=1),
                column("place", _("Found in"), 18, _place, drop=2),
                column("text", "", 20, _told, flex=1),
                column("amount", unit, max(8, cell_len(unit)), lambda piece: _amount(piece.counts), align="right"),
            ],
            selectable=False,
            enter="",
            empty=_("There is no evidence for this part."),
            id="main",
        )

    def on_mount(self) -> None:
        """Read it."""
        self.table.styles.height, self.sheet.styles.height = "2fr", "1fr"
        title = said(COMPONENTS, self.component.name)
        self.tell_status([(self.why.name, "title"), ("  " + title, "strong")], [])
        self.store_changed()

    def store_changed(self) -> None:
        """Read it again."""
        store, brief_id, creator_id, name = self.session.store, self.brief_id, self.why.creator_id, self.component.name

        def load() -> Sequence[Piece]:
            from kolbench.analysis import candidacy
            from kolbench.store import citing

            rows = list(candidacy.evidence(store, brief_id, creator_id, name, EVIDENCE))
            cited = citing.cited(store.reader(), ((row.table, row.id) for row in rows))
            return [Piece(key, row, cited.get((row.table, row.id))) for key, row in enumerate(rows)]

        self.ask("evidence", load, self._loaded)

    def _loaded(self, found: Sequence[Piece]) -> None:
        self.table.show(ListWindow(found))
        self.table.enter = N_("Open") if any(self._person(piece) or self._link(piece) for piece in found) else ""
        self.refresh_bindings()
        n = len(found)
        more = "+" if n == EVIDENCE else ""
        rows = ngettext("{n} piece of evidence", "{n} pieces of evidence", n).format(n=separated(n) + more)
        title = said(COMPONENTS, self.component.name)
        left: list[Span] = [(self.why.name, "title"), (f"  {title}", "strong"), (f"  {rows}", "muted")]
        self.tell_status(left, [(measures.sum_(self.component), "muted")])
        self.tell_about()

    def read_about(self) -> None:
        """The whole of the row under the cursor."""
        row = self.table.cursor_row
        self.sheet.show(lambda width: self._about(cast("Piece", row), width) if row is not None else ())

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter: the file of the other person who is or gave the evidence, or the work where it was published."""
        from kolbench.screens.creator import CreatorScreen

        if (row := self.table.cursor_row) is None:
            return
        piece = cast("Piece", row)
        if person := self._person(piece):
            self.app.push_screen(CreatorScreen(self.session, person))
        elif link := self._link(piece):
            clipboard.follow(self, link)

    def _person(self, piece: Piece) -> int | None:
        if piece.counts.table == PERSON:
            return piece.counts.id
        people = piece.said.people if piece.said else ()
        return next((person for person in people if person != self.why.creator_id), None)

    def _link(self, piece: Piece) -> str | None:
        return piece.said.url if piece.said and piece.counts.table == "post" else None

    def _about(self, piece: Piece, width: int) -> Sequence[Line]:
        found, quoted = piece.counts, piece.said
        lines = list(paragraph(found.text, width, "strong", most=2))
        if quoted and quoted.text:
            lines += paragraph(quoted.text, width, most=QUOTED)
        amount = found.amount is not None and _("{unit}: {n}").format(
            unit=measures.unit(self.component), n=_amount(found)
        )
        row = f"{said(TABLES, found.table)} {found.id}"
        told = [part for part in (day(found.at), row, _where(quoted), quoted and quoted.url, amount) if part]
        return [*lines, *paragraph(" · ".join(told), width, "muted")]


def _where(quoted: Cited | None) -> str:
    """The platform, and the room in it."""
    return "" if quoted is None else " · ".join(filter(None, (said(PLATFORMS, quoted.platform), quoted.place)))


def _place(piece: Piece) -> str:
    """The room, or else the platform."""
    return "" if piece.said is None else piece.said.place or said(PLATFORMS, piece.said.platform)


def _told(piece: Piece) -> str:
    """What counts, and the words that show it, where these aren't the same."""
    text = piece.said.text if piece.said and piece.counts.table == "activity" else None
    return f"{piece.counts.text} · {text}" if text else piece.counts.text


def _value(component: Component) -> str:
    value = component.measure.value
    return _("unknown") if value is None else f"{bar(value, measures.BAR_CELLS)} {value:.2f}"


def _figure(component: Component) -> str:
    return "" if component.measure.value is None else measures.made_from(component)


def _sample(component: Component) -> str:
    return "" if component.measure.sample is None else separated(component.measure.sample)


def _amount(found: Evidence) -> str:
    return "" if found.amount is None else measures.count(found.amount)
