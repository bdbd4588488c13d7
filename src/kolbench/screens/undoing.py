"""Taking back: the act it is about in words, and what to say of how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import _, ngettext
from kolbench.programme.local import local_time
from kolbench.screens.words import ACTIONS, said

if TYPE_CHECKING:
    from kolbench.store.changes import Done, Undone


def in_words(act: Done) -> str:
    """What was done, for whom, and when."""
    what, when = said(ACTIONS, act.action), local_time(act.at)
    if act.who is None:
        return _("{act}, {when}").format(act=what, when=when)
    others = act.people - 1
    whom = ngettext("{who} and {n} other", "{who} and {n} others", others).format(who=act.who, n=others)
    return _("{act} for {who}, {when}").format(act=what, who=whom if others else act.who, when=when)


def offered(act: Done) -> str:
    """What to ask before an act of another session is taken back."""
    return _("Not done in this session: {act}. Press u again to take it back.").format(act=in_words(act))


def outcome(undone: Undone) -> str:
    """What became of it."""
    if undone.blocked_by is None:
        return _("Taken back: {act}").format(act=in_words(undone.act))
    text = _("{who} has changed it since; nothing was taken back.").format(who=undone.blocked_by)
    return _("{what}: {more}").format(what=in_words(undone.act), more=text)
