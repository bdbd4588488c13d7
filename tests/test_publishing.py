"""Public leaderboards: what is shown of whom, pages that are sound whatever is in them, and files for programs."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench.domain.campaigns import parse
from kolbench.domain.errors import UsageError
from kolbench.programme.campaigns import board as boards
from kolbench.programme.campaigns import colours, document, page, publishing
from kolbench.programme.campaigns.board import Board, Row
from kolbench.programme.campaigns.wording import WORDS
from kolbench.store import publications

if TYPE_CHECKING:
    from pathlib import Path

VOID = {"meta", "input", "br"}
TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["<script>alert(1)</script>", "</table>", '" onload="x', "&lt;b>", "]]>", "</style><script>", "<!--"]
    ),
)
ROWS = st.lists(
    st.builds(Row, st.integers(1, 99), st.one_of(st.none(), st.integers(-9, 9)), TEXTS, st.integers(0, 10**9)),
    max_size=30,
)


def board(**facts: Any) -> Board:
    terms = parse({"name": "Tea", "levels": ["10%", "5%", "1 CNY"], "cap_per_person": "2000 CNY"})
    told: dict[str, Any] = {
        "campaign": "春茶",
        "positioning": "一周好状态",
        "benefit": "立减 30 元",
        "language": "zh",
        "colour": "#1b7f4b",
        "figure": "conversions",
        "currency": "CNY",
        "aim": "conversions",
        "target": 1_000,
        "actual": 634,
        "starts_at": make.ms(100),
        "ends_at": make.ms(114),
        "time_zone": "Asia/Shanghai",
        "since": "2026-04-10",
        "people": 4,
        "rows": [Row(1, 2, "王**", 40), Row(2, None, "", 30), Row(3, 0, "Ann", 20), Row(4, -1, "Bob", 10)],
        "rules": {name: boards.rules(terms, words) for name, words in WORDS.items()},
        "updated_at": make.ms(100.5),
    }
    return Board(**{**told, **facts})


class Page(HTMLParser):
    """What a page is made of: its elements with their attributes, and its texts; raises where tags don't match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _value in attrs}) == len(attrs), "an attribute is there twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str) -> str:
        return "".join(text for name, text in self.texts if name == tag)


def pages(found: Board) -> list[Page]:
    return [Page(page.html(found, language, {"en": "en.html"})) for language in WORDS]


# Names as consented -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王子轩", "王**"),
        ("王", "**"),
        ("Ann Lee", "A**"),
        ("👩🏽‍💻 Eve", "👩🏽‍💻**"),
        ("\u202eevil", "e**"),
        ("🇨🇳x", "🇨🇳**"),
    ],
)
def test_a_masked_name_shows_its_first_sign_and_not_its_length(name: str, masked: str) -> None:
    assert boards.public_name(name, "masked") == masked


def test_a_hidden_or_unknown_name_is_nowhere() -> None:
    assert boards.public_name("王子轩", "hidden") == boards.public_name(None, "full") == ""


@given(st.text(max_size=90))
def test_a_masked_name_gives_away_one_sign_at_most(name: str) -> None:
    shown = boards.public_name(name, "masked")
    assert shown == "" or shown.endswith("**")
    assert len(list(boards.typesetting.clusters(shown.removesuffix("**")))) <= 1


# The page ----------------------------------------------------------------------------------------------------------


def test_a_page_has_landmarks_a_skip_link_and_a_table_with_headings() -> None:
    for found in pages(board()):
        tags = [tag for tag, _attributes in found.elements]
        for landmark in ("header", "nav", "main", "footer", "h1", "table", "caption"):
            assert tags.count(landmark) == (0 if landmark == "caption" else 1), landmark
        skip = next(one for one in found.all("a"))
        assert skip["href"] == "#board"
        assert {one.get("id") for _tag, one in found.elements} >= {"board", "ranks", "target", "rules"}
        assert [one["scope"] for one in found.all("th")] == ["col"] * 4 + ["row"] * 4
        labelled = {one["aria-labelledby"] for _tag, one in found.elements if "aria-labelledby" in one}
        assert labelled <= {one.get("id") for _tag, one in found.elements}
        assert found.all("html")[0]["lang"] in ("zh-Hans", "en")


def test_a_page_tells_rank_movement_progress_rules_and_when() -> None:
    chinese, english = (page.html(board(), language, {}) for language in WORDS)
    for told in (
        "名次",
        "较昨日",
        "上升 </span>2",
        "新上榜",
        "未公开",
        "634 / 1,000（63%）",
        "更新于",
        "2026-04-11 20:00",
    ):
        assert told in chinese, told
    for told in ("Since yesterday", "up </span>2", "634 of 1,000 (63%)", "10%", "1 CNY", "2,000.00 CNY"):
        assert told in english, told
    assert "较 2026-03-01" in page.html(board(since="2026-03-01"), "zh", {})
    assert "较昨日" not in page.html(board(since=None), "zh", {})


def test_a_page_may_do_what_its_policy_says_and_nothing_else() -> None:
    many = board(rows=[Row(n, 0, f"p{n}", 9) for n in range(1, 30)])
    for found in (board(), many):
        made = page.html(found, "zh", {})
        policy = str(next(one["content"] for one in Page(made).all("meta") if one.get("http-equiv")))
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        for tag in ("style", "script"):
            parts = re.findall(rf"<{tag}>(.*?)</{tag}>", made, re.DOTALL)
            hashes = re.findall(rf"{tag}-src 'sha256-(\S+?)'", policy)
            assert hashes == [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in parts]
    assert "script-src" not in page.html(board(), "zh", {}), "a short list needs no script"


@settings(max_examples=60)
@given(TEXTS, TEXTS, ROWS)
def test_no_text_becomes_markup_or_asks_for_anything(campaign: str, benefit: str, rows: list[Row]) -> None:
    plain, hostile = (
        pages(board(campaign=name, benefit=text, positioning=text, rows=ranks))
        for name, text, ranks in (("x", "x", [row._replace(name="x") for row in rows]), (campaign, benefit, rows))
    )
    for quiet, loud in zip(plain, hostile, strict=True):
        assert {tag for tag, _one in loud.elements} <= {tag for tag, _one in quiet.elements} | {"bdi", "p"}
        for tag, attributes in loud.elements:
            assert tag in ("style", "script") or not {"style", "src", "srcset", "action"} & set(attributes)
            assert not [name for name in attributes if name.startswith("on")]
            assert attributes.get("href", "#board") in ("#board", "en.html")


def test_nothing_on_a_page_leads_elsewhere() -> None:
    made = page.html(board(), "zh", {"en": "en.html"})
    assert not re.search(r"(?:https?:)?//\w|url\(|@import|<link|<img|<iframe", made)


def test_a_long_list_is_cut_into_tables_that_links_lead_to() -> None:
    many = board(rows=[Row(n, 0, f"p{n}", 9) for n in range(1, 1_203)], people=5_000)
    found = pages(many)[0]
    assert [one["href"] for one in found.all("a")][1:] == ["en.html", "#n0", "#n500", "#n1000"]
    assert len(found.all("table")) == len(found.all("caption")) == 3
    assert found.text("caption") == "名次 1–500名次 501–1,000名次 1,001–1,202"
    assert "仅显示前 1,202 名，共 5,000 人" in found.text("p")


def test_an_empty_leaderboard_says_so_and_invents_nobody() -> None:
    made = page.html(board(rows=[], people=0, aim=None), "en", {})
    assert "Nobody has a result yet." in made
    assert "<table" not in made
    assert "<progress" not in made
    assert "|" not in publishing.markdown(board(rows=[], people=0, aim=None)).partition("##")[0]


def test_the_styles_colours_can_be_read_in_light_and_dark() -> None:
    for colour in ("#ffd400", "#000000", "#ffffff", "#1b7f4b"):
        style = re.findall(r"<style>(.*?)</style>", page.html(board(colour=colour), "zh", {}), re.DOTALL)[0]
        themes = re.findall(r"--paper: (#\w+); --ink: (#\w+); --soft: (#\w+);.*?--accent: (#\w+);", style, re.DOTALL)
        assert len(themes) == 2
        for paper, *inks in themes:
            for ink in inks:
                assert colours.contrast(colours.parse(ink), colours.parse(paper)) >= colours.TEXT
    assert colours.parse("#161413") == document.DARK


# Files -------------------------------------------------------------------------------------------------------------


def test_pages_are_written_in_both_languages_and_lead_to_each_other(tmp_path: Path) -> None:
    written = publishing.write(board(), tmp_path, ["html"])
    assert [path.name for path in written] == ["index.html", "en.html"]
    assert 'lang="zh-Hans"' in written[0].read_text("utf-8")
    assert 'href="index.html"' in written[1].read_text("utf-8")
    assert [path.name for path in written[0].parent.iterdir()] in (["index.html", "en.html"], ["en.html", "index.html"])


def test_files_for_programs_say_what_the_page_says_and_no_more(tmp_path: Path) -> None:
    publishing.write(board(figure="revenue", aim="revenue"), tmp_path, ["json", "csv", "md"])
    told = json.loads((tmp_path / "leaderboard.json").read_text("utf-8"))
    assert told["entries"][1] == {"rank": 2, "moved": None, "name": None, "value": 30}
    assert (told["target"], told["currency"]) == ({"figure": "revenue", "target": 1_000, "actual": 634}, "CNY")
    with (tmp_path / "leaderboard.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[:3] == [
            ["rank", "moved", "name", "revenue"],
            ["1", "2", "王**", "0.40"],
            ["2", "", "", "0.30"],
        ]
    text = (tmp_path / "leaderboard.md").read_text("utf-8")
    assert "| 1 | 王\\*\\* | ▲2 | 0.40 |" in text
    assert "| 2 | 未公开 | ✦ | 0.30 |" in text


def test_a_name_is_no_formula_and_no_markup_in_any_file(tmp_path: Path) -> None:
    names = ["=1+1", "@SUM(A1)", "|x|", "[a](javascript:b)", "<b>", "+1"]
    publishing.write(board(rows=[Row(n, 0, name, 1) for n, name in enumerate(names, 1)]), tmp_path, ["csv", "md"])
    with (tmp_path / "leaderboard.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row[2][0] for row in list(csv.reader(file))[1:]] == ["'", "'", "|", "[", "<", "'"]
    lines = (tmp_path / "leaderboard.md").read_text("utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ")][1:]
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in table] == [5] * 6
    assert "\\[a\\](javascript:b)" in table[3]


def test_the_web_server_may_read_what_is_published(tmp_path: Path) -> None:
    for path in publishing.write(board(), tmp_path, publications.FORMATS):
        assert path.stat().st_mode & 0o444 == 0o444, path


def test_a_page_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>My shop</h1>")
    with pytest.raises(UsageError, match="has not written"):
        publishing.write(board(), tmp_path, ["html", "json"])
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    (tmp_path / "index.html").unlink()
    publishing.write(board(), tmp_path, ["html"])
    publishing.write(board(campaign="again"), tmp_path, ["html"])
    assert "again" in (tmp_path / "index.html").read_text("utf-8")


def test_what_fails_leaves_the_older_page_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publishing.write(board(), tmp_path, ["html"])
    before = (tmp_path / "index.html").read_text("utf-8")

    def full(_path: Path, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(UsageError, match="No space left"):
        publishing.write(board(campaign="again"), tmp_path, ["html"])
    assert (tmp_path / "index.html").read_text("utf-8") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["en.html", "index.html"]
