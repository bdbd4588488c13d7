"""All sections of a file, in the order in which they stand above it."""

from __future__ import annotations

from kolbench.screens.file.accounts import AccountsPart
from kolbench.screens.file.attachments import AttachmentsPart
from kolbench.screens.file.business import BusinessPart
from kolbench.screens.file.contacts import ContactsPart
from kolbench.screens.file.dates import DatesPart
from kolbench.screens.file.facts import FactsPart
from kolbench.screens.file.merges import MergesPart
from kolbench.screens.file.needs import NeedsPart
from kolbench.screens.file.overview import OverviewPart
from kolbench.screens.file.part import Part
from kolbench.screens.file.story import StoryPart
from kolbench.screens.file.works import WorksPart

PARTS: tuple[type[Part], ...] = (
    OverviewPart,
    AccountsPart,
    WorksPart,
    StoryPart,
    ContactsPart,
    NeedsPart,
    DatesPart,
    FactsPart,
    BusinessPart,
    AttachmentsPart,
    MergesPart,
)
