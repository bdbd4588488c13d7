"""What stands in a shop's request: each record judged by itself, and named where it can't be taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

import msgspec

from kolbench.adapters.tables.cells import parser
from kolbench.domain import money
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import SourceError, UsageError
from kolbench.domain.lang import _
from kolbench.domain.records import (
    ConversionRecord,
    ParticipantRecord,
    Record,
    ReferralRecord,
    RefundRecord,
    TouchRecord,
)

MOST_IGNORED = 50
"""Unknown fields that are named at most."""

T = TypeVar("T")

_EPOCH = re.compile(r"\d{9,10}|\d{12,13}|\d{15,16}")
_LONGEST_ID = 100


class Place(NamedTuple):
    """Where a record stands: in which list, as which from 0 on, and its own number, if it tells one."""

    name: str
    position: int
    id: str | None


class Fault(NamedTuple):
    """A record that is refused: where it stands, which field of it is wrong, and why."""

    place: Place
    field: str
    reason: str

    def facts(self) -> dict[str, object]:
        """The same for the shop, with the field as the shop calls it."""
        place = {"list": self.place.name, "index": self.place.position, "id": self.place.id}
        name = _KINDS[self.place.name].id if self.field == "uid" else self.field.removesuffix("_uid")
        return {**place, "field": name, "reason": self.reason}


@dataclass(frozen=True)
class Told:
    """A request's records, with the place of each, what is refused of it, and the fields that nobody asks for."""

    records: list[Record] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """What a request needn't say: its campaign, that one's currency, and the zone of times that name none."""

    campaign: str
    currency: str = ""
    zone: tzinfo = UTC


class _Unusable(Exception):
    """A record can't be taken: the field that is wrong, and why."""


class _Item:
    """One record as it was told, read field by field."""

    def __init__(self, told: Mapping[str, Any], context: Context) -> None:
        self._told = told
        self.context = context

    def text(self, name: str) -> str | None:
        """A field's text; a whole number is one as well."""
        value = self._told.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise _Unusable(name, _("this has to be text"))

    def needed(self, name: str) -> str:
        """A field's text, without which the record says nothing."""
        return _needed(name, self.text(name))

    def moment(self, name: str) -> datetime | None:
        """A moment: ISO 8601 and what else tables may hold, or seconds or milliseconds since 1970."""
        value = self._told.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            value = str(value) if isinstance(value, int) and _EPOCH.fullmatch(str(value)) else ""
        try:
            return parse_moment(value, self.context.zone)
        except ValueError:
            text = _("no moment that there can be: write it like 2026-05-04T10:00:00+08:00")
            raise _Unusable(name, text) from None

    def at(self) -> datetime:
        """When it happened."""
        return _needed("at", self.moment("at"))

    def shown(self) -> str | None:
        """How somebody wishes to be named, in the words that files may use."""
        told = self.text("shown")
        try:
            return told and parser("shown")(told)
        except ValueError:
            return told  # which the gate refuses, saying what it may be

    def currency(self) -> str:
        """The currency told, else the campaign's, which pays in one."""
        told = self.text("currency") or self.context.currency
        try:
            return money.currency(told)
        except UsageError:
            return told.upper()  # which the gate refuses

    def amount(self, *, free: bool = False) -> int:
        """An amount in the smallest unit: as a whole number, or as text in the main unit with its decimals.

        0 where none is told and it may be ``free``.
        """
        value = self._told.get("amount")
        if value is None and free:
            return 0
        if value is None:
            raise _Unusable("amount", _("it isn't told: write it in the smallest unit, such as 12900; 0 for a gift"))
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        try:
            if isinstance(value, str):
                return self._written(value.strip())
        except UsageError as why:
            raise _Unusable("amount", str(why)) from None
        text = _('write a whole number of the smallest unit, such as 12900, or text with all decimals: "129.00"')
        raise _Unusable("amount", text)

    def _written(self, text: str) -> int:
        """The smallest units that a text means; without decimals it could mean either unit, where there are two."""
        code = self.currency()
        if re.fullmatch(r"[+-]?\d+", text) and money.EXPONENTS.get(code):
            why = _("'{text}' could be of the smallest unit or of the main one: write it as a number or as {example}")
            raise UsageError(why.format(text=text[:40], example=f'"{text[:40]}.{"0" * money.EXPONENTS[code]}"'))
        bare = not re.search(r"[^\d\s.,+-]", text)
        paid = money.parse(f"{text} {code}" if bare else text)
        if paid.currency != code:
            raise UsageError(_("'{text}': the currency is told as {currency}").format(text=text, currency=code))
        return paid.minor


def _needed(name: str, found: T | None) -> T:
    if found is None:
        raise _Unusable(name, _("it isn't told"))
    return found


def _participant(one: _Item) -> Record:
    return ParticipantRecord(
        campaign=one.context.campaign,
        uid=one.needed("id"),
        name=one.text("name"),
        code=one.text("code"),
        shown=one.shown(),
        joined_at=one.moment("joined_at"),
    )


def _referral(one: _Item) -> Record:
    return ReferralRecord(
        campaign=one.context.campaign,
        child_uid=one.needed("child"),
        parent_uid=one.text("parent"),
        code=one.text("code"),
        at=one.at(),
    )


def _click(one: _Item) -> Record:
    return TouchRecord(
        campaign=one.context.campaign,
        visitor_uid=one.needed("visitor"),
        participant_uid=one.text("participant"),
        code=one.text("code"),
        at=one.at(),
    )


def _conversion(one: _Item) -> Record:
    kind = one.text("kind") or "sale"
    return ConversionRecord(
        campaign=one.context.campaign,
        order_id=one.needed("order_id"),
        line=one.text("line") or "",
        kind=kind,
        at=one.at(),
        amount=one.amount(free=kind in ("signup", "lead")),
        currency=one.currency(),
        code=one.text("code"),
        participant_uid=one.text("participant"),
        buyer_uid=one.text("buyer"),
        device=one.text("device"),
        address=one.text("address"),
        payment=one.text("payment"),
    )


def _refund(one: _Item) -> Record:
    return RefundRecord(
        campaign=one.context.campaign,
        order_id=one.needed("order_id"),
        line=one.text("line") or "",
        refund_id=one.needed("refund_id"),
        amount=one.amount(),
        currency=one.currency() or None,
        at=one.at(),
    )


class _Kind(NamedTuple):
    """One list of a request: what makes a record of an item, which fields it has, and which of them names it."""

    build: Callable[[_Item], Record]
    fields: frozenset[str]
    id: str


_KINDS = {
    "participants": _Kind(_participant, frozenset(["id", "name", "code", "shown", "joined_at"]), "id"),
    "referrals": _Kind(_referral, frozenset(["child", "parent", "code", "at"]), "child"),
    "clicks": _Kind(_click, frozenset(["visitor", "participant", "code", "at"]), "visitor"),
    "conversions": _Kind(
        _conversion,
        frozenset(
            [
                "order_id",
                "line",
                "kind",
                "at",
                "amount",
                "currency",
                "code",
                "participant",
                "buyer",
                "device",
                "address",
                "payment",
            ],
        ),
        "order_id",
    ),
    "refunds": _Kind(_refund, frozenset(["order_id", "line", "refund_id", "amount", "currency", "at"]), "refund_id"),
}


def parse(body: bytes, context: Context) -> Told:
    """The records of a request, and what can't be taken of it, each by itself.

    Raises SourceError where the whole can't be read: no JSON, no object, none of the lists, or something else as one.
    """
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(_("the body is not JSON")) from error
    if not isinstance(said, dict) or (said and not said.keys() & _KINDS.keys()):
        raise SourceError(_("the body holds none of these lists: {names}").format(names=", ".join(_KINDS)))
    told = Told()
    ignored = dict.fromkeys(name for name in said if name not in _KINDS)
    for name, kind in _KINDS.items():
        found = said.get(name)
        if found is None:
            continue
        if not isinstance(found, list):
            raise SourceError(_("{name} has to be a list").format(name=name))
        for index, item in enumerate(found):
            _take(told, name, index, item, kind, context)
            if isinstance(item, dict):
                ignored.update(dict.fromkeys(f"{name}.{field}" for field in item if field not in kind.fields))
    told.ignored.extend(one[:_LONGEST_ID] for one in list(ignored)[:MOST_IGNORED])
    return told


def _take(told: Told, name: str, index: int, item: Any, kind: _Kind, context: Context) -> None:
    """Add one record, or why it is refused."""
    if not isinstance(item, dict):
        told.faults.append(Fault(Place(name, index, None), "", _("this has to be an object")))
        return
    own = item.get(kind.id)
    place = Place(name, index, str(own)[:_LONGEST_ID] if isinstance(own, str | int) else None)
    try:
        record = kind.build(_Item(item, context))
    except _Unusable as why:
        told.faults.append(Fault(place, *why.args))
    else:
        told.records.append(record)
        told.places.append(place)


def in_words(faults: Iterable[Fault]) -> str:
    """Which records are refused and why, for a line of a log."""
    return "; ".join(
        f"{one.place.name}[{one.place.position}]{f' ({one.place.id})' if one.place.id else ''}"
        f"{f' {one.field}' if one.field else ''}: {one.reason}"
        for one in faults
    )
