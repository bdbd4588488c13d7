"""Writing briefs: what their words mean in this store, and the file in which one is kept."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import structs

from kolbench.analysis import topics
from kolbench.domain import naming
from kolbench.domain.briefs import LANGUAGES, PURPOSES, TIERS, WEIGHTS, Brief, check, parse, plain
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.domain.shapes import refuse
from kolbench.domain.text import clean_line
from kolbench.domain.words import misspelt, platform_meant
from kolbench.programme import toml_text
from kolbench.store import briefs, communities, creators, filters, tags
from kolbench.store.briefs import NOT_YET, Meant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from kolbench.store.connect import Store

Meaning = TypeVar("Meaning")


def write(
    store: Store,
    brief: Brief,
    author: str,
    brief_id: int | None = None,
    base: int | None = None,
    *,
    anew: bool = False,
) -> int:
    """Keep a new brief, or the next version of one, and return its id.

    ``base`` is the version that was edited; with ``anew``, new texts of its examples make a version, too. A platform
    or a community of ours that nobody has yet is kept, and means nobody until they come (``awaited``). Raises
    UsageError, which names each setting, where words mean nobody or several, and where ``store.briefs.save`` does.
    """
    brief = check(brief)
    wrong: list[str] = []
    platforms = _each("who.platforms", brief.who.platforms, partial(_platform, every=filters.platforms(store)), wrong)
    brief = structs.replace(
        brief,
        who=structs.replace(brief.who, platforms=tuple(dict.fromkeys(platforms))),
        exclude=structs.replace(brief.exclude, tags=_tags(store, brief.exclude.tags)),
    )
    wrong += _unmeasured(brief.weights)
    spelled = len(wrong)
    like = _each("topics.like", brief.topics.like, lambda word: creators.exact(store, word), wrong)
    rooms = _each("topics.communities", brief.topics.communities, lambda word: _community(store, word), wrong)
    if wrong[spelled:]:
        text = _(
            "topics: examples are read when a brief is saved. Who has yet to come can be named in a later version."
        )
        wrong.append(text)
    ours = _each("ours.communities", brief.ours.communities, lambda word: _community(store, word, later=True), wrong)
    refuse(wrong)
    topic = topics.profile(store.reader(), brief.topics.keywords, like, rooms, brief.topics.without)
    return briefs.save(store, brief, Meant(like, rooms, ours, topic), author, brief_id, base=base, anew=anew)


def awaited(store: Store, brief: Brief) -> list[str]:
    """The words of a brief that mean nobody until they come, a sentence each."""
    there = set(filters.platforms(store))
    text = _("{path}: nobody is on '{name}' yet. It means nobody until they come.")
    found = [text.format(path="who.platforms", name=name) for name in brief.who.platforms if name not in there]
    text = _("{path}: there is no community '{name}' yet. It means nobody until it comes.")
    return found + [
        text.format(path="ours.communities", name=name)
        for name in brief.ours.communities
        if not _community(store, name, later=True)
    ]


def read_toml(path: Path, told: Callable[[Mapping[str, Any]], object] = lambda facts: facts) -> Brief:
    """The brief in a file (``-``: what comes in on the standard input), its settings changed by ``told``.

    Raises UsageError.
    """
    return toml_text.parsed(*toml_text.read(path), lambda facts: parsed(told(facts)))


def from_toml(text: str, where: str) -> Brief:
    """The brief in a text that came from ``where``. Raises UsageError."""
    return toml_text.parsed(text, where, parsed)


def parsed(facts: object) -> Brief:
    """A brief from what TOML holds. Raises UsageError with every mistake that can be seen without a store."""
    try:
        return parse(facts)
    except UsageError as error:
        weights = facts.get("weights") if isinstance(facts, Mapping) else None
        more = _unmeasured(weights) if isinstance(weights, Mapping) else ()
        raise UsageError("\n".join((str(error), *more))) from None


def to_toml(brief: Brief, *, explained: bool = False) -> str:
    """A brief as a file to be kept and edited, the settings always in the same order; ``from_toml`` reads it again.

    With ``explained``, comments above it say what can be written.
    """
    import tomli_w

    facts = plain(brief)
    facts["weights"] = {name: int(weight) if weight.is_integer() else weight for name, weight in brief.weights.items()}
    for name in ("notes", "weights"):
        if not facts[name]:
            del facts[name]
    text = tomli_w.dumps(facts, multiline_strings=True)
    return "".join(f"# {line}\n" for line in _explanation(brief)) + "\n" + text if explained else text


def _explanation(brief: Brief) -> Iterable[str]:
    def listed(names: Iterable[str]) -> str:
        return ", ".join(names)

    yield _("purpose: {names}").format(names=listed(PURPOSES))
    yield _("topics.like: people as 'platform:handle', an id or exactly a name; communities by name or number")
    yield _("topics.without: words of these examples that say nothing of the topic")
    yield _("who.tiers: {names}").format(names=listed(TIERS))
    yield _("who.languages: {names}").format(names=listed(LANGUAGES))
    usual = listed(f"{name} {weight}" for name, weight in WEIGHTS[brief.purpose].items())
    yield _("weights of '{purpose}' unless a table [weights] says otherwise: {names}").format(
        purpose=brief.purpose, names=usual
    )


def _each(setting: str, words: Iterable[str], find: Callable[[str], Meaning], wrong: list[str]) -> tuple[Meaning, ...]:
    """What each word of a setting means; a word that means nothing adds a complaint with the setting to ``wrong``."""
    found = []
    for word in words:
        try:
            found.append(find(word))
        except UsageError as error:
            wrong.append(_("{path}: {error}").format(path=setting, error=error))
    return tuple(found)


def _platform(text: str, every: Sequence[str]) -> str:
    """The platform of that name, which may come yet. Raises UsageError where it is likely a known one, misspelt."""
    if text.lower() not in every and (meant := platform_meant(text.lower(), every)):
        raise UsageError(misspelt(text, meant))
    return text.lower()


def _community(store: Store, text: str, *, later: bool = False) -> int:
    """The community of that name or number. With ``later`` it may come yet, and is ``NOT_YET`` until then."""
    every = communities.every(store)
    key = fold(text)
    found = [one for one in every if text == str(one.id)] or [one for one in every if fold(one.name) == key]
    if len(found) == 1:
        return found[0].id
    if found:
        names = naming.few(f"{one.name} ({one.platform}, {one.id})" for one in found)
        raise UsageError(_("Which one do you mean? {names}").format(names=names))
    if later and not text.isdecimal():
        return NOT_YET
    names = naming.few(map(naming.numbered, naming.near(key, [(one.id, one.name) for one in every])))
    text = _("There is no community '{text}'. Communities: {names}.").format(text=text, names=names or _("none yet"))
    raise UsageError(text)


def _tags(store: Store, words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags.spelled(store.reader(), word) for word in words))


def _unmeasured(weights: Mapping[str, Any]) -> Iterator[str]:
    """A complaint for each weight of something that nothing measures."""
    usual = {name for told in WEIGHTS.values() for name in told}
    if usual.issuperset(weights):
        return
    from kolbench.analysis import scorers

    known = sorted(usual | scorers.GENERAL.keys() | scorers.of_plugins().keys())
    for name in weights:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.5)
            text = _("weights.{name}: nothing of that name is measured. What is: {names}.")
            if near:
                text = _("weights.{name}: nothing of that name is measured. Do you mean {near}? What is: {names}.")
            yield text.format(name=clean_line(name, 60), near="".join(near), names=", ".join(known))
