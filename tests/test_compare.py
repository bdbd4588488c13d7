"""On ours beside elsewhere: counted by windows of 30 days, each side up to what is known of it, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.domain.clock import DAY
from kolbench.domain.records import MembershipRecord
from kolbench.programme import compare
from kolbench.screens import hinting
from kolbench.store import needs

if TYPE_CHECKING:
    from kolbench.domain.records import Record
    from kolbench.store.connect import Store


def member(name: str, room: str = "tea") -> MembershipRecord:
    return MembershipRecord(community_uid=room, account_uid=name)


def talk(name: str, n: int, day: float, room: str = "tea") -> list[Record]:
    """``n`` messages within the 30 days before a day."""
    return [make.said(name, room, day - 1 - 28 * i / max(n, 1)) for i in range(n)]


def works(name: str, n: int, day: float) -> list[Record]:
    """``n`` works with ten likes each within the 30 days before a day."""
    return [make.posted(name, day - 1 - 28 * i / max(n, 1), likes=10) for i in range(n)]


def write(store: Store, *records: Record) -> int:
    """Ann with these records in a community that is known up to day 100, and her works up to then."""
    make.write(
        store, make.person("ann", observed_at=make.moment(100)), make.person("bob"), member("ann"), member("bob"),
        make.said("bob", "tea", 100), *records, day=100,
    )  # fmt: skip
    return make.creator(store, "ann")


def test_each_side_is_counted_by_windows_that_end_with_what_is_known(store: Store) -> None:
    ann = write(
        store,
        *talk("ann", 3, 100), *talk("ann", 5, 70),
        *works("ann", 2, 100), *works("ann", 4, 40),
        make.did("reply", "bob", "ann", "tea", 95), make.did("thank", "bob", "ann", "tea", 96),
        make.did("thank", "ann", "bob", "tea", 97),
    )  # fmt: skip
    found = compare.compare(store, ann)
    assert [(one.messages, one.addressed, one.people, one.thanks) for one in found.here] == [
        (3, 2, 1, 1),
        (5, 0, 0, 0),
        (0, 0, 0, 0),
    ]
    assert [(one.posts, one.counted, one.reactions) for one in found.elsewhere] == [(2, 2, 20), (0, 0, 0), (4, 4, 40)]
    for side in (found.here, found.elsewhere):
        assert [(one.start, one.stop) for one in side] == [
            (make.ms(100 - 30 * (nth + 1)), make.ms(100 - 30 * nth)) for nth in range(3)
        ]
    assert len(compare.compare(store, ann, windows=5).here) == 5


def test_the_edge_of_a_window_belongs_to_one_of_them(store: Store) -> None:
    ann = write(store, make.said("ann", "tea", 70), make.said("ann", "tea", 100, uid="last"))
    assert [one.messages for one in compare.compare(store, ann).here] == [1, 1, 0]


def test_only_what_happens_in_our_communities_is_here(store: Store) -> None:
    ann = write(store, member("ann", "cake"), *talk("ann", 4, 100, "cake"), *talk("ann", 1, 100))
    tea = make.community(store, "tea")
    assert compare.compare(store, ann).here[0].messages == 5
    assert compare.compare(store, ann, [tea]).here[0].messages == 1


def test_bots_do_not_address_anybody(store: Store) -> None:
    ann = write(store, make.person("bot", is_bot=True), make.did("thank", "bot", "ann", "tea", 99))
    assert compare.compare(store, ann).here[0].addressed == 0


@pytest.mark.parametrize(
    ("messages", "posts", "kind"),
    [
        ((0, 10, 12), (8, 8, 8), "quiet_here"),
        ((5, 10, 12), (4, 8, 8), "quiet_here"),
        ((0, 0, 0), (8, 8, 8), "quiet_here"),
        ((6, 10, 12), (8, 8, 8), None),
        ((0, 10, 12), (3, 8, 8), "quiet_everywhere"),
        ((0, 10, 12), (3, 3, 3), None),
        ((0, 0, 0), (0, 8, 8), None),
    ],
)
def test_who_is_active_elsewhere_and_quiet_here_is_named(
    store: Store, messages: tuple[int, ...], posts: tuple[int, ...], kind: str | None
) -> None:
    days = (100, 70, 40)
    ann = write(
        store,
        *(one for n, day in zip(messages, days, strict=True) for one in talk("ann", n, day)),
        *(one for n, day in zip(posts, days, strict=True) for one in works("ann", n, day)),
    )
    hint = compare.compare(store, ann).hint
    assert (hint and hint.kind) == kind


def test_the_hint_names_the_incentives_that_fit_their_needs(store: Store) -> None:
    ann = write(store, *talk("ann", 10, 70), *works("ann", 5, 100))

    def lines() -> list[str]:
        return hinting.told(compare.compare(store, ann))

    assert lines() == [
        "Active elsewhere, quiet here: 5 works there, 0 messages here (usual: 5).",
        "Nothing is known of what they need: ask them, and write it down.",
    ]
    needs.write(store, ann, "brand", "eve", strength=3)
    needs.write(store, ann, "money", "eve")
    needs.add_offer(store, "Cover story", "brand", "eve")
    assert lines()[1:] == [
        "They need a name of their own: look at Cover story.",
        "They need to earn money, for which we offer nothing yet.",
    ]


def test_sides_that_are_known_up_to_different_times_are_not_compared(store: Store) -> None:
    ann = write(store, *talk("ann", 10, 70))
    make.write(store, make.person("ann"), *works("ann", 5, 140), day=140)
    found = compare.compare(store, ann)
    assert found.elsewhere[0].stop - found.here[0].stop == 40 * DAY
    assert found.hint is not None
    assert found.hint.kind == "outdated"
    assert "sync or import" in hinting.told(found)[0]


def test_of_whom_one_side_is_unknown_nothing_is_said(store: Store) -> None:
    make.write(store, make.person("cat"), *works("cat", 9, 100), make.person("dan"), day=100)
    cat, dan = (make.creator(store, name) for name in ("cat", "dan"))
    found = compare.compare(store, cat)
    assert (found.here, len(found.elsewhere), found.hint) == ([], 3, None)
    assert compare.compare(store, dan) == compare.Comparison([], [], None)
    assert hinting.told(found) == []
