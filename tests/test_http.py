"""The client adapters are handed, seen from both sides of its transport; no test here ever sleeps."""

from __future__ import annotations

import gc
import gzip
import logging
import tracemalloc
import weakref
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.adapters.protocol import RateLimit
from kolbench.domain.errors import RateLimited, SourceError, Transient
from kolbench.sync import budgets
from kolbench.sync.budgets import Budgets
from kolbench.sync.http import MB, Rules, client
from kolbench.sync.secrets import Redactor
from kolbench.sync.stop import Stopped
from scripted import Clock, Waits

URL = "https://api.example/people"
FREE = RateLimit(1_000_000, 1)
SECRET = "s3cr3t/token+1"
NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)


class Server:
    """Gives the answers of a script one after the other, the last one for ever, and remembers the requests."""

    def __init__(self, *script: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]) -> None:
        self.script = script
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self.script[min(len(self.requests), len(self.script) - 1)]
        self.requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


class Bench:
    """A client before a scripted server, with a clock of its own."""

    def __init__(
        self, *script: object, limit: RateLimit = FREE, secrets: tuple[str, ...] = (), **rules: object
    ) -> None:
        self.clock = Clock()
        self.told: list[tuple[float, str]] = []
        self.patience = Waits(self.clock, lambda seconds, reason: self.told.append((seconds, reason)))
        self.budgets = Budgets(self.clock)
        self.server = Server(*script)  # type: ignore[arg-type]
        self.http = client(
            limit,
            Redactor(secrets),
            shared=self.budgets,
            patience=self.patience,
            rules=Rules(**rules),  # type: ignore[arg-type]
            inner=httpx.MockTransport(self.server),
        )

    def get(self, url: str = URL, **options: object) -> httpx.Response:
        return self.http.get(url, **options)  # type: ignore[arg-type]

    @property
    def waits(self) -> list[float]:
        return self.patience.waits


class Bits(httpx.SyncByteStream):
    """A body in pieces; an exception among them is raised in its place."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            self.given += 1
            yield piece


def ok(text: str = "fine") -> httpx.Response:
    return httpx.Response(200, text=text)


def packed(body: bytes, coding: str = "gzip") -> httpx.Response:
    return httpx.Response(200, headers={"content-encoding": coding}, stream=Bits(body))


# Trying again ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "passing",
    [
        httpx.Response(500),
        httpx.Response(502),
        httpx.Response(503),
        httpx.Response(504),
        httpx.Response(520),
        httpx.Response(408),
        httpx.Response(429),
        httpx.ReadTimeout("slow"),
        httpx.ConnectTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("closed without an answer"),
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again_until_it_does(passing: httpx.Response | Exception) -> None:
    bench = Bench(passing, passing, ok())
    assert bench.get().text == "fine"
    assert len(bench.server.requests) == 3
    assert len(bench.waits) == 2


def test_a_body_that_breaks_off_is_fetched_again_whole() -> None:
    broken = httpx.Response(200, stream=Bits(b"fi", httpx.RemoteProtocolError("peer closed connection")))
    assert Bench(broken, ok()).get().text == "fine"


def test_a_packed_body_that_ends_early_is_fetched_again() -> None:
    body = bytes(range(256)) * 4
    whole = gzip.compress(body)
    bench = Bench(lambda request: packed(whole[:-200]), lambda request: packed(whole))
    assert bench.get().content == body


def test_a_garbled_packed_body_is_fetched_again() -> None:
    bench = Bench(lambda request: packed(b"\x1f\x8b" + b"not gzip at all"), ok())
    assert bench.get().text == "fine"


def test_a_server_that_stays_down_is_given_up_as_transient_after_the_last_attempt() -> None:
    bench = Bench(httpx.Response(503, text="<html>oops</html>"))
    with pytest.raises(Transient, match=r"GET https://api\.example/people: .*503.*Tried 6 times") as caught:
        bench.get(params={"page": "1"})
    assert caught.value.status == 503
    assert caught.value.retried
    assert len(bench.server.requests) == 6
    assert "oops" not in str(caught.value)
    assert "page=1" not in str(caught.value)


@settings(max_examples=40)
@given(st.integers(1, 12), st.floats(1, 100))
def test_waits_grow_at_random_but_never_beyond_the_cap(attempts: int, cap: float) -> None:
    bench = Bench(httpx.Response(500), attempts=attempts, longest_backoff=cap)
    with pytest.raises(Transient):
        bench.get()
    assert len(bench.waits) == attempts - 1
    assert all(0 <= wait <= min(cap, 2.0**number) for number, wait in enumerate(bench.waits))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 501])
def test_an_answer_that_will_not_pass_is_an_error_at_once(status: int) -> None:
    bench = Bench(httpx.Response(status, text="secret diary"))
    with pytest.raises(SourceError) as caught:
        bench.get()
    assert not isinstance(caught.value, Transient)
    assert caught.value.status == status
    assert "diary" not in str(caught.value)
    assert bench.waits == []


def test_a_certificate_that_is_not_trusted_is_an_error_at_once() -> None:
    bench = Bench(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"))
    with pytest.raises(SourceError) as caught:
        bench.get()
    assert not isinstance(caught.value, Transient)


def test_a_host_that_cannot_be_reached_is_told_in_words() -> None:
    bench = Bench(*[httpx.ConnectError("[Errno -2] Name or service not known")] * 6)
    with pytest.raises(Transient, match=r"the host can't be reached \(.*not known\): check its address"):
        bench.get()


def test_a_post_is_sent_again_with_its_body() -> None:
    bench = Bench(httpx.Response(500), ok())
    bench.http.post(URL, json={"query": "达人"})
    assert [request.content for request in bench.server.requests] == [bench.server.requests[0].content] * 2
    assert bench.server.requests[0].content


# What servers ask for -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", ["30", "30.0", format_datetime(NOW + timedelta(seconds=30), usegmt=True)])
def test_retry_after_is_honoured_in_seconds_and_as_a_date(asked: str, status: int) -> None:
    bench = Bench(httpx.Response(status, headers={"retry-after": asked, "date": DATE}), ok())
    bench.get()
    assert 30 <= sum(bench.waits) <= 31
    assert bench.told[0][1].startswith("GET https://api.example/people: ")


@pytest.mark.parametrize(
    "reset",
    [
        "30",
        str(int(NOW.timestamp()) + 30),
        str((int(NOW.timestamp()) + 30) * 1000),
        "2026-05-04T10:00:30Z",
        "2026-05-04T10:00:30.000",
    ],
)
@pytest.mark.parametrize("prefix", ["X-RateLimit-", "RateLimit-", "X-Rate-Limit-"])
def test_a_spent_window_is_waited_out_before_the_next_request(prefix: str, reset: str) -> None:
    headers = {f"{prefix}Remaining": "0", f"{prefix}Reset": reset, "date": DATE}
    bench = Bench(httpx.Response(200, headers=headers), ok())
    bench.get()
    assert bench.waits == []
    bench.get()
    assert bench.waits == [pytest.approx(30)]


def test_the_new_one_line_rate_limit_header_is_understood() -> None:
    bench = Bench(httpx.Response(200, headers={"RateLimit": '"default";r=0;t=12'}), ok())
    bench.get()
    bench.get()
    assert bench.waits == [pytest.approx(12)]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "30"},
        {"X-RateLimit-Remaining": "soon", "X-RateLimit-Reset": "30"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "tomorrow"},
        {"X-RateLimit-Remaining": "0"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 40},
    ],
)
def test_a_window_with_room_or_without_sense_holds_nobody_up(headers: dict[str, str]) -> None:
    bench = Bench(httpx.Response(200, headers=headers), ok())
    bench.get()
    bench.get()
    assert bench.waits == []


def test_a_forbidden_answer_with_a_spent_window_is_a_rate_limit() -> None:
    spent = httpx.Response(403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "20"})
    bench = Bench(spent, ok())
    assert bench.get().text == "fine"
    assert 20 <= sum(bench.waits) <= 21


def test_a_wait_longer_than_a_sync_should_take_is_left_to_the_next_one() -> None:
    bench = Bench(httpx.Response(429, headers={"retry-after": "7200"}), ok())
    with pytest.raises(RateLimited, match="120 minutes") as caught:
        bench.get()
    assert caught.value.retry_after == 7200
    with pytest.raises(RateLimited):
        bench.get()
    assert bench.waits == []
    assert len(bench.server.requests) == 1


def test_a_limit_that_does_not_end_is_given_up() -> None:
    bench = Bench(httpx.Response(429, headers={"retry-after": "0"}))
    with pytest.raises(RateLimited):
        bench.get()
    assert len(bench.server.requests) == 6


@given(st.text(max_size=40))
def test_headers_of_any_shape_are_read_or_ignored(text: str) -> None:
    for name in ("retry-after", "ratelimit", "date", "x-ratelimit-reset"):
        headers = {"x-ratelimit-remaining": "0", name: text}
        for wait in (budgets.retry_after(headers), budgets.spent(headers)):
            assert wait is None or wait >= 0


# Budgets --------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(1, 9), st.floats(0.5, 60), st.integers(1, 60))
def test_no_window_of_any_position_holds_more_requests_than_declared(n: int, seconds: float, asked: int) -> None:
    sent: list[float] = []
    bench = Bench(lambda request: sent.append(bench.clock()) or ok(), limit=RateLimit(n, seconds))
    for _ in range(asked):
        bench.get()
    assert all(later - earlier >= seconds - 1e-6 for earlier, later in zip(sent, sent[n:]))


def test_sources_on_one_host_share_its_budget_and_other_hosts_have_their_own() -> None:
    first = Bench(ok(), limit=RateLimit(2, 60))
    second = client(
        RateLimit(2, 60), shared=first.budgets, patience=first.patience, inner=httpx.MockTransport(Server(ok()))
    )
    first.get()
    second.get(URL)
    assert first.waits == []
    second.get("https://other.example/")
    assert first.waits == []
    first.get()
    assert first.waits == [pytest.approx(60)]


def test_what_one_source_is_told_holds_for_all_on_the_host() -> None:
    first = Bench(httpx.Response(200, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "40"}))
    other = Waits(first.clock)
    second = client(FREE, shared=first.budgets, patience=other, inner=httpx.MockTransport(Server(ok())))
    first.get()
    second.get(URL)
    assert other.waits == [pytest.approx(40)]


def test_a_limit_that_allows_nothing_is_refused() -> None:
    with pytest.raises(SourceError, match="allows nothing"):
        client(RateLimit(0, 1))


def test_a_source_that_is_told_to_end_wakes_from_its_wait_and_asks_no_more() -> None:
    bench = Bench(httpx.Response(500))
    bench.patience.during = bench.patience.end
    with pytest.raises(Stopped):
        bench.get()
    assert len(bench.server.requests) == 1
    with pytest.raises(Stopped):
        bench.get()
    assert len(bench.server.requests) == 1


def test_waits_are_counted_so_that_they_are_not_taken_for_a_blocked_plugin() -> None:
    bench = Bench(httpx.Response(429, headers={"retry-after": "30"}), ok())
    seen: list[float] = []
    bench.patience.during = lambda: seen.append(bench.patience.slept())
    bench.get()
    assert seen[0] == bench.patience.slept() >= 30


# Size -----------------------------------------------------------------------------------------------------


def test_a_declared_length_beyond_the_limit_is_refused_before_the_body_is_read() -> None:
    body = Bits(b"x")
    bench = Bench(httpx.Response(200, headers={"content-length": str(33 * MB)}, stream=body))
    with pytest.raises(SourceError, match="larger than 32 MB"):
        bench.get()
    assert body.given == 0


def test_an_endless_body_is_refused_as_soon_as_it_is_too_long() -> None:
    body = Bits(*[b"x" * MB] * 100)
    with pytest.raises(SourceError, match="larger than 3 MB"):
        Bench(httpx.Response(200, stream=body), max_bytes=3 * MB).get()
    assert body.given == 4


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_refused_without_being_unpacked(coding: str) -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    body = b"".join([*(bomb.compress(bytes(MB)) for _ in range(32)), bomb.flush()])
    bench = Bench(packed(body, coding), max_bytes=2 * MB)
    tracemalloc.start()
    with pytest.raises(SourceError, match="larger than 2 MB"):
        bench.get()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MB


def test_a_packing_nobody_asked_for_is_refused() -> None:
    with pytest.raises(SourceError, match="packed as 'br'"):
        Bench(packed(b"?", "br")).get()


def test_a_packed_answer_arrives_unpacked_and_says_so() -> None:
    answer = Bench(packed(gzip.compress('{"name": "达人"}'.encode()))).get()
    assert answer.json() == {"name": "达人"}
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(len(answer.content))


def test_an_answer_that_drips_for_ever_is_given_up() -> None:
    def drip(request: httpx.Request) -> httpx.Response:
        def pieces() -> Iterator[bytes]:
            while True:
                bench.clock.seconds += 29
                yield b"x"

        return httpx.Response(200, content=pieces())

    bench = Bench(drip, attempts=2)
    with pytest.raises(Transient, match="no answer in time"):
        bench.get()


def test_an_adapter_cannot_switch_the_timeouts_off() -> None:
    bench = Bench(ok())
    bench.get(timeout=None)
    assert bench.server.requests[0].extensions["timeout"] == {"connect": 10, "read": 30, "write": 30, "pool": 30}
    bench.get(timeout=1)
    assert set(bench.server.requests[1].extensions["timeout"].values()) == {1}


def test_an_answer_goes_with_its_last_reference_and_waits_for_no_collection() -> None:
    bench = Bench(httpx.Response(302, headers={"location": "/new"}), ok())
    gc.disable()
    try:
        answer = bench.get()
        assert answer.text == "fine"
        gone = weakref.ref(answer)
        del answer
        assert gone() is None
    finally:
        gc.enable()


# Secrets --------------------------------------------------------------------------------------------------


def to(place: str) -> httpx.Response:
    return httpx.Response(302, headers={"location": place})


def test_a_redirect_on_the_same_host_is_followed() -> None:
    bench = Bench(to("/new?page=2"), ok())
    assert bench.get().url == "https://api.example/new?page=2"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/people",
        "//evil.example/",
        "http://api.example/people",
        "https://api.example:8443/people",
        "https://api.example@evil.example/",
        "https://[::bad",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_anywhere_else_is_not_followed(place: str) -> None:
    bench = Bench(to(place), ok())
    with pytest.raises(SourceError, match="redirects to"):
        bench.get(headers={"authorization": "Bearer x"})
    assert len(bench.server.requests) == 1


def test_a_redirect_up_to_https_on_the_same_host_is_followed() -> None:
    assert Bench(to(URL), ok()).get("http://api.example/people").text == "fine"


def test_redirects_in_circles_are_an_error_of_the_source() -> None:
    with pytest.raises(SourceError, match="in circles"):
        Bench(to("/people")).get()


@pytest.mark.parametrize(
    "options",
    [
        {"params": {"token": SECRET}},
        {"headers": {"authorization": f"Bearer {SECRET}"}},
        {"auth": ("ann", SECRET)},
    ],
)
def test_a_secret_goes_to_no_other_host_than_the_first_that_got_it(options: dict[str, object]) -> None:
    bench = Bench(ok(), secrets=(SECRET,))
    bench.get(**options)
    bench.get("https://cdn.example/picture")
    with pytest.raises(SourceError, match=r"belong to api\.example"):
        bench.get("https://evil.example/next", **options)
    assert [request.url.host for request in bench.server.requests] == ["api.example", "cdn.example"]


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(500),
        httpx.Response(404),
        httpx.ConnectError(f"no route to {SECRET}"),
        httpx.Response(302, headers={"location": f"https://{SECRET.replace('/', '.')}.evil/"}),
    ],
)
def test_no_error_tells_a_secret(failure: httpx.Response | Exception) -> None:
    bench = Bench(failure, secrets=(SECRET, "s3cr3t.token+1"))
    path = quote(SECRET, safe="")
    with pytest.raises(SourceError) as caught:
        bench.get(f"https://ann:pass@api.example/bot{path}/people", params={"key": SECRET})
    for text in (str(caught.value), repr(caught.value), *map(str, bench.told)):
        assert "s3cr3t" not in text
        assert "pass" not in text
    assert "***" in str(caught.value)


def test_the_client_hides_its_secrets_and_httpx_does_not_log_them(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(ok(), secrets=(SECRET,))
    with caplog.at_level(logging.DEBUG):
        bench.get(params={"key": SECRET})
    assert "s3cr3t" not in caplog.text + repr(bench.http) + repr(bench.http._transport)


def test_a_terminal_escape_in_a_server_s_words_never_reaches_the_message() -> None:
    answer = httpx.Response(500, extensions={"reason_phrase": b"\x1b[31mgone\x07"})
    with pytest.raises(Transient) as caught:
        Bench(answer).get()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("url", ["https://example.com/" + "x" * 70_000, "https://example.com/\x00"])
def test_an_address_that_cannot_be_one_is_an_error_of_the_source(url: str) -> None:
    with pytest.raises(SourceError, match="address can't be used"):
        Bench(ok()).get(url)


def test_a_day_long_budget_that_is_used_up_is_left_to_the_next_sync() -> None:
    bench = Bench(ok(), limit=RateLimit(2, 86_400))
    bench.get()
    bench.get()
    with pytest.raises(RateLimited, match="run this again then") as caught:
        bench.get()
    assert caught.value.retry_after == pytest.approx(86_400)
    assert bench.waits == []
