"""What a profile tells of where else its person is: addresses, links, names and handles in their normal forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis import pinyin
from kolbench.domain.identity import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.store.likenesses import AccountFacts, Profile


Origin = tuple[str, int, str, str]
"""The stored value that a trace was found in: table, id, column and the value itself."""


class Ref(NamedTuple):
    """An account as a link names it: by its ``handle`` or its ``uid`` on a platform."""

    platform: str
    how: str
    key: str


@dataclass(frozen=True)
class Traces:
    """Normal form of each trace to where it was found; ``own`` are the refs by which links name these accounts."""

    profile: Profile
    email: dict[str, Origin] = field(default_factory=dict)
    phone: dict[str, Origin] = field(default_factory=dict)
    im: dict[str, Origin] = field(default_factory=dict)
    site: dict[str, Origin] = field(default_factory=dict)
    avatar: dict[str, Origin] = field(default_factory=dict)
    handle: dict[str, Origin] = field(default_factory=dict)
    name: dict[str, Origin] = field(default_factory=dict)
    mention: dict[Ref, Origin] = field(default_factory=dict)
    own: dict[Ref, Origin] = field(default_factory=dict)

    @cached_property
    def pinyin(self) -> dict[str, Origin]:
        """How Chinese handles and names are spelled in letters."""
        found: dict[str, Origin] = {}
        for value, origin in self._called():
            if (spelling := pinyin.spelled(value)) is not None:
                found.setdefault(spelling, origin)
        return found

    @cached_property
    def latin(self) -> dict[str, Origin]:
        """What Latin handles and names may spell."""
        found: dict[str, Origin] = {}
        for value, origin in self._called() if pinyin.known() else ():
            for spelling in pinyin.spellings_of(value) if value.isascii() else ():
                found.setdefault(spelling, origin)
        return found

    def _called(self) -> Iterator[tuple[str, Origin]]:
        yield from self.handle.items()
        yield from self.name.items()

    @cached_property
    def keys(self) -> set[int]:
        """The keys under which others are looked for. Those of mentions are odd, so that they meet accounts only."""
        kinds = (
            ("email", self.email),
            ("phone", self.phone),
            ("im", self.im),
            ("site", self.site),
            ("avatar", self.avatar),
            ("handle", self.handle),
        )
        found = {key_of(kind, value) for kind, values in kinds if values for value in values}
        telling = set(filter(telling_name, self.name))
        found.update(key_of("name", value) for value in telling)
        # Whoever has taken the spelling of a name for a handle, and bears the name as well; one that tells something
        # by itself needs no spelling.
        for value in (*self.handle, *(self.name.keys() - telling)):
            if not value.isascii() and (spelling := pinyin.spelled(value)) is not None:
                found.add(key_of("handle", spelling))
        found.update(map(mention_key, self.mention))
        return found


LIMIT = 4_000
"""Characters of a text that are looked at."""

_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}", re.IGNORECASE | re.ASCII)
_FEDIVERSE = re.compile(r"(?<![\w@./])@([\w.-]{1,64})@((?:[\w-]{1,63}\.){1,6}[a-z]{2,24})", re.IGNORECASE | re.ASCII)
_MATRIX = re.compile(r"(?<![\w@./])@([\w.=+/-]{1,64}):((?:[\w-]{1,63}\.){0,6}[a-z]{2,24})", re.IGNORECASE | re.ASCII)
_DOMAIN_HANDLE = re.compile(r"(?<![\w@./])@((?:[\w-]{1,63}\.){2,6}[a-z]{2,24})(?![\w@])", re.IGNORECASE | re.ASCII)
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_IM = re.compile(
    r"(微信号?|wechat|weixin|vx|wx|v信|薇信|qq|telegram|tg)\s*(?:id)?\s*[:：]\s*@?([a-z][\w-]{4,31}|\d{5,12})",
    re.IGNORECASE | re.ASCII,
)
_NAMED = re.compile(
    r"(instagram|insta|ig|twitter|推特|微博|weibo|小红书|xhs|抖音|douyin|b站|bilibili|github|youtube|油管|tiktok|twitch)"
    r"\s*(?:id)?\s*[:：]\s*@?([\w.-]{3,40})",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?:https?://[^\s<>\"'，。）】]{4,500}|(?<![\w@./-])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}/[\w@.:#~/=-]{1,200})",
    re.IGNORECASE | re.ASCII,
)
_WORDS = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"(?:https?://)?(?:www\.|m\.|mobile\.)?([^/?#:]+)(?::\d+)?([^?]*)", re.IGNORECASE)

_PLATFORM_WORDS = {
    "insta": "instagram", "ig": "instagram", "推特": "twitter", "微博": "weibo", "小红书": "xiaohongshu",
    "xhs": "xiaohongshu", "抖音": "douyin", "b站": "bilibili", "油管": "youtube",
}  # fmt: skip
_IM_WORDS = {"qq": "qq", "telegram": "telegram", "tg": "telegram"}

_PROFILES: tuple[tuple[str, str, str, re.Pattern[str]], ...] = tuple(
    (host, platform, how, re.compile(path, re.IGNORECASE))
    for host, platform, how, path in (
        ("weibo.com", "weibo", "uid", r"/(?:u/)?(\d{5,})"),
        ("weibo.com", "weibo", "handle", r"/(?:n/)?([\w-]+)"),
        ("twitter.com", "twitter", "handle", r"/(\w{1,15})"),
        ("x.com", "twitter", "handle", r"/(\w{1,15})"),
        ("github.com", "github", "handle", r"/([\w-]+)"),
        ("instagram.com", "instagram", "handle", r"/([\w.]+)"),
        ("youtube.com", "youtube", "handle", r"/@([\w.-]+)"),
        ("youtube.com", "youtube", "uid", r"/channel/([\w-]+)"),
        ("space.bilibili.com", "bilibili", "uid", r"/(\d+)"),
        ("bilibili.com", "bilibili", "uid", r"/space/(\d+)"),
        ("zhihu.com", "zhihu", "handle", r"/people/([\w-]+)"),
        ("douyin.com", "douyin", "uid", r"/user/([\w.-]+)"),
        ("xiaohongshu.com", "xiaohongshu", "uid", r"/user/profile/(\w+)"),
        ("kuaishou.com", "kuaishou", "uid", r"/profile/(\w+)"),
        ("jianshu.com", "jianshu", "uid", r"/u/(\w+)"),
        ("tiktok.com", "tiktok", "handle", r"/@([\w.]+)"),
        ("twitch.tv", "twitch", "handle", r"/(\w+)"),
        ("t.me", "telegram", "handle", r"/(\w+)"),
        ("bsky.app", "bluesky", "uid", r"/profile/(did:[\w:.-]+)"),
        ("bsky.app", "bluesky", "handle", r"/profile/([\w.-]+)"),
        ("matrix.to", "matrix", "handle", r"/#/@([^/]+)"),
    )
)
"""Where each platform keeps its profiles: host, platform, what the path tells, and the path."""

_BY_UID = {platform for _host, platform, how, _path in _PROFILES if how == "uid"}
_HOSTS = {host for host, *_rest in _PROFILES}
_FEDERATED = re.compile(r"/(?:@|users/)([\w.-]+)", re.ASCII)

_TRADITIONAL = (
    "陳張劉黃趙吳鄭馮蔣韓楊許呂蘇蕭鄧葉閻餘盧湯龍錢賴譚鄒賀賈顧龔萬嚴歐陽馬麗華國偉強軍傑東風"
    "雲飛鳳鵬鶴麥點閃電頻視廣書記門問間開關樂學習漢語話說讀詩詞聲園場飯館麵雞魚鴨貓鳥龜寶貝買"
    "賣財運動體燈樓橋車輛騎遊戲機腦網絡線紅綠藍銀銅鐵鋼愛戀親媽爺孫兒嬰護膚妝髮廚藝畫攝劇製農"
    "業醫藥療養專創獨術設計師評測實驗課時遠長塵陰靈夢隨筆錄簡單複雜輕鬆熱鬧靜聽觀"
)
_SIMPLIFIED = (
    "陈张刘黄赵吴郑冯蒋韩杨许吕苏萧邓叶阎余卢汤龙钱赖谭邹贺贾顾龚万严欧阳马丽华国伟强军杰东风"
    "云飞凤鹏鹤麦点闪电频视广书记门问间开关乐学习汉语话说读诗词声园场饭馆面鸡鱼鸭猫鸟龟宝贝买"
    "卖财运动体灯楼桥车辆骑游戏机脑网络线红绿蓝银铜铁钢爱恋亲妈爷孙儿婴护肤妆发厨艺画摄剧制农"
    "业医药疗养专创独术设计师评测实验课时远长尘阴灵梦随笔录简单复杂轻松热闹静听观"
)
_SIMPLER = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
"""The characters that names are written with most, in their simplified form; others stay as they are."""


def traces(profile: Profile) -> Traces:
    """All that a profile and the contacts on file tell."""
    found = Traces(profile)
    for account in profile.accounts:
        _of_account(found, account)
    for contact in profile.contacts:
        origin = ("contact_point", contact.id, contact.channel, contact.value)
        if contact.channel == "email":
            _put_email(found, contact.value, origin)
        elif contact.channel == "phone":
            if number := phone(contact.value):
                found.phone.setdefault(number, origin)
        elif contact.channel == "web":
            _put_link(found, contact.value, origin)
        elif contact.channel in ("wechat", "qq", "telegram"):
            found.im.setdefault(f"{contact.channel}:{fold(contact.value).removeprefix('@')}", origin)
        else:
            _read(found, contact.value, origin)
    for ref in found.own:
        found.mention.pop(ref, None)
    return found


def _of_account(found: Traces, account: AccountFacts) -> None:
    number, platform, uid, handle, handle_key, name, bio, url, avatar_url = account[:9]
    if platform in _BY_UID:
        found.own[Ref(platform, "uid", uid)] = ("account", number, "uid", uid)
    if handle and handle_key:
        where = ("account", number, "handle", handle)
        found.own[Ref(platform, "handle", handle_key)] = where
        if len(local := local_handle(platform, handle_key)) >= 3:
            found.handle.setdefault(local, where)
    if name and (letters := letters_of(name)):
        where = ("account", number, "name", name)
        found.name.setdefault(letters, where)
    if avatar_url:
        found.avatar.setdefault(avatar_url[:500], ("account", number, "avatar_url", avatar_url))
    if url:
        where = ("account", number, "url", url)
        own = [ref for ref in profile_refs(url) if ref.platform == platform]
        for ref in own:
            found.own.setdefault(ref, where)
        if not own:
            found.site.setdefault(site(url), where)
    if bio:
        _read(found, bio[:LIMIT], ("account", number, "bio", bio))


def _read(found: Traces, text: str, origin: Origin) -> None:
    """Take what stands in a text that a person wrote."""
    if "@" in text:
        for user, host in _FEDIVERSE.findall(text):
            found.mention.setdefault(Ref("mastodon", "handle", fold(f"{user}@{host}")), origin)
        for user, host in _MATRIX.findall(text):
            found.mention.setdefault(Ref("matrix", "handle", fold(f"{user}:{host}")), origin)
        for domain in _DOMAIN_HANDLE.findall(text):
            found.mention.setdefault(Ref("bluesky", "handle", fold(domain)), origin)
        for match in _EMAIL.finditer(text):
            if text[max(0, match.start() - 1) : match.start()] not in ("@", "/"):
                _put_email(found, match[0], origin)
    if "1" in text:
        for parts in _MOBILE.findall(text):
            found.phone.setdefault("".join(parts), origin)
    if ":" in text or "：" in text:
        for word, value in _IM.findall(text):
            found.im.setdefault(f"{_IM_WORDS.get(word.casefold(), 'wechat')}:{fold(value)}", origin)
        for word, value in _NAMED.findall(text):
            platform = _PLATFORM_WORDS.get(word.casefold(), word.casefold())
            found.mention.setdefault(Ref(platform, "handle", fold(value).rstrip(".")), origin)
    if "/" in text:
        for link in _URL.findall(text):
            _put_link(found, link, origin)


def _put_email(found: Traces, text: str, origin: Origin) -> None:
    user, _at, host = fold(text).partition("@")
    user = user.partition("+")[0]
    if user and "." in host:
        found.email.setdefault(f"{user}@{host}", origin)


def _put_link(found: Traces, url: str, origin: Origin) -> None:
    refs = list(profile_refs(url))
    for ref in refs:
        found.mention.setdefault(ref, origin)
    address = site(url)
    host = address.partition("/")[0]
    if "." in host and host not in _HOSTS and (not refs or host == address):
        found.site.setdefault(address, origin)


def profile_refs(url: str) -> Iterator[Ref]:
    """The accounts that an address may be the profile of."""
    address = site(url, lower=False)
    host, _slash, path = address.partition("/")
    host, path = host.casefold(), f"/{path}"
    for known, platform, how, pattern in _PROFILES:
        if host == known and (match := pattern.fullmatch(path)):
            yield Ref(platform, how, match[1] if how == "uid" else fold(match[1]))
            return
    if host in _HOSTS:
        return
    if match := _FEDERATED.fullmatch(path):
        yield Ref("mastodon", "handle", fold(f"{match[1]}@{host}"))
    elif path == "/" and "." in host:
        yield Ref("bluesky", "handle", host)  # a domain can be a handle there


def site(url: str, *, lower: bool = True) -> str:
    """An address without scheme, ``www``, query and trailing slash."""
    match = _PARTS.match(url.strip()[:500])
    if match is None:
        return ""
    address = match[1].casefold() + match[2].rstrip("/.,;#!")
    return fold(address) if lower else address


def phone(text: str) -> str:
    """A number as its digits, a Chinese one without the country; empty where it is none."""
    digits = re.sub(r"\D", "", text)
    digits = digits.removeprefix("00")
    if len(digits) == 13 and digits.startswith("861"):
        digits = digits[2:]
    return digits if 7 <= len(digits) <= 15 else ""


def local_handle(platform: str, key: str) -> str:
    """The part of a handle that a person chooses, without the server it is known on."""
    local = key.lstrip("@")
    if platform == "matrix":
        return local.partition(":")[0]
    if platform == "bluesky":
        return local.partition(".")[0]
    return local.partition("@")[0]


def letters_of(name: str) -> str:
    """A name as its letters and digits alone: words in order of the alphabet, characters simplified."""
    folded = fold(name)
    if not folded.isascii():
        folded = folded.translate(_SIMPLER)
    if folded.isalnum():
        return folded
    words = _WORDS.findall(folded)
    return " ".join(sorted(words)) if all(map(str.isascii, words)) else "".join(words)


TELLING = 12
"""A partly Chinese name whose letters weigh so much may be borne by one person alone."""


def weight_of(letters: str) -> int:
    """How much a name has to tell: a character as much as three letters."""
    return sum(3 if letter >= "㐀" else 1 for letter in letters)


def telling_name(letters: str) -> bool:
    """Whether a name is long enough, and Chinese in part, that two who bear it may be looked at for that alone."""
    return weight_of(letters) >= TELLING and sum("㐀" <= letter <= "鿿" for letter in letters) >= 2


def key_of(kind: str, value: str) -> int:
    """The key of a trace: even, below 2**62."""
    text = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
    return (int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 2) & ~1


def mention_key(ref: Ref) -> int:
    """The key of a link to an account: odd."""
    return key_of("mention", "\0".join(ref)) | 1
