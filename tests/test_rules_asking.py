"""Rules of conversations, important days and new consumers; settings of rules; asking about what is new."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import standing
from kolbench.domain.clock import DAY, HOUR
from kolbench.domain.following import Cause
from kolbench.domain.partial_dates import Recurring
from kolbench.programme import follow_ups, rules
from kolbench.programme.rules import Rule, guarded
from kolbench.store import causes as brought
from kolbench.store import changes, life, notes, refusals
from kolbench.store import follow_ups as kept
from kolbench.store.sections import Only

if TYPE_CHECKING:
    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store

NOW = make.ms(100.5)

pytestmark = pytest.mark.usefixtures("noon_of_day_100")


def ask(store: Store, at: int = NOW, *, news: bool = False) -> dict[str, Any]:
    standing.refresh(store)
    return {outcome.rule: outcome for outcome in follow_ups.evaluate(store, at, news=news).outcomes}


def asked(store: Store, rule: str, section: str | None = None, at: int = NOW) -> list[str]:
    window = follow_ups.FollowUpWindow(store, section, only=Only(rule=rule), at=at)
    return [row.why for row in window.rows(0, 99)]


def choose(store: Store, text: str) -> None:
    store.path.with_name("settings.toml").write_text(text, "utf-8")


# Whose turn it is --------------------------------------------------------------------------------------------


def test_what_they_write_waits_for_our_answer_and_is_late_after_a_day(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.touch(store, ann, "eve", channel="email", direction="in", at=NOW - 2 * HOUR)
    ask(store)
    assert asked(store, "reply-waiting", "overdue", NOW + 2 * DAY) == asked(store, "reply-waiting", at=NOW + 2 * DAY)
    (row,) = kept.rows(store, None, NOW, 0, 9, Only(rule="reply-waiting"))
    assert (row.due_at, row.channel) == (NOW + 22 * HOUR, "email")
    notes.touch(store, ann, "eve", channel="email")
    assert ask(store)["reply-waiting"].resolved == 1


@pytest.mark.parametrize(("outcome", "ours"), [("interested", 1), ("declined", 0), ("agreed", 0), (None, 0)])
def test_interest_waits_for_us_and_a_no_does_not(store: Store, outcome: str | None, ours: int) -> None:
    (ann,) = make.people(store, 1)
    notes.touch(store, ann, "eve", outcome=outcome)
    ask(store)
    assert len(asked(store, "reply-waiting")) == ours


def test_what_they_do_not_answer_stands_apart_until_another_way_is_to_be_gone(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.touch(store, ann, "eve", channel="weibo", at=NOW - DAY)
    notes.touch(store, ann, "eve", channel="wechat", outcome="no_answer")
    ask(store)
    (why,) = asked(store, "no-answer", "waiting")
    assert why == "No answer since 2026-04-11 (WeChat), 2 tries: go another way"
    assert asked(store, "no-answer", "week") == []
    assert asked(store, "no-answer", "today", NOW + 4 * DAY) == [why]
    notes.touch(store, ann, "eve", direction="in")
    assert ask(store)["no-answer"].resolved == 1
    changes.undo(store, "eve")
    assert ask(store)["no-answer"].opened == 1


def test_reasons_say_a_channel_in_words_and_none_where_nobody_knows_it(store: Store) -> None:
    ann, bob, cem, dan = make.people(store, 4)
    notes.touch(store, ann, "eve", channel="dm", direction="in")
    notes.touch(store, bob, "eve", direction="in")
    notes.touch(store, cem, "eve", channel="in_person")
    notes.touch(store, dan, "eve", outcome="no_answer")
    ask(store)
    assert sorted(asked(store, "reply-waiting")) == [
        "Waits for our answer since 12:00",
        "Waits for our answer since 12:00 (direct message)",
    ]
    assert sorted(asked(store, "no-answer", "waiting")) == [
        "No answer since 2026-04-11 (in person), 1 try: go another way",
        "No answer since 2026-04-11, 1 try: go another way",
    ]
    ways = {row.creator_id: row.channel for row in kept.rows(store, None, NOW, 0, 9, Only(rule="reply-waiting"))}
    assert ways == {ann: "dm", bob: None}


def test_a_contact_of_which_no_way_is_said_was_by_the_last_one(store: Store) -> None:
    (ann,) = make.people(store, 1)
    brought.apply(store, "test", [Cause(ann, str(n), {}, NOW) for n in range(3)], NOW)
    first, second, third = kept.ids(store, None, NOW)
    kept.done(store, [first], "eve", outcome="no_answer")
    assert notes.touchpoints(store, ann)[0].channel == "other"
    notes.touch(store, ann, "eve", channel="weibo")
    kept.done(store, [second], "eve", outcome="no_answer")
    kept.set_channel(store, [third], "email", "eve")
    kept.touch(store, [third], "eve", outcome="no_answer")
    assert [one.channel for one in notes.touchpoints(store, ann)] == ["email", "weibo", "weibo", "other"]


def test_a_channel_that_leads_nowhere_asks_at_once(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.touch(store, ann, "eve", channel="phone", outcome="unreachable")
    ask(store)
    assert len(asked(store, "no-answer", "today")) == 1


def test_a_channel_by_which_they_want_no_contact_is_not_suggested(store: Store) -> None:
    ann, bob = make.people(store, 2)
    refusals.refuse(store, ann, "asked us not to call", "eve", scope="phone")
    for one in (ann, bob):
        notes.touch(store, one, "eve", channel="phone", direction="in")
    ask(store)
    found = kept.rows(store, None, NOW, 0, 9, Only(rule="reply-waiting"))
    assert {row.creator_id: row.channel for row in found} == {ann: None, bob: "phone"}


# Important days ----------------------------------------------------------------------------------------------


def test_an_important_day_is_told_a_week_before_and_until_two_days_after(store: Store) -> None:
    (ann,) = make.people(store, 1)
    life.add_date(store, ann, "Birthday", Recurring(month=4, day=15), "eve")
    told = {
        day: (ask(store, NOW + day * DAY), asked(store, "important-date", at=NOW + day * DAY))[1]
        for day in (-5, -3, 4, 6, 7)
    }
    assert told == {
        -5: [],
        -3: ["Birthday in 7 days (2026-04-15)"],
        4: ["Birthday: today"],
        6: ["Birthday was 2 days ago (2026-04-15)"],
        7: [],
    }
    assert asked(store, "important-date", "closed") != []
    ask(store, NOW + 365 * DAY)
    assert asked(store, "important-date", at=NOW + 365 * DAY) == ["Birthday in 4 days (2027-04-15)"]


# Consumers whom a chat makes known ---------------------------------------------------------------------------


def test_somebody_to_whom_more_and_more_people_turn_is_a_new_koc(store: Store) -> None:
    early = [make.did("reply", f"p{i}", "ann", "tea", 50 + i / 10) for i in range(2)]
    late = [make.did("thank", f"p{i}", "ann", "tea", 90 + i / 10) for i in range(9)]
    make.write(store, *early, *late, make.said("p1", "tea", 92))
    ask(store)
    assert asked(store, "new-koc") == ["9 people of tea turn to them, 2 before"]
    notes.touch(store, make.creator(store, "ann"), "eve")
    assert asked(store, "new-koc") == [], "at once"
    assert ask(store, news=True)["new-koc"].opened == 0


# Settings ----------------------------------------------------------------------------------------------------


def test_settings_change_parameters_and_switch_rules_off_and_on(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.touch(store, ann, "eve", direction="in")
    choose(store, "[rules.reply-waiting]\nhours = 2\n")
    ask(store)
    assert kept.rows(store, None, NOW, 0, 9, Only(rule="reply-waiting"))[0].due_at == NOW + 2 * HOUR
    choose(store, "[rules.reply-waiting]\nenabled = false\n")
    assert ask(store)["reply-waiting"].resolved == 1
    choose(store, "")
    assert ask(store)["reply-waiting"].opened == 1


@pytest.mark.parametrize(
    ("text", "rule", "says"),
    [
        ("[rules.silnt]\nenabled = false", "silnt", "Do you mean silent?"),
        ("[rules.silent]\nleast_day = 5", "silent", "Do you mean least_days?"),
        ("[rules.silent]\nleast_days = -5", "silent", "write a number from 0 on, such as 3"),
        ("[rules.silent]\nleast_days = true", "silent", "write a number"),
        ("[rules.silent]\nenabled = 1", "silent", "write true or false"),
    ],
)
def test_a_wrong_setting_is_named_with_what_there_is_and_stops_no_other_rule(
    store: Store, text: str, rule: str, says: str
) -> None:
    choose(store, text)
    outcomes = ask(store)
    assert says in outcomes[rule].error
    assert [name for name, one in outcomes.items() if one.error] == [rule]


def test_a_rule_is_asked_with_what_is_right_in_its_settings(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.touch(store, ann, "eve", direction="in")
    choose(store, '[rules.reply-waiting]\nhours = 2\nwithin_day = 5\nenabled = "yes"\n')
    outcome = ask(store)["reply-waiting"]
    assert outcome.opened == 1
    assert "Do you mean within_days?" in outcome.error
    assert "reply-waiting.enabled: write true or false." in outcome.error
    assert kept.rows(store, None, NOW, 0, 9, Only(rule="reply-waiting"))[0].due_at == NOW + 2 * HOUR


# Only what is new --------------------------------------------------------------------------------------------


def counting(monkeypatch: pytest.MonkeyPatch, seen: list[Any]) -> None:
    def find(store: Store, looking: Looking) -> list[Cause]:
        seen.append(None if looking.creator_ids is None else sorted(looking.creator_ids))
        return []

    rule = Rule("counting", lambda: "Counting", {"n": 1}, find, lambda evidence, at: "", by_change=True)
    monkeypatch.setattr(rules, "BUILT_IN", {"counting": rule})


def test_after_a_sync_rules_by_change_are_asked_about_whom_something_is_new(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    counting(monkeypatch, seen)
    make.write(store, make.person("ann"), make.person("bob"), make.person("cat"))
    ask(store, news=True)
    ask(store, news=True)
    make.write(store, make.posted("bob", 90))
    ask(store, news=True)
    notes.touch(store, make.creator(store, "cat"), "eve")
    ask(store, news=True)
    choose(store, "[rules.counting]\nn = 2\n")
    ask(store, news=True)
    ask(store)
    assert seen == [None, [], [make.creator(store, "bob")], [make.creator(store, "cat")], None, None]


def test_what_is_found_of_others_is_left_aside(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    make.write(store, make.person("ann"), make.person("bob"))
    people = [make.creator(store, name) for name in ("ann", "bob")]

    def find(store: Store, looking: Looking) -> list[Cause]:
        return [Cause(one, "x", {}, NOW) for one in people]

    rule = Rule("all", lambda: "All", {}, find, lambda evidence, at: "all", by_change=True)
    monkeypatch.setattr(rules, "BUILT_IN", {"all": rule})
    ask(store)
    kept.done(store, [kept.ids(store, None, NOW)[0]], "eve")
    monkeypatch.setattr(
        rules, "BUILT_IN", {"all": Rule("all", rule.title, {}, lambda s, looking: [], rule.why, by_change=True)}
    )
    make.write(store, make.posted("bob", 90))
    assert ask(store, news=True)["all"].resolved == 1


# Plugins -----------------------------------------------------------------------------------------------------


class Theirs:
    name = "theirs"
    title = "Theirs\x1b[31m"
    parameters = {"n": 1}

    def __init__(self, *found: object) -> None:
        self.found = found

    def find(self, looking: Looking) -> Any:
        yield from self.found

    def why(self, evidence: Any, at: int) -> str:
        return f"\x1b[2J{evidence['n']}"


def test_a_plugins_rule_is_cleaned_and_can_not_write(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (ann,) = make.people(store, 1)
    rule = guarded.guarded(Theirs(Cause(ann, "x\x1b[31m", {"n": "\u202eevil"}, NOW, plan="a\nb")))
    monkeypatch.setattr(rules, "BUILT_IN", {"theirs": rule})
    ask(store)
    (row,) = follow_ups.FollowUpWindow(store).rows(0, 9)
    assert (row.title, row.why, row.plan) == ("Theirs", "evil", "a b")

    class Writes(Theirs):
        def find(self, looking: Looking) -> Any:
            looking.db.execute("DELETE FROM follow_up")

    monkeypatch.setattr(rules, "BUILT_IN", {"theirs": guarded.guarded(Writes())})
    assert "readonly" in ask(store)["theirs"].error
    assert len(follow_ups.FollowUpWindow(store).rows(0, 9)) == 1


@pytest.mark.parametrize(
    "found",
    [
        7,
        Cause(1, "x", {}, -1),
        Cause(1, "x", {"a": object()}, 1),
        Cause(1, "x", {"a": "b" * 9_000}, 1),
        Cause(1, 2, {}, 1),
        Cause(10**30, "x", {}, 1),
        Cause(1, "x", {"a": float("nan")}, 1),
        Cause(1, "x", {"a": [[[[[[[[[[1]]]]]]]]]]}, 1),
    ],  # type: ignore[arg-type]
)
def test_what_a_plugin_makes_up_is_told(store: Store, monkeypatch: pytest.MonkeyPatch, found: object) -> None:
    make.people(store, 1)
    monkeypatch.setattr(rules, "BUILT_IN", {"theirs": guarded.guarded(Theirs(found))})
    assert "it found" in ask(store)["theirs"].error


def test_what_a_plugin_finds_of_nobody_or_says_oddly_ends_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = make.people(store, 1)
    odd: Any = Cause(ann, "x", {"n": "a\ud800b", 3: ["\x1b[2J"]}, NOW, waits="yes")  # type: ignore[arg-type]
    monkeypatch.setattr(rules, "BUILT_IN", {"theirs": guarded.guarded(Theirs(Cause(999, "x", {}, NOW), odd))})
    assert ask(store)["theirs"].error is None
    (row,) = follow_ups.FollowUpWindow(store).rows(0, 9)
    assert (row.creator_id, row.why) == (ann, "ab")


@pytest.mark.parametrize("error", [IndexError("none"), SystemExit(3), AttributeError()])
def test_a_plugins_rule_that_raises_hurts_no_other_row(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    ann, ben = make.people(store, 2)

    class Rude(Theirs):
        name = "rude"

        def why(self, evidence: Any, at: int) -> str:
            raise error

    class Ends(Theirs):
        name = "ends"

        def find(self, looking: Looking) -> Any:
            raise error

    found = [Rude(Cause(ann, "x", {"n": 1}, NOW)), Ends(), Theirs(Cause(ben, "x", {"n": 2}, NOW))]
    monkeypatch.setattr(rules, "BUILT_IN", {one.name: guarded.guarded(one) for one in found})
    assert type(error).__name__ in ask(store)["ends"].error
    assert {row.why for row in follow_ups.FollowUpWindow(store).rows(0, 9)} == {'{"n": 1}', "2"}


# Once for each cause -----------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["cause", "gone", "done", "undo", "ask", "news", "snooze"]),
        st.integers(0, 2),
        st.integers(0, 1),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_a_rule_asks_once_for_a_cause_and_never_for_what_was_done(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        store = make.store(Path(folder))
        people = make.people(store, 3)
        true: set[tuple[int, str]] = set()
        dealt: list[tuple[int, str]] = []

        def find(store: Store, looking: Looking) -> list[Cause]:
            return [Cause(who, what, {}, NOW) for who, what in sorted(true)]

        patch.setattr(rules, "BUILT_IN", {"r": Rule("r", lambda: "R", {}, find, lambda evidence, at: "why")})
        for step, who, what in steps:
            key = (people[who], f"c{what}")
            found = (
                store.reader()
                .execute("SELECT id FROM follow_up WHERE creator_id = ? AND cause = ? AND state = 'open'", key)
                .fetchone()
            )
            if step == "cause":
                true.add(key)
            elif step == "gone":
                true.discard(key)
            elif step == "done" and found:
                kept.done(store, [found[0]], "eve")
                dealt.append(key)
            elif step == "undo" and dealt:
                changes.undo(store, "eve")
                dealt.pop()
            elif step == "snooze" and found and not dealt:
                with store.writing() as db:
                    db.execute("UPDATE follow_up SET snoozed_until = ? WHERE id = ?", (NOW + DAY, found[0]))
            elif step in ("ask", "news"):
                ask(store, news=step == "news")
                rows = store.reader().execute("SELECT creator_id, cause, state FROM follow_up").fetchall()
                assert len({row[:2] for row in rows}) == len(rows)
                assert {row[:2] for row in rows if row[2] == "open"} == true - set(dealt)
                assert {row[:2] for row in rows if row[2] == "done"} == set(dealt)
        store.close()
