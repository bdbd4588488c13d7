"""Days ahead as people say them, in English and Chinese: ``tomorrow``, ``后天``, ``+3d``, ``下周``, ``friday``."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

_AHEAD = {
    "today": 0, "今天": 0, "tonight": 0, "今晚": 0,
    "tomorrow": 1, "tmr": 1, "明天": 1, "明日": 1,
    "day after tomorrow": 2, "the day after tomorrow": 2, "后天": 2, "後天": 2,
    "大后天": 3, "大後天": 3,
    "next week": 7, "a week": 7, "下周": 7, "下週": 7, "下星期": 7, "下个星期": 7, "下礼拜": 7,
    "next month": 30, "a month": 30, "下月": 30, "下个月": 30, "下個月": 30,
}  # fmt: skip
"""As the choices offered for a snooze count them: a week is seven days, a month thirty."""

_SPELT = {numeral: n for n, numeral in enumerate("一二三四五六七八九十", 1)} | {"两": 2, "兩": 2}
_UNITS = {"d": 1, "day": 1, "days": 1, "天": 1, "日": 1, "w": 7, "week": 7, "weeks": 7, "周": 7, "週": 7, "星期": 7}
_SPAN = re.compile(
    r"(?:\+|in )?\s*(?P<n>\d{1,4}|[一二两兩三四五六七八九十])\s*个?(?P<unit>days?|d|天|日|weeks?|w|周|週|星期)"
    r"\s*(?:later|以?后|以?後|之后)?"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(rf"(?:on )?(?P<name>{'|'.join(f'{day[:3]}(?:{day[3:]})?' for day in _DAYS)})")
_ZHOU = re.compile(r"(?P<next>下个?)?(?:周|週|星期|礼拜|禮拜)(?P<day>[一二三四五六日天])")


def day_ahead(text: str, today: date) -> date | None:
    """The day that ``text`` means to somebody who says it on ``today``; None when it says none.

    A weekday is the next one after today; ``下周三`` is the Wednesday of the week after this one. Digits may be
    full-width. May raise OverflowError for a day beyond the calendar.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if plain in _AHEAD:
        return today + timedelta(days=_AHEAD[plain])
    if span := _SPAN.fullmatch(plain):
        n = _SPELT.get(span["n"]) or int(span["n"])
        return today + timedelta(days=n * _UNITS[span["unit"]])
    if named := _WEEKDAY.fullmatch(plain):
        return _following(today, next(n for n, day in enumerate(_DAYS) if day.startswith(named["name"])))
    if named := _ZHOU.fullmatch(plain):
        weekday = "一二三四五六日".index(named["day"].replace("天", "日"))
        if named["next"]:
            return today + timedelta(days=7 - today.weekday() + weekday)
        return _following(today, weekday)
    return None


def _following(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
