"""What a row of evidence says: the message or work that shows it, its place, and who is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import make
from kolbench.domain.records import PostRecord
from kolbench.store import citing

if TYPE_CHECKING:
    from kolbench.store.connect import Store


def only(store: Store, table: str) -> tuple[str, int]:
    """The one row of a table."""
    ((row_id,),) = store.reader().execute(f"SELECT id FROM {table}").fetchall()
    return table, row_id


def test_an_answer_in_a_room_is_shown_by_its_message(store: Store) -> None:
    make.write(store, make.person("ann"), make.person("ben"))
    make.write(store, make.said("ben", "tea", 1, "like this, ann"), make.did("reply", "ben", "ann", "tea", 1))
    told = citing.cited(store.reader(), [only(store, "activity"), only(store, "message")])
    answer, message = told[only(store, "activity")], told[only(store, "message")]
    ann, ben = make.creator(store, "ann"), make.creator(store, "ben")
    assert (answer.place, answer.text, answer.people) == ("tea", "like this, ann", (ben, ann))
    assert (message.place, message.text, message.people) == ("tea", "like this, ann", (ben,))


def test_what_somebody_did_to_a_work_is_shown_by_the_work_whoever_published_it(store: Store) -> None:
    for owner in ("ann", "ben"):
        make.write(store, make.person("ann"), make.person("ben"))
        work = PostRecord(
            uid=f"w-{owner}", account_uid=owner, title="Brewing", text="in ten steps", url=f"https://t.example/{owner}"
        )
        make.write(store, work, make.did("comment", "ben", "ann", None, 1, evidence=f"w-{owner}"))
    (first, second) = [("activity", row[0]) for row in store.reader().execute("SELECT id FROM activity ORDER BY id")]
    told = citing.cited(store.reader(), [first, second])
    assert [told[row].url for row in (first, second)] == ["https://t.example/ann", "https://t.example/ben"]
    assert told[first].text == "Brewing in ten steps"


def test_what_says_nothing_is_left_out_and_giant_texts_are_cut(store: Store) -> None:
    make.write(store, make.person("ann", bio="x" * 3_000), PostRecord(uid="w", account_uid="ann", text="y" * 9_000))
    told = citing.cited(store.reader(), [only(store, "account"), only(store, "post"), ("creator", 1), ("luck", 2)])
    assert sorted(table for table, _id in told) == ["account", "post"]
    assert max(len(one.text or "") for one in told.values()) == citing.CHARACTERS
