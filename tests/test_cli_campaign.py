"""``kolbench campaign``: terms, the quarantine, flags, statements and payouts, as operators work with them."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import openpyxl
import pytest

import make
from campaigning import TEA, bought, came_by, gave_back, takes_part
from chapters import Chapter
from kolbench.domain import codes
from kolbench.domain.errors import UsageError
from kolbench.programme.settling import settle
from kolbench.store import changes, flags, participants, payouts
from kolbench.store.connect import Store
from kolbench.store.flags import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from commands import Commands


@pytest.fixture
def store(kolbench: Commands, tmp_path: Path) -> Iterator[Store]:
    """A campaign of two levels in which Ann brought Bo, who sold twice, once with a code that nobody has."""
    kolbench("campaign", "new", TEA, "--set", "levels=10%, 5%", "--set", "hold_days=10", "--set", "time_zone=UTC")
    store = Store.open(tmp_path / "kolbench.db")
    make.write(
        store,
        takes_part("ann", name="Ann"),
        takes_part("bo", name="Bo"),
        came_by("bo", "ann", 0),
        bought("o1", 10_000, 1, "BO"),
        bought("o2", 5_000, 2, "TYPO"),
    )
    settle(store)
    yield store
    store.close()


def test_a_campaign_is_written_changed_listed_and_put_away(kolbench: Commands) -> None:
    ran = kolbench("campaign", "new", TEA, "--set", "levels=10%", "--set", "target.amount=500")
    assert ran.code == 0, ran.err
    assert "version 1 is saved" in ran.out
    toml = kolbench("campaign", "show", "tea", "--toml").out
    assert 'levels = [\n    "10%",\n]' in toml
    assert (
        kolbench("campaign", "edit", "tea", "--set", "levels=10%,3%", "--since", "start", "--json").json["version"] == 2
    )
    assert kolbench("campaign", "edit", "tea", "--set", "levels=10%,3%", "--json").json["changed"] is False
    assert [row["name"] for row in kolbench("campaign", "list", "--json").json] == [TEA]
    kolbench("campaign", "archive", TEA)
    assert kolbench("campaign", "list", "--json").json == []
    assert [row["name"] for row in kolbench("campaign", "list", "--archived", "--json").json] == [TEA]


@pytest.mark.parametrize(("here", "zone"), [("Asia/Tokyo", "Asia/Tokyo"), ("UTC", "UTC")])
def test_a_new_campaign_is_where_the_operator_is(
    kolbench: Commands, monkeypatch: pytest.MonkeyPatch, here: str, zone: str
) -> None:
    monkeypatch.setenv("TZ", here)
    kolbench("campaign", "new", TEA)
    assert kolbench("campaign", "show", TEA, "--json").json["terms"]["time_zone"] == zone
    kolbench("campaign", "new", "Spring", "--set", "time_zone=Europe/Paris")
    assert kolbench("campaign", "show", "Spring", "--json").json["terms"]["time_zone"] == "Europe/Paris"


def test_every_mistake_in_a_file_is_named_at_once(kolbench: Commands, tmp_path: Path) -> None:
    path = tmp_path / "tea.toml"
    path.write_text(
        'name = ""\nlevels = ["ten", "120%"]\ncurrency = "CNY"\ncap_per_person = "5 USD"\ntime_zone = "Mars"\n', "utf-8"
    )
    ran = kolbench("campaign", "check", str(path))
    assert ran.code == 2
    for setting in ("name:", "levels:", "cap_per_person:", "time_zone:"):
        assert setting in ran.err
    path.write_text(
        'name = "Tea"\nhold_days = "ten"\nlevels = ["80%", "30%"]\nstarts = "2026-05-02"\nends = "2026-05-01"\n'
        'copy_first = "{{ nmae }}"\ncopy_all = "{{ x"\ncurrency = "CNY"\nentry_fee = "1 USD"\n',
        "utf-8",
    )
    ran = kolbench("campaign", "check", str(path))
    for mistake in (
        "hold_days: write a whole",
        "levels: together",
        "ends: write",
        "'name'?",
        "copy_all:",
        "entry_fee:",
    ):
        assert mistake in ran.err
    path.write_text('name = "Tea"\ncurrency = "XXY"\nentry_fee = "1 USD"\n', "utf-8")
    assert "'XXY' is no currency" in kolbench("campaign", "check", str(path)).err
    path.write_text('name = "Tea"\nlevel = ["1%"]\n', "utf-8")
    assert "Do you mean levels?" in kolbench("campaign", "check", str(path)).err


@pytest.mark.parametrize(
    ("setting", "warning"),
    [
        ("levels=10%,3%,1%", "3 levels"),
        ("entry_fee=99 CNY", "entry fee"),
        ("pays_for=sale,signup", "headcount"),
    ],
)
def test_what_the_law_may_say_is_told_and_kept_with_the_version(kolbench: Commands, setting: str, warning: str) -> None:
    ran = kolbench("campaign", "new", TEA, "--set", "levels=10%,3%", "--set", setting)
    assert ran.code == 0
    assert warning in ran.err
    assert "禁止传销条例" in ran.err
    (version,) = kolbench("campaign", "show", TEA, "--json").json["versions"]
    assert warning in " ".join(version["warned"])


def test_what_people_are_told_names_variables_that_there_are(kolbench: Commands) -> None:
    for words in (("new", "Tea2"), ("edit", TEA)):
        kolbench("campaign", "new", TEA)
        ran = kolbench("campaign", *words, "--set", "copy_all={{ shop }} {{ code }}")
        assert ran.code == 2
        assert "copy_all: There is no variable 'shop'. Variables: name, " in ran.err
    assert [row["name"] for row in kolbench("campaign", "list", "--json").json] == [TEA]


def test_two_levels_of_sales_are_no_matter_for_a_lawyer(kolbench: Commands) -> None:
    assert kolbench("campaign", "new", TEA, "--set", "levels=10%,3%").err == ""


def test_a_statement_shows_each_entry_and_adds_up(kolbench: Commands, store: Store) -> None:
    make.write(store, gave_back("o1", 2_500, 3))
    kolbench("campaign", "settle")
    found = kolbench("campaign", "statement", TEA, "bo", "--json").json
    assert [(one["kind"], one["amount"]) for one in found["entries"]] == [("commission", 1_000), ("adjustment", -250)]
    assert found["balance"]["earned"] == 750 == sum(one["amount"] for one in found["entries"])
    text = kolbench("campaign", "statement", TEA, "BO").out
    assert "earned: 7.50 CNY" in text
    assert "-2.50" in text


def test_an_entry_for_a_refund_has_the_refunds_day(
    kolbench: Commands, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, (day, told) in enumerate(((3, 4), (8, 9))):
        monkeypatch.setenv("KOLBENCH_NOW", make.moment(told).isoformat())
        make.write(store, gave_back("o1", 1_000, day, f"r{number}"), day=told)
        kolbench("campaign", "settle")
    lines = kolbench("campaign", "statement", TEA, "bo").out.splitlines()
    days = [make.moment(day).date().isoformat() for day in (1, 3, 8)]
    assert [day in line for day, line in zip(days, lines[2:5], strict=True)] == [True] * 3


def test_a_statement_says_what_each_change_is_for(
    kolbench: Commands, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on(day: float) -> None:
        monkeypatch.setenv("KOLBENCH_NOW", make.moment(day).isoformat())

    def why() -> list[tuple[str, str]]:
        lines = kolbench("campaign", "statement", TEA, "bo").out.splitlines()
        changes_ = [re.split(r"  +", line.strip()) for line in lines if "adjustment" in line]
        return [(cells[-3], cells[-1]) for cells in changes_]

    on(160)
    make.write(store, gave_back("o1", 4_000, 5), day=160)
    settle(store)
    assert why() == [("-4.00", "refund")]
    on(160.1)
    kolbench("campaign", "edit", TEA, "--set", "target.amount=500", "--since", "start")
    on(160.2)
    make.write(store, gave_back("o1", 1_000, 5.1, "r2"), day=160.2)
    settle(store)
    assert why()[-1] == ("-1.00", "refund"), "and not the terms, which changed no commission"
    on(161)
    kolbench("campaign", "edit", TEA, "--set", "levels=20%, 5%", "--since", "start")
    assert why()[-1] == ("5.00", "new terms: version 3, from the start"), "and no refund that pays"
    on(162)
    kolbench("campaign", "decide", "reject", "1", "--reason", "a test order")
    assert why()[-1] == ("-10.00", f"rejected by {changes.me()}: a test order")
    on(163)
    kolbench("campaign", "decide", "accept", "1", "--reason", "no test")
    assert why()[-1] == ("10.00", f"accepted by {changes.me()}: no test")
    on(164)
    assert changes.undo(store, changes.me()) is not None
    settle(store)
    assert why()[-1][0] == "-10.00"
    on(165)
    entry = kolbench("campaign", "adjust", TEA, "bo", "5 CNY", "--reason", "for the trouble", "--json").json["entry"]
    found = kolbench("campaign", "statement", TEA, "bo", "--json").json["entries"]
    assert [one["reason"] for one in found if one["id"] == entry] == ["for the trouble"]
    assert why()[-1] == ("5.00", f"{changes.me()}: for the trouble")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_statement_is_written_to_a_file_that_is_safe_to_open(
    kolbench: Commands, store: Store, tmp_path: Path, ending: str
) -> None:
    make.write(store, takes_part("bo", name="=1+1"), gave_back("o1", 2_500, 3))
    kolbench("campaign", "settle")
    path = tmp_path / f"bo.{ending}"
    assert kolbench("campaign", "statement", TEA, "bo", "--out", path).out == f"{path}: 2 rows.\n"
    if ending == "csv":
        rows: list[list[object]] = [list(row) for row in csv.reader(path.read_text("utf-8-sig").splitlines())]
    else:
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    one, other = (dict(zip(rows[0], row, strict=True)) for row in rows[1:])
    assert [float(str(row["amount"])) for row in (one, other)] == [10.0, -2.5]
    assert one["name"] == ("'=1+1" if ending == "csv" else "=1+1")
    assert (one["order"], other["date"], other["kind"]) == ("o1", "2026-01-04", "adjustment")
    ran = kolbench("campaign", "statement", TEA, "bo", "--out", path)
    assert (ran.code, "--overwrite" in ran.err) == (2, True)
    assert kolbench("campaign", "statement", TEA, "ANN", "--out", tmp_path / "ann.txt").code == 2


def test_one_person_and_one_row_are_counted_in_the_singular(kolbench: Commands, store: Store, tmp_path: Path) -> None:
    ran = kolbench("campaign", "payout", TEA, "--minimum", "6 CNY")
    assert "10.00 CNY for 1 person." in ran.out
    path = tmp_path / "p.csv"
    assert kolbench("campaign", "payout-file", "1", path).out == f"{path}: 1 row.\n"
    assert kolbench("campaign", "paid", "1").out == "Payout 1 is paid: 10.00 CNY for 1 person.\n"


def test_a_consent_says_who_is_the_same_person(kolbench: Commands, store: Store) -> None:
    make.write(store, make.person("ann@shop"), make.person("bo@shop"))
    make.write(store, *(takes_part(name, account_uid=f"{name}@shop") for name in ("ann", "bo")))
    kolbench("creator", "merge", make.creator(store, "ann@shop"), make.creator(store, "bo@shop"))
    ran = kolbench("campaign", "consent", TEA, "masked", "ann")
    assert ran.out.splitlines() == ["1 person: masked.", "Ann: the same person as Bo"]
    told = kolbench("campaign", "codes", TEA, "--json").json
    assert [(one["shown"], one["same_person_as"]) for one in told] == [("masked", [2]), ("masked", [1])]
    assert "Bo: the same person as Ann" in kolbench("campaign", "codes", TEA).out
    assert "Bo: the same person as Ann" in kolbench("campaign", "statement", TEA, "bo").out
    assert kolbench("campaign", "statement", TEA, "bo", "--json").json["same_person_as"] == [1]


def test_settling_all_of_it_again_changes_nothing(kolbench: Commands, store: Store) -> None:
    assert kolbench("campaign", "settle", "--all", "--json").json == {"placed": 0, "conversions": 2, "entries": 0}


def test_the_quarantine_is_listed_with_reasons_and_resolved_by_hand(kolbench: Commands, store: Store) -> None:
    (one,) = kolbench("campaign", "quarantine", TEA, "--json").json
    assert (one["order_id"], one["reason"]) == ("o2", "unknown-code")
    text = kolbench("campaign", "quarantine", TEA).out
    assert "nobody has this code, and nothing else leads to anybody: 1\n" in text
    assert "unknown-code" not in text
    number = str(one["id"])
    assert kolbench("campaign", "decide", "accept", number, "--reason", "x").code == 2
    assert kolbench("campaign", "decide", "assign", number, "--reason", "x").code == 2
    ran = kolbench("campaign", "decide", "assign", number, "--to", "bo", "--reason", "they wrote to us")
    assert ran.out == "Order o2: counts for Bo.\n"
    assert kolbench("campaign", "statement", TEA, "bo", "--json").json["balance"]["earned"] == 1_500
    assert kolbench("campaign", "quarantine", TEA).out == "Nothing is quarantined.\n"


def test_what_was_decided_is_listed_and_taken_back_by_a_command(kolbench: Commands, store: Store) -> None:
    listed = kolbench("campaign", "quarantine", "Tea", "--json").json
    number = next(one["id"] for one in listed if one["participant_id"] is None)
    who = store.reader().execute("SELECT ref FROM participant LIMIT 1").fetchone()[0]
    assert kolbench("campaign", "decide", "assign", number, "--to", who, "--reason", "a slip").code == 0
    assert "a slip" in kolbench("campaign", "quarantine", "Tea", "--decided").out
    assert "taken back; it does not count" in kolbench("campaign", "undecide", number).out
    assert number in {one["id"] for one in kolbench("campaign", "quarantine", "Tea", "--json").json}
    (decided,) = kolbench("campaign", "quarantine", "Tea", "--decided", "--json").json
    assert (decided["decision"], decided["reason"], bool(decided["undone_by"])) == ("assign", "a slip", True)
    assert "Nothing that is in force" in kolbench("campaign", "undecide", number).err


def test_whose_a_conversion_was_until_now_is_said(kolbench: Commands, store: Store) -> None:
    assign = ("campaign", "decide", "assign", "1", "--reason", "it was hers", "--to")
    assert kolbench(*assign, "ANN").out == "Order o1: counts for Ann; until now it counted for Bo.\n"
    assert kolbench(*assign, "ann").out == "Order o1: counts for Ann.\n"


def test_a_mistyped_code_of_ours_is_told_from_one_that_nobody_has(kolbench: Commands, store: Store) -> None:
    (code,) = codes.draw(1, ())
    slip = code[:-1] + next(sign for sign in codes.SYMBOLS if sign != code[-1])
    make.write(store, bought("o3", 700, 2, slip))
    settle(store)
    listed = kolbench("campaign", "quarantine", TEA).out
    assert listed.count("one of its signs is wrong") == 1
    rows = [line for line in listed.splitlines() if line.endswith("nothing else leads to anybody")]
    assert len(rows) == 1
    assert listed.count("nothing else leads to anybody: 2") == 1
    assert "is perhaps" not in listed
    ran = kolbench("campaign", "decide", "assign", "2", "--to", slip, "--reason", "she said so")
    assert (ran.code, "one of its signs is wrong" in ran.err) == (2, True)
    make.write(store, takes_part("eve", code, name="Eve"))
    assert f"{slip} is perhaps {code}, the code of Eve." in kolbench("campaign", "quarantine", TEA).out
    told = {one["code"]: one["perhaps"] for one in kolbench("campaign", "quarantine", TEA, "--json").json}
    eve = participants.find(store, 1, "eve")
    assert told == {"TYPO": [], slip: [{"code": code, "participant_id": eve, "name": "Eve"}]}


def test_a_payout_is_made_written_and_paid_once(kolbench: Commands, store: Store, tmp_path: Path) -> None:
    found = kolbench("campaign", "payout", TEA, "--json").json
    assert (found["amount"], found["people"], found["entries"]) == (1_500, 2, 2)
    assert kolbench("campaign", "payout", TEA, "--json").json is None, "what is in a payout is in no other one"
    assert kolbench("campaign", "payout-file", "1", str(tmp_path / "pay.csv")).code == 0
    with (tmp_path / "pay.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["payment"], row["ref"], row["amount"], row["currency"]) for row in rows] == [
        ("1-1", "ann", "5.00", "CNY"),
        ("1-2", "bo", "10.00", "CNY"),
    ]
    assert kolbench("campaign", "paid", "1", "--reference", "bank 77").code == 0
    again = kolbench("campaign", "paid", "1")
    assert (again.code, "was marked as paid" in again.err) == (2, True)
    assert kolbench("campaign", "payout-drop", "1").code == 2
    assert kolbench("campaign", "payouts", TEA, "--json").json[0]["reference"] == "bank 77"
    text = kolbench("campaign", "owed", TEA).out
    assert text.splitlines()[-1].split() == ["all", "2", "15.00", "0.00", "0.00", "0.00", "0.00", "15.00", "CNY"]


def test_a_reference_is_added_later_and_once(kolbench: Commands, store: Store) -> None:
    kolbench("campaign", "payout", TEA)
    assert kolbench("campaign", "paid", "1").code == 0
    ran = kolbench("campaign", "paid", "1", "--reference", "bank 77")
    assert (ran.code, ran.out) == (0, "Payout 1: its reference is bank 77.\n")
    again = kolbench("campaign", "paid", "1", "--reference", "bank 78")
    assert (again.code, "has the reference 'bank 77': nothing was changed" in again.err) == (2, True)
    with pytest.raises(UsageError, match="rests on it"):
        changes.undo(store, changes.me())
    (found,) = kolbench("campaign", "payouts", TEA, "--json").json
    assert (found["reference"], found["paid_by"]) == ("bank 77", changes.me())
    newest = changes.recent(store, 1)[0]
    assert (newest.action, newest.undone_at) == ("payout", None), "who added it, and when, is in the history"


def test_what_is_given_back_after_it_was_paid_is_taken_off_the_next_payout(kolbench: Commands, store: Store) -> None:
    kolbench("campaign", "payout", TEA)
    kolbench("campaign", "paid", "1")
    make.write(store, gave_back("o1", 10_000, 5))
    assert kolbench("campaign", "payout", TEA, "--json").json is None, "who owes gets nothing"
    make.write(store, bought("o3", 15_000, 6, "BO"))
    found = kolbench("campaign", "payout", TEA, "--json").json
    assert (found["amount"], found["people"]) == (500 + 250, 2)


def test_a_payout_that_was_not_paid_is_taken_apart_and_keeps_its_number(kolbench: Commands, store: Store) -> None:
    kolbench("campaign", "payout", TEA)
    assert kolbench("campaign", "payout-drop", "1").code == 0
    found = kolbench("campaign", "payout", TEA, "--json").json
    assert (found["id"], found["amount"]) == (2, 1_500), "a number of finance's never comes back"
    second, first = kolbench("campaign", "payouts", TEA, "--json").json
    assert (first["id"], first["amount"], first["people"], first["dropped_by"]) == (1, 1_500, 2, changes.me())
    assert (second["dropped_at"], second["entries"]) == (None, 2)
    assert f"taken apart 2026-06-01, {changes.me()}" in kolbench("campaign", "payouts", TEA).out
    for action in (("paid", "1"), ("payout-drop", "1"), ("payout-file", "1", "-")):
        ran = kolbench("campaign", *action)
        assert (ran.code, ran.out) == (2, ""), action
        assert f"Payout 1 was taken apart by {changes.me()}" in ran.err
    assert [line.amount for line in payouts.lines(store.reader(), 1)] == [500, 1_000], "who was to get what is kept"
    balance = kolbench("campaign", "statement", TEA, "bo", "--json").json["balance"]
    assert (balance["due"], balance["paying"]) == (0, 1_000)


def test_a_payout_that_finance_may_have_is_taken_apart_only_by_who_means_it(
    kolbench: Commands, store: Store, tmp_path: Path
) -> None:
    kolbench("campaign", "payout", TEA)
    assert kolbench("campaign", "payout-file", "1", str(tmp_path / "pay.csv")).code == 0
    (found,) = kolbench("campaign", "payouts", TEA, "--json").json
    assert (found["written_by"], found["written_at"] is None) == (changes.me(), False)
    ran = kolbench("campaign", "payout-drop", "1")
    assert ran.code == 2
    assert f"was written for finance by {changes.me()}" in ran.err
    assert "--yes" in ran.err
    with pytest.raises(UsageError, match="only if they don't pay it"):
        payouts.drop(store, 1, "bo")
    assert kolbench("campaign", "payouts", TEA, "--json").json == [found]
    assert kolbench("campaign", "payout-drop", "1", "--yes").code == 0
    assert kolbench("campaign", "payout", TEA, "--json").json["id"] == 2


def test_a_payout_taken_apart_is_put_back_unless_another_has_what_was_in_it(kolbench: Commands, store: Store) -> None:
    kolbench("campaign", "payout", TEA)
    kolbench("campaign", "payout-drop", "1")
    assert changes.undo(store, changes.me()) is not None
    assert payouts.get(store.reader(), 1).is_open
    kolbench("campaign", "payout-drop", "1")
    dropped = changes.recent(store, 1)[0].act
    kolbench("campaign", "payout", TEA)
    with pytest.raises(UsageError, match="rests on it"):
        changes.undo(store, changes.me(), dropped)
    assert changes.undo(store, changes.me()) is not None, "of the second's making"
    assert [one.is_open for one in payouts.listed(store.reader(), 1)] == [False, False]
    assert changes.undo(store, changes.me(), dropped) is not None
    assert kolbench("campaign", "owed", TEA, "--json").json[0]["paying"] == 1_000


def test_a_payout_that_holds_what_was_taken_back_since_is_named_until_it_is_paid_or_taken_apart(
    kolbench: Commands, store: Store
) -> None:
    kolbench("campaign", "payout", TEA)
    assert kolbench("campaign", "payouts", TEA).err == ""
    told = (
        "Payout 1 is not paid yet and holds more than is due: 15.00 CNY too much, to Bo, Ann."
        " Take it apart: kolbench campaign payout-drop 1\n"
    )
    assert told in kolbench("campaign", "decide", "reject", "1", "--reason", "a test").err
    assert told in kolbench("campaign", "payouts", TEA).err
    assert told in kolbench("campaign", "owed", TEA).err
    kolbench("campaign", "payout-drop", "1")
    assert kolbench("campaign", "owed", TEA).err == ""


def test_a_payout_that_holds_too_much_is_written_and_paid_only_by_who_means_it(
    kolbench: Commands, store: Store, tmp_path: Path
) -> None:
    kolbench("campaign", "payout", TEA)
    kolbench("campaign", "adjust", TEA, "bo", "8 CNY", "--minus", "--reason", "paid in cash")
    for action in (("payout-file", "1", tmp_path / "pay.csv"), ("paid", "1", "--reference", "b")):
        ran = kolbench("campaign", *action)
        assert (ran.code, ran.out) == (2, ""), action
        assert "holds more than is due: 8.00 CNY too much, to Bo. Add --yes if you mean it." in ran.err
    assert not (tmp_path / "pay.csv").exists()
    (found,) = kolbench("campaign", "payouts", TEA, "--json").json
    assert (found["written_at"], found["paid_at"]) == (None, None)
    with pytest.raises(UsageError, match="too much, to Bo"):
        payouts.mark_paid(store, 1, "me")
    assert kolbench("campaign", "payout-file", "1", tmp_path / "pay.csv", "--yes").code == 0
    assert kolbench("campaign", "paid", "1", "--yes").code == 0
    assert kolbench("campaign", "paid", "1", "--reference", "b").code == 0, "nothing is asked of one that is paid"
    assert "Owed back by people to whom less is due: 8.00 CNY" in kolbench("campaign", "payout", TEA).out


def test_on_a_terminal_it_is_asked_whether_a_payout_that_holds_too_much_was_paid(
    kolbench: Commands, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kolbench("campaign", "payout", TEA)
    kolbench("campaign", "adjust", TEA, "bo", "8 CNY", "--minus", "--reason", "paid in cash")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for answer, is_open in (("n", True), ("y", False)):
        monkeypatch.setattr("builtins.input", lambda _question, answer=answer: answer)
        ran = kolbench("campaign", "paid", "1")
        assert "8.00 CNY too much, to Bo." in " ".join(ran.out.split())
        assert payouts.get(store.reader(), 1).is_open is is_open


def test_what_is_on_hold_or_below_the_least_amount_waits(
    kolbench: Commands, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(10.9).isoformat())
    assert kolbench("campaign", "payout", TEA, "--json").json is None
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(11).isoformat())
    assert kolbench("campaign", "payout", TEA, "--minimum", "6 CNY", "--json").json["people"] == 1


def test_a_payout_names_whom_a_serious_flag_leaves_out_and_what_is_on_hold(
    kolbench: Commands, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(13).isoformat())
    make.write(store, takes_part("cy", name="Cy"), bought("o7", 3_000, 1, "CY"), bought("o8", 500, 12, "CY"))
    order = store.reader().execute("SELECT id FROM conversion WHERE order_id = 'o1'").fetchone()[0]
    bo = participants.find(store, 1, "bo")
    with store.writing() as db:
        flags.note(db, [Cause(1, "shared-device", "d", "serious", {"conversions": [order]}, bo)])
    assert kolbench("campaign", "payout", TEA, "--minimum", "4 CNY").out.splitlines() == [
        "Nothing is due now: 'kolbench campaign owed' says what is on hold.",
        "Left out until flags are decided (kolbench campaign flags): Bo 10.00 CNY, Ann 5.00 CNY",
        "Left out since it is still on hold: 0.50 CNY",
        "Left out as less than the minimum: 3.00 CNY",
    ]
    told = kolbench("campaign", "payout", TEA, "--json").json
    assert [(one["ref"], one["amount"]) for one in told["flagged"]] == [("bo", 1_000), ("ann", 500)]
    assert told["amount"] == 300


def test_a_severe_flag_holds_the_money_until_somebody_decides(kolbench: Commands, store: Store) -> None:
    order = store.reader().execute("SELECT id FROM conversion WHERE order_id = 'o1'").fetchone()[0]
    cause = Cause(1, "burst", "o1", "severe", {"conversions": [order], "why": "\x1b[31mfast"}, None, order)
    with store.writing() as db:
        assert flags.note(db, [cause]) == 1
        assert flags.note(db, [cause]) == 0
    assert kolbench("campaign", "payout", TEA, "--json").json is None
    assert kolbench("campaign", "statement", TEA, "bo", "--json").json["balance"]["flagged"] == 1_000
    text = kolbench("campaign", "flags", TEA).out
    assert "severe" in text
    assert "\x1b" not in text
    (told,) = kolbench("campaign", "flags", TEA, "--json").json
    assert (told["kind"], told["evidence"]["conversions"], told["orders"]) == ("burst", [order], ["o1"])
    assert kolbench("campaign", "flag", "1", "upheld", "--reason", "a bot").code == 0
    assert kolbench("campaign", "statement", TEA, "bo", "--json").json["balance"]["earned"] == 0
    assert kolbench("campaign", "flag", "1", "cleared", "--reason", "no bot").code == 2
    assert changes.undo(store, changes.me()) is not None
    settle(store)
    kolbench("campaign", "flag", "1", "cleared", "--reason", "a gift list")
    assert kolbench("campaign", "payout", TEA, "--json").json["amount"] == 1_500


def test_flags_are_listed_in_words_and_told_to_programs_by_their_ids(
    kolbench: Commands, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = participants.find(store, 1, "bo")
    told = {"conversions": list(range(1, 71)), "shared": "payment", "buyers": 5}
    with store.writing() as db:
        flags.note(db, [Cause(1, "self-purchase", "p", "serious", told, bo)])
    monkeypatch.setenv("COLUMNS", "200")
    text = kolbench("campaign", "flags", TEA).out
    assert "bought from themselves" in text
    assert "Conversions: 70; different buyers: 5; what both have: a means of payment" in text
    assert "self-purchase" not in text
    (one,) = kolbench("campaign", "flags", TEA, "--json").json
    assert (one["kind"], one["evidence"]) == ("self-purchase", told)
    kolbench("campaign", "flag", "1", "upheld", "--reason", "one card")
    assert "upheld: one card" in kolbench("campaign", "flags", TEA, "--decided").out


def test_what_was_decided_about_a_flag_is_taken_back(kolbench: Commands, store: Store) -> None:
    balance = kolbench("campaign", "statement", TEA, "bo", "--json").json["balance"]
    (order,) = store.reader().execute("SELECT id FROM conversion WHERE order_id = 'o1'").fetchone()
    with store.writing() as db:
        flags.note(db, [Cause(1, "burst", "o1", "severe", {"conversions": [order]}, None, order)])
    assert kolbench("campaign", "flag", "1", "reopen").code == 2
    assert kolbench("campaign", "flag", "1", "upheld").code == 2
    kolbench("campaign", "flag", "1", "upheld", "--reason", "a bot")
    assert kolbench("campaign", "statement", TEA, "bo", "--json").json["balance"]["earned"] < balance["earned"]
    assert "reopen" in kolbench("campaign", "flag", "1", "cleared", "--reason", "no bot").err
    assert kolbench("campaign", "flag", "1", "reopen").code == 0
    assert kolbench("campaign", "flags", TEA, "--decided", "--json").json == []
    kolbench("campaign", "flag", "1", "cleared", "--reason", "no bot")
    assert kolbench("campaign", "statement", TEA, "bo", "--json").json["balance"] == balance
    assert kolbench("campaign", "quarantine", TEA, "--decided", "--json").json[0]["undone_by"]


def test_a_referral_is_corrected_and_both_are_kept(kolbench: Commands, store: Store) -> None:
    ran = kolbench("campaign", "refer", TEA, "ann", "--by", "bo", "--reason", "x")
    assert (ran.code, "circle" in ran.err) == (2, True)
    assert kolbench("campaign", "refer", TEA, "bo", "--by-nobody", "--reason", "an advert").code == 0
    assert kolbench("campaign", "statement", TEA, "ann", "--json").json["balance"]["earned"] == 0
    told = kolbench("campaign", "referrals", TEA, "bo", "--json").json
    assert [(one["parent"], one["author"] is None) for one in told] == [("Ann", True), (None, False)]


def test_a_referral_of_oneself_is_set_aside_as_such(kolbench: Commands, store: Store) -> None:
    dan = takes_part("dan", name="Dan")
    by_code = came_by("dan", "", 2, parent_uid=None, code="DAN")
    make.write(store, dan, came_by("dan", "dan", 1), by_code, came_by("ann", "bo", 3))
    settle(store)
    told = kolbench("campaign", "referrals", TEA, "--json").json
    assert [(one["child"], one["aside"]) for one in told] == [
        ("Dan", "self-referral"),
        ("Dan", "self-referral"),
        ("Ann", "circular"),
    ]
    assert "self-referral" in kolbench("campaign", "referrals", TEA).out
    said = kolbench("campaign", "quarantine", TEA).out.splitlines()[0]
    assert said.startswith("Referrals set aside: 2 to oneself, 1 that would close a circle")


def test_something_given_by_hand_is_balanced_when_it_is_undone(kolbench: Commands, store: Store) -> None:
    ran = kolbench("campaign", "adjust", TEA, "bo", "5 CNY", "--reason", "for their trouble")
    assert ran.out == "Bo: 5.00 CNY. They have earned 15.00 CNY in all.\n"
    assert kolbench("campaign", "adjust", TEA, "bo", "5 USD", "--reason", "x").code == 2
    assert changes.undo(store, changes.me()) is not None
    found = kolbench("campaign", "statement", TEA, "bo", "--json").json
    assert found["balance"]["earned"] == 1_000
    assert len(found["entries"]) == 3


def test_names_and_orders_with_escape_sequences_are_harmless(kolbench: Commands, store: Store) -> None:
    make.write(store, takes_part("<b>", name="a\x1b[31mb", code="x\u202ey"), bought("[red]", 100, 3, "XY"))
    kolbench("campaign", "settle")
    for command in (("owed", TEA), ("quarantine", TEA), ("statement", TEA, "<b>"), ("show", TEA)):
        ran = kolbench("campaign", *command)
        assert ran.code == 0
        assert "\x1b" not in ran.out
        assert "\u202e" not in ran.out


@pytest.mark.parametrize(
    "command",
    [
        ("show", "nothing"),
        ("statement", TEA, "nobody"),
        ("paid", "99"),
        ("payout-file", "99", "-"),
        ("payout-drop", "99"),
        ("flag", "99", "cleared", "--reason", "x"),
        ("decide", "reject", "99", "--reason", "x"),
        ("decide", "reject", "1", "--reason", " "),
        ("edit", TEA),
        ("edit", TEA, "--since", "whenever"),
        ("edit", TEA, "--set", "currency=USD"),
        ("edit", TEA, "--set", "levels=1%", "--base", "7"),
        ("adjust", TEA, "bo", "0 CNY", "--reason", "x"),
        ("refer", TEA, "bo", "--reason", "x"),
        ("new",),
        ("new", "42"),
    ],
)
def test_what_can_not_be_meant_is_refused_in_a_sentence(kolbench: Commands, store: Store, command: list[str]) -> None:
    ran = kolbench("campaign", *command)
    assert ran.code == 2
    assert ran.err.startswith("kolbench: ")
    assert "Traceback" not in ran.err


def test_the_chapter_is_true(sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chapter = Chapter("campaigns")
    (tmp_path / "sales.csv").write_text("".join(chapter.code("csv")), "utf-8")
    (tmp_path / "people.csv").write_text(
        "participant,code,name,at\nann,ANN,Ann,2026-05-01\nbo,BO,Bo,2026-05-01\n", "utf-8"
    )
    assert chapter.play(sampled) > 20
    (ann,) = sampled("campaign", "owed", "Tea", "--json").json
    assert (ann["earned"], ann["paid"]) == (1_290 + 880, 1_290 + 880)
