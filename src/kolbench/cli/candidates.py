"""``kolbench candidates``: creators in the order of their score or of one of their numbers, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli import brief_reports, derived, places
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, printable, say, show_json, show_table, warn
from kolbench.cli.parser import add_json, whole
from kolbench.domain.briefs import LANGUAGES, TIERS
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.programme import choosing
from kolbench.screens import brief_words, words
from kolbench.screens.words import said
from kolbench.store import briefs, creators, decisions, export, owners, sources, tags
from kolbench.store.candidates import BRIEF_ORDERS, CandidateWindow
from kolbench.store.filters import Filter
from kolbench.widgets.cells import ago, compact, percent

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence

    from kolbench.store.candidates import Candidate
    from kolbench.store.connect import Store

    _Shown = tuple[Column, Callable[[Candidate], object]]


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_list_options(parser)
    parser.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    parser.add_argument("--why", metavar="NAME", help=_("explain one creator's score instead: a name, handle or id"))
    parser.add_argument("--evidence", metavar="PART", help=_("with --why: the rows behind this part of it"))
    add_json(parser)


def add_list_options(parser: ArgumentParser) -> None:
    """The options that choose and order what to list."""
    parser.add_argument("--brief", metavar="BRIEF", help=_("those of a brief, by its score: a name or number"))
    parser.add_argument("--sort", choices=tuple(BRIEF_ORDERS), default="score", help=_("the order (score)"))
    parser.add_argument("--reverse", action="store_true", help=_("the other way round"))
    parser.add_argument("--platform", metavar="NAME", help=_("only of this platform"))
    parser.add_argument("--tier", choices=TIERS, help=_("only of this size, by followers"))
    parser.add_argument("--kind", choices=tuple(words.LABELS), help=_("only these"))
    parser.add_argument("--state", choices=decisions.STATES, help=_("only who is in this state of the brief"))
    parser.add_argument("--owner", metavar="NAME", help=_("only whom this operator looks after"))
    parser.add_argument("--tag", metavar="TAG", help=_("only who has this tag"))
    parser.add_argument("--language", choices=LANGUAGES, help=_("only who writes in this, by the script of it"))
    parser.add_argument("--region", metavar="NAME", help=_("only of this region, as a source tells it"))
    parser.add_argument("--category", metavar="NAME", help=_("only of this category, as a source tells it"))
    parser.add_argument(
        "--active", metavar="DAYS", type=whole(1), help=_("only who did anything in the last so many days")
    )
    parser.add_argument(
        "--known", metavar="PERCENT", type=whole(1, 100), help=_("only whose score rests on so much that is known")
    )
    parser.add_argument(
        "--fit", metavar="PERCENT", type=whole(1, 100), help=_("only who fits the brief's topic by so much")
    )
    parser.add_argument("--search", metavar="TEXT", default="", help=_("only whose name or handle has this in it"))
    parser.add_argument("--source", metavar="SOURCE", help=_("only whom this source brought"))
    parser.add_argument("--community", metavar="NAME", help=_("only members of this community: a name or number"))


def run(args: Namespace) -> int:
    """List candidates, or explain one."""
    store = open_store(args)
    if args.why is not None:
        from kolbench.cli import why  # its words are those of the screens, which take long to import

        brief_id, creator_id = _brief(store, args), creators.find(store, args.why)
        if args.evidence is not None:
            why.show_evidence(store, brief_id, creator_id, args.evidence, args.limit, json=args.json)
        else:
            why.explain(store, brief_id, creator_id, json=args.json)
        return 0
    if args.evidence is not None:
        raise UsageError(_("--evidence shows what is behind a part of one score: add --why NAME."))
    window = chosen(store, args)
    if args.json:
        names, ranked = export.ranking(window, args.limit)
        show_json([dict(zip(names, row)) for row in ranked])
    elif window.brief_id is None:
        show_candidates(window.rows(0, args.limit), window.count())
    else:
        _show_of_brief(store, window.brief_id, window.rows(0, args.limit), window.count())
    if window.brief_id is not None and not window.count():
        _tell_why_nobody(store, window)
    derived.tell_waiting(store)
    return 0


def chosen(store: Store, args: Namespace) -> CandidateWindow:
    """The candidates that the options mean, in their order. Says on stderr where a brief has to be scored first."""
    brief_id = _brief(store, args)
    if brief_id is None:
        for option in ("state", "fit", "sort") if args.sort == "fit" else ("state", "fit"):
            if getattr(args, option) is not None:
                raise UsageError(
                    _("--{option} {value} is about a brief: add --brief NAME.").format(
                        option=option, value=getattr(args, option)
                    )
                )
    else:
        brief_reports.tell_unscored(store, brief_id)
    shown = Filter(
        text=args.search,
        anywhere=bool(args.search),
        platform=places.platform(store, args.platform) if args.platform else None,
        tier=args.tier,
        kind=args.kind,
        state=args.state,
        owner=places.owner(store, args.owner) if args.owner else None,
        tag=places.tag(store, args.tag) if args.tag else None,
        source_id=sources.get(store, args.source).id if args.source else None,
        community_id=places.community(store, args.community).id if args.community else None,
        language=args.language,
        region=places.value(store, "region", args.region) if args.region else None,
        category=places.value(store, "category", args.category) if args.category else None,
        active_days=args.active,
        known_from=args.known,
        fit_from=args.fit,
    )
    return CandidateWindow(store, args.sort, reverse=args.reverse, shown=shown, brief_id=brief_id)


def _tell_why_nobody(store: Store, window: CandidateWindow) -> None:
    assert window.brief_id is not None
    if window.shown and (n := CandidateWindow(store, brief_id=window.brief_id).count()):
        text = ngettext(
            "The brief has {n} candidate, but not such a one.", "The brief has {n} candidates, but no such ones.", n
        )
        warn(text.format(n=f"{n:,}"))
        for line in choosing.absent(store, window.brief_id, window.shown.text) if window.shown.text else ():
            warn(printable(line))
    else:
        brief_reports.tell_why_nobody(store, window.brief_id)


def _brief(store: Store, args: Namespace) -> int | None:
    return briefs.find(store, args.brief) if args.brief else None


def show_candidates(rows: Sequence[Candidate], total: int) -> None:
    """Print candidates as a table, and how many there are in all."""
    known = _columns()
    names = (
        "id", "name", "platform", "score", "followers", "growth", "engagement", "voice", "tier", "active", "known",
        "category",
    )  # fmt: skip
    _show([known[name] for name in names], rows)
    say(_("{shown:,} of {total:,} creators.").format(shown=len(rows), total=total))


def _show_of_brief(store: Store, brief_id: int, rows: Sequence[Candidate], total: int) -> None:
    ids = [row.creator_id for row in rows]
    owned, tagged = owners.of(store, ids), tags.of(store, ids)
    decided = decisions.current(store, brief_id, ids)
    examples = frozenset(briefs.goal(store, brief_id).like)

    def state(row: Candidate) -> str:
        one = decided.get(row.creator_id)
        if row.creator_id in examples and (one is None or one.state == "undecided"):
            return _("example")
        return said(brief_words.PIPELINE, one.state if one else "undecided")

    def tags_of(row: Candidate) -> str:
        return " ".join(f"#{name}" for name in tagged.get(row.creator_id, ()))

    known = _columns() | {
        "state": (Column(_("state")), state),
        "owner": (Column(_("owner"), yields=True), lambda row: owned.get(row.creator_id)),
        "tags": (Column(_("tags"), yields=True), tags_of),
    }
    names = (
        "id", "name", "platform", "score", "state", "fit", "kind", "tier", "followers", "growth", "engagement", "fans",
        "portability", "potential", "active", "known", "owner", "tags",
    )  # fmt: skip
    _show([known[name] for name in names], rows)
    say(_("{shown:,} of {total:,} candidates.").format(shown=len(rows), total=total))


def _columns() -> dict[str, _Shown]:
    """What a list can show of everybody, by name: the column, and what stands in it."""
    at = now()
    return {
        "id": (Column(_("id"), "right"), lambda row: str(row.creator_id)),
        "name": (Column(_("name"), yields=True), lambda row: row.name),
        "platform": (Column(_("platform")), lambda row: said(words.PLATFORMS, row.platform)),
        "score": (Column(_("score"), "right"), lambda row: f"{row.score:.1f}"),
        "fit": (Column(_("fit"), "right"), lambda row: percent(row.fit_score)),
        "kind": (Column(_("kind")), lambda row: said(words.LABELS, row.kind) if row.kind != "unknown" else ""),
        "tier": (Column(_("tier")), lambda row: said(words.TIERS, row.tier)),
        "followers": (Column(_("followers"), "right"), lambda row: compact(row.followers)),
        "growth": (Column(_("growth"), "right"), lambda row: percent(row.growth)),
        "engagement": (Column(_("engagement"), "right"), lambda row: percent(row.engagement)),
        "voice": (Column(_("voice"), "right"), lambda row: row.voice),
        "fans": (Column(_("Fans").lower(), "right"), lambda row: percent(row.fans_score)),
        "portability": (Column(_("portability"), "right"), lambda row: percent(row.portability_score)),
        "potential": (Column(_("potential"), "right"), lambda row: percent(row.potential_score)),
        "active": (Column(_("active"), "right"), lambda row: ago(row.last_active_at, at)),
        "known": (Column(_("known"), "right"), lambda row: percent(row.confidence)),
        "category": (Column(_("category"), yields=True), lambda row: row.category),
    }


def _show(columns: Sequence[_Shown], rows: Sequence[Candidate]) -> None:
    show_table([column for column, _cell in columns], ([cell(row) for _column, cell in columns] for row in rows))
