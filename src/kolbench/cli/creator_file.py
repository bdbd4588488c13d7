"""``kolbench creator edit|note|date|need|event|attach``: what operators write on a person's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli import places
from kolbench.cli.output import Column, answer, fields, plain, printable, say, show_found
from kolbench.cli.parser import Actions, whole
from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import UsageError
from kolbench.domain.facts import FIELDS
from kolbench.domain.lang import _
from kolbench.domain.partial_dates import Told, recurring, told
from kolbench.programme import dates, offers
from kolbench.screens import file_words
from kolbench.screens.file_words import level, remaining
from kolbench.screens.words import said
from kolbench.store import changes, conflicts, creators, facts, life, needs, notes

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence

    from kolbench.store.connect import Store


def add_actions(actions: Actions) -> None:
    """Add the actions that write on a file."""
    edit = actions.add("edit", _("Write what is known of a person: personality, time zone, what they bring"))
    places.add_creator(edit)
    names = ", ".join(FIELDS)
    edit.add_argument("facts", metavar="FIELD=VALUE", nargs="+", help=_("one of {names}").format(names=names))
    _add_was(edit)
    note = actions.add("note", _("Write a note on a person"))
    places.add_creator(note)
    note.add_argument("text", metavar="TEXT", help=_("what to remember"))
    note.add_argument("--edit", metavar="ID", type=whole(1), help=_("change this one"))
    _add_was(note)
    date = actions.add("date", _("List a person's important dates, or add one"))
    places.add_creator(date)
    date.add_argument("title", metavar="TITLE", nargs="?", help=_("what the day is: birthday"))
    date.add_argument("day", metavar="DAY", nargs="?", help=_("05-04, 1990-05-04, 'lunar 08-15', 农历八月十五"))
    _add_entry(date)
    need = actions.add("need", _("List a person's needs with what we can offer, or write one down"))
    places.add_creator(need)
    need.add_argument("kind", metavar="NEED", nargs="?", choices=needs.KINDS, help=", ".join(needs.KINDS))
    need.add_argument("--strength", choices=needs.LEVELS, help=_("how much they need it (medium)"))
    need.add_argument("--switching", choices=needs.LEVELS, help=_("what it costs them to leave whoever gives it now"))
    need.add_argument("--detail", metavar="TEXT", help=_("in words"))
    need.add_argument("--remove", action="store_true", help=_("they don't need it any more"))
    event = actions.add("event", _("List what has happened in a person's life, or write it down"))
    places.add_creator(event)
    event.add_argument("text", metavar="TEXT", nargs="?", help=_("what has happened"))
    event.add_argument("--on", metavar="DAY", help=_("when: 2026-05-04, 2026-05, 2026 or yesterday (not known)"))
    _add_entry(event)
    attach = actions.add("attach", _("List the files and links on a person's file, or add one"))
    places.add_creator(attach)
    attach.add_argument("target", metavar="PLACE", nargs="?", help=_("a file, which stays where it is, or a link"))
    attach.add_argument("--title", metavar="TEXT", help=_("what it is"))
    attach.add_argument("--remove", metavar="ID", type=whole(1), help=_("take this one off the file"))


def _add_entry(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--edit", metavar="ID", type=whole(1), help=_("change this one"))
    which.add_argument("--remove", metavar="ID", type=whole(1), help=_("take this one off the file"))
    _add_was(parser)


def _add_was(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--was", metavar="FIELD=VALUE", action="append", default=[],
        help=_("what it said when you looked: if it says something else by now, nothing is changed"),
    )  # fmt: skip


def edit(store: Store, args: Namespace) -> int:
    """Write facts."""
    creator_id = creators.exact(store, args.creator)
    was = {**_pairs(args.was)} if args.was else None
    changed = facts.edit(store, creator_id, _pairs(args.facts), changes.me(), was=was)
    return answer(
        args,
        {"creator_id": creator_id, "changed": changed, "facts": told_facts(store, creator_id)},
        _("Changed: {names}.").format(names=", ".join(changed)) if changed else _("Nothing was changed."),
    )


def note(store: Store, args: Namespace) -> int:
    """Write a note, or write one anew."""
    creator_id = creators.exact(store, args.creator)
    if (note_id := args.edit) is not None:
        seen = notes.get(store, creator_id, note_id)
        seen = seen._replace(text=_was(store, args, "note", "text").get("text", seen.text))
        notes.rewrite(store, creator_id, note_id, args.text, changes.me(), was=seen)
    else:
        _require_edit(args)
        note_id = notes.note(store, creator_id, args.text, changes.me())
    return answer(args, {"note": note_id, "creator_id": creator_id}, _("Noted."))


def date(store: Store, args: Namespace) -> int:
    """List, add, change or remove important dates."""
    creator_id = creators.exact(store, args.creator)
    _require_edit(args)
    if args.remove is not None:
        life.remove(store, "important_date", creator_id, args.remove, changes.me())
    elif args.title is not None:
        if args.day is None:
            raise UsageError(_("Say which day '{title}' is, such as 05-04.").format(title=args.title))
        on = dates.checked(recurring(args.day))
        if args.edit is not None:
            seen = life.date(store, creator_id, args.edit)
            was = _was(store, args, "important_date", "title", "day")
            day = recurring(was["day"]) if "day" in was else seen.on
            seen = seen._replace(title=was.get("title", seen.title), on=day)
            life.edit_date(store, creator_id, args.edit, changes.me(), title=args.title, on=on, was=seen)
        else:
            life.add_date(store, creator_id, args.title, on, changes.me())
    found = told_dates(store, creator_id)
    table = (
        Column(_("id"), "right"),
        Column(_("title"), yields=True),
        Column(_("date")),
        Column(_("next")),
        Column(""),
    )
    return _show(
        args, found, table, lambda one: (one["id"], one["title"], one["date"], one["next"], in_days(one["days"]))
    )


def need(store: Store, args: Namespace) -> int:
    """List, write or remove needs."""
    creator_id = creators.exact(store, args.creator)
    if args.kind is not None and args.remove:
        needs.remove(store, creator_id, args.kind, changes.me())
    elif args.kind is not None:
        values: dict[str, Any] = {} if args.detail is None else {"detail": args.detail}
        values |= {name: needs.LEVELS[text] for name in ("strength", "switching") if (text := getattr(args, name))}
        needs.write(store, creator_id, args.kind, changes.me(), **values)
    found = told_needs(store, creator_id)
    table = (
        Column(_("need")), Column(_("strength")), Column(_("switching")), Column(_("in words"), yields=True),
        Column(_("we can offer"), yields=True),
    )  # fmt: skip
    return _show(
        args,
        found,
        table,
        lambda one: (
            said(file_words.NEEDS, one["kind"]),
            one["strength"],
            one["switching"],
            one["detail"],
            ", ".join(one["offers"]),
        ),
    )


def event(store: Store, args: Namespace) -> int:
    """List, add, change or remove what has happened in a person's life."""
    creator_id = creators.exact(store, args.creator)
    _require_edit(args)
    today = from_ms(now()).astimezone().date()
    on = None if args.on is None else told(args.on, today)
    if args.remove is not None:
        life.remove(store, "life_event", creator_id, args.remove, changes.me())
    elif args.edit is not None:
        seen = life.event(store, creator_id, args.edit)
        was = _was(store, args, "life_event", "text", "on")
        day = told(was["on"], today) if "on" in was else seen.on
        seen = seen._replace(text=was.get("text", seen.text), on=day)
        life.edit_event(store, creator_id, args.edit, changes.me(), text=args.text, on=on, was=seen)
    elif args.text is not None:
        life.add_event(store, creator_id, args.text, on or Told(), changes.me())
    found = told_events(store, creator_id)
    table = (Column(_("id"), "right"), Column(_("date")), Column(_("what has happened"), yields=True))
    return _show(args, found, table, lambda one: (one["id"], one["on"], one["text"]))


def attach(store: Store, args: Namespace) -> int:
    """List, add, rename or remove files and links."""
    creator_id = creators.exact(store, args.creator)
    if args.remove is not None:
        life.remove(store, "attachment", creator_id, args.remove, changes.me())
    elif args.target is not None:
        life.attach(store, creator_id, args.target, changes.me(), args.title)
    found = told_attachments(store, creator_id)
    table = (Column(_("id"), "right"), Column(_("title"), yields=True), Column(_("place"), yields=True))
    return _show(args, found, table, lambda one: (one["id"], one["title"], one["target"]))


def told_facts(store: Store, creator_id: int) -> dict[str, str]:
    """What the fields of a person say."""
    return {fact.field: fact.value for fact in facts.of(store, creator_id)}


def told_dates(store: Store, creator_id: int) -> list[dict[str, Any]]:
    """The important dates of a person as they come."""
    coming = dates.upcoming(store, now(), [creator_id])
    next_days = {one.entry.id: one for one in coming}
    every = [one.entry for one in coming]
    every += [one for one in life.dates(store, [creator_id]) if one.id not in next_days]
    found = []
    for one in every:
        due = next_days.get(one.id)
        found.append(
            {
                "id": one.id,
                "title": one.title,
                "date": str(one.on),
                **one.on._asdict(),
                "next": due and due.on.isoformat(),
                "days": None if due is None else due.days,
                "nth": None if due is None else due.nth,
                **plain({"author": one.author, "at": one.at}),
            }
        )
    return found


def told_needs(store: Store, creator_id: int) -> list[dict[str, Any]]:
    """The needs of a person with the names of what we can offer."""
    return [
        {
            **fields(match.need),
            "strength": level(match.need.strength),
            "switching": level(match.need.switching),
            "offers": [offer.name for offer in match.offers],
        }
        for match in offers.fitting(store, creator_id)
    ]


def told_events(store: Store, creator_id: int) -> list[dict[str, Any]]:
    """What has happened in a person's life."""
    return [plain({**one._asdict(), "on": str(one.on) or None}) for one in life.events(store, creator_id)]


def told_attachments(store: Store, creator_id: int) -> list[dict[str, Any]]:
    """The files and links of a person."""
    return [fields(one) for one in life.attachments(store, creator_id)]


def told_file(store: Store, creator_id: int) -> dict[str, Any]:
    """The whole file, for ``creator show --json``."""
    return {
        "facts": told_facts(store, creator_id),
        "needs": told_needs(store, creator_id),
        "dates": told_dates(store, creator_id),
        "events": told_events(store, creator_id),
        "attachments": told_attachments(store, creator_id),
    }


def show_file(store: Store, creator_id: int) -> None:
    """Print the whole file, a line an entry."""
    for field, value in told_facts(store, creator_id).items():
        word = said(file_words.ARCHETYPES, value) if field == "archetype" else value
        say(printable(f"{said(file_words.FACTS, field)}: {word}"))
    for one in told_needs(store, creator_id):
        say(printable(_said_need(one)))
    for one in told_dates(store, creator_id):
        when = f"{one['next']}, {in_days(one['days'])}" if one["next"] else ""
        say(printable(f"{one['title']}: {one['date']} ({when})" if when else f"{one['title']}: {one['date']}"))
    for one in told_events(store, creator_id):
        say(printable(f"{one['on']}: {one['text']}" if one["on"] else one["text"]))
    for one in told_attachments(store, creator_id):
        say(printable(one["title"] if one["title"] == one["target"] else f"{one['title']}: {one['target']}"))


def in_days(days: int | None) -> str:
    """How far off a day is; empty where it doesn't come."""
    return "" if days is None else remaining(days)


def _said_need(one: dict[str, Any]) -> str:
    text = _("Needs {need}, {strength}").format(
        need=said(file_words.NEEDS, one["kind"]), strength=said(file_words.STRENGTHS, one["strength"])
    )
    if one["switching"]:
        text += f" ({said(file_words.SWITCHING, one['switching'])})"
    if one["detail"]:
        text += f": {one['detail']}"
    if one["offers"]:
        text += " " + _("We can offer: {names}.").format(names=", ".join(one["offers"]))
    return text


def _show(
    args: Namespace,
    found: list[dict[str, Any]],
    table: Sequence[Column],
    row: Callable[[dict[str, Any]], Sequence[object]],
) -> int:
    return show_found(args, found, table, row, empty=_("There is nothing yet."), facts=dict)


def _require_edit(args: Namespace) -> None:
    if args.was and args.edit is None:
        raise UsageError(_("--was goes with --edit."))


def _was(store: Store, args: Namespace, entity: str, *names: str) -> dict[str, str]:
    """What an entry said, by the names of its fields, as far as ``--was`` tells. What it leaves out is as it is now.

    Raises UsageError for another field, and without any where a colleague wrote the entry last.
    """
    given = _pairs(args.was)
    form = " ".join(f"--was {name}=…" for name in names)
    if given.keys() - set(names):
        raise UsageError(_("Say what it said by {options}.").format(options=form))
    who = conflicts.last_author(store.reader(), entity, args.edit)
    if not given and who not in (None, changes.me()):
        text = _("{who} wrote it last: so that nothing is lost, say what it said when you looked, by {options}.")
        raise UsageError(text.format(who=who, options=form))
    return given


def _pairs(given: Sequence[str]) -> dict[str, str]:
    """``FIELD=VALUE`` arguments. Raises UsageError for one without ``=`` and for a field that comes twice."""
    found: dict[str, str] = {}
    for text in given:
        field, equals, value = text.partition("=")
        if not equals or field in found:
            raise UsageError(_("Write each field once, like personality=warm, not '{text}'.").format(text=text))
        found[field] = value
    return found


ACTS = {"edit": edit, "note": note, "date": date, "need": need, "event": event, "attach": attach}
"""What does each action."""
