"""Importing a file: which adapter reads it and how, whether it was imported before, and the import itself."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.adapters.aside import aside
from kolbench.adapters.protocol import Pull, Recogniser
from kolbench.adapters.tables.files import fingerprint as file_fingerprint
from kolbench.adapters.tabular import Tabular, platform_of, preview
from kolbench.domain.errors import SourceError, UsageError
from kolbench.domain.lang import _
from kolbench.domain.words import PLATFORMS as PLATFORM_WORDS
from kolbench.domain.words import platform_meant, said
from kolbench.store import campaigns, filters, imports, runs, sources
from kolbench.sync import lock, loop
from kolbench.sync.events import Event, SourceStarted

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Adapter, Page
    from kolbench.adapters.tables.pages import Preview
    from kolbench.store.connect import Store
    from kolbench.store.imports import Imported
    from kolbench.store.sources import Source
    from kolbench.sync.events import Listener
    from kolbench.sync.stop import Stop

SURE = 0.5
"""From this confidence on, a mapping is used without asking."""

# fmt: off
PLATFORMS = (
    "douyin", "xiaohongshu", "weibo", "bilibili", "kuaishou", "wechat", "zhihu", "instagram", "youtube", "tiktok",
    "twitch", "gitter", "github", "mastodon", "telegram", "discord", "slack",
)
# fmt: on
"""Words that a file's name may hold, to suggest its platform by."""


@dataclass(frozen=True)
class Plan:
    """How a file (or a folder of them) would be imported.

    ``preview`` is what the tabular adapter proposes, None for other adapters. ``before`` is the finished import
    of the same content read in the same way, if there is one: then there is nothing to do. ``mapped`` is set when
    the operator said what columns mean: only that is worth remembering, a guess is made again. ``meant`` is the
    platform of which the one told is likely a misspelling.
    """

    path: Path
    adapter: Adapter
    platform: str
    settings: Mapping[str, str]
    source: str
    fingerprint: str
    preview: Preview | None = None
    before: Imported | None = None
    mapped: bool = False
    meant: str = ""

    @property
    def problem(self) -> str:
        """Why it can't be imported so; empty when it can."""
        return self.preview.proposal.problem if self.preview else ""

    @property
    def sure(self) -> bool:
        """Whether the mapping is clear enough to be used without asking."""
        return self.preview is None or self.preview.proposal.confidence >= SURE


def readers(adapters: Mapping[str, Adapter]) -> list[Adapter]:
    """The adapters that read files."""
    return [
        adapter
        for adapter in adapters.values()
        if adapter.limits is None and any(setting.name == "path" for setting in adapter.settings)
    ]


def choose(adapters: Mapping[str, Adapter], path: Path, told: Collection[str] = ()) -> Adapter:
    """The adapter that is surest to read ``path``, by its ``recognise(path)`` (0 to 1); tabular if none is.

    Of those that have the settings ``told``, if any has them all: an orders table of a campaign is no chat. Raises
    UsageError when there is no such file.
    """
    if not path.exists():
        raise UsageError(_("There is no file {path}.").format(path=path))
    best, surest = adapters.get(Tabular.name), 0.0
    every = readers(adapters)
    for adapter in [one for one in every if set(told) <= {setting.name for setting in one.settings}] or every:
        if (sure := _sure(adapter, path)) > surest:
            best, surest = adapter, sure
    if best is None:
        raise UsageError(_("No adapter reads {path}.").format(path=path))
    return best


def plan(
    store: Store,
    adapter: Adapter,
    path: Path,
    *,
    platform: str = "",
    settings: Mapping[str, str] | None = None,
    source: str = "",
) -> Plan:
    """How ``adapter`` would import ``path``, by the mapping remembered for its shape unless ``settings`` has one.

    Times without a zone are in the campaign's, if there is one. Raises UsageError when the platform isn't told, a
    setting makes no sense, or the file can't be read (also by an adapter that doesn't recognise it: then its first page
    is tried).
    """
    platform = adapter.platform or platform or (platform_of(str(path)) if adapter.name == Tabular.name else "")
    if not re.fullmatch(r"[a-z0-9_]{1,40}", platform):
        words = ", ".join(guesses(path))
        if platform:
            text = _("'{text}' is no platform's name: small letters, digits and '_', such as {words}.")
            raise UsageError(text.format(text=platform, words=words))
        text = _("Which platform are these accounts on? Add --platform with a word such as {words}.")
        raise UsageError(text.format(words=words))
    told = {name: value for name, value in (settings or {}).items() if value}
    chosen = {**told, "path": str(path.expanduser().absolute())}
    if any(setting.name == "platform" for setting in adapter.settings):
        chosen["platform"] = platform
    if campaign := chosen.get("campaign"):
        campaign_id = campaigns.find(store, campaign)
        chosen["campaign"] = campaigns.row(store, campaign_id).name
        chosen = loop.zoned(store, adapter, chosen)
    found: Preview | None = None
    if adapter.name == Tabular.name:
        try:
            found, chosen = _proposed(store, chosen)
        except SourceError as error:  # a damaged file: as wrong as one of another kind, and nothing was done
            raise UsageError(str(error)) from error
    elif _sure(adapter, path) < SURE:
        _try(adapter, chosen)
    mark = fingerprint(path)
    name = source or source_name(path)
    meant = "" if adapter.platform else platform_meant(platform, filters.platforms(store))
    made = Plan(path, adapter, platform, chosen, name, mark, found, mapped="map" in told, meant=meant)
    reading = _reading(made)
    before = next((one for one in imports.finished(store, mark) if one.reading == reading), None)
    return replace(made, before=before)


def run(
    store: Store,
    plan: Plan,
    listener: Listener = lambda event: None,
    stop: Stop | None = None,
    *,
    again: bool = False,
) -> loop.Outcome:
    """Import by ``plan`` through the sync loop, from where an interrupted one stopped unless ``again``.

    Remembers what the operator said of columns for files of the same shape. Raises what ``loop.run`` raises.
    """
    if (who := lock.holder(store.path)) is not None:
        raise lock.AlreadyRunning(who)  # before there is a source that has nothing
    source = _source(store, plan)
    if plan.preview and plan.mapped and "map" in plan.settings:
        kept = {**json.loads(plan.settings["map"]), "only": plan.settings.get("only", "")}
        imports.remember(store, _shape(plan.preview, plan.settings), json.dumps(kept, ensure_ascii=False))

    def listen(event: Event) -> None:
        if isinstance(event, SourceStarted) and event.run is not None:
            imports.begin(store, event.run, str(plan.path), plan.fingerprint, _reading(plan))
        listener(event)

    options = loop.Options(kind="import", full=again)
    return loop.run(store, {plan.adapter.name: plan.adapter}, [source], options, listen, stop)


def first_pages(adapter: Adapter, settings: Mapping[str, str]) -> Iterator[tuple[str, Page]]:
    """Each feed that has something to read, with its first page. Raises whatever the adapter raises."""
    for feed in adapter.feeds:
        pages = adapter.pull(Pull(feed, settings))
        try:
            for page in islice(pages, 1):
                yield feed, page
        finally:
            if close := getattr(pages, "close", None):
                close()


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file's bytes, or of those of a folder's files in the order of their names."""
    if not path.is_dir():
        return file_fingerprint(path)
    marks = [f"{file.name} {file_fingerprint(file)}" for file in sorted(path.iterdir()) if file.is_file()]
    return hashlib.sha256("\n".join(marks).encode("utf-8", "surrogateescape")).hexdigest()


def source_name(path: Path, several: Sequence[Path] = ()) -> str:
    """What to call the source of a file: its name, or its folder's where several files belong together."""
    name = path.absolute().parent.name if len(several) > 1 else path.absolute().name
    return re.sub(r"[^\w.@-]+", "-", name)[:80].strip("-") or "import"


def guesses(path: Path) -> list[str]:
    """The platform whose exports the file looks like, or those that its name speaks of, else the usual ones."""
    if known := platform_of(str(path)):
        return [known]
    named = [word for word in PLATFORMS if word in str(path.absolute()).lower()]
    return named or list(PLATFORMS[:4])


def _proposed(store: Store, settings: dict[str, str]) -> tuple[Preview, dict[str, str]]:
    """The tabular adapter's proposal, and the settings with its mapping made explicit."""
    found = preview(settings)
    if "map" not in settings and (kept := imports.mapping(store, _shape(found, settings))):
        if only := json.loads(kept).get("only"):
            settings = {"only": only, **settings}
        found = preview({**settings, "map": kept})
    if found.proposal.problem:
        return found, settings
    mapping = json.dumps(found.proposal.mapping.to_dict(), ensure_ascii=False)
    return found, {**settings, "map": mapping}


def _shape(found: Preview, settings: Mapping[str, str]) -> str:
    """What a mapping is remembered for: tables of the same columns, read as what the operator says they hold."""
    return " ".join(filter(None, (found.proposal.shape, settings.get("kind"))))


def _reading(plan: Plan) -> dict[str, str]:
    """What makes two imports of the same bytes the same import."""
    settings = {name: value for name, value in plan.settings.items() if name != "path"}
    return {**settings, "adapter": plan.adapter.name, "platform": plan.platform}


def _source(store: Store, plan: Plan) -> Source:
    """The source of that name, reading this file now; one made here is left out of ordinary syncs."""
    found = sources.find(store, plan.source)
    fits = found is not None and (found.adapter, found.platform) == (plan.adapter.name, plan.platform)
    if found and not fits and not any(run.new or run.changed for run in runs.recent(store, source=found)):
        sources.remove(store, found)  # left by an attempt that brought nothing
        found = None
    if found is None:
        made = sources.add(store, plan.source, plan.adapter.name, plan.platform, plan.settings)
        return sources.switch(store, made, enabled=False)
    if not fits:
        raise UsageError(
            _(
                "What '{name}' brought was on {platform}, read by {adapter}, and stays."
                " To import it otherwise as well, give another name with --source."
            ).format(name=found.name, platform=said(PLATFORM_WORDS, found.platform), adapter=found.adapter)
        )
    return found if found.settings == plan.settings else sources.change(store, found, plan.settings)


def _try(adapter: Adapter, settings: Mapping[str, str]) -> None:
    """Raise the UsageError of an adapter that can't read the file; whatever else it raises ends the import itself."""
    try:
        next(first_pages(adapter, settings), None)
    except UsageError:
        raise
    except Exception:
        return


def _sure(adapter: Adapter, path: Path) -> float:
    """How sure an adapter says it is; a plugin that fails at it isn't."""
    try:
        with aside():
            return float(adapter.recognise(str(path))) if isinstance(adapter, Recogniser) else 0.0
    except KeyboardInterrupt:
        raise
    except BaseException:  # SystemExit too: a plugin doesn't end the program
        return 0.0
