"""Who is most influential in a community, a source or everywhere, in a window, and who has moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.analysis import windows
from kolbench.analysis.metrics import sql
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import leaderboards
from kolbench.store.leaderboards import Key, Place, Ranking, Scope, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import LeaderboardRun

    Progress = Callable[[float], object]
    Row = tuple[Any, ...]

ENTRIES = 10_000
"""So many places are kept; everybody is ranked."""

_ANYWHERE = ("community", "source", "all")
_OUTSIDE = ("source", "all")


@dataclass(frozen=True)
class Metric:
    """A number by which people are ranked; its definition is ``metrics/leaderboard_<id>.sql``.

    ``material`` is what it counts, ``exclusions`` whom it leaves out. ``version`` changes with the definition.
    """

    id: str
    title: Callable[[], str]
    scopes: Sequence[str]
    material: str
    evidence: str
    exclusions: Sequence[str] = ("bots", "staff")
    version: int = 1


_OTHERS = ("bots", "staff", "self")

METRICS: dict[str, Metric] = {
    metric.id: metric
    for metric in (
        Metric("voices", lambda: _("People who addressed them"), _ANYWHERE, "activity", "addressed", _OTHERS),
        Metric("thanks", lambda: _("Thanks received"), _ANYWHERE, "activity", "addressed", _OTHERS),
        Metric("koc", lambda: _("Helpfulness (KOC)"), _ANYWHERE, "activity", "koc", _OTHERS),
        Metric("messages", lambda: _("Messages sent"), _ANYWHERE, "message", "messages"),
        Metric("reach", lambda: _("Followers"), _OUTSIDE, "followers", "reach"),
        Metric("followers_gained", lambda: _("Followers gained"), _OUTSIDE, "followers", "followers_gained"),
        Metric("interactions", lambda: _("Likes, comments and shares"), _OUTSIDE, "post", "interactions"),
    )
}


class EvidenceRow(NamedTuple):
    """One thing that was counted: who did it and when (ms), where, in which words, and what it counts for.

    ``creator_id`` is theirs who did it. The values of all rows add up to the person's, except for ``voices``,
    which counts the people among them once each.
    """

    at: int
    creator_id: int
    who: str
    kind: str
    place: str | None
    text: str | None
    value: int
    plus_minus: int


@dataclass(frozen=True)
class Evidence:
    """What a person's number was counted from: its first rows, and how many rows and people there are.

    Counted now: where the run is outdated it may say more than the run does.
    """

    rows: Sequence[EvidenceRow]
    total: int
    people: int
    value: int


def metric(metric_id: str) -> Metric:
    """The metric of that id. Raises UsageError, naming those there are."""
    found = METRICS.get(metric_id)
    if found is None:
        raise UsageError(
            _("There is no metric '{metric}'. Metrics: {names}.").format(metric=metric_id, names=", ".join(METRICS))
        )
    return found


def metrics_for(scope: Scope) -> list[Metric]:
    """The metrics that make sense in a scope."""
    return [metric for metric in METRICS.values() if scope.kind in metric.scopes]


def default_metric(store: Store, scope: Scope) -> str:
    """``voices`` where people talk to each other, else the first of the others there is material for."""
    for candidate in metrics_for(scope):
        if windows.anything(store, scope, candidate.material):
            return candidate.id
    return "voices"


def default_window(store: Store, scope: Scope, metric_id: str) -> Window | None:
    """The window to begin with (see ``windows.default``); None when there is nothing to count."""
    return windows.default(store, scope, metric(metric_id).material)


def window(store: Store, scope: Scope, metric_id: str, days: int | None) -> Window | None:
    """The last ``days`` (None: all) up to the newest observation; None when there is nothing to count."""
    whole = windows.extent(store, scope, metric(metric_id).material)
    return None if whole is None else windows.last(whole, days)


def compute(store: Store, key: Key, progress: Progress | None = None) -> int:
    """Rank people by ``key``, keep the result and return its run's id.

    ``progress`` is told the share done, 0 to 1, every few ms; what it raises stops the computation, which then
    leaves nothing behind. Raises UsageError when the metric makes no sense in that scope, or the window is empty.
    """
    chosen = metric(key.metric)
    if key.scope.kind not in chosen.scopes:
        raise UsageError(
            _("'{metric}' can't be counted in a community. Metrics there: {names}.").format(
                metric=chosen.id, names=", ".join(m.id for m in metrics_for(key.scope))
            )
        )
    if key.window.start >= key.window.stop:
        raise UsageError(_("The window ends before it begins."))
    tell = progress or (lambda share: None)
    basis = leaderboards.basis(store, key.scope)
    with leaderboards.watched(store.reader(), lambda: tell(0.0)):
        places, people = _leading(store, chosen, key)
    with leaderboards.watched(store.reader(), lambda: tell(0.4)):
        places, previous_people = _compared(store, chosen, key, places)
    ranking = Ranking(places, people, previous_people, chosen.version, chosen.exclusions, basis)
    return leaderboards.save(store, key, ranking, lambda share: tell(0.9 + share / 10))


def evidence(store: Store, run_id: int, creator_id: int, limit: int = 100) -> Evidence:
    """What one entry of a run was counted from, the newest first. Raises UsageError when the run was replaced."""
    run = leaderboards.get(store, run_id)
    if run is None:
        raise UsageError(_("This leaderboard was computed again meanwhile; open the new one."))
    key = run.key
    definition = sql(f"leaderboard_{metric(key.metric).evidence}_evidence")
    values = {**_parameters(key, key.window), "metric": key.metric, "creator_id": creator_id, "limit": limit}
    db = store.reader()
    total, people, value = db.execute(
        f"SELECT count(*), count(DISTINCT creator_id), coalesce(sum(value), 0) FROM ({definition})", values
    ).fetchone()
    rows = db.execute(
        "SELECT at, creator_id, who, kind, place, substr(text, 1, 500), value, plus_minus"
        f" FROM ({definition}) ORDER BY at DESC, creator_id LIMIT :limit",
        values,
    )
    found = list(map(EvidenceRow._make, rows.fetchall()))
    return Evidence(found, total, people, people if key.metric == "voices" else value)


def values(store: Store, run: LeaderboardRun) -> list[int]:
    """What everybody has who was ranked, the greatest first; counted now where not all of them are kept."""
    if run.people == run.entries:
        rows = store.reader().execute(
            "SELECT value FROM leaderboard_entry WHERE run_id = ? ORDER BY position", (run.id,)
        )
    else:
        counted = _counted(metric(run.key.metric))
        query = f"SELECT value FROM ({counted}) ORDER BY value DESC"
        rows = store.reader().execute(query, _parameters(run.key, run.key.window))
    return [value for (value,) in rows]


def _leading(store: Store, metric: Metric, key: Key) -> tuple[list[Place], int]:
    """The first places in the window, equals by name and then id, and how many people were ranked."""
    rows = store.reader().execute(
        f"WITH ranked AS MATERIALIZED ({_counted(metric)})"
        " SELECT ranked.creator_id, ranked.value, (SELECT count(*) FROM ranked)"
        " FROM ranked JOIN creator ON creator.id = ranked.creator_id"
        f" ORDER BY ranked.value DESC, creator.name, creator.id LIMIT {ENTRIES}",
        _parameters(key, key.window),
    )
    found = rows.fetchall()
    places = [Place(creator_id, rank, value, None, None) for rank, (creator_id, value, _people) in _ranked(found)]
    return places, found[0][2] if found else 0


def _compared(store: Store, metric: Metric, key: Key, places: Sequence[Place]) -> tuple[list[Place], int]:
    """The places with rank and value in the previous window, and how many people were ranked there."""
    rows = store.reader().execute(f"{_counted(metric)} ORDER BY value DESC", _parameters(key, key.window.previous))
    wanted = {place.creator_id for place in places}
    before: dict[int, tuple[int, int]] = {}
    people = 0
    for rank, (creator_id, value) in _ranked(rows):
        people += 1
        if creator_id in wanted:
            before[creator_id] = (rank, value)
    compared = [Place(*place[:3], *before.get(place.creator_id, (None, None))) for place in places]
    return compared, people


def _ranked(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    """Each row, best first, with its rank by its second value: equals share one, and the next are skipped."""
    rank, last = 0, None
    for position, row in enumerate(rows, 1):
        if row[1] != last:
            rank, last = position, row[1]
        yield rank, row


def _counted(metric: Metric) -> str:
    """The definition of a metric as a query for everybody who has more than nothing, but for bots and staff."""
    return (
        f"SELECT creator_id, value FROM ({sql('leaderboard_' + metric.id)}) WHERE value > 0"
        " AND creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)"
    )


def _parameters(key: Key, window: Window) -> dict[str, object]:
    return {
        "scope": key.scope.kind,
        "scope_id": key.scope.id,
        "window_from": window.start,
        "window_to": window.stop,
    }
