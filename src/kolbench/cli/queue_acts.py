"""What ``kolbench queue`` does with follow-ups: done, snoozed, taken, handed on, changed, noted, opened again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kolbench.cli.output import answer, fields, printable, say, show_json, warn
from kolbench.cli.parser import whole
from kolbench.domain import outcomes
from kolbench.domain.clock import HOUR, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.domain.outcomes import OUTCOMES
from kolbench.programme.local import local_time, morning
from kolbench.screens import words
from kolbench.screens.words import said
from kolbench.store import changes, follow_ups, notes

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from kolbench.cli.parser import Actions
    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import Acted

NOBODY, ME = "none", "me"

OURS = frozenset((
    "done", "touch", "snooze", "take", "release", "reassign", "channel", "plan", "note", "reopen", "pause", "stop",
))  # fmt: skip
"""What is done in the queue, and so taken back there."""


def configure(actions: Actions) -> None:
    """Add the actions."""
    done = actions.add("done", _("Mark follow-ups as done"))
    _add_ids(done)
    told = _("what came of it, which also writes down the contact: {outcomes}").format(outcomes=", ".join(OUTCOMES))
    done.add_argument("--outcome", metavar="WORD", help=told)
    done.add_argument("--channel", metavar="NAME", help=_("how you reached them: wechat, email, phone, …"))
    done.add_argument(
        "--invitation", action="store_true", help=_("they were invited into a group: needs their consent")
    )
    snooze = actions.add("snooze", _("Let follow-ups wait"))
    _add_ids(snooze)
    snooze.add_argument(
        "--until", metavar="WHEN", default="1d", help=_("until when: tomorrow, friday, 3d, 12h or a date (1d)")
    )
    take = actions.add("take", _("Work on follow-ups: for eight hours colleagues see it and leave them to you"))
    _add_ids(take)
    take.add_argument("--over", action="store_true", help=_("take over what a colleague has taken"))
    _add_ids(actions.add("release", _("Leave to anybody what you have taken")))
    reassign = actions.add("reassign", _("Hand follow-ups to an operator"))
    reassign.add_argument("owner", metavar="OPERATOR", help=_("a name, me, or none for whoever looks after the person"))
    _add_ids(reassign)
    channel = actions.add("channel", _("Turn to people by another channel"))
    channel.add_argument("channel", metavar="CHANNEL", help=_("wechat, email, phone, …"))
    _add_ids(channel)
    plan = actions.add("plan", _("Say how to go about follow-ups"))
    plan.add_argument("plan", metavar="TEXT", help=_("what to do; '' for nothing special"))
    _add_ids(plan)
    note = actions.add("note", _("Write a note on the person of a follow-up"))
    note.add_argument("id", metavar="ID", type=whole(1), help=_("the follow-up's number"))
    note.add_argument("text", metavar="TEXT", help=_("what to remember"))
    reopen = actions.add("reopen", _("Open closed follow-ups again, or wake snoozed ones; their contacts stay"))
    _add_ids(reopen)
    actions.add("undo", _("Take back your last act in the queue whole, with the contact that it wrote down"))


def run(store: Store, args: Namespace) -> int:
    """Do what ``args.action`` says."""
    if alone := {"note": _note, "undo": _undo}.get(args.action):
        return alone(store, args)
    me = changes.me()
    acted, what = {
        "done": _done,
        "snooze": _snooze,
        "take": _take,
        "release": _release,
        "reassign": _reassign,
        "channel": _channel,
        "plan": _plan,
        "reopen": _reopen,
    }[args.action](store, args, me)
    return _say_acted(args, acted, what)


def _add_ids(parser: ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", type=whole(1), help=_("the follow-ups' numbers"))


def _done(store: Store, args: Namespace, me: str) -> tuple[Acted, str]:
    from kolbench.programme import outreach

    outcome = None if args.outcome is None else outcomes.require(args.outcome)
    channel: str | None = args.channel
    if channel is not None and not channel.strip():
        raise UsageError(_("Name the channel, such as wechat or email."))
    if args.invitation:
        if outcome not in (None, outcomes.INVITED):
            raise UsageError(_("Say either --invitation or --outcome {outcome}.").format(outcome=outcome))
        outcome, channel = outcomes.INVITED, channel or "group"

    acted = outreach.done(store, args.ids, me, outcome=outcome, channel=channel)
    if outcome in outcomes.SAID_BY_US:
        _mind_the_hour(store, acted.changed)
    return acted, _("done")


def _mind_the_hour(store: Store, ids: Sequence[int]) -> None:
    """Say for whom of these it is night."""
    from kolbench.programme import there

    at = now()
    rows = follow_ups.of_ids(store, ids, at)
    clocks = there.of(store, rows, at)
    for row in rows:
        if late := there.warning(row.name, clocks[row.follow_up_id]):
            warn(printable(late))


def _snooze(store: Store, args: Namespace, me: str) -> tuple[Acted, str]:
    until = _until(args.until)
    acted = follow_ups.snooze(store, args.ids, until, me)
    return acted, _("snoozed until {when}").format(when=local_time(until))


def _take(store: Store, args: Namespace, me: str) -> tuple[Acted, str]:
    return follow_ups.take(store, args.ids, me, over=args.over), _("taken")


def _release(store: Store, args: Namespace, me: str) -> tuple[Acted, str]:
    return follow_ups.release(store, args.ids, me), _("anybody's again")


def _reassign(store: Store, args: Namespace, me: str) -> tuple[Acted, str]:
    owner = {ME: me, NOBODY: None}.get(args.owner, args.owner)
    acted = follow_ups.reassign(store, args.ids, owner, me)
    return acted, _("handed to {owner}").format(owner=owner or _("whoever looks after the person"))


def _channel(store: Store, args: Namespace, me: str) -> tuple[Acted, str]:
    acted = follow_ups.set_channel(store, args.ids, args.channel, me)
    return acted, _("by {channel}").format(channel=said(words.CHANNELS, args.channel))


def _plan(store: Store, args: Namespace, me: str) -> tuple[Acted, str]:
    from kolbench.programme import outreach

    return outreach.go_by(store, args.ids, args.plan, me), _("plan changed")


def _reopen(store: Store, args: Namespace, me: str) -> tuple[Acted, str]:
    return follow_ups.reopen(store, args.ids, me), _("open again")


def _note(store: Store, args: Namespace) -> int:
    creator_id = follow_ups.creator(store, args.id)
    note_id = notes.note(store, creator_id, args.text, changes.me())
    return answer(args, {"note": note_id, "creator_id": creator_id}, _("Noted."))


def _undo(store: Store, args: Namespace) -> int:
    from kolbench.screens import undoing

    act = changes.last(store, changes.me())
    if act is None:
        raise UsageError(_("There is nothing to take back."))
    if act.action not in OURS:
        text = _("Your last act was none in the queue: {act}. u in the workbench takes it back.")
        raise UsageError(text.format(act=undoing.in_words(act)))
    undone = undoing.attempt(store, act.act)
    if not isinstance(undone, changes.Undone):
        raise UsageError(_("There is nothing to take back."))
    rows = [one_id for entity, one_id in undone.changed if entity == "follow_up"]
    told = {"act": act.action, "follow_ups": sorted(set(rows)), "blocked_by": undone.blocked_by}
    answer(args, told, undoing.outcome(undone))
    return 1 if undone.blocked_by else 0


def _say_acted(args: Namespace, acted: Acted, what: str) -> int:
    missing = [
        one for one in args.ids if one not in acted.changed and one not in {s.follow_up_id for s in acted.skipped}
    ]
    if args.json:
        show_json(
            {
                "changed": list(acted.changed),
                "skipped": [fields(one) for one in acted.skipped],
                "unknown": missing,
            }
        )
    else:
        n = len(acted.changed)
        say(printable(ngettext("{n} follow-up: {what}.", "{n} follow-ups: {what}.", n).format(n=n, what=what)))
        for skipped in acted.skipped:
            text = _("{id} was left alone: it is {state}.")
            if skipped.state == "open":
                text = _("{id} is so already.")
            elif skipped.state == "taken":
                text = _("{id} was left alone: {who} has taken it.")
            state = said(words.STATES, skipped.state)
            warn(text.format(id=skipped.follow_up_id, state=state, who=skipped.author))
        for one in missing:
            warn(_("There is no follow-up {id}.").format(id=one))
    return 1 if missing or acted.skipped else 0


def _until(text: str) -> int:
    """Hours count from now; anything else is a day, which begins at midnight here."""
    if span := re.fullmatch(r"(\d{1,4})h", text):
        return now() + int(span[1]) * HOUR
    return morning(text)
