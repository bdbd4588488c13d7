"""Starting a wave of a campaign: everybody in it with a code of their own, in one act; and who has not posted yet."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import codes
from kolbench.domain.clock import HOUR
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, consents, merges, participants

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from kolbench.domain.campaigns import Shown
    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

EARLY = 6 * HOUR
"""So long before the agreed moment (ms) a post or a click is of that wave already."""


class Left(NamedTuple):
    """Somebody who was not taken into a wave: they want no contact, for a ``reason``, or take part already (None)."""

    creator_id: int
    name: str
    reason: str | None


class Started(NamedTuple):
    """The wave, the participants that were added, and who was left out."""

    wave_id: int
    participants: Sequence[int]
    left: Sequence[Left]


class Unposted(NamedTuple):
    """A participant of a wave of whom no post for the campaign is known; ``elsewhere`` counts their other posts since.

    ``moment_at`` (ms) was agreed in the campaign's zone.
    """

    participant_id: int
    creator_id: int
    campaign_id: int
    campaign: str
    wave: str
    moment_at: int
    time_zone: str
    code: str | None
    elsewhere: int


def start(
    store: Store,
    campaign_id: int,
    author: str,
    creator_ids: Sequence[int],
    *,
    no: int = 1,
    name: str = "",
    moment_at: int | None = None,
    refused: dict[int, str] | None = None,
    pick: Callable[[str], str] = secrets.choice,
) -> Started:
    """Put people into wave ``no``, made if there is none, each with a new code.

    Who is in ``refused`` (why they want no contact) or takes part already is left out. ``moment_at`` (ms) is when they
    post; None leaves what was agreed. ``pick`` chooses the symbols of the codes. Raises UsageError when somebody is not
    there (any more).
    """
    with changes.act(store, author, "wave") as act:
        wave_id = _wave(act, campaign_id, no, name, moment_at)
        people = list(dict.fromkeys(merges.require(act.db, one) for one in creator_ids))
        names = _names(act.db, people)
        inside = {
            row[0]
            for row in act.db.execute(
                "SELECT creator_id FROM participant WHERE campaign_id = ? AND creator_id IS NOT NULL", (campaign_id,)
            )
        }
        refused = refused or {}
        left = [Left(one, names[one], refused.get(one)) for one in people if one in inside or one in refused]
        chosen = [one for one in people if one not in inside and one not in refused]
        facts = {"campaign_id": campaign_id, "wave_id": wave_id, "shown": "hidden", "joined_at": act.at}
        made = act.insert_all(
            "participant",
            [
                {
                    "creator_id": one,
                    "ref": participants.creator_ref(one),
                    "name": names[one],
                    **facts,
                    "author": author,
                    "at": act.at,
                }
                for one in chosen
            ],
        )
        _give_codes(act, campaign_id, made, pick)
    return Started(wave_id, made, left)


def give_codes(store: Store, campaign_id: int, participant_ids: Sequence[int], author: str) -> None:
    """Give participants a new code each, in one act that can be undone."""
    if participant_ids:
        with changes.act(store, author, "participant") as act:
            _give_codes(act, campaign_id, participant_ids, secrets.choice)


def consent(store: Store, participant_ids: Sequence[int], shown: Shown, author: str) -> int:
    """Note how these people let their names be shown to the public; how many people that changed.

    Whoever takes part more than once in a campaign is one of them, and it holds for all their parts.
    """
    with changes.act(store, author, "consent") as act:
        every = consents.parts(act.db, participant_ids)
        (n,) = act.db.execute(
            "SELECT count(DISTINCT coalesce(creator_id, -id)) FROM participant"
            " WHERE id IN (SELECT value FROM json_each(?)) AND shown <> ?",
            (json.dumps(every), shown),
        ).fetchone()
        act.update_all("participant", every, shown=shown)
    return int(n)


def unposted(db: sqlite3.Connection, since: int, creator_ids: str | None = None) -> list[Unposted]:
    """Who of the waves whose moment is after ``since`` (ms) has published nothing for the campaign so far.

    A post that names the code, the campaign or the landing address's host tells that they have, and so does a click
    or a sale by their code. ``creator_ids`` is a JSON array; None means everybody.
    """
    rows = db.execute(_UNPOSTED, {"since": since, "early": EARLY, "ids": creator_ids})
    return list(map(Unposted._make, rows.fetchall()))


def newest_part(db: sqlite3.Connection, creator_id: int) -> participants.Participant | None:
    """A person's part in the newest campaign in use that they take part in; None where there is none."""
    found = db.execute(
        "SELECT participant.id FROM participant JOIN campaign ON campaign.id = campaign_id AND archived_at IS NULL"
        " WHERE creator_id = ? ORDER BY campaign_id DESC, participant.id LIMIT 1",
        (creator_id,),
    ).fetchone()
    return found and participants.get(db, int(found[0]))


def part_in(db: sqlite3.Connection, campaign_id: int, creator_id: int) -> int | None:
    """The participant who is this person in a campaign; of several, the one who came in first."""
    query = "SELECT id FROM participant WHERE campaign_id = ? AND creator_id = ? ORDER BY id LIMIT 1"
    found = db.execute(query, (campaign_id, creator_id)).fetchone()
    return None if found is None else int(found[0])


def ahead_of(db: sqlite3.Connection, participant_id: int) -> int:
    """How many came into a campaign before a participant of it."""
    query = (
        "SELECT count(*) FROM participant WHERE id < ?1"
        " AND campaign_id = (SELECT campaign_id FROM participant AS one WHERE one.id = ?1)"
    )
    return int(db.execute(query, (participant_id,)).fetchone()[0])


def _wave(act: Act, campaign_id: int, no: int, name: str, moment_at: int | None) -> int:
    found = act.db.execute("SELECT id FROM wave WHERE campaign_id = ? AND no = ?", (campaign_id, no)).fetchone()
    if found is None:
        return act.insert(
            "wave",
            campaign_id=campaign_id,
            no=no,
            name=clean_line(name, 80) or _("Wave {n}").format(n=no),
            moment_at=moment_at,
            author=act.author,
            at=act.at,
        )
    told = {"name": clean_line(name, 80), "moment_at": moment_at}
    if changed := {column: value for column, value in told.items() if value not in (None, "")}:
        act.update("wave", found[0], **changed)
    return int(found[0])


def _give_codes(act: Act, campaign_id: int, participant_ids: Sequence[int], pick: Callable[[str], str]) -> None:
    taken = {row[0] for row in act.db.execute("SELECT code FROM referral_code WHERE campaign_id = ?", (campaign_id,))}
    drawn = codes.draw(len(participant_ids), taken, pick)
    facts = {"campaign_id": campaign_id, "author": act.author, "at": act.at}
    act.insert_all(
        "referral_code",
        [{"participant_id": one, "code": code, **facts} for one, code in zip(participant_ids, drawn, strict=True)],
    )


def _names(db: sqlite3.Connection, creator_ids: Sequence[int]) -> dict[int, str]:
    rows = db.execute(
        "SELECT creator.id, coalesce(standing.name, creator.name) FROM json_each(?) AS wanted"
        " CROSS JOIN creator ON creator.id = wanted.value LEFT JOIN standing ON standing.creator_id = creator.id",
        (json.dumps(list(creator_ids)),),
    )
    return dict(rows.fetchall())


_UNPOSTED = """
WITH waiting AS MATERIALIZED (
  SELECT p.id, p.creator_id, p.ref, wave.campaign_id, campaign.name AS campaign, wave.name AS wave, moment_at,
    (SELECT code FROM referral_code WHERE participant_id = p.id ORDER BY id DESC LIMIT 1)
      AS code,
    body ->> 'landing_url' AS landing_url, coalesce(body ->> 'time_zone', 'UTC') AS time_zone
  FROM wave
  JOIN campaign ON campaign.id = wave.campaign_id AND archived_at IS NULL
  JOIN campaign_version AS terms ON terms.id = (
    SELECT id FROM campaign_version WHERE campaign_id = campaign.id ORDER BY version DESC LIMIT 1)
  JOIN participant AS p ON p.wave_id = wave.id
  WHERE moment_at > :since AND p.creator_id IS NOT NULL
    AND (:ids IS NULL OR p.creator_id IN (SELECT value FROM json_each(:ids)))
), told AS (
  SELECT w.id, upper(coalesce(post.title, '') || ' ' || coalesce(post.text, '')) AS said, w.code, w.campaign,
    replace(replace(substr(w.landing_url, instr(w.landing_url, '//') + 2), 'www.', ''), '{code}', '') AS place
  FROM waiting AS w
  JOIN account ON account.creator_id = w.creator_id
  JOIN post ON post.account_id = account.id AND post.published_at >= w.moment_at - :early
), posted AS (
  SELECT id, count(*) AS posts,
    max(instr(said, code) > 0 OR instr(said, upper(campaign)) > 0
      OR (place <> '' AND instr(said, upper(substr(place, 1, instr(place || '/', '/') - 1))) > 0)) AS named
  FROM told GROUP BY id
)
SELECT w.id, w.creator_id, w.campaign_id, w.campaign, w.wave, w.moment_at, w.time_zone, w.code,
  coalesce(posts, 0)
FROM waiting AS w LEFT JOIN posted ON posted.id = w.id
WHERE coalesce(named, 0) = 0
  AND NOT EXISTS (
    SELECT 1 FROM touch WHERE participant_id = w.id AND at >= w.moment_at - :early AND visitor <> w.ref)
  AND NOT EXISTS (
    SELECT 1 FROM conversion WHERE participant_id = w.id AND at >= w.moment_at - :early AND buyer IS NOT w.ref)
ORDER BY w.moment_at, w.id
"""
