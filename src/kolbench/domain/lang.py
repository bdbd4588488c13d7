"""The interface's language: English msgids, Chinese by gettext, chosen once at start."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gettext import NullTranslations

LOCALE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "locale")
LANGUAGES = ("en", "zh_CN")

_loaded: dict[str, NullTranslations] = {}


def wanted() -> str:
    """The language the environment asks for: ``KOLBENCH_LANG``, then the POSIX locale variables."""
    for variable in ("KOLBENCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "zh_CN" if value.lower().startswith("zh") else "en"
    return "en"


def unknown() -> str:
    """What ``KOLBENCH_LANG`` asks for where it is no language that there is; "" where there is nothing to say."""
    value = os.environ.get("KOLBENCH_LANG", "")
    return "" if not value or value.lower().startswith(("zh", "en")) else value


def _translations(language: str) -> NullTranslations:
    """The catalogue of a language other than English, which needs none: ``gettext`` costs a tenth of a start."""
    if language not in _loaded:
        from gettext import translation

        _loaded[language] = translation("kolbench", LOCALE, [language], fallback=True)
    return _loaded[language]


def _(message: str) -> str:
    """``message`` in the interface's language."""
    language = wanted()
    return message if language == "en" else _translations(language).gettext(message)


def in_language(message: str, language: str) -> str:
    """``message`` in another language than the interface's: ``zh`` or ``en``."""
    return _translations("zh_CN").gettext(message) if language == "zh" else message


def N_(message: str) -> str:  # noqa: N802 - the name that translators' tools look for
    """``message`` as it is: marked for translation here, translated where it is shown."""
    return message


def ngettext(one: str, many: str, n: int) -> str:
    """``one`` or ``many`` as ``n`` asks for, in the interface's language."""
    language = wanted()
    if language == "en":
        return one if n == 1 else many
    return _translations(language).ngettext(one, many, n)
