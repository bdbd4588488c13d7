"""Publishing leaderboards: into a folder that a web server shows, each file whole or not at all, after each sync."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.analysis.campaigns import standings
from kolbench.domain.clock import iso
from kolbench.domain.errors import KolbenchError, UsageError
from kolbench.domain.lang import _
from kolbench.programme.campaigns import board as boards
from kolbench.programme.campaigns import document, page
from kolbench.programme.campaigns import markdown as marks
from kolbench.programme.campaigns.wording import WORDS
from kolbench.store import export, publications

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.programme.campaigns.board import Board
    from kolbench.programme.campaigns.wording import Words
    from kolbench.store.connect import Store
    from kolbench.store.publications import Format

NAME = "leaderboard"
"""What the files for programs are called; the pages are ``index.html``, and one for each other language."""


class Problem(NamedTuple):
    """A campaign that could not be published, and why."""

    campaign: str
    reason: str


def publish(store: Store, campaign_id: int, folder: Path, formats: Sequence[Format], author: str) -> list[Path]:
    """Write a campaign's leaderboard into a folder, and keep it fresh there from now on; returns the files.

    Raises UsageError where the folder can't be written to, or holds a file in the place of one that isn't ours.
    """
    folder = folder.expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(_("{path} can't be written: {reason}.").format(path=folder, reason=error.strerror)) from error
    if not any(one.folder == str(folder) for one in publications.listed(store)):
        for kind in formats:
            if kind != "html" and (path := folder / f"{NAME}.{kind}").exists():
                text = _("{path} is there already, and KOLbench has not written it: choose another folder.")
                raise UsageError(text.format(path=path))
    standings.refresh(store)
    written = write(boards.of(store, campaign_id), folder, formats)
    publications.keep(store, campaign_id, str(folder), formats, author)
    return written


def left_behind(store: Store, campaign_id: int, folder: Path | None, formats: Sequence[Format]) -> list[Path]:
    """The files of a campaign that are kept fresh now, and wouldn't be with these formats in a folder, or in none: who
    withdraws their consent stays named in them.
    """
    kept = None if folder is None else folder.expanduser().resolve()
    return [
        path
        for one in publications.listed(store)
        if one.campaign_id == campaign_id
        for kind in one.formats
        if Path(one.folder) != kept or kind not in formats
        for path in (Path(one.folder) / name for name in _names(kind))
        if path.exists()
    ]


def _names(kind: Format) -> list[str]:
    return ["index.html", *(f"{name}.html" for name in WORDS)] if kind == "html" else [f"{NAME}.{kind}"]


def refresh(store: Store) -> list[Problem]:
    """Write again what is published, after something has changed; what can't be written is told and hurts nothing."""
    problems = []
    for one in publications.listed(store):
        try:
            write(boards.of(store, one.campaign_id), Path(one.folder), one.formats)
        except KolbenchError as error:
            problems.append(Problem(one.campaign, str(error)))
    return problems


def write(board: Board, folder: Path, formats: Sequence[Format]) -> list[Path]:
    """Write a leaderboard's files, each in the place of the older one when it is complete.

    A folder that is not there is not made: it may be a disk that is not there.
    """
    texts: dict[str, str] = {}
    if "html" in formats:
        texts |= _pages(board)
        for name in texts:
            _require_ours(folder / name)
    if "json" in formats:
        texts[f"{NAME}.json"] = json.dumps(plain(board), ensure_ascii=False, indent=1) + "\n"
    if "md" in formats:
        texts[f"{NAME}.md"] = markdown(board)
    for name, text in texts.items():
        export.write_text(folder / name, text, public=True)
    if "csv" in formats:
        names = ("rank", "moved", "name", boards.BY[board.figure])
        rows = ((row.rank, row.moved, row.name, boards.cell(row, board, grouped=False)) for row in board.rows)
        export.write(folder / f"{NAME}.csv", "csv", names, rows, public=True)
        texts[f"{NAME}.csv"] = ""
    return [folder / name for name in texts]


def plain(board: Board) -> dict[str, Any]:
    """A leaderboard for programs: what the page shows and nothing else; moments are ISO 8601."""
    return {
        "campaign": board.campaign,
        "updated_at": iso(board.updated_at),
        "starts_at": None if board.starts_at is None else iso(board.starts_at),
        "ends_at": None if board.ends_at is None else iso(board.ends_at),
        "time_zone": board.time_zone,
        "ranked_by": boards.BY[board.figure],
        "currency": board.currency,
        "target": {"figure": board.aim, "target": board.target, "actual": board.actual} if board.aim else None,
        "movement_since": board.since,
        "people": board.people,
        "entries": [
            {"rank": row.rank, "moved": row.moved, "name": row.name or None, "value": row.value} for row in board.rows
        ],
    }


def markdown(board: Board) -> str:
    """A leaderboard for chats and wikis, in the campaign's language; nothing of a name is read as markup."""
    words = WORDS[board.language]
    lines = [f"# {marks.plain(board.campaign)}", ""]
    lines.append(words.updated.format(time=f"{page.local(board.updated_at, board.time_zone)} ({board.time_zone})"))
    if told := boards.progress(board, words):
        lines += ["", marks.plain(told)]
    lines += ["", *(_ranks(board, words) if board.rows else [words.nobody])]
    lines += ["", f"## {words.rules}", ""]
    benefit = [words.benefit.format(text=board.benefit)] if board.benefit else []
    lines += [f"- {marks.plain(line)}" for line in [*benefit, *board.rules.get(board.language, ())]]
    return "\n".join([*lines, "", words.names_shown, ""])


def _ranks(board: Board, words: Words) -> list[str]:
    since = boards.compared(board, words, page.today(board))
    columns = {words.rank: "--:", words.name: ":--", since: "--:", boards.heading(board, words): "--:"}
    columns.pop("", None)
    lines = [f"| {' | '.join(columns)} |", f"|{'|'.join(columns.values())}|"]
    for row in board.rows:
        sign, _told, n = boards.movement(row, words)
        moved = [f"{sign}{n}"] if since else []
        cells = [f"{row.rank:,}", marks.inside(row.name) or words.hidden, *moved, boards.cell(row, board)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _pages(board: Board) -> dict[str, str]:
    """The page in the campaign's language as the folder's own, and in the others beside it."""
    names = {board.language: "index.html", **{name: f"{name}.html" for name in WORDS if name != board.language}}
    return {
        address: page.html(board, name, {other: names[other] for other in names if other != name})
        for name, address in names.items()
    }


def _require_ours(path: Path) -> None:
    """Raise UsageError where a page is in the place of ours that KOLbench hasn't written."""
    try:
        with path.open("rb") as file:
            ours = document.MARK.encode() in file.read(2_000)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(_("{path} can't be written: {reason}.").format(path=path, reason=error.strerror)) from error
    if not ours:
        raise UsageError(_("{path} is a page that KOLbench has not written: choose another folder.").format(path=path))
