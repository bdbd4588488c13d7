"""Reading ``settings.toml`` beside the store."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.settings import Settings, parse
from kolbench.domain.toml_words import mistake

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
    except UnicodeDecodeError:
        raise UsageError(_("{path} is not text in UTF-8, which TOML has to be.").format(path=path)) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(_("{path} is not TOML: {error}.").format(path=path, error=mistake(error))) from error
    except RecursionError:
        raise UsageError(_("{path} is not TOML: {error}.").format(path=path, error=_("too deeply nested"))) from None
    except OSError as error:
        raise UsageError(_("{path} can't be read: {reason}.").format(path=path, reason=error.strerror)) from error
    except UsageError as error:
        raise UsageError(_("{file}: {error}").format(file=path, error=error)) from error


def place(store: Store) -> Path:
    """Where the file is, or would be."""
    return store.path.with_name(FILE)
