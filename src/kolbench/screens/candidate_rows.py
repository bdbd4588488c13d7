"""The rows of the candidate list and its columns: everybody's by the general score, or a brief's ranking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rich.cells import cell_len

from kolbench.domain.clock import now
from kolbench.domain.lang import _
from kolbench.screens.brief_words import PIPELINE
from kolbench.screens.words import LABELS, PLATFORMS, TIERS, said
from kolbench.widgets.cells import ago, bar, compact, near, percent
from kolbench.widgets.columns import Column

if TYPE_CHECKING:
    from kolbench.store.briefs import Row as BriefRow
    from kolbench.store.candidates import Candidate, CandidateWindow
    from kolbench.store.decisions import Decision

UNKNOWN = "·"

GENERAL = ("reach", "engagement", "voice", "growth", "activity")
"""The parts of the general score, in the order of their bars."""

YIELDING = (
    "followers", "active", "growth", "place", "engagement", "platform", "voice", "tier", "known", "kind",
)  # fmt: skip
"""Columns of everybody that give way on a narrow screen, the last one first."""

YIELDING_OF_BRIEF = (
    "parts", "followers", "growth", "engagement", "fans", "known", "active", "tier", "portability", "potential",
    "platform", "owner", "place", "tags", "source",
)  # fmt: skip
"""Likewise of a brief: who it is, of which kind, how well they fit, the score and the state stay."""

YIELDING_WIDE = (
    "followers", "growth", "engagement", "active", "known", "kind", "tier", "voice", "platform", "place", "parts",
)  # fmt: skip
"""Likewise of everybody where there is room for a sheet: it shows the parts of the score, and so do the columns."""

YIELDING_WIDE_OF_BRIEF = (
    "followers", "growth", "engagement", "fans", "known", "active", "tier", "portability", "potential",
    "platform", "owner", "parts", "tags", "source", "place",
)  # fmt: skip
"""Likewise of a brief where there is room for a sheet."""

TELLING = {
    "followers": "followers", "growth": "growth", "engagement": "engagement", "voice": "voice", "fans": "fans_score",
    "portability": "portability_score", "potential": "potential_score", "active": "last_active_at",
}  # fmt: skip
"""Columns that may be empty in a whole list, and the value that each shows: those give way before all others."""


class Chosen(NamedTuple):
    """The brief whose candidates are shown, and the parts of its score, what weighs most first.

    ``unmatched``: nobody has a word of its topic. ``examples`` are the people like whom others are looked for.
    """

    row: BriefRow
    parts: Sequence[str]
    unmatched: bool = False
    examples: frozenset[int] = frozenset()

    @property
    def id(self) -> int:
        """The brief's own number."""
        return self.row.id


class Listed(NamedTuple):
    """One row: key, place, the person, and of a brief what was decided about them, their owner, tags and sources."""

    creator_id: int
    place: int
    found: Candidate
    decision: Decision | None
    owner: str
    tags: str = ""
    sources: str = ""


class Ranked:
    """The window over the candidates with each one's place in the order behind their key."""

    def __init__(self, window: CandidateWindow) -> None:
        self._window = window
        self._told: set[str] = set()

    @property
    def empty(self) -> frozenset[str]:
        """The columns of ``TELLING`` in which no row that was read has a value."""
        return frozenset(TELLING) - self._told

    def count(self) -> int:
        """How many there are."""
        return self._window.count()

    def glance(self) -> Sequence[Listed]:
        """The first rows, where they are known before all are counted."""
        return self._listed(self._window.glance(), 0)

    def abandon(self) -> None:
        """Count no more."""
        self._window.abandon()

    def rows(self, start: int, stop: int) -> Sequence[Listed]:
        """The rows with what was decided about each."""
        return self._listed(self._window.rows(start, stop), max(0, start))

    def _listed(self, found: Sequence[Candidate], start: int) -> Sequence[Listed]:
        store, brief_id = self._window.store, self._window.brief_id
        self._told |= {key for key, name in TELLING.items() if any(getattr(one, name) is not None for one in found)}
        if brief_id is None:
            return [Listed(one.creator_id, place, one, None, "") for place, one in enumerate(found, start + 1)]
        from kolbench.store import decisions, owners, sources, tags

        ids = [one.creator_id for one in found]
        decided, owned = decisions.current(store, brief_id, ids), owners.of(store, ids)
        tagged, brought = tags.of(store, ids), sources.of(store, ids)
        return [
            Listed(
                who := one.creator_id,
                place,
                one,
                decided.get(who),
                owned.get(who, ""),
                " ".join(f"#{name}" for name in tagged.get(who, ())),
                _(", ").join(brought.get(who, ())),
            )
            for place, one in enumerate(found, start + 1)
        ]

    def find(self, key: object) -> int | None:
        """Where a creator stands, where that is cheap to say."""
        return self._window.position(key) if isinstance(key, int) else None

    def close(self) -> None:
        """Nothing is held."""


def columns(
    total: int,
    brief: Chosen | None,
    state: Callable[[Listed], str],
    order: str,
    *,
    wide: bool = False,
    empty: Collection[str] = (),
) -> list[Column]:
    """The columns of a list of ``total`` people, the dispensable ones marked so; ``state`` is what a row's is now. That
    of the ``order`` stays.

    ``wide`` is a screen with room for a sheet beside the list; columns that are ``empty`` give way before all others.
    """
    at = now()
    digits = max(3, len(str(total)))
    state = state if brief is None else _or_example(state, brief.examples)
    parts = GENERAL if brief is None else brief.parts
    gone: Sequence[str]
    if brief is None:
        gone = YIELDING_WIDE if wide else YIELDING
    else:
        gone = YIELDING_WIDE_OF_BRIEF if wide else YIELDING_OF_BRIEF

    def drop(key: str) -> int:
        if key == order or key not in gone:
            return 0
        return gone.index(key) + 1 + (len(gone) if key in empty else 0)

    def column(key: str, label: str, width: int, text: Any, align: Any = "left", *, sorts: bool = True) -> Column:
        flex = 1 if key == "name" else 0
        return Column(key, label, width, align, lambda found, _row: text(found), 2, flex, drop(key), sorts)

    def part(key: str, label: str) -> Column:
        return column(key, label, max(4, cell_len(label)), lambda c: hundredths(getattr(c, f"{key}_score")), "right")

    def more(key: str, label: str, width: int, place: int, render: Any = None) -> Column:
        return Column(key, label, width, "left", render, place, 0, drop(key), False)

    tiers, states = (
        max(cell_len(_(word)) for word in words) for words in (list(TIERS.values())[:-1], PIPELINE.values())
    )
    every = [
        Column("place", "#", digits, "right", lambda place, _row: str(place), 1, 0, drop("place"), False),
        column("name", _("Name"), 16, lambda c: c.name),
        column("platform", _("Platform"), 11, lambda c: said(PLATFORMS, c.platform), sorts=False),
        column("kind", _("Kind"), 4, lambda c: UNKNOWN if c.kind == "unknown" else said(LABELS, c.kind), sorts=False),
        column(
            "tier", _("Tier"), tiers, lambda c: UNKNOWN if c.tier == "unknown" else said(TIERS, c.tier), sorts=False
        ),
        column("followers", _("Followers"), 9, followers, "right"),
        column("growth", _("30 days"), 7, lambda c: signed(c.growth), "right"),
        column("engagement", _("Engaged"), 7, lambda c: known(percent(c.engagement)), "right"),
    ]
    if brief is None:
        every.append(column("voice", _("Voice"), 6, lambda c: known(compact(c.voice)), "right"))
    else:
        every += [
            part("fit", _("Fit")),
            part("fans", _("Fans")),
            part("portability", _("Portable")),
            part("potential", _("Potential")),
        ]
    every += [
        column("score", _("Score"), 6, lambda c: f"{c.score:.1f}", "right"),
        column("parts", _("Parts"), max(5, len(parts)), lambda c: bars(c, parts), sorts=False),
        column("known", _("Known"), 5, lambda c: f"{c.confidence:.0%}", "right", sorts=False),
        column("active", _("Active"), 7, lambda c: known(ago(c.last_active_at, at)), "right"),
    ]
    if brief is not None:
        every += [
            more("state", _("State"), states, 3, lambda _value, row: state(cast("Listed", row))),
            more("owner", _("Owner"), 10, 4),
            more("tags", _("Tags"), 12, 5),
            more("source", _("Source"), 14, 6),
        ]
    return every


def state_of(row: Listed) -> str:
    """What was decided about a row's person, in the store's word."""
    return row.decision.state if row.decision is not None else "undecided"


def _or_example(state: Callable[[Listed], str], examples: frozenset[int]) -> Callable[[Listed], str]:
    """The state, or where there is none that the person is an example of the brief."""
    return lambda row: state(row) or (_("example") if row.creator_id in examples else "")


def state_word(state: str) -> str:
    """A state in a list: nothing for somebody about whom nothing is decided."""
    return "" if state == "undecided" else said(PIPELINE, state)


def tier_word(found: Candidate) -> str:
    """How big somebody is by their followers."""
    return UNKNOWN if found.tier == "unknown" else said(TIERS, found.tier)


def followers(found: Candidate) -> str:
    """The followers, marked where the source rounded them."""
    return UNKNOWN if found.followers is None else near(found.followers_pm) + compact(found.followers)


def bars(found: Candidate, parts: Sequence[str]) -> str:
    """The parts of the score as a bar each."""
    return "".join(UNKNOWN if value is None else bar(value) for value in (part(found, name) for name in parts))


def part(found: Candidate, name: str) -> float | None:
    """The value of a part of somebody's score; None where it is not known."""
    if name == "inside":
        return float(found.inside)
    value: float | None = getattr(found, f"{name}_score", None)
    if value is None and found.extra is not None:
        import json

        value = json.loads(found.extra).get(name)
    return value


def hundredths(value: float | None) -> str:
    """A value from 0 to 1 in hundredths."""
    return UNKNOWN if value is None else f"{100 * value:.0f}"


def known(text: str) -> str:
    """``text``, or the mark for what nobody has told us."""
    return text or UNKNOWN


def signed(share: float | None) -> str:
    """A growth with its sign."""
    return UNKNOWN if share is None else f"{share:+.1%}"
