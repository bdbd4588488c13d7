"""CES: how much the notes of a Xiaohongshu creator are liked, saved, commented on and passed on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping

from kolbench import Evidence, Measure, People, Scorer, hookimpl

WEIGHTS = {"likes": 1, "collects": 1, "comments": 4, "shares": 4}
"""As agencies use them; the platform publishes none."""

DAYS = 90
DAY_MS = 86_400_000

NOTES = """
WITH note AS (
  SELECT account.creator_id, post.id, post.published_at, coalesce(post.title, post.text, post.uid) AS text
  FROM json_each(:ids) AS wanted
  CROSS JOIN account ON account.creator_id = wanted.value AND account.platform = 'xiaohongshu'
  CROSS JOIN post ON post.account_id = account.id
    AND post.published_at > (SELECT max(published_at) FROM post WHERE account_id = account.id) - :window
),
newest AS (
  SELECT note.creator_id, note.id, note.published_at, note.text, metric.name,
    (SELECT value FROM post_snapshot WHERE post_id = note.id AND metric_id = metric.id
     ORDER BY observed_at DESC LIMIT 1) AS value
  FROM note CROSS JOIN metric ON metric.name IN (SELECT key FROM json_each(:weights))
)
SELECT creator_id, id, published_at, text,
  sum(value * (SELECT value FROM json_each(:weights) WHERE key = newest.name)) AS ces
FROM newest
GROUP BY id HAVING ces IS NOT NULL
ORDER BY ces DESC, id
"""


class CES:
    """The mean CES of a creator's notes, by orders of magnitude: 100,000 a note is the whole."""

    name = "ces"
    title = "CES"
    formula = "log10(CES a note + 1) / 5"

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those with notes whose reactions were counted."""
        notes: dict[int, list[tuple[int, int]]] = {}
        for creator_id, _id, at, _text, ces in _notes(people):
            notes.setdefault(creator_id, []).append((at, ces))
        return {creator_id: _mean(counted) for creator_id, counted in notes.items()}

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The notes with the CES of each."""
        for _creator_id, note_id, at, text, ces in _notes(people)[:limit]:
            yield Evidence(at, text, ces, "post", note_id)


def _mean(notes: list[tuple[int, int]]) -> Measure:
    total, moments = sum(ces for _at, ces in notes), [at for at, _ces in notes]
    mean = total / len(notes)
    value = min(1.0, math.log10(max(0, mean) + 1) / 5)
    return Measure(value, mean, total, len(notes), len(notes), min(moments), max(moments))


def _notes(people: People) -> list[tuple[int, int, int, str, int]]:
    values = {"ids": json.dumps(list(people.creator_ids)), "weights": json.dumps(WEIGHTS), "window": DAYS * DAY_MS}
    return people.db.execute(NOTES, values).fetchall()


@hookimpl
def kolbench_register_scorers(register: Callable[[Scorer], None]) -> None:
    """Offer the scorer."""
    register(CES())
