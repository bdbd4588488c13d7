"""Fit: given people or a community as examples, does a ranking find the others who belong to the same topic?"""

from __future__ import annotations

import math
import random
import re
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from judging import average_precision, bootstrap, mean, ranked

from kolbench.analysis import topics, topics_fit
from kolbench.domain.clock import to_ms
from kolbench.store.connect import Store

CUT = to_ms(datetime(2016, 7, 1, tzinfo=UTC))
OURS, ALONE = "KOLbench fit", "KOLbench fit, examples only"
WITH_JIEBA = "KOLbench fit, jieba's words"
FEWEST, LEAST, MEMBER = 5, 10, 2
"""People to be found and examples of a topic at least, and messages that make a member."""

Texts = Sequence[str]
Cut = Callable[[str], Iterable[str]]
Scores = Mapping[int, float]


class Topic(NamedTuple):
    """What is asked: whom of ``people`` (their texts) belongs to a topic (``truth``)?

    Known are ``keywords``, ``examples`` (people, or a community where ``community``), their texts, and ``others``:
    what everybody wrote as far as it may be known. ``known`` and ``judged`` make a connection see just that much.
    """

    name: str
    keywords: Sequence[str]
    examples: Mapping[int, Texts]
    community: int | None
    others: Mapping[int, Texts]
    people: Mapping[int, Texts]
    truth: frozenset[int]
    known: str
    judged: str


def imports(data: Path) -> list[list[str]]:
    """Chinese self-descriptions, with the category where no ranking looks for it, and group chats."""
    douyin = str(data / "creators" / "douyin_top5025.csv")
    rooms = str(data / "chat" / "gitter_rooms")
    return [
        [douyin, "--platform", "douyin", "--map", "category=region,location="],
        [rooms, "--platform", "gitter", "--adapter", "chat-archive", "--set", "bots=camperbot"],
    ]


def report(store: Store, samples: int) -> None:
    db = sqlite3.connect(store.path)
    questions = {
        "later: who joins a room after 2016-07-01, by what they write from then on anywhere": later(db),
        "elsewhere: the other half of a room's members, by what they write in other rooms": elsewhere(db),
        "category, 10 examples: Douyin creators by name, title and bio": categories(db, 10),
        "category, 30 examples": categories(db, 30),
    }
    for question, asked in questions.items():
        found = sum(len(topic.truth) for topic in asked)
        print(f"\n{question}\n{len(asked)} topics, {found / len(asked):.0f} people to be found in each on average")
        print(f"{'':30}{'MAP':>8}{'95 % interval':>18}{'KOLbench less this':>28}")
        best = [precision(topic, lambda topic: ours(db, topic)) for topic in asked]
        for name, method in methods(db):
            measured = [precision(topic, method) for topic in asked]
            low, high = interval(measured, samples)
            less = [our - other for our, other in zip(best, measured)]
            gap = "{:+.3f} to {:+.3f}".format(*interval(less, samples)) if name != OURS else ""
            print(f"{name:30}{mean(measured):8.4f}    {low:.3f} to {high:.3f}    {gap:>22}", flush=True)
    speed(db)
    db.close()


def speed(db: sqlite3.Connection) -> None:
    """How long a profile and everybody's fit take of the process's time."""
    everybody = [one for (one,) in db.execute("SELECT id FROM creator ORDER BY id")]
    room = db.execute("SELECT id FROM community WHERE name LIKE '%/python'").fetchone()[0]
    (texts,) = db.execute("SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM account)").fetchone()
    start = time.process_time()
    profile = topics.profile(db, ["python"], (), [room])
    made = time.process_time()
    for first in range(0, len(everybody), 1_000):
        topics_fit.fits(db, everybody[first : first + 1_000], profile)
    took = time.process_time() - made
    print(
        f"\na profile of {len(profile)} terms: {made - start:.2f} s; {len(everybody):,} creators with {texts:,} texts:"
    )
    print(f"{took:.2f} s, {len(everybody) / took:,.0f} creators a second (process time)")


# What is asked ---------------------------------------------------------------------------------------------


def later(db: sqlite3.Connection) -> list[Topic]:
    before, after = (_messages(db, f"sent_at {sign} {CUT}") for sign in ("<", ">="))
    everybody, people = _joined(before.values()), _joined(after.values())
    asked = []
    for room, name in _rooms(db):
        strangers = {one: texts for one, texts in people.items() if one not in before[room] and len(texts) > MEMBER}
        truth = frozenset(one for one, texts in after[room].items() if len(texts) >= MEMBER and one in strangers)
        if len(before[room]) >= LEAST and len(truth) >= FEWEST:
            asked.append(
                Topic(
                    name, _words(name), before[room], room, everybody, strangers, truth,
                    f"sent_at < {CUT}", f"sent_at >= {CUT}",
                )
            )  # fmt: skip
    return asked


def elsewhere(db: sqlite3.Connection) -> list[Topic]:
    rooms = _messages(db, "TRUE")
    everybody = _joined(rooms.values())
    asked = []
    for room, name in _rooms(db):
        members = sorted(one for one, texts in rooms[room].items() if len(texts) >= MEMBER)
        random.Random(room).shuffle(members)
        examples = set(members[::2])
        hidden = {one: texts for one, texts in rooms[room].items() if one not in examples}
        apart = _joined(rooms[other] for other in rooms if other != room)
        # Whoever was never in the room keeps the very list, which is then cut into terms once for all rooms.
        outside = {one: everybody[one] if one not in rooms[room] else apart[one] for one in apart}
        people = {one: texts for one, texts in outside.items() if one not in examples and len(texts) >= FEWEST}
        truth = frozenset(hidden.keys() & people.keys() & set(members))
        if len(examples) >= LEAST and len(truth) >= FEWEST:
            given = {one: texts for one, texts in rooms[room].items() if one in examples}
            listed = ", ".join(map(str, sorted(examples)))
            shown = f"community_id <> {room} OR account_id IN (SELECT id FROM account WHERE creator_id IN ({listed}))"
            # How common a term is the others learn from all texts, hidden ones too: it helps them, and is quick.
            asked.append(
                Topic(
                    name, _words(name), given, room, everybody, people,
                    truth, shown, f"community_id <> {room}",
                )
            )  # fmt: skip
    return asked


def categories(db: sqlite3.Connection, shown: int) -> list[Topic]:
    own: dict[int, Texts] = {}
    members = defaultdict(list)
    query = """
    SELECT creator_id, region, coalesce(name || ' ', '') || coalesce(verified || ' ', '') || coalesce(bio, '')
    FROM account WHERE platform = 'douyin' AND coalesce(bio, verified) IS NOT NULL AND region IS NOT NULL
    ORDER BY creator_id"""
    for creator, category, text in db.execute(query):
        own[creator] = [text]
        members[category].append(creator)
    asked = []
    for category, everybody in sorted(members.items()):
        random.Random(category).shuffle(everybody)
        examples, truth = everybody[:shown], frozenset(everybody[shown:])
        if len(truth) >= FEWEST:
            given = {one: own[one] for one in examples}
            people = {one: texts for one, texts in own.items() if one not in given}
            asked.append(Topic(category, [category], given, None, own, people, truth, "TRUE", "TRUE"))
    return asked


def _rooms(db: sqlite3.Connection) -> list[tuple[int, str]]:
    return db.execute("SELECT id, name FROM community ORDER BY id").fetchall()


def _words(name: str) -> list[str]:
    """The name of a room as somebody would look for it: ``FreeCodeCamp/GameDev`` is game dev."""
    return [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.rpartition("/")[2]).replace("-", " ")]


def _messages(db: sqlite3.Connection, where: str) -> dict[int, dict[int, list[str]]]:
    """What everybody but bots said in each room, newest first."""
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    query = f"""SELECT community_id, creator_id, text FROM message JOIN account ON account.id = account_id
    WHERE is_bot IS NOT 1 AND ({where}) ORDER BY sent_at DESC, message.id DESC"""
    for room, creator, text in db.execute(query):
        found[room][creator].append(text)
    return found


def _joined(rooms: Iterable[Mapping[int, Texts]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for room in rooms:
        for one, texts in room.items():
            found[one].extend(texts)
    return dict(found)


# How it is answered ----------------------------------------------------------------------------------------


def methods(db: sqlite3.Connection) -> Iterator[tuple[str, Callable[[Topic], Scores]]]:
    yield "chance", lambda topic: {}
    yield "how much they write", lambda topic: {one: len(texts) for one, texts in topic.people.items()}
    yield "keywords", lambda topic: ours(db, topic, examples=False)
    yield "TF-IDF cosine, words", Cosine(words)
    yield "TF-IDF cosine, characters 2, 3", Cosine(characters)
    yield "TF-IDF cosine, our terms", Cosine(topics.terms)
    yield "BM25, 40 terms", bm25
    if find_spec("jieba"):
        yield "TF-IDF cosine, jieba", Cosine(jieba_words)
        yield WITH_JIEBA, lambda topic: ours(db, topic, cut=jieba_words)
    yield ALONE, lambda topic: ours(db, topic, keywords=False)
    yield OURS, lambda topic: ours(db, topic)


def ours(
    db: sqlite3.Connection, topic: Topic, *, keywords: bool = True, examples: bool = True, cut: Cut = topics.terms
) -> Scores:
    """The product's own fit; ``message`` is a view of the connection that hides what mustn't be known."""
    shipped, topics.terms = topics.terms, cut
    _see(db, topic.known)
    given = topic.keywords if keywords else ()
    if not examples:
        profile = topics.profile(db, given)
    elif topic.community is not None:
        profile = topics.profile(db, given, (), [topic.community])
    else:
        profile = topics.profile(db, given, topic.examples)
    topics.terms = shipped
    _see(db, topic.judged)
    people = sorted(topic.people)
    found = dict.fromkeys(people, 0.0)
    for first in range(0, len(people), 1_000):
        fits = topics_fit.fits(db, people[first : first + 1_000], profile)
        found |= {one: fit.value or 0.0 for one, fit in fits.items()}
    db.execute("DROP VIEW temp.message")
    return found


def _see(db: sqlite3.Connection, where: str) -> None:
    db.execute("DROP VIEW IF EXISTS temp.message")
    db.execute(f"CREATE TEMP VIEW message AS SELECT * FROM main.message WHERE {where}")


class Cosine:
    """Rocchio: how like somebody's texts as one are to the mean of the examples', by TF-IDF with logarithms."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.weighed: dict[int, tuple[Texts, dict[str, float]]] = {}
        self.of: Mapping[int, Texts] | None = None

    def __call__(self, topic: Topic) -> Scores:
        if topic.others is not self.of:
            self.of, self.weighed = topic.others, {}
            self.rarity = rarity(self.cut, topic.others)
        centre: Counter[str] = Counter()
        for texts in topic.examples.values():
            centre.update(self.vector(texts))
        found = {}
        for one, texts in topic.people.items():
            found[one] = sum(value * centre[term] for term, value in self.vector(texts).items() if term in centre)
        return found

    def vector(self, texts: Texts) -> dict[str, float]:
        known = self.weighed.get(id(texts))
        if known is None:
            values = {
                term: (1 + math.log(n)) * self.rarity.get(term, 0.0) for term, n in counted(self.cut, texts).items()
            }
            length = math.sqrt(sum(value * value for value in values.values())) or 1.0
            known = self.weighed[id(texts)] = (texts, {term: value / length for term, value in values.items()})
        return known[1]


def bm25(topic: Topic) -> Scores:
    """BM25 (k1 1.2, b 0.75) for the 40 terms of the examples with the greatest offer weight (Robertson, 1990)."""
    used, others = users(topics.terms, topic.examples), users(topics.terms, topic.others)
    many, all_ = len(topic.examples), max(len(topic.others), len(topic.examples))
    weights = {}
    for term, n in used.items():
        if n >= 2:
            n_all = max(others[term], n)
            rest = max(0, all_ - n_all - many + n)
            weights[term] = math.log((n + 0.5) * (rest + 0.5) / ((n_all - n + 0.5) * (many - n + 0.5)))
    query = dict(sorted(weights.items(), key=lambda one: (-one[1] * used[one[0]], one[0]))[:40])
    counts = {one: counted(topics.terms, texts) for one, texts in topic.people.items()}
    usual = mean([count.total() for count in counts.values()]) or 1.0
    return {
        one: sum(
            weight * count[term] * 2.2 / (count[term] + 1.2 * (0.25 + 0.75 * count.total() / usual))
            for term, weight in query.items()
            if term in count
        )
        for one, count in counts.items()
    }


_counted: dict[tuple[Cut, int], tuple[Texts, Counter[str]]] = {}


def counted(cut: Cut, texts: Texts) -> Counter[str]:
    """How often each term stands in the newest texts, as many and as much of them as KOLbench reads."""
    key = (cut, id(texts))
    if key not in _counted:
        read = texts[: topics_fit.MESSAGES]
        _counted[key] = (texts, Counter(term for text in read for term in cut(text[: topics.CHARACTERS])))
    return _counted[key][1]


def users(cut: Cut, people: Mapping[int, Texts]) -> Counter[str]:
    """How many people use each term."""
    found: Counter[str] = Counter()
    for texts in people.values():
        found.update(counted(cut, texts).keys())
    return found


def rarity(cut: Cut, people: Mapping[int, Texts]) -> dict[str, float]:
    return {term: math.log((len(people) + 1) / (n + 1)) for term, n in users(cut, people).items()}


def words(text: str) -> Iterable[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def characters(text: str) -> Iterator[str]:
    plain = " ".join(text.lower().split())
    for n in (2, 3):
        for start in range(len(plain) - n + 1):
            yield plain[start : start + n]


def jieba_words(text: str) -> Iterator[str]:
    import jieba

    return (word for word in jieba.cut(topics.fold(text)) if len(word) > 1 and word.isalpha())


# How good the answers are ----------------------------------------------------------------------------------


def precision(topic: Topic, method: Callable[[Topic], Scores]) -> float:
    """Average precision of a ranking of the topic's people; equals in an order that says nothing."""
    people = sorted(topic.people)
    random.Random(20_260_101).shuffle(people)
    place = dict(enumerate(people))
    scores = method(topic)
    order = ranked({number: scores.get(one, 0.0) for number, one in place.items()}, list(place))
    return average_precision([place[number] in topic.truth for number in order])


def interval(values: Sequence[float], samples: int) -> tuple[float, float]:
    """The middle 95 % of the mean when topics are drawn again."""

    def measure(drawn: Mapping[int, int]) -> float:
        return sum(values[number] * n for number, n in drawn.items()) / len(values)

    return bootstrap(measure, range(len(values)), samples)
