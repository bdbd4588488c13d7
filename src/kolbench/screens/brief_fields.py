"""The settings of a brief as the lines of a form: what each is called, means, shows and accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, get_args

from msgspec import structs

from kolbench.domain.briefs import PURPOSES, WEIGHTS, Brief, Language, Tier, check, weights
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.text import clean_line
from kolbench.screens.brief_words import LANGUAGES, MEANINGS
from kolbench.screens.brief_words import PURPOSES as PURPOSE_WORDS
from kolbench.screens.words import COMPONENTS, PLATFORMS, TIERS, said
from kolbench.widgets.cells import bar, separated

Way = Literal["line", "number", "words", "several", "one", "flag", "weight"]

STEP = 5
"""What + adds to a weight; those of a purpose are 100 together."""

MAX_LINE = 2_000
EMPTY = "–"
BAR_CELLS = 20

WORDS = {
    "purpose": PURPOSE_WORDS,
    "who.platforms": PLATFORMS,
    "who.tiers": TIERS,
    "who.languages": LANGUAGES,
}
"""Settings whose values have words of their own."""

FIXED: dict[str, Sequence[str]] = {
    "purpose": PURPOSES,
    "who.tiers": get_args(Tier),
    "who.languages": get_args(Language),
}
"""Settings with a closed list of values."""


class Field(NamedTuple):
    """One setting: its name in a file, its label and meaning (marked for translation), and how it is changed."""

    key: str
    label: str
    about: str
    way: Way


FIELDS = (
    Field("name", N_("Name"), N_("What this search is called. Every save makes a new version of it."), "line"),
    Field("purpose", N_("Purpose"), N_("What they are to do for us; it sets the weights below."), "one"),
    Field("people", N_("People wanted"), N_("How many are to be shortlisted."), "number"),
    Field(
        "topics.keywords", N_("Keywords"),
        N_("What they are to talk about, in any language, with commas between: 护肤, sunscreen."), "words",
    ),
    Field(
        "topics.like", N_("People like"),
        N_("Whose texts are what we look for: weibo:lijing, a whole name or a number, with commas between."),
        "words",
    ),
    Field(
        "topics.communities", N_("Talk like in"),
        N_("Communities whose talk is what we look for."), "several",
    ),
    Field(
        "topics.without", N_("Without the words"),
        N_("Words of these examples that don't count, with commas: hi, 今天."), "words",
    ),
    Field("who.platforms", N_("Platforms"), N_("Where their main account is."), "several"),
    Field("who.tiers", N_("Tiers"), N_("How large they are, by the followers of their main account."), "several"),
    Field("who.regions", N_("Regions"), N_("Where they live, as profiles say it: 上海, Berlin."), "words"),
    Field("who.languages", N_("Languages"), N_("What they write in, as far as its script tells."), "several"),
    Field(
        "exclude.do_not_contact", N_("Leave out: no contact"),
        N_("Whoever has asked not to be contacted (tag do-not-contact)."), "flag",
    ),
    Field(
        "exclude.working_with_us", N_("Leave out: ours already"),
        N_("Whoever has agreed or is active in any brief."), "flag",
    ),
    Field(
        "exclude.exclusives", N_("Leave out: exclusive"),
        N_("Whoever is exclusive elsewhere today, as their file says."), "flag",
    ),
    Field(
        "exclude.tags", N_("Leave out: tagged"),
        N_("People with one of these tags, such as a competitor's staff."), "several",
    ),
    Field(
        "ours.communities", N_("Our communities"),
        N_("Whose members are ours already; none marked: all communities in this store."), "several",
    ),
    Field(
        "ours.points", N_("Points for ours"),
        N_("How many points of 100 a member of our communities gets before an equal outsider."), "number",
    ),
    Field("notes", N_("Notes"), N_("Anything others should know about this search."), "line"),
)  # fmt: skip


def fields(brief: Brief) -> Iterator[Field]:
    """All settings, the weights at the end: those of every purpose, and what else the brief weighs."""
    yield from FIELDS
    about = N_("What it counts for in the score; + and - change it, x takes the purpose's.")
    known = [name for name in COMPONENTS if any(name in usual for usual in WEIGHTS.values())]
    for name in (*known, *(name for name in brief.weights if name not in known)):
        yield Field(f"weights.{name}", COMPONENTS.get(name, name), about, "weight")


def label(field: Field) -> str:
    """What the form calls it."""
    return _("Weight: {name}").format(name=_(field.label)) if field.way == "weight" else _(field.label)


def about(field: Field, brief: Brief) -> str:
    """What it means."""
    if field.key == "purpose":
        text = _("{what}: {more}").format(what=said(PURPOSE_WORDS, brief.purpose), more=said(MEANINGS, brief.purpose))
        return _("{what}. {more}").format(what=text, more=_(field.about))
    return _(field.about)


def value(brief: Brief, key: str) -> Any:
    """What a setting is set to; the weight of a scorer is in the brief's own unit."""
    if key.startswith("weights."):
        return {**WEIGHTS[brief.purpose], **brief.weights}.get(key.removeprefix("weights."), 0)
    found: Any = brief
    for part in key.split("."):
        found = getattr(found, part)
    return found


def usual(brief: Brief, key: str) -> Any:
    """What it is unless somebody sets it; weights follow the purpose."""
    return value(Brief(name="", purpose=brief.purpose if key.startswith("weights.") else PURPOSES[0]), key)


def changed(brief: Brief, key: str, new: Any) -> Brief:
    """The brief with another value of a setting. A weight that is the purpose's own is not kept."""
    if key.startswith("weights."):
        name = key.removeprefix("weights.")
        kept = {one: weight for one, weight in brief.weights.items() if one != name}
        return structs.replace(brief, weights=kept if new == usual(brief, key) else {**kept, name: new})
    head, _dot, tail = key.partition(".")
    if tail:
        new = structs.replace(getattr(brief, head), **{tail: new})
    return structs.replace(brief, **{head: new})


def stepped(brief: Brief, key: str, steps: int) -> Brief:
    """The brief with a weight some steps higher or lower."""
    return changed(brief, key, max(0, value(brief, key) + steps * STEP))


def shown(field: Field, brief: Brief) -> str:
    """A setting's value as the form shows it."""
    found = value(brief, field.key)
    if field.way == "weight":
        return _weighed(brief, field.key)
    if field.way == "flag":
        return _("yes") if found else _("no")
    if field.way == "number":
        return separated(found)
    if isinstance(found, tuple):
        words = WORDS.get(field.key, {})
        return _(", ").join(said(words, one) for one in found) or _nothing(field)
    if field.key == "purpose":
        return _("{what}: {more}").format(what=said(PURPOSE_WORDS, found), more=said(MEANINGS, found))
    return str(found) or EMPTY


def _nothing(field: Field) -> str:
    """What an empty list means."""
    if field.key == "ours.communities":
        return _("all in this store")
    return _("any") if field.key.startswith("who.") else EMPTY


def _weighed(brief: Brief, key: str) -> str:
    """A weight as a bar and a share of all, with the purpose's own share where that is another."""
    name = key.removeprefix("weights.")
    share = weights(brief).get(name, 0.0)
    text = f"{bar(share * 2, BAR_CELLS)} {share:4.0%}"
    if name in brief.weights:
        before = weights(Brief(name="", purpose=brief.purpose)).get(name, 0.0)
        text += "  " + _("usually {share}").format(share=f"{before:.0%}")
    return text


def typed(field: Field, brief: Brief) -> str:
    """A setting's value as one types it."""
    found = value(brief, field.key)
    if field.way == "words":
        return _(", ").join(found)
    return f"{found:g}" if field.way == "weight" else str(found)


def meant(field: Field, text: str) -> Any:
    """The value that a typed text means. Raises UsageError."""
    if field.way == "words":
        found = (clean_line(part, MAX_LINE) for part in re.split("[,，、;；\n]", text))
        return tuple(dict.fromkeys(part for part in found if part))
    if field.way == "line":
        return clean_line(text, MAX_LINE)
    try:
        return int(text) if field.way == "number" else float(text)
    except ValueError:
        raise UsageError(_("A number is expected.")) from None


def tried(field: Field, brief: Brief, text: str) -> Brief:
    """The brief with what was typed. Raises UsageError where that can't be meant; what is wrong elsewhere may stay."""
    new = meant(field, text)
    alone = Brief(name=brief.name or "-", purpose=brief.purpose, weights=brief.weights)
    try:
        check(changed(alone, field.key, new))
    except UsageError as error:
        raise UsageError(placed(error)[1]) from None
    return changed(brief, field.key, new)


def placed(error: UsageError) -> tuple[str, str]:
    """The setting that the first mistake of an error names, or nothing, and what is wrong with it."""
    first = str(error).partition("\n")[0]
    found = re.match(r"([a-z_]+(?:\.[a-z_]+)*)(?:\[[^\]]*\])?\s*[:：]\s*(.+)", first)
    if found and any(field.key == found[1] or field.key.startswith(f"{found[1]}.") for field in FIELDS):
        return found[1], found[2]
    return (found[1], found[2]) if found and found[1].startswith("weights") else ("", first)
