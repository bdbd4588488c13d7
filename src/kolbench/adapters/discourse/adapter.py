"""Discourse forums: members, groups, and what is said and liked, by the API that every forum has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Raw, Struct
from msgspec.structs import replace

from kolbench.adapters import cursors, servers
from kolbench.adapters.answers import counted, decode, each
from kolbench.adapters.discourse.entities import (
    Deed,
    Deeds,
    Directory,
    LatestPosts,
    Listed,
    Members,
    Post,
    Profile,
    Site,
    Stream,
    Topic,
    TopicPosts,
    Topics,
    User,
)
from kolbench.adapters.discourse.forum import Forum, Found, counts, missing, post_uid, seen
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.targets import listed
from kolbench.domain import clock
from kolbench.domain.errors import Denied, Gone, SourceError, Transient
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import N_, _
from kolbench.domain.records import AccountRecord, CommunityRecord, MembershipRecord, Record

DIRECTORY = "directory"
LATEST = "latest"
MEMBERS_A_PAGE = 1_000
POSTS_A_REQUEST = 20
STAFF = frozenset(("admins", "moderators", "staff"))
"""The groups that every forum has for those who run it."""

_LIKES = {"gave likes": "1", "got likes": "2"}
"""What to call a list of somebody's likes, and the number by which a forum knows it."""


class Place(Struct, omit_defaults=True):
    """The cursor. What is read newest first is read back to ``until``; the next sync looks back from ``newest``.

    Both are milliseconds since 1970, ``below`` too: topics bumped later than that were read already. ``before`` is
    the id of the oldest post that was read, ``id`` that of a member.
    """

    id: int = 0
    page: int = 0
    before: int = 0
    below: int = 0
    until: int = 0
    newest: int = 0


class Discourse:
    """Reads one forum: as a whole, or the categories and tags that an operator lists."""

    name = "discourse"
    title = N_("Discourse forums")
    platform = "discourse"
    feeds = ("profiles", "members", "messages", "activities")
    limits: RateLimit | None = RateLimit(requests=55, seconds=60)
    settings = (
        Setting("server", N_("address of the forum"), required=True, example="https://forum.example.org"),
        Setting("api_key", N_("API key; a public forum needs none"), secret=True),
        Setting("api_user", N_("for whom the key acts; leave it out for a user API key"), example="system"),
        Setting("accounts", N_("whose profiles and likes to read, or the file @path"), example="ann, bob"),
        Setting("categories", N_("categories to read: names, slugs or ids (all)"), example="support, 12"),
        Setting("tags", N_("tags to read as communities"), example="how-to"),
        Setting("groups", N_("groups whose members to read"), default="staff", example="staff, champions"),
        Setting("days", N_("how many days back the first sync goes"), default="30", example="90"),
        Setting("recount", N_("for how many days a post's counts are read again"), default="3", example="7"),
    )

    def targets(self, pull: Pull) -> Iterable[str]:
        """Members by their user names, groups, and categories and tags, or the posts of the whole forum."""
        named = {name: listed(pull.settings.get(name, "")) for name in ("accounts", "categories", "tags", "groups")}
        people = [f"@{name.lstrip('@')}" for name in named["accounts"]]
        match pull.feed:
            case "profiles":
                return [DIRECTORY, *people]
            case "members":
                return named["groups"]
            case "messages":
                return [*named["categories"], *(f"#{tag.lstrip('#')}" for tag in named["tags"])] or [LATEST]
            case _:
                return [f"{name} {likes}" for name in people for likes in _LIKES]

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the pages of one target: members anew each time, posts and likes from the last time on."""
        forum, place = Forum(pull), cursors.read(pull.cursor, Place())
        match pull.feed:
            case "profiles" if pull.target == DIRECTORY:
                yield from _directory(pull, forum, place)
            case "profiles":
                yield _profile(pull, forum, place)
            case "members":
                yield from _members(pull, forum, place)
            case "messages" if pull.target == LATEST:
                yield from _latest(pull, forum, place)
            case "messages":
                yield from _topics(pull, forum, place)
            case _:
                yield from _likes(pull, forum, place)

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Ask the forum for its name, for whom the key acts, and whether the directory is open."""
        forum = Forum(pull)
        try:
            site = decode(forum.get("site/basic-info"), Site)
            yield Finding(True, _("{title} is there.").format(title=site.title or forum.host))
            user = pull.settings.get("api_user", "")
            if not forum.has_key:
                yield Finding(True, _("There is no key: only what everybody may see can be read."))
            elif user:
                me = decode(forum.get("u/{}", user), Profile).user
                may = _("one of the staff") if me.admin or me.moderator else _("a member")
                yield Finding(True, _("The key acts for {user}, {who}.").format(user=user, who=may))
            _page_of_directory(forum, 0)
            yield Finding(True, _("The directory of members can be read."))
        except (Gone, Denied) as error:
            yield Finding(False, str(error))
        except SourceError as error:
            if error.status != 401:
                raise
            yield Finding(False, str(error))


def _directory(pull: Pull, forum: Forum, place: Place) -> Iterator[Page]:
    """Members by the likes they received, with their counts of all time."""
    page, before = place.page, list[Raw]()
    while True:
        try:
            found = _page_of_directory(forum, page)
        except SourceError as error:
            if page == 0 or error.status != 400:
                raise
            # Newer forums show the first pages only.
            pull.warn(_("{server} shows only the first {n} pages of its directory.").format(server=forum.host, n=page))
            yield Page([], cursors.written(Place()))
            return
        more = _is_new(pull, found.directory_items, before)
        page, before = page + 1, found.directory_items
        records = [forum.member(one.user, counts(one)) for one in each(pull, found.directory_items, Listed)]
        yield Page(
            records, cursors.written(Place(page=page if more else 0)), _total(found.meta.total_rows_directory_items)
        )
        if not more:
            return


def _page_of_directory(forum: Forum, page: int) -> Directory:
    return decode(forum.get("directory_items", period="all", order="likes_received", page=str(page)), Directory)


def _is_new(pull: Pull, page: list[Raw], before: list[Raw]) -> bool:
    """Whether there may be more behind a page: it holds something, and something else than the one before it."""
    if page and page == before:
        text = _("{feed} of {target}: the server gives the same page again and again.")
        pull.warn(text.format(feed=_(pull.feed), target=pull.target))
    return bool(page) and page != before


def _profile(pull: Pull, forum: Forum, place: Place) -> Page:
    name = pull.target.removeprefix("@")
    try:
        user = decode(forum.get("u/{}", name), Profile).user
    except Gone:
        renamed = _renamed(forum, place.id)
        if renamed is None:
            uid = forum.uid(place.id) if place.id else handle_ref(forum.handle(name))
            return Page([AccountRecord(uid=uid, gone=True)], cursors.written(place))
        user = renamed
    figures = counted(views=user.profile_view_count, followers=user.total_followers, following=user.total_following)
    return Page([forum.member(user, figures)], cursors.written(replace(place, id=user.id)))


def _renamed(forum: Forum, user_id: int) -> User | None:
    """The member of that id under the present name, which only the staff can look up."""
    if not (user_id and forum.has_key):
        return None
    try:
        present = decode(forum.get("admin/users/{}", user_id), User)
        return decode(forum.get("u/{}", present.username), Profile).user
    except Transient:
        raise
    except SourceError:  # not for this key
        return None


def _members(pull: Pull, forum: Forum, place: Place) -> Iterator[Page]:
    """The members of one group, as a community."""
    name, offset = pull.target, place.page
    room = CommunityRecord(
        uid=f"{forum.host}/g/{name.casefold()}", name=name, kind="group", url=f"{forum.base}/g/{name}"
    )
    before: list[Raw] = []
    while True:
        answer = forum.get("groups/{}/members", name, limit=str(MEMBERS_A_PAGE), offset=str(offset))
        found = decode(answer, Members)
        owners = {one.id for one in each(pull, found.owners, User)}
        records: list[Record] = [room]
        for user in each(pull, found.members, User):
            member = forum.member(user)
            records.append(replace(member, is_staff=True) if name.casefold() in STAFF else member)
            role, joined = "owner" if user.id in owners else None, servers.moment(user.added_at)
            records.append(
                MembershipRecord(community_uid=room.uid, account_uid=member.uid, role=role, joined_at=joined)
            )
        offset += len(found.members)
        more = _is_new(pull, found.members, before) and (found.meta.total is None or offset < found.meta.total)
        before = found.members
        yield Page(records, cursors.written(Place(page=offset if more else 0)), _total(found.meta.total))
        if not more:
            return


def _latest(pull: Pull, forum: Forum, place: Place) -> Iterator[Page]:
    """The posts of all topics, newest first."""
    rooms: list[Record] = []
    if not place.before:
        rooms = [forum.community(category) for category in seen(forum)]
        place = _begun(pull, place)
    topics = _active(pull, forum, place.until)
    while True:
        asked = {"before": str(place.before)} if place.before else {}
        posts = list(each(pull, decode(forum.get("posts", **asked), LatestPosts).latest_posts, Post))
        place, more = _behind(place, [(post.id, post.created_at) for post in posts])
        found = Found(forum)
        found.posts(posts, {post.topic_id: topics[post.topic_id] for post in posts if post.topic_id in topics})
        yield Page([*rooms, *found.records()], cursors.written(place))
        if not more:
            return
        rooms = []


def _active(pull: Pull, forum: Forum, until: int) -> dict[int, Topic]:
    """The topics in which something was written since ``until``: they tell whom those answer who answer a topic."""
    topics: dict[int, Topic] = {}
    page, more = 0, True
    while more:
        try:
            found = decode(forum.get("latest", order="activity", page=str(page)), Topics).topic_list
        except (Gone, Denied):
            break
        here = [topic for topic in each(pull, found.topics, Topic) if topic.id not in topics]
        topics.update((topic.id, topic) for topic in here)
        page += 1
        more = found.more_topics_url is not None and any(_bumped(topic) >= until for topic in here)
    return topics


def _behind(place: Place, posts: list[tuple[int, str]]) -> tuple[Place, bool]:
    """The place behind a page of posts, and whether there are more: it begins again from the newest if not."""
    ages = [clock.to_ms(at) for _id, told in posts if (at := servers.moment(told))]
    oldest = min((number for number, _told in posts), default=0)
    newest = place.newest if place.before else max([place.newest, *(min(age, clock.now()) for age in ages)])
    passed = bool(ages) and max(ages) < place.until
    more = bool(posts) and not passed and (not place.before or oldest < place.before)
    return replace(place, before=oldest if more else 0, newest=newest), more


def _topics(pull: Pull, forum: Forum, place: Place) -> Iterator[Page]:
    """The topics of a category or a tag from the one bumped last, each with the posts that are new in it."""
    room, path, parts = _room(pull, forum)
    if not place.page:
        place = replace(_begun(pull, place), page=1)
    before: list[Raw] = []
    while True:
        answer = forum.get(path, *parts, order="activity", page=str(place.page - 1))
        topics = decode(answer, Topics).topic_list
        found = [(topic, at) for topic in each(pull, topics.topics, Topic) if (at := _bumped(topic))]
        passed = False
        for topic, bumped in found:
            if (place.below and bumped > place.below) or (topic.pinned and bumped < place.until):
                continue  # read already, or on top however old it is
            passed = bumped < place.until
            if passed:
                break
            newest = max(place.newest, min(bumped, clock.now()))
            place = replace(place, below=place.below if topic.pinned else bumped, newest=newest)
            records = _topic(pull, forum, topic.id, place.until, None if room.kind == "category" else room.uid)
            yield Page([room, *records], cursors.written(place))
        more = not passed and topics.more_topics_url is not None and _is_new(pull, topics.topics, before)
        before = topics.topics
        place = replace(place, page=place.page + 1 if more else 0, below=place.below if more else 0)
        yield Page([room], cursors.written(place))
        if not more:
            return


def _topic(pull: Pull, forum: Forum, topic_id: int, until: int, room: str | None) -> list[Record]:
    """The first posts of a topic, which have its counts, and the last ones, back to those older than ``until``."""
    try:
        topic = decode(forum.get("t/{}", topic_id), Topic)
    except (Gone, Denied):
        return []
    stream = topic.post_stream or Stream([])
    posts = {post.id: post for post in each(pull, stream.posts, Post)}
    rest = [number for number in stream.stream if number not in posts]
    while rest:
        numbers, rest = rest[-POSTS_A_REQUEST:], rest[:-POSTS_A_REQUEST]
        answer = forum.get("t/{}/posts", topic_id, **{"post_ids[]": list(map(str, numbers))})
        last = list(each(pull, decode(answer, TopicPosts).post_stream.posts, Post))
        posts.update((post.id, post) for post in last)
        if all((at := servers.moment(post.created_at)) and clock.to_ms(at) < until for post in last):
            break
    found = Found(forum)
    found.posts(posts.values(), {topic_id: topic}, room)
    return found.records()


def _room(pull: Pull, forum: Forum) -> tuple[CommunityRecord, str, tuple[int | str, ...]]:
    """The community that a target names, and where its topics are listed. Raises Gone when there is none."""
    name = pull.target
    if name.startswith("#"):
        tag = name[1:]
        url = f"{forum.base}/tag/{tag}"
        return (
            CommunityRecord(uid=f"{forum.host}/tag/{tag.casefold()}", name=name, kind="tag", url=url),
            "tag/{}",
            (tag,),
        )
    for category in forum.categories():
        if name.casefold() in (str(category.id), (category.slug or "").casefold(), (category.name or "").casefold()):
            return forum.community(category), "c/{}/{}", (category.slug or "-", category.id)
    raise missing(forum, name)


def _likes(pull: Pull, forum: Forum, place: Place) -> Iterator[Page]:
    """The likes that somebody gave or got, newest first."""
    name, _space, likes = pull.target.removeprefix("@").partition(" ")
    if not place.page:
        place = _begun(pull, place)
    before: list[Raw] = []
    while True:
        answer = forum.get("user_actions", username=name, filter=_LIKES[likes], offset=str(place.page))
        raws = decode(answer, Deeds).user_actions
        deeds = list(each(pull, raws, Deed))
        ages = [clock.to_ms(at) for one in deeds if (at := servers.moment(one.created_at))]
        newest = place.newest if place.page else max([place.newest, *(min(age, clock.now()) for age in ages)])
        more = _is_new(pull, raws, before) and not (ages and max(ages) < place.until)
        before = raws
        found = Found(forum)
        for one in deeds:
            giver = found.met(User(id=one.acting_user_id, username=one.acting_username, name=one.acting_name))
            taker = found.met(User(id=one.user_id, username=one.username, name=one.name))
            room = None if one.category_id is None else forum.room(one.category_id)
            found.deed(giver, taker, "like", (post_uid(one.topic_id, one.post_number), room), one.created_at)
        place = replace(place, page=place.page + len(raws) if more else 0, newest=newest)
        yield Page(found.records(), cursors.written(place))
        if not more:
            return


def _begun(pull: Pull, place: Place) -> Place:
    """Where a new reading goes back to: the last one and the days in which counts still change, or the setting."""
    if place.newest:
        return replace(place, until=place.newest - servers.number(pull, "recount") * clock.DAY)
    return replace(place, until=servers.began(pull))


def _bumped(topic: Topic) -> int:
    at = servers.moment(topic.bumped_at)
    return clock.to_ms(at) if at else 0


def _total(told: int | None) -> int | None:
    return told if told and told > 0 else None
