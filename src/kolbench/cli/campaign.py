"""``kolbench campaign``: who sells by whom, what they earn, and what is shown of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli import (
    campaign_board,
    campaign_judging,
    campaign_kept,
    campaign_money,
    campaign_publish,
    campaign_terms,
    campaign_wave,
)
from kolbench.cli.opening import open_store
from kolbench.cli.parser import Actions

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from kolbench.store.connect import Store

_PARTS = (
    campaign_terms, campaign_wave, campaign_board, campaign_kept, campaign_judging, campaign_money, campaign_publish,
)  # fmt: skip


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    for part in _PARTS:
        part.add(actions)


def run(args: Namespace) -> int:
    """Do the action."""
    if args.action == "check":
        return campaign_terms.check_file(args)
    acts: dict[str, Callable[[Store, Namespace], int]] = {}
    for part in _PARTS:
        acts |= part.ACTS
    return acts[args.action](open_store(args, create=args.action == "new"), args)
