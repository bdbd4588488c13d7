"""A distribution campaign as large as one gets: a forest of participants about ten levels deep, and their conversions.

    python bench/forest.py forest.db                    1 M participants, 5 M conversions
    python bench/forest.py forest.db --scale 0.01       a hundredth of it

Newcomers choose by whom they come in proportion to how many came by them already (preferential attachment), which
makes few strong and most weak. It writes the tables of the product's own schema directly, the same for a seed;
indexes are built behind the rows, and triggers don't fire: ``rebuild`` of the standings is what comes next.
"""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filled import command, filling
from words import full_name

from kolbench.domain.clock import DAY, HOUR, to_ms

START = to_ms(datetime(2026, 9, 1, tzinfo=UTC))
DAYS = 60
END = START + DAYS * DAY
DEEPEST = 10
"""Nobody is further from the first wave than this."""

ROOTS = 1 / 1_000
"""So many of the participants were negotiated with: the first wave."""

TERMS = {
    "name": "forest",
    "target": {"figure": "conversions", "amount": 6_000_000},
    "starts": "2026-09-01",
    "ends": "2026-10-30",
    "levels": ["10%"],
}
Rows = Iterator[tuple[Any, ...]]


class Forest:
    """Who came by whom: for each participant (from 1 on; 0 is nobody) the parent, and how far from the first wave."""

    def __init__(self, seed: int, participants: int) -> None:
        self.seed, self.participants = seed, participants
        self.roots = max(3, round(participants * ROOTS))
        draw = random.Random(f"{seed} edges").random
        self.parent = parent = array("i", bytes(4 * (participants + 1)))
        self.depth = depth = bytearray(participants + 1)
        for child in range(self.roots + 1, participants + 1):
            while True:
                chosen = 1 + int(draw() * (child - 1))
                if draw() < 0.5 and parent[chosen]:
                    chosen = parent[chosen]  # who has brought many stands here often
                if depth[chosen] < DEEPEST:
                    break
            parent[child] = chosen
            depth[child] = depth[chosen] + 1

    def joined(self, participant: int) -> int:
        """When somebody joined: the first wave at once, then ever more a day, all within the first 50 days."""
        if participant <= self.roots:
            return START
        return START + HOUR + int((50 * DAY) * ((participant - self.roots) / self.participants) ** 0.5)

    def people(self) -> Rows:
        chance = random.Random(f"{self.seed} names")
        for one in range(1, self.participants + 1):
            parent, joined = self.parent[one] or None, self.joined(one)
            wave = None if parent else 1
            yield (
                one, 1, f"u{one:08d}", full_name(chance), wave, joined, 1, END, parent, parent and joined,
            )  # fmt: skip

    def edges(self) -> Rows:
        for child in range(self.roots + 1, self.participants + 1):
            yield 1, child, self.parent[child], self.joined(child), 1, END

    def codes(self) -> Rows:
        for one in range(1, self.participants + 1):
            yield 1, one, code(one), "bench", START

    def conversions(self, count: int) -> Rows:
        """By whose code, of whom and for how much: half go to those who have brought somebody.

        A fifth of the buyers are participants who bought by the code of whom they came by, a fifth bought before.
        """
        chance = random.Random(f"{self.seed} conversions")
        draw, parent, people = chance.random, self.parent, self.participants
        strangers = 0
        for one in range(1, count + 1):
            seller, kind = 1 + int(draw() * people), draw()
            buyer = ""
            if kind < 0.5 and parent[seller]:
                buyer = f"u{seller:08d}" if kind < 0.2 else ""
                seller = parent[seller]
            if not buyer:
                stranger = 1 + int(draw() * strangers) if kind > 0.8 and strangers else strangers + 1
                strangers = max(strangers, stranger)
                buyer = f"b{stranger:08d}"
            joined = self.joined(seller)
            at = joined + int((END - joined) * draw())
            amount = 100 * int(5 + 500 * draw() ** 3)
            counted = draw() < 0.97
            yield (
                one, 1, "shop", f"o{one:09d}", "sale", at, code(seller), buyer, amount, "CNY", 1, END,
                seller if counted else None, "code" if counted else None,
                "counted" if counted else "quarantined", None if counted else "late",
            )  # fmt: skip


def code(participant: int) -> str:
    """The referral code of a participant."""
    return f"K{participant:07d}"


def fill(path: Path, seed: int, participants: int, conversions: int) -> None:
    """Write a new store to ``path``."""
    with filling(path, triggers=False) as (db, write):
        forest = Forest(seed, participants)
        write("source", "id, name, adapter, platform, created_at", [(1, "forest", "tabular", "shop", END)])
        write("run", "id, source_id, kind, state, started_at, ended_at, pid", [(1, 1, "import", "done", END, END, 0)])
        write("campaign", "id, name, author, at", [(1, "forest", "bench", START)])
        write(
            "campaign_version",
            "campaign_id, version, from_at, body, author, at",
            [(1, 1, START, json.dumps(TERMS), "bench", START)],
        )
        write("wave", "id, campaign_id, no, name, moment_at, author, at", [(1, 1, 1, "first", START, "bench", START)])
        write(
            "participant",
            "id, campaign_id, ref, name, wave_id, joined_at, run_id, at, parent_id, referred_at",
            forest.people(),
        )
        write("referral_edge", "campaign_id, child_id, parent_id, at, run_id, noted_at", forest.edges())
        write("referral_code", "campaign_id, participant_id, code, author, at", forest.codes())
        write(
            "conversion",
            "id, campaign_id, source, order_id, kind, at, code, buyer, amount, currency, run_id, received_at,"
            " participant_id, via, state, reason",
            forest.conversions(conversions),
        )
        chance = random.Random(f"{seed} refunds")
        given = [  # one in fifty is given back, half of those in part
            (one, amount if chance.random() < 0.5 else amount // 2, at)
            for one, amount, at in db.execute("SELECT id, amount, at FROM conversion")
            if chance.random() < 0.02
        ]
        write(
            "refund",
            "campaign_id, source, order_id, refund_id, amount, at, run_id, received_at",
            ((1, "shop", f"o{one:09d}", f"r{one:09d}", amount, at + 3 * DAY, 1, END) for one, amount, at in given),
        )
        db.execute("BEGIN")
        db.executemany("UPDATE conversion SET refunded = ?2 WHERE id = ?1", ((one, part) for one, part, _at in given))
        db.execute("COMMIT")
        write(
            "commission_entry",
            "campaign_id, participant_id, conversion_id, version_id, level, kind, amount, currency, hold_until, at",
            db.execute(
                "SELECT 1, participant_id, id, 1, 1, 'commission', amount / 10, 'CNY', at, at FROM conversion"
                " WHERE state = 'counted' AND id % 10 = 0"
            ).fetchall(),
        )


if __name__ == "__main__":
    command(str(__doc__), {"participants": 1_000_000, "conversions": 5_000_000}, fill)
