"""``kolbench creator timeline``: everything about a person in the order in which it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli.creator_file import add_person
from kolbench.cli.output import Column, plain, say, show_json, show_table
from kolbench.cli.parser import whole
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme import timeline
from kolbench.programme.local import local_time, past_day
from kolbench.screens import telling
from kolbench.screens.words import said
from kolbench.store import creators

if TYPE_CHECKING:
    from argparse import Namespace

    from kolbench.cli.parser import Actions
    from kolbench.programme.timeline import Cursor
    from kolbench.store.connect import Store


def add_actions(actions: Actions) -> None:
    """Add the action."""
    story = actions.add("timeline", _("Tell everything about a person, the newest first"))
    add_person(story)
    story.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    story.add_argument(
        "--before", metavar="PLACE", help=_("only what was before a day, or goes on where the last page ended")
    )
    story.add_argument(
        "--kind", choices=tuple(timeline.KINDS), action="append",
        help=_("only entries of this kind; may be given again (all but messages)"),
    )  # fmt: skip


def tell(store: Store, args: Namespace) -> int:
    """List entries, and say where the next page begins."""
    creator_id = creators.exact(store, args.creator)
    before = None if args.before is None else _before(args.before)
    page = timeline.page(store, creator_id, limit=args.limit, before=before, kinds=args.kind)
    older = None if page.older is None else str(page.older)
    if args.json:
        show_json({"entries": [plain(entry._asdict()) for entry in page.entries], "older": older})
        return 0
    table = (Column(_("when")), Column(_("what")), Column("", yields=True), Column(_("who")))
    rows = (
        (local_time(entry.at), said(telling.KINDS, entry.kind), telling.told(entry), entry.author)
        for entry in page.entries
    )
    if page.entries:
        show_table(table, rows)
    else:
        say(_("There is nothing yet."))
    if older:
        say(_("There is more: --before {place}").format(place=older))
    return 0


def _before(text: str) -> Cursor | int:
    """A place on the timeline, or the moment (ms) at which a day began."""
    try:
        return past_day(text)
    except UsageError:
        return timeline.cursor(text)


ACTS = {"timeline": tell}
"""What does the action."""
