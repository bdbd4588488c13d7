"""What an adapter may hand over, and what to say of one that breaks its contract or fails."""

from __future__ import annotations

from itertools import islice
from pathlib import PurePath
from typing import get_args

from kolbench.adapters.protocol import MAX_CURSOR, MAX_PAGE, Page
from kolbench.domain.errors import KolbenchError, SourceError, told
from kolbench.domain.gate import MAX_ID
from kolbench.domain.lang import _
from kolbench.domain.records import Record
from kolbench.domain.text import clean_line

_RECORDS = frozenset(get_args(Record))


class Misbehaved(SourceError):
    """A plugin broke the adapter's contract."""


def checked(page: object) -> tuple[Page, list[Record]]:
    """A page and its records, of the types that they claim to be. Raises Misbehaved for anything else."""
    if not isinstance(page, Page):
        raise Misbehaved(_("it yielded {type} instead of a page").format(type=type(page).__name__))
    cursor, total = page.cursor, page.total
    if type(cursor) is not str or not _fits(cursor):
        raise Misbehaved(_("a page's cursor must be text of at most {most} bytes").format(most=MAX_CURSOR))
    if total is not None and (type(total) is not int or total < 0):
        raise Misbehaved(_("a page's total must be a number"))
    records = list(islice(page.records, MAX_PAGE + 1))
    if len(records) > MAX_PAGE:
        raise Misbehaved(_("a page has more than {most} records").format(most=MAX_PAGE))
    for kind in {type(record) for record in records} - _RECORDS:
        raise Misbehaved(_("a page holds {type} among its records").format(type=kind.__name__))
    return page, records


def lines(page: Page, records: int) -> list[int]:
    """The line of each of so many records; none when the adapter tells none, or not of each."""
    told = list(islice(page.lines, records + 1))
    return told if len(told) == records and {type(line) for line in told} <= {int} else []


def target(name: object) -> str:
    """The name of a target. Raises Misbehaved for one that can't be kept or shown."""
    if type(name) is not str or len(name) > MAX_ID or clean_line(name, MAX_ID) != name:
        raise Misbehaved(_("a target must be clean text of at most {most} characters").format(most=MAX_ID))
    return name


def explain(adapter: str, error: BaseException) -> str:
    """One sentence on why a source failed, naming the adapter where it is to blame."""
    if isinstance(error, Misbehaved):
        return _("The adapter '{adapter}' broke its contract: {reason}.").format(adapter=adapter, reason=told(error))
    if isinstance(error, KolbenchError):
        return told(error) or type(error).__name__
    return _("The adapter '{adapter}' failed with {type} ({place}): {reason}").format(
        adapter=adapter, type=type(error).__name__, place=_place(error), reason=told(error)
    )


def value_of(record: Record, field: str) -> str:
    """What a record says in ``field``, a metric by its own name or as ``metrics.name``."""
    value = getattr(record, field, None)
    if value is None:
        value = getattr(record, "metrics", {}).get(field.removeprefix("metrics."), "")
    return str(value)


def _place(error: BaseException) -> str:
    """The file and line where it was raised: all that an author needs to begin with."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return f"{PurePath(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"


def _fits(cursor: str) -> bool:
    try:
        return len(cursor.encode()) <= MAX_CURSOR
    except UnicodeEncodeError:
        return False
