"""Rhythm of introduction: for each topic of a brief and each community, whether it needs more, fewer or other creators.

Creators are the candidates of the brief who are labelled KOL, KOC or both, and whoever was chosen for it; everybody
else who writes, or addresses somebody who did, is the demand.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.analysis.topics import fold, is_unspaced
from kolbench.domain.clock import DAY, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import briefs, leaderboards
from kolbench.store.leaderboards import Window

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from kolbench.store.connect import Store

VERSION = 2
"""Changes with any definition or threshold here."""

WEEK = 7 * DAY
WEEKS = 4
"""What is looked at by default: so many weeks up to now."""

PATIENCE = DAY
"""Whoever addresses somebody within a day after they wrote answers what they wrote."""

CROWDED = 50.0
"""From so many interacting people a creator and week on, there are too few creators."""

UNANSWERED = 0.5
"""From this share of people's questions without an answer on, there are too few creators, or none who answer."""

IDLE = 0.5
"""From this share of creators' weeks in which nobody reacted to them on, there are too many, or the wrong ones."""

FEWEST_PEOPLE, FEWEST_WEEKS, FEWEST_QUESTIONS = 10, 5, 10
"""With fewer people and creators together nothing is said; with fewer creators' weeks or questions not by these."""

LIVELIEST = 20
"""Communities that are looked at where the brief names none as ours: those where most is said."""

Verdict = Literal["more", "fewer", "other", "enough", "silent", "unknown"]


class Rhythm(NamedTuple):
    """Supply and demand of one subject: ``topic`` (a keyword) or ``community``. None is not known.

    ``window`` is None where there is no text at all. ``silent_since`` is when the newest text is from (ms), where none
    is in the weeks up to now; the ``window`` then is those weeks, or the last ones that had a text.

    ``creators``, ``works`` and ``people`` are a week, on average over the ``window``; ``crowd`` is people a creator.
    ``people`` is known where messages or who addressed whom are: counters of likes tell no persons.
    ``idle`` is the share of ``weeks`` (those of each creator) without a reaction, ``unanswered`` that of people's
    ``questions`` which nobody answered within a day.
    """

    kind: Literal["topic", "community"]
    name: str
    window: Window | None
    creators: float = 0.0
    works: float = 0.0
    people: float | None = None
    crowd: float | None = None
    weeks: int = 0
    idle: float | None = None
    questions: int = 0
    unanswered: float | None = None
    verdict: Verdict = "unknown"
    silent_since: int | None = None


class _Work(NamedTuple):
    at: int
    account_id: int
    creator_id: int
    community_id: int | None
    question: int
    reactions: int | None


def rhythm(store: Store, brief_id: int, weeks: int = WEEKS, *, last: bool = False) -> Iterator[Rhythm]:
    """Every keyword of a brief, then our communities, over the ``weeks`` up to now.

    A subject of which nothing was written in them is silent; with ``last``, what is told of it is what was so in the
    weeks up to its newest text. Raises UsageError for a brief that was never scored: nobody is known to be a creator
    for it.
    """
    row, goal, db = briefs.row(store, brief_id), briefs.goal(store, brief_id), store.reader()
    if not row.scored:
        text = _("{name} was never scored, so nobody is known to fit it. First: kolbench brief score {id}")
        raise UsageError(text.format(name=row.name, id=row.id))
    creators = {found[0] for found in db.execute(sql("rhythm_creators"), {"brief": brief_id})}
    today = _window(now(), weeks)
    for subject, works in _topics(db, goal.brief.topics.keywords, today, weeks, last=last):
        yield measured(db, subject, works, creators)
    places = (*goal.ours, *goal.communities)
    for community_id, name, newest in _communities(store, places, goal.brief.who.platforms, today.stop):
        subject = _subject("community", name, newest, today, weeks, last=last)
        yield measured(db, subject, _talk(db, community_id, subject.window), creators)


def _subject(
    kind: Literal["topic", "community"], name: str, newest: int | None, today: Window, weeks: int, *, last: bool
) -> Rhythm:
    """A subject of which nothing is measured yet, by when its newest text is from."""
    if newest is None or newest >= today.start:
        return Rhythm(kind, name, None if newest is None else today)
    return Rhythm(kind, name, _window(newest + 1, weeks) if last else today, silent_since=newest)


def _topics(
    db: sqlite3.Connection, names: Sequence[str], today: Window, weeks: int, *, last: bool
) -> Iterator[tuple[Rhythm, Sequence[_Work]]]:
    """Each keyword with what was written on it."""
    keywords = {name: _keyword(name) for name in names}
    on_topic = _on_topic(db, keywords, dict.fromkeys(keywords, today))
    quiet = {name: keyword for name, keyword in keywords.items() if not on_topic[name]}
    newest = _newest(db, quiet, today.start)
    for name in names:
        if name in quiet:
            subject = _subject("topic", name, newest[name], today, weeks, last=last)
        else:
            subject = Rhythm("topic", name, today)
        if last and subject.window and subject.silent_since is not None:
            on_topic |= _on_topic(db, {name: keywords[name]}, {name: subject.window})
        yield subject, on_topic[name]


def measured(db: sqlite3.Connection, subject: Rhythm, works: Sequence[_Work], creators: AbstractSet[int]) -> Rhythm:
    """The subject with what its texts say of supply and demand."""
    if subject.window is None:
        return subject
    if not works and subject.silent_since is not None:
        return subject._replace(verdict="silent")
    asked = json.dumps([(work.account_id, work.at, work.community_id) for work in works])
    start, stop = subject.window.start, subject.window.stop
    supply, demand = set[tuple[int, int]](), set[tuple[int, int]]()
    answered, heard = set[int](), set[int | None]()
    for place, actor, at in db.execute(sql("rhythm_contacts"), {"works": asked, "patience_ms": PATIENCE}):
        answered.add(place)
        heard.add(works[place].community_id)
        if actor not in creators and at < stop:
            demand.add(((at - start) // WEEK, actor))
    noticed: dict[tuple[int, int], bool] = {}
    questions = unanswered = number = 0
    for place, work in enumerate(works):
        week = (work.at - start) // WEEK, work.creator_id
        if work.creator_id in creators:
            number += 1
            supply.add(week)
            # Where nobody is ever seen to address anybody, and nothing is counted, silence says nothing.
            if work.community_id in heard or work.reactions is not None:
                noticed[week] = noticed.get(week, False) or place in answered or bool(work.reactions)
        elif work.community_id is not None:  # whoever else publishes works is no creator yet, but not the demand
            demand.add(week)
            if work.question and work.community_id in heard and work.at + PATIENCE < stop:
                questions += 1
                unanswered += place not in answered
    told = bool(heard) or any(work.community_id is not None for work in works)
    weeks = (stop - start) / WEEK
    found = subject._replace(
        creators=len(supply) / weeks,
        works=number / weeks,
        people=len(demand) / weeks if told else None,
        crowd=len(demand) / len(supply) if supply and told else None,
        weeks=len(noticed),
        idle=sum(not one for one in noticed.values()) / len(noticed) if noticed else None,
        questions=questions,
        unanswered=unanswered / questions if questions else None,
    )
    everybody = {one for _week, one in supply | demand}
    return found._replace(verdict=_verdict(found) if len(everybody) >= FEWEST_PEOPLE else "unknown")


def _verdict(found: Rhythm) -> Verdict:
    idle = found.weeks >= FEWEST_WEEKS and (found.idle or 0.0) >= IDLE
    if found.people is None:
        return "fewer" if idle else "unknown"
    lacking = (
        found.crowd is None
        or found.crowd >= CROWDED
        or (found.questions >= FEWEST_QUESTIONS and (found.unanswered or 0.0) >= UNANSWERED)
    )
    if lacking and idle:
        return "other"
    if lacking:
        return "more"
    return "fewer" if idle else "enough"


class _Keyword(NamedTuple):
    """A keyword, folded, and what finds it: as a word of its own where words are parted by spaces."""

    text: str
    pattern: re.Pattern[str]

    def on(self, folded: str) -> bool:
        return self.text in folded and self.pattern.search(folded) is not None  # the first alone is much faster


def _keyword(keyword: str) -> _Keyword:
    text = fold(keyword)
    return _Keyword(text, re.compile(re.escape(text) if is_unspaced(text) else rf"(?<!\w){re.escape(text)}(?!\w)"))


def _newest(db: sqlite3.Connection, keywords: Mapping[str, _Keyword], before: int) -> dict[str, int | None]:
    """When the newest text with each keyword before a moment is from (ms). Reads each of those texts once."""
    newest = dict.fromkeys(keywords, -1)
    for at, text in db.execute(sql("rhythm_texts"), {"before": before}) if keywords else ():
        if wanted := [name for name, known in newest.items() if at > known]:
            folded = fold(text)
            for name in wanted:
                if keywords[name].on(folded):
                    newest[name] = at
    return {name: at if at >= 0 else None for name, at in newest.items()}


def _on_topic(
    db: sqlite3.Connection, keywords: Mapping[str, _Keyword], windows: Mapping[str, Window]
) -> dict[str, list[_Work]]:
    """What was written on each keyword in its window. Reads every text of the time once."""
    found: dict[str, list[_Work]] = {name: [] for name in keywords}
    if not windows:
        return found

    def on_topic(text: str) -> bool:
        folded = fold(text)
        return any(keyword.on(folded) for keyword in keywords.values())

    db.create_function("on_topic", 1, on_topic, deterministic=True)
    times = windows.values()
    span = {"start": min(window.start for window in times), "stop": max(window.stop for window in times)}
    for *facts, text in db.execute(sql("rhythm_topic"), span):
        work, folded = _Work._make(facts), fold(text)
        for name, window in windows.items():
            if window.start <= work.at < window.stop and keywords[name].on(folded):
                found[name].append(work)
    return found


def _talk(db: sqlite3.Connection, community_id: int, window: Window | None) -> list[_Work]:
    if window is None:
        return []
    rows = db.execute(sql("rhythm_talk"), {"community": community_id, "start": window.start, "stop": window.stop})
    return list(map(_Work._make, rows))


def _window(stop: int, weeks: int) -> Window:
    return Window(stop - weeks * WEEK, stop)


def _communities(
    store: Store, wanted: Iterable[int], platforms: Sequence[str], stop: int
) -> Iterator[tuple[int, str, int | None]]:
    """The communities that a brief names, else the liveliest of its ``platforms`` (none: of all).

    With each goes when its newest message before ``stop`` was sent.
    """
    named, db = set(wanted), store.reader()
    every = leaderboards.communities(store)
    usual = [one for one in every if not platforms or one.platform in platforms][:LIVELIEST]
    for one in [one for one in every if one.id in named] if named else usual:
        query = "SELECT max(sent_at) FROM message WHERE community_id = ? AND sent_at < ?"
        yield one.id, one.name, db.execute(query, (one.id, stop)).fetchone()[0]
