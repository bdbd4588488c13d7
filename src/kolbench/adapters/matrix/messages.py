"""What is said in a Matrix room, who answers, names, thanks and likes whom there, and who comes and goes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.chats.addressing import addressed
from kolbench.adapters.matrix.server import Chunk, Member, Profile, Server, moment, path_of
from kolbench.adapters.matrix.words import Content, replies_to, spoken, written
from kolbench.adapters.paging import paged
from kolbench.domain.errors import Denied, Gone
from kolbench.domain.records import AccountRecord, InteractionRecord, MembershipRecord, MessageRecord, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.adapters.protocol import Page

EVENTS = 500
"""Events asked for at a time."""

AUTHORS = 50_000
"""Messages whose author is remembered while a room is read, so that replies and reactions find whom they mean."""

MOVE = "m.room.member"

_SAID = ("m.room.message", "m.sticker", "m.reaction", "m.room.redaction")
_WANTED = {"back": _SAID, "moves": (MOVE,), "on": (*_SAID, MOVE)}
"""What is asked for in each phase of reading a room."""


class _Typed(Struct, frozen=True):
    type: str = ""


class _Edit(Struct, frozen=True):
    content: Content = Content()


class _Relations(Struct, frozen=True):
    replace: _Edit | None = msgspec.field(name="m.replace", default=None)


class _Unsigned(Struct, frozen=True):
    redacted_because: dict[str, Raw] | None = None
    relations: _Relations | None = msgspec.field(name="m.relations", default=None)


class _Event(Struct, frozen=True):
    event_id: str
    type: str
    sender: str
    origin_server_ts: int
    content: Content = Content()
    unsigned: _Unsigned = _Unsigned()
    redacts: str | None = None

    @property
    def at(self) -> datetime:
        return moment(self.origin_server_ts)

    @property
    def is_message(self) -> bool:
        return self.type in ("m.room.message", "m.sticker")

    @property
    def as_edited(self) -> Content:
        """What it says by its newest edit, which the server sends along."""
        edit = self.unsigned.relations.replace if self.unsigned.relations else None
        return (edit.content.new_content if edit else None) or self.content


class _Place(Struct, frozen=True, omit_defaults=True):
    """How far a room was read: the token to go on ``at``, and the one at which the walk before had its ``end``.

    The first walk goes ``back`` from the newest message, and then through the ``moves`` of members, which make sense
    in their own order only; ``end`` is where it began. From there on it goes ``on``.
    """

    room: str
    phase: Literal["back", "moves", "on"] = "back"
    at: str = ""
    end: str = ""


class Walk:
    """One pull over the messages of a room, each known by its event's id, and kept as edited last.

    The first walk goes back from the newest message. Each later one goes forward, and begins where the one before
    the last ended: what another server delivered late stands among messages that were read already.
    """

    def __init__(self, server: Server, room: str) -> None:
        """Go on from the pull's cursor; begin anew where an alias means another room by now."""
        self._server = server
        self._pull = server.pull
        self._room = room
        self._authors: dict[str, str] = {}
        place = cursors.read(server.pull.cursor, _Place(room))
        self._place = place if place.room == room else _Place(room)

    def pages(self) -> Iterator[Page]:
        """Yield what was said, a page or more for each answer of the server."""
        finished = False
        while not finished:
            place = self._place
            bounds = {"from": place.at, "to": place.end if place.phase == "moves" else ""}
            answer = self._server.get(
                f"{path_of(self._room)}/messages",
                Chunk,
                dir="b" if place.phase == "back" else "f",
                limit=EVENTS,
                filter=msgspec.json.encode({"types": _WANTED[place.phase], "lazy_load_members": True}).decode(),
                **{name: token for name, token in bounds.items() if token},
            )
            moves, others = _parted(answer.chunk)
            events = list(each(self._pull, others, _Event))
            too_old = place.phase == "back" and self._pull.since and events and events[-1].at < self._pull.since
            is_last = answer.end in (None, "", place.at) or (place.phase == "moves" and answer.end == place.end)
            finished = bool(is_last or too_old) and place.phase != "back"
            records = [*self._records(events, answer.state), *self._moves(moves)]
            self._place = self._behind(answer, more=not (is_last or too_old))
            yield from paged(records, cursors.written(place), cursors.written(self._place))

    def _behind(self, answer: Chunk, *, more: bool) -> _Place:
        """Where to go on: behind this answer, with the next phase, or with the next walk."""
        place = self._place
        end = place.end or answer.start
        if more:
            return _Place(self._room, place.phase, answer.end or "", end)
        if place.phase == "back":
            return _Place(self._room, "moves", "", end)
        return _Place(self._room, "on", end, end if place.phase == "moves" else answer.end or place.at)

    def _records(self, events: list[_Event], state: list[Raw]) -> list[Record]:
        if len(self._authors) > AUTHORS:
            self._authors.clear()
        here = {event.event_id for event in events if event.is_message}
        self._authors.update((event.event_id, event.sender) for event in events if event.is_message)
        profiles = {member.state_key: member.content for member in each(self._pull, state, Member)}
        accounts: dict[str, AccountRecord] = {}
        records: list[Record] = []
        for event in (*events, *self._changed(events, here)):
            if self._pull.since and event.at < self._pull.since:
                continue
            told = self._told(event)
            is_bot = True if event.content.msgtype == "m.notice" else None  # which is how bots speak
            if told and (is_bot or event.sender not in accounts):
                profile = profiles.get(event.sender, Profile())
                accounts[event.sender] = self._server.account(
                    event.sender, profile, is_bot=is_bot, observed_at=event.at
                )
            records += told
        return [*accounts.values(), *records]

    def _moves(self, raws: list[Raw]) -> Iterator[Record]:
        """Who came and went."""
        for member in each(self._pull, raws, Member):
            user, at = member.state_key, moment(member.origin_server_ts)
            came = member.content.membership == "join" and not member.was_in
            went = member.content.membership in ("leave", "ban") and member.was_in
            if came:
                yield MembershipRecord(community_uid=self._room, account_uid=user, joined_at=at)
            elif went:
                yield MembershipRecord(community_uid=self._room, account_uid=user, left_at=at)

    def _changed(self, events: list[_Event], here: set[str]) -> Iterator[_Event]:
        """Earlier messages that were edited or taken back; on the way back, they come as they are now."""
        if self._place.phase == "back":
            return
        edited = [event.content.relation.event_id for event in events if event.content.relation.rel_type == "m.replace"]
        redacted = [event.redacts or event.content.redacts for event in events if event.type == "m.room.redaction"]
        for event_id in dict.fromkeys((*edited, *redacted)):
            event = self._event(event_id) if event_id and event_id not in here else None
            if event and event.is_message:
                yield event

    def _told(self, event: _Event) -> list[Record]:
        """A message and what it does towards people, or a reaction to one."""
        relation = event.content.relation
        if event.type == "m.reaction" and relation.event_id:
            author = self._author(relation.event_id)
            return [self._act(event, "reaction", author, relation.event_id)] if author not in ("", event.sender) else []
        if not event.is_message or relation.rel_type == "m.replace":
            return []
        if event.unsigned.redacted_because:  # its words go where they were read; on the way back, they never were
            return [] if self._place.phase == "back" else [self._message(event, "", None)]
        content, parent = event.as_edited, replies_to(relation)
        message = self._message(event, written(content, is_reply=bool(parent)), parent)
        if content.msgtype == "m.notice":
            return [message]
        text = spoken(content, self._author(parent) if parent else "")
        return [message, *(self._act(event, kind, user, message.uid) for kind, user in addressed(text, event.sender))]

    def _message(self, event: _Event, text: str, parent: str | None) -> MessageRecord:
        return MessageRecord(
            uid=event.event_id,
            community_uid=self._room,
            account_uid=event.sender,
            sent_at=event.at,
            text=text,
            reply_to_uid=parent,
        )

    def _act(self, event: _Event, kind: str, whom: str, evidence: str) -> InteractionRecord:
        return InteractionRecord(
            actor_uid=event.sender,
            object_uid=whom,
            kind=kind,
            at=event.at,
            evidence_uid=evidence,
            community_uid=self._room,
        )

    def _author(self, event_id: str) -> str:
        """Who sent an event; nobody if it isn't there any more."""
        if event_id not in self._authors:
            event = self._event(event_id)
            self._authors[event_id] = event.sender if event else ""
        return self._authors[event_id]

    def _event(self, event_id: str) -> _Event | None:
        """One event as it is now; None if it isn't there, isn't shown to this account, or isn't an event at all."""
        try:
            raw = self._server.get(f"{path_of(self._room)}/event/{quote(event_id, safe='')}", Raw)
        except (Gone, Denied):
            return None
        return next(each(self._pull, [raw], _Event), None)


def _parted(chunk: list[Raw]) -> tuple[list[Raw], list[Raw]]:
    """The events of members coming and going, and all others."""
    moves: list[Raw] = []
    others: list[Raw] = []
    for raw in chunk:
        try:
            is_move = msgspec.json.decode(raw, type=_Typed).type == MOVE
        except msgspec.DecodeError:
            is_move = False
        (moves if is_move else others).append(raw)
    return moves, others
