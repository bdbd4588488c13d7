"""The adapter of a WeChat official account: its followers day by day and one by one, its articles and their readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from msgspec import Struct
from msgspec.structs import replace

from kolbench.adapters import cursors
from kolbench.adapters.answers import counted, each
from kolbench.adapters.batches import BEGIN
from kolbench.adapters.paging import paged
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.servers import at_second, began, number
from kolbench.adapters.wechat_official import entities
from kolbench.adapters.wechat_official.api import BEIJING, Api, Unknown
from kolbench.adapters.wechat_official.entities import (
    Comment,
    Comments,
    Counted,
    Day,
    Fan,
    FanList,
    Fans,
    Listed,
    Published,
    PublishedList,
    Quotas,
    Tag,
    Tags,
)
from kolbench.domain import clock
from kolbench.domain.errors import Denied
from kolbench.domain.lang import N_, _
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    Metrics,
    Record,
    SnapshotRecord,
)

if TYPE_CHECKING:
    from kolbench.adapters.wechat_official.api import Tokens

ACCOUNT, DAYS, FIGURES, ARTICLES = "account", "daily counts", "figures", "articles"
"""What is read apart, so that an account which lacks the right to one gets the others."""

SPAN = timedelta(days=7)
"""Days of followers' counts that one request may ask for."""

FANS, PUBLICATIONS, COMMENTS = 100, 20, 49
"""The most that one request gives of each."""

FIRST_FIGURES, FIRST_DAY = date(2025, 11, 1), date(2014, 12, 1)
"""Since when WeChat has the figures of articles, and the counts of followers."""

MOST_RECOUNT = 30
"""For how many days WeChat counts an article."""

COUNTED_AT = 8
"""The hour in Beijing by which the day before has been counted."""

_CALLS = (
    "cgi-bin/user/get",
    "cgi-bin/user/info/batchget",
    "cgi-bin/freepublish/batchget",
    "datacube/getarticletotaldetail",
)


class Place(Struct, omit_defaults=True):
    """The cursor of what is read by days (``day`` is the last one read; ``done`` between two walks), or of articles.

    Articles are read from the newest one at ``offset`` 0 back to ``until``, and ``newest`` is where the next sync
    begins to look back from, in seconds since 1970.
    """

    day: str = ""
    done: bool = False
    offset: int = 0
    until: int = 0
    newest: int = 0


class WeChatOfficial:
    """Reads the one account that its AppID and AppSecret belong to."""

    name = "wechat-official"
    title = N_("WeChat official account (公众号): followers, articles and readers")
    platform = "wechat"
    feeds = ("profiles", "posts", "followers")
    limits: RateLimit | None = RateLimit(requests=300, seconds=60)
    settings = (
        Setting("appid", N_("AppID of the account"), required=True, example="wx0123456789abcdef"),
        Setting("appsecret", N_("AppSecret of the account"), required=True, secret=True),
        Setting("name", N_("the account's name, which the API does not tell"), example="茶与水"),
        Setting("handle", N_("the account's WeChat ID (微信号), which the API does not tell"), example="tea-and-water"),
        Setting("comments", N_("whether to read who comments on articles: yes, no"), default="yes", example="no"),
        Setting("days", N_("how many days back the first sync goes"), default="30", example="90"),
        Setting(
            "recount", N_("for how many days an article's counts are read again, at most 30"), default="30", example="7"
        ),
        Setting("server", N_("another address of the API"), default="https://api.weixin.qq.com"),
    )

    def __init__(self) -> None:
        self._tokens: Tokens = WeakKeyDictionary()

    def targets(self, pull: Pull) -> Iterable[str]:
        """What an account may have the right to apart; figures come last, for they know best when it was published."""
        return {"profiles": (ACCOUNT, DAYS), "posts": (ARTICLES, FIGURES), "followers": (ACCOUNT,)}[pull.feed]

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the account and its followers anew each time, counts and articles from the last time on."""
        api = Api(pull, self._tokens)
        by_target = {DAYS: _daily_counts, FIGURES: _figures, ARTICLES: _articles}
        if pull.feed == "followers":
            try:
                yield from _followers(api, "" if pull.cursor in (None, BEGIN) else str(pull.cursor))
            except Unknown:
                yield from _followers(api, "")
        elif read := by_target.get(pull.target):
            yield from read(api, cursors.read(pull.cursor, Place()))
        else:
            yield Page([_account(api)], BEGIN)

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Get a token, and see how many calls are left today of what is read."""
        api = Api(pull, self._tokens)
        for path in _CALLS:
            try:
                quota = api.ask("cgi-bin/openapi/quota/get", Quotas, {"cgi_path": f"/{path}"}).quota
            except Denied as error:
                yield Finding(False, str(error))
                continue
            if path == _CALLS[0]:
                yield Finding(True, _("WeChat accepts the AppID and AppSecret."))
            if quota.daily_limit is not None and quota.remain is not None:
                text = _("{path}: {remain} of {limit} calls are left today.")
                known = text.format(path=path, remain=quota.remain, limit=quota.daily_limit)
                yield Finding(quota.remain > 0, known)


def _account(api: Api) -> AccountRecord:
    """The account itself, with how many follow it now."""
    metrics: Metrics = {}
    try:
        metrics = counted(followers=api.ask("cgi-bin/user/get", Fans).total)
    except Denied as error:
        api.pull.warn(str(error))
    settings = api.pull.settings
    return AccountRecord(
        uid=api.account, handle=settings.get("handle"), name=settings.get("name"), gone=False, metrics=metrics
    )


def _daily_counts(api: Api, place: Place) -> Iterator[Page]:
    """How many followed the account at the end of each day, and how many came and went."""
    first, last = _first(api.pull, place, FIRST_DAY), _last_counted()
    while first <= last:
        end = min(first + SPAN - timedelta(days=1), last)
        asked = {"begin_date": first.isoformat(), "end_date": end.isoformat()}
        days: dict[date, Counter[str]] = {}
        for path in ("getusercumulate", "getusersummary"):
            for one in each(api.pull, api.ask(f"datacube/{path}", Listed, asked).items, Day):
                counts = days.setdefault(one.ref_date, Counter())
                counts.update(counted(followers=one.cumulate_user, new=one.new_user, lost=one.cancel_user))
        # The newest day may take longer to be counted; a day that nobody asked for leads nowhere.
        known = max((day for day in days if first <= day <= end), default=first - timedelta(days=1))
        known = end if end < last else known
        snapshots = [_snapshot(api, day, counts) for day, counts in sorted(days.items())]
        yield Page(snapshots, cursors.written(Place(known.isoformat())))
        first = end + timedelta(days=1)


def _snapshot(api: Api, day: date, counts: Counter[str]) -> SnapshotRecord:
    metrics: Metrics = {"followers": counts["followers"]} if "followers" in counts else {}
    if "new" in counts:
        gained = counts["new"] - counts["lost"]
        metrics |= {
            "followers_gained_day": gained,
            "followers_new_day": counts["new"],
            "followers_lost_day": counts["lost"],
        }
    return SnapshotRecord(account_uid=api.account, metrics=metrics, observed_at=entities.end_of(day))


def _figures(api: Api, place: Place) -> Iterator[Page]:
    """The articles of each day with their counts since, and who commented on them."""
    last, again = _last_counted(), timedelta(days=min(number(api.pull, "recount"), MOST_RECOUNT))
    if place.done:
        place = Place(min(place.day, (last - again).isoformat()))
    elif api.pull.since and not place.day:  # comments go on under what was published before
        place = Place((_day_of(clock.to_ms(api.pull.since)) - again).isoformat())
    first = _first(api.pull, place, FIRST_FIGURES)
    comments = api.pull.settings.get("comments", "yes") == "yes"
    while first <= last:
        asked = {"begin_date": first.isoformat(), "end_date": first.isoformat()}
        found: list[Record] = []
        for one in each(api.pull, api.ask("datacube/getarticletotaldetail", Listed, asked).items, Counted):
            found += entities.counted_records(one, api.account)
            if comments and any(figures.comment_count for figures in one.detail_list):
                try:
                    found += _comments(api, one.msgid)
                except Denied as error:
                    api.pull.warn(str(error))
                    comments = False
        behind = Place(first.isoformat(), done=first == last)
        yield from paged(found, cursors.written(place), cursors.written(behind))
        place, first = behind, first + timedelta(days=1)


def _comments(api: Api, uid: str) -> Iterator[InteractionRecord]:
    """Who commented on an article, and whom the account answered."""
    place = entities.parts(uid)
    if not place:
        return
    asked = {"msg_data_id": place[0], "index": place[1], "count": COMMENTS, "type": 0}
    seen: set[int] = set()
    for begin in count(0, COMMENTS):
        answer = api.ask("cgi-bin/comment/list", Comments, {**asked, "begin": begin})
        found = [one for one in each(api.pull, answer.comment, Comment) if one.user_comment_id not in seen]
        for one in found:
            seen.add(one.user_comment_id)
            yield from _deeds(api.account, f"{uid}/{one.user_comment_id}", one)
        if not found or begin + COMMENTS >= (answer.total or 0):
            return


def _deeds(owner: str, uid: str, comment: Comment) -> Iterator[InteractionRecord]:
    said = at_second(comment.create_time)
    answered = at_second(comment.reply.create_time) if comment.reply else None
    if comment.openid and said:
        yield InteractionRecord(actor_uid=comment.openid, object_uid=owner, kind="comment", at=said, evidence_uid=uid)
    if comment.openid and answered:
        yield InteractionRecord(actor_uid=owner, object_uid=comment.openid, kind="reply", at=answered, evidence_uid=uid)


def _articles(api: Api, place: Place) -> Iterator[Page]:
    """Published articles from the newest one back to the last sync and ``recount`` days further."""
    again = number(api.pull, "recount") * clock.DAY // clock.SECOND
    if not place.until:
        first = began(api.pull) // clock.SECOND
        place = replace(place, offset=0, until=place.newest - again if place.newest else first)
    while place.until:
        for without_text in (1, 0):  # the document can be read so that without the text there are no titles either
            asked = {"offset": place.offset, "count": PUBLICATIONS, "no_content": without_text}
            answer = api.ask("cgi-bin/freepublish/batchget", PublishedList, asked)
            found = list(each(api.pull, answer.item, Published))
            if not found or any(one.content.news_item for one in found):
                break
        newest = max((one.update_time for one in found), default=0)
        offset = place.offset + len(answer.item)
        over = not answer.item or newest < place.until or offset >= (answer.total_count or 0)
        place = replace(
            place,
            offset=0 if over else offset,
            until=0 if over else place.until,
            newest=max(place.newest, min(newest, clock.now() // clock.SECOND)),
        )
        records = [record for one in found for record in entities.article_records(one, api.account)]
        yield Page(records, cursors.written(place), answer.total_count)


def _followers(api: Api, after: str) -> Iterator[Page]:
    """Who follows the account, with their tags as communities; a list that was read to its end is read anew.

    The list goes on behind any of its ids, as does a sync that was interrupted behind ``after``.
    """
    tags = _tags(api)
    if tags:
        yield Page(list(tags.values()), after or BEGIN)
    more = True
    while more:
        answer = api.ask("cgi-bin/user/get", Fans, None, **({"next_openid": after} if after else {}))
        openids = [openid for openid in (answer.data.openid if answer.data else ()) if openid]
        more = bool(openids) and answer.next_openid not in (None, "", after)
        if not openids and after:
            yield Page((), BEGIN)
        for start in range(0, len(openids), FANS):
            part = openids[start : start + FANS]
            is_last = not more and start + FANS >= len(openids)
            yield Page(list(_fans(api, part, tags)), BEGIN if is_last else part[-1], answer.total)
        after = openids[-1] if openids else after


def _fans(api: Api, openids: list[str], tags: dict[int, CommunityRecord]) -> Iterator[Record]:
    asked = {"user_list": [{"openid": openid, "lang": "zh_CN"} for openid in openids]}
    told = each(api.pull, api.ask("cgi-bin/user/info/batchget", FanList, asked).user_info_list, Fan)
    known = {fan.openid: fan for fan in told}
    for openid in openids:
        fan = known.get(openid) or Fan(openid)
        if fan.subscribe == 0:  # gone between the two requests
            continue
        yield entities.fan_record(fan)
        # Seen when it began, and seen now.
        for at in dict.fromkeys((at_second(fan.subscribe_time), None)):
            yield FollowRecord(follower_uid=openid, account_uid=api.account, observed_at=at)
        for tag in fan.tagid_list or ():
            if tag in tags:
                yield MembershipRecord(community_uid=tags[tag].uid, account_uid=openid)


def _tags(api: Api) -> dict[int, CommunityRecord]:
    """The operator's tags, by number."""
    tags = each(api.pull, api.ask("cgi-bin/tags/get", Tags).tags, Tag)
    return {tag.id: CommunityRecord(uid=f"{api.account}/tag/{tag.id}", name=tag.name, kind="tag") for tag in tags}


def _first(pull: Pull, place: Place, earliest: date) -> date:
    """The first day to read: that after the last one, or as far back as the first sync goes."""
    try:
        return max(date.fromisoformat(place.day) + timedelta(days=1), earliest)
    except ValueError:
        return max(_day_of(began(pull)), earliest)


def _last_counted() -> date:
    """The last day that WeChat has counted."""
    here = clock.from_ms(clock.now()).astimezone(BEIJING)
    return here.date() - timedelta(days=1 if here.hour >= COUNTED_AT else 2)


def _day_of(at: int) -> date:
    """The day in Beijing of a moment in milliseconds since 1970."""
    return clock.from_ms(at).astimezone(BEIJING).date()
