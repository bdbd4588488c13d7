"""What people say to a bot on a test server of Telegram's Bot API comes in, once.

The server hands an update out once, whether it was confirmed or not, and looks no chats up: that nothing is lost
when a sync is cut off is tested against a bot in memory.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from servers import Running, Server, program, run, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench import Workbench

API = "4.2.1"
TOKEN = "123456789:the-token-of-a-test-server"
PEOPLE, MESSAGES = 20, 230
GROUP = {"id": -1001234, "type": "supergroup", "title": "Tea 茶"}


def _install(home: Path) -> None:
    packages = {"telegram-test-api": API}
    (home / "package.json").write_text(json.dumps({"private": True, "type": "module", "dependencies": packages}))
    run(program("npm", "npm"), "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=home)


def _start(server: Running) -> None:
    script = server.home / "telegram.mjs"  # beside its packages, or it would not find them
    shutil.copy(Path(__file__).parent / "telegram.mjs", script)
    server.spawn("telegram", program("node", "nodejs"), script, server.port("api"))


def _ready(server: Running) -> bool:
    try:
        return httpx.get(f"{server.url('api')}/bot{TOKEN}/getMe", trust_env=False).is_success
    except httpx.TransportError:
        return False


SERVER = Server("telegram", f"telegram-test-api@{API}", _install, _start, _ready)


@pytest.fixture(scope="module")
def telegram() -> Iterator[str]:
    """The address of the server."""
    with running(SERVER) as server:
        yield server.url("api")


@pytest.fixture
def tea(workbench: Workbench, telegram: str) -> Workbench:
    """A store with the bot as its source."""
    workbench.env["KOLBENCH_TEA_TOKEN"] = TOKEN
    workbench("source", "add", "tea", "telegram", f"--set=server={telegram}")
    return workbench


def say(url: str, first: int, count: int) -> dict[tuple[str, str], str]:
    """Let people talk in the group, each answering the one before; returns what they said, and who, by text."""
    said = {}
    http = httpx.Client(base_url=url, trust_env=False)
    for number in range(first, first + count):
        who = 100 + number % PEOPLE
        text = f"{number}: thanks @dev{(number + 1) % PEOPLE}_t 新品"
        message = {
            "botToken": TOKEN,
            "from": {"id": who, "is_bot": False, "first_name": f"Dev {who}", "username": f"dev{number % PEOPLE}_t"},
            "chat": GROUP,
            "date": int(time.time()),
            "text": text,
        }
        http.post("/sendMessage", json=message).raise_for_status()
        said[str(who), text] = GROUP["title"]
    http.close()
    return said


def test_what_is_said_comes_in_once(tea: Workbench, telegram: str) -> None:
    told = say(telegram, 0, MESSAGES)
    tea("sync", "tea")
    rows = tea.rows(
        "SELECT account.uid, text, community.name FROM message JOIN account ON account.id = account_id"
        " JOIN community ON community.id = community_id"
    )
    assert len(rows) == MESSAGES
    assert {(who, text): room for who, text, room in rows} == told
    assert tea.count("SELECT count(*) FROM account") == PEOPLE
    assert tea.count("SELECT count(*) FROM activity WHERE type = 'thank'") == MESSAGES
    say(telegram, MESSAGES, 7)
    tea("sync", "tea")
    assert tea.count("SELECT count(*) FROM message") == MESSAGES + 7


def test_the_token_stays_hidden(tea: Workbench) -> None:
    assert TOKEN not in tea("source", "test", "tea", code=1)
    assert TOKEN not in tea("source", "list", "--json")
    assert TOKEN.encode() not in tea.path.read_bytes()
