"""A store full of generated people, made the way every other store is: through an adapter and the sync loop.

What colleagues have done with them for weeks is told in chapters, by the functions that screens and commands use.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from kolbench.adapters.sample import Sample
from kolbench.adapters.sample_shop import PLATFORM as SHOP
from kolbench.analysis import standing
from kolbench.domain.clock import DAY, from_ms, held, now
from kolbench.store import notes, sources
from kolbench.store.candidates import CandidateWindow
from kolbench.sync import loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from kolbench.store.connect import Store
    from kolbench.sync.events import Listener

PLATFORMS = {"xiaohongshu": 0.40, "douyin": 0.28, "bilibili": 0.14, "instagram": 0.11, "youtube": 0.07}
"""The share of the people that each platform gets."""

PEOPLE = 3_000
TALKERS = 0.2
"""For five creators on platforms there is one member of a group chat."""

AUTHOR = "demo"
KNOWN = 60
"""Among so many of the best, every third has been spoken to."""

REMARKS = (
    "只接护肤和防晒类合作，不接医美",
    "想要新品内测资格，对分成不太感兴趣",
    "回复很快，晚上九点后在线",
    "团队代运营，报价先找经纪人",
    "Prefers email; travels until the end of the month",
    "Asked for the brief in writing before a call",
)


def fill(
    store: Store,
    people: int = PEOPLE,
    seed: int = 1,
    listener: Listener = lambda event: None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Make ``people`` (at least 100) in an empty store, with their groups, and work out their standing.

    Some have been contacted and noted on, by an author ``demo``. Returns how many have a standing. The same seed
    on the same day makes the same store.
    """
    as_of = from_ms(now()).date().isoformat()
    made = [
        sources.add(
            store,
            f"sample-{platform}",
            Sample.name,
            platform,
            {"platform": platform, "people": str(size), "seed": str(seed), "as_of": as_of},
        )
        for platform, size in _sizes(people).items()
    ]
    loop.run(store, {Sample.name: Sample()}, made, loop.Options(kind="demo", workers=1), listener)
    ranked = standing.refresh(store, progress)
    _contact(store, Random(seed))  # noqa: S311 - chance, not secrecy
    return ranked


def work(store: Store, seed: int = 1) -> None:
    """Tell the last weeks of work with the people of a store that was just filled: a programme, and a campaign.

    The same seed at the same moment tells the same.
    """
    from kolbench.sample import campaign, incentives, programme
    from kolbench.sample.story import Story

    at = now()
    story = Story(store, seed, Random(seed), at - at % DAY)  # noqa: S311 - chance, not secrecy
    chapters = (*programme.CHAPTERS, *campaign.CHAPTERS, *incentives.CHAPTERS)
    for chapter in sorted(chapters, key=lambda one: story.ago(one.days_ago, one.hour)):
        with held(min(at, story.ago(chapter.days_ago, chapter.hour))):
            chapter.tell(story)


def is_of(store: Store, people: int | None = None, seed: int | None = None, *, bare: bool = False) -> bool:
    """Whether the store was filled with so many ``people`` by this ``seed`` (None: whatever), and ``bare`` if asked."""
    wanted = {} if people is None else {platform: str(size) for platform, size in _sizes(people).items()}
    found = [source for source in sources.every(store) if source.adapter == Sample.name]
    shops = [source for source in found if source.platform == SHOP]
    return not (bare and shops) and all(
        source.settings.get("people") == wanted.get(source.platform, source.settings.get("people"))
        and (seed is None or source.settings.get("seed") == str(seed))
        for source in found
        if source not in shops
    )


def _sizes(people: int) -> dict[str, int]:
    """How many each platform gets, and the group chats."""
    return {platform: max(1, round(people * share)) for platform, share in {**PLATFORMS, "wechat": TALKERS}.items()}


def _contact(store: Store, random: Random) -> None:
    """Write down what an operator would have done in the last weeks."""
    for row in CandidateWindow(store).rows(0, KNOWN)[::3]:
        at = now() - random.randrange(1, 45) * DAY
        channel = random.choice(("wechat", "dm", "email"))
        outcome = random.choice(("agreed", "interested", "later", "no_answer"))
        with held(at):
            notes.touch(store, row.creator_id, AUTHOR, channel=channel, outcome=outcome)
            if random.random() < 0.5:
                notes.note(store, row.creator_id, random.choice(REMARKS), AUTHOR)
