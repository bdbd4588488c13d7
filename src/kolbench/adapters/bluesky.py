"""Bluesky and every other AppView and PDS of the AT Protocol, as its lexicons describe them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from msgspec import Struct

from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.bluesky_host import BATCH, MOST, Host, Slice, Tokens, is_did, part
from kolbench.adapters.bluesky_views import (
    LIST,
    PACK,
    SITE,
    Entry,
    Item,
    Like,
    Packed,
    PeopleList,
    Post,
    Profile,
    Thread,
    Threaded,
    account,
    entry,
    list_room,
    pack_room,
    reaction,
)
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.servers import number
from kolbench.adapters.targets import listed
from kolbench.domain import clock
from kolbench.domain.errors import Denied, Gone, UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.records import AccountRecord, FollowRecord, MembershipRecord, Record

if TYPE_CHECKING:
    import httpx

FRESH = timedelta(days=3)
"""How long a post's counts still grow: newer ones are read again in each sync."""

ORDERED = 10
"""So many entries in a row must be old before a feed counts as read: one alone may stand out of order."""

DEEP = 10
"""Pages that are read of the reactions of one kind to one post, and of a feed in search of its owner's posts."""

MOST_POSTS = 500

_NOBODY = N_("No account, list or starter pack is named: set 'accounts' or one of the others.")
_WAYS = {"followers": "app.bsky.graph.getFollowers", "follows": "app.bsky.graph.getFollows"}
_FEED = "app.bsky.feed.getAuthorFeed"
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_is_handle = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?").fullmatch
_profile_page = re.compile(r"https?://[^/]+/profile/([^/?#]+)").match
_room_pages = {
    LIST: re.compile(r"https?://[^/]+/profile/([^/]+)/lists/([^/?#]+)").match,
    PACK: re.compile(r"https?://[^/]+/(?:starter-pack|start)/([^/]+)/([^/?#]+)").match,
}
_at_address = re.compile(r"at://([^/]+)/([^/]+)/([^/]+)").fullmatch


class Place(Struct, omit_defaults=True):
    """The cursor of one account or list: its id, so that a new handle doesn't lose it, and where reading stands.

    ``at`` is the server's own cursor, ``way`` one of ``_WAYS``, or nothing behind both. Posts are read back to
    ``until``; ``newest`` is where the next sync begins. ``seen`` has the counts of the posts whose reactions were
    read.
    """

    did: str = ""
    at: str = ""
    way: str = "followers"
    newest: datetime | None = None
    until: datetime | None = None
    seen: dict[str, tuple[int, int, int, int]] = {}


class Bluesky:
    """Reads accounts, lists and starter packs, with or without a login.

    A session lives as long as its HTTP client, which is one run: a new one for each target would soon use up the
    logins that a PDS allows in a day.
    """

    name = "bluesky"
    title = N_("Bluesky, and other hosts of the AT Protocol")
    platform = "bluesky"
    feeds = ("profiles", "members", "followers", "posts", "activities")
    limits: RateLimit | None = RateLimit(requests=2_900, seconds=300)
    settings = (
        Setting(
            "accounts",
            N_("whom to read: handles, DIDs or addresses of profiles, or the file @path"),
            example="ann.bsky.social, @bob.example.com",
        ),
        Setting("lists", N_("lists to read as communities"), example=f"{SITE}/profile/ann.bsky.social/lists/3k…"),
        Setting("starter_packs", N_("starter packs to read as communities"), example=f"{SITE}/starter-pack/ann…/3k…"),
        Setting("identifier", N_("your own handle, to read with a login"), example="me.bsky.social"),
        Setting("app_password", N_("an app password of that account"), secret=True),
        Setting(
            "server",
            N_("the host to ask: https://public.api.bsky.app, with a login https://bsky.social, or another one"),
            example="https://pds.example.com",
        ),
        Setting(
            "appview", N_("with a login: the AppView to read through"), example="did:web:api.bsky.app#bsky_appview"
        ),
        Setting(
            "reactions_to",
            N_("of how many latest posts of each account to read the reactions"),
            default="20",
            example="5",
        ),
    )

    def __init__(self) -> None:
        self._sessions: WeakKeyDictionary[httpx.Client, Tokens] = WeakKeyDictionary()

    def targets(self, pull: Pull) -> Iterable[str]:
        """Accounts, lists and starter packs; for profiles, the places of a batch of accounts in the setting."""
        accounts, rooms = _accounts(pull), _rooms(pull)
        if not accounts and not rooms:
            raise UsageError(_(_NOBODY))
        if pull.feed == "profiles":
            return [f"{first}-{first + BATCH - 1}" for first in range(1, len(accounts) + 1, BATCH)]
        if pull.feed == "members":
            return rooms
        return accounts if pull.feed != "activities" or _reactions_to(pull) else ()

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the pages of one account, list, starter pack, or batch of profiles."""
        read = {
            "profiles": _profiles,
            "members": _members,
            "followers": _follows,
            "posts": _posts,
            "activities": _reactions,
        }
        return read[pull.feed](Host(pull, self._sessions))

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Log in, where there is a login, and look the first accounts up."""
        host = Host(pull, self._sessions)
        tokens = host.session()
        if not tokens:
            text = _("Reading {host} without a login; who shows posts to logged-in people only is left out.")
            yield Finding(True, text.format(host=host.url))
        else:
            yield Finding(True, _("Logged in as {handle} at {host}.").format(handle=tokens.handle, host=host.url))
            if tokens.active is False:
                yield Finding(False, _("That account is not active ({status}).").format(status=tokens.status or "?"))
        if not _accounts(pull) and not _rooms(pull):
            yield Finding(False, _(_NOBODY))
        if actors := _accounts(pull)[:BATCH] or ([tokens.did] if tokens else []):
            found = len(host.profiles(actors))
            text = _("{found} of the first {n} accounts were found.")
            yield Finding(found > 0, text.format(found=found, n=len(actors)))


def _profiles(host: Host) -> Iterator[Page]:
    """A batch of accounts with their counts; the cursor has the id behind each handle, to find it under a new one."""
    pull = host.pull
    first = int(pull.target.partition("-")[0]) - 1
    actors = _accounts(pull)[first : first + BATCH]
    known: dict[str, str] = cursors.read(pull.cursor, {})
    asked = list(dict.fromkeys(known.get(actor, actor) for actor in actors))
    found = {profile.did: profile for profile in host.profiles(asked)} if asked else {}
    ids = {profile.handle.lower(): did for did, profile in found.items()} | known
    records: list[Record] = list(map(account, found.values()))
    for one in asked:
        if is_did(one) and one not in found:
            records.append(AccountRecord(uid=one, gone=True))
        elif not is_did(one) and one not in ids:
            text = _("There is no account {handle}. Has it another handle now? Its DID finds it under any.")
            pull.warn(text.format(handle=one))
    yield Page(records, cursors.written({actor: ids[actor] for actor in actors if actor in ids}))


def _follows(host: Host) -> Iterator[Page]:
    """Who follows an account, and whom it follows."""
    place = _place(host)
    place.way = place.way or "followers"
    while place.way:
        way = place.way
        for piece in host.slices(_WAYS[way], way, place.at, actor=place.did):
            people = list(each(host.pull, piece.items, Profile))
            records: list[Record] = list(map(account, people))
            for one in people:
                fan, idol = (one.did, place.did) if way == "followers" else (place.did, one.did)
                records.append(FollowRecord(follower_uid=fan, account_uid=idol))
            place.at = piece.cursor
            if not place.at:
                place.way = "follows" if way == "followers" else ""
            yield _page(records, place)


def _posts(host: Host) -> Iterator[Page]:
    """What an account posted and reposted, newest first, back to where counts still grew at the last sync."""
    place = _place(host)
    if not place.at:
        place.until = place.newest - FRESH if place.newest else host.pull.since
    for piece in host.slices(_FEED, "feed", place.at, actor=place.did, filter="posts_with_replies"):
        items = list(each(host.pull, piece.items, Item))
        _respect(host, place.did, (item.post for item in items))
        times = [at for item in items if (at := item.at)]
        newest = max((*times, *([place.newest] if place.newest else ())), default=None)
        place.newest = newest and min(newest, clock.from_ms(clock.now()))
        over = bool(place.until and times and max(times[-ORDERED:]) < place.until)
        place.at = "" if over else piece.cursor
        if not place.at:
            place.until = None
        yield _page([record for item in items for record in entry(item)], place)
        if over:
            return


def _reactions(host: Host) -> Iterator[Page]:
    """Who liked, reposted, quoted and answered the latest posts; those with the same counts as before are left out."""
    place, most = _place(host), _reactions_to(host.pull)
    posts: list[Post] = []
    for piece in islice(host.slices(_FEED, "feed", actor=place.did, filter="posts_with_replies"), DEEP):
        found = each(host.pull, piece.items, Item)
        posts += [item.post for item in found if not item.reason and item.post.author.did == place.did]
        if len(posts) >= most:
            break
    del posts[most:]
    _respect(host, place.did, posts)
    place.seen = {post.rkey: place.seen[post.rkey] for post in posts if post.rkey in place.seen}
    for post in posts:
        if place.seen.get(post.rkey, (0, 0, 0, 0)) == post.counts:
            continue
        waiting: list[Record] = []
        for records in _reactions_of(host, post):
            if waiting:
                yield _page(waiting, place)
            waiting = records
        place.seen[post.rkey] = post.counts
        yield _page(waiting, place)
    if not host.pull.cursor:
        yield _page([], place)


def _reactions_of(host: Host, post: Post) -> Iterator[list[Record]]:
    """The people who did something with a post, a page at a time. Nobody is told when a repost was made."""
    likes, reposts, quotes, replies = post.counts
    pull = host.pull
    if likes:
        for piece in _first(host, "app.bsky.feed.getLikes", "likes", post):
            fans = each(pull, piece.items, Like)
            yield [record for one in fans for record in reaction(one.actor, "like", one.at, post)]
    if reposts:
        for piece in _first(host, "app.bsky.feed.getRepostedBy", "repostedBy", post):
            people = each(pull, piece.items, Profile)
            yield [record for one in people for record in reaction(one, "repost", post.at, post)]
    if quotes:
        for piece in _first(host, "app.bsky.feed.getQuotes", "posts", post):
            yield [record for one in each(pull, piece.items, Post) for record in entry(Item(one))]
    if replies:
        try:
            thread = host.get("app.bsky.feed.getPostThread", Threaded, uri=post.uri, depth=1, parentHeight=0).thread
        except Gone:  # deleted since the feed was read
            return
        answers = each(pull, thread.replies or (), Thread)
        yield [record for one in answers if one.post for record in entry(Item(one.post))]


def _first(host: Host, method: str, key: str, post: Post) -> Iterator[Slice]:
    """The first pages about a post: a famous one would take all day."""
    for pages, piece in enumerate(host.slices(method, key, uri=post.uri), 1):
        yield piece
        if pages == DEEP and piece.cursor:
            text = _("{uri}: {method} is read to the first {n} only.")
            host.pull.warn(text.format(uri=post.uri, method=method.rpartition(".")[2], n=DEEP * MOST))
            return


def _members(host: Host) -> Iterator[Page]:
    """The people of a list or a starter pack, with their counts."""
    place = cursors.read(host.pull.cursor, Place())
    name, collection, rkey = host.pull.target.removeprefix("at://").split("/")
    place.did = place.did or host.did(name)
    uri = members = f"at://{place.did}/{collection}/{rkey}"
    pack = None
    if collection == PACK:
        pack = host.get("app.bsky.graph.getStarterPack", Packed, starterPack=uri).starter_pack
        if not pack.list:
            raise Gone(_("The list of the starter pack {uri} is gone.").format(uri=uri))
        members = pack.list.uri
    for piece in host.slices("app.bsky.graph.getList", "items", place.at, list=members):
        found: PeopleList = part(piece.answer, "list", PeopleList)
        room = pack_room(pack) if pack else list_room(found)
        people = [item.subject for item in each(host.pull, piece.items, Entry)]
        records: list[Record] = [room, *map(account, people)]
        for first in range(0, len(people), BATCH):
            records += map(account, host.profiles([one.did for one in people[first : first + BATCH]]))
        for one in people:
            role = "creator" if one.did == place.did else None
            records.append(MembershipRecord(community_uid=room.uid, account_uid=one.did, role=role))
        place.at = piece.cursor
        yield Page(records, cursors.written(place), found.list_item_count)


def _place(host: Host) -> Place:
    place = cursors.read(host.pull.cursor, Place())
    place.did = place.did or host.did(host.pull.target)
    return place


def _page(records: list[Record], place: Place) -> Page:
    return Page(records, cursors.written(place))


def _respect(host: Host, did: str, posts: Iterable[Post]) -> None:
    """Raise Denied when we are a visitor and the account asks that visitors don't see what it posts."""
    if not host.has_login and any(post.author.for_logged_in_only for post in posts if post.author.did == did):
        raise Denied(_("The account shows its posts to logged-in people only: give the source a login."))


def _accounts(pull: Pull) -> list[str]:
    return list(dict.fromkeys(map(_actor, listed(pull.settings.get("accounts", "")))))


def _actor(text: str) -> str:
    """The handle or id that an operator wrote in one of many ways. Raises UsageError."""
    page = _profile_page(text)
    name = unquote(page[1]) if page else text.removeprefix("at://").rstrip("/")
    if is_did(name):
        return name
    handle = name.removeprefix("@").lower()
    if not _is_handle(handle):
        raise UsageError(
            _("'{text}' is no account: write a handle such as ann.bsky.social, or a DID.").format(text=text)
        )
    return handle


def _rooms(pull: Pull) -> list[str]:
    """The at-addresses of the lists and starter packs."""
    named = [(text, LIST) for text in listed(pull.settings.get("lists", ""))]
    named += [(text, PACK) for text in listed(pull.settings.get("starter_packs", ""))]
    return list(dict.fromkeys(_room(*one) for one in named))


def _room(text: str, collection: str) -> str:
    if page := _room_pages[collection](text):
        return f"at://{_actor(unquote(page[1]))}/{collection}/{page[2]}"
    if (found := _at_address(text)) and found[2] == collection:
        return f"at://{_actor(found[1])}/{collection}/{found[3]}"
    raise UsageError(_("'{text}' is no address of a list or a starter pack as its page has it.").format(text=text))


def _reactions_to(pull: Pull) -> int:
    return min(number(pull, "reactions_to"), MOST_POSTS)
