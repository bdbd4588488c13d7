"""Whether everybody was treated alike: what the audit finds, and the cases of each finding side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _
from kolbench.programme import audit
from kolbench.programme.local import local_day
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.programme.words import FINDINGS, counts_in, titles, treatments
from kolbench.screens.view import Few, Item, View, columns
from kolbench.screens.words import said
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.programme.audit import Finding
    from kolbench.screens.file.part import Write
    from kolbench.store.connect import Store
    from kolbench.widgets.columns import Column

NOTHING = "–"


class FindingsView(View):
    """Cases that are alike and were not treated alike, a finding a row."""

    live = False
    title = N_("Audit")
    empty = N_("Like cases were treated alike, as far as is written down. Violations, rewards and holds are compared.")

    def columns(self) -> list[Column]:
        """What was found, in what the cases are alike, and how many they are."""
        return columns((_("Finding"), 35), ("", 20, {"flex": 1}), (_("Cases"), 6, {"align": "right"}))

    def window(self, store: Store) -> Few:
        """The audit is made anew."""
        return Few(lambda: [_finding(one) for one in audit.audit(store, now())])

    def about(self, store: Store, item: Item | None) -> Write:
        """The cases, one below the other."""
        if item is None:
            return super().about(store, item)
        found: Finding = item.found
        cases = list(_texts(store, found))
        return lambda width: _side_by_side(found, cases, width)


class CasesView(View):
    """The cases of a finding; ``key`` tells it from others of the same check."""

    live = False
    empty = N_("These cases are treated alike now. Esc goes back to what the audit finds.")

    def __init__(self, check: str, alike: str) -> None:
        super().__init__()
        self.check, self.alike = check, alike

    def named(self) -> str:
        """What the cases have in common."""
        return self.alike

    def columns(self) -> list[Column]:
        """Who was treated how, by whom, why, and what counts."""
        return columns(
            (_("Who"), 12, {"flex": 1}),
            (_("Grade"), 5, {"drop": 3}),
            (_("Treated"), 14, {"flex": 1}),
            (_("By"), 9),
            (_("On"), 10, {"drop": 1}),
            (_("Reason"), 14, {"flex": 2}),
            (_("What counts"), 20, {"flex": 2, "drop": 2}),
        )

    def window(self, store: Store) -> Few:
        """The cases of the finding, as far as it is still one."""

        def load() -> list[Item]:
            found = next((one for one in audit.audit(store, now(), [self.check]) if one.alike == self.alike), None)
            return [] if found is None else [_case(place, case) for place, case in enumerate(_texts(store, found))]

        return Few(load)

    def about(self, store: Store, item: Item | None) -> Write:
        """All of a case."""
        return super().about(store, item) if item is None else lambda width: _told(item.found, width)


def _finding(found: Finding) -> Item:
    return Item(
        (found.check, found.alike),
        (said(FINDINGS, found.check), found.alike, separated(len(found.cases))),
        found=found,
        opens=lambda: CasesView(found.check, found.alike),
    )


class _Texts(NamedTuple):
    """What is shown of a case: who, their grade, how they were treated, by whom, when, why, and what counts."""

    creator_id: int
    who: str
    grade: str
    treated: str
    by: str
    on: str
    reason: str
    counts: str


def _texts(store: Store, found: Finding) -> Iterator[_Texts]:
    graded, treated = titles(store, "grade"), treatments(store, found)
    for case in found.cases:
        yield _Texts(
            case.creator_id,
            case.name,
            graded(case.grade),
            treated(case.treated),
            case.author or _("the rules"),
            local_day(case.at) if case.at is not None else "",
            case.reason or "",
            counts_in(case),
        )


def _case(place: int, case: _Texts) -> Item:
    cells = (case.who, case.grade or NOTHING, case.treated, case.by, case.on, case.reason, case.counts)
    return Item(place, cells, creator_id=case.creator_id, found=case)


def _side_by_side(found: Finding, cases: Sequence[_Texts], width: int) -> Iterable[Line]:
    yield [(said(FINDINGS, found.check), "title")]
    yield from paragraph(found.alike, width, "strong")
    for case in cases:
        yield []
        yield from _told(case, width)


def _told(case: _Texts, width: int) -> Iterator[Line]:
    grade = _("grade {name}").format(name=case.grade) if case.grade else ""
    yield from paragraph(" · ".join(part for part in (case.who, grade) if part), width, "strong")
    when = f" {case.on}" if case.on else ""
    yield from paragraph(f"{case.treated} ({case.by}{when})", width, indent=2)
    if case.reason:
        yield from paragraph(case.reason, width, "muted", indent=2)
    yield from paragraph(case.counts, width, "muted", indent=2)
