"""One timeline of everything about a person, read a page at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _
from kolbench.programme import timeline
from kolbench.programme.local import local_time
from kolbench.screens import telling
from kolbench.screens.file.part import Item, Page, Part, Whose, cell, texts
from kolbench.screens.words import said
from kolbench.widgets.columns import Column

if TYPE_CHECKING:
    from kolbench.programme.timeline import Entry

PAGE = 100

CALM = ("post", "message", "file", "tag")
"""Kinds of which there are many: shown without weight."""


class StoryPart(Part):
    """All kinds of entries in the order in which they happened, or those in ``kinds``."""

    key: ClassVar[str] = "T"
    title: ClassVar[str] = N_("Timeline")
    empty: ClassVar[str] = N_("Nothing has happened yet. n writes a note; a contact is logged with a follow-up.")

    def __init__(self) -> None:
        self.kinds: Collection[str] | None = None

    def columns(self) -> list[Column]:
        """When, what kind, what and who wrote it."""
        return [
            cell(0, _("When"), 16),
            cell(1, _("Kind"), 12, drop=1),
            cell(2, "", 20, flex=1),
            cell(3, _("Author"), 8, drop=2),
        ]

    def load(self, whose: Whose, older: Any = None) -> Page:
        """A page."""
        page = timeline.page(whose.store, whose.creator_id, limit=PAGE, before=older, kinds=self.kinds)
        return Page([_item(entry) for entry in page.entries], page.older)


def _item(entry: Entry) -> Item:
    told = telling.told(entry)
    when, kind = local_time(entry.at), said(telling.KINDS, entry.kind)
    url = entry.facts.get("url")
    return Item(
        key=(entry.at, entry.kind, entry.id),
        cells=(when, kind, told, entry.author or ""),
        about=texts(told, " · ".join(part for part in (when, kind, entry.author) if part), url),
        style="muted" if entry.kind in CALM else None,
        link=url,
    )
