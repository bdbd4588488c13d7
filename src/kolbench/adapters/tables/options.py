"""What an operator may say about a table, checked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import get_args

from kolbench.adapters.tables.columns import CAMPAIGN_KINDS, KINDS
from kolbench.adapters.tables.encoding import named
from kolbench.domain import money
from kolbench.domain.clock import latest
from kolbench.domain.dates import Order, parse_moment
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

_SPOKEN = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|"}
_YES = ("yes", "true", "1", "on")
_NO = ("no", "false", "0", "off")


@dataclass(frozen=True)
class Options:
    """The settings of one table; empty text and None mean "find out".

    ``units`` are of columns' cells, by position, where a profile knows them.
    """

    path: str
    map: str = ""
    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None
    sheet: str = ""
    as_of: datetime | None = None
    timezone: tzinfo = UTC
    date_order: Order = ""
    account: str = ""
    directed: bool = True
    campaign: str = ""
    currency: str = ""
    only: str = ""
    profile: str = ""
    timezone_told: bool = False
    units: tuple[tuple[int, str], ...] = ()


def parse_options(settings: Mapping[str, str]) -> Options:
    """The settings as values. Raises UsageError naming the one that makes no sense."""
    said = {name: value.strip() for name, value in settings.items() if value.strip() not in ("", "auto")}
    if "path" not in said:
        raise UsageError(_("which file? give the setting path"))
    zone = zone_named(said.get("timezone", "UTC"))
    return Options(
        path=said["path"],
        map=said.get("map", ""),
        kind=_one_of("kind", said.get("kind", ""), (*KINDS, *CAMPAIGN_KINDS)),
        encoding=named(said["encoding"]) if "encoding" in said else "",
        delimiter=_delimiter(settings.get("delimiter", "")),
        header=_yes_or_no("header", said.get("header", "")),
        sheet=said.get("sheet", ""),
        as_of=_passed(said["as_of"], zone) if "as_of" in said else None,
        timezone=zone,
        date_order=_order(said.get("date_order", "")),
        account=said.get("account", ""),
        directed=_yes_or_no("directed", said.get("directed", "")) is not False,
        campaign=said.get("campaign", ""),
        currency=money.currency(said["currency"]) if "currency" in said else "",
        only=said.get("only", ""),
        profile=said.get("profile", ""),
        timezone_told="timezone" in said,
    )


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value and value not in choices:
        raise UsageError(
            _("{setting} is {value}; it can be {choices}").format(setting=name, value=value, choices=", ".join(choices))
        )
    return value


def _order(value: str) -> Order:
    choices: tuple[Order, ...] = tuple(choice for choice in get_args(Order) if choice)
    _one_of("date_order", value, choices)
    return next((choice for choice in choices if choice == value), "")


def _yes_or_no(name: str, value: str) -> bool | None:
    if not value:
        return None
    folded = value.lower()
    if folded in _YES:
        return True
    _one_of(name, folded, _NO)
    return False


def _delimiter(value: str) -> str:
    if value == "auto":
        return ""
    delimiter = _SPOKEN.get(value.strip().lower(), value if len(value) == 1 else value.strip())
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        raise UsageError(_("delimiter is {value}; it is one character, tab or space").format(value=value))
    return delimiter


def zone_named(value: str) -> tzinfo:
    """The zone of that name or offset. Raises UsageError for what is none."""
    if value[:1] in "+-" and value[1:].replace(":", "").isdecimal():
        digits = value[1:].replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:] or 0)
        if hours <= 14 and minutes < 60:
            return timezone((1 if value[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    from zoneinfo import ZoneInfo

    try:
        return UTC if value.upper() == "UTC" else ZoneInfo(value)
    except (LookupError, ValueError, OSError):
        raise UsageError(
            _("timezone is {value}; it is a name like Asia/Shanghai, or +08:00").format(value=value)
        ) from None


def _passed(value: str, zone: tzinfo) -> datetime:
    try:
        moment = parse_moment(value, zone)
    except ValueError as why:
        raise UsageError(_("as_of is {value}: {why}").format(value=value, why=why)) from None
    if moment > latest():
        raise UsageError(_("as_of is {value}: that is still to come").format(value=value))
    return moment
