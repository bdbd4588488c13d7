"""Whatever a file holds, reading it ends in records, rejections or one clear KolbenchError: never in a crash."""

from __future__ import annotations

import gzip
import os
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.domain.errors import KolbenchError, SourceError, UsageError
from kolbench.domain.numbers import LIMIT
from tables import Reading, read, workbook, write

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = "handle,followers,bio\n" + "".join(f"user{number},{number},bio {number}\n" for number in range(5_000))


@pytest.mark.parametrize("kind", ["absent", "folder", "empty", "pipe", "nul"])
def test_what_is_no_file_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "nul":
        path = tmp_path / "a\0b"
    failure = read(path).failure
    assert isinstance(failure, UsageError)
    assert path.name in str(failure)


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", PEOPLE)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert isinstance(read(path).failure, UsageError)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), ".xls"),
        (b"SQLite format 3\0" + bytes(600), "SQLite"),
        (b"PAR1" + bytes(600), "Parquet"),
        (b"%PDF-1.7\n" + bytes(600), "PDF"),
        (b"BZh91AY", "bzip2"),
        (random.Random(1).randbytes(5_000), "text"),
        (bytes(5_000), "text"),
        (b"   \n\n\r\n  ", "no rows"),
    ],
    ids=["xls", "sqlite", "parquet", "pdf", "bzip2", "noise", "zeros", "blanks"],
)
def test_what_is_no_table_is_named_and_refused(tmp_path: Path, content: bytes, what: str) -> None:
    failure = read(write(tmp_path / "a.csv", content)).failure
    assert isinstance(failure, UsageError)
    assert what in str(failure)


def test_a_gzipped_table_is_read_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv.gz", gzip.compress(PEOPLE.encode()))
    assert read(path).metric("followers") == list(range(5_000))
    joined = write(tmp_path / "b.gz", gzip.compress(PEOPLE.encode()) + gzip.compress(b"ann,7,last\n"))
    assert read(joined).metric("followers")[-1] == 7


def test_a_gzip_that_is_cut_short_gives_what_it_has_and_then_fails(tmp_path: Path) -> None:
    content = gzip.compress(PEOPLE.encode())
    reading = read(write(tmp_path / "a.csv.gz", content[: len(content) // 2]))
    assert isinstance(reading.failure, SourceError)
    assert "cut short" in str(reading.failure)
    assert "done" not in (reading.pages[-1].cursor if reading.pages else "")
    assert reading.metric("followers") == list(range(len(reading.records)))


def test_a_damaged_gzip_fails_clearly(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(PEOPLE.encode()))
    for where in (12, len(content) // 2, len(content) - 6):
        spoilt = bytearray(content)
        spoilt[where] ^= 0xFF
        assert isinstance(read(write(tmp_path / "a.csv.gz", bytes(spoilt))).failure, KolbenchError)
    assert isinstance(read(write(tmp_path / "b.gz", b"\x1f\x8b\x08\x00")).failure, KolbenchError)
    assert isinstance(read(write(tmp_path / "c.gz", gzip.compress(b""))).failure, UsageError)


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    line = b"handle,followers\n" + b"ann,5\n" * 4_000_000
    failure = read(write(tmp_path / "bomb.gz", gzip.compress(line, 9))).failure
    assert isinstance(failure, SourceError)
    assert "refused" in str(failure)


def test_values_from_another_planet_are_rejected_one_by_one(tmp_path: Path) -> None:
    odd = [
        "9" * 400,
        str(LIMIT + 1),
        "1e999",
        "-5",
        "\x1b[31m5",
        "[red]5[/]",
        "5\u202e6",
        "0x7f",
        "١٢٣x",
        "NaN0",
        "\u0000",
    ]
    rows = "".join(f'user{number},"{value}",x\n' for number, value in enumerate(odd))
    reading = read(write(tmp_path / "a.csv", "handle,followers,bio\nann,5,x\n" + rows), map="followers=followers")
    assert reading.column("handle") == ["ann", *(f"user{number}" for number in range(len(odd)))]
    assert reading.metric("followers") == [5, *[None] * len(odd)]
    assert len(reading.rejected) == len(odd)


def test_impossible_dates_lose_their_rows_only(tmp_path: Path) -> None:
    dates = [
        "2026-05-04",
        "0000-00-00",
        "9999-12-31",
        "0001-01-01",
        "2026-02-30",
        "99999999999999999999",
        "2026-05-05",
        "2026-05-06",
    ]
    rows = "".join(f"ann,{number},{date}\n" for number, date in enumerate(dates))
    reading = read(write(tmp_path / "a.csv", "handle,followers,date\n" + rows), map="date=observed_at")
    assert reading.metric("followers") == [0, 6, 7]
    assert [rejected.line for rejected in reading.rejected] == [3, 4, 5, 6, 7]


def test_headers_of_ten_thousand_columns_or_of_nothing_are_survived(tmp_path: Path) -> None:
    wide = ",".join(["handle", "followers", *(f"c{number}" for number in range(10_000))])
    row = "ann,5" + "," * 10_000
    assert read(write(tmp_path / "wide.csv", f"{wide}\n{row}\n")).metric("followers") == [5]
    assert isinstance(read(write(tmp_path / "blank.csv", ",,,\n,,,\n")).failure, UsageError)
    assert isinstance(read(write(tmp_path / "mark.csv", b"\xef\xbb\xbf")).failure, UsageError)


def test_the_rest_of_the_file_is_imported_around_every_kind_of_damage(tmp_path: Path) -> None:
    bad = ['"unclosed', "too,many,cells,here", "short", "#NAME?,5,x", ",,", "\x00\x00\x00", "a\x0bb,c", '""","', "ann"]
    rows: list[str] = []
    for number in range(3_000):
        rows.append(f"user{number},{number},bio")
        if number % 100 == 50:
            rows.append(bad[number // 100 % len(bad)])
    reading = read(write(tmp_path / "a.csv", "handle,followers,bio\n" + "\n".join(rows) + "\n"))
    found = {record.handle for record in reading.records}  # type: ignore[union-attr]
    assert {f"user{number}" for number in range(3_000)} <= found


def safe(reading: Reading) -> bool:
    return reading.failure is None or str(reading.failure) != ""


@settings(max_examples=150)
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.jsonl", "a.gz", "a.xlsx"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for start in (
        b"",
        b"handle,followers,date\n",
        b'{"handle": "a"}\n',
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
        b"\xff\xfe",
    ):
        assert safe(read(write(folder / name, start + content), account="x"))


cell = st.text(max_size=10) | st.sampled_from(["5", "ann", "2026-05-04", "1.2万", '"', "''", "#REF!", "\ud800", "\x00"])


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(["handle", "uid", "name", "fans", "date", "bvid", "title", "from", "to", "互动率", "x"]),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.lists(cell, min_size=1, max_size=7), max_size=12),
    st.sampled_from([",", "\t", ";"]),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_any_table_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, header: list[str], rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    text = "\n".join(delimiter.join(row) for row in [header, *rows]) + "\n"
    path = write(
        tmp_path_factory.mktemp("table") / "a.csv",
        text.encode(encoding, "surrogatepass" if encoding[0] == "u" else "replace"),
    )
    for said in ({}, {"kind": "posts", "account": "x"}, {"kind": "edges"}, {"kind": "snapshots", "account": "@x"}):
        reading = read(path, **said)
        assert safe(reading)
        assert all(rejected.line >= 1 and len(rejected.value) <= 80 for rejected in reading.rejected)


def test_a_workbook_of_odd_cells_is_read(tmp_path: Path) -> None:
    rows = [
        ["handle", "followers", "date"],
        ["ann", 1e300, 1e300],
        ["bob", -1, -1],
        ["cat", 5, 46146],
        ["dan", "=1/0", 0.5],
    ]
    reading = read(workbook(tmp_path / "a.xlsx", {"S": rows}), map="date=")
    assert reading.column("handle") == ["ann", "bob", "cat", "dan"]
    assert reading.metric("followers")[2] == 5
