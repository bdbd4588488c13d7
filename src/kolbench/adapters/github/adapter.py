"""What the GitHub adapter offers: its settings, what it reads one by one, and how."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from kolbench.adapters import cursors
from kolbench.adapters.answers import decode
from kolbench.adapters.github import talk
from kolbench.adapters.github.api import UNCHANGED, Api
from kolbench.adapters.github.entities import Release, Repository, User, joined
from kolbench.adapters.protocol import Finding, Page, RateLimit, Setting
from kolbench.adapters.targets import named, page
from kolbench.domain.errors import Denied, Gone, UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.lang import N_, _
from kolbench.domain.records import AccountRecord, CommunityRecord, FollowRecord

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Pull
    from kolbench.domain.records import Record

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.\.?$)[A-Za-z0-9_.-]{1,100}")


class _Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """A profile as it was read last: whose it is, and the answer's tag."""

    id: int = 0
    etag: str = ""


class _Listed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a list stands, and which one, where an account has two: who follows it, then whom it follows."""

    people: str = "followers"
    query: str = ""


class _Rates(msgspec.Struct, frozen=True):
    limit: int
    remaining: int


class _Resources(msgspec.Struct, frozen=True):
    core: _Rates


class _Limits(msgspec.Struct, frozen=True):
    resources: _Resources


class GitHub:
    """Reads accounts, who follows them, what they publish, and what happens in repositories.

    A repository is a work of its owner (``posts``) and a community: issues, pull requests and comments are its
    messages; who contributes is a member; stars and reviews are activities. Profiles that have not changed cost
    nothing, since GitHub does not count such answers of requests with a token.
    """

    name = "github"
    title = N_("GitHub: people, repositories, stars, issues and reviews")
    platform = "github"
    feeds = ("profiles", "followers", "posts", "members", "messages", "activities")
    limits: RateLimit | None = RateLimit(requests=4_900, seconds=3_600)
    settings = (
        Setting("accounts", N_("people to read, with who follows them"), example="torvalds, gvanrossum"),
        Setting("organisations", N_("organisations to read, with their public members"), example="python"),
        Setting("repositories", N_("repositories to read, as owner/name"), example="python/cpython"),
        Setting("server", N_("address of the API"), default="https://api.github.com"),
        Setting("token", N_("a personal access token; without one 60 requests an hour are allowed"), secret=True),
    )

    def targets(self, pull: Pull) -> Iterator[str]:
        """The accounts, organisations and repositories that the feed is about. Raises UsageError for a bad name."""
        accounts, organisations = _names(pull, "accounts", _ACCOUNT), _names(pull, "organisations", _ACCOUNT)
        repositories = _names(pull, "repositories", _REPOSITORY)
        if not (accounts or organisations or repositories):
            raise UsageError(_("Name what to read in accounts, organisations or repositories."))
        if pull.feed in ("profiles", "posts"):
            yield from accounts
            yield from (name for name in organisations if name not in accounts)
        if pull.feed == "followers":
            yield from accounts
        if pull.feed == "members":
            yield from organisations
        if pull.feed in ("posts", "members", "messages", "activities"):
            yield from repositories

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield pages of one target."""
        return _FEEDS[pull.feed](pull, Api(pull))

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Ask for the rate limit, which is free, and whose token it is."""
        api = Api(pull)
        if pull.settings.get("token"):
            try:
                answer = api.get("/user")
                user = decode(answer, User)
                yield Finding(True, _("The token belongs to {handle}.").format(handle=user.login))
                if scopes := answer.headers.get("x-oauth-scopes"):
                    yield Finding(True, _("It may do: {scopes}.").format(scopes=scopes))
            except Denied:
                yield Finding(True, _("The token belongs to an app, not to a person."))
        else:
            yield Finding(True, _("There is no token: only public data, and few requests an hour."))
        try:
            rate = api.one("/rate_limit", _Limits).resources.core
        except Gone:
            yield Finding(True, _("The server limits no requests."))
            return
        text = _("{left} of {most} requests an hour are left.")
        yield Finding(rate.remaining > 0, text.format(left=rate.remaining, most=rate.limit))


def _profiles(pull: Pull, api: Api) -> Iterator[Page]:
    """The account as it is now; nothing when it is as it was. One that was renamed is found by its id."""
    seen = cursors.read(pull.cursor, _Seen())
    try:
        answer = api.get(f"/users/{pull.target}", etag=seen.etag)
    except Gone:
        user = _renamed(pull, api, seen)
        uid = str(seen.id) if seen.id else handle_ref(pull.target)
        record = user.record() if user else AccountRecord(uid=uid, gone=True)
        yield Page([record], cursors.written(_Seen(seen.id)))
        return
    if answer.status_code != UNCHANGED:
        user = decode(answer, User)
        yield Page(
            [msgspec.structs.replace(user.record(), gone=False)],
            cursors.written(_Seen(user.id, answer.headers.get("etag", ""))),
        )


def _renamed(pull: Pull, api: Api, seen: _Seen) -> User | None:
    if not seen.id:
        return None
    try:
        user = api.one(f"/user/{seen.id}", User)
    except Gone:
        return None
    pull.warn(_("{old} is called {new} now: change the setting").format(old=pull.target, new=user.login))
    return user


def _followers(pull: Pull, api: Api) -> Iterator[Page]:
    place = cursors.read(pull.cursor, _Listed())
    account = api.one(f"/users/{pull.target}", User)
    total = (account.followers or 0) + (account.following or 0)
    for people in ("followers", "following"):
        if place.people != people:
            continue
        for found, query in api.linked(f"/users/{account.login}/{people}", User, place.query):
            after = "following" if people == "followers" else "followers"
            place = _Listed(people, query) if query else _Listed(after)
            records: list[Record] = [account.record()]
            for user in found:
                follower, followed = (user, account) if people == "followers" else (account, user)
                records += [user.record(), FollowRecord(follower_uid=follower.uid, account_uid=followed.uid)]
            yield Page(records, cursors.written(place), total)


def _posts(pull: Pull, api: Api) -> Iterator[Page]:
    """Repositories of an account, or the releases of a repository, all of them: their counts are new each time."""
    place = cursors.read(pull.cursor, _Listed(""))
    if "/" in pull.target:
        repository = _repository(pull, api)
        records: list[Record] = [repository.owner.record(), repository.post()]
        for releases, query in api.linked(f"/repos/{repository.full_name}/releases", Release, place.query):
            records += [record for release in releases for record in release.records()]
            yield Page(records, cursors.written(_Listed("", query)))
            records = []
        return
    for found, query in api.linked(_repositories(pull), Repository, place.query):
        own = [repository for repository in found if not repository.fork]
        owners: dict[str, Record] = {repository.owner.uid: repository.owner.record() for repository in own}
        yield Page([*owners.values(), *(repository.post() for repository in own)], cursors.written(_Listed("", query)))


def _repositories(pull: Pull) -> str:
    kind = "orgs" if pull.target in _names(pull, "organisations", _ACCOUNT) else "users"
    return f"/{kind}/{pull.target}/repos"


def _members(pull: Pull, api: Api) -> Iterator[Page]:
    """Public members of an organisation, or the contributors of a repository: lists that begin anew each time."""
    if "/" in pull.target:
        repository = _repository(pull, api)
        community, path, role = repository.community(), f"/repos/{repository.full_name}/contributors", "contributor"
    else:
        user = api.one(f"/users/{pull.target}", User)
        community = CommunityRecord(
            uid=f"org-{user.id}", name=user.name or user.login, kind="organisation", url=user.html_url
        )
        path, role = f"/orgs/{user.login}/members", "member"
    place = cursors.read(pull.cursor, _Listed(""))
    for found, query in api.linked(path, User, place.query):
        yield Page(
            [community, *joined(((user, role) for user in found), community.uid)], cursors.written(_Listed("", query))
        )


def _messages(pull: Pull, api: Api) -> Iterator[Page]:
    return talk.messages(pull, api, _repository(pull, api))


def _activities(pull: Pull, api: Api) -> Iterator[Page]:
    return talk.activities(pull, api, _repository(pull, api))


def _repository(pull: Pull, api: Api) -> Repository:
    """The repository under its present name: GitHub redirects from a former one."""
    repository = api.one(f"/repos/{pull.target}", Repository)
    if repository.full_name.casefold() != pull.target.casefold():
        text = _("{old} is called {new} now: change the setting")
        pull.warn(text.format(old=pull.target, new=repository.full_name))
    return repository


_FEEDS: dict[str, Callable[[Pull, Api], Iterator[Page]]] = {
    "profiles": _profiles,
    "followers": _followers,
    "posts": _posts,
    "members": _members,
    "messages": _messages,
    "activities": _activities,
}


def _names(pull: Pull, setting: str, form: re.Pattern[str]) -> list[str]:
    return named(pull, setting, "GitHub", form, _name)


def _name(item: str) -> str:
    found = page(item)  # on whichever server it is
    return (found.path if found else item).strip("/").removeprefix("@")
