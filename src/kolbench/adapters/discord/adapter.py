"""Discord guilds as a bot sees them: members, messages of channels and threads, and who reacted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from kolbench import __version__
from kolbench.adapters import cursors
from kolbench.adapters.answers import decode, each, whole
from kolbench.adapters.chats.page import paged
from kolbench.adapters.discord.entities import SAID, Channel, Guild, Member, Message, Threads, User, joined, told
from kolbench.adapters.protocol import Finding, Page, RateLimit, Setting
from kolbench.adapters.servers import address, moment
from kolbench.adapters.targets import listed
from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import Denied, Gone, UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.records import CommunityRecord, InteractionRecord, Record

if TYPE_CHECKING:
    import httpx

    from kolbench.adapters.protocol import Pull

T = TypeVar("T")

MESSAGES, MEMBERS, GUILDS, THREADS, REACTORS = 100, 1_000, 200, 100, 100
"""The most that Discord gives in one answer."""

EMOJIS = 5
"""Kinds of reactions to one message that are looked into, those with most people first."""

SETTLED = timedelta(days=1)
"""Reactions are read when a message is so old: most have come in by then, and each is asked for once."""

MARGIN = timedelta(days=1)
"""How far before the last look archived threads are read again: what a sync under way then may have missed."""

SPEAKING = frozenset({0, 2, 5, 13})
"""Types of channels with messages of their own: text, voice, announcement, stage."""

THREADED = frozenset({0, 5, 15, 16})
"""Types of channels with threads: text, announcement, forum, media."""

SEES_MEMBERS, SEES_TEXTS = 1 << 14 | 1 << 15, 1 << 18 | 1 << 19
"""Flags of an application whose privileged intents are on."""

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


class _Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far the threads of a channel were read: back from ``top`` to ``before``, and on to ``until``.

    The thread under way and the message in it are ``inside`` and ``after``.
    """

    until: str = ""
    top: str = ""
    before: str = ""
    inside: str = ""
    after: str = ""


class Discord:
    """Reads the guilds that a bot was invited to.

    A guild is one community, whatever the number of its channels, for people are members of guilds. A channel is
    a target ``GUILD/CHANNEL``, an active thread as well; ``GUILD/CHANNEL/archive`` stands for the threads of a
    channel that are archived. Automating a person's own account is against Discord's terms: only a bot's token works.
    """

    name = "discord"
    title = N_("Discord guilds: members, messages and reactions, as a bot sees them")
    platform = "discord"
    feeds = ("members", "messages", "activities")
    limits: RateLimit | None = RateLimit(requests=45, seconds=1)
    settings = (
        Setting("token", N_("of the bot, from the Developer Portal"), required=True, secret=True),
        Setting(
            "guilds", N_("ids of guilds to read; all that the bot is in, if none is named"), example="81384788765712384"
        ),
        Setting("reactions", N_("whether to ask who reacted, message by message: yes, no"), default="yes"),
        Setting("server", N_("address of the API"), default="https://discord.com/api/v10"),
    )

    def targets(self, pull: Pull) -> Iterator[str]:
        """The guilds, or their channels, active threads first: what is archived meanwhile is then not missed."""
        api = _Api(pull)
        guilds = _guilds(pull, api)
        if pull.feed == "members":
            yield from guilds
            return
        if pull.feed == "activities" and pull.settings.get("reactions", "yes") != "yes":
            return
        for guild in guilds:
            try:
                threads = decode(api.get(f"/guilds/{guild}/threads/active"), Threads).threads
                channels = api.items(f"/guilds/{guild}/channels", Channel)
            except (Gone, Denied) as error:
                pull.warn(_("guild {guild} is not open to this bot: {reason}").format(guild=guild, reason=error))
                continue
            yield from (f"{guild}/{thread.id}" for thread in each(pull, threads, Channel))
            yield from (f"{guild}/{channel.id}" for channel in channels if channel.type in SPEAKING)
            if pull.feed == "messages":
                yield from (f"{guild}/{channel.id}/archive" for channel in channels if channel.type in THREADED)

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield pages of one target."""
        guild, _slash, place = pull.target.partition("/")
        channel, _slash, archive = place.partition("/")
        api = _Api(pull)
        if pull.feed == "members":
            return _members(pull, api)
        if pull.feed == "activities":
            return _reactions(pull, api, guild, channel)
        return _archived(pull, api, guild, channel) if archive else _channel(pull, api, guild, channel)

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Ask who the bot is, and which intents were switched on."""
        api = _Api(pull)
        bot = decode(api.get("/users/@me"), User)
        yield Finding(True, _("The token belongs to {handle}.").format(handle=bot.username))
        flags = decode(api.get("/applications/@me"), dict[str, object]).get("flags")
        flags = flags if isinstance(flags, int) else 0
        for bit, can, cannot in (
            (SEES_MEMBERS, N_("It may list members."), N_("It may not list members: switch on {intent}.")),
            (SEES_TEXTS, N_("It may read texts."), N_("It sees messages without their texts: switch on {intent}.")),
        ):
            intent = "SERVER MEMBERS INTENT" if bit == SEES_MEMBERS else "MESSAGE CONTENT INTENT"
            yield Finding(bool(flags & bit), _(can) if flags & bit else _(cannot).format(intent=intent))
        count = len(_guilds(pull, api))
        yield Finding(count > 0, _("Guilds that it reads: {n}.").format(n=count))


class _Api:
    """One pull's requests."""

    def __init__(self, pull: Pull) -> None:
        assert pull.http
        self._pull = pull
        self._http = pull.http
        self._base = address(pull)
        token = pull.settings["token"].removeprefix("Bot ")
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": f"DiscordBot (kolbench, {__version__})"}

    def get(self, path: str, **params: object) -> httpx.Response:
        """The answer. Raises like the client."""
        asked = {name: str(value) for name, value in params.items() if value}
        return self._http.get(f"{self._base}{path}", params=asked, headers=self._headers)

    def items(self, path: str, shape: type[T], **params: object) -> list[T]:
        """The items of a list."""
        return list(each(self._pull, decode(self.get(path, **params), list[msgspec.Raw]), shape))

    def messages(self, channel: str, after: str) -> Iterator[list[Message]]:
        """The messages of a channel or thread behind one, oldest first, a hundred at a time."""
        while True:
            found = self.items(f"/channels/{channel}/messages", Message, limit=MESSAGES, after=after or "0")
            found = sorted((one for one in found if _number(one.id) > _number(after)), key=lambda one: _number(one.id))
            if not found:
                return
            if any(message.type in SAID and message.is_blank for message in found):
                self._pull.warn(_("messages come without their texts: switch on MESSAGE CONTENT INTENT for the bot"))
            yield found
            after = found[-1].id


def _guilds(pull: Pull, api: _Api) -> list[str]:
    """The guilds to read. Raises UsageError for what is no id."""
    named = listed(pull.settings.get("guilds", ""))
    if wrong := next((guild for guild in named if not _number(guild)), ""):
        raise UsageError(_("guilds: {guild} is no id, which is a long number").format(guild=wrong))
    if named:
        return list(named)
    found: dict[str, None] = {}
    after = ""
    while True:
        guilds = api.items("/users/@me/guilds", Guild, limit=GUILDS, after=after)
        fresh = [guild.id for guild in guilds if guild.id not in found]
        found |= dict.fromkeys(fresh)
        if len(guilds) < GUILDS or not fresh:
            return list(found)
        after = fresh[-1]


def _members(pull: Pull, api: _Api) -> Iterator[Page]:
    """The guild and all its members, from the first one again at each sync."""
    guild = decode(api.get(f"/guilds/{pull.target}", with_counts="true"), Guild)
    community = CommunityRecord(uid=guild.id, name=guild.name or None, kind="chat")
    roles = {role.id: role for role in guild.roles if role.id != guild.id}
    after = pull.cursor or ""
    yield Page([community], after or "0", guild.approximate_member_count)
    while True:
        try:
            members = api.items(f"/guilds/{guild.id}/members", Member, limit=MEMBERS, after=after or "0")
        except Denied:
            text = _("the members of {guild} are hidden: switch on SERVER MEMBERS INTENT for the bot")
            raise Denied(text.format(guild=guild.name or guild.id)) from None
        newest = max((member.user.id for member in members), key=_number, default="")
        more = len(members) == MEMBERS and _number(newest) > _number(after)
        after = newest if more else "0"
        records = [record for member in members for record in joined(guild, roles, member)]
        yield Page(records, after, guild.approximate_member_count)
        if not more:
            return


def _channel(pull: Pull, api: _Api, guild: str, channel: str) -> Iterator[Page]:
    """The messages of a channel or active thread behind the last one read; the cursor is its id."""
    after = _start(pull)
    for found in api.messages(channel, after):
        for records, last in paged(((message.id, told(guild, message)) for message in found), after):
            yield Page(records, last)
        after = found[-1].id


def _archived(pull: Pull, api: _Api, guild: str, channel: str) -> Iterator[Page]:
    """The threads archived since the last look, the latest first."""
    place = cursors.read(pull.cursor, _Place())
    first = max(_snowflake(pull.since), _snowflake(moment(place.until), MARGIN), key=_number)
    while True:
        path = f"/channels/{channel}/threads/archived/public"
        answer = decode(api.get(path, limit=THREADS, before=place.before), Threads)
        threads = [(thread, _archived_at(thread)) for thread in each(pull, answer.threads, Channel)]
        before = place.before
        for thread, at in threads:
            if at <= place.until:
                answer = Threads([])
                break
            place = msgspec.structs.replace(place, top=place.top or at)
            start = place.after if place.inside == thread.id else first
            for found in api.messages(thread.id, start):
                for records, last in paged(((message.id, told(guild, message)) for message in found), start):
                    start = last
                    place = msgspec.structs.replace(place, inside=thread.id, after=last)
                    yield Page(records, cursors.written(place))
            place = msgspec.structs.replace(place, before=at, inside="", after="")
        if not answer.has_more or place.before == before:
            break
    if place.top:
        yield Page([], cursors.written(_Place(until=place.top)))


def _reactions(pull: Pull, api: _Api, guild: str, channel: str) -> Iterator[Page]:
    """Who reacted to the messages that have come of age since the last look."""
    after = _start(pull)
    latest = from_ms(now()) - SETTLED
    for found in api.messages(channel, after):
        for message in found:
            if message.timestamp > latest:
                return
            if message.reactions and message.type in SAID and not message.webhook_id:
                yield Page(_reacted(api, guild, channel, message), message.id)
        yield Page([], found[-1].id)


def _reacted(api: _Api, guild: str, channel: str, message: Message) -> list[Record]:
    records: list[Record] = [message.author.record()]
    for reaction in sorted(message.reactions, key=lambda one: -one.count)[:EMOJIS]:
        emoji = reaction.emoji
        name = f"{emoji.name or '_'}:{emoji.id}" if emoji.id else emoji.name or ""
        path = f"/channels/{channel}/messages/{message.id}/reactions/{quote(name, safe='')}"
        try:
            people = api.items(path, User, limit=REACTORS)
        except Gone:  # taken back meanwhile
            continue
        for fan in people:
            if fan.id != message.author.id:
                records += [
                    fan.record(),
                    InteractionRecord(
                        actor_uid=fan.id,
                        object_uid=message.author.id,
                        kind="reaction",
                        at=message.timestamp,
                        evidence_uid=message.id,
                        community_uid=guild,
                    ),
                ]
    return records


def _archived_at(thread: Channel) -> str:
    return thread.thread_metadata.archive_timestamp if thread.thread_metadata else ""


def _snowflake(at: datetime | None, margin: timedelta = timedelta()) -> str:
    """The id behind which messages of that moment and later ones come; "0" when there is none."""
    since = (at - margin - EPOCH) // timedelta(milliseconds=1) if at else 0
    return str(max((since << 22) - 1, 0))


def _start(pull: Pull) -> str:
    """The id behind which to read; that of ``pull.since`` without a cursor, or with one that is no id."""
    return pull.cursor if pull.cursor and _number(pull.cursor) else _snowflake(pull.since)


def _number(snowflake: str) -> int:
    return whole(snowflake) or 0
