"""In which time zone somebody is: as written down, else by their region, else the operator's own."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from kolbench.domain.identity import fold
from kolbench.store import facts

if TYPE_CHECKING:
    from collections.abc import Collection

    from kolbench.store.connect import Store

_CHINA = "Asia/Shanghai"

_PLACES = {
    "Asia/Shanghai": "china cn prc mainland guangzhou shenzhen hangzhou chengdu wuhan nanjing",
    "Asia/Hong_Kong": "hk 香港 中国香港", "Asia/Macau": "mo 澳门 中国澳门",
    "Asia/Taipei": "tw taiwan 台湾 中国台湾 台北",
    "Asia/Tokyo": "jp japan 日本 东京 大阪", "Asia/Seoul": "kr korea 韩国 首尔", "Asia/Singapore": "sg 新加坡",
    "Asia/Kuala_Lumpur": "my malaysia 马来西亚 吉隆坡", "Asia/Bangkok": "th thailand 泰国 曼谷",
    "Asia/Ho_Chi_Minh": "vn vietnam 越南 胡志明市 河内", "Asia/Manila": "ph philippines 菲律宾 马尼拉",
    "Asia/Jakarta": "id indonesia 印度尼西亚 印尼 雅加达", "Asia/Kolkata": "in india 印度 mumbai delhi bangalore 孟买",
    "Asia/Dubai": "ae uae 阿联酋 迪拜", "Asia/Jerusalem": "il israel 以色列", "Europe/Istanbul": "tr turkey 土耳其",
    "Europe/London": "gb uk england scotland wales 英国 伦敦", "Europe/Dublin": "ie ireland 爱尔兰",
    "Europe/Paris": "fr france 法国 巴黎", "Europe/Berlin": "de germany 德国 柏林 munich hamburg",
    "Europe/Madrid": "es spain 西班牙 马德里 barcelona", "Europe/Rome": "it italy 意大利 罗马 milan",
    "Europe/Amsterdam": "nl netherlands 荷兰", "Europe/Brussels": "be belgium 比利时",
    "Europe/Zurich": "ch switzerland 瑞士",
    "Europe/Vienna": "at austria 奥地利", "Europe/Stockholm": "se sweden 瑞典", "Europe/Oslo": "no norway 挪威",
    "Europe/Copenhagen": "dk denmark 丹麦", "Europe/Helsinki": "fi finland 芬兰", "Europe/Warsaw": "pl poland 波兰",
    "Europe/Moscow": "莫斯科", "America/New_York": "nyc boston 纽约 washington miami atlanta",
    "America/Chicago": "austin houston dallas 芝加哥", "America/Los_Angeles": "la seattle 洛杉矶 旧金山",
    "America/Toronto": "多伦多", "America/Vancouver": "温哥华", "Australia/Sydney": "悉尼",
    "Australia/Melbourne": "墨尔本", "Pacific/Auckland": "nz 新西兰",
    "Africa/Cairo": "eg egypt 埃及", "Africa/Lagos": "ng nigeria", "Africa/Johannesburg": "za 南非",
}  # fmt: skip
"""Regions of one zone, as people write them; countries with several are left to the operator's own zone."""

_SEVERAL = frozenset({
    "us", "usa", "美国", "ca", "canada", "加拿大", "au", "australia", "澳大利亚", "ru", "russia", "俄罗斯", "br",
    "brazil", "巴西", "mx", "mexico", "墨西哥",
})  # fmt: skip


def of(written: str | None, region: str | None) -> tzinfo:
    """The zone of somebody whose time zone is ``written`` down, or not, and whose region is known, or not."""
    for name in (written, region and by_region(region)):
        if name:
            try:
                return ZoneInfo(name)
            except (KeyError, OSError, ValueError):
                continue
    return here()


def of_people(store: Store, creator_ids: Collection[int]) -> dict[int, tzinfo]:
    """The zones of these people."""
    told = facts.values(store, creator_ids, ("time_zone",))
    regions = dict(
        store.reader()
        .execute(
            "SELECT creator_id, region FROM json_each(?) AS wanted CROSS JOIN standing ON creator_id = wanted.value",
            (json.dumps(list(creator_ids)),),
        )
        .fetchall()
    )
    return {one: of(told.get(one, {}).get("time_zone"), regions.get(one)) for one in creator_ids}


@lru_cache(10_000)
def by_region(region: str) -> str | None:
    """The name of the zone of a region, such as a city, a province or a country; None where it can't be told."""
    key = fold(region).strip()
    if key in _SEVERAL:
        return None
    if (name := _ours().get(key) or (_cities().get(key) if key.isascii() else None)) is not None:
        return name
    words = key.replace("/", " ").replace(",", " ").replace("·", " ").split()
    for word in words if len(words) > 1 else ():
        if (name := by_region(word)) is not None:
            return name
    return _CHINA if any("\u4e00" <= character <= "\u9fff" for character in key) and not _several(words) else None


def named_here() -> str | None:
    """The name of the operator's own zone, such as ``Asia/Shanghai``; None where the system doesn't name it."""
    system = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").removeprefix(":"), system):
        try:
            return "UTC" if name == "Etc/UTC" else ZoneInfo(name).key
        except (KeyError, OSError, ValueError):
            continue
    return None


@cache
def here() -> tzinfo:
    """The operator's own zone, with its changes of the clock where the system names it."""
    if (name := named_here()) is not None:
        return ZoneInfo(name)
    return datetime.now(UTC).astimezone().tzinfo or UTC


def _several(words: list[str]) -> bool:
    return not _SEVERAL.isdisjoint(words)


@cache
def _cities() -> dict[str, str]:
    """The cities of the system's zones, folded; to list those takes longer than to read a page of the queue."""
    found: dict[str, str] = {}
    for name in sorted(available_timezones()):
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/")):
            found.setdefault(fold(name.rpartition("/")[2].replace("_", " ")), name)
    return found


@cache
def _ours() -> dict[str, str]:
    """The places that we know, folded, which come before those."""
    found: dict[str, str] = {}
    for name, places in _PLACES.items():
        for place in places.split():
            found[fold(place)] = name
    found.update({"san francisco": "America/Los_Angeles", "south africa": "Africa/Johannesburg"})
    found.update({"new zealand": "Pacific/Auckland", "beijing": _CHINA})
    return found
