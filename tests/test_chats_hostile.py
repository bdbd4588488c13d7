"""Whatever people call themselves, what an exported chat becomes passes the gate."""

from __future__ import annotations

import csv
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kolbench.adapters.chats.people import bots_named
from kolbench.adapters.protocol import Adapter, Pull
from kolbench.adapters.qq import QQ
from kolbench.adapters.wechat import WeChat
from kolbench.adapters.whatsapp import WhatsApp
from kolbench.domain.clock import now
from kolbench.domain.errors import KolbenchError
from kolbench.domain.gate import Gate
from kolbench.domain.identity import handle_key

NASTY = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "ﷺ" * 100,
            "ΐ" * 200,
            "x" * 300,
            "\u0300",
            "\u0345",
            "\u3164",
            "\U000e0041",
            "a\u200db",
            "\u202eabc",
            "\x1b[31mred",
            "[bold]",
            "handle:",
            "@",
            "İ",
            "1e999",
        ]
    ),
)
ROWS = st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=6)
often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(adapter: Adapter, path: Path) -> None:
    """Every record that comes of the file is one that the gate lets pass; a file may be refused in words."""
    gate = Gate(now())
    with suppress(KolbenchError):
        pages = list(adapter.pull(Pull("messages", {"path": str(path)})))
        for page in pages:
            for record in page.records:
                must_pass(gate, record)


def must_pass(gate: Gate, record: object) -> None:
    try:
        gate.check(record)
    except KolbenchError as refused:
        raise AssertionError(f"{refused}: {record!r}") from None


@often
@given(ROWS)
def test_whatsapp(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    head = "25/03/2021, 21:05 - "
    lines = [f"{head}Ann added {who}\n{head}{who}: {text} thanks @\u2068{who}\u2069" for who, text in rows]
    path = tmp_path / "_chat.txt"
    path.write_bytes("\n".join(lines).encode("utf-8", "replace"))
    check(WhatsApp(), path)


@often
@given(ROWS)
def test_qq(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    told = "=" * 64 + f"\r\n消息对象:{rows[0][0]}\r\n"
    for who, text in rows:
        for entry in (
            f"系统消息(10000)\r\n{who}加入本群",
            f"{who}(123456)\r\n{text} @{who}",
            f"{who}<{text}>\r\n@{who} 谢谢",
        ):
            told += f"\r\n2021-03-25 21:05:00 {entry}\r\n"
    path = tmp_path / "group.txt"
    path.write_bytes(told.encode("utf-8", "replace"))
    check(QQ(), path)


@often
@given(ROWS, NASTY, NASTY)
def test_wechat(tmp_path: Path, rows: list[tuple[str, str]], room: str, uid: str) -> None:
    header = ["TalkerId", "Type", "SubType", "CreateTime", "StrContent", "MsgSvrID", "SenderInfo"]
    cells = []
    for who, text in rows:
        info = f"{{'wxid': '{text}', 'nickname': '{who}'}}"
        quote = f"<title>{text}</title><refermsg><svrid>1</svrid><chatusr>{who}</chatusr></refermsg>"
        cells += [
            [room, "10000", "0", "1714795205", f'"x"邀请"{who}"加入了群聊', "", ""],
            [room, "1", "0", "1714795205", f"{text}@{who}\u2005", uid, info],
            [room, "49", "57", "1714795205", quote, "", info],
        ]
    path = tmp_path / "group.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        csv.writer(stream).writerows([header, *cells])
    check(WeChat(), path)


def test_bots_are_listed_between_commas_of_any_script() -> None:
    listed = Pull("messages", {"bots": "Q群管家，小助手、Rate Bot, ,@Helper"})
    assert bots_named(listed) == {handle_key(name) for name in ("Q群管家", "小助手", "Rate Bot", "Helper")}
