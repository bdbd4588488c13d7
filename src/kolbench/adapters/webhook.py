"""The webhook adapter: what shops tell by themselves, which ``kolbench listen`` receives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.domain.errors import SourceError
from kolbench.domain.lang import N_, _
from kolbench.domain.records import ConversionRecord, ParticipantRecord, ReferralRecord, RefundRecord, TouchRecord

if TYPE_CHECKING:
    from kolbench.domain.records import Record

SECRET, CAMPAIGN = "secret", "campaign"
SHORTEST_SECRET = 16
"""Characters: with fewer, somebody could find out how to sign by trying."""


class Participant(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody takes part."""

    id: str
    name: str | None = None
    code: str | None = None
    shown: str | None = None
    joined_at: datetime | None = None


class Referral(Struct, frozen=True, forbid_unknown_fields=True):
    """``child`` came by ``parent``, or by who has ``code``."""

    child: str
    at: datetime
    parent: str | None = None
    code: str | None = None


class Click(Struct, frozen=True, forbid_unknown_fields=True):
    """``visitor`` followed the link of ``participant``, or one with ``code``."""

    visitor: str
    at: datetime
    participant: str | None = None
    code: str | None = None


class Conversion(Struct, frozen=True, forbid_unknown_fields=True):
    """Something was sold, or somebody signed up; ``amount`` is in the smallest unit of ``currency``."""

    order_id: str
    at: datetime
    currency: str
    amount: int = 0
    line: str = ""
    kind: str = "sale"
    code: str | None = None
    participant: str | None = None
    buyer: str | None = None
    device: str | None = None
    address: str | None = None
    payment: str | None = None


class Refund(Struct, frozen=True, forbid_unknown_fields=True):
    """``amount`` of an order was given back."""

    order_id: str
    refund_id: str
    amount: int
    at: datetime
    line: str = ""


class Message(Struct, frozen=True, forbid_unknown_fields=True):
    """What one request says."""

    participants: Sequence[Participant] = ()
    referrals: Sequence[Referral] = ()
    clicks: Sequence[Click] = ()
    conversions: Sequence[Conversion] = ()
    refunds: Sequence[Refund] = ()


class Webhook:
    """A source that is not read, but listened to."""

    name = "webhook"
    title = N_("Shops that tell of their orders by themselves: kolbench listen")
    platform = ""
    feeds = ("conversions",)
    limits: RateLimit | None = None
    settings = (
        Setting(CAMPAIGN, N_("the campaign that these orders belong to"), required=True, example="Spring tea"),
        Setting(SECRET, N_("with which the shop signs; at least 16 characters"), required=True, secret=True),
        Setting("platform", N_("what to call the shop in the data"), required=True, example="shop"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Nothing: what there is has been received already."""
        yield Page((), pull.cursor or "0")

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Whether its secret is long enough; whether the shop knows it shows when it sends something."""
        if len(pull.settings[SECRET]) < SHORTEST_SECRET:
            yield Finding(False, _("The secret is short: give it at least {n} characters.").format(n=SHORTEST_SECRET))
        else:
            yield Finding(True, _("There is nothing to read: kolbench listen receives it."))


def parse(body: bytes, campaign: str) -> list[Record]:
    """The records of a request. Raises SourceError naming the field that is wrong."""
    try:
        told = msgspec.json.decode(body, type=Message)
    except msgspec.ValidationError as error:
        raise SourceError(_("not what was expected: {reason}").format(reason=error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(_("the body is not JSON")) from error
    return [
        *(
            ParticipantRecord(
                campaign=campaign, uid=one.id, name=one.name, code=one.code, shown=one.shown, joined_at=one.joined_at
            )
            for one in told.participants
        ),
        *(
            ReferralRecord(campaign=campaign, child_uid=one.child, parent_uid=one.parent, code=one.code, at=one.at)
            for one in told.referrals
        ),
        *(
            TouchRecord(
                campaign=campaign, visitor_uid=one.visitor, participant_uid=one.participant, code=one.code, at=one.at
            )
            for one in told.clicks
        ),
        *(
            ConversionRecord(
                campaign=campaign,
                order_id=one.order_id,
                line=one.line,
                kind=one.kind,
                at=one.at,
                amount=one.amount,
                currency=one.currency.upper(),
                code=one.code,
                participant_uid=one.participant,
                buyer_uid=one.buyer,
                device=one.device,
                address=one.address,
                payment=one.payment,
            )
            for one in told.conversions
        ),
        *(
            RefundRecord(
                campaign=campaign,
                order_id=one.order_id,
                line=one.line,
                refund_id=one.refund_id,
                amount=one.amount,
                at=one.at,
            )
            for one in told.refunds
        ),
    ]
