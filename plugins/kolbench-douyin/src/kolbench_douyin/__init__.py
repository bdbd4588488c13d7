"""Douyin as KOLbench reads it: one creator who has authorised the operator's app, with works, day figures and fans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kolbench import (
    AccountRecord,
    Denied,
    Finding,
    Page,
    Pull,
    RateLimit,
    Register,
    Setting,
    UsageError,
    hookimpl,
)
from kolbench.adapters.answers import each
from kolbench.adapters.targets import listed

from .api import Api, Closed
from .entities import (
    SERIES,
    Day,
    People,
    Person,
    Profile,
    Series,
    Videos,
    Whole,
    day_records,
    person_records,
    profile_record,
)
from .works import VIDEOS, Works

USERINFO = "/oauth/userinfo/"

BEGIN = "begin"
"""The cursor behind an end: the next sync reads from the beginning."""

FIGURES = "figures"
"""The cursor behind the profile: the figures of the last days follow."""

DAYS = 30
"""The longest time back for which figures can be asked: 7, 15 or 30 days."""

LISTS = ("fans", "following")
PEOPLE = 10
"""People asked for at a time: as the documentation does, which names no maximum."""


class Douyin:
    """Reads what a creator lets the operator's app read, and nothing of anybody else's."""

    name = "douyin"
    title = "Douyin: a creator who has authorised your app"
    platform = "douyin"
    feeds = ("profiles", "followers", "posts")
    limits: RateLimit | None = RateLimit(requests=2, seconds=1)
    settings = (
        Setting(
            "open_id",
            "the creator's, from the authorisation",
            required=True,
            example="ba253642-0590-40bc-9bdf",
        ),
        Setting("access_token", "of the creator: act.…, for 15 days", secret=True),
        Setting("refresh_token", "of the creator: rft.…, gets new access tokens for 30 days", secret=True),
        Setting("client_key", "of your app, if there is a refresh_token", example="aw1234567890abcd"),
        Setting("lists", "lists of people to read, if your app may: fans, following", example="fans"),
        Setting("recount", "for how many days a work's counts are read again", default="30", example="7"),
    )

    def targets(self, pull: Pull) -> Iterable[str]:
        """The creator; in the feed of followers the lists that are asked for."""
        if pull.feed != "followers":
            return (pull.settings["open_id"].strip(),)
        wanted = listed(pull.settings.get("lists", ""))
        if unknown := [name for name in wanted if name not in LISTS]:
            raise UsageError(f"lists={unknown[0]}: there are fans and following.")
        return wanted

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the profile with the last days' figures, a list of people, or the works."""
        api = Api(pull)
        if pull.feed == "profiles":
            return profile(api)
        return people(api) if pull.feed == "followers" else Works(api).pages()

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Say whose the token is, and what it shows."""
        api = Api(pull)
        me = api.post_form(USERINFO, Whole[Profile]).data
        yield Finding(True, f"The token belongs to {me.nickname or me.open_id}.")
        try:
            api.get(VIDEOS, Whole[Videos], cursor=0, count=1)
            yield Finding(True, "It shows the works.")
        except Denied as error:
            yield Finding(False, f"It doesn't show the works: {error}")
        try:
            api.get("/data/external/user/fans/", Whole[Series], date_type=7)
            yield Finding(True, "It shows the figures of each day.")
        except Denied as error:
            yield Finding(False, f"It doesn't show the figures of each day: {error}")


def profile(api: Api) -> Iterator[Page]:
    """The creator, and what each of the last days brought."""
    if api.pull.cursor != FIGURES:
        try:
            account = profile_record(api.post_form(USERINFO, Whole[Profile]).data)
        except Closed:
            yield Page([AccountRecord(uid=api.open_id, gone=True)], BEGIN)
            return
        yield Page([account], FIGURES)
    days: list[Day] = []
    try:
        for name in SERIES:
            answer = api.get(f"/data/external/user/{name}/", Whole[Series], date_type=DAYS)
            days += each(api.pull, answer.data.result_list or (), Day)
    except Denied as error:
        api.pull.warn(f"The figures of each day are left out: {error}")
    yield Page(day_records(api.open_id, days), BEGIN)


def people(api: Api) -> Iterator[Page]:
    """Those who follow the creator, or whom the creator follows."""
    which, cursor, more = api.pull.target, api.pull.cursor or BEGIN, True
    at = 0 if cursor == BEGIN else int(cursor)
    while more:
        answer = api.get(f"/{which}/list/", Whole[People], cursor=at, count=PEOPLE).data
        found = [
            record
            for person in each(api.pull, answer.items or (), Person)
            for record in person_records(person, api.open_id, follows=which == "fans")
        ]
        more = bool(answer.has_more) and answer.cursor != at
        if answer.has_more and not more:
            api.pull.warn(f"The list of {which} doesn't go on behind {at}: the rest is left out.")
        at = answer.cursor
        yield Page(found, str(at) if more else BEGIN)


@hookimpl
def kolbench_register_adapters(register: Register) -> None:
    """Offer the adapter."""
    register(Douyin())
