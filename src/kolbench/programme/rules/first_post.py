"""Follow-up rule ``first-post``: the first work of somebody who agreed is out, and got no traffic from us yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.domain.text import clean_line
from kolbench.programme.local import local_day
from kolbench.programme.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    first = looking.at - int(looking.parameters["within_days"]) * DAY
    found = looking.db.execute(sql("follow_up_first_post"), {"first": first, "now": looking.at})
    for creator_id, since_at, post_id, published_at, title, url, *counts in found.fetchall():
        evidence = {
            "since_at": since_at,
            "post": post_id,
            "published_at": published_at,
            "title": clean_line(title, 60),
            "url": url,
            **dict(zip(("views", "likes", "comments", "shares"), counts, strict=True)),
        }
        # One cause a person, so that an earlier work which comes in later doesn't ask again.
        yield Cause(creator_id, "first", evidence, looking.at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    text = _("No traffic from us yet for their first work since they agreed: '{title}', {day}")
    told = [text.format(title=evidence["title"], day=local_day(evidence["published_at"])), *_counted(evidence)]
    return " · ".join([*told, evidence["url"]] if evidence["url"] else told)


def _counted(evidence: Mapping[str, Any]) -> Iterator[str]:
    if (n := evidence["views"]) is not None:
        yield ngettext("{n} view", "{n} views", n).format(n=f"{n:,}")
    if (n := evidence["likes"]) is not None:
        yield ngettext("{n} like", "{n} likes", n).format(n=f"{n:,}")
    if (n := evidence["comments"]) is not None:
        yield ngettext("{n} comment", "{n} comments", n).format(n=f"{n:,}")
    if (n := evidence["shares"]) is not None:
        yield ngettext("{n} share", "{n} shares", n).format(n=f"{n:,}")


RULE = Rule(
    "first-post",
    lambda: _("First work without traffic"),
    {"within_days": 30},
    _find,
    _why,
    at_most=100,
    contacts=False,
)
