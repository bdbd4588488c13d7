"""Weibo as KOLbench reads it: an account that has authorised an app, and what the open API shows of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Raw, Struct, structs

from kolbench import (
    AccountRecord,
    Denied,
    Finding,
    FollowRecord,
    Gone,
    Page,
    Pull,
    RateLimit,
    Record,
    RecordError,
    Register,
    Rejected,
    Setting,
    UsageError,
    hookimpl,
)
from kolbench.adapters.answers import each, whole
from kolbench.adapters.targets import listed
from kolbench.domain.identity import handle_ref

from .api import Api
from .entities import (
    Comment,
    Counts,
    Number,
    Status,
    User,
    account,
    commented,
    mentioned,
    written,
)
from .walk import T, walk

COUNTED_AT_ONCE = 100
STATUSES, MENTIONS, COMMENTS, FOLLOWERS = 100, 200, 50, 5
"""Entries a request: the most that Weibo documents, and its default for comments, for which it names no most."""

BEGIN = "0"

DAY_S = 86_400


class _Followers(Struct, frozen=True):
    users: list[Raw]
    next_cursor: Number | None = None


class Weibo:
    """Reads the account that a token belongs to, and looks up others by their ids and names.

    Every target begins with the account's id, so that another account's token begins anew.
    """

    name = "weibo"
    title = "Weibo: your own account, who comments and mentions it, and counts of others"
    platform = "weibo"
    feeds = ("profiles", "posts", "activities", "followers")
    limits: RateLimit | None = RateLimit(requests=4, seconds=1)
    settings = (
        Setting("token", "access token of an account that has authorised your app", required=True, secret=True),
        Setting("accounts", "others to look up: ids (uid) and names, or the file @path", example="1404376560, zaku"),
        Setting("followers", "whether to list followers, 5 a request: yes, no", default="no", example="yes"),
    )

    def targets(self, pull: Pull) -> Iterable[str]:
        """The account that the token belongs to; of its activities three lists one by one."""
        if pull.feed == "followers" and not _wanted(pull):
            return ()
        me = Api(pull).me()
        return [f"{me}/{name}" for name in ACTIVITIES] if pull.feed == "activities" else (me,)

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield profiles and counts, the account's statuses, what others did, or its followers."""
        api = Api(pull)
        me, _, name = pull.target.partition("/")
        if pull.feed == "profiles":
            return _profiles(pull, api, me)
        if pull.feed == "posts":
            return _read(pull, api, "statuses/user_timeline", STATUSES, Status, written)
        if pull.feed == "followers":
            return _followers(pull, api, me)
        return ACTIVITIES[name](pull, api, me)

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Say whose the token is and how long it is good, and how many requests are left."""
        api = Api(pull)
        token = api.token()
        left = whole(token.expire_in)
        days = "for a time that isn't told" if left is None else f"for {left // DAY_S} days more"
        yield Finding(left != 0, f"The token belongs to the account {token.uid} and is good {days}.")
        budget = api.budget()
        remaining = whole(budget.remaining_user_hits)
        if remaining is None:
            yield Finding(True, "Weibo doesn't tell how many requests are left.")
        else:
            of = f" of {budget.user_limit}" if whole(budget.user_limit) else ""
            yield Finding(remaining > 0, f"{remaining}{of} requests are left to this account in your app.")


def _wanted(pull: Pull) -> bool:
    told = pull.settings["followers"]
    if told not in ("yes", "no"):
        raise UsageError(f"followers={told}: write yes or no.")
    return told == "yes"


def _profiles(pull: Pull, api: Api, me: str) -> Iterator[Page]:
    """Counts of all accounts in each sync, then their profiles one by one, from the one on where the last one ended."""
    accounts = [me, *(name for name in listed(pull.settings.get("accounts", "")) if name != me)]
    place = whole(pull.cursor) or 0
    place = place if place < len(accounts) else 0
    uids = [name for name in accounts[1:] if whole(name)]
    for start in range(0, len(uids), COUNTED_AT_ONCE):
        if records := _counted(pull, api, uids[start : start + COUNTED_AT_ONCE]):
            yield Page(records, cursor=str(place))
    for number, name in enumerate(accounts[place:], place + 1):
        cursor = str(number) if number < len(accounts) else BEGIN
        yield Page(_shown(pull, api, name, is_counted=name in uids), cursor=cursor)


def _counted(pull: Pull, api: Api, uids: list[str]) -> list[Record]:
    try:
        counted = each(pull, api.get("users/counts", list[Raw], uids=",".join(uids)), Counts)
        return [AccountRecord(uid=str(one.id), metrics={**one.metrics}) for one in counted if one.metrics]
    except (Denied, Gone) as error:
        pull.warn(str(error))
        return []


def _shown(pull: Pull, api: Api, name: str, is_counted: bool) -> list[Record]:
    """The profile of an account, or that it is gone; its counts only where they aren't read with those of others."""
    who = {"uid": name} if whole(name) else {"screen_name": name.removeprefix("@")}
    try:
        record = account(api.get("users/show", User, **who))
    except Gone:
        return [AccountRecord(uid=name if whole(name) else handle_ref(name), gone=True)]
    except Denied as error:
        pull.warn(f"{name}: {error}")
        return []
    return [structs.replace(record, metrics={}) if is_counted else record]


def _followers(pull: Pull, api: Api, me: str) -> Iterator[Page]:
    """Those followers who have authorised the app too: Weibo shows no others, so that pages may be empty."""
    cursor, more = whole(pull.cursor) or 0, True
    while more:
        answer = api.get("friendships/followers", _Followers, uid=me, count=FOLLOWERS, cursor=cursor, trim_status=1)
        records: list[Record] = []
        for user in each(pull, answer.users, User):
            records += (account(user), FollowRecord(follower_uid=str(user.id), account_uid=me))
        behind = whole(answer.next_cursor) or 0
        more, cursor = behind > cursor, behind
        yield Page(records, cursor=str(behind) if more else BEGIN)


def _read(
    pull: Pull, api: Api, path: str, size: int, shape: type[T], made: Callable[[T], list[Record]]
) -> Iterator[Page]:
    """The pages of a list, each of its entries ``made`` into records; of each person on a page once."""
    for entries, cursor in walk(pull, api, path, size, shape):
        records: list[Record] = []
        people: dict[str, AccountRecord] = {}
        for number, entry in enumerate(entries, 1):
            try:
                for record in made(entry):
                    if isinstance(record, AccountRecord):
                        people.setdefault(record.uid, record)
                    else:
                        records.append(record)
            except RecordError as error:
                pull.reject(Rejected(number, error.field, error.reason, f"{entry.created_at!r:.80} of {entry.id}"))
        yield Page([*people.values(), *records], cursor=cursor)


def _comments(pull: Pull, api: Api, me: str) -> Iterator[Page]:
    yield from _read(pull, api, "comments/to_me", COMMENTS, Comment, lambda comment: commented(comment, me, "reply"))


def _comment_mentions(pull: Pull, api: Api, me: str) -> Iterator[Page]:
    yield from _read(pull, api, "comments/mentions", COMMENTS, Comment, lambda told: commented(told, me, "mention"))


def _mentions(pull: Pull, api: Api, me: str) -> Iterator[Page]:
    yield from _read(pull, api, "statuses/mentions", MENTIONS, Status, lambda status: mentioned(status, me))


ACTIVITIES: dict[str, Callable[[Pull, Api, str], Iterator[Page]]] = {
    "comments": _comments,
    "mentions": _mentions,
    "comment-mentions": _comment_mentions,
}
"""What is read of the account's activities, one list after the other."""


@hookimpl
def kolbench_register_adapters(register: Register) -> None:
    """Offer the adapter."""
    register(Weibo())
