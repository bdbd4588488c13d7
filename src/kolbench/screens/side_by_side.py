"""Two to four people side by side: the same facts and parts of the score in every line, the best of each marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _
from kolbench.screens import why
from kolbench.screens.brief_words import PIPELINE
from kolbench.screens.lines import Line, Sheet, Span
from kolbench.screens.lines import columns as cells
from kolbench.screens.why import Why
from kolbench.screens.words import COMPONENTS, LABELS, PLATFORMS, TIERS, said
from kolbench.screens.work import WorkScreen
from kolbench.store import candidates, decisions, owners, tags
from kolbench.store.candidates import Candidate
from kolbench.store.decisions import Decision
from kolbench.widgets.cells import bar, compact, near, percent, since, unicode_terminal

if TYPE_CHECKING:
    from textual.events import Resize
    from textual.widget import Widget

    from kolbench.domain.scoring import Measure
    from kolbench.screens.session import Session
    from kolbench.store.connect import Store

OTHERS = Binding.Group(N_("Others"))
LABEL_CELLS = 17
LEAST_CELLS = 20
"""A person's column is no narrower: rather fewer are shown at once."""

BAR_CELLS = 6


class Side(NamedTuple):
    """One of those who are compared: what the list says of them, their score, and what was decided."""

    why: Why
    candidate: Candidate | None
    decision: Decision | None
    owner: str
    tags: Sequence[str]


class Fact(NamedTuple):
    """One line: what a side shows, and the number by which the best is found (None: not compared, or unknown)."""

    label: str
    text: Callable[[Side], str]
    number: Callable[[Side], float | None] = lambda side: None


def load(store: Store, brief_id: int | None, creator_ids: Iterable[int]) -> list[Side]:
    """Read all about each, the best first. Call it in a thread."""
    ids = list(creator_ids)
    decided = decisions.current(store, brief_id, ids) if brief_id is not None else {}
    owned, tagged = owners.of(store, ids), tags.of(store, ids)
    sides = [
        Side(
            why.load(store, brief_id, one),
            candidates.get(store, one),
            decided.get(one),
            owned.get(one, ""),
            tagged.get(one, ()),
        )
        for one in ids
    ]
    return sorted(sides, key=lambda side: -(side.why.score.total if side.why.score else 0))


def lines(sides: Sequence[Side], at: int, width: int) -> Iterator[Line]:
    """The sides as lines of a width, a line a fact."""
    room = max(1, (width - LABEL_CELLS) // max(1, len(sides)) - 1)
    yield _row("", [(f"  {side.why.name}", "title") for side in sides], room)
    for label, facts in ((None, _facts(at)), (_("Parts"), _parts(sides)), (_("Ours"), _ours())):
        if label is not None:
            yield []
            yield [(label, "strong")]
        for fact in facts:
            numbers = [fact.number(side) for side in sides]
            known = [number for number in numbers if number is not None]
            best = max(known) if len(known) > 1 and max(known) > min(known) else None
            shown = [
                _marked(fact.text(side), best is not None and number == best) for side, number in zip(sides, numbers)
            ]
            yield _row(fact.label, shown, room)


def _row(label: str, shown: Sequence[Span], room: int) -> Line:
    line = cells((label, LABEL_CELLS - 1, "muted"), *((text, room, name) for text, name in shown))
    return [*line, (" ", "plain")]


def _marked(text: str, best: bool) -> Span:
    """A cell; the best of its line is marked, and bold."""
    star = "★" if unicode_terminal() else "*"
    return (f"{star} {text}", "strong") if best else (f"  {text}", "plain")


def _facts(at: int) -> Iterator[Fact]:
    def of(text: Callable[[Candidate], str]) -> Callable[[Side], str]:
        return lambda side: (text(side.candidate) if side.candidate is not None else "") or "·"

    def by(number: Callable[[Candidate], float | None]) -> Callable[[Side], float | None]:
        return lambda side: number(side.candidate) if side.candidate is not None else None

    def score(side: Side) -> float | None:
        return side.why.score and side.why.score.total

    def known(side: Side) -> float | None:
        return side.why.score and side.why.score.confidence

    yield Fact(_("Score"), lambda side: "·" if score(side) is None else f"{score(side):.1f}", score)
    yield Fact(_("Known"), lambda side: "·" if known(side) is None else f"{known(side):.0%}", known)
    yield Fact(_("Platform"), of(lambda c: " ".join((said(PLATFORMS, c.platform), f"@{c.handle}" if c.handle else ""))))
    yield Fact(_("Kind"), of(lambda c: "" if c.kind == "unknown" else said(LABELS, c.kind)))
    yield Fact(_("Tier"), of(lambda c: said(TIERS, c.tier)))
    yield Fact(_("Field"), of(lambda c: c.category or ""))
    yield Fact(_("Region"), of(lambda c: c.region or ""))
    yield Fact(_("Followers"), of(lambda c: near(c.followers_pm) + compact(c.followers)), by(lambda c: c.followers))
    yield Fact(_("30 days"), of(lambda c: "" if c.growth is None else f"{c.growth:+.1%}"), by(lambda c: c.growth))
    yield Fact(_("Engaged"), of(lambda c: percent(c.engagement)), by(lambda c: c.engagement))
    yield Fact(_("Active"), of(lambda c: since(c.last_active_at, at)))


def _parts(sides: Sequence[Side]) -> Iterator[Fact]:
    """The parts of the score, what weighs most first."""
    weighed = {one.name: one.weight for side in sides if side.why.score for one in side.why.score.components}

    def part(name: str) -> Fact:
        def measure(side: Side) -> Measure | None:
            found = side.why.score.components if side.why.score is not None else ()
            return next((one.measure for one in found if one.name == name), None)

        def value(side: Side) -> float | None:
            found = measure(side)
            return found.value if found is not None else None

        def text(side: Side) -> str:
            found = value(side)
            return _("unknown") if found is None else f"{bar(found, BAR_CELLS)} {found:.2f}"

        return Fact(f"{said(COMPONENTS, name)} {weighed[name]:.0%}", text, value)

    yield from map(part, sorted(weighed, key=lambda name: -weighed[name]))


def _ours() -> Iterator[Fact]:
    yield Fact(_("State"), lambda side: said(PIPELINE, side.decision.state if side.decision else "undecided"))
    yield Fact(_("Reason"), lambda side: (side.decision.reason if side.decision else "") or "·")
    yield Fact(_("Owner"), lambda side: side.owner or "·")
    yield Fact(_("Tags"), lambda side: " ".join(f"#{tag}" for tag in side.tags) or "·")


class SideBySideScreen(WorkScreen):
    """The people who were marked, as many at a time as there is room for."""

    HELP = N_(
        "The same facts and parts of the score of two to four people, a line each; the best of a line is marked. A part"
        " that is not known is never the best. Where there is no room for all, left and right show the others."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "shift(-1)", N_("Others to the left"), key_display="←", group=OTHERS),
        Binding("l,right", "shift(1)", N_("Others to the right"), key_display="→", group=OTHERS),
        Binding("c,escape", "app.pop_screen", N_("Back")),
    ]

    def __init__(self, session: Session, creator_ids: Sequence[int], brief_id: int | None = None) -> None:
        super().__init__(session)
        self.creator_ids = creator_ids
        self.brief_id = brief_id
        self.sides: Sequence[Side] = ()
        self.first = 0

    def body(self) -> Iterable[Widget]:
        """One sheet with all columns."""
        yield Sheet(id="main")

    def on_mount(self) -> None:
        """Read about them."""
        self.store_changed()

    def on_resize(self, event: Resize) -> None:
        """Another width has room for more or fewer."""
        self._show()

    def store_changed(self) -> None:
        """Read it again."""
        store, brief_id, ids = self.session.store, self.brief_id, self.creator_ids
        self.ask("sides", lambda: load(store, brief_id, ids), self._loaded)

    def _loaded(self, sides: Sequence[Side]) -> None:
        self.sides = sides
        self._show()

    def _room(self) -> int:
        """How many fit."""
        return max(1, min(len(self.sides), (self.size.width - 2 - LABEL_CELLS) // (LEAST_CELLS + 1)))

    def _show(self) -> None:
        if not self.sides:
            return
        room, at = self._room(), now()
        self.first = max(0, min(self.first, len(self.sides) - room))
        shown = self.sides[self.first : self.first + room]
        self.query_one("#main", Sheet).show(lambda width: lines(shown, at, width), top=False)
        brief = self.sides[0].why.brief or _("general score")
        left: list[Span] = [(_("Side by side"), "title"), (f"  {brief}", "muted")]
        right: list[Span] = []
        if room < len(self.sides):
            told = _("{first}–{last} of {all}, ← → for the others")
            right = [(told.format(first=self.first + 1, last=self.first + room, all=len(self.sides)), "warn")]
        self.tell_status(left, right)

    def action_shift(self, step: int) -> None:
        """Show others."""
        self.first += step
        self._show()
