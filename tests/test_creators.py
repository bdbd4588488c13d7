"""Whom a text on the command line names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import make
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
