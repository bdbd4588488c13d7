"""Sync: the sources, what they brought, how far a sync is, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.clock import SECOND, now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.jobs import Job, Stopped
from kolbench.screens.lines import Line, Span, columns, paragraph
from kolbench.screens.panes import PanesScreen
from kolbench.screens.progress import Progress, Stream
from kolbench.screens.source_words import RUNS
from kolbench.screens.words import PLATFORMS, STATES, said
from kolbench.screens.work import Table
from kolbench.store import runs, sources
from kolbench.store.runs import RunReport
from kolbench.store.sources import Source
from kolbench.sync.stop import Stop
from kolbench.widgets.cells import separated, since
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import ListWindow, VirtualTable

if TYPE_CHECKING:
    from kolbench.screens.session import Session
    from kolbench.store.connect import Store
    from kolbench.sync.events import Counts
    from kolbench.sync.loop import Outcome
    from kolbench.widgets.worker import Asked

HISTORY = 20


@dataclass(frozen=True)
class Known:
    """A source and its newest runs."""

    source: Source
    runs: Sequence[RunReport]


def known(store: Store) -> list[Known]:
    """All sources with their history, the one read last first; call it in a thread.

    What a process that is gone left running is marked as interrupted.
    """
    runs.mark_interrupted(store)
    found = [Known(source, runs.recent(store, HISTORY, source)) for source in sources.every(store)]
    return sorted(found, key=lambda one: one.runs[0].id if one.runs else 0, reverse=True)


def history_lines(found: Known, stream: Stream | None, at: int, width: int) -> Iterator[Line]:
    """A source, how far it is, and its history, as lines."""
    source = found.source
    yield [(source.name, "title")]
    about = (source.adapter, said(PLATFORMS, source.platform), None if source.enabled else _("only when asked for"))
    yield [(" · ".join(part for part in about if part), "muted")]
    for name, value in source.settings.items():
        if name != "map":
            yield from paragraph(f"{name} = {value}", width, "muted", most=2)
    if stream is not None:
        yield []
        if pace := stream.pace():
            yield [(pace, "strong")]
        elif stream.error:
            yield from paragraph(stream.state_text(), width, "bad")
        yield from paragraph(_counted(stream.counts), width)
        for remark in stream.remarks():
            yield from paragraph(remark, width, "warn")
        if stream.report is not None:
            yield from paragraph(_("Rejected rows: {path}").format(path=stream.report), width, "muted")
    yield []
    yield [(_("History"), "strong")]
    if not found.runs:
        yield [(_("It was never read. r reads it now."), "muted")]
    for run in found.runs:
        yield from _run_lines(run, at, width)


def _run_lines(run: RunReport, at: int, width: int) -> Iterator[Line]:
    style = "bad" if run.state == "failed" else "plain"
    took = "" if run.ended_at is None else _("{n} s").format(n=f"{(run.ended_at - run.started_at) / SECOND:.1f}")
    yield columns(
        (f"{said(RUNS, run.kind)} {said(STATES, run.state)}", max(8, width - 19), style),
        (took, 9, "muted", "right"),
        (since(run.started_at, at), 8, "muted", "right"),
    )
    yield from paragraph(_counted(run), width, "muted", indent=2)
    if run.error:
        yield from paragraph(run.error, width, "bad", indent=2)
    if run.report:
        yield from paragraph(_("Rejected rows: {path}").format(path=run.report), width, "muted", indent=2)


def _ended_how(outcome: Outcome) -> str:
    """How a sync ended; which sources failed, where others did not."""
    how = said(STATES, outcome.state)
    if outcome.state != "partly_failed":
        return how
    failed = [one.source for one in outcome.sources if one.state == "failed"]
    return _("{what} ({more})").format(what=how, more=_(", ").join(failed))


def _counted(counts: Any) -> str:
    text = _("{new} new, {changed} changed, {unchanged} unchanged, {rejected} rejected")
    return text.format(
        new=separated(counts.new),
        changed=separated(counts.changed),
        unchanged=separated(counts.unchanged),
        rejected=separated(counts.rejected),
    )


class SyncScreen(PanesScreen):
    """The sources and, where there is room, the history of the one under the cursor."""

    HELP = N_(
        "Where the data come from. A sync reads what is new since the last one and keeps every page together with its"
        " place, so that stopping or losing the line never loses or doubles anything: the next sync goes on from"
        " there. Rows that can't be kept are in the report file that the history names."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", N_("Sync this")),
        Binding("R", "run_all", N_("Sync all")),
        Binding("escape", "stop", N_("Stop at the next page"), show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.job: Job | None = None
        self.problems: Sequence[str] = ()
        self.unloaded: Sequence[str] = ()
        self.progress: Progress | None = None
        self.known: list[Known] = []

    def make_table(self) -> Table:
        """The sources."""
        return Table(self._columns(), selectable=False, row_class=self._row_class, id="main")

    def on_mount(self) -> None:
        """Show the sources."""
        self.table.set_empty(
            _("No source yet.")
            + "\n\n"
            + _("Press i to import a file. To read a platform, leave with q and run 'kolbench source add'.")
        )
        self.set_interval(0.25, self._tell_progress)
        self.store_changed()

    def store_changed(self) -> None:
        """Read the sources again."""
        store = self.session.store
        self.ask("known", lambda: known(store), self._found)

    def _found(self, found: list[Known], *, keep: bool = True) -> None:
        self.known = found
        self.table.show(ListWindow([(one.source.name, one) for one in found]), keep=keep)
        self._tell()
        self.tell_about()

    def _columns(self) -> list[Column]:
        at = now()

        def of(text: Callable[[Known], str]) -> Any:
            return lambda found, _row: text(found)

        def platform(found: Known) -> str:
            return said(PLATFORMS, found.source.platform)

        def when(found: Known) -> str:
            return since(found.runs[0].started_at, at) if found.runs else ""

        def brought(name: str) -> Any:
            return of(lambda found: separated(getattr(self._counts(found), name, None)))

        return [
            Column("source", _("Source"), 16, render=of(lambda f: f.source.name), at=1, flex=1),
            Column("adapter", _("Adapter"), 12, render=of(lambda f: f.source.adapter), at=1, drop=5),
            Column("platform", _("Platform"), 11, render=of(platform), at=1, drop=4),
            Column("state", _("State"), 14, render=of(self._state), at=1, flex=3),
            Column("when", _("When"), 8, "right", of(when), at=1),
            Column("new", _("New"), 9, "right", brought("new"), at=1, drop=1),
            Column("changed", _("Changed"), 9, "right", brought("changed"), at=1, drop=3),
            Column("rejected", _("Rejected"), 8, "right", brought("rejected"), at=1, drop=2),
        ]

    def _stream(self, name: str) -> Stream | None:
        return self.progress.streams.get(name) if self.progress is not None else None

    def _state(self, found: Known) -> str:
        stream = self._stream(found.source.name)
        if stream is not None and (self.job is not None or not stream.state):
            pace = "" if self.sheet.display else stream.pace()
            return f"{stream.state_text()} {pace}".rstrip()
        if not found.runs:
            return _("never read")
        last = found.runs[0]
        state = said(STATES, last.state)
        return _("{what}: {more}").format(what=state, more=last.error) if last.error else state

    def _counts(self, found: Known) -> Counts | RunReport | None:
        """What the sync that runs has brought so far, else what the last one did."""
        stream = self._stream(found.source.name)
        if stream is not None and self.job is not None:
            return stream.counts
        return found.runs[0] if found.runs else None

    def _row_class(self, row: Sequence[Any]) -> str | None:
        found = row[1]
        return "alert" if found.runs and found.runs[0].state == "failed" else None

    def _tell(self) -> None:
        n = len(self.known)
        spans: list[Span] = [(ngettext("{n} source", "{n} sources", n).format(n=separated(n)), "strong")]
        right: list[Span] = []
        if self.job is not None and self.progress is not None:
            text = _("stopping at the next page …") if self.job.stopping else _("{what}, Esc stops")
            right = [(text.format(what=self.progress.scoring() or _("working")), "warn")]
        self.tell_status(spans, right)

    def _tell_progress(self) -> None:
        if self.job is not None and self.progress is not None:
            self.session.running = self.progress.text()
            self._tell()
            self.table.set_columns(self._columns())
            self._show_history(top=False)
            self.tell_top()

    # Running.

    def run_job(self, progress: Progress, work: Callable[[Stop], Outcome]) -> None:
        """Run a sync or an import, which ``progress`` listens to, then bring scores and follow-ups up to date."""
        if self.job is not None:
            self.notify(_("Something is running already. Wait for it, or stop it with Esc."))
            return
        stop, store = Stop(), self.session.store

        def leave() -> None:
            if stop.requested:
                raise Stopped

        def derived(done: int, total: int) -> None:
            progress.derived(done, total)
            leave()

        def compared(_done: int, _total: int) -> None:
            leave()

        def run() -> Outcome:
            from kolbench.programme import after

            outcome = work(stop)
            if not stop.requested:
                self.problems = after.refresh(store, derived, compared, compared, leave).problems
            return outcome

        self.progress, self.problems, self.unloaded = progress, (), ()
        self.job = Job(self.session, run, self._ended, stop.request)
        self._tell_progress()

    def _ended(self, asked: Asked[Outcome]) -> None:
        self.job = None
        self.session.running = ""
        if not self.is_attached:
            return
        if isinstance(asked.error, Stopped):
            self.notify(_("Stopped. Scores go on with the next sync."), timeout=5)
        elif asked.error is not None:
            self.complain(asked.error)
        else:
            outcome = asked.value()
            text = _("{what}: {more}").format(what=_ended_how(outcome), more=_counted(outcome.counts))
            for problem in (*self.unloaded, *self.problems):
                self.notify(problem, severity="warning")
            self.notify(text, severity="error" if outcome.state in ("failed", "partly_failed") else "information")
        self.tell_top()
        store = self.session.store
        self.ask("known", lambda: known(store), lambda found: self._found(found, keep=False))

    def _sync(self, names: Sequence[str]) -> None:
        store, plugin_dirs = self.session.store, self.session.plugin_dirs
        progress = Progress(names)

        def work(stop: Stop) -> Outcome:
            from kolbench.adapters import registry
            from kolbench.sync import loop

            chosen, found = loop.choose(store, names), registry.load(plugin_dirs)
            self.unloaded = [str(problem) for problem in found.problems]
            return loop.run(store, found.adapters, chosen, listener=progress, stop=stop)

        self.run_job(progress, work)

    def action_run(self) -> None:
        """Sync the source under the cursor."""
        if isinstance(name := self.table.cursor_key, str):
            self._sync([name])

    def action_run_all(self) -> None:
        """Sync all sources that are read by themselves."""
        if self.known and not any(one.source.enabled for one in self.known):
            text = _("None of these is synced by itself. r syncs the one under the cursor, i imports a file.")
            self.notify(text, timeout=6)
        else:
            self._sync([])

    def action_stop(self) -> None:
        """Stop at the next page boundary."""
        if self.job is not None:
            self.job.stop()
            self._tell()

    # One source.

    def read_about(self) -> None:
        """The history."""
        self._show_history(top=True)

    def _show_history(self, *, top: bool) -> None:
        row = self.table.cursor_row
        if row is None:
            self.sheet.show(lambda width: ())
        else:
            found = next((one for one in self.known if one.source.name == row[0]), row[1])
            stream, at = self._stream(row[0]), now()
            self.sheet.show(lambda width: history_lines(found, stream, at, width), top=top)

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter: the history in a window of its own."""
        from kolbench.screens.reading import Reading

        row = self.table.cursor_row
        if row is not None:
            found, stream, at = row[1], self._stream(row[0]), now()
            self.app.push_screen(Reading(lambda width: history_lines(found, stream, at, width)))
