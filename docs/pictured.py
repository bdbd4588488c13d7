"""What an operator has done on the sample data before its pictures are taken: rules, violations, and a campaign."""

from __future__ import annotations

import csv
import io
from contextlib import redirect_stdout
from pathlib import Path
from random import Random

from kolbench.cli.main import main as kolbench
from kolbench.domain.clock import DAY, from_ms, now
from kolbench.store.candidates import CandidateWindow
from kolbench.store.connect import Store

ENDORSERS = 24
BUYERS = 700
CAMPAIGN = "Spring tea"


def work(store: Store, folder: Path) -> None:
    """Do all of it by the commands an operator would use; files are written into ``folder``."""
    people = [str(row.creator_id) for row in CandidateWindow(store).rows(0, ENDORSERS)]
    _programme(store, folder, people)
    _campaign(store, folder, people)


def _programme(store: Store, folder: Path, people: list[str]) -> None:
    rules = folder / "rules.toml"
    rules.write_text(run(store, "rules", "example"), "utf-8")
    run(store, "rules", "apply", str(rules))
    for place, person in enumerate(people[:12]):
        if place % 3:
            run(store, "rules", "ack", person, "--channel", "wechat")
        run(store, "agreement", "new", person, "--gives", "two videos a month", "--gets", "samples", "--ends", "+90d")
        run(store, "incentive", "grant", person, "points", str(50 + 10 * place), "--reason", "answers in the groups")
    for person in people[3:6]:
        run(store, "violation", "add", person, "label", "--text", "A video without a label", "--evidence", "a picture")
    for number in range(1, 9):
        run(store, "agreement", "sign", str(number))
    run(store, "rules", "run")


def _campaign(store: Store, folder: Path, people: list[str]) -> None:
    began = from_ms(now() - 12 * DAY).date()
    terms = {
        "starts": began.isoformat(),
        "ends": from_ms(now() + 18 * DAY).date().isoformat(),
        "levels": "10%,3%",
        "landing_url": "https://shop.example/tea",
        "target.figure": "revenue",
        "target.amount": "200000",
        "positioning": "The first flush of the year",
    }
    settings = [part for name, value in terms.items() for part in ("--set", f"{name}={value}")]
    run(store, "campaign", "new", CAMPAIGN, *settings)
    run(store, "campaign", "start", CAMPAIGN, *people, "--moment", f"{began}T20:00")
    random = Random(5)
    known = [f"creator:{person}" for person in people]
    came, bought = [("child", "participant", "at")], [("order_id", "at", "amount", "buyer")]
    for number in range(1, BUYERS + 1):
        at = from_ms(now() - 12 * DAY + int(random.random() ** 0.8 * 11.9 * DAY)).isoformat()
        by = known[min(int(random.paretovariate(0.9)) - 1, len(known) - 1)]
        came.append((f"member-{number}", by, at))
        known.append(f"member-{number}")
        if random.random() < 0.7:
            bought.append((f"T{number}", at, f"{random.randrange(48, 420)}.00", f"member-{number}"))
    table = ("--platform", "shop", "--set", f"campaign={CAMPAIGN}", "--set", "currency=CNY")
    for kind, rows in (("referrals", came), ("conversions", bought)):
        path = folder / f"{kind}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        run(store, "import", str(path), *table, "--kind", kind)


def run(store: Store, *command: str) -> str:
    """What a command prints. Raises RuntimeError where it fails."""
    told = io.StringIO()
    with redirect_stdout(told):
        code = kolbench(["--store", str(store.path), *command])
    if code:
        raise RuntimeError(f"kolbench {' '.join(command)}: exit code {code}")
    return told.getvalue()
