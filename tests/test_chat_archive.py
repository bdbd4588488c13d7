"""Chat archives become rooms, people, messages and who addressed and thanked whom, whatever state they are in."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from files import Pulled
from kolbench.adapters.chat_archive import ChatArchive
from kolbench.adapters.chats import archive
from kolbench.adapters.chats.addressing import addressed, announced
from kolbench.adapters.chats.columns import recognised, role_of
from kolbench.adapters.chats.page import LIMIT
from kolbench.adapters.chats.said import MadeUids
from kolbench.adapters.protocol import Adapter, Pull
from kolbench.adapters.registry import faults
from kolbench.domain.clock import now
from kolbench.domain.errors import KolbenchError, RecordError, UsageError
from kolbench.domain.gate import Gate
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    InteractionRecord,
    MessageRecord,
)

NOON = datetime(2016, 5, 4, 12, tzinfo=UTC)


def gitter(
    *said: tuple[str, str], room: str = "r1", minutes_apart: int = 1, bot_id: str = "id-camperbot"
) -> list[list[str]]:
    """Rows of a Gitter room, newest first, of ``(who, text)`` told oldest first."""
    rows = []
    for number, (who, text) in enumerate(said):
        at = NOON + timedelta(minutes=number * minutes_apart)
        moment = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rows.append([room, f"Org/{room}", moment, f"id-{who}".lower(), who, f"{room}-m{number}", text])
    return rows[::-1]


def write(path: Path, rows: Iterable[Sequence[str]], delimiter: str = "\t", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def pulled_of(path: Path | str, cursor: str | None = None, since: datetime | None = None, **told: str) -> Pulled:
    return Pulled(ChatArchive(), path, cursor, since, **{"platform": "gitter", **told})


def test_it_declares_itself_soundly() -> None:
    assert faults(ChatArchive()) == []
    adapter: Adapter = ChatArchive()
    assert adapter.feeds == ("messages",)


# Whom a message addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("hello all", ""),
        ("ask @ann or @Bob-2 or @ann", "mention ann, mention Bob-2"),
        ("@ann look", "reply ann"),
        ("@ann, @bob: look, @cy too", "reply ann, reply bob, mention cy"),
        ("@ann and @bob look", "reply ann, reply bob"),
        ("@ann look, @ANN", "reply ANN"),
        ("me @me and @Me", ""),
        ("ann@example.org, x.y+z@ann.org", ""),
        ("npm i @types/node @ann", "mention ann"),
        ("https://example.org/@ann?x=@bob", ""),
        ("`@ann` ```\n@bob thanks\n``` @cy", "mention cy"),
        ("```\n@ann never closed", ""),
        ("> @ann said thanks @bob\n@cy no", "reply cy"),
        ("@all @here @所有人", ""),
        ("@李佳琦 你好", "reply 李佳琦"),
        ("你好@张三，@李四", "mention 张三, mention 李四"),
        ("@" + "x" * 64, ""),
        ("@ann- @bob. @cy's", "reply ann, mention bob, mention cy"),
        ("@_under_score @removed~x", "reply _under_score, reply removed~x"),
        ("[bold]@ann[/]", "mention ann"),
        ("thanks @ann", "mention ann, thank ann"),
        ("@ann thank you so much", "reply ann, thank ann"),
        ("@ann Thx!", "reply ann, thank ann"),
        ("ty @ann and cheers @bob", "mention ann, mention bob, thank ann, thank bob"),
        ("@ann do it\nand thanks @bob", "reply ann, mention bob, thank bob"),
        ("@ann it works.\nThanks!", "reply ann, thank ann"),
        ("it works @ann\nthanks", "mention ann"),
        ("谢谢@张三", "mention 张三, thank 张三"),
        ("多谢 @张三 @李四", "mention 张三, mention 李四, thank 张三, thank 李四"),
        ("@ann 感谢", "reply ann, thank ann"),
        ("@ann 不用谢谢", "reply ann"),
        ("no thanks @ann", "mention ann"),
        ("@ann thankless party city", "reply ann"),
        ("thanks @me", ""),
        (" ".join(f"@p{n}" for n in range(51)), ""),
    ],
)
def test_words_address_people(text: str, acts: str) -> None:
    assert ", ".join(" ".join(act) for act in addressed(text, "me")) == acts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("> ann sends brownie points to @bob :sparkles: :thumbsup: :sparkles: ", ("ann", ["bob"])),
        ("> ann sends brownie points to @bob and @cy-1 and @ and @bob :sparkles:", ("ann", ["bob", "cy-1"])),
        ("> ann sends brownie points to @Ann and @bob :sparkles:", ("ann", ["bob"])),
        ("> sorry ann, you can't send brownie points to yourself! :sparkles: :sparkles: ", None),
        ("ann sends brownie points to @bob", None),
        ("> ann sends brownie points to @bob, says I", None),
        ("> ann sends brownie points to " + " and ".join(f"@p{n}" for n in range(51)), None),
        ("how about\n> ann sends brownie points to @bob :sparkles:", None),
    ],
)
def test_a_bot_announces_points(text: str, told: object) -> None:
    assert announced(text) == told


def test_points_are_the_givers_act_and_not_the_bots(tmp_path: Path) -> None:
    points = "> Ann sends brownie points to @bob and @cy :sparkles:"
    file = write(tmp_path / "a.tsv", gitter(("camperbot", points), ("camperbot", "## welcome @dan"), ("Ann", "hi")))
    pulled = pulled_of(file, bots="camperbot, otherbot")
    assert pulled.acts() == {("handle:ann", "brownie", "handle:bob"), ("handle:ann", "brownie", "handle:cy")}
    assert {act.evidence_uid for act in pulled.of(InteractionRecord)} == {"r1-m0"}
    assert {account.handle: account.is_bot for account in pulled.of(AccountRecord)} == {"camperbot": True, "Ann": None}


def test_an_announcer_called_bot_is_one_and_a_person_who_quotes_it_is_not(tmp_path: Path) -> None:
    points = "> ann sends brownie points to @bob :sparkles:"
    file = write(tmp_path / "a.tsv", gitter(("demobot", points), ("eve", points), ("abbot", "thanks @eve")))
    pulled = pulled_of(file)
    assert pulled.acts() == {
        ("handle:ann", "brownie", "handle:bob"),
        ("id-abbot", "mention", "handle:eve"),
        ("id-abbot", "thank", "handle:eve"),
    }
    bots = {account.handle: account.is_bot for account in pulled.of(AccountRecord)}
    assert bots == {"demobot": True, "eve": None, "abbot": None}


# What a file says ---------------------------------------------------------------------------------------------


def test_a_gitter_room_becomes_records(tmp_path: Path) -> None:
    text = 'first "line"\nsecond\tline @bob'
    file = write(tmp_path / "room.tsv", gitter(("ann", text), ("bob", "@ann thanks")))
    pulled = pulled_of(file)
    later = NOON + timedelta(minutes=1)
    assert pulled.records == [
        CommunityRecord(uid="r1", name="Org/r1", kind="chat"),
        AccountRecord(uid="id-bob", handle="bob", observed_at=later),
        AccountRecord(uid="id-ann", handle="ann", observed_at=NOON),
        MessageRecord(uid="r1-m1", community_uid="r1", account_uid="id-bob", sent_at=later, text="@ann thanks"),
        MessageRecord(uid="r1-m0", community_uid="r1", account_uid="id-ann", sent_at=NOON, text=text),
        act("id-bob", "reply", "handle:ann", later, "r1-m1"),
        act("id-bob", "thank", "handle:ann", later, "r1-m1"),
        act("id-ann", "mention", "handle:bob", NOON, "r1-m0"),
    ]
    assert pulled.rejected == []
    assert pulled.pages[-1].total == 8


def act(actor: str, kind: str, whom: str, at: datetime, evidence: str) -> InteractionRecord:
    return InteractionRecord(
        actor_uid=actor, kind=kind, object_uid=whom, at=at, evidence_uid=evidence, community_uid="r1"
    )


WECHAT = ["time(Asia/Shanghai)", "group_id", "group_name", "from_id", "from_nickname", "content_type", "content"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_header_names_columns_zone_and_people_without_handles(tmp_path: Path, encoding: str) -> None:
    rows = [WECHAT, ["2026-05-04 20:00:00", "g1", "妈妈互助群", "wx1", "小红妈", "text", "谢谢@小明妈 分享的育儿经验"]]
    pulled = pulled_of(write(tmp_path / "群.csv", rows, ",", encoding))
    assert pulled.of(CommunityRecord) == [CommunityRecord(uid="g1", name="妈妈互助群", kind="chat")]
    (account,) = pulled.of(AccountRecord)
    assert (account.uid, account.handle, account.name) == ("wx1", "小红妈", "小红妈")
    (message,) = pulled.of(MessageRecord)
    assert message.sent_at == datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert message.text == "谢谢@小明妈 分享的育儿经验"
    assert pulled.acts() == {("wx1", "mention", "handle:小明妈"), ("wx1", "thank", "handle:小明妈")}


def test_chinese_headers_are_known() -> None:
    assert recognised(["群名称", "发送时间", "昵称", "消息内容"]) == ("community", "sent_at", "name", "text")
    assert role_of("消息 ID") == "message_id"
    assert recognised(["昵称", "粉丝数"]) is None


def test_the_operator_names_columns_and_zone(tmp_path: Path) -> None:
    rows = [["4/5/2026 20:00", "x", "ann", "hi @bob"], ["4/5/2026 20:01", "x", "bob", "hey"]]
    told = {"columns": "sent_at,-,username,text", "timezone": "Asia/Shanghai", "date_order": "dmy"}
    pulled = pulled_of(write(tmp_path / "tea room.csv", rows, ";"), **told)
    assert [message.sent_at for message in pulled.of(MessageRecord)] == [
        datetime(2026, 5, 4, 12, tzinfo=UTC),
        datetime(2026, 5, 4, 12, 1, tzinfo=UTC),
    ]
    assert {community.uid for community in pulled.of(CommunityRecord)} == {"tea room"}
    assert pulled.acts() == {("handle:ann", "mention", "handle:bob")}


@pytest.mark.parametrize("columns", ["sent_at,text", "sent_at,text,user_id,boss", "sent_at,text,name,name", "\x1b[1m"])
def test_columns_that_make_no_sense_are_refused(tmp_path: Path, columns: str) -> None:
    file = write(tmp_path / "a.tsv", gitter(("ann", "hi")))
    with pytest.raises(UsageError, match="columns"):
        pulled_of(file, columns=columns)


def test_compressed_archives_and_folders_and_patterns_are_read(tmp_path: Path) -> None:
    one = write(tmp_path / "a.tsv", gitter(("ann", "hi"), room="r1"))
    (tmp_path / "b.tsv.gz").write_bytes(gzip.compress(one.read_bytes().replace(b"r1", b"r2")))
    (tmp_path / "LICENSE").write_text("not an archive")
    (tmp_path / "notes.txt").write_text("not an archive\neither\n")
    pulled = pulled_of(tmp_path)
    assert {message.community_uid for message in pulled.of(MessageRecord)} == {"r1", "r2"}
    assert len(pulled.warnings) == 1
    assert "notes.txt" in pulled.warnings[0]
    assert len(pulled_of(f"{tmp_path}/*.tsv").of(MessageRecord)) == 1


def test_the_newest_name_wins_in_either_order(tmp_path: Path) -> None:
    rows = gitter(("ann", "one"), ("ann_new", "two"))
    for row in rows:
        row[3] = "id-1"
    for name, ordered in (("down.tsv", rows), ("up.tsv", rows[::-1])):
        accounts = pulled_of(write(tmp_path / name, ordered)).of(AccountRecord)
        assert {account.uid for account in accounts} == {"id-1"}
        assert max(accounts, key=lambda account: account.observed_at).handle == "ann_new"
        assert {account.handle for account in accounts} == {"ann", "ann_new"}


def test_messages_without_ids_get_stable_ones(tmp_path: Path) -> None:
    head = ["time", "room", "sender", "content"]
    same = ["2026-05-04 20:00:00", "tea", "ann", "哈哈"]
    rows = [same, same, ["2026-05-04 20:00:01", "tea", "ann", "哈哈"], ["2026-05-04 20:00:01", "tea", "bob", "哈哈"]]
    up = pulled_of(write(tmp_path / "up.csv", [head, *rows], ",")).of(MessageRecord)
    down = pulled_of(write(tmp_path / "down.csv", [head, *rows[::-1]], ",")).of(MessageRecord)
    part = pulled_of(write(tmp_path / "part.csv", [head, *rows[1:]], ",")).of(MessageRecord)
    assert len({message.uid for message in up}) == 4
    assert {message.uid for message in up} == {message.uid for message in down} > {message.uid for message in part}


def test_made_ids_never_change() -> None:
    made = MadeUids()
    assert made.uid("tea", "ann", NOON, "a\r\nb") == "c51c31f8bce6152cf1b6b8ebe10cc70e"
    assert made.uid("tea", "ann", NOON, "a\nb") != MadeUids().uid("tea", "ann", NOON, "a\nb")


def test_since_leaves_out_what_is_older(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tsv", gitter(("ann", "old"), ("ann", "new")))
    pulled = pulled_of(file, since=NOON + timedelta(seconds=30))
    assert [message.text for message in pulled.of(MessageRecord)] == ["new"]


# Resuming -----------------------------------------------------------------------------------------------------


def rooms(folder: Path, sizes: Sequence[int], with_ids: bool = True) -> Path:
    """Rooms with some rows damaged and some told twice; some moments hold several messages."""
    for number, size in enumerate(sizes):
        said = [(f"p{n % 7}", f"@p{n % 5} thanks, says\n{n // 3}" if n % 4 else "hm") for n in range(size)]
        rows = gitter(*said, room=f"r{number}", minutes_apart=0)
        if not with_ids:
            rows = [[*row[:5], "", row[6]] for row in rows]
        rows[len(rows) // 2 : len(rows) // 2] = [["broken", "row"], *rows[:2]]
        write(folder / f"{number}.tsv", rows)
    return folder


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(12, 60), st.booleans())
def test_a_pull_resumes_behind_every_page(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], limit: int, with_ids: bool
) -> None:
    folder = rooms(tmp_path_factory.mktemp("rooms"), sizes, with_ids)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kolbench.adapters.chats.page.LIMIT", limit)
        whole = pulled_of(folder)
        assert all(len(page.records) <= limit for page in whole.pages)
        for done, page in enumerate(whole.pages, 1):
            rest = pulled_of(folder, page.cursor)
            assert [(p.records, p.cursor) for p in rest.pages] == [(p.records, p.cursor) for p in whole.pages[done:]]


def test_nothing_is_read_again_until_it_changes(tmp_path: Path) -> None:
    folder = rooms(tmp_path, [5, 6, 7])
    first = pulled_of(folder)
    assert pulled_of(folder, first.cursor).pages == []
    write(folder / "1.tsv", gitter(("ann", "a new one"), room="r1"))
    write(folder / "9.tsv", gitter(("ann", "a new room"), room="r9"))
    second = pulled_of(folder, first.cursor)
    assert [message.text for message in second.of(MessageRecord)] == ["a new one", "a new room"]
    assert pulled_of(folder, second.cursor).pages == []


def test_other_settings_read_again(tmp_path: Path) -> None:
    folder = rooms(tmp_path, [5])
    first = pulled_of(folder)
    assert any(account.is_bot for account in pulled_of(folder, first.cursor, bots="p1").of(AccountRecord))


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"done": 3}', "null", "\x00"])
def test_a_cursor_it_cannot_read_starts_over(tmp_path: Path, cursor: str) -> None:
    folder = rooms(tmp_path, [5])
    assert pulled_of(folder, cursor).records == pulled_of(folder).records


def test_rejected_rows_are_reported_once_over_a_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 20)
    folder = rooms(tmp_path, [40])
    pages = pulled_of(folder).pages
    reports = [len(pulled_of(folder, page.cursor).rejected) for page in pages]
    assert reports == sorted(reports, reverse=True)
    assert {reports[0], reports[-1]} == {0, 1}


def test_the_total_is_about_right_early(tmp_path: Path) -> None:
    whole = pulled_of(rooms(tmp_path, [200] * 30))
    total = len(whole.records)
    assert whole.pages[-1].total == total
    assert all(page.total is not None and 0.5 * total < page.total < 2 * total for page in whole.pages)


# Hostile files ------------------------------------------------------------------------------------------------


def test_damaged_rows_are_rejected_and_the_rest_is_kept(tmp_path: Path) -> None:
    good = gitter(("ann", "one"), ("bob", "two"))
    rows = [
        good[0],
        ["r1", "Org/r1", "yesterday", "id-x", "x", "m-x", "when?"],
        ["r1", "Org/r1", "2016-05-04T12:00:00Z", "", "", "m-y", "nobody"],
        ["r1", "Org/r1", "2016-05-04T12:00:00Z", "id-z", "z", "m-z", "too", "many", "cells"],
        ["r1"],
        [],
        good[1],
    ]
    pulled = pulled_of(write(tmp_path / "a.tsv", rows))
    assert [message.text for message in pulled.of(MessageRecord)] == ["two", "one"]
    assert [(row.line, row.column) for row in pulled.rejected] == [
        (2, "sent_at"),
        (3, "username"),
        (4, ""),
        (5, ""),
    ]


def test_a_quote_that_never_closes_costs_its_own_row(tmp_path: Path) -> None:
    rows = ["\t".join(row) for row in gitter(*((f"p{n}", f"text {n}") for n in range(50)))]
    rows[10] = rows[10].replace("text", '"text')
    file = tmp_path / "a.tsv"
    file.write_text("\n".join(rows) + "\n")
    pulled = pulled_of(file)
    assert len(pulled.of(MessageRecord)) + len(pulled.rejected) == 50
    assert len(pulled.rejected) <= 1


def test_a_row_cut_short_at_the_end_is_reported(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tsv", gitter(("ann", "one"), ("bob", "two"), ("cy", "three")))
    file.write_bytes(file.read_bytes()[:-25])
    pulled = pulled_of(file)
    assert [message.text for message in pulled.of(MessageRecord)] == ["three", "two"]
    assert len(pulled.rejected) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n\n", b"\x00" * 5000, bytes(range(256)) * 40, b"PK\x03\x04rubbish", b"\x1f\x8brubbish", b"%PDF-1.4\n"],
    ids=["empty", "blank", "nul", "binary", "zip", "gzip", "pdf"],
)
def test_what_is_no_archive_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.tsv"
    file.write_bytes(content)
    with pytest.raises(KolbenchError, match=r"a\.tsv"):
        pulled_of(file)
    write(tmp_path / "b.tsv", gitter(("ann", "hi")))
    both = pulled_of(tmp_path)
    assert len(both.of(MessageRecord)) == 1
    assert len(both.warnings) == 1


@pytest.mark.parametrize(
    "path", ["{}", "{}/nowhere.tsv", "{}/*.nothing", "{}/a\x00b", "{}/a\x00*", "~nobody-here/a", ""]
)
def test_a_path_without_archives_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "._hidden.tsv").write_text("resource fork")
    with pytest.raises(UsageError):
        pulled_of(path.format(tmp_path))


def test_a_truncated_archive_gives_what_is_whole_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv.gz"
    plain = write(tmp_path / "plain", gitter(*((f"p{n}", f"{n * 7919 % 1000003} words") for n in range(3000))))
    file.write_bytes(gzip.compress(plain.read_bytes())[:-2000])
    pages = ChatArchive().pull(Pull("messages", {"path": str(file), "platform": "x", "encoding": "utf-8"}))
    whole = [next(pages) for _ in range(3)]
    assert sum(len(page.records) for page in whole) > 2000
    with pytest.raises(KolbenchError, match="cut short"):
        list(pages)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", 2)
    with pytest.raises(UsageError, match="more than 2"):
        pulled_of(rooms(tmp_path, [1, 1, 1]))


def test_a_crowd_of_mentions_fits_on_a_page(tmp_path: Path) -> None:
    texts = [("ann", "thanks " + " ".join(f"@p{n}" for n in range(count))) for count in range(40, 60)]
    pulled = pulled_of(write(tmp_path / "a.tsv", gitter(*texts)))
    assert all(len(page.records) <= LIMIT for page in pulled.pages)
    assert len(pulled.of(MessageRecord)) == 20
    assert len(pulled.of(InteractionRecord)) == 2 * sum(range(40, 51))


NASTY = st.one_of(
    st.sampled_from(
        [
            "\x00",
            "\x1b]52;c;eA==\x07",
            "\u202e",
            "\ud7ff",
            '"',
            '""',
            "\t",
            "\r",
            "\n",
            "\ufffe",
            "@",
            "@ann",
            "> ",
            "`",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(NASTY, max_size=8).map("".join), min_size=1, max_size=8), st.booleans())
def test_any_text_in_any_cell_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], quoted: bool
) -> None:
    rows = [["r1", "Org/r1", "2016-05-04T12:00:00Z", "id-0", "zoe", "m-0", "fine"]]
    for n, text in enumerate(texts, 1):
        rows.append(["r1", text, "2016-05-04T12:00:00Z", f"id-{n}", text, f"m-{n}", text])
    file = tmp_path_factory.mktemp("nasty") / "a.tsv"
    if quoted:
        write(file, rows)
    else:
        file.write_text("\n".join("\t".join(row) for row in rows), newline="")
    gate = Gate(now())
    with suppress(KolbenchError):
        for record in pulled_of(file).records:
            with suppress(RecordError):
                gate.check(record)


# Real rooms ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gitter_rooms(shared_data: Path) -> Path:
    folder = shared_data / "chat" / "gitter_rooms"
    if not folder.is_dir():
        pytest.skip("the Gitter rooms are not here")
    return folder


@pytest.fixture(scope="module")
def all_rooms(gitter_rooms: Path) -> Pulled:
    return pulled_of(gitter_rooms, bots="camperbot,demobot")


@pytest.fixture(scope="module")
def rows_of_rooms(gitter_rooms: Path) -> list[list[str]]:
    """Every row by the csv module alone."""
    rows: list[list[str]] = []
    for file in sorted(gitter_rooms.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as stream:
            rows += csv.reader(stream, delimiter="\t")
    return rows


def test_every_message_of_eighty_rooms_is_there(all_rooms: Pulled, rows_of_rooms: list[list[str]]) -> None:
    assert all(len(row) == 7 for row in rows_of_rooms)
    said = [row for row in rows_of_rooms if row[3]]
    wanted = Counter(room for room, _uid in {(row[0], row[5]) for row in said})
    got = Counter(room for room, _uid in {(m.community_uid, m.uid) for m in all_rooms.of(MessageRecord)})
    assert len(wanted) == 80
    assert got == wanted
    assert {(m.uid, m.account_uid, m.text) for m in all_rooms.of(MessageRecord)} == {
        (row[5], row[3], row[6]) for row in said
    }
    assert len(all_rooms.rejected) == len(rows_of_rooms) - len(said)
    assert all("sender" in row.reason for row in all_rooms.rejected)
    assert all_rooms.warnings == []


def test_every_member_of_eighty_rooms_is_there(all_rooms: Pulled, rows_of_rooms: list[list[str]]) -> None:
    members = {(row[0], row[3]) for row in rows_of_rooms if row[3]}
    assert {(m.community_uid, m.account_uid) for m in all_rooms.of(MessageRecord)} == members
    assert {(a.uid, a.handle) for a in all_rooms.of(AccountRecord)} == {
        (row[3], row[4]) for row in rows_of_rooms if row[3]
    }
    assert {a.handle for a in all_rooms.of(AccountRecord) if a.is_bot} == {"camperbot", "demobot"}


def test_every_brownie_point_is_there(all_rooms: Pulled, rows_of_rooms: list[list[str]]) -> None:
    wanted = set()
    for row in rows_of_rooms:
        if row[4] in ("camperbot", "demobot") and (
            told := re.match(r"> (\S+) sends brownie points to (.*?) :", row[6])
        ):
            for taker in re.findall(r"@([^ ]+)", told[2]):
                if taker.lower() != told[1].lower():
                    wanted.add((told[1].lower(), taker.lower(), row[5]))
    got = {
        (a.actor_uid.removeprefix("handle:"), a.object_uid.removeprefix("handle:"), a.evidence_uid)
        for a in all_rooms.of(InteractionRecord)
        if a.kind == "brownie"
    }
    assert len(wanted) > 1_500
    assert got == wanted


def test_nothing_real_is_refused_at_the_gate(all_rooms: Pulled) -> None:
    gate = Gate(now())
    for record in all_rooms.records:
        gate.check(record)
    assert set(gate.cleaned) <= {"text"}
