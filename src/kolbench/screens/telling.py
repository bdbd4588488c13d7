"""The entries of a person's timeline in words, for the command line and for screens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.domain.incentives import Amount
from kolbench.domain.lang import N_, _
from kolbench.domain.partial_dates import Recurring, Told
from kolbench.domain.words import labelled
from kolbench.programme import follow_ups
from kolbench.programme.rule_sets import entitled, in_words
from kolbench.screens import file_words
from kolbench.screens.brief_words import PIPELINE
from kolbench.screens.words import CHANNELS, ENROLMENTS, OUTCOMES, PLATFORMS, STATES, said
from kolbench.store.refusals import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kolbench.programme.timeline import Entry

KINDS = {
    "touchpoint": N_("contact"),
    "note": N_("note"),
    "post": N_("work"),
    "message": N_("message"),
    "decision": N_("decision"),
    "follow_up": N_("follow-up"),
    "sequence": N_("sequence"),
    "sequence_end": N_("sequence"),
    "campaign": N_("campaign"),
    "stage": N_("stage"),
    "grade": N_("grade"),
    "agreement": N_("agreement"),
    "delivery": N_("delivery"),
    "acknowledgement": N_("rules"),
    "violation": N_("violation"),
    "sanction": N_("sanction"),
    "incentive": N_("incentive"),
    "life_event": N_("life"),
    "tag": N_("tag"),
    "owner": N_("owner"),
    "file": N_("file"),
    "merge": N_("merge"),
    "unmerge": N_("merge"),
}
"""What an entry is called in a column of its own."""

ENTITIES = {
    "fact": N_("field"),
    "need": N_("need"),
    "important_date": N_("important date"),
    "attachment": N_("file or link"),
    "contact_point": N_("how to reach them"),
    "do_not_contact": N_("do not contact"),
}

MOVES = {
    "placed": N_("placed"),
    "promoted": N_("promoted"),
    "demoted": N_("demoted"),
    "aside": N_("set aside"),
    "returned": N_("came back"),
    "held": N_("held there"),
    "lifted": N_("held no longer"),
}
"""How somebody came to a stage or a grade."""

LADDERS = {"stage": N_("Stage"), "grade": N_("Grade")}

AGREED = {
    "draft": N_("drafted"),
    "offered": N_("offered"),
    "signed": N_("signed"),
    "declined": N_("declined"),
    "ended": N_("ended"),
    "broken": N_("broken"),
    "renewed": N_("renewed"),
}

SEVERITIES = {
    "minor": N_("minor"),
    "serious": N_("serious"),
    "grave": N_("grave"),
}

_SHOWN = ("value", "detail", "title", "consent", "strength", "switching", "reason", "do_not_contact", "month", "day")
"""What a change of a file may say, the most telling first."""


def told(entry: Entry) -> str:
    """What an entry says, on one line; its facts as they are, where its kind is not known here."""
    tell = TOLD.get(entry.kind)
    return tell(entry.facts) if tell else json.dumps(dict(entry.facts), ensure_ascii=False)


def _touchpoint(facts: Mapping[str, Any]) -> str:
    text = _("{channel}, from them") if facts["direction"] == "in" else _("{channel}, from us")
    text = text.format(channel=said(CHANNELS, facts["channel"]))
    return labelled(text, said(OUTCOMES, facts["outcome"])) if facts["outcome"] else text


def _note(facts: Mapping[str, Any]) -> str:
    return str(facts["text"])


def _post(facts: Mapping[str, Any]) -> str:
    return labelled(said(PLATFORMS, facts["platform"]), facts["text"] or facts["url"] or "")


def _message(facts: Mapping[str, Any]) -> str:
    return labelled(facts["community"], facts["text"])


def _decision(facts: Mapping[str, Any]) -> str:
    return _because(labelled(facts["brief"], said(PIPELINE, facts["state"])), facts)


def _follow_up(facts: Mapping[str, Any]) -> str:
    return labelled(follow_ups.title(facts["rule"]), said(STATES, facts["state"]))


def _sequence(facts: Mapping[str, Any]) -> str:
    return _("{name} began").format(name=facts["sequence"])


def _campaign(facts: Mapping[str, Any]) -> str:
    text = _("takes part in '{campaign}'")
    if facts["wave"]:
        text = _("takes part in '{campaign}', {wave}")
    if facts["code"]:
        text += " " + _("with code {code}")
    return text.format(**facts)


def _sequence_end(facts: Mapping[str, Any]) -> str:
    return _because(labelled(facts["sequence"], said(ENROLMENTS, facts["state"])), facts)


def _stage(facts: Mapping[str, Any]) -> str:
    return _moved("stage", facts)


def _grade(facts: Mapping[str, Any]) -> str:
    return _moved("grade", facts)


def _moved(ladder: str, facts: Mapping[str, Any]) -> str:
    title = entitled(facts[ladder], facts["title"], facts["title_zh"])
    return _because(labelled(title, said(MOVES, facts["how"])), facts)


def _agreement(facts: Mapping[str, Any]) -> str:
    text = _("{title}, version {version}: {state}")
    return _because(
        text.format(title=facts["title"], version=facts["version"], state=said(AGREED, facts["state"])), facts
    )


def _delivery(facts: Mapping[str, Any]) -> str:
    text = _("{title}, due on {day}").format(title=facts["title"], day=facts["due_on"])
    text = text if facts["due_on"] else str(facts["title"])
    return labelled(text, facts["proof"]) if facts["proof"] else text


def _acknowledgement(facts: Mapping[str, Any]) -> str:
    text = _("they know version {version}, told by {channel}")
    return text.format(version=facts["version"], channel=said(CHANNELS, facts["channel"]))


def _violation(facts: Mapping[str, Any]) -> str:
    text = labelled(f"{facts['rule']} ({said(SEVERITIES, facts['severity'])})", facts["text"])
    return _("{text} (withdrawn: {why})").format(text=text, why=facts["withdrawn"]) if facts["withdrawn"] else text


def _sanction(facts: Mapping[str, Any]) -> str:
    text = in_words(facts["applied"] or facts["proposed"], facts["text"], facts["text_zh"])
    return _because(text if facts["applied"] else _("none, instead of {proposed}").format(proposed=text), facts)


def _incentive(facts: Mapping[str, Any]) -> str:
    text = labelled(facts["type"], Amount(facts["amount"], facts["unit"]))
    if facts["reversal_of"] is not None:
        text = _("{text} (takes entry {id} back)").format(text=text, id=facts["reversal_of"])
    return _because(text, facts)


def _because(text: str, facts: Mapping[str, Any]) -> str:
    return f"{text}. {facts['reason']}" if facts["reason"] else text


def _life_event(facts: Mapping[str, Any]) -> str:
    on = str(Told(facts["year"], facts["month"], facts["day"]))
    return f"{facts['text']} ({on})" if on else str(facts["text"])


def _tag(facts: Mapping[str, Any]) -> str:
    return _("#{name} taken off").format(name=facts["name"]) if facts["removed"] else f"#{facts['name']}"


def _owner(facts: Mapping[str, Any]) -> str:
    if facts["after"] is None:
        return _("nobody looks after them any more")
    return _("{owner} looks after them").format(owner=facts["after"])


def _file(facts: Mapping[str, Any]) -> str:
    """``Personality: shy → warm``: what changed, from what to what."""
    before, after = facts["before"] or {}, facts["after"]
    what = said(file_words.FACTS, facts["what"]) if facts["entity"] == "fact" else facts["what"]
    if facts["entity"] != "fact":
        what = f"{said(ENTITIES, facts['entity'])} {_in_words(facts['entity'], what)}".rstrip()
    if after.get("removed_at") is not None:
        return _("{what}: taken off").format(what=what)
    if after.get("lifted_at") is not None:
        return _("{what}: lifted").format(what=what)
    if facts["before"] is None and facts["entity"] == "important_date":
        return labelled(what, Recurring(**{name: after[name] for name in Recurring._fields}))
    shown = next((name for name in _SHOWN if after.get(name) != before.get(name)), None)
    if shown is None or (facts["before"] is None and facts["entity"] in ("contact_point", "attachment")):
        return what
    old, new = (_value(shown, row.get(shown)) for row in (before, after))
    return labelled(what, f"{old} → {new}" if old else new)


def _in_words(entity: str, what: str) -> str:
    """What an entry of a file is of: a need, the channel of an address, or by what way they want no contact."""
    if entity == "contact_point":
        channel, _space, address = what.partition(" ")
        return f"{said(CHANNELS, channel)} {address}"
    if entity == "do_not_contact":
        return "" if what == ALL else said(CHANNELS, what)
    return said(file_words.NEEDS, what)


def _value(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "consent":
        return said(file_words.CONSENTS, value)
    return str(file_words.level(value) if name in ("strength", "switching") else value)


def _merge(facts: Mapping[str, Any]) -> str:
    return _("{who} is the same person (merge {number})").format(**facts)


def _unmerge(facts: Mapping[str, Any]) -> str:
    return _("{who} is not the same person (merge {number} undone)").format(**facts)


TOLD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "touchpoint": _touchpoint,
    "note": _note,
    "post": _post,
    "message": _message,
    "decision": _decision,
    "follow_up": _follow_up,
    "sequence": _sequence,
    "sequence_end": _sequence_end,
    "campaign": _campaign,
    "stage": _stage,
    "grade": _grade,
    "agreement": _agreement,
    "delivery": _delivery,
    "acknowledgement": _acknowledgement,
    "violation": _violation,
    "sanction": _sanction,
    "incentive": _incentive,
    "life_event": _life_event,
    "tag": _tag,
    "owner": _owner,
    "file": _file,
    "merge": _merge,
    "unmerge": _unmerge,
}
"""A kind of entry to what puts its facts into words."""
