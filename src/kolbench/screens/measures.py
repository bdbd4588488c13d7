"""A part of a score in words: what it was made from, over which time, from how many observations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.scoring import PRIOR
from kolbench.screens.lines import Line, columns, paragraph
from kolbench.screens.words import COMPONENTS, formula, said
from kolbench.widgets.cells import bar, day, percent, separated, wrap

if TYPE_CHECKING:
    from kolbench.domain.scoring import Component, Measure

EXACT = 100
"""Below it a mean is told with a decimal, so that the share beside it can be worked out again."""

BAR_CELLS = 10
LABEL_CELLS = 12

WANTING = {
    "reach": N_("Any count of their followers would make it known: sync their platform, or import a table with it."),
    "engagement": N_("Likes and comments of their works, or a rate that the source states, would make it known."),
    "growth": N_("Counts of their followers at least a week apart would make it known: sync or import again later."),
    "voice": N_("Group chats or comments in which others address them would make it known."),
    "activity": N_("Their works or messages with dates would make it known."),
    "authority": N_("Who follows them, or reach, would make it known: import a list of follows."),
    "authenticity": N_("Group chats or comments in which they talk with others would make it known."),
    "fans": N_("A sample of their followers, or who reacts to their works, would make it known."),
    "portability": N_("Their fans in another place, too, would make it known: sync another platform or a community."),
    "potential": N_("Engagement and activity are needed first: works with dates and reactions."),
    "fit": N_("Texts of theirs would make it known, and keywords or examples in the brief."),
    "audience": N_("Who reacts to their works, and members of our communities, would make it known."),
}
"""What would make a part of the score known."""


UNITS = {
    "reach": N_("Followers"),
    "engagement": N_("Reactions"),
    "growth": N_("Followers"),
    "voice": N_("People"),
    "activity": N_("Works and messages"),
    "authority": N_("Points of 10"),
    "authenticity": N_("Points"),
    "fans": N_("Points of 100"),
    "portability": N_("People"),
    "potential": N_("Part of the value"),
    "fit": N_("Texts"),
    "audience": N_("People"),
    "inside": N_("Communities"),
}
"""What the amounts behind a part of the score count."""

UNITS_OF_RATES = {"stated": N_("Hundredths of %"), "average": N_("Likes a work"), "lifetime": N_("Likes, ever")}
"""What the counters behind an engagement count that a source told as a whole."""


def unit(component: Component) -> str:
    """What is counted by the rows behind a part."""
    if component.name == "engagement" and (rate := UNITS_OF_RATES.get(component.measure.how)):
        return _(rate)
    return said(UNITS, component.name) if component.name in UNITS else _("Counts")


def lines(component: Component, width: int) -> Iterator[Line]:
    """A part in a line with its bar and its points, and below what it was made from."""
    label, value = (said(COMPONENTS, component.name), LABEL_CELLS, "plain"), component.measure.value
    room = max(0, width - LABEL_CELLS - BAR_CELLS - 2)
    if value is None:
        prior = _("counts as {prior}").format(prior=PRIOR)
        yield columns(label, (_("unknown"), BAR_CELLS, "muted"), (prior, room, "muted", "right"))
        if not component.measure.how:
            return
        told = made_from(component)
    else:
        yield columns(label, (bar(value, BAR_CELLS), BAR_CELLS, "bar"), (sum_(component), room, "plain", "right"))
        told = made_from(component) + _("; ") + formula(component.formula)
    for text in wrap(told, width - 2):
        yield [("  " + text, "muted")]


def whole(component: Component, width: int) -> Iterator[Line]:
    """All about a part: what it is worth, its formula, what it was made from, over which time, and how sure."""
    measure = component.measure
    yield [(said(COMPONENTS, component.name), "title"), ("  " + sum_(component), "strong")]
    if measure.value is None:
        text = _("Not known: it counts as {prior} and lowers what is known.").format(prior=PRIOR)
        yield from paragraph(text, width, "warn")
        if measure.how:
            yield from paragraph(made_from(component), width)
        elif component.name in WANTING:
            yield from paragraph(said(WANTING, component.name), width)
    else:
        yield from paragraph(made_from(component), width)
    if component.formula:
        yield from paragraph(_("Formula: {formula}").format(formula=formula(component.formula)), width, "muted")
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
    return _SENTENCES.get(component.name, _plainly)(component.measure)


def _reach(measure: Measure) -> str:
    n = round(measure.numerator or 0)
    if measure.how:
        text = _("views that stand for {n} followers, 100 for one ({how}), {day}")
        return text.format(n=separated(n), how=measure.how, day=day(measure.stop))
    text = ngettext("{n} follower on all accounts, {day}", "{n} followers on all accounts, {day}", n)
    return text.format(n=count(measure.numerator), day=day(measure.stop))


def _voice(measure: Measure) -> str:
    n = round(measure.numerator or 0)
    if measure.stop is None:
        return _("nobody has addressed them yet")
    text = ngettext(
        "{n} person addressed them from {since} to {until}",
        "{n} different people addressed them from {since} to {until}",
        n,
    )
    return text.format(n=count(measure.numerator), since=day(measure.start), until=day(measure.stop))


def _growth(measure: Measure) -> str:
    since, until = day(measure.start), day(measure.stop)
    if measure.how == "apart":
        text = _("the counts of {since} and {until} are too far apart: no rate")
        return text.format(since=since, until=until)
    if measure.how == "gained":
        text = _("{n} followers gained from {since} to {until}, but of how many isn't told: no rate")
        return text.format(n=count(measure.numerator), since=since, until=until)
    if measure.how == "anomaly":
        text = _("{n} followers from {since} to {until} that nothing explains: their growth doesn't count")
        return text.format(n=count(measure.numerator), since=since, until=until)
    share = "?" if measure.figure is None else f"{measure.figure:+.1%}"
    return _("{now} on {until} / {base} on {since} = {share} in 30 days").format(
        now=count(measure.numerator), until=until, base=count(measure.denominator), since=since, share=share
    )


def _activity(measure: Measure) -> str:
    n = round(measure.numerator or 0)
    since, until = day(measure.start), day(measure.stop)
    if measure.stop is None:
        return _("they have published and said nothing yet")
    if measure.how == "silent":
        text = _("nothing of theirs from {since} to {until}, the last 90 days known of their platform")
        return text.format(since=since, until=until)
    text = {
        "counted": ngettext(
            "{n} work from {since} to {until}, as the source says = {weekly:.1f} a week",
            "{n} works from {since} to {until}, as the source says = {weekly:.1f} a week",
            n,
        )
    }.get(
        measure.how,
        ngettext(
            "{n} work or message from {since} to {until} = {weekly:.1f} a week",
            "{n} works and messages from {since} to {until} = {weekly:.1f} a week",
            n,
        ),
    )
    return text.format(n=count(measure.numerator), since=since, until=until, weekly=measure.figure or 0.0)


def _engagement(measure: Measure) -> str:
    text = {
        "posts": _("{top} reactions a work in 90 days / {bottom} followers = {share}"),
        "views": _("{top} reactions to works of 90 days / {bottom} views of them = {share}"),
        "stated": _("{share}, as the source states it"),
        "average": _("{top} likes a work, as the source says / {bottom} followers = {share}"),
        "lifetime": _("{top} likes a work, ever / {bottom} followers = {share}"),
        "period": _("{top} reactions from {since} to {until} / {bottom} views = {share}, as the source counts them"),
    }[measure.how]
    told = text.format(
        top=count(measure.numerator),
        bottom=count(measure.denominator),
        share=percent(measure.figure),
        since=day(measure.start),
        until=day(measure.stop),
    )
    if measure.value is None:
        text = _("{told}: impossible; works or followers must have gone since")
        return text.format(told=told)
    return told


def _authority(measure: Measure) -> str:
    n = measure.sample or 0
    text = ngettext(
        "reach, and {n} person in this store who follows them: {figure} of 10, {day}",
        "reach, and {n} people in this store who follow them: {figure} of 10, {day}",
        n,
    )
    return text.format(n=separated(n), figure=count(measure.figure), day=day(measure.stop))


def _authenticity(measure: Measure) -> str:
    n = measure.sample or 0
    text = ngettext(
        "{points} points for {n} person they addressed or who thanked them",
        "{points} points for {n} people they addressed or who thanked them",
        n,
    )
    return text.format(points=count(measure.numerator), n=separated(n))


def _fans(measure: Measure) -> str:
    named = {"followers": _("credible followers"), "loyalty": _("fans who come back"), "views": _("reactions to views")}
    parts = [named.get(part, part) for part in measure.how.split(" + ")]
    return _("mean of: {parts} = {figure}").format(parts=_(", ").join(parts), figure=count(measure.figure))


def _portability(measure: Measure) -> str:
    if measure.value is None:
        return _("none of {n} fans is known elsewhere, which doesn't say that nobody is").format(n=measure.sample)
    text = _("{top} of {bottom} fans are seen elsewhere, too = {share}")
    return _share(text, measure)


def _audience(measure: Measure) -> str:
    return _share(_("{top} of {bottom} known fans are whom we look for = {share}"), measure)


def _fit(measure: Measure) -> str:
    named = {
        "category": _("category ×5"),
        "self": _("name and bio ×3"),
        "posts": _("works"),
        "messages": _("messages"),
    }
    read = _(", ").join(named.get(part, part) for part in measure.how.split(" + "))
    text = _("{top} of {bottom} texts ({read}) have its words; weighed, {share} are on the topic")
    return _share(text, measure, read=read)


def _share(text: str, measure: Measure, **more: str) -> str:
    share = percent(measure.figure)
    return text.format(top=count(measure.numerator), bottom=count(measure.denominator), share=share, **more)


def _potential(measure: Measure) -> str:
    named = {
        "star": _("good and busy"),
        "sleeper": _("good, seldom seen"),
        "busy": _("busy, not yet good"),
        "quiet": _("neither good nor busy yet"),
    }
    return _("{what}: {more}").format(what=named.get(measure.how, measure.how), more=count(measure.figure))


def _inside(measure: Measure) -> str:
    n = round(measure.numerator or 0)
    if not n:
        return _("not a member of our communities")
    text = ngettext("member of {n} of our communities since {day}", "member of {n} of our communities since {day}", n)
    return text.format(n=n, day=day(measure.start))


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


_SENTENCES: dict[str, Callable[[Measure], str]] = {
    "reach": _reach,
    "voice": _voice,
    "growth": _growth,
    "activity": _activity,
    "engagement": _engagement,
    "authority": _authority,
    "authenticity": _authenticity,
    "fans": _fans,
    "portability": _portability,
    "audience": _audience,
    "fit": _fit,
    "potential": _potential,
    "inside": _inside,
}
