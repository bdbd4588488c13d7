"""``kolbench creator contact``: how to reach a person, what they said to it, and whether they want contact at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli import places
from kolbench.cli.output import fields, printable, say, show_json
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.programme import refusing
from kolbench.programme.local import local_day, morning, past_day
from kolbench.screens import file_words, words
from kolbench.screens.words import said
from kolbench.store import changes, contacts, creators, refusals

if TYPE_CHECKING:
    from argparse import Namespace

    from kolbench.cli.parser import Actions
    from kolbench.store.connect import Store
    from kolbench.store.contacts import Contact
    from kolbench.store.refusals import Refusal


def add_actions(actions: Actions) -> None:
    """Add the action."""
    contact = actions.add("contact", _("List or write down how to reach a person, their consent, and who wants none"))
    places.add_creator(contact)
    contact.add_argument("channel", metavar="CHANNEL", nargs="?", help=_("email, phone, wechat, weibo, …"))
    contact.add_argument("value", metavar="ADDRESS", nargs="?", help=_("the address, number or name there"))
    what = contact.add_mutually_exclusive_group()
    what.add_argument("--consent", choices=contacts.CONSENTS, help=_("what they said to being contacted there"))
    what.add_argument("--remove", action="store_true", help=_("take the address off the file"))
    what.add_argument("--refuse", metavar="REASON", help=_("they want no contact, by this channel or else at all"))
    what.add_argument("--lift", action="store_true", help=_("they may be contacted again, likewise"))
    contact.add_argument("--on", metavar="DAY", help=_("the day on which they said it (today)"))
    contact.add_argument("--until", metavar="DAY", help=_("with --refuse: until when (until it is lifted)"))


def contact(store: Store, args: Namespace) -> int:
    """List, add, remove contacts; consent and refusals."""
    creator_id = creators.exact(store, args.creator)
    told = _act(store, args, creator_id)
    if args.json:
        show_json(told_contacts(store, creator_id))
        return 0
    if told:
        say(printable(told))
    show_contacts(store, creator_id)
    return 0


def told_contacts(store: Store, creator_id: int) -> dict[str, Any]:
    """How to reach a person, and what they don't want, for programs."""
    refused = refusals.of(store, [creator_id], now()).get(creator_id, ())
    return {
        "contacts": [fields(one) for one in contacts.of(store, creator_id)],
        "do_not_contact": [fields(one) for one in refused],
    }


def show_contacts(store: Store, creator_id: int) -> None:
    """Print how to reach a person, a line each, and then what they don't want."""
    for one in contacts.of(store, creator_id):
        say(printable(_said_contact(one)))
    for refusal in refusals.of(store, [creator_id], now()).get(creator_id, ()):
        if refusal.id is not None:
            say(printable(_said_refusal(refusal)))


def _act(store: Store, args: Namespace, creator_id: int) -> str | None:
    me = changes.me()
    if args.until is not None and args.refuse is None:
        raise UsageError(_("--until goes with --refuse."))
    if args.on is not None and args.consent is None:
        raise UsageError(_("--on goes with --consent."))
    if args.refuse is not None:
        until = None if args.until is None else morning(args.until)
        refusing.refuse(store, creator_id, args.refuse, me, scope=args.channel or refusals.ALL, until=until)
        return None
    if args.lift:
        n = refusing.lift(store, creator_id, me, scope=args.channel or refusals.ALL)
        return ngettext("{n} refusal was lifted.", "{n} refusals were lifted.", n).format(n=n)
    if args.channel is None and not (args.consent or args.remove):
        return None
    if args.channel is None or args.value is None:
        raise UsageError(_("Name the channel and the address: email ann@example.org."))
    if args.remove:
        contacts.remove(store, creator_id, contacts.find(store, creator_id, args.channel, args.value), me)
        return None
    contact_id = contacts.add(store, creator_id, args.channel, args.value, me)
    if args.consent:
        at = None if args.on is None else past_day(args.on)
        contacts.consent(store, creator_id, contact_id, args.consent, me, at=at)
    return None


def _said_contact(one: Contact) -> str:
    text = f"{said(words.CHANNELS, one.channel)}: {one.value}"
    if one.consent != "unknown":
        consent = said(file_words.CONSENTS, one.consent)
        if one.consent_at is not None:
            consent = _("{consent} on {day}, says {who}").format(
                consent=consent, day=local_day(one.consent_at), who=one.consent_by
            )
        text += f" ({consent})"
    if one.do_not_contact:
        text += _(" (do not contact: {reason})").format(reason=one.do_not_contact)
    return text


def _said_refusal(one: Refusal) -> str:
    if one.scope == refusals.ALL:
        text = _("Do not contact: {reason}")
        if one.until_at is not None:
            text = _("Do not contact until {day}: {reason}")
    else:
        text = _("Do not contact by {channel}: {reason}")
        if one.until_at is not None:
            text = _("Do not contact by {channel} until {day}: {reason}")
    day = "" if one.until_at is None else local_day(one.until_at)
    return text.format(channel=said(words.CHANNELS, one.scope), day=day, reason=one.reason)


ACTS = {"contact": contact}
"""What does the action."""
