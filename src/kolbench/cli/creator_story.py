"""``kolbench creator timeline|compare``: what happened with a person, and how they do here and elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli import places
from kolbench.cli.output import Column, fields, plain, printable, say, show_json, show_table
from kolbench.cli.parser import whole
from kolbench.domain.clock import iso
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme import compare, timeline
from kolbench.programme.local import local_day, local_time, past_day
from kolbench.screens import hinting, telling
from kolbench.screens.words import said
from kolbench.store import creators

if TYPE_CHECKING:
    from argparse import Namespace

    from kolbench.cli.parser import Actions
    from kolbench.programme.compare import Comparison, Elsewhere, Here
    from kolbench.programme.timeline import Cursor, Entry
    from kolbench.store.connect import Store


def add_actions(actions: Actions) -> None:
    """Add the action."""
    story = actions.add("timeline", _("Tell everything about a person, the newest first"))
    places.add_creator(story)
    story.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    story.add_argument(
        "--before", metavar="PLACE", help=_("only what was before a day, or goes on where the last page ended")
    )
    story.add_argument(
        "--kind", choices=tuple(timeline.KINDS), action="append",
        help=_("only entries of this kind; may be given again (all but messages)"),
    )  # fmt: skip
    compared = actions.add("compare", _("Compare what a person does on ours with what they publish elsewhere"))
    places.add_creator(compared)
    compared.add_argument("--ours", metavar="NAME", action="append", default=[], help=_("our communities (all)"))
    compared.add_argument(
        "--windows", metavar="N", type=whole(2, 24), default=compare.WINDOWS, help=_("so many times 30 days (3)")
    )


def tell(store: Store, args: Namespace) -> int:
    """List entries, and say where the next page begins."""
    creator_id = creators.exact(store, args.creator)
    before = None if args.before is None else _before(args.before)
    page = timeline.page(store, creator_id, limit=args.limit, before=before, kinds=args.kind)
    older = None if page.older is None else str(page.older)
    if args.json:
        show_json({"entries": [_entry(entry) for entry in page.entries], "older": older})
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


def _entry(entry: Entry) -> dict[str, Any]:
    """An entry for programs: the rows before and after a change have moments, too."""
    facts = {name: plain(fact) if isinstance(fact, dict) else fact for name, fact in entry.facts.items()}
    return {**fields(entry), "facts": facts}


def side_by_side(store: Store, args: Namespace) -> int:
    """Print both sides, window by window, and what follows from it."""
    creator_id = creators.exact(store, args.creator)
    ours = [places.community(store, name).id for name in args.ours]
    found = compare.compare(store, creator_id, ours, args.windows)
    if args.json:
        show_json(_facts(found))
        return 0
    if found.here:
        table = (
            Column(_("on ours")), Column(_("messages"), "right"), Column(_("addressed"), "right"),
            Column(_("by people"), "right"), Column(_("thanks"), "right"),
        )  # fmt: skip
        show_table(table, ((_window(one), *one[2:]) for one in found.here))
    else:
        say(_("They belong to none of our communities."))
    if found.elsewhere:
        columns = (
            Column(_("elsewhere")), Column(_("works"), "right"), Column(_("counted"), "right"),
            Column(_("reactions"), "right"),
        )  # fmt: skip
        show_table(columns, ((_window(one), *one[2:]) for one in found.elsewhere))
    else:
        say(_("No works of theirs are known."))
    for line in hinting.told(found):
        say(printable(line))
    return 0


def _window(window: Here | Elsewhere) -> str:
    return f"{local_day(window.start)} – {local_day(window.stop)}"


def _facts(found: Comparison) -> dict[str, Any]:
    hint = found.hint and {
        "kind": found.hint.kind,
        "text": hinting.told(found),
        "needs": [
            {"kind": match.need.kind, "offers": [offer.name for offer in match.offers]} for match in found.hint.matches
        ],
    }
    return {
        "here": [_dated(one) for one in found.here],
        "elsewhere": [_dated(one) for one in found.elsewhere],
        "hint": hint,
    }


def _dated(window: Here | Elsewhere) -> dict[str, Any]:
    facts = window._asdict()
    return {"from": iso(facts.pop("start")), "to": iso(facts.pop("stop")), **facts}


def _before(text: str) -> Cursor | int:
    """A place on the timeline, or the moment (ms) at which a day began."""
    try:
        return past_day(text)
    except UsageError:
        return timeline.cursor(text)


ACTS = {"timeline": tell, "compare": side_by_side}
"""What does each action."""
