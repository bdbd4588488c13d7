"""What the numbers and notices of WeChat's messages say."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from kolbench.domain.text import clean_line

SYSTEM = frozenset(("10000", "10002", "note", "system", "系统消息"))
"""Types of messages that are WeChat's own."""

_KINDS = {
    **dict.fromkeys(("3", "picture", "图片"), "image"),
    **dict.fromkeys(("34", "recording", "voice", "语音"), "audio"),
    **dict.fromkeys(("42", "card", "名片"), "contact"),
    **dict.fromkeys(("43", "62", "video", "视频"), "video"),
    **dict.fromkeys(("47", "表情包", "动画表情"), "sticker"),
    **dict.fromkeys(("48", "map", "位置"), "location"),
    **dict.fromkeys(("50", "通话"), "call"),
    **dict.fromkeys(("attachment", "文件"), "file"),
    **dict.fromkeys(("sharing", "分享"), "link"),
}
_TEXT = frozenset(("1", "text", "文本", ""))
_APP = "49"
_QUOTE = "57"
_APP_KINDS = {
    **dict.fromkeys(("3", "76", "92"), "music"),
    **dict.fromkeys(("4", "5", "33", "36"), "link"),
    **dict.fromkeys(("6", "74"), "file"),
    "8": "sticker",
    "17": "location",
    "19": "forwarded",
    **dict.fromkeys(("51", "63"), "video"),
    **dict.fromkeys(("53", "87"), "announcement"),
    "2000": "transfer",
    "2001": "red packet",
    "2003": "red packet",
}

_TITLE = re.compile(r"<title>\s*(?:<!\[CDATA\[)?(.{0,2000}?)(?:\]\]>)?\s*</title>", re.DOTALL)
_SUBTYPE = re.compile(r"</(?:des|title|action)>.{0,2000}?<type>(\d{1,5})</type>", re.DOTALL)
_REFERRED = re.compile(r"<refermsg>.{0,20000}?</refermsg>", re.DOTALL)
_SVRID = re.compile(r"<svrid>(\d{1,20})</svrid>")
_QUOTED = re.compile(r"<chatusr>([^<>\s]{1,100})</chatusr>")
_TAG = re.compile(r"<[^<>]{0,500}>")

_WHO = r"[\"“]\s*(.{1,300}?)\s*[\"”]"
_BY = r"(?:[你您]|[\"“].{1,100}?[\"”])"
_GROUP = r"(?:本)?群(?:聊)?"
_JOINED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BY}邀请([你您]和?)(?:{_WHO})?加入了{_GROUP}.*",
        rf"{_BY}邀请{_WHO}加入了{_GROUP}.*",
        rf"(?:{_WHO}|([你您]))通过.*加入了?{_GROUP}.*",
        rf"(?:{_WHO}|([你您]))(?:已)?加入了?{_GROUP}.*",
    )
)
_LEFT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"([你您])被{_BY}移出了?{_GROUP}.*",
        rf"{_BY}将{_WHO}移出了?{_GROUP}.*",
        rf"(?:{_WHO}|([你您]))(?:已)?(?:退出|离开)了?{_GROUP}.*",
    )
)
_RENAMED = re.compile(rf"{_BY}修改群名为[\"“](.{{1,200}}?)[\"”]")
_LINK = re.compile(r"<link name=\"(\w{1,40})\".{0,20000}?</link>", re.DOTALL)
_MEMBER = re.compile(
    r"<username>\s*(?:<!\[CDATA\[)?(.{0,200}?)(?:\]\]>)?\s*</username>\s*"
    r"<nickname>\s*(?:<!\[CDATA\[)?(.{0,200}?)(?:\]\]>)?\s*</nickname>",
    re.DOTALL,
)
_TEMPLATE = re.compile(r"<template>\s*(?:<!\[CDATA\[)?(.{0,2000}?)(?:\]\]>)?\s*</template>", re.DOTALL)
_YOU = frozenset(("你", "您", "你和", "您和"))


class Content(NamedTuple):
    """What a message says, and which message of whom it quotes."""

    text: str
    quoted_uid: str | None = None
    quoted_sender: str | None = None


class Notice(NamedTuple):
    """Who came (or, not ``joined``, left) by a notice: uid where it tells, and name; both empty for "you"."""

    uid: str
    name: str
    joined: bool


def content(kind: str, subtype: str, text: str, packed: str = "") -> Content:
    """The words of a message of this type, ``[image]`` and the like for others; ``packed`` may hold their XML."""
    kind = kind.strip().casefold()
    xml = next((part for part in (text, packed) if "<" in part and ">" in part), "")
    if kind in _TEXT:
        return Content(text)
    if kind != _APP:
        named = _KINDS.get(kind)
        return Content(f"[{named}]") if named else Content(text if text and not xml else "[other]")
    outside = _REFERRED.sub("", xml)
    if not subtype.strip("0 ") and (found := _SUBTYPE.search(outside)):
        subtype = found[1]
    told = _TITLE.search(outside)
    title = html.unescape(told[1]).strip() if told else "" if xml else text.strip()
    if subtype == _QUOTE:
        referred = _REFERRED.search(xml)
        uid, sender = (pattern.search(referred[0]) if referred else None for pattern in (_SVRID, _QUOTED))
        return Content(title or "[quote]", uid[1] if uid else None, clean_line(sender[1]) or None if sender else None)
    return Content(f"[{_APP_KINDS.get(subtype, 'other')}] {title}".rstrip())


def notices(text: str) -> Iterator[Notice]:
    """Who came and left by one of WeChat's notices, which may be XML with ids in it; nobody by most."""
    people: dict[str, list[tuple[str, str]]] = {}
    plain = text
    if template := _TEMPLATE.search(text):
        plain = template[1]
        people = {f"${link[1]}$": _MEMBER.findall(link[0]) for link in _LINK.finditer(text)}
    plain = _TAG.sub("", html.unescape(plain)).replace("$revoke$", "").strip()[:2000]
    for joined, patterns in ((True, _JOINED), (False, _LEFT)):
        found = next((match for pattern in patterns if (match := pattern.fullmatch(plain))), None)
        if not found:
            continue
        for part in filter(None, found.groups()):
            if part in _YOU:
                yield Notice("", "", joined)
            elif part in people:
                yield from (Notice(clean_line(uid), clean_line(name), joined) for uid, name in people[part])
            else:
                yield from (Notice("", clean_line(name), joined) for name in part.split("、") if clean_line(name))
        return


def renamed(text: str) -> str:
    """The room's new name by a notice; empty by another."""
    found = _RENAMED.search(text)
    return clean_line(found[1]) if found else ""
