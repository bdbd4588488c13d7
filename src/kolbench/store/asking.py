"""What the follow-up rules were asked last: of whom something is new since then, and by which parameters it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kolbench.store.connect import Store


def changed(store: Store) -> tuple[int, list[int]]:
    """A number that stands for now, and the people of whom something is new; ``forget`` takes the number."""
    rows = store.reader().execute("SELECT max(id), creator_id FROM unasked_creator GROUP BY creator_id").fetchall()
    return max((row[0] for row in rows), default=0), [row[1] for row in rows]


def forget(store: Store, seen: int) -> None:
    """Those of up to then are known now; what became new meanwhile is kept for the next time."""
    if seen:
        with store.writing() as db:
            db.execute("DELETE FROM unasked_creator WHERE id <= ?", (seen,))


def was_asked(store: Store, rule: str, parameters: Mapping[str, float]) -> bool:
    """Whether a rule was asked about everybody by these parameters, and has been about what was new ever since."""
    row = store.reader().execute("SELECT value FROM derived_by WHERE name = ?", (_name(rule),)).fetchone()
    return row is not None and row[0] == _json(parameters)


def asked(store: Store, rule: str, parameters: Mapping[str, float] | None) -> None:
    """Remember by what a rule was asked; None: not at all, so that it will be asked about everybody."""
    if parameters is not None and was_asked(store, rule, parameters):
        return
    with store.writing() as db:
        if parameters is None:
            db.execute("DELETE FROM derived_by WHERE name = ?", (_name(rule),))
        else:
            db.execute(
                "INSERT INTO derived_by (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
                (_name(rule), _json(parameters)),
            )


def _name(rule: str) -> str:
    return f"follow-up rule {rule}"


def _json(parameters: Mapping[str, float]) -> str:
    return json.dumps(dict(parameters), sort_keys=True)
