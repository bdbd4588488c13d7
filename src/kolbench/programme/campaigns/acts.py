"""What operators decide about a campaign, each with what follows from it: in its ledger, standings and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain import money
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme import settling
from kolbench.programme.campaigns import fresh, publishing
from kolbench.store import campaigns, commissions, conversions, flags, payouts, referrals, unsettled, waves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kolbench.domain.campaigns import Shown, Terms
    from kolbench.programme.campaigns.publishing import Problem
    from kolbench.programme.settling import Settled
    from kolbench.store.connect import Store
    from kolbench.store.conversions import Decision
    from kolbench.store.flags import Flag, Outcome


def save(
    store: Store,
    terms: Terms,
    author: str,
    campaign_id: int | None = None,
    *,
    base: int | None = None,
    from_at: int | None = None,
) -> int:
    """Keep a new campaign, or the next version of one's terms, and what they earn by it; see ``campaigns.save``."""
    saved = campaigns.save(store, terms, author, campaign_id, base=base, from_at=from_at)
    if campaign_id is not None:
        fresh.refresh(store)
    return saved


def settle(store: Store, progress: Callable[[int, int], None] | None = None, *, anew: bool = False) -> Settled:
    """Settle what was told, or everything ``anew``; ``progress`` is told how many of how many are done."""
    if anew:
        unsettled.everything(store)
    done = settling.settle(store, progress)
    fresh.refresh(store)
    return done


def decide(
    store: Store,
    conversion_ids: Sequence[int],
    decision: Decision,
    author: str,
    reason: str,
    participant_id: int | None = None,
) -> None:
    """Let conversions count, or not, or for whom; see ``conversions.decide``."""
    conversions.decide(store, conversion_ids, decision, author, reason, participant_id)
    fresh.refresh(store)


def undecide(store: Store, conversion_ids: Sequence[int], author: str) -> None:
    """Take back what was decided last about conversions; see ``conversions.undecide``."""
    conversions.undecide(store, conversion_ids, author)
    fresh.refresh(store)


def decide_flag(store: Store, flag_id: int, outcome: Outcome, author: str, reason: str) -> Flag:
    """Clear or uphold a flag; see ``flags.decide``."""
    flag = flags.decide(store, flag_id, outcome, author, reason)
    fresh.refresh(store)
    return flag


def reopen_flag(store: Store, flag_id: int, author: str) -> Flag:
    """Take back what was decided about a flag; see ``flags.reopen``."""
    flag = flags.reopen(store, flag_id, author)
    fresh.refresh(store)
    return flag


def refer(
    store: Store, child_id: int, parent_id: int | None, author: str, reason: str, *, since_at: int | None = None
) -> None:
    """Correct by whom somebody came; see ``referrals.correct``."""
    referrals.correct(store, child_id, parent_id, author, reason, since_at=since_at)
    fresh.refresh(store)


def adjust(store: Store, participant_id: int, amount: int, author: str, reason: str) -> int:
    """Give or take something by hand; see ``commissions.adjust``."""
    entry_id = commissions.adjust(store, participant_id, amount, author, reason)
    fresh.refresh(store)
    return entry_id


def put_together(store: Store, campaign_id: int, author: str, minimum: str = "") -> int | None:
    """Make a payout of what is due to whoever gets an amount such as ``10 CNY`` or more; None: nothing is due.

    What was told meanwhile is settled, and looked at for fraud, before. See ``payouts.make``.
    """
    least = in_currency(store, campaign_id, minimum) if minimum else 1
    fresh.refresh(store)
    return payouts.make(store, campaign_id, author, least)


def show(store: Store, participant_ids: Sequence[int], shown: Shown, author: str) -> tuple[int, Sequence[Problem]]:
    """Note how people let their names be shown, and show no page otherwise from now on; see ``waves.consent``.

    Returns how many people that changed, and the pages that could not be written.
    """
    return waves.consent(store, participant_ids, shown, author), publishing.refresh(store)


def in_currency(store: Store, campaign_id: int, text: str) -> int:
    """The smallest units that a text means. Raises UsageError for another currency than the campaign's."""
    told, currency = money.parse(text), campaigns.terms(store, campaign_id).currency
    if told.currency != currency:
        raise UsageError(_("'{text}': the campaign pays in {currency}.").format(text=text, currency=currency))
    return told.minor
