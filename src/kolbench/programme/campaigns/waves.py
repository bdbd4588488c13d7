"""Starting a wave, and what each of its people gets: a link, a script in their words, a poster."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain import codes
from kolbench.domain.campaigns import window, zone
from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.shapes import refuse
from kolbench.programme import scripts, variables
from kolbench.programme.campaigns import fresh, wording
from kolbench.programme.campaigns.posters import Poster
from kolbench.store import campaigns, refusals, waves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kolbench.domain.campaigns import Terms
    from kolbench.programme.scripts import Rendered
    from kolbench.store.connect import Store
    from kolbench.store.participants import Participant
    from kolbench.store.waves import Started


class Campaign(NamedTuple):
    """A campaign with what is read once for all of its people: its newest terms and its waves by id."""

    id: int
    terms: Terms
    waves: Mapping[int, campaigns.Wave]


def campaign(store: Store, campaign_id: int) -> Campaign:
    """A campaign as its people are told of it. Raises UsageError when there is none."""
    known = {wave.id: wave for wave in campaigns.waves(store.reader(), campaign_id)}
    return Campaign(campaign_id, campaigns.terms(store, campaign_id), known)


def start(
    store: Store,
    campaign_id: int,
    author: str,
    creator_ids: Sequence[int],
    *,
    no: int = 1,
    name: str = "",
    moment_at: int | None = None,
    move: bool = False,
    pick: Callable[[str], str] = secrets.choice,
) -> Started:
    """Put people into a wave, each with a code, and ask after the agreed moment whether they have posted.

    Who wants no contact is left out; ``pick`` chooses the symbols of the codes. Raises UsageError where the campaign is
    in the archive or its copy for this wave is no script, where the wave's people have agreed on another moment (unless
    it is to ``move`` for all of them), and where ``store.waves.start`` does.
    """
    found = campaigns.row(store, campaign_id)
    if found.archived_at is not None:
        raise UsageError(_("{name} is in the archive: take it out first.").format(name=found.name))
    terms = campaigns.terms(store, campaign_id)
    require_copy(terms)
    wave = next((one for one in campaigns.waves(store.reader(), campaign_id) if one.no == no), None)
    moved = wave is not None and wave.moment_at is not None and moment_at not in (None, wave.moment_at)
    if wave is not None and wave.moment_at is not None and moved and not move:
        text = _(
            "Wave {n} was told to post at {moment}. Leave the moment out to have these people join them, name another"
            " wave, or move it for all of them: --move"
        )
        raise UsageError(text.format(n=no, moment=moment(wave.moment_at, terms)))
    at = now()
    refused = {
        creator_id: wishes[0].reason
        for creator_id, wishes in refusals.of(store, creator_ids, at).items()
        if wishes[0].scope == refusals.ALL
    }
    facts = (store, campaign_id, author, creator_ids)
    done = waves.start(*facts, no=no, name=name, moment_at=moment_at, refused=refused, pick=pick)
    fresh.refresh(store)
    refresh(store, None if moved else creator_ids)
    return done


def refresh(store: Store, creator_ids: Sequence[int] | None) -> None:
    """Bring into the queue what is asked of these people (None: of all) as participants, before all other rules."""
    from kolbench.programme.rules import at_once
    from kolbench.programme.rules.wave_post import RULE

    at_once.ask(store, RULE, creator_ids)


def taken_back(store: Store) -> None:
    """Let the queue, standings and published pages follow, after an act on waves or participants was undone."""
    from kolbench.programme.rules import at_once
    from kolbench.programme.rules.wave_post import RULE

    at_once.ask(store, RULE)
    fresh.refresh(store)


def require_copy(terms: Terms) -> None:
    """Raise UsageError where what the people of a campaign are told is no script: which, and why."""
    refuse(copy_mistakes(terms))


def copy_mistakes(terms: Terms) -> list[str]:
    """What keeps the words of a campaign for its people from being scripts: the setting, and why."""
    wrong = []
    for setting in ("copy_first", "copy_all"):
        try:
            scripts.check(getattr(terms, setting))
        except UsageError as error:
            wrong.append(f"{setting}: {error}")
    return wrong


def link(found: Campaign, one: Participant) -> str:
    """The tracked link of a participant. Raises UsageError where they have no code, or the campaign no address."""
    if one.code is None:
        text = _("{who} has no code in use. Give them one: kolbench campaign codes {id} --give WHO")
        raise UsageError(text.format(who=one.name or one.ref, id=found.id))
    if not found.terms.landing_url:
        text = _("{name} has no landing address yet: set landing_url. kolbench campaign edit {id}")
        raise UsageError(text.format(name=found.terms.name, id=found.id))
    wave = found.waves.get(one.wave_id or 0)
    content = f"wave-{wave.no}" if wave else "referred"
    return codes.link(found.terms.landing_url, one.code, found.terms.name, content=content)


def script(store: Store, found: Campaign, one: Participant) -> Rendered | None:
    """What this person is told, of the first wave or of those that follow; None where nothing is written for them."""
    wave = found.waves.get(one.wave_id or 0)
    text = found.terms.copy_first if wave is not None and wave.no == 1 else found.terms.copy_all
    if not text:
        return None
    needed = scripts.needed(text)
    facts: dict[str, Any] = {"name": one.name} if one.name else {}
    if one.creator_id is not None:
        facts |= variables.of(store, one.creator_id, needed - set(variables.CAMPAIGN))
    return scripts.render(text, {**facts, **facts_of(found, one)})


def facts_of(found: Campaign, one: Participant) -> dict[str, Any]:
    """What a script can say of somebody's part in a campaign; what isn't known is left out."""
    terms, wave = found.terms, found.waves.get(one.wave_id or 0)
    told = {
        "campaign": terms.name,
        "code": one.code,
        "link": link(found, one) if one.code and terms.landing_url else None,
        "benefit": terms.benefit,
        "moment": wave and wave.moment_at and moment(wave.moment_at, terms),
    }
    return {name: value for name, value in told.items() if value}


def doubt(terms: Terms, moment_at: int) -> str:
    """Why the moment (ms) at which a wave posts may be a slip: it is past, or on none of the campaign's days."""
    starts, ends = window(terms)
    told = moment(moment_at, terms)
    if (starts is not None and moment_at < starts) or (ends is not None and moment_at >= ends):
        text = _("They post at {moment}, outside of the campaign's days ({start} – {stop}): is that meant?")
        return text.format(moment=told, start=terms.starts or "…", stop=terms.ends or "…")
    if moment_at < now():
        return _("They post at {moment}, which is past: is that meant?").format(moment=told)
    return ""


def moment(at: int, terms: Terms) -> str:
    """A moment where the campaign is, to the minute."""
    return f"{from_ms(at).astimezone(zone(terms.time_zone)):%Y-%m-%d %H:%M}"


def poster(found: Campaign, one: Participant, language: str | None = None) -> Poster:
    """What a participant's poster says, in a language of ``wording.WORDS``, by default the campaign's own.

    Raises UsageError as ``link`` does.
    """
    terms = found.terms
    words = wording.WORDS[language or wording.language(terms.positioning, terms.benefit, terms.name)]
    starts, ends = window(terms)
    period = ""
    if starts is not None and ends is not None:
        period = words.period.format(start=moment(starts, terms)[:10], stop=moment(ends - 1, terms)[:10])
    return Poster(
        headline=terms.positioning or terms.name,
        endorser=one.name or "",
        audience=terms.audience,
        outline=terms.outline,
        benefit=terms.benefit,
        code=one.code or "",
        link=link(found, one),
        colour=terms.colour,
        recommended=words.recommended if one.name else "",
        invitation=words.invitation,
        small=period,
    )


def newest(store: Store, creator_id: int) -> tuple[Campaign, Participant] | None:
    """The newest campaign in use in which a person takes part, and their part in it."""
    one = waves.newest_part(store.reader(), creator_id)
    return None if one is None else (campaign(store, one.campaign_id), one)
