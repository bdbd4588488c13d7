"""A person's accounts side by side, and what they do on ours beside what they do elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme import compare
from kolbench.programme.local import local_day
from kolbench.screens import dossier, file_words
from kolbench.screens.file.part import Item, Page, Part, Whose, cell, texts
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.words import said
from kolbench.store import briefs, creators
from kolbench.widgets.cells import compact, near, separated, since
from kolbench.widgets.columns import Column

if TYPE_CHECKING:
    from kolbench.programme.compare import Comparison, Elsewhere, Here, Hint
    from kolbench.store.creators import Account, Counter

POINTS = 24
"""Values of a trend in the list; beside it there are more."""

LONG = 60


class AccountsPart(Part):
    """A line an account, the largest first, then a line each for ours and elsewhere."""

    key: ClassVar[str] = "A"
    title: ClassVar[str] = N_("Accounts")
    empty: ClassVar[str] = N_("No account of theirs is known. Import a file with it, or sync their platform.")

    def columns(self) -> list[Column]:
        """Accounts side by side."""
        return [
            cell(0, _("Account"), 20, flex=1),
            cell(1, _("Followers"), 9, align="right"),
            cell(2, _("Trend"), POINTS, drop=2),
            cell(3, _("Change"), 8, align="right", drop=1),
            cell(4, _("Seen"), 8, align="right", drop=3),
        ]

    def load(self, whose: Whose, older: Any = None) -> Page:
        """Accounts with their newest counts, and the comparison."""
        store, creator_id = whose.store, whose.creator_id
        counters = creators.counters(store, creator_id)
        followers = {one.account_id: one for one in counters if one.metric == "followers"}
        accounts = creators.accounts(store, creator_id)
        accounts.sort(key=lambda one: -(followers[one.id].value if one.id in followers else -1))
        items = [
            _account(whose, one, followers.get(one.id), [each for each in counters if each.account_id == one.id])
            for one in accounts
        ]
        return Page([*items, *_compared(comparison(whose))])


def comparison(whose: Whose) -> Comparison:
    """Ours beside elsewhere; ours are the brief's communities where it names some."""
    ours: Sequence[int] = ()
    if whose.brief_id is not None:
        ours = briefs.goal(whose.store, whose.brief_id).ours
    return compare.compare(whose.store, whose.creator_id, ours)


def hint_in_words(hint: Hint) -> str:
    """What the comparison says to do."""
    if hint.kind == "outdated":
        return _("One side is known for a month less than the other: sync it before you compare.")
    if hint.kind == "quiet_everywhere":
        return _("Quieter than usual here and elsewhere: ask how they are, before anything else.")
    text = _("Active elsewhere, quiet with us: change what they get here.")
    offered = [offer.name for match in hint.matches for offer in match.offers]
    if offered:
        return text + " " + _("By their needs: {names}.").format(names=", ".join(dict.fromkeys(offered)))
    if hint.matches:
        needs = ", ".join(said(file_words.NEEDS, match.need.kind) for match in hint.matches)
        return text + " " + _("We have no offer yet for what they need: {names}.").format(names=needs)
    return text + " " + _("What they need is not known yet: ask them.")


def _account(whose: Whose, account: Account, followers: Counter | None, counters: Sequence[Counter]) -> Item:
    series = creators.series(whose.store, account.id, "followers", LONG)
    change = ""
    if len(series) > 1 and series[0][1]:
        change = f"{series[-1][1] / series[0][1] - 1:+.1%}"
    shown = "" if followers is None else near(followers.plus_minus) + compact(followers.value)
    name = " ".join(dossier.names(account))

    def about(width: int) -> Iterator[Line]:
        yield [(name, "strong")]
        for text in (account.name, account.url, account.bio):
            if text:
                yield from paragraph(text, width, "muted")
        yield from dossier.counter_lines(counters, width)
        yield from dossier.sparkline(series, width)

    return Item(
        key=account.id,
        cells=(name, shown, dossier.course(series, POINTS), change, since(account.seen_at, whose.at)),
        about=about,
        style="muted" if account.gone else None,
        link=account.url,
    )


def _compared(found: Comparison) -> Iterator[Item]:
    if found.here:
        texts_ = [_here(one) for one in found.here]
        yield _side("here", _("On ours"), [one.messages for one in found.here], texts_, found.here[0].stop)
    if found.elsewhere:
        texts_ = [_elsewhere(one) for one in found.elsewhere]
        yield _side(
            "elsewhere", _("Elsewhere"), [one.posts for one in found.elsewhere], texts_, found.elsewhere[0].stop
        )
    if found.hint is not None:
        text = hint_in_words(found.hint)
        yield Item(key="hint", cells=(text, "", "", "", ""), about=texts(text), style="alert", goes="N")


def _side(key: str, label: str, counts: Sequence[int], told: Sequence[str], stop: int) -> Item:
    """One side: how much in the newest window, the windows as a trend, and against the one before."""
    oldest_first = [(place, n) for place, n in enumerate(reversed(counts))]
    change = f"{counts[0] / counts[1] - 1:+.0%}" if len(counts) > 1 and counts[1] else ""
    head = _("{what}, {n} days each").format(what=label, n=compare.DAYS)
    return Item(
        key=key,
        cells=(head, separated(counts[0]), dossier.course(oldest_first, POINTS), change, local_day(stop)[5:]),
        about=texts(head, *told),
        style="strong",
    )


def _here(one: Here) -> str:
    said_there = ngettext("{n} message", "{n} messages", one.messages).format(n=separated(one.messages))
    text = _("to {day}: {messages}, addressed {n}× by {people}, thanked {thanks}×")
    return text.format(
        day=local_day(one.stop), messages=said_there, n=one.addressed, people=one.people, thanks=one.thanks
    )


def _elsewhere(one: Elsewhere) -> str:
    works = ngettext("{n} work", "{n} works", one.posts).format(n=separated(one.posts))
    text = _("to {day}: {works}, {n} reactions to {counted} of them")
    return text.format(day=local_day(one.stop), works=works, n=separated(one.reactions), counted=separated(one.counted))
