"""What GitHub answers, as far as it is read, and the records made of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, TypeGuard

import msgspec

from kolbench.adapters.answers import counted, whole
from kolbench.adapters.chats.addressing import addressed
from kolbench.domain.identity import handle_ref
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
    Record,
)

GHOST = "ghost"
"""Bears what deleted accounts have left; it is nobody."""

STAFF = frozenset({"OWNER", "MEMBER"})

ROLES = {"OWNER": "owner", "MEMBER": "member", "COLLABORATOR": "collaborator", "CONTRIBUTOR": "contributor"}


class User(msgspec.Struct, frozen=True):
    """A person, bot or organisation; lists have the first few fields only."""

    id: int
    login: str
    type: str = "User"
    html_url: str | None = None
    avatar_url: str | None = None
    name: str | None = None
    bio: str | None = None
    location: str | None = None
    email: str | None = None
    created_at: datetime | None = None
    public_repos: int | None = None
    followers: int | None = None
    following: int | None = None

    @property
    def uid(self) -> str:
        """The id as records have it."""
        return str(self.id)

    @property
    def is_bot(self) -> bool:
        """Whether GitHub says so, by type or by name."""
        return self.type == "Bot" or self.login.endswith("[bot]")

    def record(self, association: str = "") -> AccountRecord:
        """The account, with its counts where they are told; ``association`` is its standing in a repository."""
        return AccountRecord(
            uid=self.uid,
            handle=self.login,
            name=self.name,
            bio=self.bio,
            url=self.html_url,
            avatar_url=self.avatar_url,
            category="organisation" if self.type == "Organization" else None,
            region=self.location,
            is_bot=self.is_bot or None,
            is_staff=association in STAFF or None,
            created_at=self.created_at,
            contacts=(Contact("email", self.email),) if self.email else (),
            metrics=counted(posts=self.public_repos, followers=self.followers, following=self.following),
        )


class Repository(msgspec.Struct, frozen=True):
    """A repository: what its owner publishes, and where people meet."""

    id: int
    full_name: str
    owner: User
    html_url: str | None = None
    description: str | None = None
    fork: bool = False
    created_at: datetime | None = None
    stargazers_count: int | None = None
    forks_count: int | None = None
    open_issues_count: int | None = None
    subscribers_count: int | None = None

    @property
    def uid(self) -> str:
        """The id as records have it."""
        return str(self.id)

    def community(self) -> CommunityRecord:
        """The repository as a community."""
        return CommunityRecord(uid=self.uid, name=self.full_name, kind="repository", url=self.html_url)

    def post(self) -> PostRecord:
        """The repository as a work: a star is a like, a fork a share."""
        return PostRecord(
            uid=self.uid,
            account_uid=self.owner.uid,
            published_at=self.created_at,
            kind="repository",
            title=self.full_name,
            text=self.description,
            url=self.html_url,
            metrics=counted(
                likes=self.stargazers_count,
                shares=self.forks_count,
                watchers=self.subscribers_count,
                open_issues=self.open_issues_count,
            ),
        )


class _Asset(msgspec.Struct, frozen=True):
    download_count: int = 0


class _Reactions(msgspec.Struct, frozen=True):
    total_count: int = 0


class Release(msgspec.Struct, frozen=True):
    """A version that a repository publishes."""

    id: int
    tag_name: str
    author: User | None = None
    name: str | None = None
    body: str | None = None
    html_url: str | None = None
    draft: bool = False
    published_at: datetime | None = None
    assets: tuple[_Asset, ...] = ()
    reactions: _Reactions | None = None

    def records(self) -> list[Record]:
        """Who published it, and the release; nothing for a draft."""
        if self.draft or not somebody(self.author):
            return []
        likes = {"likes": self.reactions.total_count} if self.reactions else {}
        post = PostRecord(
            uid=f"release-{self.id}",
            account_uid=self.author.uid,
            published_at=self.published_at,
            kind="release",
            title=self.name or self.tag_name,
            text=self.body,
            url=self.html_url,
            metrics={"downloads": sum(asset.download_count for asset in self.assets), **likes},
        )
        return [self.author.record(), post]


class Issue(msgspec.Struct, frozen=True):
    """An issue or, where ``pull_request`` is told, a pull request."""

    number: int
    created_at: datetime
    updated_at: Annotated[datetime, msgspec.Meta(tz=True)]
    user: User | None = None
    title: str = ""
    body: str | None = None
    author_association: str = ""
    pull_request: dict[str, object] | None = None


class Comment(msgspec.Struct, frozen=True):
    """A comment to an issue or a pull request, or (``pull_request_url``) to a line of code in one."""

    id: int
    created_at: datetime
    updated_at: Annotated[datetime, msgspec.Meta(tz=True)]
    user: User | None = None
    body: str | None = None
    author_association: str = ""
    issue_url: str = ""
    pull_request_url: str = ""
    in_reply_to_id: int | None = None

    @property
    def number(self) -> int:
        """The number of the issue or pull request; 0 when it isn't told."""
        return whole((self.pull_request_url or self.issue_url).rpartition("/")[2]) or 0


class Review(msgspec.Struct, frozen=True):
    """What somebody thinks of a pull request; without ``submitted_at`` it is not published yet."""

    id: int
    user: User | None = None
    body: str | None = None
    submitted_at: datetime | None = None
    author_association: str = ""


class Star(msgspec.Struct, frozen=True):
    """Who starred a repository, and when."""

    starred_at: datetime
    user: User | None = None


def somebody(user: User | None) -> TypeGuard[User]:
    """Whether there is still an account behind it."""
    return user is not None and user.login != GHOST


def joined(people: Iterable[tuple[User, str]], community_uid: str) -> list[Record]:
    """Accounts of a community with their roles in it."""
    return [
        record
        for user, role in people
        for record in (
            user.record(),
            MembershipRecord(community_uid=community_uid, account_uid=user.uid, role=role),
        )
    ]


def said(
    repository: Repository, user: User, uid: str, at: datetime, text: str, association: str, reply_to: str | None = None
) -> list[Record]:
    """A message in a repository: its author, their standing there, and whom its words address."""
    community = repository.uid
    records: list[Record] = [
        user.record(association),
        MessageRecord(
            uid=uid, community_uid=community, account_uid=user.uid, sent_at=at, text=text, reply_to_uid=reply_to
        ),
    ]
    if role := ROLES.get(association):
        records.append(MembershipRecord(community_uid=community, account_uid=user.uid, role=role))
    if not user.is_bot:
        records += (
            act(repository, user, kind, handle_ref(whom), at, uid) for kind, whom in addressed(text, user.login)
        )
    return records


def act(repository: Repository, user: User, kind: str, whom: str, at: datetime, evidence: str) -> InteractionRecord:
    """What somebody did towards somebody in a repository."""
    return InteractionRecord(
        actor_uid=user.uid, object_uid=whom, kind=kind, at=at, evidence_uid=evidence, community_uid=repository.uid
    )
