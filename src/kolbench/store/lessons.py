"""What was learnt from campaigns: kept with them, and shown when whom to look for is decided the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_text
from kolbench.store import changes

if TYPE_CHECKING:
    from kolbench.store.connect import Store

LONGEST = 2_000

SHOWN = 5
"""So many of the newest are shown where a brief is written or read."""


class Lesson(NamedTuple):
    """What changes next time, from which campaign, by whom and when (ms)."""

    id: int
    campaign_id: int
    campaign: str
    text: str
    author: str
    at: int


def add(store: Store, campaign_id: int, text: str, author: str) -> int:
    """Keep a lesson; returns its number. Raises UsageError for an empty text."""
    if not (text := clean_text(text, LONGEST).strip()):
        raise UsageError(_("The lesson is empty: write what changes next time."))
    with changes.act(store, author, "lesson") as act:
        return act.insert("campaign_lesson", campaign_id=campaign_id, text=text, author=author, at=act.at)


def remove(store: Store, lesson_id: int, author: str) -> None:
    """Show a lesson no more. Raises UsageError when there is none of that number."""
    with changes.act(store, author, "lesson") as act:
        query = "SELECT 1 FROM campaign_lesson WHERE id = ? AND removed_at IS NULL"
        if act.db.execute(query, (lesson_id,)).fetchone() is None:
            raise UsageError(_("There is no lesson {id}.").format(id=lesson_id))
        act.update("campaign_lesson", lesson_id, removed_at=act.at)


def listed(store: Store, campaign_id: int | None = None, limit: int = -1) -> list[Lesson]:
    """The lessons of a campaign, or of all, the newest first."""
    rows = store.reader().execute(
        "SELECT lesson.id, campaign_id, name, text, lesson.author, lesson.at FROM campaign_lesson AS lesson"
        " JOIN campaign ON campaign.id = campaign_id WHERE removed_at IS NULL AND (?1 IS NULL OR campaign_id = ?1)"
        " ORDER BY lesson.at DESC, lesson.id DESC LIMIT ?2",
        (campaign_id, limit),
    )
    return list(map(Lesson._make, rows.fetchall()))
