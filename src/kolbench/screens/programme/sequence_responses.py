"""What came of a sequence: answers, yeses and how soon they came, of each step, channel and script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme import responses
from kolbench.screens.file.part import texts
from kolbench.screens.responding import cells
from kolbench.screens.view import Few, Item, View, columns
from kolbench.screens.words import CHANNELS, said
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.programme.responses import Response
    from kolbench.screens.file.part import Write
    from kolbench.store.connect import Store
    from kolbench.widgets.columns import Column


class ResponsesView(View):
    """In all, and of each step, channel and script that was used."""

    empty = N_("Nothing was sent by it yet.")
    beside = False

    def __init__(self, sequence_id: int, name: str = "") -> None:
        super().__init__()
        self.sequence_id, self.name = sequence_id, name

    def named(self) -> str:
        """Of which sequence, where we don't come from its people."""
        told = _("Statistics")
        return _("{what}: {more}").format(what=self.name, more=told) if self.name else told

    def columns(self) -> list[Column]:
        """Of what, how many were sent and answered, and when."""
        right = {"align": "right"}
        return columns(
            ("", 7),
            ("", 12, {"flex": 1}),
            (_("Sent"), 5, right),
            (_("Answered"), 10, right),
            ("95 %", 11, {**right, "drop": 1}),
            (_("Said yes"), 10, right),
            (_("Said no"), 8, {**right, "drop": 2}),
            (_("Median time"), 11, right),
        )

    def window(self, store: Store) -> Few:
        """The whole first."""
        return Few(lambda: list(self._items(store)))

    def about(self, store: Store, item: Item | None) -> Write:
        """How sure the share is, and the words of a script."""
        if item is None:
            return super().about(store, item)
        response, more = item.found
        bounds = _("With 95 % certainty {bounds} answer. As long as two of these overlap, neither is better.")
        timed = ngettext(
            "The time is that of {n} answer that was logged apart from the contact.",
            "The time is the median of {n} answers that were logged apart from the contact.",
            response.timed,
        )
        return texts(
            item.cells[1] if item.key else item.cells[0],
            more,
            bounds.format(bounds=item.cells[4]),
            timed.format(n=separated(response.timed)) if response.timed else None,
        )

    def _items(self, store: Store) -> Iterator[Item]:
        found = responses.of_sequence(store, self.sequence_id)
        if not found.whole.sent:
            return
        yield _item((), _("whole"), "", found.whole, style="strong")
        for version, placed, response in found.steps:
            of = f"v{version} {placed.plan_no}.{placed.step_no} {said(CHANNELS, placed.step.channel)}"
            yield _item(("step", version, placed.plan_no, placed.step_no), _("Step"), of, response, placed.plan)
        for channel, response in found.channels:
            yield _item(("channel", channel), _("Channel"), said(CHANNELS, channel), response)
        for one, response in found.scripts:
            yield _item(
                ("script", one.id), _("Script"), f"{one.template} {one.label} v{one.version}", response, one.text
            )


def _item(
    key: tuple[object, ...], kind: str, of: str, response: Response, more: str = "", style: str | None = None
) -> Item:
    return Item(key, (kind, of, *cells(response)), style, found=(response, more))
