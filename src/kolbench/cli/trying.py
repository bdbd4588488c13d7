"""A source that is only tried: with what the command line says, and the examples that the adapter gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli.opening import store_path
from kolbench.cli.settings import given, is_address
from kolbench.domain.lang import _
from kolbench.store.sources import Source
from kolbench.sync.secrets import resolve

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from kolbench.adapters.protocol import Adapter
    from kolbench.sync.secrets import Settings


def add_settings(parser: ArgumentParser) -> None:
    """Add ``--set``."""
    parser.add_argument(
        "--set", metavar="SETTING=VALUE", action="append", default=[], help=_("a setting to read with (its example)")
    )


def tried(adapter: Adapter, pairs: Sequence[str], args: Namespace) -> tuple[Source, Settings]:
    """A source named after the adapter, and what the adapter is handed.

    Settings are the ``pairs`` of the command line, and examples for the others that are required, but for an address:
    the secrets are not for whoever lives there. They are looked for as those of a source of that name. Raises
    UsageError for a setting that there isn't, or that is missing.
    """
    values = {
        setting.name: setting.example
        for setting in adapter.settings
        if setting.required and setting.example and not is_address(setting)
    }
    values |= given(adapter, pairs)
    source = Source(0, adapter.name, adapter.name, adapter.platform or values.get("platform", adapter.name), values)
    return source, resolve(source, adapter.settings, store_path(args), tried=True)
