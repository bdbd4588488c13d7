"""Column names to roles: which column says what, and which of two wins."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kolbench.adapters.tables.vocabulary import METRIC_ROLES, ROLES, TRADITIONAL
from kolbench.domain.numbers import parse_count

KINDS = ("accounts", "posts", "snapshots", "edges")
"""Kinds of tables about people."""

CAMPAIGN_KINDS = ("participants", "referrals", "clicks", "conversions", "refunds")
"""Kinds of tables about a campaign, which has to be named."""

CONTACTS = ("email", "phone", "wechat", "qq", "contact")
"""The roles whose cells become ways to reach the account."""

IDENTITIES = ("uid", "handle", "url", "name")
"""The roles that can say which account a row is about, the surest first."""

WEAK = frozenset(("id", "编号"))
"""Names of a uid column that could as well number the rows."""

_UNIT = re.compile(r"[(\[/（]\s*(?:单位)?[:：]?\s*(万|萬|w|k|千|亿|億|m|%)\s*[)\]）]?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column: its position from 0, its name as written, its role (empty: ignored) and its cells' unit."""

    index: int
    name: str
    role: str = ""
    unit: str = ""


def normal(name: str) -> str:
    """The form in which two spellings of a column's name compare equal: letters and digits, lower case, simplified."""
    folded = unicodedata.normalize("NFKC", _UNIT.sub("", name)).casefold()
    return "".join(char for char in folded if char.isalnum()).translate(TRADITIONAL)


def unit(name: str) -> str:
    """The unit a column's name puts on its cells: ``万`` of ``粉丝数(万)``."""
    found = _UNIT.search(unicodedata.normalize("NFKC", name))
    return found[1].lower() if found else ""


def role_of(name: str, kind: str) -> tuple[str, int]:
    """The role a column of this name plays in a table of this kind, and how good the name is (0 is best).

    A dotted name (``user.id``) counts as a whole, then by its last part. An unknown name has the role "".
    """
    known = _known(kind)
    for spelling in (name, name.rpartition(".")[2]):
        if found := known.get(normal(spelling)):
            return found
    return "", 0


def known(name: str) -> bool:
    """Whether any kind of table has a role for a column of this name."""
    return any(role_of(name, kind)[0] for kind in (*KINDS, *CAMPAIGN_KINDS))


def assign(names: Sequence[str], kind: str, fixed: Mapping[int, str]) -> tuple[list[Column], dict[int, str]]:
    """Each column with its role in a table of this kind, and the roles that others lost to a better column.

    ``fixed`` roles (by position) are the operator's and beat any guess; "" ignores the column.
    """
    taken = {role for role in fixed.values() if role}
    best: dict[str, tuple[int, int]] = {}
    wanted: dict[int, str] = {}
    for index, name in enumerate(names):
        role, rank = role_of(name, kind)
        if index in fixed or not role:
            continue
        wanted[index] = role
        if role not in taken:
            best[role] = min(best.get(role, (rank, index)), (rank, index))
    winners = {index: role for role, (_rank, index) in best.items()}
    roles = {**winners, **fixed}
    columns = [Column(index, name, roles.get(index, ""), unit(name)) for index, name in enumerate(names)]
    return columns, {index: role for index, role in wanted.items() if index not in winners}


def find_header(rows: Sequence[Sequence[str]], headed: bool | None) -> int | None:
    """The position of the row that names the columns, or None when the data begin at once.

    A title or two may come before it. ``headed`` settles whether there is one, when the operator knows.
    """
    if headed is False or not rows:
        return None
    for index, row in enumerate(rows[:10]):
        if sum(known(cell) for cell in row) >= 2:
            return index
    first = [cell for cell in rows[0] if cell.strip()]
    if headed or any(known(cell) for cell in first):
        return 0
    if len(set(first)) < len(rows[0]) or any(_is_value(cell) for cell in first):
        return None
    return 0 if len(rows) > 1 else None


def _is_value(cell: str) -> bool:
    """Whether a cell is plainly data: anything with a number's or a date's beginning."""
    try:
        return parse_count(cell) is not None
    except ValueError:
        return cell[:1].isdigit() and not cell.isalnum() and "_" not in cell


@cache
def _known(kind: str) -> dict[str, tuple[str, int]]:
    """Normal name to its role and rank in tables of this kind."""
    found: dict[str, tuple[str, int]] = {}
    for role, names in ROLES[kind].items():
        for rank, name in enumerate(names.split()):
            found.setdefault(name, (role, rank))
    return found


def is_metric(role: str) -> bool:
    """Whether the role is a counter: one KOLbench knows, or ``metric:own_name``."""
    return role in METRIC_ROLES or role.startswith("metric:")
