"""The AT Protocol network of the tests: how it is installed, started and filled with people."""

from __future__ import annotations

import json
import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from servers import LOOPBACK, Running, Server, program, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HERE = Path(__file__).parent
NODE, DEV_ENV = "22.23.3", "0.6.7"
POSTGRES = "/usr/lib/postgresql/*/bin"
PASSWORD = "a password of nobody"

PEOPLE, POSTS, FOLLOWS, LIKES, REPOSTS = 205, 10, 14, 10, 2
"""People, and how much each of them does. They also answer three posts, quote one and mention somebody."""

MEMBERS = 130
"""People on the list, and in the starter pack: more than a page of them."""

PATIENCE_S = 900
"""How long the AppView may lag behind: minutes, where other work keeps the machine busy."""

BOT = 7
"""The one who says to be a bot."""


def _install(home: Path) -> None:
    """Node first: what is compiled for the network must be compiled for it, with the headers it brings."""
    _npm(home / "node", {"node": NODE}, {})
    folder = next((home / "node").glob("node_modules/**/bin/node")).parent
    headers = next((home / "node").glob("node_modules/**/include/node")).parents[1]
    path = os.pathsep.join((str(folder), os.environ.get("PATH", os.defpath)))
    _npm(home, {"@atproto/dev-env": DEV_ENV}, {"PATH": path, "npm_config_nodedir": str(headers)})


def _npm(folder: Path, packages: dict[str, str], env: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"private": True, "type": "module", "dependencies": packages}))
    run(program("npm", "npm"), "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder, env=env)


def _start(server: Running) -> None:
    database = server.data / "postgres"
    database.mkdir()
    if os.geteuid() == 0:
        shutil.chown(database, "postgres", "postgres")
    run(
        *(program("initdb", "postgresql", POSTGRES), "-D", database, "-U", "postgres", "--auth=trust", "--no-sync"),
        cwd=database,
        user="postgres",
    )
    settings = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")
    server.spawn(
        "postgres",
        *(program("postgres", "postgresql", POSTGRES), "-D", database, "-h", LOOPBACK, "-p", server.port("postgres")),
        *(word for setting in settings for word in ("-c", setting)),
        user="postgres",
    )
    server.spawn(
        "redis",
        *(program("redis-server", "redis-server"), "--bind", LOOPBACK, "--port", server.port("redis")),
        *("--save", "", "--appendonly", "no"),
    )
    server.wait(partial(_answers, server), "PostgreSQL does not answer")
    script = server.home / "atproto.mjs"  # beside its packages, or it would not find them
    shutil.copy(HERE / "atproto.mjs", script)
    server.spawn(
        "network",
        *(server.home / "node/node_modules/.bin/node", script),
        *(server.port(name) for name in ("plc", "pds", "appview")),
        env={
            "DB_POSTGRES_URL": _database(server),
            "REDIS_HOST": f"{LOOPBACK}:{server.port('redis')}",
            "TMPDIR": str(server.data),
            "LOG_ENABLED": "false",
            "NO_PROXY": f"localhost,{LOOPBACK}",
        },
    )


def _ready(server: Running) -> bool:
    return "READY" in (server.data / "network.log").read_text(errors="replace")


def _database(server: Running) -> str:
    return f"postgres://postgres@{LOOPBACK}:{server.port('postgres')}/postgres"


def _answers(server: Running) -> bool:
    try:
        return _query(server, "SELECT 1") == "1"
    except RuntimeError:
        return False


def _query(server: Running, sql: str) -> str:
    return run(program("psql", "postgresql-client"), "-X", "-A", "-t", "-c", sql, _database(server)).strip()


SERVER = Server("atproto", f"node@{NODE} @atproto/dev-env@{DEV_ENV}", _install, _start, _ready, patience_s=300)


@dataclass
class Person:
    """Somebody with an account on the PDS."""

    did: str
    handle: str
    token: str
    posts: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Network:
    """The running network with its people, and what its own database counts."""

    server: Running
    people: list[Person] = field(default_factory=list)
    friends: str = ""
    welcome: str = ""

    def __post_init__(self) -> None:
        self.pds, self.appview = self.server.url("pds"), self.server.url("appview")
        self._http = httpx.Client(timeout=300, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, method: str, data: dict[str, Any] | None, token: str = "") -> Any:
        """Ask the PDS to do something. Raises httpx.HTTPStatusError."""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        answer = self._http.post(f"{self.pds}/xrpc/{method}", json=data, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def administer(self, method: str, data: dict[str, Any]) -> None:
        """Ask the PDS to do something as its administrator."""
        answer = self._http.post(f"{self.pds}/xrpc/{method}", json=data, auth=("admin", "admin-pass"))
        answer.raise_for_status()

    def query(self, sql: str) -> list[list[str]]:
        """What the AppView's database says, with its tables in the search path."""
        found = _query(self.server, f"SET search_path TO appview_people; {sql}")
        return [line.split("|") for line in found.splitlines() if line != "SET"]

    def count(self, sql: str) -> int:
        """The one number that the AppView's database says."""
        return int(self.query(sql)[0][0])

    def names(self, first: int = 0, last: int = PEOPLE) -> str:
        """The handles of some people, as a setting lists them."""
        return ", ".join(person.handle for person in self.people[first:last])

    def app_password(self, number: int, name: str) -> str:
        """A new app password of one of the people."""
        token = self.people[number].token
        return str(self.call("com.atproto.server.createAppPassword", {"name": name}, token)["password"])

    def pairs(self, sql: str) -> set[tuple[str, ...]]:
        """The rows that the AppView's database has."""
        return set(map(tuple, self.query(sql)))

    def wait(self, what: str, ready: Callable[[], bool]) -> None:
        """Come back when the AppView has heard of something."""
        self.server.wait(ready, what, PATIENCE_S)

    def stranger(self, handle: str) -> Person:
        """One more person, whom nobody follows, with three posts."""
        person = self._member(handle, f"A stranger named {handle}", [])
        posts = [("app.bsky.feed.post", {"text": f"Post {day}", "createdAt": _at(day)}) for day in (3, 2, 1)]
        person.posts = self._write(person, posts)
        self.wait(
            "a stranger's posts", lambda: self.count(f"SELECT count(*) FROM post WHERE creator = '{person.did}'") == 3
        )
        return person

    def describe(self, number: int, text: str) -> None:
        """Let one of the people say something about themselves, and wait until the AppView knows it."""
        person = self.people[number]
        key = {"repo": person.did, "collection": "app.bsky.actor.profile", "rkey": "self"}
        profile = {"$type": "app.bsky.actor.profile", "displayName": person.handle, "description": text}
        self.call("com.atproto.repo.putRecord", {**key, "record": profile}, person.token)
        found = f"SELECT count(*) FROM profile WHERE creator = '{person.did}' AND description = '{text}'"
        self.wait("a profile", lambda: self.count(found) == 1)

    def status(self, person: Person) -> str:
        """What the AppView thinks of an account, such as ``deactivated``."""
        return self.query(f"SELECT coalesce(\"upstreamStatus\", 'active') FROM actor WHERE did = '{person.did}'")[0][0]

    # Filling it ---------------------------------------------------------------------------------------------

    def seed(self) -> None:
        """Make the people, let them post, follow each other and react, and wait until the AppView knows it all."""
        self.people = self._all(self._join, range(PEOPLE))
        self._all(self._publish, range(PEOPLE))
        self._all(self._react, range(PEOPLE))
        self._collect()
        written = {"post": PEOPLE * (POSTS + 5), "repost": PEOPLE * REPOSTS, "list_item": 2 * MEMBERS}
        written |= {"follow": PEOPLE * (FOLLOWS + 1) - 1, '"like"': PEOPLE * LIKES, "starter_pack": 1}
        for table, rows in written.items():
            self.wait(f"not every {table} was indexed", partial(self._has, table, rows))

    def _has(self, table: str, rows: int) -> bool:
        return self.count(f"SELECT count(*) FROM {table}") >= rows

    def _all(self, work: Callable[[int], Any], numbers: Iterable[int]) -> list[Any]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(work, numbers))

    def _join(self, number: int) -> Person:
        return self._member(f"person{number:03}.test", f"Person {number} 达人", ["bot"] if number == BOT else [])

    def _member(self, handle: str, name: str, labels: list[str]) -> Person:
        account = {"handle": handle, "email": f"{handle}@example.com", "password": PASSWORD}
        told = self.call("com.atproto.server.createAccount", account)
        person = Person(told["did"], handle, told["accessJwt"])
        own = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": label} for label in labels]}
        profile = {"displayName": name, "description": f"I am {name}.", "labels": own, "createdAt": _at(100)}
        self._write(person, [("app.bsky.actor.profile", profile)])
        return person

    def _publish(self, number: int) -> None:
        person = self.people[number]
        texts = [f"Post {count} of {number}: 新品 #launch" for count in range(POSTS)]
        person.posts = self._write(
            person,
            [
                ("app.bsky.feed.post", {"text": text, "createdAt": _at(90 - 4 * count, number), "langs": ["en", "zh"]})
                for count, text in enumerate(texts)
            ],
        )

    def _react(self, number: int) -> None:
        chance = random.Random(number)
        person = self.people[number]
        others = [other for other in self.people if other is not person]
        known = chance.sample(others, FOLLOWS + 1)
        if number and self.people[0] not in known:
            known[0] = self.people[0]
        if not number:
            known = known[:FOLLOWS]
        posts = chance.sample([post for other in others for post in other.posts], LIKES + REPOSTS + 4)
        answered, (quoted,), reposted = posts[:3], posts[3:4], posts[4 : 4 + REPOSTS]
        whom = chance.choice(others)
        mention = f"Hello @{whom.handle}"
        facet = {
            "index": {"byteStart": 6, "byteEnd": len(mention)},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": whom.did}],
        }
        written: list[tuple[str, dict[str, Any]]] = [
            *(("app.bsky.graph.follow", {"subject": other.did, "createdAt": _at(20, number)}) for other in known),
            *(("app.bsky.feed.like", {"subject": post, "createdAt": _at(10, number)}) for post in posts[4 + REPOSTS :]),
            *(("app.bsky.feed.repost", {"subject": post, "createdAt": _at(9, number)}) for post in reposted),
            *(
                (
                    "app.bsky.feed.post",
                    {"text": "So true!", "reply": {"root": post, "parent": post}, "createdAt": _at(8)},
                )
                for post in answered
            ),
            (
                "app.bsky.feed.post",
                {"text": "Look:", "embed": {"$type": "app.bsky.embed.record", "record": quoted}, "createdAt": _at(7)},
            ),
            ("app.bsky.feed.post", {"text": mention, "facets": [facet], "createdAt": _at(6, number)}),
        ]
        self._write(person, written)

    def _collect(self) -> None:
        """A list, and a starter pack with a list of its own, both by the first person."""
        curator = self.people[0]
        lists = self._write(
            curator,
            [
                (
                    "app.bsky.graph.list",
                    {"name": name, "purpose": f"app.bsky.graph.defs#{purpose}", "createdAt": _at(5)},
                )
                for name, purpose in (("Friends", "curatelist"), ("Newcomers", "referencelist"))
            ],
        )
        items = [
            ("app.bsky.graph.listitem", {"subject": person.did, "list": each["uri"], "createdAt": _at(4)})
            for each, first in zip(lists, (1, PEOPLE - MEMBERS), strict=True)
            for person in self.people[first : first + MEMBERS]
        ]
        self._write(curator, items)
        pack = {"name": "Welcome", "list": lists[1]["uri"], "createdAt": _at(3)}
        self.friends, self.welcome = (
            lists[0]["uri"],
            self._write(curator, [("app.bsky.graph.starterpack", pack)])[0]["uri"],
        )

    def _write(self, person: Person, records: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, str]]:
        """Put records into somebody's repository, and say where they are."""
        written = []
        for first in range(0, len(records), 100):
            writes = [
                {
                    "$type": "com.atproto.repo.applyWrites#create",
                    "collection": collection,
                    "value": {"$type": collection, **record},
                    **({"rkey": "self"} if collection == "app.bsky.actor.profile" else {}),
                }
                for collection, record in records[first : first + 100]
            ]
            told = self.call("com.atproto.repo.applyWrites", {"repo": person.did, "writes": writes}, person.token)
            written += [{"uri": one["uri"], "cid": one["cid"]} for one in told["results"]]
        return written


def _at(days: int, seconds: int = 0) -> str:
    """A time so many days ago, as records have it."""
    return (datetime.now(UTC) - timedelta(days=days, seconds=seconds)).isoformat().replace("+00:00", "Z")
