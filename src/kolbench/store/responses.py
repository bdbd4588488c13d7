"""What was sent by scripts and sequences, and what came of each: the answer, and how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.outcomes import answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kolbench.domain.outcomes import Answer
    from kolbench.store.connect import Store

_SENT = (
    "SELECT t.id, t.direction, t.outcome, t.at, t.channel, t.enrolment_id, t.step, t.variant_id, version_id"
    " FROM touchpoint AS t LEFT JOIN enrolment ON enrolment.id = t.enrolment_id"
)


class Sent(NamedTuple):
    """One contact that was a step or a script: ``answer`` is the last one that it got, ``after`` the ms to the first.

    ``after`` is None where the answer was written down with the contact itself.
    """

    at: int
    channel: str
    version_id: int | None
    step: int | None
    variant_id: int | None
    answer: Answer | None
    after: int | None


def of_sequence(store: Store, sequence_id: int) -> list[Sent]:
    """Everything that a sequence has sent, whatever its version."""
    rows = store.reader().execute(
        f"{_SENT} JOIN sequence_version AS version ON version.id = version_id WHERE sequence_id = ?"
        " ORDER BY t.enrolment_id, t.at, t.id",
        (sequence_id,),
    )
    return list(_answered(rows))


def of_template(store: Store, template_id: int) -> list[Sent]:
    """Everything that was sent with a template, whatever its variant."""
    rows = store.reader().execute(
        f"{_SENT} WHERE t.variant_id IN (SELECT id FROM template_variant WHERE template_id = ?)"
        " ORDER BY t.enrolment_id, t.at, t.id",
        (template_id,),
    )
    return list(_answered(rows))


def _answered(
    rows: Iterable[tuple[int, str, str | None, int, str, int | None, int | None, int | None, int | None]],
) -> Iterator[Sent]:
    """Each contact of ours with what they said before the next one; ``rows`` in the order of enrolments and time."""
    sent: Sent | None = None
    whose: int | None = None
    for _id, direction, outcome, at, channel, enrolment_id, step, variant_id, version_id in rows:
        said = answer(direction, outcome)
        if direction == "out" and (step, variant_id) != (None, None):
            if sent is not None:
                yield sent
            sent, whose = Sent(at, channel, version_id, step, variant_id, said, None), enrolment_id
        elif sent is not None and enrolment_id is not None and enrolment_id == whose:
            if said is None:
                continue
            after = sent.after if sent.answer is not None else at - sent.at
            sent = sent._replace(answer=said, after=after)
    if sent is not None:
        yield sent
