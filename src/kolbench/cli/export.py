"""``kolbench export``: a list in a file, for a spreadsheet or another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli import candidates, leaderboard, writing
from kolbench.cli import queue as queues
from kolbench.cli.opening import open_store
from kolbench.cli.output import fields
from kolbench.cli.parser import Actions
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme.follow_ups import QueueRow
from kolbench.store import export
from kolbench.store.leaderboards import Entry, LeaderboardWindow

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Sequence

    from kolbench.store.connect import Store


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = Actions(parser)
    candidates.add_list_options(_add(actions.add("candidates", _("Write the candidate list to a file"))))
    leaderboard.add_list_options(_add(actions.add("leaderboard", _("Write a leaderboard to a file"))))
    queues.add_due_option(_add(actions.add("queue", _("Write the follow-up queue to a file"))))


def _add(parser: ArgumentParser) -> ArgumentParser:
    writing.add_file(parser)
    return parser


def run(args: Namespace) -> int:
    """Write the file and say how many rows it has."""
    store = open_store(args)
    lists = {"candidates": _candidates, "leaderboard": _leaderboard, "queue": _queue}
    return writing.write(args, lambda: lists[args.action](store, args))


def _candidates(store: Store, args: Namespace) -> tuple[Sequence[str], Iterable[Iterable[Any]]]:
    return export.ranking(candidates.chosen(store, args))


def _leaderboard(store: Store, args: Namespace) -> tuple[Sequence[str], Iterable[Iterable[Any]]]:
    found = leaderboard.chosen(store, args)
    if found is None:
        raise UsageError(_("There is nothing to rank yet: no messages, posts or follower counts."))
    return Entry._fields, LeaderboardWindow(store, found.id).rows(0, found.entries)


def _queue(store: Store, args: Namespace) -> tuple[Sequence[str], Iterable[Iterable[Any]]]:
    found = queues.list_queue(store, queues.DUE[args.due])
    return QueueRow._fields, (fields(row).values() for row in found)
