"""The ways to reach a person, and what they said to it: consent given, refused or withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, conflicts, merges

if TYPE_CHECKING:
    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

Consent = Literal["unknown", "given", "refused", "withdrawn"]
CONSENTS: tuple[Consent, ...] = get_args(Consent)


class Contact(NamedTuple):
    """One way to reach a person; ``do_not_contact`` is the reason for which they want no contact.

    ``consent_at`` (ms) and ``consent_by`` say when they said so and to which operator; ``author`` is who wrote the
    contact down, or else ``source`` where it came from.
    """

    id: int
    channel: str
    value: str
    consent: Consent
    consent_at: int | None
    consent_by: str | None
    do_not_contact: str | None
    author: str | None
    source: str | None


def of(store: Store, creator_id: int) -> list[Contact]:
    """The ways to reach a person."""
    rows = store.reader().execute(
        "SELECT c.id, channel, value, consent, consent_at, consent_by, do_not_contact, author, source.name"
        " FROM contact_point AS c LEFT JOIN run ON run.id = c.run_id LEFT JOIN source ON source.id = run.source_id"
        " WHERE creator_id = ? AND c.removed_at IS NULL ORDER BY channel, c.id",
        (creator_id,),
    )
    return list(map(Contact._make, rows.fetchall()))


def add(store: Store, creator_id: int, channel: str, value: str, author: str) -> int:
    """Write down a way to reach a person and return its id; that of the same one, if it is there already.

    Raises UsageError when a part is empty or there is no such person.
    """
    channel, value = _parts(channel, value)
    with changes.act(store, author, "contact") as act:
        return _put(act, merges.require(act.db, creator_id), channel, value)


def correct(store: Store, creator_id: int, contact_id: int, value: str, author: str, was: Contact | None = None) -> int:
    """Put another address in the place of one; the consent doesn't go along. Returns the id of the new one.

    Raises Conflict where ``was``, as the operator saw it, has been changed since, and UsageError as ``add`` does.
    """
    with changes.act(store, author, "contact") as act:
        creator_id = merges.require(act.db, creator_id)
        channel, old = _known(act, creator_id, contact_id)
        channel, value = _parts(channel, value)
        if was is not None and was.value != old:
            raise conflicts.conflict(act, "contact_point", contact_id, channel, was.value, old, value)
        if value == old:
            return contact_id
        act.update("contact_point", contact_id, removed_at=act.at)
        return _put(act, creator_id, channel, value)


def consent(
    store: Store,
    creator_id: int,
    contact_id: int,
    said: str,
    author: str,
    *,
    at: int | None = None,
    was: Contact | None = None,
) -> bool:
    """Write down what a person said to being contacted there, and when (ms; None: now); whether it is news.

    Raises Conflict where ``was``, as the operator saw it, has been changed since; UsageError for anything else than
    given, refused, withdrawn or unknown, and when the person has no such contact.
    """
    if said not in CONSENTS:
        raise UsageError(_("There is no consent '{text}': {names}.").format(text=said, names=", ".join(CONSENTS)))
    with changes.act(store, author, "consent") as act:
        creator_id = merges.require(act.db, creator_id)
        _known(act, creator_id, contact_id)
        when = act.at if at is None else at
        seen = None if was is None else {"consent": was.consent}
        told = {"consent": said}
        return conflicts.update(act, "contact_point", contact_id, told, seen, consent_at=when, consent_by=author)


def remove(store: Store, creator_id: int, contact_id: int, author: str) -> None:
    """Take a contact off a person's file; syncs don't bring it back. Raises UsageError when it isn't there."""
    with changes.act(store, author, "contact") as act:
        creator_id = merges.require(act.db, creator_id)
        _known(act, creator_id, contact_id)
        act.update("contact_point", contact_id, removed_at=act.at)


def find(store: Store, creator_id: int, channel: str, value: str) -> int:
    """The id of a person's contact. Raises UsageError when they have no such contact."""
    wanted = _parts(channel, value)
    for one in of(store, creator_id):
        if (one.channel, one.value) == wanted:
            return one.id
    raise UsageError(_("There is no contact {channel} {value} on their file.").format(channel=channel, value=value))


def _parts(channel: str, value: str) -> tuple[str, str]:
    channel, value = clean_line(channel, 40).lower(), clean_line(value)
    if not channel or not value:
        raise UsageError(_("A contact needs a channel and an address: email ann@example.org."))
    return channel, value


def _put(act: Act, creator_id: int, channel: str, value: str) -> int:
    known = act.db.execute(
        "SELECT id, removed_at FROM contact_point WHERE creator_id = ? AND channel = ? AND value = ?",
        (creator_id, channel, value),
    ).fetchone()
    if known is None:
        facts = {"creator_id": creator_id, "channel": channel, "value": value}
        contact_id = act.insert("contact_point", **facts, author=act.author, at=act.at)
    else:
        contact_id = int(known[0])
        if known[1] is not None:
            act.update("contact_point", contact_id, removed_at=None)
    act.db.execute("INSERT INTO unmatched_creator (creator_id) VALUES (?) ON CONFLICT DO NOTHING", (creator_id,))
    return contact_id


def _known(act: Act, creator_id: int, contact_id: int) -> tuple[str, str]:
    found = act.db.execute(
        "SELECT channel, value FROM contact_point WHERE id = ? AND creator_id = ? AND removed_at IS NULL",
        (contact_id, creator_id),
    ).fetchone()
    if found is None:
        raise UsageError(_("There is no entry {id} on their file (any more).").format(id=contact_id))
    return str(found[0]), str(found[1])
