"""How incentives are written: given, taken back, had for points, and put into the catalogue of what points buy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain import incentives as counting
from kolbench.domain import periods
from kolbench.domain.clock import now
from kolbench.domain.incentives import KINDS, POINTS, Amount
from kolbench.domain.lang import _
from kolbench.programme import incentives as programme
from kolbench.programme.local import local_day
from kolbench.screens.choose import Choice
from kolbench.screens.file.forms import Form, Step, Values
from kolbench.screens.file_words import INCENTIVES
from kolbench.screens.programme.words import titles
from kolbench.screens.view import required
from kolbench.screens.words import said
from kolbench.store import incentives, rewards
from kolbench.store.budgets import Cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.domain.incentives import Kind
    from kolbench.store.connect import Store
    from kolbench.store.incentives import Entry


def grant_form(creator_id: int) -> Form:
    """How somebody is given something."""
    steps = (
        Step("kind", _("What they get"), choices=[Choice(kind, said(INCENTIVES, kind)) for kind in KINDS]),
        lambda given: _amount(counting.kind_of(given["kind"])),
        Step("reason", _("For what"), _("The films of May. May be empty.")),
    )

    def meant(given: Values) -> tuple[Kind, Amount, str]:
        kind = counting.kind_of(given["kind"])
        return kind, *counting.given(kind, given["amount"], given.get("reason", ""))

    def write(store: Store, author: str, given: Values, _one: object) -> object:
        kind, amount, reason = meant(given)
        stage = programme.stage(store, creator_id)
        return incentives.grant(store, creator_id, kind, amount, author, reason=reason, stage=stage)

    def cautions(store: Store, given: Values) -> Sequence[str]:
        _kind, amount, _reason = meant(given)
        month, stage = periods.at("month", now()).text, programme.stage(store, creator_id)
        return programme.overspent(store, amount.unit, Cost(month, amount.unit, stage, amount.n))

    return Form(_("Incentive"), steps, lambda _one: {}, write, cautions=cautions)


def _amount(kind: Kind) -> Step:
    """How much of a kind, or for what has a name which one."""

    def check(text: str) -> None:
        counting.given(kind, text)

    if kind == "points":
        return Step("amount", _("How many points"), check=check)
    if kind == "cash":
        return Step("amount", _("How much"), _("50.00 CNY, ¥88, 1.5万元"), check=check)
    if kind in counting.HONOURS:
        return Step("amount", _("Which one, or how many"), _("Tea master of May, or 2"), check=check)
    return Step("amount", _("Which one, or how much"), _("Tea set, 2, or what it is worth: 50.00 CNY"), check=check)


def reversal_form(entry: Entry) -> Form:
    """How an entry of the ledger is taken back by another one."""
    hint = _("The entry stays; another one takes it back.")

    def write(store: Store, author: str, given: Values, _one: object) -> object:
        return incentives.reverse(store, entry.id, author, given["reason"])

    steps = (Step("reason", _("Why is it taken back?"), hint, check=required),)
    return Form(_("Why is it taken back?"), steps, lambda _one: {}, write)


def redemption_form(store: Store, creator_id: int) -> Form:
    """How somebody has something from the catalogue for their points; where it is empty, how it gets something."""
    found = rewards.catalogue(store)
    if not found:
        return reward_form()
    choices = [Choice(str(one.id), one.name, _price(one)) for one in found]
    points = Amount(incentives.balance(store.reader(), creator_id), POINTS)

    def write(store: Store, author: str, given: Values, _one: object) -> object:
        return rewards.redeem(store, creator_id, int(given["reward"]), author, programme.stage(store, creator_id))

    title = _("For their points: they have {points}").format(points=points)
    return Form(title, (Step("reward", title, choices=choices),), lambda _one: {}, write)


def _price(one: rewards.Offered) -> str:
    price = str(Amount(one.price, POINTS))
    return price if one.left is None else _("{price}, {n} left").format(price=price, n=f"{one.left:,}")


def reward_form() -> Form:
    """How something is put into the catalogue."""
    kinds = [Choice(kind, said(INCENTIVES, kind)) for kind in KINDS if kind != "points"]

    def amount(given: Values) -> Step:
        kind = counting.kind_of(given["kind"])
        hint = _("50.00 CNY, ¥88, 1.5万元") if kind == "cash" else _("A number, or money for what is worth some.")
        return Step("amount", _("How much of it"), hint, check=lambda text: counting.amount(kind, text))

    steps = (
        Step("name", _("Its name"), _("Tea mug"), check=required),
        Step("price", _("What it costs, in points"), check=_points),
        Step("kind", _("What it is"), choices=kinds),
        amount,
        Step("stock", _("How many can be had"), _("Empty: any number."), check=lambda text: text and _points(text)),
    )

    def write(store: Store, author: str, given: Values, _one: object) -> object:
        kind = counting.kind_of(given["kind"])
        stock = _points(given["stock"]) if given.get("stock") else None
        of_it = counting.amount(kind, given["amount"])
        return rewards.add(store, given["name"], _points(given["price"]), kind, of_it, author, stock)

    return Form(_("Something that points buy"), steps, lambda _one: {"amount": "1"}, write)


def _points(text: str) -> int:
    """A whole number above zero. Raises UsageError."""
    return counting.amount("points", text).n


def entry_told(store: Store, one: Entry) -> list[str]:
    """What an entry of the ledger says besides its kind and amount: why, for when, at which stage, by which rule."""
    told = [one.reason or "", _("for {period}").format(period=one.period)]
    if one.stage:
        told.append(_("They were in the stage {name}.").format(name=titles(store, "stage")(one.stage)))
    if one.value is not None:
        told.append(_("Earned by {rule} with the figure {value}.").format(rule=one.rule, value=f"{one.value:,}"))
    elif one.rule:
        told.append(one.rule)
    if one.reversal_of is not None:
        told.append(_("reverses {id}").format(id=one.reversal_of))
    told.append(_("Entry {id}: {author}, {day}").format(id=one.id, author=one.author, day=local_day(one.at)))
    return told
