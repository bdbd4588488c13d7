"""``kolbench sync``: read sources now, by hand, cron or a systemd timer."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kolbench.cli import bars, derived
from kolbench.cli.opening import load_adapters, open_store
from kolbench.cli.output import say, show_json_line
from kolbench.cli.parser import amount, whole
from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import KolbenchError, UsageError, named
from kolbench.domain.lang import _
from kolbench.store import participants, runs
from kolbench.sync import loop
from kolbench.sync.events import Counts, Finished, SourceFinished, as_json
from kolbench.sync.lock import AlreadyRunning
from kolbench.sync.stop import Stop, on_signals

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.sync.events import Event, Listener

FOREVER_S = 365 * 86_400.0

_STATES = {AlreadyRunning: "busy", KeyboardInterrupt: "cancelled"}
"""How a sync has ended that raised one of these; by anything else it has failed."""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("source", metavar="SOURCE", nargs="*", help=_("read these sources only, not all"))
    parser.add_argument("--full", action="store_true", help=_("read everything again, not only what is new"))
    parser.add_argument(
        "--since", metavar="WHEN", help=_("ask for what is newer than a date or a number of days: 2026-05-01, 30d")
    )
    parser.add_argument("--dry-run", action="store_true", help=_("read and check, and write nothing"))
    parser.add_argument("--max-minutes", metavar="N", type=amount, help=_("stop after so long; go on next time"))
    parser.add_argument(
        "--wait", metavar="SECONDS", nargs="?", type=amount, const=FOREVER_S, default=0.0,
        help=_("wait for another sync to end (without a number: as long as it takes) instead of giving up"),
    )  # fmt: skip
    parser.add_argument(
        "--workers", metavar="N", type=whole(1), default=4, help=_("read so many sources at a time (4)")
    )
    parser.add_argument("--json", action="store_true", help=_("print every event as a line of JSON"))


def run(args: Namespace) -> int:
    """Sync, then bring scores and follow-ups up to date; with ``--json`` the last line is how it all ended."""
    if not args.json:
        return _sync(args, bars.listener(json=False, dated=True))
    began = time.monotonic()
    told = Finished("failed", Counts(), 0.0)

    def listen(event: Event) -> None:
        nonlocal told
        if isinstance(event, Finished):
            told = event
            return
        if isinstance(event, SourceFinished):
            told = replace(told, counts=told.counts + event.counts)
        show_json_line(as_json(event))

    try:
        code = _sync(args, listen)
    except (UsageError, BrokenPipeError):
        raise
    except BaseException as error:
        state = _STATES.get(type(error), "failed")
        seconds = time.monotonic() - began
        why = str(error) if isinstance(error, KolbenchError) else named(error)
        show_json_line(as_json(replace(told, state=state, seconds=seconds, error=why)))
        raise
    show_json_line(as_json(told))
    return code


def _sync(args: Namespace, listener: Listener) -> int:
    options = loop.Options(
        full=args.full,
        since=moment(args.since) if args.since else None,
        dry_run=args.dry_run,
        max_minutes=args.max_minutes,
        workers=args.workers,
        lock_wait=args.wait,
    )
    store = open_store(args)
    before, code_before = runs.newest(store.reader()), participants.newest_code(store.reader())
    chosen = loop.choose(store, args.source)
    registry = load_adapters(args)
    stop = Stop()
    with on_signals(stop):
        outcome = loop.run(store, registry.adapters, chosen, options, listener, stop)
    if not args.dry_run and outcome.state != "cancelled":
        changed = derived.refresh(store)
        if args.json:
            show_json_line({"event": "scores", "creators": changed})
        derived.say_codes(store, before, code_before, json=args.json)
    elif not args.dry_run:
        derived.tell_waiting(store)
    if not args.json:
        if len(outcome.sources) > 1:
            total = _("{n} sources: {state}, {counts}, {seconds:.1f} s")
            said = total.format(
                n=len(outcome.sources),
                state=bars.state(outcome.state),
                counts=bars.counted(outcome.counts, dry=args.dry_run),
                seconds=outcome.seconds,
            )
            say(bars.logged(said))
        if args.dry_run:
            say(bars.logged(_("Dry run: nothing was written.")))
    return outcome.exit_code


def moment(text: str) -> datetime:
    """A time in UTC from ``2026-05-01``, an ISO 8601 time, or ``30d`` before now. Raises UsageError."""
    if days := re.fullmatch(r"(\d{1,5})d", text):
        return from_ms(now()) - timedelta(days=int(days[1]))
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            _("'{text}' is no date. Write 2026-05-01, 2026-05-01T08:00+08:00, or 30d.").format(text=text)
        ) from error
