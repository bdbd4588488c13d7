"""The report of a campaign in words, as Markdown and as a page with charts: one text, written down two ways."""

from __future__ import annotations

from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from kolbench.analysis.campaigns import groups
from kolbench.domain.clock import iso
from kolbench.domain.lang import _, wanted
from kolbench.domain.money import Money
from kolbench.domain.targets import planned
from kolbench.domain.text import clean_line, clean_text
from kolbench.domain.words import labelled, said
from kolbench.programme.campaigns import board as boards
from kolbench.programme.campaigns import charts, document, markdown, reasons
from kolbench.programme.campaigns.document import text
from kolbench.programme.campaigns.waves import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kolbench.programme.campaigns.review import Review, Surprise

Form = Literal["md", "html"]
FORMS: tuple[Form, ...] = get_args(Form)


CELLS = 60
"""Blocks that the daily line shows at most: of a long campaign each stands for several days."""


class Section(NamedTuple):
    """A heading with what stands below: sentences, a chart (as SVG, and as text), a table, and quoted texts.

    The table's first row is its heading, the first column names its rows.
    """

    title: str
    sentences: Sequence[str] = ()
    chart: str = ""
    spark: str = ""
    table: Sequence[Sequence[str]] = ()
    quotes: Sequence[str] = ()


def write(found: Review, form: Form) -> str:
    """The report of a review in a format, in the interface's language."""
    return {"md": _markdown, "html": _html}[form](found)


def plain(found: Review) -> dict[str, Any]:
    """The review for programs: money in the currency's smallest unit, moments as ISO 8601."""
    sums, resting = found.totals, found.resting
    return {
        "campaign": found.terms.name,
        "at": iso(found.at),
        "currency": found.terms.currency,
        "target": found.progress and {**found.progress._asdict(), "share": found.progress.share},
        "days": [{"day": d.day.isoformat(), "actual": d.actual, "planned": d.planned} for d in found.days],
        "participants": sums.participants if sums else 0,
        "conversions": sums.conversions if sums else 0,
        "revenue": sums.revenue if sums else 0,
        "reached": sums.reached if sums else 0,
        "coverage": sums.coverage if sums else None,
        "waves": [wave._asdict() for wave in found.waves],
        "generations": [one._asdict() for one in sums.generations] if sums else [],
        "cost": {**found.cost, "all": found.spent, "per_conversion": found.per_conversion, "roi": found.gain},
        "concentration": resting and {**resting._asdict(), "verdict": resting.verdict},
        "brief": found.brief,
        "better": [_told(one) for one in found.better],
        "worse": [_told(one) for one in found.worse],
        "newcomers": [
            {"participant_id": one.figures.participant_id, "name": one.who.name, "conversions": one.figures.direct}
            for one in found.newcomers
        ],
        "uncounted": [{"state": s, "reason": r, "conversions": n} for (s, r), n in found.uncounted.items()],
        "open_flags": dict(found.flags),
        "lessons": [one.text for one in found.lessons],
    }


def _told(one: Surprise) -> dict[str, Any]:
    return {**one.who._asdict(), "by_score": one.by_score, "by_result": one.by_result}


def sections(found: Review) -> Iterator[Section]:
    """What the report tells, in order."""
    yield _target(found)
    yield _waves(found)
    yield _generations(found)
    yield _cost(found)
    yield _concentration(found)
    yield _surprises(found)
    yield _left_out(found)
    yield _lessons(found)


def _target(found: Review) -> Section:
    title, terms = _("Target and actual"), found.terms
    sentences = []
    if found.progress is None:
        sentences.append(_("No target was set."))
    else:
        told = _("{actual} of {goal} reached ({share}).")
        actual = boards.told(found.progress.actual, terms.target.figure, terms.currency)
        goal = _planned(found, found.progress.goal)
        sentences.append(told.format(actual=actual, goal=goal, share=f"{found.progress.share:.0%}"))
        if found.progress.due is not None:
            sentences.append(_("Planned until today: {due}.").format(due=_planned(found, found.progress.due)))
    if not found.days:
        return Section(title, sentences)
    today = date.fromisoformat(moment(found.at, terms)[:10])
    values = [one.actual for one in found.days if one.day <= today]
    plans = [one.planned for one in found.days if one.planned is not None]
    sums, plan = list(accumulate(values)), list(accumulate(plans))
    best = max(found.days, key=lambda one: one.actual)
    sentences.append(_("Best day: {day}, {n}.").format(day=best.day.isoformat(), n=_figure(found, best.actual)))
    chart = charts.course(
        sums,
        plan,
        found.days[0].day.isoformat(),
        found.days[-1].day.isoformat(),
        _("{figure}, added up from day to day; broken: as planned").format(figure=_name(terms.target.figure)),
        _figure(found, max([*sums, *plan])),
    )
    return Section(title, sentences, chart, _line(found, today))


def _line(found: Review, today: date) -> str:
    """The days of the campaign up to today as blocks between the first and the last of them."""
    days = [one for one in found.days if one.day <= today and one.planned is not None]
    days = days or [one for one in found.days if one.day <= today]
    if not days:
        return ""
    each = -(-len(days) // CELLS)
    sums = [sum(one.actual for one in days[start : start + each]) for start in range(0, len(days), each)]
    line = f"{days[0].day.isoformat()} {charts.spark(sums)} {days[-1].day.isoformat()}"
    return line if each == 1 else _("{line} ({n} days a block)").format(line=line, n=each)


def _waves(found: Review) -> Section:
    sentences, table = (
        [],
        [[_("wave"), _("people"), _("own"), _("below"), _("revenue of both"), _("commission"), _("brought")]],
    )
    for wave in found.waves:
        name = groups.name("wave", wave)
        reached = None if wave.below is None else wave.below / wave.participants if wave.participants else 0.0
        table.append([
            name, f"{wave.participants:,}", f"{wave.direct:,}", "–" if wave.indirect is None else f"{wave.indirect:,}",
            _money(found, wave.revenue + (wave.indirect_revenue or 0)), _money(found, wave.commission),
            "–" if reached is None else f"{reached:,.1f}",
        ])  # fmt: skip
    if found.totals is not None and found.totals.coverage is not None:
        told = _(
            "The first wave can be spoken to, the second only be reached through it: {reached} different people were, "
            "{each} for each of those whom nobody brought."
        )
        sentences.append(told.format(reached=f"{found.totals.reached:,}", each=f"{found.totals.coverage:,.1f}"))
    if any(wave.below is not None for wave in found.waves):
        sentences.append(_("'Brought' are participants below for each person of the wave."))
    rows = [(groups.name("wave", one), float(one.conversions), f"{one.conversions:,}") for one in found.waves]
    return Section(
        _("Waves and coverage"),
        sentences,
        charts.bars(rows, _("Conversions by wave, with those of everybody below")) if rows else "",
        table=table if len(table) > 1 else (),
    )


def _generations(found: Review) -> Section:
    generations = found.totals.generations if found.totals else ()
    table = [[_("generation"), _("people"), _("who sold"), _("own conversions"), _("revenue"), "K"]]
    table += [
        [
            str(one.depth), f"{one.participants:,}", f"{one.sellers:,}", f"{one.direct:,}",
            _money(found, one.revenue), f"{one.k:,.2f}",
        ]
        for one in generations
    ]  # fmt: skip
    told = _("K is how many people of the next generation there are for each of this one; above 1 it grows by itself.")
    rows = [(str(one.depth), one.k, f"{one.k:,.2f}") for one in generations[:-1]]
    return Section(
        _("K by generation"),
        [told] if generations else [_("Nobody takes part yet.")],
        charts.bars(rows, _("K by generation")) if rows else "",
        table=table if generations else (),
    )


def _cost(found: Review) -> Section:
    names = {"commission": _("commission"), "reward": _("rewards"), "adjustment": _("adjustments")}
    sentences = [
        _("Only what the ledger says counts here: gifts, fees and work are not in it."),
        _("In all {spent}; revenue {revenue}.").format(
            spent=_money(found, found.spent), revenue=_money(found, found.totals.revenue if found.totals else 0)
        ),
    ]
    if found.per_conversion is not None:
        sentences.append(_("A conversion cost {cost}.").format(cost=_money(found, round(found.per_conversion))))
    if found.gain is not None:
        sentences.append(_("Revenue less cost, of the cost (ROI): {gain}.").format(gain=f"{found.gain:,.0%}"))
    table = [[_("kind"), _("sum")], *([names.get(kind, kind), _money(found, n)] for kind, n in found.cost.items())]
    return Section(_("Cost"), sentences, table=table if found.cost else ())


def _concentration(found: Review) -> Section:
    title = _("On whom it rests")
    if found.resting is None:
        return Section(title, [_("Nobody has sold anything yet.")])
    verdicts = {
        "dispersed": _("it rests on many"),
        "moderate": _("it rests on some"),
        "concentrated": _("it rests on few: if they leave, it stops"),
    }
    told = _("As if {n} people had sold the same each: {verdict}. HHI {hhi}, Gini {gini}, of conversions of their own.")
    values = {"n": f"{found.resting.effective:,.1f}", "verdict": verdicts[found.resting.verdict]}
    return Section(title, [told.format(**values, hhi=f"{found.resting.hhi:,.0f}", gini=f"{found.resting.gini:.2f}")])


def _surprises(found: Review) -> Section:
    title = _("Who surprised")
    if found.brief is None:
        told = _("Nobody of the waves has a score in a brief, so nobody could surprise.")
        return Section(title, [told, *_newcomers(found)])
    told = _(
        "{n} people of the waves by their score in '{brief}', and by the conversions of theirs and of everybody below."
    )
    table = [[_("who"), _("score"), _("place by score"), _("place by result"), _("conversions")]]
    table += [_surprise(one) for one in (*found.better, *found.worse)]
    sentences = [told.format(n=found.compared, brief=found.brief)]
    if not found.better and not found.worse:
        sentences.append(_("Everybody is where their score put them."))
    return Section(title, [*sentences, *_newcomers(found)], table=table if len(table) > 1 else ())


def _newcomers(found: Review) -> list[str]:
    names = [
        _("{name} ({n})").format(name=clean_line(one.who.name or one.who.ref, 80), n=f"{one.figures.direct:,}")
        for one in found.newcomers
    ]
    told = _("Came by others and sold most: {names}. Ask them into the first wave of the next campaign.")
    return [told.format(names=", ".join(names))] if names else []


def _surprise(one: Surprise) -> list[str]:
    sign = "▲" if one.by_result < one.by_score else "▼"
    return [
        f"{sign} {clean_line(one.who.name, 80)}", f"{one.who.score:.1f}", str(one.by_score), str(one.by_result),
        f"{one.who.conversions:,}",
    ]  # fmt: skip


def _left_out(found: Review) -> Section:
    states = {"quarantined": _("in quarantine"), "rejected": _("rejected")}
    table = [[_("what"), _("conversions")]]
    table += [
        [labelled(states[state], said(reasons.WHY, reason)), f"{n:,}"] for (state, reason), n in found.uncounted.items()
    ]
    sentences = []
    if n := sum(found.flags.values()):
        sentences.append(_("Flags that nobody has decided about: {n}.").format(n=f"{n:,}"))
    if len(table) == 1:
        sentences.append(_("Every conversion that came in counts."))
    return Section(_("What doesn't count"), sentences, table=table if len(table) > 1 else ())


def _lessons(found: Review) -> Section:
    title = _("What changes next time")
    if not found.lessons:
        command = "kolbench campaign lesson CAMPAIGN TEXT"
        return Section(title, [_("Nothing was written down yet: {command}").format(command=command)])
    return Section(title, quotes=[one.text for one in found.lessons])


def _markdown(found: Review) -> str:
    lines = [f"# {markdown.plain(_title(found))}", "", markdown.plain(_when(found))]
    for section in sections(found):
        lines += ["", f"## {section.title}"]
        lines += ["", *map(markdown.plain, section.sentences)] if section.sentences else []
        if section.spark:
            lines += ["", f"`{section.spark}`"]
        if section.table:
            head, *rows = section.table
            marks = ["--:" if n else ":--" for n in range(len(head))]
            lines += ["", _row(head), f"|{'|'.join(marks)}|", *map(_row, rows)]
        for quote in section.quotes:
            lines += ["", *(f"> {markdown.plain(line)}" for line in clean_text(quote).splitlines())]
    return "\n".join(lines) + "\n"


def _html(found: Review) -> str:
    parts = [f'<header>\n<h1>{text(_title(found))}</h1>\n<p class="soft">{text(_when(found))}</p>\n</header>\n<main>']
    for n, section in enumerate(sections(found)):
        parts.append(f'<section aria-labelledby="s{n}">\n<h2 id="s{n}">{text(section.title)}</h2>')
        parts += [f"<p>{text(sentence)}</p>" for sentence in section.sentences]
        if section.chart:
            parts.append(_scroll(section.chart, n))
        if section.table:
            parts.append(_scroll("\n".join(_table(section)), n))
        parts += [f"<blockquote>{text(clean_text(quote))}</blockquote>" for quote in section.quotes]
        parts.append("</section>")
    style = document.style(("page.css", "report.css"), found.terms.colour)
    tag = "zh-Hans" if wanted().startswith("zh") else "en"
    return document.document(tag, _title(found), style, "\n".join([*parts, "</main>"]))


def _scroll(inside: str, n: int) -> str:
    """What may be wider than a small screen, to be scrolled by itself and by the keyboard."""
    return f'<div class="scroll" role="region" tabindex="0" aria-labelledby="s{n}">\n{inside}\n</div>'


def _table(section: Section) -> Iterator[str]:
    head, *rows = section.table
    yield (
        "<table>\n<thead><tr>"
        + "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
        + "</tr></thead>\n<tbody>"
    )
    for name, *cells in rows:
        told = "".join(f"<td>{text(cell)}</td>" for cell in cells)
        yield f'<tr><th scope="row"><bdi>{text(name)}</bdi></th>{told}</tr>'
    yield "</tbody>\n</table>"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(markdown.inside, cells))} |"


def _title(found: Review) -> str:
    return _("Review: {campaign}").format(campaign=found.terms.name)


def _when(found: Review) -> str:
    terms = found.terms
    told = _("As of {at} ({zone}).").format(at=moment(found.at, terms), zone=terms.time_zone)
    if found.starts_at is not None and found.ends_at is not None:
        days = [moment(at, terms)[:10] for at in (found.starts_at, found.ends_at - 1)]
        told = _("From {start} to {stop}.").format(start=days[0], stop=days[1]) + " " + told
    return told


def _figure(found: Review, value: int) -> str:
    """A value of the target's figure, in words."""
    return f"{boards.told(value, found.terms.target.figure, found.terms.currency)} {_unit(found)}".strip()


def _planned(found: Review, value: int) -> str:
    """Likewise what was planned of it."""
    terms = found.terms
    return f"{planned(terms, value)} {terms.currency if terms.target.figure == 'revenue' else _unit(found)}"


def _unit(found: Review) -> str:
    return "" if found.terms.target.figure == "revenue" else _name(found.terms.target.figure)


def _name(figure: str) -> str:
    return {"conversions": _("conversions"), "revenue": _("revenue"), "participants": _("participants")}[figure]


def _money(found: Review, minor: int) -> str:
    return str(Money(minor, found.terms.currency))
