"""Whether two profiles are of one person: the rules, what each has to say, and the score they come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from kolbench.analysis.traces import TELLING, Traces, key_of, mention_key, weight_of
from kolbench.domain.identity import fold
from kolbench.store.likenesses import COMMON, OF_ONE
from kolbench.store.suggestions import Found

if TYPE_CHECKING:
    from kolbench.analysis.traces import Origin, Ref

Shared = Callable[[int], int]
"""How many people have a key."""

ROLES = frozenset((
    "admin", "business", "biz", "booking", "bookings", "collab", "collabs", "contact", "cooperation", "enquiries",
    "hello", "help", "hi", "info", "inquiries", "kol", "mail", "marketing", "mcn", "media", "office", "pr", "press",
    "sales", "service", "shangwu", "support", "team", "work",
))  # fmt: skip
"""The part before the @ of addresses that stand for an office rather than a person."""

_BUSINESS = re.compile(
    r"商务|商務|商業|商业|合作|推广|推廣|经纪|經紀|公司|团队|團隊|工作|MCN|\bbusiness|\bmanage|\bagen|\bBD\b",
    re.IGNORECASE,
)

BESIDE = 40
"""Characters before and after an address in which words say what it is for."""

SIMILAR = 0.85
SAME_NAME = "同名"


@dataclass(frozen=True)
class Evidence:
    """What one rule has to say. ``weight`` is the chance that it alone makes them one person; one below 0 makes
    that less likely by its share. ``sides`` are the stored values it rests on, the first person's first."""

    rule: str
    value: str
    weight: float
    sides: tuple[Origin, Origin]
    strong: bool = False

    def facts(self) -> dict[str, Any]:
        """The evidence as it is kept."""
        return {
            "rule": self.rule,
            "value": self.value,
            "weight": round(self.weight * 100),
            "strong": self.strong,
            "sides": [dict(zip(("table", "id", "column", "value"), side, strict=True)) for side in self.sides],
        }


def meet(one: Traces, other: Traces, shared: Shared) -> bool:
    """Whether there is reason to compare two: one names the other, or they share something rare or several things."""
    if not (one.mention.keys().isdisjoint(other.own) and other.mention.keys().isdisjoint(one.own)):
        return True
    bearers = [n for key in one.keys & other.keys if not key & 1 and (n := shared(key)) <= COMMON]
    return len(bearers) > 1 or min(bearers, default=COMMON) <= OF_ONE


def compare(one: Traces, other: Traces, shared: Shared) -> Found:
    """The pair with its score from 0 to 100 and the evidence, the weightiest first."""
    found = sorted(evidence(one, other, shared), key=lambda item: (-abs(item.weight), item.rule, item.value))
    return Found(
        one.profile.creator_id, other.profile.creator_id, score(one, other, found), [item.facts() for item in found]
    )


def evidence(one: Traces, other: Traces, shared: Shared) -> list[Evidence]:
    """All that speaks for and against."""
    rules = (_links, _addresses, _sites, _avatars, _handles, _names, _spellings)
    found = [item for rule in rules for item in rule(one, other, shared)]
    return [*found, *_against(one, other)] if found else []


def score(one: Traces, other: Traces, found: Iterable[Evidence]) -> int:
    """Chances combined as if they were independent; 0 for two accounts of a platform on weak evidence alone."""
    doubt, less, strong = 1.0, 1.0, False
    for item in found:
        if item.weight > 0:
            doubt *= 1 - item.weight
            strong = strong or item.strong
        else:
            less *= 1 + item.weight
    if platforms(one) & platforms(other) and not strong:
        return 0
    return round(100 * (1 - doubt) * less)


def platforms(traces: Traces) -> set[str]:
    """Where they have accounts."""
    return {account.platform for account in traces.profile.accounts}


def _links(one: Traces, other: Traces, shared: Shared) -> Iterator[Evidence]:
    """A link in text or contacts to the other's profile; from both sides it leaves hardly a doubt."""
    there, back = _link(one, other), _link(other, one)
    if there and back:
        yield Evidence("cross_link", _said(there[0]), 0.97, (there[1], back[1]), strong=True)
        return
    for link, turned in ((there, False), (back, True)):
        if link is None:
            continue
        ref, source, target = link
        sides = (target, source) if turned else (source, target)
        if ref.platform == "bluesky" and _is_domain(ref.key):
            yield Evidence("domain", _said(ref), 0.88, sides, strong=True)
        elif shared(mention_key(ref)) <= OF_ONE:
            yield Evidence("link", _said(ref), 0.75, sides, strong=not platforms(one) & platforms(other))
        else:
            yield Evidence("link", _said(ref), 0.2, sides)


def _link(one: Traces, other: Traces) -> tuple[Ref, Origin, Origin] | None:
    """What ``one`` says of an account of ``other``: the account, where they say it, and the account's own row."""
    named = min((ref for ref in one.mention if ref in other.own), default=None)
    return None if named is None else (named, one.mention[named], other.own[named])


def _addresses(one: Traces, other: Traces, shared: Shared) -> Iterator[Evidence]:
    """The same e-mail address, telephone number or account of a messenger.

    One for business may be an agent's, who has many clients: it says much only where the names agree.
    """
    said: set[str] = set()
    for kind, mine, theirs in (
        ("email", one.email, other.email),
        ("phone", one.phone, other.phone),
        ("im", one.im, other.im),
    ):
        for value in sorted(mine.keys() & theirs.keys()):
            sides = mine[value], theirs[value]
            bare = value.partition(":")[2] if kind == "im" else value
            if bare in said or f"{bare}@qq.com" in said:
                continue  # one value, written once, is one piece of evidence, whatever it may be
            said.add(bare)
            if shared(key_of(kind, value)) > OF_ONE or (kind == "email" and value.partition("@")[0] in ROLES):
                yield Evidence(kind, value, 0.2, sides)
            elif any(_BUSINESS.search(beside(text, bare)) for _table, _id, _column, text in sides):
                yield Evidence(kind, value, 0.45, sides, strong=any(_names(one, other, shared)))
            else:
                yield Evidence(kind, value, 0.88, sides, strong=True)


def beside(text: str, value: str) -> str:
    """What stands around a value in the text that it was read from; all of it where it is written otherwise there."""
    key = fold(text)
    at = key.find(value) if len(key) == len(text) else -1
    return text if at < 0 else text[max(0, at - BESIDE) : at + len(value) + BESIDE]


def _sites(one: Traces, other: Traces, shared: Shared) -> Iterator[Evidence]:
    for value in sorted(one.site.keys() & other.site.keys()):
        few = shared(key_of("site", value)) <= OF_ONE
        yield Evidence("site", value, 0.6 if few else 0.1, (one.site[value], other.site[value]))


def _avatars(one: Traces, other: Traces, shared: Shared) -> Iterator[Evidence]:
    for value in sorted(one.avatar.keys() & other.avatar.keys()):
        if shared(key_of("avatar", value)) <= OF_ONE:
            yield Evidence("avatar", value, 0.55, (one.avatar[value], other.avatar[value]))


def _handles(one: Traces, other: Traces, shared: Shared) -> Iterator[Evidence]:
    """The same handle: weak alone, less so the longer and the rarer it is."""
    for value in sorted(one.handle.keys() & other.handle.keys()):
        length = len(value) + 2 * (any(map(str.isdigit, value)) and any(map(str.isalpha, value)))
        weight = 0.1 if length < 5 else 0.3 if length < 8 else 0.45 if length < 12 else 0.55
        n = shared(key_of("handle", value))
        if n > COMMON or value.isdigit():
            weight = 0.05
        elif n > OF_ONE:
            weight /= 2
        yield Evidence("handle", value, weight, (one.handle[value], other.handle[value]))


def _names(one: Traces, other: Traces, shared: Shared) -> Iterator[Evidence]:
    """The same name, or nearly. What is the handle as well says nothing more."""
    same = sorted(one.name.keys() & other.name.keys())
    for value in same:
        sides = one.name[value], other.name[value]
        if value.replace(" ", "") in one.handle.keys() & other.handle.keys():
            continue
        ideographs = sum(letter >= "㐀" for letter in value)
        length = len(value) if ideographs < 2 else 3 * len(value)
        weight = 0.1 if length < 5 else 0.2 if length < 9 else 0.35 if length < 12 else 0.45
        if ideographs >= 2 and (told := weight_of(value)) >= TELLING:
            rare = shared(key_of("name", value)) <= OF_ONE
            weight = (0.55 if told < TELLING + 3 else 0.7) if rare else 0.3
        if SAME_NAME in _bios(one) + _bios(other):
            weight = max(weight, 0.65)
        yield Evidence("name", value, weight, sides)
    if not same:
        for mine in one.name:
            for theirs in other.name:
                if len(mine) > 3 and SequenceMatcher(None, mine, theirs).ratio() >= SIMILAR:
                    yield Evidence("similar_name", mine, 0.15, (one.name[mine], other.name[theirs]))
                    return


def _spellings(one: Traces, other: Traces, shared: Shared) -> Iterator[Evidence]:
    """The Chinese name of one as the other's handle or name in letters; what both have in one form says it already."""
    for mine, theirs in ((one.pinyin, other.latin), (one.latin, other.pinyin)):
        for value in sorted(mine.keys() & theirs.keys()):
            rare = len(value) >= 10 and shared(key_of("handle", value)) <= OF_ONE
            yield Evidence("pinyin", value, 0.4 if rare else 0.15, (mine[value], theirs[value]))
            return


def _against(one: Traces, other: Traces) -> Iterator[Evidence]:
    """What two profiles of one person seldom disagree in. Different addresses are no contradiction."""
    for rule, column, weight in (
        ("other_region", "region", -0.1),
        ("other_gender", "gender", -0.25),
        ("other_verified", "verified", -0.15),
        ("other_bot", "is_bot", -0.5),
    ):
        mine, theirs = _told(one, column), _told(other, column)
        if mine and theirs and not mine.keys() & theirs.keys():
            (value, account), (against, their_account) = next(iter(mine.items())), next(iter(theirs.items()))
            if column == "region" and (value in against or against in value):
                continue
            yield Evidence(
                rule,
                f"{value} / {against}",
                weight,
                (
                    ("account", account, column, value),
                    ("account", their_account, column, against),
                ),
            )


def _told(traces: Traces, column: str) -> dict[str, int]:
    told = ((getattr(account, column), account.id) for account in traces.profile.accounts)
    return {fold(str(value)): account_id for value, account_id in told if value is not None and value != ""}


def _bios(traces: Traces) -> str:
    return " ".join(account.bio or "" for account in traces.profile.accounts)


def _is_domain(handle: str) -> bool:
    return "." in handle and not handle.endswith((".bsky.social", ".test"))


def _said(ref: Ref) -> str:
    return f"{ref.platform} {ref.key}"
