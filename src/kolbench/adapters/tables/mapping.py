"""A mapping of columns to roles: as a value, as the operator writes it, and the shape of file it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kolbench.adapters.tables.columns import CAMPAIGN_KINDS, KINDS, Column, is_metric, normal, unit
from kolbench.adapters.tables.vocabulary import ROLES
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.numbers import parse_count

EVERY_ROLE = frozenset(role for roles in ROLES.values() for role in roles)


@dataclass(frozen=True)
class Mapping:
    """The kind of a table (of ``KINDS`` or ``CAMPAIGN_KINDS``; "" if unclear), its columns' roles."""

    kind: str
    columns: tuple[Column, ...]

    def at(self, role: str) -> Column | None:
        """The column that plays the role."""
        return next((column for column in self.columns if column.role == role), None)

    @property
    def used(self) -> tuple[Column, ...]:
        """The columns that play a role."""
        return tuple(column for column in self.columns if column.role)

    @property
    def ignored(self) -> tuple[Column, ...]:
        """The columns that play none."""
        return tuple(column for column in self.columns if not column.role)

    def to_dict(self) -> dict[str, Any]:
        """The mapping as plain values, to be kept beside the shape of the file."""
        return {"kind": self.kind, "roles": [column.role for column in self.columns]}


def remembered(text: str, names: Sequence[str]) -> tuple[str, dict[int, str]] | None:
    """Kind and roles by position from ``Mapping.to_dict()`` as JSON; None when ``text`` is not of that form.

    Raises UsageError when it belongs to a table of other columns.
    """
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
        kind, roles = found["kind"], list(found["roles"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(_("the remembered mapping can't be read; say again what the columns mean")) from None
    known = all(isinstance(role, str) and (not role or role in EVERY_ROLE or own_metric(role)) for role in roles)
    if kind not in (*KINDS, *CAMPAIGN_KINDS) or len(roles) != len(names) or not known:
        raise UsageError(_("the remembered mapping is of another table; say again what the columns mean"))
    return kind, dict(enumerate(roles))


def parse_map(text: str, names: Sequence[str]) -> dict[int, str]:
    """``粉丝数=followers,mid=uid,备注=`` as position to role; ``3=followers`` names a column by its number, from 1.

    A name that holds a comma is put in double quotes. Raises UsageError naming the column, or the roles there are.
    """
    fixed: dict[int, str] = {}
    for part in _parts(text):
        name, equals, role = (piece.strip() for piece in part.rpartition("="))
        if not equals:
            raise UsageError(_("{part}: say column=role, or column= to ignore it").format(part=part))
        if role and role not in EVERY_ROLE and not own_metric(role):
            raise UsageError(
                _("{column}: there is no role {role}; there are {roles}, and metric:NAME").format(
                    column=name, role=role, roles=", ".join(sorted(EVERY_ROLE))
                )
            )
        fixed[_position(name.strip('"'), names)] = role
    roles = [role for role in fixed.values() if role]
    if doubled := next((role for role in roles if roles.count(role) > 1), ""):
        raise UsageError(_("two columns are mapped to {role}; choose one").format(role=doubled))
    return fixed


def parse_only(text: str, names: Sequence[str]) -> tuple[int, str]:
    """``status=PAID`` as the position of a column and the value of the rows to read.

    Raises UsageError naming the columns there are.
    """
    name, equals, value = (piece.strip() for piece in text.partition("="))
    if not equals:
        raise UsageError(_("only is {value}; it is column=value").format(value=text))
    return _position(name, names), value


def shape(names: Sequence[str], headed: bool, sample: Sequence[Sequence[str]]) -> str:
    """A short key that files of the same columns share: of their names or, without a header, of their contents."""
    if headed:
        told = ["names", *(normal(name) + unit(name) for name in names)]
    else:
        told = ["contents", *(content([row[index] for row in sample]) for index in range(len(names)))]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def content(cells: Sequence[str]) -> str:
    """What most of a column's cells are: ``moment``, ``count``, ``text`` or ``blank``."""
    said = [cell for cell in cells if cell.strip()]
    if not said:
        return "blank"
    for word, parse in (("moment", parse_moment), ("count", parse_count)):
        if sum(_parses(parse, cell) for cell in said) > 0.9 * len(said):
            return word
    return "text"


def _parses(parse: Any, cell: str) -> bool:
    try:
        return parse(cell) is not None
    except ValueError:
        return False


def _parts(text: str) -> list[str]:
    """The comma-separated parts, with double quotes around what holds commas."""
    parts: list[str] = []
    quoted = False
    for piece in text.replace("\n", ",").split(","):
        if quoted:
            parts[-1] += "," + piece
        elif piece.strip():
            parts.append(piece.strip())
        quoted ^= piece.count('"') % 2 == 1
    return parts


def own_metric(role: str) -> bool:
    """Whether the role is a metric of the operator's own: ``metric:shop_sales``."""
    name = role.removeprefix("metric:")
    return is_metric(role) and name.isascii() and name.isidentifier() and name.islower() and len(name) <= 40


def _position(name: str, names: Sequence[str]) -> int:
    """Where the column of that name, or number, is. Raises UsageError naming those there are."""
    for spell in (str, str.casefold, normal):
        spelt = [spell(known) for known in names]
        if name and spell(name) in spelt:
            return spelt.index(spell(name))
    if name.isascii() and name.isdecimal() and 1 <= int(name) <= len(names):
        return int(name) - 1
    raise UsageError(
        _("there is no column {column}; there are {columns}").format(
            column=name, columns=", ".join(known for known in names[:40] if known)
        )
    )
