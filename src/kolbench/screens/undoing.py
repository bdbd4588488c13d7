"""Taking back: the act it is about in words, and what to say of how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme.local import local_time
from kolbench.screens.words import said

if TYPE_CHECKING:
    from kolbench.store.changes import Done, Undone
    from kolbench.store.connect import Store

ACTIONS = {
    "done": N_("done"),
    "snooze": N_("snooze"),
    "reopen": N_("open again"),
    "plan": N_("plan"),
    "channel": N_("channel"),
    "reassign": N_("handed on"),
    "release": N_("left to anybody"),
    "take": N_("taken"),
    "note": N_("note"),
    "touch": N_("contact"),
    "merge": N_("merge"),
    "not_same": N_("not the same"),
    "not_now": N_("later"),
    "decide": N_("decision"),
    "tag": N_("tag"),
    "untag": N_("tag removed"),
    "own": N_("owner"),
    "brief": N_("brief"),
    "edit": N_("file"),
    "contact": N_("how to reach them"),
    "consent": N_("consent"),
    "refuse": N_("do not contact"),
    "lift": N_("may be contacted again"),
    "offer": N_("offer"),
    "agreement": N_("agreement"),
    "deliverable": N_("deliverable"),
    "incentive": N_("incentive"),
    "redeem": N_("points redeemed"),
    "catalogue": N_("catalogue"),
    "budget": N_("budget"),
    "propose": N_("rewards proposed"),
    "confirm": N_("rewards confirmed"),
    "template": N_("script"),
    "sequence": N_("sequence"),
    "enrol": N_("enrolled"),
    "pause": N_("sequence paused"),
    "resume": N_("sequence goes on"),
    "stop": N_("sequence stopped"),
    "stage": N_("stage"),
    "grade": N_("grade"),
    "acknowledge": N_("rules acknowledged"),
    "violation": N_("violation"),
    "sanction": N_("sanction"),
    "campaign": N_("campaign"),
    "wave": N_("wave of a campaign"),
    "participant": N_("participant"),
    "referral": N_("who came by whom"),
    "conversion": N_("conversion"),
    "commission": N_("commission"),
    "payout": N_("payout"),
    "flag": N_("flag"),
    "freeze": N_("leaderboard kept"),
    "publish": N_("leaderboard published"),
    "lesson": N_("lesson"),
}
"""What acts are called."""


def attempt(store: Store, offered: int | None, own: frozenset[str] | None = None) -> Done | Undone | None:
    """Take back the operator's last act, if it was made here or is the one that was ``offered``; else name it.

    ``own`` are the acts that are made where it is asked for; None: all. Call it in a thread.
    """
    from kolbench.programme import undoing
    from kolbench.store import changes, payouts

    act = changes.last(store, changes.me())
    if act is not None and act.act != offered and (doubt := payouts.doubt_of_undoing(store.reader(), act.act)):
        return act._replace(doubt=doubt)
    if act is None or (act.act != offered and not (act.here and (own is None or act.action in own))):
        return act
    return undoing.undo(store, changes.me(), act.act)


def in_words(act: Done) -> str:
    """What was done, for whom, and when."""
    what, when = said(ACTIONS, act.action), local_time(act.at)
    if act.who is None:
        return _("{act}, {when}").format(act=what, when=when)
    others = act.people - 1
    whom = ngettext("{who} and {n} other", "{who} and {n} others", others).format(who=act.who, n=others)
    return _("{act} for {who}, {when}").format(act=what, who=whom if others else act.who, when=when)


def offered(act: Done) -> str:
    """What to ask before an act of another screen or session is taken back."""
    if act.doubt:
        return _("{doubt} Press u again to take it back.").format(doubt=act.doubt)
    text = _("Not done in this session: {act}. Press u again to take it back.")
    if act.here:
        text = _("Not done on this screen: {act}. Press u again to take it back.")
    return text.format(act=in_words(act))


def outcome(undone: Undone) -> str:
    """What became of it."""
    if undone.blocked_by is None:
        return _("Taken back: {act}").format(act=in_words(undone.act))
    text = _("{who} has changed it since; nothing was taken back.").format(who=undone.blocked_by)
    return _("{what}: {more}").format(what=in_words(undone.act), more=text)
