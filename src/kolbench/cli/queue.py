"""``kolbench queue``: who to follow up with, for people, for calendars, for cron and for programs."""

from __future__ import annotations

from argparse import SUPPRESS
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.cli import places, queue_acts, writing
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, answer, printable, say, show_json, show_table
from kolbench.cli.parser import Actions, whole
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.programme import follow_ups as programme
from kolbench.programme.follow_ups import FollowUpWindow
from kolbench.screens import words
from kolbench.screens.words import said
from kolbench.store import briefs, campaigns, changes
from kolbench.store.sections import SECTIONS, UNNARROWED, Only
from kolbench.widgets.cells import due, since

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.programme.follow_ups import QueueRow
    from kolbench.store.connect import Store

DUE = {
    "today": ("overdue", "today"),
    "week": ("overdue", "today", "week"),
    "all": (None,),
    "snoozed": ("snoozed",),
    "closed": ("closed",),
}
"""What ``--due`` shows: sections of the queue."""

EVERYTHING = 1_000_000
NOBODY, ME = "none", "me"


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_due_option(parser)
    parser.add_argument("--section", choices=SECTIONS, help=_("list this section instead"))
    _add_filters(parser)
    parser.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    actions = Actions(parser, required=False)
    queue_acts.configure(actions)
    calendar = actions.add("calendar", _("Write what is due as an iCalendar file"))
    calendar.add_argument("file", metavar="FILE", help=_("the file to write, such as queue.ics; '-' for stdout"))
    writing.add_overwrite(calendar)
    summary = actions.add("summary", _("Say what is due in a few lines, for a mail by cron; nothing when nothing is"))
    summary.add_argument("--first", metavar="N", type=whole(0), default=10, help=_("name so many (10)"))
    summary.add_argument("--always", action="store_true", help=_("say so when nothing is due"))
    actions.add("refresh", _("Ask all rules about everybody"))
    actions.add("rules", _("List the rules with their parameters and what is open by each"))
    for one in (calendar, summary):
        _add_filters(one, again=True)


def add_due_option(parser: ArgumentParser) -> None:
    """The option that chooses what to list."""
    parser.add_argument("--due", choices=tuple(DUE), default="week", help=_("what to list (week)"))


def run(args: Namespace) -> int:
    """List, act on what was listed, or tell others."""
    store = open_store(args)
    if args.action is None:
        sections = (args.section,) if args.section else DUE[args.due]
        found = list_queue(store, sections, args.limit, _only(store, args))
        if args.json:
            from kolbench.cli import queue_json

            show_json(queue_json.told(store, found))
        else:
            show_queue(found)
        return 0
    if act := {"calendar": _calendar, "summary": _summary, "refresh": _refresh, "rules": _rules}.get(args.action):
        return act(store, args)
    return queue_acts.run(store, args)


def list_queue(
    store: Store, sections: tuple[str | None, ...], limit: int = EVERYTHING, only: Only = UNNARROWED
) -> list[QueueRow]:
    """The first ``limit`` follow-ups of these sections."""
    found: list[QueueRow] = []
    for section in sections:
        found += FollowUpWindow(store, section, only=only).rows(0, limit - len(found))
    return found


def show_queue(rows: list[QueueRow]) -> None:
    """Print follow-ups as a table."""
    table = (
        Column(_("id"), "right"),
        Column(_("due")),
        Column(_("name"), yields=True),
        Column(_("platform")),
        Column(_("why"), yields=True),
        Column(_("owner")),
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
                _("{owner} (taken by {who})").format(owner=row.owner or "–", who=row.taken_by)
                if row.taken_by
                else row.owner or "–",
                since(row.last_touch_at, at),
            )
            for row in rows
        ),
    )
    if not rows:
        say(_("Nobody waits for you."))


def _add_filters(parser: ArgumentParser, *, again: bool = False) -> None:
    """Add what narrows the queue; ``again`` where the command's own parser has it already."""
    for option, value, text in (
        ("--owner", "NAME", _("only what this operator is to do: a name, me or none")),
        ("--brief", "NAME", _("only people chosen for this brief: a name or number")),
        ("--campaign", "NAME", _("only people who take part in this campaign: a name or number")),
        ("--community", "NAME", _("only members of this community: a name or number")),
        ("--rule", "ID", _("only what this rule asks for")),
    ):
        parser.add_argument(option, metavar=value, default=SUPPRESS if again else None, help=text)


def _only(store: Store, args: Namespace) -> Only:
    """What the options narrow the queue to. Raises UsageError for what isn't there."""
    known = programme.rule_ids(store) if args.rule else ()
    if args.rule and args.rule not in known:
        text = _("There is no follow-up rule '{rule}'. Those there are: {names}.")
        raise UsageError(text.format(rule=args.rule, names=", ".join(known)))
    meant = {None: None, ME: changes.me(), NOBODY: "", changes.me(): changes.me()}
    return Only(
        owner=meant[args.owner] if args.owner in meant else places.operator(store, args.owner),
        brief_id=briefs.find(store, args.brief) if args.brief else None,
        campaign_id=campaigns.find(store, args.campaign) if args.campaign else None,
        community_id=places.community(store, args.community).id if args.community else None,
        rule=args.rule,
    )


def _calendar(store: Store, args: Namespace) -> int:
    import sys

    from kolbench.programme.calendar import MARK, calendar
    from kolbench.store import export

    target = Path(args.file).expanduser()
    if args.file != "-":
        writing.require_new(args, target, MARK)
    rows = list_queue(store, (None,), only=_only(store, args))
    text = calendar(rows, now())
    if args.file == "-":
        sys.stdout.buffer.write(text.encode("utf-8"))
        return 0
    export.write_text(target, text)
    n = len(rows)
    told = ngettext("{path}: {n} follow-up.", "{path}: {n} follow-ups.", n)
    return answer(args, {"file": str(target), "follow_ups": len(rows)}, told.format(path=target, n=f"{n:,}"))


def _summary(store: Store, args: Namespace) -> int:
    only = _only(store, args)
    counts = programme.counts(store, only=only)
    rows = list_queue(store, DUE["today"], args.first, only)
    n = counts["overdue"] + counts["today"]
    if args.json:
        from kolbench.cli import queue_json

        show_json({"counts": counts, "first": queue_json.told(store, rows)})
        return 0
    if not n and not args.always:
        return 0
    say(
        _(
            "{n} due: {overdue} overdue, {today} today. Then {week} in the next 7 days, {waiting} awaiting reply."
        ).format(n=n, **counts)
    )
    at = now()
    for row in rows:
        say(printable(f"{row.follow_up_id:>6}  {due(row.due_at, at):<10}  {row.name}: {row.why}"))
    if n > len(rows):
        say(_("and {n} more: kolbench queue --due today").format(n=n - len(rows)))
    return 0


def _refresh(store: Store, args: Namespace) -> int:
    from kolbench.cli.derived import evaluate

    evaluated = evaluate(store)
    failed = [one for one in evaluated.outcomes if one.error]
    if args.json:
        show_json([one._asdict() for one in evaluated.outcomes])
    else:
        text = _("{opened} opened, {resolved} resolved, {kept} kept.")
        say(text.format(opened=evaluated.opened, resolved=evaluated.resolved, kept=evaluated.kept))
    return 1 if failed else 0


def _rules(store: Store, args: Namespace) -> int:
    told = programme.told_rules(store)
    if args.json:
        show_json([one._asdict() for one in told])
        return 0
    table = (
        Column(_("rule")),
        Column(_("asks for"), yields=True),
        Column(_("open"), "right"),
        Column(_("parameters"), yields=True),
        Column(_("state"), yields=True),
    )
    rows = (
        (
            one.rule,
            one.title,
            one.open,
            ", ".join(f"{name} {value:g}" for name, value in one.parameters.items()),
            one.problem or (_("switched on") if one.enabled else _("off")),
        )
        for one in told
    )
    show_table(table, rows)
    return 0
