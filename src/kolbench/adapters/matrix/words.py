"""What a Matrix message says: to be read, and to find whom it names and answers."""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from kolbench.adapters.answers import plain
from kolbench.adapters.chats.addressing import MAX_ADDRESSED

_MEDIA = ("m.image", "m.file", "m.audio", "m.video")

_FALLBACK = re.compile(r"\A(?:> ?[^\n]*\n)+\n?")
_UNSPOKEN = re.compile(r"<(mx-reply|blockquote|pre|code)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_PILL = re.compile(r'<a\s[^>]*?href="https://matrix\.to/#/((?:@|%40)[^"?/]+)[^>]*>.*?</a>', re.IGNORECASE | re.DOTALL)
_USER_ID = re.compile(r"(?<![\w@/])@[\w.=/+-]{1,128}:[A-Za-z0-9.-]{0,100}[A-Za-z0-9](?::\d{1,5})?")

# Between these two, addressing takes any text after @ for a name.
_OPEN, _CLOSE = "\u2068", "\u2069"
_MARKED = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}\n]{{1,255}}){_CLOSE}|[@{_OPEN}{_CLOSE}]")
_MARKS = str.maketrans("", "", _OPEN + _CLOSE)


class _Parent(Struct, frozen=True):
    event_id: str | None = None


class Relation(Struct, frozen=True):
    """What an event has to do with another one."""

    rel_type: str | None = None
    event_id: str | None = None
    is_falling_back: bool = False
    in_reply_to: _Parent | None = msgspec.field(name="m.in_reply_to", default=None)


class _Mentions(Struct, frozen=True):
    user_ids: list[str] = []


class Content(Struct, frozen=True):
    """What messages, reactions and redactions hold."""

    msgtype: str | None = None
    body: str | None = None
    filename: str | None = None
    formatted_body: str | None = None
    redacts: str | None = None
    relates_to: Relation | None = msgspec.field(name="m.relates_to", default=None)
    mentions: _Mentions | None = msgspec.field(name="m.mentions", default=None)
    new_content: Content | None = msgspec.field(name="m.new_content", default=None)

    @property
    def relation(self) -> Relation:
        """What it has to do with another event; with none, if nothing is said."""
        return self.relates_to or Relation()


def replies_to(relation: Relation) -> str | None:
    """The id of the message that another answers: in a thread the first one, unless one is chosen."""
    chosen = relation.in_reply_to.event_id if relation.in_reply_to else None
    if relation.rel_type == "m.thread" and (relation.is_falling_back or not chosen):
        return relation.event_id
    return chosen


def written(content: Content, *, is_reply: bool) -> str:
    """The words to keep, without names of files, and without the quotation that old clients put before a reply."""
    body = content.body or ""
    if content.msgtype is None or (content.msgtype in _MEDIA and content.filename in (None, body)):
        return ""
    return _FALLBACK.sub("", body) if is_reply else body


def spoken(content: Content, author: str) -> str:
    """The words with every person who is meant as ``@id`` between isolates, as ``addressed`` knows them.

    ``author`` wrote the message that is answered, and comes first. Who is meant is listed by the sender's client;
    where it lists nobody, the links to people count, and their ids in the text.
    """
    body = (content.body or "").translate(_MARKS)
    if content.formatted_body:
        html = _UNSPOKEN.sub(" ", content.formatted_body.translate(_MARKS))
        text = plain(_PILL.sub(lambda pill: _OPEN + unquote(pill[1]) + _CLOSE, html))
    else:
        text = _USER_ID.sub(lambda user: _OPEN + user[0] + _CLOSE, _FALLBACK.sub("", body) if author else body)
    meant = None if content.mentions is None else content.mentions.user_ids[: MAX_ADDRESSED + 1]
    for user in meant or ():
        if user != author and _OPEN + user + _CLOSE not in text:
            text += " " + _OPEN + user + _CLOSE

    def address(found: re.Match[str]) -> str:
        return "@" + found[0] if found[1] and (meant is None or found[1] in meant) else " "

    words = _MARKED.sub(address, text)
    return f"@{_OPEN}{author}{_CLOSE}\n{words}" if author else words
