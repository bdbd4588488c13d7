"""Working the queue: one key for each thing that can be done with a follow-up, or with all that are marked.

What is dealt with leaves the list at once, the cursor goes on to the next, and the store is written meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain.clock import from_ms, now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.outcomes import SAID_BY_US
from kolbench.programme.local import local_day, local_time, morning
from kolbench.screens.queue_rows import OPEN
from kolbench.screens.queue_scripts import QueueScriptsScreen
from kolbench.screens.words import CHANNELS, STATES, said
from kolbench.store import changes, follow_ups, notes, sections
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.programme.outreach import Plans
    from kolbench.screens.session import Session
    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import Acted, Skipped

    Act = Callable[[Store, Sequence[int], str], Acted]
    """What to do with follow-ups, by their numbers, as an operator."""

SATURDAY, SUNDAY = 5, 6
NO_OUTCOME, THEY_WROTE, DATE, NOBODY, NONE, PAUSE, STOP = "-", "<", "date", "-", "-", "pause", "stop"

PLANS = (N_("by Weibo"), N_("by WeChat"), N_("in a vertical community"), N_("in a group"), N_("by a broker"))
"""Ways to go about it that are offered, each for when the one before leads nowhere."""


class QueueActsScreen(QueueScriptsScreen):
    """A list of ``Item`` rows with acts on them; ``section`` is the one that is shown."""

    section = OPEN

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "done", N_("Done")),
        Binding("y", "copy", N_("Copy script")),
        Binding("z", "snooze", N_("Snooze")),
        Binding("a", "take", N_("Take it")),
        Binding("e", "contact", N_("Log a contact"), show=False),
        Binding("o", "reassign", N_("Hand on"), show=False),
        Binding("c", "channel", N_("Channel"), show=False),
        Binding("p", "plan", N_("Plan"), show=False),
        Binding("s", "script", N_("Another script"), show=False),
        Binding("Y", "select_script", N_("Script for the mouse"), show=False),
        Binding("v", "link", N_("Link"), show=False),
        Binding("n", "note", N_("Note"), show=False),
        Binding("O", "reopen", N_("Open again"), show=False),
        Binding("u", "undo", N_("Undo"), show=False),
    ]

    def __init__(self, session: Session) -> None:
        self.me = changes.me()
        self.dealt_with: dict[int, str] = {}
        """What was just done with rows that are still in sight, or on their way out."""
        super().__init__(session)  # which makes the table

    # What subclasses answer.

    def let_go(self, ids: Sequence[int], at: object) -> None:
        """Show the list without what was dealt with, the cursor at ``at``."""
        raise NotImplementedError

    def show_again(self, *, order: bool = True, at: int | None = None) -> None:
        """Read the list again; without ``order`` only its rows. The cursor stays on its row, or goes to ``at``."""
        raise NotImplementedError

    def count_soon(self) -> None:
        """Count again, once nothing more is done."""
        raise NotImplementedError

    # Which are meant.

    def meant(self) -> list[int]:
        """The follow-ups that are marked, else the one under the cursor."""
        marked = sorted(key for key in self.table.selected if isinstance(key, int))
        return marked or ([self.item.follow_up_id] if self.item else [])

    def whom(self, ids: Sequence[int]) -> str:
        """Whom those are about, in a few words."""
        if self.item is not None and list(ids) == [self.item.follow_up_id]:
            return self.item.name
        return ngettext("{n} person", "{n} people", len(ids)).format(n=separated(len(ids)))

    # Doing something with them.

    def deal(self, act: Act, told: Callable[[int], str], *, leaving: str = "", moving: bool = False) -> None:
        """Do ``act`` with what is meant, and say ``told`` of how many. Those that leave the list go at once, as
        ``leaving``; with ``moving`` others may come in their places. Where a colleague works on one, ask first."""
        ids = self.meant()
        if not ids:
            return
        item = self.item
        if item is not None and ids == [item.follow_up_id] and item.taken_from(self.me):
            self._ask_colleague(ids, item.found.taken_by or "", "", lambda: self._deal(ids, act, told, leaving, moving))
        else:
            self._deal(ids, act, told, leaving, moving)

    def _deal(self, ids: Sequence[int], act: Act, told: Callable[[int], str], leaving: str, moving: bool) -> None:
        if leaving:
            self.dealt_with.update(dict.fromkeys(ids, leaving))
            following = self.table.beside(ids)
            self.table.redraw_rows(ids)
            self.go_on(ids)

        def written(what: Acted) -> None:
            if what.changed:
                self.notify(_("{what} u takes it back.").format(what=told(len(what.changed))), timeout=4)
            for one in ids:
                self.dealt_with.pop(one, None)
            if moving:
                self.show_again(at=what.changed[0] if len(what.changed) == 1 else None)
            elif what.skipped or not leaving:
                self.show_again(order=bool(leaving))
            self.count_soon()
            self._left_alone(what.skipped, lambda left: self._deal(left, act, told, leaving, moving))

        def failed() -> None:
            for one in ids:
                self.dealt_with.pop(one, None)
            self.show_again()

        self.write(ids, lambda store, author: act(store, ids, author), written, failed)
        if leaving:
            self.let_go(ids, following)
        else:
            self.table.select(frozenset())

    def _left_alone(self, skipped: Sequence[Skipped], again: Callable[[list[int]], None]) -> None:
        """Say what was left as it was; of what a colleague works on, ask."""
        taken = [one for one in skipped if one.state == "taken"]
        for one in [one for one in skipped if one.state != "taken"][:3]:
            text = _("Left alone: it is {state}.").format(state=said(STATES, one.state))
            if one.author and one.author != self.me and one.at is not None:
                text = _("Left alone: {name} did that at {time}: {state}.")
                text = text.format(name=one.author, time=local_time(one.at), state=said(STATES, one.state))
            self.notify(text, severity="warning", timeout=4)
        if taken:
            left = [one.follow_up_id for one in taken]
            when = local_time(taken[0].at) if taken[0].at is not None else ""
            self._ask_colleague(left, taken[0].author or "", when, lambda: again(left))

    def _ask_colleague(self, ids: list[int], name: str, when: str, then: Callable[[], None]) -> None:
        """Take over from a colleague, or leave it to them."""
        from kolbench.screens.choose import Choice, Choose

        def over(answer: str | None) -> None:
            if answer == "over":
                self.write(
                    ids,
                    lambda store, author: follow_ups.take(store, ids, author, over=True),
                    lambda _acted: then(),
                )

        text = _("{name} has taken this at {time}") if when else _("{name} has taken this")
        choices = [
            Choice("leave", _("Leave it to {name}").format(name=name)),
            Choice("over", _("Take it over, and go on")),
        ]
        self.app.push_screen(Choose(text.format(name=name, time=when), choices, numbered=True), over)

    # Done, and what came of it.

    def action_done(self) -> None:
        """Done: ask what came of it."""
        from kolbench.screens import offering
        from kolbench.screens.choose import Choice, Choose

        if not self.meant():
            return

        def chosen(outcome: str | None) -> None:
            if outcome is not None:
                came = None if outcome == NO_OUTCOME else outcome
                sent = {one: self.copied[one] for one in self.meant() if one in self.copied}

                def done(store: Store, ids: Sequence[int], author: str) -> Acted:
                    from kolbench.programme import outreach

                    return outreach.done(store, ids, author, outcome=came, sent=sent)

                if came in SAID_BY_US:
                    self.mind_the_hour(self.meant())
                self.deal(
                    done,
                    lambda n: ngettext("{n} done.", "{n} done.", n).format(n=n),
                    leaving=_("done"),
                )

        choices = [Choice(NO_OUTCOME, _("just done")), *offering.outcomes(self.item)]
        self.app.push_screen(Choose(_("Done: what came of it?"), choices, numbered=True), chosen)

    def action_contact(self) -> None:
        """Write down a contact, and leave the follow-up open."""
        from kolbench.screens import offering
        from kolbench.screens.choose import Choice, Choose

        if not self.meant():
            return

        def chosen(outcome: str | None) -> None:
            if outcome is not None:
                inward = outcome == THEY_WROTE
                came = None if inward else outcome
                direction = "in" if inward else "out"
                sent = {one: self.copied[one] for one in self.meant() if one in self.copied and not inward}

                def touch(store: Store, ids: Sequence[int], author: str) -> Acted:
                    from kolbench.programme import outreach

                    return outreach.touch(store, ids, author, outcome=came, direction=direction, sent=sent)

                if came in SAID_BY_US:
                    self.mind_the_hour(self.meant())
                self.deal(
                    touch,
                    lambda n: ngettext("{n} contact kept.", "{n} contacts kept.", n).format(n=n),
                )

        choices = offering.outcomes(self.item)
        choices.insert(8, Choice(THEY_WROTE, _("they wrote to us")))  # after those that are done with most
        title = _("Contact with {who}").format(who=self.whom(self.meant()))
        self.app.push_screen(Choose(title, choices, numbered=True), chosen)

    def action_snooze(self) -> None:
        """Let it wait: ask until when."""
        from kolbench.screens.choose import Choice, Choose

        if not self.meant():
            return
        at = now()
        today = from_ms(at).astimezone().weekday()
        week, month = (n + {SATURDAY: 2, SUNDAY: 1}.get((today + n) % 7, 0) for n in (7, 30))  # to a Monday
        mornings = sections.days(at, 1, 3, week, month)
        labels = (_("tomorrow"), _("in three days"), _("next week"), _("in a month"))
        choices = [Choice(str(until), label, local_day(until)) for until, label in zip(mornings, labels)]
        choices.append(Choice(DATE, _("until a date …")))

        def chosen(until: str | None) -> None:
            if until == DATE:
                self._ask_date()
            elif until is not None:
                self._snooze(int(until))

        self.app.push_screen(Choose(_("Snooze until"), choices, numbered=True), chosen)

    def _ask_date(self) -> None:
        from kolbench.screens.prompt import Prompt

        def told(text: str | None) -> None:
            if text is not None:
                self._snooze(morning(text))

        hint = _("like tomorrow, friday, 3d or 2026-05-01")
        self.app.push_screen(Prompt(_("Snooze until"), hint=hint, check=morning), told)

    def _snooze(self, until: int) -> None:
        self.deal(
            lambda store, ids, author: follow_ups.snooze(store, ids, until, author),
            lambda n: ngettext("{n} snoozed.", "{n} snoozed.", n).format(n=n),
            leaving="" if self.section == "snoozed" else _("snoozed"),
        )

    def action_reopen(self) -> None:
        """Open closed ones again, wake snoozed ones."""
        self.deal(
            follow_ups.reopen,
            lambda n: ngettext("{n} open again.", "{n} open again.", n).format(n=n),
            leaving=_("open"),
        )

    # Whose it is.

    def action_take(self) -> None:
        """Take it, for colleagues to see; leave it to anybody again where it is taken already."""
        item = self.item
        if item is not None and self.meant() == [item.follow_up_id] and item.found.taken_by == self.me:
            told = _("Left to anybody again.")
            self.deal(follow_ups.release, lambda n: told)
        else:
            self.deal(follow_ups.take, lambda n: ngettext("{n} taken.", "{n} taken.", n).format(n=n))

    def action_reassign(self) -> None:
        """Hand it to another operator."""
        ids = self.meant()
        if not ids:
            return
        store, me = self.session.store, self.me

        def read() -> list[str]:
            from kolbench.store import owners

            return [one.name for one in owners.known(store) if one.name != me]

        def offer(others: list[str]) -> None:
            from kolbench.screens.choose import Choice

            choices = [Choice(f"={me}", me, _("me")), *(Choice(f"={one}", one) for one in others)]
            choices.append(Choice(NOBODY, _("back to whoever looks after them")))
            title = _("Who is to turn to {who}?").format(who=self.whom(ids))
            self.choose_or_write(title, choices, _("somebody else …"), "", hand_on)

        def hand_on(key: str) -> None:
            owner = None if key == NOBODY else key.removeprefix("=")
            self.deal(
                lambda store, ids, author: follow_ups.reassign(store, ids, owner, author),
                lambda n: _("Handed to {name}.").format(name=owner) if owner else _("Handed back."),
            )

        self.ask("owners", read, offer, keys_wait=True)

    # By what way.

    def action_channel(self) -> None:
        """Turn to them by another channel."""
        from kolbench.screens.choose import Choice

        def change(key: str) -> None:
            channel = key.removeprefix("=")
            self.deal(
                lambda store, ids, author: follow_ups.set_channel(store, ids, channel, author),
                lambda n: _("By {channel} now.").format(channel=said(CHANNELS, channel)),
            )

        if ids := self.meant():
            choices = [Choice(f"={one}", said(CHANNELS, one)) for one in notes.CHANNELS]
            title = _("How to reach {who}?").format(who=self.whom(ids))
            self.choose_or_write(title, choices, _("another channel …"), "", change)

    def action_plan(self) -> None:
        """Go about it in another way; where it is a step of a sequence, go on with another of its plans, or halt it."""
        ids, store = self.meant(), self.session.store
        if not ids:
            return

        def read() -> Plans:
            from kolbench.programme import outreach

            return outreach.plans(store, ids)

        def offer(found: Plans) -> None:
            from kolbench.screens.choose import Choice

            choices = [
                Choice(f"={name}", name, _("begins by {channel}").format(channel=by))
                for name, by in ((name, said(CHANNELS, one.step.channel)) for name, one in found.first.items())
            ]
            if found.others:
                choices += [Choice(f"={_(one)}", _(one)) for one in PLANS if _(one) not in found.first]
                choices.append(Choice(NONE, _("nothing special")))
            if found.first:
                choices += [Choice(PAUSE, _("pause the sequence")), Choice(STOP, _("stop the sequence"))]
            title = _("Which way to {who}?").format(who=self.whom(ids))
            self.choose_or_write(title, choices, _("another plan …"), _("In a few words."), change)

        def change(key: str) -> None:
            if key in (PAUSE, STOP):
                self.deal(
                    lambda store, ids, author: halt(store, ids, author, stop=key == STOP),
                    lambda n: _("The sequence is stopped.") if key == STOP else _("The sequence is paused."),
                    moving=True,
                )
                return
            plan = None if key == NONE else key.removeprefix("=")
            self.deal(
                lambda store, ids, author: go_by(store, ids, plan, author),
                lambda n: _("Plan: {plan}.").format(plan=plan or _("nothing special")),
                moving=True,
            )

        def go_by(store: Store, ids: Sequence[int], plan: str | None, author: str) -> Acted:
            from kolbench.programme import outreach

            return outreach.go_by(store, ids, plan, author)

        def halt(store: Store, ids: Sequence[int], author: str, *, stop: bool) -> Acted:
            from kolbench.programme import outreach

            return outreach.halt(store, ids, author, stop=stop)

        self.ask("plans", read, offer, keys_wait=True)
