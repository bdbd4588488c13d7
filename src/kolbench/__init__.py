"""KOLbench: a terminal workbench for key opinion leaders, over one SQLite file that you own.

The names below are what a plugin needs; each is imported when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kolbench.adapters.hookspecs import hookimpl
    from kolbench.adapters.protocol import Adapter, Finding, Page, Pull, RateLimit, Register, Rejected, Setting
    from kolbench.domain.errors import (
        Denied,
        Gone,
        KolbenchError,
        RateLimited,
        RecordError,
        SourceError,
        Transient,
        UsageError,
    )
    from kolbench.domain.following import Cause, FollowUpRule, Looking
    from kolbench.domain.records import (
        AccountRecord,
        CommunityRecord,
        Contact,
        ConversionRecord,
        Count,
        FollowRecord,
        InteractionRecord,
        MembershipRecord,
        MessageRecord,
        ParticipantRecord,
        PostRecord,
        Record,
        ReferralRecord,
        RefundRecord,
        SnapshotRecord,
        TouchRecord,
    )
    from kolbench.domain.scoring import Evidence, Measure, People, Scorer

__version__ = "0.1.0"

__all__ = [
    "AccountRecord",
    "Adapter",
    "Cause",
    "CommunityRecord",
    "Contact",
    "ConversionRecord",
    "Count",
    "Denied",
    "Evidence",
    "Finding",
    "FollowRecord",
    "FollowUpRule",
    "Gone",
    "InteractionRecord",
    "KolbenchError",
    "Looking",
    "Measure",
    "MembershipRecord",
    "MessageRecord",
    "Page",
    "ParticipantRecord",
    "People",
    "PostRecord",
    "Pull",
    "RateLimit",
    "RateLimited",
    "Record",
    "RecordError",
    "ReferralRecord",
    "RefundRecord",
    "Register",
    "Rejected",
    "Scorer",
    "Setting",
    "SnapshotRecord",
    "SourceError",
    "TouchRecord",
    "Transient",
    "UsageError",
    "hookimpl",
]

_HOMES = {
    "kolbench.domain.following": ("Cause", "FollowUpRule", "Looking"),
    "kolbench.domain.scoring": ("Evidence", "Measure", "People", "Scorer"),
    "kolbench.adapters.hookspecs": ("hookimpl",),
    "kolbench.adapters.protocol": (
        "Adapter",
        "Finding",
        "Page",
        "Pull",
        "RateLimit",
        "Register",
        "Rejected",
        "Setting",
    ),
    "kolbench.domain.errors": (
        "Denied",
        "Gone",
        "KolbenchError",
        "RateLimited",
        "RecordError",
        "SourceError",
        "Transient",
        "UsageError",
    ),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'kolbench' has no attribute {name!r}")
    from importlib import import_module

    home = next((module for module, names in _HOMES.items() if name in names), "kolbench.domain.records")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
