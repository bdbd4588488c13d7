"""Importing a file: which one, on which platform, what its columns mean, and then its import."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.words import misspelt
from kolbench.programme.local import local_day
from kolbench.screens.campaign import tables
from kolbench.screens.choose import Choice, Choose
from kolbench.screens.lines import Bar, Sheet, Span, paragraph
from kolbench.screens.progress import Progress
from kolbench.screens.prompt import Prompt
from kolbench.screens.source_words import FIELDS, FORMATS, ROWS
from kolbench.screens.words import PLATFORMS, said
from kolbench.screens.work import Table, WorkScreen
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import ListWindow

if TYPE_CHECKING:
    from textual.widget import Widget

    from kolbench.adapters.protocol import Adapter
    from kolbench.screens.lines import Line
    from kolbench.screens.session import Session
    from kolbench.screens.sync import SyncScreen
    from kolbench.sync.importing import Plan
    from kolbench.sync.loop import Outcome
    from kolbench.sync.stop import Stop

OTHER = "…"
SHOP = "shop"
IGNORED = ""
EXAMPLES = 3


def ask_file(screen: WorkScreen, sync: Callable[[], SyncScreen]) -> None:
    """Ask for a file and take it through to its import, which runs on the sync screen."""
    Asking(screen, sync).ask_path()


class Asking:
    """The questions that an import needs answered before there is a plan for it."""

    def __init__(self, screen: WorkScreen, sync: Callable[[], SyncScreen]) -> None:
        self.screen = screen
        self.sync = sync

    def ask_path(self) -> None:
        """Which file?"""
        from kolbench.screens.paths import Paths

        def check(text: str) -> None:
            if not Path(text).expanduser().exists():
                raise UsageError(_("There is no file {path}.").format(path=text))

        def told(text: str | None) -> None:
            if text:
                self._choose_adapter(Path(text).expanduser())

        hint = _("CSV, TSV, JSON Lines, XLSX, a chat archive or a folder; → completes")
        prompt = Prompt(_("Import a file"), hint=hint, check=check, suggester=Paths())
        self.screen.app.push_screen(prompt, told)

    def _choose_adapter(self, path: Path) -> None:
        plugin_dirs = self.screen.session.plugin_dirs

        def choose() -> tuple[Adapter, list[str], list[str]]:
            from kolbench.adapters import registry
            from kolbench.sync import importing

            found = registry.load(plugin_dirs)
            disabled = [str(problem) for problem in found.problems]
            return importing.choose(found.adapters, path), [*importing.guesses(path), *importing.PLATFORMS], disabled

        def chosen(answer: tuple[Adapter, list[str], list[str]]) -> None:
            adapter, words, disabled = answer
            for problem in disabled:
                self.screen.notify(problem, severity="warning")
            if adapter.platform:
                self._plan(path, adapter, adapter.platform)
            else:
                self._ask_platform(path, adapter, list(dict.fromkeys(words)))

        self.screen.ask("import", choose, chosen, keys_wait=True)

    def _ask_platform(self, path: Path, adapter: Adapter, words: list[str]) -> None:
        def chosen(word: str | None) -> None:
            if word == OTHER:
                prompt = Prompt(_("Platform"), hint=_("one word: lower-case letters, digits and _"))
                self.screen.app.push_screen(prompt, told)
            elif word:
                self._plan(path, adapter, word)

        def told(word: str | None) -> None:
            if word:
                self._plan(path, adapter, word)

        choices = [
            *(Choice(word, said(PLATFORMS, word)) for word in words),
            Choice(SHOP, _("a shop, for the tables of a campaign")),
            Choice(OTHER, _("another one …")),
        ]
        self.screen.app.push_screen(Choose(_("Which platform are these accounts on?"), choices), chosen)

    def _plan(self, path: Path, adapter: Adapter, platform: str) -> None:
        store = self.screen.session.store

        def plan() -> Plan:
            from kolbench.sync import importing

            return importing.plan(store, adapter, path, platform=platform)

        def planned(found: Plan) -> None:
            self.screen.app.push_screen(ImportScreen(self.screen.session, found, self.sync))

        self.screen.ask("import", plan, planned, keys_wait=True)


class ImportScreen(WorkScreen):
    """What would become of a file: its columns, their roles, and what to know before importing it."""

    CSS_PATH = "importing.tcss"
    HELP = N_(
        "What is in the file and what each column means. Enter changes the role of a column, w what the rows are:"
        " people, or a campaign's participants, referrals, clicks, sales and refunds; y imports the file. The mapping"
        " is remembered for files of the same shape. Rows that can't be kept go to a report; the same file twice"
        " changes nothing."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "run", N_("Import it")),
        Binding("w", "kind", N_("What the rows are")),
        Binding("a", "as_of", N_("Date of the counts")),
        Binding("escape", "app.pop_screen", N_("Back")),
    ]

    def __init__(self, session: Session, plan: Plan, sync: Callable[[], SyncScreen]) -> None:
        super().__init__(session)
        self.plan = plan
        self.sync = sync

    def body(self) -> Iterable[Widget]:
        """How it is read, its columns, and what to know."""
        self.table = Table(
            self._columns(), selectable=False, row_class=self._row_class, enter=N_("Change the role"), id="main"
        )
        self.sheet = Sheet(id="remarks")
        yield Bar(id="about")
        yield self.table
        yield self.sheet

    def on_mount(self) -> None:
        """Show the plan."""
        self._show()

    def _columns(self) -> list[Column]:
        examples = [
            Column(f"row{n}", _("row {n}").format(n=n), 10, at=2 + n, flex=2, drop=n, sortable=False)
            for n in range(1, EXAMPLES + 1)
        ]
        return [
            Column("column", _("Column"), 14, at=1, flex=2, sortable=False),
            Column("role", _("Role"), 14, at=2, flex=1, sortable=False),
            *examples,
        ]

    def _row_class(self, row: Any) -> str | None:
        return None if row[2] else "muted"

    @property
    def _of_campaign(self) -> bool:
        """Whether it tells of a campaign, and so of no counts of accounts."""
        return "campaign" in self.plan.settings

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only counts have a date."""
        return not self._of_campaign if action == "as_of" else super().check_action(action, parameters)

    def _show(self) -> None:
        plan = self.plan
        self.tell_status(
            [(plan.path.name, "strong"), ("  ", "plain"), (said(PLATFORMS, plan.platform), "plain")], self._sure()
        )
        self.query_one("#about", Bar).show([(" " + self._how(), "muted")])
        rows: list[tuple[Any, ...]] = []
        if plan.preview is not None:
            sample = plan.preview.proposal.look.sample[:EXAMPLES]
            for column in plan.preview.proposal.mapping.columns:
                cells = [row[column.index] for row in sample] + [""] * (EXAMPLES - len(sample))
                rows.append((column.index, column.name, said(FIELDS, column.role), *cells))
        else:
            self.table.set_empty(
                _("{adapter} knows how to read it. y imports it.").format(adapter=_(plan.adapter.title))
            )
        self.table.show(ListWindow(rows))
        self.sheet.show(self._remarks)
        self.refresh_bindings()

    def _sure(self) -> list[Span]:
        if self.plan.preview is None:
            return []
        sure = self.plan.preview.proposal.confidence
        return [(_("{share} sure").format(share=f"{sure:.0%}"), "good" if self.plan.sure else "warn")]

    def _how(self) -> str:
        plan = self.plan
        parts = [_(plan.adapter.title)]
        if plan.preview is not None:
            proposal = plan.preview.proposal
            look = proposal.look
            delimiter = repr(look.delimiter) if look.delimiter else ""
            of = [plan.settings.get(name, "") for name in ("campaign", "currency")]
            of += [plan.settings.get("timezone", "")] if self._of_campaign else []
            kind = said(ROWS, proposal.mapping.kind or "?")
            parts = [kind, *of, said(FORMATS, look.format), look.encoding, delimiter]
            if proposal.observed_at is not None:
                date = local_day(int(proposal.observed_at.timestamp() * 1000))
                parts.append(_("counts as of {date}").format(date=date))
        return " · ".join(part for part in parts if part)

    def _remarks(self, width: int) -> Iterable[Line]:
        plan = self.plan
        if plan.before is not None:
            text = _("Imported already on {date} as {source}: importing it again changes nothing.")
            text = text.format(date=local_day(plan.before.at), source=plan.before.source)
            yield from paragraph(text, width, "warn")
        if plan.meant:
            yield from paragraph(misspelt(plan.platform, plan.meant), width, "warn")
        if plan.preview is None:
            return
        if plan.problem:
            yield from paragraph(plan.problem, width, "bad")
            yield from paragraph(_("Enter changes what a column means, w what the rows are."), width, "strong")
        for warning in plan.preview.proposal.warnings:
            yield from paragraph(warning, width, "warn")
        n = len(plan.preview.rejected)
        if n:
            text = ngettext("{n} cell of the first rows won't do:", "{n} cells of the first rows won't do:", n)
            yield [(text.format(n=n), "warn")]
            for one in plan.preview.rejected[:5]:
                place = _("line {line}").format(line=one.line)
                if one.column:
                    place = _("line {line}, {column}").format(line=one.line, column=one.column)
                yield [("  " + _("{what}: {more}").format(what=place, more=one.reason), "muted")]

    @on(Table.Opened, "#main")
    def change(self) -> None:
        """Choose what the column under the cursor means."""
        place = self.table.cursor_key
        if self.plan.preview is None or not isinstance(place, int):
            return
        from kolbench.adapters.tables.vocabulary import ROLES

        mapping = self.plan.preview.proposal.mapping
        kind = mapping.kind or "accounts"

        def chosen(role: str | None) -> None:
            if role is not None:
                roles = ["" if one.role == role else one.role for one in mapping.columns]
                roles[place] = role
                self._again(map=json.dumps({"kind": kind, "roles": roles}))

        choices = [Choice(IGNORED, _("(ignored)")), *(Choice(role, said(FIELDS, role), role) for role in ROLES[kind])]
        column = mapping.columns[place]
        self.app.push_screen(Choose(_("What is {column}?").format(column=column.name), choices, column.role), chosen)

    def action_kind(self) -> None:
        """Choose what the rows are about."""
        if self.plan.preview is None:
            return

        from kolbench.adapters.tables.columns import CAMPAIGN_KINDS, KINDS

        def chosen(kind: str | None) -> None:
            if kind in KINDS:
                self._again(kind=kind, campaign="", currency="", map="")
            elif kind is not None:
                current = self.plan.settings.get("campaign", "")
                tables.ask_campaign(self, current, lambda name: self._again(kind=kind, campaign=name, map=""))

        of_campaign = _("of a campaign")
        choices = [
            *(Choice(kind, said(ROWS, kind)) for kind in KINDS),
            *(Choice(kind, said(ROWS, kind), of_campaign) for kind in CAMPAIGN_KINDS),
        ]
        window = Choose(_("What are the rows?"), choices, self.plan.preview.proposal.mapping.kind, numbered=True)
        self.app.push_screen(window, chosen)

    def action_as_of(self) -> None:
        """Say when the counts were true."""

        def told(date: str | None) -> None:
            if date is not None:
                self._again(as_of=date)

        if self.plan.preview is not None:
            value = self.plan.settings.get("as_of", "")
            self.app.push_screen(Prompt(_("When were the counts true?"), value=value, hint=_("like 2026-05-01")), told)

    def _again(self, **changed: str) -> None:
        store, old = self.session.store, self.plan
        settings = {**old.settings, **changed}

        def plan() -> Plan:
            from kolbench.sync import importing

            return importing.plan(
                store, old.adapter, old.path, platform=old.platform, settings=settings, source=old.source
            )

        def planned(found: Plan) -> None:
            self.plan = found
            self._show()
            if "kind" in changed:
                tables.ask_currency(self, found, lambda currency: self._again(currency=currency))

        self.ask("plan", plan, planned, keys_wait=True)

    def action_run(self) -> None:
        """Import it, on the sync screen."""
        plan, store = self.plan, self.session.store
        if plan.problem:
            self.notify(plan.problem, severity="warning")
            return
        if self.session.running:
            self.notify(_("Something is still running. Once it has ended, y imports this."), timeout=5)
            return
        progress = Progress([plan.source])

        def work(stop: Stop) -> Outcome:
            from kolbench.sync import importing

            return importing.run(store, plan, progress, stop)

        self.app.pop_screen()
        sync = self.sync()
        sync.call_later(sync.run_job, progress, work)  # it may be shown for the first time
