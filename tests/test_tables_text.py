"""Delimited text and JSON Lines become rows, whatever their delimiter, line ends, quotes and accidents."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.adapters.tables.delimited import LONGEST_CELL, sniff
from kolbench.adapters.tables.options import Options
from kolbench.adapters.tables.readers import look, open_rows
from kolbench.domain.errors import UsageError
from tables import proposal, read, write

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = [["handle", "followers", "bio"], ["ann", "1", "tea"], ["bob", "2", "chess"], ["cat", "3", "yarn"]]


def rows_of(path: Path) -> list[list[str]]:
    return list(open_rows(look(Options(str(path))), lambda _: None, lambda _: None))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", " "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_gives_the_same_rows(tmp_path: Path, delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(row) for row in PEOPLE)
    for name, content in (("with.csv", text + end), ("without.csv", text)):
        path = write(tmp_path / name, content)
        assert rows_of(path) == PEOPLE[1:]
        assert read(path).metric("followers") == [1, 2, 3]


def test_the_delimiter_that_gives_even_rows_wins() -> None:
    assert sniff("a;b;c\n1,5;2;3\n2,5;3;4\n") == ";"
    assert sniff("a,b\n1,x; y; z\n2,p; q\n") == ","
    assert sniff("one two three\nfour five six\n") == " "
    assert sniff("one two three\nfour five\n") == ","
    assert sniff("name\nann\n") == ","
    assert sniff('a\tb\n"x, y"\t1\n"p, q"\t2\n') == "\t"


def test_the_operator_or_the_file_may_say_the_delimiter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle^followers\nann^7\n")
    assert read(path, delimiter="^").metric("followers") == [7]
    excel = write(tmp_path / "b.csv", "sep=;\nhandle;followers\nann;7\n")
    assert read(excel).metric("followers") == [7]
    tab = write(tmp_path / "c.csv", "handle\tfollowers\nann\t7\n")
    assert read(tab, delimiter="tab").metric("followers") == [7]
    assert isinstance(read(path, delimiter="ab").failure, UsageError)


def test_a_header_is_told_from_data(tmp_path: Path) -> None:
    titled = write(tmp_path / "titled.csv", "达人数据导出 2026-05-04,,\n,,\n昵称,粉丝数,简介\n小安,1万,茶\n")
    assert proposal(titled).look.names == ("昵称", "粉丝数", "简介")
    assert read(titled).column("name") == ["小安"]
    bare = write(tmp_path / "bare.csv", "ann,1,tea\nbob,2,chess\n")
    assert not proposal(bare).look.headed
    assert read(bare, map="1=handle,2=followers").metric("followers") == [1, 2]
    assert read(bare, map="ann=handle,1=followers", header="yes").metric("followers") == [2]
    unknown = write(tmp_path / "unknown.csv", "alpha,beta\nann,1\n")
    assert proposal(unknown).look.names == ("alpha", "beta")
    assert len(read(unknown, header="no", map="1=handle,2=followers").rejected) == 1


def test_an_odd_header_does_not_swallow_the_first_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", '  \n\n"handle" x,followers,"bio"\nann,5,x\nbob,6,y\n')
    assert read(path, map="1=handle").metric("followers") == [5, 6]
    reading = read(write(tmp_path / "b.csv", 'handle,followers,"the\nbio"\nann,5,x\nbob,y,z\n'))
    assert [rejected.line for rejected in reading.rejected] == [4]


def test_comments_before_the_data_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "graph.txt", "# Directed graph\n# Nodes: 3, Edges: 2\n1\t2\n2\t3\n")
    assert [(edge.follower_uid, edge.account_uid) for edge in read(path).records] == [("1", "2"), ("2", "3")]  # type: ignore[union-attr]


def test_a_quoted_cell_may_span_lines_and_the_line_told_is_where_its_row_begins(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'handle,followers,bio\nann,1,"one\r\ntwo\n""three"""\nbob,x,\ncat,3,\n')
    reading = read(path)
    assert reading.column("bio") == ['one\r\ntwo\n"three"', None, None]
    assert reading.metric("followers") == [1, None, 3]
    assert [(rejected.line, rejected.column, rejected.value) for rejected in reading.rejected] == [
        (5, "followers", "x")
    ]


def test_rows_that_are_too_short_are_filled_and_said(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.csv", "handle,followers,bio\nann,1\n\n\nbob,2,x\n,,\ncat,3,y,,\n"))
    assert reading.column("handle") == ["ann", "bob", "cat"]
    assert not reading.rejected
    assert any("1 rows had too few cells" in warning for warning in reading.warnings)


def test_rows_that_are_too_long_would_shift_and_are_rejected(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.csv", "handle,bio,followers\nann,tea, biscuits,1\nbob,chess,2\n"))
    assert reading.column("handle") == ["bob"]
    assert [(rejected.line, rejected.reason) for rejected in reading.rejected] == [(2, "4 cells where 3 belong")]


def test_a_file_cut_in_the_middle_of_its_last_row_says_so(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.csv", "handle,bio,followers\nann,tea,1\nbob,che"))
    assert reading.column("handle") == ["ann"]
    assert [(rejected.line, rejected.value) for rejected in reading.rejected] == [(3, "bob,che")]


def test_a_quote_that_never_closes_costs_its_own_row_only(tmp_path: Path) -> None:
    rows = [f"user{number},{number},bio {number}" for number in range(20_000)]
    rows[5_000] = 'user5000,5000,"never closed'
    rows[9_000] = '"never closed,9000,x'
    rows[12_000] = 'user12000,12000,"Weird" Al'
    reading = read(write(tmp_path / "a.csv", "handle,followers,bio\n" + "\n".join(rows) + "\n"))
    found = {record.handle: record for record in reading.records}  # type: ignore[union-attr]
    assert len(found) == 19_999
    assert found["user5000"].bio == "never closed"  # type: ignore[union-attr]
    assert found["user12000"].bio == "Weird Al"  # type: ignore[union-attr]
    assert [(rejected.line, rejected.reason) for rejected in reading.rejected] == [(9_002, "a quote that never closes")]


def test_an_unclosed_quote_before_a_quoted_row_swallows_nothing(tmp_path: Path) -> None:
    text = 'handle,followers,bio\nann,1,"tea\nbob,2,"chess"\ncat,3,"yarn"\n'
    assert read(write(tmp_path / "a.csv", text)).column("handle") == ["ann", "bob", "cat"]


def test_many_stray_quotes_are_read_one_by_one(tmp_path: Path) -> None:
    text = "handle,followers,bio\n" + "".join(f'user{number},{number},"a" b\n' for number in range(5_000))
    assert len(read(write(tmp_path / "a.csv", text)).records) == 5_000


def test_a_giant_cell_is_rejected_with_its_row_and_the_rest_is_read(tmp_path: Path) -> None:
    for giant in ("x" * 10_000_000, '"' + "x" * 10_000_000 + '"'):
        reading = read(write(tmp_path / "a.csv", f"handle,followers,bio\nann,1,{giant}\nbob,2,y\n"))
        assert reading.column("handle") == ["bob"]
        assert [rejected.line for rejected in reading.rejected] == [2]
        assert str(LONGEST_CELL) in reading.rejected[0].reason
        assert len(reading.rejected[0].value) == 80


def test_a_cell_of_endless_lines_makes_no_accounts_of_them(tmp_path: Path) -> None:
    endless = '"' + "x\n" * 200_000 + '"'
    reading = read(write(tmp_path / "a.csv", f"handle,followers,bio\nann,1,{endless}\nbob,2,y\n"))
    assert reading.column("handle") == ["ann", "bob"]
    assert len(reading.rejected) == 200_000


def test_nul_bytes_are_left_to_the_gate(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.csv", b"handle,followers,bio\nann,1,a\x00b\nbob,2,c\n"))
    assert reading.column("bio") == ["a\x00b", "c"]


texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=12)
cells = texts | st.sampled_from(["a\nb", "x,y", 'q"q', "", "tab\there", "\r\n", "  spaced  "])


@given(
    st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=30), st.sampled_from([",", ";", "\t", "|"])
)
def test_whatever_was_written_with_quotes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    rows = [["x" + row[0], *row[1:]] for row in rows]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["handle", "name", "bio"], *rows])
    path = write(tmp_path_factory.mktemp("written") / "a.csv", out.getvalue())
    seen = look(Options(str(path), delimiter=delimiter, encoding="utf-8"))
    assert list(open_rows(seen, lambda _: None, lambda _: None)) == rows


def test_json_lines_are_flattened_to_dotted_names(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {
            "user": {"id": 7, "nickname": "小安"},
            "stats": {"followers": 12_000, "verified": True},
            "tags": ["tea", "art"],
        },
        {"user": {"id": "8", "nickname": None}, "stats": {"followers": "3.4w"}},
    ]
    path = write(tmp_path / "a.jsonl", "\n".join(json.dumps(line) for line in lines) + "\n\nnot json\n[1]\n")
    assert proposal(path).look.names == ("user.id", "user.nickname", "stats.followers", "stats.verified", "tags")
    reading = read(path)
    assert reading.column("uid") == ["7", "8"]
    assert reading.column("name") == ["小安", None]
    assert reading.column("verified") == ["yes", None]
    assert [rejected.line for rejected in reading.rejected] == [4, 5]


def test_hostile_json_lines_lose_only_themselves(tmp_path: Path) -> None:
    good = '{"id": "user1", "name": "ann", "followers": 1}'
    bad = ["[" * 100_000, '{"a":' * 100_000, '{"id": ' + "9" * 5_000 + "}", "{" + '"x"' * 999, '{"id": "x', "\\ud800"]
    reading = read(write(tmp_path / "a.jsonl", "\n".join([good, *bad, good.replace("user1", "user2")]) + "\n"))
    assert reading.column("uid") == ["user1", "user2"]
    assert len(reading.rejected) == len(bad)


def test_a_json_array_is_sent_back_with_advice(tmp_path: Path) -> None:
    failure = read(write(tmp_path / "a.json", '[\n{"id": 1}\n]\n')).failure
    assert isinstance(failure, UsageError)
    assert "JSON Lines" in str(failure)
