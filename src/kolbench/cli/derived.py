"""After new data: bring scores and the follow-up queue up to date, and say so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kolbench.analysis import standing
from kolbench.cli.output import printable, say, show_json_line, warn
from kolbench.domain.lang import _, ngettext
from kolbench.store import participants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kolbench.programme.follow_ups import Evaluated
    from kolbench.store.connect import Store


def refresh(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Work out again what has changed; returns how many creators have another standing.

    A rule that fails and a page that can't be published are named on stderr.
    """
    from kolbench.programme import after

    found = after.refresh(store, progress, settled=counting(_("settled")))
    _warn(found.problems)
    return found.changed


def counting(what: str) -> Callable[[int, int], None] | None:
    """Shows on a terminal how many people of how many are done; None where there is nobody to watch."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        line = _("{what}: {done:,} of {total:,}").format(what=what, done=done, total=total)
        sys.stderr.write(f"\r\x1b[K{line}" if done < total else "\r\x1b[K")
        sys.stderr.flush()

    return tell


def say_codes(store: Store, run_before: int, code_before: int, *, json: bool) -> None:
    """Say how much waited for codes given after ``code_before``, and what waits still of what later runs have told.

    Both are what ``runs.newest`` and ``participants.newest_code`` said before something was read.
    """
    db = store.reader()
    taken_up, still = participants.taken_up(db, code_before), participants.waiting(db, run_before)
    if json:
        if taken_up or any(still):
            show_json_line({"event": "codes", "taken_up": taken_up, "waiting": still._asdict()})
        return
    if taken_up:
        text = ngettext(
            "{n} conversion, click or referral that waited for these codes was taken up",
            "{n} conversions, clicks and referrals that waited for these codes were taken up",
            taken_up,
        )
        say(text.format(n=f"{taken_up:,}"))
    if any(still):
        text = _("Nobody has the codes of {conversions:,} conversions, {clicks:,} clicks, {referrals:,} referrals yet")
        say(text.format(**still._asdict()))


def tell_waiting(store: Store) -> None:
    """Say on stderr that a list can't be whole: a sync was stopped before it had worked out the scores."""
    if n := standing.waiting(store):
        warn(
            ngettext(
                "{n} person waits to be scored: the next sync does it, or 'kolbench rebuild'.",
                "{n} people wait to be scored: the next sync does it, or 'kolbench rebuild'.",
                n,
            ).format(n=f"{n:,}")
        )


def evaluate(store: Store) -> Evaluated:
    """Ask the rules of the programme, then those of follow-ups; one of these that fails is named on stderr."""
    from kolbench.programme import after

    evaluated = after.evaluate(store)
    _warn(after.problems(evaluated))
    return evaluated


def _warn(problems: Iterable[str]) -> None:
    for problem in problems:
        warn(printable(problem))
