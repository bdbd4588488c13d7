"""The filter of the queue: whose follow-ups, of which brief, campaign, community or rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from kolbench.domain.lang import N_, _
from kolbench.programme import follow_ups as programme
from kolbench.programme import rules
from kolbench.screens.choose import Choice, Choose
from kolbench.screens.window import Window
from kolbench.screens.words import PLATFORMS, said
from kolbench.screens.work import KeyLine, Table
from kolbench.store import briefs, campaigns, changes, communities, owners
from kolbench.store.sections import Only
from kolbench.widgets.columns import Column
from kolbench.widgets.in_turn import hold_keys
from kolbench.widgets.virtual_table import ListWindow
from kolbench.widgets.worker import Asked, QueryThread

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from kolbench.screens.session import Session
    from kolbench.store.connect import Store

ANY, NOBODY = "", "-"

FIELDS = {
    "owner": N_("Owner"),
    "brief_id": N_("Brief"),
    "campaign_id": N_("Campaign"),
    "community_id": N_("Community"),
    "rule": N_("Rule"),
}


class QueueFilter(Window[tuple[Only, dict[str, str]]]):
    """Returns what narrows the queue, and the names of what it names by id."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "clear", N_("Any")),
        Binding("X", "clear_all", N_("Clear all")),
        Binding("escape", "done", N_("Done")),
    ]

    def __init__(self, session: Session, only: Only, names: dict[str, str]) -> None:
        super().__init__()
        self.session = session
        self.only = only
        self.names = dict(names)
        self._queries = QueryThread("filter")

    def compose(self) -> ComposeResult:
        """The fields with what they are set to."""
        columns = [Column("label", _("Filter"), 14, sortable=False), Column("value", "", 20, flex=1, sortable=False)]
        self.table = Table(columns, selectable=False, enter=N_("Change"))
        with Vertical(id="window"):
            yield self.table
            yield KeyLine()

    def on_mount(self) -> None:
        """Show what is set."""
        self.table.styles.height = 1 + len(FIELDS)
        self._fill()

    def on_unmount(self) -> None:
        """Nobody waits for choices any more."""
        self._queries.close()

    def _fill(self) -> None:
        self.table.show(ListWindow([(field, _(label), self._value(field)) for field, label in FIELDS.items()]))

    def _value(self, field: str) -> str:
        return dict(chips(self.only, self.names)).get(field) or _("any")

    @on(Table.Opened)
    def change(self) -> None:
        """Change the field under the cursor."""
        field, store = str(self.table.cursor_key), self.session.store

        def answered(asked: Asked[list[Choice]]) -> None:
            if asked.error is None:
                self._offer(field, asked.value())
            else:
                self.notify(str(asked.error), severity="error")
            let_go()

        let_go = hold_keys(self.app)
        self._queries.ask(field, lambda: choices(store, field), answered)

    def _offer(self, field: str, found: Sequence[Choice]) -> None:
        labels = {choice.key: choice.label for choice in found}

        def chosen(key: str | None) -> None:
            if key is not None:
                self._set(field, key, labels.get(key, ""))

        value = getattr(self.only, field)
        current = ANY if value is None else NOBODY if value == "" else str(value)
        window = Choose(_(FIELDS[field]), [Choice(ANY, _("any")), *found], current, numbered=len(found) < 9)
        self.app.push_screen(window, chosen)

    def _set(self, field: str, key: str, label: str) -> None:
        value: Any = None if key == ANY else int(key) if field.endswith("_id") else "" if key == NOBODY else key
        self.names[field] = label
        self.only = self.only._replace(**{field: value})
        self._fill()

    def action_clear(self) -> None:
        """Any value for the field under the cursor."""
        self._set(str(self.table.cursor_key), ANY, "")

    def action_clear_all(self) -> None:
        """No filter at all; the search stays."""
        self.only = Only(text=self.only.text)
        self._fill()

    def action_done(self) -> None:
        """Go back and show what was set."""
        self.dismiss((self.only, self.names))


def choices(store: Store, field: str) -> list[Choice]:
    """What a field can be set to, oneself first."""
    if field == "owner":
        me = changes.me()
        others = [Choice(one.name, one.name) for one in owners.known(store) if one.name != me]
        return [Choice(me, me, _("me")), *others, Choice(NOBODY, _("nobody"))]
    if field == "brief_id":
        return [Choice(str(one.id), one.name) for one in briefs.listed(store)]
    if field == "campaign_id":
        return [Choice(str(one.id), one.name) for one in campaigns.listed(store)]
    if field == "community_id":
        return [Choice(str(one.id), one.name, said(PLATFORMS, one.platform)) for one in communities.every(store)]
    return [Choice(one.id, one.title()) for one in rules.known().values()]


def chips(only: Only, names: dict[str, str]) -> list[tuple[str, str]]:
    """What is set, each field with its value in words."""
    shown = [("owner", only.owner or _("nobody"))] if only.owner is not None else []
    by_id = {"brief_id": only.brief_id, "campaign_id": only.campaign_id, "community_id": only.community_id}
    shown += [(field, names.get(field) or str(value)) for field, value in by_id.items() if value is not None]
    if only.rule is not None:
        shown.append(("rule", programme.title(only.rule)))
    return shown
