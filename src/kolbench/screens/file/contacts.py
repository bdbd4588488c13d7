"""How a person can be reached, what they said to it, and whether they want no contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.programme.local import local_day, morning
from kolbench.screens import file_words, words
from kolbench.screens.choose import Choice
from kolbench.screens.file.forms import Form, Step, Values
from kolbench.screens.file.part import Item, Page, Part, Whose, texts
from kolbench.screens.words import said
from kolbench.store import contacts, refusals

if TYPE_CHECKING:
    from kolbench.store.connect import Store
    from kolbench.store.contacts import Contact
    from kolbench.store.refusals import Refusal


class ContactsPart(Part):
    """What they refuse comes first."""

    key: ClassVar[str] = "C"
    title: ClassVar[str] = N_("Contact")
    empty: ClassVar[str] = N_(
        "How to reach them is not known. Press + to write down an address, or that they want no contact."
    )
    heads: ClassVar[tuple[str, str, str]] = (N_("Way"), "", N_("Written"))

    def load(self, whose: Whose, older: Any = None) -> Page:
        """Refusals, then addresses."""
        store, creator_id = whose.store, whose.creator_id
        refused = refusals.of(store, [creator_id], whose.at).get(creator_id, ())
        items = [_refusal(whose, place, one) for place, one in enumerate(refused)]
        return Page(items + [_contact(whose, one) for one in contacts.of(store, creator_id)])

    def adds(self, whose: Whose) -> Sequence[Form]:
        """A way to reach them, or that they want none."""
        return contact_form(whose.creator_id, None), refusal_form(whose.creator_id, None)


def refused_in_words(one: Refusal) -> str:
    """What is refused, until when, and why."""
    text = _("no contact by {channel}").format(channel=said(words.CHANNELS, one.scope))
    if one.scope == refusals.ALL:
        text = _("no contact at all")
    if one.until_at is not None:
        text = _("{what} until {day}").format(what=text, day=local_day(one.until_at))
    return _("{what}: {more}").format(what=text, more=_reason(one))


def _reason(one: Refusal) -> str:
    """Why; a refusal that a contact's consent is says so by that consent."""
    return said(file_words.CONSENTS, one.reason)


def _refusal(whose: Whose, place: int, one: Refusal) -> Item:
    def remove(store: Store, author: str) -> object:
        from kolbench.programme import refusing

        return refusing.lift(store, whose.creator_id, author, scope=one.scope)

    own = one.id is not None
    by_consent = not own and one.scope != refusals.ALL
    hint = (
        _("It follows from their consent: change that below.") if by_consent else _("- lets them be contacted again.")
    )
    return Item(
        key=("refusal", one.id or f"{one.scope} {place}"),
        cells=(_("Do not contact"), refused_in_words(one), whose.when(one.author, one.at)),
        about=texts(refused_in_words(one), hint),
        style="alert",
        form=refusal_form(whose.creator_id, one) if own else None,
        remove=None if by_consent else remove,
        history=("do_not_contact", {"id": one.id}) if own else None,
    )


def _contact(whose: Whose, one: Contact) -> Item:
    def remove(store: Store, author: str) -> None:
        contacts.remove(store, whose.creator_id, one.id, author)

    consent = short = said(file_words.CONSENTS, one.consent)
    if one.consent_at is not None:
        told = _("{consent} on {day}, says {who}")
        consent = told.format(consent=consent, day=local_day(one.consent_at), who=one.consent_by)
    refused = one.consent in ("refused", "withdrawn") or one.do_not_contact
    return Item(
        key=("contact", one.id),
        cells=(said(words.CHANNELS, one.channel), f"{one.value} · {short}", one.author or one.source or ""),
        about=texts(one.value, consent, one.do_not_contact, _("y copies it.")),
        style="alert" if refused else None,
        form=contact_form(whose.creator_id, one),
        remove=remove,
        history=("contact_point", {"id": one.id}),
        link=one.value,
    )


def contact_form(creator_id: int, entry: Contact | None) -> Form:
    """How an address is written, and what they said to it. Another address is asked for its own consent."""
    channels = [Choice(key, said(words.CHANNELS, key)) for key in ("wechat", "weibo", "email", "phone", "qq", "other")]
    consents = [Choice(key, said(file_words.CONSENTS, key)) for key in contacts.CONSENTS]
    steps = (
        *(() if entry else (Step("channel", _("Way"), choices=channels),)),
        Step("value", _("Address"), _("The address, number or name there."), check=_filled),
        Step("consent", _("What they said to it"), choices=consents),
    )

    def values(one: Contact | None) -> Values:
        return {} if one is None else {"channel": one.channel, "value": one.value, "consent": one.consent}

    def read(store: Store, _given: Values) -> Contact | None:
        known = contacts.of(store, creator_id) if entry is not None else ()
        return next((one for one in known if entry is not None and one.id == entry.id), None)

    def write(store: Store, author: str, given: Values, one: Contact | None) -> object:
        said_now = given.get("consent", "unknown")
        if one is not None and given["value"] == one.value:
            return contacts.consent(store, creator_id, one.id, said_now, author, was=one)
        if one is None:
            channel = given["channel"] if entry is None else entry.channel
            contact_id = contacts.add(store, creator_id, channel, given["value"], author)
        else:
            contact_id = contacts.correct(store, creator_id, one.id, given["value"], author, was=one)
        if said_now != ("unknown" if one is None else one.consent):
            contacts.consent(store, creator_id, contact_id, said_now, author)
        return contact_id

    title = _("A way to reach them") if entry is None else said(words.CHANNELS, entry.channel)
    history = None if entry is None else ("contact_point", {"id": entry.id})
    return Form(title, steps, values, write, read, entry, history)


def refusal_form(creator_id: int, entry: Refusal | None) -> Form:
    """How it is written that somebody wants no contact; what they said before of that scope is replaced."""
    scopes = [Choice(refusals.ALL, _("no contact at all"))]
    scopes += [Choice(key, said(words.CHANNELS, key)) for key in ("wechat", "weibo", "email", "phone", "dm", "group")]
    steps = (
        *(() if entry else (Step("scope", _("What they refuse"), choices=scopes),)),
        Step("reason", _("Why"), _("What the next one who looks will want to know."), check=_filled),
        Step("until", _("Until"), _("tomorrow, friday, 3d, 2026-05-01; empty: until it is lifted."), check=_until),
    )

    def values(one: Refusal | None) -> Values:
        if one is None:
            return {}
        return {"reason": one.reason, "until": "" if one.until_at is None else local_day(one.until_at)}

    def scope_of(given: Values) -> str:
        return entry.scope if entry is not None else given["scope"]

    def read(store: Store, given: Values) -> Refusal | None:
        from kolbench.domain.clock import now

        known = refusals.of(store, [creator_id], now()).get(creator_id, ())
        return next((one for one in known if one.id is not None and one.scope == scope_of(given)), None)

    def write(store: Store, author: str, given: Values, one: Refusal | None) -> object:
        from kolbench.programme import refusing

        was = {} if one is None else one._asdict()
        until = _until(given.get("until", ""))
        return refusing.refuse(store, creator_id, given["reason"], author, scope=scope_of(given), until=until, was=was)

    history = None if entry is None else ("do_not_contact", {"creator_id": creator_id, "scope": entry.scope})
    return Form(_("Do not contact"), steps, values, write, read, entry, history)


def _filled(text: str) -> None:
    if not text:
        raise UsageError(_("Write a word or two."))


def _until(text: str) -> int | None:
    return morning(text) if text else None
