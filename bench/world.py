"""A store full of made-up people, as large as a large programme's: heavy tails everywhere, the same for a seed.

    python bench/world.py world.db                   1 M creators, 10 M posts and activities, 20 M follow edges
    python bench/world.py world.db --scale 0.01      a hundredth of it

It writes the tables of the product's own schema directly, without an adapter's or the writer's work; indexes are
built behind the rows. Everybody waits to be derived, as after a sync: ``kolbench rebuild`` does it.
"""

from __future__ import annotations

import math
import random
from array import array
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from filled import command, filling
from words import PHRASES, full_name, handle, phrases

from kolbench.domain.clock import DAY, HOUR, to_ms

END = to_ms(datetime(2026, 11, 1, tzinfo=UTC))
"""When everything was last seen."""

PLATFORMS = {
    "xiaohongshu": 0.24, "douyin": 0.20, "bilibili": 0.12, "weibo": 0.10, "instagram": 0.10, "youtube": 0.06,
    "wechat": 0.12, "discord": 0.06,
}  # fmt: skip
"""The share of the accounts on each."""

CHATS = {"wechat", "discord"}
"""Where nobody's followers are counted and nobody publishes."""

REGIONS = ("上海", "北京", "广东", "浙江", "四川", "江苏", "湖北", "Singapore", "Berlin", "Toronto", None, None)
KINDS = ("video", "video", "video", "image", "image", "text")
ACTS = ("mention",) * 9 + ("reply",) * 9 + ("thank",) * 2
MOMENTS = (1,) * 9 + (2,) * 4 + (3,) * 3 + (4,) * 2 + (5, 6)
Rows = Iterator[tuple[Any, ...]]


class World:
    """Who there is: for each account its person, platform, topic and followers, all in flat arrays."""

    def __init__(self, seed: int, creators: int) -> None:
        self.seed, self.creators = seed, creators
        self.phrases = phrases(random.Random(f"{seed} words"))
        chance = random.Random(f"{seed} people")
        draw = chance.random
        count = len(self.phrases)
        liked = list(accumulate(1 / (rank + 4) for rank in range(count)))
        self.topics = [
            bytes(bisect(liked, draw() * liked[-1]) for _ in range(1 + (draw() < 0.5) + (draw() < 0.2)))
            for _ in range(creators)
        ]
        more = sorted(chance.sample(range(1, creators + 1), creators // 10))
        self.creator = array("i", range(1, creators + 1))
        self.creator.extend(more)
        self.creator.extend(more[::6])
        shares = list(accumulate(PLATFORMS.values()))
        self.platform = bytearray(bisect(shares, draw() * shares[-1]) for _ in range(creators))
        for creator in self.creator[creators:]:  # another platform than that of the first, and of the second
            self.platform.append((self.platform[creator - 1] + 1 + len(self.platform) % 3) % len(PLATFORMS))
        self.fame = array("i", (min(80_000_000, int(300 * (1 - draw()) ** -0.95)) for _ in self.creator))
        self.everywhere = [array("i") for _ in PLATFORMS]
        self.about = [[array("i") for _ in PLATFORMS] for _ in range(count)]
        order = array("i", range(len(self.creator)))
        chance.shuffle(order)
        for place in order:
            self.everywhere[self.platform[place]].append(place + 1)
            self.about[self.topic(place)][self.platform[place]].append(place + 1)

    def topic(self, place: int) -> int:
        """The main topic of an account."""
        return self.topics[self.creator[place] - 1][0]

    def people(self) -> Rows:
        chance = random.Random(f"{self.seed} names")
        for creator in range(1, self.creators + 1):
            yield creator, full_name(chance), END - 180 * DAY, self.platform[creator - 1] + 1

    def accounts(self, names: Sequence[str]) -> Rows:
        chance = random.Random(f"{self.seed} accounts")
        draw = chance.random
        platforms, fields = tuple(PLATFORMS), [phrases[0] for phrases in self.phrases]
        for place, creator in enumerate(self.creator):
            topics, platform = self.topics[creator - 1], self.platform[place]
            called = handle(chance, place + 1)
            bio = " · ".join(chance.choice(self.phrases[topic]) for topic in topics) if draw() < 0.7 else None
            yield (
                place + 1, creator, platforms[platform], f"{platform + 1}{place + 1:08d}", called, called,
                names[creator - 1], bio, fields[topics[0]] if draw() < 0.8 else None, chance.choice(REGIONS),
                "verified" if draw() < 0.02 else None, 1 if draw() < 0.005 else None, 1 if draw() < 0.001 else None,
                END - int(draw() * 2000 + 200) * DAY, END - int(draw() * 7 * DAY), platform + 1,
            )  # fmt: skip

    def counts(self, metric: dict[str, int]) -> Rows:
        """Followers at one to six moments of half a year; other counters at the last of them."""
        chance = random.Random(f"{self.seed} counts")
        draw, platforms = chance.random, tuple(PLATFORMS)
        for place, fame in enumerate(self.fame):
            platform = self.platform[place]
            if platforms[platform] in CHATS or draw() < 0.03:
                continue
            account, run, rounded = place + 1, platform + 1, platform < 2 and fame >= 10_000
            monthly, last = chance.gauss(0.01, 0.06), END - int(draw() * 10 * DAY)
            for back in range(chance.choice(MOMENTS) - 1, -1, -1):
                months = back * (1.0 + draw())
                value = int(fame * math.exp(-monthly * months + 0.005 * draw() * (back > 0)))
                if rounded:
                    value = round(value, -3)
                at = last - int(months * 30 * DAY)
                yield account, metric["followers"], at, value, 500 if rounded else 0, run
            if draw() < 0.6:
                posts = int(5 + 400 * draw() ** 3)
                yield account, metric["following"], last, int(2000 * draw() ** 2), 0, run
                yield account, metric["posts"], last, posts, 0, run
                yield account, metric["likes"], last, int(fame * posts * 0.06 * draw()), 0, run
            if draw() < 0.1:
                yield account, metric["avg_likes"], last, int(fame * 0.08 * draw()), 0, run
            if draw() < 0.05:
                yield account, metric["engagement_bp"], last, int(900 * draw()), 0, run

    def posts(self, total: int) -> Rows:
        chance = random.Random(f"{self.seed} posts")
        draw, count, post = chance.random, len(self.phrases), 0
        publish = [name not in CHATS for name in PLATFORMS]
        weights = array("d", (((1 - draw()) ** -0.7 - 0.8) * publish[of] for of in self.platform))
        for place, n in enumerate(_deal(weights, total, array("i", [2_000]) * len(weights), draw)):
            if not n:
                continue
            topics, run = self.topics[self.creator[place] - 1], self.platform[place] + 1
            newest, gap = END - int(chance.expovariate(1 / (25 * DAY))), min(30 * DAY, 400 * DAY // n)
            for back in range(n - 1, -1, -1):
                post += 1
                topic = topics[int(len(topics) * draw())] if draw() < 0.85 else int(count * draw())
                words = self.phrases[topic]
                yield (
                    post, place + 1, f"{place + 1:x}-{n - back}", newest - int(gap * back * (0.7 + 0.3 * draw())),
                    KINDS[int(6 * draw())], f"{words[int(PHRASES * draw())]} {words[int(PHRASES * draw())]}", run,
                )  # fmt: skip

    def reactions(self, metric: dict[str, int], recent: Iterable[tuple[int, int, int]]) -> Rows:
        """What came of recent posts, each ``(id, account, published)``: seen once, or after a day and later again."""
        chance = random.Random(f"{self.seed} reactions")
        draw, names = chance.random, sorted(("likes", "comments", "shares", "views"), key=metric.__getitem__)
        account, measured = 0, False
        for post, author, published in recent:
            if author != account:
                account, measured = author, draw() < 0.6
            if not measured:
                continue
            views = (self.fame[author - 1] + 50) * 0.3 * math.exp(chance.gauss(0, 1))
            likes = views * 0.15 * draw()
            value = {"views": views, "likes": likes, "comments": likes * 0.08 * draw(), "shares": likes * 0.04 * draw()}
            last = min(END, published + 6 * DAY + int(draw() * DAY))
            early = draw() < 0.3 and published + DAY < last
            for name in names:
                if early:
                    yield post, metric[name], published + DAY, int(0.6 * value[name]), 0, self.platform[author - 1] + 1
                yield post, metric[name], last, int(value[name]), 0, self.platform[author - 1] + 1

    def follows(self, total: int) -> Rows:
        """In the order of the table's key. Popularity goes with fame; seven of ten followers share the main topic."""
        chance = random.Random(f"{self.seed} follows")
        draw = chance.random
        most = [len(people) // 12 for people in self.everywhere]
        for place, n in enumerate(_deal(self.fame, total, array("i", (most[of] for of in self.platform)), draw)):
            platform = self.platform[place]
            run, found = platform + 1, set[int]()
            pool, anybody = self.about[self.topic(place)][platform], self.everywhere[platform]
            wanted = min(int(n * 0.7 + draw()), len(pool) // 3)
            while len(found) < n:
                size = len(pool)
                # A square: some follow many, most follow few.
                found.update([pool[int(size * (chosen := draw()) * chosen)] for _ in range(wanted)])
                pool, wanted = anybody, n - len(found)
            found.discard(place + 1)
            for follower in sorted(found):
                first = END - int(draw() * 180) * DAY
                yield place + 1, follower, first, max(first, END - 7 * DAY), run

    def communities(self, count: int, seats: int) -> list[tuple[int, int, array[int]]]:
        """Each with its platform, topic and members; chats have more of them than platforms."""
        chance = random.Random(f"{self.seed} communities")
        draw, found = chance.random, []
        for size in _deal([1 / (rank + 3) for rank in range(count)], seats, [seats] * count, draw):
            platform = chance.choice((0, 3, 6, 6, 6, 7, 7))
            topic = self.topic(int(draw() * self.creators))
            alike, anybody = self.about[topic][platform], self.everywhere[platform]
            members: set[int] = set()
            for _ in range(size):
                pool = alike if alike and draw() < 0.5 else anybody
                members.add(pool[int(len(pool) * draw())])
            found.append((platform, topic, array("i", sorted(members))))
        return found

    def activities(self, communities: Sequence[tuple[int, int, array[int]]], total: int) -> Rows:
        """In the order of time. Who was addressed or spoke before is more likely to do so again."""
        chance = random.Random(f"{self.seed} activities")
        draw = chance.random
        busy = list(accumulate(len(members) ** 1.1 * (len(members) > 1) for _platform, _topic, members in communities))
        heard = [array("i") for _ in communities]
        begin, step = END - 180 * DAY, 180 * DAY / total
        for n in range(total):
            room = bisect(busy, draw() * busy[-1])
            platform, _topic, members = communities[room]
            known = heard[room]
            actor = known[int(len(known) * draw())] if known and draw() < 0.6 else members[int(len(members) * draw())]
            told = known[int(len(known) * draw())] if known and draw() < 0.7 else members[int(len(members) * draw())]
            if told == actor:
                told = members[(members.index(actor) + 1) % len(members)] if len(members) < 50 else members[n % 50]
            known.extend((actor, told))
            yield (
                actor, ACTS[int(20 * draw())], told, begin + int(n * step), room + 1, f"m{n:x}", platform + 1,
            )  # fmt: skip


def _deal(weights: Sequence[float], total: int, most: Sequence[int], draw: Any) -> Iterator[int]:
    """Shares of ``total`` in proportion to weights, none above its ``most``, rounded so that their sum stays."""
    low, high = 0.0, 1e3 * total / sum(weights)
    for _ in range(30):
        middle = (low + high) / 2
        if sum(map(min, most, (weight * middle for weight in weights))) < total:
            low = middle
        else:
            high = middle
    return (int(share + draw()) for share in map(min, most, (weight * high for weight in weights)))


def fill(path: Path, seed: int, creators: int, posts: int, activities: int, edges: int) -> None:
    """Write a new store to ``path``."""
    with filling(path, triggers=True) as (db, write):
        metric = dict(db.execute("SELECT name, id FROM metric"))
        world = World(seed, creators)
        write(
            "source",
            "id, name, adapter, platform, enabled, created_at",
            [(n, f"world-{name}", "tabular", name, 0, END) for n, name in enumerate(PLATFORMS, 1)],
        )
        write(
            "run",
            "id, source_id, kind, state, started_at, ended_at, pid",
            [(n, n, "import", "done", END, END, 0) for n in range(1, len(PLATFORMS) + 1)],
        )
        write("creator", "id, name, created_at, run_id", world.people())
        names = [row[0] for row in db.execute("SELECT name FROM creator ORDER BY id")]
        write(
            "account",
            "id, creator_id, platform, uid, handle, handle_key, name, bio, category, region, verified, is_bot,"
            " is_staff, created_at, seen_at, run_id",
            world.accounts(names),
        )
        del names
        write("account_snapshot", "account_id, metric_id, observed_at, value, plus_minus, run_id", world.counts(metric))
        write("post", "id, account_id, uid, published_at, kind, text, run_id", world.posts(posts))
        recent = db.execute("SELECT id, account_id, published_at FROM post WHERE published_at > ?", (END - 90 * DAY,))
        write(
            "post_snapshot",
            "post_id, metric_id, observed_at, value, plus_minus, run_id",
            world.reactions(metric, recent),
        )
        write("follow_edge", "account_id, follower_id, first_seen_at, last_seen_at, run_id", world.follows(edges))
        rooms = world.communities(max(40, round(400 * math.sqrt(creators / 1e6))), 6 * creators // 10)
        platforms = tuple(PLATFORMS)
        write(
            "community",
            "id, platform, uid, name, kind, run_id",
            [
                (n, platforms[of], f"room{n}", f"{world.phrases[topic][0]}交流群 {n}", "group", of + 1)
                for n, (of, topic, _members) in enumerate(rooms, 1)
            ],
        )
        write(
            "membership",
            "community_id, account_id, joined_at, first_seen_at, last_seen_at, run_id",
            (
                (n, member, END - 200 * DAY, END - 200 * DAY, END - 5 * HOUR, of + 1)
                for n, (of, _topic, members) in enumerate(rooms, 1)
                for member in members
            ),
        )
        write(
            "activity",
            "actor_id, type, object_id, at, community_id, evidence_uid, run_id",
            world.activities(rooms, activities),
        )
        write("stale_creator", "creator_id", ((creator,) for creator in range(1, creators + 1)))


if __name__ == "__main__":
    sizes = {"creators": 1_000_000, "posts": 5_000_000, "activities": 5_000_000, "edges": 20_000_000}
    command(str(__doc__), sizes, fill)
