"""What an adapter does behind the host's back while it reads: sleeping, printing, connections, threads of its own."""

from __future__ import annotations

import io
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from typing import Any
from unittest.mock import patch

_SLEEP = time.sleep
_WAIT = threading.Event.wait
_LAST_WORDS_S = 0.2
"""How long a thread may take to end after the reading has."""


@contextmanager
def watched(module: str, tell: Callable[[str, str], None]) -> Iterator[None]:
    """Call ``tell`` with a kind and a sentence for each thing that is not allowed.

    The kinds are ``sleep``, ``socket``, ``thread`` and ``print``. Sleeping is skipped and connecting fails. ``module``
    is the adapter's: it may have imported ``sleep`` by name.
    """

    def slept(seconds: float) -> None:
        tell("sleep", f"time.sleep({seconds})")

    def waited(event: threading.Event, timeout: float | None = None) -> bool:
        if timeout is None:  # as starting a thread does
            return _WAIT(event)
        tell("sleep", f"threading.Event.wait({timeout})")
        return event.is_set()

    def connected(*args: Any, **kwargs: Any) -> Any:
        address = next((arg for arg in args if isinstance(arg, (tuple, str))), "")
        tell("socket", f"a connection of its own to {address}")
        raise OSError("adapters open no connections: use pull.http")

    class Heard(io.TextIOBase):
        def write(self, text: str) -> int:
            if text.strip():
                tell("print", f"it prints {text.strip()[:80]!r}")
            return len(text)

    before = set(threading.enumerate())
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(Heard()))
        stack.enter_context(patch.object(time, "sleep", slept))
        stack.enter_context(patch.object(threading.Event, "wait", waited))
        for name in ("connect", "connect_ex"):
            stack.enter_context(patch.object(socket.socket, name, connected))
        for name in ("create_connection", "getaddrinfo", "gethostbyname"):
            stack.enter_context(patch.object(socket, name, connected))
        for home, name in _by_name(module):
            stack.enter_context(patch.object(home, name, slept))
        yield
    for thread in set(threading.enumerate()) - before:
        thread.join(_LAST_WORDS_S)
        if thread.is_alive():
            tell("thread", f"the thread {thread.name}")


def _by_name(module: str) -> list[tuple[Any, str]]:
    """Where the adapter's package holds ``time.sleep`` under a name of its own."""
    package = module.partition(".")[0]
    homes = [
        home
        for name, home in list(sys.modules.items())
        if name == module or (package != "kolbench" and name.partition(".")[0] == package)
    ]
    return [(home, name) for home in homes for name, value in list(vars(home).items()) if value is _SLEEP]
