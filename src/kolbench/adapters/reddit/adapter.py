"""What the Reddit adapter offers: its settings, what it reads one by one, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from kolbench.adapters import cursors, servers
from kolbench.adapters.protocol import Finding, Page, RateLimit, Setting
from kolbench.adapters.reddit.api import NAME, NEARLY_ALL, Held, Place, Reddit
from kolbench.adapters.reddit.entities import NOBODY, Comment, Post, Reply, Subreddit, User, Written
from kolbench.adapters.targets import named, page
from kolbench.domain import clock
from kolbench.domain.errors import Denied, Gone, SourceError, UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import N_, _
from kolbench.domain.records import AccountRecord, CommunityRecord

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Pull
    from kolbench.domain.records import Record

T = TypeVar("T", Post, Reply)

LATE = clock.HOUR
"""By so much a subreddit is read again: what moderators look at first comes in late."""

_UNAUTHORISED = 401
_LISTS = {"posts": "new", "comments": "comments"}


class RedditAdapter:
    """Reads the accounts and subreddits that an operator lists, as an app that is logged in as nobody."""

    name = "reddit"
    title = N_("Reddit: people, posts and subreddits")
    platform = "reddit"
    feeds = ("profiles", "posts", "messages")
    limits: RateLimit | None = RateLimit(requests=95, seconds=60)
    settings = (
        Setting("client_id", N_("id of the app that Reddit has approved"), required=True, example="p-jcoLKBynTLew"),
        Setting("client_secret", N_("secret of the app"), required=True, secret=True),
        Setting("username", N_("your name on Reddit, which every request tells"), required=True, example="ann"),
        Setting("accounts", N_("accounts to read, or the file @path"), example="spez, u/kn0thing"),
        Setting("subreddits", N_("subreddits to read as communities"), example="r/tea, AskCulinary"),
        Setting("days", N_("how many days back the first sync goes"), default="90", example="365"),
        Setting("recount", N_("for how many days a post's counts are read again"), default="7", example="14"),
    )

    def __init__(self) -> None:
        self._held: Held = WeakKeyDictionary()

    def targets(self, pull: Pull) -> Iterable[str]:
        """Accounts, or subreddits: their posts and their comments. Raises UsageError for what is no name."""
        users = _names(pull, "accounts", "u", "user")
        subreddits = _names(pull, "subreddits", "r")
        if not (users or subreddits):
            raise UsageError(_("Name what to read in accounts or subreddits."))
        if pull.feed == "messages":
            return [f"r/{name} {what}" for name in subreddits for what in _LISTS]
        return users

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the pages of one target: accounts anew each time, what is written from the last time on."""
        reddit = Reddit(pull, self._held)
        match pull.feed:
            case "profiles":
                yield from _profile(reddit)
            case "posts":
                yield from _posts(reddit)
            case _:
                yield from _talk(reddit)

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Get a token, and look at the first of what is listed."""
        reddit = Reddit(pull, self._held)
        try:
            reddit.token()
        except SourceError as error:
            if error.status != _UNAUTHORISED:
                raise
            yield Finding(False, _("Reddit does not accept the app's id and secret."))
            return
        yield Finding(True, _("Reddit accepts the app."))
        users, subreddits = _names(pull, "accounts", "u", "user"), _names(pull, "subreddits", "r")
        try:
            if subreddits:
                community = reddit.thing(f"/r/{subreddits[0]}/about", "t5", Subreddit).record()
                yield Finding(True, _("{name} can be read.").format(name=community.name))
            elif users:
                reddit.thing(f"/user/{users[0]}/about", "t2", User)
                yield Finding(True, _("{name} can be read.").format(name=users[0]))
        except (Gone, Denied) as error:
            yield Finding(False, str(error))


def _profile(reddit: Reddit) -> Iterator[Page]:
    place, name = reddit.place(), reddit.pull.target
    uid = place.uid or handle_ref(name)
    try:
        user = reddit.thing(f"/user/{name}/about", "t2", User)
    except Gone:
        yield Page([AccountRecord(uid=uid, gone=True)], cursors.written(place))
        return
    if user.is_suspended:
        yield Page([AccountRecord(uid=uid, handle=user.name, gone=True)], cursors.written(place))
        return
    yield Page([user.record()], cursors.written(Place(uid=user.uid)))


def _posts(reddit: Reddit) -> Iterator[Page]:
    young = servers.number(reddit.pull, "recount") * clock.DAY
    place = reddit.place()
    until = min(place.newest, clock.now() - young)
    for posts, behind in _newest_first(reddit, f"/user/{reddit.pull.target}/submitted", Post, place, until):
        yield Page(_once(record for post in posts for record in post.data.post()), cursors.written(behind))


def _talk(reddit: Reddit) -> Iterator[Page]:
    name, _space, what = reddit.pull.target.removeprefix("r/").partition(" ")
    place = reddit.place()
    if not place.after:
        found = reddit.thing(f"/r/{name}/about", "t5", Subreddit).record()
        place = replace(place, uid=found.uid, name=found.name or "", url=found.url or "")
    room = CommunityRecord(uid=place.uid, name=place.name or None, kind="subreddit", url=place.url or None)
    path, until = f"/r/{name}/{_LISTS[what]}", place.newest - LATE
    if what == "posts":
        for posts, behind in _newest_first(reddit, path, Post, place, until):
            records = _once(record for post in posts for record in post.data.talk(room.uid))
            yield Page([room, *records], cursors.written(behind))
        return
    for replies, behind in _newest_first(reddit, path, Reply, place, until):
        comments = [reply.data for reply in replies]
        authors = _answered(reddit, comments)
        records = _once(record for comment in comments for record in comment.talk(room.uid, authors))
        yield Page([room, *records], cursors.written(behind))


def _newest_first(
    reddit: Reddit, path: str, shape: type[T], place: Place, until: int
) -> Iterator[tuple[list[T], Place]]:
    """What was written, from the newest back to ``until``, or for the first time as far as the operator wants.

    A reading that was stopped is first finished, down to where it was to end.
    """
    pull = reddit.pull
    if not place.after:
        place = replace(place, until=until if place.newest else servers.began(pull), seen=0)
    for things, behind in reddit.pages(path, place, sort="new"):
        found = list(reddit.each(things, shape))
        times: list[int] = [clock.to_ms(one.data.at) for one in found if one.data.at]
        place = replace(behind, newest=max([place.newest, *(at for at in times if at <= clock.now())]))
        if times and max(times) < place.until:
            yield [], replace(place, after="")
            return
        yield found, place
    if place.seen >= NEARLY_ALL:
        text = _("{name}: Reddit lists the newest 1,000 or so; what is older is missing.")
        pull.warn(text.format(name=pull.target))


def _answered(reddit: Reddit, comments: list[Comment]) -> dict[str, str]:
    """Who wrote what the comments answer, by its id: most is told along with them, the rest asked for at once."""
    authors = {comment.name: comment.uid for comment in comments}
    met = {comment.author: comment.uid for comment in comments}
    for comment in comments:
        parent, author = comment.parent_id or "", comment.link_author or ""
        if parent.startswith("t3_") and author not in NOBODY:
            authors.setdefault(parent, met.get(author) or handle_ref(author))
    parents = dict.fromkeys(comment.parent_id for comment in comments if comment.parent_id)
    unknown = [parent for parent in parents if parent not in authors]
    if unknown:
        page = reddit.listed("/api/info", id=",".join(unknown))
        authors |= {one.data.name: one.data.uid for one in reddit.each(page.children, Written)}
    return authors


def _once(records: Iterable[Record]) -> list[Record]:
    """The records, each account once as it was told first; what tells that it is staff goes before."""
    people: dict[str, AccountRecord] = {}
    rest: list[Record] = []
    for record in records:
        if not isinstance(record, AccountRecord):
            rest.append(record)
        elif record.uid not in people or record.is_staff:
            people[record.uid] = record
    return [*people.values(), *rest]


def _names(pull: Pull, setting: str, *before: str) -> list[str]:
    """The names that a setting lists, also as ``u/name``, ``r/name`` or addresses. Raises UsageError for others."""

    def name(item: str) -> str:
        found = page(item)
        parts = (found.path if found else item).strip("/").split("/")
        return parts[1] if parts[0] in before and len(parts) > 1 else parts[0]

    return named(pull, setting, "Reddit", NAME, name)
