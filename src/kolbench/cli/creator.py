"""``kolbench creator``: one person's file, and the several accounts that are theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.cli import (
    creator_contact,
    creator_file,
    creator_ladder,
    creator_overview,
    creator_story,
    derived,
    forget,
    places,
)
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, answer, fields, plain, printable, say, show_json, show_table, warn
from kolbench.cli.parser import Actions, whole
from kolbench.domain.clock import DAY, now
from kolbench.domain.lang import _, ngettext
from kolbench.programme import merging, overview
from kolbench.screens import brief_words, words
from kolbench.screens.words import said
from kolbench.store import (
    changes,
    creators,
    decisions,
    erasure,
    likenesses,
    merges,
    notes,
    owners,
    suggestions,
    tags,
)
from kolbench.widgets.cells import compact, day, near

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.store.connect import Store
    from kolbench.store.merges import Merge
    from kolbench.store.suggestions import Suggestion


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    show = actions.add("show", _("Show a person: all that their file says, and who may be the same"))
    show.add_argument("creator", metavar="CREATOR", help=_("an id, or a handle or name or a part of it"))
    creator_file.add_actions(actions)
    creator_contact.add_actions(actions)
    creator_story.add_actions(actions)
    creator_ladder.add_actions(actions)
    merge = actions.add("merge", _("Make two people one: all of the second goes to the first"))
    _add_two(merge)
    unmerge = actions.add("unmerge", _("Take a merge apart again, without a loss"))
    unmerge.add_argument("merge", metavar="MERGE", type=whole(1), help=_("the merge's number, which 'show' lists"))
    listed = actions.add("suggestions", _("List people who may be one, with the evidence"))
    listed.add_argument("--limit", metavar="N", type=whole(1), default=20, help=_("list at most so many (20)"))
    listed.add_argument("--refresh", action="store_true", help=_("compare everybody anew first"))
    _add_two(actions.add("reject", _("Say that two people are not the same: it isn't suggested again")))
    later = actions.add("ignore", _("Leave a suggestion for later"))
    _add_two(later)
    later.add_argument("--days", metavar="N", type=whole(1, 3650), default=30, help=_("for so many days (30)"))
    for name, text in (("tag", _("Put a tag on people")), ("untag", _("Take a tag off people"))):
        tagging = actions.add(name, text)
        tagging.add_argument("tag", metavar="TAG", help=_("a word or two; several with commas between"))
        places.add_creators(tagging)
    assign = actions.add("assign", _("Say who of you looks after people"))
    places.add_creators(assign)
    whose = assign.add_mutually_exclusive_group()
    whose.add_argument("--to", metavar="NAME", help=_("who does (you)"))
    whose.add_argument("--nobody", action="store_true", help=_("nobody does from now on"))
    forget.add_arguments(actions.add("forget", _("Erase a person for good, and leave them out of what comes later")))


def _add_two(parser: ArgumentParser) -> None:
    parser.add_argument("creator", metavar="CREATOR", help=_("an id, or exactly a handle or a name"))
    parser.add_argument("other", metavar="OTHER", help=_("the other, likewise"))


def run(args: Namespace) -> int:
    """Do the action."""
    if args.action == "forget":
        return forget.run(args)
    store = open_store(args)
    acts = {
        "show": _show,
        **creator_file.ACTS,
        **creator_contact.ACTS,
        **creator_story.ACTS,
        **creator_ladder.ACTS,
        "merge": _merge,
        "unmerge": _unmerge,
        "suggestions": _suggestions,
        "tag": _tag,
        "untag": _tag,
        "assign": _assign,
    }
    return acts.get(args.action, _decide)(store, args)


def _show(store: Store, args: Namespace) -> int:
    creator_id = creators.find(store, args.creator)
    accounts = creators.accounts(store, creator_id)
    made = merges.of(store, creator_id)
    alike = suggestions.read(store, suggestions.order(store, creator_id))
    owner = owners.of(store, [creator_id]).get(creator_id)
    tagged = tags.of(store, [creator_id]).get(creator_id, ())
    decided = decisions.history(store, creator_id)
    noted = notes.notes(store, creator_id)
    found = overview.read(store, creator_id)
    if args.json:
        show_json(
            {
                "creator_id": creator_id,
                "name": creators.name(store, creator_id),
                "accounts": creator_overview.told_accounts(found, accounts),
                **creator_contact.told_contacts(store, creator_id),
                **creator_file.told_file(store, creator_id),
                "owner": owner,
                "tags": list(tagged),
                "decisions": [fields(event) for event in decided],
                "notes": [fields(note) for note in noted],
                "merges": [fields(merge) for merge in made],
                "suggestions": [_facts(one) for one in alike],
                **creator_overview.told_overview(found),
            }
        )
        return 0
    say(printable(_("{name} (id {id})").format(name=creators.name(store, creator_id), id=creator_id)))
    creator_overview.show_standing(found)
    show_table(
        (
            Column(_("platform")),
            Column(_("handle"), yields=True),
            Column(_("name"), yields=True),
            Column(_("followers"), "right"),
            Column(_("seen")),
            Column(_("url"), yields=True),
        ),
        (
            (
                said(words.PLATFORMS, one.platform),
                one.handle or one.uid,
                one.name,
                "" if seen is None else near(seen.plus_minus) + compact(seen.value),
                "" if seen is None else day(seen.observed_at),
                one.url,
            )
            for one, seen in ((one, found.followers.get(one.id)) for one in accounts)
        ),
    )
    creator_contact.show_contacts(store, creator_id)
    creator_file.show_file(store, creator_id)
    if owner:
        say(printable(_("{owner} looks after them.").format(owner=owner)))
    if tagged:
        say(printable(" ".join(f"#{name}" for name in tagged)))
    creator_overview.show_ours(found)
    for event in decided:
        text = _("{brief}: {state}, says {author} on {day}. {reason}")
        state, when = said(brief_words.PIPELINE, event.state), day(event.at)
        say(
            printable(
                text.format(
                    brief=event.brief, state=state, author=event.author, day=when, reason=event.reason or ""
                ).rstrip()
            )
        )
    creator_overview.show_notes(noted)
    for merge in made:
        say(printable(_said_merge(merge)))
    if alike:
        _show_suggestions(alike)
    return 0


def _merge(store: Store, args: Namespace) -> int:
    kept, other = erasure.find(store, args.creator), erasure.find(store, args.other)
    number = merging.merge(store, kept.id, other.id, changes.me())
    derived.tell_waiting(store)
    return _say_merge(store, args, number)


def _unmerge(store: Store, args: Namespace) -> int:
    merging.take_apart(store, args.merge, changes.me())
    derived.tell_waiting(store)
    return _say_merge(store, args, args.merge)


def _say_merge(store: Store, args: Namespace, number: int) -> int:
    merge = merges.get(store, number)
    return answer(args, fields(merge), _said_merge(merge))


def _said_merge(merge: Merge) -> str:
    text = _("Merge {id}: {name} (id {creator}) is {into} (id {into_id}) since {day}, says {who}.")
    if merge.undone_at is not None:
        text = _("Merge {id}, of {name} (id {creator}) into {into} (id {into_id}) on {day}, was undone by {who}.")
    return text.format(
        id=merge.id,
        name=merge.name,
        creator=merge.creator_id,
        into=merge.into_name,
        into_id=merge.into_id,
        day=day(merge.at),
        who=merge.undone_by or merge.author,
    )


def _suggestions(store: Store, args: Namespace) -> int:
    if args.refresh:
        from kolbench.analysis import matching
        from kolbench.cli import derived

        matching.rebuild(store, derived.counting(_("compared")))
    order = suggestions.order(store)
    found = suggestions.read(store, order[: args.limit])
    if args.json:
        show_json([_facts(one) for one in found])
    else:
        _show_suggestions(found)
        n = len(order)
        text = ngettext(
            "{shown} of {n} pair that may be one person.", "{shown} of {n} pairs that may be one person.", n
        )
        say(text.format(shown=len(found), n=f"{n:,}"))
    if left := likenesses.waiting(store):
        text = ngettext(
            "{n} person waits to be compared: the next sync does it, or --refresh.",
            "{n} people wait to be compared: the next sync does it, or --refresh.",
            left,
        )
        warn(text.format(n=f"{left:,}"))
    return 0


def _decide(store: Store, args: Namespace) -> int:
    one, other = erasure.find(store, args.creator), erasure.find(store, args.other)
    if args.action == "reject":
        suggestions.reject(store, one.id, other.id, changes.me())
    else:
        suggestions.ignore(store, one.id, other.id, changes.me(), now() + args.days * DAY)
    found = suggestions.get(store, one.id, other.id)
    assert found is not None
    if args.json:
        show_json(_facts(found))
    elif args.action == "reject":
        text = _("{a} and {b} are not the same. It isn't suggested again, unless strong evidence is new.")
        say(printable(text.format(a=one.name, b=other.name)))
    else:
        text = _("{a} and {b} are left alone until {day}.")
        say(printable(text.format(a=one.name, b=other.name, day=day(found.ignored_until))))
    return 0


def _tag(store: Store, args: Namespace) -> int:
    people = [creators.exact(store, text) for text in args.creators]
    acted = (tags.tag if args.action == "tag" else tags.untag)(store, people, args.tag, changes.me())
    n = len(acted.changed)
    text = ngettext("{n} person has the tag #{tag} now.", "{n} people have the tag #{tag} now.", n)
    if args.action == "untag":
        text = ngettext("{n} person lost the tag #{tag}.", "{n} people lost the tag #{tag}.", n)
    return answer(
        args,
        {"tag": acted.name, "changed": list(acted.changed), "unchanged": list(acted.unchanged)},
        text.format(n=n, tag=acted.name),
    )


def _assign(store: Store, args: Namespace) -> int:
    people = [creators.exact(store, text) for text in args.creators]
    owner = None if args.nobody else changes.me() if args.to is None else args.to
    acted = owners.assign(store, people, owner, changes.me())
    n = len(acted.changed)
    text = ngettext("{owner} looks after {n} more person.", "{owner} looks after {n} more people.", n)
    if owner is None:
        text = ngettext("Nobody looks after {n} person any more.", "Nobody looks after {n} people any more.", n)
    return answer(
        args,
        {"owner": owner, "changed": list(acted.changed), "unchanged": list(acted.unchanged)},
        text.format(n=n, owner=owner),
    )


def _show_suggestions(found: list[Suggestion]) -> None:
    show_table(
        (
            Column(_("score"), "right"),
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("id"), "right"),
            Column(_("may be the same as"), yields=True),
            Column(_("evidence"), yields=True),
        ),
        ((one.score, one.creator_id, one.name, one.other_id, one.other_name, reasons(one)) for one in found),
    )


def reasons(one: Suggestion) -> str:
    """The evidence in short."""
    return "; ".join(f"{said(words.LIKENESSES, item['rule'])} ({item['value']})" for item in one.evidence)


def _facts(one: Suggestion) -> dict[str, Any]:
    return plain({name: value for name, value in one._asdict().items() if name != "key"})
