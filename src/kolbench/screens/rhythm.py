"""Supply and demand of a brief: where it needs more, fewer or other creators, and which grounds brought them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from kolbench.analysis import grounds, rhythm
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.brief_words import SUBJECTS, needed
from kolbench.screens.lines import Line, Sheet, paragraph, table
from kolbench.screens.words import said
from kolbench.screens.work import WorkScreen
from kolbench.store import briefs
from kolbench.widgets.cells import day, ellipsis, percent, separated

if TYPE_CHECKING:
    from textual.widget import Widget

    from kolbench.analysis.grounds import Grounds
    from kolbench.analysis.rhythm import Rhythm
    from kolbench.screens.session import Session
    from kolbench.store.connect import Store


class Report(NamedTuple):
    """What is known of a brief's supply and demand as of ``at`` (ms); ``problem`` says why nothing is.

    ``last``: of what is silent now, what was so when somebody last talked of it.
    """

    name: str
    subjects: Sequence[Rhythm]
    grounds: Grounds | None
    problem: str = ""
    last: bool = False
    at: int = 0


def load(store: Store, brief_id: int, *, last: bool = False) -> Report:
    """Read both. Call it in a thread."""
    name = briefs.row(store, brief_id).name
    try:
        subjects = list(rhythm.rhythm(store, brief_id, last=last))
        return Report(name, subjects, grounds.grounds(store, brief_id), last=last, at=now())
    except UsageError as error:
        return Report(name, (), None, str(error))


def lines(report: Report, width: int) -> Iterator[Line]:
    """The report as lines of a width."""
    if report.grounds is None:
        yield from paragraph(report.problem, width)
        return
    yield from paragraph(_("What is needed now"), width, "strong")
    weeks = ngettext("{n} week", "{n} weeks", rhythm.WEEKS).format(n=rhythm.WEEKS)
    text = _("A week, on average over the {weeks} from {first} to {today}; people are those who interact.")
    dates = {"first": day(report.at - rhythm.WEEKS * rhythm.WEEK), "today": day(report.at)}
    yield from paragraph(text.format(weeks=weeks, **dates), width, "muted")
    yield from _silent(report, weeks, width)
    yield []
    yield from _subjects(report.subjects, width)
    yield []
    yield from paragraph(_("Where they came from"), width, "strong")
    yield from paragraph(_decided(report.grounds), width, "muted")
    yield []
    yield from _grounds(report.grounds, width)


def _silent(report: Report, weeks: str, width: int) -> Iterator[Line]:
    """How much nobody talks of any more, and how to see what was so when somebody did."""
    silent = sum(one.silent_since is not None for one in report.subjects)
    if not silent:
        return
    if report.last:
        text = _("Of what is silent now, over the {weeks} up to its newest text. l leaves them empty.")
        yield from paragraph(text.format(weeks=weeks), width, "warn")
        return
    text = ngettext("{n} is silent in them.", "{n} are silent in them.", silent).format(n=separated(silent))
    more = _("l shows what was so when somebody last talked of it.")
    yield from paragraph(f"{text} {more}", width, "warn")


def _subjects(subjects: Sequence[Rhythm], width: int) -> Iterator[Line]:
    if not subjects:
        yield from paragraph(_("The brief names no keywords, and there are no communities."), width)
        return
    titles = (
        _("Subject"),
        _("Needs"),
        _("Creators"),
        _("Works"),
        _("Interacting"),
        _("No reaction"),
        _("Unanswered"),
        _("Until"),
        "",
    )
    names = apart([one.name for one in subjects])
    rows = [
        (
            names[one.name],
            needed(one),
            f"{one.creators:.1f}",
            f"{one.works:.1f}",
            "" if one.people is None else f"{one.people:.1f}",
            _of(one.idle, one.weeks),
            _of(one.unanswered, one.questions),
            day(one.window.stop - 1) if one.window else "",
            said(SUBJECTS, one.kind),
        )
        for one in subjects
    ]
    yield from table(titles, rows, width, names=(0,))


def _grounds(found: Grounds, width: int) -> Iterator[Line]:
    if not found.grounds:
        yield from paragraph(_("The brief means nobody yet."), width)
        return
    titles = (_("Place"), _("Seen"), _("Shortlisted"), _("Agreed"), _("Active"), "")
    names = apart([one.name for one in found.grounds])
    rows = [
        (
            names[one.name],
            separated(one.seen),
            _with(one.shortlisted, one.shares[0]),
            _with(one.agreed, one.shares[1]),
            _with(one.active, one.shares[2]),
            said(SUBJECTS, one.kind),
        )
        for one in found.grounds
    ]
    yield from table(titles, rows, width, names=(0,))


def _decided(found: Grounds) -> str:
    if found.first_at is None:
        return _("As of {today}; nothing was decided yet.").format(today=day(now()))
    text = _("As of {today}; decided between {first} and {last}. Shares are of the step before.")
    return text.format(today=day(now()), first=day(found.first_at), last=day(found.last_at))


def apart(names: Sequence[str]) -> dict[str, str]:
    """What each name is shown as: without the beginning, up to a slash, that it has in common with another one."""
    beginnings = Counter(name.rpartition("/")[0] for name in set(names))
    return {
        name: f"{ellipsis()}{slash}{end}" if slash and beginnings[beginning] > 1 else name
        for name in names
        for beginning, slash, end in [name.rpartition("/")]
    }


def _of(share: float | None, n: int) -> str:
    return "" if share is None else _("{share} of {n}").format(share=percent(share), n=separated(n))


def _with(number: int, share: float | None) -> str:
    return separated(number) + (f" {percent(share)}" if number and share is not None else "")


class RhythmScreen(WorkScreen):
    """The report, read in the background."""

    HELP = N_(
        "Whether this brief needs more, fewer or other creators now: for each of its keywords and each of our"
        " communities, over the weeks up to today, how many creators are active a week, how many people interact with"
        " them, in how many of the creators' weeks nobody reacted, and how many questions stayed unanswered."
        " Below: how many of each source's and community's people were shortlisted, agreed and became active."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", N_("Back")),
        Binding("r", "again", N_("Read again")),
        Binding("l", "last", N_("When last talked of")),
    ]

    def __init__(self, session: Session, brief_id: int) -> None:
        super().__init__(session)
        self.brief_id = brief_id
        self.last = False

    def body(self) -> Iterable[Widget]:
        """One sheet."""
        yield Sheet(id="main")

    def on_mount(self) -> None:
        """Read."""
        self.action_again()

    def store_changed(self) -> None:
        """Nothing: texts of weeks are read for it, and a sync changes the store every few seconds."""

    def action_again(self) -> None:
        """Read with what is known now."""
        store, brief_id, last = self.session.store, self.brief_id, self.last
        self.tell_status([(_("reading …"), "warn")], None)
        self.ask("rhythm", lambda: load(store, brief_id, last=last), self._found)

    def action_last(self) -> None:
        """Of what is silent now, show when somebody last talked of it; or no longer."""
        self.last = not self.last
        self.action_again()

    def _found(self, report: Report) -> None:
        self.query_one("#main", Sheet).show(lambda width: lines(report, width), top=True)
        self.tell_status([(report.name, "strong"), ("  ", "plain"), (_("supply and demand"), "muted")], None)
