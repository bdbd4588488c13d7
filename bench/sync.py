"""How fast the sync engine is against two limits, dlt and a Singer pipeline, in one run.

``limit`` is httpx, orjson and executemany into one flat table without an index: one row an account. ``rows`` is
the same into KOLbench's own tables: the six rows that an account with three counters becomes, made beforehand,
nothing checked, looked up or counted. What lies between ``rows`` and ``kolbench`` is the engine's own work.

Needs ``httpx orjson uvicorn`` and the yardsticks ``sync_server.py`` and ``sync_limit.py`` of one folder, named
by the first argument or KOLBENCH_YARDSTICKS. ``--dlt PYTHON`` names an interpreter with
``dlt[sqlalchemy]``, ``--singer PYTHON`` one with ``singer-python requests target-sqlite`` and ``SQLAlchemy<2``.

    python bench/sync.py ../shared/yardsticks --dlt /path/to/venv/bin/python
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
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


SINGER = """
import json, os, resource, subprocess, sys, time, urllib.request
page, url = int(sys.argv[1]), sys.argv[2]
TAP = '''
import json, sys, requests, singer
page, url = int(sys.argv[1]), sys.argv[2]
kinds = {"id": "string", "acct": "string", "display_name": "string", "note": "string", "url": "string",
         "avatar": "string", "bot": "boolean", "created_at": "string", "followers_count": "integer",
         "following_count": "integer", "statuses_count": "integer"}
properties = {name: {"type": [kind, "null"]} for name, kind in kinds.items()}
singer.write_schema("accounts", {"type": "object", "properties": properties}, ["id"])
session, cursor = requests.Session(), None
while True:
    answer = session.get(url, params={"limit": page, **({"cursor": cursor} if cursor else {})}).json()
    singer.write_records("accounts", [{name: row[name] for name in kinds} for row in answer["data"]])
    cursor = answer["next_cursor"]
    singer.write_state({"cursor": cursor})
    if cursor is None:
        break
'''
with open("config.json", "w") as file:
    json.dump({"database": "singer"}, file)
began = time.perf_counter()
tap = subprocess.Popen([sys.executable, "-c", TAP, str(page), url], stdout=subprocess.PIPE)
TARGET = '''
import collections, collections.abc
collections.MutableMapping = collections.abc.MutableMapping  # which target-sqlite 0.2 still looks for there
import target_sqlite
target_sqlite.main()
'''
target = [sys.executable, "-c", TARGET, "--config", "config.json"]
subprocess.run(target, stdin=tap.stdout, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
assert tap.wait() == 0
seconds = time.perf_counter() - began
import sqlite3
name = next(n for n in os.listdir(".") if n.startswith("singer"))
rows = sqlite3.connect(name).execute("SELECT count(*) FROM accounts").fetchone()[0]
print(json.dumps({"rec_s": rows / seconds, "rss_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}))
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
        from kolbench.adapters.answers import decode
        from kolbench.adapters.protocol import Page

        shape, record = shapes()
        cursor = pull.cursor
        while True:
            params = {"limit": self.page} if cursor is None else {"limit": self.page, "cursor": cursor}
            answer = decode(pull.http.get(URL, params=params), shape)
            cursor = answer.next_cursor
            yield Page([record(row) for row in answer.data], cursor or "end")
            if cursor is None:
                return


def shapes():
    """What the server answers, and how a record is made of it; nothing heavy is imported for the other runs."""
    import msgspec

    from kolbench.domain.records import AccountRecord

    texts = ("id", "acct", "display_name", "note", "url", "avatar")
    counts = ("followers_count", "following_count", "statuses_count")
    fields = [*((name, str) for name in texts), *((name, int) for name in counts)]
    item = msgspec.defstruct("Item", [*fields, ("bot", bool), ("created_at", datetime)])
    answer = msgspec.defstruct("Answer", [("data", list[item]), ("next_cursor", str | None)])

    def record(item) -> AccountRecord:
        return AccountRecord(
            uid=item.id,
            handle=item.acct,
            name=item.display_name,
            bio=item.note,
            url=item.url,
            avatar_url=item.avatar,
            is_bot=item.bot,
            created_at=item.created_at,
            metrics={
                "followers": item.followers_count,
                "following": item.following_count,
                "posts": item.statuses_count,
            },
        )

    return answer, record


def engine(page: int) -> None:
    """Sync everything once into a new store and print the rate. As the limit's, its clock begins behind the imports."""
    import kolbench.sync.http  # noqa: F401
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


def rows(page: int) -> None:
    """Fetch everything and insert the rows that the engine makes of it, and print the rate."""
    import httpx
    import orjson

    from kolbench.store.connect import Store

    with contextlib.redirect_stdout(None):
        engine(page)
    made = sqlite3.connect("engine.db")
    store = Store.open(Path("rows.db"))
    with store.writing() as db:
        for table in ("source", "run"):
            put(db, table, made.execute(f"SELECT * FROM {table}").fetchall())
    tables = {"creator": "id", "account": "id", "account_snapshot": "account_id", "stale_creator": "creator_id"}
    pages = [
        {
            table: made.execute(f"SELECT * FROM {table} WHERE {key} > ? AND {key} <= ?", (at, at + page)).fetchall()
            for table, key in tables.items()
        }
        for at in range(0, made.execute("SELECT max(id) FROM account").fetchone()[0], page)
    ]
    began, cursor = time.perf_counter(), None
    with httpx.Client() as http:
        for ready in pages:
            answer = orjson.loads(
                http.get(URL, params={"limit": page, **({"cursor": cursor} if cursor else {})}).content
            )
            cursor = answer["next_cursor"]
            with store.writing() as db:
                for table, found in ready.items():
                    put(db, table, found)
    seconds = time.perf_counter() - began
    written = store.reader().execute("SELECT count(*) FROM account").fetchone()[0]
    print(json.dumps({"rec_s": written / seconds, "rss_mb": 0}))


def put(db: sqlite3.Connection, table: str, found: list[tuple[object, ...]]) -> None:
    if found:
        db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(found[0]))})", found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("yardsticks", type=Path, nargs="?", default=os.environ.get("KOLBENCH_YARDSTICKS"))
    parser.add_argument("--dlt", metavar="PYTHON", help="an interpreter that has dlt[sqlalchemy]")
    parser.add_argument("--singer", metavar="PYTHON", help="an interpreter that has singer-python and target-sqlite")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("WHICH", "PAGE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        {"engine": engine, "rows": rows}[options.child[0]](int(options.child[1]))
        return
    if options.yardsticks is None:
        parser.error("where are the yardsticks?")
    yardsticks = Path(options.yardsticks).absolute()
    with server(yardsticks, options.records):
        for page in PAGES:
            commands = {
                "limit": [sys.executable, str(yardsticks / "sync_limit.py"), "sqlite", str(page)],
                "rows": [sys.executable, __file__, "--child", "rows", str(page)],
                "kolbench": [sys.executable, __file__, "--child", "engine", str(page)],
            }
            if options.dlt:
                commands["dlt"] = [options.dlt, "-c", DLT, str(page), URL]
            if options.singer:
                commands["singer"] = [options.singer, "-c", SINGER, str(page), URL]
            compare(page, commands, options)


def compare(page: int, commands: dict[str, list[str]], options: argparse.Namespace) -> None:
    """Run the commands in turn, so that the machine's moods meet them all alike, and print their medians."""
    results: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for turn in range(options.runs):
        for name, command in commands.items():
            if name not in ("dlt", "singer") or turn == 0:
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


@contextlib.contextmanager
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
