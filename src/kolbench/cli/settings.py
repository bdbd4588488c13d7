"""The settings of a source as a command line gives them: ``--set NAME=VALUE``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.adapters.protocol import Adapter, Setting

ADDRESSES = ("server", "url")
"""What adapters call the setting that names a server; its default or example tells that it is one of the web."""


def given(adapter: Adapter, pairs: Sequence[str]) -> dict[str, str]:
    """The settings of the command line. Raises UsageError for unknown ones, for secrets and for what is no address."""
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(_("Write settings as NAME=VALUE, not '{text}'.").format(text=pair))
        setting = declared(adapter, name)
        if setting.secret:
            raise UsageError(
                _(
                    "'{name}' is a secret, and a command line can be read by others. Leave it out: you are asked "
                    "for it, or set it in the environment or in secrets.toml."
                ).format(name=name)
            )
        # A sync runs wherever cron starts it, so a file is kept by its whole path.
        is_file = name == "path" and adapter.limits is None and value
        values[name] = os.path.abspath(os.path.expanduser(value)) if is_file else checked(setting, value)
    return values


def checked(setting: Setting, value: str) -> str:
    """The value itself. Raises UsageError where an address of the web or a number is wanted, and it is none."""
    if value and is_address(setting):
        from kolbench.adapters.servers import web_address

        web_address(setting.name, value)
    if value and _is_number(setting) and not (value.isascii() and value.strip().isdecimal()):
        text = _("{name}={value}: a number is needed, such as {example}.")
        raise UsageError(text.format(name=setting.name, value=value, example=setting.example))
    return value


def declared(adapter: Adapter, name: str) -> Setting:
    """The adapter's setting of that name. Raises UsageError with those it has."""
    known = {setting.name: setting for setting in adapter.settings}
    if name not in known:
        text = _("{adapter} has no setting '{name}'. It has: {known}.")
        raise UsageError(text.format(adapter=adapter.name, name=name, known=", ".join(known) or _("none")))
    return known[name]


def _is_number(setting: Setting) -> bool:
    """Whether a whole number is wanted: both its default and its example are one."""
    return (setting.default or "").isdecimal() and setting.example.isdecimal()


def is_address(setting: Setting) -> bool:
    """Whether it names a server of the web."""
    return setting.name in ADDRESSES and (setting.default or setting.example).startswith("http")
