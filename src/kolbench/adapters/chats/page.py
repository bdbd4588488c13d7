"""Messages turned into records, a page at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kolbench.adapters.chats.addressing import addressed, announced
from kolbench.domain.identity import handle_key, handle_ref
from kolbench.domain.records import AccountRecord, CommunityRecord, InteractionRecord, MessageRecord, Record

if TYPE_CHECKING:
    from kolbench.adapters.chats.said import Said

LIMIT = 1_000
"""The most records on a page; a message never needs as many."""


class PageSoFar:
    """The records of some messages: their rooms, their senders as last called, what they say and do."""

    def __init__(self, bots: Collection[str]) -> None:
        """Begin a page; ``bots`` are the keys of handles that belong to nobody."""
        self._bots = bots
        self._communities: dict[str, CommunityRecord] = {}
        self._accounts: dict[tuple[str, str | None, str | None], AccountRecord] = {}
        self._messages: dict[tuple[str, str], MessageRecord] = {}
        self._interactions: list[InteractionRecord] = []

    def add(self, said: Said) -> bool:
        """Put a message on the page; False, and nothing done, when the page is too full for it."""
        key = said.community_uid, said.uid
        if key in self._messages:
            return True
        is_bot, acts = _acts(said, self._bots)
        if len(self) + len(acts) + 3 > LIMIT:
            return False
        self._communities.setdefault(said.community_uid, _community(said))
        self._note_sender(said, is_bot)
        self._messages[key] = MessageRecord(
            uid=said.uid,
            community_uid=said.community_uid,
            account_uid=said.sender_uid,
            sent_at=said.sent_at,
            text=said.text,
        )
        self._interactions += acts
        return True

    def __len__(self) -> int:
        return len(self._communities) + len(self._accounts) + len(self._messages) + len(self._interactions)

    def records(self) -> list[Record]:
        """Everything on the page, what others refer to first."""
        return [
            *self._communities.values(),
            *self._accounts.values(),
            *self._messages.values(),
            *self._interactions,
        ]

    def _note_sender(self, said: Said, is_bot: bool) -> None:
        key = said.sender_uid, said.handle, said.name
        noted = self._accounts.get(key)
        newest = said.sent_at
        if noted:
            is_bot = is_bot or noted.is_bot is True
            newest = max(newest, noted.observed_at or newest)
        self._accounts[key] = AccountRecord(
            uid=said.sender_uid,
            handle=said.handle,
            name=said.name,
            is_bot=True if is_bot else None,
            observed_at=newest,
        )


def _community(said: Said) -> CommunityRecord:
    return CommunityRecord(uid=said.community_uid, name=said.community, kind="chat")


def _acts(said: Said, bots: Collection[str]) -> tuple[bool, list[InteractionRecord]]:
    """Whether a bot says it, and what it shows: a bot tells of what others did, and addresses nobody itself."""
    handle = handle_key(said.handle or "")
    is_bot = handle in bots
    told = announced(said.text) if is_bot or handle.endswith("bot") else None
    if told:
        giver, takers = told
        return True, [_act(said, "brownie", handle_ref(giver), taker) for taker in takers]
    if is_bot:
        return True, []
    return False, [_act(said, kind, said.sender_uid, whom) for kind, whom in addressed(said.text, handle)]


def _act(said: Said, kind: str, actor_uid: str, whom: str) -> InteractionRecord:
    return InteractionRecord(
        actor_uid=actor_uid,
        object_uid=handle_ref(whom),
        kind=kind,
        at=said.sent_at,
        evidence_uid=said.uid,
        community_uid=said.community_uid,
    )
