"""``kolbench queue``: who to follow up with, and what became of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, plain, say, show_json, show_table, warn
from kolbench.cli.parser import Actions, whole
from kolbench.domain.clock import HOUR, now
from kolbench.domain.lang import _, ngettext
from kolbench.programme import guards, outreach
from kolbench.programme.follow_ups import FollowUpWindow
from kolbench.programme.local import local_time, morning
from kolbench.screens import words
from kolbench.screens.words import said
from kolbench.store import changes, follow_ups, notes
from kolbench.widgets.cells import due, since

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.programme.follow_ups import QueueRow
    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import Acted

DUE = {
    "today": ("overdue", "today"),
    "week": ("overdue", "today", "week"),
    "all": (None,),
    "snoozed": ("snoozed",),
    "closed": ("closed",),
}
"""What ``--due`` shows: sections of the queue."""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_due_option(parser)
    parser.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    actions = Actions(parser, required=False)
    done = actions.add("done", _("Mark follow-ups as done"))
    _add_ids(done)
    done.add_argument("--outcome", metavar="TEXT", help=_("what came of it; also writes down the contact"))
    done.add_argument("--channel", metavar="NAME", help=_("how you reached them: wechat, email, phone, …"))
    done.add_argument(
        "--invitation", action="store_true", help=_("they were invited into a group: needs their consent")
    )
    snooze = actions.add("snooze", _("Let follow-ups wait"))
    _add_ids(snooze)
    snooze.add_argument(
        "--until", metavar="WHEN", default="1d", help=_("until when: tomorrow, friday, 3d, 12h or a date (1d)")
    )
    note = actions.add("note", _("Write a note on the person of a follow-up"))
    note.add_argument("id", metavar="ID", type=int, help=_("the follow-up's number"))
    note.add_argument("text", metavar="TEXT", help=_("what to remember"))
    _add_ids(actions.add("reopen", _("Open closed follow-ups again, or wake snoozed ones")))


def add_due_option(parser: ArgumentParser) -> None:
    """The option that chooses what to list."""
    parser.add_argument("--due", choices=tuple(DUE), default="week", help=_("what to list (week)"))


def _add_ids(parser: ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", type=int, help=_("the follow-ups' numbers"))


def run(args: Namespace) -> int:
    """List, or act on what was listed."""
    store = open_store(args)
    if args.action is None:
        found = list_queue(store, args.due, args.limit)
        if args.json:
            show_json([plain(row._asdict()) for row in found])
        else:
            show_queue(found)
        return 0
    return {"done": _done, "snooze": _snooze, "note": _note, "reopen": _reopen}[args.action](store, args)


def list_queue(store: Store, due: str, limit: int) -> list[QueueRow]:
    """The first ``limit`` follow-ups that ``due`` means."""
    found: list[QueueRow] = []
    for section in DUE[due]:
        found += FollowUpWindow(store, section).rows(0, limit - len(found))
    return found


def show_queue(rows: list[QueueRow]) -> None:
    """Print follow-ups as a table."""
    table = (
        Column(_("id"), "right"),
        Column(_("due")),
        Column(_("name"), yields=True),
        Column(_("platform")),
        Column(_("why"), yields=True),
        Column(_("last contact")),
    )
    at = now()
    show_table(
        table,
        (
            (
                row.follow_up_id,
                due(row.due_at, at),
                row.name,
                said(words.PLATFORMS, row.platform),
                row.why,
                since(row.last_touch_at, at),
            )
            for row in rows
        ),
    )
    if not rows:
        say(_("Nobody waits for you."))


def _done(store: Store, args: Namespace) -> int:
    outcome, channel = args.outcome, args.channel
    if args.invitation:
        outcome, channel = outcome or guards.INVITED, channel or "group"
    if args.invitation or guards.is_invitation(channel, outcome):
        guards.require_consent(store, [follow_ups.creator(store, one) for one in args.ids], now())
    acted = follow_ups.done(store, args.ids, changes.me(), outcome=outcome, channel=channel)
    outreach.refresh(store, {follow_ups.creator(store, one) for one in acted.changed})
    return _say_acted(args, acted, _("done"))


def _snooze(store: Store, args: Namespace) -> int:
    until = _until(args.until)
    acted = follow_ups.snooze(store, args.ids, until, changes.me())
    return _say_acted(args, acted, _("snoozed until {when}").format(when=local_time(until)))


def _reopen(store: Store, args: Namespace) -> int:
    return _say_acted(args, follow_ups.reopen(store, args.ids, changes.me()), _("open again"))


def _note(store: Store, args: Namespace) -> int:
    creator_id = follow_ups.creator(store, args.id)
    note_id = notes.note(store, creator_id, args.text, changes.me())
    if args.json:
        show_json({"note": note_id, "creator_id": creator_id})
    else:
        say(_("Noted."))
    return 0


def _say_acted(args: Namespace, acted: Acted, what: str) -> int:
    missing = [
        one for one in args.ids if one not in acted.changed and one not in {s.follow_up_id for s in acted.skipped}
    ]
    if args.json:
        show_json(
            {
                "changed": list(acted.changed),
                "skipped": [plain(one._asdict()) for one in acted.skipped],
                "unknown": missing,
            }
        )
    else:
        n = len(acted.changed)
        say(ngettext("{n} follow-up: {what}.", "{n} follow-ups: {what}.", n).format(n=n, what=what))
        for skipped in acted.skipped:
            text = _("{id} was left alone: it is {state}.")
            warn(text.format(id=skipped.follow_up_id, state=said(words.STATES, skipped.state)))
        for one in missing:
            warn(_("There is no follow-up {id}.").format(id=one))
    return 1 if missing or acted.skipped else 0


def _until(text: str) -> int:
    """Hours count from now; anything else is a day, which begins at midnight here."""
    if span := re.fullmatch(r"(\d{1,4})h", text):
        return now() + int(span[1]) * HOUR
    return morning(text)
