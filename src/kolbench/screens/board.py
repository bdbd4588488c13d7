"""A leaderboard as the screen shows it: its place, window and columns, and the evidence of one number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kolbench.analysis import leaderboards as ranking
from kolbench.domain.lang import _, ngettext
from kolbench.screens.lines import Line, columns
from kolbench.screens.words import DEFINITIONS, KINDS, PLATFORMS, TIERS, said
from kolbench.store import leaderboards
from kolbench.store.leaderboards import Entry, Key, LeaderboardRun, Scope, Window
from kolbench.widgets.cells import day, movement, near, separated, since, wrap
from kolbench.widgets.columns import Column

if TYPE_CHECKING:
    from kolbench.store.connect import Store

USUAL = -1
"""Instead of a number of days: the window that suits the material."""

OF_FOLLOWERS = ("reach", "followers_gained")
"""What is counted from follower counts, and no more exact than those are."""


@dataclass(frozen=True)
class Board:
    """What is shown: the place, what is counted in which window, and the run that answers it, if there is one."""

    scope: Scope
    place: str
    metric: str
    window: Window | None
    run: LeaderboardRun | None


def find_board(store: Store, scope: Scope | None, metric: str | None, days: int) -> Board:
    """The board of a choice; what isn't chosen (None, ``USUAL``) is what suits the store. Call it in a thread."""
    if scope is None:
        liveliest = next(iter(leaderboards.communities(store)), None)
        scope = Scope("community", liveliest.id) if liveliest else Scope()
    if metric is None or all(metric != one.id for one in ranking.metrics_for(scope)):
        metric = ranking.default_metric(store, scope)
    if days == USUAL:
        window = ranking.default_window(store, scope, metric)
    else:
        window = ranking.window(store, scope, metric, days or None)
    run = leaderboards.latest(store, Key(scope, metric, window)) if window else None
    return Board(scope, leaderboards.place(store, scope) or _("everywhere"), metric, window, run)


def board_columns(run: LeaderboardRun | None) -> list[Column]:
    """The columns of a run; nothing has moved where there is no window before."""
    compared = run is not None and run.previous_people > 0
    digits = max(3, len(str(run.people if run else 0)))

    def moved(entry: Entry) -> str:
        return movement(entry.rank, entry.previous_rank) if compared else ""

    def counted(entry: Entry, value: int | None) -> str:
        rounded = run is not None and run.key.metric in OF_FOLLOWERS and entry.followers_pm
        return "" if value is None else near(rounded or None) + separated(value)

    def of(text: Any) -> Any:
        return lambda _value, entry: text(entry)

    return [
        Column("rank", "#", digits, "right", of(lambda e: str(e.rank)), sortable=False),
        Column("moved", _("Moved"), 5, "right", of(moved), sortable=False),
        Column("name", _("Name"), 20, render=of(lambda e: e.name), flex=1, sortable=False),
        Column("platform", _("Platform"), 11, render=of(lambda e: said(PLATFORMS, e.platform)), drop=3, sortable=False),
        Column("value", _("Value"), 11, "right", of(lambda e: counted(e, e.value)), sortable=False),
        Column("before", _("Before"), 11, "right", of(lambda e: counted(e, e.previous_value)), drop=2, sortable=False),
        Column("followers", _("Followers"), 12, "right", of(followers), drop=4, sortable=False),
        Column("tier", _("Tier"), 7, render=of(lambda e: said(TIERS, e.tier or "unknown")), drop=5, sortable=False),
        Column("score", _("Score"), 5, "right", of(lambda e: "" if e.score is None else f"{e.score:.1f}"), drop=6),
    ]


def followers(entry: Entry) -> str:
    """The followers, marked where the source rounded them; nothing where nobody counted them."""
    return "" if entry.followers is None else near(entry.followers_pm) + separated(entry.followers)


def evidence_lines(entry: Entry, metric: str, found: ranking.Evidence, at: int, width: int) -> Iterator[Line]:
    """What one number was counted from, as lines."""
    yield [(entry.name, "title")]
    text = _("{what}: {more}").format(what=ranking.METRICS[metric].title(), more=separated(found.value))
    yield columns((text, max(0, width - 8), "strong"), (f"#{entry.rank}", 7, "muted", "right"))
    for part in wrap(said(DEFINITIONS, metric), width):
        yield [(part, "muted")]
    if found.value != entry.value:
        yield [(_("Counted now; the list says {value}.").format(value=separated(entry.value)), "warn")]
    if entry.previous_value is not None:
        text = _("Before: {value}, place {rank}")
        yield [(text.format(value=separated(entry.previous_value), rank=entry.previous_rank), "muted")]
    yield []
    rows = ngettext("{n} piece of evidence", "{n} pieces of evidence", found.total).format(n=separated(found.total))
    people = ngettext("from {n} person", "from {n} people", found.people).format(n=separated(found.people))
    yield [(_("{rows}, {people}").format(rows=rows, people=people), "strong")]
    for row in found.rows:
        yield columns((row.who, max(8, width - 9), "plain"), (since(row.at, at), 8, "muted", "right"))
        value = near(row.plus_minus) + separated(row.value) if row.value != 1 or row.plus_minus else ""
        place, text = _where(row, metric)
        parts = (day(row.at), said(KINDS, row.kind), value, place)
        yield [("  " + " · ".join(part for part in parts if part), "muted")]
        for part in wrap(text, width - 2)[:2]:
            if part:
                yield [("  " + part, "plain")]
    if found.total > len(found.rows):
        yield [(_("… and {n} older ones").format(n=separated(found.total - len(found.rows))), "muted")]


def _where(row: ranking.EvidenceRow, metric: str) -> tuple[str, str]:
    """Where a piece of evidence was found, and in which words; a platform under its name."""
    place, text = row.place or "", row.text or ""
    if metric in OF_FOLLOWERS:
        return place, said(PLATFORMS, text)
    return said(PLATFORMS, place) if metric == "interactions" else place, text
