"""An XLSX sheet is streamed as the texts it shows, and a hostile workbook is refused, not obeyed."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.adapters.tables.xlsx import SheetRows
from kolbench.domain.errors import SourceError, UsageError
from kolbench.domain.records import Count
from tables import proposal, read, workbook, write

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["mid", "up主", "粉丝数", "互动率", "日期"]
PARTS = {
    "[Content_Types].xml": "<Types/>",
    "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": (
        '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def rows_of(path: Path, sheet: str = "") -> list[list[str]]:
    return list(SheetRows(path, sheet, 0, 0, lambda _: None))


def package(path: Path, sheet: str | bytes, compression: int = zipfile.ZIP_DEFLATED, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w", compression) as out:
        for name, content in {**PARTS, "xl/worksheets/sheet1.xml": sheet, **parts}.items():
            out.writestr(name, content)
    return path


def sheet_of(*rows: str) -> str:
    return "<worksheet><sheetData>" + "".join(f"<row>{row}</row>" for row in rows) + "</sheetData></worksheet>"


def inline(text: str, at: str = "") -> str:
    place = f' r="{at}"' if at else ""
    return f'<c{place} t="inlineStr"><is><t>{text}</t></is></c>'


def test_a_sheet_comes_as_it_shows(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        {"榜单": [HEADER, [697166795, "小安", "4.53w", 0.0139, date(2026, 5, 4)], [12.0, "乙", 12345678, 0.5, 46147]]},
        互动率="0.00%",
        日期="yyyy-mm-dd",
    )
    assert rows_of(path)[1:] == [
        ["697166795", "小安", "4.53w", "1.39%", "2026-05-04"],
        ["12", "乙", "12345678", "50%", "2026-05-05"],
    ]
    reading = read(path)
    assert reading.column("uid") == ["697166795", "12"]
    assert reading.metric("followers") == [Count(45_300, 50), 12_345_678]
    assert reading.metric("engagement_bp") == [139, 5_000]
    assert [moment.date() for moment in reading.column("observed_at")] == [date(2026, 5, 4), date(2026, 5, 5)]


def test_a_long_number_is_whole_unless_a_spreadsheet_has_rounded_it(tmp_path: Path) -> None:
    cells = "".join(f"<c><v>{n}</v></c>" for n in (2250000000000000001, 2250000000000000000, 225000000000))
    package(tmp_path / "a.xlsx", f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>")
    assert rows_of(tmp_path / "a.xlsx") == [["2250000000000000001", "2.25000000000000E+18", "225000000000"]]


def test_dates_times_and_truths_are_told_by_their_format(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a", datetime(2026, 5, 4, 10, 30), time(1, 2, 3), True, None, "#NAME?", 1.5, "=1+1"])
    sheet["B1"].number_format = 'yyyy"年"m"月"d"日"\\ hh:mm'
    book.save(tmp_path / "a.xlsx")
    assert rows_of(tmp_path / "a.xlsx") == [["a", "2026-05-04 10:30:00", "1:02:03", "TRUE", "", "#NAME?", "1.5"]]


def test_bare_numbers_in_a_date_column_are_spreadsheet_days(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", {"S": [["handle", "followers", "date"], ["ann", 5, 46146], ["ann", 6, 46147.5]]}
    )
    assert [moment.isoformat() for moment in read(path).column("observed_at")] == [
        "2026-05-04T00:00:00+00:00",
        "2026-05-05T12:00:00+00:00",
    ]


def test_gaps_keep_their_columns_and_rows_their_numbers(tmp_path: Path) -> None:
    sheet = (
        "<worksheet><sheetData>"
        f'<row r="3">{inline("handle", "B3")}{inline("followers", "D3")}</row>'
        f'<row r="9">{inline("ann", "B9")}<c r="D9"><v>7</v></c></row>'
        f'<row r="12">{inline("bob", "B12")}{inline("many", "D12")}</row>'
        "</sheetData></worksheet>"
    )
    reading = read(package(tmp_path / "a.xlsx", sheet))
    assert reading.column("handle") == ["ann", "bob"]
    assert reading.metric("followers") == [7, None]
    assert [(rejected.line, rejected.column) for rejected in reading.rejected] == [(12, "followers")]


def test_rich_text_is_joined_and_phonetic_readings_are_left_out(tmp_path: Path) -> None:
    sheet = sheet_of(
        '<c t="s"><v>0</v></c><c t="inlineStr"><is><r><t>粉</t></r><r><t>丝数</t></r><rPh><t>fen</t></rPh></is></c>',
        '<c t="s"><v>1</v></c><c t="str"><f>1+1</f><v>2</v></c>',
    )
    strings = "<sst><si><t>昵称</t><rPh><t>ni</t></rPh></si><si><r><t>小</t></r><r><t>安</t></r></si></sst>"
    path = package(tmp_path / "b.xlsx", sheet, **{"xl/sharedStrings.xml": strings})
    assert rows_of(path) == [["昵称", "粉丝数"], ["小安", "2"]]


def test_prefixed_tags_and_utf16_are_read_alike(tmp_path: Path) -> None:
    plain = sheet_of(inline("handle") + inline("followers"), inline("ann") + "<c><v>5</v></c>")
    prefixed = (
        plain.replace("</", "\0")
        .replace("<", "<x:")
        .replace("\0", "</x:")
        .replace("<x:worksheet", '<x:worksheet xmlns:x="x"', 1)
    )
    for name, content in (
        ("a", plain),
        ("b", prefixed),
        ("c", ('<?xml version="1.0" encoding="utf-16"?>' + plain).encode("utf-16")),
    ):
        assert read(package(tmp_path / f"{name}.xlsx", content)).metric("followers") == [5], name


def test_the_sheet_is_chosen_by_name_or_number(tmp_path: Path) -> None:
    one, two = [["handle", "followers"], ["ann", 1]], [["handle", "followers"], ["bob", 2]]
    path = workbook(tmp_path / "a.xlsx", {"一月": one, "二月": two})
    assert read(path).column("handle") == ["ann"]
    assert any("二月" in warning for warning in proposal(path).warnings)
    assert read(path, sheet="二月").column("handle") == ["bob"]
    assert read(path, sheet="2").column("handle") == ["bob"]
    failure = read(path, sheet="三月").failure
    assert isinstance(failure, UsageError)
    assert "一月, 二月" in str(failure)


def test_shared_strings_are_found_again_from_disk(tmp_path: Path) -> None:
    names = [f"名字{number}" for number in range(5_000)]
    rows: list[list[Any]] = [
        ["name", "category", "followers"],
        *([name, "美妆", 1] for name in names),
        *([name, "穿搭", 1] for name in reversed(names)),
    ]
    path = workbook(tmp_path / "a.xlsx", {"S": rows})
    assert read(path).column("name") == names + names[::-1]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8) | st.integers(0, 10**12),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_openpyxl_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]) -> None:
    rows = [["x", *(f"'{cell}" if isinstance(cell, str) else cell for cell in row)] for row in rows]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    path = tmp_path_factory.mktemp("written") / "a.xlsx"
    book.save(path)
    assert rows_of(path) == [[str(cell) for cell in row] for row in rows]


def test_two_cells_at_the_ends_of_the_sheet_cost_no_memory(tmp_path: Path) -> None:
    sheet = (
        "<worksheet><sheetData>"
        f'<row r="1">{inline("handle", "A1")}{inline("followers", "B1")}</row>'
        f'<row r="1048576">{inline("ann", "A1048576")}{inline("far", "XFD1048576")}</row>'
        "</sheetData></worksheet>"
    )
    reading = read(package(tmp_path / "a.xlsx", sheet))
    assert reading.failure is None
    assert reading.column("handle") == ["ann"]


def test_a_long_sheet_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    row = f"<row>{inline('ann')}<c><v>5</v></c>{inline('x' * 90)}</row>"
    package(path, "<worksheet><sheetData>" + row * 60_000 + "</sheetData></worksheet>", zipfile.ZIP_STORED)
    tracemalloc.start()
    count = sum(1 for _ in SheetRows(path, "", 3, 0, lambda _: None))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 6 << 20


def test_a_swollen_part_is_refused_before_it_is_read(tmp_path: Path) -> None:
    padding = "<row/>" * 20_000_000
    path = package(tmp_path / "a.xlsx", f"<worksheet><sheetData>{padding}</sheetData></worksheet>")
    failure = read(path).failure
    assert isinstance(failure, SourceError)
    assert "save it as CSV" in str(failure)


def test_a_part_that_lies_about_its_size_ends_where_it_said(tmp_path: Path) -> None:
    path = package(tmp_path / "a.xlsx", sheet_of(*[inline("x" * 100)] * 10_000))
    content = bytearray(path.read_bytes())
    at = content.index(b"xl/worksheets/sheet1.xml", content.index(b"PK\x01\x02")) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, at + 24, 500)
    assert isinstance(read(write(path, bytes(content))).failure, SourceError)


@pytest.mark.parametrize(
    "sheet",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet><row>&b;</row></worksheet>',
        "<worksheet><sheetData><row>",
        "not xml at all",
        "",
        '<worksheet><sheetData><row><c t="s"><v>999</v></c></row></sheetData></worksheet>',
        '<worksheet><sheetData><row><c t="s"><v>many</v></c></row></sheetData></worksheet>',
        '<worksheet><sheetData><row><c r="??"><v>1</v></c></row></sheetData></worksheet>',
        "<worksheet><sheetData><row " + 'a="' + "x" * 12_000_000,
    ],
)
def test_a_damaged_or_hostile_sheet_is_one_clear_failure(tmp_path: Path, sheet: str) -> None:
    failure = read(package(tmp_path / "a.xlsx", sheet, zipfile.ZIP_STORED)).failure
    assert isinstance(failure, SourceError)
    assert "a.xlsx" in str(failure)


def test_a_giant_cell_costs_its_row_only(tmp_path: Path) -> None:
    sheet = sheet_of(
        inline("handle") + inline("followers"),
        inline("x" * 3_000_000) + "<c><v>1</v></c>",
        inline("bob") + "<c><v>2</v></c>",
    )
    reading = read(package(tmp_path / "a.xlsx", sheet, zipfile.ZIP_STORED))
    assert reading.column("handle") == ["bob"]
    assert len(reading.rejected) == 1


def test_a_zip_with_endless_parts_or_odd_packing_is_refused(tmp_path: Path) -> None:
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as out:
        for number in range(20_000):
            out.writestr(f"part{number:020}", "")
    assert isinstance(read(write(tmp_path / "many.xlsx", many.getvalue())).failure, SourceError)
    odd = package(tmp_path / "odd.xlsx", sheet_of(inline("a")), zipfile.ZIP_LZMA)
    assert isinstance(read(odd).failure, SourceError)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as out:
        out.writestr("hello.txt", "hello")
    assert isinstance(read(write(tmp_path / "other.zip", other.getvalue())).failure, UsageError)


@given(st.floats(0, 0.999), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8))
def test_a_workbook_damaged_anywhere_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, cut: float, damage: list[tuple[float, int]]
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    sheet = sheet_of(inline("handle") + inline("followers"), inline("ann") + "<c><v>5</v></c>")
    content = bytearray(package(folder / "good.xlsx", sheet).read_bytes())
    for where, value in damage:
        content[int(where * len(content))] = value
    if not damage:
        del content[int(cut * len(content)) :]
    read(write(folder / "bad.xlsx", bytes(content)))
