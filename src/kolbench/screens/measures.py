"""A part of a score in words: what it was made from, over which time, from how many observations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kolbench.domain.lang import _, ngettext
from kolbench.domain.scoring import PRIOR
from kolbench.screens.lines import Line, columns, paragraph
from kolbench.screens.words import COMPONENTS, FORMULAS, WANTING, said
from kolbench.widgets.cells import bar, day, percent, separated, wrap

if TYPE_CHECKING:
    from kolbench.domain.scoring import Component, Measure

EXACT = 100
"""Below it a mean is told with a decimal, so that the share beside it can be worked out again."""

BAR_CELLS = 10


def lines(component: Component, width: int) -> Iterator[Line]:
    """A part in a line with its bar and its points, and below what it was made from."""
    label, value = said(COMPONENTS, component.name), component.measure.value
    if value is None:
        prior = _("counts as {prior}").format(prior=PRIOR)
        yield columns((label, 11, "plain"), (_("unknown"), 10, "muted"), (prior, max(0, width - 23), "muted", "right"))
        return
    yield columns(
        (label, 11, "plain"),
        (bar(value, BAR_CELLS), 10, "bar"),
        (sum_(component), max(0, width - 23), "plain", "right"),
    )
    for text in wrap(made_from(component) + _("; ") + said(FORMULAS, component.formula), width - 2):
        yield [("  " + text, "muted")]


def whole(component: Component, width: int) -> Iterator[Line]:
    """All about a part: what it is worth, its formula, what it was made from, over which time, and how sure."""
    measure = component.measure
    yield [(said(COMPONENTS, component.name), "title"), ("  " + sum_(component), "strong")]
    if measure.value is None:
        text = _("Not known: it counts as {prior} and lowers what is known.").format(prior=PRIOR)
        yield from paragraph(text, width, "warn")
        if component.name in WANTING:
            yield from paragraph(said(WANTING, component.name), width)
    else:
        yield from paragraph(made_from(component), width)
    if component.formula:
        yield from paragraph(_("Formula: {formula}").format(formula=said(FORMULAS, component.formula)), width, "muted")
    if measure.value is not None:
        yield from paragraph(_("; ").join(_surroundings(measure)), width, "muted")


def _surroundings(measure: Measure) -> Iterator[str]:
    """The time that was looked at, and how much was seen in it."""
    if measure.start is not None and measure.stop is not None:
        yield _("From {since} to {until}").format(since=day(measure.start), until=day(measure.stop))
    elif measure.stop is not None:
        yield _("As of {day}").format(day=day(measure.stop))
    if measure.sample is not None:
        text = ngettext("from {n} observation", "from {n} observations", measure.sample)
        yield text.format(n=separated(measure.sample))


def sum_(component: Component) -> str:
    """The value times the weight: what it adds to a score of 100."""
    value = component.measure.value
    shown = f"{PRIOR:.2f}" if value is None else f"{value:.2f}"
    return f"{shown} × {component.weight:.0%} = {component.points:4.1f}"


def made_from(component: Component) -> str:
    """What a part was made from, with its figures, window and dates."""
    measure = component.measure
    top, bottom, figure = measure.numerator, measure.denominator, measure.figure
    since, until = day(measure.start), day(measure.stop)
    if component.name == "reach":
        text = ngettext("{n} follower on all accounts, {day}", "{n} followers on all accounts, {day}", round(top or 0))
        return text.format(n=count(top), day=until)
    if component.name == "voice":
        text = ngettext(
            "{n} person addressed them in 90 days", "{n} different people addressed them in 90 days", round(top or 0)
        )
        return text.format(n=count(top))
    if component.name == "growth":
        return _("{now} on {until} / {base} on {since} = {share} in 30 days").format(
            now=count(top), until=until, base=count(bottom), since=since, share=_signed(figure)
        )
    if component.name == "activity":
        text = ngettext(
            "{n} work or message in 90 days = {weekly:.1f} a week",
            "{n} works and messages in 90 days = {weekly:.1f} a week",
            round(top or 0),
        )
        return text.format(n=count(top), weekly=figure or 0.0)
    if component.name == "engagement":
        return _engaged(measure)
    return _plainly(measure)


def _engaged(measure: Measure) -> str:
    share = percent(measure.figure)
    if measure.how == "stated":
        return _("{share}, as the source states it").format(share=share)
    text = {
        "posts": _("{top} reactions a work in 90 days / {bottom} followers = {share}"),
        "average": _("{top} likes a work, as the source says / {bottom} followers = {share}"),
        "lifetime": _("{top} likes a work, ever / {bottom} followers = {share}"),
    }[measure.how]
    return text.format(top=count(measure.numerator), bottom=count(measure.denominator), share=share)


def _plainly(measure: Measure) -> str:
    """The figures of a part that has no words of its own, such as one of a plugin."""
    shown = count(measure.figure if measure.figure is not None else measure.value)
    if measure.numerator is not None and measure.denominator is not None:
        shown = f"{count(measure.numerator)} / {count(measure.denominator)} = {shown}"
    return _("{what}: {more}").format(what=measure.how, more=shown) if measure.how else shown


def count(number: float | None) -> str:
    """A number as exact as it has to be to work a share out again."""
    if number is None:
        return "?"
    if number == round(number) or abs(number) >= EXACT:
        return separated(round(number))
    return f"{number:.1f}" if abs(number) >= 1 else f"{number:.3g}"


def _signed(share: float | None) -> str:
    return "?" if share is None else f"{share:+.1%}"
