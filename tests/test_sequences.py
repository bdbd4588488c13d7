"""Sequences: when the next step is right, and what people's answers, pauses and wishes make of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import standing
from kolbench.domain import hours
from kolbench.domain.clock import DAY, HOUR, from_ms, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.records import Contact
from kolbench.domain.sequences import Step, flat, in_spans, parse, plain
from kolbench.programme import follow_ups, outreach, responses, working_days, zones
from kolbench.programme.sequences import WEEK, Course, Due, Person, Wish, next_step, schedule
from kolbench.store import changes, enrolments, facts, merges, notes, refusals, sequences, templates
from kolbench.store import follow_ups as queue
from kolbench.store import responses as kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kolbench.store.connect import Store

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [UTC, SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")]
START = to_ms(datetime(2026, 1, 1, tzinfo=UTC))


def course(*channels: str, days: int = 3, **values: Any) -> Course:
    steps = [Step(channel=channel, days=days) for channel in channels]
    return Course(**{"steps": steps, "step": 0, "since_at": START, "a_week": 7, **values})


def at(text: str, zone: Any = SHANGHAI) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=zone))


# When a step is right --------------------------------------------------------------------------------------


def test_a_step_is_due_so_many_days_after_the_last_contact() -> None:
    one = course("weibo", since_at=at("2026-03-02T10:00"))
    assert next_step(one, Person(SHANGHAI), at("2026-03-02T11:00")) == Due(0, at("2026-03-05T10:00"))
    assert next_step(one, Person(SHANGHAI), at("2026-03-09T11:00")) == Due(0, at("2026-03-09T11:00"))


def test_quiet_hours_are_those_where_the_person_is_also_when_the_clock_changes() -> None:
    new_york = ZoneInfo("America/New_York")
    night = course("weibo", days=0, quiet=hours.parse("21-9"), since_at=at("2026-03-07T23:00", new_york))
    found = next_step(night, Person(new_york), night.since_at)
    assert found == Due(0, at("2026-03-08T09:00", new_york)), "ten hours by the clock, of which one was left out"
    assert next_step(night, Person(SHANGHAI), night.since_at) == Due(0, night.since_at), "it is noon in Shanghai"


def test_work_is_done_on_working_days_and_on_weekends_worked_for_a_holiday() -> None:
    one = course("weibo", days=0, working_days=True, country="CN")

    def when(text: str) -> str:
        found = next_step(one, Person(SHANGHAI), at(text))
        assert isinstance(found, Due)
        return from_ms(found.at).astimezone(SHANGHAI).isoformat()[:16]

    assert when("2026-02-14T10:00") == "2026-02-14T10:00", "a Saturday worked for the Spring Festival"
    assert when("2026-02-16T10:00") == "2026-02-24T00:00", "nine days off"
    assert when("2026-03-07T10:00") == "2026-03-09T00:00", "a weekend"
    assert working_days.day_off("", date(2026, 2, 14))
    with pytest.raises(UsageError, match="XX"):
        working_days.require("XX")


def test_no_more_contacts_a_week_than_is_right_whoever_made_them() -> None:
    touched = [at("2026-03-02T10:00"), at("2026-03-04T10:00")]
    one = course("weibo", days=0, a_week=2)
    found = next_step(one, Person(SHANGHAI, touched=touched), at("2026-03-05T10:00"))
    assert found == Due(0, at("2026-03-09T10:00"))


def test_the_persons_usual_hours_come_first_unless_they_are_long_in_coming() -> None:
    one = course("weibo", days=0, quiet=hours.parse("22-9"))
    noon = at("2026-03-05T12:00")
    assert next_step(one, Person(SHANGHAI, hours.parse("20-21")), noon) == Due(0, at("2026-03-05T20:00"))
    assert next_step(one, Person(SHANGHAI, hours.parse("3-5")), noon) == Due(0, noon), "never outside quiet hours"


def test_a_refused_channel_is_passed_over_and_a_refusal_of_all_waits_or_ends_it() -> None:
    one, now = course("weibo", "wechat"), at("2026-03-09T10:00")
    assert next_step(one, Person(SHANGHAI, wishes=[Wish("weibo", None)]), now) == Due(1, now)
    until = at("2026-04-01T00:00")
    assert next_step(one, Person(SHANGHAI, wishes=[Wish("all", until)]), now) == Due(0, until)
    assert next_step(one, Person(SHANGHAI, wishes=[Wish("all", None)]), now) == "refused"
    assert next_step(one, Person(SHANGHAI, wishes=[Wish("weibo", None), Wish("wechat", None)]), now) == "refused"


def test_a_pause_holds_the_sequence_until_its_end() -> None:
    one, now = course("weibo", days=0, paused=True), at("2026-03-09T10:00")
    assert next_step(one, Person(SHANGHAI), now) == "paused"
    back = at("2026-03-16T00:00")
    assert next_step(one._replace(paused_until=back), Person(SHANGHAI), now) == Due(0, back)
    assert next_step(one._replace(live=False), Person(SHANGHAI), now) == "ended"
    assert next_step(one._replace(step=1), Person(SHANGHAI), now) == "ended"


def test_two_sequences_of_one_person_share_the_week() -> None:
    one = course("weibo", days=0, a_week=1)
    found = schedule([one, one._replace(steps=[Step(channel="email", days=2)])], Person(SHANGHAI), START)
    assert found == [Due(0, START), Due(0, START + WEEK)]


SPANS = st.lists(st.tuples(st.integers(0, 23), st.integers(1, 12)), max_size=2).map(
    lambda found: tuple((start * 60, (start + length) % 24 * 60) for start, length in found)
)
WISHES = st.lists(
    st.builds(
        Wish,
        st.sampled_from(["all", "weibo", "wechat", "email"]),
        st.none() | st.integers(0, 60).map(lambda days: START + days * DAY + 5 * HOUR),
    ),
    max_size=3,
)
COURSES = st.lists(
    st.builds(
        Course,
        st.lists(
            st.builds(Step, channel=st.sampled_from(["weibo", "wechat", "email"]), days=st.integers(0, 9)),
            min_size=1,
            max_size=4,
        ),
        st.just(0),
        st.integers(0, 20).map(lambda days: START + days * DAY),
        st.integers(1, 3),
        SPANS.filter(lambda spans: sum(not in_spans(minute, spans) for minute in range(hours.DAY)) >= 60),
        st.booleans(),
        st.sampled_from(["CN", ""]),
        st.just(True),
        st.booleans(),
        st.none() | st.integers(1, 40).map(lambda days: START + days * DAY),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=120, deadline=None)
@given(
    courses=COURSES,
    zone=st.sampled_from(ZONES),
    usual=SPANS,
    wishes=WISHES,
    touched=st.lists(st.integers(-8 * 24, 24).map(lambda n: START + n * HOUR), max_size=4),
)
def test_whatever_is_asked_nothing_is_sent_against_a_wish_a_limit_or_the_clock_and_it_ends(
    courses: list[Course], zone: Any, usual: Any, wishes: list[Wish], touched: list[int]
) -> None:
    person, now = Person(zone, usual, tuple(touched), tuple(wishes)), START
    for _turn in range(sum(len(one.steps) for one in courses) + 1):
        found = schedule(courses, person, now)
        dues = [(due.at, n) for n, due in enumerate(found) if isinstance(due, Due)]
        if not dues:
            break
        for n, due in enumerate(found):
            if isinstance(due, Due):
                strictest = courses[n]._replace(a_week=min(one.a_week for one in courses))
                check(strictest, person._replace(touched=(*person.touched, *(at for at, m in dues if m != n))), due)
        now, n = min(dues)
        due = found[n]
        assert isinstance(due, Due)
        person = person._replace(touched=(*person.touched, now))
        courses = [one._replace(step=due.step + 1, since_at=now) if m == n else one for m, one in enumerate(courses)]
    else:
        pytest.fail("a sequence with more contacts than steps")


def check(course: Course, person: Person, due: Due) -> None:
    """A contact as it should be, in plain words."""
    there = from_ms(due.at).astimezone(person.zone)
    assert not in_spans(there.hour * 60 + there.minute, course.quiet)
    assert not (course.working_days and working_days.day_off(course.country, there.date()))
    assert len([at for at in person.touched if due.at - WEEK < at <= due.at]) < course.a_week
    channel = course.steps[due.step].channel
    assert not [
        one
        for one in person.wishes
        if one.scope in ("all", channel) and (one.until_at is None or one.until_at > due.at)
    ]
    assert due.at >= course.since_at + course.steps[due.step].days * DAY
    assert not course.paused or (course.paused_until is not None and due.at >= course.paused_until)


# People in sequences ---------------------------------------------------------------------------------------

NOON = to_ms(datetime(2026, 3, 2, 12, tzinfo=UTC))  # a Monday
SOP = {
    "name": "First contact",
    "quiet": "",
    "plans": [
        {"name": "Weibo", "steps": [{"channel": "weibo", "template": "hello", "days": 0}, {"channel": "wechat"}]},
        {"name": "Group", "steps": [{"channel": "group", "days": 5, "note": "ask in the group"}]},
    ],
}


def clock(monkeypatch: pytest.MonkeyPatch, days: float) -> int:
    moment = NOON + int(days * DAY)
    monkeypatch.setenv("KOLBENCH_NOW", from_ms(moment).isoformat())
    return moment


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Two people, two wordings of a script, and a sequence of three steps."""
    clock(monkeypatch, 0)
    opened = make.store(tmp_path)
    make.write(
        opened,
        make.person("ann", region="上海", contacts=(Contact("wechat", "ann-wx"),)),
        make.person("ben", region="London"),
    )
    standing.refresh(opened)
    templates.add(opened, "hello", "Hi {{ name }}", "en", "me")
    templates.add(opened, "hello", "Hello {{ name }} of {{ city }}", "en", "me")
    outreach.write(opened, parse(SOP), "me")
    yield opened
    opened.close()


def who(store: Store, name: str) -> int:
    return make.creator(store, name)


def enrol(store: Store, *names: str, also: bool = False) -> list[int]:
    return list(enrolments.enrol(store, 1, [who(store, name) for name in names], "me", also=also).ids)


def asked(store: Store) -> dict[str, tuple[str, dict[str, Any]]]:
    """What the queue asks for of sequences: id of a follow-up, and its evidence, by name and step."""
    assert [one.error for one in follow_ups.evaluate(store).outcomes if one.error] == []
    rows = store.reader().execute(
        "SELECT follow_up.id, creator.name, cause, evidence FROM follow_up JOIN creator ON creator.id = creator_id"
        " WHERE rule = 'sequence-step' AND state = 'open' ORDER BY due_at, cause"
    )
    return {name: (follow_up_id, cause, json.loads(text)) for follow_up_id, name, cause, text in rows}


def test_a_sequence_is_written_in_toml_and_kept_in_versions(store: Store) -> None:
    one = sequences.sequence(store, 1)
    assert parse(plain(one)) == one
    assert [(placed.plan_no, placed.step_no, placed.step.channel) for placed in flat(one)] == [
        (1, 1, "weibo"),
        (1, 2, "wechat"),
        (2, 1, "group"),
    ]
    other = parse({**SOP, "a_week": 1})
    assert outreach.write(store, other, "me", 1, base=1) == 1
    assert outreach.write(store, other, "me", 1, base=1) == 1, "the same again"
    assert [one.version for one in sequences.versions(store, 1)] == [2, 1]
    assert sequences.sequence(store, 1, 1) == one
    with pytest.raises(UsageError, match="saved version 2"):
        outreach.write(store, parse({**SOP, "a_week": 3}), "me", 1, base=1)
    with pytest.raises(UsageError, match="already"):
        outreach.write(store, parse({**SOP, "name": "first CONTACT"}), "me")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"a_week": 0}, "a_week"), ({"quiet": "9-8:30"}, "leave at least an hour"), ({"quiet": "late"}, "quiet"),
        ({"plans": []}, "from 1 to"), ({"plans": [{"name": "a", "steps": []}]}, "needs a step|from 1 to"),
        ({"plans": [{"name": "a", "steps": [{"channel": ""}]}]}, "by which channel"),
        ({"plans": [{"name": "a", "steps": [{"channel": "x", "days": 999}]}]}, "days"),
        ({"plans": [{"name": "a", "steps": [{"chanel": "x"}]}]}, "chanel"),
        ({"plans": [{"name": "a", "steps": [{"channel": "x", "template": "helo"}]}]}, "no template 'helo'"),
        ({"holidays": "XX"}, "XX"), ({"plans": "a"}, "plans"), ({"name": " "}, "name"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_sequence_is_named(store: Store, changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        outreach.write(store, parse({**SOP, "name": "Other", **changed}), "me")


def test_a_due_step_is_in_the_queue_with_its_channel_plan_and_script(store: Store) -> None:
    enrol(store, "ann", "ben")
    found = asked(store)
    ann, ben = found["ann"][2], found["ben"][2]
    assert (ann["channel"], ann["plan"], ann["step"], ann["script"]) == ("weibo", "Weibo", 1, "Hi ann")
    assert "script" not in ben, "what lacks a fact is never handed out"
    assert (ben["variant"], ben["draft"], ben["missing"]) == ("B", "Hello ben of ⟦city?⟧", ["city"])
    facts.edit(store, who(store, "ben"), {"city": "Leeds"}, "me")
    templates.add(store, "hello", "Yo", "en", "me")
    assert asked(store)["ben"][2]["script"] == "Hello ben of Leeds", "the variant that was shown stays"
    (row,) = follow_ups.about(store, who(store, "ann"))
    assert (row.title, row.why) == ("Next step of a sequence", "First contact: Weibo, step 1")


def test_unanswered_steps_lead_to_the_next_channel_and_plan_and_then_it_is_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = enrol(store, "ann")
    queue.done(store, [asked(store)["ann"][0]], "me")
    assert [(t.channel, t.direction) for t in notes.touchpoints(store, who(store, "ann"))] == [("weibo", "out")]
    step = asked(store)["ann"]
    assert (step[2]["channel"], step[2]["address"]) == ("wechat", "ann-wx")
    assert outreach.upcoming(store, NOON)[0].due_at == NOON + 3 * DAY
    assert store.reader().execute("SELECT waits FROM follow_up WHERE id = ?", (step[0],)).fetchone() == (1,)
    clock(monkeypatch, 3)
    queue.done(store, [step[0]], "me", outcome="no_answer")
    clock(monkeypatch, 8)
    assert asked(store)["ann"][2]["plan"] == "Group"
    queue.done(store, [asked(store)["ann"][0]], "me", outcome="no_answer")
    assert enrolments.get(store, one).state == "finished"
    assert asked(store) == {}


def test_a_channel_that_leads_nowhere_makes_the_next_one_due_at_once(store: Store) -> None:
    enrol(store, "ann")
    queue.done(store, [asked(store)["ann"][0]], "me", outcome="unreachable")
    (found,) = outreach.upcoming(store, NOON)
    assert (found.placed.step.channel, found.due_at) == ("wechat", NOON)


def test_another_plan_takes_the_person_to_its_first_step_and_undo_brings_the_old_one_back(store: Store) -> None:
    (one,) = enrol(store, "ann")
    follow_up_id, cause, _told = asked(store)["ann"]
    before = enrolments.get(store, one)
    assert list(outreach.plans(store, [follow_up_id]).first) == ["Weibo", "Group"]
    acted = outreach.go_by(store, [follow_up_id], "Group", "me")
    now_id, now_cause, told = asked(store)["ann"]
    assert acted.changed == [now_id]
    assert (cause, now_cause, told["plan"], told["channel"]) == (f"{one}:0", f"{one}:2", "Group", "group")
    assert outreach.upcoming(store, NOON)[0].due_at == NOON, "not after the days that its step waits for an answer"
    undone = changes.undo(store, "me")
    assert undone is not None
    outreach.taken_back(store, undone.changed)
    rows = store.reader().execute("SELECT id, state FROM follow_up WHERE rule = 'sequence-step' ORDER BY id")
    assert rows.fetchall() == [(follow_up_id, "open"), (now_id, "resolved")]
    assert enrolments.get(store, one) == before


def test_a_plan_that_was_gone_through_can_be_gone_through_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = enrol(store, "ann")
    for day in (0, 3):
        clock(monkeypatch, day)
        queue.done(store, [asked(store)["ann"][0]], "me", outcome="no_answer")
    clock(monkeypatch, 10)
    assert asked(store)["ann"][2]["plan"] == "Group"
    outreach.go_by(store, [asked(store)["ann"][0]], "Weibo", "me")
    follow_up_id, cause, told = asked(store)["ann"]
    assert (cause, told["plan"], told["step"]) == (f"{one}:0", "Weibo", 1)
    queue.done(store, [follow_up_id], "me", outcome="no_answer")
    assert asked(store)["ann"][2]["step"] == 2


def test_a_plan_that_the_sequence_does_not_have_is_what_to_do_and_moves_nobody(store: Store) -> None:
    (one,) = enrol(store, "ann")
    follow_up_id = asked(store)["ann"][0]
    before = enrolments.get(store, one)
    for plan in ("ask Wang", "Weibo", None):
        assert outreach.go_by(store, [follow_up_id], plan, "me").changed == [follow_up_id]
        assert enrolments.get(store, one) == before
        (row,) = queue.of_ids(store, [follow_up_id], NOON)
        assert (row.state, row.plan) == ("open", plan)


def test_an_enrolment_that_is_taken_back_leaves_no_step_behind(store: Store) -> None:
    enrol(store, "ann")
    assert "ann" in asked(store)
    undone = changes.undo(store, "me")
    assert undone is not None
    outreach.taken_back(store, undone.changed)
    found = store.reader().execute("SELECT state FROM follow_up WHERE rule = 'sequence-step'").fetchall()
    assert found == [("resolved",)]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("agreed", "accepted"), ("declined", "declined"), ("interested", "replied"), (None, "replied")],
)
def test_an_answer_stops_every_sequence_of_the_person_and_undo_starts_them_again(
    store: Store, outcome: str | None, state: str
) -> None:
    outreach.write(store, parse({**SOP, "name": "Second"}), "me")
    (first,) = enrol(store, "ann")
    queue.done(store, [asked(store)["ann"][0]], "me")
    (second,) = enrolments.enrol(store, 2, [who(store, "ann")], "me", also=True).ids
    assert len(enrolments.live(store)) == 2
    notes.touch(store, who(store, "ann"), "me", channel="weibo", outcome=outcome, direction="in")
    assert [enrolments.get(store, one).state for one in (first, second)] == [state, "replied"]
    assert store.reader().execute("SELECT count(*) FROM follow_up WHERE state = 'open'").fetchone() == (0,)
    assert asked(store) == {}
    changes.undo(store, "me")
    assert [enrolments.get(store, one).state for one in (first, second)] == ["active", "active"]


def test_a_script_that_fails_for_one_hurts_nobody_else(store: Store) -> None:
    templates.retire(store, 1, "me")
    templates.add(store, "hello", "Hi {% if city %}{% if city > 3 %}you{% endif %}{% endif %}", "en", "me")
    facts.edit(store, who(store, "ann"), {"city": "Suzhou"}, "me")
    enrol(store, "ann", "ben")
    found = asked(store)
    assert (found["ben"][2]["script"], "script" in found["ann"][2]) == ("Hi", False)
    assert "can't be filled in" in found["ann"][2]["wrong"]
    assert "can't be sent" in follow_ups.about(store, who(store, "ann"))[0].why


def test_a_script_that_was_taken_back_meanwhile_is_no_hindrance(store: Store) -> None:
    enrol(store, "ann")
    step = asked(store)["ann"]
    with store.writing() as db:
        db.execute("DELETE FROM template_variant WHERE id = ?", (step[2]["variant_id"],))
    queue.done(store, [step[0]], "me")
    assert enrolments.live(store)[0].step == 1


def test_a_contact_by_hand_through_the_steps_channel_is_the_step(store: Store) -> None:
    (one,) = enrol(store, "ann")
    asked(store)
    notes.touch(store, who(store, "ann"), "me", channel="phone")
    assert enrolments.get(store, one).step == 0
    notes.touch(store, who(store, "ann"), "me", channel="weibo", at=NOON - DAY)
    assert enrolments.get(store, one).step == 0, "that was before they were enrolled"
    notes.touch(store, who(store, "ann"), "me", channel="weibo")
    assert enrolments.get(store, one).step == 1
    assert asked(store)["ann"][2]["channel"] == "wechat"


def test_nobody_is_enrolled_twice_unnoticed_or_against_their_wish(store: Store) -> None:
    ann, ben = who(store, "ann"), who(store, "ben")
    outreach.write(store, parse({**SOP, "name": "Second"}), "me")
    enrol(store, "ann")
    refusals.refuse(store, ben, "no time", "me")
    found = enrolments.enrol(store, 2, [ann, ben], "me")
    assert found.ids == []
    assert [(one.name, one.same, list(one.others), one.reason) for one in found.left] == [
        ("ann", False, ["First contact"], None),
        ("ben", False, [], "no time"),
    ]
    assert enrol(store, "ann", also=True) == [], "never twice in the same"
    assert len(enrolments.enrol(store, 2, [ann, ben], "me", also=True).ids) == 1
    assert asked(store)["ann"][2]["also"] in (["First contact"], ["Second"])
    assert "; also in " in follow_ups.about(store, ann)[0].why


def test_a_merge_of_two_who_are_in_sequences_is_told_too(store: Store) -> None:
    enrol(store, "ann", "ben")
    merges.merge(store, who(store, "ann"), who(store, "ben"), "me")
    assert [one.also for one in outreach.upcoming(store, NOON)] == [("First contact",)] * 2


def test_whoever_wants_no_contact_any_more_leaves_the_queue(store: Store) -> None:
    enrol(store, "ann")
    assert asked(store)
    refusals.refuse(store, who(store, "ann"), "not by weibo", "me", scope="weibo")
    assert asked(store)["ann"][2]["channel"] == "wechat"
    refusals.refuse(store, who(store, "ann"), "enough", "me")
    assert asked(store) == {}


def test_a_pause_and_a_stop_take_the_step_off_the_queue(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = enrol(store, "ann", "ben")
    assert len(asked(store)) == 2
    assert enrolments.pause(store, ids[:1], "me", NOON + 20 * DAY, "on holiday") == ids[:1]
    assert list(asked(store)) == ["ben"]
    clock(monkeypatch, 20)
    assert list(asked(store)) == ["ben", "ann"]
    assert enrolments.stop(store, ids, "me", "wrong people") == ids
    assert asked(store) == {}
    assert enrolments.stop(store, ids, "me") == []
    assert enrolments.get(store, ids[0]).reason == "wrong people"


def test_the_steps_of_some_can_be_brought_up_to_date_without_the_rest(store: Store) -> None:
    enrol(store, "ann", "ben")
    outreach.refresh(store, [who(store, "ann")])
    rows = store.reader().execute("SELECT creator_id, rule FROM follow_up WHERE state = 'open'").fetchall()
    assert rows == [(who(store, "ann"), "sequence-step")]
    store.path.with_name("settings.toml").write_text("[rules.sequence-step]\nenabled = false\n", "utf-8")
    outreach.refresh(store, [who(store, "ben")])
    assert store.reader().execute("SELECT count(*) FROM follow_up WHERE state = 'open'").fetchone() == (1,)


def test_a_pause_without_an_end_lasts_until_it_is_resumed(store: Store) -> None:
    ids = enrol(store, "ann")
    enrolments.pause(store, ids, "me")
    assert asked(store) == {}
    assert enrolments.resume(store, ids, "me") == ids
    assert list(asked(store)) == ["ann"]
    with pytest.raises(UsageError, match="past"):
        enrolments.pause(store, ids, "me", NOON - 1)


def test_replies_yeses_and_times_are_counted_per_step_channel_and_variant(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(store, "ann", "ben")
    facts.edit(store, who(store, "ben"), {"city": "Leeds"}, "me")
    queue.done(store, [one[0] for one in asked(store).values()], "me")
    clock(monkeypatch, 1)
    notes.touch(store, who(store, "ann"), "me", channel="weibo", outcome="agreed", direction="in")
    clock(monkeypatch, 3)
    queue.done(store, [asked(store)["ben"][0]], "me")
    notes.touch(store, who(store, "ben"), "me", channel="phone", outcome="declined")
    sent = kept.of_sequence(store, 1)
    whole = responses.response(sent)
    assert (whole.sent, whole.replied.n, whole.accepted.n, whole.declined, whole.median_ms) == (3, 2, 1, 1, DAY // 2)
    steps = responses.by(sent, lambda one: one.step)
    assert [(step, found.sent, found.replied.n) for step, found in steps.items()] == [(0, 2, 1), (1, 1, 1)]
    by_script = responses.by(kept.of_template(store, 1), lambda one: one.variant_id)
    assert {variant: (found.sent, found.accepted.n) for variant, found in by_script.items()} == {1: (1, 1), 2: (1, 0)}


def test_enrolments_go_along_in_a_merge_and_come_back(store: Store) -> None:
    ann, ben = who(store, "ann"), who(store, "ben")
    (one,) = enrol(store, "ann")
    number = merges.merge(store, ann, ben, "me")
    assert enrolments.get(store, one).creator_id == ben
    assert list(asked(store)) == ["ben"]
    merges.undo(store, number, "me")
    assert enrolments.get(store, one).creator_id == ann


def test_what_comes_next_is_in_the_queue_at_once(store: Store) -> None:
    enrol(store, "ann")
    outreach.done(store, [asked(store)["ann"][0]], "me", outcome="unreachable")
    (row,) = [one for one in follow_ups.about(store, who(store, "ann")) if one.state == "open"]
    assert (row.rule, row.channel) == ("sequence-step", "wechat"), "and the rules were not asked meanwhile"
    outreach.touch(store, [row.follow_up_id], "me", outcome="sent")
    (row,) = [one for one in follow_ups.about(store, who(store, "ann")) if one.state == "open"]
    assert row.channel == "group"


@pytest.mark.parametrize(("outcome", "state"), [("out_of_office", "active"), ("declined", "declined")])
def test_what_is_heard_before_a_step_is_due_belongs_to_the_contact_before_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, outcome: str, state: str
) -> None:
    (one,) = enrol(store, "ann")
    queue.done(store, [asked(store)["ann"][0]], "me", outcome="sent")
    clock(monkeypatch, 1)
    queue.touch(store, [asked(store)["ann"][0]], "me", outcome=outcome)  # where the next step waits
    found = enrolments.get(store, one)
    assert (found.state, found.step) == (state, 1), "nothing was sent by the second step"
    logged = store.reader().execute("SELECT enrolment_id, step FROM touchpoint ORDER BY id").fetchall()
    assert logged == [(one, 0), (one, None)]
    clock(monkeypatch, 9)
    going_on = {"sequence-step"} if state == "active" else set()
    assert asked(store).keys() == ({"ann"} if going_on else set())
    assert {row.rule for row in follow_ups.about(store, who(store, "ann")) if row.state == "open"} == going_on


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["enrol", "out", "in", "pause", "resume", "stop", "done", "plan"]),
        st.sampled_from(["ann", "ben"]),
        st.sampled_from(["weibo", "wechat", "phone"]),
        st.sampled_from([None, "agreed", "declined", "no_answer", "unreachable", "out_of_office"]),
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_whatever_was_done_all_of_it_can_be_taken_back(store: Store, deeds: list[tuple[str, str, str, Any]]) -> None:
    def state() -> list[list[Any]]:
        tables = ("enrolment", "touchpoint", "follow_up")
        return [store.reader().execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in tables]

    log = "SELECT max(act) FROM change_log WHERE undone_at IS NULL"
    (first,) = store.reader().execute(log).fetchone()
    kept_states: list[tuple[int, Any]] = []
    for deed, name, channel, outcome in deeds:
        one, running = who(store, name), [found.id for found in enrolments.live(store, [who(store, name)])]
        outreach.refresh(store, [who(store, "ann"), who(store, "ben")])
        before = state()
        if deed == "enrol":
            enrol(store, name, also=True)
        elif deed in ("out", "in"):
            notes.touch(store, one, "me", channel=channel, outcome=outcome, direction=deed)
        elif deed == "pause":
            enrolments.pause(store, running, "me")
        elif deed == "resume":
            enrolments.resume(store, running, "me")
        elif deed == "stop":
            enrolments.stop(store, running, "me")
        elif deed == "plan":
            outreach.go_by(store, [row.follow_up_id for row in follow_ups.about(store, one)], "Group", "me")
        else:
            queue.done(store, [row.follow_up_id for row in follow_ups.about(store, one)], "me", outcome)
        (last,) = store.reader().execute(log).fetchone()
        if before != state():
            kept_states.append((last, before[:2]))
        for found in enrolments.of(store, one):
            assert 0 <= found.step <= 3
            assert (found.state == "finished") <= (found.step == 3)
    for last, before in reversed(kept_states):
        assert store.reader().execute(log).fetchone() == (last,)
        changes.undo(store, "me")
        assert state()[:2] == before
    assert store.reader().execute(log).fetchone() == (first,)
    with store.writing() as db:
        db.execute("DELETE FROM follow_up")


def test_usual_hours_are_learned_from_what_they_wrote(store: Store) -> None:
    ben = who(store, "ben")
    london = ZoneInfo("Europe/London")
    assert outreach.usual_hours(store, ben, london) == ()
    make.write(store, *(make.said("ben", "tea", day=day + 19.5 / 24) for day in range(30)))
    assert outreach.usual_hours(store, ben, london) == ((19 * 60, 20 * 60),)
    enrol(store, "ben")
    (found,) = outreach.upcoming(store, NOON)
    assert from_ms(found.right_at).hour == 19


@pytest.mark.parametrize(
    ("written", "region", "zone"),
    [
        (None, "上海", "Asia/Shanghai"), (None, "广东 深圳", "Asia/Shanghai"), (None, "London", "Europe/London"),
        (None, "日本", "Asia/Tokyo"), ("Asia/Tokyo", "上海", "Asia/Tokyo"), (None, "New York", "America/New_York"),
    ],
)  # fmt: skip
def test_a_zone_is_what_is_written_down_or_that_of_the_region(written: str | None, region: str, zone: str) -> None:
    assert str(zones.of(written, region)) == zone


@pytest.mark.parametrize("region", ["美国", "US", "nowhere", ""])
def test_where_the_region_does_not_tell_it_is_the_operators_own(region: str) -> None:
    assert zones.of(None, region) == zones.here()
