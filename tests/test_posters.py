"""Posters and QR codes: readable in any brand's colour, whole whatever the texts are, and asking for nothing."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.domain.errors import UsageError
from kolbench.programme.campaigns import colours, posters, qr, typesetting
from kolbench.programme.campaigns.posters import Poster

LINK = "https://shop.example/tea?ref=TK5HW7R&utm_source=weibo&utm_medium=referral&utm_campaign=tea"
POSTER = Poster(
    "三杯好茶，一周喝出好状态",
    "王子轩",
    "写给每天伏案八小时的你",
    "武夷山原产地直采的岩茶小罐装，三款口味一次尝遍。",
    "凭码立减 30 元 🍵",
    "TK5HW7R",
    LINK,
    "#1b7f4b",
    "诚意推荐",
    "扫码，或在下单时填写：",
)
SVG = "{http://www.w3.org/2000/svg}"
BYTE = st.integers(0, 255)
COLOURS = st.builds(colours.Colour, BYTE, BYTE, BYTE)
HOSTILE = st.one_of(
    st.text(max_size=120), st.sampled_from(["<script>", "]]>", "&amp;", "\x1b[31m", "\u202e", "W" * 400])
)


def shown(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_poster_says_who_recommends_what_to_whom_and_how_to_take_part() -> None:
    text = "".join(shown(posters.svg(POSTER)))
    for field in ("headline", "endorser", "audience", "outline", "benefit", "code", "recommended", "invitation"):
        assert getattr(POSTER, field) in text, field


def test_a_poster_asks_for_nothing_and_runs_nothing() -> None:
    tree = ET.fromstring(posters.svg(POSTER))
    assert {element.tag.removeprefix(SVG) for element in tree.iter()} == {
        "svg",
        "title",
        "rect",
        "circle",
        "text",
        "path",
    }
    names = {name for element in tree.iter() for name in element.attrib}
    assert not [name for name in names if "href" in name or name.startswith("on")]


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_text_breaks_a_poster_or_leaves_its_sides(a: str, b: str, c: str, d: str) -> None:
    made = posters.svg(
        POSTER._replace(headline=a, endorser=b, audience=a + c, outline=c * 9, benefit=d, small=d, code=b)
    )
    tree = ET.fromstring(made)
    assert {element.tag.removeprefix(SVG) for element in tree.iter()} <= {
        "svg", "title", "rect", "circle", "text", "path",
    }  # fmt: skip
    for element in tree.iter(f"{SVG}text"):
        size, x = float(element.get("font-size", "")), float(element.get("x", ""))
        if element.get("text-anchor") != "middle":
            assert x + size * typesetting.width(element.text or "") <= posters.WIDTH - posters.MARGIN + 1
        assert 0 < float(element.get("y", "")) < posters.HEIGHT


@pytest.mark.parametrize("colour", ["red", "#12", "url(#x)", '#fff"/><script>', ""])
def test_a_colour_that_is_none_is_refused(colour: str) -> None:
    with pytest.raises(UsageError, match="colour"):
        posters.svg(POSTER._replace(colour=colour))


@given(COLOURS)
def test_ink_can_be_read_on_every_brand_and_every_brand_on_white(colour: colours.Colour) -> None:
    assert colours.contrast(colours.ink(colour), colour) >= colours.TEXT
    assert colours.contrast(colours.readable(colour, colours.WHITE), colours.WHITE) >= colours.TEXT
    assert colours.parse(str(colour)) == colour


@given(COLOURS, COLOURS)
def test_a_readable_shade_can_be_read_on_whatever_is_behind(colour: colours.Colour, behind: colours.Colour) -> None:
    assert colours.contrast(colours.readable(colour, behind), behind) >= colours.TEXT


def test_contrast_is_what_the_guidelines_say() -> None:
    assert colours.contrast(colours.WHITE, colours.BLACK) == pytest.approx(21)
    assert colours.contrast(colours.parse("#777"), colours.WHITE) == pytest.approx(4.478, abs=0.001)
    assert colours.readable(colours.parse("#1b7f4b"), colours.WHITE) == colours.parse("#1b7f4b")


@given(st.text(max_size=200), st.floats(2, 40))
def test_lines_are_no_wider_than_their_room_and_lose_nothing(text: str, room: float) -> None:
    lines = typesetting.wrap(text, room)
    assert all(typesetting.width(line) <= room for line in lines)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)


def test_lines_break_between_words_and_never_before_a_chinese_comma() -> None:
    assert typesetting.wrap("Three good teas", 6) == ["Three", "good teas"]
    assert typesetting.wrap("三杯好茶，好状态", 4) == ["三杯好", "茶，好状", "态"]
    assert typesetting.wrap("a" * 12, 6.2) == ["a" * 10, "a" * 2]


def test_a_text_too_long_for_its_box_ends_in_an_ellipsis() -> None:
    block = typesetting.fit("好" * 100, 400, 110, (60, 40))
    assert block == (40, ["好" * 10, "好" * 9 + "…"])
    assert typesetting.fit("好" * 6, 400, 110, (60, 40)) == (60, ["好" * 6])


def test_emoji_of_several_parts_are_never_cut_and_can_be_made_plainer() -> None:
    text = "👩🏽‍💻🇨🇳1️⃣é"
    assert list(typesetting.clusters(text)) == ["👩🏽‍💻", "🇨🇳", "1️⃣", "é"]
    assert typesetting.plainer(text) == "👩CN1é"


def test_a_png_of_a_poster_has_its_size_whatever_it_says() -> None:
    pytest.importorskip("resvg_py")
    made = posters.png(POSTER._replace(endorser="Ann 👩🏽‍💻🇨🇳 <b>", outline="👨‍👩‍👧‍👦 a" * 200))
    assert made.startswith(b"\x89PNG\r\n")
    assert (int.from_bytes(made[16:20]), int.from_bytes(made[20:24])) == (1080, 1440)


def test_without_what_draws_pngs_a_poster_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    with pytest.raises(UsageError, match=r"kolbench\[png\]"):
        posters.png(POSTER)


def test_a_qr_code_in_the_terminal_has_every_module_of_the_code() -> None:
    lines = qr.half_blocks(LINK, colour=False)
    assert len({len(line) for line in lines}) == 1
    light = [
        [part for glyph in line for part in {"█": [(1, 1)], "▀": [(1, 0)], "▄": [(0, 1)], " ": [(0, 0)]}[glyph]]
        for line in lines
    ]
    rows = [[pair[half] for pair in line] for line in light for half in (0, 1)]
    inner = [row[qr.QUIET : -qr.QUIET] for row in rows[qr.QUIET :]][: len(qr.modules(LINK))]
    assert inner == [[1 - module for module in row] for row in qr.modules(LINK)]
    assert all(all(row) for row in rows[: qr.QUIET])


def test_a_qr_code_in_colour_is_black_on_white_on_every_terminal() -> None:
    plain, coloured = qr.half_blocks(LINK, colour=False), qr.half_blocks(LINK, colour=True)
    swapped = str.maketrans("█▀▄ ", " ▄▀█")
    assert [line.removeprefix("\x1b[30;107m").removesuffix("\x1b[0m") for line in coloured] == [
        line.translate(swapped) for line in plain
    ]


def test_the_path_of_a_qr_code_covers_its_dark_modules() -> None:
    data, size = qr.path(LINK)
    dark = {(x, y) for y, row in enumerate(qr.modules(LINK)) for x, module in enumerate(row) if module}
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1H\1z", data)
    assert {(int(x) + i, int(y)) for x, y, n in runs for i in range(int(n))} == dark
    assert size == len(qr.modules(LINK))


def test_qr_codes_are_files_too_and_a_link_too_long_is_told() -> None:
    assert qr.png(LINK).startswith(b"\x89PNG")
    assert ET.fromstring(qr.svg(LINK)).tag == f"{SVG}svg"
    with pytest.raises(UsageError, match="too long"):
        qr.svg("https://x/" + "a" * 3_000)
