"""Chat archives that hold a message in each row: under a header, or in the order of the Gitter rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kolbench.adapters.chats.columns import Roles, recognised, zone_in
from kolbench.adapters.chats.said import MadeUids, Said
from kolbench.adapters.protocol import Rejected
from kolbench.adapters.tables.columns import known
from kolbench.adapters.tables.readers import look, open_rows
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import RecordError, UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from kolbench.adapters.tables.options import Options

GITTER: Roles = ("community_uid", "community", "sent_at", "user_id", "username", "message_id", "text")
"""The columns of a Gitter room, which has no header."""


class RowwiseChat:
    """The messages of one file in the file's own order; what is no message goes to ``reject``.

    ``columns`` are roles in order, empty to find them out. Raises UsageError when the file is no chat archive.
    """

    def __init__(
        self,
        file: Path,
        options: Options,
        columns: Roles,
        reject: Callable[[Rejected], None],
        warn: Callable[[str], None],
    ) -> None:
        # Whether there is a header is decided here: the names of a table's columns are others than a chat's.
        seen = look(replace(options, path=str(file), header=False))
        header = seen.names if seen.headed else seen.sample[0]
        named = None if options.header is False else recognised(header)
        if columns:
            roles = columns
            headed = not _has_moment(header, roles) if options.header is None else options.header
        elif named:
            roles, headed = named, True
        elif (
            len(header) == len(GITTER)
            and (options.header or sum(map(known, header)) < 2)  # else it is the header of another table
            and any(_has_moment(row, GITTER) for row in seen.sample)
        ):
            roles, headed = GITTER, options.header is True
        else:
            raise UsageError(
                _("{path}: no header tells what its columns hold; say so with the setting columns").format(path=file)
            )
        if seen.remark:
            warn(seen.remark)
        self._rows = open_rows(seen, reject, warn)
        self._names_come_first = headed and not seen.headed
        self._places = [(role, place) for place, role in enumerate(roles[: len(header)]) if role]
        self._zone = (_zone(header) if headed else None) or options.timezone
        self._order = options.date_order
        self._file_name = clean_line(file.name.partition(".")[0])
        self._made = MadeUids()
        self._reject = reject

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._rows.share

    def __iter__(self) -> Iterator[Said]:
        """Yield messages. Raises SourceError when the file is cut short, damaged or a decompression bomb."""
        for row in islice(self._rows, self._names_come_first, None):
            cells = {role: row[place] for role, place in self._places}
            try:
                yield self._said(cells)
            except RecordError as why:
                value = cells.get(why.field, "")
                self._reject(Rejected(self._rows.line, why.field, why.reason, value[:80]))

    def _said(self, cells: dict[str, str]) -> Said:
        try:
            sent_at = parse_moment(cells["sent_at"], self._zone, self._order)
        except ValueError as why:
            raise RecordError("sent_at", str(why)) from None
        user_id, name = cells.get("user_id", "").strip(), cells.get("name", "").strip()
        handle = cells.get("username", "").strip() or name
        if not user_id and not handle:
            raise RecordError("username", _("nobody is named as its sender"))
        sender_uid = user_id or handle_ref(clean_line(handle))
        community = cells.get("community", "").strip()
        community_uid = cells.get("community_uid", "").strip() or clean_line(community) or self._file_name
        text = cells["text"]
        uid = cells.get("message_id", "").strip() or self._made.uid(community_uid, sender_uid, sent_at, text)
        return Said(community_uid, community or None, sent_at, sender_uid, handle or None, name or None, uid, text)


def _has_moment(row: Sequence[str], roles: Roles) -> bool:
    """Whether a row has a moment where one belongs."""
    try:
        parse_moment(row[roles.index("sent_at")], UTC, "dmy")
    except (ValueError, IndexError):
        return False
    return True


def _zone(header: Sequence[str]) -> tzinfo | None:
    """The zone that the name of the time's column states."""
    for cell in header:
        if name := zone_in(cell):
            try:
                return ZoneInfo(name)
            except (LookupError, ValueError, OSError):
                return None
    return None
