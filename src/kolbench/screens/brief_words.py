"""The words of briefs as an operator reads them: purposes, languages, states of candidates, supply and demand."""

from __future__ import annotations

from kolbench.domain.lang import N_

PURPOSES = {
    "acquire": N_("acquire"),
    "activate": N_("activate"),
    "convert": N_("convert"),
}

MEANINGS = {
    "acquire": N_("people who don't know us yet hear of us"),
    "activate": N_("those who know us take part"),
    "convert": N_("those who take part buy"),
}

LANGUAGES = {
    "zh": N_("Chinese"),
    "ja": N_("Japanese"),
    "ko": N_("Korean"),
    "latin": N_("Latin script"),
    "cyrillic": N_("Cyrillic script"),
    "arabic": N_("Arabic script"),
    "thai": N_("Thai"),
    "devanagari": N_("Devanagari"),
}

PIPELINE = {
    "undecided": N_("undecided"),
    "shortlisted": N_("shortlisted"),
    "rejected": N_("rejected"),
    "contacted": N_("contacted"),
    "agreed": N_("agreed"),
    "active": N_("active"),
}

VERDICTS = {
    "more": N_("more creators"),
    "fewer": N_("fewer creators"),
    "other": N_("other creators"),
    "enough": N_("as it is"),
    "unknown": N_("too little is known"),
}

SUBJECTS = {"topic": N_("topic"), "community": N_("community"), "source": N_("source")}
