"""``kolbench leaderboard``: who influenced a community or a source most in a window, and who has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis import concentration
from kolbench.analysis import leaderboards as ranking
from kolbench.cli import places, writing
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, printable, say, show_found, show_json, show_table
from kolbench.cli.parser import add_json, whole
from kolbench.domain.clock import iso
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.screens import figures, words
from kolbench.screens.words import said
from kolbench.store import leaderboards
from kolbench.store.leaderboards import Key, LeaderboardWindow, Scope
from kolbench.widgets.cells import compact, day, movement, near

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Entry, LeaderboardRun


PEOPLE = 20


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action", metavar="publish", nargs="?", choices=("publish",), help=_("publish a campaign's instead")
    )
    parser.add_argument("folder", metavar="DIR", nargs="?", help=_("the folder for its page"))
    parser.add_argument("--campaign", metavar="NAME", help=_("which campaign to publish (the only one)"))
    writing.add_formats(parser)
    add_list_options(parser)
    parser.add_argument("--limit", metavar="N", type=whole(1), help=_("list at most so many (20; communities: all)"))
    parser.add_argument("--list", action="store_true", help=_("list the communities there are instead"))
    add_json(parser)


def add_list_options(parser: ArgumentParser) -> None:
    """The options that choose what to rank."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--community", metavar="NAME", help=_("in this community: a name or number (the liveliest)"))
    where.add_argument("--source", metavar="SOURCE", help=_("among whom this source brought"))
    where.add_argument("--all", action="store_true", help=_("among all people of the store"))
    parser.add_argument("--metric", choices=tuple(ranking.METRICS), help=_("what counts (what there is most of)"))
    parser.add_argument(
        "--days", metavar="N", type=whole(0), help=_("so many days up to the newest message; 0: all (30)")
    )


def run(args: Namespace) -> int:
    """Rank, or list the communities."""
    store = open_store(args)
    if args.action == "publish":
        from kolbench.cli import campaign_publish

        return campaign_publish.publish_one(store, args)
    if args.campaign or args.format:
        raise UsageError(_("--campaign and --format are for 'kolbench leaderboard publish DIR'."))
    if args.list:
        return _list(store, args)
    found = chosen(store, args)
    entries = LeaderboardWindow(store, found.id).rows(0, args.limit or PEOPLE) if found else []
    if args.json:
        show_json({**about(store, found), "entries": [entry._asdict() for entry in entries]} if found else None)
    else:
        show_leaderboard(store, found, entries)
    return 0


def chosen(store: Store, args: Namespace) -> LeaderboardRun | None:
    """The leaderboard that the options mean; None when there is nothing to count."""
    where = Scope() if args.all else places.scope(store, args.community, args.source)
    return board(store, where, args.metric, args.days)


def board(store: Store, where: Scope, metric: str | None = None, days: int | None = None) -> LeaderboardRun | None:
    """The leaderboard of a place, computed again where it is outdated; None when there is nothing to count.

    ``days`` 0 is all there is, None what suits the material.
    """
    metric = metric or ranking.default_metric(store, where)
    if days is None:
        window = ranking.default_window(store, where, metric)
    else:
        window = ranking.window(store, where, metric, days or None)
    if window is None:
        return None
    key = Key(where, metric, window)
    found = leaderboards.latest(store, key)
    if found is None or found.outdated:
        found = leaderboards.get(store, ranking.compute(store, key))
    return found


def show_leaderboard(store: Store, found: LeaderboardRun | None, entries: Sequence[Entry]) -> None:
    """Print a leaderboard with what it was counted from."""
    if found is None:
        say(_("There is nothing to rank yet: no messages, posts or follower counts."))
        return
    key = found.key
    metric = ranking.METRICS[key.metric]
    text = _("{place}: {metric}, {start} to {stop}")
    say(
        printable(
            text.format(
                place=places.title(store, key.scope),
                metric=metric.title(),
                start=day(key.window.start),
                stop=day(key.window.stop - 1),
            )
        )
    )
    table = (
        Column("#", "right"),
        Column(_("moved"), "right"),
        Column(_("name"), yields=True),
        Column(_("platform")),
        Column(_("value"), "right"),
        Column(_("before"), "right"),
        Column(_("followers"), "right"),
    )
    compared = found.previous_people > 0
    show_table(
        table,
        (
            (
                entry.rank,
                movement(entry.rank, entry.previous_rank) if compared else "",
                entry.name,
                said(words.PLATFORMS, entry.platform),
                f"{entry.value:,}",
                "" if entry.previous_value is None else f"{entry.previous_value:,}",
                near(entry.followers_pm) + compact(entry.followers),
            )
            for entry in entries
        ),
    )
    text = _("{shown:,} of {people:,} people; bots and staff left out; equal values share a rank.")
    say(text.format(shown=len(entries), people=found.people))
    if resting := concentration.measure(ranking.values(store, found)):
        say(figures.resting(resting))


def about(store: Store, found: LeaderboardRun) -> dict[str, object]:
    """What a leaderboard ranks, for programs; times are ISO 8601."""
    key = found.key
    return {
        "scope": key.scope.kind,
        "place": places.title(store, key.scope),
        "metric": key.metric,
        "from": iso(key.window.start),
        "to": iso(key.window.stop),
        "people": found.people,
        "previous_people": found.previous_people,
        "tie_rule": found.tie_rule,
        "exclusions": list(found.exclusions),
        "version": found.version,
        "computed_at": iso(found.computed_at),
        "concentration": _concentration(store, found),
    }


def _concentration(store: Store, found: LeaderboardRun) -> dict[str, object] | None:
    """How much of what was counted rests on few of the people ranked."""
    resting = concentration.measure(ranking.values(store, found))
    return {**resting._asdict(), "verdict": resting.verdict} if resting else None


def _list(store: Store, args: Namespace) -> int:
    found = leaderboards.communities(store)[: args.limit]
    table = (
        Column(_("id"), "right"),
        Column(_("name"), yields=True),
        Column(_("platform")),
        Column(_("members"), "right"),
        Column(_("messages"), "right"),
        Column(_("newest")),
    )
    return show_found(
        args,
        found,
        table,
        lambda one: (
            one.id,
            one.name,
            said(words.PLATFORMS, one.platform),
            f"{one.members:,}",
            f"{one.messages:,}",
            day(one.last_at),
        ),
    )
