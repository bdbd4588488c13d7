"""The form of a brief: every setting of whom we look for and what counts, saved as a new version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.briefs import Brief, check
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import N_, _
from kolbench.programme.local import local_day
from kolbench.screens import brief_fields as form
from kolbench.screens.brief_fields import FIXED, WORDS, Field
from kolbench.screens.brief_words import MEANINGS
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.settings_form import SettingsForm
from kolbench.screens.words import PLATFORMS, said
from kolbench.screens.work import Table
from kolbench.store import changes, lessons
from kolbench.widgets.cells import separated
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import ListWindow, VirtualTable

if TYPE_CHECKING:
    from kolbench.screens.choose import Choice
    from kolbench.screens.session import Session
    from kolbench.store.briefs import Row
    from kolbench.store.lessons import Lesson

WEIGHT = Binding.Group(N_("Weight"))
NEW = Brief(name="", purpose="acquire")


class BriefScreen(SettingsForm):
    """One brief, new or as its newest version has it; ``saved`` is told its id."""

    HELP = N_(
        "Whom we look for. Enter changes a setting, x takes it back to what is usual, + and - change a weight."
        " s saves: a brief that was there before gets a new version, what was decided about people stays, and"
        " everybody is scored by it."
    )
    CHANGED = N_("The brief was changed")
    SAVE = N_("Save and score")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "save", SAVE),
        Binding("plus,equals_sign", "step(1)", N_("Weighs more"), key_display="+", group=WEIGHT),
        Binding("minus", "step(-1)", N_("Weighs less"), key_display="-", group=WEIGHT),
        Binding("x", "usual", N_("As usual")),
        Binding("q,1,escape", "leave", N_("Back")),
    ]

    def __init__(self, session: Session, saved: Callable[[int], object], brief_id: int | None = None) -> None:
        super().__init__(session)
        self._tell_saved = saved
        self.brief_id = brief_id
        self.brief = self.before = NEW
        self.base: Row | None = None
        self.wrong: dict[str, str] = {}
        self.lessons: Sequence[Lesson] = ()

    def make_table(self) -> Table:
        """The settings."""
        return Table(
            [
                Column("label", _("Setting"), 24, sortable=False),
                Column("value", "", 20, flex=1, sortable=False),
            ],
            selectable=False,
            enter=N_("Change"),
            row_class=lambda row: "alert" if row[0] in self.wrong else None,
            id="main",
        )

    def on_mount(self) -> None:
        """Show the brief; one that is kept is read first, and what was learnt from campaigns with it."""
        self._fill()
        store = self.session.store
        self.ask("lessons", lambda: lessons.listed(store, limit=lessons.SHOWN), self._learnt)
        if (brief_id := self.brief_id) is not None:

            def load() -> tuple[Row, Brief]:
                from kolbench.store import briefs

                return briefs.row(store, brief_id), briefs.brief(store, brief_id)

            self.load(load, self._loaded)

    def _loaded(self, found: tuple[Row, Brief]) -> None:
        self.base, self.brief = found
        self.before = self.brief
        self._fill()

    def _learnt(self, found: Sequence[Lesson]) -> None:
        self.lessons = found
        self.tell_about()

    @property
    def changed(self) -> bool:
        """Whether something is written that isn't kept."""
        return self.brief != self.before

    # What is shown.

    def _fields(self) -> list[Field]:
        return list(form.fields(self.brief))

    def _fill(self, at: str | None = None) -> None:
        rows = [(field.key, form.label(field), self._value(field)) for field in self._fields()]
        self.table.show(ListWindow(rows), at=at)
        self._tell()
        self.tell_about()

    def _value(self, field: Field) -> str:
        text = form.shown(field, self.brief)
        return _("{value} (this won't do: see below)").format(value=text) if field.key in self.wrong else text

    def _tell(self) -> None:
        base = self.base
        state = [(_("changed"), "warn")] if self.changed else []
        if base is None:
            self.tell_status([(self.brief.name or _("New brief"), "title")], state)
            return
        told = _("version {n}, {author}, {day}")
        about = told.format(n=base.version, author=base.author, day=local_day(base.at))
        self.tell_status([(self.before.name, "title"), ("  " + about, "muted")], state)

    def read_about(self) -> None:
        """What the setting under the cursor means, and what is wrong with it."""
        if (field := self._field()) is not None:
            self.sheet.show(lambda width: self._about(field, width))

    def _about(self, field: Field, width: int) -> Sequence[Line]:
        lines: list[Line] = []
        if wrong := self.wrong.get(field.key) or self.wrong.get(""):
            lines += paragraph(wrong, width, "bad")
        lines += paragraph(form.about(field, self.brief), width, "muted")
        for one in self.lessons:
            text = _("Learnt from '{campaign}': {text}").format(campaign=one.campaign, text=one.text)
            lines += [[], *paragraph(text, width, most=4)]
        return lines

    # Changing.

    def _field(self) -> Field | None:
        key = self.table.cursor_key
        return next((field for field in self._fields() if field.key == key), None)

    def _change(self, brief: Brief, field: Field) -> None:
        self.brief = brief
        self.wrong.pop(field.key, None)
        self.wrong.pop("", None)
        self._fill()

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter: change the setting under the cursor in the way that suits it."""
        if (field := self._field()) is not None:
            {"one": self._ask_one, "several": self._ask_several, "flag": self._turn}.get(field.way, self._ask)(field)

    def _turn(self, field: Field) -> None:
        self._change(form.changed(self.brief, field.key, not form.value(self.brief, field.key)), field)

    def _ask(self, field: Field) -> None:
        from kolbench.screens.prompt import Prompt

        def told(text: str | None) -> None:
            if text is not None:
                self._change(form.tried(field, self.brief, text), field)

        def check_it(text: str) -> object:
            return form.tried(field, self.brief, text)

        prompt = Prompt(
            form.label(field), value=form.typed(field, self.brief), hint=form.about(field, self.brief), check=check_it
        )
        self.app.push_screen(prompt, told)

    def _ask_one(self, field: Field) -> None:
        from kolbench.screens.choose import Choice, Choose

        def chosen(key: str | None) -> None:
            if key is not None:
                self._change(form.changed(self.brief, field.key, key), field)

        choices = [
            Choice(key, _("{what}: {more}").format(what=said(WORDS[field.key], key), more=said(MEANINGS, key)))
            for key in FIXED[field.key]
        ]
        window = Choose(form.label(field), choices, form.value(self.brief, field.key), numbered=True)
        window.add_class("-broad")
        self.app.push_screen(window, chosen)

    def _ask_several(self, field: Field) -> None:
        from kolbench.screens.several import Several

        def taken(keys: tuple[str, ...] | None) -> None:
            if keys is not None:
                self._change(form.changed(self.brief, field.key, keys), field)

        def offer(choices: list[Choice]) -> None:
            empty = _("There is nothing to choose from in this store yet.")
            self.app.push_screen(
                Several(form.label(field), choices, form.value(self.brief, field.key), empty=empty), taken
            )

        self.ask("choices", lambda: self._choices(field), offer, keys_wait=True)

    def _choices(self, field: Field) -> list[Choice]:
        """What a setting can be set to, by what is in the store. Called in a thread."""
        from kolbench.screens.choose import Choice
        from kolbench.store import communities, filters, tags

        store = self.session.store
        if field.key in FIXED:
            return [Choice(key, said(WORDS[field.key], key)) for key in FIXED[field.key]]
        if field.key == "who.platforms":
            return [Choice(key, said(PLATFORMS, key)) for key in filters.platforms(store)]
        if field.key == "exclude.tags":
            return [Choice(tag.name, tag.name, separated(tag.people)) for tag in tags.known(store)]
        rooms = communities.every(store)
        often = Counter(fold(room.name) for room in rooms)
        return [
            Choice(
                room.name if often[fold(room.name)] == 1 else str(room.id), room.name, said(PLATFORMS, room.platform)
            )
            for room in rooms
        ]

    def action_step(self, steps: int) -> None:
        """A weight more or less."""
        field = self._field()
        if field is not None and field.way == "weight":
            self._change(form.stepped(self.brief, field.key, steps), field)

    def action_usual(self) -> None:
        """The setting as it is unless somebody sets it."""
        if (field := self._field()) is not None:
            self._change(form.changed(self.brief, field.key, form.usual(self.brief, field.key)), field)

    # Leaving.

    def action_save(self) -> None:
        """Keep it as a new version."""
        if self.saving:
            return
        try:
            self.brief = check(self.brief)
        except UsageError as error:
            self.refuse(error)
            return
        store, brief, brief_id = self.session.store, self.brief, self.brief_id
        base = self.base.version if self.base is not None else None

        def write() -> tuple[Row, list[str]]:
            from kolbench.programme.briefs import awaited, write
            from kolbench.store import briefs

            kept = write(store, brief, changes.me(), brief_id, base=base)
            return briefs.row(store, kept), awaited(store, briefs.brief(store, kept))

        self.keep(write, self._saved)

    def _saved(self, saved: tuple[Row, list[str]]) -> None:
        kept, awaited = saved
        text = _("Kept as version {n} of {name}.").format(n=kept.version, name=kept.name)
        self.notify("\n".join((text, *awaited)), severity="warning" if awaited else "information", timeout=8)
        self.session.version += 1
        self._tell_saved(kept.id)

    def refuse(self, error: UsageError) -> None:
        """Say what is wrong at the setting that it is about."""
        where, what = form.placed(error)
        field = next((one for one in self._fields() if one.key.startswith(where)), None) if where else None
        self.wrong = {field.key if field else "": what}
        if field is None:
            self.notify(what, severity="error", timeout=10)
        self._fill(at=field.key if field else None)
