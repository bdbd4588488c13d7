"""Where everybody stands in a brief: the same by one and by all, kept up to date, and stopped without a loss."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import make
from kolbench.analysis import candidacy, scorers, standing
from kolbench.domain.briefs import WEIGHTS, parse
from kolbench.domain.scoring import Evidence, Measure, People
from kolbench.programme import briefs as written
from kolbench.store import briefs, candidates, decisions, facts, tags
from kolbench.store.candidates import BRIEF_ORDERS, ORDERS, CandidateWindow
from kolbench.store.connect import Store
from kolbench.store.filters import Filter

ROWS = "SELECT * FROM candidate ORDER BY brief_id, creator_id"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Thirty people with ever more followers, of whom every third talks in a room."""
    store = make.store(tmp_path)
    for n in range(1, 31):
        name = f"p{n}"
        make.write(store, make.person(name, region="上海" if n % 2 else "北京"), make.counted(name, 1, followers=n**4))
        if n % 3 == 0:
            make.write(store, make.said(name, "tea", n), make.did("thank", f"p{n - 1}", name, "tea", n))
    standing.refresh(store)
    return store


def rows(store: Store) -> list[tuple[Any, ...]]:
    return store.reader().execute(ROWS).fetchall()


def listed(store: Store, brief: int, **shown: Any) -> list[str]:
    window = CandidateWindow(store, brief_id=brief, shown=Filter(**shown))
    return [row.name for row in window.rows(0, 100)]


def test_the_list_shows_what_why_explains(store: Store) -> None:
    brief = make.brief(store)
    assert candidacy.score(store, brief) == 30
    for row in CandidateWindow(store, brief_id=brief).rows(0, 30):
        score = candidacy.explain(store, brief, row.creator_id)
        assert score is not None
        assert score.total == pytest.approx(row.score)
        assert score.confidence == pytest.approx(row.confidence)
        assert sum(one.weight for one in score.components) == pytest.approx(1)
        assert sum(one.points for one in score.components) == pytest.approx(row.score)


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("order", BRIEF_ORDERS)
def test_pages_of_a_brief_join_into_one_whole_order(
    store: Store, monkeypatch: pytest.MonkeyPatch, order: str, reverse: bool, few: int
) -> None:
    monkeypatch.setattr(candidates, "FEW", few)
    monkeypatch.setattr(candidates, "NEAR", few)
    brief = make.brief(store, who={"regions": ["上海"]})
    candidacy.score(store, brief)
    window = CandidateWindow(store, order, reverse=reverse, brief_id=brief)
    whole = [row.creator_id for row in window.rows(0, 100)]
    pages = [row.creator_id for start in range(0, 15, 4) for row in window.rows(start, start + 4)]
    assert window.count() == len(set(whole)) == 15
    assert whole == pages == list(window.ids())


SHOWN = (
    Filter(text="p"),
    Filter(text="p2"),
    Filter(followers_from=16),
    Filter(text="p9", tier="nano"),
    Filter(state="undecided"),
    Filter(kind="unknown"),
    Filter(platform="demo", region="上海"),
)


@pytest.mark.parametrize("near", [20, 2], ids=["in the first rows", "in more of them"])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("order", BRIEF_ORDERS)
def test_a_glance_at_what_a_filter_leaves_is_how_it_begins(
    store: Store, monkeypatch: pytest.MonkeyPatch, order: str, reverse: bool, near: int
) -> None:
    for name, value in (("GLANCE", 6), ("NEAR", near), ("FEW", 2), ("FAR", 31)):
        monkeypatch.setattr(candidates, name, value)
    brief = make.brief(store, who={"regions": ["上海"]})
    candidacy.score(store, brief)
    decisions.decide(store, brief, [make.creator(store, "p3")], "rejected", "me", "why")
    for shown in SHOWN:
        for of in (brief, None) if order in ORDERS else (brief,):
            window = CandidateWindow(store, order, reverse=reverse, shown=shown, brief_id=of)
            seen = window.glance()
            assert len(seen) in (0, 3, 4, 5, 6)
            assert seen == window.rows(0, len(seen))
    assert CandidateWindow(store, order, brief_id=brief).glance() == []
    assert CandidateWindow(store, "name", shown=Filter(kind="unknown"), brief_id=brief).glance()
    assert (len(CandidateWindow(store, shown=Filter(text="p")).glance()) == 6) is (near == 20)


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("order", BRIEF_ORDERS)
def test_a_brief_is_looked_through_from_either_side_alike(
    store: Store, monkeypatch: pytest.MonkeyPatch, order: str, shown: Filter
) -> None:
    brief = make.brief(store, who={"regions": ["上海"]}, exclude={"tags": ["competitor"]})
    candidacy.score(store, brief)
    for name, state in (("p7", "rejected"), ("p9", "shortlisted"), ("p11", "undecided")):
        decisions.decide(store, brief, [make.creator(store, name)], state, "me", "why")
    tags.tag(store, [make.creator(store, "p13")], "competitor", "me")
    found = []
    for few, some in ((1_000, 1), (0, 1), (0, 1_000)):  # so few, less than everybody, more than one in a thousand
        monkeypatch.setattr(candidates, "FEW", few)
        monkeypatch.setattr(candidates, "SOME", some)
        window = CandidateWindow(store, order, shown=shown, brief_id=brief)
        pages = [row.creator_id for start in range(0, 30, 4) for row in window.rows(start, start + 4)]
        assert (len(pages), pages) == (window.count(), list(window.ids()))
        found.append(pages)
    assert found[0]
    assert found[0] == found[1] == found[2]


def test_a_search_for_all_that_match_can_be_abandoned(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "(WITH RECURSIVE up (creator_id) AS (SELECT 1 UNION ALL SELECT creator_id + 1 FROM up) SELECT * FROM up)"
    monkeypatch.setattr(candidates, "_EVERY", candidates._Tables(f"{endless} CROSS JOIN standing USING (creator_id)"))
    window = CandidateWindow(store, shown=Filter(tier="nano"))
    ended: Future[int] = Future()

    def count() -> None:
        try:
            ended.set_result(window.count())
        except sqlite3.OperationalError as error:
            ended.set_exception(error)

    thread = threading.Thread(target=count, daemon=True)
    thread.start()
    while thread.is_alive():
        window.abandon()
        thread.join(0.01)
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        ended.result()
    window.abandon()
    assert store.reader().execute("SELECT 1").fetchone() == (1,)


def test_who_is_one_of_us_ranks_ahead_of_an_equal_outsider_by_as_much_as_the_brief_says(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.people(store, 2, metrics={"followers": 1_000})
    make.write(store, make.said("p2", "tea", 1))
    with store.writing() as db:  # the message tells more than the membership: leave only that
        db.execute("DELETE FROM message")
    standing.refresh(store)
    alone = {**dict.fromkeys(WEIGHTS["activate"], 0), "reach": 1}
    least = make.brief(store, "least", ours={"points": 0}, weights=alone)
    most = make.brief(store, "most", ours={"points": 40}, weights=alone)
    for brief in (least, most):
        candidacy.score(store, brief)
    scores = {
        brief: {row.name: row.score for row in CandidateWindow(store, brief_id=brief).rows(0, 9)}
        for brief in (least, most)
    }
    assert scores[least]["p1"] == scores[least]["p2"]
    assert scores[most]["p2"] - scores[most]["p1"] == pytest.approx(40)


def test_only_whom_the_brief_means_is_listed(store: Store) -> None:
    brief = make.brief(store, who={"tiers": ["micro", "mid"], "regions": ["北京"]})
    candidacy.score(store, brief)
    meant = [n for n in range(2, 31, 2) if 10_000 <= n**4 < 500_000]
    assert sorted(listed(store, brief)) == sorted(f"p{n}" for n in meant)


def test_whom_we_may_not_or_need_not_ask_is_left_out_at_once(store: Store) -> None:
    brief, other = make.brief(store, exclude={"tags": ["competitor"]}), make.brief(store, "other")
    candidacy.score(store, brief)
    one, two, three = (make.creator(store, name) for name in ("p1", "p2", "p3"))
    with store.writing() as db:
        db.execute(
            "INSERT INTO contact_point (creator_id, channel, value, do_not_contact, run_id)"
            " VALUES (?, 'email', 'x', 'asked', 1)",
            (one,),
        )
    decisions.decide(store, other, [two], "agreed", "me")
    tags.tag(store, [three], "competitor", "me")
    assert not {"p1", "p2", "p3"} & set(listed(store, brief))
    decisions.decide(store, other, [two], "rejected", "me", "declined")
    tags.untag(store, [three], "competitor", "me")
    assert {"p2", "p3"} <= set(listed(store, brief))
    everybody = make.brief(store, "all", exclude={"do_not_contact": False, "working_with_us": False})
    candidacy.score(store, everybody)
    assert len(listed(store, everybody)) == 30


def test_who_is_exclusive_elsewhere_is_left_out_until_that_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    brief, everybody = make.brief(store), make.brief(store, "all", exclude={"exclusives": False})
    for one in (brief, everybody):
        candidacy.score(store, one)
    rival = make.creator(store, "p1")
    facts.edit(store, rival, {"exclusive": "2026-12-31 Some Brand", "city": "2099-01-01"}, "me")
    facts.edit(store, make.creator(store, "p2"), {"city": "2099-01-01"}, "me")
    for day, exclusive in (("2026-12-31", True), ("2027-01-01", False)):
        monkeypatch.setenv("KOLBENCH_NOW", f"{day}T12:00:00+00:00")
        assert ("p1" not in listed(store, brief)) is exclusive
        assert {"p1", "p2"} <= set(listed(store, everybody))
        assert "p2" in listed(store, brief)
    monkeypatch.setenv("KOLBENCH_NOW", "2026-12-01T12:00:00+00:00")
    facts.edit(store, rival, {"exclusive": ""}, "me")
    assert "p1" in listed(store, brief)


def test_whoever_was_chosen_stays_on_the_list_whatever_becomes_of_them(store: Store) -> None:
    brief = make.brief(store, who={"tiers": ["mid"]})
    candidacy.score(store, brief)
    chosen = make.creator(store, "p20")
    decisions.decide(store, brief, [chosen], "shortlisted", "me")
    make.write(store, make.counted("p20", 40, followers=3), make.counted("p21", 40, followers=3))
    standing.refresh(store)
    assert "p20" in listed(store, brief)
    assert "p21" not in listed(store, brief)


def test_a_decision_filters_the_list_and_outlives_scoring_again(store: Store) -> None:
    brief = make.brief(store)
    candidacy.score(store, brief)
    one, two = make.creator(store, "p1"), make.creator(store, "p2")
    decisions.decide(store, brief, [one], "shortlisted", "me")
    decisions.decide(store, brief, [two], "rejected", "me", "too loud")
    candidacy.score(store, brief)
    assert listed(store, brief, state="shortlisted") == ["p1"]
    assert listed(store, brief, state="rejected") == ["p2"]
    assert len(listed(store, brief, state="undecided")) == 28


def test_news_change_the_candidates_as_scoring_everybody_would(store: Store) -> None:
    brief = make.brief(store, who={"tiers": ["nano", "micro", "mid"]})
    candidacy.score(store, brief)
    make.write(store, make.counted("p1", 40, followers=2_000), make.counted("p30", 40, followers=3), make.person("new"))
    make.write(store, make.counted("new", 41, followers=20_000))
    standing.refresh(store)
    found = rows(store)
    assert {"p1", "new"} <= set(listed(store, brief))
    assert "p30" not in listed(store, brief)
    with store.writing() as db:
        db.execute("DELETE FROM candidate")
    candidacy.score(store, brief)
    assert rows(store) == found


def test_scoring_that_is_stopped_goes_on_where_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidacy, "BATCH", 7)
    brief = make.brief(store)
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        candidacy.score(store, brief, stop)
    make.write(store, make.counted("p1", 40, followers=9_999))
    standing.refresh(store)
    candidacy.score(store, brief, lambda done, total: told.append((done, total)))
    assert told == [(7, 30), (14, 30), (21, 30), (28, 30), (30, 30)]
    found = rows(store)
    candidacy.score(store, brief)
    assert rows(store) == found
    assert briefs.row(store, brief).scored == 1


def test_a_version_saved_meanwhile_is_scored_instead(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidacy, "BATCH", 7)
    brief = make.brief(store)

    def save(done: int, _total: int) -> None:
        if done == 14 and briefs.row(store, brief).version == 1:
            changed = briefs.brief(store, brief)
            briefs.save(store, type(changed)(name="Tea", purpose="acquire"), briefs.Meant(), "me", brief)

    candidacy.score(store, brief, save)
    assert {row[2] for row in rows(store)} == {2}
    assert briefs.row(store, brief).scored == 2


class AtOnce:
    """A pool that has done what it was given before it is given anything else."""

    def __init__(self, *_named: object) -> None:
        pass

    def __enter__(self) -> AtOnce:
        return self

    def __exit__(self, *_failed: object) -> None:
        pass

    def submit(self, work: Callable[..., Any], *given: object) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*given))
        return done


def test_news_of_whom_was_measured_ahead_are_in_what_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidacy, "BATCH", 7)
    monkeypatch.setattr(candidacy, "ThreadPoolExecutor", AtOnce)
    asked = parse({"name": "Oolong", "purpose": "activate", "topics": {"keywords": ["oolong"]}})
    brief = written.write(store, asked, "me")

    def news(done: int, _total: int) -> None:
        if done == 7:
            make.write(store, make.said("p10", "tea", 50, text="oolong"))
            standing.refresh(store)

    candidacy.score(store, brief, news)
    fit = dict(store.reader().execute("SELECT creator_id, fit_score FROM candidate"))
    assert fit[make.creator(store, "p10")] > 0


class Odd:
    """A plugin's scorer."""

    name, title, formula = "odd", "Odd", "1 for odd ids"

    def measure(self, people: People) -> dict[int, Measure]:
        return {one: Measure(float(one % 2), one % 2) for one in people.creator_ids}

    def evidence(self, people: People, limit: int) -> list[Evidence]:
        return [Evidence(None, "odd \x1b[31m", 1, "creator", one) for one in people.creator_ids][:limit]


PLUGIN = """
from kolbench import hookimpl
from test_candidacy import Odd
class Mine(Odd):
    {body}
@hookimpl
def kolbench_register_scorers(register): register(Mine())
"""


def scored(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, body: str = "pass") -> int:
    (folder / "mine.py").write_text(PLUGIN.format(body=body))
    monkeypatch.setenv("KOLBENCH_PLUGINS", str(folder))
    scorers.of_plugins.cache_clear()
    brief = make.brief(store, weights={"odd": 1_000_000})
    candidacy.score(store, brief)
    return brief


def test_a_plugins_scorer_weighs_in_a_brief_and_shows_its_evidence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = scored(store, tmp_path, monkeypatch)
    best = CandidateWindow(store, brief_id=brief).rows(0, 15)
    assert all(row.creator_id % 2 and row.extra == '{"odd": 1.0}' for row in best)
    (evidence,) = candidacy.evidence(store, brief, best[0].creator_id, "odd", 9)
    assert evidence.text == "odd"


@pytest.mark.parametrize(
    "body",
    [
        "def measure(self, people): 1 / 0",
        "def measure(self, people): return {one: Measure(7.0) for one in people.creator_ids}",
        "def measure(self, people): return 3",
        "def measure(self, people): raise SystemExit(9)",
        "def measure(self, people): return {one: Measure(0.5, figure='text') for one in people.creator_ids}",
        "def measure(self, people): return {one: Measure(0.5, sample=1.5) for one in people.creator_ids}",
        "def measure(self, people): return {one: Measure(0.5, 10**400) for one in people.creator_ids}",
        "def measure(self, people): return {one: Measure(0.5, stop=10**18) for one in people.creator_ids}",
        "def measure(self, people): raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})",
        "def measure(self, people): people.db.execute('DELETE FROM brief_version'); return {}",
    ],
)
def test_a_plugins_scorer_that_fails_is_unknown_and_hurts_nobody(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    brief = scored(
        store,
        tmp_path,
        monkeypatch,
        body.replace("Measure", "__import__('kolbench.domain.scoring').domain.scoring.Measure"),
    )
    assert len(listed(store, brief)) == 30
    score = candidacy.explain(store, brief, make.creator(store, "p1"))
    assert score is not None
    assert next(one for one in score.components if one.name == "odd").measure.value is None
    assert scorers.of_plugins()["odd"].problem  # type: ignore[attr-defined]
