"""Follow-ups as a calendar that other programs read: iCalendar, RFC 5545."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kolbench.domain.clock import from_ms
from kolbench.domain.lang import _
from kolbench.domain.words import CHANNELS, said
from kolbench.programme.local import local_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kolbench.programme.follow_ups import QueueRow

MARK = "PRODID:-//KOLbench//follow-ups//EN"
"""By this a file is known as one of ours, which may be replaced."""

LINE = 75
"""Octets of a line, without its end; longer ones are folded."""

_ESCAPED = re.compile(r"[\\;,]|\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def calendar(rows: Iterable[QueueRow], at: int) -> str:
    """A calendar with an all-day event for each follow-up, on the day on which it is due where the operator is.

    What is overdue stands on today's (``at``, ms). The same follow-up keeps its UID, so that a calendar that reads the
    file again replaces the event.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", MARK, "CALSCALE:GREGORIAN"]
    for row in rows:
        lines += _event(row, at)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def text(value: str) -> str:
    """A TEXT value: backslashes, semicolons, commas and line ends escaped, other control characters left out."""
    return _ESCAPED.sub(lambda found: "\\n" if found[0][0] in "\r\n" else f"\\{found[0]}", _CONTROL.sub("", value))


def folded(line: str) -> str:
    """A content line of at most 75 octets a line, never folded within a character."""
    parts, size = [""], 0
    for character in line:
        octets = len(character.encode("utf-8"))
        if size + octets > LINE:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += octets
    return "\r\n".join(parts)


def _event(row: QueueRow, at: int) -> Iterator[str]:
    day = date.fromisoformat(local_day(max(row.due_at, at)))
    told = [row.why]
    if row.channel:
        told.append(_("channel: {channel}").format(channel=said(CHANNELS, row.channel)))
    if row.plan:
        told.append(_("plan: {plan}").format(plan=row.plan))
    if row.owner:
        told.append(_("owner: {owner}").format(owner=row.owner))
    yield "BEGIN:VEVENT"
    yield f"UID:follow-up-{row.follow_up_id}@kolbench"
    yield f"DTSTAMP:{from_ms(at):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{text(f'{row.name}: {row.title}')}"
    described = "\n".join(told)
    yield f"DESCRIPTION:{text(described)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"
