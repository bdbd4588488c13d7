"""Group chats exported from QQ become rooms, people and messages, as untidy as they come."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands import Commands
from files import Pulled
from kolbench.adapters.protocol import Adapter
from kolbench.adapters.qq import QQ
from kolbench.adapters.registry import faults
from kolbench.domain.errors import KolbenchError, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULE = "=" * 64
TOP = f"消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n{RULE}\r\n消息分组:我的QQ群\r\n{RULE}\r\n"


def section(room: str = "品茶群") -> str:
    return f"{RULE}\r\n消息对象:{room}\r\n{RULE}\r\n\r\n"


def entry(who: str, text: str, at: str = "2016-07-21 8:23:04") -> str:
    return f"{at} {who}\r\n{text}\r\n\r\n"


def exported(folder: Path, *entries: str, top: str = TOP + section(), encoding: str = "utf-8-sig") -> Path:
    path = folder / "group.txt"
    path.write_bytes((top + "".join(entries)).encode(encoding))
    return path


def test_it_declares_itself_soundly() -> None:
    adapter: Adapter = QQ()
    assert faults(adapter) == []


def test_people_rooms_and_texts_are_read(tmp_path: Path) -> None:
    path = exported(
        tmp_path,
        entry("小明(10001000)", "你好"),
        entry("李 雷<Li.Lei@example.com>", "第一行\r第二行\r\n\r\n第四行[图片]", "2016-07-21 12:23:04"),
        entry("a(b)(c)(123456)", "[表情]", "2016/7/21 下午 1:23:04"),
        entry("后来<人>(20002000)", "", "2016-07-21 20:00:00"),
    )
    pulled = Pulled(QQ(), path)
    assert pulled.of(CommunityRecord) == [CommunityRecord(uid="品茶群", name="品茶群", kind="chat")]
    assert [(one.account_uid, one.text) for one in pulled.of(MessageRecord)] == [
        ("10001000", "你好"),
        ("li.lei@example.com", "第一行\n第二行\n\n第四行[图片]"),
        ("123456", "[表情]"),
        ("20002000", ""),
    ]
    assert [one.sent_at for one in pulled.of(MessageRecord)] == [
        datetime(2016, 7, 21, hour, minute, second, tzinfo=SHANGHAI)
        for hour, minute, second in ((8, 23, 4), (12, 23, 4), (13, 23, 4), (20, 0, 0))
    ]
    assert [(one.name, one.contacts) for one in pulled.of(AccountRecord)] == [
        ("小明", (Contact("qq", "10001000"),)),
        ("李 雷", (Contact("email", "li.lei@example.com"),)),
        ("a(b)(c)", (Contact("qq", "123456"),)),
        ("后来<人>", (Contact("qq", "20002000"),)),
    ]
    assert pulled.rejected == []


def test_titles_tell_roles_and_are_no_part_of_the_name(tmp_path: Path) -> None:
    path = exported(
        tmp_path,
        entry("【群主】小明(10001000)", "1"),
        entry("【管理员】李雷(20002000)", "2"),
        entry("【冒泡】韩梅梅(30003000)", "3"),
        entry("【15级】张三(40004000)", "4"),
        entry("【传说】【管理员】王五(50005000)", "5"),
    )
    pulled = Pulled(QQ(), path)
    roles = {(one.account_uid, one.role) for one in pulled.of(MembershipRecord)}
    assert roles == {("10001000", "owner"), ("20002000", "admin"), ("50005000", "admin")}
    assert [one.name for one in pulled.of(AccountRecord)] == ["小明", "李雷", "韩梅梅", "【15级】张三", "王五"]


def test_mentions_end_where_the_name_ends(tmp_path: Path) -> None:
    path = exported(
        tmp_path,
        entry("合作办 余老师(10001000)", "大家好"),
        entry("sap.小红🌸(20002000)", "谢谢@合作办 余老师 帮忙"),
        entry("小明(30003000)", "@sap.小红🌸你好 @路人甲 @全体成员 a@example.com"),
    )
    pulled = Pulled(QQ(), path)
    assert {(one.actor_uid, one.kind, one.object_uid) for one in pulled.of(InteractionRecord)} == {
        ("20002000", "mention", "10001000"),
        ("20002000", "thank", "10001000"),
        ("30003000", "reply", "20002000"),
        ("30003000", "mention", "handle:路人甲"),
    }
    assert pulled.texts()[1] == "谢谢@合作办 余老师 帮忙"


@pytest.mark.parametrize(
    ("notice", "moves"),
    [
        ("小明加入本群", [("10001000", True)]),
        ("小明已加入本群。", [("10001000", True)]),
        ("小明 通过扫描二维码加入群", [("10001000", True)]),
        ("李雷邀请小明加入了本群。", [("10001000", True)]),
        ("李雷邀请小明、小红加入了本群。", [("10001000", True), ("handle:小红", True)]),
        ("管理员已同意小明的加群申请", [("10001000", True)]),
        ("你已加入本群", [("77777", True)]),
        ("小明退出了本群", [("10001000", False)]),
        ("管理员将小明移出了本群", [("10001000", False)]),
        ("小明被管理员移出本群", [("10001000", False)]),
        ("小明撤回了一条消息", []),
        ("你撤回了一条消息", []),
        ("小明被管理员禁言10分钟", []),
        ("系统升级维护", []),
    ],
)
def test_notices_tell_who_came_and_left_and_are_no_messages(
    tmp_path: Path, notice: str, moves: list[tuple[str, bool]]
) -> None:
    path = exported(tmp_path, entry("系统消息(10000)", notice), entry("小明(10001000)", "大家好"))
    pulled = Pulled(QQ(), path, me="77777")
    assert pulled.moves() == moves
    assert pulled.texts() == ["大家好"]


def test_who_signs_notices_only_is_qq_itself(tmp_path: Path) -> None:
    notices = [entry("某某(15670)", text) for text in ("小明加入本群", "小红撤回了一条消息")]
    shared = entry("某某(15670)", '[图片] 小明 分享文件 15:15:36\r\n"JD.docx" 下载')
    talk = entry("小明(10001000)", "欢迎小红加入本群")
    pulled = Pulled(QQ(), exported(tmp_path, *notices, shared, talk))
    assert pulled.texts() == ["欢迎小红加入本群"]
    assert pulled.moves() == [("10001000", True)]
    spoken = Pulled(QQ(), exported(tmp_path, *notices, shared, entry("某某(15670)", "我是人"), talk))
    assert len(spoken.texts()) == 5


def test_one_file_may_hold_many_rooms(tmp_path: Path) -> None:
    path = exported(
        tmp_path,
        entry("小明(10001000)", "一"),
        section("另一个群"),
        entry("小明(10001000)", "二"),
        section("好友"),
        entry("小红", "三"),
    )
    pulled = Pulled(QQ(), path)
    assert [(one.community_uid, one.account_uid, one.text) for one in pulled.of(MessageRecord)] == [
        ("品茶群", "10001000", "一"),
        ("另一个群", "10001000", "二"),
        ("好友", "handle:小红", "三"),
    ]
    assert [one.uid for one in Pulled(QQ(), path, room="我的").of(CommunityRecord)] == ["我的"]


def test_a_header_inside_a_message_is_words(tmp_path: Path) -> None:
    text = "看这个：\r2016-07-20 8:00:00 小红(20002000)\r你好"
    pulled = Pulled(QQ(), exported(tmp_path, entry("小明(10001000)", text)))
    assert pulled.texts() == [text.replace("\r", "\n")]
    between = Pulled(QQ(), exported(tmp_path, entry("小明(10001000)", "看\r\n\r\n2016-07-20 8:00:00 没有号码\r\n完")))
    assert between.texts() == ["看\n\n2016-07-20 8:00:00 没有号码\n完"]


def test_a_name_that_two_people_bear_means_the_first_of_them_whatever_comes_later(tmp_path: Path) -> None:
    entries = [entry("小明(10001000)", "好"), entry("小红(20002000)", "@小明 你好"), entry("小明(30003000)", "也好")]
    for count in (2, 3):
        (act,) = Pulled(QQ(), exported(tmp_path, *entries[:count])).of(InteractionRecord)
        assert act.object_uid == "10001000"


def test_an_impossible_time_is_reported(tmp_path: Path) -> None:
    path = exported(tmp_path, entry("小明(10001000)", "好"), entry("小明(10001000)", "坏", "2016-13-41 8:00:00"))
    (row,) = Pulled(QQ(), path).rejected
    assert (row.line, row.column) == (13, "sent_at")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    pulled = Pulled(QQ(), exported(tmp_path, entry("小明(10001000)", "今天的茶真好喝"), encoding=encoding))
    assert pulled.texts() == ["今天的茶真好喝"]


def test_the_operator_is_staff_and_bots_are_bots(tmp_path: Path) -> None:
    path = exported(tmp_path, entry("小明(10001000)", "好"), entry("Q群管家(2854196310)", "欢迎 @小明"))
    accounts = Pulled(QQ(), path, me="10001000", bots="q群管家").of(AccountRecord)
    assert [(one.is_staff, one.is_bot) for one in accounts] == [(True, None), (None, True)]
    assert Pulled(QQ(), path, bots="q群管家").of(InteractionRecord) == []


def test_a_longer_export_doubles_nothing(tmp_path: Path) -> None:
    entries = [entry("小明(10001000)", "好", f"2016-07-21 8:23:{n // 2:02}") for n in range(40)]
    early = [one.uid for one in Pulled(QQ(), exported(tmp_path, *entries[:30])).of(MessageRecord)]
    later = [one.uid for one in Pulled(QQ(), exported(tmp_path, *entries)).of(MessageRecord)]
    assert later[:30] == early
    assert len(set(later)) == 40


def test_it_goes_on_from_every_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 20)
    whole = Pulled(
        QQ(), exported(tmp_path, *(entry("小明(10001000)", str(n), f"2016-07-21 8:23:{n:02}") for n in range(60)))
    )
    assert len(whole.pages) > 3
    for number, page in enumerate(whole.pages):
        rest = Pulled(QQ(), tmp_path / "group.txt", page.cursor)
        assert [one.records for one in rest.pages] == [one.records for one in whole.pages[number + 1 :]]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x00" * 900, b"hello\nworld\n", b"%PDF-1.4", (TOP + section()).encode()]
)
def test_what_holds_no_messages_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "group.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"group\.txt"):
        Pulled(QQ(), path)


def test_it_recognises_exports(tmp_path: Path) -> None:
    assert QQ().recognise(str(exported(tmp_path, entry("小明(10001000)", "好")))) > 0.9
    assert QQ().recognise(str(exported(tmp_path, entry("小明(10001000)", "好"), top=""))) > 0.5
    assert QQ().recognise(str(exported(tmp_path, "2016-07-21 8:23:04 INFO started\r\n", top=""))) == 0
    assert QQ().recognise(str(tmp_path / "nothing")) == 0


def test_an_export_is_imported_by_the_command_once(kolbench: Commands, tmp_path: Path) -> None:
    path = exported(
        tmp_path,
        entry("系统消息(10000)", "小红加入本群"),
        entry("小明(10001000)", "欢迎@小红 "),
        entry("小红(20002000)", "谢谢@小明 "),
    )
    kolbench("import", str(path), "--yes")
    kolbench("import", str(path), "--yes", "--again")
    store = Store.open(tmp_path / "kolbench.db", create=False)
    tables = ("account", "message", "membership", "activity")
    found = [store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
    store.close()
    assert found == [2, 2, 2, 3]


def test_the_real_export_is_read_whole(shared_data: Path) -> None:
    path = shared_data / "chat" / "qq_group_pseudonymised.txt"
    pulled = Pulled(QQ(), path)
    entries = path.read_bytes().decode("utf-8-sig").split("\r\n\r\n2016-")[1:]
    notices = [one for one in entries if "(15670)\r\n" in one.partition("\n")[0] + "\n"]
    assert len(entries) == 3089
    assert len(notices) == 53
    assert len(pulled.texts()) == len(entries) - len(notices)
    assert len(pulled.moves()) == sum("加入本群" in one for one in notices) == 13
    assert pulled.rejected == []
    signed = Counter(one.account_uid for one in pulled.of(MessageRecord))
    assert signed["105887889"] == 197
    assert sum(signed.values()) == 3036


def test_the_real_export_imported_again_changes_nothing(kolbench: Commands, shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "chat" / "qq_group_pseudonymised.txt"

    def counts() -> list[int]:
        store = Store.open(tmp_path / "kolbench.db", create=False)
        tables = ("account", "message", "membership", "activity", "community")
        found = [int(store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables]
        store.close()
        return found

    kolbench("import", str(path), "--yes")
    first = counts()
    kolbench("import", str(path), "--yes", "--again")
    assert counts() == first
    assert first[1] == 3036


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = QQ()
    expected = {"messages": 60}

    @pytest.fixture(autouse=True)
    def export(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 20)
        entries = (entry("小明(10001000)", str(n), f"2016-07-{n // 3 + 1:02} 8:23:{n:02}") for n in range(60))
        self.settings = {"path": str(exported(tmp_path, *entries))}


# Anything -----------------------------------------------------------------------------------------------------

WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n", exclude_categories=["Cc", "Cs", "Cf"]), max_size=30
)
NAMES = st.sampled_from(["小明", "sap 李雷", "a(b)", "🌸", "大数据-张三", "x@y"])
SIGNS = st.one_of(
    st.integers(10_001, 999_999).map("({})".format), st.sampled_from(["<a@b.cn>", "<u57471@example.com>"])
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NAMES, SIGNS, st.lists(WORDS, min_size=1, max_size=3)), min_size=1, max_size=15))
def test_what_is_written_is_read_back(tmp_path: Path, said: list[tuple[str, str, list[str]]]) -> None:
    spoken = [
        (name, sign, "\n".join(["说" + lines[0], *("。" + line for line in lines[1:])])) for name, sign, lines in said
    ]
    at = [datetime(2016, 7, 21, 9, 0, 5, tzinfo=SHANGHAI) + timedelta(minutes=7 * n) for n in range(len(spoken))]
    path = exported(
        tmp_path,
        *(
            entry(name + sign, text.replace("\n", "\r\n"), moment.strftime("%Y-%m-%d %H:%M:%S"))
            for moment, (name, sign, text) in zip(at, spoken)
        ),
    )
    messages = Pulled(QQ(), path).of(MessageRecord)
    assert [one.sent_at for one in messages] == [moment.astimezone(UTC) for moment in at]
    assert [one.account_uid for one in messages] == [sign[1:-1] for _name, sign, _text in spoken]
    assert [one.text for one in messages] == [text.strip() for _name, _sign, text in spoken]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(WORDS, st.sampled_from([RULE, "", "消息对象:x", "2016-07-21 8:23:04 x(12345)"])), max_size=25)
)
def test_no_file_breaks_it(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "group.txt"
    path.write_text("\r\n".join(lines), newline="")
    QQ().recognise(str(path))
    with suppress(KolbenchError):
        Pulled(QQ(), path)
