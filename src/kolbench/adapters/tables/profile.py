"""Profiles: what is known of the tables that one tool exports, as a TOML file each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from kolbench.adapters.tables.columns import KINDS, normal
from kolbench.adapters.tables.mapping import EVERY_ROLE, own_metric, parse_map
from kolbench.adapters.tables.options import Options, zone_named
from kolbench.adapters.tables.readers import Look
from kolbench.domain.clock import latest
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.toml_words import mistake

SHIPPED = Path(__file__).parent / "profiles"
FOLDER = "profiles"
"""The folder beside the operator's other settings that holds profiles of their own."""

NONE = "none"
"""What the setting ``profile`` says for a table that no profile shall touch."""

LARGEST = 1 << 16
"""Bytes of a profile; a longer file is none."""

_UNITS = frozenset(("万", "w", "k", "千", "亿", "m", "%"))
_KEYS = frozenset(("title", "platform", "kind", "needs", "roles", "ignore", "units", "timezone", "as_of"))


@dataclass(frozen=True)
class Profile:
    """The tables of one tool: their platform and kind, and what their columns (in normal form) mean.

    ``needs`` are sets of columns: a table with all of one set is recognised. ``roles`` has the names of each role,
    the best first. ``as_of`` finds, as its one group, the moment of the counts in a file's name.
    """

    name: str
    title: str
    platform: str
    kind: str
    needs: tuple[frozenset[str], ...]
    roles: Mapping[str, tuple[str, ...]]
    ignore: frozenset[str]
    units: Mapping[str, str]
    timezone: str
    as_of: re.Pattern[str] | None


def every() -> dict[str, Profile]:
    """All profiles by name, the operator's own over those that come along. Raises UsageError for a broken one."""
    from platformdirs import user_config_path

    return {**_shipped(), **_in_folder(user_config_path("kolbench") / FOLDER)}


@cache
def _shipped() -> dict[str, Profile]:
    return _in_folder(SHIPPED)


def _in_folder(folder: Path) -> dict[str, Profile]:
    return {file.stem: read(file) for file in sorted(folder.glob("*.toml"))}


def read(file: Path) -> Profile:
    """The profile in a file. Raises UsageError naming the file and what is wrong with it."""
    try:
        with file.open("rb") as stream:
            text = stream.read(LARGEST + 1).decode("utf-8-sig")
        if len(text) > LARGEST:
            raise ValueError(_("it is too long"))
        return _profile(file.stem, tomllib.loads(text))
    except (OSError, ValueError, re.error) as why:
        raise UsageError(_("the profile {path} can't be used: {why}").format(path=file, why=mistake(why))) from None


def recognised(seen: Look, profiles: Mapping[str, Profile]) -> Profile | None:
    """The profile that fits the header best: the one with the largest set of columns that are all there."""
    if not seen.headed:
        return None
    names = {normal(name) for name in seen.names}
    fits = [
        (len(needs), profile) for profile in profiles.values() for needs in profile.needs if needs and needs <= names
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def chosen(options: Options, seen: Look) -> Profile | None:
    """The profile that the operator names, else the one that fits. Raises UsageError when none has that name."""
    if options.profile == NONE:
        return None
    profiles = every()
    if not options.profile:
        return recognised(seen, profiles)
    if options.profile not in profiles:
        raise UsageError(
            _("there is no profile {name}; there are {names}").format(name=options.profile, names=", ".join(profiles))
        )
    return profiles[options.profile]


def fitted(options: Options, seen: Look) -> tuple[Options, Profile | None]:
    """The options with what a profile adds to them; what the operator says goes before it."""
    profile = chosen(options, seen)
    if profile is None:
        return options, None
    zone = options.timezone if options.timezone_told else zone_named(profile.timezone)
    names = [normal(name) for name in seen.names]
    kept = options.map.startswith("{")  # the whole mapping, as it was agreed to before
    return replace(
        options,
        map=options.map if kept else _map(options.map, profile, seen.names),
        kind=options.kind or ("" if kept else profile.kind),
        timezone=zone,
        as_of=options.as_of or _as_of(profile, seen.file, zone),
        units=tuple((at, profile.units[name]) for at, name in enumerate(names) if name in profile.units),
    ), profile


def _map(said: str, profile: Profile, names: Sequence[str]) -> str:
    """The profile's and the operator's mapping in one, columns by their numbers."""
    own = parse_map(said, names)
    spelt = [normal(name) for name in names]
    fixed: dict[int, str] = {at: "" for at, name in enumerate(spelt) if name in profile.ignore}
    for role, aliases in profile.roles.items():
        at = next((spelt.index(alias) for alias in aliases if alias in spelt), None)
        if at is not None and role not in own.values():
            fixed[at] = role
    return ",".join(f"{at + 1}={role}" for at, role in {**fixed, **own}.items())


def _as_of(profile: Profile, file: Path, zone: Any) -> Any:
    found = profile.as_of.search(file.name) if profile.as_of else None
    try:
        moment = parse_moment(found[1], zone) if found else None
    except ValueError:
        return None
    return moment if moment and moment <= latest() else None


def _profile(name: str, told: Mapping[str, Any]) -> Profile:
    """The profile that a TOML document describes. Raises ValueError in words."""
    if unknown := told.keys() - _KEYS:
        raise ValueError(_("it has no {key}; it has {keys}").format(key=min(unknown), keys=", ".join(sorted(_KEYS))))
    platform, kind = str(told.get("platform", "")), str(told.get("kind", ""))
    if not re.fullmatch(r"[a-z0-9_]{1,40}", platform):
        raise ValueError(_("platform is {value}; use lower-case letters, digits and '_'").format(value=platform))
    if kind not in KINDS:
        raise ValueError(_("kind is {value}; it can be {choices}").format(value=kind, choices=", ".join(KINDS)))
    roles = {role: _names(names) for role, names in _table(told, "roles").items()}
    for role in roles:
        if role not in EVERY_ROLE and not own_metric(role):
            raise ValueError(_("there is no role {role}").format(role=role))
    units = {normal(column): str(unit).lower() for column, unit in _table(told, "units").items()}
    for unit in units.values():
        if unit not in _UNITS:
            raise ValueError(_("unit is {value}; it can be {choices}").format(value=unit, choices=" ".join(_UNITS)))
    timezone = str(told.get("timezone", "UTC"))
    try:
        zone_named(timezone)
    except UsageError as why:
        raise ValueError(str(why)) from None
    as_of = re.compile(str(told["as_of"])) if "as_of" in told else None
    if as_of and as_of.groups != 1:
        raise ValueError(_("as_of needs one group that holds the date"))
    return Profile(
        name,
        str(told.get("title", name)),
        platform,
        kind,
        tuple(frozenset(_names(needs)) for needs in _list(told.get("needs", []))),
        roles,
        frozenset(_names(told.get("ignore", []))),
        units,
        timezone,
        as_of,
    )


def _table(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = told.get(key, {})
    if not isinstance(found, dict):
        raise ValueError(_("{key} is no table").format(key=key))
    return found


def _list(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise ValueError(_("{value} is no list").format(value=found))
    return found


def _names(found: Any) -> tuple[str, ...]:
    """Columns' names, in normal form."""
    return tuple(normal(str(name)) for name in _list(found))
