"""One timeline of everything about a person, newest first, a page at a time however much there is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import merges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from kolbench.store.connect import Store

_LAST_ID = 2**63 - 1


class Entry(NamedTuple):
    """One thing that happened (``at``: ms): ``facts`` are codes, names and texts for whoever puts it into words."""

    at: int
    kind: str
    id: int
    author: str | None
    facts: Mapping[str, Any]


class Cursor(NamedTuple):
    """The entry after which the next page begins; ``str`` and ``cursor`` take it through a command line."""

    at: int
    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.at}.{self.kind}.{self.id}"


class Page(NamedTuple):
    """Entries, the newest first; ``older`` is where the next page begins, None when there is none."""

    entries: Sequence[Entry]
    older: Cursor | None


@dataclass(frozen=True)
class Kind:
    """Where the entries of one kind come from.

    ``rows`` is what follows FROM, with a WHERE: the rows of ``:whose``, which is a person, or where ``by_account``
    each of their accounts in turn; ``:members`` are all who are that person now, as JSON. ``at``, ``id``, ``author``
    and ``facts`` (name to expression) are SQL over those rows; entries of a kind differ in ``id``. An index on whose
    they are and ``at`` makes a page cost no more than itself. ``usual``: shown where nobody chooses kinds.
    """

    rows: str
    facts: Mapping[str, str]
    at: str = "at"
    id: str = "id"
    author: str = "author"
    by_account: bool = False
    usual: bool = True


_DAY = "printf('%04d-%02d-%02d', year, coalesce(month, 1), coalesce(day, 1))"
_MERGED = (
    "merge_record JOIN creator ON creator.id = merge_record.creator_id"
    " WHERE (merge_record.creator_id IN (SELECT value FROM json_each(:members))"
    " OR into_id IN (SELECT value FROM json_each(:members)))"
)
_ENROLLED = (
    "enrolment JOIN sequence_version AS v ON v.id = version_id JOIN sequence ON sequence.id = sequence_id"
    " WHERE creator_id = :whose"
)
_LOGGED = "log.entity_id = mine.id AND log.undone_at IS NULL"
_FILE = " UNION ALL ".join(
    f"SELECT '{table}' AS entity, id, {what} AS what FROM {table} WHERE creator_id = :whose"
    for table, what in (
        ("fact", "field"),
        ("need", "kind"),
        ("important_date", "title"),
        ("attachment", "title"),
        ("contact_point", "channel || ' ' || value"),
        ("do_not_contact", "scope"),
    )
)


def _titles(ladder: str) -> dict[str, str]:
    """What the rules by which somebody came to a stage or grade call it."""
    return {
        title: f"(SELECT rung.value ->> '{title}' FROM rule_set, json_each(rule_set.body, '$.{ladder}s') AS rung"
        f" WHERE rule_set.id = rule_set_id AND rung.value ->> 'name' = {ladder})"
        for title in ("title", "title_zh")
    }


def _sanctioned(text: str) -> str:
    """What the rules under which a violation was written down call what followed, or would have."""
    return (
        f"(SELECT each.value ->> '{text}' FROM violation JOIN rule_set ON rule_set.id = violation.rule_set_id"
        " CROSS JOIN json_each(rule_set.body, '$.sanctions') AS each WHERE violation.id = violation_id"
        " AND each.value ->> 'name' = coalesce(applied, proposed))"
    )


KINDS: Mapping[str, Kind] = {
    "touchpoint": Kind(
        "touchpoint WHERE creator_id = :whose",
        {"direction": "direction", "channel": "channel", "outcome": "outcome", "step": "step"},
    ),
    "note": Kind("note WHERE creator_id = :whose", {"text": "substr(text, 1, 500)"}),
    "post": Kind(
        "post JOIN account ON account.id = post.account_id WHERE post.account_id = :whose",
        {
            "platform": "account.platform",
            "type": "post.kind",
            "text": "coalesce(post.title, substr(post.text, 1, 200))",
            "url": "post.url",
        },
        at="published_at",
        id="post.id",
        author="NULL",
        by_account=True,
    ),
    "message": Kind(
        "message JOIN community ON community.id = community_id WHERE account_id = :whose",
        {"community": "coalesce(community.name, community.uid)", "text": "substr(message.text, 1, 200)"},
        at="sent_at",
        id="message.id",
        author="NULL",
        by_account=True,
        usual=False,
    ),
    "decision": Kind(
        "decision JOIN brief ON brief.id = brief_id WHERE creator_id = :whose",
        {"brief": "brief.name", "state": "state", "reason": "reason"},
        id="decision.id",
        author="decision.author",
    ),
    "follow_up": Kind(
        "follow_up WHERE creator_id = :whose AND state <> 'open'",
        {"rule": "rule", "state": "state", "evidence": "json(evidence)"},
        at="closed_at",
        author="(SELECT author FROM change_log WHERE entity = 'follow_up' AND entity_id = follow_up.id"
        " AND follow_up.state = 'done' AND undone_at IS NULL ORDER BY id DESC LIMIT 1)",
    ),
    "sequence": Kind(
        _ENROLLED,
        {"sequence": "sequence.name"},
        at="enrolment.at",
        id="enrolment.id",
        author="enrolment.author",
    ),
    "sequence_end": Kind(
        _ENROLLED,
        {"sequence": "sequence.name", "state": "state", "reason": "reason"},
        at="ended_at",
        id="enrolment.id",
        author="NULL",
    ),
    "campaign": Kind(
        "participant AS p JOIN campaign ON campaign.id = p.campaign_id LEFT JOIN wave ON wave.id = p.wave_id"
        " WHERE p.creator_id = :whose",
        {
            "campaign": "campaign.name",
            "wave": "wave.name",
            "code": "(SELECT code FROM referral_code WHERE participant_id = p.id ORDER BY id DESC LIMIT 1)",
        },
        at="coalesce(p.joined_at, p.at)",
        id="p.id",
        author="p.author",
    ),
    "stage": Kind(
        "stage_event WHERE creator_id = :whose AND undone_at IS NULL",
        {"stage": "stage", "how": "how", "reason": "reason", **_titles("stage")},
    ),
    "grade": Kind(
        "grade_event WHERE creator_id = :whose AND undone_at IS NULL",
        {"grade": "grade", "how": "how", "reason": "reason", **_titles("grade")},
    ),
    "agreement": Kind(
        "agreement_event AS one JOIN agreement ON agreement.id = agreement_id"
        " WHERE one.creator_id = :whose AND one.undone_at IS NULL",
        {"title": "agreement.title", "version": "one.version", "state": "one.state", "reason": "one.reason"},
        at="one.at",
        id="one.id",
        author="one.author",
    ),
    "delivery": Kind(
        "deliverable WHERE creator_id = :whose AND removed_at IS NULL",
        {"title": "title", "due_on": "due_on", "proof": "proof"},
        at="1000 * unixepoch(done_on, 'utc')",
    ),
    "acknowledgement": Kind(
        "acknowledgement WHERE creator_id = :whose",
        {"version": "rule_set_id", "channel": "channel"},
        at="said_at",
    ),
    "violation": Kind(
        "violation WHERE creator_id = :whose",
        {"rule": "rule", "severity": "severity", "text": "text", "withdrawn": "withdrawn_why"},
        at="happened_at",
    ),
    "sanction": Kind(
        "sanction WHERE creator_id = :whose",
        {
            "applied": "applied",
            "proposed": "proposed",
            "reason": "reason",
            "text": _sanctioned("text"),
            "text_zh": _sanctioned("text_zh"),
        },
    ),
    "incentive": Kind(
        "incentive_entry WHERE creator_id = :whose",
        {"type": "kind", "amount": "amount", "unit": "unit", "reason": "reason", "reversal_of": "reversal_of"},
    ),
    "life_event": Kind(
        "life_event WHERE creator_id = :whose AND removed_at IS NULL",
        {"text": "text", "year": "year", "month": "month", "day": "day"},
        at=f"coalesce(1000 * unixepoch({_DAY}, 'utc'), at)",
    ),
    "tag": Kind(
        f"tag AS mine CROSS JOIN change_log AS log ON log.entity = 'tag' AND {_LOGGED} WHERE creator_id = :whose",
        {"name": "mine.name", "removed": "log.after ->> 'removed_at' IS NOT NULL"},
        at="log.at",
        id="log.id",
        author="log.author",
    ),
    "owner": Kind(
        "creator AS mine CROSS JOIN change_log AS log ON log.entity = 'creator' AND "
        + _LOGGED
        + " WHERE mine.id = :whose"
        " AND json_type(log.after, '$.owner') IS NOT NULL",
        {"before": "log.before ->> 'owner'", "after": "log.after ->> 'owner'"},
        at="log.at",
        id="log.id",
        author="log.author",
    ),
    "file": Kind(
        f"({_FILE}) AS mine CROSS JOIN change_log AS log ON log.entity = mine.entity AND {_LOGGED} WHERE true",
        {
            "entity": "mine.entity",
            "what": "mine.what",
            "before": "json(log.before)",
            "after": "json(log.after)",
        },
        at="log.at",
        id="log.id",
        author="log.author",
    ),
    "merge": Kind(
        _MERGED,
        {"who": "creator.name", "number": "merge_record.id"},
        at="merge_record.at",
        id="merge_record.id",
    ),
    "unmerge": Kind(
        _MERGED,
        {"who": "creator.name", "number": "merge_record.id"},
        at="undone_at",
        id="merge_record.id",
        author="undone_by",
    ),
}
"""Every kind of entry. One more is one more line here, and one in ``screens/telling.py`` that puts it into words."""


def page(
    store: Store,
    creator_id: int,
    *,
    limit: int = 50,
    before: Cursor | int | None = None,
    kinds: Collection[str] | None = None,
) -> Page:
    """At most ``limit`` entries about a person: of these kinds, else of all usual ones.

    ``before`` is where an earlier page ended, or a moment (ms). Raises UsageError for an unknown kind.
    """
    wanted = [name for name, kind in KINDS.items() if kind.usual] if kinds is None else [*map(_known, kinds)]
    start = Cursor(before, "", 0) if isinstance(before, int) else before
    db = store.reader()
    person = merges.person(db, creator_id)
    members = json.dumps(list(person.members))
    accounts = [row[0] for row in db.execute("SELECT id FROM account WHERE creator_id = ?", (person.id,))]
    found = [
        _entries(db, name, {"whose": whose, "members": members, "limit": limit + 1}, start)
        for name in wanted
        for whose in (accounts if KINDS[name].by_account else [person.id])
    ]
    entries = list(islice(merge(*found, key=_place, reverse=True), limit + 1))
    older = Cursor(*entries[limit - 1][:3]) if len(entries) > limit else None
    return Page(entries[:limit], older)


def cursor(text: str) -> Cursor:
    """The cursor that was written as ``text``. Raises UsageError for anything else."""
    at, kind, number = ([*text.split("."), "", ""])[:3]
    if not (at.lstrip("-").isdecimal() and number.isdecimal() and kind in KINDS and len(at) < 19 > len(number)):
        raise UsageError(_("'{text}' is no place on the timeline: take it from the page before.").format(text=text))
    return Cursor(int(at), kind, int(number))


def query(kind: Kind) -> str:
    """The SQL of the newest ``:limit`` entries of a kind that come before ``:at`` and ``:id``."""
    facts = ", ".join(f"'{fact}', {expression}" for fact, expression in kind.facts.items())
    return (
        f"SELECT {kind.at}, {kind.id}, {kind.author}, json_object({facts}) FROM {kind.rows}"
        f" AND ({kind.at}, {kind.id}) < (:at, :id) ORDER BY {kind.at} DESC, {kind.id} DESC LIMIT :limit"
    )


def _entries(db: sqlite3.Connection, name: str, values: Mapping[str, Any], start: Cursor | None) -> Iterator[Entry]:
    at, last_id = (_LAST_ID, _LAST_ID) if start is None else (start.at, _bound(name, start))
    rows = db.execute(query(KINDS[name]), {**values, "at": at, "id": last_id}).fetchall()
    return (Entry(at, name, number, author, json.loads(told)) for at, number, author, told in rows)


def _bound(name: str, start: Cursor) -> int:
    """The least id of this kind that was shown already among the entries of the moment at which a page begins."""
    return start.id if name == start.kind else _LAST_ID if name < start.kind else -1


def _place(entry: Entry) -> tuple[int, str, int]:
    return entry[:3]


def _known(name: str) -> str:
    if name not in KINDS:
        names = ", ".join(KINDS)
        raise UsageError(_("There is no kind of entry '{name}'. Kinds: {names}.").format(name=name, names=names))
    return name
