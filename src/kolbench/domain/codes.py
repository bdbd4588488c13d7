"""Referral codes that people can read out and copy without a slip, and the links that carry them."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

LETTERS = "CDFHJKMNPRTWX"
DIGITS = "256789"
SYMBOLS = LETTERS + DIGITS
"""No two look alike in any common typeface, also in small letters. Their number is a prime: see ``_check``."""

SHORTEST, LONGEST = 2, 6
"""Groups of a code; a group is two letters and a digit, so that there is neither a vowel nor three letters in a row."""

_ROOMY = 100
"""Of so many codes of a length at most one is used: a mistyped one is hardly ever somebody else's."""

PLACE = "{code}"
"""Stands in a landing address where the code belongs; without it the code is the parameter ``ref``."""

_GROUP = len(LETTERS) ** 2 * len(DIGITS)
_OURS = re.compile(rf"(?:[{LETTERS}]{{2}}[{DIGITS}]){{{SHORTEST},{LONGEST}}}[{SYMBOLS}]")


def draw(n: int, taken: Collection[str], pick: Callable[[str], str] = secrets.choice) -> list[str]:
    """``n`` new codes, none of which is in ``taken``; as short as they can be without being close together.

    They can't be guessed from each other. ``pick`` chooses a symbol of a text.
    """
    groups = next(
        (size for size in range(SHORTEST, LONGEST) if _GROUP**size >= _ROOMY * (len(taken) + n)),
        LONGEST,
    )
    known = set(taken)
    found: list[str] = []
    while len(found) < n:
        body = "".join(pick(LETTERS) + pick(LETTERS) + pick(DIGITS) for _group in range(groups))
        if (code := body + _check(body)) not in known:
            known.add(code)
            found.append(code)
    return found


def is_slip(code: str) -> bool:
    """Whether this looks like a code of ours with one wrong symbol, or two that changed places."""
    return _OURS.fullmatch(code) is not None and _check(code[:-1]) != code[-1]


def likely(slip: str) -> list[str]:
    """The codes from which a mistyped one differs by one wrong symbol, or by two neighbours that changed places."""
    near = [slip[:n] + symbol + slip[n + 1 :] for n in range(len(slip)) for symbol in SYMBOLS]
    near += [slip[:n] + slip[n + 1] + slip[n] + slip[n + 2 :] for n in range(len(slip) - 1)]
    return [code for code in dict.fromkeys(near) if _OURS.fullmatch(code) and _check(code[:-1]) == code[-1]]


def link(landing_url: str, code: str, campaign: str, source: str = "kol", content: str = "") -> str:
    """The landing address for whoever comes by ``code``, with its UTM parameters.

    What the address asks for besides stays; a parameter it has already is replaced. Raises UsageError where it is no
    address of the web.
    """
    require_web(landing_url)
    has_place = PLACE in landing_url
    parts = urlsplit(landing_url.replace(PLACE, quote(code, safe="")))
    told = {"utm_source": source, "utm_medium": "referral", "utm_campaign": campaign, "utm_content": content}
    ours = {**({} if has_place else {"ref": code}), **{name: text for name, text in told.items() if text}}
    kept = [(name, text) for name, text in parse_qsl(parts.query, keep_blank_values=True) if name not in ours]
    return urlunsplit(parts._replace(query=urlencode([*kept, *ours.items()], quote_via=quote)))


def require_web(url: str) -> None:
    """Raise UsageError unless ``url`` is an address of the web, whole and without credentials."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
        sound = sound and parts.port != 0 and not re.search(r"[\s\x00-\x1f\x7f\"<>\\^`]", url)
    except ValueError:
        sound = False
    if not sound or len(url) > 2_000:
        raise UsageError(
            _("'{url}' is no address of the web: write it like https://example.com/tea.").format(url=url[:80])
        )


def _check(body: str) -> str:
    """The symbol that makes a slip seen: with a weight each, modulo a prime, any one wrong symbol changes it.

    So do two that changed places, for no two weights are alike.
    """
    total = sum(weight * SYMBOLS.index(symbol) for weight, symbol in enumerate(body, 1))
    return SYMBOLS[total % len(SYMBOLS)]
