"""Finding adapters, and the scorers and follow-up rules of plugins, none of which can hurt another."""

from __future__ import annotations

import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata, util
from pathlib import Path
from typing import Any, NamedTuple

import pluggy

from kolbench import __version__
from kolbench.adapters import hookspecs
from kolbench.adapters.aside import aside
from kolbench.adapters.protocol import FEEDS, Adapter, RateLimit, Register, Setting
from kolbench.domain.errors import UsageError, named
from kolbench.domain.following import FollowUpRule
from kolbench.domain.lang import _
from kolbench.domain.scoring import Scorer
from kolbench.domain.text import clean_line

GROUP = "kolbench"
"""The group of entry points under which installed plugins are found."""

PATIENCE_S = 10.0
"""How long a plugin may take to be imported, and to answer its hook."""

BUILT_IN = {
    "tabular": "kolbench.adapters.tabular:Tabular",
    "chat-archive": "kolbench.adapters.chat_archive:ChatArchive",
    "whatsapp": "kolbench.adapters.whatsapp:WhatsApp",
    "matrix": "kolbench.adapters.matrix.adapter:Matrix",
    "slack": "kolbench.adapters.slack.adapter:Slack",
    "slack-export": "kolbench.adapters.slack.export:SlackExport",
    "qq": "kolbench.adapters.qq:QQ",
    "wechat": "kolbench.adapters.wechat:WeChat",
    "sample": "kolbench.adapters.sample:Sample",
    "reddit": "kolbench.adapters.reddit.adapter:RedditAdapter",
    "youtube": "kolbench.adapters.youtube.adapter:YouTube",
    "mastodon": "kolbench.adapters.mastodon.adapter:Mastodon",
    "discourse": "kolbench.adapters.discourse.adapter:Discourse",
    "bluesky": "kolbench.adapters.bluesky:Bluesky",
    "telegram-export": "kolbench.adapters.telegram_export:TelegramExport",
    "discord-export": "kolbench.adapters.discord_export:DiscordExport",
    "github": "kolbench.adapters.github.adapter:GitHub",
    "discord": "kolbench.adapters.discord.adapter:Discord",
    "telegram": "kolbench.adapters.telegram.adapter:Telegram",
    "x": "kolbench.adapters.x.adapter:X",
    "twitch": "kolbench.adapters.twitch.adapter:Twitch",
    "webhook": "kolbench.adapters.webhook:Webhook",
    "dub": "kolbench.adapters.dub:Dub",
    "wechat-official": "kolbench.adapters.wechat_official.adapter:WeChatOfficial",
}

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_PLATFORM = re.compile(r"[a-z0-9_]{0,40}")
_SETTING = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True)
class Problem:
    """Why a plugin is disabled for this run; ``where`` is the step that failed: ``import`` or a hook's name."""

    plugin: str
    where: str
    reason: str

    def __str__(self) -> str:
        """What to tell the operator."""
        return _("Plugin '{plugin}' is disabled for this run: {reason}").format(plugin=self.plugin, reason=self.reason)


@dataclass(frozen=True)
class Plugin:
    """A plugin that was found, and the names of what it brings; disabled where it has a problem."""

    name: str
    version: str
    origin: str
    adapters: tuple[str, ...] = ()
    scorers: tuple[str, ...] = ()
    follow_up_rules: tuple[str, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True)
class Registry:
    """What can be used in this run, by name, and the plugins that were looked at."""

    adapters: Mapping[str, Adapter]
    scorers: Mapping[str, Scorer]
    follow_up_rules: Mapping[str, FollowUpRule]
    plugins: Sequence[Plugin]

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the plugins that are disabled."""
        return [plugin.problem for plugin in self.plugins if plugin.problem]

    def get(self, name: str) -> Adapter:
        """The adapter of that name. Raises UsageError, naming those there are and the plugins that are disabled."""
        if adapter := self.adapters.get(name):
            return adapter
        text = _("There is no adapter '{name}'. Adapters: {names}.").format(name=name, names=", ".join(self.adapters))
        if disabled := ", ".join(problem.plugin for problem in self.problems):
            text += " " + _("Disabled plugins: {names} (see 'kolbench plugins list').").format(names=disabled)
        raise UsageError(text)


@dataclass(frozen=True)
class _Found:
    """A plugin before it is imported."""

    name: str
    version: str
    origin: str
    load: Callable[[], object]


class Brought(NamedTuple):
    """What a plugin registers, by name."""

    adapters: dict[str, Adapter]
    scorers: dict[str, Scorer]
    follow_up_rules: dict[str, FollowUpRule]


class Unusable(Exception):
    """Ends the loading of one plugin."""


def load(plugin_dirs: Sequence[Path] = (), *, patience_s: float = PATIENCE_S, built_in: bool = True) -> Registry:
    """Look through the built-in adapters, ``plugin_dirs``, the folders of KOLBENCH_PLUGINS, and installed plugins.

    ``built_in`` False leaves out the first. Of two with the same name, the one found first has it. Raises UsageError
    when a folder isn't there.
    """
    known = Brought({}, {}, {})
    plugins: list[Plugin] = []
    ours = _built_in() if built_in else ()
    for found in (*ours, *_in_folders([*plugin_dirs, *_folders_of_environment()]), *_installed()):
        plugin, brought = _load(found, patience_s, {plugin.name for plugin in plugins}, known)
        plugins.append(plugin)
        known.adapters.update(brought.adapters)
        known.scorers.update(brought.scorers)
        known.follow_up_rules.update(brought.follow_up_rules)
    return Registry(*known, plugins)


def faults(adapter: object) -> list[str]:
    """What is wrong with how an adapter declares itself, as sentences; nothing when it is sound."""
    if isinstance(adapter, type):
        return [_("{name} is a class: register an instance of it.").format(name=adapter.__name__)]
    if not isinstance(adapter, Adapter):
        wanted = ("name", "title", "platform", "feeds", "settings", "limits", "pull")
        missing = ", ".join(name for name in wanted if not hasattr(adapter, name))
        return [_("{thing} is not an adapter: it has no {missing}.").format(thing=_shown(adapter), missing=missing)]
    declared: tuple[tuple[object, Callable[[Any], bool], str], ...] = (
        (adapter.name, _is_name, _("its name is {found}: use lower-case letters, digits and '-'")),
        (adapter.title, _is_text, _("its title is {found}: say in a few words what it reads")),
        (adapter.platform, _is_platform, _("its platform is {found}: use lower-case letters, digits and '_'")),
        (adapter.feeds, _are_feeds, _("its feeds are {found}: a tuple of some of {feeds} is needed")),
        (adapter.settings, _are_settings, _("its settings are {found}: a tuple of Setting, each with help, is needed")),
        (adapter.limits, _is_limit, _("its limits are {found}: a RateLimit above zero, or None, is needed")),
        (adapter.pull, callable, _("its pull is {found}: a method that yields pages is needed")),
    )
    return [
        text.format(found=_shown(found), feeds=", ".join(FEEDS))
        for found, is_sound, text in declared
        if not is_sound(found)
    ]


def _built_in() -> Iterator[_Found]:
    for name, home in BUILT_IN.items():
        yield _Found(name, __version__, "kolbench", lambda home=home: _BuiltIn(home))  # type: ignore[misc]


class _BuiltIn:
    """A built-in adapter behind the same hook as everybody else's."""

    def __init__(self, home: str) -> None:
        self._home = home

    @hookspecs.hookimpl
    def kolbench_register_adapters(self, register: Register) -> None:
        module, _colon, name = self._home.partition(":")
        register(getattr(import_module(module), name)())


def _folders_of_environment() -> list[Path]:
    return [Path(part) for part in os.environ.get("KOLBENCH_PLUGINS", "").split(os.pathsep) if part]


def _in_folders(folders: Sequence[Path]) -> Iterator[_Found]:
    """Each module and each package that lies directly in one of ``folders``."""
    for folder in dict.fromkeys(path.expanduser().absolute() for path in folders):
        if not folder.is_dir():
            raise UsageError(_("There is no folder {path} to look for plugins in.").format(path=folder))
        for path in sorted(folder.iterdir()):
            code = path / "__init__.py" if path.is_dir() else path
            if path.name[0] not in "._" and code.suffix == ".py" and code.is_file():
                yield _Found(path.stem, "", str(path), lambda path=path, code=code: _import_file(path.stem, code))  # type: ignore[misc]


def _import_file(name: str, code: Path) -> object:
    module_name = "kolbench_plugin_" + re.sub(r"\W", "_", name)
    spec = util.spec_from_file_location(module_name, code)
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(module_name, None)
        raise
    return module


def _installed() -> Iterator[_Found]:
    for entry in sorted(metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
        distribution = entry.dist
        yield _Found(
            entry.name,
            distribution.version if distribution else "",
            distribution.name if distribution else entry.value,
            entry.load,
        )


def _load(found: _Found, patience_s: float, names: set[str], taken: Brought) -> tuple[Plugin, Brought]:
    where = "import"
    try:
        if found.name in names:
            raise Unusable(_("another plugin has this name"))
        module = _in_time(found.load, patience_s)
        where = "hooks"
        brought = _in_time(lambda: brought_by(module, taken), patience_s)
    except Unusable as unusable:
        problem = Problem(found.name, where, clean_line(str(unusable), 500))
        return Plugin(found.name, found.version, found.origin, problem=problem), Brought({}, {}, {})
    names_of = (tuple(brought.adapters), tuple(brought.scorers), tuple(brought.follow_up_rules))
    return Plugin(found.name, found.version, found.origin, *names_of), brought


def _in_time(work: Callable[[], Any], patience_s: float) -> Any:
    """What ``work`` returns; done in a thread of its own, so that a plugin that blocks stops nobody."""
    returned: list[Any] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(work())
        except BaseException as error:  # SystemExit too: a plugin doesn't end the program
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True, name="plugin")
    with aside():
        thread.start()
        thread.join(patience_s)
    if raised:
        raise raised[0] if isinstance(raised[0], Unusable) else Unusable(_explained(raised[0]))
    if not returned:
        raise Unusable(_("it did not come back within {seconds:g} seconds").format(seconds=patience_s))
    return returned[0]


def brought_by(module: object, taken: Brought | None = None) -> Brought:
    """What a plugin registers; a manager of its own keeps it from the other plugins' hooks.

    Raises Unusable, and whatever the plugin raises.
    """
    manager = pluggy.PluginManager("kolbench")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise Unusable(str(error)) from error
    if not any(caller.get_hookimpls() for caller in manager.get_hookcallers(module) or ()):
        raise Unusable(_("it implements none of KOLbench's hooks"))
    adapters: list[object] = []
    scorers: list[object] = []
    rules: list[object] = []
    manager.hook.kolbench_register_adapters(register=adapters.append)
    manager.hook.kolbench_register_scorers(register=scorers.append)
    manager.hook.kolbench_register_follow_up_rules(register=rules.append)
    taken, brought = taken or Brought({}, {}, {}), Brought({}, {}, {})
    for adapter in adapters:
        if wrong := faults(adapter):
            raise Unusable("; ".join(wrong))
        assert isinstance(adapter, Adapter)
        if adapter.name in taken.adapters or adapter.name in brought.adapters:
            raise Unusable(_("the adapter name '{name}' is taken").format(name=adapter.name))
        brought.adapters[adapter.name] = adapter
    for scorer in scorers:
        if not isinstance(scorer, Scorer) or not (_is_name(scorer.name) and _is_text(scorer.title)):
            text = _("{thing} is not a scorer: it needs a name, a title, a formula, measure and evidence")
            raise Unusable(text.format(thing=_shown(scorer)))
        if scorer.name in taken.scorers or scorer.name in brought.scorers:
            raise Unusable(_("the scorer name '{name}' is taken").format(name=scorer.name))
        brought.scorers[scorer.name] = scorer
    for rule in rules:
        if not (isinstance(rule, FollowUpRule) and _is_name(rule.name) and _is_text(rule.title) and _are_numbers(rule)):
            text = _("{thing} is no follow-up rule: it needs a name, a title, numbers as parameters, find and why")
            raise Unusable(text.format(thing=_shown(rule)))
        if rule.name in taken.follow_up_rules or rule.name in brought.follow_up_rules:
            raise Unusable(_("the follow-up rule name '{name}' is taken").format(name=rule.name))
        brought.follow_up_rules[rule.name] = rule
    return brought


def _explained(error: BaseException) -> str:
    """An exception as one line, with the place in the plugin's code that it came from."""
    if isinstance(error, SyntaxError):
        return named(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{named(error)}{place}"


def _shown(thing: object) -> str:
    try:
        return clean_line(repr(thing), 80)
    except Exception:
        return type(thing).__name__


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _are_numbers(rule: FollowUpRule) -> bool:
    return isinstance(rule.parameters, Mapping) and all(
        isinstance(name, str) and _SETTING.fullmatch(name) and isinstance(number, int | float)
        for name, number in rule.parameters.items()
    )


def _is_platform(value: object) -> bool:
    return isinstance(value, str) and _PLATFORM.fullmatch(value) is not None


def _are_feeds(value: object) -> bool:
    return isinstance(value, tuple) and value != () and all(feed in FEEDS for feed in value)


def _are_settings(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and all(isinstance(each, Setting) and _SETTING.fullmatch(each.name) and _is_text(each.help) for each in value)
        and len({each.name for each in value}) == len(value)
    )


def _is_limit(value: object) -> bool:
    return value is None or (isinstance(value, RateLimit) and value.requests > 0 and value.seconds > 0)
