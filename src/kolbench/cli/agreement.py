"""``kolbench agreement``: what creators give and get, until when, and what they owe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli import places
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, answer, fields, plain, printable, say, show_found, show_json, warn
from kolbench.cli.parser import Actions, whole
from kolbench.domain import agreements as states
from kolbench.domain.agreements import Terms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme.agreements import advice, before_binding, day, today
from kolbench.screens.file_words import BASES
from kolbench.screens.telling import AGREED
from kolbench.screens.words import said
from kolbench.store import agreements, briefs, changes, creators
from kolbench.widgets import cells

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from kolbench.store.agreements import Agreement, Deliverable
    from kolbench.store.connect import Store

_TERMS = {
    "gives": "gives", "gets": "gets", "exclusive": "exclusivity", "basis": "basis", "starts": "starts_on",
    "ends": "ends_on", "notes": "notes",
}  # fmt: skip
"""The term that each option sets."""

_EMPTY = {"gives": "", "gets": ""}
"""What an empty text says of a term: nothing (None) of those that may be missing."""

_TO_COUNT = {"offered": "offer", "signed": "renew", "renewed": "renew", "ended": "renew", "broken": "offer"}
"""The action by which a newer version comes to count, by the agreement's state."""


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    new = actions.add("new", _("Draft an agreement with somebody"))
    places.add_creator(new)
    new.add_argument("--title", metavar="TEXT", help=_("what to call it (what they give)"))
    new.add_argument("--brief", metavar="BRIEF", help=_("for which brief; signing then decides 'agreed' there"))
    _add_terms(new)
    listed = actions.add("list", _("List the agreements: what ends first comes first"))
    listed.add_argument("--state", choices=("in_force", *states.STATES), help=_("only those in this state"))
    listed.add_argument("--creator", metavar="CREATOR", help=_("only those with this person"))
    _add_agreement(actions.add("show", _("Show an agreement with its versions, events and deliverables")))
    version = actions.add("version", _("Write the next version of the terms; the ones before stay"))
    _add_agreement(version)
    _add_terms(version)
    version.add_argument(
        "--base", metavar="N", type=whole(1), help=_("the version you began with: else nothing is saved")
    )
    for name, text in (
        ("offer", _("Say that it was offered to them")),
        ("sign", _("Say that both sides signed: from now on it is in force")),
        ("decline", _("Say that they declined")),
        ("end", _("Say that it ended, or was broken")),
        ("renew", _("Let it go on, by the newest version or with other terms")),
    ):
        acting = actions.add(name, text)
        _add_agreement(acting)
        acting.add_argument("--reason", metavar="TEXT", help=_("why"))
        if name in ("offer", "sign"):
            acting.add_argument("--version", metavar="N", type=whole(1), dest="number", help=_("which version"))
        if name == "end":
            acting.add_argument("--broken", action="store_true", help=_("they broke it"))
        if name == "renew":
            _add_terms(acting)
    deliverable = actions.add("deliverable", _("Add something that they are to deliver"))
    _add_agreement(deliverable)
    deliverable.add_argument("title", metavar="TITLE", help=_("what"))
    deliverable.add_argument("--due", metavar="DAY", help=_("the last day for it, such as 2026-05-04 or +14d"))
    deliver = actions.add("deliver", _("Say that something was delivered"))
    deliver.add_argument("deliverable", metavar="ID", type=whole(1), help=_("the deliverable's number"))
    deliver.add_argument("--on", metavar="DAY", help=_("when (today)"))
    deliver.add_argument("--proof", metavar="LINK", help=_("a link that shows it"))
    drop = actions.add("drop", _("Expect a deliverable no longer"))
    drop.add_argument("deliverable", metavar="ID", type=whole(1), help=_("the deliverable's number"))


def _add_agreement(parser: ArgumentParser) -> None:
    parser.add_argument("agreement", metavar="AGREEMENT", type=whole(1), help=_("the agreement's number"))


def _add_terms(parser: ArgumentParser) -> None:
    parser.add_argument("--gives", metavar="TEXT", help=_("what they do for us"))
    parser.add_argument("--gets", metavar="TEXT", help=_("what they get for it"))
    parser.add_argument(
        "--basis", choices=states.BASES, help=_("a share of what comes of it, a buy-out, both, or none")
    )
    parser.add_argument("--exclusive", metavar="SCOPE", help=_("what they do for us alone; an empty text: nothing"))
    parser.add_argument("--starts", metavar="DAY", help=_("the first day, such as today or 2026-05-04"))
    parser.add_argument("--ends", metavar="DAY", help=_("the last day, such as +90d; an empty text: without an end"))
    parser.add_argument("--notes", metavar="TEXT", help=_("what else is to be known about it"))


def run(args: Namespace) -> int:
    """Do the action."""
    store = open_store(args)
    acts = {
        "new": _new,
        "list": _list,
        "version": _version,
        "renew": _renew,
        "deliverable": _deliverable,
        "deliver": _deliver,
        "drop": _drop,
        "show": _show,
    }
    return acts.get(args.action, _move)(store, args)


def _new(store: Store, args: Namespace) -> int:
    creator_id = creators.exact(store, args.creator)
    brief_id = None if args.brief is None else briefs.find(store, args.brief)
    terms = Terms("", "")._replace(**_told(args))
    made = agreements.new(store, creator_id, terms, changes.me(), title=args.title or "", brief_id=brief_id)
    return _say_state(store, args, agreements.get(store, made))


def _told(args: Namespace) -> dict[str, Any]:
    """The terms that were given."""
    given = {option: getattr(args, option) for option in _TERMS if getattr(args, option) is not None}
    return {
        _TERMS[option]: day(text) if option in ("starts", "ends") and text else text or _EMPTY.get(option)
        for option, text in given.items()
    }


def _list(store: Store, args: Namespace) -> int:
    if args.creator is None:
        found = agreements.listed(store, args.state)
    else:
        creator_id = creators.exact(store, args.creator)
        found = [
            one
            for one in agreements.of(store, creator_id)
            if args.state in (None, one.state) or (args.state == "in_force" and one.in_force)
        ]
    return show_found(
        args,
        found,
        (
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("title"), yields=True),
            Column(_("state")),
            Column(_("ends")),
            Column(_("basis")),
            Column(_("exclusive"), yields=True),
        ),
        lambda one: (
            one.id,
            creators.name(store, one.creator_id),
            one.title,
            said(AGREED, one.state),
            one.terms.ends_on or "",
            said(BASES, one.terms.basis),
            one.terms.exclusivity or "",
        ),
        empty=_("No agreement is there. Draft one: kolbench agreement new CREATOR --gives TEXT --gets TEXT"),
        facts=told_agreement,
    )


def _show(store: Store, args: Namespace) -> int:
    found = agreements.get(store, args.agreement)
    versions = agreements.versions(store, found.id)
    events = agreements.events(store, found.id)
    owed = agreements.deliverables(store, [found.id])
    hints = advice(store, found)
    if args.json:
        show_json(
            {
                **told_agreement(found),
                "versions": [plain({**one.terms._asdict(), **_without_terms(one._asdict())}) for one in versions],
                "events": [fields(one) for one in events],
                "deliverables": [fields(one) for one in owed],
                "hints": hints,
            }
        )
        return 0
    _say_agreement(store, found)
    for label, value in _labelled(found.terms).items():
        if value:
            say(printable(_("{label}: {value}").format(label=label, value=value)))
    for one in owed:
        say(_owed(one))
    for event in events:
        text = _("{day}: {state}, version {n}, by {author}")
        line = text.format(
            day=cells.day(event.at), state=said(AGREED, event.state), n=event.version, author=event.author
        )
        line += f" · {event.reason}" if event.reason else ""
        line += f" · {_('undone by {author}').format(author=event.undone_by)}" if event.undone_by else ""
        say(printable(line))
    for hint in hints:
        warn(hint)
    return 0


def _version(store: Store, args: Namespace) -> int:
    told = _told(args)
    if not told:
        raise UsageError(_("Say what changes: --gives, --gets, --basis, --exclusive, --starts, --ends or --notes."))
    agreements.add_version(store, args.agreement, changes.me(), base=args.base, **told)
    return _say_state(
        store, args, agreements.get(store, args.agreement), agreements.versions(store, args.agreement)[0].terms
    )


def _move(store: Store, args: Namespace) -> int:
    to = {"offer": "offered", "sign": "signed", "decline": "declined", "end": "ended"}[args.action]
    if getattr(args, "broken", False):
        to = "broken"
    number = getattr(args, "number", None)
    moved = agreements.move(store, args.agreement, to, changes.me(), reason=args.reason, version=number)  # type: ignore[arg-type]
    if to == "signed":
        for text in before_binding(store, moved):
            warn(printable(text))
    return _say_state(store, args, moved)


def _renew(store: Store, args: Namespace) -> int:
    return _say_state(
        store, args, agreements.renew(store, args.agreement, changes.me(), reason=args.reason, **_told(args))
    )


def _deliverable(store: Store, args: Namespace) -> int:
    due = day(args.due) if args.due else None
    made = agreements.owe(store, args.agreement, args.title, changes.me(), due)
    (one,) = [owed for owed in agreements.deliverables(store, [args.agreement]) if owed.id == made]
    return _say_owed(args, one)


def _deliver(store: Store, args: Namespace) -> int:
    done_on = day(args.on) if args.on else today()
    return _say_owed(args, agreements.deliver(store, args.deliverable, done_on, changes.me(), args.proof))


def _drop(store: Store, args: Namespace) -> int:
    agreements.drop(store, args.deliverable, changes.me())
    return answer(args, {"id": args.deliverable, "dropped": True}, _("It isn't expected any more."))


def _say_owed(args: Namespace, one: Deliverable) -> int:
    return answer(args, fields(one), _owed(one))


def _owed(one: Deliverable) -> str:
    state = _("to be delivered")
    if one.done_on:
        state = _("delivered on {day}").format(day=one.done_on)
    elif one.due_on:
        state = _("due on {day}").format(day=one.due_on)
    return printable(f"[{one.id}] {one.title} · {state}" + (f" · {one.proof}" if one.proof else ""))


def _say_state(store: Store, args: Namespace, found: Agreement, terms: Terms | None = None) -> int:
    """Say where an agreement is, and what to think over about ``terms`` (those that count)."""
    hints = advice(store, found if terms is None else found._replace(terms=terms))
    if args.json:
        show_json({**told_agreement(found), "hints": hints})
        return 0
    _say_agreement(store, found)
    for hint in hints:
        warn(hint)
    return 0


def _say_agreement(store: Store, found: Agreement) -> None:
    text = _("Agreement {id} with {name}: {title} · {state}, version {n}")
    who = creators.name(store, found.creator_id)
    state = said(AGREED, found.state)
    say(printable(text.format(id=found.id, name=who, title=found.title, state=state, n=found.version)))
    if found.newest > found.version:
        text = _("Version {n} is written, and waits to take its place: {command}")
        say(text.format(n=found.newest, command=f"kolbench agreement {_TO_COUNT[found.state]} {found.id}"))


def _labelled(terms: Terms) -> Mapping[str, str | None]:
    return {
        _("gives"): terms.gives,
        _("gets"): terms.gets,
        _("basis"): said(BASES, terms.basis),
        _("exclusive"): terms.exclusivity,
        _("starts"): terms.starts_on,
        _("ends"): terms.ends_on,
        _("notes"): terms.notes,
    }


def told_agreement(found: Agreement) -> dict[str, Any]:
    """An agreement with the terms that count, for programs."""
    facts = plain({"since_at": found.since, **_without_terms(found._asdict())})
    return {**facts, **found.terms._asdict(), "in_force": found.in_force}


def _without_terms(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in ("terms", "since")}
