"""Key opinion consumers: does a ranking of group-chat members foretell whom their peers will thank?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

from judging import bootstrap, mean, ndcg, ranked

from kolbench.analysis import leaderboards
from kolbench.domain.clock import DAY, to_ms
from kolbench.store.connect import Store
from kolbench.store.leaderboards import Key, LeaderboardWindow, Scope, Window

CUTS = ("2015-10-01", "2015-12-01", "2016-02-01", "2016-04-01", "2016-05-01", "2016-06-01", "2016-08-01")
BEFORE, AFTER = 120 * DAY, 60 * DAY
OURS = "KOLbench koc"
EVERYWHERE = Scope()

PEOPLE = "(SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)"
MESSAGES = f"""
SELECT community_id, creator_id, sent_at / {DAY} AS day, count(*)
FROM message JOIN account ON account.id = account_id
WHERE sent_at >= ? AND sent_at < ? AND creator_id NOT IN {PEOPLE} GROUP BY 1, 2, 3"""
ACTIVITIES = f"""
SELECT community_id, type, actor.creator_id, object.creator_id, count(*)
FROM activity JOIN account AS actor ON actor.id = actor_id JOIN account AS object ON object.id = object_id
WHERE at >= ? AND at < ? AND actor.creator_id <> object.creator_id
  AND actor.creator_id NOT IN {PEOPLE} AND object.creator_id NOT IN {PEOPLE} GROUP BY 1, 2, 3, 4"""

Rows = list[tuple[Any, ...]]


class Around(NamedTuple):
    """What happened around a cut, each row with its room first and how often last.

    Messages by day and acts in the 120 days before, points given in the 60 after.
    """

    cut: int
    messages: Rows
    acts: Rows
    points: Rows

    def by_room(self) -> dict[int, Around]:
        """The same for each room where points were given."""
        found = {row[0]: Around(self.cut, [], [], []) for row in self.points}
        for rows, part in zip(self[1:], ("messages", "acts", "points")):
            for row in rows:
                if row[0] in found:
                    getattr(found[row[0]], part).append(row)
        return found


class Case(NamedTuple):
    """One cut in one place: who was there before it, how each ranking orders them, and thanks after it."""

    members: Sequence[int]
    rankings: Mapping[str, Sequence[int]]
    thanks: Mapping[int, float]


def imports(data: Path) -> list[list[str]]:
    return [[str(data), "--platform", "gitter", "--adapter", "chat-archive", "--set", "bots=camperbot"]]


def report(store: Store, samples: int) -> None:
    cases, split = [], []
    for cut in CUTS:
        found = around(store, cut)
        cases.append(case(store, found))
        rooms = [case(store, one, Scope("community", room)) for room, one in sorted(found.by_room().items())]
        split.append([room for room in rooms if set(room.members) & room.thanks.keys()])
    print("NDCG@20, linear gain, all rooms pooled; members who spoke in the 120 days before, thanked in the 60 after\n")
    print(f"{'':20}" + "".join(f"{cut[2:7]:>7}" for cut in CUTS) + "   mean     95 % interval")
    print(f"{'members':20}" + "".join(f"{len(one.members):7}" for one in cases))
    print(
        f"{'thanks to them':20}"
        + "".join(f"{sum(one.thanks.get(who, 0) for who in one.members):7.0f}" for one in cases)
    )
    means = {}
    for name in cases[0].rankings:
        values = [quality(one, name) for one in cases]
        means[name] = mean(values)
        low, high = interval(cases, [name], samples)
        line = f"{name:20}" + "".join(f"{value:7.3f}" for value in values)
        print(f"{line}  {means[name]:.3f}   {low:.3f} to {high:.3f}", flush=True)
    best = max((name for name in means if name != OURS), key=means.__getitem__)
    low, high = interval(cases, [OURS, best], samples)
    gain = means[OURS] / means[best] - 1
    print(f"\n{OURS} beats the best other, {best}, by {gain:.1%} (95 %: {low - 1:.1%} to {high - 1:.1%}),")
    wins = sum(quality(one, OURS) > quality(one, best) for one in cases)
    print(f"and in {wins} of {len(cases)} cuts")
    whole = {name: mean([quality(one, name, everybody=True) for one in cases]) for name in means}
    print("\nthe same when thanks to people who had not spoken count as missed:")
    print("  " + ", ".join(f"{name} {value:.3f}" for name, value in whole.items()))
    apart = {name: mean([mean([quality(room, name) for room in rooms]) for rooms in split]) for name in means}
    print("\nthe same ranked within each room where anybody was thanked, mean over rooms, then cuts:")
    print("  " + ", ".join(f"{name} {value:.3f}" for name, value in apart.items()))


def around(store: Store, day: str) -> Around:
    cut = to_ms(datetime.fromisoformat(day).replace(tzinfo=UTC))
    db = store.reader()
    points = [row for row in db.execute(ACTIVITIES, (cut, cut + AFTER)) if row[1] == "brownie"]
    before = (cut - BEFORE, cut)
    return Around(cut, db.execute(MESSAGES, before).fetchall(), db.execute(ACTIVITIES, before).fetchall(), points)


def case(store: Store, found: Around, scope: Scope = EVERYWHERE) -> Case:
    """The members before a cut, ranked, and the thanks after it."""
    members = sorted({row[1] for row in found.messages})
    simple = others(found.messages, found.acts, found.cut)
    rankings = {name: ranked(values, members) for name, values in simple.items()}
    rankings[OURS] = ours(store, Key(scope, "koc", Window(found.cut - BEFORE, found.cut)), members)
    return Case(members, rankings, total((row[3], row[4]) for row in found.points))


def total(counts: Iterable[tuple[int, float]]) -> dict[int, float]:
    """The sum of each person's counts."""
    found: dict[int, float] = defaultdict(float)
    for creator, n in counts:
        found[creator] += n
    return found


def ours(store: Store, key: Key, members: Sequence[int]) -> list[int]:
    """The product's own leaderboard, members only; who isn't on it comes last."""
    board = LeaderboardWindow(store, leaderboards.compute(store, key))
    values = {entry.creator_id: entry.value for entry in board.rows(0, board.count())}
    return ranked(values, members)


def others(messages: Rows, acts: Rows, cut: int) -> dict[str, Mapping[int, float]]:
    """The simple rankings, and Orbit's: love (messages, each for 0.9 a month of age) x reach (who addressed them)."""
    addressed = [row for row in acts if row[1] in ("mention", "reply")]
    ties = {(actor, person) for _room, _kind, actor, person, _n in addressed}
    love = total((who, n * 0.9 ** ((cut / DAY - day) / 30)) for _room, who, day, n in messages)
    reach = total((person, 1) for _actor, person in ties)
    return {
        "messages": total((row[1], row[3]) for row in messages),
        "active days": total((who, 1) for who, _day in {row[1:3] for row in messages}),
        "mentions received": total((row[3], row[4]) for row in addressed),
        "distinct mentioners": reach,
        "people addressed": total((actor, 1) for actor, _person in ties),
        "past thanks": total((row[3], row[4]) for row in acts if row[1] == "brownie"),
        "Orbit v1 gravity": {who: value * reach.get(who, 0) for who, value in love.items()},
    }


def quality(one: Case, name: str, drawn: Mapping[int, int] | None = None, *, everybody: bool = False) -> float:
    """NDCG@20 of a ranking; ``drawn`` says how often each person stands in it (once, if not given).

    With ``everybody``, people who are in no ranking would have belonged there as well.
    """

    def gains(people: Iterable[int]) -> Iterator[float]:
        for creator in people:
            yield from repeat(one.thanks.get(creator, 0), 1 if drawn is None else drawn.get(creator, 0))

    members = frozenset(one.members)
    return ndcg(gains(one.rankings[name]), gains(who for who in one.thanks if everybody or who in members))


def interval(cases: Sequence[Case], names: Sequence[str], samples: int) -> tuple[float, float]:
    """The middle 95 % of a ranking's mean quality, or of one's over another's, when people are drawn again."""
    everybody = sorted({creator for one in cases for creator in one.members})

    def measure(drawn: Mapping[int, int]) -> float:
        found = [mean([quality(one, name, drawn) for one in cases]) for name in names]
        return found[0] if len(found) == 1 else found[0] / found[1] if found[1] else 1.0

    return bootstrap(measure, everybody, samples)
