"""Who wants no contact: at all or by one channel, why, and until when. Whatever proposes contact asks here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, conflicts, merges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

ALL = "all"
"""The scope that means every channel."""

_IN_FORCE = "lifted_at IS NULL AND (until_at IS NULL OR until_at > :refused_at)"

_EVERYBODY = (
    "SELECT creator_id FROM contact_point WHERE do_not_contact IS NOT NULL"
    f" UNION ALL SELECT creator_id FROM do_not_contact WHERE scope = 'all' AND {_IN_FORCE}"
)

EVERYWHERE = f"({_EVERYBODY})"
"""SQL: creators who want no contact at all at the moment ``:refused_at`` (ms)."""


class Refusal(NamedTuple):
    """A wish not to be contacted: by any channel (``all``) or one, until a moment (ms; None: until it is lifted).

    ``id`` is None for what a contact says by itself: a reason not to contact, or a consent that isn't given.
    """

    id: int | None
    scope: str
    reason: str
    until_at: int | None
    author: str | None
    at: int | None


def refuse(
    store: Store,
    creator_id: int,
    reason: str,
    author: str,
    *,
    scope: str = ALL,
    until: int | None = None,
    was: Mapping[str, Any] | None = None,
) -> int:
    """Let nobody contact a person, at all or by one channel; what was said before of that scope is replaced.

    ``was`` holds the fields of the refusal that the operator saw (empty: none was in force). Returns the
    number of the refusal. Raises Conflict where that has been changed since, and UsageError without a reason, for a
    moment that is past, and when there is no such person.
    """
    reason, scope = clean_line(reason, 500), _scope(scope)
    if not reason:
        raise UsageError(
            _("Say why they are not to be contacted: it is what the next one who looks will want to know.")
        )
    if until is not None and until <= now():
        raise UsageError(_("That day is past."))
    with changes.act(store, author, "refuse") as act:
        creator_id = merges.require(act.db, creator_id)
        before = act.db.execute(
            "SELECT id, reason, until_at FROM do_not_contact WHERE creator_id = ? AND scope = ? AND lifted_at IS NULL"
            " ORDER BY id",
            (creator_id, scope),
        ).fetchall()
        if was is not None:
            _require_unchanged(act, before, was, {"reason": reason, "until_at": until})
        act.update_all("do_not_contact", [row[0] for row in before], lifted_at=act.at, lifted_by=author)
        _mark_changed(act, creator_id)
        facts = {"creator_id": creator_id, "scope": scope, "reason": reason, "until_at": until}
        return act.insert("do_not_contact", **facts, author=author, at=act.at)


def lift(store: Store, creator_id: int, author: str, *, scope: str = ALL) -> int:
    """Let a person be contacted again, in one scope; how many refusals that lifted. Other scopes stay."""
    scope = _scope(scope)
    with changes.act(store, author, "lift") as act:
        creator_id = merges.require(act.db, creator_id)
        refused = act.db.execute(
            "SELECT id FROM do_not_contact WHERE creator_id = ? AND scope = ? AND lifted_at IS NULL",
            (creator_id, scope),
        ).fetchall()
        own = act.db.execute(
            "SELECT id FROM contact_point WHERE creator_id = ? AND do_not_contact IS NOT NULL AND ? = 'all'",
            (creator_id, scope),
        ).fetchall()
        act.update_all("do_not_contact", [row[0] for row in refused], lifted_at=act.at, lifted_by=author)
        act.update_all("contact_point", [row[0] for row in own], do_not_contact=None)
        _mark_changed(act, creator_id)
    return len(refused) + len(own)


def of(store: Store, creator_ids: Iterable[int], at: int) -> dict[int, list[Refusal]]:
    """What is in force at a moment (ms) for each of these people who refuses anything; ``all`` comes first.

    A channel all of whose contacts say that consent was refused or withdrawn is refused, too.
    """
    rows = store.reader().execute(
        "SELECT creator_id, d.id, scope, reason, until_at, author, at FROM json_each(:ids) AS wanted"
        f" CROSS JOIN do_not_contact AS d ON creator_id = wanted.value WHERE {_IN_FORCE}"
        " UNION ALL"
        " SELECT creator_id, NULL, 'all', do_not_contact, NULL, author, at FROM json_each(:ids) AS wanted"
        " CROSS JOIN contact_point ON creator_id = wanted.value WHERE do_not_contact IS NOT NULL"
        " UNION ALL"
        " SELECT creator_id, NULL, channel, max(consent), NULL, max(consent_by), max(consent_at)"
        " FROM json_each(:ids) AS wanted CROSS JOIN contact_point ON creator_id = wanted.value"
        " WHERE removed_at IS NULL GROUP BY creator_id, channel HAVING min(consent IN ('refused', 'withdrawn'))",
        {"ids": json.dumps(list(creator_ids)), "refused_at": at},
    )
    found: dict[int, list[Refusal]] = {}
    for creator_id, *facts in sorted(rows, key=lambda row: (row[2] != ALL, row[2], row[1] or 0)):
        found.setdefault(creator_id, []).append(Refusal._make(facts))
    return found


def against(store: Store, creator_id: int, channel: str | None, at: int) -> Refusal | None:
    """What speaks against contacting a person by a channel (None: by any) at a moment; None when nothing does."""
    for one in of(store, [creator_id], at).get(creator_id, ()):
        if one.scope in (ALL, channel):
            return one
    return None


def everybody(store: Store, at: int) -> set[int]:
    """Everybody who wants no contact at all at a moment (ms)."""
    return {row[0] for row in store.reader().execute(_EVERYBODY, {"refused_at": at})}


def _require_unchanged(
    act: Act, before: Sequence[tuple[int, str, int | None]], was: Mapping[str, Any], mine: Mapping[str, Any]
) -> None:
    """Raise Conflict where what is in force is neither what the operator saw nor what they write."""
    entity_id, theirs = was.get("id"), dict[str, Any]()
    for row_id, reason, until_at in before:
        if until_at is None or until_at > act.at:
            entity_id, theirs = row_id, {"reason": reason, "until_at": until_at}
    for field, value in mine.items():
        known, seen = theirs.get(field), was.get(field)
        if known not in (seen, value) or (was and not theirs):
            raise conflicts.conflict(act, "do_not_contact", entity_id, field, seen, known, value)


def _mark_changed(act: Act, creator_id: int) -> None:
    """Have the follow-up rules asked about a person again."""
    act.db.execute("INSERT INTO unasked_creator (creator_id) VALUES (?)", (creator_id,))


def _scope(text: str) -> str:
    if not (scope := clean_line(text, 40).lower()):
        raise UsageError(_("Name the channel, or 'all'."))
    return scope
