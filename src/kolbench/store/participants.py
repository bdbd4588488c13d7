"""Who takes part in a campaign, with the codes that are theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.campaigns import code_key
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import consents, merges, participant_accounts, referrals

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from kolbench.domain.campaigns import Shown
    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

_COLUMNS = (
    f"id, campaign_id, creator_id, ref, name, wave_id, {consents.AGREED}, joined_at, parent_id, referred_at,"
    " (SELECT code FROM referral_code WHERE participant_id = participant.id ORDER BY id DESC LIMIT 1)"
)


STANDS_FOR = (
    "SELECT owned.participant_id FROM referral_code AS owned WHERE owned.campaign_id = {one}.campaign_id"
    " AND owned.code = {one}.maybe_code AND owned.participant_id <> {one}.id"
)
"""SQL: whom a participant ``one`` stands for, whose id has turned out to be a code of theirs."""

OWN_CLICK = (
    "NOT EXISTS (SELECT 1 FROM participant AS named WHERE named.id = touch.participant_id AND maybe_code IS NOT NULL"
    f" AND EXISTS ({STANDS_FOR.format(one='named')}))"
)
"""SQL: that a ``touch`` is not of somebody who stands for another, who has it as well."""


class Participant(NamedTuple):
    """Somebody in a campaign: ``ref`` is their id where sales are told, ``code`` their newest. Moments are ms.

    ``parent_id`` is the participant by whom they came, since ``referred_at``. ``shown`` is as the person agreed, whose
    other parts in the campaign count, too.
    """

    id: int
    campaign_id: int
    creator_id: int | None
    ref: str
    name: str | None
    wave_id: int | None
    shown: Shown
    joined_at: int | None
    parent_id: int | None
    referred_at: int | None
    code: str | None


def creator_ref(creator_id: int) -> str:
    """The ref of a creator whom no source of the campaign has told yet."""
    return f"creator:{creator_id}"


def add(
    act: Act,
    campaign_id: int,
    ref: str | None = None,
    *,
    creator_id: int | None = None,
    name: str | None = None,
    wave_id: int | None = None,
    shown: Shown = "hidden",
    joined_at: int | None = None,
) -> int:
    """Add somebody as a part of a larger act; returns their id. Raises UsageError where the ref takes part already."""
    if creator_id is not None:
        creator_id = merges.require(act.db, creator_id)
    ref = clean_line(ref or "", 256) or (creator_ref(creator_id) if creator_id is not None else "")
    if not ref:
        raise UsageError(_("Say who takes part: their id where the sales are told, or a creator."))
    if by_ref(act.db, campaign_id, ref) is not None:
        raise UsageError(_("'{ref}' takes part already.").format(ref=ref))
    return act.insert(
        "participant",
        campaign_id=campaign_id,
        creator_id=creator_id,
        ref=ref,
        name=clean_line(name or "", 200) or None,
        wave_id=wave_id,
        shown=shown,
        joined_at=act.at if joined_at is None else joined_at,
        author=act.author,
        at=act.at,
    )


def get(db: sqlite3.Connection, participant_id: int) -> Participant:
    """One participant. Raises UsageError when there is none of that number."""
    found = db.execute(f"SELECT {_COLUMNS} FROM participant WHERE id = ?", (participant_id,)).fetchone()
    if found is None:
        raise UsageError(_("There is no participant {id}.").format(id=participant_id))
    return Participant._make(found)


def by_ref(db: sqlite3.Connection, campaign_id: int, ref: str) -> int | None:
    """The participant with that id where sales are told."""
    query = "SELECT id FROM participant WHERE campaign_id = ? AND ref = ?"
    found = db.execute(query, (campaign_id, ref)).fetchone()
    return found and int(found[0])


def by_code(db: sqlite3.Connection, campaign_id: int, code: str) -> int | None:
    """Whose a code is, or was until it was retired."""
    query = "SELECT participant_id FROM referral_code WHERE campaign_id = ? AND code = ?"
    found = db.execute(query, (campaign_id, code_key(code))).fetchone()
    return found and int(found[0])


def meant(db: sqlite3.Connection, participant_ids: Iterable[int]) -> dict[int, int]:
    """Of these participants, whom those stand for whose ids have turned out to be codes."""
    rows = db.execute(
        f"SELECT named.id, ({STANDS_FOR.format(one='named')}) AS owner FROM json_each(?) AS wanted"
        " CROSS JOIN participant AS named ON named.id = wanted.value WHERE owner IS NOT NULL",
        (json.dumps(list(participant_ids)),),
    )
    return dict(rows.fetchall())


def find(store: Store, campaign_id: int, text: str) -> int:
    """The participant whom a ref, a code, exactly a name, or a number names.

    Raises UsageError, also where it is the ref of one and the code of another.
    """
    db = store.reader()
    of_ref, of_code = by_ref(db, campaign_id, text), by_code(db, campaign_id, text)
    if of_code is not None and meant(db, [of_ref] if of_ref else []):
        of_ref = None
    if of_ref is not None and of_code is not None and of_ref != of_code:
        owner = get(db, of_code)
        told = _("'{text}' is the id of participant {id}, and the code of {owner} (participant {other}): write which.")
        raise UsageError(told.format(text=text, id=of_ref, owner=owner.name or owner.ref, other=of_code))
    for found in (of_ref, of_code):
        if found is not None:
            return found
    rows = db.execute(
        "SELECT id FROM participant WHERE campaign_id = ?1 AND name = ?2 LIMIT 3", (campaign_id, text)
    ).fetchall()
    rows = (
        rows
        or db.execute(
            "SELECT id FROM participant WHERE campaign_id = ?1 AND id = CAST(?2 AS INTEGER) AND ?2 = CAST(id AS TEXT)",
            (campaign_id, text),
        ).fetchall()
    )
    if len(rows) == 1:
        return int(rows[0][0])
    if rows:
        ids = ", ".join(str(row[0]) for row in rows)
        raise UsageError(_("Several participants are called '{text}': name one by the id ({ids}).").format(
            text=text, ids=ids
        ))  # fmt: skip
    raise UsageError(_("Nobody in this campaign has the id, code or name '{text}'.").format(text=text))


def listed(
    db: sqlite3.Connection, campaign_id: int, wave_id: int | None = None, offset: int = 0, limit: int = -1
) -> list[Participant]:
    """The participants of a campaign, or of one of its waves, in the order in which they came in."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM participant WHERE campaign_id = ?1 AND (?2 IS NULL OR wave_id = ?2)"
        " ORDER BY id LIMIT ?4 OFFSET ?3",
        (campaign_id, wave_id, offset, limit),
    )
    return list(map(Participant._make, rows.fetchall()))


def sought(db: sqlite3.Connection, campaign_id: int, text: str) -> list[int]:
    """The participants of whom the name, the ref or a code holds a text, in the order in which they came in."""
    rows = db.execute(
        "SELECT id FROM participant WHERE campaign_id = ?1 AND (instr(lower(name), ?2) OR instr(lower(ref), ?2)"
        " OR EXISTS (SELECT 1 FROM referral_code WHERE participant_id = participant.id AND instr(lower(code), ?2)))"
        " ORDER BY id",
        (campaign_id, text.lower()),
    )
    return [row[0] for row in rows]


def without_code(db: sqlite3.Connection, campaign_id: int, wave_id: int | None = None) -> list[str]:
    """The names, else ids, of those of a campaign or a wave who have no code in use."""
    rows = db.execute(
        "SELECT coalesce(name, ref) FROM participant WHERE campaign_id = ?1 AND (?2 IS NULL OR wave_id = ?2) AND"
        " NOT EXISTS (SELECT 1 FROM referral_code WHERE participant_id = participant.id) ORDER BY id",
        (campaign_id, wave_id),
    )
    return [row[0] for row in rows]


def unknown_before(db: sqlite3.Connection, run_id: int) -> list[str]:
    """The refs of those whom runs after this one named as somebody's referrer or seller, and nothing else tells of."""
    rows = db.execute(
        "SELECT ref FROM participant WHERE run_id > ? AND name IS NULL AND joined_at IS NULL AND creator_id IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM referral_code WHERE participant_id = participant.id)"
        " AND NOT EXISTS (SELECT 1 FROM referral_edge WHERE child_id = participant.id)"
        f" AND NOT EXISTS ({STANDS_FOR.format(one='participant')}) ORDER BY id",
        (run_id,),
    )
    return [row[0] for row in rows]


class Waiting(NamedTuple):
    """How much was told by codes that nobody has: it is taken up when somebody gets them."""

    conversions: int
    clicks: int
    referrals: int


def waiting(db: sqlite3.Connection, run_id: int = 0) -> Waiting:
    """What waits in all campaigns for somebody to get its code, of all that runs after this one have told."""
    nobodys = (
        "NOT EXISTS (SELECT 1 FROM referral_code WHERE referral_code.campaign_id = told.campaign_id"
        " AND referral_code.code = told.code)"
    )
    (found,) = db.execute(
        "SELECT (SELECT count(*) FROM campaign CROSS JOIN conversion AS told ON told.campaign_id = campaign.id"
        f"  AND told.state = 'quarantined' AND told.reason = 'unknown-code' WHERE told.run_id > ?1"
        f"  AND told.code IS NOT NULL AND {nobodys}), (SELECT count(*) FROM waiting_touch WHERE run_id > ?1),"
        " (SELECT count(*) FROM referral_edge AS told WHERE told.run_id > ?1 AND told.code IS NOT NULL"
        f"  AND told.parent_id IS NULL AND {nobodys})",
        (run_id,),
    ).fetchall()
    return Waiting(*found)


def newest_code(db: sqlite3.Connection) -> int:
    """The number of the code that was given last; 0 before the first."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM referral_code").fetchone()[0])


def taken_up(db: sqlite3.Connection, code_id: int) -> int:
    """How many conversions, clicks and referrals waited for the codes that were given after this one."""
    query = "SELECT coalesce(sum(waited), 0) FROM referral_code WHERE id > ?"
    return int(db.execute(query, (code_id,)).fetchone()[0])


def forget(db: sqlite3.Connection, creator_id: int) -> None:
    """Take a person out of every campaign but for the sums: what was sold and is owed stays, whose it is does not.

    Their ref, their codes and what they bought get names that say nothing, and what their ref decided stays decided, so
    that all is attributed as before. A part of erasing them, which lets these rows change.
    """
    participant_accounts.forget(db, creator_id)
    theirs = db.execute("SELECT id, campaign_id, ref FROM participant WHERE creator_id = ?", (creator_id,)).fetchall()
    for participant_id, campaign_id, ref in theirs:
        referrals.keep_what_decides(db, participant_id)
        facts = {"id": participant_id, "campaign": campaign_id, "ref": ref, "nobody": f"erased:{participant_id}"}
        for statement in _FORGETTING:
            db.execute(statement, facts)
        codes = db.execute("SELECT id, code FROM referral_code WHERE participant_id = ?", (participant_id,)).fetchall()
        for code_id, code in codes:
            renamed = {"campaign": campaign_id, "code": code, "nobody": f"erased:{code_id}"}
            for table in ("referral_code", "referral_edge", "conversion", "touch"):
                db.execute(f"UPDATE {table} SET code = :nobody WHERE campaign_id = :campaign AND code = :code", renamed)
            db.execute(
                "UPDATE participant SET maybe_code = :nobody, ref = :nobody || ':' || id, name = NULL"
                " WHERE campaign_id = :campaign AND maybe_code = :code",
                renamed,
            )


_DECIDED = "participant_id = :id OR (SELECT participant_id FROM conversion WHERE id = conversion_id) = :id"
_FORGETTING = (
    # Of clicks at the same moment the refs decide, which are forgotten: the order that they make stays.
    "UPDATE touch SET place = kept.place FROM (SELECT touch.id,"
    "  row_number() OVER (PARTITION BY visitor, touch.at ORDER BY place IS NULL, place, ref) AS place"
    "  FROM touch JOIN participant ON participant.id = participant_id WHERE touch.campaign_id = :campaign"
    "  AND (visitor, touch.at) IN (SELECT visitor, at FROM touch WHERE participant_id = :id)) AS kept"
    " WHERE kept.id = touch.id",
    # Of two participants who were one person, one buying by the other: it can't be told any more, and stays so.
    "INSERT INTO conversion_decision (conversion_id, decision, reason, author, at)"
    " SELECT id, 'reject', reason, 'erasure', received_at FROM conversion"
    " WHERE campaign_id = :campaign AND (participant_id = :id OR buyer = :ref) AND state <> 'counted'"
    " AND reason IN ('self-referral', 'circular')",
    *(
        f"DELETE FROM change_log WHERE entity = '{table}' AND entity_id IN (SELECT id FROM {table} WHERE {whose})"
        for table, whose in (
            ("referral_code", "participant_id = :id"),
            ("referral_edge", "child_id = :id"),
            ("referral_edge", "parent_id = :id"),
            ("commission_entry", "campaign_id = :campaign AND participant_id = :id"),
            ("conversion_decision", _DECIDED),
            ("campaign_flag", "participant_id = :id"),
        )
    ),
    f"UPDATE conversion_decision SET reason = '***' WHERE {_DECIDED}",
    "UPDATE referral_edge SET reason = NULL WHERE :id IN (child_id, parent_id)",
    "UPDATE commission_entry SET reason = NULL WHERE campaign_id = :campaign AND participant_id = :id",
    "UPDATE campaign_flag SET evidence = json_object('conversions', json(coalesce(evidence -> 'conversions', '[]'))),"
    " cause = 'erased:' || id,"
    " reason = iif(reason IS NULL, NULL, '***') WHERE participant_id = :id",
    "UPDATE conversion SET buyer = :nobody, device = NULL, address = NULL, payment = NULL"
    " WHERE campaign_id = :campaign AND buyer = :ref",
    "UPDATE touch SET visitor = :nobody WHERE campaign_id = :campaign AND visitor = :ref",
    "UPDATE waiting_touch SET visitor = :nobody WHERE campaign_id = :campaign AND visitor = :ref",
    "UPDATE OR REPLACE unsettled_buyer SET buyer = :nobody WHERE campaign_id = :campaign AND buyer = :ref",
    "UPDATE campaign_version SET body = json_set(body, '$.exclusions', (SELECT json_group_array("
    " iif(value = :ref, :nobody, value)) FROM json_each(body, '$.exclusions')))"
    " WHERE campaign_id = :campaign AND instr(body, :ref)",
    "DELETE FROM participant_account WHERE participant_id = :id",
    "UPDATE participant SET creator_id = NULL, home_id = NULL, name = NULL, ref = :nobody, shown = 'hidden',"
    f" maybe_code = iif(EXISTS ({STANDS_FOR.format(one='participant')}), maybe_code, NULL)"
    " WHERE id = :id",
)
