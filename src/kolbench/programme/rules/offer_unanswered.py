"""Follow-up rule ``offer-unanswered``: an agreement was offered, and nobody has said yet what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.agreements import ANSWER_DAYS
from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.programme.rules.rule import Rule
from kolbench.store import agreements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    until = looking.at - int(looking.parameters["days"]) * DAY
    waiting = [(one.since, one) for one in agreements.listed(store, "offered") if one.since and one.since <= until]
    for offered_at, one in sorted(waiting, key=lambda found: found[0]):
        evidence = {"agreement": one.id, "title": one.title, "version": one.version, "offered_at": offered_at}
        yield Cause(one.creator_id, f"{one.id}:{offered_at}", evidence, looking.at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    days = (at - evidence["offered_at"]) // DAY
    text = ngettext(
        "'{title}' was offered {days} day ago, without an answer: ask, or say what came of it",
        "'{title}' was offered {days} days ago, without an answer: ask, or say what came of it",
        days,
    )
    return text.format(title=evidence["title"], days=days)


RULE = Rule("offer-unanswered", lambda: _("Offer without an answer"), {"days": ANSWER_DAYS}, _find, _why)
