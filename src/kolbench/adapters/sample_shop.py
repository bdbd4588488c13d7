"""A generated shop in a campaign: who came by whose code, what was bought and given back, day by day.

It grows as campaigns do: most come in the days after each wave has posted, and by those who have brought others. Told
is only what has happened by now, so that a later sync brings what is new.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import TYPE_CHECKING, Any

from kolbench.adapters import sample_words as words
from kolbench.adapters.protocol import Page
from kolbench.domain import codes
from kolbench.domain.clock import DAY, from_ms, now, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.records import ConversionRecord, ParticipantRecord, ReferralRecord, RefundRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.adapters.protocol import Pull

Told = ParticipantRecord | ReferralRecord | ConversionRecord | RefundRecord

PLATFORM = "shop"

DAYS = 30
SECOND_WAVE_DAY = 8
"""So many days after the first wave the second one posts."""

FADES_DAYS = 5.0
DEEPEST = 4
"""Nobody comes by a code that is further from a wave."""

HOURS = (9, 10, 8, 5, 2, 1, 0.4, 0.2, 0.2, 0.3, 0.8, 2, 3, 4, 4, 5, 6, 5, 4, 4, 4, 5, 6, 8)
"""How much happens in each hour after the one in which the waves post, which is in the evening."""

PRICES = (69_00, 89_00, 129_00, 129_00, 168_00, 219_00, 329_00)
CURRENCY = "CNY"

SHARES = 0.35
"""Of those who came so many recommend it further, by a code of their own."""

COMES_BACK, GIVES_BACK = 0.03, 0.06
"""How likely somebody buys again on a day, and gives back what they bought."""

ONE_CARD = 5
"""So many buyers of one seller pay with one card."""


@dataclass
class Seller:
    """Somebody with a code: how strongly they draw, and how far they are from a wave.

    Who came as a buyer has a ``uid``, and came ``by`` that of another one, or by somebody of a wave (None).
    """

    code: str
    draws: float
    depth: int = 0
    uid: str | None = None
    by: str | None = None


def pages(pull: Pull) -> Iterator[Page]:
    """A page for each day of the campaign, of what has happened since the cursor, which is a moment in ms."""
    shop = _Shop(pull.settings)
    since, until = int(pull.cursor or 0), min(now(), shop.opens_at + DAYS * DAY)
    for _day, told in groupby(shop.told(until), key=lambda one: (one[0] - shop.opens_at) // DAY):
        fresh = [one for one in told if since < one[0] <= until]
        if fresh:
            yield Page([record for _at, record in fresh], str(fresh[-1][0]))


class _Shop:
    def __init__(self, settings: Mapping[str, str]) -> None:
        try:
            self.opens_at = to_ms(datetime.fromisoformat(settings["starts"]).astimezone(UTC))
            self.size = int(settings["people"])
        except (KeyError, ValueError) as error:
            text = _("A sample needs a number of people and an ISO date: {error}.")
            raise UsageError(text.format(error=error)) from error
        self.campaign, self.seed = settings.get("campaign", ""), settings["seed"]
        self.waves = [settings.get(name, "").replace(",", " ").split() for name in ("codes", "later_codes")]
        if not self.waves[0]:
            raise UsageError(_("A sample's shop needs the codes of those who sell."))
        self.events: list[tuple[int, Told]] = []
        self.sellers: list[Seller] = []
        self.buyers: list[str] = []
        self.orders = 0

    def told(self, until: int) -> list[tuple[int, Told]]:
        """All that happens until a moment (ms), in its order; of the same seed always the same."""
        for day in range(min(DAYS, (until - self.opens_at) // DAY + 1)):
            self.random = Random(f"{self.seed}/{PLATFORM}/{self.campaign}/{day}")  # noqa: S311
            self.day = day
            self._day()
        return sorted(self.events, key=itemgetter(0))

    def _day(self) -> None:
        wave = {0: 0, SECOND_WAVE_DAY: 1}.get(self.day)
        if wave is not None:
            self.sellers += [Seller(code, 8 / (place + 1) ** 0.6) for place, code in enumerate(self.waves[wave])]
        moments = sorted(self._moment() for _one in range(self._drawn()))
        for at in moments:
            if self.random.random() < 0.8:
                self._joins(at)
            else:
                self._buys(self._moment(), f"guest-{self.orders}", self._seller(0).code)
        for uid in self.buyers[: -len(moments) or None]:
            if self.random.random() < COMES_BACK:
                self._buys(self._moment(), uid, None)
        self._odd()

    def _drawn(self) -> int:
        """How many come on this day: by each wave fewer from day to day, and by word of mouth."""
        waves = ((0, 0.05), (SECOND_WAVE_DAY, 0.08))
        share = sum(part * math.exp((first - self.day) / FADES_DAYS) for first, part in waves if self.day >= first)
        return round(self.size * share * self.random.uniform(0.8, 1.2) + 0.02 * len(self.buyers))

    def _moment(self) -> int:
        (hour,) = self.random.choices(range(24), HOURS)
        return self.opens_at + self.day * DAY + int((hour + self.random.random()) * DAY / 24)

    def _seller(self, deepest: int = DEEPEST - 1) -> Seller:
        known = [one for one in self.sellers if one.depth <= deepest]
        return self.random.choices(known, [one.draws for one in known])[0]

    def _joins(self, at: int) -> None:
        """Somebody comes by a code, and mostly buys at once; some recommend it further."""
        seller = self._seller()
        name = words.buyer(self.random)
        uid = f"k{len(self.buyers) + 1:04}"
        self.buyers.append(uid)
        seller.draws += 0.3
        self._tell(at, ReferralRecord, child_uid=uid, child_name=name, code=seller.code, at=from_ms(at))
        if self.random.random() < 0.75:
            self._buys(at + self.random.randrange(30_000, 2_400_000), uid, seller.code)
        if self.random.random() < SHARES:
            (code,) = codes.draw(1, {one.code for one in self.sellers}, self.random.choice)
            self.sellers.append(Seller(code, self.random.uniform(0.2, 1.4), seller.depth + 1, uid, seller.uid))
            joined = from_ms(at + 1)
            self._tell(at + 1, ParticipantRecord, uid=uid, name=name, code=code, joined_at=joined)

    def _buys(self, told_at: int, buyer: str, code: str | None, **facts: Any) -> None:
        self.orders += 1
        order_id = f"K{self.day + 1:02}-{self.orders:04}"
        amount = self.random.choice(PRICES)
        usual = {"buyer_uid": buyer, "payment": f"card of {buyer}", "currency": CURRENCY, "at": from_ms(told_at)}
        self._tell(told_at, ConversionRecord, **{**usual, **facts}, order_id=order_id, amount=amount, code=code)
        if self.random.random() < GIVES_BACK:
            back = told_at + int(self.random.uniform(1, 6) * DAY)
            part = amount if self.random.random() < 0.7 else amount // 2
            self._tell(back, RefundRecord, order_id=order_id, refund_id="1", amount=part, at=from_ms(back))

    def _odd(self) -> None:
        """What a shop tells that can't count by itself: once each, and cards that are too much alike."""
        at, first = self._moment(), self.waves[0]
        sharing = [one for one in self.sellers if one.uid is not None]
        if self.day == 1:
            self._buys(at, "guest-early", first[0], at=from_ms(self.opens_at) - timedelta(hours=30))
        elif self.day == 3:
            self._buys(at, "guest-typo", _mistyped(first[0]))
        elif self.day == 5 and sharing:
            self._buys(at, str(sharing[0].uid), sharing[0].code)
        elif self.day == 6:
            self._buys(at, "guest-abroad", first[-1], currency="USD")
        elif self.day == 9 and (below := [one for one in sharing if one.by is not None]):
            self._buys(at, str(below[0].by), below[0].code)
        elif self.day == 10:
            self._buys(at, "guest-coupon", "WELCOME10")
        elif self.day == SECOND_WAVE_DAY + 3:
            code = (self.waves[1] or first)[-1]
            for number in range(ONE_CARD):
                self._buys(self._moment(), f"new-{number}", code, payment="one card")

    def _tell(self, told_at: int, kind: type[Told], **facts: Any) -> None:
        self.events.append((told_at, kind(campaign=self.campaign, **facts)))


def _mistyped(code: str) -> str:
    """The code with the last digit but one that somebody misread."""
    place = max(place for place, symbol in enumerate(code[:-1]) if symbol in codes.DIGITS)
    other = codes.DIGITS[codes.DIGITS.index(code[place]) - 1]
    return code[:place] + other + code[place + 1 :]
