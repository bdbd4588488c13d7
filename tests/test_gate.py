"""Every record passes the gate once: clean ones untouched, others cleaned, impossible ones refused by field."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import NODEFAULT, structs

from kolbench.domain.clock import to_ms
from kolbench.domain.errors import RecordError
from kolbench.domain.gate import _GLANCES, Gate
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    ConversionRecord,
    Count,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    ParticipantRecord,
    PostRecord,
    Record,
    ReferralRecord,
    RefundRecord,
    SnapshotRecord,
    TouchRecord,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
THEN = datetime(2025, 1, 1, tzinfo=UTC)

WHOLE: list[Record] = [
    AccountRecord(
        uid="1",
        handle="ann",
        name="李佳琦 Austin",
        bio="line one\nline two 👩‍💻",
        url="https://example.org/@ann?x=1",
        avatar_url="http://example.org/a.png",
        category="beauty",
        region="上海",
        gender="f",
        verified="blue",
        is_bot=False,
        is_staff=True,
        created_at=THEN,
        gone=False,
        contacts=(Contact("email", "ann@example.org"), Contact("wechat", "ann_1")),
        metrics={"followers": Count(79_000, 500), "likes": 0, "followers_gained": -12},
        observed_at=THEN,
    ),
    PostRecord(
        uid="p1",
        account_uid="1",
        published_at=THEN,
        kind="video",
        title="[bold]sale[/]",
        text="text",
        url="https://example.org/p1",
        duration_s=61,
        metrics={"views": 10**15},
        observed_at=THEN,
    ),
    SnapshotRecord(account_uid="1", post_uid="p1", metrics={"likes": 3}, observed_at=THEN),
    FollowRecord(follower_uid="handle:bob", account_uid="1", mutual=True, observed_at=THEN),
    CommunityRecord(uid="c1", name="Room", kind="room", url="https://example.org/room"),
    MembershipRecord(community_uid="c1", account_uid="1", role="owner", joined_at=THEN, left_at=THEN),
    MessageRecord(uid="m1", community_uid="c1", account_uid="1", sent_at=THEN, text="hi", reply_to_uid="m0"),
    InteractionRecord(actor_uid="1", object_uid="2", kind="thank", at=THEN, evidence_uid="m1", community_uid="c1"),
    ParticipantRecord(campaign="Tea", uid="a", name="Ann", account_uid="1", code="ANN", joined_at=THEN, shown="masked"),
    ReferralRecord(
        campaign="Tea", child_uid="b", parent_uid="a", code="ANN", at=THEN, child_name="Bo", parent_name="Ann"
    ),
    TouchRecord(campaign="Tea", visitor_uid="b", participant_uid="a", code="ANN", at=THEN),
    ConversionRecord(
        campaign="Tea",
        shop="shop",
        order_id="o1",
        line="2",
        kind="signup",
        at=THEN,
        amount=990,
        currency="CNY",
        code="ANN",
        participant_uid="a",
        buyer_uid="b",
        device="d",
        address="x",
        payment="p",
    ),
    RefundRecord(campaign="Tea", shop="shop", order_id="o1", line="2", refund_id="r1", amount=5, at=THEN),
]
ACCOUNT = AccountRecord(uid="1")


@pytest.fixture
def gate() -> Gate:
    return Gate(to_ms(NOW))


def but(record: Record, **fields: Any) -> Any:
    return structs.replace(record, **fields)


@pytest.mark.parametrize("record", WHOLE, ids=lambda record: type(record).__name__)
def test_a_clean_record_passes_untouched(gate: Gate, record: Record) -> None:
    assert gate.check(record) is record
    assert not gate.cleaned


def test_every_field_of_every_record_is_checked(gate: Gate) -> None:
    for record in WHOLE:
        for field in record.__struct_fields__:
            with pytest.raises(RecordError) as refused:
                gate.check(but(record, **{field: object()}))
            assert refused.value.field == field


def test_names_are_cleaned_and_counted(gate: Gate) -> None:
    cleaned = gate.check(but(ACCOUNT, name="\x1b]52;c;eA==\x07Ann\u202e", handle="a\x00nn", bio="x\x1b[2Jy\nz"))
    assert cleaned == but(ACCOUNT, name="Ann", handle="ann", bio="xy\nz")
    assert gate.cleaned == {"name": 1, "handle": 1, "bio": 1}


def test_a_name_with_nothing_left_counts_as_not_told(gate: Gate) -> None:
    assert gate.check(but(ACCOUNT, name="\u200b\u3164", region="")) == ACCOUNT
    assert gate.cleaned == {"name": 1, "region": 1}


def test_a_giant_name_is_cut(gate: Gate) -> None:
    account = gate.check(but(ACCOUNT, name="x" * 10_000_000, bio="y" * 10_000_000))
    assert isinstance(account, AccountRecord)
    assert account.name == "x" * 199 + "…"
    assert account.bio == "y" * 19_999 + "…"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "example.org", "https://", "https:///x", "https://a b", ""],
)
def test_an_address_that_is_not_of_the_web_is_cleared(gate: Gate, url: str) -> None:
    assert gate.check(but(ACCOUNT, url=url)) == ACCOUNT
    assert gate.cleaned == {"url": 1}


def test_an_address_is_never_cut_in_the_middle(gate: Gate) -> None:
    long = "https://example.org/" + "a" * 500
    assert gate.check(record := but(ACCOUNT, url=long)) is record
    assert gate.check(but(ACCOUNT, url=long * 10)) == ACCOUNT


@pytest.mark.parametrize("uid", ["", " 1", "a\nb", "a\x00", "\x1b[1m", "\ud800", "\u202e1", "x" * 257])
def test_an_id_that_would_need_cleaning_is_refused(gate: Gate, uid: str) -> None:
    with pytest.raises(RecordError) as refused:
        gate.check(but(ACCOUNT, uid=uid))
    assert refused.value.field == "uid"


def test_ids_of_any_script_pass(gate: Gate) -> None:
    for uid in ("handle:ann", "name:李佳琦 👩‍💻", "@room:example.org", "x" * 256):
        assert gate.check(record := but(ACCOUNT, uid=uid)) is record


@pytest.mark.parametrize(
    ("metrics", "field"),
    [
        ({"followers": -1}, "metrics.followers"),
        ({"followers": True}, "metrics.followers"),
        ({"followers": 1.5}, "metrics.followers"),
        ({"followers": "12"}, "metrics.followers"),
        ({"followers": None}, "metrics.followers"),
        ({"followers": 10**15 + 1}, "metrics.followers"),
        ({"followers_gained": -(10**15) - 1}, "metrics.followers_gained"),
        ({"followers": Count(5, -1)}, "metrics.followers"),
        ({"followers": Count(5, True)}, "metrics.followers"),
        ({"followers": Count(-5, 1)}, "metrics.followers"),
        ({"followers": Count("5", 1)}, "metrics.followers"),  # type: ignore[arg-type]
        ({"Followers": 1}, "metrics"),
        ({"1st": 1}, "metrics"),
        ({"a" * 41: 1}, "metrics"),
        ({"fans\n": 1}, "metrics"),
        ({"": 1}, "metrics"),
        ({1: 1}, "metrics"),
        ({f"m{n}": 1 for n in range(65)}, "metrics"),
        ("followers", "metrics"),
        ([("followers", 1)], "metrics"),
    ],
)
def test_an_impossible_metric_is_refused(gate: Gate, metrics: Any, field: str) -> None:
    for record in (ACCOUNT, WHOLE[1], WHOLE[2]):
        with pytest.raises(RecordError) as refused:
            gate.check(but(record, metrics=metrics))
        assert refused.value.field == field


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1989, 12, 31, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
        datetime(9999, 12, 31, 23, 59, tzinfo=ZoneInfo("America/New_York")),
        datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")),
        NOW + timedelta(days=2, seconds=1),
    ],
)
def test_an_impossible_time_is_left_out_where_it_may_be_and_refused_where_not(gate: Gate, moment: Any) -> None:
    assert gate.check(but(ACCOUNT, created_at=moment)) == ACCOUNT
    assert gate.cleaned == {"created_at": 1}
    for record, field in (
        *((ACCOUNT, "observed_at"), (WHOLE[2], "observed_at"), (WHOLE[6], "sent_at"), (WHOLE[7], "at")),
    ):
        with pytest.raises(RecordError) as refused:
            gate.check(but(record, **{field: moment}))
        assert refused.value.field == field


def test_the_near_future_is_a_wrong_clock_and_passes(gate: Gate) -> None:
    message = but(WHOLE[6], sent_at=NOW + timedelta(days=1, hours=23))
    assert gate.check(message) is message


@pytest.mark.parametrize("record", [ACCOUNT, WHOLE[1], WHOLE[2], WHOLE[3]], ids=lambda r: type(r).__name__)
def test_a_time_without_a_zone_is_refused(gate: Gate, record: Record) -> None:
    with pytest.raises(RecordError) as refused:
        gate.check(but(record, observed_at=THEN.replace(tzinfo=None)))
    assert refused.value.field == "observed_at"


class _LyingZone(tzinfo):
    def utcoffset(self, moment: datetime | None) -> timedelta:
        raise MemoryError


class _Raising:
    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    def __hash__(self) -> int:
        return hash("followers")

    def __len__(self) -> int:
        raise OverflowError


class _Text(str):
    __slots__ = ()

    def isascii(self) -> bool:
        raise OSError


class _Nameless(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError


class _Account(AccountRecord, frozen=True, kw_only=True):
    extra: str = ""


@pytest.mark.parametrize(
    "record",
    [
        None,
        {"uid": "1"},
        ACCOUNT.__class__,
        _Account(uid="1"),
        _Raising(),
        _Nameless("X", (), {})(),
        type("\x1b[31mred\x1b]0;t\x07", (), {})(),
        but(ACCOUNT, uid=None),
        but(ACCOUNT, uid=NODEFAULT),
        but(ACCOUNT, name=_Text("x")),
        but(ACCOUNT, metrics={_Raising(): 1}),
        but(ACCOUNT, metrics={"likes": _Raising()}),
        but(ACCOUNT, metrics=_Raising()),
        but(ACCOUNT, observed_at=datetime(2025, 1, 1, tzinfo=_LyingZone())),
        but(ACCOUNT, contacts=[Contact("email", "x")]),
        but(ACCOUNT, contacts=(("email", "x"),)),
        but(ACCOUNT, contacts=(Contact("E-Mail!", "x"),)),
        but(ACCOUNT, contacts=(Contact("email", None),)),  # type: ignore[arg-type]
        but(WHOLE[7], kind="Thank you"),
        but(WHOLE[7], kind=None),
        but(WHOLE[6], sent_at=None),
        but(WHOLE[6], text=None),
        but(WHOLE[3], mutual=None),
    ],
    ids=itertools.count(),
)
def test_a_lying_plugin_is_refused_in_words_fit_to_show(gate: Gate, record: Any) -> None:
    with pytest.raises(RecordError) as refused:
        gate.check(record)
    assert str(refused.value).isprintable()


def test_only_the_first_twenty_contacts_are_kept_and_empty_ones_are_not(gate: Gate) -> None:
    contacts = (Contact("email", "\u200b"), *(Contact("email", f"a{n}@example.org") for n in range(30)))
    account = gate.check(but(ACCOUNT, contacts=contacts))
    assert isinstance(account, AccountRecord)
    assert account.contacts == contacts[1:20]
    assert gate.cleaned == {"contacts": 1}


def test_a_length_that_makes_no_sense_is_left_out(gate: Gate) -> None:
    for seconds in (-1, 10**9 + 1):
        assert gate.check(but(WHOLE[1], duration_s=seconds)) == but(WHOLE[1], duration_s=None)
    assert gate.cleaned == {"duration_s": 2}


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.binary(max_size=4),
        st.datetimes(),
        st.datetimes(timezones=st.timezones()),
        st.sampled_from([object(), int, _Raising(), _Text("x"), Count(1, 2), Contact("email", "x"), *WHOLE]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=4), st.integers()), inner, max_size=3),
        st.builds(Contact, inner, inner),
        st.builds(Count, inner, inner),
    ),
    max_leaves=4,
)


@st.composite
def damaged(draw: st.DrawFn) -> object:
    record = draw(st.sampled_from(WHOLE))
    fields = draw(st.dictionaries(st.sampled_from(record.__struct_fields__), JUNK, max_size=4))
    return draw(st.one_of(st.just(but(record, **fields)), JUNK))


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_junk_is_refused_or_made_valid(junk: object) -> None:
    gate = Gate(to_ms(NOW))
    try:
        record = gate.check(junk)
    except RecordError:
        return
    assert type(record) in {type(whole) for whole in WHOLE}
    again = Gate(to_ms(NOW))
    assert again.check(record) is record
    assert not again.cleaned


@settings(max_examples=200, deadline=None)
@given(st.lists(damaged(), max_size=6))
def test_records_of_a_page_pass_as_each_would_alone(page: list[Any]) -> None:
    page = [record for record in page if type(record) in {type(whole) for whole in WHOLE}]
    together, alone = Gate(to_ms(NOW)), Gate(to_ms(NOW))
    kept, refused = together.check_all(page)
    expected = [judged(alone, record) for record in page]
    assert [refused.get(place) and str(refused[place]) for place in range(len(page))] == [
        one if isinstance(one, str) else None for one in expected
    ]
    assert kept == [one for one in expected if not isinstance(one, str)]


def judged(gate: Gate, record: Any) -> Record | str:
    try:
        return gate.check(record)
    except RecordError as error:
        return str(error)


VALUES: dict[type, st.SearchStrategy[Any]] = {
    str: st.one_of(
        st.text(max_size=8),
        st.text("ab \n\t\u3000\u200b中é\u0301👩\u200d💻", max_size=4),
        st.sampled_from(("x" * 256, "x" * 257, "x" * 501, "x" * 20_001, "likes", "Likes")),
        st.text("htps:/ \u3000a\n", max_size=5).map("https://".__add__),
        st.sampled_from(("http://", "https://", "http:///x", "HTTP://a", "https://a b", "https://" + "a" * 2_000)),
    ),
    int: st.integers(-5, 5) | st.integers(),
    bool: st.booleans(),
    datetime: st.datetimes() | st.datetimes(timezones=st.timezones() | st.just(UTC)),
    dict: st.dictionaries(
        st.sampled_from(("likes", "followers_gained", "Likes", 1)),
        st.integers(-5, 5) | st.integers() | st.booleans() | st.builds(Count, st.integers(-2, 9), st.integers(-2, 9)),
        max_size=3,
    ),
    tuple: st.just(()) | st.tuples(st.builds(Contact, st.just("email"), st.text(max_size=3))),
}


@settings(max_examples=500, deadline=None)
@given(st.data(), st.sampled_from(list(_GLANCES.items())))
def test_a_glance_lets_nothing_through_that_a_look_would_not(data: st.DataObject, one: Any) -> None:
    check, (kind, glance) = one
    gate = Gate(to_ms(NOW))
    column = data.draw(st.lists(VALUES[kind], min_size=1, max_size=4))
    try:
        passes = glance(gate, column)
    except Exception:
        return
    for value in column if passes else ():
        assert check(gate, "field", value) is value
    assert not passes or not gate.cleaned
