"""The interface's language: English msgids, Chinese by gettext, chosen once at start."""

from __future__ import annotations

import os
from functools import cache
from gettext import NullTranslations

LOCALE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "locale")
LANGUAGES = ("en", "zh_CN")


def wanted() -> str:
    """The language the environment asks for: ``KOLBENCH_LANG``, then the POSIX locale variables."""
    for variable in ("KOLBENCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "zh_CN" if value.lower().startswith("zh") else "en"
    return "en"


@cache
def _translations(language: str) -> NullTranslations:
    from gettext import translation

    return translation("kolbench", LOCALE, [language], fallback=True)


def _(message: str) -> str:
    """``message`` in the interface's language."""
    return _translations(wanted()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """``one`` or ``many`` as ``n`` asks for, in the interface's language."""
    return _translations(wanted()).ngettext(one, many, n)
