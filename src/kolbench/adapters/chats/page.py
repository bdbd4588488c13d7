"""Messages turned into records, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kolbench.adapters.chats.addressing import addressed, announced, shown
from kolbench.adapters.chats.said import Aside, Moved, Said, ref_to
from kolbench.domain.identity import handle_key, is_provisional
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    Record,
)

if TYPE_CHECKING:
    from kolbench.adapters.chats.said import Told

LIMIT = 1_000
"""The most records on a page; a message never needs as many."""


class PageSoFar:
    """The records of some messages: their rooms, their senders as last called, what they say and do.

    Also of who came and left meanwhile.
    """

    def __init__(self, bots: Collection[str]) -> None:
        """Begin a page; ``bots`` are the keys of handles that belong to nobody."""
        self._bots = bots
        self._communities: dict[str, CommunityRecord] = {}
        self._accounts: dict[tuple[str, str | None, str | None], AccountRecord] = {}
        self._messages: dict[tuple[str, str], MessageRecord] = {}
        self._memberships: dict[MembershipRecord, None] = {}
        self._interactions: list[InteractionRecord] = []
        self._asides: list[Record] = []

    def add(self, told: Said | Moved | Aside) -> bool:
        """Put a message, a move or an aside on the page; False, and nothing done, when it is too full for that."""
        if isinstance(told, Said):
            return self._add_message(told)
        return self._add_move(told) if isinstance(told, Moved) else self._add_aside(told)

    def _add_message(self, said: Said) -> bool:
        key = said.community_uid, said.uid
        if key in self._messages:
            return True
        is_bot, acts = _acts(said, self._bots)
        if len(self) + len(acts) + 4 > LIMIT:
            return False
        self._communities.setdefault(said.community_uid, _community(said))
        self._note_sender(said, is_bot)
        self._messages[key] = MessageRecord(
            uid=said.uid,
            community_uid=said.community_uid,
            account_uid=said.sender_uid,
            sent_at=said.at,
            text=shown(said.text),
            reply_to_uid=said.reply_to_uid,
        )
        if said.role:
            self._join(MembershipRecord(community_uid=said.community_uid, account_uid=said.sender_uid, role=said.role))
        self._interactions += acts
        return True

    def _add_move(self, moved: Moved) -> bool:
        if len(self) + 3 > LIMIT:
            return False
        self._communities.setdefault(moved.community_uid, _community(moved))
        self._note_sender(moved, is_bot=handle_key(moved.handle or "") in self._bots)
        self._join(
            MembershipRecord(
                community_uid=moved.community_uid,
                account_uid=moved.sender_uid,
                joined_at=moved.at if moved.joined else None,
                left_at=None if moved.joined else moved.at,
            )
        )
        return True

    def _add_aside(self, aside: Aside) -> bool:
        if len(self) + len(aside.records) > LIMIT:
            return False
        self._asides += aside.records
        return True

    def _join(self, membership: MembershipRecord) -> None:
        self._memberships[membership] = None

    def __len__(self) -> int:
        people = len(self._accounts) + len(self._memberships)
        return len(self._communities) + people + len(self._messages) + len(self._interactions) + len(self._asides)

    def records(self) -> list[Record]:
        """Everything on the page, what others refer to first."""
        return [
            *self._communities.values(),
            *self._people(),
            *self._memberships,
            *self._messages.values(),
            *self._interactions,
            *self._asides,
        ]

    def _people(self) -> list[AccountRecord]:
        """The accounts, each by its id where a notice names it without: the store joins the two, but not at once."""
        known = {ref_to(one.handle) for one in self._accounts.values() if one.handle and not is_provisional(one.uid)}
        return [one for one in self._accounts.values() if one.uid not in known]

    def _note_sender(self, told: Said | Moved, is_bot: bool) -> None:
        key = told.sender_uid, told.handle, told.name
        noted = self._accounts.get(key)
        is_staff = told.is_staff if isinstance(told, Said) else None
        contacts = told.contacts
        newest = told.at
        if noted:
            is_bot = is_bot or noted.is_bot is True
            is_staff = is_staff or noted.is_staff
            contacts = contacts or noted.contacts
            newest = max(newest, noted.observed_at or newest)
        self._accounts[key] = AccountRecord(
            uid=told.sender_uid,
            handle=told.handle,
            name=told.name,
            is_bot=True if is_bot else None,
            is_staff=is_staff,
            contacts=contacts,
            observed_at=newest,
        )


def paged(
    messages: Iterable[tuple[str, Iterable[Said | Moved | Aside]]], cursor: str
) -> Iterator[tuple[list[Record], str]]:
    """The records of messages, a page at a time, each with the cursor behind its last whole message.

    ``messages`` come with the cursor behind each; ``cursor`` is that before the first.
    """
    page = PageSoFar(())
    for behind, told in messages:
        for one in told:
            if not page.add(one):
                yield page.records(), cursor
                page = PageSoFar(())
                page.add(one)
        cursor = behind
    yield page.records(), cursor


def _community(told: Told) -> CommunityRecord:
    return CommunityRecord(uid=told.community_uid, name=told.community, kind="chat")


def _acts(said: Said, bots: Collection[str]) -> tuple[bool, list[InteractionRecord]]:
    """Whether a bot says it, and what it shows: a bot tells of what others did, and addresses nobody itself."""
    handle = handle_key(said.handle or "")
    is_bot = said.is_bot or handle in bots
    told = announced(said.text) if is_bot or handle.endswith("bot") else None
    if told:
        giver, takers = told
        given = (_act(said, "brownie", ref_to(giver), taker) for taker in takers)
        return True, [act for act in given if act.actor_uid and act.object_uid]
    if is_bot:
        return True, []
    text, named = said.text, said.named
    if said.replied_to:  # as if the text began with their name
        text, named = f"@\u2068{said.replied_to}\u2069\n{text}", {**named, handle_key(said.replied_to): said.replied_to}
    acts = {
        (kind, act.object_uid): act
        for kind, whom in addressed(text, handle)
        if (act := _act(said, kind, said.sender_uid, whom, named)).object_uid not in ("", said.sender_uid)
    }
    # Somebody who is replied to may be named as well, in another way.
    return False, [act for (kind, uid), act in acts.items() if kind != "mention" or ("reply", uid) not in acts]


def _act(said: Said, kind: str, actor_uid: str, whom: str, named: Mapping[str, str] = {}) -> InteractionRecord:
    return InteractionRecord(
        actor_uid=actor_uid,
        object_uid=named.get(handle_key(whom)) or ref_to(whom),
        kind=kind,
        at=said.at,
        evidence_uid=said.uid,
        community_uid=said.community_uid,
    )
