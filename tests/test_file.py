"""The file of a person: what operators write down, who may be contacted, and that nobody overwrites a colleague."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import matching, standing
from kolbench.domain import facts as fields
from kolbench.domain import hours
from kolbench.domain.clock import DAY
from kolbench.domain.errors import Conflict, UsageError
from kolbench.domain.partial_dates import Recurring, Told
from kolbench.domain.records import Contact
from kolbench.programme import follow_ups as rules
from kolbench.programme import offers
from kolbench.store import changes, contacts, facts, follow_ups, life, needs, notes, owners, refusals
from kolbench.store.candidates import CandidateWindow
from kolbench.store.connect import Store

AT = make.ms(200)


@pytest.fixture
def ann(store: Store, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(200).isoformat())
    return make.people(store, 1)[0]


# Facts --------------------------------------------------------------------------------------------------------


def test_a_fact_says_who_wrote_it_and_an_empty_one_is_gone(store: Store, ann: int) -> None:
    assert facts.edit(store, ann, {"personality": " warm ", "city": "杭州"}, "eve") == ["personality", "city"]
    assert [(one.field, one.value, one.author) for one in facts.of(store, ann)] == [
        ("personality", "warm", "eve"),
        ("city", "杭州", "eve"),
    ]
    assert facts.edit(store, ann, {"personality": "warm"}, "dan") == [], "nothing new leaves no trace"
    facts.edit(store, ann, {"personality": ""}, "dan")
    assert facts.values(store, [ann], ["personality", "city"]) == {ann: {"city": "杭州"}}
    changes.undo(store, "dan")
    assert facts.values(store, [ann], ["personality"]) == {ann: {"personality": "warm"}}


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [
        ("archetype", "颜值", "looks"),
        ("archetype", "Creative", "creative"),
        ("time_zone", "Asia/Shanghai", "Asia/Shanghai"),
        ("hours", "9-12, 20:00–23:30", "09:00-12:00 20:00-23:30"),
        ("hours", "２２点至２点", "22:00-02:00"),
        ("exclusive", "2027年1月5日 Some  Brand", "2027-01-05 Some Brand"),
        ("exclusive", "2027/12/31", "2027-12-31"),
        ("personality", "warm\x1b[31m, \u202ekind", "warm, kind"),
    ],
)
def test_a_value_is_kept_in_one_way_of_writing(field: str, text: str, kept: str) -> None:
    assert fields.checked(field, text) == kept
    assert fields.checked(field, kept) == kept


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("archetype", "clever"),
        ("time_zone", "Beijing"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "Asia"),
        ("hours", "evenings"),
        ("hours", "9-12 and later"),
        ("hours", "25-26"),
        ("hours", "9-9"),
        ("exclusive", "Some Brand"),
        ("exclusive", "2027-12 Some Brand"),
        ("height", "180"),
    ],
)
def test_what_does_not_fit_a_field_is_refused(field: str, text: str) -> None:
    with pytest.raises(UsageError):
        fields.checked(field, text)


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda s: s[0] != s[1]), min_size=1))
@settings(max_examples=50)
def test_hours_are_read_as_they_are_written(spans: list[tuple[int, int]]) -> None:
    assert hours.parse(hours.written(tuple(spans))) == tuple(spans)


@given(st.text(max_size=30))
@settings(max_examples=200)
def test_no_text_breaks_the_reading_of_hours(text: str) -> None:
    with suppress(UsageError):
        assert hours.parse(text)


# Needs and offers ---------------------------------------------------------------------------------------------


def test_offers_are_those_for_their_needs_the_strongest_and_easiest_first(store: Store, ann: int) -> None:
    needs.write(store, ann, "money", "eve", strength=2, switching=3)
    needs.write(store, ann, "brand", "eve", strength=2, switching=1, detail="a name in skincare")
    needs.write(store, ann, "support", "eve", strength=3)
    for name, kind in (("Cover story", "brand"), ("Interview", "brand"), ("Share of sales", "money")):
        needs.add_offer(store, name, kind, "eve")
    needs.add_offer(store, "Coupons", "saving", "eve")
    found = offers.fitting(store, ann)
    assert [(match.need.kind, [offer.name for offer in match.offers]) for match in found] == [
        ("support", []),
        ("brand", ["Cover story", "Interview"]),
        ("money", ["Share of sales"]),
    ]


def test_a_need_is_there_once_and_comes_back_as_new(store: Store, ann: int) -> None:
    first = needs.write(store, ann, "brand", "eve", strength=3, detail="a name")
    assert needs.write(store, ann, "brand", "dan", switching=1) == first
    (need,) = needs.of(store, ann)
    assert (need.strength, need.switching, need.detail, need.author) == (3, 1, "a name", "dan")
    needs.remove(store, ann, "brand", "eve")
    assert needs.of(store, ann) == []
    with pytest.raises(UsageError, match="no need 'brand'"):
        needs.remove(store, ann, "brand", "eve")
    needs.write(store, ann, "brand", "eve")
    assert [(need.strength, need.detail) for need in needs.of(store, ann)] == [(2, None)]


def test_an_offer_has_one_name_and_can_be_changed_and_withdrawn(store: Store) -> None:
    one = needs.add_offer(store, "Early access", "support", "eve", "two weeks before")
    with pytest.raises(UsageError, match="already"):
        needs.add_offer(store, "early ACCESS", "brand", "eve")
    assert needs.edit_offer(store, one, "eve", name="Beta access", kind="users")
    assert needs.offer(store, "beta access").kind == "users"
    needs.remove_offer(store, one, "eve")
    assert needs.offers(store) == []
    with pytest.raises(UsageError, match="no offer"):
        needs.remove_offer(store, one, "eve")
    changes.undo(store, "eve")
    assert [offer.name for offer in needs.offers(store)] == ["Beta access"]


@pytest.mark.parametrize("values", [{"strength": 0}, {"strength": None}, {"switching": 4}])
def test_a_level_that_is_none_is_refused(store: Store, ann: int, values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="low, medium, high"):
        needs.write(store, ann, "brand", "eve", **values)
    with pytest.raises(UsageError, match="Needs: money"):
        needs.write(store, ann, "fame", "eve")


# Life and papers ----------------------------------------------------------------------------------------------


def test_a_date_an_event_and_a_paper_are_kept_changed_and_removed(store: Store, ann: int, tmp_path: Path) -> None:
    one = life.add_date(store, ann, "birthday", Recurring(8, 15, lunar=True), "eve")
    assert life.add_date(store, ann, "birthday", Recurring(8, 15, lunar=True), "dan") == one, "the same is there once"
    life.edit_date(store, ann, one, "eve", on=Recurring(8, 16, 1990, lunar=True), was=None)
    assert [(date.title, str(date.on)) for date in life.dates(store, [ann])] == [("birthday", "lunar 1990-08-16")]
    life.add_event(store, ann, "moved to Hangzhou", Told(2025), "eve")
    newer = life.add_event(store, ann, "had a son", Told(2026, 3), "eve")
    assert [event.text for event in life.events(store, ann)] == ["had a son", "moved to Hangzhou"]
    life.remove(store, "life_event", ann, newer, "eve")
    assert [event.text for event in life.events(store, ann)] == ["moved to Hangzhou"]
    paper = tmp_path / "plan 计划.txt"
    paper.write_text("x")
    life.attach(store, ann, str(paper), "eve")
    life.attach(store, ann, "https://example.org/plan", "eve", "The plan")
    assert [(one.kind, one.title) for one in life.attachments(store, ann)] == [
        ("link", "The plan"),
        ("file", "plan 计划.txt"),
    ]


@pytest.mark.parametrize("target", ["/no/such/file", "ftp://example.org/x", "https://exa mple.org", "", "javascript:x"])
def test_what_is_no_file_and_no_link_is_not_attached(store: Store, ann: int, target: str) -> None:
    with pytest.raises(UsageError):
        life.attach(store, ann, target, "eve")


def test_an_entry_of_somebody_else_is_not_touched(store: Store, ann: int) -> None:
    make.write(store, make.person("bob"))
    bob = make.creator(store, "bob")
    one = life.add_event(store, ann, "moved", Told(), "eve")
    with pytest.raises(UsageError, match="no entry"):
        life.remove(store, "life_event", bob, one, "eve")
    with pytest.raises(UsageError, match="no person"):
        life.add_event(store, 999, "moved", Told(), "eve")


# Contacts, consent, and who wants none ------------------------------------------------------------------------


def test_a_contact_tells_its_origin_and_consent_tells_when_and_to_whom(store: Store, ann: int) -> None:
    make.write(store, make.person("p1", contacts=(Contact("email", "ann@example.org"),)))
    mine = contacts.add(store, ann, " WeChat ", "ann88", "eve")
    assert contacts.consent(store, ann, mine, "given", "dan", at=make.ms(199))
    assert not contacts.consent(store, ann, mine, "given", "eve"), "it is known already"
    told = {one.channel: one for one in contacts.of(store, ann)}
    assert (told["email"].source, told["email"].author, told["email"].consent) == ("demo", None, "unknown")
    wechat = told["wechat"]
    assert (wechat.author, wechat.consent, wechat.consent_at, wechat.consent_by) == (
        "eve",
        "given",
        make.ms(199),
        "dan",
    )


def test_a_contact_that_was_removed_is_not_brought_back_by_a_sync(store: Store, ann: int) -> None:
    known = make.person("p1", contacts=(Contact("email", "ann@example.org"),))
    make.write(store, known)
    contacts.remove(store, ann, contacts.find(store, ann, "email", "ann@example.org"), "eve")
    make.write(store, known, day=1)
    assert contacts.of(store, ann) == []
    contacts.add(store, ann, "email", "ann@example.org", "eve")
    assert [one.value for one in contacts.of(store, ann)] == ["ann@example.org"]


def test_a_corrected_address_has_no_consent_of_its_own_yet(store: Store, ann: int) -> None:
    wrong = contacts.add(store, ann, "phone", "123", "eve")
    contacts.consent(store, ann, wrong, "given", "eve")
    contacts.correct(store, ann, wrong, "1234", "eve")
    assert [(one.value, one.consent) for one in contacts.of(store, ann)] == [("1234", "unknown")]
    changes.undo(store, "eve")
    assert [(one.value, one.consent) for one in contacts.of(store, ann)] == [("123", "given")]


def test_a_contact_of_an_operators_is_compared_with_those_of_others(store: Store, ann: int) -> None:
    make.write(store, make.person("bob", contacts=(Contact("email", "same@example.org"),)))
    standing.refresh(store)
    matching.rebuild(store)
    contacts.add(store, ann, "email", "same@example.org", "eve")
    matching.refresh(store)
    pairs = store.reader().execute("SELECT creator_id, other_id FROM merge_suggestion").fetchall()
    assert pairs == [(ann, make.creator(store, "bob"))]


def test_a_refusal_ends_on_its_day_or_when_it_is_lifted(store: Store, ann: int) -> None:
    refusals.refuse(store, ann, "on leave", "eve", until=AT + 3 * DAY)
    refusals.refuse(store, ann, "hates the telephone", "eve", scope="Phone")
    assert [one.scope for one in refusals.of(store, [ann], AT)[ann]] == ["all", "phone"]
    assert refusals.against(store, ann, "email", AT + 3 * DAY) is None
    told = refusals.against(store, ann, "phone", AT + 3 * DAY)
    assert told is not None
    assert (told.reason, told.author) == ("hates the telephone", "eve")
    assert refusals.lift(store, ann, "eve", scope="phone") == 1
    assert refusals.of(store, [ann], AT + 3 * DAY) == {}
    assert refusals.lift(store, ann, "eve", scope="phone") == 0


def test_a_newer_refusal_takes_the_place_of_an_older_one(store: Store, ann: int) -> None:
    refusals.refuse(store, ann, "asked us", "eve")
    refusals.refuse(store, ann, "until the summer is over", "eve", until=AT + DAY)
    assert refusals.everybody(store, AT) == {ann}
    assert refusals.everybody(store, AT + DAY) == set()


def test_a_channel_whose_every_contact_refused_is_refused(store: Store, ann: int) -> None:
    one, other = (contacts.add(store, ann, "email", f"{n}@example.org", "eve") for n in range(2))
    contacts.consent(store, ann, one, "withdrawn", "eve")
    assert refusals.against(store, ann, "email", AT) is None, "the other may still be used"
    contacts.consent(store, ann, other, "refused", "eve")
    assert refusals.against(store, ann, "email", AT) is not None
    assert refusals.against(store, ann, "wechat", AT) is None
    assert refusals.everybody(store, AT) == set()


def test_a_refusal_needs_a_reason_and_a_day_to_come(store: Store, ann: int) -> None:
    with pytest.raises(UsageError, match="Say why"):
        refusals.refuse(store, ann, " ", "eve")
    with pytest.raises(UsageError, match="past"):
        refusals.refuse(store, ann, "asked us", "eve", until=AT)


@pytest.mark.parametrize("by_contact", [True, False])
def test_no_list_and_no_follow_up_proposes_who_wants_no_contact(
    store: Store, monkeypatch: pytest.MonkeyPatch, by_contact: bool
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(200).isoformat())
    make.write(
        store,
        *(make.person(name, contacts=(Contact("email", f"{name}@example.org"),)) for name in ("ann", "bob")),
        *(make.counted(name, 199, followers=90_000) for name in ("ann", "bob")),
        *(make.posted(name, day, likes=50) for name in ("ann", "bob") for day in range(170, 199)),
        day=199,
    )
    standing.refresh(store)
    ann, bob = (make.creator(store, name) for name in ("ann", "bob"))
    brief_id = make.brief(store)
    with store.writing() as db:
        for one in (ann, bob):
            db.execute("INSERT INTO candidate VALUES (?, ?, 1, 50, 1, NULL, NULL, 0, NULL)", (brief_id, one))

    def proposed() -> set[int]:
        rules.evaluate(store)
        asked = {row.creator_id for row in follow_ups.rows(store, None, AT, 0, 99) if row.rule != "stale-data"}
        assert {row.creator_id for row in CandidateWindow(store, brief_id=brief_id).rows(0, 9)} == asked
        return asked

    assert proposed() == {ann, bob}
    if by_contact:
        with store.writing() as db:
            db.execute("UPDATE contact_point SET do_not_contact = 'asked us' WHERE creator_id = ?", (ann,))
    else:
        refusals.refuse(store, ann, "asked us", "eve", until=AT + DAY)
    assert proposed() == {bob}
    if by_contact:
        assert refusals.lift(store, ann, "eve") == 1
    else:
        monkeypatch.setenv("KOLBENCH_NOW", make.moment(201).isoformat())
    assert proposed() == {ann, bob}


# Two operators at once ----------------------------------------------------------------------------------------


def edits(store: Store, ann: int) -> dict[str, tuple[Callable[[Any, str], Any], Callable[[], Any]]]:
    """Of every kind of entry: how to change it, given what was seen and by whom, and how to see it."""
    day = life.add_date(store, ann, "birthday", Recurring(5, 4), "eve")
    event = life.add_event(store, ann, "moved", Told(2026), "eve")
    link = life.attach(store, ann, "https://example.org", "eve", "site")
    point = contacts.add(store, ann, "email", "a@example.org", "eve")
    said = {"dan": "given", "eve": "refused"}
    offer = needs.add_offer(store, "Interview", "brand", "eve")
    note = notes.note(store, ann, "likes tea", "eve")
    facts.edit(store, ann, {"personality": "shy"}, "eve")
    needs.write(store, ann, "brand", "eve", strength=1)
    refusals.refuse(store, ann, "works by day", "eve", scope="phone")
    return {
        "note": (
            lambda seen, who: notes.rewrite(store, ann, note, who, who, was=seen),
            lambda: notes.notes(store, ann)[0],
        ),
        "owner": (
            lambda seen, who: owners.assign(store, [ann], who, who, was={ann: seen}),
            lambda: owners.of(store, [ann]).get(ann),
        ),
        "fact": (
            lambda seen, who: facts.edit(store, ann, {"personality": who}, who, was=seen),
            lambda: facts.values(store, [ann], ["personality"])[ann],
        ),
        "need": (
            lambda seen, who: needs.write(store, ann, "brand", who, was=seen._asdict(), detail=who),
            lambda: needs.of(store, ann)[0],
        ),
        "offer": (
            lambda seen, who: needs.edit_offer(store, offer, who, was=seen._asdict(), detail=who),
            lambda: needs.offers(store)[0],
        ),
        "date": (
            lambda seen, who: life.edit_date(store, ann, day, who, title=who, was=seen),
            lambda: life.dates(store, [ann])[0],
        ),
        "event": (
            lambda seen, who: life.edit_event(store, ann, event, who, text=who, was=seen),
            lambda: life.events(store, ann)[0],
        ),
        "attachment": (
            lambda seen, who: life.rename(store, ann, link, who, who, was=seen),
            lambda: life.attachments(store, ann)[0],
        ),
        "refusal": (
            lambda seen, who: refusals.refuse(store, ann, who, who, scope="phone", was=seen._asdict()),
            lambda: next(one for one in refusals.of(store, [ann], AT + 1)[ann] if one.scope == "phone"),
        ),
        "consent": (
            lambda seen, who: contacts.consent(store, ann, point, said[who], who, was=seen),
            lambda: contacts.of(store, ann)[0],
        ),
    }


@pytest.mark.parametrize(
    "kind", ["fact", "need", "offer", "date", "event", "attachment", "consent", "refusal", "note", "owner"]
)
def test_what_a_colleague_changed_meanwhile_is_not_overwritten(store: Store, ann: int, kind: str) -> None:
    change, look = edits(store, ann)[kind]
    seen = look()
    change(seen, "dan")
    theirs = look()
    assert theirs != seen
    with pytest.raises(Conflict) as refused:
        change(seen, "eve")
    assert look() == theirs
    assert "dan changed " in str(refused.value)
    assert str(refused.value.theirs) in str(refused.value)
    assert str(refused.value.mine) in str(refused.value)
    change(theirs, "eve")
    assert look() != theirs, "who has seen it may change it"


def test_what_a_colleague_wrote_where_nothing_was_is_not_overwritten(store: Store, ann: int) -> None:
    facts.edit(store, ann, {"city": "杭州"}, "dan", was={"city": ""})
    needs.write(store, ann, "brand", "dan", was={}, strength=3)
    with pytest.raises(Conflict, match="杭州"):
        facts.edit(store, ann, {"city": "上海"}, "eve", was={"city": ""})
    with pytest.raises(Conflict, match="3"):
        needs.write(store, ann, "brand", "eve", was={}, strength=1)
    seen = needs.of(store, ann)[0]
    needs.remove(store, ann, "brand", "dan")
    with pytest.raises(Conflict):
        needs.write(store, ann, "brand", "eve", was=seen._asdict(), strength=1)
    assert needs.of(store, ann) == []
    refusals.refuse(store, ann, "asked us", "dan", was={})
    with pytest.raises(Conflict, match=r"dan changed reason .* 'asked us'"):
        refusals.refuse(store, ann, "moved", "eve", was={})
    refused = refusals.of(store, [ann], AT)[ann][0]
    refusals.lift(store, ann, "dan")
    with pytest.raises(Conflict, match="dan changed"):
        refusals.refuse(store, ann, "moved", "eve", was=refused._asdict())
    assert refusals.of(store, [ann], AT) == {}


def test_the_same_thought_of_two_is_no_conflict(store: Store, ann: int) -> None:
    facts.edit(store, ann, {"city": "杭州"}, "dan", was={"city": ""})
    assert facts.edit(store, ann, {"city": "杭州", "language": "zh"}, "eve", was={"city": "", "language": ""}) == [
        "language"
    ]


def test_of_two_programs_the_second_is_told_what_the_first_wrote(store: Store, ann: int) -> None:
    elsewhere = Store.open(store.path)
    try:
        facts.edit(store, ann, {"city": "杭州", "language": "zh"}, "dan", was={"city": "", "language": ""})
        with pytest.raises(Conflict) as refused:
            facts.edit(
                elsewhere, ann, {"personality": "warm", "city": "上海"}, "eve", was={"city": "", "personality": ""}
            )
        assert (refused.value.field, refused.value.theirs, refused.value.mine) == ("city", "杭州", "上海")
        assert "personality" not in facts.values(elsewhere, [ann], ["personality"]).get(ann, {}), "all of it or nothing"
        facts.edit(elsewhere, ann, {"personality": "warm"}, "eve", was={"personality": ""})
        assert facts.values(store, [ann], ["city", "personality"])[ann] == {"city": "杭州", "personality": "warm"}
    finally:
        elsewhere.close()
