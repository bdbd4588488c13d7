"""What can be given to a creator, how it is counted, and the rules by which it is proposed."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple, get_args

from msgspec import Struct

from kolbench.domain import money
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.money import Money
from kolbench.domain.periods import Length
from kolbench.domain.shapes import refuse, shaped
from kolbench.domain.text import clean_line

Kind = Literal["title", "medal", "pin", "push", "beta_place", "coupon", "gift", "cash", "points"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""From the spiritual to the material: what honours comes first."""

HONOURS: tuple[Kind, ...] = ("title", "medal", "pin", "push", "beta_place")
"""What costs attention instead of money: counted in pieces."""

Source = Literal["leaderboard", "standing", "counts"]

POINTS = "points"
PIECE = "piece"

_WHOLE = re.compile(r"(?P<n>\d{1,3}(?:,\d{3})+|\d{1,15})\s*(?P<unit>points?|pts?|积分|分|pieces?|×|x|个|枚)?")


class Amount(NamedTuple):
    """How much of something: ``n`` points, pieces, or a currency's smallest units."""

    n: int
    unit: str

    def __str__(self) -> str:
        if self.unit == POINTS:
            return _("{n} points").format(n=f"{self.n:,}")
        return f"{self.n:,}×" if self.unit == PIECE else str(Money(self.n, self.unit))


class RewardRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who gets what for a period: those whose ``metric`` is ``at_least`` so much, or who are among the ``top``.

    ``source`` is where the metric comes from: a leaderboard (of a ``community``, or of all), a person's standing, or a
    file with counts. ``stages`` restricts it to people in them; ``once`` gives it to nobody a second time.
    """

    id: str
    kind: Kind
    metric: str
    amount: str = "1"
    source: Source = "leaderboard"
    period: Length = "month"
    at_least: int = 0
    top: int = 0
    community: str = ""
    stages: tuple[str, ...] = ()
    once: bool = False


class Rules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of rules."""

    reward: tuple[RewardRule, ...]


def kind_of(text: str) -> Kind:
    """The kind of that name. Raises UsageError, naming all."""
    for kind in KINDS:
        if text == kind:
            return kind
    raise UsageError(_("There is no kind '{text}'. Kinds: {names}.").format(text=text, names=", ".join(KINDS)))


def amount(kind: Kind, text: str) -> Amount:
    """What ``200``, ``200 points``, ``50.00 CNY`` or ``2`` mean for a kind. Raises UsageError where it means nothing.

    Cash is money, honours are pieces, points are points; coupons and gifts are either money or pieces.
    """
    found = _WHOLE.fullmatch(unicodedata.normalize("NFKC", text).strip().casefold())
    n = int(found["n"].replace(",", "")) if found else 0
    told = (found["unit"] or "")[:2] if found else ""
    if kind == "points" and found and told in ("", "po", "pt", "积分", "分"):
        made = Amount(n, POINTS)
    elif kind not in ("points", "cash") and found and told in ("", "pi", "×", "x", "个", "枚"):
        made = Amount(n, PIECE)
    elif kind in ("cash", "coupon", "gift"):
        made = Amount(*money.parse(text))
    else:
        raise UsageError(_("'{text}' is no number of {kind}.").format(text=text, kind=kind))
    if not 0 < made.n <= money.LIMIT:
        raise UsageError(_("Write an amount above zero, not '{text}'.").format(text=text))
    return made


def given(kind: Kind, text: str, reason: str = "") -> tuple[Amount, str]:
    """How much of a kind a text means, and for what: a text that names a title, a medal or a gift is one of it.

    The name stands before the reason. Raises UsageError where it means neither; names of gifts have no digits.
    """
    try:
        return amount(kind, text), reason
    except UsageError:
        name = clean_line(text, 200)
        if not name or kind in ("points", "cash") or _WHOLE.fullmatch(name):
            raise
        if kind not in HONOURS and any(letter.isdigit() for letter in name):
            raise
        return Amount(1, PIECE), " · ".join(part for part in (name, reason) if part)


def unit(text: str) -> str:
    """The unit in which a budget is: ``points``, ``piece``, or a currency. Raises UsageError."""
    plain = text.strip().casefold()
    if plain.removesuffix("s") in ("point", "piece"):
        return POINTS if plain.startswith("point") else PIECE
    return money.currency(text)


def planned(text: str) -> Amount:
    """A budget: ``10000 CNY``, ``5000 points``, ``20 pieces``. Raises UsageError."""
    found = _WHOLE.fullmatch(unicodedata.normalize("NFKC", text).strip().casefold())
    if found and (told := (found["unit"] or "")[:2]):
        n = int(found["n"].replace(",", ""))
        return Amount(n, POINTS if told in ("po", "pt", "积分", "分") else PIECE)
    made = Amount(*money.parse(text))
    if made.n < 0:
        raise UsageError(_("Write an amount above zero, not '{text}'.").format(text=text))
    return made


def parse(facts: object) -> Rules:
    """Rules from what TOML holds. Raises UsageError, which names the setting and what is expected."""
    rules = shaped(facts, Rules, _("the rules"))
    seen: set[str] = set()
    wrong = []
    for place, rule in enumerate(rules.reward, 1):
        try:
            _check(rule, seen)
        except UsageError as error:
            wrong.append(f"reward[{place}]: {error}")
    refuse(wrong)
    return rules


def _check(rule: RewardRule, seen: set[str]) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", rule.id):
        raise UsageError(_("id: write small letters, digits and hyphens."))
    if rule.id in seen:
        raise UsageError(_("id: there are two rules '{rule}'.").format(rule=rule.id))
    seen.add(rule.id)
    amount(rule.kind, rule.amount)
    if min(rule.at_least, rule.top) < 0 or not (rule.at_least or rule.top):
        raise UsageError(_("Say who gets it: at_least, a number above zero, or top."))


def falling(first: int, periods: int, percent: int) -> list[int]:
    """Amounts for so many periods, each by ``percent`` less than the one before (rounded down)."""
    planned = [first]
    for _period in range(periods - 1):
        planned.append(planned[-1] * (100 - percent) // 100)
    return planned
