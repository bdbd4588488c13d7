"""A campaign in which something has happened in every section: what the tests of its screen share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import make
from campaigning import bought, came_by, campaign, clicked, gave_back, takes_part
from kolbench.domain.campaigns import Target
from kolbench.programme.campaigns import fresh, waves
from kolbench.store import flags, lessons, participants
from kolbench.store.flags import Cause

if TYPE_CHECKING:
    from kolbench.store.connect import Store

HOSTILE = "[bold]\x1b[31m\u202etext\u2066[/]中文"


def fill_campaign(store: Store) -> int:
    """A first wave of two, who brought more; sales, a refund, what is quarantined and flagged, and a lesson."""
    tea = campaign(
        store,
        positioning="The tea for long evenings",
        audience="people who read at night",
        target=Target(amount=40),
        starts="2026-01-20",
        ends="2026-02-08",
        time_zone="Asia/Shanghai",
        landing_url="https://shop.example/tea",
        levels=("10%", "5%"),
        hold_days=3,
    )
    people = [make.creator(store, "w1", "weibo"), make.creator(store, "w2", "weibo")]
    done = waves.start(store, tea, "chen", people)
    codes = [str(participants.get(store.reader(), one).code) for one in done.participants]
    lijing, zhangwei = map(participants.creator_ref, people)
    make.write(
        store,
        *(takes_part(ref, name=name) for ref, name in (("cat", "猫 Cat"), ("dan", HOSTILE), ("eve", "Eve"))),
        *(takes_part(f"p{n}") for n in range(30)),
        came_by("cat", lijing, 20),
        came_by("dan", "cat", 21),
        came_by("eve", zhangwei, 21),
        *(came_by(f"p{n}", "eve", 22) for n in range(30)),
        clicked("someone", "cat", 23),
    )
    make.write(
        store,
        *(bought(f"a{n}", 12_345 + n, 21 + n, codes[0], buyer_uid=f"b{n}") for n in range(6)),
        *(bought(f"c{n}", 8_800, 23.5 + n / 2, "CAT", buyer_uid=f"c{n}") for n in range(8)),
        *(bought(f"e{n}", 100_000, 24 + n, "EVE") for n in range(3)),
        bought("z1", 5_000, 25, codes[1]),
        bought("q1", 9_900, 25, "NOBODYS"),
        bought("q2", 9_900, 25.5, "NOBODYS"),
        bought("q3", 9_900, 26, "CAT", buyer_uid="cat"),
        bought("q4", 9_900, 27, "EVE", currency="USD"),
        gave_back("c0", 8_800, 25),
    )
    fresh.refresh(store)
    db = store.reader()
    found = participants.find(store, tea, "cat")
    ids = [row[0] for row in db.execute("SELECT id FROM conversion WHERE participant_id = ? LIMIT 3", (found,))]
    with store.writing() as writer:
        flags.note(writer, [Cause(tea, "shared-payment", "x", "severe", {"conversions": ids, "buyers": 3}, found)])
    lessons.add(store, tea, "Begin on a Friday evening.", "chen")
    return tea
