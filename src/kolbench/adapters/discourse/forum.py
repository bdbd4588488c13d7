"""One Discourse forum, as it is asked, and how its ids become ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin

from kolbench.adapters import servers
from kolbench.adapters.answers import counted, decode, each, plain, whole
from kolbench.adapters.discourse.entities import LIKE, REGULAR, Categories, Category, Post, User
from kolbench.domain.errors import Denied, Gone, SourceError
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import _
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    InteractionRecord,
    MessageRecord,
    PostRecord,
    Record,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from kolbench.adapters.discourse.entities import Listed, Topic
    from kolbench.adapters.protocol import Pull
    from kolbench.domain.records import Metrics

_LINK = re.compile(r"<a\s[^<>]{1,500}>")
_NAMED = re.compile(r"""href="[^"]*/u/([^"/?#]+)""")


class Forum:
    """One forum. Its ids and user names are known to nobody else, so ours end in its address."""

    def __init__(self, pull: Pull) -> None:
        assert pull.http
        self._http = pull.http
        self._pull = pull
        self.base = servers.address(pull)
        self.host = self.base.partition("://")[2]
        key, user = pull.settings.get("api_key"), pull.settings.get("api_user")
        self.has_key = bool(key)
        self._headers = {"Api-Key": key, "Api-Username": user} if user else {"User-Api-Key": key}
        if not key:
            self._headers = {}

    def get(self, path: str, *parts: int | str, **query: str | list[str]) -> httpx.Response:
        """The answer to one question; ``parts`` fill the braces of ``path``.

        Raises SourceError for a key that is not accepted, which a forum calls forbidden like much else.
        """
        path = path.format(*(quote(str(part), safe="") for part in parts))
        headers = {name: value for name, value in self._headers.items() if value}
        try:
            return self._http.get(f"{self.base}/{path}.json", params=query, headers=headers)
        except SourceError as error:
            if self.has_key and b"key is invalid" in error.answer:
                refused = SourceError(
                    _("The forum does not accept the key: it is wrong, for another user, or its scope is too narrow.")
                )
            elif b"not_logged_in" in error.answer and not self.has_key:
                refused = SourceError(_("The forum shows nothing to strangers: it needs an api_key."))
            else:
                raise
            refused.status = 401
            raise refused from error

    def categories(self) -> list[Category]:
        """All categories that may be seen, those below others too."""
        answer = self.get("categories", include_subcategories="true")
        return list(_all(each(self._pull, decode(answer, Categories).category_list.categories, Category)))

    def handle(self, username: str) -> str:
        """The user name with the forum that it is known in."""
        return f"{username}@{self.host}"

    def uid(self, user_id: int) -> str:
        """Our id of a member."""
        return f"{user_id}@{self.host}"

    def room(self, category_id: int) -> str:
        """Our id of a category."""
        return f"{self.host}/c/{category_id}"

    def community(self, category: Category) -> CommunityRecord:
        """A category as a community."""
        url = f"{self.base}/c/{quote(category.slug or '-', safe='')}/{category.id}"
        return CommunityRecord(uid=self.room(category.id), name=category.name, kind="category", url=url)

    def member(self, user: User, metrics: Metrics | None = None) -> AccountRecord:
        """What is told of a member."""
        template = (user.avatar_template or "").replace("{size}", "144")
        told = [flag for flag in (user.admin, user.moderator) if flag is not None]
        return AccountRecord(
            uid=self.uid(user.id),
            handle=self.handle(user.username),
            name=user.name or None,
            bio=plain(user.bio_cooked or "") or None,
            url=f"{self.base}/u/{quote(user.username, safe='')}",
            avatar_url=urljoin(f"{self.base}/", template) if template else None,
            region=user.location or None,
            is_bot=True if user.id < 0 else None,
            is_staff=any(told) if told else None,
            created_at=servers.moment(user.created_at),
            gone=False,
            contacts=(Contact("web", user.website),) if user.website else (),
            metrics=metrics or {},
        )


class Found:
    """The records of some posts, each member once."""

    def __init__(self, forum: Forum) -> None:
        self._forum = forum
        self._people: dict[str, AccountRecord] = {}
        self._rest: list[Record] = []
        self._authors: dict[tuple[int, int], str] = {}

    def records(self) -> list[Record]:
        """Members first, then what they did."""
        return [*self._people.values(), *self._rest]

    def met(self, user: User) -> str:
        """Note a member; returns their uid."""
        record = self._forum.member(user)
        self._people[record.uid] = record
        return record.uid

    def posts(self, posts: Iterable[Post], topics: dict[int, Topic], room: str | None = None) -> None:
        """Note posts as messages of ``room``, else of their categories, and those that open a topic as works.

        ``topics`` tells what the posts themselves don't. Posts of nobody, hidden and deleted ones are left out.
        """
        kept = [post for post in posts if _is_kept(post)]
        for post in kept:
            self._authors[post.topic_id, post.post_number] = self._author(post)
        for topic in topics.values():
            first = topic.posters[0].user_id if topic.posters else None
            opener = first if topic.user_id is None else topic.user_id
            if opener is not None:
                self._authors.setdefault((topic.id, 1), self._forum.uid(opener))
        for post in kept:
            self._post(post, topics.get(post.topic_id), room)

    def deed(self, actor: str, whom: str | None, kind: str, said: tuple[str, str | None], told_at: str) -> None:
        """Note that ``actor`` did something towards another; ``said`` is what shows it, and where that stands."""
        at = servers.moment(told_at)
        if whom and whom != actor and at:
            uid, room = said
            act = InteractionRecord(
                actor_uid=actor, object_uid=whom, kind=kind, at=at, evidence_uid=uid, community_uid=room
            )
            self._rest.append(act)

    def _author(self, post: Post) -> str:
        assert post.user_id is not None
        return self.met(
            User(
                id=post.user_id,
                username=post.username or "",
                name=post.name,
                avatar_template=post.avatar_template,
                admin=post.admin,
                moderator=post.moderator,
            )
        )

    def _post(self, post: Post, topic: Topic | None, room: str | None) -> None:
        forum, at = self._forum, servers.moment(post.created_at)
        category = post.category_id if post.category_id is not None else topic.category_id if topic else None
        room = room or (None if category is None else forum.room(category))
        if at is None or room is None:
            return
        author, uid = self._authors[post.topic_id, post.post_number], post_uid(post.topic_id, post.post_number)
        cooked = _own(post.cooked or "")
        if post.post_number == 1:
            self._rest.append(self._work(post, topic, author, plain(cooked)))
        asked = whole(post.reply_to_post_number) or 1  # to the topic as such, and so to its first post
        message = MessageRecord(
            uid=uid,
            community_uid=room,
            account_uid=author,
            sent_at=at,
            text=plain(cooked),
            reply_to_uid=None if post.post_number == 1 else post_uid(post.topic_id, asked),
        )
        self._rest.append(message)
        whom, addressee = self._authors.get((post.topic_id, asked)), post.reply_to_user
        if addressee:
            whom = handle_ref(forum.handle(addressee.username)) if addressee.id is None else forum.uid(addressee.id)
        self.deed(author, whom, "reply", (uid, room), post.created_at)
        told = {(post.username or "").casefold(), addressee.username.casefold() if addressee else ""}
        for name in _mentioned(cooked) - told:
            self.deed(author, handle_ref(forum.handle(name)), "mention", (uid, room), post.created_at)
        if post.accepted_answer and (opener := self._authors.get((post.topic_id, 1))):
            self.deed(opener, author, "thank", (uid, room), post.created_at)

    def _work(self, post: Post, topic: Topic | None, author: str, text: str) -> PostRecord:
        replies = post.posts_count if post.posts_count is not None else topic.posts_count if topic else None
        likes = next((one.count for one in post.actions_summary or () if one.id == LIKE), 0) or 0
        metrics: Metrics = {"likes": likes}
        if replies is not None:
            metrics["comments"] = max(0, replies - 1)
        if post.reads is not None:
            metrics["reads"] = post.reads
        if topic and topic.views is not None:
            metrics["views"] = topic.views
        return PostRecord(
            uid=post_uid(post.topic_id, 1),
            account_uid=author,
            published_at=servers.moment(post.created_at),
            kind="topic",
            title=post.topic_title or (topic.title if topic else None),
            text=text,
            url=f"{self._forum.base}/t/{quote(post.topic_slug or '-', safe='')}/{post.topic_id}",
            metrics=metrics,
        )


def post_uid(topic_id: int, number: int) -> str:
    """A post by its place in its topic: so do replies and likes name it."""
    return f"{topic_id}/{number}"


def missing(forum: Forum, what: str) -> Gone:
    """Why something that the operator named can't be read."""
    return Gone(_("{server} has no {name}, or does not show it.").format(server=forum.host, name=what))


def seen(forum: Forum) -> list[Category]:
    """The categories, or none where the forum doesn't list them."""
    try:
        return forum.categories()
    except (Gone, Denied):
        return []


def counts(one: Listed) -> Metrics:
    """What the directory tells of a member."""
    return counted(
        likes=one.likes_received,
        likes_given=one.likes_given,
        topics=one.topic_count,
        posts=one.post_count,
        posts_read=one.posts_read,
        days_visited=one.days_visited,
    )


def _own(cooked: str) -> str:
    """The HTML of a post without what it quotes."""
    first, *asides = cooked.split("<aside")
    return first + "".join(
        aside.partition("</aside>")[2] if 'class="quote' in aside[:500] else f"<aside{aside}" for aside in asides
    )


def _mentioned(cooked: str) -> set[str]:
    """The user names that a post mentions, folded."""
    links = [link for link in _LINK.findall(cooked) if 'class="mention"' in link]
    return {unquote(found[1]).casefold() for link in links if (found := _NAMED.search(link))}


def _is_kept(post: Post) -> bool:
    gone = post.user_id is None or not post.username or post.hidden or post.deleted_at or post.user_deleted
    return post.post_type == REGULAR and not gone


def _all(categories: Iterable[Category]) -> Iterator[Category]:
    for category in categories:
        yield category
        yield from _all(category.subcategory_list or ())
