"""Words for what the store and files know by an id: platforms, and the channels by which people are reached."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kolbench.domain import naming
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import N_, _, in_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PLATFORMS = {
    "weibo": N_("Weibo"),
    "douyin": N_("Douyin"),
    "kuaishou": N_("Kuaishou"),
    "xiaohongshu": N_("Xiaohongshu"),
    "bilibili": N_("Bilibili"),
    "zhihu": N_("Zhihu"),
    "wechat": N_("WeChat"),
    "tieba": N_("Tieba"),
    "jianshu": N_("Jianshu"),
    "qq": "QQ",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "instagram": "Instagram",
    "twitch": "Twitch",
    "twitter": "Twitter",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "github": "GitHub",
    "gitter": "Gitter",
    "discourse": "Discourse",
    "discord": "Discord",
    "telegram": "Telegram",
    "slack": "Slack",
    "matrix": "Matrix",
    "whatsapp": "WhatsApp",
    "wecom": N_("WeCom"),
    "reddit": "Reddit",
    "x": "X",
    "hackernews": "Hacker News",
    "shop": N_("shop"),
}

CHANNELS = {
    "wechat": N_("WeChat"),
    "weibo": N_("Weibo"),
    "dm": N_("direct message"),
    "email": N_("email"),
    "phone": N_("phone"),
    "group": N_("group chat"),
    "community": N_("community"),
    "broker": N_("broker"),
    "qq": "QQ",
    "in_person": N_("in person"),
    "other": N_("contact"),
}
"""By what way a contact was; ``other`` says no more than that there was one."""

NO_CHANNEL = "other"
"""The channel of a contact of which nobody said by what way it was."""

_ALSO = {"group": "群 微信群 qq群 交流群", "community": "社区 垂直社区", "phone": "telephone", "in_person": "当面"}
"""Other words for some channels."""


def said(words: dict[str, str], key: str) -> str:
    """The word for ``key`` in the interface's language; the key itself where there is none."""
    word = words.get(key)
    return key if not word else _(word)


def labelled(what: str, more: object) -> str:
    """Something with what is said of it, by the language's own colon."""
    return _("{what}: {more}").format(what=what, more=more)


def platform_in(language: str, platform: str) -> str:
    """What a platform is called in a language, ``zh`` or ``en``, whatever the interface's is."""
    return in_language(PLATFORMS.get(platform, platform), language)


def platform(text: str, every: Sequence[str]) -> str:
    """The platform of that name, of those on which there is anybody. Raises UsageError."""
    if text.lower() in every:
        return text.lower()
    told = _("There is nobody on '{text}'. Platforms: {names}.")
    told = told.format(text=text, names=", ".join(every) or _("none yet"))
    if meant := naming.misspelt(text, every):
        told += " " + _("Did you mean '{name}'?").format(name=meant)
    raise UsageError(told)


def platform_meant(word: str, used: Iterable[str]) -> str:
    """The platform, of those ``used`` or widely known, that a new one is likely meant to be; "" where it is none."""
    return naming.misspelt(word, {**PLATFORMS, **dict.fromkeys(used)})


def misspelt(platform: str, meant: str) -> str:
    """That a platform is new here, and which one may be meant."""
    text = _("The platform '{text}' is new here. Did you mean '{name}'?")
    return text.format(text=platform, name=meant)


def channel(text: str) -> str:
    """The channel that is meant by its id, its word in either language or another word for it; else the text itself."""
    return text if text in CHANNELS else _channels().get(_plain(text), text)


def _plain(text: str) -> str:
    return fold(text.replace("_", " ").replace("-", " "))


@cache
def _channels() -> Mapping[str, str]:
    found = {other: one for one, others in _ALSO.items() for other in others.split()}
    for one, word in CHANNELS.items():
        found |= dict.fromkeys(map(_plain, (one, word, in_language(word, "zh"))), one)
    return found
