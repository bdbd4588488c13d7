"""The public page of a leaderboard: one file of HTML that asks for nothing, in light and dark, for any screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.campaigns import zone
from kolbench.domain.clock import from_ms, iso
from kolbench.programme.campaigns import board as boards
from kolbench.programme.campaigns import document
from kolbench.programme.campaigns.document import text
from kolbench.programme.campaigns.wording import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from kolbench.programme.campaigns.board import Board, Row
    from kolbench.programme.campaigns.wording import Words

_SEARCHED = 20
"""From so many rows on the page has a field to search in."""

_PART = 500
"""Rows of a table: longer lists are in several, of which a browser lays out those that are seen."""


def html(board: Board, language: str, others: dict[str, str]) -> str:
    """The page in a language; ``others`` are the addresses, beside it, of the page in others, by language.

    All texts are put in as text; nothing of them is read as markup.
    """
    words = WORDS[language]
    body = [
        f'<a class="skip" href="#board">{words.skip}</a>',
        *_header(board, words, others),
        "<main>",
        *_target(board, words),
        *_board(board, words),
        *_rules(board, words, language),
        "</main>",
        f"<footer><p>{words.names_shown}</p></footer>",
    ]
    style = document.style(("page.css", "board.css"), board.colour)
    script = document.file("board.js") if len(board.rows) >= _SEARCHED else ""
    title = f"{board.campaign} · {words.leaderboard}"
    return document.document(words.tag, title, style, "\n".join(body), script)


def local(at: int, time_zone: str) -> str:
    """A moment where the campaign is, to the minute."""
    return f"{from_ms(at).astimezone(zone(time_zone)):%Y-%m-%d %H:%M}"


def today(board: Board) -> date:
    """The day of the board where the campaign is."""
    return from_ms(board.updated_at).astimezone(zone(board.time_zone)).date()


def period(board: Board, words: Words) -> str:
    """From when to when the campaign runs, as days where it is; empty where it is open at an end."""
    if board.starts_at is None or board.ends_at is None:
        return ""
    start, stop = (local(at, board.time_zone)[:10] for at in (board.starts_at, board.ends_at - 1))
    return words.period.format(start=start, stop=stop)


def _header(board: Board, words: Words, others: dict[str, str]) -> Iterator[str]:
    yield f'<header>\n<p class="eyebrow">{words.leaderboard}</p>\n<h1 dir="auto">{text(board.campaign)}</h1>'
    if board.positioning:
        yield f'<p dir="auto">{text(board.positioning)}</p>'
    when = f'<time datetime="{iso(board.updated_at)}">{local(board.updated_at, board.time_zone)}</time>'
    yield f'<p class="soft">{words.updated.format(time=f"{when} ({text(board.time_zone)})")}</p>'
    if told := period(board, words):
        yield f'<p class="soft">{text(told)}</p>'
    if others:
        links = " ".join(
            f'<a href="{text(address)}" hreflang="{WORDS[name].tag}" lang="{WORDS[name].tag}">'
            f"{WORDS[name].own_name}</a>"
            for name, address in others.items()
        )
        yield f'<nav aria-label="{words.language}">{links}</nav>'
    yield "</header>"


def _target(board: Board, words: Words) -> Iterator[str]:
    told = boards.progress(board, words)
    if board.aim is None or not told:
        return
    heading = f"{words.target}: {words.figures[board.aim]}"
    yield f'<section aria-labelledby="target">\n<h2 id="target">{text(heading)}</h2>'
    value = max(0, min(board.actual, board.target))
    yield f'<progress aria-labelledby="target" max="{board.target}" value="{value}"></progress>'
    yield f'<p class="told">{text(told)}</p>\n</section>'


def _board(board: Board, words: Words) -> Iterator[str]:
    yield f'<section id="board" tabindex="-1" aria-labelledby="ranks">\n<h2 id="ranks">{words.leaderboard}</h2>'
    if not board.rows:
        yield f"<p>{words.nobody}</p>\n</section>"
        return
    if len(board.rows) >= _SEARCHED:
        yield f'<p class="find" hidden><label for="find">{words.find}</label>'
        yield '<input id="find" type="search" autocomplete="off" spellcheck="false">'
        yield f'<span id="found" role="status" data-text="{words.found}"></span></p>'
    parts = range(0, len(board.rows), _PART)
    if len(parts) > 1:
        yield f'<nav aria-label="{words.jump}"><ul class="jump"><li aria-hidden="true">{words.jump}</li>'
        for place in parts:
            yield f'<li><a href="#n{place}">{board.rows[place].rank:,}</a></li>'
        yield "</ul></nav>"
    for place in parts:
        yield f'<div class="part" id="n{place}">'
        yield from _table(board, words, board.rows[place : place + _PART], named=len(parts) > 1)
        yield "</div>"
    if board.people > len(board.rows):
        yield f"<p>{words.first_only.format(n=f'{len(board.rows):,}', people=f'{board.people:,}')}</p>"
    yield "</section>"


def _table(board: Board, words: Words, rows: Sequence[Row], *, named: bool) -> Iterator[str]:
    kind = ' class="money"' if board.figure == "revenue" else ""
    yield f"<table{kind}>" if named else f'<table{kind} aria-labelledby="ranks">'
    if named:
        yield f"<caption>{words.rank} {rows[0].rank:,}–{rows[-1].rank:,}</caption>"
    since = boards.compared(board, words, today(board))
    headings = (words.rank, words.name, *([since] if since else []), boards.heading(board, words))
    yield "<thead><tr>" + "".join(f'<th scope="col">{text(heading)}</th>' for heading in headings) + "</tr></thead>"
    yield "<tbody>"
    for row in rows:
        yield _row(row, board, words)
    yield "</tbody>\n</table>"


def _row(row: Row, board: Board, words: Words) -> str:
    if row.name:
        name = f'<th scope="row"><bdi>{text(row.name)}</bdi></th>'
    else:
        name = f'<th scope="row" class="none">{words.hidden}</th>'
    moved = ""
    if board.since:
        sign, told, n = boards.movement(row, words)
        seen = f'<span aria-hidden="true">{sign}</span><span class="unseen">{told} </span>{n}'
        moved = f'<td class="up">{seen}</td>' if (row.moved or 0) > 0 else f"<td>{seen}</td>"
    return f"<tr><td>{row.rank:,}</td>{name}{moved}<td>{boards.cell(row, board)}</td></tr>"


def _rules(board: Board, words: Words, language: str) -> Iterator[str]:
    yield f'<section aria-labelledby="rules">\n<h2 id="rules">{words.rules}</h2>\n<ul>'
    if board.benefit:
        yield f'<li dir="auto">{text(words.benefit.format(text=board.benefit))}</li>'
    for line in board.rules.get(language, ()):
        yield f'<li dir="auto">{text(line)}</li>'
    yield "</ul>\n</section>"
