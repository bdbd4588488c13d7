"""One cell to one value, by the role of its column: what it says, None for nothing, ValueError for nonsense."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from typing import Any

from kolbench.domain import money
from kolbench.domain.dates import Order, from_excel, parse_moment
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import HANDLE_REF, NAME_REF, handle_ref
from kolbench.domain.lang import _
from kolbench.domain.numbers import parse_count, parse_duration, parse_percent
from kolbench.domain.records import Count
from kolbench.domain.text import clean_line

Parse = Callable[[str], Any]

_BLANK = "- -- — —— – nan NaN NAN null NULL none None NONE nil n/a N/A #N/A \\N 未知 暂不设置 未设置"
BLANK = frozenset(_BLANK.split())
"""Texts that stand for "not told"."""

_BROKEN = "#NAME? #REF! #VALUE! #DIV/0! #NULL! #NUM! #SPILL! #CALC! #ERROR!"
BROKEN = frozenset(_BROKEN.split())
"""What a spreadsheet writes where a formula failed."""

LONGEST_ODD = max(map(len, BLANK | BROKEN))
"""Characters of the longest of them: only cells this short need a look."""

LONGEST_ID = 1_000
"""Characters read of an id; the gate refuses far shorter ones."""

PERIODS = {
    "day": "day",
    "daily": "day",
    "日榜": "day",
    "日": "day",
    "每日": "day",
    "week": "week",
    "weekly": "week",
    "周榜": "week",
    "周": "week",
    "每周": "week",
    "month": "month",
    "monthly": "month",
    "月榜": "month",
    "月": "month",
    "每月": "month",
}
"""What a column of periods says, to the suffix its counters get: views in a day are not views in all."""

PER_PERIOD = frozenset(
    ("posts", "likes", "comments", "shares", "views", "collects", "coins", "danmaku", "followers_gained", "rank")
)
"""The metrics that a period concerns; followers are a level, not a flow."""

_GENDERS = {
    **dict.fromkeys(("男", "male", "m", "man", "1", "男性"), "male"),
    **dict.fromkeys(("女", "female", "f", "woman", "2", "女性"), "female"),
    **dict.fromkeys(("保密", "unknown", "0", "9", "其他"), None),
}
_TRUTHS = {
    **dict.fromkeys(("true", "yes", "y", "1", "是", "已认证"), "yes"),
    **dict.fromkeys(("false", "no", "n", "0", "否", "未认证", "无"), "no"),
}
_CONSENTS = {  # among them the words of the page for the public
    **dict.fromkeys(("full", "yes", "in full", "by name", "公开", "全名", "实名"), "full"),
    **dict.fromkeys(("masked", "shortened", "部分", "部分遮盖", "部分隐去", "打码", "脱敏"), "masked"),
    **dict.fromkeys(("hidden", "no", "not shown", "匿名", "不公开", "隐藏"), "hidden"),
}
_WAYS_OF_PAYING = frozenset(
    (
        *("alipay", "wechat", "wechatpay", "wechat pay", "weixin", "unionpay", "paypal", "stripe", "apple pay"),
        *("google pay", "klarna", "card", "credit card", "debit card", "bank", "bank transfer", "cash", "cod"),
        *("paid", "unpaid", "pending", "visa", "mastercard", "amex", "yes", "no", "true", "false", "0", "1"),
        *("支付宝", "微信", "微信支付", "银联", "云闪付", "银行卡", "信用卡", "现金", "货到付款", "花呗"),
        *("余额", "余额支付", "已付款", "未付款", "已支付", "未支付", "待付款"),
    )
)
_SUM = re.compile(r"[¥￥$€£]?\s*-?\d[\d,]*[.,]\d{1,2}|[¥￥$€£]\s*\d+|\d{1,3}")
_FLOAT_ID = re.compile(r"(\d{1,15})\.0+")
_ROUNDED_ID = re.compile(r"\d(?:[.,]\d+)?e\+?\d+|\d{17,}\.0+", re.IGNORECASE)
_FORMULA_ID = re.compile(r'="?([^"]*)"?')
_PHONE = re.compile(r"\+?\d{5,15}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_ADDRESS = re.compile(r"(?:https?:)?(?://)?[^\s/:@]+\.[^\s]+", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


def parser(role: str, unit: str = "", tz: tzinfo = UTC, order: Order = "", serials: bool = False) -> Parse:
    """The function that reads a non-blank, stripped cell of a column of this role; plain text has none to read.

    ``unit`` is the column's own (``万``, ``%``); ``serials`` reads bare numbers as a spreadsheet's days.
    """
    if role in ("observed_at", "published_at", "created_at", "at"):
        return lru_cache(1024)(partial(_moment, tz=tz, order=order, serials=serials))
    if role == "engagement_bp":
        return _percent if unit == "%" else parse_percent
    if role in _PARSERS:
        return _PARSERS[role]
    return partial(_count, unit="" if unit == "%" else unit, signed=role == "followers_gained")


def identifier(cell: str) -> str | None:
    """An id from its cell, without what spreadsheets add to it (``="0012"``, ``12.0``). None when blank.

    Raises ValueError for a spreadsheet's error value and for an id it has rounded: 1.23E+17 is nobody.
    """
    text = clean_line(cell, LONGEST_ID)
    if text.startswith("="):
        text = (found[1] if (found := _FORMULA_ID.fullmatch(text)) else text).strip()
    if not text or text in BLANK:
        return None
    if text in BROKEN:
        raise ValueError(_("a spreadsheet's error"))
    if not text.isalnum():
        if whole := _FLOAT_ID.fullmatch(text):
            return whole[1]
        if _ROUNDED_ID.fullmatch(text):
            raise ValueError(_("a spreadsheet has rounded this id: format the column as text and export it again"))
    return text


def reference(cell: str) -> str | None:
    """An account's id from its cell; that of an ``@handle`` is provisional. Raises as ``identifier`` does."""
    found = identifier(cell)
    return provisional(handle_ref, found) if found and found[0] == "@" else found


def provisional(refer: Callable[[str], str], text: str) -> str | None:
    """The provisional id by which an account of that handle or name is known; None when nothing of it can be seen."""
    found = clean_line(refer(text), LONGEST_ID)
    return None if found in (HANDLE_REF, NAME_REF) else found


def contact(role: str, value: str) -> tuple[str, str]:
    """Channel and value of a way to reach a person; one of no stated channel is told by its look."""
    if role != "contact":
        return role, value
    if _EMAIL.fullmatch(value):
        return "email", value
    return ("phone", value) if _PHONE.fullmatch(value) else ("other", value)


def _count(cell: str, unit: str, signed: bool) -> int | Count | None:
    if unit:
        try:
            count = parse_count(cell + unit, signed=signed)
        except ValueError:
            count = parse_count(cell, signed=signed)
    else:
        count = parse_count(cell, signed=signed)
    return count if count is None or count.plus_minus else count.value


def _percent(cell: str) -> int | None:
    return parse_percent(cell if "%" in cell or "％" in cell else f"{cell}%")


def _moment(cell: str, tz: tzinfo, order: Order, serials: bool) -> datetime:
    if serials and _SERIAL.fullmatch(cell):
        return from_excel(float(cell)).replace(tzinfo=tz).astimezone(UTC)
    return parse_moment(cell, tz, order)


def _gender(cell: str) -> str | None:
    return _GENDERS.get(cell.casefold(), cell)


def _verified(cell: str) -> str | None:
    return _TRUTHS.get(cell.casefold(), cell)


def _handle(cell: str) -> str | None:
    return cell.lstrip("@") or None


def _email(cell: str) -> str:
    if not _EMAIL.fullmatch(cell):
        raise ValueError(_("not an e-mail address"))
    return cell


def _phone(cell: str) -> str:
    digits = re.sub(r"[\s().-]", "", cell.removesuffix(".0"))
    if not _PHONE.fullmatch(digits):
        raise ValueError(_("not a phone number"))
    return digits


def _address(cell: str) -> str:
    if not _ADDRESS.fullmatch(cell):
        raise ValueError(_("not a web address"))
    return cell


def _period(cell: str) -> str:
    found = PERIODS.get(cell.casefold())
    if not found:
        raise ValueError(_("not a day, week or month"))
    return found


def _amount(cell: str) -> str:
    """The cell itself, once it is sure that it says an amount of some money."""
    for written in (cell, f"{cell} KWD"):
        with suppress(UsageError):
            money.parse(written)
            return cell
    raise ValueError(_("not an amount of money"))


def _payer(cell: str) -> str:
    """With what somebody paid; ways of paying, and what was paid, are no mark of anybody."""
    if cell.casefold() in _WAYS_OF_PAYING or _SUM.fullmatch(cell):
        raise ValueError(_("says how or how much was paid, not from which card or account"))
    return cell


def _shown(cell: str) -> str:
    found = _CONSENTS.get(cell.casefold())
    if not found:
        raise ValueError(_("not one of full, masked, hidden"))
    return found


_PARSERS: dict[str, Parse] = {
    **dict.fromkeys(("order_id", "line", "refund_id", "child", "participant", "buyer", "account"), identifier),
    **dict.fromkeys(("code", "currency", "child_name", "device", "address"), str),
    "payment": _payer,
    "amount": _amount,
    "shown": _shown,
    "uid": reference,
    "from": reference,
    "to": reference,
    "post_uid": identifier,
    "handle": _handle,
    "name": str,
    "title": str,
    "text": str,
    "bio": str,
    "category": str,
    "region": str,
    "kind": str,
    "wechat": str,
    "qq": str,
    "contact": str,
    "gender": _gender,
    "verified": _verified,
    "email": _email,
    "phone": _phone,
    "url": _address,
    "post_url": _address,
    "avatar_url": _address,
    "duration": parse_duration,
    "period": _period,
}
