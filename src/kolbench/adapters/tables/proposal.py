"""What a table most likely holds, how sure that is, and what an operator should know before importing it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from kolbench.adapters.tables.campaign_rows import NEEDED, WHOSE
from kolbench.adapters.tables.campaign_words import SALE_STATES
from kolbench.adapters.tables.cells import BLANK, parser
from kolbench.adapters.tables.columns import (
    CAMPAIGN_KINDS,
    IDENTITIES,
    KINDS,
    WEAK,
    Column,
    assign,
    is_metric,
    normal,
)
from kolbench.adapters.tables.files import modified
from kolbench.adapters.tables.mapping import Mapping, content, parse_map, remembered, shape
from kolbench.adapters.tables.options import Options
from kolbench.adapters.tables.readers import Look
from kolbench.adapters.tables.vocabulary import ROLES
from kolbench.domain.dates import Order, date_in
from kolbench.domain.lang import _
from kolbench.domain.numbers import parse_count

_SUSPECT = 0.1
"""More comments than likes in a larger share of rows than this: the columns hardly mean that."""

_CLEAR = 0.9
"""Where a larger share of a column's dates makes sense, it needs no order of day and month; the rest is rejected."""

_NAMED = 24
"""Columns, and letters of each, that are named at the most: the first line of what is no table is not to be quoted."""

_SOLD = frozenset(("conversions", "refunds"))
_SURE = frozenset(("amount", "currency", "order_id", "line", "refund_id"))
"""What is sold is never told anew: what can't be read of these is no reason to take it for none, or make it up."""

_TAKING_PART = frozenset(("code", "account", "shown"))
"""What is told of people alone: a table of states or products has an id, a name and a date, too."""

_TELLING = frozenset(("handle", "name", "url", "bio", "category"))
_TIMES = ("observed_at", "published_at", "created_at", "at")


@dataclass(frozen=True)
class Proposal:
    """A mapping, how sure it is (0 to 1), what to tell the operator, and why it can't be used, if so.

    ``observed`` says what dates the counts: ``column``, ``setting``, ``name`` or ``time`` (of the file), and
    ``observed_at`` the moment, unless a column says it row by row; tables about a campaign have none. The mapping may
    be remembered for ``shape``. ``doubts`` are those of the warnings that led to the mapping, and aren't repeated by
    who reads with it.
    """

    look: Look
    mapping: Mapping
    shape: str
    confidence: float
    observed: str
    observed_at: datetime | None
    warnings: tuple[str, ...] = ()
    problem: str = ""
    doubts: tuple[str, ...] = ()


def propose(look: Look, options: Options) -> Proposal:
    """The likeliest mapping of a table that fits what the operator said.

    Raises UsageError when the operator's own mapping names what isn't there.
    """
    kept = remembered(options.map, look.names)
    said, fixed = kept or ("", parse_map(options.map, look.names))
    if not look.headed:
        told = set(fixed.values())
        fixed = {**{at: role for at, role in _from_contents(look).items() if role not in told}, **fixed}
    kind = options.kind or said or (_campaign_kind if options.campaign else _kind)(look, fixed, options)
    mapping, doubts, share = _fitted(look, kind, fixed, options)
    observed, observed_at = _observed(look, mapping, options)
    key = shape(look.names, look.headed, look.sample)
    problem = _problem(look, mapping, options)
    return Proposal(
        look,
        mapping,
        key,
        0.0 if problem else _confidence(look, mapping, options, share),
        observed,
        observed_at,
        (*doubts, *_idle(mapping), *_unpaid(mapping, options), *_warnings(look, mapping)),
        problem,
        tuple(doubts),
    )


def _kind(look: Look, fixed: dict[int, str], options: Options) -> str:
    """Which kind of table has these columns; "" when none has."""
    roles = {kind: {column.role for column in assign(look.names, kind, fixed)[0] if column.role} for kind in KINDS}
    if {"from", "to"} <= roles["edges"] and not any(map(is_metric, roles["accounts"])):
        return "edges"
    posts, accounts = roles["posts"], roles["accounts"]
    if "followers" not in accounts and (
        "post_uid" in posts
        or {"title", "published_at"} <= posts
        or ({"text", "published_at"} <= posts and any(map(is_metric, posts)))
    ):
        return "posts"
    counted = any(map(is_metric, accounts))
    identified = accounts & set(IDENTITIES)
    facts = {role for role in accounts if not is_metric(role)} - {"uid", "observed_at", "period"}
    if counted and "observed_at" in accounts and not facts:
        return "snapshots"
    if counted and options.account and not identified:
        return "snapshots"
    if identified and (counted or accounts & {"handle", "name"}):
        return "accounts"
    return ""


def _campaign_kind(look: Look, fixed: dict[int, str], _options: Options) -> str:
    """Which kind of table about a campaign has these columns, the one that tells most first; "" when none has."""
    fits: dict[str, int] = {}
    for kind in CAMPAIGN_KINDS:
        columns = [column for column in assign(look.names, kind, fixed)[0] if column.role]
        roles = {column.role for column in columns}
        if kind == "participants" and _numbers_rows(columns, fixed) and not roles & _TAKING_PART:
            continue
        if not _lacking(kind, roles) and ("order_id" in roles or kind != "conversions"):
            fits[kind] = len(roles)
    return max(fits, key=lambda kind: fits[kind], default="")


def _numbers_rows(columns: Collection[Column], fixed: Collection[int]) -> bool:
    """Whether nothing but a column that could as well number the rows says who takes part."""
    return any(one.role == "participant" and one.index not in fixed and normal(one.name) in WEAK for one in columns)


def _lacking(kind: str, roles: Collection[str]) -> list[str]:
    """What a table about a campaign would need besides these roles."""
    lacking = [role for role in NEEDED[kind] if role not in roles]
    return lacking + ([" / ".join(WHOSE)] if kind in ("referrals", "clicks") and not set(WHOSE) & set(roles) else [])


def _from_contents(look: Look) -> dict[int, str]:
    """Roles of columns without names, where their contents leave little doubt."""
    kinds = [content([row[index] for row in look.sample]) for index in range(len(look.names))]
    if kinds == ["moment", "count"]:
        return {0: "observed_at", 1: "followers"}
    if kinds[:2] == ["count", "count"] and len(kinds) <= 4:
        moment = {kinds.index("moment"): "observed_at"} if "moment" in kinds else {}
        return {0: "from", 1: "to", **moment}
    return {}


def _fitted(look: Look, kind: str, fixed: dict[int, str], options: Options) -> tuple[Mapping, list[str], float]:
    """The mapping whose columns mostly hold what their roles need, doubts about others, and the share that fits."""
    doubts: list[str] = []
    refused: dict[int, str] = {}
    units = dict(options.units)
    while True:
        columns, losers = assign(look.names, kind or "accounts", {**refused, **fixed})
        mapping = Mapping(kind, tuple(replace(one, unit=units.get(one.index, one.unit)) for one in columns))
        shares = {column.index: _share(look, column, options, options.date_order) for column in mapping.used}
        wrong = next(
            (
                column
                for column in mapping.used
                if shares[column.index] < 0.5
                and column.index not in fixed
                and not (kind in _SOLD and column.role in _SURE)
                and not _orders(look, column, options)
            ),
            None,
        )
        if wrong is None:
            break
        refused[wrong.index] = ""
        doubts.append(_("{column}: few cells make sense as {role}; ignored").format(column=wrong.name, role=wrong.role))
    doubts.extend(
        _("{column}: few cells make sense as {role}; the rows of the others will be left out").format(
            column=one.name, role=one.role
        )
        for one in mapping.used
        if shares[one.index] < 0.5 and one.index not in fixed and kind in _SOLD and one.role in _SURE
    )
    for index, role in losers.items():
        winner = mapping.at(role)
        if winner:
            doubts.append(
                _("{column}: ignored, for {winner} is the {role}").format(
                    column=look.names[index], winner=winner.name, role=role
                )
            )
    return mapping, doubts, sum(shares.values()) / max(len(shares), 1)


def _share(look: Look, column: Column, options: Options, order: Order) -> float:
    """The share of a column's sample cells, blank ones apart, that make sense in its role."""
    parse = parser(column.role, column.unit, options.timezone, order, look.format == "xlsx")
    said = [cell for row in look.sample if (cell := row[column.index].strip()) and cell not in BLANK]
    good = 0
    for cell in said:
        try:
            parse(cell)
        except ValueError:
            continue
        good += 1
    return good / len(said) if said else 1.0


def _orders(look: Look, column: Column, options: Options) -> list[str]:
    """The orders of day and month in which a date column makes sense, when many of its dates make none without."""
    if column.role not in _TIMES or options.date_order or _share(look, column, options, "") > _CLEAR:
        return []
    orders: tuple[Order, ...] = ("dmy", "mdy")
    return [order for order in orders if _share(look, column, options, order) > _CLEAR]


def _unclear(look: Look, column: Column, options: Options) -> str:
    """A date of the column that makes no sense until the order of day and month is told."""
    parse = parser(column.role, column.unit, options.timezone, "", look.format == "xlsx")
    for row in look.sample:
        if (cell := row[column.index].strip()) and cell not in BLANK:
            try:
                parse(cell)
            except ValueError:
                return cell
    return ""


def _observed(look: Look, mapping: Mapping, options: Options) -> tuple[str, datetime | None]:
    """What dates the counts, and the moment where it is one for all."""
    if mapping.kind not in KINDS:
        return "", None
    if mapping.at("observed_at"):
        return "column", None
    if options.as_of:
        return "setting", options.as_of
    if day := date_in(look.file.name):
        return "name", datetime.combine(day, time(), options.timezone).astimezone(UTC)
    return "time", modified(look.file)


def _problem(look: Look, mapping: Mapping, options: Options) -> str:
    """Why the table can't be imported so; "" when it can."""
    roles = {column.role for column in mapping.used}
    if not mapping.kind:
        names = (name[:_NAMED] or str(at) for at, name in enumerate(look.names[:_NAMED], 1))
        return _("can't tell what it holds: {columns}; say what its columns mean").format(columns=_(", ").join(names))
    for column in mapping.used:
        if orders := _orders(look, column, options):
            return _("{column} has dates like {cell}: set date_order to {orders}").format(
                column=column.name,
                cell=_unclear(look, column, options),
                orders=" / ".join(orders),
            )
    if mapping.kind in CAMPAIGN_KINDS:
        return _problem_of_campaign(mapping.kind, roles, options)
    if mapping.kind == "edges":
        return "" if {"from", "to"} <= roles else _("edges need the roles from and to")
    if not roles & set(IDENTITIES) and not options.account:
        return _("no column says which account a row is about, nor does the setting account")
    if mapping.kind == "snapshots" and not any(map(is_metric, roles)):
        return _("no column has counts")
    if mapping.kind == "accounts" and not any(map(is_metric, roles)) and not roles & _TELLING:
        return _("no column says anything about an account")
    return ""


def _problem_of_campaign(kind: str, roles: set[str], options: Options) -> str:
    if not options.campaign:
        return _("{kind} belong to a campaign: name it with the setting campaign").format(kind=kind)
    if lacking := _lacking(kind, roles):
        return _("{kind} need the roles {roles}").format(kind=kind, roles=", ".join(lacking))
    if kind in ("conversions", "refunds") and "currency" not in roles and not options.currency:
        return _("no column says the currency: name it with the setting currency, such as CNY")
    return ""


def _idle(mapping: Mapping) -> list[str]:
    """The columns that were given a role which tables of this kind have no use for."""
    return [
        _("{column}: {kind} have no {role}; ignored").format(column=column.name, kind=mapping.kind, role=column.role)
        for column in mapping.used
        if mapping.kind and column.role not in ROLES[mapping.kind] and not is_metric(column.role)
    ]


def _unpaid(mapping: Mapping, options: Options) -> list[str]:
    """The columns that may say of a sale that it was never paid, or given back, and that nothing is done with."""
    if mapping.kind != "conversions" or options.only:
        return []
    text = _(
        "{column}: ignored, so that rows count whatever it says, also if not paid or refunded;"
        " take some alone: --set only={column}=VALUE"
    )
    return [text.format(column=one.name) for one in mapping.ignored if normal(one.name) in SALE_STATES]


def _confidence(look: Look, mapping: Mapping, options: Options, share: float) -> float:
    """How sure the mapping is: the share of cells that fit it, less for weak identities and missing headers."""
    identity = next((column for role in IDENTITIES if (column := mapping.at(role))), None)
    sure = 1.0
    if mapping.kind != "edges" and identity:
        weak = identity.role == "uid" and normal(identity.name) in WEAK
        sure = 0.6 if weak else 0.9 if identity.role in ("name", "url") else 1.0
    return round(share * sure * (1.0 if look.headed or options.map else 0.5), 2)


def _warnings(look: Look, mapping: Mapping) -> list[str]:
    """What an operator should know before trusting the numbers."""
    found = [look.remark] if look.remark else []
    identity = mapping.at("uid")
    rivals = [column.name for column in mapping.ignored if normal(column.name).endswith("id") and column != identity]
    if identity and normal(identity.name) in WEAK and rivals:
        found.append(
            _("{column} is taken as the account's id; {others} could be it too").format(
                column=identity.name, others=", ".join(rivals[:5])
            )
        )
    likes, comments = mapping.at("likes"), mapping.at("comments")
    if likes and comments:
        both = [
            (one, other)
            for row in look.sample
            if (one := _value(row[likes.index])) is not None and (other := _value(row[comments.index])) is not None
        ]
        more = sum(other > one for one, other in both)
        if more > len(both) * _SUSPECT:
            found.append(
                _("{comments} exceeds {likes} in {n} of {rows} rows: do they mean what they say?").format(
                    comments=comments.name, likes=likes.name, n=more, rows=len(both)
                )
            )
    period = mapping.at("period")
    if period:
        found.append(
            _("{column} says day, week or month: counts are kept as views_day …; map it to nothing if not").format(
                column=period.name
            )
        )
    if mapping.kind == "edges" and not look.headed:
        found.append(_("without a header, the first of two accounts is taken to follow the second"))
    damaged = sum(any("\ufffd" in cell or "ï¿½" in cell for cell in row) for row in look.sample)
    if damaged:
        found.append(_("{n} rows of the sample have letters that were lost before").format(n=damaged))
    if len(look.sheets) > 1 and not look.sheet:
        found.append(
            _("only the sheet {sheet} is read; there are {sheets}").format(
                sheet=look.sheets[0], sheets=", ".join(look.sheets[:20])
            )
        )
    return found


def _value(cell: str) -> int | None:
    try:
        count = parse_count(cell)
    except ValueError:
        return None
    return count.value if count else None
