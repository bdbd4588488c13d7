"""Emulators of platforms' APIs, as the npm package ``emulate`` brings them."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import httpx

from servers import LOOPBACK, Running, Server, program, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NODE, EMULATE = "22.23.3", "0.12.2"
"""The emulators need a newer Node than distributions bring."""


def emulator(service: str, seed: Mapping[str, object], ready: str) -> Server:
    """The emulator of ``service``, filled with ``seed``; it is there when the path ``ready`` answers."""
    recipe = f"node@{NODE} emulate@{EMULATE}"
    return Server("emulate", recipe, _install, partial(_start, service, seed), partial(_ready, ready))


def _install(home: Path) -> None:
    packages = {"emulate": EMULATE, "node": NODE}
    (home / "package.json").write_text(json.dumps({"private": True, "dependencies": packages}))
    run(program("npm", "npm"), "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=home)


def _start(service: str, seed: Mapping[str, object], server: Running) -> None:
    path = server.data / "seed.json"
    path.write_text(json.dumps(seed))
    node = next((server.home / "node_modules").glob("**/node/bin/node"))
    command = (node, server.home / "node_modules/.bin/emulate", "start", "--service", service, "--host", LOOPBACK)
    server.spawn("emulate", *command, "--port", server.port("api"), "--seed", path)


def _ready(path: str, server: Running) -> bool:
    try:
        return httpx.get(server.url("api") + path, trust_env=False).is_success
    except httpx.TransportError:
        return False
