"""Forms of settings that are kept as a whole: saved in the background, and left unsaved only after a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.screens.stacked import StackedScreen

if TYPE_CHECKING:
    from kolbench.screens.session import Session

Answer = TypeVar("Answer")


class SettingsForm(StackedScreen):
    """A list of settings, and below it what each means. Subclasses say whether they are ``changed``, and save."""

    CHANGED: ClassVar[str] = ""
    """What is asked about when it is left, marked for translation."""

    SAVE: ClassVar[str] = N_("Save")
    """What saving it is called there, marked for translation."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.saving = False

    @property
    def changed(self) -> bool:
        """Whether something is written that isn't kept."""
        raise NotImplementedError

    def action_save(self) -> None:
        """Keep what is written, and leave."""
        raise NotImplementedError

    def refuse(self, error: UsageError) -> None:
        """Say why what is written can't be kept."""
        super().complain(error)

    def load(self, question: Callable[[], Answer], loaded: Callable[[Answer], object]) -> None:
        """Ask the store for what is to be changed; keys that are typed meanwhile are meant for that."""
        self.ask("load", question, loaded, keys_wait=True)

    def keep(self, write: Callable[[], Answer], kept: Callable[[Answer], object]) -> None:
        """Write in the background, and leave; keys that are typed meanwhile are for what is shown then."""

        def done(answer: Answer) -> None:
            while self in self.app.screen_stack:
                self.app.pop_screen()  # with what was opened over it
            kept(answer)

        self.saving = True
        self.ask("save", write, done, keys_wait=True)

    def complain(self, error: BaseException) -> None:
        """Say what went wrong; it can be saved again."""
        self.saving = False
        if isinstance(error, UsageError):
            self.refuse(error)
        else:
            super().complain(error)

    def action_leave(self) -> None:
        """Go back; what was changed is asked about first."""
        if not self.changed:
            self.app.pop_screen()
            return
        from kolbench.screens.choose import Choice, Choose

        def chosen(answer: str | None) -> None:
            if answer == "save":
                self.action_save()
            elif answer == "leave":
                self.app.pop_screen()

        choices = [
            Choice("stay", _("Go on writing")),
            Choice("save", _(self.SAVE)),
            Choice("leave", _("Leave it as it was")),
        ]
        self.app.push_screen(Choose(_(self.CHANGED), choices), chosen)
