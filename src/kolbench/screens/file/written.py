"""What was written about an entry of a file, and what it replaced, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kolbench.domain.lang import N_, _
from kolbench.programme.local import local_day, local_time
from kolbench.screens import file_words
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.words import CHANNELS, said
from kolbench.widgets.cells import ellipsis

if TYPE_CHECKING:
    from kolbench.store.history import Written

COLUMNS = {
    "value": "",
    "owner": N_("owner"),
    "title": N_("title"),
    "text": "",
    "target": N_("place"),
    "strength": "",
    "switching": "",
    "detail": "",
    "kind": "",
    "name": "",
    "channel": "",
    "consent": "",
    "scope": "",
    "reason": N_("reason"),
    "until_at": N_("until"),
    "year": N_("year"),
    "month": N_("month"),
    "day": N_("day"),
    "lunar": N_("lunar"),
    "leap": N_("leap month"),
    "due_on": N_("due"),
    "done_on": N_("done"),
    "proof": N_("proof"),
    "gives": N_("gives"),
    "gets": N_("gets"),
    "basis": N_("basis"),
    "exclusivity": N_("exclusive"),
    "starts_on": N_("starts"),
    "ends_on": N_("ends"),
    "notes": N_("notes"),
}
"""Columns of which a history tells, in this order, and what they are called (the empty one needs no name)."""

LONGEST = 300


def lines(found: Sequence[Written], field: str | None, width: int) -> Iterator[Line]:
    """The changes that say something (of a fact: of that field), newest first; what was taken back says so."""
    both = zip(found, [*found[1:], None])
    told = [(one, text) for one, older in both if (text := _change(one, older, field))]
    if not told:
        return
    yield []
    yield [(_("History"), "strong")]
    for one, text in told:
        head = f"{local_time(one.at)} {one.author}"
        if one.undone_at is not None:
            head = _("{what}, taken back").format(what=head)
        yield [(head, "muted")]
        yield from paragraph(text, width, "muted" if one.undone_at is not None else "plain", indent=2)


def _change(one: Written, older: Written | None, field: str | None) -> str:
    """What one change did: ``shy → warm``. A version that is a row of its own is compared with the one before."""
    replaced = one.before
    if replaced is None and older is not None and "version" in one.after:
        replaced = older.after
    before = replaced or {}
    if one.after.get("removed_at") is not None or one.after.get("lifted_at") is not None:
        return _("taken off")
    parts = []
    for column, label in COLUMNS.items():
        old, new = (_value(column, values.get(column), field) for values in (before, one.after))
        if column in one.after and old != new:
            text = f"{old or _('nothing')} → {new or _('nothing')}" if replaced is not None else new
            parts.append(_("{what}: {more}").format(what=_(label), more=text) if label else text)
    if not parts and before.get("removed_at") is not None:
        return _("written again")
    return " · ".join(parts)


def _value(column: str, value: Any, field: str | None) -> str:
    if field == "archetype" and column == "value":
        return said(file_words.ARCHETYPES, value or "")
    if value is None or (column in ("lunar", "leap") and not value):
        return ""
    if column in ("strength", "switching"):
        return said(file_words.STRENGTHS if column == "strength" else file_words.SWITCHING, file_words.LEVELS[value])
    if column == "basis":
        return said(file_words.BASES, value)
    if column == "kind":
        return _(file_words.NEEDS[value]) if value in file_words.NEEDS else ""
    if column == "consent":
        return said(file_words.CONSENTS, value)
    if column in ("channel", "scope"):
        return _("no contact at all") if value == "all" else said(CHANNELS, value)
    if column == "until_at":
        return local_day(value)
    if column in ("lunar", "leap"):
        return _("yes")
    text = str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + ellipsis()
