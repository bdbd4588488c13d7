"""The Matrix homeserver of the tests: how it is installed, started and filled with people who talk."""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from servers import LOOPBACK, Running, Server, run

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "1.163.2"
NAME = "kol.test"

PEOPLE, GUESTS, MESSAGES, REACTIONS = 100, 40, 1_000, 250
"""People, those of them who are in the second room too, and what they do altogether."""


def _install(home: Path) -> None:
    run(sys.executable, "-m", "venv", home / "venv")
    run(home / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", f"matrix-synapse=={VERSION}")


def _start(server: Running) -> None:
    unlimited = {"per_second": 100_000, "burst_count": 100_000}
    config = {
        "server_name": NAME,
        "listeners": [
            {
                "port": server.port("client"),
                "bind_addresses": [LOOPBACK],
                "type": "http",
                "resources": [{"names": ["client"]}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(server.data / "homeserver.db")}},
        "media_store_path": str(server.data / "media"),
        "signing_key_path": str(server.data / "signing.key"),
        "pid_file": str(server.data / "homeserver.pid"),
        "macaroon_secret_key": secrets.token_hex(),
        "form_secret": secrets.token_hex(),
        "report_stats": False,
        "presence": {"enabled": False},
        "bcrypt_rounds": 4,
        "federation_domain_whitelist": [],
        "trusted_key_servers": [],
        "enable_registration": True,
        "enable_registration_without_verification": True,
        **dict.fromkeys(("rc_message", "rc_registration", "rc_room_creation", "rc_joins_per_room"), unlimited),
        "rc_joins": {"local": unlimited},
        "rc_login": {"address": unlimited, "account": unlimited, "failed_attempts": unlimited},
    }
    path = server.data / "homeserver.yaml"
    path.write_text(json.dumps(config))
    command = (server.home / "venv/bin/python", "-m", "synapse.app.homeserver", "--config-path", path)
    run(*command, "--generate-keys")
    server.spawn("homeserver", *command)


def _ready(server: Running) -> bool:
    try:
        return httpx.get(f"{server.url('client')}/_matrix/client/versions", trust_env=False).is_success
    except httpx.TransportError:
        return False


SERVER = Server("synapse", f"matrix-synapse=={VERSION} python {sys.version_info[:2]}", _install, _start, _ready)


@dataclass
class Person:
    """Somebody with an account on the homeserver."""

    id: str
    token: str

    @property
    def password(self) -> str:
        """What they log in with."""
        return f"password of {self.id}"


@dataclass
class Homeserver:
    """The running homeserver with its people and rooms, and what its own database counts."""

    server: Running
    people: list[Person] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    said: list[tuple[str, int, str]] = field(default_factory=list)
    """The room, the sender's number and the id of each message."""

    def __post_init__(self) -> None:
        self.url = self.server.url("client")
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._numbers = iter(range(1_000_000))
        self._random = random.Random(7)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, method: str, path: str, data: Any = None, who: int | None = None) -> Any:
        """Ask the server, as one of the people. Raises httpx.HTTPStatusError."""
        headers = {} if who is None else {"Authorization": f"Bearer {self.people[who].token}"}
        answer = self._http.request(method, f"{self.url}/_matrix/client/v3{path}", json=data, headers=headers)
        answer.raise_for_status()
        return answer.json()

    def send(self, room: str, who: int, content: dict[str, Any], kind: str = "m.room.message") -> str:
        """Let one of the people send an event; returns its id."""
        path = f"/rooms/{quote(room)}/send/{kind}/{next(self._numbers)}"
        return str(self.call("PUT", path, content, who)["event_id"])

    def say(self, room: str, who: int, text: str, **content: Any) -> str:
        """Let one of the people say something."""
        return self.send(room, who, {"msgtype": "m.text", "body": text, **content})

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the server's own database says."""
        with closing(sqlite3.connect(f"file:{self.server.data / 'homeserver.db'}?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def members(self, room: str) -> set[str]:
        """Who is in a room, by the server's database."""
        rows = self.query("SELECT state_key FROM current_state_events WHERE room_id = ? AND membership = 'join'", room)
        return {row[0] for row in rows}

    def messages(self, room: str) -> dict[str, tuple[str, int, str]]:
        """Sender, time and words of each message of a room that was not taken back, by the server's database."""
        rows = self.query(
            "SELECT event_id, sender, origin_server_ts, coalesce(json_extract(json, '$.content.body'), '') FROM events"
            " JOIN event_json USING (event_id) WHERE events.room_id = ? AND type = 'm.room.message'"
            " AND json_extract(json, '$.content.\"m.relates_to\".rel_type') IS NOT 'm.replace'"
            " AND event_id NOT IN (SELECT redacts FROM redactions)",
            room,
        )
        return {row[0]: row[1:] for row in rows}

    def reactions(self) -> set[tuple[str, str, str]]:
        """Who reacted to what, and who had written that, by the server's database."""
        rows = self.query(
            "SELECT reaction.sender, target.sender, target.event_id FROM event_relations"
            " JOIN events AS reaction ON reaction.event_id = event_relations.event_id"
            " JOIN events AS target ON target.event_id = relates_to_id"
            " WHERE relation_type = 'm.annotation' AND reaction.sender <> target.sender"
        )
        return {(row[0], row[1], row[2]) for row in rows}

    def replies(self) -> set[tuple[str, str]]:
        """Messages with the message each of them answers, by the server's database."""
        path = '$.content."m.relates_to"."m.in_reply_to".event_id'
        rows = self.query(
            "SELECT event_id, json_extract(json, ?1) FROM event_json WHERE json_extract(json, ?1) IS NOT NULL", path
        )
        return {(row[0], row[1]) for row in rows}

    # Filling it ---------------------------------------------------------------------------------------------

    def seed(self) -> None:
        """Make people and rooms, and let people talk, answer, thank and react there."""
        for number in range(PEOPLE):
            self._register(f"person{number:03}")
        self.rooms = [self._room("tea", "Tea 茶话会", {}), self._room("launch", "Launch", {})]
        encryption = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        self.rooms.append(self._room("vault", "Vault", {"initial_state": [encryption]}))
        for room, last in zip(self.rooms, (PEOPLE, GUESTS, 3), strict=True):
            for number in range(1, last):
                self.call("POST", f"/join/{quote(room)}", {}, number)
        self.send(self.rooms[2], 1, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "?"}, "m.room.encrypted")
        for number in range(MESSAGES):
            self._talk(number)
        for _number in range(REACTIONS):
            room, _who, event_id = self._random.choice(self.said)
            relation = {"rel_type": "m.annotation", "event_id": event_id, "key": self._random.choice("👍❤🎉")}
            self._try_to_react(room, relation)

    def _register(self, name: str) -> None:
        person = Person(f"@{name}:{NAME}", "")
        request = {"auth": {"type": "m.login.dummy"}, "username": name, "password": person.password}
        person.token = self.call("POST", "/register", request)["access_token"]
        self.people.append(person)

    def _room(self, alias: str, name: str, more: dict[str, Any]) -> str:
        request = {"preset": "public_chat", "name": name, "room_alias_name": alias, **more}
        return str(self.call("POST", "/createRoom", request, 0)["room_id"])

    def _talk(self, number: int) -> None:
        """Every fourth message answers another, every tenth names somebody, some of both thank."""
        where = self._random.randrange(2)
        room, who = self.rooms[where], self._random.randrange((PEOPLE, GUESTS)[where])
        earlier = [event_id for said_in, _who, event_id in self.said[-200:] if said_in == room]
        content: dict[str, Any] = {}
        text = f"message {number} 你好"
        if number % 4 == 0 and earlier:
            text = "thanks!" if number % 8 == 0 else "I see it differently"
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": self._random.choice(earlier)}}
        elif number % 10 == 1:
            whom = self.people[(who + 1) % GUESTS].id
            link = f'<a href="https://matrix.to/#/{whom}">{whom}</a>'
            text = f"what do you think, {whom}?"
            content |= {"format": "org.matrix.custom.html", "formatted_body": f"what do you think, {link}?"}
            content["m.mentions"] = {"user_ids": [whom]}
        self.said.append((room, who, self.say(room, who, text, **content)))

    def _try_to_react(self, room: str, relation: dict[str, str]) -> None:
        who = self._random.randrange(GUESTS)
        try:
            self.send(room, who, {"m.relates_to": relation}, "m.reaction")
        except httpx.HTTPStatusError as error:  # nobody reacts the same way twice
            if error.response.json()["errcode"] != "M_DUPLICATE_ANNOTATION":
                raise
