"""What a person published, the newest first, with the counts."""

from __future__ import annotations

from typing import Any, ClassVar

from kolbench.domain.lang import N_, _
from kolbench.screens import dossier
from kolbench.screens.file.part import Item, Page, Part, Whose, cell
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.words import PLATFORMS, said
from kolbench.store import creators
from kolbench.store.creators import Post
from kolbench.widgets.cells import compact, day, since
from kolbench.widgets.columns import Column

PAGE = 100


class WorksPart(Part):
    """Read a page at a time, however many there are."""

    key: ClassVar[str] = "W"
    title: ClassVar[str] = N_("Works")
    empty: ClassVar[str] = N_("No works of theirs are known. Sync their platform, or import a file of works.")

    def columns(self) -> list[Column]:
        """A work and how it did."""
        return [
            cell(0, _("When"), 8),
            cell(1, _("Platform"), 11, drop=3),
            cell(2, _("Title"), 20, flex=1),
            cell(3, _("Views"), 7, align="right"),
            cell(4, _("Likes"), 7, align="right"),
            cell(5, _("Comments"), 8, align="right", drop=1),
            cell(6, _("Shares"), 7, align="right", drop=2),
        ]

    def load(self, whose: Whose, older: Any = None) -> Page:
        """A page."""
        skip = older or 0
        found = creators.posts(whose.store, whose.creator_id, PAGE + 1, skip)
        return Page([_item(whose, post) for post in found[:PAGE]], skip + PAGE if len(found) > PAGE else None)


def _item(whose: Whose, post: Post) -> Item:
    counts = (post.views, post.likes, post.comments, post.shares)

    def about(width: int) -> list[Line]:
        lines: list[Line] = [*paragraph(post.title or post.uid, width)]
        told = " · ".join(part for part in (said(PLATFORMS, post.platform), day(post.published_at), post.url) if part)
        return [*lines, *paragraph(told, width, "muted"), *dossier.counts(post, width)]

    return Item(
        key=post.id,
        cells=(
            since(post.published_at, whose.at),
            said(PLATFORMS, post.platform),
            post.title or post.uid,
            *map(compact, counts),
        ),
        about=about,
        link=post.url,
    )
