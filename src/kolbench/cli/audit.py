"""``kolbench audit``: like cases that were not treated alike, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, fields, printable, say, show_json, show_table
from kolbench.cli.parser import add_json
from kolbench.domain.clock import now
from kolbench.domain.lang import _, ngettext
from kolbench.programme import audit
from kolbench.screens.programme.words import FINDINGS, counts_in, titles, treatments
from kolbench.screens.words import said
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--only", choices=tuple(audit.CHECKS), action="append", help=_("look for these alone"))
    add_json(parser)


def run(args: Namespace) -> int:
    """List what was found; 0 also where something was, as it is for people to judge."""
    store = open_store(args)
    found = list(audit.audit(store, now(), args.only))
    if args.json:
        show_json(
            [{"check": one.check, "alike": one.alike, "cases": [fields(case) for case in one.cases]} for one in found]
        )
        return 0
    graded = titles(store, "grade")
    for place, one in enumerate(found):
        if place:
            say()
        title, treated = said(FINDINGS, one.check), treatments(store, one)
        say(printable(_("{title}: {what}").format(title=title, what=one.alike)))
        show_table(
            (
                Column(_("id"), "right"),
                Column(_("name"), yields=True),
                Column(_("grade")),
                Column(_("treated"), yields=True),
                Column(_("by")),
                Column(_("on")),
                Column(_("reason"), yields=True),
                Column(_("what counts"), yields=True),
            ),
            (
                (
                    case.creator_id,
                    case.name,
                    graded(case.grade) or "–",
                    treated(case.treated),
                    case.author or _("the rules"),
                    day(case.at),
                    case.reason or "",
                    counts_in(case),
                )
                for case in one.cases
            ),
        )
    if found:
        say()
        text = ngettext("{n} finding. Judge it yourself.", "{n} findings. Judge them yourself.", len(found))
        say(text.format(n=len(found)))
    else:
        say(_("Like cases were treated alike, as far as is written down."))
    return 0
