"""What a person needs, and what we can offer for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme import offers
from kolbench.screens import file_words
from kolbench.screens.choose import Choice
from kolbench.screens.file.forms import Form, Step, Values
from kolbench.screens.file.part import Item, Page, Part, Whose, texts
from kolbench.screens.words import said
from kolbench.store import needs
from kolbench.widgets.cells import unicode_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.programme.offers import Match
    from kolbench.store.connect import Store
    from kolbench.store.needs import Need, Offer


class NeedsPart(Part):
    """The needs, the strongest first, and under each what we can give."""

    key: ClassVar[str] = "N"
    title: ClassVar[str] = N_("Needs")
    empty: ClassVar[str] = N_("What would move them is not known yet. Ask them, then press + to write it down.")
    heads: ClassVar[tuple[str, str, str]] = (N_("Need"), "", N_("Written"))
    widths: ClassVar[tuple[int, int]] = (24, 14)

    def load(self, whose: Whose, older: Any = None) -> Page:
        """Each need and its offers."""
        found = offers.fitting(whose.store, whose.creator_id)
        return Page([item for match in found for item in _items(whose, match)])

    def adds(self, whose: Whose) -> Sequence[Form]:
        """A need of theirs, or something that we can give to anybody who has a need."""
        return need_form(whose.creator_id, None), offer_form(None)


def strength(need: Need) -> str:
    """How much, and what it costs them to leave whoever gives it now."""
    level, switching = file_words.level(need.strength), file_words.level(need.switching)
    text = said(file_words.STRENGTHS, level or "")
    return text if switching is None else f"{text} · {said(file_words.SWITCHING, switching)}"


def _items(whose: Whose, match: Match) -> Iterator[Item]:
    need, found = match.need, match.offers
    label = said(file_words.NEEDS, need.kind)
    answer = _("We have nothing to offer for it yet. Press + to add an offer.")
    if found:
        text = ngettext("{n} offer fits.", "{n} offers fit.", len(found))
        answer = text.format(n=len(found))

    def remove(store: Store, author: str) -> None:
        needs.remove(store, whose.creator_id, need.kind, author)

    yield Item(
        key=("need", need.kind),
        cells=(label, " · ".join(filter(None, (strength(need), need.detail))), whose.when(need.author, need.at)),
        about=texts(label, strength(need), need.detail, answer),
        style="strong" if need.strength == max(needs.LEVELS.values()) else None,
        form=need_form(whose.creator_id, need),
        remove=remove,
        history=("need", {"id": need.id}),
    )
    arrow = "└" if unicode_terminal() else "+"
    for offer in found:
        yield Item(
            key=("offer", need.kind, offer.id),
            cells=(f" {arrow} {_('we can offer')}", offer.name, whose.when(offer.author, offer.at)),
            about=texts(offer.name, offer.detail, _("An offer stands for everybody who has this need.")),
            form=offer_form(offer),
            remove=partial(_withdraw, offer),
            history=("offer", {"id": offer.id}),
        )
    if not found:
        yield Item(
            key=("none", need.kind),
            cells=(f" {arrow} {_('we can offer')}", _("nothing yet: + adds an offer"), ""),
            about=texts(answer),
            style="alert",
        )


def _withdraw(offer: Offer, store: Store, author: str) -> None:
    needs.remove_offer(store, offer.id, author)


def need_form(creator_id: int, need: Need | None) -> Form:
    """How a need is written."""
    kinds = [Choice(kind, said(file_words.NEEDS, kind)) for kind in needs.KINDS]
    strengths = [Choice(key, said(file_words.STRENGTHS, key)) for key in reversed(needs.LEVELS)]
    switching = [
        *(Choice(key, said(file_words.SWITCHING, key)) for key in needs.LEVELS),
        Choice("", _("what leaving would cost is not known")),
    ]
    steps = (
        *(() if need else (Step("kind", _("Need"), choices=kinds),)),
        Step("strength", _("How much"), choices=strengths),
        Step("switching", _("Who gives it now"), choices=switching),
        Step("detail", _("In words"), _("What they said, what would help. May be empty.")),
    )

    def values(entry: Need | None) -> Values:
        if entry is None:
            return {}
        strong, switch = file_words.level(entry.strength), file_words.level(entry.switching)
        return {"strength": strong or "", "switching": switch or "", "detail": entry.detail or ""}

    def kind_of(given: Values) -> str:
        return need.kind if need is not None else given["kind"]

    def read(store: Store, given: Values) -> Need | None:
        return next((one for one in needs.of(store, creator_id) if one.kind == kind_of(given)), None)

    def write(store: Store, author: str, given: Values, entry: Need | None) -> object:
        was: dict[str, Any] = {}
        if entry is not None:
            was = {"strength": entry.strength, "switching": entry.switching, "detail": entry.detail}
        written: dict[str, Any] = {
            "strength": needs.LEVELS[given.get("strength") or "medium"],
            "switching": needs.LEVELS.get(given.get("switching", "")),
            "detail": given.get("detail") or None,
        }
        return needs.write(store, creator_id, kind_of(given), author, was, **written)

    title = _("Need") if need is None else said(file_words.NEEDS, need.kind)
    history = None if need is None else ("need", {"id": need.id})
    return Form(title, steps, values, write, read, need, history)


def offer_form(offer: Offer | None) -> Form:
    """How something that we can give is written."""
    kinds = [Choice(kind, said(file_words.NEEDS, kind)) for kind in needs.KINDS]
    steps = (
        Step("kind", _("For whoever needs"), choices=kinds),
        Step("name", _("What we give"), _("A short name: beta places, coupon of 50.")),
        Step("detail", _("In words"), _("May be empty.")),
    )

    def values(entry: Offer | None) -> Values:
        return {} if entry is None else {"kind": entry.kind, "name": entry.name, "detail": entry.detail or ""}

    def read(store: Store, _given: Values) -> Offer | None:
        return None if offer is None else next((one for one in needs.offers(store) if one.id == offer.id), None)

    def write(store: Store, author: str, given: Values, entry: Offer | None) -> object:
        detail = given.get("detail") or None
        if entry is None:
            return needs.add_offer(store, given["name"], given["kind"], author, detail)
        was = {"name": entry.name, "kind": entry.kind, "detail": entry.detail}
        return needs.edit_offer(store, entry.id, author, was, name=given["name"], kind=given["kind"], detail=detail)

    history = None if offer is None else ("offer", {"id": offer.id})
    return Form(_("Offer"), steps, values, write, read, offer, history)
