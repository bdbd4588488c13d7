"""Trying a source out says in words what its credentials allow, whatever its adapter does meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import make
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.webhook import SHORTEST_SECRET, Webhook
from kolbench.domain.errors import SourceError
from kolbench.store import runs, sources
from kolbench.sync.events import Warned
from kolbench.sync.http import client
from kolbench.sync.probe import MAX_FINDINGS, probe
from kolbench.sync.stop import Stop
from scripted import Doing, Scripted, accounts, source_of

if TYPE_CHECKING:
    from pathlib import Path

    from kolbench.store.connect import Store

TOKEN = Setting("token", "an API token", required=True, secret=True)
SECRET = "s3cret-token"


@dataclass
class Testing(Scripted):
    """An adapter whose ``test`` is a test's own."""

    __test__ = False
    testing: Callable[[Pull], Any] = lambda pull: ()
    settings: tuple[Setting, ...] = (TOKEN,)

    def test(self, pull: Pull) -> Iterable[Finding]:
        return self.testing(pull)  # type: ignore[no-any-return]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("KOLBENCH_SCRIPTED_TOKEN", SECRET)
    store = make.store(tmp_path)
    yield store
    store.close()


def tried(store: Store, testing: Callable[[Pull], Any], **more: Any) -> list[Finding]:
    adapter = Testing({"profiles": []}, testing=testing, limits=more.pop("limits", None))
    return list(probe(store, source_of(store, adapter), adapter, **more))


def test_an_adapter_that_can_test_is_asked_and_heard_in_order(store: Store) -> None:
    def testing(pull: Pull) -> Iterator[Finding]:
        assert (pull.feed, pull.settings["token"]) == ("", SECRET)
        yield Finding(True, "The token belongs to ann.")
        yield Finding(False, "It may not read followers.")

    assert tried(store, testing) == [
        Finding(True, "The token belongs to ann."),
        Finding(False, "It may not read followers."),
    ]
    assert runs.recent(store) == []


def test_no_secret_is_told_also_one_that_the_platform_gave(store: Store) -> None:
    def testing(pull: Pull) -> Iterator[Finding]:
        pull.protect("session-1234")
        pull.warn(f"{SECRET} is old")
        yield Finding(True, f"{SECRET} became session-1234")
        raise SourceError("no session-1234 here")

    heard: list[object] = []
    found = tried(store, testing, listener=heard.append)
    assert found == [Finding(True, "*** became ***"), Finding(False, "no *** here")]
    assert heard == [Warned("scripted", "*** is old")]


@pytest.mark.parametrize(
    ("testing", "told"),
    [
        (lambda pull: [1 / 0], "The adapter 'scripted' failed with ZeroDivisionError"),
        (lambda pull: ["fine"], "broke its contract: it yielded str instead of a finding"),
        (lambda pull: 7, "failed with TypeError"),
        (lambda pull: exit(3), "failed with SystemExit"),
    ],
)
def test_whatever_an_adapter_does_is_a_finding(store: Store, testing: Callable[[Pull], Any], told: str) -> None:
    (found,) = tried(store, testing)
    assert not found.ok
    assert told in found.text


def test_an_adapter_that_never_ends_is_cut_off(store: Store) -> None:
    def endless(pull: Pull) -> Iterator[Finding]:
        while True:
            yield Finding(True, "more")

    assert len(tried(store, endless)) == MAX_FINDINGS


def test_an_adapter_that_blocks_is_left_behind(store: Store) -> None:
    blocked = threading.Event()

    def testing(pull: Pull) -> Iterator[Finding]:
        yield Finding(True, "so far")
        blocked.wait()

    first, last = tried(store, testing, patience_s=0.2)
    blocked.set()
    assert (first.ok, last.ok) == (True, False)
    assert "no answer within" in last.text


def test_a_wish_to_stop_ends_it(store: Store) -> None:
    stop, blocked = Stop(), threading.Event()

    def testing(pull: Pull) -> Iterator[Finding]:
        yield Finding(True, "one")
        stop.request()
        blocked.wait()

    assert tried(store, testing, stop=stop) in ([Finding(True, "one")], [])
    blocked.set()


def test_a_secret_that_is_nowhere_is_a_finding_that_names_where_to_put_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOLBENCH_SCRIPTED_TOKEN")
    (found,) = tried(store, lambda pull: [])
    assert "KOLBENCH_SCRIPTED_TOKEN" in found.text


def test_its_requests_go_through_the_client_of_the_host(store: Store) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401 if request.url.path == "/me" else 200, text="{}")

    def testing(pull: Pull) -> Iterator[Finding]:
        assert pull.http
        pull.http.get("https://example.org/about")
        yield Finding(True, "The server is there.")
        pull.http.get("https://example.org/me", headers={"Authorization": SECRET})

    def connect(limit: RateLimit, settings: Any, patience: Any) -> httpx.Client:
        return client(limit, settings.redact, patience=patience, inner=httpx.MockTransport(answer))

    found = tried(store, testing, limits=RateLimit(100, 1), connect=connect)
    assert [one.ok for one in found] == [True, False]
    assert "401" in found[1].text


def test_of_another_adapter_the_first_page_is_read(store: Store) -> None:
    adapter = Scripted({"profiles": accounts(3, 5)})
    assert list(probe(store, source_of(store, adapter), adapter)) == [
        Finding(True, "profiles: the first page has 5 records.")
    ]
    assert store.reader().execute("SELECT count(*) FROM account").fetchone() == (0,)


def test_what_can_not_be_read_and_what_is_empty_is_told(store: Store) -> None:
    def shut(pull: Pull) -> Iterator[Page]:
        raise SourceError("the door stays shut")
        yield

    adapter = Doing(doing=shut)
    assert list(probe(store, source_of(store, adapter), adapter)) == [Finding(False, "the door stays shut")]
    empty = Scripted({"profiles": []}, name="empty")
    assert [one.ok for one in probe(store, source_of(store, empty), empty)] == [True]


def test_of_a_webhook_the_secret_is_measured_before_anybody_listens(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sources.add(store, "shop", Webhook.name, "shop", {"campaign": "Tea", "platform": "shop"})
    found = []
    for secret in ("x" * (SHORTEST_SECRET - 1), "x" * SHORTEST_SECRET):
        monkeypatch.setenv("KOLBENCH_SHOP_SECRET", secret)
        found += probe(store, source, Webhook())
    assert [one.ok for one in found] == [False, True]
    assert "at least 16 characters" in found[0].text
    assert "kolbench listen" in found[1].text
