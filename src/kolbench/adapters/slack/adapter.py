"""The Slack adapter: what it needs from the operator, who is in the workspace and in its channels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kolbench.adapters.answers import each
from kolbench.adapters.paging import paged
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.servers import number
from kolbench.adapters.slack.api import Answer, Api, StaleCursor
from kolbench.adapters.slack.entities import Channel, Person, channel_record, person_record
from kolbench.adapters.slack.history import Walk
from kolbench.adapters.targets import listed
from kolbench.domain.errors import Denied, UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.records import MembershipRecord

SCOPES = {
    "users:read": N_("who is in the workspace"),
    "channels:read": N_("the public channels and who is in them"),
    "channels:history": N_("what is said in public channels"),
    "groups:read": N_("the private channels and who is in them"),
    "groups:history": N_("what is said in private channels"),
    "users:read.email": N_("people's e-mail addresses"),
}
"""What a token may be allowed, and what for."""

NEEDED = ("users:read", "channels:read", "channels:history")

BEGIN = "begin"
"""The cursor behind a list's end: the next sync reads it again."""

_ID = re.compile(r"[CG][A-Z0-9]{6,30}")


class Slack:
    """Reads a workspace's people, and those channels that the token's owner is in.

    A message is known by its channel and its time, as in Slack's own exports: both give the same messages.
    """

    name = "slack"
    title = N_("Slack: people, channels, messages, threads and reactions")
    platform = "slack"
    feeds = ("profiles", "members", "messages")
    limits: RateLimit | None = RateLimit(requests=45, seconds=60)
    settings = (
        Setting("token", N_("of a bot or a user: xoxb-… or xoxp-…"), required=True, secret=True),
        Setting("channels", N_("names and ids; all channels it is in, if empty"), example="general, C03T0APHX63"),
        Setting("thread_days", N_("how long to look for new replies to a message"), default="14", example="30"),
        Setting("server", N_("another address of the Web API"), default="https://slack.com"),
    )

    def targets(self, pull: Pull) -> Iterable[str]:
        """The ids of the channels to read; people are read all at once."""
        if pull.feed == "profiles":
            return ("",)
        wanted = [name.removeprefix("#") for name in listed(pull.settings.get("channels", ""))]
        if wanted and all(map(_ID.fullmatch, wanted)):
            return wanted
        known = _channels(pull)
        if not wanted:
            return [channel.id for channel in known if channel.is_member]
        ids = {channel.name: channel.id for channel in known}
        if unknown := [name for name in wanted if name not in ids and not _ID.fullmatch(name)]:
            raise UsageError(_("Slack shows this token no channel {names}.").format(names=", ".join(unknown)))
        return [ids.get(name, name) for name in wanted]

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield people, the members of a channel, or what is said there."""
        api = Api(pull)
        if pull.feed == "messages":
            yield from Walk(api, pull.target, number(pull, "thread_days")).pages()
            return
        read = _people if pull.feed == "profiles" else _members
        try:
            yield from read(api, pull.cursor or BEGIN)
        except StaleCursor:
            yield from read(api, BEGIN)

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Say whose the token is, and what it lacks."""
        answer, headers = Api(pull).respond("auth.test")
        text = _("The token belongs to {user} in the workspace {team}.")
        yield Finding(True, text.format(user=answer.user, team=answer.team))
        told = headers.get("x-oauth-scopes")
        has = {scope.strip() for scope in told.split(",")} if told else set(SCOPES)
        for scope, what in SCOPES.items():
            if scope not in has:
                text = _("It lacks the scope {scope}, and doesn't show {what}.")
                yield Finding(scope not in NEEDED, text.format(scope=scope, what=_(what)))


def _channels(pull: Pull) -> list[Channel]:
    """The channels that the token is shown; public ones alone where it may not see others."""
    api = Api(pull)
    try:
        answers = list(_listed(api, "public_channel,private_channel"))
    except Denied:
        answers = list(_listed(api, "public_channel"))
    return [channel for answer in answers for channel in each(pull, answer.channels, Channel)]


def _listed(api: Api, types: str) -> Iterator[Answer]:
    return api.walk("conversations.list", types=types, exclude_archived="true")


def _people(api: Api, cursor: str) -> Iterator[Page]:
    for answer in api.walk("users.list", _place(cursor)):
        records = [person_record(person) for person in each(api.pull, answer.members, Person)]
        yield from paged(records, cursor, answer.next or BEGIN)
        cursor = answer.next


def _members(api: Api, cursor: str) -> Iterator[Page]:
    channel = api.call("conversations.info", channel=api.pull.target).channel
    if channel:
        yield Page([channel_record(channel)], cursor)
    for answer in api.walk("conversations.members", _place(cursor), channel=api.pull.target):
        users = each(api.pull, answer.members, str)
        records = [MembershipRecord(community_uid=api.pull.target, account_uid=user) for user in users]
        yield from paged(records, cursor, answer.next or BEGIN)
        cursor = answer.next


def _place(cursor: str) -> str:
    """Slack's own cursor."""
    return "" if cursor == BEGIN else cursor
