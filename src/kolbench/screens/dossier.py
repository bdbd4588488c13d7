"""All that is on file about one creator, read at once and written as lines of any width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from kolbench.analysis import standing, topics_bright
from kolbench.domain.clock import now
from kolbench.domain.lang import _, ngettext
from kolbench.programme import dates
from kolbench.programme import follow_ups as programme
from kolbench.screens import measures, why
from kolbench.screens.brief_words import PIPELINE
from kolbench.screens.file_words import NEEDS
from kolbench.screens.lines import Line, Span, columns, paragraph
from kolbench.screens.words import CHANNELS, KINDS, MEMBERS, METRICS, OUTCOMES, PLATFORMS, STATES, TIERS, said
from kolbench.store import creators, decisions, merges, needs, notes, owners, refusals, tags
from kolbench.widgets.cells import bar, compact, day, due, near, percent, separated, since, wrap

if TYPE_CHECKING:
    from kolbench.analysis.topics_bright import BrightSpot
    from kolbench.programme.dates import Coming
    from kolbench.programme.follow_ups import QueueRow
    from kolbench.screens.why import Why
    from kolbench.store.connect import Store
    from kolbench.store.needs import Need
    from kolbench.store.refusals import Refusal

POINTS = 60
NOTES = 10
BIO_LINES = 3
MESSAGE_LINES = 2
DAY_CELLS = 10

SOON_DAYS = 30
"""So close an important date is told beside a list."""


@dataclass(frozen=True)
class Dossier:
    """What is known of one creator at one moment; ``series`` are the followers of the account ``main_id``."""

    creator_id: int
    name: str
    at: int
    accounts: Sequence[creators.Account]
    counters: Sequence[creators.Counter]
    main_id: int | None
    series: Sequence[tuple[int, int]]
    standing: standing.Standing | None
    why: Why
    owner: str
    tags: Sequence[str]
    decisions: Sequence[decisions.Event]
    rooms: Sequence[creators.Room]
    shines: BrightSpot | None
    posts: Sequence[creators.Post]
    messages: Sequence[creators.Message]
    touches: Sequence[notes.Touchpoint]
    notes: Sequence[notes.Note]
    follow_ups: Sequence[QueueRow]
    refused: Sequence[Refusal]
    coming: Sequence[Coming]
    needs: Sequence[Need]


def load(store: Store, creator_id: int, brief_id: int | None = None) -> Dossier:
    """Read the dossier of a creator, or of whoever they were merged into, for a brief or in general.

    Call it in a thread.
    """
    creator_id = merges.root(store.reader(), creator_id)
    accounts = creators.accounts(store, creator_id)
    counters = creators.counters(store, creator_id)
    followers = [counter for counter in counters if counter.metric == "followers"]
    main = max(followers, key=lambda counter: counter.value, default=None)
    return Dossier(
        creator_id=creator_id,
        name=creators.name(store, creator_id) or "",
        at=now(),
        accounts=accounts,
        counters=counters,
        main_id=main and main.account_id,
        series=creators.series(store, main.account_id, "followers", POINTS) if main else (),
        standing=(stands := standing.explain(store, creator_id)),
        why=why.of(store, brief_id, creator_id, stands),
        owner=owners.of(store, [creator_id]).get(creator_id, ""),
        tags=tags.of(store, [creator_id]).get(creator_id, ()),
        decisions=decisions.history(store, creator_id)[:NOTES],
        rooms=creators.rooms(store, creator_id),
        shines=topics_bright.bright_spot(store.reader(), creator_id),
        posts=creators.posts(store, creator_id),
        messages=creators.messages(store, creator_id),
        notes=notes.notes(store, creator_id, NOTES),
        touches=notes.touchpoints(store, creator_id, NOTES),
        follow_ups=programme.about(store, creator_id),
        refused=refusals.of(store, [creator_id], now()).get(creator_id, ()),
        coming=dates.upcoming(store, now(), [creator_id], SOON_DAYS),
        needs=needs.of(store, creator_id),
    )


def about(dossier: Dossier, width: int) -> Iterator[Line]:
    """Why they score as they do, and their accounts."""
    yield from _why(dossier.why, width)
    yield from _accounts(dossier, width)


def doings(dossier: Dossier, width: int) -> Iterator[Line]:
    """Where they are, what they published and what they said."""
    if dossier.rooms:
        yield from _section(_("Communities"), width)
        for room in dossier.rooms:
            yield from _room(room, dossier.at, width)
    if dossier.shines is not None:
        yield from _section(_("Bright spot"), width)
        yield from paragraph(_shining(dossier.shines), width)
    if dossier.posts:
        yield from _section(_("Newest works"), width)
        for post in dossier.posts:
            yield from _post(post, dossier.at, width)
    if dossier.messages:
        yield from _section(_("Newest messages"), width)
        for message in dossier.messages:
            yield from _message(message, dossier.at, width)


def ours(dossier: Dossier, width: int) -> Iterator[Line]:
    """What we have to do with them: follow-ups, contacts and notes."""
    if dossier.owner or dossier.tags or dossier.decisions:
        yield from _section(_("Decisions"), width)
        about = [_("owner: {name}").format(name=dossier.owner)] if dossier.owner else []
        about += [f"#{tag}" for tag in dossier.tags]
        if about:
            yield from paragraph(" · ".join(about), width)
        for event in dossier.decisions:
            what = _("{what}: {more}").format(what=event.brief, more=said(PIPELINE, event.state))
            yield columns(
                (what, max(8, width - 17), "plain"),
                (f"{event.author} {since(event.at, dossier.at)}", 16, "muted", "right"),
            )
            if event.reason:
                yield from paragraph(event.reason, width, "muted", indent=2)
    if dossier.follow_ups:
        yield from _section(_("Follow-ups"), width)
        for row in dossier.follow_ups:
            state = said(STATES, row.state) if row.state != "open" else due(row.due_at, dossier.at)
            yield columns((row.title, max(8, width - 11), "plain"), (state, 10, "muted", "right"))
            yield from paragraph(row.why, width, "muted", indent=2)
    if dossier.touches:
        yield from _section(_("Contacts"), width)
        for touch in dossier.touches:
            way = said(CHANNELS, touch.channel)
            if touch.outcome:
                way = _("{what}: {more}").format(what=way, more=said(OUTCOMES, touch.outcome))
            yield columns(
                (way, max(8, width - 17), "plain"),
                (f"{touch.author} {since(touch.at, dossier.at)}", 16, "muted", "right"),
            )
    if dossier.notes:
        yield from _section(_("Notes"), width)
        for note in dossier.notes:
            yield from paragraph(note.text, width)
            yield [(f"  {note.author} {since(note.at, dossier.at)}", "muted")]


def whole(dossier: Dossier, width: int) -> Iterator[Line]:
    """Everything on one sheet, the most useful first."""
    yield from head(dossier, width)
    yield from _to_know(dossier, width)
    yield from about(dossier, width)
    yield from ours(dossier, width)
    yield from doings(dossier, width)


def _to_know(dossier: Dossier, width: int) -> Iterator[Line]:
    """What their file says that has to be known before anything else: refusals, dates that are near, needs."""
    from kolbench.screens.file.contacts import refused_in_words
    from kolbench.screens.file.dates import coming_in_words

    for refusal in dossier.refused:
        yield from paragraph(refused_in_words(refusal), width, "warn")
    for one in dossier.coming:
        text = _("{what}: {more}").format(what=one.entry.title, more=coming_in_words(one))
        yield from paragraph(text, width, "strong")
    if dossier.needs:
        names = _(", ").join(said(NEEDS, need.kind) for need in dossier.needs)
        yield from paragraph(_("Needs: {names}").format(names=names), width)


def beside(dossier: Dossier, width: int) -> Iterator[Line]:
    """What stands beside ``about`` where there is room for two sheets."""
    lines = [*ours(dossier, width), *doings(dossier, width)]
    if lines:
        yield from lines[1:]
    else:
        yield [(_("No communities, works, messages or notes are known."), "muted")]
        yield [(_("n writes the first note."), "muted")]


def facts(dossier: Dossier) -> str:
    """Who they are in a few words: platform, handle, size, field and place of the main account."""
    found = dossier.standing
    if found is None:
        return _("not ranked: a bot, staff, or without accounts")
    main = found.accounts[0]
    handle = f"@{main.handle}" if main.handle else None
    tier = said(TIERS, found.tier)
    told = (said(PLATFORMS, main.platform), handle, tier, main.category, main.region)
    return " · ".join(fact for fact in told if fact)


def head(dossier: Dossier, width: int) -> Iterator[Line]:
    """The name, the facts and what they say of themselves."""
    yield [(dossier.name, "title")]
    yield [(facts(dossier), "muted")]
    yield from bio(dossier, width)


def bio(dossier: Dossier, width: int) -> Iterator[Line]:
    """What they say of themselves."""
    text = next((account.bio for account in dossier.accounts if account.bio), None)
    if text:
        yield from paragraph(text, width, most=BIO_LINES)


def _section(title: str, width: int, right: str = "") -> Iterator[Line]:
    yield []
    yield columns((title, max(0, width - cell_len(right) - 1), "strong"), (right, cell_len(right), "strong"))


def _why(found: Why, width: int) -> Iterator[Line]:
    if (score := found.score) is None:
        return
    known = _("{share} known").format(share=f"{score.confidence:.0%}")
    title = _("Score {score:.1f}").format(score=score.total)
    if found.brief:
        title = _("{what}: {more}").format(what=found.brief, more=title)
    yield from _section(title, width, known)
    for component in score.components:
        yield from measures.lines(component, width)


def _accounts(dossier: Dossier, width: int) -> Iterator[Line]:
    for account in dossier.accounts:
        seen = _("seen {when}").format(when=since(account.seen_at, dossier.at)) if account.seen_at else ""
        yield from _section(" ".join(names(account)), width, seen)
        flags = [
            _verified(account.verified),
            account.category,
            account.region,
            _("a bot") if account.is_bot else None,
            _("gone") if account.gone else None,
        ]
        if told := " · ".join(flag for flag in flags if flag):
            yield [(told, "muted")]
        if account.url:
            yield [(account.url, "muted")]
        yield from counter_lines([one for one in dossier.counters if one.account_id == account.id], width)
        if account.id == dossier.main_id:
            yield from sparkline(dossier.series, width)


def _verified(told: str | None) -> str | None:
    """The reason that a source gives; a mere yes as a word, a mere no as nothing."""
    return {"yes": _("verified"), "no": None}.get(told or "", told)


def names(account: creators.Account) -> Iterable[str]:
    """Where an account is, and its handle."""
    yield said(PLATFORMS, account.platform)
    if account.handle:
        yield f"@{account.handle}"


def counter_lines(counters: Sequence[creators.Counter], width: int) -> Iterator[Line]:
    """A line a counter: what, how many, how exact, when, and as far as there is room by which source."""
    told = [(said(METRICS, one.metric), _value(one), _spread(one)) for one in counters]
    label, value, spread = ([*map(cell_len, texts)] for texts in zip(*told)) if told else ([0], [0], [0])
    used = max(label) + max(value) + max(spread) + DAY_CELLS + 4
    what = max(4, min(max(label), width - used + max(label) + 1))
    for (metric, number, exactness), one in zip(told, counters):
        yield columns(
            (metric, what, "plain"),
            (number, max(value), "strong", "right"),
            (exactness, max(spread), "muted"),
            (day(one.observed_at), DAY_CELLS, "muted"),
            (one.source, max(0, width - used), "muted"),
        )


def _value(counter: creators.Counter) -> str:
    if counter.metric == "engagement_bp":
        return percent(counter.value / 10_000)
    return near(counter.plus_minus) + separated(counter.value)


def _spread(counter: creators.Counter) -> str:
    return f"±{compact(counter.plus_minus)}" if counter.plus_minus else ""


def sparkline(series: Sequence[tuple[int, int]], width: int) -> Iterator[Line]:
    """The course of the followers, from the lowest to the highest of the values shown."""
    if len(series) < 2:
        return
    yield [(course(series, width), "good")]
    (first_at, first), (last_at, last) = series[0], series[-1]
    yield [(f"{compact(first)} {day(first_at)} → {compact(last)} {day(last_at)}", "muted")]


def course(series: Sequence[tuple[int, int]], width: int) -> str:
    """The last values of a counter as bars of one cell each, from the lowest to the highest of those shown."""
    values = [value for _at, value in series[-max(2, width) :]]
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    return "".join(bar((value - low) / (high - low) if high > low else 0.5) for value in values)


def _room(room: creators.Room, at: int, width: int) -> Iterator[Line]:
    said_there = ngettext("{n} message", "{n} messages", room.messages).format(n=separated(room.messages))
    addressed = _("addressed {n}×").format(n=separated(room.addressed))
    yield columns((room.name, max(8, width - 17), "plain"), (since(room.last_seen_at, at), 16, "muted", "right"))
    parts = (room.role and said(MEMBERS, room.role), said_there, addressed)
    yield [("  " + " · ".join(part for part in parts if part), "muted")]


def _shining(spot: BrightSpot) -> str:
    """The topic or kind of work that does best, against their own other works."""
    name = f"#{spot.label}" if spot.by == "topic" else said(KINDS, spot.label)
    times = "" if spot.times is None else f" = {spot.times:.1f}×"
    text = _("{name}: {median} reactions against {usual} usually{times}; {posts} works of it, {others} others")
    return text.format(
        name=name,
        median=separated(round(spot.median)),
        usual=separated(round(spot.usual)),
        times=times,
        posts=separated(spot.posts),
        others=separated(spot.others),
    )


def _post(post: creators.Post, at: int, width: int) -> Iterator[Line]:
    when = since(post.published_at, at)
    yield columns((post.title or post.uid, max(8, width - 9), "plain"), (when, 8, "muted", "right"))
    yield from counts(post, width)


def counts(post: creators.Post, width: int) -> Iterator[Line]:
    """How a work did, as far as that was counted."""
    told: list[str] = []
    if (n := post.views) is not None:
        told.append(ngettext("{n} view", "{n} views", n).format(n=compact(n)))
    if (n := post.likes) is not None:
        told.append(ngettext("{n} like", "{n} likes", n).format(n=compact(n)))
    if (n := post.comments) is not None:
        told.append(ngettext("{n} comment", "{n} comments", n).format(n=compact(n)))
    if (n := post.shares) is not None:
        told.append(ngettext("{n} share", "{n} shares", n).format(n=compact(n)))
    if told:
        yield from paragraph(" · ".join(told), width, "muted", indent=2)


def _message(message: creators.Message, at: int, width: int) -> Iterator[Line]:
    head: list[Span] = columns(
        (message.community, max(8, width - 9), "muted"), (since(message.sent_at, at), 8, "muted", "right")
    )
    yield head
    lines = wrap(message.text, width - 2)
    for text in lines[:MESSAGE_LINES]:
        yield [("  " + text, "plain")]
