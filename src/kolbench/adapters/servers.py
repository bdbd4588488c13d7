"""What adapters ask of their settings, an address and numbers of days, and the times that servers tell."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kolbench.domain import clock
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Pull

MOST = 36_500


def address(pull: Pull) -> str:
    """The setting ``server`` without a trailing slash, with ``https://`` where it names no scheme.

    Raises UsageError when it is no address of the web.
    """
    return web_address("server", pull.settings.get("server", ""))


def web_address(setting: str, value: str) -> str:
    """The ``value`` of a setting as ``address`` gives it. Raises UsageError when it is no address of the web."""
    told = value.strip()
    try:
        parts = urlsplit(told if "://" in told else f"https://{told}")
        is_one = parts.scheme in ("http", "https") and parts.hostname and not parts.username and parts.port != 0
        if "://" not in told and parts.hostname != "localhost" and not set(".:") & set(parts.netloc):
            is_one = False  # a word is none; a host in one's own network has its scheme written before it
    except ValueError:  # such as a port of six digits
        is_one = False
    if not is_one:
        text = _("{setting}={value} is no address such as https://example.org.")
        raise UsageError(text.format(setting=setting, value=told))
    return f"{parts.scheme}://{parts.netloc.casefold()}{parts.path.rstrip('/')}"


def number(pull: Pull, name: str) -> int:
    """The setting ``name`` as a number from 0 on. Raises UsageError when it isn't one."""
    told = pull.settings.get(name, "").strip()
    if not told.isascii() or not told.isdigit() or len(told) > 9 or int(told) > MOST:
        raise UsageError(_("{name}={value}: a number is needed, such as 30.").format(name=name, value=told))
    return int(told)


def began(pull: Pull) -> int:
    """Since when the first sync reads, in milliseconds since 1970: ``pull.since``, or the setting ``days`` ago.

    Raises UsageError when that is no number.
    """
    return clock.to_ms(pull.since) if pull.since else clock.now() - number(pull, "days") * clock.DAY


def moment(text: str | None) -> datetime | None:
    """A time as servers write it (ISO 8601, UTC where it names no zone); None when it is none.

    The calendar's first and last year are none either: margins are taken from times, and would lead beyond it.
    """
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) if MINYEAR < at.year < MAXYEAR else None


def at_second(seconds: float | None) -> datetime | None:
    """A time in seconds since 1970; None for none or 0, and for one beyond the years that ``moment`` reads."""
    try:
        at = datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
    return at if at and MINYEAR < at.year < MAXYEAR else None
