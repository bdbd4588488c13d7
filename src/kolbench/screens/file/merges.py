"""Whom a person was merged with, and who else they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _
from kolbench.programme.local import local_day
from kolbench.screens.file.part import Item, Page, Part, Whose, texts
from kolbench.screens.words import LIKENESSES, said
from kolbench.store import merges, suggestions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kolbench.store.connect import Store
    from kolbench.store.merges import Merge
    from kolbench.store.suggestions import Suggestion


class MergesPart(Part):
    """What waits for a decision comes first."""

    key: ClassVar[str] = "M"
    title: ClassVar[str] = N_("Merges")
    empty: ClassVar[str] = N_(
        "They were never merged with anybody, and nobody else seems to be the same person. Every sync looks again."
        " + looks for somebody who is."
    )
    adding: ClassVar[str | None] = "join"
    heads: ClassVar[tuple[str, str, str]] = (N_("Relation"), N_("Other person"), N_("When"))

    def load(self, whose: Whose, older: Any = None) -> Page:
        """Suggestions, then merges."""
        store, creator_id = whose.store, whose.creator_id
        waiting = suggestions.read(store, suggestions.order(store, creator_id))
        items = [_suggestion(creator_id, one) for one in waiting]
        return Page(items + [_merge(one) for one in merges.of(store, creator_id)])


def _suggestion(creator_id: int, one: Suggestion) -> Item:
    other = one.other_name if one.creator_id == creator_id else one.name
    return Item(
        key=("suggestion", *one.key),
        cells=(_("may be the same"), other, _("{score} of 100").format(score=one.score)),
        about=texts(other, *_evidence(one.evidence)),
        style="alert",
        action="merging",
    )


def _merge(one: Merge) -> Item:
    def remove(store: Store, author: str) -> None:
        from kolbench.programme import merging

        merging.take_apart(store, one.id, author)

    undone = one.undone_at is not None
    when = one.undone_at if one.undone_at is not None else one.at
    who = one.undone_by or one.author
    return Item(
        key=("merge", one.id),
        cells=(_("not the same") if undone else _("the same person"), one.name, f"{who} {local_day(when)}"),
        about=texts(
            _("{name} was merged into {into}.").format(name=one.name, into=one.into_name),
            _("Taken apart again.") if undone else _("- takes the two apart again, without a loss."),
            *_evidence(one.evidence),
        ),
        style="muted" if undone else None,
        remove=None if undone else remove,
    )


def _evidence(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{said(LIKENESSES, item['rule'])} ({item['value']})" for item in found]
