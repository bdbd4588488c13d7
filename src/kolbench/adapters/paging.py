"""Pages out of an answer that may hold more records than one page takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.adapters.protocol import MAX_PAGE, Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kolbench.domain.records import Record


def paged(records: Sequence[Record], before: str, behind: str) -> Iterator[Page]:
    """Yield the records in pages: the cursor stays ``before`` them all until the last page, which is ``behind``.

    Nothing is yielded for no records when the cursor stays where it is.
    """
    if not records and before != behind:
        yield Page((), behind)
    for start in range(0, len(records), MAX_PAGE):
        is_last = start + MAX_PAGE >= len(records)
        yield Page(records[start : start + MAX_PAGE], behind if is_last else before)
