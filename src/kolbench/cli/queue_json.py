"""What ``kolbench queue --json`` tells of each follow-up: the row, and all that it takes to turn to the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli.output import fields
from kolbench.domain.clock import from_ms, iso, now
from kolbench.domain.errors import UsageError
from kolbench.programme import suggestion, there
from kolbench.store import follow_ups

if TYPE_CHECKING:
    from kolbench.programme.follow_ups import QueueRow
    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import FollowUp


def told(store: Store, rows: list[QueueRow]) -> list[dict[str, Any]]:
    """Every field of these rows, with the section, the evidence, the script and the time where the person is.

    ``script`` is there only where it may be sent; what it lacks is in ``missing``, and why it can't be filled in is in
    ``wrong``. ``local_time`` is that of the person, ``right_from`` the moment from which on they may be turned to.
    """
    at = now()
    found = {one.follow_up_id: one for one in follow_ups.of_ids(store, [row.follow_up_id for row in rows], at)}
    clocks, places = there.of(store, list(found.values()), at), follow_ups.sections_of(store, list(found), at)
    told = []
    for row in rows:
        one, clock = found[row.follow_up_id], clocks[row.follow_up_id]
        told.append(
            {
                **fields(row),
                "section": places[row.follow_up_id],
                "evidence": dict(one.evidence),
                **_script(store, one),
                "time_zone": str(clock.zone),
                "local_time": from_ms(at).astimezone(clock.zone).isoformat(timespec="minutes"),
                "right_from": iso(clock.right_at),
            }
        )
    return told


def _script(store: Store, row: FollowUp) -> dict[str, Any]:
    """The script of an open follow-up, its template and variant."""
    script: dict[str, Any] = {"template": None, "variant": None, "script": None, "missing": [], "wrong": ""}
    try:
        suggested = suggestion.of(store, row) if row.state == "open" else None
    except UsageError as error:
        return {**script, "wrong": str(error)}
    if suggested is None:
        return script
    variant, rendered = suggested
    return {
        "template": variant.template,
        "variant": variant.label,
        "script": rendered.text if rendered.complete else None,
        "missing": list(rendered.missing),
        "wrong": rendered.wrong,
    }
