"""``kolbench campaign quarantine …``: what does not count by itself, and what operators decide about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli.campaign_figures import of_campaign, refunds_waiting, warn_of_overfull
from kolbench.cli.output import Column, answer, fields, printable, say, show_found, show_json, show_table
from kolbench.cli.parser import whole
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.money import Money
from kolbench.programme.campaigns import acts, people
from kolbench.programme.local import past_day
from kolbench.screens.campaign.words import (
    DECISIONS,
    FLAGS,
    OUTCOMES,
    SEVERITIES,
    WHY,
    evidence,
    perhaps,
    shown_by,
    why,
)
from kolbench.screens.words import said
from kolbench.store import campaigns, changes, conversions, flags, participants, referrals, refunds
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    import sqlite3
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kolbench.cli.parser import Actions
    from kolbench.store.connect import Store
    from kolbench.store.conversions import Conversion, Decided
    from kolbench.store.flags import Flag
    from kolbench.store.referrals import Edge


REOPEN = "reopen"


def add(actions: Actions) -> None:
    """Add the actions and their arguments."""
    quarantine = of_campaign(
        actions, "quarantine", _("List conversions that count only when somebody says so, and why")
    )
    quarantine.add_argument("--reason", choices=list(WHY), help=_("for this reason alone"))
    quarantine.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    quarantine.add_argument("--decided", action="store_true", help=_("what was decided already, by whom and why"))
    undecide = actions.add("undecide", _("Take back what was decided last about conversions; it stays in the list"))
    undecide.add_argument(
        "conversions", metavar="NUMBER", type=whole(1), nargs="+", help=_("as 'quarantine' lists them")
    )
    decide = actions.add("decide", _("Let conversions count, reject them, or say whose they are"))
    decide.add_argument("decision", choices=("accept", "reject", "assign"), help=_("which"))
    decide.add_argument("conversions", metavar="NUMBER", type=whole(1), nargs="+", help=_("as 'quarantine' lists them"))
    decide.add_argument("--to", metavar="WHO", help=_("whose they are: a code, a name, or an id where sales are told"))
    decide.add_argument("--reason", metavar="TEXT", required=True, help=_("why"))
    listed = of_campaign(actions, "flags", _("List what looks wrong, with the evidence"))
    listed.add_argument("--decided", action="store_true", help=_("what was decided already"))
    flag = actions.add("flag", _("Decide about a flag: cleared is paid, upheld counts no more, reopen takes it back"))
    flag.add_argument("flag", metavar="NUMBER", type=whole(1), help=_("as 'flags' lists it"))
    flag.add_argument("outcome", choices=(*flags.OUTCOMES, REOPEN), help=_("which"))
    flag.add_argument("--reason", metavar="TEXT", help=_("why it is cleared or upheld"))
    came = of_campaign(actions, "referrals", _("List by whom somebody came, or what brings oneself or closes a circle"))
    came.add_argument("who", metavar="WHO", nargs="?", help=_("a code, a name, or an id (circles alone)"))
    refer = of_campaign(actions, "refer", _("Correct by whom somebody came; what was told before stays"))
    refer.add_argument("who", metavar="WHO", help=_("a code, a name, or an id where sales are told"))
    by = refer.add_mutually_exclusive_group(required=True)
    by.add_argument("--by", metavar="WHO", help=_("by whom they came"))
    by.add_argument("--by-nobody", action="store_true", help=_("nobody brought them"))
    refer.add_argument("--on", metavar="DAY", type=past_day, help=_("since when (since they were referred first)"))
    refer.add_argument("--reason", metavar="TEXT", required=True, help=_("why"))


def _quarantine(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    db = store.reader()
    if args.decided:
        return _decided(args, conversions.decided(db, campaign_id, args.limit))
    found = conversions.quarantined(db, campaign_id, args.reason, limit=args.limit)
    if not args.json:
        for line in _besides(db, campaign_id):
            say(printable(line))
    if args.json or not found:

        def facts(one: Conversion) -> dict[str, Any]:
            return {**fields(one), "perhaps": [near._asdict() for near in people.meant(db, campaign_id, one.code)]}

        return show_found(args, found, (), lambda _one: (), empty=_("Nothing is quarantined."), facts=facts)
    show_table(
        (
            Column(_("number"), "right"),
            Column(_("date")),
            Column(_("order"), yields=True),
            Column(_("sum"), "right"),
            Column(_("code"), yields=True),
            Column(_("whose"), yields=True),
            Column(_("why"), yields=True),
        ),
        (
            (
                one.id,
                day(one.at),
                " ".join(filter(None, (one.order_id, one.line))),
                Money(one.amount, one.currency),
                one.code,
                one.name or one.ref,
                why(one),
            )
            for one in found
        ),
    )
    for code in dict.fromkeys(one.code for one in found if one.code):
        for near in people.meant(db, campaign_id, code):
            say(printable(perhaps(code, near)))
    counts = conversions.reasons(db, campaign_id)
    say(printable(_told((said(WHY, reason), f"{n:,}") for reason, n in counts.items())))
    say(_("Decide: kolbench campaign decide accept|reject|assign NUMBER --reason TEXT"))
    return 0


def _decided(args: Namespace, found: Sequence[Decided]) -> int:
    """What was decided, by whom and why, the newest first."""
    return show_found(
        args,
        found,
        (
            Column(_("number"), "right"),
            Column(_("date")),
            Column(_("order"), yields=True),
            Column(_("decided")),
            Column(_("whose"), yields=True),
            Column(_("why"), yields=True),
            Column(_("by"), yields=True),
            Column(_("taken back by"), yields=True),
        ),
        lambda one: (
            one.conversion_id,
            day(one.at),
            " ".join(filter(None, (one.order_id, one.line))),
            said(DECISIONS, one.decision),
            one.whose or "",
            one.reason,
            one.author,
            one.undone_by or "",
        ),
        empty=_("Nothing was decided yet."),
    )


def _undecide(store: Store, args: Namespace) -> int:
    acts.undecide(store, args.conversions, changes.me())

    def text(one: Conversion) -> str:
        if one.state == "counted":
            return _("Order {order}: taken back; it counts for {who}.").format(order=one.order_id, who=_name(one))
        return _("Order {order}: taken back; it does not count: {why}").format(order=one.order_id, why=why(one))

    return _judged(store, args, text)


def _judged(store: Store, args: Namespace, text: Callable[[Conversion], str]) -> int:
    """Tell how the conversions named stand now, each by its ``text``."""
    found = [conversions.get(store.reader(), one) for one in dict.fromkeys(args.conversions)]
    for campaign_id in dict.fromkeys(one.campaign_id for one in found):
        warn_of_overfull(store, campaign_id)
    if args.json:
        show_json([fields(one) for one in found])
        return 0
    for one in found:
        say(printable(text(one)))
    return 0


def _besides(db: sqlite3.Connection, campaign_id: int) -> Iterator[str]:
    """What doesn't count besides conversions: what was given back of nothing known, and referrals not in force."""
    if beyond := refunds.waiting(db, campaign_id):
        yield refunds_waiting(beyond)
    if aside := referrals.aside(db, campaign_id):
        own = sum(one.aside == "self-referral" for one in aside)
        text = _(
            "Referrals set aside: {own} to oneself, {circles} that would close a circle: kolbench campaign referrals"
        )
        yield text.format(own=f"{own:,}", circles=f"{len(aside) - own:,}")


def _decide(store: Store, args: Namespace) -> int:
    if (args.decision == "assign") is (args.to is None):
        raise UsageError(_("Say with --to whose they are, when they are assigned, and only then."))
    whose = None
    if args.to is not None:
        campaign_id = conversions.get(store.reader(), args.conversions[0]).campaign_id
        whose = people.find(store, campaign_id, args.to)
    before = {one.id: one for one in conversions.of_ids(store.reader(), args.conversions) if one.state == "counted"}
    acts.decide(store, args.conversions, args.decision, changes.me(), args.reason, whose)

    def text(one: Conversion) -> str:
        was = before.get(one.id, one)
        told = _("Order {order}: counts for {who}.") if one.state == "counted" else _("Order {order}: does not count.")
        if was.participant_id != one.participant_id:
            told = _("Order {order}: counts for {who}; until now it counted for {before}.")
        return told.format(order=one.order_id, who=_name(one), before=_name(was))

    return _judged(store, args, text)


def _name(one: Conversion) -> str:
    return one.name or one.ref or _("nobody")


def _flags(store: Store, args: Namespace) -> int:
    db = store.reader()
    found = flags.listed(db, campaigns.find(store, args.campaign), decided=args.decided)

    def orders(one: Flag) -> list[str]:
        return [" ".join(filter(None, (each.order_id, each.line))) for each in conversions.of_ids(db, shown_by(one))]

    return show_found(
        args,
        found,
        (
            Column(_("number"), "right"),
            Column(_("how bad")),
            Column(_("what")),
            Column(_("whose"), yields=True),
            Column(_("decided"), yields=True),
            Column(_("evidence"), yields=True),
            Column(_("orders"), yields=True),
        ),
        lambda one: (
            one.id,
            said(SEVERITIES, one.severity),
            said(FLAGS, one.kind),
            one.name or one.ref,
            f"{said(OUTCOMES, one.decision)}: {one.reason}" if one.decision else "–",
            _told(evidence(one)),
            ", ".join(orders(one)),
        ),
        empty=_("Nothing is flagged."),
        facts=lambda one: {**fields(one), "orders": orders(one)},
    )


def _told(found: Iterable[tuple[str, str]]) -> str:
    """Things and their values in a line."""
    return "; ".join(_("{what}: {more}").format(what=label, more=value) for label, value in found)


def _flag(store: Store, args: Namespace) -> int:
    if args.outcome == REOPEN:
        flag = acts.reopen_flag(store, args.flag, changes.me())
        text = _("Flag {id} waits for a decision again.")
        return answer(args, fields(flag), text.format(id=flag.id))
    flag = acts.decide_flag(store, args.flag, args.outcome, changes.me(), args.reason or "")
    text = _("Flag {id} is cleared: what was held is due.")
    if flag.decision == "upheld":
        text = _("Flag {id} is upheld: what it names counts no more.")
    return answer(args, fields(flag), text.format(id=flag.id))


def _referrals(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    db = store.reader()
    if args.who is None:
        found = referrals.aside(db, campaign_id)
    else:
        found = referrals.of(db, people.find(store, campaign_id, args.who))

    def name(participant_id: int | None) -> str:
        if participant_id is None:
            return _("nobody")
        who = participants.get(db, participant_id)
        return who.name or who.ref

    def facts(one: Edge) -> dict[str, Any]:
        return {**fields(one), "child": name(one.child_id), "parent": one.parent_id and name(one.parent_id)}

    def state(one: Edge) -> str:
        if one.undone_at is not None:
            return _("taken back")
        if one.aside is not None:
            return _("self-referral") if one.aside == "self-referral" else _("would close a circle")
        child = participants.get(db, one.child_id)
        return _("in force") if (child.parent_id, child.referred_at) == (one.parent_id, one.at) else ""

    return show_found(
        args,
        found,
        (
            Column(_("who"), yields=True),
            Column(_("by whom"), yields=True),
            Column(_("since")),
            Column(_("state")),
            Column(_("correction"), yields=True),
        ),
        lambda one: (
            name(one.child_id),
            name(one.parent_id) if one.parent_id or one.author else one.code,
            day(one.at),
            state(one),
            " ".join(filter(None, (one.author, one.reason))),
        ),
        empty=_("No referral closes a circle.") if args.who is None else _("Nobody brought them."),
        facts=facts,
    )


def _refer(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    child_id = people.find(store, campaign_id, args.who)
    parent_id = None if args.by is None else people.find(store, campaign_id, args.by)
    acts.refer(store, child_id, parent_id, changes.me(), args.reason, since_at=args.on)
    child = participants.get(store.reader(), child_id)
    text = _("{who}: corrected. What it changes in the ledger is written: kolbench campaign statement")
    return answer(args, fields(child), text.format(who=child.name or child.ref))


ACTS: dict[str, Callable[[Store, Namespace], int]] = {
    "quarantine": _quarantine,
    "decide": _decide,
    "undecide": _undecide,
    "flags": _flags,
    "flag": _flag,
    "referrals": _referrals,
    "refer": _refer,
}
