"""The AT Protocol network of the tests: how it is installed, started and filled with people."""

from __future__ import annotations

import json
import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from servers import LOOPBACK, Running, Server, program, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HERE = Path(__file__).parent
PACKAGES = {"@atproto/dev-env": "0.6.7", "node": "22.23.3"}
POSTGRES = "/usr/lib/postgresql/*/bin"
PASSWORD = "a password of nobody"

PEOPLE, POSTS, FOLLOWS, LIKES, REPOSTS, REPLIES, QUOTES, MENTIONS = 220, 15, 14, 20, 4, 3, 1, 1
"""People, and what each of them does; the first one is followed by everybody."""

MEMBERS = 130
"""People on the list and in the starter pack: more than a page of them."""


def _install(home: Path) -> None:
    package = {"name": "kolbench-e2e-atproto", "private": True, "type": "module", "dependencies": PACKAGES}
    (home / "package.json").write_text(json.dumps(package))
    run(program("npm", "npm"), "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=home)


def _start(server: Running) -> None:
    database = server.data / "postgres"
    database.mkdir()
    if os.geteuid() == 0:
        shutil.chown(database, "postgres", "postgres")
    run(
        *(program("initdb", "postgresql", POSTGRES), "-D", database, "-U", "postgres", "--auth=trust", "--no-sync"),
        cwd=database,
        user="postgres",
    )
    settings = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")
    server.spawn(
        "postgres",
        *(program("postgres", "postgresql", POSTGRES), "-D", database, "-h", LOOPBACK, "-p", server.port("postgres")),
        *(word for setting in settings for word in ("-c", setting)),
        user="postgres",
    )
    server.spawn(
        "redis",
        *(program("redis-server", "redis-server"), "--bind", LOOPBACK, "--port", server.port("redis")),
        *("--save", "", "--appendonly", "no"),
    )
    server.wait(partial(_answers, server), "PostgreSQL does not answer")
    script = server.home / "atproto.mjs"  # beside its packages, or it would not find them
    shutil.copy(HERE / "atproto.mjs", script)
    server.spawn(
        "network",
        *(server.home / "node_modules/.bin/node", script),
        *(server.port(name) for name in ("plc", "pds", "appview")),
        env={
            "DB_POSTGRES_URL": _database(server),
            "REDIS_HOST": f"{LOOPBACK}:{server.port('redis')}",
            "TMPDIR": str(server.data),
            "LOG_ENABLED": "false",
            "NO_PROXY": f"localhost,{LOOPBACK}",
        },
    )


def _ready(server: Running) -> bool:
    return "READY" in (server.data / "network.log").read_text(errors="replace")


def _database(server: Running) -> str:
    return f"postgres://postgres@{LOOPBACK}:{server.port('postgres')}/postgres"


def _answers(server: Running) -> bool:
    try:
        return _query(server, "SELECT 1") == "1"
    except RuntimeError:
        return False


def _query(server: Running, sql: str) -> str:
    return run(program("psql", "postgresql-client"), "-X", "-A", "-t", "-c", sql, _database(server)).strip()


SERVER = Server(
    "atproto", recipe=json.dumps(PACKAGES, sort_keys=True), install=_install, start=_start, ready=_ready, patience_s=300
)
