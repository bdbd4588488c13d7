"""The Mastodon adapter over real sockets: answers that break off, links that never end, and a server full of faults."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from asking import FREE, Asking, of
from kolbench.adapters.mastodon.adapter import Mastodon
from kolbench.domain.errors import SourceError, Transient
from kolbench.domain.records import FollowRecord
from kolbench.store.connect import Store
from kolbench.sync.budgets import Budgets
from kolbench.sync.http import Rules, client
from kolbench.sync.secrets import Redactor
from scripted import Waits

PEOPLE = 1_000


class Fake:
    """A server whose every answer a test writes: status, headers and body by path; ``cut`` answers break off."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.cut = 0
        self.asked: list[tuple[str, str | None]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fake.asked.append((self.path, self.headers.get("Authorization")))
                path = self.path.partition("?")[0]
                status, headers, body = fake.answers.get(path, (404, {}, b'{"error": "Record not found"}'))
                if breaks := fake.cut > 0 and path in fake.answers:
                    fake.cut -= 1
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if breaks else body)
                self.close_connection = breaks

            def log_message(self, *args: object) -> None:
                """Keep silent."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def say(self, path: str, body: Any, status: int = 200, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[f"/api/v1/{path}"] = status, headers, data

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


class OverSockets(Asking):
    """Asks a server by its address."""

    def _client(self, redact: Redactor, patience: Any) -> Any:
        return client(
            FREE, redact, shared=Budgets(self.clock), patience=Waits(self.clock), rules=Rules(attempts=self.attempts)
        )


@pytest.fixture
def fake() -> Iterator[Fake]:
    fake = Fake()
    fake.say("accounts/lookup", {"id": "1", "acct": "ann", "followers_count": 2})
    yield fake
    fake.close()


def asking(base: str, **told: str) -> OverSockets:
    settings = {"server": base, "accounts": "ann", "token": "sesame open", **told}
    return OverSockets(Mastodon(), lambda request: pytest.fail("not asked"), settings, attempts=3)


def followers(ask: Asking) -> int:
    return len(of(ask.records("followers", "ann followers"), FollowRecord))


def test_an_answer_that_breaks_off_is_asked_for_again(fake: Fake) -> None:
    fake.say("accounts/1/followers", [{"id": "2", "acct": "bob"}, {"id": "3", "acct": "eve"}])
    fake.cut = 2
    assert followers(asking(fake.base)) == 2
    fake.cut = 100
    with pytest.raises(Transient, match="Tried 3 times"):
        asking(fake.base).pages("followers", "ann followers")


def test_a_page_of_html_is_no_list(fake: Fake) -> None:
    fake.say("accounts/1/followers", b"<html>We'll be back soon</html>")
    with pytest.raises(Transient, match="<html>"):
        asking(fake.base).pages("followers", "ann followers")


def test_a_link_that_leads_to_itself_ends(fake: Fake) -> None:
    link = f'<{fake.base}/api/v1/accounts/1/followers?limit=80&max_id=7>; rel="next"'
    fake.say("accounts/1/followers", [{"id": "2", "acct": "bob"}], Link=link)
    ask = asking(fake.base)
    assert followers(ask) == 2
    assert len(ask.warned) == 1


def test_no_token_goes_to_where_a_redirect_leads(fake: Fake) -> None:
    elsewhere = Fake()
    fake.say("accounts/1/followers", b"", status=302, Location=f"{elsewhere.base}/api/v1/accounts/1/followers")
    with pytest.raises(SourceError, match="another host"):
        asking(fake.base).pages("followers", "ann followers")
    assert elsewhere.asked == []
    assert {token for _path, token in fake.asked} == {"Bearer sesame open"}
    elsewhere.close()


# The local server with faults -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def faulty() -> Iterator[str]:
    """The address of a server with a thousand people that fails on demand."""
    script = Path(__file__).resolve().parents[2] / "shared" / "yardsticks" / "sync_server.py"
    pytest.importorskip("uvicorn", reason="uvicorn runs the server with faults")
    pytest.importorskip("orjson", reason="the server with faults needs orjson")
    if not script.is_file():
        pytest.skip("the server with faults is not here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "sync_server:app", "--app-dir", str(script.parent)]
    options = ["--port", str(port), "--log-level", "critical", "--no-access-log"]
    server = subprocess.Popen([*command, *options], env={"N": str(PEOPLE), "PYTHONDONTWRITEBYTECODE": "1"})
    try:
        base = f"http://127.0.0.1:{port}"
        for _attempt in range(200):
            try:
                urlopen(f"{base}/_stats", timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield base
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.parametrize("faults", ["f429=4&ra=0", "f500=3", "trunc=3", "f500=7&f503=11&trunc=5&f429=9&ra=0&dup=1"])
def test_all_followers_and_posts_arrive_through_every_fault(faulty: str, tmp_path: Path, faults: str) -> None:
    urlopen(f"{faulty}/_faults?{faults}", data=b"", timeout=5).close()
    store = Store.open(tmp_path / "k.db")
    ask = asking(faulty, days="3650", reactions_to="0")
    ask.attempts = 10
    ask.settings.pop("token")
    assert ask.sync(store).state == "done"
    counts = [
        store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("account", "follow_edge", "post")
    ]
    assert counts == [PEOPLE, PEOPLE, PEOPLE]
    store.close()
