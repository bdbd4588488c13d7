"""``kolbench overlap``: how much the audiences of creators overlap, whom they reach together, and whom to add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.analysis import overlap
from kolbench.cli import brief_reports
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, say, show_json, show_table
from kolbench.cli.parser import add_json, whole
from kolbench.domain.clock import iso
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.screens import figures
from kolbench.store import briefs, candidates, creators, decisions
from kolbench.widgets.cells import compact

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from kolbench.analysis.overlap import Figure, Overlap
    from kolbench.store.connect import Store

PAIRS = 45
"""Pairs listed unless told otherwise: all of ten creators."""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "creator", metavar="CREATOR", nargs="*", help=_("whom to compare: an id, or a handle or name or a part of it")
    )
    parser.add_argument(
        "--brief", metavar="NAME", help=_("those chosen for this brief, too; with --next, add of its list")
    )
    parser.add_argument(
        "--by",
        choices=("followers", "engaged"),
        help=_("an audience is who follows them, or who did anything towards them (what is known)"),
    )
    parser.add_argument(
        "--days",
        metavar="N",
        type=whole(0),
        help=_("with --by engaged: so many days up to each one's newest; 0: all (90)"),
    )
    parser.add_argument(
        "--next", metavar="N", type=whole(1), default=0, help=_("find the N creators who would add the most people")
    )
    parser.add_argument(
        "--among",
        metavar="CREATOR",
        action="append",
        help=_("look for those to add among these only; may be given again (all whose audience is known)"),
    )
    parser.add_argument("--limit", metavar="N", type=whole(1), default=PAIRS, help=_("list at most so many pairs (45)"))
    add_json(parser)


def run(args: Namespace) -> int:
    """Compare the creators that were named."""
    if args.days is not None and args.by == "followers":
        raise UsageError(_("--days goes with --by engaged: followers are counted as they are known today."))
    if args.among and not args.next:
        raise UsageError(_("--among goes with --next N, which says how many to add."))
    store = open_store(args)
    creator_ids = [creators.find(store, text) for text in args.creator]
    brief_id = None if args.brief is None else briefs.find(store, args.brief)
    if brief_id is not None:
        creator_ids += _chosen(store, brief_id)
    if not creator_ids:
        raise UsageError(_("Name the creators to compare: ids, handles or names."))
    return compare(store, list(dict.fromkeys(creator_ids)), args, brief_id)


def _chosen(store: Store, brief_id: int) -> Sequence[int]:
    found = decisions.people(store, brief_id, *decisions.CHOSEN)
    if not found:
        name = briefs.row(store, brief_id).name
        raise UsageError(_("Nobody is shortlisted for '{name}' yet.").format(name=name))
    return found


def compare(store: Store, creator_ids: Sequence[int], args: Namespace, brief_id: int | None) -> int:
    """Compare these creators, wherever they come from, and print what was found."""
    by = args.by or ("engaged" if args.days is not None else overlap.basis(store, creator_ids))
    ties = overlap.ties(store, creator_ids, by, overlap.DAYS if args.days is None else args.days)
    among = [creators.find(store, text) for text in args.among] if args.among else None
    if args.next and brief_id is not None:
        brief_reports.tell_unscored(store, brief_id)
    found = overlap.compare(store, creator_ids, ties, args.next, among, brief_id=brief_id)
    if not found.known and not found.additions:
        raise UsageError(figures.nobody(found))
    if args.json:
        show_json(facts(store, found))
    else:
        show_overlap(store, found, args.limit, args.next)
    return 0


def show_overlap(store: Store, found: Overlap, limit: int, wanted: int) -> None:
    """Print a comparison as tables."""
    say(f"{figures.whose(found)}; {figures.exactness(found)}.")
    say()
    _show_creators(store, found)
    say()
    say(figures.together(found))
    if found.pairs:
        say()
        _show_pairs(store, found, limit)
    if wanted:
        say()
        _show_additions(store, found)


def _show_creators(store: Store, found: Overlap) -> None:
    """Everybody, with how much of the smaller audience each two have in common."""
    places = {one.creator_id: place for place, one in enumerate(found.creators, 1)}
    common = figures.common(found)
    table = (
        Column("#", "right"),
        Column(_("name"), yields=True),
        Column(_("audience"), "right"),
        Column(_("of followers"), "right"),
        Column(_("only theirs"), "right"),
        Column(_("share"), "right"),
        *(Column(_("with {n}").format(n=place), "right") for place in places.values() if common),
    )
    show_table(
        table,
        (
            (
                places[one.creator_id],
                creators.name(store, one.creator_id),
                figures.whole(found.whole(one.people)),
                compact(_followers(store, one.creator_id)),
                figures.whole(found.whole(one.alone)),
                figures.part(found.part(one.alone, one.people)),
                *(common.get(frozenset((one.creator_id, other)), "") for other in places if common),
            )
            for one in found.creators
        ),
    )
    if common:
        say(_("'with 1': the part of the smaller of both audiences that is in the other, too."))


def _show_pairs(store: Store, found: Overlap, limit: int) -> None:
    """The pairs, those who have most of the smaller audience in common first."""
    table = (
        Column(_("name"), yields=True),
        Column(_("and"), yields=True),
        Column(_("in both"), "right"),
        Column("Jaccard", "right"),
        Column(_("of the smaller"), "right"),
    )
    show_table(
        table,
        (
            (
                creators.name(store, pair.one),
                creators.name(store, pair.other),
                figures.whole(found.whole(pair.both)),
                figures.part(found.part(pair.both, pair.either)),
                figures.part(found.part(pair.both, pair.smaller)),
            )
            for pair in found.closest(limit)
        ),
    )
    if (n := len(found.pairs)) > limit:
        text = ngettext("{shown} of {n} pair.", "{shown} of {n} pairs.", n)
        say(text.format(shown=limit, n=f"{n:,}"))


def _show_additions(store: Store, found: Overlap) -> None:
    """Whom to add, in this order."""
    if not found.additions:
        say(_("Nobody would add anybody."))
        return
    show_table(
        (
            Column(_("add"), "right"),
            Column(_("name"), yields=True),
            Column(_("adds"), "right"),
            Column(_("reached then"), "right"),
        ),
        (
            (
                place,
                creators.name(store, one.creator_id),
                figures.whole(found.whole(one.added)),
                figures.whole(found.whole(one.reached)),
            )
            for place, one in enumerate(found.additions, 1)
        ),
    )


def facts(store: Store, found: Overlap) -> dict[str, Any]:
    """A comparison for programs: each figure with its standard error, which is 0 where it is exact."""
    return {
        "by": found.ties.by,
        "days": found.ties.days or None,
        "from": iso(found.ties.start) if found.ties.start else None,
        "to": iso(found.ties.stop),
        "exact": found.exact,
        "sampled_share": found.share,
        "creators": [
            {
                "creator_id": one.creator_id,
                "name": creators.name(store, one.creator_id),
                "followers": _followers(store, one.creator_id),
                **_told("audience", found.whole(one.people)),
                **_told("only_theirs", found.whole(one.alone)),
                **_told("only_theirs_share", found.part(one.alone, one.people)),
            }
            for one in found.creators
        ],
        "pairs": [
            {
                "one": pair.one,
                "other": pair.other,
                **_told("both", found.whole(pair.both)),
                **_told("jaccard", found.part(pair.both, pair.either)),
                **_told("of_smaller", found.part(pair.both, pair.smaller)),
            }
            for pair in found.pairs
        ],
        **_told("reached", found.whole(found.reached)),
        "additions": [
            {
                "creator_id": one.creator_id,
                "name": creators.name(store, one.creator_id),
                **_told("added", found.whole(one.added)),
                **_told("reached", found.whole(one.reached)),
            }
            for one in found.additions
        ],
    }


def _told(name: str, figure: Figure | None) -> dict[str, float | None]:
    value, error = figure or (None, None)
    return {name: value, f"{name}_error": error}


def _followers(store: Store, creator_id: int) -> int | None:
    """The newest count of all followers, of whom those known by name are a part."""
    found = candidates.get(store, creator_id)
    return found.followers if found else None
