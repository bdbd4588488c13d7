"""Exports: every format says the same, no cell computes anything, and a failure leaves the old file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import standing
from kolbench.domain.errors import UsageError
from kolbench.store import export
from kolbench.store.candidates import CandidateWindow

NAMES = ("name", "followers", "score")
ROWS = [("王子轩", 79_000, 0.5), ("=1+1", None, -1.25), ('ann, "the"\nfirst', 10**18, 0.0)]


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv_is_read_back_and_opens_in_excel_as_chinese(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert export.write(path, "csv", NAMES, ROWS) == 3
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_csv(path)[1] == ["王子轩", "79000", "0.5"]
    assert read_csv(path)[3] == ['ann, "the"\nfirst', str(10**18), "0.0"]


def test_json_lines_hold_the_values_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    export.write(path, "jsonl", NAMES, ROWS)
    found = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [tuple(row.values()) for row in found] == ROWS


def test_xlsx_keeps_numbers_as_numbers_and_texts_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    export.write(path, "xlsx", NAMES, ROWS)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    found = list(sheet.iter_rows(values_only=True))
    assert found[1] == ("王子轩", 79_000, 0.5)
    assert sheet["A3"].data_type == "s", "a text, not a formula"
    assert sheet["A3"].value == "=1+1"
    assert found[3][1] == str(10**18), "a spreadsheet would round it"


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_no_text_becomes_a_formula_in_csv(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("csv") / "out.csv"
    export.write(path, "csv", ["text"], [(text,)])
    (cell,) = read_csv(path)[1] or [""]
    assert cell in (text, f"'{text}")
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("form", export.FORMATS)
def test_an_export_that_fails_halfway_leaves_the_older_file(tmp_path: Path, form: export.Format) -> None:
    path = tmp_path / f"out.{form}"
    path.write_text("the older one")

    def failing() -> Iterator[tuple[Any, ...]]:
        yield ROWS[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(UsageError, match="No space left"):
        export.write(path, form, NAMES, failing())
    assert path.read_text() == "the older one"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("form", export.FORMATS)
def test_only_its_owner_can_read_an_export(tmp_path: Path, form: export.Format) -> None:
    path = tmp_path / f"out.{form}"
    export.write(path, form, NAMES, ROWS)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_closed_to_this_user_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    monkeypatch.setattr("os.unlink", refuse)
    with pytest.raises(UsageError, match=r"out\.csv can't be written: Permission denied"):
        export.write(tmp_path / "out.csv", "csv", NAMES, ROWS)


def test_a_workbook_that_finds_no_room_is_told_like_any_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _packed: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(UsageError, match=r"out\.xlsx can't be written: No space left on device"):
        export.write(tmp_path / "out.xlsx", "xlsx", NAMES, ROWS)
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", 2)
    with pytest.raises(UsageError, match="CSV instead"):
        export.write(tmp_path / "out.xlsx", "xlsx", NAMES, ROWS)
    assert list(tmp_path.iterdir()) == []


def test_every_candidate_is_exported_once_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 7)
    store = make.store(tmp_path)
    make.write(store, *(make.person(f"p{n}", metrics={"followers": n * 37 % 101}) for n in range(50)))
    standing.refresh(store)
    names, rows = export.ranking(CandidateWindow(store, "followers"))
    found = [row[names.index("followers")] for row in rows]
    assert found == sorted((n * 37 % 101 for n in range(50)), reverse=True)
