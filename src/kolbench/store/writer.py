"""From records to rows: one page and its checkpoint in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from msgspec.json import encode

from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    ConversionRecord,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    ParticipantRecord,
    PostRecord,
    ReferralRecord,
    RefundRecord,
    SnapshotRecord,
    TouchRecord,
)
from kolbench.store import (
    accounts,
    campaign_records,
    communities,
    erasure_marks,
    follows,
    participant_accounts,
    posts,
    runs,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from kolbench.domain.records import Record
    from kolbench.store.connect import Store
    from kolbench.store.runs import Run

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True)
class Refused:
    """A record that contradicts what is stored, and was not written."""

    record: Record
    field: str
    reason: str


@dataclass
class Written:
    """What became of a page's records."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    erased: int = 0
    """Records about people who were erased, which were left out."""
    refused: list[Refused] = field(default_factory=list)


@dataclass
class Batch:
    """The page being written: what each noun's writer needs."""

    db: sqlite3.Connection
    run: Run
    observed_at: int
    written: Written
    account_ids: dict[str, int] = field(default_factory=dict)
    metric_ids: dict[str, int] = field(default_factory=dict)
    campaign_ids: dict[str, int | None] = field(default_factory=dict)
    stale: set[int] = field(default_factory=set)
    unmatched: set[int] = field(default_factory=set)

    @property
    def platform(self) -> str:
        """The platform whose ids the records use."""
        return self.run.source.platform

    def refuse(self, record: Record, field_name: str, reason: str) -> None:
        """Report a record that can't be written."""
        self.written.refused.append(Refused(record, field_name, reason))

    def count(self, subjects: Iterable[T], fresh: AbstractSet[T], changed: AbstractSet[T]) -> None:
        """Add up what became of records, given the subject of each: made, changed, or as it was."""
        seen: set[T] = set()
        for subject in subjects:
            if subject in fresh and subject not in seen:
                self.written.new += 1
                seen.add(subject)
            elif subject in changed:
                self.written.changed += 1
            else:
                self.written.unchanged += 1

    def tally(self, records: int, changes_before: int) -> None:
        """Add up records written by statements that touch one row for each that is new."""
        new = self.db.total_changes - changes_before
        self.written.new += new
        self.written.unchanged += records - new


def write_page(
    store: Store,
    run: Run,
    feed: str,
    records: Sequence[Record],
    cursor: str | None,
    observed_at: int,
    target: str = "",
) -> Written:
    """Write ``records`` and move the checkpoint of ``feed`` and ``target`` to ``cursor``, all or nothing.

    A cursor of None leaves it where it is. ``observed_at`` dates the counters of records that don't say when they
    were seen. Records may come again: they are recognised by their natural keys. Raises SourceError when the run
    was closed meanwhile.
    """
    written = Written()
    with store.writing() as db:
        runs.require_running(db, run)
        batch = Batch(db, run, observed_at, written)
        kept = erasure_marks.allowed(db, batch.platform, records)
        written.erased += len(records) - len(kept)
        _write(batch, kept)
        for table, ids in (("stale_creator", batch.stale), ("unmatched_creator", batch.unmatched)):
            db.execute(
                f"INSERT INTO {table} (creator_id) SELECT value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING",
                (encode(sorted(ids)).decode(),),
            )
        db.execute(
            "UPDATE run SET new = new + ?, changed = changed + ?, unchanged = unchanged + ?,"
            " rejected = rejected + ? WHERE id = ?",
            (written.new, written.changed, written.unchanged, len(written.refused), run.id),
        )
        if cursor is not None:
            runs.save_cursor(db, run, feed, target, cursor)
    return written


def _write(batch: Batch, records: Sequence[Record]) -> None:
    """Accounts and communities first, so that the rest finds them."""
    kinds = set(map(type, records))

    def of(kind: type[R]) -> Sequence[R]:
        if kinds == {kind}:
            return cast("Sequence[R]", records)
        return [record for record in records if isinstance(record, kind)] if kind in kinds else []

    if found := of(AccountRecord):
        accounts.write(batch, found)
    if rooms := of(CommunityRecord):
        communities.write(batch, rooms)
    if works := of(PostRecord):
        posts.write(batch, works)
    if snapshots := of(SnapshotRecord):
        posts.write_series(batch, snapshots)
    if edges := of(FollowRecord):
        follows.write(batch, edges)
    if members := of(MembershipRecord):
        communities.write_memberships(batch, members)
    if messages := of(MessageRecord):
        communities.write_messages(batch, messages)
    if deeds := of(InteractionRecord):
        communities.write_activities(batch, deeds)
    participant_accounts.join(batch)
    if people := of(ParticipantRecord):
        campaign_records.write_participants(batch, people)
    if referrals := of(ReferralRecord):
        campaign_records.write_referrals(batch, referrals)
    if touches := of(TouchRecord):
        campaign_records.write_touches(batch, touches)
    if sales := of(ConversionRecord):
        campaign_records.write_conversions(batch, sales)
    if refunds := of(RefundRecord):
        campaign_records.write_refunds(batch, refunds)
