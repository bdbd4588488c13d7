"""Writing the list that is shown to a file, in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.screens.jobs import Job, Stopped
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.session import Session
    from kolbench.screens.work import WorkScreen
    from kolbench.store.candidates import CandidateWindow
    from kolbench.widgets.worker import Asked


def ask_file(screen: WorkScreen, name: str, export: Callable[[Path], object], title: str = "") -> None:
    """Ask for the file; one that is there is replaced only after a question. Without a ``title`` it is a list's."""
    from kolbench.screens.choose import Choice, Choose
    from kolbench.screens.paths import Paths
    from kolbench.screens.prompt import Prompt
    from kolbench.store.export import form

    def check(text: str) -> None:
        path = Path(text).expanduser()
        form(path)
        if not path.parent.is_dir():
            raise UsageError(_("There is no folder {path}.").format(path=path.parent))

    def told(text: str | None) -> None:
        if text is None:
            return
        path = Path(text).expanduser()
        if not path.exists():
            export(path)
            return

        def replace(answer: str | None) -> None:
            if answer == "yes":
                export(path)

        choices = [Choice("no", _("Leave it")), Choice("yes", _("Replace it"))]
        screen.app.push_screen(Choose(_("{path} is there already").format(path=path.name), choices), replace)

    hint = _("its ending says the format: .csv .jsonl .xlsx; → completes")
    prompt = Prompt(title or _("Export what is shown"), value=f"{name}.csv", hint=hint, check=check, suggester=Paths())
    screen.app.push_screen(prompt, told)


class Export:
    """A list being written; ``ended`` is told how many rows there were."""

    def __init__(
        self, session: Session, window: CandidateWindow, path: Path, ended: Callable[[Asked[int]], object]
    ) -> None:
        self.path = path
        self.done = self.total = 0
        wanted = True

        def stop() -> None:
            nonlocal wanted
            wanted = False

        def counted(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
            for row in rows:
                if not wanted:
                    raise Stopped
                yield row
                self.done += 1

        def write() -> int:
            from kolbench.store import export

            self.total = window.count()
            names, rows = export.ranking(window)
            return export.write(path, export.form(path), names, counted(rows))

        self.job = Job(session, write, ended, stop)

    @property
    def text(self) -> str:
        """How far it is."""
        if self.job.stopping:
            return _("stopping")
        share = self.done / self.total if self.total else 0.0
        return _("exporting {share}, Esc stops").format(share=f"{share:.0%}")

    def outcome(self, rows: int) -> str:
        """What was written."""
        text = ngettext("{path}: {n} row.", "{path}: {n} rows.", rows)
        return text.format(path=self.path, n=separated(rows))
