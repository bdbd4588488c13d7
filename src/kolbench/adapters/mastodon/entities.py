"""The entities of the Mastodon API as far as they are read, and what each says in KOLbench's words."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from msgspec import Struct

from kolbench.adapters.answers import counted, plain
from kolbench.domain.records import Contact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.domain.records import Metrics

PUBLIC = (None, "", "public", "unlisted", "local")
"""Visibilities that are kept: a followers-only or direct post is meant for its readers alone."""

_EMAIL = re.compile(r"(?<![\w.@+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"""href=["'](https?://[^"']+)""")
_CHANNELS = frozenset(
    ("discord", "line", "matrix", "phone", "qq", "signal", "telegram", "wechat", "weixin", "whatsapp", "xmpp")
)
_STAFF = frozenset(("owner", "admin", "administrator", "moderator"))


class Field(Struct):
    """A line of a profile, in HTML."""

    name: str | None = None
    value: str | None = None
    verified_at: str | None = None


class Role(Struct):
    """A role that the server shows on a profile."""

    name: str | None = None


class Hidden(Struct):
    """Which counts Pleroma and Akkoma answer as 0 because their owner hides them."""

    hide_followers_count: bool | None = None
    hide_follows_count: bool | None = None


class Account(Struct):
    """A person, group or bot. ``acct`` is ``user`` on the server itself, ``user@host`` elsewhere."""

    id: int | str
    acct: str | None = None
    display_name: str | None = None
    note: str | None = None
    url: str | None = None
    avatar: str | None = None
    bot: bool | None = None
    group: bool | None = None
    created_at: str | None = None
    followers_count: int | None = None
    following_count: int | None = None
    statuses_count: int | None = None
    fields: list[Field] | None = None
    roles: list[Role] | None = None
    moved: Account | None = None
    suspended: bool | None = None
    pleroma: Hidden | None = None


class Media(Struct):
    """An attachment: ``image``, ``gifv``, ``video``, ``audio`` or ``unknown``."""

    type: str | None = None


class Poll(Struct):
    """Questions put to the readers; that there is one is enough."""


class Mention(Struct):
    """Somebody named in a post."""

    id: int | str
    acct: str | None = None


class Status(Struct):
    """A post, or a boost of the post ``reblog``."""

    id: int | str
    created_at: str
    account: Account
    uri: str | None = None
    url: str | None = None
    content: str | None = None
    spoiler_text: str | None = None
    visibility: str | None = None
    replies_count: int | None = None
    reblogs_count: int | None = None
    favourites_count: int | None = None
    quotes_count: int | None = None
    reblog: Status | None = None
    in_reply_to_id: int | str | None = None
    in_reply_to_account_id: int | str | None = None
    media_attachments: list[Media] | None = None
    mentions: list[Mention] | None = None
    poll: Poll | None = None


class Instance(Struct):
    """A server: ``domain`` is told by the second version of the entity, ``uri`` by the first.

    GoToSocial adds ``account_domain``, in which its handles end.
    """

    domain: str | None = None
    uri: str | None = None
    account_domain: str | None = None
    title: str | None = None
    version: str | None = None


def text(status: Status) -> str:
    """What a post says, behind its content warning."""
    said = plain(status.content or "")
    return f"{status.spoiler_text}\n\n{said}" if status.spoiler_text else said


def kind(status: Status) -> str:
    """``poll``, what is attached, ``reply`` or ``text``."""
    if status.poll:
        return "poll"
    for media in status.media_attachments or ():
        if media.type and media.type != "unknown":
            return "video" if media.type == "gifv" else media.type
    return "reply" if status.in_reply_to_id is not None else "text"


def reactions(status: Status) -> Metrics:
    """The counts of a post that are told."""
    return counted(
        likes=status.favourites_count,
        shares=status.reblogs_count,
        comments=status.replies_count,
        quotes=status.quotes_count,
    )


def standing(account: Account) -> Metrics:
    """The counts of an account that are told and not hidden."""
    hidden = account.pleroma or Hidden()
    return counted(
        followers=None if hidden.hide_followers_count else account.followers_count,
        following=None if hidden.hide_follows_count else account.following_count,
        posts=account.statuses_count,
    )


def verified(account: Account) -> str | None:
    """The first page of a profile that the server found to link back to it."""
    return next((plain(one.value or "") for one in account.fields or () if one.verified_at), None) or None


def is_staff(account: Account) -> bool | None:
    """True for those whose shown role runs the server; nothing is known of others."""
    roles = {(role.name or "").casefold() for role in account.roles or ()}
    return True if roles & _STAFF else None


def contacts(account: Account) -> tuple[Contact, ...]:
    """Addresses in the lines of a profile and in its text, each once."""
    return tuple(dict.fromkeys(_contacts(account)))


def _contacts(account: Account) -> Iterator[Contact]:
    for line in account.fields or ():
        value = line.value or ""
        said, name = plain(value), (line.name or "").strip().casefold()
        if name in _CHANNELS:
            yield Contact("wechat" if name == "weixin" else name, said)
            continue
        if link := _LINK.search(value):
            yield Contact("web", unescape(link[1]))
        for email in _EMAIL.findall(said):
            yield Contact("email", email)
    for email in _EMAIL.findall(plain(account.note or "")):
        yield Contact("email", email)
