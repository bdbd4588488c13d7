"""The people, the community or the source that an argument names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kolbench.domain import naming, words
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.store import filters, leaderboards, owners, sources, tags
from kolbench.store.leaderboards import Scope

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Community


def add_creator(parser: ArgumentParser) -> None:
    """Add the one person who is meant, no matter for a guess: ``store.creators.exact`` finds them."""
    parser.add_argument("creator", metavar="CREATOR", help=_("an id, platform:handle, or exactly a name or handle"))


def add_creators(parser: ArgumentParser, nargs: Literal["*", "+"] = "+") -> None:
    """Add several people, likewise."""
    parser.add_argument(
        "creators", metavar="CREATOR", nargs=nargs, help=_("ids, platform:handle, or exactly a name or handle")
    )


def community(store: Store, text: str) -> Community:
    """The community with that number or name, or the only one with ``text`` in its name. Raises UsageError."""
    every = leaderboards.communities(store)
    key = fold(text)
    exact = [one for one in every if text == str(one.id) or fold(one.name) == key]
    found = exact or [one for one in every if key in fold(one.name)]
    if len(found) == 1 or exact:
        return found[0]
    if found:
        raise UsageError(_("Which one do you mean? {names}").format(names=_names(found)))
    raise UsageError(
        _("There is no community '{text}'. Communities: {names}.").format(
            text=text, names=_names(every) or _("none yet")
        )
    )


def platform(store: Store, text: str) -> str:
    """The platform of that name on which there is anybody. Raises UsageError."""
    return words.platform(text, filters.platforms(store))


def owner(store: Store, text: str) -> str:
    """The operator of that name who looks after somebody. Raises UsageError."""
    every = [one.name for one in owners.known(store)]
    for name in every:
        if fold(name) == fold(text):
            return name
    known = naming.few(every) or _("none yet")
    raise UsageError(_("'{text}' looks after nobody. Who does: {names}.").format(text=text, names=known))


def operator(store: Store, text: str) -> str:
    """The operator of that name who looks after somebody, was handed a follow-up or did anything. Raises UsageError."""
    every = owners.working(store)
    for name in every:
        if fold(name) == fold(text):
            return name
    known = naming.few(every) or _("none yet")
    raise UsageError(_("There is no operator '{text}'. Those there are: {names}.").format(text=text, names=known))


def tag(store: Store, text: str) -> str:
    """The tag of that name that somebody has. Raises UsageError."""
    every = [one.name for one in tags.known(store)]
    if (name := tags.spelled(store.reader(), text)) in every:
        return name
    known = naming.few(every) or _("none yet")
    raise UsageError(_("Nobody has the tag '{text}'. Tags: {names}.").format(text=text, names=known))


def value(store: Store, what: Literal["region", "category"], text: str) -> str:
    """The region or category of that name in which there is anybody. Raises UsageError."""
    every = [name for name, _people in filters.occurring(store, what, -1)]
    for name in every:
        if fold(name) == fold(text):
            return name
    known = naming.few(every) or _("none yet")
    told = {
        "region": _("Nobody is in the region '{text}'. Regions: {names}."),
        "category": _("Nobody has the category '{text}'. Categories: {names}."),
    }[what]
    raise UsageError(told.format(text=text, names=known))


def scope(store: Store, community_name: str | None, source_name: str | None) -> Scope:
    """Where people are compared: what was named, else the liveliest community, else everywhere."""
    if source_name:
        return Scope("source", sources.get(store, source_name).id)
    if community_name:
        return Scope("community", community(store, community_name).id)
    liveliest = next(iter(leaderboards.communities(store)), None)
    return Scope("community", liveliest.id) if liveliest else Scope()


def title(store: Store, where: Scope) -> str:
    """What a scope is called."""
    if where.kind == "community":
        return next(one.name for one in leaderboards.communities(store) if one.id == where.id)
    if where.kind == "source":
        return next(one.name for one in sources.every(store) if one.id == where.id)
    return _("everywhere")


def _names(found: Sequence[Community]) -> str:
    return naming.few(naming.numbered((one.id, one.name)) for one in found)
