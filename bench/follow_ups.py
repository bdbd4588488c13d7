"""Follow-ups of a large programme: asking every rule, asking what is new, and opening the queue.

    python bench/follow_ups.py world.db                     over a store made by world.py and 'kolbench rebuild'
    python bench/follow_ups.py world.db --scale 0.1         makes one of that size first, if there is none

It works on a copy, in which operators have been in contact with people, know their birthdays and have a queue of
``--open`` follow-ups. Seconds are the processor's, for others may use the machine, too; a queue's are the median of
seven.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from kolbench.analysis import standing
from kolbench.domain.clock import DAY, now
from kolbench.domain.following import Cause
from kolbench.programme import follow_ups, rules
from kolbench.programme.follow_ups import FollowUpWindow
from kolbench.store import bulk, causes
from kolbench.store.connect import Store
from kolbench.store.sections import SECTIONS, Only

CHANNELS = ("wechat", "weibo", "email", "phone", "dm")
OUTCOMES = (None, None, "no_answer", "interested", "agreed", "declined", "later")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("world", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--open", type=int, default=100_000)
    args = parser.parse_args()
    if not args.world.exists():
        make(args.world, args.scale)
    with tempfile.TemporaryDirectory(dir=args.world.parent) as folder:
        copy = Path(folder) / "kolbench.db"
        shutil.copy(args.world, copy)
        store = Store.open(copy)
        report(store, args.open)
        store.close()


def make(path: Path, scale: float) -> None:
    import world

    world.fill(path, 1, *(int(n * scale) for n in (1_000_000, 5_000_000, 5_000_000, 20_000_000)))
    store = Store.open(path)
    seconds = timed(lambda: standing.refresh(store))
    print(f"derived in {seconds:.0f} s", flush=True)
    store.close()


def report(store: Store, wanted: int) -> None:
    (people,) = store.reader().execute("SELECT count(*) FROM standing").fetchone()
    touched = work(store, random.Random(1))
    print(f"{people:,} people, {touched:,} of them contacted")
    print(f"every rule, first time   {timed(lambda: follow_ups.evaluate(store)):8.1f} s")
    for rule in rules.BUILT_IN.values():
        looking = follow_ups.Looking(store.reader(), now(), rule.parameters)
        found: list[Cause] = []
        seconds = timed(lambda rule=rule, looking=looking, found=found: found.extend(rule.find(store, looking)))
        print(f"  {rule.id:22} {seconds:8.2f} s  {len(found):,} causes")
    print(f"every rule, again        {timed(lambda: follow_ups.evaluate(store)):8.1f} s")
    ids = [row[0] for row in store.reader().execute("SELECT creator_id FROM standing ORDER BY creator_id LIMIT 10000")]
    with store.writing() as db:
        bulk.insert(db, "stale_creator", ("creator_id",), [(one,) for one in ids])
    standing.refresh(store)
    print(f"after a sync of {len(ids):,}   {timed(lambda: follow_ups.evaluate(store, news=True)):8.1f} s")
    fill(store, wanted)
    print(f"a queue of {wanted:,}: every rule {timed(lambda: follow_ups.evaluate(store)):8.1f} s")
    queue(store)


def work(store: Store, chance: random.Random) -> int:
    """What operators have done: contacts with one person in fifty, and a birthday of one in a hundred."""
    at = now()
    ids = [row[0] for row in store.reader().execute("SELECT creator_id FROM standing")]
    known = chance.sample(ids, len(ids) // 50)
    contacts = [
        (
            one,
            at - chance.randrange(90 * DAY),
            chance.choice(("out", "out", "in")),
            chance.choice(CHANNELS),
            outcome,
            "li",
        )
        for one in known
        for outcome in chance.choices(OUTCOMES, k=chance.randint(1, 4))
    ]
    days = [(one, "Birthday", chance.randint(1, 12), chance.randint(1, 28), "li", at) for one in known[::2]]
    with store.writing() as db:
        bulk.insert(db, "touchpoint", ("creator_id", "at", "direction", "channel", "outcome", "author"), contacts)
        bulk.insert(db, "important_date", ("creator_id", "title", "month", "day", "author", "at"), days)
    return len(known)


def fill(store: Store, wanted: int) -> None:
    """A queue of so many, due from a month ago to a month ahead."""
    chance, at = random.Random(2), now()
    ids = [row[0] for row in store.reader().execute("SELECT creator_id FROM standing LIMIT ?", (wanted,))]
    found = [
        Cause(one, "bench", {"n": n}, at + chance.randrange(-30 * DAY, 30 * DAY), waits=n % 5 == 0)
        for n, one in enumerate(ids)
    ]
    causes.apply(store, "bench", found, at)


def queue(store: Store) -> None:
    print(f"all counts               {milliseconds(lambda: follow_ups.counts(store)):8.1f} ms")
    for section in (None, *SECTIONS):
        window = FollowUpWindow(store, section)
        opened = milliseconds(lambda window=window: window.rows(0, 40))
        counted = milliseconds(window.count)
        print(f"  {section or 'open':10} {window.count():8,}  opened in {opened:6.1f} ms, counted in {counted:6.1f} ms")
    mine = FollowUpWindow(store, only=Only(owner=""))
    print(f"  by owner              opened in {milliseconds(lambda: mine.rows(0, 40)):6.1f} ms")


def milliseconds(do: Callable[[], object]) -> float:
    return 1000 * median(timed(do) for _ in range(7))


def timed(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


if __name__ == "__main__":
    main()
