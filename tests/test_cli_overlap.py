"""``kolbench overlap`` says how much audiences share, as tables and as JSON."""

from __future__ import annotations

import gzip
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import make
from kolbench.analysis import candidacy, overlap, standing
from kolbench.domain.records import FollowRecord
from kolbench.store import decisions
from kolbench.store.connect import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from commands import Commands


def fill(follows: Mapping[str, Iterable[object]]) -> None:
    """A store at the usual place in which these are followed by those."""
    store = Store.open(Path(os.environ["KOLBENCH_STORE"]))
    make.write(store, *(make.person(name, metrics={"followers": 5_000}) for name in follows))
    make.write(
        store,
        *(
            FollowRecord(account_uid=name, follower_uid=f"f{fan}", observed_at=make.moment(1))
            for name, fans in follows.items()
            for fan in fans
        ),
    )
    make.write(
        store, make.did("like", "f1", "李静", None, 50), make.did("like", "f1", "ann", None, 2), make.person("nobody")
    )
    standing.refresh(store)
    store.close()


@pytest.fixture
def compared(kolbench: Commands) -> Commands:
    """Three people with followers in common, one without, and one whom nobody follows."""
    fill({"李静": range(30), "ann": range(20, 40), "bob": range(38, 45), "eve": range(50, 52)})
    return kolbench


def rows(out: str) -> list[str]:
    return [" ".join(line.split()) for line in out.splitlines()]


def test_the_tables_tell_of_each_of_each_two_and_of_all(compared: Commands) -> None:
    ran = compared("overlap", "李静", "ann", "bob", "--next", "3")
    assert ran.code == 0
    told = rows(ran.out)
    assert told[0] == "Audience: followers known by 2026-06-01; exact: all people were compared."
    assert "1 李静 30 5,000 20 66.7% 50.0% 0.0%" in told
    assert "2 ann 20 5,000 8 40.0% 50.0% 28.6%" in told
    assert "3 bob 7 5,000 5 71.4% 0.0% 28.6%" in told
    assert "Together they reach 45, each person counted once; their audiences add up to 57." in told
    assert "李静 ann 10 25.0% 50.0%" in told
    assert told[-1] == "1 eve 2 47"


def test_json_has_every_figure_with_its_error_and_its_date(compared: Commands) -> None:
    told = compared("overlap", "ann", "李静", "--next", "1", "--json").json
    assert (told["by"], told["from"], told["exact"], told["sampled_share"]) == ("followers", None, True, 1.0)
    assert told["to"].startswith("2026-06-01T12:00:00")
    assert [(one["name"], one["audience"], one["only_theirs"]) for one in told["creators"]] == [
        ("ann", 20, 10),
        ("李静", 30, 20),
    ]
    (pair,) = told["pairs"]
    assert (pair["both"], pair["jaccard"], pair["of_smaller"], pair["both_error"]) == (10, 0.25, 0.5, 0)
    assert (told["reached"], told["reached_error"]) == (40, 0)
    assert [(one["name"], one["added"], one["reached"]) for one in told["additions"]] == [("bob", 5, 45)]


def test_who_engaged_is_counted_up_to_the_newest_of_them(compared: Commands) -> None:
    out = compared("overlap", "李静", "ann", "--by", "engaged").out
    told = "in the 90 days up to the last time anybody did, 2026-02-20 at most; exact"
    assert told in out
    assert "Together they reach 1, each" in out
    out = compared("overlap", "李静", "ann", "--by", "engaged", "--days", "30").out
    assert "2 ann 1 5,000 0 0.0% 100.0%" in rows(out), "in her own 30 days, which ended long before"
    assert "up to 2026-02-20" in compared("overlap", "ann", "李静", "--by", "engaged", "--days", "0").out


def test_additions_are_looked_for_among_those_that_are_named(compared: Commands) -> None:
    told = compared("overlap", "李静", "--next", "5", "--among", "eve", "--among", "ann", "--json").json
    assert [(one["name"], one["added"]) for one in told["additions"]] == [("ann", 10), ("eve", 2)]
    assert rows(compared("overlap", "李静", "--next", "5", "--among", "李静").out)[-1] == "Nobody would add anybody."


def test_a_person_named_twice_is_compared_once(compared: Commands) -> None:
    told = compared("overlap", "李静", "李静", "ann", "--json").json
    assert len(told["creators"]) == 2


def test_the_closest_pairs_come_first_and_the_rest_is_counted(compared: Commands) -> None:
    out = rows(compared("overlap", "李静", "ann", "bob", "--limit", "1").out)
    assert out[-2:] == ["李静 ann 10 25.0% 50.0%", "1 of 3 pairs."]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ((), "Name the creators"),
        (("nobody at all",), "Nobody is called 'nobody at all'"),
        (("nobody",), "No follower of theirs is known."),
        (("nobody", "--by", "engaged"), "Nobody is known to have done anything towards them."),
        (("李静", "--by", "followers", "--days", "3"), "--days goes with --by engaged"),
        (("李静", "--among", "ann"), "--among goes with --next"),
        (("李静", "--next", "0"), "from 1 on"),
        (("李静", "--by", "luck"), "invalid choice"),
    ],
)
def test_mistakes_are_told_with_what_to_do(compared: Commands, args: tuple[str, ...], reason: str) -> None:
    ran = compared("overlap", *args)
    assert (ran.code, ran.out) == (2, "")
    assert reason in ran.err
    assert "Traceback" not in ran.err


def test_a_sample_is_told_with_its_share_and_errors(compared: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "compare", partial(overlap.compare, room=60))
    out = compared("overlap", "李静", "ann").out
    assert "estimated from 60.0% of all people, ± standard error." in out
    assert "Together they reach ≈" in out or "Together they reach ~" in out
    told = compared("overlap", "李静", "ann", "--json").json
    assert (told["exact"], told["sampled_share"]) == (False, 0.6)
    assert told["reached_error"] > 0
    assert told["pairs"][0]["jaccard_error"] > 0


def test_real_retweet_audiences_are_compared_rightly(kolbench: Commands, shared_data: Path, tmp_path: Path) -> None:
    wanted = ["88", "14454", "677", "1988", "349", "283"]
    with (
        gzip.open(shared_data / "graph" / "higgs-retweet_network.edgelist.gz", "rt") as lines,
        (tmp_path / "edges.csv").open("w") as table,
    ):
        table.write("from,to\n")
        edges = (line.split()[:2] for line in lines)
        table.writelines(f"u{person},u{creator}\n" for person, creator in edges if creator in wanted)
    assert kolbench("import", tmp_path / "edges.csv", "--platform", "twitter", "--yes").code == 0
    told = kolbench("overlap", *(f"u{one}" for one in wanted), "--json").json
    uids = {one["creator_id"]: one["name"] for one in told["creators"]}
    pairs = {frozenset((uids[pair["one"]], uids[pair["other"]])): pair for pair in told["pairs"]}
    assert pairs[frozenset(("u88", "u677"))]["jaccard"] == pytest.approx(0.05451, abs=5e-6)
    assert pairs[frozenset(("u88", "u1988"))]["of_smaller"] == pytest.approx(0.20069, abs=5e-6)
    assert told["reached"] == 31_482
    assert sum(one["audience"] for one in told["creators"]) == 35_039


def test_the_shortlisted_of_a_brief_are_compared(compared: Commands) -> None:
    store = Store.open(Path(os.environ["KOLBENCH_STORE"]))
    brief = make.brief(store)
    candidacy.score(store, brief)
    decisions.decide(store, brief, [make.creator(store, name) for name in ("ann", "bob")], "shortlisted", "me")
    decisions.decide(store, brief, [make.creator(store, "bob")], "agreed", "me")
    decisions.decide(store, brief, [make.creator(store, "eve")], "rejected", "me", "too dear")
    store.close()
    found = compared("overlap", "--brief", "Tea", "--next", "5", "--json").json
    assert sorted(one["name"] for one in found["creators"]) == ["ann", "bob"]
    assert [one["name"] for one in found["additions"]] == ["李静"]


def test_what_is_known_is_compared_unless_told(compared: Commands) -> None:
    store = Store.open(Path(os.environ["KOLBENCH_STORE"]))
    make.write(store, make.person("liked"), make.did("like", "f1", "liked", None, 50))
    standing.refresh(store)
    store.close()
    assert compared("overlap", "liked", "--json").json["by"] == "engaged"
    assert compared("overlap", "liked", "ann", "--json").json["by"] == "followers"


def test_a_brief_without_a_shortlist_says_so(compared: Commands) -> None:
    store = Store.open(Path(os.environ["KOLBENCH_STORE"]))
    make.brief(store)
    store.close()
    ran = compared("overlap", "--brief", "Tea")
    assert ran.code == 2
    assert "Nobody is shortlisted for 'Tea' yet." in ran.err
