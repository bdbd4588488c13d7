"""Who would move by rules, from where to where, when and why: a dry run, and what makes it true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.words import labelled
from kolbench.programme import rule_sets as writing
from kolbench.programme import stages
from kolbench.programme.local import local_day
from kolbench.screens import ladder_words
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.lines import columns as side_by_side
from kolbench.screens.telling import LADDERS, MOVES
from kolbench.screens.view import Item, Listing, View, columns
from kolbench.screens.words import said
from kolbench.store import creators, ladders, rule_sets
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.domain.rule_sets import RuleSet
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.ladders import Move
    from kolbench.widgets.columns import Column

NOBODY = "–"


class Asked(NamedTuple):
    """The rules that are asked, and the version in force (None: there is none)."""

    rules: RuleSet
    newest: rule_sets.Version | None


class MovesView(View):
    """By the rules in force, or by others: a ``draft`` that began with version ``base``, or an older ``version``."""

    live = False

    def __init__(self, draft: RuleSet | None = None, base: int | None = None, *, version: int | None = None) -> None:
        super().__init__()
        self.draft, self.base, self.version = draft, base, version
        self.empty = N_("Nobody would move: all stand where the rules put them. Esc goes back.")
        if self.other:
            self.empty = N_("Nobody would move by these rules. y puts them in force.")

    @property
    def other(self) -> bool:
        """Whether other rules are asked than those in force."""
        return self.draft is not None or self.version is not None

    def named(self) -> str:
        """By which rules."""
        if self.draft is not None:
            return _("Who would move by {name}").format(name=self.draft.name)
        if self.version is not None:
            return _("Who would move by version {n}").format(n=self.version)
        return _("Who would move now")

    def columns(self) -> list[Column]:
        """Who, from where to where, when and why."""
        return columns(
            (_("Who"), 12, {"flex": 1}),
            ("", 6, {"drop": 2}),
            (_("From"), 8),
            (_("To"), 8),
            (_("When"), 10),
            (_("Why"), 20, {"flex": 3}),
        )

    def window(self, store: Store) -> Listing:
        """All moves are worked out at once, and kept; names are read as they come in sight."""
        asked: list[Asked] = []

        def order() -> list[Move]:
            found = self.asked(store)
            asked.append(found)
            return list(stages.moves(store, found.rules, now(), demote=True))

        return Listing(order, lambda moves: _items(store, asked[-1].rules, moves))

    def asked(self, store: Store) -> Asked:
        """The rules in question. Raises UsageError where there are none."""
        newest = rule_sets.in_force(store)
        rules = self.draft or rule_sets.require(store, self.version).rules
        return Asked(rules, newest)

    def about(self, store: Store, item: Item | None) -> Write:
        """The figures on which a move rests; below them what other rules say otherwise than those in force."""
        found = self.asked(store)
        changed = writing.differences(found.newest and found.newest.rules, found.rules) if self.other else ()
        move: Move | None = item.found if item is not None else None
        name = creators.name(store, move.creator_id) if move is not None else None

        def write(width: int) -> Iterator[Line]:
            if move is not None:
                yield [(name or "", "title")]
                yield from _about(found.rules, move, width)
                yield []
            if self.other:
                from kolbench.screens.programme.rules import changes

                yield from paragraph(_("y puts these rules in force."), width, "strong")
                yield from changes(changed, width)

        return write

    def acts(self) -> Mapping[str, Act]:
        """Make it true."""
        return {"confirm": self._apply if self.other else self._move}

    def _move(self, desk: DeskScreen, _item: Item | None) -> None:
        from kolbench.screens.choose import Choice, Choose

        store = desk.session.store

        def read() -> tuple[Counter[bool], int]:
            found = rule_sets.require(store)
            ways = Counter(one.how in stages.DOWN for one in stages.moves(store, found.rules, now(), demote=True))
            return ways, found.version

        def offer(known: tuple[Counter[bool], int]) -> None:
            ways, version = known
            if not ways:
                desk.notify(_("Nobody would move."), timeout=3)
                return
            up, all_ = ways[False], ways.total()
            choices = [Choice("no", _("Leave it"))]
            if up:
                text = ngettext("Promote {n} person", "Promote {n} people", up)
                choices.append(Choice("up", text.format(n=separated(up))))
            if ways[True]:
                text = ngettext("Move {n} person, also down", "Move {n} people, also down", all_)
                choices.append(Choice("all", text.format(n=separated(all_))))

            def chosen(answer: str | None) -> None:
                if answer in ("up", "all"):
                    desk.act(_moving(demote=answer == "all"), _("They are moved."))

            title = _("Move them by version {n}?").format(n=version)
            desk.app.push_screen(Choose(title, choices), chosen)

        desk.ask("moves", read, offer, keys_wait=True)

    def _apply(self, desk: DeskScreen, _item: Item | None) -> None:
        from kolbench.screens.programme.asking import ask_whether

        store = desk.session.store

        def act(store: Store, author: str) -> int:
            found = self.asked(store)
            base = self.base if self.draft is not None else None
            return stages.put_in_force(store, found.rules, author, base)[0]

        def done(version: int) -> None:
            desk.leave()
            text = _("Version {n} is in force. To go back, choose the version before and press y there.")
            desk.done(text.format(n=version), back=False)

        def sure(found: Asked) -> None:
            title = _("Put {name} in force?").format(name=found.rules.name)
            yes = _("Put it in force, and promote who can be")
            ask_whether(desk, title, yes, lambda: desk.write((), act, done))

        desk.ask("asked", lambda: self.asked(store), sure, keys_wait=True)


def _moving(*, demote: bool) -> Callable[[Store, str], int]:
    def act(store: Store, author: str) -> int:
        found, at = rule_sets.require(store), now()
        moves = stages.moves(store, found.rules, at, demote=demote)
        return ladders.decide(store, list(moves), found.version, at, author)

    return act


def _items(store: Store, rules: RuleSet, moves: Sequence[Move]) -> list[Item]:
    names = creators.names(store, [one.creator_id for one in moves])
    later = stages.next_time(rules, now())
    return [
        Item(
            one,
            (
                names.get(one.creator_id, ""),
                _(LADDERS[one.ladder]),
                *_rungs(rules, one),
                _when(one, later),
                stages.why(rules, one, ladder_words.figure),
            ),
            "alert" if one.how in stages.DOWN else None,
            one.creator_id,
            one,
        )
        for one in moves
    ]


def _rungs(rules: RuleSet, move: Move) -> tuple[str, str]:
    """From where to where, by their titles."""
    before = NOBODY if move.before is None else writing.title(rules, move.ladder, move.before)
    return before, writing.title(rules, move.ladder, move.after)


def _when(move: Move, later: int | None) -> str:
    if move.how not in stages.DOWN:
        return _("at once")
    return _("never") if later is None else local_day(later)


def _about(rules: RuleSet, move: Move, width: int) -> Iterator[Line]:
    before, after = _rungs(rules, move)
    text = labelled(_(LADDERS[move.ladder]), f"{before} → {after} ({said(MOVES, move.how)})")
    yield from paragraph(text, width, "strong")
    yield from paragraph(stages.why(rules, move, ladder_words.figure), width)
    yield []
    for figure, value in move.figures.items():
        name = said(ladder_words.FIGURES, figure)
        shown = NOBODY if value is None else ladder_words.rounded(figure, value)
        yield side_by_side((name, max(8, width - 15), "muted"), (shown, 14, "plain", "right"))
