"""The scorers and follow-up rules of a plugin, asked about generated people."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.adapters.aside import aside
from kolbench.adapters.conformance import Check
from kolbench.adapters.sample import Sample
from kolbench.analysis import standing
from kolbench.analysis.scorers.guarded import Guarded
from kolbench.domain.clock import now
from kolbench.domain.errors import named
from kolbench.domain.following import Looking
from kolbench.domain.lang import _
from kolbench.domain.scoring import People
from kolbench.programme.rules.guarded import guarded
from kolbench.store import sources
from kolbench.store.candidates import CandidateWindow
from kolbench.store.connect import Store
from kolbench.sync import loop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kolbench.domain.following import FollowUpRule
    from kolbench.domain.scoring import Scorer

PEOPLE = 50
ROWS = 5


def checks(scorers: Sequence[Scorer], rules: Sequence[FollowUpRule]) -> Iterator[Check]:
    """Whether each answers for people on a platform, some of whom posted, and keeps to its contract."""
    with tempfile.TemporaryDirectory() as folder, closing(Store.open(Path(folder) / "kolbench.db")) as store, aside():
        settings = {"platform": "xiaohongshu", "people": str(PEOPLE)}
        source = sources.add(store, Sample.name, Sample.name, settings["platform"], settings)
        loop.run(store, {Sample.name: Sample()}, [source])
        standing.refresh(store)
        for scorer in scorers:
            yield from _measured(store, scorer)
        for rule in rules:
            yield from _looked(store, rule)


def _measured(store: Store, scorer: Scorer) -> Iterator[Check]:
    one = Guarded(scorer)
    ids = [row.creator_id for row in CandidateWindow(store).rows(0, 2 * PEOPLE)]
    found = one.measure(People(store.reader(), ids))
    what = _("{name}: measures people").format(name=scorer.name)
    yield Check(
        what, not one.problem and (bool(found) or None), one.problem or _("nothing is known of generated people")
    )
    if one.problem is None:
        for creator_id in ids:
            list(one.evidence(People(store.reader(), [creator_id]), ROWS))
        yield Check(_("{name}: shows its evidence").format(name=scorer.name), not one.problem, one.problem or "")


def _looked(store: Store, rule: FollowUpRule) -> Iterator[Check]:
    what = _("{name}: finds people").format(name=rule.name)
    at = now()
    try:
        found = list(guarded(rule).find(store, Looking(store.reader(), at, dict(rule.parameters))))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a plugin raises is a finding
        yield Check(what, False, named(error))
        return
    yield Check(what, bool(found) or None, _("there is no cause for it with generated people"))
    wrong = ""
    for cause in found:
        try:
            rule.why(cause.evidence, at)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            wrong = named(error)
    if found:
        yield Check(_("{name}: says why").format(name=rule.name), not wrong, wrong)
