"""What looks like fraud in a campaign: the same checks for everybody, each with the conversions that show it.

A check is a function of one participant's case; one more is one line in ``CHECKS``. None of them knows who somebody
is. What is found is a question and no verdict: people decide, and what is more than minor isn't paid before.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from kolbench.domain.clock import MINUTE, SECOND
from kolbench.store import flags, suspicions
from kolbench.store.flags import Cause
from kolbench.store.suspicions import HASHES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kolbench.store.connect import Store
    from kolbench.store.flags import Severity
    from kolbench.store.suspicions import Case, Known, Sale

    Check = Callable[[Case], Iterator[Cause]]

SHARED: dict[str, tuple[int, Severity]] = {
    "payment": (3, "severe"),
    "device": (4, "serious"),
    "address": (6, "minor"),
}
"""From so many buyers with one of it on, who are told to be different: homes and offices share an address."""

BURST, BURST_SERIOUS, BURST_MS = 20, 60, 10 * MINUTE
"""So many sales within so long, when they are as many as all others of the participant."""

QUICK_MS, QUICK, QUICK_SHARE = 10 * SECOND, 3, 0.2
"""Nobody chooses, types an address and pays within so long of a click: so many, and this share of those with one."""

REGULAR, REGULAR_SPREAD = 8, 0.05
"""So many sales, the time between which hardly differs: standard deviation by mean."""

REFUNDS, REFUND_SHARE, REFUNDS_SEVERE, REFUND_SHARE_SEVERE = 5, 0.3, 10, 0.5
"""So many sales given back that are this share of all, and when that is severe."""

POACHED, POACHED_SHARE = 5, 0.3
"""So many buyers, and this share of all, who had come by somebody else's link and used this code at the till."""

AGAIN = 3
"""From so many conversions on that nobody had seen, what was decided about is flagged again."""

BATCH = 200


def watch(store: Store) -> int:
    """Look at the participants of whom something is new; returns how many flags are new.

    To be called between settling and deriving the standings, which forgets of whom something was new.
    """
    db = store.reader()
    ids = suspicions.with_news(db)
    new = 0
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        known = suspicions.known(db, some)
        found = [
            cause for case in suspicions.cases(db, some) for cause in look(case, known.get(case.participant_id, {}))
        ]
        if found:
            with store.writing() as writer:
                new += flags.note(writer, found)
    return new


def look(case: Case, known: Mapping[tuple[str, str], Known]) -> Iterator[Cause]:
    """What all checks find in a case.

    What was decided about is left alone, until there is more than was seen then; that is another flag.
    """
    for check in CHECKS:
        for found in check(case):
            cause, again = found.cause, 1
            conversions = set(found.evidence["conversions"])
            while (before := known.get((found.kind, cause))) is not None and before.decided:
                conversions -= before.conversions
                again += 1
                cause = f"{found.cause} #{again}"
            if again == 1 or len(conversions) >= AGAIN:
                yield found._replace(cause=cause, evidence={**found.evidence, "conversions": sorted(conversions)})


def _self_purchase(case: Case) -> Iterator[Cause]:
    """Sales to somebody with the payment, device or address of what the participant bought themself."""
    for kind in HASHES:
        found = [sale for sale in case.sales if getattr(sale, kind) in case.own[kind]] if case.own[kind] else []
        if found:
            severity: Severity = "minor" if kind == "address" else "severe"
            yield _flag(case, "self-purchase", kind, severity, found, shared=kind)


def _shared(case: Case) -> Iterator[Cause]:
    """Buyers who are told to be different, with one payment, device or address."""
    for kind, (most, severity) in SHARED.items():
        by_hash: dict[str, list[Sale]] = defaultdict(list)
        for sale in case.sales:
            if sale.buyer and (value := getattr(sale, kind)):
                by_hash[value].append(sale)
        for value, found in by_hash.items():
            buyers = {sale.buyer for sale in found}
            if len(buyers) >= most:
                yield _flag(case, f"shared-{kind}", value, severity, found, buyers=len(buyers))


def _burst(case: Case) -> Iterator[Cause]:
    """Most of what somebody sold within minutes; the largest such heap."""
    sales, first, best = case.sales, 0, (0, 0)
    if len(sales) < BURST:
        return
    for last, sale in enumerate(sales):
        while sale.at - sales[first].at >= BURST_MS:
            first += 1
        best = max(best, (last - first + 1, first))
    size, first = best
    if size >= BURST and 2 * size >= len(sales):
        found = sales[first : first + size]
        severity: Severity = "serious" if size >= BURST_SERIOUS else "minor"
        seconds = (found[-1].at - found[0].at) // SECOND
        yield _flag(case, "burst", str(found[0].at // BURST_MS), severity, found, seconds=seconds)


def _quick(case: Case) -> Iterator[Cause]:
    """Sales so soon after the click that nobody can have chosen anything."""
    clicked = [(sale, sale.at - sale.clicked_at) for sale in case.sales if sale.clicked_at is not None]
    found = [sale for sale, gap in clicked if gap < QUICK_MS]
    if len(found) >= QUICK and len(found) >= QUICK_SHARE * len(clicked):
        yield _flag(case, "quick", "", "serious", found, of=len(clicked), seconds=QUICK_MS // SECOND)


def _regular(case: Case) -> Iterator[Cause]:
    """Sales that come by the clock."""
    moments = sorted({sale.at for sale in case.sales})
    if len(moments) < REGULAR:
        return
    gaps = [after - before for before, after in pairwise(moments)]
    mean = (moments[-1] - moments[0]) / len(gaps)
    if math.dist(gaps, [mean] * len(gaps)) < REGULAR_SPREAD * mean * math.sqrt(len(gaps)):
        yield _flag(case, "regular", "", "serious", case.sales, seconds=round(mean / SECOND))


def _refunds(case: Case) -> Iterator[Cause]:
    """Much of what somebody sold is given back."""
    found = [sale for sale in case.sales if sale.refunded]
    share = len(found) / len(case.sales)
    if len(found) >= REFUNDS and share >= REFUND_SHARE:
        severe = len(found) >= REFUNDS_SEVERE and share >= REFUND_SHARE_SEVERE
        yield _flag(case, "refunds", "", "severe" if severe else "serious", found, of=len(case.sales))


def _poached(case: Case) -> Iterator[Cause]:
    """A code that buyers find at the till, as on a coupon site: they had come by somebody else's link."""
    found = [sale for sale in case.sales if sale.elsewhere is not None]
    if len(found) >= POACHED and len(found) >= POACHED_SHARE * len(case.sales):
        others = {sale.elsewhere for sale in found}
        yield _flag(case, "code-sharing", "", "serious", found, of=len(case.sales), brought_by=len(others))


CHECKS: tuple[Check, ...] = (_self_purchase, _shared, _burst, _quick, _regular, _refunds, _poached)


def _flag(case: Case, kind: str, cause: str, severity: Severity, sales: Iterable[Sale], **evidence: str | int) -> Cause:
    ids = sorted(sale.id for sale in sales)
    told = {**evidence, "conversions": ids}
    return Cause(case.campaign_id, kind, f"{case.participant_id}:{cause}", severity, told, case.participant_id)
