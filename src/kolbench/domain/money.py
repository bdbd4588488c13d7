"""Money as exact integers: an amount in a currency's smallest unit, read as people write it and shown again."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

LIMIT = 10**15
"""The largest amount of smallest units that is believed; more is a slip of the finger."""

_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP"
    " CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR"
    " JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN"
    " NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP"
    " SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: dict[str, int] = {code: digits for digits, codes in _EXPONENTS.items() for code in codes.split()}
"""Decimal digits of each currency of ISO 4217."""

_SIGNS = {
    "¥": "CNY", "元": "CNY", "块": "CNY", "块钱": "CNY", "rmb": "CNY", "人民币": "CNY", "圆": "CNY",
    "jp¥": "JPY", "円": "JPY", "日元": "JPY", "$": "USD", "us$": "USD", "美元": "USD", "hk$": "HKD", "港币": "HKD",
    "港元": "HKD", "nt$": "TWD", "€": "EUR", "欧元": "EUR", "£": "GBP", "英镑": "GBP", "₩": "KRW", "韩元": "KRW",
    "₹": "INR", "₽": "RUB",
}  # fmt: skip
"""What people write for a currency; ``¥`` alone means yuan, the yen is ``JP¥``, ``円`` or ``JPY``."""

_TENTHOUSAND = {"": 0, "千": 3, "万": 4, "亿": 8}
_AMOUNT = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.(?P<part>\d{1,18}))?\s*(?P<unit>[千万亿]?)")
_WRITTEN = re.compile(rf"(?P<before>[^\d\s.,+-]*)\s*(?P<sign>[+-]?)\s*(?P<amount>{_AMOUNT.pattern})\s*(?P<after>\D*)")


class Money(NamedTuple):
    """An amount: ``minor`` counts the currency's smallest unit (fen, cents; whole yen)."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{decimal(self, grouped=True)} {self.currency}"


def currency(text: str) -> str:
    """The ISO code that a code or a sign (``cny``, ``元``, ``$``) means. Raises UsageError where it is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    code = _SIGNS.get(plain.casefold(), plain.upper())
    if code not in EXPONENTS:
        raise UsageError(_("'{text}' is no currency: write its code, such as CNY or USD.").format(text=text))
    return code


def parse(text: str) -> Money:
    """The money that ``1,234.50 CNY``, ``¥88``, ``88元``, ``1.5万元`` or ``-3 JPY`` mean, to the smallest unit.

    A comma groups thousands, a point begins the fraction. Raises UsageError for anything else, for a fraction that
    the currency doesn't have, and without a currency.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    sign = "-" if plain.startswith("-") else ""
    found = _WRITTEN.fullmatch(plain.removeprefix("-").strip())
    if found is None or (sign and found["sign"]):
        raise UsageError(_("'{text}' is no amount of money: write it like 1,234.50 CNY.").format(text=text))
    before, after = found["before"].strip(), found["after"].strip()
    if not (before or after):
        raise UsageError(_("'{text}' names no currency: write it like 1,234.50 CNY.").format(text=text))
    codes = {currency(name) for name in (before, after) if name}
    if len(codes) > 1:
        raise UsageError(_("'{text}' names two currencies.").format(text=text))
    (code,) = codes
    minor = _minor(found["whole"].replace(",", ""), found["part"] or "", _TENTHOUSAND[found["unit"]], code, text)
    return Money(-minor if sign or found["sign"] == "-" else minor, code)


def decimal(money: Money, *, grouped: bool = False) -> str:
    """The amount in its currency's main unit, with all digits: ``1234.50``; for people ``1,234.50``."""
    digits = EXPONENTS[money.currency]
    whole, part = divmod(abs(money.minor), 10**digits)
    text = f"{whole:,}" if grouped else str(whole)
    if digits:
        text = f"{text}.{part:0{digits}}"
    return f"-{text}" if money.minor < 0 else text


def _minor(whole: str, part: str, shift: int, code: str, text: str) -> int:
    """The smallest units in ``whole.part`` times ten to the power of ``shift``."""
    places = EXPONENTS[code] + shift
    if len(part) > places:
        told = _("'{text}': {code} has {n} decimal digits.").format(text=text, code=code, n=EXPONENTS[code])
        raise UsageError(told)
    minor = int(whole + part.ljust(places, "0"))
    if minor > LIMIT:
        raise UsageError(_("'{text}' is implausibly much.").format(text=text))
    return minor
