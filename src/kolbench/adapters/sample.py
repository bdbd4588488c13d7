"""Generated creators for trying things out: people, their counts over time, posts, and talk in groups.

The same settings give the same people. Sizes have heavy tails, some have bought followers, some have gone
silent, and the groups have their helpers whom others thank, as real ones do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from kolbench.adapters import sample_shop
from kolbench.adapters import sample_words as words
from kolbench.adapters.protocol import Page, Pull, RateLimit, Setting
from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    Count,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    Metrics,
    PostRecord,
    Record,
    SnapshotRecord,
)

if TYPE_CHECKING:
    from kolbench.adapters.sample_words import Identity

MAX_PEOPLE = 1_000_000
PEOPLE_A_PAGE = 200
WITH_HISTORY = 5_000
"""This many of a platform's people have weekly counts and posts; the others two counts, a month apart."""

WEEKS = 12
ENGLISH = ("instagram", "youtube")
ROUNDED = ("xiaohongshu", "douyin")
"""Platforms that show ``7.9万``: their counts are known to the nearest thousand."""

TALK_DAYS = 62
MEMBERS_A_ROOM = 120
MAX_ROOMS = 12
ROOMS_ZH = ("交流群", "互助群", "内测群", "打卡群")


@dataclass(frozen=True)
class Person:
    """A generated account's size and habits: ``engagement`` is reactions per post and follower."""

    identity: Identity
    followers: int
    weekly_growth: float
    spike_week: int | None
    engagement: float
    posts: int
    silent_days: int


@dataclass(frozen=True)
class Member:
    """Somebody in a group: how much they say, and how likely they are the one who answers."""

    uid: str
    identity: Identity
    talk: float
    help: float
    silent_days: int
    role: str
    is_bot: bool


class Sample:
    """The adapter of generated people; see ``Setting`` for what can be chosen."""

    name = "sample"
    title = N_("generated people, for trying KOLbench out")
    platform = ""
    feeds = ("profiles", "posts", "members", "messages", "conversions")
    limits: RateLimit | None = None
    settings = (
        Setting(
            "platform",
            N_("platform of the people, 'wechat' for group chats, or 'shop' for a campaign's sales"),
            True,
            example="xiaohongshu",
        ),
        Setting("people", N_("how many people, up to a million"), default="1000", example="200"),
        Setting("seed", N_("another seed makes other people"), default="1"),
        Setting("as_of", N_("the day of the newest counts: an ISO date (today)"), example="2026-05-04"),
        Setting("campaign", N_("of a shop: the campaign's name"), example="Spring tea"),
        Setting("starts", N_("of a shop: when the first wave posts"), example="2026-05-04T20:00+08:00"),
        Setting("codes", N_("of a shop: the codes of the first wave"), example="CD2FH5J KM6NP7R"),
        Setting("later_codes", N_("of a shop: the codes of the second wave"), example="TW8XC9D"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield pages of ``pull.feed``; the cursor is the number of the next page, of a shop a moment."""
        if (pull.settings["platform"] == sample_shop.PLATFORM) is not (pull.feed == "conversions"):
            return
        if pull.feed == "conversions":
            yield from sample_shop.pages(pull)
            return
        wanted = _Wanted.of(pull)
        for number in range(int(pull.cursor or 0), _pages(wanted, pull.feed)):
            yield Page(_MAKERS[pull.feed](wanted, number), str(number + 1))


@dataclass(frozen=True)
class _Wanted:
    platform: str
    people: int
    seed: str
    as_of: datetime

    @classmethod
    def of(cls, pull: Pull) -> _Wanted:
        settings = pull.settings
        try:
            people = int(settings["people"])
            told = settings.get("as_of") or from_ms(now()).date().isoformat()
            as_of = datetime.fromisoformat(told).replace(tzinfo=UTC)
        except ValueError as error:
            raise UsageError(
                _("A sample needs a number of people and an ISO date: {error}.").format(error=error)
            ) from error
        if not 0 < people <= MAX_PEOPLE:
            raise UsageError(_("A sample has 1 to {most} people.").format(most=MAX_PEOPLE))
        return cls(settings["platform"], people, settings["seed"], as_of)

    @property
    def rooms(self) -> int:
        return min(MAX_ROOMS, max(1, self.people // MEMBERS_A_ROOM))

    def random(self, *place: object) -> Random:
        """The chance of one place: the same for the same seed, whatever was read before."""
        return Random(f"{self.seed}/{self.platform}/{'/'.join(map(str, place))}")  # noqa: S311


def _pages(wanted: _Wanted, feed: str) -> int:
    """How many pages a feed has; none where the platform isn't of its kind."""
    if (wanted.platform == "wechat") is not (feed in ("members", "messages")):
        return 0
    if feed == "profiles":
        return math.ceil(wanted.people / PEOPLE_A_PAGE)
    if feed == "posts":
        return math.ceil(min(wanted.people, WITH_HISTORY) / PEOPLE_A_PAGE)
    return wanted.rooms * (TALK_DAYS if feed == "messages" else 1)


def _people(wanted: _Wanted, page: int) -> list[tuple[str, Person]]:
    first = page * PEOPLE_A_PAGE
    random = wanted.random("people", page)
    identity = words.english if wanted.platform in ENGLISH else words.chinese
    people = []
    for number in range(first, first + PEOPLE_A_PAGE):
        person = _person(random, identity(random))
        if number < wanted.people:
            people.append((f"{10_000_019 + number * 7919 % 89_999_981}", person))
    return people


def _person(random: Random, identity: Identity) -> Person:
    followers = int(random.lognormvariate(math.log(4_000), 1.9)) + 20
    bought = random.random() < 0.03
    return Person(
        identity=identity,
        followers=followers,
        weekly_growth=random.gauss(0.004, 0.012),
        spike_week=random.randrange(2, WEEKS) if bought else None,
        engagement=0.08 * (followers / 1_000) ** -0.15 * random.lognormvariate(0, 0.7) * (0.15 if bought else 1),
        posts=int(random.lognormvariate(4.5, 1)) + 1,
        silent_days=random.choice((0, 0, 1, 2, 4, 9, 25, 60)),
    )


def _followers(person: Person, weeks_ago: int) -> int:
    """The count that many weeks before: steady growth, and for some a jump nobody can explain."""
    count = person.followers * math.exp(-person.weekly_growth * weeks_ago)
    if person.spike_week is not None and weeks_ago > person.spike_week:
        count *= 0.7
    return int(count)


def _shown(wanted: _Wanted, count: int) -> int | Count:
    if wanted.platform in ROUNDED and count >= 10_000:
        return Count(count // 1_000 * 1_000, 500)
    return count


def _profiles_page(wanted: _Wanted, page: int) -> Sequence[Record]:
    records: list[Record] = []
    random = wanted.random("profiles", page)
    for number, (uid, person) in enumerate(_people(wanted, page), page * PEOPLE_A_PAGE):
        records.append(_account(wanted, random, uid, person))
        for week in range(1, WEEKS + 1) if number < WITH_HISTORY else (4,):
            metrics: Metrics = {"followers": _shown(wanted, _followers(person, week))}
            records.append(
                SnapshotRecord(account_uid=uid, metrics=metrics, observed_at=wanted.as_of - timedelta(weeks=week))
            )
    return records


def _account(wanted: _Wanted, random: Random, uid: str, person: Person) -> AccountRecord:
    identity, followers = person.identity, person.followers
    regions = words.REGIONS_EN if wanted.platform in ENGLISH else words.REGIONS_ZH
    address = Contact("email", f"{identity.handle}@example.com")
    return AccountRecord(
        uid=uid,
        handle=identity.handle,
        name=identity.name,
        bio=identity.bio,
        url=f"https://{wanted.platform}.example.com/{identity.handle}",
        category=identity.topic.category,
        region=random.choice(regions) if random.random() < 0.8 else None,
        gender=random.choice(("female", "female", "male", None)),
        verified="yes" if followers > 200_000 and random.random() < 0.7 else None,
        contacts=(address,) if random.random() < 0.3 else (),
        metrics={
            "followers": _shown(wanted, followers),
            "following": int(random.lognormvariate(5, 1)),
            "posts": person.posts,
            "likes": _shown(wanted, int(followers * person.engagement * person.posts)),
        },
        observed_at=wanted.as_of,
    )


def _posts_page(wanted: _Wanted, page: int) -> Sequence[Record]:
    records: list[Record] = []
    random = wanted.random("posts", page)
    for uid, person in _people(wanted, page):
        gap = random.uniform(1, 12)
        for number in range(random.choice((0, 2, 4, 6, 9))):
            topic = person.identity.topic
            ago = person.silent_days + gap * number * random.uniform(0.6, 1.4) + random.random()
            reactions = int(person.followers * person.engagement * random.lognormvariate(0, 0.5))
            records.append(
                PostRecord(
                    uid=f"{uid}-{person.posts - number}",
                    account_uid=uid,
                    published_at=wanted.as_of - timedelta(days=ago),
                    kind="video" if wanted.platform in ("douyin", "bilibili", "youtube") else "note",
                    title=random.choice(topic.titles).format(random.choice(topic.things)),
                    metrics={
                        "views": reactions * random.randrange(8, 30),
                        "likes": int(reactions * 0.8),
                        "comments": int(reactions * 0.12),
                        "shares": int(reactions * 0.08),
                    },
                    observed_at=wanted.as_of,
                )
            )
    return records


def _room(wanted: _Wanted, number: int) -> tuple[CommunityRecord, words.Topic, str]:
    language = "en" if number % 4 == 3 else "zh"
    topics = words.TOPICS_EN if language == "en" else words.TOPICS_ZH
    topic = topics[number % len(topics)]
    name = f"{topic.category} club" if language == "en" else f"{topic.category}{ROOMS_ZH[number % len(ROOMS_ZH)]}"
    return CommunityRecord(uid=f"room-{number}", name=name, kind="group"), topic, language


def _members(wanted: _Wanted, room: int) -> list[Member]:
    random = wanted.random("members", room)
    english = _room(wanted, room)[2] == "en"
    members = []
    for number in range(max(12, min(MEMBERS_A_ROOM, wanted.people // wanted.rooms))):
        identity = words.english(random) if english else words.chinese(random)
        helper = 0 < number <= 6
        members.append(
            Member(
                uid=f"wx{room:02}{number:04}",
                identity=identity,
                talk=random.paretovariate(1.1),
                help=random.uniform(40, 120) if helper else random.paretovariate(1.5),
                silent_days=random.choice((0, 0, 0, 0, 3, 8, 21, 35)),
                role="owner" if number == 0 else "member",
                is_bot=number == 7,
            )
        )
    return members


def _members_page(wanted: _Wanted, room: int) -> Sequence[Record]:
    community = _room(wanted, room)[0]
    records: list[Record] = [community]
    for member in _members(wanted, room):
        records.append(
            AccountRecord(
                uid=member.uid,
                handle=member.identity.handle,
                name=member.identity.name,
                bio=member.identity.bio,
                category=member.identity.topic.category,
                is_bot=member.is_bot or None,
                is_staff=member.role == "owner" or None,
                observed_at=wanted.as_of,
            )
        )
        records.append(MembershipRecord(community_uid=community.uid, account_uid=member.uid, role=member.role))
    return records


def _messages_page(wanted: _Wanted, page: int) -> Sequence[Record]:
    """One day of one group: questions, answers, thanks, and talk."""
    room, day = divmod(page, TALK_DAYS)
    return _Day(wanted, room, TALK_DAYS - day).records()


class _Day:
    """One day in a group, ``days_ago`` before the sample's date."""

    def __init__(self, wanted: _Wanted, room: int, days_ago: int) -> None:
        self.random = wanted.random("day", room, days_ago)
        self.community, self.topic, self.language = _room(wanted, room)
        self.at = wanted.as_of - timedelta(days=days_ago) + timedelta(hours=8)
        self.days_ago = days_ago
        self.told: list[Record] = []
        present = [member for member in _members(wanted, room) if member.silent_days < days_ago]
        # Who talks much changes from week to week, and so do the ranks.
        mood = wanted.random("mood", room, days_ago // 7)
        self.present = present
        self.talk = [member.talk * mood.lognormvariate(0, 0.8) for member in present]
        self.help = [member.help * mood.lognormvariate(0, 0.5) for member in present]

    def records(self) -> list[Record]:
        """The day's messages and what people did towards each other in them."""
        if not self.present:
            return []
        while len(self.told) < 20 or self.random.random() < 0.97:
            member = self._someone(self.talk)
            if self.random.random() < 0.3 and not member.is_bot:
                self._question(member)
            else:
                self._say(member, self.random.choice(words.CHATTER[self.language]))
            if len(self.told) > 400:
                break
        return self.told

    def _question(self, asker: Member) -> None:
        text = self.random.choice(words.QUESTIONS[self.language]).format(self.random.choice(self.topic.things))
        question = self._say(asker, text)
        for _answer in range(self.random.choice((0, 1, 1, 2, 3))):
            helper = self._someone(self.help)
            if helper is asker or helper.is_bot:
                continue
            answer = self._say(helper, self.random.choice(words.ANSWERS[self.language]), question.uid)
            self._towards(helper, asker, "reply", answer)
            if self.random.random() < 0.5:
                text = self.random.choice(words.THANKS[self.language]).format(helper.identity.name)
                thanks = self._say(asker, text, answer.uid)
                self._towards(asker, helper, "thank", thanks)
                self._towards(asker, helper, "mention", thanks)

    def _someone(self, weights: list[float]) -> Member:
        return self.random.choices(self.present, weights)[0]

    def _say(self, member: Member, text: str, reply_to: str | None = None) -> MessageRecord:
        self.at += timedelta(seconds=self.random.randrange(5, 240))
        message = MessageRecord(
            uid=f"{self.community.uid}-{self.days_ago}-{len(self.told)}",
            community_uid=self.community.uid,
            account_uid=member.uid,
            sent_at=self.at,
            text=text,
            reply_to_uid=reply_to,
        )
        self.told.append(message)
        return message

    def _towards(self, actor: Member, object_: Member, kind: str, message: MessageRecord) -> None:
        self.told.append(
            InteractionRecord(
                actor_uid=actor.uid,
                object_uid=object_.uid,
                kind=kind,
                at=message.sent_at,
                evidence_uid=message.uid,
                community_uid=self.community.uid,
            )
        )


_MAKERS: dict[str, Callable[[_Wanted, int], Sequence[Record]]] = {
    "profiles": _profiles_page,
    "posts": _posts_page,
    "members": _members_page,
    "messages": _messages_page,
}
