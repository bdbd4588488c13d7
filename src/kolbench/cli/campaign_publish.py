"""``kolbench campaign publish …``: the public page of a leaderboard, the review, and what was learnt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.analysis.campaigns import standings
from kolbench.cli import writing
from kolbench.cli.campaign_figures import of_campaign
from kolbench.cli.output import Column, answer, say, show_found, show_json, warn
from kolbench.cli.parser import whole
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_text
from kolbench.programme.campaigns import publishing
from kolbench.programme.campaigns import report as reports
from kolbench.programme.campaigns import review as reviews
from kolbench.store import campaigns, changes, export, lessons, publications
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence

    from kolbench.cli.parser import Actions
    from kolbench.store.connect import Store


NAMED = 10
"""So many campaigns are named to choose from."""


def add(actions: Actions) -> None:
    """Add the actions and their arguments."""
    publish = actions.add("publish", _("Write the leaderboard as a page for a web server, kept fresh by each sync"))
    publish.add_argument(
        "campaign", metavar="CAMPAIGN", nargs="?", help=_("a name or a part of it, or the number (list what there is)")
    )
    publish.add_argument("folder", metavar="DIR", nargs="?", help=_("the folder for it"))
    writing.add_formats(publish)
    publish.add_argument("--stop", action="store_true", help=_("keep it fresh no more; what is there stays"))
    text = _("Review a campaign: target and actual, waves, K, cost, who surprised, lessons")
    report = of_campaign(actions, "report", text)
    report.add_argument("--format", choices=reports.FORMS, help=_("what to write (as the file's name ends; md)"))
    report.add_argument("--out", metavar="FILE", type=Path, help=_("write it to this file"))
    writing.add_overwrite(report)
    lesson = actions.add("lesson", _("Keep what changes next time, or list what was learnt"))
    lesson.add_argument("campaign", metavar="CAMPAIGN", nargs="?", help=_("a name or a part of it (list those of all)"))
    lesson.add_argument("text", metavar="TEXT", nargs="?", help=_("what changes next time"))
    lesson.add_argument("--remove", metavar="N", type=whole(1), help=_("show this one no more"))


def publish(store: Store, args: Namespace, campaign_id: int, folder: str) -> int:
    """Publish a campaign in a folder and say where."""
    formats = tuple(args.format or ("html",))
    left = publishing.left_behind(store, campaign_id, Path(folder), formats)
    files = publishing.publish(store, campaign_id, Path(folder), formats, changes.me())
    _warn_of_left(left)
    name = campaigns.row(store, campaign_id).name
    text = _("{name} is published: {path}. Each sync keeps it fresh.").format(name=name, path=files[0])
    return answer(args, {"campaign": name, "files": list(map(str, files))}, text)


def _warn_of_left(left: Sequence[Path]) -> None:
    if left:
        text = _("Kept fresh no more; who withdraws their consent stays named there, so delete: {paths}")
        warn(text.format(paths=_(", ").join(map(str, left))))


def publish_one(store: Store, args: Namespace) -> int:
    """Publish the campaign that is named, or the only one there is. Raises UsageError where that isn't clear."""
    if args.folder is None:
        raise UsageError(_("Name the folder to publish in."))
    every = campaigns.listed(store)
    if args.campaign is None and len(every) > 1:
        names = _(", ").join(one.name for one in every[:NAMED])
        raise UsageError(_("There are several campaigns: say which by --campaign NAME. {names}").format(names=names))
    campaign_id = every[0].id if args.campaign is None and every else campaigns.find(store, args.campaign or "")
    return publish(store, args, campaign_id, args.folder)


def _publish(store: Store, args: Namespace) -> int:
    if args.campaign is None:
        table = (Column(_("campaign"), yields=True), Column(_("folder"), yields=True), Column(_("formats")))
        found = publications.listed(store)
        empty = _("Nothing is published. Publish a leaderboard: kolbench campaign publish CAMPAIGN DIR")
        return show_found(
            args, found, table, lambda one: (one.campaign, one.folder, ", ".join(one.formats)), empty=empty
        )
    campaign_id = campaigns.find(store, args.campaign)
    if args.stop:
        left = publishing.left_behind(store, campaign_id, None, ())
        folder = publications.stop(store, campaign_id, changes.me())
        _warn_of_left(left)
        text = _("{path} is left as it is from now on.").format(path=folder)
        return answer(args, {"folder": folder, "stopped": True}, text)
    if args.folder is None:
        raise UsageError(_("Name the folder to publish in."))
    return publish(store, args, campaign_id, args.folder)


def _report(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    standings.refresh(store)
    found = reviews.review(store, campaign_id)
    if args.json:
        show_json(reports.plain(found))
        return 0
    if args.out is None:
        say(clean_text(reports.write(found, args.format or "md"), 10_000_000).rstrip())
        return 0
    target: Path = args.out.expanduser()
    form = args.format or target.suffix.lower().removeprefix(".")
    if form not in reports.FORMS:
        raise UsageError(_("Say with --format what to write: md or html."))
    writing.require_new(args, target)
    export.write_text(target, reports.write(found, form))
    return answer(args, {"file": str(target)}, _("{path} is written.").format(path=target))


def _lesson(store: Store, args: Namespace) -> int:
    if args.remove is not None:
        lessons.remove(store, args.remove, changes.me())
        return answer(args, {"removed": args.remove}, _("Lesson {id} is shown no more.").format(id=args.remove))
    campaign_id = None if args.campaign is None else campaigns.find(store, args.campaign)
    if campaign_id is not None and args.text is not None:
        lesson_id = lessons.add(store, campaign_id, args.text, changes.me())
        text = _("Lesson {id} is kept. Whoever writes or reads a brief sees it.").format(id=lesson_id)
        return answer(args, {"id": lesson_id}, text)
    table = (
        Column(_("id"), "right"),
        Column(_("campaign"), yields=True),
        Column(_("lesson"), yields=True),
        Column(_("by")),
        Column(_("date")),
    )

    def row(one: lessons.Lesson) -> tuple[object, ...]:
        return one.id, one.campaign, one.text, one.author, day(one.at)

    empty = _("Nothing was written down yet: kolbench campaign lesson CAMPAIGN TEXT")
    return show_found(args, lessons.listed(store, campaign_id), table, row, empty=empty)


ACTS: Mapping[str, Callable[[Store, Namespace], int]] = {
    "publish": _publish,
    "report": _report,
    "lesson": _lesson,
}
