"""Write docs/keys.md from the bindings of the screens: ``python docs/make_keys.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from kolbench.app import KEYS, KolbenchApp
from kolbench.screens.acting import ActingScreen
from kolbench.screens.brief import BriefScreen
from kolbench.screens.campaign.campaigns import CampaignsScreen
from kolbench.screens.campaign.form import CampaignForm
from kolbench.screens.campaign.screen import CampaignScreen
from kolbench.screens.candidate_list import CandidateListScreen
from kolbench.screens.candidates import CandidatesScreen
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.desk import DeskScreen
from kolbench.screens.follow_ups import FollowUpsScreen
from kolbench.screens.importing import ImportScreen
from kolbench.screens.leaderboard import LeaderboardScreen
from kolbench.screens.merging import MergingScreen
from kolbench.screens.overlap import OverlapScreen
from kolbench.screens.programme.screen import ProgrammeScreen
from kolbench.screens.queue_acts import QueueActsScreen
from kolbench.screens.rhythm import RhythmScreen
from kolbench.screens.side_by_side import SideBySideScreen
from kolbench.screens.sync import SyncScreen
from kolbench.screens.triage import TriageScreen
from kolbench.screens.why import WhyScreen
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = Path(__file__).parent / "keys.md"

SECTIONS: Sequence[tuple[str, type[Any]]] = (
    ("Everywhere", KolbenchApp),
    ("In every list", VirtualTable),
    ("Candidates", CandidatesScreen),
    ("A brief", BriefScreen),
    ("Why", WhyScreen),
    ("Side by side", SideBySideScreen),
    ("Shared audiences", OverlapScreen),
    ("What is needed", RhythmScreen),
    ("A creator's file", CreatorScreen),
    ("Accounts of one person", MergingScreen),
    ("Leaderboard", LeaderboardScreen),
    ("Follow-ups", FollowUpsScreen),
    ("Sync", SyncScreen),
    ("Programme", ProgrammeScreen),
    ("Campaigns", CampaignsScreen),
    ("A campaign", CampaignScreen),
    ("Writing a campaign", CampaignForm),
    ("Import", ImportScreen),
)

PARTS = (DeskScreen, CandidateListScreen, TriageScreen, ActingScreen, QueueActsScreen)
"""Classes that the screens of candidates, of follow-ups, of campaigns and of the programme are made of."""

SIGNS = {
    "slash": "/", "question_mark": "?", "colon": ":", "number_sign": "#", "plus": "+", "equals_sign": "=", "minus": "-",
    "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip

INTRODUCTION = """\
# Keys

Made from the bindings by `python docs/make_keys.py`; a test compares. In the workbench `?` shows the keys of the
screen, and `:` offers everything that can be done there by name.
"""


def page() -> str:
    """The page as Markdown."""
    return INTRODUCTION + "".join(section(title, kind) for title, kind in SECTIONS)


def section(title: str, kind: type[Any]) -> str:
    """The keys that one class declares, as a table."""
    rows = "".join(f"| {keys} | {text} |\n" for text, keys in deeds(kind))
    return f"\n## {title}\n\n| key | what it does |\n|---|---|\n{rows}"


def deeds(kind: type[Any]) -> Iterator[tuple[str, str]]:
    """``(what it does, its keys)``, each once."""
    found: dict[str, list[str]] = {}
    for binding in declared(kind):
        found.setdefault(binding.description, []).append(shown(binding.key))
    for text, keys in found.items():
        yield text, " ".join(f"`{key}`" for key in dict.fromkeys(keys))


def declared(kind: type[Any]) -> Iterator[Binding]:
    """The bindings of a screen itself and of what only it is made of; of a widget, those of its bases here too."""
    ours = "kolbench.widgets."
    widget = kind.__module__.startswith(ours)
    for base in kind.__mro__:
        if base.__module__.startswith(ours) if widget else base is kind or base in PARTS:
            yield from Binding.make_bindings(base.__dict__.get("BINDINGS", ()))


def shown(key: str) -> str:
    """A key as it is written on a keyboard."""
    *modifiers, letter = key.split("+")
    name = SIGNS.get(letter) or KEYS.get(letter) or letter
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
