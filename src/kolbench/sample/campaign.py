"""A campaign of the demo that runs now: two waves, a shop that tells what they sell, and the money for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from kolbench.adapters.sample import Sample
from kolbench.adapters.sample_shop import PLATFORM, SECOND_WAVE_DAY
from kolbench.analysis.campaigns import freezes
from kolbench.domain.campaigns import Target, Terms, check
from kolbench.domain.clock import iso
from kolbench.programme.campaigns import fresh, waves
from kolbench.sample.story import CHEN, LIN, TITLE, Chapter
from kolbench.store import campaigns, lessons, participants, payouts, sources
from kolbench.store import waves as kept
from kolbench.sync import loop

if TYPE_CHECKING:
    from kolbench.sample.story import Story

SHOP = "sample-shop"

BEGAN_DAYS, LASTS_DAYS = 18, 28
BUYERS = 420

EVENING = 12
"""When they post, in hours after midnight UTC: it is eight in the evening in China."""

TERMS = Terms(
    name=TITLE,
    positioning="一口锅，一顿不赶时间的饭 · One pan, and a meal without a hurry",
    audience="周末想好好吃饭的人 · Whoever wants to eat well on weekends",
    outline="三款小厨具，一份周末菜单 · Three small pans and a menu for the weekend",
    benefit="凭码立减 20 元 · 20 CNY off by the code",
    target=Target(figure="revenue", amount=80_000),
    time_zone="Asia/Shanghai",
    landing_url="https://shop.example.com/weekend",
    levels=("10%", "4%"),
    hold_days=7,
    refund_days=7,
    copy_first="{{ name }}你好！{{ moment }} 一起发，链接：{{ link }}（码 {{ code }}，{{ benefit }}）",
    copy_all="{{ name }}，这是你的专属码 {{ code }}，链接：{{ link }}",
)


def _begin(story: Story) -> None:
    """The terms, and the first wave."""
    days = {"starts": story.date(BEGAN_DAYS), "ends": story.date(BEGAN_DAYS - LASTS_DAYS + 1)}
    story.campaign_id = campaigns.save(story.store, check(structs.replace(TERMS, **days)), LIN)
    _wave(story, story.first, 1, "首批达人 First wave", BEGAN_DAYS)


def _go_on(story: Story) -> None:
    """The second wave, and what both agreed to have shown of their names; the shop learns the codes."""
    _wave(story, story.second, 2, "第二波 Second wave", BEGAN_DAYS - SECOND_WAVE_DAY)
    store, both = story.store, _participants(story)
    kept.consent(store, both[0] + both[1][:4], "full", CHEN)
    kept.consent(store, both[1][4:8], "masked", CHEN)
    first, second = (" ".join(str(participants.get(store.reader(), one).code) for one in ids) for ids in both)
    settings = {
        "platform": PLATFORM,
        "people": str(BUYERS),
        "seed": str(story.seed),
        "campaign": TITLE,
        "starts": iso(story.ago(BEGAN_DAYS, EVENING)),
        "codes": first,
        "later_codes": second,
    }
    sources.add(store, SHOP, Sample.name, PLATFORM, settings)


def _sell(story: Story) -> None:
    """Read the shop, and settle what it tells."""
    found = [sources.get(story.store, SHOP)]
    loop.run(story.store, {Sample.name: Sample()}, found, loop.Options(kind="demo", workers=1), lambda event: None)
    fresh.refresh(story.store)


def _keep(story: Story) -> None:
    freezes.keep(story.store, story.campaign_id, "首周之后 After the first days", LIN)


def _pay(story: Story) -> None:
    made = payouts.make(story.store, story.campaign_id, CHEN, 10_00)
    if made is not None:
        payouts.mark_paid(story.store, made, CHEN, f"bank {story.date(6)}/1")


def _learn(story: Story) -> None:
    text = "第二波提前两天寄样品 / Send the second wave its samples two days earlier."
    lessons.add(story.store, story.campaign_id, text, LIN)


def _wave(story: Story, creator_ids: list[int], no: int, name: str, days_ago: int) -> None:
    moment = story.ago(days_ago, EVENING)
    waves.start(
        story.store,
        story.campaign_id,
        LIN,
        creator_ids,
        no=no,
        name=name,
        moment_at=moment,
        pick=story.random.choice,
    )


def _participants(story: Story) -> tuple[list[int], list[int]]:
    """The participants of both waves."""
    db = story.store.reader()
    found = campaigns.waves(db, story.campaign_id)
    first, second = ([one.id for one in participants.listed(db, story.campaign_id, wave.id)] for wave in found)
    return first, second


CHAPTERS = (
    Chapter(BEGAN_DAYS + 2, 5, _begin),
    Chapter(BEGAN_DAYS - SECOND_WAVE_DAY + 1, 5, _go_on),
    Chapter(8, 5, _sell),
    Chapter(8, 5.5, _keep),
    Chapter(7, 4, _sell),
    Chapter(7, 6, _pay),
    Chapter(2, 5, _learn),
    Chapter(1, 14, _sell),
    Chapter(0, 23, _sell),
)
