"""Follow-up rules of agreements and rewards: each asks once for its cause, and not any more when that is gone."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

import make
from kolbench.domain.agreements import Terms
from kolbench.domain.incentives import PIECE, Amount
from kolbench.domain.rule_sets import parse
from kolbench.programme import follow_ups as rules
from kolbench.programme.rule_sets import example
from kolbench.programme.rules import named
from kolbench.store import agreements, changes, decisions, follow_ups, incentives, ladders, notes, proposals, rule_sets
from kolbench.store.proposals import Earned

if TYPE_CHECKING:
    from kolbench.domain.records import PostRecord
    from kolbench.store.connect import Store

TERMS = Terms("films", "a share", None, "share", "2026-06-01", "2026-08-31")


@pytest.fixture
def ann(store: Store, monkeypatch: pytest.MonkeyPatch) -> int:
    go_to(monkeypatch, "2026-06-01")
    make.write(store, make.person("ann"))
    return make.creator(store, "ann")


def go_to(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", f"{day}T12:00:00+00:00")


def signed(store: Store, creator_id: int, terms: Terms = TERMS) -> int:
    one = agreements.new(store, creator_id, terms, "me")
    agreements.move(store, one, "signed", "me")
    return one


def asked(store: Store, rule: str) -> list[tuple[str, str]]:
    """State and reason of the rule's follow-ups, after asking the rules."""
    found = rules.evaluate(store)
    assert [outcome.error for outcome in found.outcomes if outcome.error] == []
    rows = store.reader().execute("SELECT id, creator_id FROM follow_up WHERE rule = ? ORDER BY id", (rule,)).fetchall()
    shown = {row.follow_up_id: row for _id, creator_id in rows for row in rules.about(store, creator_id)}
    return [(shown[follow_up_id].state, shown[follow_up_id].why) for follow_up_id, _creator in rows]


def finish(store: Store, rule: str) -> None:
    ids = [
        row[0] for row in store.reader().execute("SELECT id FROM follow_up WHERE rule = ? AND state = 'open'", (rule,))
    ]
    follow_ups.done(store, ids, "me")


def test_an_agreement_asks_thirty_days_before_it_ends_until_it_is_renewed(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = signed(store, ann, TERMS._replace(exclusivity="tea"))
    go_to(monkeypatch, "2026-07-31")
    assert asked(store, "agreement-ending") == []
    go_to(monkeypatch, "2026-08-01")
    assert asked(store, "agreement-ending") == [("open", "'films' ends on 2026-08-31, with exclusivity for tea")]
    go_to(monkeypatch, "2026-09-01")
    (over,) = asked(store, "agreement-ending")
    assert over == ("open", "'films' ended on 2026-08-31, with exclusivity for tea: renew it or end it")
    agreements.renew(store, one, "me", ends_on="2026-12-31")
    assert [state for state, _why in asked(store, "agreement-ending")] == ["resolved"]
    go_to(monkeypatch, "2026-12-10")
    assert [state for state, _why in asked(store, "agreement-ending")] == ["resolved", "open"], "a new end, a new cause"
    finish(store, "agreement-ending")
    assert [state for state, _why in asked(store, "agreement-ending")] == ["resolved", "done"], "it asks once"


def test_an_offer_without_an_answer_is_asked_about_until_there_is_one_and_anew_for_another_offer(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = agreements.new(store, ann, TERMS, "me")
    go_to(monkeypatch, "2026-06-10")
    assert asked(store, "offer-unanswered") == [], "a draft is no offer"
    agreements.move(store, one, "offered", "me")
    go_to(monkeypatch, "2026-06-16")
    assert asked(store, "offer-unanswered") == []
    go_to(monkeypatch, "2026-06-17")
    (found,) = asked(store, "offer-unanswered")
    assert found == ("open", "'films' was offered 7 days ago, without an answer: ask, or say what came of it")
    agreements.add_version(store, one, "me", gets="a larger share")
    agreements.move(store, one, "offered", "me")
    assert [state for state, _why in asked(store, "offer-unanswered")] == ["resolved"], "another was just made"
    go_to(monkeypatch, "2026-06-24")
    assert [state for state, _why in asked(store, "offer-unanswered")] == ["resolved", "open"]
    agreements.move(store, one, "signed", "me")
    assert [state for state, _why in asked(store, "offer-unanswered")] == ["resolved", "resolved"]
    changes.undo(store, "me")
    assert [state for state, _why in asked(store, "offer-unanswered")] == ["resolved", "open"], "it was not signed"
    finish(store, "offer-unanswered")
    assert [state for state, _why in asked(store, "offer-unanswered")] == ["resolved", "done"], "it asks once"


def test_who_is_late_is_asked_until_it_is_there(store: Store, ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one = signed(store, ann)
    film = agreements.owe(store, one, "the first film", "me", "2026-06-10")
    go_to(monkeypatch, "2026-06-10")
    assert asked(store, "deliverable-overdue") == []
    go_to(monkeypatch, "2026-06-11")
    assert asked(store, "deliverable-overdue") == [("open", "'the first film' was due on 2026-06-10 ('films')")]
    agreements.deliver(store, film, "2026-06-11", "me")
    assert [state for state, _why in asked(store, "deliverable-overdue")] == ["resolved"]
    changes.undo(store, "me")
    assert [state for state, _why in asked(store, "deliverable-overdue")] == ["open"], "the cause came back"


def test_a_reward_is_due_until_it_is_confirmed_and_once_for_a_period(store: Store, ann: int) -> None:
    def propose() -> int:
        earned = [Earned(ann, "cash", Amount(5_000, "CNY"), 120, None)]
        return proposals.propose(store, "orders", "2026-W22", "{}", earned, "me")

    propose()
    assert asked(store, "reward-due") == [("open", "50.00 CNY by 'orders' for 2026-W22: confirm proposal 1")]
    again = propose()
    assert asked(store, "reward-due") == [("open", "50.00 CNY by 'orders' for 2026-W22: confirm proposal 2")]
    proposals.confirm(store, again, "me")
    assert [state for state, _why in asked(store, "reward-due")] == ["resolved"]


def test_output_that_falls_after_signing_is_shown_with_both_counts(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ann wrote daily for 90 days; after signing on day 100 she writes once while the room goes on."""
    make.write(store, *(make.said("ann", "tea", day) for day in range(11, 101)))
    make.write(store, *(make.said("ben", "tea", day) for day in range(10, 121)), make.said("ann", "tea", 105))
    with store.writing() as db:  # a chat tells no members by itself
        db.execute("INSERT OR IGNORE INTO membership SELECT 1, id, NULL, NULL, NULL, 0, 0, 1 FROM account")
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(100).isoformat())
    signed(store, ann)
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(106).isoformat())
    assert asked(store, "output-falling") == [], "six days are too few to tell"
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(121).isoformat())
    assert asked(store, "output-falling") == [
        ("open", "0.3 works a week since they signed, 7.0 before (1 in 20 days, 90 in 90)")
    ]
    make.write(store, *(make.said("ann", "tea", 106 + n / 2, text=f"{n}") for n in range(28)))
    assert [state for state, _why in asked(store, "output-falling")] == ["resolved"]


def test_output_that_is_a_little_lower_is_no_reason(store: Store, ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann publishes daily before she signs on day 100, and seven times in the ten days after."""
    make.write(store, *(make.posted("ann", day) for day in range(11, 108)))
    make.write(store, make.person("ben"), make.posted("ben", 110))
    notes.note(store, make.creator(store, "ben"), "somebody whom the rules watch", "me")
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(100).isoformat())
    signed(store, ann)
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(111).isoformat())
    assert asked(store, "output-falling") == []
    make.write(store, make.posted("ben", 117))
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(118).isoformat())
    assert [state for state, _why in asked(store, "output-falling")] == ["open"], "seven in seventeen days are few"


def test_a_record_that_ends_says_nothing_of_what_came_later(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.write(store, *(make.posted("ann", day) for day in range(10, 100)))
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(100).isoformat())
    signed(store, ann)
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(150).isoformat())
    assert asked(store, "output-falling") == []


def test_who_left_is_won_back_unless_they_broke_it_or_came_again(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.write(store, make.person("ben"))
    broken = signed(store, make.creator(store, "ben"))
    agreements.move(store, broken, "broken", "me")
    ended = signed(store, ann)
    agreements.move(store, ended, "ended", "me")
    go_to(monkeypatch, "2026-06-05")
    assert asked(store, "win-back") == []
    go_to(monkeypatch, "2026-06-08")
    assert asked(store, "win-back") == [("open", "'films' ended 7 days ago")]
    another = agreements.new(store, ann, TERMS, "me")
    agreements.move(store, another, "offered", "me")
    assert [state for state, _why in asked(store, "win-back")] == ["resolved"], "they have an offer"
    agreements.move(store, another, "declined", "me")
    assert [state for state, _why in asked(store, "win-back")] == ["open"]
    agreements.move(store, ended, "renewed", "me")
    assert [state for state, _why in asked(store, "win-back")] == ["resolved"], "they are back"


def test_who_lapsed_by_the_rules_is_won_back_while_they_are_away(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule_sets.save(store, parse(tomllib.loads(example())), "me")
    ladders.hold(store, "stage", [ann], "lapsed", "me", "went silent")
    assert asked(store, "win-back") == []
    go_to(monkeypatch, "2026-06-09")
    assert asked(store, "win-back") == [("open", "'Lapsed' for 8 days")]
    monkeypatch.setenv("KOLBENCH_LANG", "zh_CN")
    assert "流失" in asked(store, "win-back")[0][1]
    monkeypatch.setenv("KOLBENCH_LANG", "en")
    ladders.hold(store, "stage", [ann], "early", "me", "is back")
    assert [state for state, _why in asked(store, "win-back")] == ["resolved"]


def at_day(monkeypatch: pytest.MonkeyPatch, day: float) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(day).isoformat())


def linked(uid: str, day: float, **facts: Any) -> PostRecord:
    return structs.replace(make.posted(uid, day, **facts), url=f"https://video.example/{day:g}")


def test_the_first_work_since_they_signed_asks_for_traffic_with_its_link_day_and_counts(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.write(store, linked("ann", 90, title="Before"))
    at_day(monkeypatch, 100)
    signed(store, ann)
    assert asked(store, "first-post") == []
    make.write(store, linked("ann", 103, title="Second"), linked("ann", 102, title="Autumn tea", views=1_200, likes=1))
    at_day(monkeypatch, 104)
    assert asked(store, "first-post") == [
        (
            "open",
            "No traffic from us yet for their first work since they agreed: 'Autumn tea', 2026-04-13"
            " · 1,200 views · 1 like · https://video.example/102",
        )
    ]
    make.write(store, linked("ann", 101, title="Found later"))
    (row,) = asked(store, "first-post")
    assert "Found later" in row[1], "the same follow-up names the earlier work"
    finish(store, "first-post")
    make.write(store, linked("ann", 100.5, title="Earlier still"))
    assert [state for state, _why in asked(store, "first-post")] == ["done"], "it asks once"


def test_a_push_or_pin_since_the_work_is_out_supports_it_until_it_is_reversed(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_day(monkeypatch, 100)
    signed(store, ann)
    incentives.grant(store, ann, "push", Amount(1, PIECE), "me", reason="for an older one")
    make.write(store, make.posted("ann", 102))
    at_day(monkeypatch, 103)
    incentives.grant(store, ann, "medal", Amount(1, PIECE), "me")
    assert [state for state, _why in asked(store, "first-post")] == ["open"]
    given = incentives.grant(store, ann, "pin", Amount(1, PIECE), "me")
    assert [state for state, _why in asked(store, "first-post")] == ["resolved"]
    incentives.reverse(store, given.id, "me")
    assert [state for state, _why in asked(store, "first-post")] == ["open"]


def test_traffic_that_was_ticked_off_in_the_playbook_is_not_asked_for_again(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_day(monkeypatch, 100)
    signed(store, ann)
    traffic = {"id": "traffic", "text": "Tilt traffic to their first work"}
    rule_sets.save(store, parse({"name": "r", "stages": [{"name": "early", "playbook": [traffic]}]}), "me")
    ladders.hold(store, "stage", [ann], "early", "me", "has begun")
    make.write(store, make.posted("ann", 102))
    at_day(monkeypatch, 103)
    assert [state for state, _why in asked(store, "first-post")] == ["open"]
    finish(store, "playbook")
    assert [state for state, _why in asked(store, "first-post")] == ["resolved"]


def test_who_agreed_for_a_brief_is_supported_and_who_no_longer_does_or_posted_long_ago_is_not(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_day(monkeypatch, 100)
    brief_id = make.brief(store)
    decisions.decide(store, brief_id, [ann], "shortlisted", "me")
    make.write(store, make.posted("ann", 102))
    at_day(monkeypatch, 103)
    assert asked(store, "first-post") == []
    decisions.decide(store, brief_id, [ann], "agreed", "me")
    make.write(store, make.posted("ann", 104))
    at_day(monkeypatch, 105)
    assert [state for state, _why in asked(store, "first-post")] == ["open"]
    decisions.decide(store, brief_id, [ann], "rejected", "me", "asked for too much")
    assert [state for state, _why in asked(store, "first-post")] == ["resolved"]
    decisions.decide(store, brief_id, [ann], "active", "me")
    assert [state for state, _why in asked(store, "first-post")] == ["open"]
    at_day(monkeypatch, 135)
    assert [state for state, _why in asked(store, "first-post")] == ["resolved"], "by now nobody looks at it"


@pytest.mark.parametrize(
    "rule",
    [
        "agreement-ending",
        "deliverable-overdue",
        "output-falling",
        "win-back",
        "reward-due",
        "first-post",
        "offer-unanswered",
    ],
)
def test_every_rule_says_something_of_any_evidence(rule: str) -> None:
    known: Any = named(rule)
    assert known.title()
    assert rules.why(rule, {}, 0) == "{}"
