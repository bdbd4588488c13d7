"""What an operator can set for a whole store, in ``settings.toml`` beside it."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import Any, Literal

from msgspec import Struct, structs

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.shapes import shaped


class Tiers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many followers each size class begins with; publishers disagree (Hootsuite, HypeAuditor, NapoleonCat)."""

    nano: int = 1_000
    micro: int = 10_000
    mid: int = 100_000
    macro: int = 500_000
    mega: int = 1_000_000


class Guards(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it is too early to earn money, with a community or a person; nothing is forbidden by it."""

    community_days: int = 3
    """A community that is younger is not to earn money yet."""
    person_days: int = 14
    """Whoever became influential within so many days is not to be asked for anything yet."""
    growth: float = 1.5
    """So many times the followers make somebody influential all at once ..."""
    growth_least: int = 500
    """... where they are at least so many more."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings; a file names those that differ."""

    start: Literal["due", "candidates", "leaderboard", "follow_ups", "sync", "programme", "campaigns"] = "due"
    """The place that the workbench opens on; ``due``: the queue when somebody is due, else the candidates."""
    tiers: Tiers = Tiers()
    guards: Guards = Guards()
    rules: dict[str, dict[str, Any]] = {}
    """What differs for follow-up rules, by their ids: parameters, and ``enabled``."""


def parse(facts: object) -> Settings:
    """Settings from what TOML holds. Raises UsageError, which names the one that is wrong."""
    settings = shaped(facts, Settings, _("the settings"))
    bounds = structs.asdict(settings.tiers)
    for (smaller, least), (larger, more) in pairwise(bounds.items()):
        if not 0 < least < more:
            text = _("tiers.{larger}: write a number above that of tiers.{smaller}, {least:,}.")
            raise UsageError(text.format(larger=larger, smaller=smaller, least=least))
    for name, value in structs.asdict(settings.guards).items():
        if not 0 <= value < inf:
            text = _("{setting}: write a number from 0 on, such as {usual}.")
            raise UsageError(text.format(setting=f"guards.{name}", usual=getattr(Guards(), name)))
    return settings
