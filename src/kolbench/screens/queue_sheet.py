"""What is said beside the queue about the item under the cursor: why now, what to say, and who they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme import suggestion, there
from kolbench.programme.local import local_day
from kolbench.screens import dossier
from kolbench.screens.lines import Line, columns, paragraph
from kolbench.screens.words import CHANNELS, STATES, said
from kolbench.store import refusals
from kolbench.widgets.cells import due, since

if TYPE_CHECKING:
    from kolbench.programme.suggestion import Suggestion
    from kolbench.programme.there import There
    from kolbench.screens.dossier import Dossier
    from kolbench.screens.queue_rows import Item
    from kolbench.store.connect import Store
    from kolbench.store.refusals import Refusal


class About(NamedTuple):
    """An item with its script (or why there can't be one), what they don't want, what time it is there, and
    their file."""

    item: Item
    at: int
    suggested: Suggestion | None
    wrong: str
    refused: Sequence[Refusal]
    there: There
    file: Dossier | None


def load(store: Store, item: Item, at: int, template_id: int | None, *, whole: bool) -> About:
    """Read what there is to say about an item; with ``whole`` also their file. Call it in a thread."""
    suggested, wrong = None, ""
    try:
        suggested = suggestion.of(store, item.found, template_id)
    except UsageError as error:
        wrong = str(error)
    refused = refusals.of(store, [item.creator_id], at).get(item.creator_id, ())
    clock = there.of(store, [item.found], at)[item.follow_up_id]
    return About(item, at, suggested, wrong, refused, clock, dossier.load(store, item.creator_id) if whole else None)


def lines(about: About, width: int) -> Iterator[Line]:
    """All of it where there is room; the reason and the script alone without the file."""
    if about.file is not None:
        yield from dossier.head(about.file, width)
        yield []
    yield from _reason(about, width)
    yield from _script(about, width)
    if about.file is not None:
        yield from dossier.ours(about.file, width)
        yield from dossier.about(about.file, width)
        yield from dossier.doings(about.file, width)


def _reason(about: About, width: int) -> Iterator[Line]:
    found = about.item.found
    when = said(STATES, found.state) if found.state != "open" else due(found.due_at, about.at)
    yield columns((about.item.title, max(8, width - 11), "strong"), (when, 10, "warn", "right"))
    yield from paragraph(about.item.why, width)
    if told := _evidence(about):
        yield from paragraph(told, width, "muted")
    if found.state == "open" and (late := about.there.told()):
        yield from paragraph(late, width, "warn" if about.there.right else "muted")
    for one in about.refused:
        scope = _("any channel") if one.scope == refusals.ALL else said(CHANNELS, one.scope)
        text = _("Do not contact by {channel}").format(channel=scope)
        if one.until_at is not None:
            text = _("{what} until {day}").format(what=text, day=local_day(one.until_at))
        yield from paragraph(
            _("{what}: {more}").format(what=text, more=one.reason) if one.reason else text, width, "bad"
        )


def _evidence(about: About) -> str:
    """How to turn to them, whose it is, and since when it has been asked."""
    found, evidence = about.item.found, about.item.found.evidence
    parts = [said(CHANNELS, found.channel) if found.channel else "", str(evidence.get("address") or "")]
    parts += [found.plan or "", str(evidence.get("note") or "")]
    if found.taken_by:
        parts.append(_("taken by {name}").format(name=found.taken_by))
    elif found.owner:
        parts.append(_("owner: {name}").format(name=found.owner))
    parts.append(_("asked {when}").format(when=since(found.created_at, about.at)))
    return " · ".join(part for part in parts if part)


def _script(about: About, width: int) -> Iterator[Line]:
    yield []
    if about.wrong:
        yield from paragraph(about.wrong, width, "bad")
        return
    if about.suggested is None:
        yield from paragraph(_("No script yet: s chooses one."), width, "muted")
        return
    variant, script = about.suggested
    title = _("Script “{name}” {label}").format(name=variant.template, label=variant.label)
    hint = "" if script.missing else _("y copies")
    room = cell_len(hint)
    yield columns((title, max(8, width - room - 1), "strong"), (hint, room, "muted", "right"))
    if script.missing:
        text = _("Not to be sent: nobody knows {names}.").format(names=", ".join(script.missing))
        yield from paragraph(text, width, "bad")
    for text in script.text.splitlines():
        yield from paragraph(text, width) if text else ([],)
