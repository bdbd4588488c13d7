"""``kolbench forget``: erase a person for good, as they may ask for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kolbench.cli import derived
from kolbench.cli.opening import open_store
from kolbench.cli.output import printable, say, show_json, warn
from kolbench.cli.parser import add_json
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.screens import words
from kolbench.screens.words import said
from kolbench.store import campaigns, erasure, participants
from kolbench.store.erasure import Person

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.store.connect import Store
    from kolbench.store.erasure import Erased


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_arguments(parser)
    add_json(parser)


def add_arguments(parser: ArgumentParser) -> None:
    """Who, and whether to ask: also for ``kolbench creator forget``."""
    parser.add_argument(
        "creator", metavar="CREATOR", nargs="?",
        help=_("an id, or exactly a handle or a name; without one, what an earlier time had to leave in the file"),
    )  # fmt: skip
    parser.add_argument(
        "--campaign", metavar="CAMPAIGN",
        help=_("who takes part in this campaign, by their code, name, or id where sales are told"),
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help=_("don't ask"))


def run(args: Namespace) -> int:
    """Show who it is, ask, and erase; 1 when something of it is left in the file for now."""
    store = open_store(args)
    if args.creator is None:
        return _scrub(store, args)
    whom, lines = _found(store, args)
    if not args.yes:
        if args.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(_("{who} would be erased for good. Add --yes if you mean it.").format(who=lines[0]))
        for line in lines:
            say(line)
        if input(_("Erase them for good? This can't be undone. [y/N] ")).strip().lower() not in ("y", "yes", "是"):
            say(_("Nothing was changed."))
            return 0
    person = whom if isinstance(whom, Person) else erasure.of_participant(store, whom)
    erased = erasure.erase(store, person)
    derived.refresh(store)
    if args.json:
        show_json(
            {
                "creator_id": person.id,
                "rows": erased.rows,
                "scrubbed": erased.scrubbed,
                "sources": list(erased.sources),
                "files": list(erased.files),
            }
        )
    else:
        _say_erased(erased)
    return _end(store, erased.scrubbed)


def _scrub(store: Store, args: Namespace) -> int:
    scrubbed = store.scrub()
    if args.json:
        show_json({"scrubbed": scrubbed})
    elif scrubbed:
        say(_("Nothing of what was deleted is left in {path}.").format(path=store.path))
    return _end(store, scrubbed)


def _end(store: Store, scrubbed: bool) -> int:
    if not scrubbed:
        text = _(
            "Traces are still in {path}: another program uses it, or the disk has no room to write it anew. "
            "Run 'kolbench forget' again, without a name, when that has changed."
        )
        warn(text.format(path=store.path))
    return 0 if scrubbed else 1


def _who(person: Person) -> str:
    accounts = ", ".join(f"{said(words.PLATFORMS, platform)} {handle}" for platform, handle in person.accounts)
    return printable(_("{name} (id {id}; {accounts})").format(name=person.name, id=person.id, accounts=accounts))


def _found(store: Store, args: Namespace) -> tuple[Person | int, list[str]]:
    """Whom the command means, a person or the number of a participant, and what is told before they are erased."""
    if args.campaign:
        participant_id = participants.find(store, campaigns.find(store, args.campaign), args.creator)
        taking_part = participants.get(store.reader(), participant_id)
        if taking_part.creator_id is None:
            return participant_id, [printable(taking_part.name or taking_part.ref)]
        person = erasure.find(store, str(taking_part.creator_id))
    else:
        person = erasure.find(store, args.creator)
    text = _("All there is on them goes, with {posts:,} posts, {messages:,} messages and {notes:,} notes.")
    return person, [_who(person), text.format(posts=person.posts, messages=person.messages, notes=person.notes)]


def _say_erased(erased: Erased) -> None:
    text = _("{who}: erased, {rows:,} rows in all. Later syncs and imports leave them out.")
    say(text.format(who=_who(erased.person), rows=erased.rows))
    say(
        _("Backups, exports and reports of rejected rows that were made earlier still hold them: delete those as well.")
    )
    if erased.sources:
        text = _("These sources name them in a setting: {names}. Change it with 'kolbench source edit'.")
        say(printable(text.format(names=", ".join(erased.sources))))
    if erased.files:
        text = _("These files were on their file, and are where they were: {names}.")
        say(printable(text.format(names=", ".join(erased.files))))
