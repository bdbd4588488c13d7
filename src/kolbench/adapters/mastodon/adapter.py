"""Mastodon and every other server that speaks the Mastodon client API, as it is documented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from msgspec import Raw
from msgspec.structs import replace

from kolbench.adapters import cursors, servers
from kolbench.adapters.answers import decode, each, plain
from kolbench.adapters.mastodon import entities
from kolbench.adapters.mastodon.entities import Account, Mention, Status
from kolbench.adapters.mastodon.server import ACCOUNTS_A_PAGE, STATUSES_A_PAGE, Place, Server, is_id, quoted
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.targets import listed
from kolbench.domain import clock
from kolbench.domain.errors import Gone, SourceError, UsageError
from kolbench.domain.identity import handle_ref, is_provisional
from kolbench.domain.lang import N_, _
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    FollowRecord,
    InteractionRecord,
    MessageRecord,
    PostRecord,
    Record,
)

LATE = clock.HOUR
"""By so much a timeline is read again: posts of other servers come in late."""

_TIMELINES = {"local": {"local": "true"}, "remote": {"remote": "true"}, "public": {}}
_WAYS = ("followers", "following")


class Mastodon:
    """Reads the accounts and timelines that an operator lists, each with a cursor of its own."""

    name = "mastodon"
    title = N_("Mastodon, and other servers with its API")
    platform = "mastodon"
    feeds = ("profiles", "followers", "posts", "activities", "messages")
    limits: RateLimit | None = RateLimit(requests=290, seconds=300)
    settings = (
        Setting("server", N_("address of the server"), required=True, example="https://mastodon.social"),
        Setting("token", N_("access token; many servers show what is public without one"), secret=True),
        Setting(
            "accounts",
            N_("whom to read: handles, ids or addresses of profiles, or the file @path"),
            example="@ann, bob@example.social",
        ),
        Setting("tags", N_("hashtags to read as communities"), example="skincare, makeup"),
        Setting("timelines", N_("timelines to read as communities: local, remote or public"), example="local"),
        Setting("days", N_("how many days back the first sync goes"), default="30", example="90"),
        Setting("recount", N_("for how many days a post's counts are read again"), default="7", example="14"),
        Setting(
            "reactions_to", N_("of how many new posts to read who liked and boosted them"), default="5", example="0"
        ),
    )

    def targets(self, pull: Pull) -> Iterable[str]:
        """Accounts, each once under the name that the operator gave it, or hashtags and timelines."""
        if pull.feed == "messages":
            tags = [tag.lstrip("#") for tag in listed(pull.settings.get("tags", ""))]
            return [*(f"#{tag}" for tag in tags if tag), *map(_timeline, listed(pull.settings.get("timelines", "")))]
        names = dict.fromkeys(_name(pull, item) for item in listed(pull.settings.get("accounts", "")))
        if pull.feed == "followers":
            return [f"{name} {way}" for name in names for way in _WAYS]
        return names

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the pages of one target: people anew each time, posts from the last time on."""
        server = Server(pull)
        place = server.place()
        match pull.feed:
            case "profiles":
                yield from _profile(pull, server, place)
            case "followers":
                yield from _followers(pull, server, place)
            case "posts":
                yield from _posts(pull, server, place)
            case "activities":
                yield from _reactions(pull, server, place)
            case _:
                yield from _timeline_of(pull, server, place)

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Ask the server who it is, and whose the token is."""
        server = Server(pull)
        told = server.instance()
        if told.version is None:
            yield Finding(False, _("{server} does not say which server it is.").format(server=server.base))
        else:
            text = _("{title} is there (version {version}).")
            yield Finding(True, text.format(title=told.title or server.base, version=told.version))
        if "token" not in pull.settings:
            yield Finding(True, _("There is no token: only what everybody may see can be read."))
            return
        try:
            me = decode(server.get("accounts/verify_credentials"), Account)
            yield Finding(True, _("The token belongs to {handle}.").format(handle=server.handle(me)))
        except SourceError as error:
            if error.status not in (401, 403, 422):
                raise
            if error.status == 422:
                yield Finding(True, _("The token belongs to an application: it reads what is public."))
            elif error.status == 403:
                yield Finding(False, _("The token may not see whose it is: it lacks the scope read:accounts."))
            else:
                yield Finding(False, _("The server does not accept the token."))


def _profile(pull: Pull, server: Server, place: Place) -> Iterator[Page]:
    try:
        account = server.account(place, pull.target)
    except Gone:
        unseen = f"{pull.target}@{server.domain}" if is_id(pull.target) else handle_ref(server.full(pull.target))
        # By its name again the next time: it may come back under another id.
        yield Page([AccountRecord(uid=place.uid or unseen, gone=True)], cursors.written(replace(place, id="", uid="")))
        return
    people = [server.record(account)]
    if account.moved:
        people.append(server.record(account.moved))
        text = _("{handle} has moved to {to}: read that account.")
        pull.warn(text.format(handle=people[0].handle, to=people[1].handle))
    yield Page(people, cursors.written(server.at(place, account)))


def _followers(pull: Pull, server: Server, place: Place) -> Iterator[Page]:
    """One direction of an account's follows; a list that was read to its end is read anew."""
    name, _space, way = pull.target.rpartition(" ")
    total = None
    if not place.next:
        account = server.account(place, name)
        place = server.at(place, account)
        total = max(0, (account.followers_count if way == "followers" else account.following_count) or 0)
    if is_provisional(place.uid):
        text = _("{name} is at home on another server: {server} knows only a part of its followers.")
        pull.warn(text.format(name=name, server=server.domain))
    mine, found = place.uid, 0
    for raws, following in server.pages(f"accounts/{quoted(place.id)}/{way}", ACCOUNTS_A_PAGE, place.next):
        people = [server.record(one) for one in each(pull, raws, Account)]
        found += len(people)
        uids = [(one.uid, mine) if way == "followers" else (mine, one.uid) for one in people]
        edges = [FollowRecord(follower_uid=follower, account_uid=followed) for follower, followed in uids]
        yield Page([*people, *edges], cursors.written(replace(place, next=following)), total)
    if total and not found:
        pull.warn(_("{target}: its owner hides the list.").format(target=pull.target))


def _posts(pull: Pull, server: Server, place: Place) -> Iterator[Page]:
    place = server.known(place, pull.target)
    again = servers.number(pull, "recount") * clock.DAY
    for statuses, after in _newest_first(pull, server, f"accounts/{quoted(place.id)}/statuses", {}, place, again):
        found = _Found(server)
        for status in statuses:
            found.status(status)
        yield Page(found.records(), cursors.written(after))


def _reactions(pull: Pull, server: Server, place: Place) -> Iterator[Page]:
    """Who liked and boosted the newest posts: of each list its first page, and no more."""
    most = servers.number(pull, "reactions_to")
    if not most:
        return
    place = server.known(place, pull.target)
    found = _Found(server)
    path = f"accounts/{quoted(place.id)}/statuses"
    raws = decode(server.get(path, limit=str(STATUSES_A_PAGE), exclude_reblogs="true"), list[Raw])
    own = [status for status in each(pull, raws, Status) if status.reblog is None and _is_kept(status)]
    for status in own[:most]:
        for kind, count, verb in (
            ("like", status.favourites_count, "favourited_by"),
            ("repost", status.reblogs_count, "reblogged_by"),
        ):
            if count:
                for person in each(pull, server.reacted(f"statuses/{quoted(status.id)}/{verb}"), Account):
                    found.deed(found.met(person), place.uid, kind, status)
    yield Page(found.records(), cursors.written(place))


def _timeline_of(pull: Pull, server: Server, place: Place) -> Iterator[Page]:
    tag = pull.target.removeprefix("#")
    if tag != pull.target:
        path, query = f"timelines/tag/{quoted(tag)}", {}
        uid, name, url = f"#{tag.casefold()}@{server.domain}", f"#{tag}", f"{server.base}/tags/{quoted(tag)}"
        room = CommunityRecord(uid=uid, name=name, kind="hashtag", url=url)
    else:
        path, query = "timelines/public", _TIMELINES[_timeline(pull.target)]
        uid, name = f"{pull.target}@{server.domain}", f"{server.domain}: {pull.target}"
        room = CommunityRecord(uid=uid, name=name, kind="timeline", url=server.base)
    for statuses, after in _newest_first(pull, server, path, query, place, LATE):
        found = _Found(server, room.uid)
        for status in statuses:
            if status.reblog is None:
                found.status(status)
        yield Page([room, *found.records()], cursors.written(after))


def _newest_first(
    pull: Pull, server: Server, path: str, query: Mapping[str, str], place: Place, again: int
) -> Iterator[tuple[list[Status], Place]]:
    """Posts from the newest back to the last sync and ``again`` ms further, with the place behind each page.

    ``until`` and ``newest`` stay as they are while paging, so that the next sync finishes a walk that was killed.
    """
    beginning = not place.next
    if beginning:
        place = replace(place, until=place.newest - again if place.newest else servers.began(pull))
    for raws, following in server.pages(path, STATUSES_A_PAGE, place.next, query):
        statuses = list(each(pull, raws, Status))
        ages = [clock.to_ms(at) for status in statuses if (at := servers.moment(status.created_at))]
        if beginning and ages:
            beginning = False
            place = replace(place, newest=max(place.newest, min(max(ages), clock.now())))
        # All of a page, for a post may stand out of order: pinned, or written long before it came here.
        reached = bool(ages) and max(ages) < place.until
        yield list(filter(_is_kept, statuses)), replace(place, next={} if reached else following)
        if reached:
            return


@dataclass
class _Found:
    """What one page holds, each account once. In a timeline, ``room`` is its community."""

    server: Server
    room: str | None = None
    _people: dict[str, AccountRecord] = field(default_factory=dict)
    _rest: list[Record] = field(default_factory=list)
    _uids: dict[str, str] = field(default_factory=dict)

    def records(self) -> list[Record]:
        return [*self._people.values(), *self._rest]

    def met(self, account: Account) -> str:
        """Note a person; returns their uid."""
        record = self.server.record(account)
        if account.acct:  # else nothing but an id was told
            self._people[record.uid] = record
        return record.uid

    def status(self, status: Status) -> None:
        """Note a post, as a message where it stands in a timeline, or that somebody passes on another's."""
        author = self.met(status.account)
        if status.reblog:
            boost = replace(status.reblog, created_at=status.created_at)
            self.deed(author, self.met(status.reblog.account), "repost", boost)
            return
        at, uid = servers.moment(status.created_at), self.server.post_uid(status)
        self._uids[str(status.id)] = uid
        if self.room is None:
            post = PostRecord(
                uid=uid,
                account_uid=author,
                published_at=at,
                kind=entities.kind(status),
                title=status.spoiler_text or None,
                text=plain(status.content or ""),
                url=status.url,
                metrics=entities.reactions(status),
            )
            self._rest.append(post)
        elif at:
            message = MessageRecord(
                uid=uid,
                community_uid=self.room,
                account_uid=author,
                sent_at=at,
                text=entities.text(status),
                reply_to_uid=self._uids.get(str(status.in_reply_to_id)),
            )
            self._rest.append(message)
        named = {str(one.id): self._named(one) for one in status.mentions or ()}
        asker = str(status.in_reply_to_account_id)
        self.deed(author, named.pop(asker, None) or self.server.uids.get(asker), "reply", status)
        for whom in named.values():
            self.deed(author, whom, "mention", status)

    def deed(self, actor: str, whom: str | None, kind: str, status: Status) -> None:
        """Note that ``actor`` did something towards another, shown by a post and dated by it."""
        at = servers.moment(status.created_at)
        if whom and whom != actor and at:
            evidence = self.server.post_uid(status)
            act = InteractionRecord(
                actor_uid=actor, object_uid=whom, kind=kind, at=at, evidence_uid=evidence, community_uid=self.room
            )
            self._rest.append(act)

    def _named(self, mention: Mention) -> str:
        uid = self.server.uid(mention)
        if mention.acct:
            self._people.setdefault(uid, AccountRecord(uid=uid, handle=self.server.handle(mention)))
        return uid


def _name(pull: Pull, item: str) -> str:
    """``user``, ``user@host`` or an id, from any of the forms in which an operator may write an account.

    A user name that looks like an id keeps its ``@``.
    """
    if "://" not in item:
        user = item.lstrip("@")
        return f"@{user}" if is_id(user) and user != item else user
    page = urlsplit(item)
    user = page.path.rstrip("/").rpartition("/")[2].lstrip("@")
    if not user:
        raise UsageError(_("{value} is no address of a profile.").format(value=item))
    if "@" in user:
        return user
    if page.netloc.casefold() != urlsplit(servers.address(pull)).netloc:
        return f"{user}@{page.netloc}"
    return f"@{user}" if is_id(user) else user


def _timeline(name: str) -> str:
    if name not in _TIMELINES:
        raise UsageError(_("timelines={value}: use {names}.").format(value=name, names=", ".join(_TIMELINES)))
    return name


def _is_kept(status: Status) -> bool:
    return status.visibility in entities.PUBLIC
