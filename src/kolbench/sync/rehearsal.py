"""What an adapter finds wrong with a source's settings before it asks anybody: told when they are given."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from kolbench.adapters.aside import aside
from kolbench.adapters.protocol import Pull, Targeted
from kolbench.domain.errors import UsageError, told
from kolbench.sync.secrets import Settings, resolve
from kolbench.sync.stop import Stopped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import httpx

    from kolbench.adapters.protocol import Adapter
    from kolbench.store.sources import Source

STAND_IN = "a-secret-that-comes-later"
"""For a secret that nobody has given yet."""

PATIENCE_S = 5.0
"""How long an adapter may take; one that takes longer is believed."""


def complaint(source: Source, adapter: Adapter, store: Path, secrets: Mapping[str, str]) -> str | None:
    """The UsageError with which the adapter ends before its first request, in any feed; None where there is none.

    ``secrets`` are those that aren't kept yet. An adapter of files isn't asked, nor one whose required secrets come
    later; what it says for want of others, which may come later, is no complaint.
    """
    declared = adapter.settings
    if adapter.limits is None:
        return None
    try:
        known = resolve(source, [setting for setting in declared if setting.name not in secrets], store)
    except UsageError:
        return None
    names = [setting.name for setting in declared if setting.secret]
    given = {**known, **secrets}
    wrong = _rehearsed(adapter, Settings(given, names))
    later = {name: STAND_IN for name in names if name not in given}
    return wrong if not (wrong and later) or wrong == _rehearsed(adapter, Settings({**given, **later}, names)) else None


def _rehearsed(adapter: Adapter, settings: Settings) -> str | None:
    found: list[str] = []

    def rehearse() -> None:
        with _nobody() as http:
            for feed in adapter.feeds:
                with suppress(BaseException):  # it would have asked, or fails otherwise: a sync tells
                    try:
                        _begin(adapter, Pull(feed, settings, http=http))
                    except UsageError as error:
                        found.append(settings.redact(told(error)))

    thread = threading.Thread(target=rehearse, name="rehearsal", daemon=True)
    with aside():
        thread.start()
        thread.join(PATIENCE_S)
    return found[0] if found else None


def _begin(adapter: Adapter, pull: Pull) -> None:
    """Name the targets, and read the first of them up to its first page or request."""
    targets = islice(adapter.targets(pull), 1) if isinstance(adapter, Targeted) else [""]
    for target in targets:
        next(iter(adapter.pull(replace(pull, target=target))), None)


def _nobody() -> httpx.Client:
    """A client that reaches nobody: whoever asks something of it has done with the settings."""
    import httpx

    def ask(request: httpx.Request) -> httpx.Response:
        raise Stopped

    return httpx.Client(transport=httpx.MockTransport(ask))
