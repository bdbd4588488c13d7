"""Whom a text on the command line names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import make
from kolbench.analysis import standing
from kolbench.domain.errors import UsageError
from kolbench.store import creators, erasure
from kolbench.store.connect import Store


@pytest.mark.parametrize("find", [creators.find, creators.exact, lambda store, text: erasure.find(store, text).id])
def test_a_platform_and_a_handle_or_id_there_name_one_person(find: Callable[[Store, str], int], tmp_path: Path) -> None:
    store = make.store(tmp_path)
    ann, ben = make.people(store, 2)
    with store.writing() as db:
        platform, uid = db.execute("SELECT platform, uid FROM account WHERE creator_id = ?", (ben,)).fetchone()
        db.execute("UPDATE account SET handle = 'Ben.T', handle_key = 'ben.t' WHERE creator_id = ?", (ben,))
    assert find(store, f"{platform}:{uid}") == ben
    assert find(store, f"{platform.upper()}:@ben.t") == ben
    assert find(store, str(ann)) == ann
    with pytest.raises(UsageError):
        find(store, f"elsewhere:{uid}")


def test_a_number_that_is_no_id_is_nobodys_part_of_a_name(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.write(store, make.person("a", name="Room 347"), make.person("b", name="777"))
    standing.refresh(store)
    with pytest.raises(UsageError, match=r"exactly '347'.*Room 347"):
        creators.find(store, "347")
    with pytest.raises(UsageError, match="exactly '7'"):
        creators.find(store, "7")
    assert creators.find(store, "777") == make.creator(store, "b")
    assert creators.find(store, "oom 34") == make.creator(store, "a")


def test_a_name_that_several_have_is_nobodys_and_a_part_of_one_is_the_best_scored(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.write(store, *(make.person(f"w{n}", name=name) for n, name in enumerate(("王茶", "王茶", "王茶花", "李静"))))
    standing.refresh(store)
    for find in (creators.find, creators.exact):
        with pytest.raises(UsageError, match="Several people are called '王茶'"):
            find(store, "王茶")
    assert creators.find(store, "茶花") == make.creator(store, "w2")
    store.close()
