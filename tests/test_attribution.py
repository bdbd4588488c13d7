"""The worked examples of the chapter on attribution, each told in several orders."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import make
from campaigning import bought, came_by, clicked, gave_back, takes_part
from chapters import Chapter
from kolbench.domain.campaigns import parse
from kolbench.domain.money import Money, decimal
from kolbench.programme.campaigns.terms_file import applied
from kolbench.programme.settling import settle
from kolbench.store import campaigns

if TYPE_CHECKING:
    from pathlib import Path

    from kolbench.domain.records import Record

EXAMPLES = Chapter("attribution").code("attribution")


def minor(text: str) -> int:
    whole, part = text.split(".")
    return int(whole + part)


def moment(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def told(line: str) -> Record:
    """The record that a line of an example means."""
    verb, *words = line.split()
    options: dict[str, Any] = dict(word.split("=") for word in words if "=" in word)
    if buyer := options.pop("buyer", None):
        options["buyer_uid"] = buyer
    match verb, [word for word in words if "=" not in word]:
        case "account", [uid]:
            return make.person(uid)
        case "join", [ref, code]:
            return takes_part(ref, code, account_uid=options.get("account"))
        case "refer", [child, parent, day]:
            return came_by(child, parent, at=moment(day))
        case "click", [visitor, ref, day]:
            return clicked(visitor, ref, 0, at=moment(day))
        case "sale", [order, amount, day]:
            return bought(order, minor(amount), 0, at=moment(day), **options)
        case "refund", [order, amount, day]:
            return gave_back(order, minor(amount), 0, at=moment(day), **options)
    raise AssertionError(line)


@pytest.mark.parametrize("order", ["as written", "backwards, one by one", "shuffled, twice"])
@pytest.mark.parametrize("example", EXAMPLES, ids=range(1, len(EXAMPLES) + 1))
def test_the_worked_examples_come_out_as_written(
    example: str, order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-07-01T00:00:00+00:00")
    terms, *lines = example.splitlines()
    happens = [told(line) for line in lines if not line.startswith("→")]
    wanted = [line.split()[1:] for line in lines if line.startswith("→")]
    settings = [(name, value) for name, _is, value in (word.partition("=") for word in terms.split()[1:])]
    store = make.store(tmp_path)
    campaigns.save(store, parse(applied({"name": "Tea"}, settings)), "me")
    if order == "as written":
        make.write(store, *happens)
    else:
        some = list(reversed(happens))
        if order == "shuffled, twice":
            random.Random(7).shuffle(some := happens * 2)
        for record in some:
            make.write(store, record)
            settle(store)
    settle(store)
    db = store.reader()
    rows = db.execute(
        "SELECT order_id, ref, via, reason FROM conversion LEFT JOIN participant ON participant.id = participant_id"
    ).fetchall()
    verdicts = {name: [reason] if reason else [ref, via] for name, ref, via, reason in rows}
    sums = db.execute(
        "SELECT ref, sum(amount) FROM commission_entry JOIN participant ON participant.id = participant_id"
        " GROUP BY ref HAVING sum(amount) <> 0"
    ).fetchall()
    for line in wanted:
        if line[1] != "earns":
            assert verdicts[line[0]] == line[1:], line
    if any(line[1] == "earns" for line in wanted):
        earned = {ref: decimal(Money(amount, "CNY")) for ref, amount in sums}
        assert earned == {line[0]: line[2] for line in wanted if line[1] == "earns"}
    store.close()


def test_there_is_an_example_of_every_reason_but_being_late_or_excluded() -> None:
    from kolbench.programme.attribution import REASONS

    text = "".join(EXAMPLES)
    assert {reason for reason in REASONS if reason in text} == set(REASONS) - {"late", "excluded", "by-hand"}
