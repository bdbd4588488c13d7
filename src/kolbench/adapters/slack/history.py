"""What is said in one channel of a Slack workspace, threads included."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.paging import paged
from kolbench.adapters.protocol import Rejected
from kolbench.adapters.slack.api import Answer, Api, StaleCursor
from kolbench.adapters.slack.entities import CAME, WENT, Message, message_records
from kolbench.domain.errors import Denied, Gone, RecordError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.adapters.protocol import Page
    from kolbench.domain.records import Record

DAY = 86_400
MOMENT = 1e-6
"""The difference that Slack's times can tell, in seconds."""


class _Place(Struct, frozen=True, omit_defaults=True):
    """How far a channel was read: all up to ``done`` (the time of a message, in Slack's own form).

    A walk goes back from ``top``, its newest message; ``cursor`` is Slack's own for what follows.
    """

    done: str = ""
    top: str = ""
    cursor: str = ""


@dataclass
class Walk:
    """One pull over a channel's messages, newest first, and the new replies to those of the last ``days``.

    A reply belongs to the message it answers, however old that is, and is found only by looking at that again.
    """

    api: Api
    channel: str
    days: int
    threads: bool = field(default=True, init=False)
    moved: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.place = cursors.read(self.api.pull.cursor, _Place())
        self.unbroken = not self.place.cursor
        since = self.api.pull.since
        self.since = since.timestamp() if since else 0.0
        self.known = max(seconds(self.place.done), self.since - MOMENT)
        self.floor = max(self.known - self.days * DAY, 0.0)

    def pages(self) -> Iterator[Page]:
        """Yield a page or more for each answer of Slack, and for each thread."""
        try:
            yield from self._walk()
        except StaleCursor:
            self.place = _Place(done=self.place.done)
            self.unbroken = True
            yield from self._walk()

    def _walk(self) -> Iterator[Page]:
        place = self.place
        oldest = {"oldest": f"{self.floor:.6f}"} if self.floor > 0 else {}
        for answer in self.api.walk("conversations.history", place.cursor, channel=self.channel, **oldest):
            messages = self._messages(answer)
            top = max([place.top, *(message.ts for message in messages)], key=seconds)
            is_last = not answer.next or (bool(messages) and seconds(messages[0].ts) < self.floor)
            behind = _Place(max(place.done, top, key=seconds)) if is_last else _Place(place.done, top, answer.next)
            here, recent = cursors.written(place), [m for m in messages if seconds(m.ts) >= self.floor]
            wanted = [m for m in recent if seconds(m.ts) >= self.since]
            yield from paged([record for m in self._newest_moves(wanted) for record in self._told(m)], here, here)
            for parent in recent:
                for replies in self._replies(parent):
                    yield from paged([record for reply in replies for record in self._told(reply)], here, here)
            yield from paged((), here, cursors.written(behind))
            self.place = place = behind
            if is_last:
                return

    def _messages(self, answer: Answer) -> list[Message]:
        """The messages of an answer that say when they were sent, oldest first."""
        pull, found = self.api.pull, []
        for number, message in enumerate(each(pull, answer.messages, Message), 1):
            try:
                found.append((message.at, message))
            except RecordError as why:
                pull.reject(Rejected(number, why.field, why.reason, message.ts[:80]))
        return [message for _at, message in sorted(found, key=lambda pair: pair[0])]

    def _newest_moves(self, messages: list[Message]) -> list[Message]:
        """The messages without those on who came or went that newer ones overtake, read before in this walk or not."""
        kept = []
        for message in reversed(messages):
            if message.subtype in (*CAME, *WENT) and message.user:
                if message.user in self.moved or not self.unbroken:
                    continue
                self.moved.add(message.user)
            kept.append(message)
        return kept[::-1]

    def _replies(self, parent: Message) -> Iterator[list[Message]]:
        """The replies to a message that may be new, as Slack pages them."""
        seen = parent.latest_reply and seconds(parent.latest_reply) <= self.known
        if not (parent.reply_count and self.threads) or seen:
            return
        after = {"oldest": f"{self.known:.6f}"} if self.known else {}
        try:
            for answer in self.api.walk("conversations.replies", channel=self.channel, ts=parent.ts, **after):
                replies = [message for message in self._messages(answer) if message.ts != parent.ts]
                author = parent.user or parent.bot_id
                yield [
                    reply if reply.parent_user_id else structs.replace(reply, parent_user_id=author)
                    for reply in replies
                ]
        except Gone:
            return
        except Denied as error:
            self.threads = False
            self.api.pull.warn(str(error))

    def _told(self, message: Message) -> list[Record]:
        return message_records(message, self.channel, {})


def seconds(ts: str) -> float:
    """A message's time as seconds since 1970; 0 for none."""
    try:
        return float(ts or 0)
    except ValueError:
        return 0.0
