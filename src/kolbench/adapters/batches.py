"""Names that a platform looks up many at a time, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BEGIN = "-"
"""The cursor behind the last batch: the next sync looks all of them up again. No platform's name."""


def batches(names: Sequence[str], size: int, cursor: str | None) -> Iterator[tuple[Sequence[str], str]]:
    """Yield the names behind ``cursor``, up to ``size`` at a time, each batch with the cursor behind it.

    The cursor is the last name of a batch, and so holds when others are listed meanwhile; one that is not listed
    any more, or has none behind it, begins anew.
    """
    begun = names.index(cursor) + 1 if cursor in names else 0
    for start in range(begun % len(names) if names else 0, len(names), size):
        end = start + size
        yield names[start:end], names[end - 1] if end < len(names) else BEGIN
