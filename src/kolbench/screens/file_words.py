"""The words of a person's file: its fields, needs, consents, and the entries of the timeline."""

from __future__ import annotations

from kolbench.domain.lang import N_, _

FACTS = {
    "archetype": N_("Archetype"),
    "field": N_("Field"),
    "influence": N_("Influence by"),
    "personality": N_("Personality"),
    "preferences": N_("Likes"),
    "dislikes": N_("Dislikes"),
    "occupation": N_("Occupation"),
    "city": N_("City"),
    "language": N_("Language"),
    "time_zone": N_("Time zone"),
    "hours": N_("Free hours"),
    "resources": N_("Brings along"),
    "used": N_("Has used of ours"),
    "exclusive": N_("Exclusive until"),
}

ARCHETYPES = {
    "looks": N_("looks"),
    "resource": N_("resources"),
    "creative": N_("creations"),
}
"""Why people follow somebody."""

NEEDS = {
    "money": N_("to earn money"),
    "saving": N_("to save money"),
    "contact": N_("to know people"),
    "users": N_("users and resources"),
    "brand": N_("a name of their own"),
    "support": N_("support by the platform"),
}

LEVELS = {1: "low", 2: "medium", 3: "high"}
"""What the numbers of a need are called on the command line."""

STRENGTHS = {
    "low": N_("a little"),
    "medium": N_("somewhat"),
    "high": N_("very much"),
}
"""How much somebody needs something."""

SWITCHING = {
    "low": N_("leaving whoever gives it now costs little"),
    "medium": N_("leaving whoever gives it now costs something"),
    "high": N_("leaving whoever gives it now costs much"),
}

CONSENTS = {
    "unknown": N_("consent not known"),
    "given": N_("consent given"),
    "refused": N_("consent refused"),
    "withdrawn": N_("consent withdrawn"),
}

BASES = {
    "share": N_("share"),
    "buy-out": N_("buy-out"),
    "both": N_("share and buy-out"),
    "none": N_("none"),
}
"""What an agreement rests on."""

INCENTIVES = {
    "title": N_("honorary title"),
    "medal": N_("medal"),
    "pin": N_("pin"),
    "push": N_("push"),
    "beta_place": N_("beta place"),
    "coupon": N_("coupon"),
    "gift": N_("gift"),
    "cash": N_("cash"),
    "points": N_("points"),
}


def level(n: int | None) -> str | None:
    """``low``, ``medium`` or ``high``."""
    return None if n is None else LEVELS[n]


def remaining(days: int) -> str:
    """How far off a day is."""
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return _("in {n} days").format(n=days)
