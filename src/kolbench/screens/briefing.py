"""Choosing the brief whose candidates are shown, and scoring everybody by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kolbench.domain.lang import _
from kolbench.screens.brief_words import PURPOSES
from kolbench.screens.candidate_rows import Chosen
from kolbench.screens.jobs import Job, Stopped
from kolbench.screens.words import said
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.choose import Choice
    from kolbench.screens.session import Session
    from kolbench.screens.work import WorkScreen
    from kolbench.store.connect import Store
    from kolbench.widgets.worker import Asked

EVERYBODY = "everybody"
NEW = "new"
EDIT = "edit"
SCORE = "score"
STOP = "stop"


def load(store: Store, brief_id: int) -> Chosen:
    """A brief with the parts of its score, what weighs most first. Call it in a thread."""
    from kolbench.analysis import candidacy
    from kolbench.domain.briefs import weights
    from kolbench.store import briefs

    weighed, row = weights(briefs.brief(store, brief_id)), briefs.row(store, brief_id)
    unmatched = row.scored == row.version and bool(candidacy.unmatched(store, brief_id))
    examples = frozenset(briefs.goal(store, brief_id).like)
    return Chosen(row, sorted(weighed, key=lambda name: -weighed[name]), unmatched, examples)


def choices(store: Store, current: Chosen | None, *, scoring: bool) -> list[Choice]:
    """Everybody, each brief with how far it is, and what the one shown allows. Call it in a thread."""
    from kolbench.screens.choose import Choice
    from kolbench.store import briefs, decisions

    found = [Choice(EVERYBODY, _("everybody"), _("general score"))]
    for row in briefs.listed(store):
        hint = _("{purpose}, {n} of {people}").format(
            purpose=said(PURPOSES, row.purpose),
            n=separated(decisions.chosen(store, row.id)),
            people=separated(row.people),
        )
        found.append(Choice(str(row.id), row.name, hint))
    found.append(Choice(NEW, _("write a new brief …")))
    if current is not None:
        found.append(Choice(EDIT, _("edit {name} …").format(name=current.row.name)))
        if scoring:
            found.append(Choice(STOP, _("stop scoring")))
        else:
            found.append(Choice(SCORE, _("score everybody by {name} again").format(name=current.row.name)))
    return found


def ask(screen: WorkScreen, current: Chosen | None, *, scoring: bool, chosen: Callable[[str], object]) -> None:
    """Offer the briefs; ``chosen`` is told the key of what was taken."""
    store = screen.session.store

    def offer(found: list[Choice]) -> None:
        from kolbench.screens.choose import Choose

        def taken(key: str | None) -> None:
            if key is not None:
                chosen(key)

        window = Choose(_("Whose candidates?"), found, EVERYBODY if current is None else str(current.id))
        window.add_class("-broad")
        screen.app.push_screen(window, taken)

    screen.ask("briefs", lambda: choices(store, current, scoring=scoring), offer, keys_wait=True)


class Scoring:
    """Everybody being scored by a brief, in the background; ``ended`` is told what came of it."""

    def __init__(self, session: Session, brief_id: int, ended: Callable[[Asked[int]], object]) -> None:
        self.brief_id = brief_id
        self.done = self.total = 0
        wanted = True

        def told(done: int, total: int) -> None:
            self.done, self.total = done, total
            if not wanted:
                raise Stopped

        def stop() -> None:
            nonlocal wanted
            wanted = False

        def score() -> int:
            from kolbench.analysis import candidacy

            return candidacy.score(session.store, brief_id, told)

        self.job = Job(session, score, ended, stop)

    @property
    def text(self) -> str:
        """How far it is."""
        if self.job.stopping:
            return _("stopping")
        share = self.done / self.total if self.total else 0.0
        return _("scoring {share}, Esc stops").format(share=f"{share:.0%}")
