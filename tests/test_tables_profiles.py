"""Profiles know the tables that one tool exports; what the operator says goes before them."""

from __future__ import annotations

import csv
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from commands import Commands
from kolbench.adapters.protocol import Pull
from kolbench.adapters.tables.columns import normal
from kolbench.adapters.tables.profile import SHIPPED, every, read
from kolbench.adapters.tabular import Tabular, platform_of, preview
from kolbench.domain.errors import UsageError
from kolbench.domain.records import AccountRecord, PostRecord
from kolbench.store.connect import Store

SHANGHAI = ZoneInfo("Asia/Shanghai")
PROFILES = sorted(file.stem for file in SHIPPED.glob("*.toml"))

CELLS = {
    "uid": "7001",
    "handle": "tea_ann",
    "name": "茶小姐",
    "title": "第一泡",
    "text": "好茶",
    "bio": "喝茶",
    "category": "美食",
    "region": "杭州",
    "gender": "女",
    "verified": "是",
    "kind": "图文",
    "url": "https://example.com/u/1",
    "post_url": "https://example.com/p/1",
    "post_uid": "p1",
    "published_at": "2026-05-04 12:00:00",
    "duration": "1:05",
}


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder of profiles, empty at first."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "kolbench" / "profiles"
    folder.mkdir(parents=True)
    return folder


def write(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def cells(text: str) -> list[str]:
    return text.split()


def records(path: Path, **told: str) -> tuple[list[Any], list[str]]:
    warnings: list[str] = []
    pull = Pull("profiles", {"path": str(path), "platform": "x", **told}, warn=warnings.append)
    return [record for page in Tabular().pull(pull) for record in page.records], warnings


def roles(path: Path, **told: str) -> dict[str, str]:
    mapping = preview({"path": str(path), **told}).proposal.mapping
    return {column.name: column.role for column in mapping.columns}


# Each that comes along -----------------------------------------------------------------------------------------


def told_by(name: str) -> dict[str, Any]:
    return tomllib.loads((SHIPPED / f"{name}.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_reads_a_table_of_its_own_columns(name: str, tmp_path: Path) -> None:
    told = told_by(name)
    columns = {role: names[0] for role, names in told["roles"].items()}
    row = [CELLS.get(role, "1234") for role in columns]
    path = write(tmp_path / "table.csv", list(columns.values()), row)
    settings = {"path": str(path), "profile": name, "account": "@me"}
    found = preview(settings)
    assert found.proposal.problem == ""
    assert found.rejected == ()
    assert {column.name: column.role for column in found.proposal.mapping.used} == {
        column: role for role, column in columns.items()
    }
    kind = AccountRecord if told["kind"] == "accounts" else PostRecord
    (record,) = [one for one in found.records if type(one) is kind]
    counted = [role for role in columns if role not in CELLS]
    assert set(record.metrics) == {role.removeprefix("metric:") for role in counted}


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_is_recognised_by_what_it_needs_and_no_other_is(name: str, tmp_path: Path) -> None:
    told = told_by(name)
    for needs in told.get("needs", []):
        path = write(tmp_path / "table.csv", needs, ["1"] * len(needs))
        assert f"by the profile {name}" in " ".join(preview({"path": str(path), "account": "a"}).proposal.warnings)
        assert platform_of(str(path)) == told["platform"]


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_says_what_it_was_checked_against(name: str) -> None:
    text = (SHIPPED / f"{name}.toml").read_text("utf-8")
    remark = text.partition("title =")[0].lower()
    assert "verified" in remark
    assert told_by(name)["timezone"] == "Asia/Shanghai"


@pytest.mark.parametrize("name", PROFILES)
def test_no_column_of_a_profile_plays_two_roles(name: str) -> None:
    profile = every()[name]
    columns = [column for names in profile.roles.values() for column in names]
    assert len(columns) == len(set(columns))
    assert profile.ignore.isdisjoint(columns)
    assert all(columns)


# As they are exported -------------------------------------------------------------------------------------------


def test_the_notes_of_xiaohongshu_are_read_below_their_remark(tmp_path: Path) -> None:
    header = cells("笔记标题 首次发布时间 体裁 曝光 观看量 封面点击率 点赞 评论 收藏 涨粉 分享 人均观看时长 弹幕")
    path = write(
        tmp_path / "笔记列表明细表_2026-05-20.csv",
        ["最多导出排序后前1000条笔记", *[""] * 12],
        header,
        [
            "第一泡",
            "2026年05月04日20时15分08秒",
            "图文",
            "1.2万",
            "3456",
            "0.125",
            "78",
            "9",
            "10",
            "3",
            "4",
            "12",
            "-",
        ],
    )
    (note,), warnings = records(path, account="@tea")
    assert note.published_at == datetime(2026, 5, 4, 20, 15, 8, tzinfo=SHANGHAI)
    assert note.observed_at == datetime(2026, 5, 20, tzinfo=SHANGHAI)
    assert (note.title, note.kind, note.account_uid) == ("第一泡", "图文", "handle:tea")
    metrics = {name: count if isinstance(count, int) else count.value for name, count in note.metrics.items()}
    assert metrics == {
        "views": 3456,
        "likes": 78,
        "comments": 9,
        "collects": 10,
        "followers_gained": 3,
        "shares": 4,
        "impressions": 12_000,
    }
    assert warnings[0] == "read as 小红书 笔记列表明细表, by the profile xiaohongshu-notes"


def test_the_articles_of_an_official_account_are_dated_by_their_file(tmp_path: Path) -> None:
    header = cells(
        "内容标题 发表时间 总阅读人数 总阅读次数 总分享人数 总分享次数 阅读后关注人数 送达人数 公众号消息阅读次数 "
        "送达阅读率 首次分享次数 分享产生阅读次数 首次分享率 每次分享带来阅读次数 阅读完成率 内容url"
    )
    row = cells("好文 20260329 94 163 7 10 0 2112 79 0.0374 5 69 0.0633 6.9 0.6889 https://mp.weixin.qq.com/s/abc")
    path = write(tmp_path / "total_1774668963_1777260963.csv", header, row)
    (post,), _warnings = records(path, account="茶馆")
    assert post.observed_at == datetime.fromtimestamp(1777260963, UTC)
    assert post.published_at == datetime(2026, 3, 29, tzinfo=SHANGHAI)
    assert post.uid == post.url == "https://mp.weixin.qq.com/s/abc"
    assert post.metrics == {
        "views": 163,
        "shares": 10,
        "followers_gained": 0,
        "readers": 94,
        "sharers": 7,
        "delivered": 2112,
    }


def test_a_list_of_newrank_needs_no_platform(kolbench: Commands, tmp_path: Path) -> None:
    header = cells("账号名称 账号ID 类别 发布次数 文章数 阅读数 平均阅读数 在看数 头条阅读数 最高阅读数 新榜指数 uid")
    row = cells("茶馆 teahouse 美食 7 21 35万+ 1.6万 1234 10万+ 10万+ 812.5 x9")
    path = write(tmp_path / "公众号_2026-05-04.csv", header, row)
    kolbench("import", str(path), "--yes")
    store = Store.open(tmp_path / "kolbench.db", create=False)
    found = store.reader().execute("SELECT platform, handle, name, category FROM account").fetchall()
    metrics = dict(
        store.reader()
        .execute("SELECT metric.name, value FROM account_snapshot JOIN metric ON metric.id = metric_id")
        .fetchall()
    )
    store.close()
    assert [tuple(one) for one in found] == [("wechat", "teahouse", "茶馆", "美食")]
    assert metrics["reads_in_period"] == 350_000
    assert metrics["avg_reads"] == 16_000


# What the operator says -----------------------------------------------------------------------------------------

OWN = """
title = "My list"
platform = "weibo"
kind = "accounts"
timezone = "+09:00"
as_of = 'week-(\\d{8})'
needs = [["博主名", "影响力值"]]
ignore = ["备注"]
[roles]
name = ["博主名"]
influence = ["影响力值"]
followers = ["粉丝规模"]
[units]
"粉丝规模" = "万"
"""


def test_a_profile_of_the_operators_own_is_found_and_applied(tmp_path: Path, config: Path) -> None:
    (config / "mine.toml").write_text(OWN, encoding="utf-8")
    path = write(tmp_path / "week-20260504.csv", ["博主名", "影响力值", "粉丝规模", "备注"], ["茶", "7", "12.5", "1"])
    (account,), warnings = records(path)
    assert warnings[0] == "read as My list, by the profile mine"
    assert account.observed_at == datetime(2026, 5, 4, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert account.metrics["followers"].value == 125_000
    assert platform_of(str(path)) == "weibo"
    assert roles(path)["备注"] == ""


def test_the_operators_word_goes_before_the_profiles(tmp_path: Path, config: Path) -> None:
    (config / "mine.toml").write_text(OWN, encoding="utf-8")
    path = write(tmp_path / "week-20260504.csv", ["博主名", "影响力值", "粉丝规模", "备注"], ["茶", "7", "12.5", "1"])
    assert roles(path, map="备注=followers,影响力值=") == {
        "博主名": "name",
        "影响力值": "",
        "粉丝规模": "",
        "备注": "followers",
    }
    (account,), _warnings = records(path, timezone="UTC", as_of="2026-05-05")
    assert account.observed_at == datetime(2026, 5, 5, tzinfo=UTC)


def test_an_own_profile_replaces_one_that_comes_along(tmp_path: Path, config: Path) -> None:
    (config / "qiangua-creators.toml").write_text(OWN, encoding="utf-8")
    assert every()["qiangua-creators"].title == "My list"


def test_a_table_may_be_kept_from_profiles(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["博主昵称", "千瓜指数", "粉丝数"], ["茶", "7", "12"])
    assert roles(path)["千瓜指数"] == "influence"
    assert roles(path, profile="none")["千瓜指数"] == ""


def test_a_profile_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["博主昵称", "粉丝数"], ["茶", "12"])
    with pytest.raises(UsageError, match="there is no profile nothing; there are chanmama-creators, "):
        roles(path, profile="nothing")


def test_a_mapping_that_was_agreed_to_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["博主昵称", "千瓜指数", "粉丝数"], ["茶", "7", "12"])
    agreed = '{"kind": "accounts", "roles": ["name", "", "followers"]}'
    assert roles(path, map=agreed) == {"博主昵称": "name", "千瓜指数": "", "粉丝数": "followers"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = ", "at its end: no value"),
        ('kind = "accounts"', "platform"),
        ('platform = "x"\nkind = "people"', "kind is people"),
        ('platform = "x"\nkind = "posts"\ncolour = 1', "colour"),
        ('platform = "x"\nkind = "posts"\n[roles]\nbeauty = ["颜值"]', "no role beauty"),
        ('platform = "x"\nkind = "posts"\n[roles]\nname = "博主"', "no list"),
        ('platform = "x"\nkind = "posts"\nroles = 3', "roles is no table"),
        ('platform = "x"\nkind = "posts"\n[units]\n"粉丝" = "dozen"', "unit is dozen"),
        ('platform = "x"\nkind = "posts"\ntimezone = "Mars"', "timezone is Mars"),
        ('platform = "x"\nkind = "posts"\nas_of = "2026"', "one group"),
        ('platform = "x"\nkind = "posts"\nas_of = "("', "unterminated|missing"),
        ("#" * 70_000, "too long"),
    ],
)
def test_a_broken_profile_is_named_with_its_fault(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=rf"broken\.toml.*(?:{why})"):
        read(path)


def test_a_broken_profile_of_the_operators_own_stops_no_recognition_silently(tmp_path: Path, config: Path) -> None:
    (config / "broken.toml").write_bytes(b"\xff\xfe\x00")
    path = write(tmp_path / "a.csv", ["博主昵称", "粉丝数"], ["茶", "12"])
    assert platform_of(str(path)) == ""
    with pytest.raises(UsageError, match=r"broken\.toml"):
        roles(path)


def test_columns_are_compared_in_their_normal_form(tmp_path: Path) -> None:
    assert normal("阅读(播放)") == normal("閱讀（播放）")
    path = write(tmp_path / "a.csv", ["博主暱稱", "千瓜指數", "粉絲數（万）"], ["茶", "7", "1.5"])
    (account,), _warnings = records(path)
    assert account.metrics["followers"].value == 15_000
