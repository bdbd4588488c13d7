"""``kolbench rebuild``: every derived number again from the data, which must give the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis import matching, standing
from kolbench.analysis.campaigns import standings
from kolbench.cli import derived
from kolbench.cli.opening import open_store
from kolbench.cli.output import answer
from kolbench.cli.parser import add_json
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_json(parser)


def run(args: Namespace) -> int:
    """Rebuild, compare everybody anew, sum campaigns up, and ask the follow-up rules."""
    store = open_store(args)
    creators = standing.rebuild(store, derived.counting(_("worked out")))
    matching.rebuild(store, derived.counting(_("compared")))
    standings.rebuild(store)
    derived.evaluate(store)
    return answer(args, {"creators": creators}, _("Worked out {creators:,} creators again.").format(creators=creators))
