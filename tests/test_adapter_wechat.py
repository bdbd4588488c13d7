"""Group chats exported from WeChat become rooms, people and messages, in each shape that tools write."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands import Commands
from files import Pulled
from kolbench.adapters.chat_archive import ChatArchive
from kolbench.adapters.protocol import Adapter
from kolbench.adapters.registry import faults
from kolbench.adapters.tabular import Tabular
from kolbench.adapters.wechat import WeChat
from kolbench.adapters.wechat_content import Notice, content, notices
from kolbench.domain.errors import KolbenchError, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    InteractionRecord,
    MessageRecord,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2024, 5, 4, 12, 0, 5, tzinfo=SHANGHAI)
EPOCH = int(NOON.timestamp())

COLLECTED = ("time(Asia/Shanghai)", "group_id", "group_name", "from_id", "from_nickname", "content_type", "content")
DATABASE = (
    *("localId", "TalkerId", "Type", "SubType", "IsSender", "CreateTime", "Status", "StrContent", "StrTime"),
    *("MsgSvrID", "BytesExtra", "CompressContent", "DisplayContent", "SenderInfo"),
)
NAMED = (*DATABASE[:9], "Remark", "NickName", "Sender")


def write(path: Path, header: Sequence[str], *rows: Sequence[object], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def collected(text: str, who: str = "小明", kind: str = "Text", minute: int = 0) -> list[object]:
    at = (NOON + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M:%S")
    return [at, "8d89", "品茶群", f"e-{who}", who, kind, text]


def stored(
    text: str,
    who: str = "wxid_ming",
    kind: int = 1,
    sub: int = 0,
    *,
    mine: int = 0,
    minute: int = 0,
    svrid: object = "",
    packed: str = "",
    info: object = None,
) -> list[object]:
    at = EPOCH + 60 * minute
    shown = json.dumps({"wxid": who, "nickname": who.removeprefix("wxid_")}) if info is None else info
    return [minute, 7, kind, sub, mine, at, "", text, "2024-05-04 12:00:05", svrid, "b''", packed, "", shown]


def test_it_declares_itself_soundly() -> None:
    adapter: Adapter = WeChat()
    assert faults(adapter) == []


# The shape with a name for everything ----------------------------------------------------------------------------


def test_collected_messages_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "all.csv",
        COLLECTED,
        collected("大家好"),
        collected("谢谢@小明\u2005你", "小 红", minute=1),
        collected("", "小明", "Picture", minute=2),
        collected("@小 红\u2005不客气", "小明", minute=3),
        collected('"小明"邀请"小刚"加入了群聊', "", "Note", minute=4),
        ["yesterday", "8d89", "品茶群", "e", "n", "Text", "when?"],
        [NOON.strftime("%Y-%m-%d %H:%M:%S"), "8d90", "别的群", "", "", "Text", "who?"],
    )
    pulled = Pulled(WeChat(), path)
    assert pulled.of(CommunityRecord) == [CommunityRecord(uid="8d89", name="品茶群", kind="chat")]
    assert [(one.account_uid, one.text) for one in pulled.of(MessageRecord)] == [
        ("e-小明", "大家好"),
        ("e-小 红", "谢谢@小明\u2005你"),
        ("e-小明", "[image]"),
        ("e-小明", "@小 红\u2005不客气"),
    ]
    assert pulled.of(MessageRecord)[0].sent_at == NOON
    assert {(one.actor_uid, one.kind, one.object_uid) for one in pulled.of(InteractionRecord)} == {
        ("e-小 红", "mention", "handle:小明"),
        ("e-小 红", "thank", "handle:小明"),
        ("e-小明", "reply", "handle:小 红"),
    }
    assert pulled.moves() == [("handle:小刚", True)]
    assert [(row.line, row.column) for row in pulled.rejected] == [(7, "sent_at"), (8, "sender")]


# The shape of the database ---------------------------------------------------------------------------------------


def test_stored_messages_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "品茶群_utf8.csv",
        DATABASE,
        stored("大家好", svrid="4611686018427387904"),
        stored("wxid_hong:\n第一行\n第二行", "wxid_hong", minute=1, info=""),
        stored("我自己", "", mine=1, minute=2, info=""),
        stored("<msg><img/></msg>", kind=3, minute=3),
        stored("", kind=34, minute=4),
        stored("", kind=10000, minute=5, info=""),
        stored('"ming"修改群名为“新群名”', kind=10000, minute=6, info=""),
        stored("之后", minute=7, info="{'wxid': 'wxid_ming', 'nickname': '小明', 'alias': 'ming88', 'remark': ''}"),
    )
    pulled = Pulled(WeChat(), path)
    assert [(one.account_uid, one.text, one.sent_at) for one in pulled.of(MessageRecord)] == [
        ("wxid_ming", "大家好", NOON),
        ("wxid_hong", "第一行\n第二行", NOON + timedelta(minutes=1)),
        ("me", "我自己", NOON + timedelta(minutes=2)),
        ("wxid_ming", "[image]", NOON + timedelta(minutes=3)),
        ("wxid_ming", "[audio]", NOON + timedelta(minutes=4)),
        ("wxid_ming", "之后", NOON + timedelta(minutes=7)),
    ]
    assert pulled.of(MessageRecord)[0].uid == "4611686018427387904"
    assert [(room.uid, room.name) for room in pulled.of(CommunityRecord)] == [("品茶群", "品茶群")]
    accounts = {(one.uid, one.name): one for one in pulled.of(AccountRecord)}
    assert accounts["me", None].is_staff is True
    assert accounts["wxid_ming", "小明"].contacts == (Contact("wechat", "ming88"),)
    assert Pulled(WeChat(), path, me="wxid_boss").of(MessageRecord)[2].account_uid == "wxid_boss"
    assert {room.uid for room in Pulled(WeChat(), path, room="我的群").of(CommunityRecord)} == {"我的群"}
    assert pulled.rejected == []


def test_the_older_shape_with_named_senders_is_read(tmp_path: Path) -> None:
    def row(text: str, nick: str, wxid: str, mine: int = 0) -> list[object]:
        return [1, "123@chatroom", 1, 0, mine, EPOCH, "", text, "2024-05-04 12:00:05", "备注", nick, wxid]

    path = write(tmp_path / "x.csv", NAMED, row("一", "小明", "wxid_ming"), row("二", "老板", "wxid_boss", 1))
    pulled = Pulled(WeChat(), path, me="wxid_boss")
    assert [(one.uid, one.name, one.is_staff) for one in pulled.of(AccountRecord)] == [
        ("wxid_ming", "小明", None),
        ("wxid_boss", "老板", True),
    ]
    assert pulled.of(CommunityRecord)[0].uid == "123@chatroom"


def test_a_quote_is_a_reply_to_its_sender(tmp_path: Path) -> None:
    xml = (
        "<msg><appmsg><title>好主意 &amp; 谢谢</title><type>57</type><refermsg><type>1</type><svrid>77</svrid>"
        "<fromusr>123@chatroom</fromusr><chatusr>wxid_hong</chatusr><title>原话</title></refermsg></appmsg></msg>"
    )
    path = write(
        tmp_path / "x.csv", DATABASE, stored("原话", "wxid_hong", svrid=77), stored(xml, kind=49, sub=57, minute=1)
    )
    pulled = Pulled(WeChat(), path)
    quote = pulled.of(MessageRecord)[1]
    assert (quote.text, quote.reply_to_uid) == ("好主意 & 谢谢", "77")
    assert {(one.actor_uid, one.kind, one.object_uid) for one in pulled.of(InteractionRecord)} >= {
        ("wxid_ming", "reply", "wxid_hong")
    }


@pytest.mark.parametrize(
    ("kind", "subtype", "text", "packed", "said"),
    [
        ("1", "0", "你好", "", "你好"),
        ("Text", "", "<3 茶", "", "<3 茶"),
        ("3", "0", "", "", "[image]"),
        ("34", "0", "", "", "[audio]"),
        ("43", "0", "<msg/>", "", "[video]"),
        ("47", "0", "<msg/>", "", "[sticker]"),
        ("42", "0", "<msg/>", "", "[contact]"),
        ("48", "0", "<msg/>", "", "[location]"),
        ("50", "0", "", "", "[call]"),
        ("49", "5", "<msg><title>好文</title><des>摘要</des></msg>", "", "[link] 好文"),
        ("49", "0", "<msg><title>好文</title><des/><action>v</action><type>5</type></msg>", "", "[link] 好文"),
        ("49", "6", "", "<title><![CDATA[表.xlsx]]></title>", "[file] 表.xlsx"),
        ("49", "2001", "<title>微信红包</title>", "", "[red packet] 微信红包"),
        ("49", "2000", "", "", "[transfer]"),
        ("49", "19", "<title>群聊的聊天记录</title>", "", "[forwarded] 群聊的聊天记录"),
        ("49", "57", "", "", "[quote]"),
        ("49", "999", "", "", "[other]"),
        ("Sharing", "", "好文", "", "[link]"),
        ("9999", "0", "<x/>", "", "[other]"),
        ("9999", "0", "words", "", "words"),
    ],
)
def test_types_are_told_in_words(kind: str, subtype: str, text: str, packed: str, said: str) -> None:
    assert content(kind, subtype, text, packed).text == said


XML = (
    '<sysmsg type="sysmsgtemplate"><sysmsgtemplate><content_template type="tmpl_type_profile">'
    "<plain><![CDATA[]]></plain>"
    '<template><![CDATA["$username$"邀请"$names$"加入了群聊]]></template><link_list>'
    '<link name="username" type="link_profile"><memberlist><member><username><![CDATA[wxid_a]]></username>'
    "<nickname><![CDATA[甲]]></nickname></member></memberlist></link>"
    '<link name="names" type="link_profile"><memberlist>'
    "<member><username><![CDATA[wxid_b]]></username><nickname><![CDATA[乙]]></nickname></member>"
    "<member><username><![CDATA[wxid_c]]></username><nickname><![CDATA[丙]]></nickname></member>"
    "</memberlist><separator><![CDATA[、]]></separator></link></link_list></content_template></sysmsgtemplate></sysmsg>"
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"甲"邀请"乙"加入了群聊', [("", "乙", True)]),
        ('"甲"邀请"乙、丙"加入了群聊', [("", "乙", True), ("", "丙", True)]),
        ('你邀请"乙"加入了群聊  $revoke$', [("", "乙", True)]),
        ('你邀请"乙"加入了群聊  <a href="weixin://revoke">撤销</a>', [("", "乙", True)]),
        ('"甲"邀请你加入了群聊，群聊参与人还有：乙、丙', [("", "", True)]),
        ('"甲"邀请你和"乙"加入了群聊', [("", "", True), ("", "乙", True)]),
        ('"乙"通过扫描"甲"分享的二维码加入群聊', [("", "乙", True)]),
        ('" 乙"通过扫描你分享的二维码加入群聊', [("", "乙", True)]),
        ("你通过扫描二维码加入群聊，群聊参与人还有：乙", [("", "", True)]),
        ('你将"乙"移出了群聊', [("", "乙", False)]),
        ('"甲"将"乙"移出了群聊', [("", "乙", False)]),
        ('你被"甲"移出群聊', [("", "", False)]),
        ('"乙"退出了群聊', [("", "乙", False)]),
        (XML, [("wxid_b", "乙", True), ("wxid_c", "丙", True)]),
        ('"甲"修改群名为“乙加入了群聊”', []),
        ('"甲" 撤回了一条消息', []),
        ("甲 拍了拍 乙", []),
        ("<sysmsg>", []),
    ],
)
def test_notices_tell_who_came_and_left(text: str, told: list[tuple[str, str, bool]]) -> None:
    assert list(notices(text)) == [Notice(*one) for one in told]


# Text -----------------------------------------------------------------------------------------------------------


def test_a_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "品茶群(1).txt"
    path.write_text(
        '2024-05-04 12:00:05 小 明\n你好\n第二行\n\n2024-05-04 12:01:05\n"小 明"邀请"小红"加入了群聊\n\n'
        "2024-05-04 12:02:05 小红\n@小 明\u2005 谢谢\n2024-05-04 12:00:00 不是头\n\n"
        "2024-05-04 12:03:05 老板\n[图片]\n\n",
        encoding="utf-8",
    )
    pulled = Pulled(WeChat(), path, me="老板")
    assert [(one.account_uid, one.text) for one in pulled.of(MessageRecord)] == [
        ("handle:小 明", "你好\n第二行"),
        ("handle:小红", "@小 明\u2005 谢谢\n2024-05-04 12:00:00 不是头"),
        ("handle:老板", "[图片]"),
    ]
    assert pulled.moves() == [("handle:小红", True)]
    assert pulled.of(CommunityRecord)[0].uid == "品茶群"
    assert [one.is_staff for one in pulled.of(AccountRecord)] == [None, None, True]
    assert pulled.of(MessageRecord)[0].sent_at == NOON


# Files ----------------------------------------------------------------------------------------------------------


def test_it_is_surer_of_its_own_files_than_the_general_adapters(tmp_path: Path) -> None:
    files = [
        write(tmp_path / "1.csv", COLLECTED, collected("a"), collected("b")),
        write(tmp_path / "2.csv", DATABASE, stored("a"), stored("b")),
        write(tmp_path / "3.csv", NAMED, [1, 7, 1, 0, 0, EPOCH, "", "a", "", "", "n", "wxid_n"]),
    ]
    for file in files:
        assert WeChat().recognise(str(file)) > max(ChatArchive().recognise(str(file)), Tabular().recognise(str(file)))
    text = tmp_path / "4.txt"
    text.write_text("2024-05-04 12:00:05 小明\n你好\n\n2024-05-04 12:01:05 小红\n好\n")
    assert WeChat().recognise(str(text)) > 0.5
    for other in (b"name,fans\na,1\n", b"hello", b"", b"%PDF"):
        text.write_bytes(other)
        assert WeChat().recognise(str(text)) == 0


@pytest.mark.parametrize("content", [b"", b"\n\n", b"hello\nworld\n", b"a,b\n1,2\n", b"%PDF-1.4", b"\x00" * 900])
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "chat.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"chat\.csv"):
        Pulled(WeChat(), path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    path = write(
        tmp_path / "a.csv", COLLECTED, *(collected("今天的茶真好喝", minute=n) for n in range(9)), encoding=encoding
    )
    assert set(Pulled(WeChat(), path).texts()) == {"今天的茶真好喝"}


@pytest.mark.parametrize("svrid", ["", "0", "1.23E+18"])
def test_a_longer_export_doubles_nothing(tmp_path: Path, svrid: str) -> None:
    rows = [stored("好", minute=n // 2, svrid=svrid) for n in range(40)]
    early = [one.uid for one in Pulled(WeChat(), write(tmp_path / "a.csv", DATABASE, *rows[:30])).of(MessageRecord)]
    later = [one.uid for one in Pulled(WeChat(), write(tmp_path / "a.csv", DATABASE, *rows)).of(MessageRecord)]
    assert later[:30] == early
    assert len(set(later)) == 40


def test_it_goes_on_from_every_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 20)
    path = write(tmp_path / "a.csv", COLLECTED, *(collected(str(n), minute=n) for n in range(60)))
    whole = Pulled(WeChat(), path)
    assert len(whole.pages) > 3
    for number, page in enumerate(whole.pages):
        assert [one.records for one in Pulled(WeChat(), path, page.cursor).pages] == [
            one.records for one in whole.pages[number + 1 :]
        ]


def test_an_export_is_imported_by_the_command_once(kolbench: Commands, tmp_path: Path) -> None:
    path = write(
        tmp_path / "品茶群.csv",
        DATABASE,
        stored('"ming"邀请"hong"加入了群聊', kind=10000, info=""),
        stored("欢迎@hong\u2005", minute=1, svrid=1),
        stored("谢谢@ming\u2005", "wxid_hong", minute=2, svrid=2),
    )
    kolbench("import", str(path), "--yes")
    kolbench("import", str(path), "--yes", "--again")
    store = Store.open(tmp_path / "kolbench.db", create=False)
    tables = ("account", "message", "membership", "activity")
    found = [store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
    store.close()
    assert found == [2, 2, 2, 3]


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = WeChat()
    expected = {"messages": 60}

    @pytest.fixture(autouse=True)
    def export(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 20)
        rows = (stored(str(n), minute=600 * n, svrid=n + 1) for n in range(60))
        self.settings = {"path": str(write(tmp_path / "a.csv", DATABASE, *rows))}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf"]), max_size=40)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["wxid_ming", "wxid_hong", "a-b_c"]), WORDS), min_size=1, max_size=15))
def test_what_is_written_is_read_back(tmp_path: Path, said: list[tuple[str, str]]) -> None:
    rows = [stored(f"说{text}", who, minute=n) for n, (who, text) in enumerate(said)]
    messages = Pulled(WeChat(), write(tmp_path / "a.csv", DATABASE, *rows)).of(MessageRecord)
    assert [(one.account_uid, one.text) for one in messages] == [(who, f"说{text}") for who, text in said]
    assert [one.sent_at for one in messages] == [
        (NOON + timedelta(minutes=n)).astimezone(UTC) for n in range(len(said))
    ]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.one_of(WORDS, st.just(str(EPOCH)), st.just("49")), max_size=15), max_size=10))
def test_no_file_breaks_it(tmp_path: Path, rows: list[list[str]]) -> None:
    path = write(tmp_path / "a.csv", DATABASE, *rows)
    with suppress(KolbenchError):
        Pulled(WeChat(), path)
    path.write_text("2024-05-04 12:00:05 a\n" + "\n".join(" ".join(row) for row in rows))
    Pulled(WeChat(), path)
