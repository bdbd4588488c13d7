"""The Dub adapter: the partners of a programme, and what was sold and signed up through their links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import Raw, Struct, field
from msgspec.structs import replace

from kolbench.adapters import cursors
from kolbench.adapters.answers import decode, each
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.servers import began, moment, number
from kolbench.domain import clock
from kolbench.domain.lang import N_, _
from kolbench.domain.records import ConversionRecord, ParticipantRecord, Record, RefundRecord

T = TypeVar("T")

BASE = "https://api.dub.co/"

MOST = 100
"""Items that one answer may hold."""

KINDS = {"sale": "sale", "lead": "lead"}
"""Dub's types of commissions that are conversions; clicks and what was given by hand are none."""

TAKEN_BACK = ("refunded", "duplicate", "fraud", "canceled")
"""States of a commission in which Dub pays nothing for the sale."""

PARTNERS, COMMISSIONS = "partners", "commissions"


class Place(Struct, omit_defaults=True):
    """The cursor: the next ``page`` of the list that is read, from ``start`` on, and the newest item seen.

    Times in milliseconds since 1970. ``page`` is 0 between two walks.
    """

    page: int = 0
    start: int = 0
    newest: int = 0


class Partner(Struct, frozen=True):
    """Somebody who shares links."""

    id: str
    name: str | None = None


class Customer(Struct, frozen=True):
    """Who bought or signed up; ``external_id`` is their id with the shop."""

    id: str
    external_id: str | None = field(default=None, name="externalId")


class Commission(Struct, frozen=True):
    """What a partner earns by one sale or sign-up; ``amount`` is what was sold for, in the smallest unit."""

    id: str
    amount: int
    currency: str
    status: str
    partner: Partner
    created_at: str = field(name="createdAt")
    type: str = "sale"
    updated_at: str | None = field(default=None, name="updatedAt")
    invoice_id: str | None = field(default=None, name="invoiceId")
    customer: Customer | None = None


class Dub:
    """Reads the partner programme of one workspace into a campaign."""

    name = "dub"
    title = N_("Dub: partners, and the sales and leads of their links")
    platform = "dub"
    feeds = ("conversions",)
    limits: RateLimit | None = RateLimit(requests=60, seconds=60)
    settings = (
        Setting("api_key", N_("of the workspace, with read access to its programme"), required=True, secret=True),
        Setting("campaign", N_("the campaign that this programme is"), required=True, example="Spring tea"),
        Setting("days", N_("how many days back the first sync goes"), default="90", example="365"),
        Setting("recount", N_("for how many days sales are read again, for refunds"), default="30", example="60"),
    )

    def targets(self, pull: Pull) -> Iterable[str]:
        """Partners first, so that sales find whose they are by name."""
        return (PARTNERS, COMMISSIONS)

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the partners anew each time, and commissions from ``recount`` days before the last one on."""
        place = cursors.read(pull.cursor, Place())
        if pull.target == PARTNERS:
            yield from _partners(pull, place)
        else:
            yield from _commissions(pull, place)

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Ask for one commission, which needs the key and a plan with partner programmes."""
        _ask(pull, COMMISSIONS, pageSize="1")
        yield Finding(True, _("Dub accepts the key, and shows the partner programme's sales."))


def _partners(pull: Pull, place: Place) -> Iterator[Page]:
    for items, page in _walk(pull, PARTNERS, place.page or 1):
        found = [
            ParticipantRecord(campaign=pull.settings["campaign"], uid=one.id, name=one.name or None)
            for one in each(pull, items, Partner)
        ]
        yield Page(found, cursors.written(replace(place, page=page)))


def _commissions(pull: Pull, place: Place) -> Iterator[Page]:
    if not place.page:
        start = place.newest - number(pull, "recount") * clock.DAY if place.newest else began(pull)
        place = replace(place, page=1, start=max(start, 0))
    query = {"sortBy": "createdAt", "sortOrder": "asc", "start": clock.iso(place.start)}
    for items, page in _walk(pull, COMMISSIONS, place.page, **query):
        found: list[Record] = []
        for one in each(pull, items, Commission):
            found += _records(pull.settings["campaign"], one)
            if at := moment(one.created_at):
                place = replace(place, newest=max(place.newest, min(clock.to_ms(at), clock.now())))
        place = replace(place, page=page)
        yield Page(found, cursors.written(place))


def _records(campaign: str, one: Commission) -> Iterator[Record]:
    """A sale or lead, and that it was taken back, where it was."""
    at = moment(one.created_at)
    if one.type not in KINDS or at is None:
        return
    order = one.invoice_id or one.id
    yield ConversionRecord(
        campaign=campaign,
        order_id=order,
        kind=KINDS[one.type],
        at=at,
        amount=one.amount,
        currency=one.currency.upper(),
        participant_uid=one.partner.id,
        buyer_uid=(one.customer.external_id or one.customer.id) if one.customer else None,
    )
    if one.status in TAKEN_BACK and one.amount > 0:
        yield RefundRecord(
            campaign=campaign,
            order_id=order,
            refund_id=f"{one.status}:{one.id}",
            amount=one.amount,
            currency=one.currency.upper(),
            at=moment(one.updated_at) or at,
        )


def _walk(pull: Pull, path: str, page: int, **query: str) -> Iterator[tuple[list[Raw], int]]:
    """The pages of a list from ``page`` on, each with the number of the next one, 0 at the end."""
    before: list[Raw] = []
    while page:
        items = _ask(pull, path, page=str(page), pageSize=str(MOST), **query)
        if items and items == before:
            pull.warn(_("{path}: Dub gives the same page again and again.").format(path=path))
            items = []
        before, page = items, page + 1 if len(items) >= MOST else 0
        yield items, page


def _ask(pull: Pull, path: str, **query: str) -> list[Raw]:
    assert pull.http
    headers = {"Authorization": f"Bearer {pull.settings['api_key']}"}
    return decode(pull.http.get(BASE + path, params=query, headers=headers), list[Raw])
