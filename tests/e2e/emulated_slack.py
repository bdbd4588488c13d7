"""The Slack workspace of the tests: an emulator of its Web API, filled with people who talk."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from servers import LOOPBACK, Running, Server, program, run

if TYPE_CHECKING:
    from pathlib import Path

NODE, EMULATE = "22.23.3", "0.12.2"
"""The emulator needs a newer Node than distributions bring."""

PEOPLE, MESSAGES, THREADS, REPLIES, REACTIONS = 40, 450, 8, 4, 120

SCOPES = ["users:read", "users:read.email", "users.profile:write", "chat:write", "reactions:write", "reactions:read"]
SCOPES += ["channels:read", "channels:history", "channels:join"]


def _install(home: Path) -> None:
    (home / "package.json").write_text(
        json.dumps({"private": True, "dependencies": {"emulate": EMULATE, "node": NODE}})
    )
    run(program("npm", "npm"), "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=home)


def _start(server: Running) -> None:
    names = [f"member{number:03}" for number in range(PEOPLE)]
    seed = {
        "team": {"name": "Tea Inc", "domain": "tea"},
        "users": [{"name": name, "real_name": name.title(), "email": f"{name}@tea.example"} for name in names],
        "channels": [{"name": "launch"}, {"name": "quiet"}],
        "tokens": [{"token": f"xoxp-{name}", "type": "user", "user": name, "scopes": SCOPES} for name in names],
    }
    path = server.data / "seed.json"
    path.write_text(json.dumps({"slack": seed}))
    node = next((server.home / "node_modules").glob("**/node/bin/node"))
    command = (node, server.home / "node_modules/.bin/emulate", "start", "--service", "slack", "--host", LOOPBACK)
    server.spawn("emulate", *command, "--port", server.port("api"), "--seed", path)


def _ready(server: Running) -> bool:
    try:
        return httpx.post(f"{server.url('api')}/api/auth.test", trust_env=False).is_success
    except httpx.TransportError:
        return False


SERVER = Server("slack", f"node@{NODE} emulate@{EMULATE}", _install, _start, _ready)


@dataclass
class Workspace:
    """The running emulator with its people, and what it says by itself."""

    server: Running
    people: list[str] = field(default_factory=list)
    channel: str = ""

    def __post_init__(self) -> None:
        self.url = self.server.url("api")
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._random = random.Random(7)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, method: str, who: int = 0, **params: object) -> Any:
        """Ask the emulator as one of the people."""
        headers = {"Authorization": f"Bearer {self.token(who)}"}
        answer = self._http.post(f"{self.url}/api/{method}", data=params, headers=headers).json()
        assert answer["ok"], f"{method}: {answer}"
        return answer

    def token(self, who: int) -> str:
        """The token of one of the people."""
        return f"xoxp-member{who:03}"

    def say(self, who: int, text: str, **more: object) -> str:
        """Let one of the people say something; returns its time."""
        return str(self.call("chat.postMessage", who, channel=self.channel, text=text, **more)["ts"])

    def messages(self) -> dict[str, dict[str, Any]]:
        """Every message of the channel by its time, replies too, as the emulator tells them."""
        found: dict[str, dict[str, Any]] = {}
        cursor, more = "", True
        while more:
            answer = self.call("conversations.history", channel=self.channel, limit=1000, cursor=cursor)
            for message in answer["messages"]:
                found[message["ts"]] = message
                if message.get("reply_count"):
                    thread = self.call("conversations.replies", channel=self.channel, ts=message["ts"])
                    found |= {reply["ts"]: reply for reply in thread["messages"]}
            cursor = answer["response_metadata"]["next_cursor"]
            more = bool(cursor)
        return found

    def seed(self) -> None:
        """Let people join, talk, answer in threads, name and react to each other."""
        listed = self.call("conversations.list", types="public_channel")["channels"]
        self.channel = next(channel["id"] for channel in listed if channel["name"] == "launch")
        for who in range(PEOPLE):
            self.people.append(self.call("auth.test", who)["user_id"])
            self.call("conversations.join", who, channel=self.channel)
        said = []
        for number in range(MESSAGES):
            who = self._random.randrange(PEOPLE)
            whom = f" thanks <@{self.people[(who + 1) % PEOPLE]}>" if number % 10 == 0 else ""
            said.append(self.say(who, f"message {number} 新品{whom}"))
        for parent in self._random.sample(said, THREADS):
            for _number in range(REPLIES):
                self.say(self._random.randrange(PEOPLE), "in the thread", thread_ts=parent)
        for ts in self._random.sample(said, REACTIONS):
            who = self._random.randrange(PEOPLE)
            self.call("reactions.add", who, channel=self.channel, timestamp=ts, name="tea")
