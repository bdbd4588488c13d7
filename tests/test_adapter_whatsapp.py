"""Chats exported from WhatsApp become rooms, people and messages, whatever phone and language wrote them."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands import Commands
from files import Pulled
from kolbench.adapters.chats.archive import Chat
from kolbench.adapters.chats.said import Moved, Said
from kolbench.adapters.protocol import Adapter, Pull
from kolbench.adapters.registry import faults
from kolbench.adapters.whatsapp import WhatsApp, WhatsAppChat, said_in
from kolbench.adapters.whatsapp_dates import DatesSoFar, Order
from kolbench.domain.errors import KolbenchError, SourceError, UsageError
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

START = datetime(2021, 3, 25, 9, 5, 7, tzinfo=UTC)
LRM = "\u200e"


def exported(folder: Path, *lines: str, name: str = "WhatsApp Chat with Tasters.txt", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def read(path: Path, warnings: list[str] | None = None, **said: Any) -> list[Said | Moved]:
    said.setdefault("zone", UTC)
    chat: Chat = WhatsAppChat(path, "", warn=(warnings if warnings is not None else []).append, **said)
    return list(chat)


def test_it_declares_itself_soundly() -> None:
    adapter: Adapter = WhatsApp()
    assert faults(adapter) == []
    assert adapter.limits is None


# Dates --------------------------------------------------------------------------------------------------------


def moments(count: int = 40) -> list[datetime]:
    return [START + timedelta(hours=9 * number, minutes=number) for number in range(count)]


def test_each_known_form_of_header_is_read(shared_data: Path, tmp_path: Path) -> None:
    forms = [one["format"] for one in json.loads((shared_data / "chat/whatsapp_header_formats.json").read_text())]
    assert len(forms) == 96
    understood = 0
    for form in forms:
        for year in ("%y", "%Y"):
            written = [
                at.strftime(form.replace("%y", year).replace("%name", f"Ann {at.hour}.")) + f" it: {at.day}"
                for at in moments()
            ]
            seconds = "%S" in form
            found = read(exported(tmp_path, *written))
            assert [one.at for one in found] == [at if seconds else at.replace(second=0) for at in moments()], form
            assert [one.text for one in found if isinstance(one, Said)] == [f"it: {at.day}" for at in moments()]
            assert {one.name for one in found} == {f"Ann {at.hour}." for at in moments()}
            understood += 1
    assert understood == 2 * 96


@pytest.mark.parametrize(
    ("head", "hour"),
    [
        ("25/03/2021, 9:05 pm - ", 21),
        ("25/03/2021, 9:05 PM - ", 21),
        ("25/03/2021, 9:05\u202fPM - ", 21),
        ("25/03/2021, 12:05\u202fAM - ", 0),
        ("25/03/2021, 12:05 p. m. - ", 12),
        ("25/03/2021, 9:05 p.\u00a0m. - ", 21),
        ("25/3/21 9:05 a. m. - ", 9),
        ("2021/3/25 上午9:05 - ", 9),
        ("2021/3/25 下午9:05 - ", 21),
        ("2021/3/25 凌晨12:05 - ", 0),
        ("2021/3/25 中午12:05 - ", 12),
        ("2021/3/25 晚上9:05 - ", 21),
        ("[2021/3/25 下午9:05:07] ", 21),
        ("[25/03/2021, 21:05:07] ", 21),
        (f"{LRM}[25.03.21, 21:05:07] ", 21),
        ("[25.3.2021 klo 21.05.07] ", 21),
        ("25.03.21, 21:05 - ", 21),
        ("25/03/2021 à 21:05 - ", 21),
        ("25/03/2021, 21.05 - ", 21),
        ("25-03-2021 21:05 - ", 21),
        ("2021. 3. 25. 오후 9:05 - ", 21),
        ("2021. 03. 25. 21:05 - ", 21),
        ("25.03.2021 г., 21:05 - ", 21),
        ("٢٥/٣/٢٠٢١، ٩:٠٥ م - ", 21),
        ("[٢٥\u200f/٣\u200f/٢٠٢١، ٩:٠٥:٠٧ ص] ", 9),
        ("25/3/2564 21:05 - ", 21),
        ("25/03/2021, 21:05:07: ", 21),
        ("\ufeff25/03/2021, 21:05 – ", 21),
    ],
)
def test_the_headers_of_each_locale_are_read(tmp_path: Path, head: str, hour: int) -> None:
    (one,) = read(exported(tmp_path, f"{head}Ann: hello: you"))
    assert one.at.replace(minute=0, second=0) == datetime(2021, 3, 25, hour, tzinfo=UTC)
    assert isinstance(one, Said)
    assert (one.name, one.text) == ("Ann", "hello: you")


@pytest.mark.parametrize(
    "line",
    [
        "25/03/2021, 25:05 - Ann: no such hour",
        "25/03/2021, 21:75 - Ann: no such minute",
        "45/03/2021, 21:05 - Ann: no such day",
        "25/03/1999, 21:05 - Ann: no WhatsApp yet",
        "3/4 of it at 9:05 - Ann: no date",
        "version 1.2.3",
    ],
)
def test_what_only_looks_like_a_header_belongs_to_the_message_before(tmp_path: Path, line: str) -> None:
    (one,) = read(exported(tmp_path, "25/03/2021, 21:05 - Ann: first", line))
    assert isinstance(one, Said)
    assert one.text == f"first\n{line}"


@pytest.mark.parametrize(
    ("dates", "order", "sure"),
    [
        (["5/4/21", "13/4/21"], "dmy", True),
        (["4/5/21", "4/13/21"], "mdy", True),
        (["5/4/21", "1/5/21"], "dmy", True),
        (["4/5/21", "5/1/21"], "mdy", True),
        (["2021-04-05", "2021-04-13"], "ymd", True),
        (["2021-05-04", "2021-13-04"], "ydm", True),
        (["21.04.05", "21.04.13"], "ymd", True),
        (["01/04/21", "02/04/21", "03/04/21", "04/04/21", "05/04/21"], "dmy", True),
        (["4/1/21", "4/2/21", "4/3/21", "4/4/21", "4/5/21"], "mdy", True),
        (["05/05/2021"], "dmy", True),
        (["05/04/2021"], "dmy", False),
        (["05/04/2021", "06/05/2021"], "dmy", False),
    ],
)
def test_the_order_of_dates_is_found_from_all_of_them(dates: list[str], order: Order, sure: bool) -> None:
    seen = DatesSoFar()
    for date in dates:
        one, two, three = date.replace("-", "/").replace(".", "/").split("/")
        seen.add((one, two, three), False)
    found, remark = seen.verdict()
    assert found == order
    assert ("another order" not in remark) is sure


def test_american_phones_are_known_by_their_clock(tmp_path: Path) -> None:
    warnings: list[str] = []
    (one,) = read(exported(tmp_path, "5/4/21, 9:05 PM - Ann: hi"), warnings)
    assert one.at == datetime(2021, 5, 4, 21, 5, tzinfo=UTC)
    assert warnings == ["dates read as month/day/year, but they fit another order too: set date_order if wrong"]


def test_the_operator_knows_best(tmp_path: Path) -> None:
    path = exported(tmp_path, "5/4/21, 9:05 PM - Ann: hi")
    told = Pulled(WhatsApp(), path, date_order="dmy", timezone="Asia/Shanghai")
    assert told.of(MessageRecord)[0].sent_at == datetime(2021, 4, 5, 21, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert told.warnings == []
    assert Pulled(WhatsApp(), path).warnings != []
    with pytest.raises(UsageError, match="date_order"):
        Pulled(WhatsApp(), path, date_order="sideways")


# What is said -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<Media omitted>", "[media]"),
        ("<Medien ausgeschlossen>", "[media]"),
        ("<Multimedia omitido>", "[media]"),
        ("<Mídia oculta>", "[media]"),
        ("<Médias omis>", "[media]"),
        ("<省略多媒体文件>", "[media]"),
        ("null", "[media]"),
        ("image omitted", "[image]"),
        ("Bild weggelassen", "[image]"),
        ("imagen omitida", "[image]"),
        ("imagem ocultada", "[image]"),
        ("image absente", "[image]"),
        ("图片已忽略", "[image]"),
        ("忽略视频", "[video]"),
        ("video omitted", "[video]"),
        ("audio omitido", "[audio]"),
        ("Sticker weggelassen", "[sticker]"),
        ("GIF omitted", "[gif]"),
        ("Contact card omitted", "[contact]"),
        ("Budget.pdf • 2 pages document omitted", "[document]"),
        ("IMG-20210325-WA0001.jpg (file attached)", "[image]"),
        ("IMG-20210325-WA0001.jpg (Datei angehängt)\nso schön", "[image] so schön"),
        ("STK-20210325-WA0001.webp (archivo adjunto)", "[sticker]"),
        ("PTT-20210325-WA0001.opus (arquivo anexado)", "[audio]"),
        ("list.pdf (fichier joint)", "[document]"),
        ("<attached: 00000012-PHOTO-2021-03-25-09-05-07.jpg>", "[image]"),
        ("<Anhang: 00000012-VIDEO-2021-03-25-09-05-07.mp4>", "[video]"),
        ("<附件：00000012-AUDIO-2021-03-25.opus>", "[audio]"),
        ("Ann.vcf (文件附件)", "[contact]"),
        ("good idea <This message was edited>", "good idea"),
        ("gute Idee <Diese Nachricht wurde bearbeitet>", "gute Idee"),
        ("This message was deleted", ""),
        ("You deleted this message.", ""),
        ("Diese Nachricht wurde gelöscht.", ""),
        ("Se eliminó este mensaje.", ""),
        ("Mensagem apagada", ""),
        ("Ce message a été supprimé", ""),
        ("此消息已被删除", ""),
        (
            "POLL:\nTea or coffee?\nOPTION: Tea (3 votes)\nOPTION: Coffee (0 votes)",
            "[poll] Tea or coffee?\n- Tea\n- Coffee",
        ),
        ("UMFRAGE:\nTee?\nOPTION: Ja (1 Stimme)", "[poll] Tee?\n- Ja"),
        ("<3", "<3"),
        ("I said <so>", "I said <so>"),
        ("This message was deleted, I think", "This message was deleted, I think"),
        ("the image omitted a lot", "the image omitted a lot"),
        ("see report.pdf (the new one)", "see report.pdf (the new one)"),
        ("Location: https://maps.google.com/?q=1,2", "Location: https://maps.google.com/?q=1,2"),
        ("[bold]@ann[/]", "[bold]@ann[/]"),
    ],
)
def test_files_polls_and_deleted_messages_are_alike_in_every_language(text: str, shown: str) -> None:
    assert said_in(text) == shown


def test_a_message_may_have_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "_chat.txt"
    path.write_bytes(b"[25/03/2021, 21:05:07] Ann: one\ntwo\n\nfour\r\n[25/03/2021, 21:06:07] Bob: five\r\n")
    assert [one.text for one in read(path) if isinstance(one, Said)] == ["one\ntwo\n\nfour", "five"]


def test_people_are_known_by_name_or_number(tmp_path: Path) -> None:
    path = exported(
        tmp_path,
        "25/03/2021, 21:05 - +49 151 2345-6789: hi",
        f"25/03/2021, 21:06 - {LRM}~\u202fBob\u00a0B.: hi @491512345\u2068\u2069",
        "25/03/2021, 21:07 - Ann: thanks @491512345\u202f6789 no, @\u2068Bob B.\u2069!",
        "25/03/2021, 21:08 - Ann: @4915123456789 thank you",
    )
    pulled = Pulled(WhatsApp(), path)
    accounts = {account.uid: account for account in pulled.of(AccountRecord)}
    phone = accounts["+4915123456789"]
    assert (phone.handle, phone.name) == ("4915123456789", "+49 151 2345-6789")
    assert phone.contacts == (Contact("phone", "+4915123456789"),)
    assert accounts["handle:bob b."].name == "Bob B."
    acts = {(act.actor_uid, act.kind, act.object_uid) for act in pulled.of(InteractionRecord)}
    assert {
        ("handle:ann", "thank", "handle:bob b."),
        ("handle:ann", "reply", "handle:4915123456789"),
        ("handle:ann", "thank", "handle:4915123456789"),
    } <= acts
    assert "\u2068" not in "".join(pulled.texts())


def test_the_operator_is_staff(tmp_path: Path) -> None:
    path = exported(tmp_path, "25/03/2021, 21:05 - Ann: hi", "25/03/2021, 21:06 - Bob: hi")
    staff = {account.name: account.is_staff for account in Pulled(WhatsApp(), path, me="ann").of(AccountRecord)}
    assert staff == {"Ann": True, "Bob": None}


# Notices ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notice", "joined", "left"),
    [
        ("Ann joined using this group's invite link", "Ann", ""),
        ("Ann joined using this group’s invite link", "Ann", ""),
        ("Ann added Bob", "Bob", ""),
        ("Ann added Bob, Cy and +49 151 2345678", "Bob|Cy|+49 151 2345678", ""),
        ("You added Bob", "Bob", ""),
        ("Ann added you", "Me", ""),
        ("You were added", "Me", ""),
        ("Ann left", "", "Ann"),
        ("Ann removed Bob", "", "Bob"),
        ("You left", "", "Me"),
        ("Ann hat Bob hinzugefügt.", "Bob", ""),
        ("Ann wurde hinzugefügt", "Ann", ""),
        ("Ann ist dieser Gruppe über den Einladungslink beigetreten.", "Ann", ""),
        ("Ann hat die Gruppe verlassen.", "", "Ann"),
        ("Ann hat Bob entfernt.", "", "Bob"),
        ("Ann se unió usando el enlace de invitación de este grupo", "Ann", ""),
        ("Ann añadió a Bob y a Cy", "Bob|Cy", ""),
        ("Ann te añadió", "Me", ""),
        ("Ann salió del grupo", "", "Ann"),
        ("Ann eliminó a Bob", "", "Bob"),
        ("Ann entrou usando o link de convite deste grupo", "Ann", ""),
        ("Ann adicionou Bob", "Bob", ""),
        ("Ann saiu", "", "Ann"),
        ("Ann removeu Bob", "", "Bob"),
        ("Ann a rejoint le groupe via le lien d'invitation", "Ann", ""),
        ("Ann a ajouté Bob", "Bob", ""),
        ("Ann a quitté le groupe", "", "Ann"),
        ("Ann a retiré Bob", "", "Bob"),
        ("李雷使用此群组的邀请链接加入", "李雷", ""),
        ("李雷添加了韩梅梅", "韩梅梅", ""),
        ("李雷添加了张和平、王五", "张和平|王五", ""),
        ("李雷加入了群组", "李雷", ""),
        ("李雷离开了", "", "李雷"),
        ("李雷退出了群组", "", "李雷"),
        ("李雷移除了韩梅梅", "", "韩梅梅"),
        ('Ann created group "Tasters"', "", ""),
        ('Ann changed the subject from "A: b" to "Tasters"', "", ""),
        ("Ann changed this group's icon", "", ""),
        ("Ann added this group to the community", "", ""),
        ("李雷将此群组添加到了社群", "", ""),
        ("Messages and calls are end-to-end encrypted. No one outside of this chat can read them.", "", ""),
        ("Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.", "", ""),
        ("消息和通话已进行端到端加密。", "", ""),
        ("Your security code with Ann changed. Tap to learn more.", "", ""),
    ],
)
@pytest.mark.parametrize("phone", ["android", "iphone", "iphone, signed by the room"])
def test_notices_tell_who_came_and_left_and_are_no_messages(
    tmp_path: Path, notice: str, joined: str, left: str, phone: str
) -> None:
    if phone == "android":
        lines = [f"25/03/2021, 21:05 - {notice}", "25/03/2021, 21:06 - Zoe: hi"]
    else:
        signer = "Tasters" if "room" in phone else notice.partition(" ")[0]
        lines = [f"{LRM}[25/03/2021, 21:05:07] {signer}: {LRM}{notice}", "[25/03/2021, 21:06:07] Zoe: hi"]
    found = read(exported(tmp_path, *lines), me="Me")
    assert [one.text for one in found if isinstance(one, Said)] == ["hi"]
    moved = [one for one in found if isinstance(one, Moved)]
    assert [one.name for one in moved if one.joined] == [name for name in joined.split("|") if name]
    assert [one.name for one in moved if not one.joined] == [name for name in left.split("|") if name]


def test_words_that_only_sound_like_a_notice_are_a_message(tmp_path: Path) -> None:
    texts = ["Bob left", "I joined using this group's invite link", "who added you?", "x added y"]
    found = read(exported(tmp_path, *(f"25/03/2021, 21:05 - Ann: {text}" for text in texts)))
    assert [one.text for one in found if isinstance(one, Said)] == texts


def test_moves_become_memberships(tmp_path: Path) -> None:
    pulled = Pulled(WhatsApp(), exported(tmp_path, "25/03/2021, 21:05 - Ann added Bob", "26/03/2021, 21:05 - Bob left"))
    first, last = pulled.of(MembershipRecord)
    assert (first.account_uid, first.joined_at.day, first.left_at) == ("handle:bob", 25, None)
    assert (last.account_uid, last.joined_at, last.left_at.day) == ("handle:bob", None, 26)
    assert [(account.name, account.handle) for account in pulled.of(AccountRecord)] == [("Bob", "Bob")]


# Rooms and files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("WhatsApp Chat with Tasters 🍵.txt", "Tasters 🍵"),
        ("WhatsApp Chat with Tasters (3).txt", "Tasters"),
        ("WhatsApp Chat - Tasters.txt", "Tasters"),
        ("WhatsApp-Chat mit Tasters.txt", "Tasters"),
        ("WhatsApp_Chat_with_Tasters.txt", "Tasters"),
        ("Chat de WhatsApp con Tasters.txt", "Tasters"),
        ("Conversa do WhatsApp com Tasters.txt", "Tasters"),
        ("Discussion WhatsApp avec Tasters.txt", "Tasters"),
        ("与Tasters的 WhatsApp 聊天.txt", "Tasters"),
        ("_chat.txt", "The Room"),
        ("anything.txt", "The Room"),
    ],
)
def test_a_room_is_named_by_its_file_or_its_first_notice(tmp_path: Path, name: str, room: str) -> None:
    path = exported(
        tmp_path,
        f"[25/03/2021, 21:05:07] The Room: {LRM}Messages and calls are end-to-end encrypted.",
        "[25/03/2021, 21:05:07] Ann: hi",
        name=name,
    )
    assert [one.community for one in read(path)] == [room]
    assert Pulled(WhatsApp(), path, room="Mine").of(CommunityRecord) == [
        CommunityRecord(uid="Mine", name="Mine", kind="chat")
    ]


@pytest.mark.parametrize("inner", ["_chat.txt", "WhatsApp Chat with Tasters.txt"])
def test_the_zip_is_read_as_it_was_exported(tmp_path: Path, inner: str) -> None:
    path = tmp_path / "WhatsApp Chat - Tasters.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes/long.txt", "x" * 10_000)
        archive.writestr("IMG-1.jpg", b"\xff\xd8\xff")
        archive.writestr(inner, "25/03/2021, 21:05 - Ann: hi")
    pulled = Pulled(WhatsApp(), path)
    assert pulled.texts() == ["hi"]
    assert pulled.of(CommunityRecord)[0].name == "Tasters"
    assert WhatsApp().recognise(str(path)) > 0.9


def test_a_zip_of_another_kind_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", "[]")
    with pytest.raises(UsageError, match=r"a\.zip"):
        Pulled(WhatsApp(), path)
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(UsageError, match=r"a\.zip"):
        Pulled(WhatsApp(), path)
    assert WhatsApp().recognise(str(path)) == 0


def test_a_damaged_zip_and_a_bomb_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat - Tasters.zip"
    line = "25/03/2021, 21:05 - Ann: hi\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", line + "x" * (32 << 20))
    with pytest.raises(SourceError, match="refused"):
        Pulled(WhatsApp(), path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", line * 1000)
    data = bytearray(path.read_bytes())
    data[5000:5010] = b"##########"
    path.write_bytes(data)
    with pytest.raises(SourceError, match="damaged"):
        Pulled(WhatsApp(), path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    text = "今天的茶真好喝，谢谢大家来参加我们的品茶会，下次再见"
    path = exported(tmp_path, *[f"2021/3/25 下午9:0{n} - 李雷: {text}{n}" for n in range(9)], encoding=encoding)
    assert Pulled(WhatsApp(), path).texts() == [f"{text}{n}" for n in range(9)]


def test_a_longer_export_of_the_room_doubles_nothing(tmp_path: Path) -> None:
    lines = [f"25/03/2021, 21:{n // 3:02} - Ann: {'ok' if n % 2 else n}" for n in range(60)]
    (tmp_path / "1").mkdir()
    early = Pulled(WhatsApp(), exported(tmp_path / "1", *lines[:40]))
    again = Pulled(WhatsApp(), exported(tmp_path, *lines, name="WhatsApp Chat with Tasters (1).txt"))
    known = [message.uid for message in early.of(MessageRecord)]
    assert len(set(known)) == 40
    assert [message.uid for message in again.of(MessageRecord)][:40] == known
    assert len({message.uid for message in again.of(MessageRecord)}) == 60


def test_votes_seconds_and_edit_marks_make_no_other_message(tmp_path: Path) -> None:
    def uid(line: str) -> str:
        return str(Pulled(WhatsApp(), exported(tmp_path, *line.split("\n"))).of(MessageRecord)[0].uid)

    assert uid("25/03/2021, 21:05 - Ann: hi") == uid(f"[25/03/2021, 21:05:59] {LRM}Ann: hi")
    assert uid("25/03/2021, 21:05 - Ann: hi") == uid("25/03/2021, 21:05 - ~ Ann: hi <This message was edited>")
    assert uid("25/03/2021, 21:05 - Ann: POLL:\nTea?\nOPTION: Yes (1 vote)") == uid(
        "25/03/2021, 21:05 - Ann: POLL:\nTea?\nOPTION: Yes (7 votes)"
    )
    assert uid("25/03/2021, 21:05 - Ann: hi") != uid("25/03/2021, 21:06 - Ann: hi")
    assert uid("25/03/2021, 21:05 - Ann: hi") != uid("25/03/2021, 21:05 - Bob: hi")


def test_it_goes_on_from_every_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 20)
    path = exported(tmp_path, *(f"25/03/2021, 21:{n:02} - Ann: {n}" for n in range(60)))
    whole = Pulled(WhatsApp(), path)
    assert len(whole.pages) > 3
    for number, page in enumerate(whole.pages):
        rest = Pulled(WhatsApp(), path, page.cursor)
        assert [one.records for one in rest.pages] == [one.records for one in whole.pages[number + 1 :]]
    assert len(Pulled(WhatsApp(), path, since=datetime(2021, 3, 25, 21, 50, tzinfo=UTC)).texts()) == 10


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"\x00" * 900, b"hello\nworld\n", b"time,text\n2021-03-25,hi\n", b"%PDF-1.4", b"PK\x03\x04rubbish"],
    ids=["empty", "blank", "nul", "words", "table", "pdf", "zip"],
)
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(content)
    assert WhatsApp().recognise(str(path)) == 0
    with pytest.raises(KolbenchError, match=r"chat\.txt"):
        Pulled(WhatsApp(), path)


def test_exports_are_recognised_and_logs_less_surely(tmp_path: Path) -> None:
    chat = exported(tmp_path, "25/03/2021, 21:05 - Ann: hi")
    log = exported(tmp_path, "[2021-03-25 21:05:07] INFO: started", name="server.txt")
    assert WhatsApp().recognise(str(chat)) > 0.9
    assert 0.5 < WhatsApp().recognise(str(log)) < 0.9
    assert WhatsApp().recognise(str(tmp_path / "nothing")) == 0


def test_giant_and_nested_lines_cost_little(tmp_path: Path) -> None:
    head = "25/03/2021, 21:05 - "
    path = exported(
        tmp_path,
        head + "Ann: " + "x" * 3_000_000,
        "1/2/21" + " " * 100_000 + "9:05 - Ann: spaces",
        head + "added " * 20_000,
        head + "Ann: OPTION: " + " (1 " * 20_000,
        head + "Bob: POLL:",
        *["y" * 50] * 10_000,
        head + "Cy: end",
    )
    found = [one for one in read(path) if isinstance(one, Said)]
    assert [one.name for one in found] == ["Ann", "Ann", "Bob", "Cy"]
    assert max(len(one.text) for one in found) < 150_000


def test_a_larger_export_takes_no_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 100)

    def peak(count: int) -> int:
        days = ((START + timedelta(minutes=7 * number)).strftime("%d/%m/%Y, %H:%M") for number in range(count))
        path = exported(tmp_path, *(f"{day} - Ann: {'x' * 500}" for day in days), name=f"{count}.txt")
        pull = Pull("messages", {"path": str(path)})
        tracemalloc.start()
        for _page in WhatsApp().pull(pull):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(300)  # fills the caches
    assert peak(2_000) < 1.5 * peak(600)


# The whole way ------------------------------------------------------------------------------------------------


def test_an_export_is_imported_by_the_command_and_a_longer_one_adds_to_it(kolbench: Commands, tmp_path: Path) -> None:
    path = exported(
        tmp_path,
        '25/03/2021, 21:05 - Ann created group "Tasters"',
        "25/03/2021, 21:06 - Ann added Bob and Cy",
        "25/03/2021, 21:07 - Bob: thanks @\u2068Ann\u2069",
        "25/03/2021, 21:08 - Cy left",
    )
    kolbench("import", str(path), "--yes")

    def counts() -> tuple[int, ...]:
        store = Store.open(tmp_path / "kolbench.db", create=False)
        tables = ("account", "message", "membership", "activity", "community")
        found = tuple(store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
        store.close()
        return found

    assert counts() == (3, 1, 2, 2, 1)
    with path.open("a") as file:
        file.write("\n26/03/2021, 21:09 - Ann: welcome @\u2068Bob\u2069\n")
    kolbench("import", str(path), "--yes")
    assert counts() == (3, 2, 3, 3, 1)


def test_the_real_export_is_read_whole(shared_data: Path) -> None:
    pulled = Pulled(WhatsApp(), shared_data / "chat" / "whatsapp_pokemon.txt")
    assert len(pulled.texts()) == 18
    assert [room.name for room in pulled.of(CommunityRecord)] == ["Pokemon Chat"]
    assert len({account.uid for account in pulled.of(AccountRecord)}) == 8
    assert pulled.warnings == ["dates read as day/month/year"]


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = WhatsApp()
    expected = {"messages": 60}

    @pytest.fixture(autouse=True)
    def export(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 20)
        lines = (f"{day:02}/03/2021, 21:{minute:02} - Ann: {minute}" for day in range(1, 21) for minute in range(3))
        self.settings = {"path": str(exported(tmp_path, "01/03/2021, 20:00 - Ann added Bob", *lines))}


# Anything -----------------------------------------------------------------------------------------------------

FORMS = (
    "%d/%m/%Y, %H:%M - {}",
    "%m/%d/%y, %I:%M %p - {}",
    "[%d.%m.%y, %H:%M:%S] {}",
    "%Y/%m/%d %H:%M - {}",
    "[%Y-%m-%d %I:%M:%S %p] {}",
)
LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n\r", exclude_categories=["Cc", "Cs"]), max_size=40)
NAMES = st.sampled_from(["Ann", "Bob B.", "李雷", "+49 151 2345678", "Zoë 🍵", "O'Neil-Smith"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(NAMES, st.lists(LINE, min_size=1, max_size=3)), min_size=1, max_size=20),
    st.sampled_from(FORMS),
    st.integers(1, 40_000),
)
def test_what_is_written_is_read_back(
    tmp_path: Path, said: list[tuple[str, list[str]]], form: str, minutes: int
) -> None:
    spoken = [(who, "\n".join(["I say " + lines[0], *("." + line for line in lines[1:])])) for who, lines in said]
    at = [START.replace(second=0) + timedelta(minutes=minutes * number) for number in range(len(spoken))]
    path = exported(
        tmp_path, *(moment.strftime(form).format(f"{who}: {text}") for moment, (who, text) in zip(at, spoken))
    )
    order = {"%d": "dmy", "%m": "mdy", "[%d": "dmy", "%Y": "ymd", "[%Y": "ymd"}[form[: 3 if form[0] == "[" else 2]]
    this_year = [moment for moment in at if moment.year <= 2100]
    found = read(path, order=order)
    assert [one.at for one in found] == at == this_year
    assert [one.name for one in found] == [who for who, _text in spoken]
    bare = str.maketrans("\u202f\u00a0’", "  '", "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\ufeff")
    expected = [text.translate(bare).rstrip() for _who, text in spoken]
    assert [one.text for one in found if isinstance(one, Said)] == [text.strip() for text in expected]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(LINE, LINE.map("25/03/2021, 21:05 - {}".format), st.binary(max_size=30).map(repr)), max_size=20)
)
def test_no_file_breaks_it(tmp_path: Path, lines: list[str]) -> None:
    path = exported(tmp_path, *lines)
    assert WhatsApp().recognise(str(path)) in (0, 0.6, 0.95)
    with suppress(KolbenchError):
        Pulled(WhatsApp(), path)
