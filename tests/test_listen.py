"""``kolbench listen`` as a process, and shops that tell it of orders: signed, twice, wrongly, and while it dies."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import campaigning
import make
from kolbench.domain.clock import now
from kolbench.store import sources
from kolbench.store.connect import Store
from kolbench.sync import receiving
from kolbench.sync.listening import Listening
from kolbench.sync.receiving import HEADER, LARGEST, Receiver, signature
from make import moment

pytest.importorskip("uvicorn", reason="kolbench[listen] is not installed")

SECRET = "a-secret-of-the-shop"
PATIENCE_S = 60.0


def order(number: int, **more: Any) -> dict[str, Any]:
    facts = {"order_id": f"o{number}", "at": moment(1).isoformat(), "amount": 100 * number, "currency": "cny"}
    return {**facts, "code": "ANN", "buyer": f"b{number}", **more}


def counted(store: Store) -> tuple[int, int]:
    """Conversions, and what they amount to."""
    found: tuple[int, int] = (
        store.reader().execute("SELECT count(*), coalesce(sum(amount), 0) FROM conversion").fetchone()
    )
    return found


@dataclass
class Shop:
    """A shop that sends to one address."""

    url: str

    def send(
        self, message: Any, *, secret: str = SECRET, age_s: int = 0, headers: Mapping[str, str] | None = None
    ) -> Any:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        signed = {HEADER: signature(secret, body, int(time.time()) - age_s)}
        return httpx.post(self.url, content=body, headers=signed if headers is None else headers, timeout=PATIENCE_S)


@pytest.fixture
def shopped(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with a campaign, somebody who takes part, and a source to listen to."""
    monkeypatch.setenv("KOLBENCH_SHOP_SECRET", SECRET)
    campaigning.campaign(store)
    make.write(store, campaigning.takes_part("ann"))
    sources.add(store, "shop", "webhook", "shop", {"campaign": campaigning.TEA, "platform": "shop"})
    return store


def started(store: Store) -> tuple[subprocess.Popen[str], Shop]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kolbench", "--store", str(store.path), "listen", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout
    line = process.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/conversions/shop", line), line + str(process.poll())
    return process, Shop(line)


@pytest.fixture
def listening(shopped: Store) -> Iterator[tuple[subprocess.Popen[str], Shop]]:
    process, shop = started(shopped)
    yield process, shop
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_what_a_shop_tells_is_kept_settled_and_counted_once(
    shopped: Store, listening: tuple[subprocess.Popen[str], Shop]
) -> None:
    process, shop = listening
    message = {"conversions": [order(1), order(2)], "refunds": [
        {"order_id": "o2", "refund_id": "r1", "amount": 50, "at": moment(2).isoformat()}
    ]}  # fmt: skip
    first, again = shop.send(message), shop.send(message)
    assert (first.status_code, first.json()["new"]) == (200, 3)
    assert (again.status_code, again.json()["new"], again.json()["unchanged"]) == (200, 0, 3)
    assert counted(shopped) == (2, 300)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0, "it ends when it is told to"
    settled = shopped.reader().execute("SELECT state, count(*) FROM conversion GROUP BY state").fetchall()
    assert settled == [("counted", 2)], "what follows from it was worked out before the end"
    assert {row[0] for row in shopped.reader().execute("SELECT state FROM run WHERE kind = 'listen'")} == {"done"}


def test_whoever_can_not_sign_is_not_believed(shopped: Store, listening: tuple[subprocess.Popen[str], Shop]) -> None:
    _process, shop = listening
    message = {"conversions": [order(1)]}
    assert shop.send(message, secret="another secret of 24").status_code == 401
    assert shop.send(message, headers={}).status_code == 401
    assert shop.send(message, age_s=400).status_code == 401, "recorded, and sent again later"
    assert shop.send(message, age_s=-400).status_code == 401
    signed = {HEADER: signature(SECRET, json.dumps(message).encode(), int(time.time()))}
    other = json.dumps({"conversions": [order(2)]}).encode()
    assert shop.send(other, headers=signed).status_code == 401, "a signature of another body"
    assert counted(shopped) == (0, 0)


def test_what_is_wrong_is_said_and_the_rest_is_kept(
    shopped: Store, listening: tuple[subprocess.Popen[str], Shop]
) -> None:
    _process, shop = listening
    half = shop.send({"conversions": [order(1), order(2, currency="???")]})
    assert (half.status_code, half.json()["new"]) == (200, 1)
    (wrong,) = half.json()["rejected"]
    assert (wrong["list"], wrong["index"], wrong["id"], wrong["field"]) == ("conversions", 1, "o2", "currency")
    said = shop.send({"participants": [{"id": "bo", "shown": "nope"}, {"id": "cy", "shown": "masked"}]})
    assert (said.status_code, said.json()["new"]) == (200, 1)
    assert [(one["field"], one["reason"]) for one in said.json()["rejected"]] == [
        ("shown", "none of full, masked, hidden")
    ]
    assert shop.send({"conversions": [order(3, amount=-5)]}).status_code == 422
    for body in (b"{", b"[]", b"\xff\xfe", b'{"conversions": {"order_id": 5}}', b'{"other": []}', b"[" * 100_000):
        refused = shop.send(body)
        assert refused.status_code == 400, body[:40]
        assert "Traceback" not in refused.text
    assert shop.send(b" " * (LARGEST + 1)).status_code == 413
    assert httpx.get(shop.url).status_code == 405
    assert httpx.post(shop.url + "x", content=b"{}").status_code == 404
    assert httpx.post(shop.url.rpartition("/conversions")[0], content=b"{}").status_code == 404
    assert counted(shopped) == (1, 100)


def test_a_shop_that_sends_again_after_the_process_was_killed_is_counted_once(shopped: Store) -> None:
    messages = [{"conversions": [order(number) for number in range(start, start + 5)]} for start in range(1, 60, 5)]
    process, shop = started(shopped)
    for message in messages[:5]:
        shop.send(message)
    process.kill()
    process.communicate()
    process, shop = started(shopped)
    try:
        assert all(shop.send(message).status_code == 200 for message in messages)
        assert counted(shopped) == (60, sum(100 * number for number in range(1, 61)))
    finally:
        process.kill()
        process.communicate()


def test_a_sync_that_closes_open_runs_loses_nothing_of_what_comes(shopped: Store) -> None:
    receiver = Receiver(shopped, receiving.opened(shopped), lambda: None)
    for number in (1, 2):
        body = json.dumps({"conversions": [order(number)]}).encode()
        assert receiver.take("shop", signature(SECRET, body, now() // 1000), body).status == 200
        with shopped.writing() as db:
            db.execute("UPDATE run SET state = 'interrupted' WHERE state = 'running'")
    assert counted(shopped) == (2, 300)


def taken(receiver: Receiver, message: Any) -> receiving.Answer:
    body = json.dumps(message).encode()
    return receiver.take("shop", signature(SECRET, body, now() // 1000), body)


def test_too_many_requests_are_told_to_wait(shopped: Store) -> None:
    receiver = Receiver(shopped, receiving.opened(shopped), lambda: None)
    answers = [receiver.take("shop", "", b"{}").status for _ in range(receiving.BURST + 50)]
    assert set(answers) == {401, 429}
    assert answers[: receiving.BURST] == [401] * receiving.BURST
    assert taken(receiver, {}).status == 200, "whoever can't sign doesn't silence the shop"
    assert 429 in {taken(receiver, {}).status for _ in range(receiving.BURST + 50)}


def test_each_record_is_judged_by_itself_and_named(shopped: Store) -> None:
    receiver = Receiver(shopped, receiving.opened(shopped), lambda: None)
    no_amount, no_time, no_id = order(2), order(3), order(4)
    del no_amount["amount"], no_time["at"], no_id["order_id"]
    wrong = [no_amount, no_time, no_id, "o5", order(6, amount=100.5), order(7, amount="129"), order(8, at="soon")]
    answer = taken(receiver, {"conversions": [order(1), *wrong, order(9, kind="gift"), order(1, amount=7)]})
    assert (answer.status, answer.facts["new"], counted(shopped)) == (200, 1, (1, 100))
    told = {(one["list"], one["index"], one["id"], one["field"]) for one in answer.facts["rejected"]}
    assert told == {
        ("conversions", 1, "o2", "amount"),
        ("conversions", 2, "o3", "at"),
        ("conversions", 3, None, "order_id"),
        ("conversions", 4, None, ""),
        ("conversions", 5, "o6", "amount"),
        ("conversions", 6, "o7", "amount"),
        ("conversions", 7, "o8", "at"),
        ("conversions", 8, "o9", "kind"),
        ("conversions", 9, "o1", "amount"),
    }
    why = {one["id"]: one["reason"] for one in answer.facts["rejected"]}
    assert why["o2"] == "it isn't told: write it in the smallest unit, such as 12900; 0 for a gift"
    assert why["o7"].endswith('write it as a number or as "129.00"')
    assert taken(receiver, {"conversions": [order(2)]}).status == 200, "told rightly, it is taken after all"
    assert taken(receiver, {"referrals": [{"child": "bo", "at": moment(1).isoformat()}]}).facts["rejected"][0] == {
        "list": "referrals", "index": 0, "id": "bo", "field": "parent",
        "reason": "neither who referred them nor a code",
    }  # fmt: skip


def test_what_a_shop_may_mean_is_taken_and_what_nobody_asks_for_is_named(shopped: Store) -> None:
    receiver = Receiver(shopped, receiving.opened(shopped), lambda: None)
    zone = "UPDATE campaign_version SET body = json_set(body, '$.time_zone', 'Asia/Shanghai')"
    with shopped.writing() as db:
        db.execute("DROP TRIGGER campaign_version_fixed")
        db.execute(zone)
    noon = moment(1).replace(hour=4, minute=0, second=0, microsecond=0)
    here = f"{noon:%Y-%m-%d} 12:00"
    sales = [
        order(1, amount="129.00", at=here, sku="tea"),
        order(2, amount="1,234.5", at=int(noon.timestamp())),
        order(3, amount="88元", at=int(noon.timestamp() * 1000)),
        order(4, kind="signup", amount=None, order_id=17),
    ]
    del sales[0]["currency"]
    message = {
        "conversions": sales,
        "refunds": [{"order_id": "o1", "refund_id": 1, "amount": "9.00", "at": here}],
        "participants": [{"id": 12, "shown": "部分遮盖"}],
        "clicks": None,
        "shop": "tea house",
    }
    answer = taken(receiver, message)
    assert (answer.status, answer.facts["rejected"], answer.facts["new"]) == (200, [], 6)
    assert answer.facts["ignored"] == ["shop", "conversions.sku"]
    db = shopped.reader()
    found = db.execute("SELECT order_id, amount, currency, at FROM conversion ORDER BY id").fetchall()
    at = int(noon.timestamp() * 1000)
    assert found[:3] == [("o1", 12_900, "CNY", at), ("o2", 123_450, "CNY", at), ("o3", 8_800, "CNY", at)]
    assert found[3][:2] == ("17", 0)
    assert db.execute("SELECT amount FROM refund").fetchone() == (900,)
    assert db.execute("SELECT shown FROM participant WHERE ref = '12'").fetchone() == ("masked",)


def test_what_is_refused_is_logged_in_words_and_of_strangers_once_a_minute(shopped: Store) -> None:
    said: list[str] = []
    app = Listening(Receiver(shopped, receiving.opened(shopped), lambda: None), said.append)

    async def posts(*requests: tuple[str, str, bytes]) -> None:
        async def send(_message: dict[str, Any]) -> None: ...

        for name, signed, body in requests:
            told = [{"type": "http.request", "body": body}]

            async def receive(told: list[dict[str, Any]] = told) -> dict[str, Any]:
                return told.pop()

            headers = [(HEADER.encode(), signed.encode())]
            await app(
                {"type": "http", "method": "POST", "path": f"/conversions/{name}", "headers": headers}, receive, send
            )

    def signed(message: Any) -> tuple[str, str, bytes]:
        body = json.dumps(message).encode()
        return "shop", signature(SECRET, body, now() // 1000), body

    wrong = signed({"conversions": [order(1, sku=1), order(2, amount=None)]})
    asyncio.run(posts(*[("shop", "", b"{}")] * 5, *[("x" * 500, "", b"{}")] * 5, wrong))
    assert [line.partition(":")[0] for line in said] == ["shop", "x" * 80, "shop", "shop"]
    assert said[2].startswith("shop: 1 record refused: conversions[1] (o2) amount: it isn't told")
    assert said[3] == "shop: fields that nobody asks for: conversions.sku"


def test_a_sync_needs_no_secret_of_a_shop_that_tells_by_itself(
    shopped: Store, kolbench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOLBENCH_SHOP_SECRET")
    ran = kolbench("--store", str(shopped.path), "sync", "shop")
    assert (ran.code, "secret" in ran.err) == (0, False), ran.err
    assert kolbench("--store", str(shopped.path), "source", "test", "shop").code != 0
    assert "needs the secret" in kolbench("--store", str(shopped.path), "listen").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), "--beyond-this-machine"),
        (("--host", "example.org"), "write an address"),
        (("nobody",), "nobody"),
    ],
)
def test_what_can_not_be_listened_to_is_said(
    shopped: Store, kolbench: Any, arguments: tuple[str, ...], said: str
) -> None:
    ran = kolbench("--store", str(shopped.path), "listen", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_port_that_is_taken_and_a_short_secret_are_said(
    shopped: Store, kolbench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = kolbench("--store", str(shopped.path), "listen", "--port", str(taken.getsockname()[1]))
    assert (ran.code, "can't be opened" in ran.err) == (2, True)
    monkeypatch.setenv("KOLBENCH_SHOP_SECRET", "short")
    ran = kolbench("--store", str(shopped.path), "listen")
    assert (ran.code, "at least 16" in ran.err, "short" in ran.err.replace("is short", "")) == (2, True, False)


def test_the_example_is_signed_as_the_shop_has_to(shopped: Store, kolbench: Any) -> None:
    ran = kolbench("--store", str(shopped.path), "listen", "--print-example")
    assert ran.code == 0
    assert SECRET not in ran.out
    url, header, body = re.findall(r"(http\S+) -H '([^']+)' -d '([^']+)'", ran.out)[0]
    receiver = Receiver(shopped, receiving.opened(shopped), lambda: None)
    signed = header.partition(": ")[2]
    assert receiver.take(url.rpartition("/")[2], signed, body.encode()).status == 200
    assert Path(shopped.path).stat().st_mode & 0o077 == 0
    six = kolbench("--store", str(shopped.path), "listen", "--print-example", "--host", "::1").out
    assert "http://[::1]:8787/conversions/shop" in six
