"""What came of a campaign, section by section, and the lessons for the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.programme.campaigns import report
from kolbench.programme.campaigns import review as reviews
from kolbench.programme.local import local_day
from kolbench.screens.file.part import texts
from kolbench.screens.lines import Line, paragraph, table
from kolbench.screens.view import Few, Item, View, columns
from kolbench.store import lessons

if TYPE_CHECKING:
    from kolbench.programme.campaigns.report import Section
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.lessons import Lesson
    from kolbench.widgets.columns import Column


class ReviewView(View):
    """The sections of the report, and the lessons."""

    live = False
    searchable = False
    empty = N_("There is nothing to review yet.")

    def __init__(self, campaign_id: int) -> None:
        super().__init__()
        self.campaign_id = campaign_id

    def columns(self) -> list[Column]:
        """What, and how it came out."""
        return columns((_("Review"), 22), ("", 30, {"flex": 1}))

    def window(self, store: Store) -> Few:
        """As the report has it; it is made anew."""

        def load() -> list[Item]:
            found = reviews.review(store, self.campaign_id)
            made = [_item(place, one) for place, one in enumerate(report.sections(found)) if not one.quotes]
            return [*made, *map(_lesson, found.lessons), *([] if found.lessons else [_no_lesson()])]

        return Few(load)

    def about(self, store: Store, item: Item | None) -> Write:
        """The section, or the lesson."""
        if item is None:
            return super().about(store, item)
        if item.key[0] == "lesson":
            return _about_lesson(item)
        return lambda width: _about(item.found, width)

    def acts(self) -> Mapping[str, Act]:
        """Keep a lesson, or take one off; write the report to a file."""
        return {"add": self._add, "remove": _remove, "export": self._export}

    def _add(self, desk: DeskScreen, _item: Item | None) -> None:
        def told(text: str) -> None:
            def add(store: Store, author: str) -> None:
                desk.go_to(("lesson", lessons.add(store, self.campaign_id, text, author)))

            desk.act(add, _("The lesson is kept."))

        hint = _("Whoever writes or reads the next brief sees it.")
        desk.ask_text(_("What changes next time?"), told, hint)

    def _export(self, desk: DeskScreen, _item: Item | None) -> None:
        from kolbench.screens.paths import Paths
        from kolbench.screens.prompt import Prompt

        store = desk.session.store

        def check(text: str) -> None:
            if _form(text) is None:
                raise UsageError(_("A report is written as .md or .html: name the file so."))

        def write(text: str) -> str:
            from kolbench.store import export

            target, form = Path(text).expanduser(), _form(text)
            assert form is not None
            export.write_text(target, report.write(reviews.review(store, self.campaign_id), form))
            return _("{path} is written.").format(path=target)

        def given(text: str | None) -> None:
            if text is not None:
                desk.ask("report", lambda: write(text), lambda told: desk.notify(told, timeout=5))

        hint = _("its ending says the format: .md .html; → completes")
        prompt = Prompt(_("Write the report to"), value="report.html", hint=hint, check=check, suggester=Paths())
        desk.app.push_screen(prompt, given)


def _form(text: str) -> report.Form | None:
    ending = Path(text).suffix.lower().removeprefix(".")
    return next((one for one in report.FORMS if one == ending), None)


def _item(place: int, one: Section) -> Item:
    first = one.sentences[0] if one.sentences else " · ".join(one.table[1][:3]) if len(one.table) > 1 else ""
    return Item(("section", place), (one.title, first), found=one)


def _lesson(one: Lesson) -> Item:
    return Item(("lesson", one.id), (_("Lesson"), one.text), "strong", found=one)


def _no_lesson() -> Item:
    return Item(("lesson", None), (_("Lesson"), _("none yet: + keeps what changes next time")), "muted")


def _about(one: Section, width: int) -> Iterator[Line]:
    yield [(one.title, "title")]
    for text in one.sentences:
        yield from paragraph(text, width)
    if one.spark:
        yield [(one.spark[-width:], "bar")]
    if len(one.table) > 1:
        yield []
        yield from _table(one.table[0], one.table[1:], width)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[Line]:
    """A table; where not all of its columns fit, a paragraph for each row."""
    if sum(max(map(cell_len, column)) + 1 for column in zip(heads, *rows)) <= width:
        yield from table(heads, rows, width, (0,))
        return
    for name, *values in rows:
        told = (_("{what}: {more}").format(what=head, more=value) for head, value in zip(heads[1:], values) if value)
        yield [(name if not name.isdecimal() else f"{heads[0]} {name}", "strong")]
        yield from paragraph(_(", ").join(told), width, indent=2)


def _about_lesson(item: Item) -> Write:
    if item.found is None:
        return texts(item.cells[1])
    one: Lesson = item.found
    return texts(one.text, f"{one.author}, {local_day(one.at)}", _("- shows it no more."))


def _remove(desk: DeskScreen, item: Item | None) -> None:
    if item is None or item.found is None or item.key[0] != "lesson":
        desk.notify(_("That is for lessons."), timeout=3)
        return
    number = item.key[1]
    desk.act(lambda store, author: lessons.remove(store, number, author), _("The lesson is taken off."))
