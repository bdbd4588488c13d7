"""Telegram as a bot sees it: what is said in its groups and channels, who comes, leaves and reacts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from kolbench.adapters import cursors
from kolbench.adapters.answers import decode, each
from kolbench.adapters.chats.page import paged
from kolbench.adapters.chats.said import Aside, Moved, Said
from kolbench.adapters.protocol import Finding, Page, RateLimit, Setting
from kolbench.adapters.servers import address
from kolbench.adapters.targets import listed
from kolbench.adapters.telegram.entities import (
    ROLES,
    Chat,
    Member,
    Numbered,
    Reactions,
    Update,
    act,
    changed,
    moment,
    moved,
    post,
    told,
)
from kolbench.domain.clock import DAY, now
from kolbench.domain.errors import Denied, Gone, SourceError, UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.records import Record, SnapshotRecord

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Pull

T = TypeVar("T")

AT_ONCE = 100
"""The most updates that Telegram gives in one answer."""

CHATS_TRIED = 3
"""Chats whose administrators a test of the credentials looks for the bot among."""

REMEMBERED = 500
"""Messages whose authors the cursor keeps: an update on a reaction doesn't tell whom it pleased."""

STALE = 6 * DAY
"""After a week without updates Telegram numbers them anew, so that an old number means nothing."""

WANTED = (
    *("message", "edited_message", "channel_post", "edited_channel_post"),
    *("message_reaction", "message_reaction_count", "chat_member", "my_chat_member"),
)
"""The kinds of updates to ask for; those on reactions and members come to administrators only, when asked for."""

_CHAT = re.compile(r"-?\d{1,20}|@?[A-Za-z]\w{3,63}", re.ASCII)


class _Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """The number of the next update, when that was learned, and who wrote the latest messages."""

    offset: int = 0
    at: int = 0
    authors: dict[str, str] = {}


class Telegram:
    """Reads what reaches a bot, and what it may look up of the chats that are named.

    A group is a community, a channel an account with posts. Telegram keeps what reaches a bot for a day, and
    forgets an update when the next one is asked for: each page is in the store before that. Ids are the Bot API's;
    a message is ``CHAT:MESSAGE``, as in ``telegram-export``, which brings what was said before the bot came.
    """

    name = "telegram"
    title = N_("Telegram groups and channels, as a bot sees them")
    platform = "telegram"
    feeds = ("members", "messages")
    limits: RateLimit | None = RateLimit(requests=25, seconds=1)
    settings = (
        Setting("token", N_("of the bot, from @BotFather"), required=True, secret=True),
        Setting("chats", N_("groups and channels to look up: ids or @names"), example="@durov, -1001234567890"),
        Setting("server", N_("address of the API"), default="https://api.telegram.org"),
    )

    def targets(self, pull: Pull) -> Iterator[str]:
        """The chats to look up; what reaches the bot comes from all its chats at once."""
        if pull.feed == "messages":
            yield ""
            return
        for chat in listed(pull.settings.get("chats", "")):
            if not _CHAT.fullmatch(chat):
                raise UsageError(_("chats: {chat} is neither an id nor a name").format(chat=chat))
            yield chat if chat.startswith("@") or not chat[0].isalpha() else f"@{chat}"

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield pages of one target."""
        return _updates(pull) if pull.feed == "messages" else _look_up(pull)

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Ask who the bot is, whether it sees what is said, and whether its updates go elsewhere."""
        bot = _call(pull, "getMe", _Answer[dict[str, object]])
        yield Finding(True, _("The token belongs to {handle}.").format(handle=bot.get("username")))
        runs = [
            chat for chat in islice(self.targets(pull), CHATS_TRIED) if _is_administrator(pull, chat, bot.get("id"))
        ]
        if bot.get("can_read_all_group_messages") is True:
            yield Finding(True, _("It sees what is said in groups."))
        elif runs:
            yield Finding(True, _("It is an administrator of {chats}.").format(chats=", ".join(runs)))
        else:
            text = _("In groups it sees commands only, unless it is an administrator: /setprivacy at @BotFather.")
            yield Finding(False, text)
        if _call(pull, "getWebhookInfo", _Answer[dict[str, object]]).get("url"):
            yield Finding(False, _("Its updates go to a webhook: remove that, or nothing comes here."))


class _Answer(msgspec.Struct, Generic[T], frozen=True):
    result: T


def _call(pull: Pull, method: str, shape: type[_Answer[T]], **params: object) -> T:
    """What a method returns. Raises like the client, in words that fit a bot."""
    assert pull.http
    asked = {name: str(value) for name, value in params.items() if value}
    try:
        answer = pull.http.get(f"{address(pull)}/bot{pull.settings['token']}/{method}", params=asked)
    except Gone as error:
        raise SourceError(_("Telegram knows no such bot: check the token")) from error
    except SourceError as error:
        if error.status == 409:
            raise SourceError(
                _("somebody else reads this bot's updates, by a webhook or in another program")
            ) from error
        if error.status == 400:
            raise Gone(_("there is no such chat, or the bot is not in it")) from error
        raise
    return decode(answer, shape).result


def _is_administrator(pull: Pull, chat: str, bot: object) -> bool:
    try:
        return _call(pull, "getChatMember", _Answer[Member], chat_id=chat, user_id=bot).status in ROLES
    except (Gone, Denied):
        return False


def _look_up(pull: Pull) -> Iterator[Page]:
    """A channel with its followers, or a group with its administrators."""
    chat = _call(pull, "getChat", _Answer[Chat], chat_id=pull.target)
    if chat.type == "channel":
        followers = _call(pull, "getChatMemberCount", _Answer[int], chat_id=chat.id)
        yield Page([chat.account(followers)], "{}")
        return
    records: list[Record] = [chat.community()]
    if chat.type != "private":
        for member in _call(pull, "getChatAdministrators", _Answer[list[Member]], chat_id=chat.id):
            records += moved(chat, member.user, role=ROLES.get(member.status))
    yield Page(records, "{}")


def _updates(pull: Pull) -> Iterator[Page]:
    """What has reached the bot; each page is in the store before Telegram is told to forget it."""
    place = cursors.read(pull.cursor, _Place())
    if place.at < now() - STALE:
        place = msgspec.structs.replace(place, offset=0)
    wanted = msgspec.json.encode(WANTED).decode()
    while True:
        found = _call(
            pull, "getUpdates", _Answer[list[msgspec.Raw]], offset=place.offset, limit=AT_ONCE, allowed_updates=wanted
        )
        numbers = [one.update_id for one in each(pull, found, Numbered)]
        following = max(numbers, default=-1) + 1
        if following <= place.offset:
            return
        reader = _Reader(pull, place.authors)
        updates = ((str(update.update_id), reader.told(update)) for update in each(pull, found, Update))
        pages = list(paged(updates, ""))
        for records, _last in pages[:-1]:
            yield Page(records, cursors.written(place))
        place = _Place(following, now(), reader.authors)
        yield Page(pages[-1][0], cursors.written(place), hold=True)


class _Reader:
    """Turns updates into what they tell; knows who wrote the latest messages."""

    def __init__(self, pull: Pull, authors: dict[str, str]) -> None:
        self._pull = pull
        self.authors = dict(authors)

    def told(self, update: Update) -> Iterator[Said | Moved | Aside]:
        """What one update tells."""
        if message := update.message or update.edited_message:
            for one in told(message):
                if isinstance(one, Said):
                    self._note(one.uid, one.sender_uid)
                yield one
        elif message := update.channel_post or update.edited_channel_post:
            yield Aside(moment(message.date), tuple(post(message)))
        elif update.message_reaction:
            yield from self._reacted(update.message_reaction)
        elif update.message_reaction_count:
            yield from self._counted(update.message_reaction_count)
        elif update.chat_member:
            yield Aside(moment(update.chat_member.date), tuple(changed(update.chat_member)))
        elif update.my_chat_member and not update.my_chat_member.new_chat_member.is_in:
            text = _("the bot is not in {chat} any more")
            self._pull.warn(text.format(chat=update.my_chat_member.chat.name))

    def _reacted(self, reaction: Reactions) -> Iterator[Aside]:
        """Who reacted to a message, if it is known who wrote that."""
        uid = f"{reaction.chat.id}:{reaction.message_id}"
        fan, author, at = reaction.user, self.authors.get(uid), moment(reaction.date)
        if fan and author and str(fan.id) != author and reaction.new_reaction:
            yield Aside(at, (fan.record(), act(reaction.chat, fan, "reaction", author, at, uid)))

    def _counted(self, reaction: Reactions) -> Iterator[Aside]:
        """How many reacted to a channel's post."""
        if reaction.chat.type == "channel":
            at, chat = moment(reaction.date), reaction.chat
            likes = sum(one.total_count for one in reaction.reactions)
            uid = f"{chat.id}:{reaction.message_id}"
            counts = SnapshotRecord(account_uid=str(chat.id), post_uid=uid, metrics={"likes": likes}, observed_at=at)
            yield Aside(at, (chat.account(), counts))

    def _note(self, uid: str, author: str) -> None:
        self.authors[uid] = author
        if len(self.authors) > REMEMBERED:
            del self.authors[next(iter(self.authors))]
