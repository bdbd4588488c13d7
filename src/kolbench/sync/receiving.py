"""What shops tell by themselves: signed requests, checked, written whole, and counted once however often they come."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec import structs

from kolbench.adapters import webhook, webhook_body
from kolbench.adapters.webhook_body import Context, Fault, Place
from kolbench.domain.campaigns import zone
from kolbench.domain.clock import now
from kolbench.domain.errors import KolbenchError, SourceError, UsageError
from kolbench.domain.gate import Gate
from kolbench.domain.lang import _
from kolbench.domain.records import ConversionRecord, Record
from kolbench.store import campaigns, runs, sources
from kolbench.store.connect import Store
from kolbench.store.runs import Run
from kolbench.store.sources import Source
from kolbench.store.writer import Written, write_page
from kolbench.sync import secrets
from kolbench.sync.secrets import Settings

HEADER = "kolbench-signature"
TOLERANCE_S = 300
"""How far a request's clock may be off. Older ones are refused: whoever has recorded one can't send it later."""

LARGEST = 1_000_000
"""Bytes of a body."""

A_SECOND, BURST = 20, 100
"""Requests of one source: on average, and at once."""

_SIGNED = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_FEED = "conversions"


class Answer(NamedTuple):
    """What the shop is told: an HTTP status, and facts for its log; ``refused`` is for ours."""

    status: int
    facts: Mapping[str, Any]
    refused: Sequence[Fault] = ()


@dataclass
class Bucket:
    """Requests that may come: so many at once, and so many a second on average."""

    tokens: float = BURST
    filled_at: float = field(default_factory=time.monotonic)

    def allows(self) -> bool:
        """Whether another request may come now."""
        at = time.monotonic()
        self.tokens = min(BURST, self.tokens + (at - self.filled_at) * A_SECOND)
        self.filled_at = at
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class Listened:
    """One source that is listened to; ``run`` is what is being written, None while nothing comes.

    Whoever can't sign uses up another bucket than the shop's.
    """

    source: Source
    settings: Settings
    run: Run | None = None
    signed: Bucket = field(default_factory=Bucket)
    unsigned: Bucket = field(default_factory=Bucket)


def signature(secret: str, body: bytes, at_s: int) -> str:
    """The header's value for a body that is sent at ``at_s`` (seconds since 1970)."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, "sha256").hexdigest()
    return f"t={at_s},v1={digest}"


def opened(store: Store, names: Sequence[str] = ()) -> list[Listened]:
    """The sources to listen to: those named, or all that are switched on. Raises UsageError where one can't be."""
    found = [sources.get(store, name) for name in names] if names else sources.every(store)
    listened = [one for one in found if one.adapter == webhook.Webhook.name and (names or one.enabled)]
    if wrong := [one.name for one in found if names and one not in listened]:
        raise UsageError(_("{source} is no source of shops that tell by themselves.").format(source=", ".join(wrong)))
    if not listened:
        raise UsageError(_("There is nothing to listen to yet. Run: kolbench source add NAME webhook"))
    made = [Listened(one, secrets.resolve(one, webhook.Webhook.settings, store.path)) for one in listened]
    for one in made:
        if len(one.settings[webhook.SECRET]) < webhook.SHORTEST_SECRET:
            text = _("The secret of {source} is short: give it at least {n} characters.")
            raise UsageError(text.format(source=one.source.name, n=webhook.SHORTEST_SECRET))
    return made


class Receiver:
    """Writes what comes. ``after`` derives anew what rests on it. Call everything from one thread."""

    def __init__(self, store: Store, listened: Sequence[Listened], after: Callable[[], object]) -> None:
        self._store = store
        self._after = after
        self._listened = {one.source.name: one for one in listened}
        self.waiting = False
        """Whether something was written that ``settle`` hasn't seen."""

    def take(self, name: str, signed: str, body: bytes) -> Answer:
        """Check and write one request; it is answered with 200 only when all that can be kept is kept."""
        listened = self._listened.get(name)
        if listened is None:
            return Answer(404, {"error": _("nobody of that name is listened to")})
        problem = _unsigned(listened.settings[webhook.SECRET], signed, body)
        if not (listened.unsigned if problem else listened.signed).allows():
            return Answer(429, {"error": _("too many requests")})
        if problem:
            return Answer(401, {"error": problem})
        try:
            return self._write(listened, body)
        except SourceError as error:
            return Answer(400, {"error": listened.settings.redact(str(error))})
        except KolbenchError as error:
            return Answer(503, {"error": listened.settings.redact(str(error))})

    def settle(self) -> None:
        """End the runs of what has come, and derive what rests on it."""
        self.waiting = False
        for one in self._listened.values():
            if one.run is not None:
                runs.finish(self._store, one.run, "done")
                one.run = None
        self._after()

    def _write(self, listened: Listened, body: bytes) -> Answer:
        told = webhook_body.parse(body, self._context(listened.settings[webhook.CAMPAIGN]))
        kept, faults = Gate(now()).check_all(told.records)
        refused = [*told.faults, *(Fault(told.places[at], error.field, error.reason) for at, error in faults.items())]
        unwritten = len(refused)
        written = Written()
        if kept:
            written = self._written(listened, kept)
            places = [place for at, place in enumerate(told.places) if at not in faults]
            refused += (Fault(_place(one.record, kept, places), one.field, one.reason) for one in written.refused)
        if unwritten and listened.run is not None:
            runs.reject(self._store, listened.run, unwritten)
        # Who was erased is no business of whoever posts.
        unchanged = written.unchanged + written.erased
        counts = {"new": written.new, "changed": written.changed, "unchanged": unchanged}
        rejected = [one.facts() for one in refused]
        status = 422 if rejected and not any(counts.values()) else 200
        return Answer(status, {**counts, "rejected": rejected, "ignored": told.ignored}, refused)

    def _context(self, name: str) -> Context:
        """What the campaign's terms say for requests that don't; nothing where there is no such campaign."""
        campaign_id = campaigns.named(self._store.reader(), name)
        if campaign_id is None:
            return Context(name)
        terms = campaigns.terms(self._store, campaign_id)
        return Context(name, terms.currency, zone(terms.time_zone))

    def _written(self, listened: Listened, kept: Sequence[Any]) -> Written:
        self.waiting = True
        for _attempt in (1, 2):
            if listened.run is None:
                listened.run = runs.start(self._store, listened.source, "listen")
            try:
                return write_page(self._store, listened.run, _FEED, kept, None, now())
            except SourceError:  # a sync that began meanwhile has closed the runs that it found
                listened.run = None
        raise SourceError(_("it could not be written; send it again"))


def _place(record: Record, kept: Sequence[Record], places: Sequence[Place]) -> Place:
    """Where a record stands that the store has refused: it is the same one, but for a buyer who was erased."""
    for told, place in zip(kept, places, strict=True):
        if told is record or (
            isinstance(told, ConversionRecord) and structs.replace(told, buyer_uid=None) == record  # as erased
        ):
            return place
    raise LookupError


def _unsigned(secret: str, signed: str, body: bytes) -> str:
    """Why a signature is not to be believed; empty when it is."""
    found = _SIGNED.fullmatch(signed.strip())
    if found is None:
        return _("the header {header} is missing, or not t=SECONDS,v1=HEX").format(header=HEADER)
    at_s = int(found[1])
    if not hmac.compare_digest(signature(secret, body, at_s), signed.strip()):
        return _("the signature is not of this body and secret")
    if abs(now() // 1000 - at_s) > TOLERANCE_S:
        return _("the signature is older than five minutes, or a clock is wrong")
    return ""
