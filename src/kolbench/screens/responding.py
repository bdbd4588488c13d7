"""What came of contacts, as the cells of a table that commands and screens show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.clock import DAY, HOUR
from kolbench.domain.lang import _
from kolbench.widgets.cells import percent

if TYPE_CHECKING:
    from kolbench.programme.responses import Rate, Response


def cells(response: Response) -> tuple[str, ...]:
    """One row's cells: counts, with their share and the bounds within which the share of answers lies."""
    replied, accepted = response.replied, response.accepted
    bounds = "" if replied.low is None else f"{percent(replied.low)}–{percent(replied.high)}"
    return (
        f"{response.sent:,}",
        _counted(replied),
        bounds,
        _counted(accepted),
        f"{response.declined:,}",
        _lasting(response.median_ms),
    )


def _counted(rate: Rate) -> str:
    return f"{rate.n:,} ({percent(rate.share)})" if rate.of else "0"


def _lasting(ms: int | None) -> str:
    if ms is None:
        return ""
    if ms < 2 * DAY:
        return _("{n}h").format(n=f"{ms / HOUR:.1f}")
    return _("{n}d").format(n=f"{ms / DAY:.1f}")
