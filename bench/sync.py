"""How fast the sync engine is against the plain limit (httpx + executemany) and against dlt, in one run.

Needs ``httpx orjson uvicorn`` and the yardsticks ``sync_server.py`` and ``sync_limit.py`` of one folder, named
by the first argument or KOLBENCH_YARDSTICKS. ``--dlt PYTHON`` names an interpreter with dlt installed.

    python bench/sync.py ../shared/yardsticks --dlt /path/to/venv/bin/python
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 58100
URL = f"http://127.0.0.1:{PORT}/items"
PAGES = (100, 1_000)

DLT = """
import json, sys, time, resource, dlt, requests
page, url = int(sys.argv[1]), sys.argv[2]
@dlt.resource(name="accounts", write_disposition="merge", primary_key="id")
def accounts():
    cursor = None
    while True:
        params = {"limit": page, **({"cursor": cursor} if cursor else {})}
        answer = session.get(url, params=params).json()
        yield answer["data"]
        cursor = answer["next_cursor"]
        if cursor is None:
            return
session = requests.Session()
pipeline = dlt.pipeline("bench", destination=dlt.destinations.sqlalchemy("sqlite:///dlt.db"), dataset_name="main",
                        pipelines_dir="pipelines")
began = time.perf_counter()
pipeline.run(accounts())
seconds = time.perf_counter() - began
rows = pipeline.last_trace.last_normalize_info.row_counts["accounts"]
print(json.dumps({"rec_s": rows / seconds, "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


class Yardstick:
    """The adapter a third party would write for the yardstick server."""

    name = title = "yardstick"
    platform = "yardstick"
    feeds = ("profiles",)
    settings = ()

    def __init__(self, page: int) -> None:
        from kolbench.adapters.protocol import RateLimit

        self.page = page
        self.limits = RateLimit(100_000, 1)

    def pull(self, pull):
        import orjson

        from kolbench.adapters.protocol import Page

        cursor = pull.cursor
        while True:
            params = {"limit": self.page} if cursor is None else {"limit": self.page, "cursor": cursor}
            answer = orjson.loads(pull.http.get(URL, params=params).content)
            cursor = answer["next_cursor"]
            yield Page([account(row) for row in answer["data"]], cursor or "end")
            if cursor is None:
                return


def account(row: dict):
    from kolbench.domain.records import AccountRecord

    return AccountRecord(
        uid=row["id"],
        handle=row["acct"],
        name=row["display_name"],
        bio=row["note"],
        url=row["url"],
        avatar_url=row["avatar"],
        is_bot=row["bot"],
        created_at=datetime.fromisoformat(row["created_at"]),
        metrics={
            "followers": row["followers_count"],
            "following": row["following_count"],
            "posts": row["statuses_count"],
        },
    )


def engine(page: int) -> None:
    """Sync everything once into a new store and print the rate."""
    from kolbench.store import sources
    from kolbench.store.connect import Store
    from kolbench.sync.loop import run

    store = Store.open(Path("engine.db"))
    source = sources.add(store, "yardstick", "yardstick", "yardstick", {})
    began = time.perf_counter()
    outcome = run(store, {"yardstick": Yardstick(page)}, [source])
    seconds = time.perf_counter() - began
    assert outcome.state == "done", outcome
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rec_s": outcome.counts.new / seconds, "rss_mb": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("yardsticks", type=Path, nargs="?", default=os.environ.get("KOLBENCH_YARDSTICKS"))
    parser.add_argument("--dlt", metavar="PYTHON", help="an interpreter that has dlt[sqlalchemy]")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--engine", type=int, metavar="PAGE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        engine(options.engine)
        return
    if options.yardsticks is None:
        parser.error("where are the yardsticks?")
    yardsticks = Path(options.yardsticks).absolute()
    with server(yardsticks, options.records):
        for page in PAGES:
            commands = {
                "limit": [sys.executable, str(yardsticks / "sync_limit.py"), "sqlite", str(page)],
                "kolbench": [sys.executable, __file__, "--engine", str(page)],
            }
            if options.dlt:
                commands["dlt"] = [options.dlt, "-c", DLT, str(page), URL]
            compare(page, commands, options)


def compare(page: int, commands: dict[str, list[str]], options: argparse.Namespace) -> None:
    """Run the commands in turn, so that the machine's moods meet them all alike, and print their medians."""
    results: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for turn in range(options.runs):
        for name, command in commands.items():
            if name != "dlt" or turn == 0:
                results[name].append(measure(command, options.records))
    medians = {name: statistics.median(one["rec_s"] for one in found) for name, found in results.items()}
    for name, found in results.items():
        peak = max(one["rss_mb"] for one in found)
        ratio = medians["kolbench"] / medians[name]
        print(f"page {page:5} {name:9} {medians[name]:8.0f} records/s {peak:5.0f} MB   kolbench is {ratio:.2f}x")


def measure(command: list[str], records: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "N": str(records), "RUNTIME__DLTHUB_TELEMETRY": "false"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def server(yardsticks: Path, records: int) -> Iterator[None]:
    command = [sys.executable, "-m", "uvicorn", "sync_server:app", "--port", str(PORT)]
    quiet = ["--log-level", "warning", "--no-access-log"]
    environment = {**os.environ, "N": str(records)}
    process = subprocess.Popen([*command, *quiet], cwd=yardsticks, env=environment)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stats", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
