"""The narrow door between KOLbench and an adapter: what an adapter declares, gets and yields.

An adapter opens no socket, never sleeps, never retries and never sees the store: the host hands it an
HTTP client that does so within the declared limits, validates every record and commits a page's records
together with its cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from kolbench.domain.records import Record

if TYPE_CHECKING:
    import httpx

FEEDS = ("profiles", "followers", "posts", "activities", "members", "messages", "conversions")
"""The capabilities an adapter may declare."""

MAX_PAGE = 5_000
"""The most records one page may hold; the host refuses a larger one."""


@dataclass(frozen=True)
class Setting:
    """One setting an operator gives to a source; a ``secret`` never reaches the store."""

    name: str
    help: str
    required: bool = False
    default: str | None = None
    secret: bool = False
    example: str = ""


@dataclass(frozen=True)
class RateLimit:
    """At most ``requests`` every ``seconds`` to one host, over all targets of all sources on it."""

    requests: int
    seconds: float


@dataclass(frozen=True)
class Page:
    """Some records and the cursor behind them: once it is committed, everything before it is safe.

    ``total`` is the number of records expected in the whole feed, where the platform says so.
    """

    records: Sequence[Record]
    cursor: str
    total: int | None = None


@dataclass(frozen=True)
class Rejected:
    """A row of the input that could not become a record."""

    line: int
    column: str
    reason: str
    value: str = ""


@dataclass(frozen=True)
class Pull:
    """One request of the host: read ``feed`` from ``cursor`` (None: from the beginning).

    ``reject`` reports a row that can't be kept; ``warn`` says something once to the operator.
    ``http`` is None for adapters that declare no ``limits`` (they read files).
    """

    feed: str
    settings: Mapping[str, str]
    cursor: str | None = None
    since: datetime | None = None
    http: httpx.Client | None = None
    reject: Callable[[Rejected], None] = field(default=lambda _: None)
    warn: Callable[[str], None] = field(default=lambda _: None)


@runtime_checkable
class Adapter(Protocol):
    """Reads one platform or one file shape.

    ``platform`` is the key under which accounts are kept; an empty one is asked for as the setting
    ``platform``. ``limits`` is None for adapters without HTTP.
    """

    @property
    def name(self) -> str:
        """The word used on the command line, ``[a-z0-9-]+``."""

    @property
    def title(self) -> str:
        """What it reads, in a few words."""

    @property
    def platform(self) -> str:
        """The platform's key, ``[a-z0-9_]+``; empty when each source names its own."""

    @property
    def feeds(self) -> tuple[str, ...]:
        """What it can pull, from ``FEEDS``, in the order in which to pull them."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What an operator has to say for one source."""

    @property
    def limits(self) -> RateLimit | None:
        """The platform's published rate limit."""

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield pages in order. Re-reading from a committed cursor may repeat records, never skip any.

        Raises ``Transient`` or ``RateLimited`` for what may pass, ``SourceError`` for what won't.
        """


@runtime_checkable
class Recogniser(Protocol):
    """What an adapter of files may have as well, so that ``kolbench import`` finds it by itself."""

    def recognise(self, path: str) -> float:
        """How sure it is that it reads the file or folder at ``path``, from 0 (it can't) to 1. Raises nothing."""


Register = Callable[[Any], None]
"""What ``kolbench_register_adapters`` is handed: call it with each adapter."""
