"""Reading ``settings.toml`` beside the store."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.settings import Settings, parse

if TYPE_CHECKING:
    from pathlib import Path

    from kolbench.store.connect import Store

FILE = "settings.toml"


def read(store: Store) -> Settings:
    """The settings of a store; the usual ones where there is no file. Raises UsageError, which names the file."""
    return load(place(store))


def load(path: Path) -> Settings:
    """The settings in a file; the usual ones where it isn't there. Raises UsageError, which names the file."""
    try:
        facts = tomllib.loads(path.read_text("utf-8"))
        return parse(facts)
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, UsageError) as error:
        raise UsageError(_("{file}: {error}").format(file=path, error=error)) from error


def place(store: Store) -> Path:
    """Where the file is, or would be."""
    return store.path.with_name(FILE)
