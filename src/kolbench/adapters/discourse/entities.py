"""What a Discourse forum answers, as far as it is read."""

from __future__ import annotations

from msgspec import Raw, Struct, field

LIKE = 2
"""The kind of action on a post that is a like."""

REGULAR = 1
"""The kind of post that somebody wrote; others say that a topic was moved, closed and so on."""


class User(Struct):
    """A member, with as much of the profile as the answer at hand holds. Ids below 0 are the forum's own bots."""

    id: int
    username: str
    name: str | None = None
    avatar_template: str | None = None
    admin: bool | None = None
    moderator: bool | None = None
    created_at: str | None = None
    added_at: str | None = None
    bio_cooked: str | None = None
    website: str | None = None
    location: str | None = None
    profile_view_count: int | None = None
    total_followers: int | None = None
    total_following: int | None = None


class Profile(Struct):
    """The answer about one member."""

    user: User


class Listed(Struct):
    """A member in the directory, with counts of all time."""

    user: User
    likes_received: int | None = None
    likes_given: int | None = None
    topic_count: int | None = None
    post_count: int | None = None
    posts_read: int | None = None
    days_visited: int | None = None


class DirectoryMeta(Struct):
    """How many members there are."""

    total_rows_directory_items: int | None = None


class Directory(Struct):
    """A page of the directory."""

    directory_items: list[Raw]
    meta: DirectoryMeta = field(default_factory=DirectoryMeta)


class Category(Struct):
    """A category, perhaps with those below it."""

    id: int
    name: str | None = None
    slug: str | None = None
    subcategory_list: list[Category] | None = None


class CategoryList(Struct):
    """All categories that may be seen."""

    categories: list[Raw]


class Categories(Struct):
    """The answer with all categories."""

    category_list: CategoryList


class Action(Struct):
    """How often readers did something to a post; none is told where nobody did."""

    id: int
    count: int | None = None


class RepliedTo(Struct):
    """Whose post a post replies to."""

    username: str
    id: int | None = None


class Post(Struct):
    """A post: the one with the number 1 opens its topic."""

    id: int
    topic_id: int
    post_number: int
    created_at: str
    user_id: int | None = None
    username: str | None = None
    name: str | None = None
    avatar_template: str | None = None
    cooked: str | None = None
    post_type: int = REGULAR
    posts_count: int | None = None
    reads: int | None = None
    reply_to_post_number: int | str | None = None
    reply_to_user: RepliedTo | None = None
    topic_slug: str | None = None
    topic_title: str | None = None
    category_id: int | None = None
    actions_summary: list[Action] | None = None
    moderator: bool | None = None
    admin: bool | None = None
    hidden: bool | None = None
    deleted_at: str | None = None
    user_deleted: bool | None = None
    accepted_answer: bool | None = None


class LatestPosts(Struct):
    """Posts of all topics, newest first."""

    latest_posts: list[Raw]


class Stream(Struct):
    """Posts of one topic; ``stream`` holds the ids of all, in order."""

    posts: list[Raw]
    stream: list[int] = []


class Poster(Struct):
    """Somebody who writes in a topic; the first of them began it."""

    user_id: int | None = None


class Topic(Struct):
    """A topic; in lists without ``user_id`` and ``post_stream``, and with a bump for each new post."""

    id: int
    title: str | None = None
    slug: str | None = None
    category_id: int | None = None
    user_id: int | None = None
    posts_count: int | None = None
    views: int | None = None
    pinned: bool | None = None
    bumped_at: str | None = None
    posters: list[Poster] | None = None
    post_stream: Stream | None = None


class TopicPosts(Struct):
    """Some posts of a topic."""

    post_stream: Stream


class TopicList(Struct):
    """A page of topics; the last page names none that follows."""

    topics: list[Raw]
    more_topics_url: str | None = None


class Topics(Struct):
    """The answer with a page of topics."""

    topic_list: TopicList


class Deed(Struct):
    """A like: ``acting_user_id`` gave it to the post of ``user_id``."""

    created_at: str
    topic_id: int
    post_number: int
    user_id: int
    username: str
    acting_user_id: int
    acting_username: str
    name: str | None = None
    acting_name: str | None = None
    category_id: int | None = None


class Deeds(Struct):
    """A page of what somebody did, newest first."""

    user_actions: list[Raw]


class MembersMeta(Struct):
    """How many members a group has."""

    total: int | None = None


class Members(Struct):
    """A page of a group's members, and all of its owners."""

    members: list[Raw]
    owners: list[Raw] = []
    meta: MembersMeta = field(default_factory=MembersMeta)


class Site(Struct):
    """A forum as it shows itself to everybody."""

    title: str | None = None
