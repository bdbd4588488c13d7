"""The files and links that belong to a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _
from kolbench.screens.file.forms import Form, Step, Values
from kolbench.screens.file.part import Item, Page, Part, Whose, texts
from kolbench.store import life

if TYPE_CHECKING:
    from kolbench.store.connect import Store
    from kolbench.store.life import Attachment


class AttachmentsPart(Part):
    """Contracts, media kits, screenshots: where they are, and what they are."""

    key: ClassVar[str] = "F"
    title: ClassVar[str] = N_("Files")
    empty: ClassVar[str] = N_("No file and no link is on their file. Press + to add a contract, a media kit, a page.")
    heads: ClassVar[tuple[str, str, str]] = (N_("Title"), N_("Place"), N_("Written"))
    widths: ClassVar[tuple[int, int]] = (24, 14)

    def load(self, whose: Whose, older: Any = None) -> Page:
        """The newest first."""
        return Page([_item(whose, one) for one in life.attachments(whose.store, whose.creator_id)])

    def adds(self, whose: Whose) -> Sequence[Form]:
        """A file or a link."""
        return (form(whose.creator_id, None),)


def _item(whose: Whose, entry: Attachment) -> Item:
    def remove(store: Store, author: str) -> None:
        life.remove(store, "attachment", whose.creator_id, entry.id, author)

    return Item(
        key=entry.id,
        cells=(entry.title, entry.target, whose.when(entry.author, entry.at)),
        about=texts(entry.title, entry.target, _("y copies where it is.")),
        form=form(whose.creator_id, entry),
        remove=remove,
        history=("attachment", {"id": entry.id}),
        link=entry.target,
    )


def form(creator_id: int, entry: Attachment | None) -> Form:
    """How a file or link is put on a file, or given another title."""
    where = Step("target", _("Place"), _("A link, or the path of a file, which stays where it is."))
    steps = (*((where,) if entry is None else ()), Step("title", _("Title"), _("Empty: its name.")))

    def values(one: Attachment | None) -> Values:
        return {} if one is None else {"title": one.title}

    def read(store: Store, _given: Values) -> Attachment | None:
        known = life.attachments(store, creator_id) if entry is not None else ()
        return next((one for one in known if entry is not None and one.id == entry.id), None)

    def write(store: Store, author: str, given: Values, one: Attachment | None) -> object:
        if one is not None:
            return life.rename(store, creator_id, one.id, given["title"], author, was=one)
        target = entry.target if entry is not None else given["target"]
        return life.attach(store, creator_id, target, author, given.get("title"))

    history = None if entry is None else ("attachment", {"id": entry.id})
    return Form(_("File or link"), steps, values, write, read, entry, history)
