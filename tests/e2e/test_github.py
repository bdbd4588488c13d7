"""What comes in from an emulator of GitHub's REST API is what it tells by itself.

It has no stars, lists no comments of a whole repository, leaves pull requests out of its issues, and marks no
answer with a tag: those are tested against a hub in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from emulate import emulator
from servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench import Workbench

PEOPLE, REPOSITORIES, ISSUES = 60, 120, 250
OWNER = "octo-tea"
NAMES = [OWNER, *(f"dev{number:03}" for number in range(PEOPLE))]
SEED = {
    "github": {
        "users": [{"login": name, "name": f"{name} 达人", "bio": "ships", "location": "Shanghai"} for name in NAMES],
        "repos": [
            {"owner": OWNER, "name": f"tea-{n:03}", "description": "茶", "auto_init": True} for n in range(REPOSITORIES)
        ],
    },
    "tokens": {f"token-of-{name}": {"login": name, "scopes": ["repo", "user"]} for name in NAMES},
}
HOME = f"{OWNER}/tea-000"


class Hub:
    """The running emulator."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def ask(self, path: str) -> Any:
        """One answer."""
        return self._http.get(path).raise_for_status().json()

    def all(self, path: str) -> list[Any]:
        """Every item of a list."""
        found: list[Any] = []
        while page := self.ask(f"{path}{'&' if '?' in path else '?'}per_page=100&page={len(found) // 100 + 1}"):
            found += page
            if len(page) < 100:
                break
        return found

    def open_issues(self, first: int, count: int) -> None:
        """Let people open issues in which they name the next one."""
        for number in range(first, first + count):
            who, whom = NAMES[number % len(NAMES)], NAMES[(number + 1) % len(NAMES)]
            told = {"title": f"issue {number}", "body": f"thanks @{whom} 新品"}
            headers = {"Authorization": f"Bearer token-of-{who}"}
            self._http.post(f"/repos/{HOME}/issues", json=told, headers=headers).raise_for_status()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """An emulator with people who open issues."""
    with running(emulator("github", SEED, f"/users/{OWNER}")) as server:
        found = Hub(server.url("api"))
        found.open_issues(0, ISSUES)
        yield found
        found.close()


@pytest.fixture
def tea(workbench: Workbench, hub: Hub) -> Workbench:
    """A store with the emulator as its source."""
    workbench.env["KOLBENCH_TEA_TOKEN"] = f"token-of-{OWNER}"
    people = ", ".join(NAMES)
    settings = {"server": hub.url, "accounts": people, "repositories": HOME}
    workbench("source", "add", "tea", "github", *(f"--set={name}={value}" for name, value in settings.items()))
    return workbench


def assert_same(workbench: Workbench, hub: Hub) -> None:
    """Compare the store with what the emulator says, one kind of thing after the other."""
    people = {name: hub.ask(f"/users/{name}") for name in NAMES}
    stored = workbench.rows("SELECT uid, handle, name, bio, region FROM account WHERE uid NOT LIKE 'handle:%'")
    assert set(stored) == {
        (str(one["id"]), name, one["name"], one["bio"], one["location"]) for name, one in people.items()
    }
    works = {str(one["id"]): one["full_name"] for name in NAMES for one in hub.all(f"/users/{name}/repos")}
    assert len(works) == REPOSITORIES
    assert dict(workbench.rows("SELECT uid, title FROM post")) == works
    (home,) = [uid for uid, name in works.items() if name == HOME]
    assert workbench.rows("SELECT uid, name, kind FROM community") == [(home, HOME, "repository")]
    issues = hub.all(f"/repos/{HOME}/issues?state=all")
    messages = workbench.rows(
        "SELECT message.uid, account.uid, text FROM message JOIN account ON account.id = account_id"
    )
    assert len(messages) == len(issues)
    assert set(messages) == {
        (f"{home}#{one['number']}", str(one["user"]["id"]), f"{one['title']}\n\n{one['body']}") for one in issues
    }
    assert workbench.count("SELECT count(*) FROM activity WHERE type = 'thank'") == len(issues)


def test_what_came_in_is_what_is_there_and_comes_in_once(tea: Workbench, hub: Hub) -> None:
    tea("sync", "tea")
    assert_same(tea, hub)
    tea("sync", "tea", "--full")
    assert_same(tea, hub)


def test_a_sync_killed_anywhere_resumes_without_loss_or_doubling(tea: Workbench, hub: Hub) -> None:
    for table in ("account", "post", "message"):
        tea.kill_when(lambda table=table: tea.count(f"SELECT count(*) FROM {table}") > 0, "sync", "tea")  # type: ignore[misc]
    tea("sync", "tea")
    assert_same(tea, hub)


def test_new_issues_come_with_the_next_sync(tea: Workbench, hub: Hub) -> None:
    tea("sync", "tea")
    hub.open_issues(ISSUES, 30)
    tea("sync", "tea")
    assert_same(tea, hub)


def test_the_token_is_described(tea: Workbench) -> None:
    assert OWNER in tea("source", "test", "tea")
