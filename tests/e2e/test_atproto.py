"""Bluesky's own servers, read by the real ``kolbench``: what lands in the store is what their database holds."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path

import pytest

from atproto import BOT, PEOPLE, Network
from workbench import Workbench

READER = 1
"""The person as whom the sources with a login read."""

PARENT = '"replyParent"'

COUNTED = ("account", "creator", "follow_edge", "post", "activity", "community", "membership", "former_handle")


@pytest.fixture
def app_password(network: Network) -> str:
    return network.app_password(READER, secrets.token_hex(8))


@pytest.fixture
def logged_in(workbench: Workbench, network: Network, app_password: str, tmp_path: Path) -> Workbench:
    """A source that reads everybody through the PDS, with lists, and without the reactions to their posts."""
    file = tmp_path / "people.txt"
    file.write_text("# everybody\n" + "\n".join(person.handle for person in network.people))
    workbench.env["KOLBENCH_SKY_APP_PASSWORD"] = app_password
    add(
        workbench,
        "sky",
        server=network.pds,
        identifier=network.people[READER].handle,
        accounts=f"@{file}",
        lists=network.friends,
        starter_packs=network.welcome,
        reactions_to=0,
    )
    return workbench


def add(workbench: Workbench, name: str, **told: object) -> None:
    workbench("source", "add", name, "bluesky", *(f"--set={setting}={value}" for setting, value in told.items()))


def sync(workbench: Workbench, *names: str) -> list[str]:
    """Sync, and say what it warned of."""
    events = workbench.events(*names)
    assert [event["state"] for event in events if event["event"] == "source_finished"] == ["done"] * (len(names) or 1)
    return [event["message"] for event in events if event["event"] == "warning"]


def held(workbench: Workbench) -> dict[str, int]:
    return {table: workbench.count(f"SELECT count(*) FROM {table}") for table in COUNTED}


def same_as_the_server(workbench: Workbench, network: Network) -> None:
    """Compare profiles, counts, follows, posts and what people did in their posts, one by one."""
    mine = "', '".join(person.did for person in network.people)
    counts = (
        "SELECT s.value FROM account_snapshot s JOIN metric m ON m.id = s.metric_id"
        " WHERE m.name = '{}' AND s.account_id = a.id ORDER BY s.observed_at DESC LIMIT 1"
    )
    names = ("followers", "following", "posts")
    latest = ", ".join(f"coalesce(({counts.format(name)}), 0)" for name in names)
    told = ", ".join(f'coalesce(p."{name}Count", 0)' for name in ("followers", "follows", "posts"))
    found = workbench.rows(f"SELECT a.uid, a.handle, a.name, {latest} FROM account a WHERE a.uid IN ('{mine}')")
    assert as_text(found) == network.pairs(
        f'SELECT a.did, a.handle, r."displayName", {told} FROM actor a JOIN profile r ON r.creator = a.did'
        f" LEFT JOIN profile_agg p ON p.did = a.did WHERE a.did IN ('{mine}')"
    )

    edges = (
        "SELECT f.uid, a.uid FROM follow_edge e"
        " JOIN account f ON f.id = e.follower_id JOIN account a ON a.id = e.account_id"
    )
    assert as_text(workbench.rows(edges)) == network.pairs(
        f"SELECT creator, \"subjectDid\" FROM follow WHERE creator IN ('{mine}') OR \"subjectDid\" IN ('{mine}')"
    )

    likes = (
        "SELECT s.value FROM post_snapshot s JOIN metric m ON m.id = s.metric_id WHERE m.name = '{}'"
        " AND s.post_id = p.id ORDER BY s.observed_at DESC LIMIT 1"
    )
    counted = ", ".join(f"coalesce(({likes.format(name)}), 0)" for name in ("likes", "shares", "comments", "quotes"))
    counters = ", ".join(f'coalesce(g."{name}Count", 0)' for name in ("like", "repost", "reply", "quote"))
    assert as_text(
        workbench.rows(f"SELECT p.uid, a.uid, p.text, {counted} FROM post p JOIN account a ON a.id = p.account_id")
    ) == (
        network.pairs(
            f"SELECT p.uri, p.creator, p.text, {counters} FROM post p LEFT JOIN post_agg g ON g.uri = p.uri"
            f" WHERE p.creator IN ('{mine}')"
        )
    )

    told_of = {
        "repost": "SELECT creator, split_part(subject, '/', 3), subject FROM repost",
        "reply": f"SELECT creator, split_part({PARENT}, '/', 3), uri FROM post WHERE {PARENT} IS NOT NULL",
        "quote": "SELECT split_part(uri, '/', 3), split_part(subject, '/', 3), uri FROM quote",
    }
    for kind, sql in told_of.items():
        assert interactions(workbench, kind) == network.pairs(sql), kind
    mentions = interactions(workbench, "mention")
    assert {actor for actor, _whom, _post in mentions} == {person.did for person in network.people}
    assert len(mentions) == PEOPLE


def interactions(workbench: Workbench, kind: str) -> set[tuple[str, ...]]:
    return as_text(
        workbench.rows(
            "SELECT a.uid, o.uid, x.evidence_uid FROM activity x JOIN account a ON a.id = x.actor_id"
            " JOIN account o ON o.id = x.object_id WHERE x.type = ?",
            kind,
        )
    )


def as_text(rows: list[tuple[object, ...]]) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for row in rows}


# Everything -------------------------------------------------------------------------------------------------


def test_what_lands_is_what_the_server_holds_and_comes_once(logged_in: Workbench, network: Network) -> None:
    assert sync(logged_in) == []
    same_as_the_server(logged_in, network)
    lists = logged_in.rows(
        "SELECT c.name, c.kind, count(*) FROM community c JOIN membership m ON m.community_id = c.id GROUP BY c.id"
    )
    assert sorted(lists) == [("Friends", "list", 130), ("Welcome", "starter pack", 130)]
    members = logged_in.rows(
        "SELECT c.uid, a.uid FROM membership m"
        " JOIN community c ON c.id = m.community_id JOIN account a ON a.id = m.account_id"
    )
    pack_list = network.query("SELECT uri FROM list WHERE name = 'Newcomers'")[0][0]
    assert as_text(members) == {
        (network.welcome if where == pack_list else where, who)
        for where, who in network.pairs('SELECT "listUri", "subjectDid" FROM list_item')
    }

    before = held(logged_in)
    assert sync(logged_in) == []
    assert held(logged_in) == before
    same_as_the_server(logged_in, network)

    candidates = logged_in.json("candidates", "--limit", "500")
    assert len(candidates) == PEOPLE - 1
    assert f"person{BOT:03}.test" not in str(candidates)
    by_followers = logged_in.json("candidates", "--sort", "followers", "--limit", "1")
    assert by_followers[0]["followers"] == PEOPLE - 1
    assert by_followers[0]["handle"] == "person000.test"
    assert logged_in.count("SELECT count(*) FROM account WHERE is_bot = 1") == 1


def test_a_sync_that_is_killed_goes_on_and_misses_nothing(workbench: Workbench, network: Network) -> None:
    add(workbench, "sky", server=network.appview, accounts=network.names(), reactions_to=0)
    for table, rows in (("follow_edge", 300), ("follow_edge", 1_500), ("post", 1_000)):
        enough = partial(has, workbench, table, rows)
        assert workbench.kill_when(enough, "sync"), f"it ended before it had {rows} of {table}"
    assert 1_000 <= workbench.count("SELECT count(*) FROM post") < 3_075
    assert sync(workbench) == []
    same_as_the_server(workbench, network)
    states = workbench.rows("SELECT state, count(*) FROM run GROUP BY state ORDER BY state")
    assert states == [("done", 1), ("interrupted", 3)]


def has(workbench: Workbench, table: str, rows: int) -> bool:
    return workbench.count(f"SELECT count(*) FROM {table}") >= rows


def test_who_reacted_to_some_peoples_posts_without_a_login(workbench: Workbench, network: Network) -> None:
    add(workbench, "sky", server=network.appview, accounts=network.names(0, 20), reactions_to=100)
    assert sync(workbench) == []
    authors = "', '".join(person.did for person in network.people[:20])
    theirs = f"split_part(subject, '/', 3) IN ('{authors}')"
    for kind, table in (("like", '"like"'), ("repost", "repost")):
        found = {each for each in interactions(workbench, kind) if each[1] in authors}
        assert found == network.pairs(
            f"SELECT creator, split_part(subject, '/', 3), subject FROM {table} WHERE {theirs}"
        )
        assert found
    replies = network.pairs(
        f"SELECT creator, split_part({PARENT}, '/', 3), uri FROM post"
        f" WHERE split_part({PARENT}, '/', 3) IN ('{authors}')"
    )
    assert {each for each in interactions(workbench, "reply") if each[1] in authors} == replies
    quotes = network.pairs(
        f"SELECT split_part(uri, '/', 3), split_part(subject, '/', 3), uri FROM quote WHERE {theirs}"
    )
    assert {each for each in interactions(workbench, "quote") if each[1] in authors} == quotes

    before = held(workbench)
    assert sync(workbench) == []
    assert held(workbench) == before


# Accounts that change ---------------------------------------------------------------------------------------


def test_a_renamed_account_stays_the_same_person(workbench: Workbench, network: Network) -> None:
    person = network.stranger("before.test")
    add(workbench, "sky", server=network.appview, accounts="before.test")
    sync(workbench)
    network.call("com.atproto.identity.updateHandle", {"handle": "after.test"}, person.token)
    network.wait(
        "the new handle",
        lambda: network.query(f"SELECT handle FROM actor WHERE did = '{person.did}'") == [["after.test"]],
    )
    assert sync(workbench) == []
    assert workbench.rows("SELECT uid, handle, gone FROM account") == [(person.did, "after.test", 0)]
    assert workbench.rows("SELECT handle FROM former_handle") == [("before.test",)]
    assert workbench.count("SELECT count(*) FROM post") == 3


def test_a_deleted_account_is_gone_and_the_others_are_read(workbench: Workbench, network: Network) -> None:
    person, other = network.stranger("leaver.test"), network.stranger("stayer.test")
    add(workbench, "sky", server=network.appview, accounts="leaver.test stayer.test")
    sync(workbench)
    network.administer("com.atproto.admin.deleteAccount", {"did": person.did})
    network.wait(
        "that it was deleted", lambda: not network.count(f"SELECT count(*) FROM post WHERE creator = '{person.did}'")
    )
    warned = sync(workbench)
    assert any("leaver.test" in text for text in warned)
    assert not any("stayer.test" in text for text in warned)
    assert dict(workbench.rows("SELECT uid, gone FROM account")) == {person.did: 1, other.did: 0}
    assert workbench.count("SELECT count(*) FROM post") == 6


def test_a_deactivated_account_is_gone_until_it_comes_back(workbench: Workbench, network: Network) -> None:
    person = network.stranger("pausing.test")
    add(workbench, "sky", server=network.appview, accounts="pausing.test")
    sync(workbench)
    network.call("com.atproto.server.deactivateAccount", {}, person.token)
    network.wait("that it was deactivated", lambda: network.status(person) == "deactivated")
    sync(workbench)
    assert workbench.rows("SELECT gone FROM account") == [(1,)]
    network.call("com.atproto.server.activateAccount", None, person.token)
    network.wait("that it was activated", lambda: network.status(person) == "active")
    assert sync(workbench) == []
    assert workbench.rows("SELECT gone FROM account") == [(0,)]


# Credentials ------------------------------------------------------------------------------------------------


def test_source_test_says_who_is_logged_in(logged_in: Workbench, network: Network) -> None:
    said = logged_in("source", "test", "sky")
    assert f"Logged in as {network.people[READER].handle}" in said
    assert "25 of the first 25" in said


def test_a_wrong_password_is_named_and_not_shown(logged_in: Workbench) -> None:
    logged_in.env["KOLBENCH_SKY_APP_PASSWORD"] = "wrong-wrong-wrong-wrong"
    said = logged_in("source", "test", "sky", code=1)
    assert "Invalid identifier or password" in said
    assert "wrong-wrong" not in said
    logged_in("sync", code=1)
    assert b"wrong-wrong" not in logged_in.path.read_bytes()


def test_no_secret_of_a_sync_is_in_the_store(workbench: Workbench, network: Network, app_password: str) -> None:
    workbench.env["KOLBENCH_SKY_APP_PASSWORD"] = app_password
    add(workbench, "sky", server=network.pds, identifier=network.people[READER].handle, accounts=network.names(2, 4))
    sync(workbench)
    kept = b"".join(path.read_bytes() for path in workbench.path.parent.glob("kolbench.db*"))
    assert app_password.encode() not in kept
    assert b"eyJ" not in kept
