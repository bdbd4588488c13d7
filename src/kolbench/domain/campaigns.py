"""A campaign's terms as an operator writes them down: for whom, until when, and who earns what by a sale."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal, NamedTuple, get_args

from msgspec import Struct, structs, to_builtins

from kolbench.domain import money, shapes
from kolbench.domain.clock import to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.money import Money
from kolbench.domain.shapes import refuse
from kolbench.domain.text import clean_line, clean_text

Attribution = Literal["code", "first_click", "last_click"]
ATTRIBUTIONS: tuple[Attribution, ...] = get_args(Attribution)

Figure = Literal["conversions", "revenue", "participants"]
FIGURES: tuple[Figure, ...] = get_args(Figure)

Kind = Literal["sale", "signup", "lead"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Shown = Literal["full", "masked", "hidden"]
"""How somebody consented to be named on public leaderboards."""

SHOWN: tuple[Shown, ...] = get_args(Shown)

TieRule = Literal["earlier", "shared"]
"""Equal figures: who came to it earlier is before the other, or both share the rank."""

MAX_LEVELS = 8
MAX_CODE = 64

_HUNDRED_PERCENT = 10_000


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the campaign is to reach; ``amount`` of revenue is in whole units of the currency.

    ``days`` weighs single days (ISO) against the others, each of which weighs 1.
    """

    figure: Figure = "conversions"
    amount: int = 0
    days: dict[str, float] = {}


class Referee(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody gets who was referred and buys: for the first time only, unless ``every``. Empty: nothing."""

    reward: str = ""
    every: bool = False


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign. Rates are ``10%``, or money for each conversion; caps are money; days count from the conversion.

    ``starts`` and ``ends`` are days in ``time_zone``, both inside, or moments, the last of which is outside.
    """

    name: str
    positioning: str = ""
    audience: str = ""
    outline: str = ""
    benefit: str = ""
    target: Target = Target()
    starts: str = ""
    ends: str = ""
    time_zone: str = "UTC"
    landing_url: str = ""
    currency: str = "CNY"
    attribution: Attribution = "code"
    window_days: int = 30
    late_days: int = 0
    levels: tuple[str, ...] = ("10%",)
    pays_for: tuple[Kind, ...] = ("sale",)
    cap_per_person: str = ""
    cap_per_order: str = ""
    hold_days: int = 14
    refund_days: int = 14
    repeat_buyers: bool = True
    referee: Referee = Referee()
    entry_fee: str = ""
    tie_rule: TieRule = "earlier"
    exclusions: tuple[str, ...] = ()
    copy_first: str = ""
    copy_all: str = ""
    colour: str = "#c2410c"


class Rate(NamedTuple):
    """A share of the amount in basis points, and so many smallest units besides; one of them is 0."""

    basis_points: int
    minor: int

    def of(self, amount: int, *, left: bool = True) -> int:
        """What ``amount`` (smallest units) earns, rounded down; the fixed part while anything of it is ``left``."""
        return amount * self.basis_points // _HUNDRED_PERCENT + (self.minor if left else 0)


class Rules(NamedTuple):
    """The terms as settling reads them: moments and durations in ms, amounts in the currency's smallest unit.

    What is 0 among ``late`` and the caps is None: no limit.
    """

    start: int | None
    stop: int | None
    currency: str
    attribution: Attribution
    window: int
    late: int | None
    levels: tuple[Rate, ...]
    pays_for: frozenset[str]
    cap_per_person: int | None
    cap_per_order: int | None
    hold: int
    refunds: int
    repeat_buyers: bool
    reward: Rate | None
    reward_every: bool
    exclusions: frozenset[str]


def parse(facts: object) -> Terms:
    """Terms from what TOML or JSON holds. Raises UsageError, which names the setting and what is expected."""
    terms, wrong = examined(facts)
    refuse(wrong)
    return terms


def check(terms: Terms) -> Terms:
    """The terms with their texts cleaned. Raises UsageError with every value that can't be meant."""
    terms, wrong = _checked(terms)
    refuse(wrong)
    return terms


def examined(facts: object) -> tuple[Terms, list[str]]:
    """The terms that ``facts`` hold, and every mistake in them; a setting of the wrong kind is as if it weren't there.

    Raises UsageError where they are no settings at all.
    """
    whole = _("the campaign")
    made, wrong = shapes.examined(facts, Terms, whole)
    if made is not None:
        return _checked(made)
    if not isinstance(facts, Mapping):
        raise UsageError("\n".join(wrong))
    told: dict[str, Any] = {"name": "?"}
    told |= {str(name): value for name, value in facts.items() if _is_shaped({"name": "?", name: value})}
    terms, more = _checked(shapes.shaped(told, Terms, whole))
    return terms, [*wrong, *more]


def _is_shaped(facts: object) -> bool:
    return not shapes.examined(facts, Terms, "")[1]


def _checked(terms: Terms) -> tuple[Terms, list[str]]:
    """The terms with their texts cleaned, and everything in them that can't be meant."""
    terms = _cleaned(terms)
    wrong = [text for is_wrong, text in _complaints(terms) if is_wrong]
    readers: list[tuple[str, Callable[[], object]]] = [
        ("time_zone", lambda: zone(terms.time_zone)),
        ("starts", lambda: _moment(terms.starts, terms.time_zone, last=False)),
        ("ends", lambda: _moment(terms.ends, terms.time_zone, last=True)),
        ("ends", lambda: _require_order(terms)),
        ("currency", lambda: money.currency(terms.currency)),
    ]
    paying: list[tuple[str, Callable[[], object]]] = [
        ("levels", lambda: _require_share([rate(text, terms.currency) for text in terms.levels])),
        ("cap_per_person", lambda: _money(terms.cap_per_person, terms.currency)),
        ("cap_per_order", lambda: _money(terms.cap_per_order, terms.currency)),
        ("referee.reward", lambda: terms.referee.reward and rate(terms.referee.reward, terms.currency)),
        ("entry_fee", lambda: _money(terms.entry_fee, terms.currency)),
    ]
    for setting, read in [*readers, *(paying if terms.currency in money.EXPONENTS else ())]:
        try:
            read()
        except UsageError as error:
            wrong.append(_("{path}: {error}").format(path=setting, error=error))
    return terms, wrong


def _require_order(terms: Terms) -> None:
    """Raise UsageError where a campaign ends before it starts; what is no moment is complained of by itself."""
    try:
        start, stop = window(terms)
    except UsageError:
        return
    if start is not None and stop is not None and stop <= start:
        raise UsageError(_("write a moment after the start."))


def _require_share(rates: Sequence[Rate]) -> None:
    """Raise UsageError where the levels of a sale earn more than it was sold for."""
    if (points := sum(one.basis_points for one in rates)) > _HUNDRED_PERCENT:
        raise UsageError(_("together they are {share}% of a sale: 100% is the most.").format(share=f"{points / 100:g}"))


def rules(terms: Terms) -> Rules:
    """What settling needs of terms that were checked."""
    start, stop = window(terms)
    day = 86_400_000
    return Rules(
        start,
        stop,
        terms.currency,
        terms.attribution,
        terms.window_days * day,
        terms.late_days * day or None,
        tuple(rate(text, terms.currency) for text in terms.levels),
        frozenset(terms.pays_for),
        _money(terms.cap_per_person, terms.currency),
        _money(terms.cap_per_order, terms.currency),
        terms.hold_days * day,
        terms.refund_days * day,
        terms.repeat_buyers,
        rate(terms.referee.reward, terms.currency) if terms.referee.reward else None,
        terms.referee.every,
        frozenset(terms.exclusions),
    )


def window(terms: Terms) -> tuple[int | None, int | None]:
    """The first moment (ms) of the campaign and the first after it; None where it is open. Raises UsageError."""
    start = _moment(terms.starts, terms.time_zone, last=False)
    stop = _moment(terms.ends, terms.time_zone, last=True)
    return (None if start is None else to_ms(start)), (None if stop is None else to_ms(stop))


def zone(name: str) -> tzinfo:
    """The time zone of that name. Raises UsageError where there is none."""
    from zoneinfo import ZoneInfo

    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise UsageError(_("'{text}' is no time zone: write it like Asia/Shanghai.").format(text=name)) from None


def rate(text: str, currency: str) -> Rate:
    """``10%``, ``12.5%`` or ``5 CNY``. Raises UsageError for anything else, or another currency."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if found := re.fullmatch(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%", plain):
        points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
        if points <= _HUNDRED_PERCENT:
            return Rate(points, 0)
    elif not plain.endswith("%"):
        return Rate(0, _money(plain, currency) or 0)
    raise UsageError(_("'{text}' is no rate: write a share such as 12.5%, or an amount of money.").format(text=text))


def code_key(text: str) -> str:
    """A code as it is compared and kept: NFKC, upper case, nothing but letters, digits and ``- _ .``."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text[: 4 * MAX_CODE]).upper())
    return "".join(ch for ch in folded if ch.isalnum() or ch in "-_.")[:MAX_CODE]


def plain(terms: Terms) -> dict[str, Any]:
    """Every setting as TOML and JSON hold it; ``parse`` makes the same terms of it again."""
    facts: dict[str, Any] = to_builtins(terms, builtin_types=())
    return facts


def _complaints(terms: Terms) -> list[tuple[bool, str]]:
    return [
        (not terms.name, _("name: give the campaign a name.")),
        (terms.name.isdecimal(), _("name: write more than a number, for campaigns have numbers besides.")),
        (not 0 <= terms.target.amount <= money.LIMIT // 10_000, _("target.amount: write a whole number from 0 on.")),
        (
            any(not _is_day(day) or not 0 <= weight <= 1_000_000 for day, weight in terms.target.days.items()),
            _("target.days: write days like 2026-05-01 with numbers from 0 on."),
        ),
        *(
            (
                not 0 <= getattr(terms, setting) <= 3_650,
                _("{setting}: write a whole number of days from 0 to 3,650.").format(setting=setting),
            )
            for setting in ("window_days", "late_days", "hold_days", "refund_days")
        ),
        (not terms.window_days, _("window_days: write a whole number from 1 on.")),
        (len(terms.levels) > MAX_LEVELS, _("levels: {most} are the most.").format(most=MAX_LEVELS)),
        (
            bool(terms.landing_url) and not re.match(r"https?://[^\s/]", terms.landing_url),
            _("landing_url: write an address that begins with https://."),
        ),
        (
            re.fullmatch(r"#[0-9a-fA-F]{6}", terms.colour) is None,
            _("colour: write it like #c2410c."),
        ),
    ]


def _cleaned(terms: Terms) -> Terms:
    lines = ("time_zone", "currency", "landing_url", "cap_per_person", "cap_per_order", "entry_fee", "colour")
    texts = ("positioning", "audience", "outline", "benefit", "copy_first", "copy_all")
    return structs.replace(
        terms,
        name=clean_line(terms.name, 80),
        starts=clean_line(terms.starts, 40),
        ends=clean_line(terms.ends, 40),
        **{name: clean_line(getattr(terms, name), 2_000).strip() for name in lines},
        **{name: clean_text(getattr(terms, name)).strip() for name in texts},
        levels=tuple(clean_line(text, 40) for text in terms.levels),
        pays_for=tuple(dict.fromkeys(terms.pays_for)),
        referee=structs.replace(terms.referee, reward=clean_line(terms.referee.reward, 40)),
        exclusions=tuple(dict.fromkeys(word for text in terms.exclusions if (word := clean_line(text, 256)))),
    )


def _money(text: str, currency: str) -> int | None:
    """The smallest units that a text means in this currency; None for nothing. Raises UsageError."""
    if not text:
        return None
    told = money.parse(text)
    if told.currency != currency or told.minor < 0:
        wanted = Money(abs(told.minor), currency)
        raise UsageError(
            _("'{text}': write it in the campaign's currency, like {like}.").format(text=text, like=wanted)
        )
    return told.minor or None


def _moment(text: str, time_zone: str, *, last: bool) -> datetime | None:
    """The moment that a day or a time names, of the ``last`` day the end; None for no text. Raises UsageError."""
    if not text:
        return None
    there = zone(time_zone)
    try:
        if _is_day(text):
            day = date.fromisoformat(text) + timedelta(days=1 if last else 0)
            return datetime.combine(day, time(), there)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        told = _("'{text}' is no day or time: write it like 2026-05-01, or 2026-05-01T20:00.")
        raise UsageError(told.format(text=text)) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=there)


def _is_day(text: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False
