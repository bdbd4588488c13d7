"""How good somebody's fans are: people and not bought, loyal, and moved by what they see."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.audience import LEAST, Active, Follower, active, followers, names
from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, any_rows, metrics
from kolbench.domain.clock import DAY
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kolbench.domain.scoring import People

MASS = 1_500
"""Whoever follows more accounts than this reads none of them (Modash, HypeAuditor)."""

RATIO = 20
"""Whoever follows so many times as many as follow them collects, or was made to follow."""

YOUNG = 30 * DAY
"""An account younger than this when it was first seen to follow may have been made for it."""

TOLD = 0.1
"""A missing picture or bio counts where at least this share of the sample has one: else the source doesn't tell."""

LOYAL = 0.5
"""Where this share of the engaged come back on another day, nobody is more loyal."""

RATE = 0.10
"""Where so many react of those who see a work, nobody moves more: as of the engagement rate."""


NO_PICTURE, NO_BIO, NO_WORKS = N_("no picture"), N_("no bio"), N_("no works")
NEW, MASSES, FEW = N_("new account"), N_("follows masses"), N_("followed by few")


class Profile(NamedTuple):
    """What a follower's account tells: whether it has a picture and a bio, when (ms) it was made, and what its counters
    say, of ``known`` signals, those ``against`` it. ``read``: somebody looked at it, so that what is missing there may
    be missing in truth."""

    picture: int
    bio: int
    created_at: int | None
    read: bool
    known: int
    against: tuple[str, ...]


class Work(NamedTuple):
    """A work whose views are counted: when it was published (ms), its views and the reactions to it."""

    post_id: int
    at: int | None
    views: int
    reactions: int


class Judged(NamedTuple):
    """A follower, the share of the known signals that speaks for them, and what speaks against them."""

    follower: Follower
    credible: float
    against: tuple[str, ...]


class Known(NamedTuple):
    """What is known of somebody's fans: judged followers, the engaged, and works with views."""

    followers: Sequence[Judged]
    engaged: Sequence[Active]
    works: Sequence[Work]

    @property
    def parts(self) -> dict[str, float]:
        """The parts of the measure that can be told, each from 0 to 1."""
        found: dict[str, float] = {}
        if len(self.followers) >= LEAST:
            found["followers"] = sum([one.credible for one in self.followers]) / len(self.followers)
        if len(self.engaged) >= LEAST:
            found["loyalty"] = min(1.0, len(_returned(self.engaged)) / len(self.engaged) / LOYAL)
        if found and self.works:
            rate = sum(one.reactions for one in self.works) / sum(one.views for one in self.works)
            found["views"] = math.sqrt(min(1.0, max(0.0, rate) / RATE))
        return found


class Fans:
    """The mean of what can be told: credible followers, loyalty of the engaged, reactions of those who saw a work."""

    name = "fans"
    title = N_("Fan quality")
    formula = N_("mean of: credible followers, returning / engaged / 50 %, sqrt(reactions / views / 10 %)")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those of whom at least 20 followers' profiles, or 20 engaged people, are known."""
        found: dict[int, Measure] = {}
        for creator_id, known in people.once(_known).items():
            if parts := known.parts:
                value = sum(parts.values()) / len(parts)
                sample = len(known.followers) * ("followers" in parts) + len(known.engaged) * ("loyalty" in parts)
                newest = max([one.follower.since for one in known.followers] + [one.at for one in known.engaged])
                found[creator_id] = Measure(value, value, 100 * value, None, sample, None, newest, " + ".join(parts))
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """Followers, engaged people and works with what each adds, in points of 100."""
        for known in people.once(_known).values():
            shown = sorted(_evidence(known), key=lambda one: -(one.amount or 0))[:limit]
            called = names(people, {one.id for one in shown if one.table == "creator"})
            for one in shown:
                yield one._replace(text=f"{called[one.id]} · {one.text}") if one.table == "creator" else one


def _known(people: People) -> dict[int, Known]:
    """What is known of the fans of those with enough of them."""
    sampled = {
        creator_id: following.newest
        for creator_id, following in people.once(followers).items()
        if len(following.newest) >= LEAST
    }
    engaged = {creator_id: found for creator_id, found in people.once(active).items() if len(found) >= LEAST}
    profiles = _profiles(people, {one.account_id for sample in sampled.values() for one in sample})
    works = _works(people, sampled.keys() | engaged.keys())
    return {
        creator_id: Known(
            judge(sampled.get(creator_id, ()), profiles), engaged.get(creator_id, ()), works.get(creator_id, ())
        )
        for creator_id in sorted(sampled.keys() | engaged.keys())
    }


def judge(sample: Sequence[Follower], profiles: Mapping[int, Profile]) -> list[Judged]:
    """Those of a sample of whom any signal is known; what is not known is never held against them."""
    pictures = sum([profiles[one.account_id].picture for one in sample]) >= TOLD * len(sample)
    bios = sum([profiles[one.account_id].bio for one in sample]) >= TOLD * len(sample)
    judged: list[Judged] = []
    for one in sample:
        picture, bio, created_at, read, known, against = profiles[one.account_id]
        if pictures and (picture or read):
            known += 1
            against = against if picture else (*against, NO_PICTURE)
        if bios and (bio or read):
            known += 1
            against = against if bio else (*against, NO_BIO)
        if created_at is not None:
            known += 1
            against = (*against, NEW) if one.since - created_at < YOUNG else against
        if known:
            judged.append(Judged(one, 1 - len(against) / known, against))
    return judged


def profile(
    picture: int, bio: int, created_at: int | None, posts: int | None, following: int | None, followers: int | None
) -> Profile:
    """What is held for and against an account; None: not known."""
    against: list[str] = []
    if posts == 0:
        against.append(NO_WORKS)
    if following is not None and following > MASS:
        against.append(MASSES)
    if following is not None and followers is not None and following > RATIO * (followers + 1):
        against.append(FEW)
    known = (posts is not None) + (following is not None) * (1 + (followers is not None))
    read = created_at is not None or followers is not None or known > 0
    return Profile(picture, bio, created_at, read, known, tuple(against))


def _profiles(people: People, account_ids: set[int]) -> dict[int, Profile]:
    if not account_ids:
        return {}
    metric = people.once(metrics)
    values = {name: metric[name] for name in ("posts", "following", "followers")}
    rows = people.db.execute(sql("scorer_fans"), {"accounts": json.dumps(sorted(account_ids)), **values})
    return {account_id: profile(*facts) for account_id, *facts in rows}


def _works(people: People, creator_ids: set[int]) -> dict[int, list[Work]]:
    found: dict[int, list[Work]] = {}
    if creator_ids and any_rows(people, "post_snapshot"):
        metric = people.once(metrics)
        values = {name: metric[name] for name in ("views", "likes", "comments", "shares")}
        ids = json.dumps(sorted(creator_ids))
        for row in people.db.execute(sql("scorer_fans_views"), {"ids": ids, "window_ms": WINDOW_MS, **values}):
            found.setdefault(row[0], []).append(Work._make(row[1:]))
    return found


def _returned(engaged: Sequence[Active]) -> list[Active]:
    return [one for one in engaged if one.days > 1]


def _evidence(known: Known) -> Iterator[Evidence]:
    parts = known.parts
    points = {name: 100 * value / len(parts) for name, value in parts.items()}
    if "followers" in parts:
        each = 100 / len(parts) / len(known.followers)
        for one in known.followers:
            text = ", ".join(map(_, one.against)) or _("nothing against them")
            yield Evidence(one.follower.since, text, each * one.credible, "creator", one.follower.person_id)
    returned = _returned(known.engaged)
    if "loyalty" in parts:
        for fan in returned:
            text = ngettext("{n} day", "{n} days", fan.days).format(n=fan.days)
            yield Evidence(fan.at, text, points["loyalty"] / len(returned), "creator", fan.person_id)
    if "views" in parts:
        reactions = sum(work.reactions for work in known.works)
        for work in known.works:
            amount = points["views"] * work.reactions / reactions if reactions else 0.0
            text = _("{reactions} of {views} views").format(reactions=f"{work.reactions:,}", views=f"{work.views:,}")
            yield Evidence(work.at, text, amount, "post", work.post_id)
