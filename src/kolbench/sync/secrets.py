"""What a source's adapter is handed: its settings, with the secrets that are never kept in the store."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kolbench.adapters.protocol import Setting
    from kolbench.store.sources import Source

FILE = "secrets.toml"
HIDDEN = "***"
_SHORTEST = 4
"""A shorter secret would blank out half of every sentence, and protects nothing."""
_LONGEST_MESSAGE = 500


class Settings(Mapping[str, str]):
    """Settings by name; printing them shows names only."""

    def __init__(self, values: Mapping[str, str], secret_names: Iterable[str]) -> None:
        self._values = dict(values)
        self.redact = Redactor(self._values[name] for name in secret_names if self._values.get(name))

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Settings {', '.join(self._values)}>"


class Redactor:
    """Makes any text fit to be shown: without the secrets, without control characters, at most 500 long."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: dict[str, str] = {}
        self._find: re.Pattern[str] | None = None
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: str) -> None:
        """From now on, hide this one as well."""
        if len(secret) < _SHORTEST or secret in self._forms:
            return
        for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret)):
            self._forms[form] = secret
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._find = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """``text`` as it may be shown, stored or logged."""
        # Again after cleaning, which could join a secret that invisible characters had split.
        return self.blank(clean_line(self.blank(text), _LONGEST_MESSAGE))

    def __bool__(self) -> bool:
        return self._find is not None

    def secrets_in(self, text: str) -> set[str]:
        """The secrets that stand in ``text``, plain or URL-encoded."""
        return {self._forms[found] for found in self._find.findall(text)} if self._find else set()

    def blank(self, text: str) -> str:
        """``text`` as it is, but for the secrets in it."""
        return self._find.sub(HIDDEN, text) if self._find else text

    def __repr__(self) -> str:
        return "<Redactor>"


def variable(source: str, setting: str) -> str:
    """The environment variable that holds a secret: ``KOLBENCH_MY_SOURCE_TOKEN``."""
    return "KOLBENCH_" + re.sub(r"\W", "_", f"{source}_{setting}").upper()


def files(store: Path) -> tuple[Path, Path]:
    """Where secrets may lie: beside the store, and in the user's configuration folder."""
    from platformdirs import user_config_path

    return store.absolute().parent / FILE, user_config_path("kolbench") / FILE


def resolve(source: Source, declared: Sequence[Setting], store: Path, *, tried: bool = False) -> Settings:
    """The settings of ``source``: as kept, secrets from outside, defaults for the rest.

    A secret is looked for in the environment, in ``secrets.toml`` (a table for each source), and in the
    system's keyring where the ``keyring`` package is installed. One that is only ``tried`` isn't kept anywhere.
    Raises UsageError for a setting that is required and found nowhere, and for a file that others can read.
    """
    values = dict(source.settings)
    for setting in declared:
        kept = values.pop(setting.name, None)
        value = _secret(source.name, setting.name, store) if setting.secret else kept
        if value := value or setting.default:
            values[setting.name] = value
        elif setting.required:
            raise UsageError(_missing(source.name, setting, store, tried=tried))
    return Settings(values, [setting.name for setting in declared if setting.secret])


def _missing(source: str, setting: Setting, store: Path, *, tried: bool) -> str:
    if tried and not setting.secret:
        text = _("{source} needs the setting '{setting}' ({help}). Add: --set {setting}=VALUE")
    elif tried:
        text = _(
            "{source} needs the secret '{setting}' ({help}). Put it into the environment as {variable}, or into {file} "
            "under [{source}]."
        )
    elif not setting.secret:
        text = _("{source} needs the setting '{setting}' ({help}). Give it with 'kolbench source'.")
    else:
        text = _(
            "{source} needs the secret '{setting}' ({help}). Give it with 'kolbench source edit {source} --secret "
            "{setting}', put it into the environment as {variable}, or into {file} under [{source}]."
        )
    return text.format(
        source=source,
        setting=setting.name,
        help=_(setting.help),
        variable=variable(source, setting.name),
        file=files(store)[0],
    )


def _secret(source: str, setting: str, store: Path) -> str | None:
    if value := os.environ.get(variable(source, setting)):
        return value
    for path in files(store):
        table = _read(path).get(source, {})
        kept = table.get(setting) if isinstance(table, dict) else table
        if isinstance(kept, str) and table is not kept:
            return kept
        if kept is not None:
            text = _("{path}: write {setting} as text in quotes, under [{source}].")
            raise UsageError(text.format(path=path, setting=setting, source=source))
    return _from_keyring(source, setting)


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise UsageError(
                    _("{path} holds secrets and other users can read it. Run: chmod 600 {path}").format(path=path)
                )
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(_("{path} can't be read: {reason}.").format(path=path, reason=error.strerror)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The parser's own message could quote the line, and with it a secret.
        text = _('{path} is not a TOML file: write [SOURCE], and below it SETTING = "…", as docs/sync.md says.')
        raise UsageError(text.format(path=path)) from error


def _from_keyring(source: str, setting: str) -> str | None:
    try:
        keyring = import_module("keyring")
    except ImportError:
        return None
    try:
        value = keyring.get_password(f"kolbench:{source}", setting)
    except Exception:  # a server without a desktop has no backend, a locked one, or one that is set up wrongly
        return None
    return value if isinstance(value, str) else None
