"""What came of scripts and steps, as columns of tables and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli.output import Column
from kolbench.domain.lang import _
from kolbench.screens.responding import cells

if TYPE_CHECKING:
    from kolbench.programme.responses import Response

__all__ = ("cells", "columns", "facts")


def columns() -> tuple[Column, ...]:
    """The columns of what came of something; ``cells`` fills them."""
    return (
        Column(_("sent"), "right"),
        Column(_("answered"), "right"),
        Column(_("95 %"), "right"),
        Column(_("said yes"), "right"),
        Column(_("said no"), "right"),
        Column(_("median time"), "right"),
    )


def facts(response: Response) -> dict[str, Any]:
    """The same for programs."""
    return {
        "sent": response.sent,
        "replied": response.replied._asdict(),
        "accepted": response.accepted._asdict(),
        "declined": response.declined,
        "median_ms": response.median_ms,
        "timed": response.timed,
    }
