"""The X adapter: what it needs from the operator, and the accounts, posts and followers that it reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from kolbench.adapters import cursors
from kolbench.adapters.answers import each, whole
from kolbench.adapters.batches import batches
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.servers import began, moment, number
from kolbench.adapters.targets import handle, named
from kolbench.adapters.x.api import Answer, Api, StaleToken, Used
from kolbench.adapters.x.entities import POST_FIELDS, USER_FIELDS, Post, User, post_record, user_record
from kolbench.domain import clock
from kolbench.domain.errors import Denied, SourceError
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import N_, _
from kolbench.domain.records import AccountRecord, FollowRecord, InteractionRecord, Record

USERS_A_PAGE, POSTS_A_PAGE, FOLLOWERS_A_PAGE = 100, 100, 1000

EARLIEST = "2010-11-06T00:00:01Z"
"""The earliest time since when X lets posts be asked for."""

_NAME = re.compile(r"[0-9]{1,19}|@[0-9]{1,15}|[A-Za-z0-9_]{1,15}")
_SITES = ("x.com", "twitter.com")


class Place(Struct, omit_defaults=True):
    """The cursor: whose list is read, and the token of its next page.

    Posts are read from the newest back to ``since`` (an id), or ``start`` (a time) as long as there is none.
    ``settled`` is the newest post found that is old enough not to be counted again: the next sync's ``since``.
    """

    id: str = ""
    next: str = ""
    since: str = ""
    start: str = ""
    settled: str = ""


class X:
    """Reads the accounts that an operator lists; each thing read costs money, so nothing is read in passing."""

    name = "x"
    title = N_("X (Twitter): accounts, posts and followers")
    platform = "x"
    feeds = ("profiles", "posts", "followers")
    limits: RateLimit | None = RateLimit(requests=290, seconds=900)
    settings = (
        Setting("token", N_("the app's bearer token"), required=True, secret=True),
        Setting(
            "accounts",
            N_("whom to read: handles, ids or addresses of profiles, or the file @path"),
            required=True,
            example="@ann, bob",
        ),
        Setting("followers", N_("of which accounts to read who follows them: each follower costs"), example="@ann"),
        Setting("days", N_("how many days back the first sync goes"), default="30", example="90"),
        Setting("recount", N_("for how many days a post's counts are read again"), default="3", example="0"),
    )

    def targets(self, pull: Pull) -> Iterable[str]:
        """Accounts, for posts and followers; profiles are read many at a time."""
        accounts, followed = (_names(pull, name) for name in ("accounts", "followers"))
        return {"profiles": ("",), "posts": accounts, "followers": followed}[pull.feed]

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield accounts and followers anew each time, posts from the last time on."""
        api = Api(pull)
        if pull.feed == "profiles":
            yield from _profiles(api)
            return
        place = cursors.read(pull.cursor, Place())
        read = _posts if pull.feed == "posts" else _followers
        try:
            yield from read(api, place)
        except StaleToken:
            yield from read(api, replace(place, next=""))

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Ask how many posts were read this month, which is free."""
        try:
            usage = Api(pull).ask(Used, "usage/tweets").data
        except Denied as error:
            yield Finding(False, str(error))
            return
        except SourceError as error:
            if error.status != 401:
                raise
            yield Finding(False, _("X does not accept the token."))
            return
        yield Finding(True, _("X accepts the token."))
        if usage.project_usage is not None and usage.project_cap is not None:
            text = _("Of {cap} posts that the app may read in a month, {used} were read.")
            yield Finding(True, text.format(cap=usage.project_cap, used=usage.project_usage))


def _profiles(api: Api) -> Iterator[Page]:
    names = _names(api.pull, "accounts")
    for batch, cursor in batches(names, USERS_A_PAGE, api.pull.cursor):
        found: list[Record] = []
        ids = [name for name in batch if name.isdigit()]
        handles = [name.removeprefix("@") for name in batch if not name.isdigit()]
        for path, key, asked in (("users", "ids", ids), ("users/by", "usernames", handles)):
            if asked:
                query = {key: ",".join(asked), "user.fields": USER_FIELDS}
                found += _people(api, api.ask(Answer, path, **query))
        yield Page(found, cursor, len(names))


def _people(api: Api, answer: Answer) -> Iterator[AccountRecord]:
    """The accounts in an answer, and those that it says are gone."""
    yield from map(user_record, each(api.pull, answer.data or (), User))
    for problem in answer.errors or ():
        name = str(problem.value)
        if problem.is_gone and problem.parameter in ("ids", "usernames") and _NAME.fullmatch(name):
            yield AccountRecord(uid=name if problem.parameter == "ids" else handle_ref(name), gone=True)
        else:
            api.pull.warn(_("X does not show {name}: the account is protected, or withheld.").format(name=name))


def _posts(api: Api, place: Place) -> Iterator[Page]:
    """Posts from the newest one back to where the last sync had settled, or as far as the first sync goes."""
    pull = api.pull
    limit = clock.now() - number(pull, "recount") * clock.DAY
    if not place.start:
        place = replace(place, start=max(clock.iso(began(pull)), EARLIEST))
    if not place.id:
        place = replace(place, id=pull.target if pull.target.isdigit() else api.user(pull.target).id)
    until = {"since_id": place.since} if place.since else {"start_time": place.start}
    query = {"tweet.fields": POST_FIELDS, "expansions": "referenced_tweets.id", "max_results": str(POSTS_A_PAGE)}
    for answer, following in api.walk(f"users/{place.id}/tweets", place.next, pull.target, **query, **until):
        posts = list(each(pull, answer.data or (), Post))
        authors = {
            one.id: one.author_id for one in each(pull, (answer.includes and answer.includes.tweets) or (), Post)
        }
        found = _Found(place.id, authors)
        for post in posts:
            found.post(post)
        place = replace(place, next=following, settled=_settled(place.settled, posts, limit))
        if not following:
            place = replace(place, since=place.settled or place.since, settled="")
        yield Page(found.records(), cursors.written(place))


def _followers(api: Api, place: Place) -> Iterator[Page]:
    """Who follows an account, a thousand at a time; a list that was read to its end is read anew."""
    total = None
    if not place.next:
        user = api.user(place.id or api.pull.target)
        place = replace(place, id=user.id)
        total = user_record(user).metrics.get("followers")
    query = {"user.fields": USER_FIELDS, "max_results": str(FOLLOWERS_A_PAGE)}
    for answer, following in api.walk(f"users/{place.id}/followers", place.next, api.pull.target, **query):
        people = list(map(user_record, each(api.pull, answer.data or (), User)))
        edges = [FollowRecord(follower_uid=one.uid, account_uid=place.id) for one in people]
        yield Page(
            [*people, *edges],
            cursors.written(replace(place, next=following)),
            total if isinstance(total, int) else None,
        )


@dataclass
class _Found:
    """What one page of an account's posts holds; ``authors`` are those of the posts that it refers to."""

    owner: str
    authors: dict[str, str | None]
    _people: dict[str, AccountRecord] = field(default_factory=dict)
    _rest: list[Record] = field(default_factory=list)

    def records(self) -> list[Record]:
        return [*self._people.values(), *self._rest]

    def post(self, post: Post) -> None:
        """Note a post and whom it addresses, or that another's is passed on."""
        for mention in post.mentions:
            if mention.id and mention.username:
                self._people[mention.id] = AccountRecord(uid=mention.id, handle=mention.username)
        named_ids = [mention.id for mention in post.mentions]
        if original := post.refers("retweeted"):
            # X begins such a text with the author's name.
            self._deed(self.authors.get(original) or next(iter(named_ids), None), "repost", post)
            return
        self._rest.append(post_record(post, self.owner))
        asker = post.in_reply_to_user_id
        self._deed(asker, "reply", post)
        self._deed(self.authors.get(post.refers("quoted") or ""), "quote", post)
        for named_id in dict.fromkeys(named_ids):
            if named_id != asker:
                self._deed(named_id, "mention", post)

    def _deed(self, whom: str | None, kind: str, post: Post) -> None:
        at = moment(post.created_at)
        if whom and whom != self.owner and at:
            act = InteractionRecord(actor_uid=self.owner, object_uid=whom, kind=kind, at=at, evidence_uid=post.id)
            self._rest.append(act)


def _settled(known: str, posts: Iterable[Post], limit: int) -> str:
    """The newest id of a post from before ``limit``, in milliseconds since 1970; ids grow with time."""
    ids = [whole(known) or 0]
    for post in posts:
        at = moment(post.created_at)
        if at and clock.to_ms(at) <= limit and (number := whole(post.id)):
            ids.append(number)
    return str(max(ids) or "")


def _names(pull: Pull, setting: str) -> list[str]:
    return named(pull, setting, "X", _NAME, lambda item: handle(item, *_SITES))
