"""Important dates as they come, and what has happened in a person's life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.clock import from_ms, now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.partial_dates import Told, recurring, told
from kolbench.programme import dates
from kolbench.screens.file.forms import Form, Step, Values
from kolbench.screens.file.part import Item, Page, Part, Whose, texts
from kolbench.screens.file_words import remaining
from kolbench.store import life

if TYPE_CHECKING:
    from datetime import date

    from kolbench.domain.partial_dates import Recurring
    from kolbench.programme.dates import Coming
    from kolbench.store.connect import Store
    from kolbench.store.life import ImportantDate, LifeEvent

SOON_DAYS = 14
"""So close a date is told in bold."""


class DatesPart(Part):
    """The dates, the next one first, then the life, the newest first."""

    key: ClassVar[str] = "D"
    title: ClassVar[str] = N_("Dates")
    empty: ClassVar[str] = N_(
        "No birthday, no other date, nothing of their life is known yet. Press + to write one down."
    )
    heads: ClassVar[tuple[str, str, str]] = (N_("Day"), "", N_("When"))
    widths: ClassVar[tuple[int, int]] = (16, 14)

    def load(self, whose: Whose, older: Any = None) -> Page:
        """Dates and events."""
        store, creator_id = whose.store, whose.creator_id
        coming = dates.upcoming(store, whose.at, [creator_id])
        ids = {one.entry.id for one in coming}
        over = [one for one in life.dates(store, [creator_id]) if one.id not in ids]
        items = [_date(whose, one.entry, one) for one in coming]
        items += [_date(whose, one, None) for one in over]
        return Page(items + [_event(whose, one) for one in life.events(store, creator_id)])

    def adds(self, whose: Whose) -> Sequence[Form]:
        """A date that comes back, or something that has happened."""
        return date_form(whose.creator_id, None), event_form(whose.creator_id, None)


def day_in_words(on: Recurring) -> str:
    """The day of an important date as it was told."""
    text = str(on._replace(lunar=False, leap=False))
    if on.leap:
        text = _("leap month {day}").format(day=text)
    return _("lunar {day}").format(day=text) if on.lunar else text


def coming_in_words(one: Coming) -> str:
    """When it comes round, and for the how-manieth time."""
    text = _("{day}, {when}").format(day=one.on.isoformat(), when=remaining(one.days))
    if one.nth:
        text += " · " + ngettext("{n} year", "{n} years", one.nth).format(n=one.nth)
    return text


def _date(whose: Whose, entry: ImportantDate, coming: Coming | None) -> Item:
    def remove(store: Store, author: str) -> None:
        life.remove(store, "important_date", whose.creator_id, entry.id, author)

    when = _("does not come round any more") if coming is None else coming_in_words(coming)
    return Item(
        key=("date", entry.id),
        cells=(day_in_words(entry.on), entry.title, "" if coming is None else remaining(coming.days)),
        about=texts(entry.title, day_in_words(entry.on), when, whose.when(entry.author, entry.at)),
        style="strong" if coming is not None and coming.days <= SOON_DAYS else None,
        form=date_form(whose.creator_id, entry),
        remove=remove,
        history=("important_date", {"id": entry.id}),
    )


def _event(whose: Whose, entry: LifeEvent) -> Item:
    def remove(store: Store, author: str) -> None:
        life.remove(store, "life_event", whose.creator_id, entry.id, author)

    on = str(entry.on)
    return Item(
        key=("event", entry.id),
        cells=(on or _("some day"), entry.text, _("life")),
        about=texts(entry.text, on, whose.when(entry.author, entry.at)),
        form=event_form(whose.creator_id, entry),
        remove=remove,
        history=("life_event", {"id": entry.id}),
    )


def date_form(creator_id: int, entry: ImportantDate | None) -> Form:
    """How an important date is written."""
    hint = _("05-04, 1990-05-04, lunar 08-15, 农历八月十五")
    steps = (
        Step("title", _("What it is"), _("Birthday, name day, the day on which they began with us.")),
        Step("day", _("Day"), hint, check=lambda text: dates.checked(recurring(text))),
    )

    def values(one: ImportantDate | None) -> Values:
        return {} if one is None else {"title": one.title, "day": str(one.on)}

    def read(store: Store, _given: Values) -> ImportantDate | None:
        known = life.dates(store, [creator_id]) if entry is not None else ()
        return next((one for one in known if entry is not None and one.id == entry.id), None)

    def write(store: Store, author: str, given: Values, one: ImportantDate | None) -> object:
        title, on = given["title"], dates.checked(recurring(given["day"]))
        if one is None:
            return life.add_date(store, creator_id, title, on, author)
        return life.edit_date(store, creator_id, one.id, author, title=title, on=on, was=one)

    history = None if entry is None else ("important_date", {"id": entry.id})
    return Form(_("Important date"), steps, values, write, read, entry, history)


def event_form(creator_id: int, entry: LifeEvent | None) -> Form:
    """How something that has happened is written."""

    def when(text: str) -> Told:
        return told(text, _today()) if text else Told()

    steps = (
        Step("text", _("What has happened"), _("Moved to Chengdu, had a daughter, changed the job.")),
        Step("day", _("When"), _("2026-05-04, 2026-05, 2026, yesterday; empty where it is not known."), check=when),
    )

    def values(one: LifeEvent | None) -> Values:
        return {} if one is None else {"text": one.text, "day": str(one.on)}

    def read(store: Store, _given: Values) -> LifeEvent | None:
        known = life.events(store, creator_id) if entry is not None else ()
        return next((one for one in known if entry is not None and one.id == entry.id), None)

    def write(store: Store, author: str, given: Values, one: LifeEvent | None) -> object:
        text, on = given["text"], when(given.get("day", ""))
        if one is None:
            return life.add_event(store, creator_id, text, on, author)
        return life.edit_event(store, creator_id, one.id, author, text=text, on=on, was=one)

    history = None if entry is None else ("life_event", {"id": entry.id})
    return Form(_("In their life"), steps, values, write, read, entry, history)


def _today() -> date:
    return from_ms(now()).astimezone().date()
