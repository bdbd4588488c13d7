"""``kolbench campaign board …``: who brings what, the tree below somebody, and leaderboards kept and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.analysis.campaigns import boards, freezes, groups, totals, tree
from kolbench.cli import campaign_kept, places
from kolbench.cli.campaign_figures import add_days, cells, heads, of_campaign, window_of
from kolbench.cli.output import Column, fields, printable, say, show_found, show_json, show_table
from kolbench.cli.parser import whole
from kolbench.domain.clock import iso
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.domain.targets import planned
from kolbench.programme.campaigns import days, people
from kolbench.screens import figures
from kolbench.screens.campaign.words import GROUPS, TITLES, group_cells, money_of, name_of, spark
from kolbench.screens.words import said
from kolbench.store import campaigns
from kolbench.store.campaign_boards import ORDERS, Only
from kolbench.store.leaderboards import Window
from kolbench.widgets.cells import movement, percent, separated

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence

    from kolbench.cli.parser import Actions
    from kolbench.domain.campaigns import Terms
    from kolbench.store.campaign_boards import Place
    from kolbench.store.connect import Store

BYS = ("person", *groups.BYS)
PEOPLE = 20


def add(actions: Actions) -> None:
    """Add the actions and their arguments."""
    board = of_campaign(actions, "board", _("List who brings most: live, of any days, or as it was kept"))
    board.add_argument("--order", choices=ORDERS, default="direct", help=_("by which figure (direct)"))
    board.add_argument("--by", choices=BYS, default="person", help=_("rank these (person)"))
    board.add_argument("--wave", metavar="N", type=whole(0), help=_("who is in this wave; 0: in none"))
    board.add_argument("--level", metavar="N", type=whole(0), help=_("who is so far from whom nobody brought"))
    board.add_argument("--community", metavar="NAME", help=_("who is in this community"))
    board.add_argument("--kept", metavar="NAME", help=_("as it was kept: a name, or a day such as 2026-05-04"))
    add_days(board)
    board.add_argument("--offset", metavar="N", type=whole(0), default=0, help=_("begin behind so many"))
    board.add_argument("--limit", metavar="N", type=whole(1), default=PEOPLE, help=_("list at most so many (20)"))
    below = of_campaign(actions, "tree", _("Show who came by somebody, by those, and so on, and what they brought"))
    text = _("an id where sales are told, a code or a name (list whom nobody brought)")
    below.add_argument("who", metavar="WHO", nargs="?", help=text)
    below.add_argument("--depth", metavar="N", type=whole(1, 50), default=3, help=_("so many generations (3)"))
    below.add_argument("--limit", metavar="N", type=whole(1), default=5, help=_("of each one's so many (5)"))
    below.add_argument("--offset", metavar="N", type=whole(0), help=_("of the person's own those behind so many"))
    add_days(below)


def _board(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    terms = campaigns.terms(store, campaign_id)
    if args.kept is not None:
        _require_alone(args, "--kept", _("it was kept as a whole"), days=True)
        if args.by != "person":
            raise UsageError(_("--kept holds people: leave --by out."))
        return campaign_kept.show_kept(store, args, campaign_id, terms)
    if args.by != "person":
        return _groups(store, args, campaign_id, terms)
    community = None if args.community is None else places.community(store, args.community).id
    known = [wave.no for wave in campaigns.waves(store.reader(), campaign_id)]
    if args.wave not in (None, 0, *known):
        text = _("There is no wave {n}. Those there are: {names}")
        raise UsageError(text.format(n=args.wave, names=", ".join(map(str, known)) or _("none")))
    only, window = Only(args.wave, args.level, community), window_of(args, terms)
    page = boards.page(store, campaign_id, args.order, only=only, window=window, offset=args.offset, limit=args.limit)
    whole_campaign = totals.totals(store, campaign_id)
    sparks = tree.sparks(store, campaign_id, [row.figures.participant_id for row in page.rows])
    if args.json:
        show_json(
            {
                "campaign": terms.name,
                "order": args.order,
                "tie_rule": terms.tie_rule,
                "currency": terms.currency,
                "window": _window_facts(window),
                "since": page.since,
                "total": page.total,
                **_facts(store, campaign_id, terms, whole_campaign),
                "rows": [_row_facts(row, sparks) for row in page.rows],
            }
        )
        return 0
    say(printable(_headline(terms, args.order, window)))
    if not page.rows:
        say(_("Nobody has brought anything yet."))
        return 0
    money = money_of(terms)
    show_table(
        (
            Column("#", "right"),
            Column(_("moved"), "right"),
            Column(_("name"), yields=True),
            Column(_("wave"), "right"),
            *heads(),
            Column(_("invited"), "right"),
            *([Column(_("14 days"))] if window is None else ()),
        ),
        (
            (
                row.rank,
                movement(row.rank, row.before) if page.since else "",
                name_of(row.who),
                row.who.wave,
                *cells(row.figures, money),
                separated(row.figures.invited),
                *([spark(sparks[row.figures.participant_id])] if window is None else ()),
            )
            for row in page.rows
        ),
    )
    text = ngettext("{shown} of {n} person.", "{shown} of {n} people.", page.total)
    say(text.format(shown=separated(len(page.rows)), n=separated(page.total)) + " " + _rules(terms))
    if page.since:
        say(_("Moved since the end of {day}.").format(day=page.since))
    if whole_campaign is not None and window is None:
        _say_totals(store, campaign_id, terms, whole_campaign)
    return 0


def _groups(store: Store, args: Namespace, campaign_id: int, terms: Terms) -> int:
    _require_alone(args, "--by", _("it counts everybody"))
    money, window = money_of(terms), window_of(args, terms)
    if window is not None and not args.json:
        say(printable(_("{campaign}: {days}").format(campaign=terms.name, days=days.told(window, terms))))
    table = (
        Column(said(GROUPS, args.by), yields=True),
        Column(_("participants"), "right"),
        Column(_("below"), "right"),
        Column(_("own"), "right"),
        Column(_("below"), "right"),
        Column(_("revenue"), "right"),
        Column(_("below"), "right"),
        Column(_("commission"), "right"),
        Column("K", "right"),
    )
    return show_found(
        args,
        groups.groups(store, campaign_id, args.by, boards.measured(store, campaign_id, window)),
        table,
        lambda one: (groups.name(args.by, one), *group_cells(one, money)),
        empty=_("Nobody who takes part is in a community that you know.")
        if args.by == "community"
        else _("Nobody takes part yet."),
    )


def _require_alone(args: Namespace, option: str, why: str, *, days: bool = False) -> None:
    """Raise UsageError where others are given that would narrow what ``option`` shows: of whom, or of which days."""
    given = {"--wave": args.wave, "--level": args.level, "--community": args.community}
    if days:
        given |= {"--from": args.start, "--to": args.stop}
    if named := [name for name, value in given.items() if value is not None]:
        text = _("{option}: {why}. Leave out: {names}.")
        raise UsageError(text.format(option=option, why=why, names=", ".join(named)))


def _tree(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    terms = campaigns.terms(store, campaign_id)
    window = window_of(args, terms)
    whole_tree = tree.Tree(store, boards.measured(store, campaign_id, window))
    one = None if args.who is None else people.find(store, campaign_id, args.who)
    way = [] if one is None else whole_tree.path(one)
    below = [] if one is None else whole_tree.generations(one)
    if one is None or args.offset is not None:
        page = (args.offset or 0, args.limit)
        found = whole_tree.tops(campaign_id, *page) if one is None else whole_tree.children(one, *page)
        level = 0 if one is None else 1
        lines = [tree.Line(level, node) for node in found.nodes]
        lines += [tree.Line(level, None, found.more, found.conversions)] if found.more > 0 else []
    else:
        lines = list(whole_tree.lines(one, args.depth, args.limit))
    if args.json:
        show_json(
            {
                "window": _window_facts(window),
                "path": [_node_facts(node) for node in way],
                "generations": [of._asdict() for of in below],
                "lines": [
                    {"level": line.level, "more": line.more, "conversions": line.conversions}
                    if line.node is None
                    else {"level": line.level, **_node_facts(line.node)}
                    for line in lines
                ],
            }
        )
        return 0
    if window is not None:
        say(printable(_("{campaign}: {days}").format(campaign=terms.name, days=days.told(window, terms))))
    if len(way) > 1:
        say(printable(_("Came by: {names}").format(names=" < ".join(name_of(node.who) for node in way[-2::-1]))))
    money = money_of(terms)
    show_table(
        (
            Column(_("name"), yields=True),
            *heads(),
            Column(_("invited"), "right"),
        ),
        (_line(line, money) for line in lines),
    )
    for of in below:
        text = ngettext(
            "Generation {g}: {n} person, own conversions: {conversions}, K {k:.2f}",
            "Generation {g}: {n} people, own conversions: {conversions}, K {k:.2f}",
            of.participants,
        )
        say(text.format(g=of.generation, n=separated(of.participants), conversions=separated(of.direct), k=of.k))
    return 0


def _say_totals(store: Store, campaign_id: int, terms: Terms, found: totals.Totals) -> None:
    money = money_of(terms)
    text = _("Campaign: {participants} participants, {conversions} conversions, {revenue}, {reached} people reached.")
    say(
        text.format(
            participants=separated(found.participants),
            conversions=separated(found.conversions),
            revenue=f"{money(found.revenue)} {terms.currency}",
            reached=separated(found.reached),
        )
    )
    ks = "  ".join(f"{of.depth}: {of.k:.2f}" for of in found.generations)
    say(_("K by generation: {ks}").format(ks=ks))
    if (progress := totals.progress(terms, found)) is not None:
        amount = money if progress.figure == "revenue" else separated
        text = _("Target: {actual} of {goal} ({share})")
        goal = planned(terms, progress.goal)
        told = text.format(actual=amount(progress.actual), goal=goal, share=percent(progress.share))
        if progress.due is not None:
            told = _("{target}; {due} planned until today").format(target=told, due=planned(terms, progress.due))
        say(told)
    if resting := totals.resting(store, campaign_id):
        say(figures.resting(resting))


def _facts(store: Store, campaign_id: int, terms: Terms, found: totals.Totals | None) -> dict[str, Any]:
    """A campaign's sums for programs."""
    if found is None:
        return {"totals": None, "progress": None, "concentration": None}
    progress = totals.progress(terms, found)
    resting = totals.resting(store, campaign_id)
    return {
        "totals": {**freezes.plain(found), "at": iso(found.at), "coverage": found.coverage},
        "progress": progress and {**progress._asdict(), "share": progress.share},
        "concentration": resting and {**resting._asdict(), "verdict": resting.verdict},
    }


def _row_facts(row: Place, sparks: Mapping[int, Sequence[int]]) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "before": row.before,
        "moved": row.moved,
        **fields(row.who),
        **fields(row.figures),
        "days": sparks[row.figures.participant_id],
    }


def _window_facts(window: Window | None) -> dict[str, str] | None:
    return None if window is None else {"from": iso(window.start), "to": iso(window.stop)}


def _node_facts(node: tree.Node) -> dict[str, Any]:
    return {**fields(node.who), **fields(node.figures)}


def _headline(terms: Terms, order: str, window: Window | None) -> str:
    if window is None:
        return _("{campaign}: {figure}").format(campaign=terms.name, figure=said(TITLES, order))
    text = _("{campaign}: {figure}, {days}")
    return text.format(campaign=terms.name, figure=said(TITLES, order), days=days.told(window, terms))


def _rules(terms: Terms) -> str:
    """How ties are ranked, in a sentence."""
    if terms.tie_rule == "earlier":
        return _("Of equals, who came to it earlier is before.")
    return _("Equals share a rank.")


def _line(line: tree.Line, money: Callable[[int], str]) -> Sequence[object]:
    indent = "  " * line.level
    if line.node is None:
        text = ngettext("and {n} more", "and {n} more", line.more).format(n=separated(line.more))
        return (indent + text, "", separated(line.conversions), "", "", "", "", "")
    found = line.node.figures
    return (indent + name_of(line.node.who), *cells(found, money), separated(found.invited))


ACTS: dict[str, Callable[[Store, Namespace], int]] = {
    "board": _board,
    "tree": _tree,
}
