"""Why somebody has a score: its parts, what each was made from, and the rows behind one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis import candidacy, standing
from kolbench.cli.output import Column, fields, plain, printable, say, show_json, show_table, warn
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.scoring import PRIOR
from kolbench.programme import choosing
from kolbench.screens import measures, words
from kolbench.screens.measures import made_from
from kolbench.screens.words import said
from kolbench.store import briefs, candidates, citing, creators
from kolbench.widgets.cells import day, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.analysis.scores import Score
    from kolbench.domain.scoring import Component, Evidence
    from kolbench.store.citing import Cited
    from kolbench.store.connect import Store


def explain(store: Store, brief_id: int | None, creator_id: int, *, json: bool) -> None:
    """Print the parts of somebody's score, for a brief or in general. Raises UsageError where there is none."""
    score = _score(store, brief_id, creator_id)
    absent = [] if brief_id is None else choosing.why_absent(store, brief_id, [creator_id]).get(creator_id, [])
    if json:
        row = candidates.get(store, creator_id)
        show_json(
            {
                "creator": fields(row) if row else None,
                "brief": brief_id and briefs.row(store, brief_id).name,
                "absent": absent,
                "score": score.total,
                "confidence": score.confidence,
                "components": [_facts(one) for one in score.components],
            }
        )
        return
    if absent:
        text = _("Not on the list of {brief}: {why}.")
        warn(printable(text.format(brief=briefs.row(store, brief_id or 0).name, why=_("; ").join(absent))))
    text = _("{name}: {score:.1f} of 100; {share} of it rests on known figures")
    name = creators.name(store, creator_id)
    say(printable(text.format(name=name, score=score.total, share=percent(score.confidence))))
    table = (
        Column(_("part")),
        Column(_("score"), "right"),
        Column(_("of"), "right"),
        Column(_("value"), "right"),
        Column(_("formula"), yields=True),
        Column(_("from"), yields=True),
        Column(_("sample"), "right"),
        Column(_("as of")),
    )
    show_table(table, map(_explained, score.components))


def show_evidence(store: Store, brief_id: int | None, creator_id: int, part: str, limit: int, *, json: bool) -> None:
    """Print the rows behind one part of somebody's score. Raises UsageError where it has no such part."""
    components = _score(store, brief_id, creator_id).components
    names = [one.name for one in components]
    if part not in names:
        text = _("The score has no part '{part}'. Its parts: {names}.")
        raise UsageError(text.format(part=part, names=", ".join(names)))
    found = list(candidacy.evidence(store, brief_id, creator_id, part, limit))
    cited = citing.cited(store.reader(), ((one.table, one.id) for one in found))
    if json:
        show_json([fields(one) | _cited(cited.get((one.table, one.id))) for one in found])
        return

    def row(one: Evidence) -> Sequence[object]:
        quoted = cited.get((one.table, one.id))
        place = quoted and (quoted.place or said(words.PLATFORMS, quoted.platform))
        text = quoted.text if quoted and one.table == "activity" else None
        amount = "" if one.amount is None else _figure(one.amount)
        return (day(one.at), amount, f"{one.text} · {text}" if text else one.text, place, f"{one.table} {one.id}")

    unit = measures.unit(next(one for one in components if one.name == part))
    table = (
        Column(_("when")),
        Column(unit.lower(), "right"),
        Column(_("what"), yields=True),
        Column(_("where"), yields=True),
        Column(_("row")),
    )
    show_table(table, map(row, found))
    if not found:
        say(_("There are no rows behind it."))


def _figure(amount: float) -> str:
    """Large counts whole, anything else by its first four digits."""
    return f"{amount:,.0f}" if abs(amount) >= 1_000 else f"{amount:.4g}"


def _cited(found: Cited | None) -> dict[str, object]:
    return {"place": found and found.place, "said": found and found.text, "url": found and found.url}


def _score(store: Store, brief_id: int | None, creator_id: int) -> Score:
    if brief_id is not None:
        score = candidacy.explain(store, brief_id, creator_id)
    else:
        found = standing.explain(store, creator_id)
        score = found.score if found else None
    if score is None:
        raise UsageError(_("There is no score: a bot, staff, or someone without accounts."))
    return score


def _facts(component: Component) -> dict[str, object]:
    measure = component.measure._asdict()
    window = {"since_at": measure.pop("start"), "until_at": measure.pop("stop")}
    part = {"name": component.name, "weight": component.weight, "points": component.points}
    return {**part, **measure, **plain(window), "formula": component.formula}


def _from(component: Component) -> str:
    if component.measure.value is not None:
        return made_from(component)
    unknown = _("not known, counts as {prior}").format(prior=PRIOR)
    return unknown + _("; ") + made_from(component) if component.measure.how else unknown


def _explained(component: Component) -> Sequence[object]:
    measure = component.measure
    return (
        said(words.COMPONENTS, component.name),
        f"{component.points:.1f}",
        f"{100 * component.weight:.0f}",
        "" if measure.value is None else f"{measure.value:.2f}",
        words.formula(component.formula),
        _from(component),
        measure.sample,
        day(measure.stop),
    )
