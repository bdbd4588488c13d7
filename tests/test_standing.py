"""Scores, the candidate list and its search, compared with plain Python over the same people."""

from __future__ import annotations

import random
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import scorers, scores, standing
from kolbench.analysis.people import Account, PerPeriod, Reactions
from kolbench.analysis.scorers.engagement import HALF, rate, scale
from kolbench.analysis.scorers.growth import growth
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.records import AccountRecord, InteractionRecord, MessageRecord, PostRecord
from kolbench.domain.scoring import UNKNOWN, Component, Measure, People
from kolbench.domain.settings import Tiers
from kolbench.screens.measures import made_from
from kolbench.store import creators, runs, search, sources, writer
from kolbench.store import standings as table
from kolbench.store.candidates import ORDERS, CandidateWindow
from kolbench.store.connect import Store
from kolbench.store.filters import Filter

MONDAY = datetime(2026, 5, 4, 10, tzinfo=UTC)
AT = 1_777_888_800_000
NAMES = ["王子轩", "李雨桐の日常", "Anna Schmidt", "johnsmith99", "🍜探店小王", "ÉMILE", "한국어", "子轩"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """600 people of two platforms, some without counters."""
    chance = random.Random(7)
    store = Store.open(tmp_path_factory.mktemp("standing") / "k.db")
    for platform in ("weibo", "douyin"):
        run = runs.start(store, sources.add(store, platform, "tabular", platform, {}), "import")
        people = []
        for i in range(300):
            metrics = {"followers": int(10 ** chance.uniform(2, 8)), "posts": 50, "likes": chance.randint(0, 10**6)}
            known = {name: value for name, value in metrics.items() if chance.random() < 0.7}
            people.append(AccountRecord(uid=str(i), name=f"{NAMES[i % 8]}{i}", handle=f"{platform}{i}", metrics=known))
        writer.write_page(store, run, "profiles", people, None, AT)
        runs.finish(store, run, "done")
    standing.refresh(store)
    return store


def everyone(window: CandidateWindow) -> list[int]:
    return [row.creator_id for start in range(0, window.count(), 37) for row in window.rows(start, start + 37)]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_from_either_end_join_into_one_whole_order(store: Store, order: str, reverse: bool) -> None:
    window = CandidateWindow(store, order, reverse=reverse)
    people = window.rows(0, 600)
    assert everyone(window) == [row.creator_id for row in people]
    assert len({row.creator_id for row in people}) == window.count() == 600
    column = "name" if order == "name" else ORDERS[order][0]
    values = [getattr(row, column) for row in people]
    known = [fold(value) if order == "name" else value for value in values if value is not None]
    assert known == sorted(known, reverse=(order != "name") is not reverse)
    assert values[len(known) :] == [None] * (600 - len(known)), "unknown values come last"


@pytest.mark.parametrize("order", ORDERS)
def test_a_filter_keeps_the_order(store: Store, order: str) -> None:
    everybody = CandidateWindow(store, order).rows(0, 600)
    shown = Filter(platform="weibo", followers_from=1000)
    wanted = [r.creator_id for r in everybody if r.platform == "weibo" and (r.followers or 0) >= 1000]
    assert everyone(CandidateWindow(store, order, shown=shown)) == wanted


@pytest.mark.parametrize(
    "text", ["王", "子轩", "王子轩", "の日", "ann", "a", "SMITH", "emile", "🍜", "한국", "weibo12", "99 d"]
)
def test_search_finds_what_a_plain_look_through_finds(store: Store, text: str) -> None:
    found = {row.creator_id for row in CandidateWindow(store, shown=Filter(text=text)).rows(0, 600)}
    keys = store.reader().execute("SELECT creator_id, name_key FROM standing").fetchall()
    plain = {creator_id for creator_id, key in keys if fold(text) in key}
    if len(text) < 3 and text.isascii():
        plain = {creator_id for creator_id, key in keys if any(word.startswith(text) for word in key.split())}
        assert found >= plain
    else:
        assert found == plain


@given(st.text(max_size=12), st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_a_search_expression_never_misses_its_own_text(before: str, text: str) -> None:
    part = fold(text)
    match, checked = search.query(text)
    assert checked == part
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE creator_terms USING fts5 (terms, content = '', detail = none, tokenize = 'ascii')")
    search.index(db, [(1, None, fold(before + " " + text))])
    if match:
        assert db.execute("SELECT rowid FROM creator_terms WHERE creator_terms MATCH ?", (match,)).fetchall() == [(1,)]


def test_bots_have_no_standing_and_are_gone_when_they_turn_out_to_be_one(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "k.db")
    run = runs.start(store, sources.add(store, "s", "tabular", "weibo", {}), "import")
    writer.write_page(store, run, "p", [AccountRecord(uid="1", name="机器人")], None, AT)
    standing.refresh(store)
    assert CandidateWindow(store, shown=Filter(text="机器")).count() == 1
    writer.write_page(store, run, "p", [AccountRecord(uid="1", is_bot=True)], None, AT)
    standing.refresh(store)
    assert CandidateWindow(store).count() == CandidateWindow(store, shown=Filter(text="机器")).count() == 0


def test_a_rebuild_from_nothing_gives_the_same(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "k.db")
    run = runs.start(store, sources.add(store, "s", "tabular", "weibo", {}), "import")
    chance = random.Random(3)
    for day in range(12):
        at = MONDAY + timedelta(days=5 * day)
        page: list[object] = []
        for i in range(20):
            page.append(
                AccountRecord(uid=str(i), name=f"n{i}", metrics={"followers": 1000 + 10 * day * i}, observed_at=at)
            )
            page.append(PostRecord(uid=f"{i}-{day}", account_uid=str(i), published_at=at, metrics={"likes": day * i}))
            page.append(MessageRecord(uid=f"{i}-{day}", community_uid="c", account_uid=str(i), sent_at=at))
            page.append(
                InteractionRecord(
                    actor_uid=str(i),
                    object_uid=str(chance.randrange(20)),
                    kind="mention",
                    at=at,
                    evidence_uid=f"{i}-{day}",
                )
            )
        writer.write_page(store, run, "p", page, None, AT)  # type: ignore[arg-type]
        standing.refresh(store)
    before = store.reader().execute("SELECT * FROM standing ORDER BY creator_id").fetchall()
    assert len(before) == 20
    assert all(row[before[0].index("weibo")] for row in before)
    standing.rebuild(store)
    assert store.reader().execute("SELECT * FROM standing ORDER BY creator_id").fetchall() == before


def derived(store: Store) -> tuple[list[tuple[object, ...]], ...]:
    """What was derived: everybody's row, what search finds them under, and the indexes of the list."""
    db = sqlite3.connect(store.path)
    db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, creator_terms, instance)")
    found = tuple(
        db.execute(query).fetchall()
        for query in (
            "SELECT * FROM standing ORDER BY creator_id",
            "SELECT term, doc FROM vocabulary ORDER BY term, doc",
            "SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'standing' ORDER BY name",
        )
    )
    db.close()
    return found


def people(count: int, day: int = 0) -> list[AccountRecord]:
    """Records of people whose names and numbers are others on another day; every ninth turns out to be a bot."""
    return [
        AccountRecord(
            uid=str(i),
            name=f"{NAMES[(i + day) % 8]}{i % 5 + day}",
            handle=f"user_{i * 7919:x}",
            is_bot=day > 0 and i % 9 == 0,
            metrics={"followers": 1000 + i * (day + 1), "posts": 50, "likes": 900 * i},
            observed_at=MONDAY + timedelta(days=9 * day),
        )
        for i in range(count)
    ]


def write(store: Store, records: list[AccountRecord]) -> None:
    source = sources.find(store, "s") or sources.add(store, "s", "tabular", "weibo", {})
    run = runs.start(store, source, "import")
    writer.write_page(store, run, "p", records, None, AT)
    runs.finish(store, run, "done")


@pytest.mark.parametrize("count", [40, 43])
def test_everybody_at_once_is_derived_as_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(standing, "BATCH", 10)
    monkeypatch.setattr(standing, "BARE_BATCH", 10)
    slowly = Store.open(tmp_path / "slowly.db")
    for day in range(3):
        for record in people(count, day):
            write(slowly, [record])
            standing.refresh(slowly)
    rows, terms, indexes = derived(slowly)
    assert len(rows) == count - len(range(0, count, 9))
    assert len(terms) > len(rows)
    assert len(indexes) == 15, "the table itself and fourteen orders"

    dropped = []
    drop = table.drop_indexes

    def noted(store: Store) -> None:
        dropped.append(store)
        drop(store)

    monkeypatch.setattr(standing, "MANY", 20)
    monkeypatch.setattr(table, "drop_indexes", noted)
    standing.rebuild(slowly)
    assert derived(slowly) == (rows, terms, indexes)

    at_once = Store.open(tmp_path / "at once.db")
    for day in range(3):
        write(at_once, people(count, day))
        standing.refresh(at_once)
    assert derived(at_once) == (rows, terms, indexes)
    assert dropped == [slowly, at_once, at_once, at_once]

    write(at_once, people(3, 3))
    standing.refresh(at_once)
    assert len(dropped) == 4, "a few are changed where they are"


@pytest.mark.parametrize("steps", [1, 3, 4, 8, 11])
def test_deriving_everybody_can_be_stopped_anywhere_and_is_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(standing, "BATCH", 10)
    monkeypatch.setattr(standing, "BARE_BATCH", 10)
    store = Store.open(tmp_path / "k.db")
    write(store, people(40))
    standing.refresh(store)
    wanted = derived(store)
    monkeypatch.setattr(standing, "MANY", 20)
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == steps:
            raise Stopped

    class Stopped(Exception): ...

    with pytest.raises(Stopped):
        standing.rebuild(store, stop)
    assert standing.waiting(store) > 0, "somebody waits until everything is there"
    standing.refresh(store, lambda done, total: told.append((done, total)))
    assert derived(store) == wanted
    assert told == sorted(told[:steps]) + sorted(told[steps:])
    assert told[-1][0] == told[-1][1]


def test_others_write_while_everybody_is_derived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "BATCH", 10)
    monkeypatch.setattr(standing, "BARE_BATCH", 10)
    monkeypatch.setattr(standing, "MANY", 20)
    store = Store.open(tmp_path / "k.db")
    write(store, people(40))
    db = sqlite3.connect(store.path, timeout=0, isolation_level=None)

    def rename(done: int, _total: int) -> None:
        db.execute("UPDATE creator SET name = ? WHERE id = 1", (f"renamed {done}",))
        db.execute("INSERT INTO stale_creator VALUES (1) ON CONFLICT DO NOTHING")
        if done >= 60:
            raise Stopped

    class Stopped(Exception): ...

    with pytest.raises(Stopped):
        standing.refresh(store, rename)
    standing.refresh(store)
    db.close()
    assert CandidateWindow(store, shown=Filter(text="renamed 60")).count() == 1
    assert CandidateWindow(store, shown=Filter(text="renamed 20")).count() == 0


def test_voice_counts_different_people_once_and_not_oneself(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "k.db")
    run = runs.start(store, sources.add(store, "s", "chat-archive", "gitter", {}), "import")

    def said(actor: str, kind: str, n: int, days: int = 0) -> InteractionRecord:
        at = MONDAY + timedelta(days=days)
        return InteractionRecord(actor_uid=actor, object_uid="1", kind=kind, at=at, evidence_uid=f"{actor}{n}")

    page = [said("2", "mention", 1), said("2", "reply", 2), said("3", "thank", 1), said("1", "mention", 1)]
    page += [said("4", "brownie", 1), said("5", "mention", 1, days=-91), AccountRecord(uid="6", is_bot=True)]  # type: ignore[list-item]
    page += [said("6", "mention", 1), AccountRecord(uid="1", name="目标")]  # type: ignore[list-item]
    writer.write_page(store, run, "m", page, None, AT)
    standing.refresh(store)
    explained = standing.explain(store, creators.find(store, "目标"))
    assert explained is not None
    assert explained.measures["voice"].figure == 2


def account(**known: int) -> Account:
    """A main account of which only ``known`` is known."""
    return Account(**{**dict.fromkeys(Account._fields), **known})


def test_growth_needs_a_week_and_speaks_of_thirty_days() -> None:
    day = 86_400_000
    main = account(followers=110, base_followers=100, followers_at=60 * day, base_at=30 * day)
    assert growth(main).figure == pytest.approx(0.10)
    assert growth(main._replace(base_at=54 * day)).value is None
    assert growth(main._replace(base_at=-121 * day))[::7] == (None, "apart")
    assert growth(main._replace(base_at=45 * day)).figure == pytest.approx(0.21)


def test_engagement_prefers_the_best_evidence_and_says_which() -> None:
    lifetime = account(followers=1000, likes=5000, posts=100)
    found = rate(lifetime, None)
    assert (found.figure, found.numerator, found.denominator, found.how) == (0.05, 50.0, 1000, "lifetime")
    assert rate(lifetime._replace(avg_likes=20), None).figure == 0.02
    assert rate(lifetime._replace(avg_likes=20, stated_rate=139), None).figure == 0.0139
    posts = rate(lifetime._replace(stated_rate=139), Reactions(4, 40))
    assert (posts.figure, posts.how, posts.sample) == (0.01, "posts", 4)
    assert rate(account(followers=0, likes=1, posts=1), None).value is None


def test_where_no_followers_are_told_engagement_is_by_view() -> None:
    day = 86_400_000
    seen = rate(account(), Reactions(4, 40, 1_000, 100 * day))
    assert (seen.figure, seen.numerator, seen.denominator, seen.how) == (0.04, 40, 1_000, "views")
    assert (seen.start, seen.stop, seen.sample) == (10 * day, 100 * day, 4)
    assert rate(account(), Reactions(4, 40)).value is None
    month = [PerPeriod(1, name, "month", n, 50 * day) for name, n in (("views", 1_000), ("likes", 30), ("shares", 20))]
    week = [PerPeriod(1, name, "week", n, 60 * day) for name, n in (("views", 10), ("likes", 9))]
    stated = rate(account(), None, [*month, *week])
    assert (stated.figure, stated.value, stated.how) == (0.05, 0.5, "period")
    assert (stated.start, stated.stop) == (20 * day, 50 * day)
    assert rate(account(), None, month[:1]).value is None, "nothing is told of reactions"
    assert rate(account(followers=10), None, month).value is None, (
        "where followers are told, views don't stand for them"
    )


def test_an_impossible_rate_is_passed_over_and_alone_unknown() -> None:
    deleted = account(followers=1000, likes=5_000_000, posts=100, followers_at=1)
    found = rate(deleted, None)
    assert (found.value, found.figure, found.how) == (None, 50, "lifetime")
    assert "5000.0%: impossible" in made_from(Component("engagement", 1, found, ""))
    assert rate(deleted._replace(stated_rate=139), Reactions(1, 1_001)).how == "stated"
    assert rate(deleted._replace(stated_rate=10_001), None).value is None


def test_the_scale_of_engagement_has_no_end_before_everybody() -> None:
    rates = [0, 0.001, 0.025, 0.1, 0.2, 0.5, 1]
    values = [scale(one, HALF) for one in rates]
    assert values == sorted(set(values))
    assert (values[0], values[2], values[-1] < 1) == (0, 0.5, True)


@given(st.dictionaries(st.sampled_from(list(scores.WEIGHTS)), st.none() | st.floats(0, 1)))
@settings(max_examples=200, deadline=None)
def test_a_score_is_bounded_and_missing_measures_lower_only_the_confidence(values: dict[str, float | None]) -> None:
    result = scores.score({name: Measure(value) for name, value in values.items()}, scorers.GENERAL)
    assert 0 <= result.total <= 100
    assert 0 <= result.confidence <= 1 + 1e-9
    nothing = scores.score({}, scorers.GENERAL)
    assert (nothing.total, nothing.confidence) == (0, 0)
    assert nothing.total < scores.score({"reach": Measure(0.0)}, scorers.GENERAL).total


counts = st.none() | st.integers(0, 10**15)


@given(st.builds(account, **dict.fromkeys(Account._fields, st.integers(0, 10**15))), counts, st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_every_value_is_from_nothing_to_one_whatever_a_source_tells(
    main: Account, reacted: int | None, posts: int
) -> None:
    reactions = None if reacted is None else Reactions(posts, reacted)
    for measure in (rate(main, reactions), growth(main)):
        assert measure.value is None or 0 <= measure.value <= 1


def test_the_evidence_of_a_person_adds_up_to_what_it_is_evidence_of(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "k.db")
    run = runs.start(store, sources.add(store, "s", "tabular", "weibo", {}), "import")
    page = [AccountRecord(uid="1", name="目标", handle="a", metrics={"followers": 1000})]
    page += [AccountRecord(uid="2", name="other")]
    page += [
        PostRecord(uid=str(n), account_uid="1", published_at=MONDAY, text="茶", metrics={"likes": n}) for n in (3, 5)
    ]  # type: ignore[misc]
    page += [InteractionRecord(actor_uid="2", object_uid="1", kind="reply", at=MONDAY, evidence_uid="x")]  # type: ignore[list-item]
    writer.write_page(store, run, "m", page, None, AT)
    standing.refresh(store)
    creator_id = creators.find(store, "目标")
    people = People(store.reader(), [creator_id])
    measured = {name: scorer.measure(people).get(creator_id, UNKNOWN) for name, scorer in scorers.GENERAL.items()}
    for name in ("reach", "voice", "activity"):
        assert measured[name].numerator
        rows = list(scorers.GENERAL[name].evidence(people, 100))
        assert sum(row.amount or 0 for row in rows) == measured[name].numerator, name
    works = list(scorers.GENERAL["engagement"].evidence(people, 100))
    assert [row.amount for row in works] == [5, 3]
    assert measured["engagement"].numerator == 4


@pytest.mark.parametrize(
    ("followers", "tier"), [(None, "unknown"), (0, "pico"), (9_999, "nano"), (10_000, "micro"), (10**6, "mega")]
)
def test_tiers(followers: int | None, tier: str) -> None:
    assert scores.tier(followers, Tiers()) == tier


def test_a_page_of_the_list_is_found_through_its_index(store: Store) -> None:
    for column, descending in ORDERS.values():
        direction = "DESC" if descending else "ASC"
        plan = store.reader().execute(
            "EXPLAIN QUERY PLAN SELECT creator_id FROM standing"
            f" ORDER BY {column} {direction}, creator_id LIMIT 9 OFFSET 9"
        )
        details = " ".join(row[3] for row in plan)
        assert "COVERING INDEX" in details
        assert "TEMP B-TREE" not in details


def test_size_classes_follow_the_settings_beside_the_store(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.write(store, make.person("ann"), make.counted("ann", 1, followers=5_000))
    standing.refresh(store)
    tiers = "SELECT tier FROM standing"
    assert store.reader().execute(tiers).fetchall() == [("nano",)]
    settings = tmp_path / "settings.toml"
    settings.write_text("[tiers]\nmicro = 2_000\n")
    standing.refresh(store)
    assert store.reader().execute(tiers).fetchall() == [("micro",)]
    settings.unlink()
    standing.refresh(store)
    assert store.reader().execute(tiers).fetchall() == [("nano",)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[tiers]\nmicro = 'x'", 'tiers.micro: write a whole number, not "x"'),
        ("[tiers]\nmicro = 1", "tiers.micro: write a number above that of tiers.nano, 1,000"),
        ("[tears]", "tears: there is no such setting. Do you mean tiers?"),
        ("[", "settings.toml"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, wrong: str) -> None:
    store = make.store(tmp_path)
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(UsageError, match=re.escape(wrong)) as told:
        standing.refresh(store)
    assert str(tmp_path / "settings.toml") in str(told.value)


def test_whose_account_is_whose_is_gathered_once_and_again_when_others_have_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "BATCH", 10)
    monkeypatch.setattr(standing, "SOME", 10)
    store = Store.open(tmp_path / "k.db")
    write(store, people(40))
    run = runs.start(store, sources.find(store, "s"), "sync")  # type: ignore[arg-type]
    fans = [
        InteractionRecord(actor_uid=str(i), object_uid="39", kind="mention", at=MONDAY, evidence_uid=f"m{i}")
        for i in range(1, 39)
    ]
    writer.write_page(store, run, "p", fans, None, AT)
    others = sqlite3.connect(store.path, isolation_level=None)
    gathered = []

    def merge(done: int, _total: int) -> None:
        with store.writing() as db:
            gathered.append(db.execute("SELECT count(DISTINCT creator_id) FROM temp.person").fetchone()[0])
        if done == 20:
            others.execute("UPDATE account SET creator_id = 1 WHERE id < 10")

    standing.refresh(store, merge)
    others.close()
    assert gathered == [40, 40, 32, 32]
    (voice,) = store.reader().execute("SELECT voice FROM standing WHERE creator_id = 40").fetchone()
    assert voice == 38 - 8 + 1
    with store.writing() as db, pytest.raises(sqlite3.OperationalError):
        db.execute("SELECT * FROM temp.person")
