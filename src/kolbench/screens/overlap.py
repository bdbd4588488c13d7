"""Overlap: how much the audiences of chosen creators share, whom they reach together, and whom to add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from kolbench.analysis import overlap, windows
from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens import figures
from kolbench.screens.lines import Line, Sheet, Span, paragraph, table
from kolbench.screens.work import WorkScreen
from kolbench.store import candidates, creators
from kolbench.widgets.cells import compact, separated

if TYPE_CHECKING:
    from textual.widget import Widget

    from kolbench.analysis.overlap import Overlap, Pair
    from kolbench.screens.session import Session
    from kolbench.store.connect import Store

ADDITIONS = 10
"""So many additions are looked for."""

PAIRS = 45
"""So many pairs are listed: all of ten creators."""


class Compared(NamedTuple):
    """A comparison, what everybody in it is called, how many follow them as their platforms tell it, the closest pairs.

    ``complete`` once additions were looked for.
    """

    found: Overlap
    names: dict[int, str]
    followers: dict[int, int | None]
    closest: Sequence[Pair]
    complete: bool


def load(
    store: Store, creator_ids: Sequence[int], by: str | None, days: int, additions: int, brief_id: int | None
) -> Compared:
    """Compare audiences, ``by`` what is known of them unless told; additions are of the brief's list. In a thread."""
    ties = overlap.ties(store, creator_ids, by or overlap.basis(store, creator_ids), days)
    found = overlap.compare(store, creator_ids, ties, additions, brief_id=brief_id)
    wanted = {*(one.creator_id for one in found.creators), *(one.creator_id for one in found.additions)}
    followers = {one: candidate.followers for one in wanted if (candidate := candidates.get(store, one))}
    names = {one: creators.name(store, one) or str(one) for one in wanted}
    return Compared(found, names, followers, found.closest(PAIRS), additions > 0)


def lines(compared: Compared, width: int) -> Iterator[Line]:
    """The comparison as lines of a width."""
    found = compared.found
    yield from paragraph(figures.whose(found), width, "strong")
    yield from paragraph(figures.exactness(found), width, "muted" if found.exact else "warn")
    yield []
    if not found.known:
        yield from paragraph(figures.nobody(found), width)
        yield []
    else:
        yield from _creators(compared, width)
        yield []
        yield from paragraph(figures.together(found), width)
        yield []
        if found.pairs:
            yield from _pairs(compared, width)
            yield []
    if found.known or found.additions:
        yield from _additions(compared, width)


def _creators(compared: Compared, width: int) -> Iterator[Line]:
    found = compared.found
    common = figures.common(found)
    order = [one.creator_id for one in found.creators] if common else []
    titles = ("#", _("Name"), _("Audience"), _("Of followers"), _("Only theirs"), _("Share"))
    yield from table(
        (*titles, *(str(place) for place, _creator in enumerate(order, 1))),
        [
            (
                str(place),
                compared.names[one.creator_id],
                figures.whole(found.whole(one.people)),
                compact(compared.followers.get(one.creator_id)),
                figures.whole(found.whole(one.alone)),
                figures.part(found.part(one.alone, one.people)),
                *(common.get(frozenset((one.creator_id, other)), "") for other in order),
            )
            for place, one in enumerate(found.creators, 1)
        ],
        width,
    )
    if common:
        yield from paragraph(
            _("Under a number: the part of the smaller of both audiences that is in the other, too."), width, "muted"
        )


def _pairs(compared: Compared, width: int) -> Iterator[Line]:
    found = compared.found
    yield from table(
        (_("Name"), _("And"), _("In both"), "Jaccard", _("Of the smaller")),
        [
            (
                compared.names[pair.one],
                compared.names[pair.other],
                figures.whole(found.whole(pair.both)),
                figures.part(found.part(pair.both, pair.either)),
                figures.part(found.part(pair.both, pair.smaller)),
            )
            for pair in compared.closest
        ],
        width,
        names=(0, 1),
    )
    if (n := len(found.pairs) - len(compared.closest)) > 0:
        yield [(ngettext("… and {n} more pair", "… and {n} more pairs", n).format(n=separated(n)), "muted")]


def _additions(compared: Compared, width: int) -> Iterator[Line]:
    found = compared.found
    if not compared.complete:
        yield [(_("Looking for whom to add …"), "muted")]
    elif not found.additions:
        yield [(_("Nobody would add anybody."), "muted")]
    else:
        yield from paragraph(_("Whom to add next, each for the most people whom the others don't reach:"), width)
        yield from table(
            ("#", _("Name"), _("Adds"), _("Reached then")),
            [
                (
                    str(place),
                    compared.names[one.creator_id],
                    figures.whole(found.whole(one.added)),
                    figures.whole(found.whole(one.reached)),
                )
                for place, one in enumerate(found.additions, 1)
            ],
            width,
        )


class OverlapScreen(WorkScreen):
    """The comparison of some creators, read in the background."""

    HELP = N_(
        "How much these creators' audiences have in common, so that ten of them don't reach the same fans ten times:"
        " each one's audience and the part only they reach, each two's common part, how many different people all"
        " reach together, and who would add the most to them, of the brief's list where there is one: nobody about"
        " whom something is decided. b changes between followers and whoever engaged with them; w chooses the days of"
        " the latter."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "basis", N_("Basis")),
        Binding("w", "window", N_("When")),
        Binding("escape", "app.pop_screen", N_("Back")),
        Binding("r", "again", N_("Compare again")),
    ]

    def __init__(self, session: Session, creator_ids: Sequence[int], brief_id: int | None = None) -> None:
        super().__init__(session)
        self.creator_ids = tuple(creator_ids)
        self.brief_id = brief_id
        self.by: str | None = None
        self.days = overlap.DAYS
        self.compared: Compared | None = None
        self.outdated = False

    def body(self) -> Iterable[Widget]:
        """One sheet."""
        yield Sheet(id="main")

    def on_mount(self) -> None:
        """Compare."""
        self.action_again()

    def store_changed(self) -> None:
        """Say so: comparing large audiences takes seconds, and a sync changes the store every few of them."""
        self.outdated = self.compared is not None
        self._tell()

    def action_again(self) -> None:
        """Compare with what is known now."""
        self.compared, self.outdated = None, False
        self._look(0)
        self._tell()

    def _look(self, additions: int) -> None:
        store, ids, by, days, brief_id = self.session.store, self.creator_ids, self.by, self.days, self.brief_id
        self.ask("overlap", lambda: load(store, ids, by, days, additions, brief_id), self._found)

    def _found(self, compared: Compared) -> None:
        first, self.compared = self.compared is None, compared
        self.by = compared.found.ties.by
        self.query_one("#main", Sheet).show(lambda width: lines(compared, width), top=first)
        self._tell()
        if not compared.complete:  # which takes longer: everybody else is looked at
            self._look(ADDITIONS)

    def _tell(self) -> None:
        n = len(self.creator_ids)
        left: list[Span] = [(ngettext("{n} creator", "{n} creators", n).format(n=n), "strong")]
        if self.by is not None:
            left += [("  ", "plain"), (f"[{_('followers') if self.by == 'followers' else _('who engaged')}]", "chip")]
        if self.by == "engaged":
            length = ngettext("{n} day", "{n} days", self.days).format(n=self.days) if self.days else _("all there is")
            left += [("  ", "plain"), (f"[{length}]", "chip")]
        news = _("comparing …") if self.compared is None else _("new data since: r compares again")
        self.tell_status(left, [(news, "warn")] if self.compared is None or self.outdated else None)

    def action_basis(self) -> None:
        """Change between followers and whoever engaged."""
        self.by = "engaged" if self.by == "followers" else "followers"
        self.action_again()

    def action_window(self) -> None:
        """Choose the days of those who engaged."""
        from kolbench.screens.choose import Choice, Choose

        def chosen(days: str | None) -> None:
            if days is not None:
                self.by, self.days = "engaged", int(days)
                self.action_again()

        choices = [Choice(str(n), ngettext("{n} day", "{n} days", n).format(n=n)) for n in windows.DAYS]
        choices.append(Choice("0", _("all there is")))
        self.app.push_screen(Choose(_("The last …"), choices, str(self.days)), chosen)
