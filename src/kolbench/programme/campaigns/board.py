"""A leaderboard as the public may see it: ranks, movement, progress, and names as each person agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import money
from kolbench.domain.campaigns import rules as settled
from kolbench.domain.text import clean_line
from kolbench.programme.campaigns import typesetting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kolbench.domain.campaigns import Figure, Shown, Terms
    from kolbench.programme.campaigns.wording import Words

STARS = "**"
"""Stands for the rest of a masked name, however long that is."""


class Row(NamedTuple):
    """One participant: ``moved`` is how many ranks they rose since yesterday, None where they weren't ranked.

    ``name`` is empty where it is hidden. ``value`` is of the board's figure, money in the smallest unit.
    """

    rank: int
    moved: int | None
    name: str
    value: int


class Board(NamedTuple):
    """What is published of a campaign at ``updated_at``; moments are ms.

    ``actual`` is of ``target``'s figure ``aim`` (None: there is no target). ``compared`` says whether there was a
    leaderboard yesterday. ``rules`` and ``shared``, how ties are ranked, are in words by language.
    """

    campaign: str
    positioning: str
    benefit: str
    language: str
    colour: str
    figure: Figure
    currency: str
    aim: Figure | None
    target: int
    actual: int
    starts_at: int | None
    ends_at: int | None
    time_zone: str
    compared: bool
    rows: Sequence[Row]
    rules: Mapping[str, Sequence[str]]
    updated_at: int


def public_name(name: str | None, shown: Shown) -> str:
    """A name as somebody agreed: whole, ``王**``, or empty. A name that is not known can't be shown."""
    name = clean_line(name or "", 80)
    if shown == "hidden" or not name:
        return ""
    if shown == "full":
        return name
    first, *rest = typesetting.clusters(name)
    return first + STARS if rest else STARS


def told(value: int, figure: Figure, currency: str) -> str:
    """A value in words: ``1,234``, or ``1,234.50 CNY``."""
    return str(money.Money(value, currency)) if figure == "revenue" else f"{value:,}"


def cell(row: Row, board: Board) -> str:
    """Somebody's value below its heading, which names the currency."""
    if board.figure == "revenue":
        return money.decimal(money.Money(row.value, board.currency), grouped=True)
    return f"{row.value:,}"


def heading(board: Board, words: Words) -> str:
    """What the values are."""
    told = words.figures[board.figure]
    return f"{told} ({board.currency})" if board.figure == "revenue" else told


def rules(terms: Terms, words: Words) -> list[str]:
    """What takes part in a campaign has to know of its terms, a sentence each."""
    money_terms = settled(terms)
    said = [words.anybody] if not terms.entry_fee else []
    for level, rate in enumerate(terms.levels, 1):
        said.append(words.levels[min(level, 3) - 1].format(rate=rate, level=level))
    for amount, text in (
        (money_terms.cap_per_order, words.capped_order),
        (money_terms.cap_per_person, words.capped),
    ):
        if amount is not None:
            said.append(text.format(amount=money.Money(amount, terms.currency)))
    if terms.referee.reward:
        said.append(words.referee.format(amount=terms.referee.reward))
    for days, text in ((terms.hold_days, words.held), (terms.refund_days, words.refunds)):
        if days:
            said.append(text.format(n=days))
    if terms.attribution != "code":
        said.append(words.window.format(n=terms.window_days))
    return [*said, words.shared if terms.tie_rule == "shared" else words.earlier]


def share(board: Board) -> float | None:
    """How much of the target is reached, 1 for all of it; None where there is none."""
    return board.actual / board.target if board.aim and board.target > 0 else None


def movement(row: Row, words: Words) -> tuple[str, str, str]:
    """How somebody moved: a sign, the words for it, and by how many ranks."""
    if row.moved is None:
        return "✦", words.new, ""
    if row.moved == 0:
        return "–", words.same, ""
    return ("▲", words.up, str(row.moved)) if row.moved > 0 else ("▼", words.down, str(-row.moved))
