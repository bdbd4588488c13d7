"""Supply and demand of topics and communities, and from where the people came who work with us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.analysis import candidacy, grounds, standing
from kolbench.analysis.metrics import sql
from kolbench.analysis.rhythm import Rhythm, rhythm
from kolbench.domain.clock import from_ms
from kolbench.domain.errors import UsageError
from kolbench.store import changes, decisions, sources
from kolbench.store.connect import Store

if TYPE_CHECKING:
    from commands import Commands
    from kolbench.domain.records import Record

PEOPLE = tuple(f"p{n}" for n in range(12))


@pytest.fixture(autouse=True)
def just_after_the_28th_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the moment after the newest text of ``talk``."""
    monkeypatch.setenv("KOLBENCH_NOW", from_ms(make.ms(28) + 1).isoformat())


def programme(store: Store, *chosen: str, **facts: object) -> int:
    """A scored brief for which these people are shortlisted: its creators."""
    standing.refresh(store)
    brief_id = make.brief(store, **facts)
    candidacy.score(store, brief_id)
    decisions.decide(store, brief_id, [make.creator(store, name) for name in chosen], "shortlisted", "me")
    return brief_id


def one(store: Store, brief_id: int, weeks: int = 4) -> Rhythm:
    (found,) = rhythm(store, brief_id, weeks)
    return found


def talk(*, days: range = range(27), asked: int = 0, answered: int = 0, noticed: bool = True) -> list[Record]:
    """27 days in a room: ann and eve say something each day, and are thanked for it or not.

    Twelve others say hello once; the first ``asked`` ask instead, of whom ``answered`` get a reply.
    """
    records: list[Record] = [make.said("p11", "tea", 28, "the newest")]
    for day in days:
        for creator in ("ann", "eve"):
            records.append(make.said(creator, "tea", day + 0.1, "about tea"))
            if noticed:
                records.append(make.did("thank", "p0", creator, "tea", day + 0.2, f"{creator}{day}"))
    for n, name in enumerate(PEOPLE):
        records.append(make.said(name, "tea", 10 + n / 100, "how?" if n < asked else "hello"))
        if n < answered:
            records.append(make.did("reply", PEOPLE[n - 1], name, "tea", 10.5, f"to {name}"))
    return records


def test_supply_and_demand_are_told_a_week(store: Store) -> None:
    make.write(store, *talk(asked=11, answered=11))
    found = one(store, programme(store, "ann", "eve"))
    assert (found.kind, found.name, found.verdict) == ("community", "tea", "enough")
    assert found.window
    assert (found.window.start, found.window.stop) == (make.ms(0) + 1, make.ms(28) + 1)
    assert found.creators == pytest.approx(2)
    assert found.works == pytest.approx(2 * 27 / 4)
    # p0 thanks in each of four weeks; the eleven others are there in one, and p11 in the last again.
    assert found.people == pytest.approx((4 + 11 + 1) / 4)
    assert found.crowd == pytest.approx(16 / 8)
    assert (found.weeks, found.idle) == (8, 0.0)
    assert (found.questions, found.unanswered) == (11, 0.0)


def test_questions_that_nobody_answers_ask_for_more_creators(store: Store) -> None:
    make.write(store, *talk(asked=12, answered=6))
    found = one(store, programme(store, "ann", "eve"))
    assert (found.questions, found.unanswered, found.verdict) == (12, 0.5, "more")


def test_without_any_creator_more_are_needed(store: Store) -> None:
    make.write(store, *talk())
    found = one(store, programme(store))
    assert (found.creators, found.crowd, found.verdict) == (0.0, None, "more")


def test_creators_whom_nobody_notices_are_too_many(store: Store) -> None:
    make.write(store, *talk(noticed=False, asked=12, answered=12))
    found = one(store, programme(store, "ann", "eve"))
    assert (found.weeks, found.idle, found.verdict) == (8, 1.0, "fewer")


def test_creators_whom_nobody_notices_beside_questions_nobody_answers_are_the_wrong_ones(store: Store) -> None:
    make.write(store, *talk(noticed=False, asked=12, answered=1))
    found = one(store, programme(store, "ann", "eve"))
    assert found.unanswered
    assert (found.idle, found.verdict) == (1.0, "other")


def test_of_few_people_nothing_is_said(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 1), make.said("p1", "tea", 2, "how?"))
    assert one(store, programme(store, "ann")).verdict == "unknown"


def test_silence_says_nothing_where_nobody_is_ever_seen_to_address_anybody(store: Store) -> None:
    make.write(store, *talk(noticed=False, asked=12))
    found = one(store, programme(store, "ann", "eve"))
    assert (found.idle, found.unanswered, found.questions) == (None, None, 0)


def test_what_was_asked_on_the_last_day_may_still_be_answered(store: Store) -> None:
    make.write(store, *talk(asked=11, answered=11), make.said("p5", "tea", 27.5, "anybody?"))
    assert one(store, programme(store, "ann", "eve")).questions == 11


def test_bots_and_staff_are_neither_supply_nor_demand(store: Store) -> None:
    make.write(store, *talk(), make.person("p0", is_bot=True), make.person("eve", is_staff=True))
    found = one(store, programme(store, "ann"))
    assert found.creators == pytest.approx(1)
    assert found.people == pytest.approx((11 + 1) / 4)
    assert found.idle is None, "none but the bot has thanked"


def test_a_topic_is_what_has_the_word_wherever_it_is_said(store: Store) -> None:
    others = [make.person(name) for name in PEOPLE]
    works = [
        make.posted("ann", 20, "Green TEA latte", likes=3),
        make.posted("ann", 27, "tea again", likes=0, comments=0),
        make.posted("eve", 27, "a team of mine", likes=9),
        make.posted("p3", 26, "my tea", likes=9),
        make.said("p1", "cars", 27, "tea?"),
        make.did("mention", "p2", "ann", "cars", 20.5),
        make.said("p4", "cars", 300, "tea, from a clock that goes wrong"),
    ]
    make.write(store, *others, *works)
    brief_id = programme(store, "ann", "eve", topics={"keywords": ["tea", "coffee"]})
    topic, nothing, room = rhythm(store, brief_id, 4)
    assert topic.window
    assert (topic.kind, topic.name, topic.window.stop) == ("topic", "tea", make.ms(28) + 1)
    assert (topic.creators, topic.works) == (0.5, 0.5)
    assert topic.people == pytest.approx(2 / 4), "who says it, and who addresses ann within a day of it; not who posts"
    assert (topic.weeks, topic.idle) == (2, 0.5)
    assert nothing == Rhythm("topic", "coffee", None)
    assert (room.kind, room.name) == ("community", "cars")


def test_chinese_keywords_need_no_spaces_around_them(store: Store) -> None:
    make.write(store, make.posted("ann", 1, "新款奶茶测评", likes=1))
    topic = one(store, programme(store, "ann", topics={"keywords": ["奶茶"]}))
    assert topic.works == 0.25


def test_counters_tell_no_persons_but_show_works_without_reaction(store: Store) -> None:
    names = [f"c{n}" for n in range(10)]
    make.write(store, *(make.posted(name, 5, "tea", likes=0) for name in names))
    found = one(store, programme(store, *names, topics={"keywords": ["tea"]}))
    assert (found.people, found.crowd, found.idle, found.verdict) == (None, None, 1.0, "fewer")
    make.write(store, *(make.posted(name, 6, "tea", likes=3) for name in names))
    assert one(store, 1).verdict == "unknown"


def test_what_nobody_talks_of_any_more_is_silent_since_then_and_says_what_was_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.write(store, *talk(asked=12, answered=6), make.posted("ann", 20, "Tea again", likes=3))
    brief_id = programme(store, "ann", "eve", topics={"keywords": ["tea"]})
    then = [found._replace(silent_since=None) for found in rhythm(store, brief_id)]
    monkeypatch.setenv("KOLBENCH_NOW", from_ms(make.ms(3_678)).isoformat())
    topic, room = rhythm(store, brief_id)
    for found, newest in ((topic, 26.1), (room, 28)):
        assert (found.verdict, found.silent_since) == ("silent", make.ms(newest))
        assert found.window
        assert found.window.stop == make.ms(3_678)
        assert (found.creators, found.works, found.people, found.questions) == (0, 0, None, 0)
    topic, room = rhythm(store, brief_id, last=True)
    assert room._replace(silent_since=None) == then[1], "its newest text was just before it became silent"
    assert (topic.silent_since, room.silent_since) == (make.ms(26.1), make.ms(28))
    assert topic.window
    assert topic.window.stop == make.ms(26.1) + 1
    assert topic.works == pytest.approx(then[0].works)


def test_what_somebody_talks_of_is_told_as_it_is_now_beside_what_is_silent(store: Store) -> None:
    make.write(store, make.posted("ann", 27, "tea", likes=1), make.posted("ann", -400, "coffee", likes=1))
    brief_id = programme(store, "ann", topics={"keywords": ["tea", "coffee", "cocoa"]})
    for last in (False, True):
        tea, coffee, cocoa = rhythm(store, brief_id, last=last)
        assert (tea.works, tea.silent_since) == (0.25, None)
        assert coffee.silent_since == make.ms(-400)
        assert coffee.works == (0.25 if last else 0)
        assert cocoa == Rhythm("topic", "cocoa", None)


def test_only_the_communities_that_a_brief_names_are_looked_at(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 1), make.said("ann", "cars", 1), make.said("ann", "bikes", 1))
    brief_id = programme(store, "ann")
    assert {found.name for found in rhythm(store, brief_id)} == {"tea", "cars", "bikes"}
    from kolbench.domain.briefs import parse
    from kolbench.programme.briefs import write

    facts = {"name": "Tea", "purpose": "activate"}
    write(
        store, parse({**facts, "ours": {"communities": ["tea"]}, "topics": {"communities": ["cars"]}}), "me", brief_id
    )
    assert {found.name for found in rhythm(store, brief_id)} == {"tea", "cars"}


def test_places_are_those_of_the_briefs_platforms_unless_it_names_some(store: Store) -> None:
    make.write(store, *talk())
    standing.refresh(store)
    assert [found.name for found in rhythm(store, programme(store, who={"platforms": ["demo"]}))] == ["tea"]
    elsewhere = make.brief(store, "Elsewhere", who={"platforms": ["weibo"]})
    candidacy.score(store, elsewhere)
    assert list(rhythm(store, elsewhere)) == []


def test_who_was_rejected_or_is_unlabelled_is_no_creator(store: Store) -> None:
    make.write(store, *talk())
    brief_id = programme(store, "ann", "eve")
    decisions.decide(store, brief_id, [make.creator(store, "eve")], "rejected", "me", "asleep")
    assert one(store, brief_id).creators == pytest.approx(1)
    with store.writing() as db:
        db.execute("UPDATE standing SET kind = 'koc' WHERE creator_id = ?", (make.creator(store, "p3"),))
    assert one(store, brief_id).creators == pytest.approx(1.25)


def test_a_brief_that_was_never_scored_is_scored_first(store: Store) -> None:
    with pytest.raises(UsageError, match="Tea was never scored, so nobody is known to fit it"):
        list(rhythm(store, make.brief(store)))


def test_what_was_said_in_a_room_and_who_answered_is_found_by_indexes(store: Store) -> None:
    for name, values, index in (
        ("rhythm_talk", {"community": 1, "start": 0, "stop": 1}, "message_sent"),
        ("rhythm_contacts", {"works": "[]", "patience_ms": 1}, "activity_object"),
    ):
        plan = "\n".join(row[3] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {sql(name)}", values))
        assert index in plan
        assert "SCAN m" not in plan.replace("SCAN merge", "")
        assert "SCAN activity" not in plan


# Hunting grounds ----------------------------------------------------------------------------------------------


def test_each_ground_tells_how_many_got_how_far(store: Store) -> None:
    weibo = sources.add(store, "weibo-file", "demo", "weibo", {})
    make.write(store, *(make.person(f"d{n}") for n in range(4)))
    make.write(store, *(make.person(f"w{n}") for n in range(2)), origin=weibo)
    make.write(store, make.said("d0", "tea", 1), make.said("d1", "tea", 1))
    brief_id = programme(store)
    d0, d1, d2 = (make.creator(store, name) for name in ("d0", "d1", "d2"))
    w0 = make.creator(store, "w0", "weibo")
    for state in ("shortlisted", "agreed", "active"):
        decisions.decide(store, brief_id, [d0], state, "me")
    decisions.decide(store, brief_id, [d1, w0], "contacted", "me")
    decisions.decide(store, brief_id, [d1], "rejected", "me", "too dear")
    decisions.decide(store, brief_id, [d2], "active", "me")
    changes.undo(store, "me")
    found = grounds.grounds(store, brief_id)
    assert [one[:1] + one[2:] for one in found.grounds] == [
        ("source", "demo", 4, 2, 1, 1),
        ("source", "weibo-file", 2, 1, 0, 0),
        ("community", "tea", 2, 2, 1, 1),
    ]
    assert found.grounds[0].shares == (0.5, 0.5, 1.0)
    assert found.grounds[1].shares == (0.5, 0.0, None)
    assert found.first_at
    assert found.last_at
    assert found.first_at <= found.last_at


def test_nothing_decided_has_no_dates(store: Store) -> None:
    make.people(store, 1)
    found = grounds.grounds(store, programme(store))
    assert [(one.name, one.seen, one.shares) for one in found.grounds] == [("demo", 1, (0.0, None, None))]
    assert (found.first_at, found.last_at) == (None, None)


# The commands -------------------------------------------------------------------------------------------------


def test_the_command_says_since_when_it_is_silent_and_how_to_see_what_was_so(
    sampled: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampled("brief", "new", "Care", "--purpose", "activate", "--keyword", "护肤")
    sampled("brief", "score", "care")
    newest = sampled("brief", "rhythm", "care", "--json").json["subjects"][0]["window"]["until"]
    monkeypatch.setenv("KOLBENCH_NOW", "2036-06-01T00:00:00+00:00")
    out = sampled("brief", "rhythm", "care").out
    assert "2036-06-01" in out.splitlines()[0]
    assert "silent since 2026-0" in out.splitlines()[2]
    assert out.splitlines()[-1] == "What was so when somebody last talked of it: kolbench brief rhythm 1 --last"
    found = sampled("brief", "rhythm", "care", "--json").json["subjects"][0]
    assert (found["verdict"], found["silent_since"] < newest) == ("silent", True)
    out = sampled("brief", "rhythm", "care", "--last").out
    assert "until 2026-0" in out.splitlines()[2]
    assert "2026-0" in out.splitlines()[2]
    assert "--last" not in out


def test_the_commands_show_windows_and_dates(sampled: Commands) -> None:
    sampled("brief", "new", "Care", "--purpose", "activate", "--keyword", "护肤")
    assert sampled("brief", "rhythm", "care").err.startswith("kolbench: Care was never scored")
    assert sampled("brief", "grounds", "care").out.splitlines()[-1].startswith("The brief means nobody yet.")
    sampled("brief", "score", "care")
    lines = sampled("brief", "rhythm", "care", "--weeks", 12).out.splitlines()
    assert lines[0] == "Care: supply and demand a week, over the 12 weeks from 2026-03-09 to 2026-06-01"
    assert lines[1].split()[:3] == ["kind", "subject", "needs"]
    told = sampled("brief", "rhythm", "care", "--json").json
    assert (told["weeks"], told["subjects"][0]["name"]) == (4, "护肤")
    assert told["subjects"][0]["window"]["from"] < told["subjects"][0]["window"]["until"]
    first = sampled("candidates", "--brief", "care", "--limit", 1, "--json").json[0]["creator_id"]
    sampled("brief", "decide", "care", "shortlisted", first)
    lines = sampled("brief", "grounds", "care").out.splitlines()
    assert lines[0] == "Care, as of 2026-06-01: decided between 2026-06-01 and 2026-06-01"
    (ground,) = [one for one in sampled("brief", "grounds", "care", "--json").json["grounds"] if one["shortlisted"]][:1]
    assert ground["shortlisted_of_seen"] == pytest.approx(1 / ground["seen"])
