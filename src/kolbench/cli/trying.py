"""A source that is only tried: with what the command line says, and the examples that the adapter gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store.sources import Source

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from kolbench.adapters.protocol import Adapter

NAME = "check"
"""Its name: secrets come from the environment as ``KOLBENCH_CHECK_…``."""


def add_settings(parser: ArgumentParser) -> None:
    """Add ``--set``."""
    parser.add_argument(
        "--set", metavar="SETTING=VALUE", action="append", default=[], help=_("a setting to read with (its example)")
    )


def tried(adapter: Adapter, given: Sequence[str]) -> Source:
    """A source with the settings of the command line, and examples for the others that are required."""
    values = {setting.name: setting.example for setting in adapter.settings if setting.required and setting.example}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(_("Write settings as NAME=VALUE, not '{text}'.").format(text=pair))
        values[name] = value
    return Source(0, NAME, adapter.name, adapter.platform or values.get("platform", NAME), values)
