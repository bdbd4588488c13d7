"""A file's encoding is found out, and what it can't decode is replaced, counted and placed, never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.adapters.tables.encoding import Text, detect, guess, named
from kolbench.domain.errors import UsageError
from tables import proposal, read, write

if TYPE_CHECKING:
    from pathlib import Path

SIMPLIFIED = "昵称,粉丝数,简介\n人民日报,100,参与、沟通、记录时代。\n陈赫,200,有东西直播间\n"
TRADITIONAL = "暱稱,粉絲數,簡介\n台灣美食,100,歡迎訂閱,一起旅行\n蔡依林,200,謝謝你的關注\n"


@pytest.mark.parametrize(
    ("text", "encoding", "codec"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8-sig"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED + "😎,3,\n", "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "cp950"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        ("名字\n", "gbk", "gb18030"),
        ("名稱\n", "big5", "cp950"),
        ("name,region\nJosé,España\nMüller,Österreich\n", "cp1252", "cp1252"),
        ("name,city\n“quoted”,Łódź\n".replace("Łódź", "Lodz"), "cp1252", "cp1252"),
        ("a,b\n\x81\n", "latin-1", "latin-1"),
        ("name,followers\nann,1\n", "ascii", "utf-8"),
        ("", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_found_by_what_reads_best(text: str, encoding: str, codec: str) -> None:
    content = text.encode(encoding)
    assert detect([content]) == codec
    assert "".join(Text([content], codec)) == text


def test_big5_and_gbk_are_not_mistaken_for_each_other() -> None:
    for characters, encoding, codec in ((SIMPLIFIED, "gbk", "gb18030"), (TRADITIONAL, "big5", "cp950")):
        for line in characters.splitlines():
            assert detect([line.encode(encoding)]) == codec, line


def test_chinese_that_comes_late_in_the_file_still_decides(tmp_path: Path) -> None:
    rows = "".join(f"user{number},{number},plain\n" for number in range(20_000))
    path = write(tmp_path / "late.csv", ("handle,followers,bio\n" + rows + "ann,1,美妆博主\n").encode("gbk"))
    assert read(path).records[-1].bio == "美妆博主"  # type: ignore[union-attr]


def test_one_bad_byte_in_a_utf8_file_is_replaced_counted_and_placed(tmp_path: Path) -> None:
    rows = [f"user{number},{number},美妆博主\n" for number in range(50_000)]
    content = ("handle,followers,bio\n" + "".join(rows)).encode()
    where = content.index("user40000,40000,美".encode()) + len(b"user40000,40000,") + 1
    reading = read(write(tmp_path / "deep.csv", content[:where] + b"\xff" + content[where:]))
    assert len(reading.records) == 50_000
    assert reading.metric("followers") == list(range(50_000))
    assert any("utf-8" in warning and "line 40002" in warning for warning in reading.warnings)
    assert sum("\ufffd" in bio for bio in reading.column("bio")) == 1


def test_the_operator_may_say_the_encoding(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,followers,region\nann,1,Москва\n".encode("cp1251"))
    assert read(path, encoding="cp1251").column("region") == ["Москва"]
    assert named("GBK") == "gb18030"
    assert isinstance(read(path, encoding="utf-16").failure, UsageError)
    for wrong in ("klingon", "rot13", "hex", "idna", "utf-7", ""):
        with pytest.raises(UsageError, match="encoding"):
            named(wrong)


@given(
    st.binary(max_size=600), st.integers(1, 40), st.sampled_from(["utf-8", "gb18030", "cp950", "utf-16-le", "cp1252"])
)
def test_any_bytes_decode_alike_however_they_are_cut(content: bytes, size: int, codec: str) -> None:
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    text = Text(chunks, codec)
    assert "".join(text) == content.decode(codec, "replace")
    try:
        content.decode(codec)
    except UnicodeDecodeError:
        assert text.replaced > 0
        assert text.first_line > 0
    else:
        assert text.replaced == 0


common = "的一是不了人我在有他这中大来上个国说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小"


@given(st.lists(st.sampled_from(common), min_size=10, unique=True).map("".join))
def test_common_chinese_is_found_in_either_encoding(text: str) -> None:
    assert detect([text.encode("gbk")]) == "gb18030"
    assert detect([text.encode()]) == "utf-8"


def test_an_encoding_that_is_a_guess_is_told_with_the_byte_that_led_to_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"handle,followers,bio\nann,1,plain\nb\xffb,2,plain\n")
    told = "a.csv, line 3: the byte 0xFF is not UTF-8; read as cp1252, unless you name the encoding"
    found = read(path)
    assert found.warnings == [told]
    assert found.column("handle") == ["ann", "b\u00ffb"]
    assert told in proposal(path).warnings
    assert read(path, encoding="latin-1").warnings == []


@pytest.mark.parametrize("content", [SIMPLIFIED.encode("gbk"), SIMPLIFIED.encode(), b"a,b\n"])
def test_an_encoding_that_something_speaks_for_is_not_told(content: bytes) -> None:
    assert guess([content], detect([content])) is None
