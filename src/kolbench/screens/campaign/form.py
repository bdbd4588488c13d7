"""The form of a campaign: its terms, each checked as it is written, saved as a new version."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain import lawful
from kolbench.domain.campaigns import Terms, plain
from kolbench.domain.campaigns import parse as parsed
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.shapes import refuse
from kolbench.programme import zones
from kolbench.programme.campaigns import acts, waves
from kolbench.programme.campaigns.terms_file import applied
from kolbench.screens.campaign.words import ATTRIBUTED, FIGURE_NAMES, TIES
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.settings_form import SettingsForm
from kolbench.screens.work import Table
from kolbench.store import campaigns, changes
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import ListWindow, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual.events import Resize

    from kolbench.screens.session import Session
    from kolbench.store.connect import Store


class Field(NamedTuple):
    """A setting of the terms by its name there, what it is called, how it is written, and what may be chosen."""

    name: str
    label: str
    hint: str = ""
    choices: Mapping[str, str] = {}


SAYS = N_("Such as {{ name }}, {{ code }}, {{ link }}, {{ moment }}; \\n begins a new line.")

FIELDS = (
    Field("name", N_("Name")),
    Field("positioning", N_("Positioning"), N_("In a sentence: what it is, and for whom it is the best.")),
    Field("audience", N_("For whom")),
    Field("benefit", N_("Benefit"), N_("What the buyer gets by a code.")),
    Field("outline", N_("Outline"), N_("What it is, in a few sentences; it stands on posters.")),
    Field("copy_first", N_("Words, wave one"), SAYS),
    Field("copy_all", N_("Words, all others"), SAYS),
    Field("starts", N_("Starts"), N_("A day such as 2026-05-01, or a moment: 2026-05-01T20:00. Empty: always.")),
    Field("ends", N_("Ends"), N_("The last day, or a moment. Empty: never.")),
    Field("time_zone", N_("Time zone"), N_("Where the days are meant, such as Asia/Shanghai.")),
    Field("landing_url", N_("Landing page"), N_("The address of the links, such as https://shop.example/tea.")),
    Field("currency", N_("Currency"), N_("CNY, USD, …")),
    Field("target.figure", N_("Target of"), choices=FIGURE_NAMES),
    Field("target.amount", N_("Target"), N_("A whole number; of revenue in whole units of the currency. 0: none.")),
    Field("levels", N_("A sale earns"), N_("10% or 5 CNY: whose it is, then by whom they came: 10%, 3%")),
    Field("cap_per_person", N_("Most a person"), N_("Money, such as 500 CNY: nobody earns more. Empty: no limit.")),
    Field("cap_per_order", N_("Most an order"), N_("Money: an order earns no more. Empty: no limit.")),
    Field("referee.reward", N_("Buyer gets"), N_("10% or 5 CNY, who came by somebody and buys for the first time.")),
    Field("tie_rule", N_("Equal figures"), choices=TIES),
    Field("exclusions", N_("Earn nothing"), N_("Ids where sales are told, such as those of staff: a, b")),
    Field("attribution", N_("Whose a sale is"), choices=ATTRIBUTED),
    Field("window_days", N_("Days of a click"), N_("So long a click or a referral leads to a sale.")),
    Field("hold_days", N_("Days held"), N_("So long after a sale nothing of it is paid.")),
    Field("refund_days", N_("Days of refunds"), N_("So long a refund takes back what was earned.")),
    Field("colour", N_("Colour"), N_("Of posters and pages, such as #c2410c.")),
)

TEXTS = frozenset(("positioning", "audience", "benefit", "outline", "copy_first", "copy_all"))
"""Settings of several lines, which are written in one: a new line as BREAK."""

BREAK = r"\n"


class CampaignForm(SettingsForm):
    """A campaign, new or as its newest version has it; ``saved`` is told its id."""

    HELP = N_(
        "What a campaign is for, until when, and what a sale earns. Enter changes a setting; what won't do is said at"
        " once, and so is what the law may say of more than two levels. s saves: a campaign that was there before gets"
        " a new version, in force for what happens from now on. All other settings: kolbench campaign edit."
    )
    CHANGED = N_("The campaign was changed")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "save", SettingsForm.SAVE),
        Binding("q,escape", "leave", N_("Back")),
    ]

    def __init__(self, session: Session, saved: Callable[[int], object], campaign_id: int | None = None) -> None:
        super().__init__(session)
        self._tell_saved = saved
        self.campaign_id = campaign_id
        self.base: int | None = None
        self.facts: dict[str, Any] = plain(Terms(name="", time_zone=zones.named_here() or "UTC"))
        self.before = self.facts

    def make_table(self) -> Table:
        """The settings."""
        return Table(
            [
                Column("label", _("Setting"), 18, sortable=False),
                Column("value", "", 20, flex=1, sortable=False),
            ],
            selectable=False,
            enter=N_("Change"),
            id="main",
        )

    def on_mount(self) -> None:
        """Show the settings; those of a campaign that is kept are read first."""
        self._fill()
        if (campaign_id := self.campaign_id) is not None:
            store = self.session.store
            self.load(lambda: campaigns.versions(store.reader(), campaign_id)[0], self._loaded)

    def on_resize(self, event: Resize) -> None:
        """Room for what the law may say."""
        self.sheet.styles.height = 8 if event.size.height >= 30 else 5

    def _loaded(self, newest: campaigns.Version) -> None:
        self.base, self.facts = newest.version, plain(newest.terms)
        self.before = self.facts
        self._fill()

    @property
    def changed(self) -> bool:
        """Whether something is written that isn't kept."""
        return self.facts != self.before

    # What is shown.

    def _fill(self) -> None:
        self.table.show(ListWindow([(one.name, _(one.label), self._shown(one)) for one in FIELDS]))
        name = self.facts["name"] or _("New campaign")
        self.tell_status([(name, "title")], [(_("changed: s saves"), "warn")] if self.changed else [])
        self.tell_about()

    def _value(self, one: Field) -> str:
        table, _dot, name = one.name.rpartition(".")
        value = (self.facts[table] if table else self.facts)[name]
        return ", ".join(value) if isinstance(value, (list, tuple)) else str(value)

    def _shown(self, one: Field) -> str:
        value = self._value(one)
        return _(one.choices[value]) if value in one.choices else " ".join(value.split())

    def read_about(self) -> None:
        """What a setting means, and what the law may say."""
        field = self._field()
        told = lawful.warnings(parsed(_named(self.facts)))

        def write(width: int) -> Iterator[Line]:
            if field is not None and field.hint:
                yield from paragraph(_(field.hint), width, "muted")
            for text in told:
                yield from paragraph(text, width, "warn")
            more = _("All other settings: kolbench campaign edit CAMPAIGN")
            yield from paragraph(more, width, "muted")

        self.sheet.show(write)

    def _field(self) -> Field | None:
        key = self.table.cursor_key
        return next((one for one in FIELDS if one.name == key), None)

    # Changing and saving.

    @on(VirtualTable.Opened, "#main")
    def change(self) -> None:
        """Ask for another value."""
        field = self._field()
        if field is None:
            return

        def told(text: str | None) -> None:
            if text is not None:
                self.facts = applied(self.facts, [(field.name, _unfolded(field, text))])
                self._fill()

        if field.choices:
            from kolbench.screens.choose import Choice, Choose

            choices = [Choice(key, _(label)) for key, label in field.choices.items()]
            window = Choose(_(field.label), choices, self._value(field), numbered=True)
            window.add_class("-broad")
            self.app.push_screen(window, told)
        else:
            from kolbench.screens.prompt import Prompt

            prompt = Prompt(
                _(field.label),
                value=_folded(field, self._value(field)),
                hint=field.hint and _(field.hint),
                check=lambda text: self._check(field, text),
            )
            self.app.push_screen(prompt, told)

    def _check(self, field: Field, text: str) -> None:
        """Raise UsageError for what this setting can't be, whatever the others are."""
        facts = applied(self.facts, [(field.name, _unfolded(field, text))])
        terms = parsed(facts if field.name == "name" else _named(facts))
        if field.name.startswith("copy_"):
            refuse(waves.copy_mistakes(terms))

    def action_save(self) -> None:
        """Keep it, and go on to the campaign."""
        if self.saving:
            return
        if self.campaign_id is not None and not self.changed:
            self.app.pop_screen()
            return
        try:
            terms = parsed(self.facts)
        except UsageError as error:
            self.refuse(error)
            return
        store, campaign_id, base = self.session.store, self.campaign_id, self.base
        self.keep(lambda: _save(store, terms, campaign_id, base), self._tell_saved)


def _named(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with a name where there is none yet."""
    return {**facts, "name": facts["name"] or "–"}


def _save(store: Store, terms: Terms, campaign_id: int | None, base: int | None) -> int:
    return acts.save(store, terms, changes.me(), campaign_id, base=base)


def _folded(field: Field, value: str) -> str:
    """A value in one line."""
    return value.replace("\n", BREAK) if field.name in TEXTS else value


def _unfolded(field: Field, text: str) -> str:
    """What was written in one line, with its lines."""
    return text.replace(BREAK, "\n") if field.name in TEXTS else text
