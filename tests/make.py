"""Builders: a store with people, and what they wrote, published and counted, in one line each.

People, rooms and sources are named by a word; moments are days after ``START``. Everything is written as a
sync would, through ``writer.write_page``::

    store = make.store(tmp_path)
    make.write(store, make.said("ann", "tea", day=1), make.did("thank", "bob", "ann", "tea", day=1))
    make.creator(store, "ann")
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kolbench.domain import clock
from kolbench.domain.records import (
    AccountRecord,
    InteractionRecord,
    MessageRecord,
    PostRecord,
    SnapshotRecord,
)
from kolbench.store import runs, sources, writer
from kolbench.store.connect import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kolbench.domain.records import Record
    from kolbench.store.changes import Act
    from kolbench.store.sources import Source
    from kolbench.store.writer import Written

START = datetime(2026, 1, 1, tzinfo=UTC)


def store(folder: Path, name: str = "kolbench.db") -> Store:
    """A new, empty store in ``folder``."""
    return Store.open(folder / name)


def source(store: Store, name: str = "demo", platform: str = "demo") -> Source:
    """The source ``name``, added if it isn't there."""
    return sources.find(store, name) or sources.add(store, name, "demo", platform, {})


def write(
    store: Store, *records: Record, origin: Source | None = None, day: float = 0, page: int = 1_000, state: str = "done"
) -> Written:
    """Write ``records`` in one finished run of ``origin`` (``demo``); counters without a date are of ``day``."""
    run = runs.start(store, origin or source(store), "sync")
    total = writer.Written()
    for first in range(0, max(len(records), 1), page):
        part = writer.write_page(store, run, "profiles", records[first : first + page], None, ms(day))
        total.new += part.new
        total.changed += part.changed
        total.unchanged += part.unchanged
        total.refused += part.refused
    runs.finish(store, run, state)
    return total


def people(store: Store, n: int, **facts: Any) -> list[int]:
    """``n`` new people, ``p1`` … ``pn``, alike in ``facts``; returns their creator ids."""
    names = [f"p{i}" for i in range(1, n + 1)]
    write(store, *(person(name, **facts) for name in names))
    return [creator(store, name) for name in names]


def person(uid: str, /, **facts: Any) -> AccountRecord:
    """One account, whose id, handle and name are ``uid`` where ``facts`` don't say otherwise."""
    return AccountRecord(**{"uid": uid, "handle": uid, "name": uid, **facts})


def counted(name: str, day: float, **metrics: int) -> SnapshotRecord:
    """The counters of an account on a day: ``counted("ann", 3, followers=1_200)``."""
    return SnapshotRecord(account_uid=name, metrics=dict(metrics), observed_at=moment(day))


def posted(name: str, day: float, title: str = "", **metrics: int) -> PostRecord:
    """A work published on a day, with its counters as seen on that day."""
    return PostRecord(
        uid=f"{name}@{day}",
        account_uid=name,
        published_at=moment(day),
        title=title,
        metrics=dict(metrics),
        observed_at=moment(day),
    )


def said(name: str, room: str, day: float, text: str = "hello", uid: str | None = None) -> MessageRecord:
    """A message; its id tells who, where and when, unless given."""
    return MessageRecord(
        uid=uid or message_uid(name, room, day), community_uid=room, account_uid=name, sent_at=moment(day), text=text
    )


def did(
    kind: str, actor: str, person: str, room: str | None, day: float, evidence: str | None = None
) -> InteractionRecord:
    """``actor`` did ``kind`` towards ``person``, shown by the message they sent at that moment."""
    return InteractionRecord(
        actor_uid=actor,
        object_uid=person,
        kind=kind,
        at=moment(day),
        evidence_uid=evidence or message_uid(actor, room or "", day),
        community_uid=room,
    )


def creator(store: Store, name: str, platform: str = "demo") -> int:
    """The id of the creator who owns the account ``name``."""
    query = "SELECT creator_id FROM account WHERE platform = ? AND uid = ?"
    return int(store.reader().execute(query, (platform, name)).fetchone()[0])


def community(store: Store, room: str, platform: str = "demo") -> int:
    """The id of the community ``room``."""
    query = "SELECT id FROM community WHERE platform = ? AND uid = ?"
    return int(store.reader().execute(query, (platform, room)).fetchone()[0])


def brief(store: Store, name: str = "Tea", like: Sequence[tuple[str, int]] = (), **facts: Any) -> int:
    """A brief, by default to activate; ``like`` are words and the creators they mean; returns its id."""
    from kolbench.domain.briefs import parse
    from kolbench.store import briefs

    written = {"name": name, "purpose": "activate", **facts}
    if like:
        written["topics"] = {**written.get("topics", {}), "like": [word for word, _id in like]}
    meant = briefs.Meant(like=tuple(creator_id for _word, creator_id in like))
    return briefs.save(store, parse(written), meant, "me")


def sequence(store: Store, *channels: str, template: str = "") -> int:
    """A sequence of one plan by these channels, each at once after the other, at any hour; returns its id."""
    from kolbench.domain.sequences import parse
    from kolbench.store import sequences

    steps = [{"channel": channel, "days": 0, "template": template} for channel in channels]
    facts = {"name": "SOP", "quiet": "", "a_week": 20, "plans": [{"name": "A", "steps": steps}]}
    return sequences.save(store, parse(facts), "me")


def same_person(store: Store, *names: str) -> int:
    """Give the accounts ``names`` to the owner of the first, whose id is returned."""
    owner = creator(store, names[0])
    with store.writing() as db:
        for name in names[1:]:
            db.execute("UPDATE account SET creator_id = ? WHERE uid = ?", (owner, name))
    return owner


def message_uid(name: str, room: str, day: float) -> str:
    """The id that ``said`` gives a message."""
    return f"{room}/{name}/{day}"


def moment(day: float = 0) -> datetime:
    """``day`` days after ``START``."""
    return START + timedelta(days=day)


def ms(day: float = 0) -> int:
    """``moment(day)`` in milliseconds."""
    return clock.to_ms(moment(day))


def give_code(act: Act, participant_id: int, code: str) -> None:
    """Give somebody of a campaign a code of their own choice."""
    query = "SELECT campaign_id FROM participant WHERE id = ?"
    (campaign_id,) = act.db.execute(query, (participant_id,)).fetchone()
    one = {"campaign_id": campaign_id, "participant_id": participant_id, "code": code.upper()}
    act.insert("referral_code", **one, author=act.author, at=act.at)
