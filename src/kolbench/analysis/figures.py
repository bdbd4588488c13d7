"""The figures of people that conditions ask for, each metric a column; one pass over the store for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.conditions import METRICS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_DAYS = "max(0, (:at - {}) / 86400000)"

_SOURCES: Mapping[str, str] = {
    "standing": "standing",
    "decided": (
        "(SELECT creator_id, count(*) AS agreed, sum(state = 'active') AS active FROM decision AS d"
        " WHERE state IN ('agreed', 'active') AND id ="
        " (SELECT max(id) FROM decision WHERE brief_id = d.brief_id AND creator_id = d.creator_id) GROUP BY creator_id)"
    ),
    "touched": (
        "(SELECT creator_id, count(*) AS every, sum(direction = 'in') AS replies, max(at) AS last_at FROM touchpoint"
        " WHERE at <= :at GROUP BY creator_id)"
    ),
    "broke": (
        "(SELECT creator_id, count(*) AS every, sum(happened_at > :at - 90 * 86400000) AS lately FROM violation"
        " WHERE withdrawn_at IS NULL GROUP BY creator_id)"
    ),
    "aware": (
        "(SELECT DISTINCT creator_id FROM acknowledgement"
        " WHERE rule_set_id >= (SELECT text_version FROM rule_set ORDER BY id DESC LIMIT 1))"
    ),
    "joined": (
        "(SELECT creator_id, min(at) AS at FROM (SELECT creator_id, at FROM decision"
        " WHERE state IN ('agreed', 'active') UNION ALL SELECT creator_id, at FROM stage_event WHERE undone_at IS NULL)"
        " GROUP BY creator_id)"
    ),
    "stage_now": "stage_event",
    "grade_now": "grade_event",
}
"""A row a person at most; who has none in it is joined with NULL."""

_NEWEST = "(SELECT max(id) FROM {} WHERE creator_id = people.creator_id AND undone_at IS NULL)"

_ON: Mapping[str, str] = {
    "stage_now": f"stage_now.id = {_NEWEST.format('stage_event')}",
    "grade_now": f"grade_now.id = {_NEWEST.format('grade_event')}",
}
"""How a source is joined that has several rows a person."""

_COLUMNS: Mapping[str, tuple[str, str]] = {
    **{name: ("standing", f"standing.{name}") for name in (
        "followers", "growth", "engagement", "voice", "works", "score", "kind", "tier",
    )},
    **{name: ("standing", f"100 * standing.{name}_score") for name in (
        "reach", "authority", "authenticity", "fans", "portability", "potential",
    )},
    "days_silent": ("standing", _DAYS.format("standing.last_active_at")),
    "agreed": ("decided", "coalesce(decided.agreed, 0)"),
    "active": ("decided", "coalesce(decided.active, 0)"),
    "touchpoints": ("touched", "coalesce(touched.every, 0)"),
    "replies": ("touched", "coalesce(touched.replies, 0)"),
    "days_since_contact": ("touched", _DAYS.format("touched.last_at")),
    "violations": ("broke", "coalesce(broke.every, 0)"),
    "violations_90_days": ("broke", "coalesce(broke.lately, 0)"),
    "acknowledged": ("aware", "aware.creator_id IS NOT NULL"),
    "days_in_programme": ("joined", _DAYS.format("joined.at")),
    "days_in_stage": ("stage_now", _DAYS.format("stage_now.since_at")),
    "days_in_grade": ("grade_now", _DAYS.format("grade_now.since_at")),
}  # fmt: skip


def sql(people: str, names: Collection[str]) -> str:
    """A query for ``creator_id`` and the metrics ``names`` of whom the query ``people`` finds, at the moment ``:at``.

    What is not known of somebody is NULL.
    """
    wanted = [name for name in METRICS if name in names]
    columns = "".join(f', {_COLUMNS[name][1]} AS "{name}"' for name in wanted)
    joins = "".join(
        f" LEFT JOIN {_SOURCES[source]} AS {source} ON " + _ON.get(source, f"{source}.creator_id = people.creator_id")
        for source in dict.fromkeys(_COLUMNS[name][0] for name in wanted)
    )
    return f"SELECT people.creator_id{columns} FROM ({people}) AS people{joins}"
