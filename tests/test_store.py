"""The file itself: who may open it, how it grows, and what it never lets happen."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from kolbench.domain.clock import from_ms
from kolbench.domain.errors import SourceError, StoreError, UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.records import (
    AccountRecord,
    Contact,
    Count,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
    SnapshotRecord,
)
from kolbench.store import connect, runs, sources, writer
from kolbench.store.connect import Store

MONDAY = datetime(2026, 5, 4, 10, tzinfo=UTC)
TUESDAY = datetime(2026, 5, 5, 10, tzinfo=UTC)
AT = 1_777_888_800_000

pytestmark = pytest.mark.usefixtures("made_anew")


@pytest.fixture
def store(tmp_path: Path, made_anew: None) -> Store:
    return Store.open(tmp_path / "deep" / "k.db")


@pytest.fixture
def run(store: Store) -> runs.Run:
    return runs.start(store, sources.add(store, "weibo", "tabular", "weibo", {}), "sync")


def write(store: Store, run: runs.Run, *records: object, cursor: str | None = None) -> writer.Written:
    return writer.write_page(store, run, "profiles", records, cursor, AT)  # type: ignore[arg-type]


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    return store.reader().execute(query).fetchall()


def test_a_new_store_belongs_to_its_owner_alone(store: Store) -> None:
    with store.writing() as db:
        db.execute("DELETE FROM note")
    for file in store.path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_every_table_is_strict_and_has_its_foreign_keys_enforced(store: Store) -> None:
    loose = rows(
        store,
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
        " AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'creator_terms%' AND name <> '_sqlite_migrations'",
    )
    assert loose == []
    with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
        db.execute("INSERT INTO note (creator_id, text, author, at) VALUES (99, '', '', 0)")


def test_a_newer_store_is_refused_with_what_to_do(store: Store) -> None:
    with store.writing() as db:
        db.execute(f"PRAGMA user_version = {connect.VERSION + 1}")
    with pytest.raises(StoreError, match=r"newer KOLbench.*Update KOLbench"):
        Store.open(store.path)


def test_an_older_store_is_backed_up_before_it_is_upgraded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "VERSION", connect.VERSION + 1)
    monkeypatch.setattr("kolbench.store.migrations.VERSION", connect.VERSION)
    Store.open(store.path)
    (backup,) = store.path.parent.glob("k.db.v*")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert sqlite3.connect(backup).execute("PRAGMA user_version").fetchone() == (connect.VERSION - 1,)
    assert rows(store, "PRAGMA user_version") == [(connect.VERSION,)]


def test_files_that_are_no_stores_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to look like one " * 50)
    with pytest.raises(StoreError, match="not an SQLite file"):
        Store.open(text)
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("CREATE TABLE t (x)").connection.close()
    with pytest.raises(StoreError, match="not a KOLbench store"):
        Store.open(other)
    with pytest.raises(StoreError, match="can't be"):
        Store.open(text / "below" / "a-file.db")
    with pytest.raises(StoreError, match="no store"):
        Store.open(tmp_path / "absent.db", create=False)


def _open_and_write(path: Path, n: int) -> None:
    store = Store.open(path)
    for i in range(20):
        with store.writing() as db:
            count = db.execute("SELECT count(*) FROM column_mapping").fetchone()[0]
            db.execute("INSERT INTO column_mapping VALUES (?, '{}', ?)", (f"{n}-{i}", count))


def test_processes_that_start_at_once_make_one_store_and_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    context = get_context("spawn")
    processes = [context.Process(target=_open_and_write, args=(path, n)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    store = Store.open(path)
    assert rows(store, "SELECT count(*), count(DISTINCT updated_at) FROM column_mapping") == [(80, 80)]
    assert rows(store, "SELECT name FROM _sqlite_migrations") == [("m001_core",)]


def test_a_writer_that_never_lets_go_is_explained(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "WRITER_PATIENCE_S", 0.01)
    answer: list[str] = []

    def second() -> None:
        with pytest.raises(StoreError) as caught, store.writing():
            pass
        answer.append(str(caught.value))

    with store.writing():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert "Another program has been writing" in answer[0]


def test_a_store_on_a_disk_that_can_only_be_read_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.path
    store.close()
    read_only = os.statvfs_result((4096, 4096, 1, 1, 1, 1, 1, 1, os.ST_RDONLY, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: read_only)
    assert rows(Store.open(path, create=False), "SELECT count(*) FROM creator") == [(0,)]
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(f"{path.name}-")] == []


def test_a_change_all_over_the_file_takes_its_memory_only_while_it_lasts(store: Store) -> None:
    def cached(db: sqlite3.Connection) -> int:
        return int(db.execute("PRAGMA cache_size").fetchone()[0])

    def fail() -> None:
        with store.writing_far() as db:
            assert cached(db) < usual  # in KB, below zero
            db.execute("INSERT INTO stale_creator VALUES (1)")
            raise ZeroDivisionError

    with store.writing() as writer:
        usual = cached(writer)
    with pytest.raises(ZeroDivisionError):
        fail()
    assert cached(writer) == usual
    assert rows(store, "SELECT * FROM stale_creator") == []


def test_a_store_that_can_only_be_read_is_explained_as_a_full_disk_is(store: Store) -> None:
    def write() -> None:
        with store.writing() as db:
            db.execute("PRAGMA query_only = ON")
            db.execute("INSERT INTO stale_creator VALUES (1)")

    for _once_begun_and_when_beginning in range(2):
        with pytest.raises(StoreError, match="can only be read") as caught:
            write()
        assert caught.value.exit_code == 1


def test_a_failed_page_leaves_neither_records_nor_checkpoint(store: Store, run: runs.Run) -> None:
    write(store, run, AccountRecord(uid="1", name="甲"), cursor="one")
    broken = AccountRecord(uid="2", name="乙", metrics={"followers": Count("many")})  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        write(store, run, AccountRecord(uid="3", name="丙"), broken, cursor="two")
    assert rows(store, "SELECT uid FROM account") == [("1",)]
    assert runs.cursor(store, run.source, "profiles") == "one"


def test_a_store_is_open_beside_itself_with_what_is_temporary_in_memory(store: Store) -> None:
    with store.beside() as own, own.writing() as db:
        assert db.execute("PRAGMA temp_store").fetchone() == (2,)
        db.execute("INSERT INTO derived_by VALUES ('tea', '1')")
    with store.writing() as db:
        assert db.execute("SELECT value FROM derived_by WHERE name = 'tea'").fetchone() == ("1",)
        assert db.execute("PRAGMA temp_store").fetchone() == (0,)


def test_a_closed_run_can_not_write(store: Store, run: runs.Run) -> None:
    runs.finish(store, run, "failed", "took too long")
    with pytest.raises(SourceError, match="closed"):
        write(store, run, AccountRecord(uid="1"))


def test_runs_of_processes_that_are_gone_are_marked_interrupted(store: Store, run: runs.Run) -> None:
    assert runs.mark_interrupted(store) == 0
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    with store.writing() as db:
        db.execute("UPDATE run SET pid = ?", (child,))
    assert runs.recent(store)[0].state == "interrupted"  # whoever asks before the next run marks it
    assert rows(store, "SELECT state FROM run") == [("running",)]
    assert runs.mark_interrupted(store) == 1
    assert rows(store, "SELECT state FROM run") == [("interrupted",)]


def test_the_same_records_twice_change_nothing(store: Store, run: runs.Run) -> None:
    page = (
        AccountRecord(
            uid="1", handle="ann", name="安", contacts=(Contact("email", "a@b.cn"),), metrics={"followers": 9}
        ),
        PostRecord(uid="p", account_uid="1", published_at=MONDAY, title="t", metrics={"likes": Count(79_000, 500)}),
        FollowRecord(follower_uid="2", account_uid="1"),
        MessageRecord(uid="m", community_uid="room", account_uid="1", sent_at=MONDAY, text="谢谢"),
        InteractionRecord(actor_uid="1", object_uid="2", kind="thank", at=MONDAY, evidence_uid="m"),
        SnapshotRecord(account_uid="1", metrics={"followers": 10}, observed_at=TUESDAY),
    )
    first = write(store, run, *page)
    before = dump(store)
    second = write(store, run, *page)
    assert (first.unchanged, second.new, second.changed, second.refused) == (0, 0, 0, [])
    assert second.unchanged == len(page)
    assert dump(store) == before


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a source fills."""
    names = "account creator former_handle contact_point metric account_snapshot post post_snapshot follow_edge"
    names += " community membership message activity"
    return {name: rows(store, f"SELECT * FROM {name} ORDER BY 1, 2, 3") for name in names.split()}


def test_counters_are_added_and_never_overwritten(store: Store, run: runs.Run) -> None:
    write(store, run, AccountRecord(uid="1", metrics={"followers": 100}, observed_at=MONDAY))
    write(store, run, AccountRecord(uid="1", metrics={"followers": 120}, observed_at=TUESDAY))
    contradiction = write(store, run, AccountRecord(uid="1", metrics={"followers": 999}, observed_at=TUESDAY))
    assert [(r.field, "999 contradicts 120" in r.reason) for r in contradiction.refused] == [("followers", True)]
    assert rows(store, "SELECT value FROM account_snapshot ORDER BY observed_at") == [(100,), (120,)]
    for statement in ("UPDATE account_snapshot SET value = 0", "DELETE FROM account_snapshot"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.writing() as db:
            db.execute(statement)


def test_two_rows_of_one_page_that_disagree_are_told_apart(store: Store, run: runs.Run) -> None:
    twin = AccountRecord(uid="name:王", name="王", metrics={"followers": 5})
    other = AccountRecord(uid="name:王", name="王", metrics={"followers": 7})
    written = write(store, run, twin, other)
    assert [refused.record for refused in written.refused] == [other]
    assert rows(store, "SELECT value FROM account_snapshot") == [(5,)]


def test_an_account_first_seen_by_its_handle_takes_its_id_when_it_is_told(store: Store, run: runs.Run) -> None:
    write(store, run, InteractionRecord(
        actor_uid="1", object_uid=handle_ref("@Bob"), kind="mention", at=MONDAY, evidence_uid="m"
    ))  # fmt: skip
    write(store, run, AccountRecord(uid="77", handle="Bob", name="鲍勃"))
    assert rows(store, "SELECT uid, handle, name FROM account WHERE handle_key = 'bob'") == [("77", "Bob", "鲍勃")]
    assert rows(store, "SELECT name FROM creator WHERE id = 2") == [("鲍勃",)]
    assert rows(store, "SELECT count(*) FROM account") == [(2,)]


def test_a_handle_leads_to_whoever_bears_it_now_or_bore_it_last(store: Store, run: runs.Run) -> None:
    write(store, run, AccountRecord(uid="1", handle="old", observed_at=MONDAY))
    write(store, run, AccountRecord(uid="1", handle="new", observed_at=TUESDAY))
    for handle in ("old", "new"):
        write(store, run, InteractionRecord(
            actor_uid="9", object_uid=handle_ref(handle), kind="mention", at=TUESDAY, evidence_uid=handle
        ))  # fmt: skip
    assert rows(store, "SELECT DISTINCT object_id FROM activity") == [(1,)]
    assert rows(store, "SELECT handle FROM former_handle") == [("old",)]


def test_older_news_fills_gaps_but_does_not_undo_newer_facts(store: Store, run: runs.Run) -> None:
    write(store, run, AccountRecord(uid="1", handle="now", region="上海", observed_at=TUESDAY))
    write(store, run, AccountRecord(uid="1", handle="then", region="北京", bio="hi", observed_at=MONDAY))
    assert rows(store, "SELECT handle, region, bio FROM account") == [("now", "上海", "hi")]
    assert rows(store, "SELECT handle FROM former_handle") == [("then",)]


def test_what_is_not_told_stays(store: Store, run: runs.Run) -> None:
    write(store, run, AccountRecord(uid="1", name="甲", is_bot=True))
    write(store, run, AccountRecord(uid="1", bio="b"))
    assert rows(store, "SELECT name, bio, is_bot FROM account") == [("甲", "b", 1)]


def test_names_given_by_the_operator_survive_a_sync(store: Store, run: runs.Run) -> None:
    write(store, run, AccountRecord(uid="1", name="平台名", observed_at=MONDAY))
    with store.writing() as db:
        db.execute("UPDATE creator SET name = '我的叫法'")
        db.execute(
            "INSERT INTO change_log (act, at, author, action, entity, entity_id, before, after)"
            " VALUES (1, 0, 'me', 'rename', 'creator', 1, NULL, '{}')"
        )
    write(store, run, AccountRecord(uid="1", name="新平台名", observed_at=TUESDAY))
    assert rows(store, "SELECT name FROM creator") == [("我的叫法",)]


def test_messages_make_members_from_first_to_last_whatever_their_order(store: Store, run: runs.Run) -> None:
    late = MessageRecord(uid="b", community_uid="room", account_uid="1", sent_at=TUESDAY)
    early = MessageRecord(uid="a", community_uid="room", account_uid="1", sent_at=MONDAY)
    write(store, run, late)
    write(store, run, early)
    span = rows(store, "SELECT first_seen_at, last_seen_at FROM membership")
    assert span == [(int(MONDAY.timestamp() * 1000), int(TUESDAY.timestamp() * 1000))]


def test_a_friendship_is_two_edges(store: Store, run: runs.Run) -> None:
    write(store, run, FollowRecord(follower_uid="1", account_uid="2", mutual=True))
    assert rows(store, "SELECT count(*) FROM follow_edge") == [(2,)]


def test_a_removed_source_keeps_its_data_and_frees_its_name(store: Store, run: runs.Run) -> None:
    write(store, run, AccountRecord(uid="1"), cursor="c")
    sources.remove(store, run.source)
    assert sources.every(store) == []
    again = sources.add(store, "weibo", "tabular", "weibo", {"path": "x"})
    assert runs.cursor(store, again, "profiles") is None
    with pytest.raises(UsageError, match="already"):
        sources.add(store, "weibo", "tabular", "weibo", {})
    with pytest.raises(UsageError, match="can't be"):
        sources.add(store, "a b/c", "tabular", "weibo", {})
    with pytest.raises(UsageError, match="weibo"):
        sources.get(store, "nobody")
    assert rows(store, "SELECT count(*) FROM account") == [(1,)]


def test_to_be_seen_again_is_no_news(store: Store, run: runs.Run) -> None:
    told = [
        MembershipRecord(community_uid="room", account_uid="1", role="admin"),
        FollowRecord(follower_uid="1", account_uid="2"),
    ]
    assert writer.write_page(store, run, "members", told, None, AT).new == 2
    again = writer.write_page(store, run, "members", told, None, AT + 1_000)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    left = MembershipRecord(community_uid="room", account_uid="1", left_at=from_ms(AT))
    assert writer.write_page(store, run, "members", [left, left], None, AT).changed == 2
    back = MembershipRecord(community_uid="room", account_uid="1", joined_at=from_ms(AT + 5))
    writer.write_page(store, run, "members", [back], None, AT)
    assert store.reader().execute("SELECT role, left_at FROM membership").fetchall() == [("admin", None)]


def test_a_count_is_remembered_until_somebody_writes(store: Store, run: runs.Run) -> None:
    query, asked = "SELECT count(*) FROM tag WHERE id > ?", []
    other = Store.open(store.path)
    store.reader().set_trace_callback(asked.append)
    assert [store.remembered(query, (0,)), store.remembered(query, (0,))] == [0, 0]
    assert len([one for one in asked if one.startswith("SELECT")]) == 1
    for number, one in enumerate((store, other)):
        with one.writing() as db:
            db.execute("INSERT INTO creator (name, created_at, run_id) VALUES ('ann', 1, ?)", (run.id,))
            db.execute("INSERT INTO tag (creator_id, name, at, author) VALUES (last_insert_rowid(), 'tea', 1, 'me')")
        assert (store.remembered(query, (0,)), store.remembered(query, (1,))) == (number + 1, number)
    other.close()
