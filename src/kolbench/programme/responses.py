"""How often people answer and agree, and how soon, of which script, channel or step: rates with their counts."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kolbench.store import responses as kept
from kolbench.store import sequences, templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kolbench.domain.sequences import Placed
    from kolbench.store.connect import Store
    from kolbench.store.responses import Sent
    from kolbench.store.templates import Variant

Key = TypeVar("Key")

_Z = 1.96
"""Of a normal distribution: 95 % lie within so many deviations."""


class Rate(NamedTuple):
    """A share of ``of`` cases, and between what bounds it lies with 95 % certainty (Wilson); None of no cases."""

    n: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class Response(NamedTuple):
    """What came of contacts: replies (every answer, yes and no among them), yeses, and the median ms to an answer.

    The median is of those ``timed``, whose answer was written down apart from the contact.
    """

    sent: int
    replied: Rate
    accepted: Rate
    declined: int
    median_ms: int | None
    timed: int


class Responses(NamedTuple):
    """What came of a sequence: in all, of each step (with the version that it was in), channel and script."""

    whole: Response
    steps: Sequence[tuple[int, Placed, Response]]
    channels: Sequence[tuple[str, Response]]
    scripts: Sequence[tuple[Variant, Response]]


def of_sequence(store: Store, sequence_id: int) -> Responses:
    """What came of a sequence, whatever its version: the steps of the newest version first."""
    sent = kept.of_sequence(store, sequence_id)
    steps = {
        version.id: [(version.version, placed) for placed in sequences.steps(store.reader(), version.id)]
        for version in sequences.versions(store, sequence_id)
    }
    by_step = by(sent, lambda one: steps[one.version_id or 0][one.step or 0])
    by_script = by((one for one in sent if one.variant_id is not None), lambda one: one.variant_id or 0)
    return Responses(
        response(sent),
        sorted(
            ((*place, found) for place, found in by_step.items()),
            key=lambda one: (-one[0], one[1].plan_no, one[1].step_no),
        ),
        list(by(sent, lambda one: one.channel).items()),
        [(templates.variant(store, variant_id), found) for variant_id, found in by_script.items()],
    )


def rate(n: int, of: int) -> Rate:
    """``n`` of ``of``, with the bounds of Wilson's interval, which hold for few cases, too."""
    if not of:
        return Rate(n, of, None, None, None)
    share, square = n / of, _Z * _Z / of
    middle = (share + square / 2) / (1 + square)
    spread = _Z * sqrt(share * (1 - share) / of + square / of / 4) / (1 + square)
    return Rate(n, of, share, max(0.0, middle - spread), min(1.0, middle + spread))


def response(sent: Iterable[Sent]) -> Response:
    """What came of these contacts."""
    from statistics import median

    every = list(sent)
    times = [one.after for one in every if one.after is not None]
    answers = [one.answer for one in every if one.answer is not None]
    return Response(
        len(every),
        rate(len(answers), len(every)),
        rate(answers.count("accepted"), len(every)),
        answers.count("declined"),
        round(median(times)) if times else None,
        len(times),
    )


def by(sent: Iterable[Sent], key: Callable[[Sent], Key]) -> dict[Key, Response]:
    """The same for each group of contacts, in the order in which the groups appear."""
    groups: dict[Key, list[Sent]] = {}
    for one in sent:
        groups.setdefault(key(one), []).append(one)
    return {name: response(found) for name, found in groups.items()}
