"""Whom a message addresses and thanks, read from its words."""

from __future__ import annotations

import re

from kolbench.domain.identity import handle_key

MAX_ADDRESSED = 50
"""Who names more people than this in one message is calling a crowd, not talking to anybody."""

CROWDS = frozenset({"all", "channel", "everyone", "here", "room", "所有人", "全体成员", "全體成員"})
"""What stands after @ for everybody at once; nobody in particular is addressed by it."""

# Where a platform marks the end of a name, it may hold anything: WhatsApp by isolates, WeChat by U+2005. Else it
# is a word, not in an e-mail address or a path (@types/node). Letters of any script: @李佳琦 is a handle.
_MENTION = re.compile(
    r"@\u2068([^\u2068\u2069\n]{1,100})\u2069|(?<![A-Za-z0-9_.+%])@([^@\s][^@\n\u2005\u2068]{0,99})\u2005"
    r"|(?<![A-Za-z0-9_@/.+%])@(\w(?:[\w~-]{0,61}\w)?)(?!\w|/\w)"
)
_ISOLATES = str.maketrans("", "", "\u2068\u2069")
_BETWEEN = re.compile(r"[\s,:;&，：；、]*(?:and\s+|和\s*)?")

_QUOTED = re.compile(r"^[ \t]*>[^\n]*\n?", re.MULTILINE)
_CODE_OR_URL = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL | re.IGNORECASE)

_THANKS = re.compile(
    r"(?<!no )\b(?:thanks|thank ?(?:you|u)|thanx|thnx|thx|tks|tysm|ty|cheers"
    r"|gracias|obrigad[oa]|valeu|merci|danke|спасибо)\b"
    r"|(?<!不用)(?:谢谢|感谢|多谢|謝謝|感謝|多謝)",
    re.IGNORECASE,
)

_NAME = r"[\w~-]{1,64}"
_BROWNIES = re.compile(
    rf"> ?@?({_NAME}) sends brownie points to (@(?:{_NAME})?(?: and @(?:{_NAME})?)*)(?:\s+:[\w+-]+:)*\s*"
)


def addressed(text: str, sender: str) -> list[tuple[str, str]]:
    """What ``text`` does towards whom, as ``(kind, handle)``, each once and nothing towards the sender.

    A person whose handle the text starts with gets a ``reply``, any other named in it a ``mention``, nobody
    both. A ``thank`` comes on top, for those named on a line with a word of thanks; where no such line names
    anybody, for those replied to. Quoted lines, code and addresses of the web don't count.
    """
    if "@" not in text:
        return []
    own = _CODE_OR_URL.sub("`", _QUOTED.sub("", text)).strip()
    named = _named(own, sender)
    if not 0 < len(named) <= MAX_ADDRESSED:
        return []
    replied = _named(own[: _leading(own)], sender)
    thankful = [line for line in own.splitlines() if _THANKS.search(line)]
    thanked = _named("\n".join(thankful), sender) or (replied if thankful else {})
    return [
        *(("reply" if key in replied else "mention", handle) for key, handle in named.items()),
        *(("thank", handle) for handle in thanked.values()),
    ]


def shown(text: str) -> str:
    """``text`` as people see it, without the isolates around names."""
    return text.translate(_ISOLATES) if "\u2068" in text or "\u2069" in text else text


def announced(text: str) -> tuple[str, list[str]] | None:
    """Who gave brownie points to whom, as a room's bot tells it; None when ``text`` is no such announcement.

    ``> ann sends brownie points to @bob and @cy :sparkles:`` is ``("ann", ["bob", "cy"])``.
    """
    match = _BROWNIES.fullmatch(text.strip())
    if not match:
        return None
    giver, takers = match.groups()
    handles = (part.removeprefix("@") for part in takers.split(" and "))
    distinct = {handle_key(handle): handle for handle in handles if handle}
    distinct.pop(handle_key(giver), None)
    return (giver, list(distinct.values())) if len(distinct) <= MAX_ADDRESSED else None


def _named(text: str, sender: str) -> dict[str, str]:
    """The handles in ``text`` by their key, the sender's own and crowds left out."""
    handles = (marked or ended or word for marked, ended, word in _MENTION.findall(text))
    found = {handle_key(handle): handle for handle in handles}
    for key in (*(CROWDS & found.keys()), handle_key(sender)):
        found.pop(key, None)
    return found


def _leading(text: str) -> int:
    """Where the handles with which ``text`` starts come to an end."""
    end = place = 0
    while match := _MENTION.match(text, place):
        end = match.end()
        between = _BETWEEN.match(text, end)
        place = between.end() if between else end
    return end
