"""``kolbench listen``: receive the orders that shops tell of by themselves, signed."""

from __future__ import annotations

import ipaddress
import json
import shlex
import socket
from importlib import import_module
from typing import TYPE_CHECKING

from kolbench.cli import derived
from kolbench.cli.opening import open_store
from kolbench.cli.output import printable, say, warn
from kolbench.cli.parser import whole
from kolbench.domain.clock import iso, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.sync import receiving
from kolbench.sync.listening import Listening
from kolbench.sync.receiving import Listened, Receiver
from kolbench.sync.stop import Stop, on_signals

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

PORT = 8787
AT_ONCE = 64
"""Connections that are served at a time; more are told to come again."""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("source", metavar="SOURCE", nargs="*", help=_("listen to these sources only, not all"))
    parser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help=_("where to listen (127.0.0.1)"))
    port = _("the port; 0 takes a free one ({port})").format(port=PORT)
    parser.add_argument("--port", metavar="N", type=whole(0), default=PORT, help=port)
    parser.add_argument(
        "--beyond-this-machine", action="store_true", help=_("allow an address that others can reach, without TLS")
    )
    parser.add_argument("--print-example", action="store_true", help=_("print a signed request to try, and end"))


def run(args: Namespace) -> int:
    """Listen until a signal ends it."""
    store = open_store(args)
    listened = receiving.opened(store, args.source)
    if args.print_example:
        say(_example(listened[0], args.host, args.port or PORT))
        return 0
    try:
        uvicorn = import_module("uvicorn")
    except ImportError:
        raise UsageError(_("Listening needs a web server: pip install 'kolbench[listen]'")) from None
    bound = _bound(args)
    receiver = Receiver(store, listened, lambda: derived.refresh(store))
    app = Listening(receiver, lambda text: warn(printable(text)))
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="on",
        loop="asyncio",
        http="h11",
        ws="none",
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
    )
    host, port = bound.getsockname()[:2]
    for one in listened:
        say(_address(one, host, port))
    with on_signals(Stop()):
        uvicorn.Server(config).run(sockets=[bound])
    return 0


def _bound(args: Namespace) -> socket.socket:
    """The open port. Raises UsageError where it can't be had."""
    try:
        address = ipaddress.ip_address(args.host)
    except ValueError:
        raise UsageError(
            _("--host {host}: write an address, such as 127.0.0.1 or ::1.").format(host=args.host)
        ) from None
    if not address.is_loopback and not args.beyond_this_machine:
        text = _(
            "{host} can be reached by others, and this speaks no TLS: put a web server with TLS before 127.0.0.1, or"
            " say --beyond-this-machine."
        )
        raise UsageError(text.format(host=args.host))
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        return socket.create_server((args.host, args.port), family=family)
    except (OSError, OverflowError) as error:
        text = _("Port {port} of {host} can't be opened: {reason}.")
        reason = getattr(error, "strerror", None) or error
        raise UsageError(text.format(port=args.port, host=args.host, reason=reason)) from None


def _address(listened: Listened, host: str, port: int) -> str:
    """Where a source's shop sends to."""
    where = f"[{host}]" if ":" in host else host
    return f"http://{where}:{port}/conversions/{listened.source.name}"


def _example(listened: Listened, host: str, port: int) -> str:
    """A request that is good for five minutes, as a line for the shell."""
    sale = {"order_id": "example-1", "at": iso(now()), "amount": 12_900, "currency": "CNY", "code": "CODE"}
    body = json.dumps({"conversions": [sale]})
    signed = receiving.signature(listened.settings["secret"], body.encode(), now() // 1000)
    return shlex.join(
        ["curl", "-sS", _address(listened, host, port), "-H", f"{receiving.HEADER}: {signed}", "-d", body]
    )
