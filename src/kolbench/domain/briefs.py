"""A brief: whom we look for and what for, as an operator writes it down; and the goal that its words mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from msgspec import Struct, structs, to_builtins

from kolbench.domain.lang import _
from kolbench.domain.shapes import examined, refuse, shaped
from kolbench.domain.text import clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator

Purpose = Literal["acquire", "activate", "convert"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

Tier = Literal["pico", "nano", "micro", "mid", "macro", "mega", "unknown"]
Language = Literal["zh", "ja", "ko", "latin", "cyrillic", "arabic", "thai", "devanagari"]
"""Languages as far as their script tells them apart."""

TIERS: tuple[Tier, ...] = get_args(Tier)
LANGUAGES: tuple[Language, ...] = get_args(Language)

WEIGHTS: dict[Purpose, dict[str, int]] = {
    "acquire": {
        "reach": 25, "engagement": 15, "fit": 15, "growth": 10, "authority": 10, "fans": 10, "portability": 10,
        "activity": 5,
    },
    "activate": {
        "authenticity": 20, "voice": 15, "fit": 15, "engagement": 15, "potential": 15, "activity": 10, "audience": 10,
    },
    "convert": {
        "fit": 25, "fans": 20, "engagement": 20, "authenticity": 10, "audience": 10, "portability": 5, "reach": 5,
        "potential": 5,
    },
}  # fmt: skip
"""What each purpose weighs unless its brief says otherwise: many fans to acquire, loyal ones to convert."""


class Topics(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What they are to be about: words, people and communities whose texts are an example of it, without some words."""

    keywords: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class Who(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who comes into question; what is empty does not restrict."""

    platforms: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    regions: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()


class Exclude(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who doesn't. Bots and staff never do."""

    do_not_contact: bool = True
    working_with_us: bool = True
    exclusives: bool = True
    tags: tuple[str, ...] = ()


class Ours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which communities are ours (empty: all in the store), and how many points of 100 their members get for it."""

    communities: tuple[str, ...] = ()
    points: int = 5


class Brief(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom we look for: ``people`` is how many; ``weights`` replace those of the purpose, in any unit."""

    name: str
    purpose: Purpose
    people: int = 20
    notes: str = ""
    topics: Topics = Topics()
    who: Who = Who()
    exclude: Exclude = Exclude()
    ours: Ours = Ours()
    weights: dict[str, float] = {}


class Term(NamedTuple):
    """A word of a topic, folded: what it weighs from 0 to 1, and where that comes from.

    Of ``of`` accounts in the examples ``users`` used it, of ``rest`` others ``others``; all 0 for a keyword.
    ``others`` is a fraction where the others were drawn by kind of text, in the shares these have in the examples.
    """

    text: str
    weight: float
    keyword: bool = False
    users: int = 0
    of: int = 0
    others: float = 0.0
    rest: int = 0


class Goal(NamedTuple):
    """A version of a brief with what its words meant when it was saved: ids in the store and the topic's terms.

    ``like`` are creators; ``communities`` those whose texts are the example, ``ours`` our own (empty: all).
    """

    brief_id: int
    version: int
    brief: Brief
    like: tuple[int, ...]
    communities: tuple[int, ...]
    ours: tuple[int, ...]
    topic: tuple[Term, ...]


def parse(facts: object) -> Brief:
    """A brief from what TOML or JSON holds.

    Raises UsageError with every mistake on a line of its own, each with its setting and what is expected.
    """
    made, wrong = examined(facts, Brief, _("the brief"))
    if made is None and isinstance(facts, Mapping):
        # What has its right shape may be wrong all the same: it is told with the rest.
        usual = {"name": "-", "purpose": PURPOSES[0]}
        right = {name: value for name, value in facts.items() if examined({**usual, name: value}, Brief, "")[0]}
        wrong += _mistakes(_cleaned(shaped({**usual, **right}, Brief, "")))
    refuse(wrong)
    assert made is not None
    return check(made)


def check(brief: Brief) -> Brief:
    """The brief with its texts cleaned. Raises UsageError with every value that can't be meant."""
    brief = _cleaned(brief)
    refuse(_mistakes(brief))
    return brief


def weights(brief: Brief) -> dict[str, float]:
    """What each scorer weighs in a brief; they add up to 1, and scorers without weight are left out.

    ``inside``, being one of ours already, has its points of 100; the rest is shared by the others.
    """
    told = {**WEIGHTS[brief.purpose], **brief.weights}
    told.pop("inside", None)
    total = sum(told.values())
    inside = brief.ours.points / 100 if total else 0.0
    found = {name: (1 - inside) * weight / total for name, weight in told.items() if weight}
    return {**found, "inside": inside} if inside else found


def _mistakes(brief: Brief) -> Iterator[str]:
    if not brief.name:
        yield _("name: give the brief a name.")
    if brief.name.isdecimal():
        yield _("name: write more than a number, for briefs have numbers besides.")
    if not 1 <= brief.people <= 1_000_000:
        yield _("people: write a whole number from 1 to 1,000,000.")
    if not 0 <= brief.ours.points <= 100:
        yield _("ours.points: write a whole number from 0 to 100.")
    beyond = [name for name, weight in brief.weights.items() if not 0 <= weight <= 1_000_000]
    for name in beyond:
        yield _("weights.{name}: write a number from 0 to 1,000,000.").format(name=name)
    if not beyond and not any(weights(brief).values()):
        yield _("weights: at least one must be above zero.")


def plain(brief: Brief) -> dict[str, Any]:
    """Every setting of a brief as TOML and JSON hold it; ``parse`` makes the same brief of it again."""
    facts: dict[str, Any] = to_builtins(brief, builtin_types=())
    return facts


def _cleaned(brief: Brief) -> Brief:
    topics, who, exclude, ours = brief.topics, brief.who, brief.exclude, brief.ours
    return structs.replace(
        brief,
        name=clean_line(brief.name, 80),
        notes=clean_text(brief.notes).strip(),
        topics=Topics(
            keywords=_words(topics.keywords),
            like=_words(topics.like),
            communities=_words(topics.communities),
            without=_words(topics.without),
        ),
        who=structs.replace(who, platforms=_words(who.platforms), regions=_words(who.regions)),
        exclude=structs.replace(exclude, tags=_words(exclude.tags)),
        ours=structs.replace(ours, communities=_words(ours.communities)),
        weights={clean_line(name, 60): weight for name, weight in brief.weights.items()},
    )


def _words(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Each text once, cleaned, without empty ones."""
    return tuple(dict.fromkeys(word for text in texts if (word := clean_line(text))))
