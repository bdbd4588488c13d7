"""The filter of the candidates: what they are, where they are, and what we have to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.screens.brief_words import LANGUAGES, PIPELINE, between, bound
from kolbench.screens.choose import Choice, Choose
from kolbench.screens.prompt import Prompt
from kolbench.screens.window import Window
from kolbench.screens.words import LABELS, PLATFORMS, TIERS, said
from kolbench.screens.work import KeyLine, Table
from kolbench.store import communities, filters, owners, sources, tags
from kolbench.store.filters import Filter
from kolbench.widgets.cells import separated
from kolbench.widgets.columns import Column
from kolbench.widgets.in_turn import hold_keys
from kolbench.widgets.virtual_table import ListWindow
from kolbench.widgets.worker import Asked, QueryThread

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Resize

    from kolbench.screens.session import Session

ANY = ""

FIELDS = {
    "platform": N_("Platform"),
    "tier": N_("Tier"),
    "followers": N_("Followers"),
    "community": N_("Community"),
    "source": N_("Source"),
    "kind": N_("Kind"),
    "state": N_("State"),
    "owner": N_("Owner"),
    "tag": N_("Tag"),
    "language": N_("Language"),
    "region": N_("Region"),
    "category": N_("Category"),
    "active": N_("Active"),
    "known": N_("Known"),
    "fit": N_("Fit"),
}

OF_BRIEF = ("state", "fit")
"""What there is to filter by for a brief alone."""

ATTRIBUTES = {
    "community": "community_id",
    "source": "source_id",
    "active": "active_days",
    "known": "known_from",
    "fit": "fit_from",
}
"""What is called otherwise in the filter; all of these are numbers."""

BOUNDS = {"active": (7, 30, 90, 180, 365), "known": (25, 50, 75, 90), "fit": (10, 25, 50, 75)}
"""The days, and the per cent, that are offered."""

BY_ID = ("community", "source")
"""What is named by its id in the filter."""

FRAME = 6
"""Rows of the window that are not its list."""


def span_of(text: str) -> tuple[int | None, int | None]:
    """The bounds that ``10k-1m``, ``>5万``, ``<1000`` or ``10000`` (at least) state; empty text has none.

    Raises UsageError for anything else.
    """
    from kolbench.domain.numbers import parse_count

    def count(part: str) -> int | None:
        found = parse_count(part)
        return None if found is None else found.value

    plain = text.strip().replace("–", "-").replace("—", "-").replace("~", "-").replace("到", "-")
    try:
        if plain.startswith(("<", "≤")):
            return None, count(plain.lstrip("<≤="))
        if plain.startswith((">", "≥")):
            return count(plain.lstrip(">≥=")), None
        least, dash, most = plain.partition("-")
        bounds = count(least), count(most) if dash else None
    except ValueError as error:
        raise UsageError(_("Write it like 10k-1m, >5万 or <1000.")) from error
    if None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]
        raise UsageError(_("The smaller number comes first."))
    return bounds


class FilterScreen(Window[tuple[Filter, dict[str, str]]]):
    """Returns the filter and the names of what it names by id."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "clear", N_("Any")),
        Binding("X", "clear_all", N_("Clear all")),
        Binding("escape", "done", N_("Done")),
    ]

    def __init__(self, session: Session, shown: Filter, names: dict[str, str], *, of_brief: bool = False) -> None:
        super().__init__()
        self.fields = {field: label for field, label in FIELDS.items() if of_brief or field not in OF_BRIEF}
        self.session = session
        self.shown = shown
        self.names = dict(names)
        self._queries = QueryThread("filter")

    def compose(self) -> ComposeResult:
        """The fields with what they are set to."""
        self.table = Table(
            [
                Column("label", _("Filter"), 14, sortable=False),
                Column("value", "", 20, flex=1, sortable=False),
            ],
            selectable=False,
            enter=N_("Change"),
        )
        with Vertical(id="window"):
            yield self.table
            yield KeyLine()

    def on_mount(self) -> None:
        """Show what is set."""
        self._fit(self.app.size.height)
        self._fill()

    def on_resize(self, event: Resize) -> None:
        """As much of the fields as there is room for."""
        self._fit(event.size.height)

    def _fit(self, rows: int) -> None:
        self.table.styles.height = max(2, min(1 + len(self.fields), rows - FRAME))

    def on_unmount(self) -> None:
        """Nobody waits for choices any more."""
        self._queries.close()

    def _fill(self) -> None:
        self.table.show(ListWindow([(field, _(label), self._value(field)) for field, label in self.fields.items()]))

    def _value(self, field: str) -> str:
        shown = self.shown
        value = {
            "platform": said(PLATFORMS, shown.platform or ""),
            "tier": said(TIERS, shown.tier or ""),
            "followers": self._span(),
            "kind": said(LABELS, shown.kind or ""),
            "state": said(PIPELINE, shown.state or ""),
            "owner": shown.owner or "",
            "tag": shown.tag or "",
            "language": said(LANGUAGES, shown.language or ""),
            "region": shown.region or "",
            "category": shown.category or "",
            **{name: self._bound(name) for name in BOUNDS},
            "community": "" if shown.community_id is None else self.names.get("community", str(shown.community_id)),
            "source": "" if shown.source_id is None else self.names.get("source", str(shown.source_id)),
        }[field]
        return value or _("any")

    def _bound(self, field: str) -> str:
        value = getattr(self.shown, ATTRIBUTES[field])
        return "" if value is None else bound(field, value)

    def _span(self) -> str:
        return between(self.shown.followers_from, self.shown.followers_to)

    @on(Table.Opened)
    def change(self) -> None:
        """Change the field under the cursor."""
        field = str(self.table.cursor_key)
        if field == "followers":
            prompt = Prompt(_("Followers"), value=self._span(), hint=_("like 10k-1m, >5万 or <1000"), check=span_of)
            self.app.push_screen(prompt, self._set_span)
            return
        store = self.session.store
        question = {
            "platform": lambda: [Choice(name, said(PLATFORMS, name)) for name in filters.platforms(store)],
            "tier": lambda: [Choice(name, said(TIERS, name)) for name in TIERS],
            "kind": lambda: [Choice(name, said(LABELS, name)) for name in LABELS],
            "state": lambda: [Choice(name, said(PIPELINE, name)) for name in PIPELINE],
            "owner": lambda: [Choice(one.name, one.name, separated(one.people)) for one in owners.known(store)],
            "tag": lambda: [Choice(one.name, one.name, separated(one.people)) for one in tags.known(store)],
            "community": lambda: [
                Choice(str(room.id), room.name, said(PLATFORMS, room.platform)) for room in communities.every(store)
            ],
            "source": lambda: [
                Choice(str(source.id), source.name, said(PLATFORMS, source.platform)) for source in sources.every(store)
            ],
            "language": lambda: [
                Choice(name, said(LANGUAGES, name), separated(n)) for name, n in filters.occurring(store, "language")
            ],
            "region": lambda: [Choice(name, name, separated(n)) for name, n in filters.occurring(store, "region")],
            "category": lambda: [Choice(name, name, separated(n)) for name, n in filters.occurring(store, "category")],
            **dict.fromkeys(BOUNDS, lambda: [Choice(str(n), bound(field, n)) for n in BOUNDS[field]]),
        }[field]

        def answered(asked: Asked[list[Choice]]) -> None:
            if asked.error is None:
                self._offer(field, asked.value())
            else:
                self.notify(str(asked.error), severity="error")
            let_go()

        let_go = hold_keys(self.app)
        self._queries.ask(field, question, answered)

    def _offer(self, field: str, choices: Sequence[Choice]) -> None:
        labels = {choice.key: choice.label for choice in choices}

        def chosen(key: str | None) -> None:
            if key is not None:
                self._set(field, key, labels.get(key, ""))

        choices = [Choice(ANY, _("any")), *choices]
        self.app.push_screen(Choose(_(FIELDS[field]), choices, self._current(field)), chosen)

    def _current(self, field: str) -> str:
        value = getattr(self.shown, ATTRIBUTES.get(field, field))
        return ANY if value is None else str(value)

    def _set(self, field: str, key: str, label: str) -> None:
        if field in BY_ID:
            self.names[field] = label
        if field in ATTRIBUTES:
            changes: dict[str, str | int | None] = {ATTRIBUTES[field]: int(key) if key else None}
        else:
            changes = {field: key or None}
        self.shown = replace(self.shown, **changes)  # type: ignore[arg-type]
        self._fill()

    def _set_span(self, text: str | None) -> None:
        if text is not None:
            low, high = span_of(text)
            self.shown = replace(self.shown, followers_from=low, followers_to=high)
            self._fill()

    def action_clear(self) -> None:
        """Any value for the field under the cursor."""
        field = str(self.table.cursor_key)
        if field == "followers":
            self._set_span("")
        else:
            self._set(field, ANY, "")

    def action_clear_all(self) -> None:
        """No filter at all; the search stays."""
        self.shown = Filter(text=self.shown.text)
        self._fill()

    def action_done(self) -> None:
        """Go back and show what was set."""
        self.dismiss((self.shown, self.names))
