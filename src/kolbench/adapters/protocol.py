"""The narrow door between KOLbench and an adapter: what an adapter declares, gets and yields.

An adapter opens no socket, never sleeps, never retries and never sees the store: the host hands it an
HTTP client that does so within the declared limits, validates every record and commits a page's records
together with its cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

MAX_CURSOR = 65_536
"""The most bytes of a cursor."""


@dataclass(frozen=True)
class Setting:
    """One setting an operator gives to a source; a ``secret`` never reaches the store.

    What is ``required`` ``to_listen`` is needed where requests are received, and not by a sync.
    """

    name: str
    help: str
    required: bool = False
    default: str | None = None
    secret: bool = False
    example: str = ""
    to_listen: bool = False


@dataclass(frozen=True)
class RateLimit:
    """At most ``requests`` every ``seconds`` to one host, over all targets of all sources on it."""

    requests: int
    seconds: float


@dataclass(frozen=True)
class Page:
    """Some records and the cursor behind them: once it is committed, everything before it is safe.

    ``total`` is the number of records expected in the whole feed, where the platform says so. ``hold`` is for
    platforms that forget what was read: the adapter goes on only when the page is in the store, and not at all
    in a dry run, where it never will be; other pages are written while the adapter reads on. ``lines`` tells the
    line of each record in its file, so that one that is left out can be found there.
    """

    records: Sequence[Record]
    cursor: str
    total: int | None = None
    hold: bool = False
    lines: Sequence[int] = ()


@dataclass(frozen=True)
class Rejected:
    """A row of the input that could not become a record."""

    line: int
    column: str
    reason: str
    value: str = ""


@dataclass(frozen=True)
class Pull:
    """One request of the host: read ``feed`` of ``target`` from ``cursor`` (None: from the beginning).

    ``target`` is one of those that a ``Targeted`` adapter names, else empty. ``reject`` reports a row that can't
    be kept; ``warn`` says something once to the operator; ``protect`` makes a secret of something that the
    platform told, such as a session's token: it is hidden and kept to one host like those of the settings.
    ``http`` is None for adapters that declare no ``limits`` (they read files).
    """

    feed: str
    settings: Mapping[str, str]
    cursor: str | None = None
    since: datetime | None = None
    http: httpx.Client | None = None
    reject: Callable[[Rejected], None] = field(default=lambda _: None)
    warn: Callable[[str], None] = field(default=lambda _: None)
    target: str = ""
    protect: Callable[[str], None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Finding:
    """One thing that a source's credentials allow (``ok``) or don't, in words that an operator understands."""

    ok: bool
    text: str


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
class Targeted(Protocol):
    """What an adapter may have as well, when it reads accounts, rooms or the like one by one.

    Each target of each feed keeps a cursor of its own, so that one more can be added later. A target that is
    ``Gone`` or ``Denied`` is named to the operator, and the next one is read.
    """

    def targets(self, pull: Pull) -> Iterable[str]:
        """What to read in ``pull.feed``, in order: names of up to 256 characters, such as handles or ids.

        A feed that is read as a whole has the one target ``""``. Raises like ``Adapter.pull``.
        """


@runtime_checkable
class Tester(Protocol):
    """What an adapter may have as well, so that ``kolbench source test`` can say what its credentials allow."""

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Find out by one or two cheap calls; ``pull.feed`` is empty. Raises like ``Adapter.pull``."""


@runtime_checkable
class Recogniser(Protocol):
    """What an adapter of files may have as well, so that ``kolbench import`` finds it by itself."""

    def recognise(self, path: str) -> float:
        """How sure it is that it reads the file or folder at ``path``, from 0 (it can't) to 1. Raises nothing."""


Register = Callable[[Any], None]
"""What ``kolbench_register_adapters`` is handed: call it with each adapter."""
