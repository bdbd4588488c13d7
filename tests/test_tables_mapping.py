"""Columns are recognised by their names in two languages, and what was guessed is said before it is used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.adapters.tables.columns import KINDS, assign, normal, role_of, unit
from kolbench.adapters.tables.mapping import EVERY_ROLE, parse_map, shape
from kolbench.adapters.tables.vocabulary import ROLES
from kolbench.domain.errors import UsageError
from kolbench.domain.records import METRICS, Count
from tables import proposal, read, roles, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (
            "followers",
            "followers|FOLLOWERS_COUNT|fans|粉丝数|粉丝|粉丝总数|subscribers|关注者|粉丝数(万)",
        ),
        ("following", "following|关注数|关注|followings"),
        ("posts", "posts|videos|作品数|投稿视频数|uploads|笔记数"),
        ("likes", "likes|获赞数|total_likes|点赞|赞"),
        ("views", "views|video views|播放数|播放量|阅读量"),
        ("comments", "comments|评论数|评论"),
        ("shares", "shares|转发数|分享|reposts"),
        ("danmaku", "弹幕数|danmaku|video_review"),
        ("metric:likes_and_collects", "获赞与收藏|赞藏总数|獲贊與收藏"),
        ("coins", "投币数|coin"),
        ("followers_gained", "涨粉数|新增粉丝|subscribers_for_last_30_days"),
        ("engagement_bp", "60_day_eng_rate|互动率|engagement rate|互动率(%)"),
        ("avg_likes", "avg_likes|平均点赞数"),
        ("influence", "influence_score|影响力"),
        ("rank", "rank|排名"),
        ("uid", "mid|uid|user_id|用户ID|达人ID|id|channelId"),
        ("handle", "username|抖音号|channel_info|screen_name|账号"),
        ("name", "name|昵称|up主|Youtuber|达人昵称|nickname|博主"),
        ("region", "country|IP属地|地区|location"),
        ("category", "category|创作领域|垂类|赛道"),
        ("email", "email|E-mail|邮箱"),
        ("phone", "phone_number|手机号"),
        ("wechat", "wechat|微信号|vx"),
        ("observed_at", "date|日期|时间|数据日期|timestamp|crawl_time"),
    ],
)
def test_one_thing_has_many_names(role: str, names: str) -> None:
    for name in names.split("|"):
        assert role_of(name, "accounts")[0] == role, name


def test_what_only_resembles_a_column_is_left_alone() -> None:
    for name in (
        "video_views_rank",
        "country_rank",
        "created_year",
        "Population",
        "等级",
        "备注",
        "",
        "new_id",
        "school",
    ):
        assert role_of(name, "accounts")[0] == "", name


def test_every_known_metric_has_a_name_and_every_name_is_in_normal_form() -> None:
    assert set(METRICS) <= EVERY_ROLE
    for kind in KINDS:
        for role, names in ROLES[kind].items():
            for name in names.split():
                assert normal(name) == name
                assert role_of(name, kind)[0]
            assert any(role_of(name, kind)[0] == role for name in names.split()), role


def test_traditional_names_are_known_as_the_simplified_ones_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "暱稱,帳號,粉絲數(萬),獲讚數,註冊時間,備註\n小鹿愛吃,xl,12.5,3億,2020-01-01,x\n")
    roles = [column.role for column in proposal(path).mapping.columns]
    assert roles == ["name", "handle", "followers", "likes", "created_at", ""]
    assert read(path).metric("followers") == [Count(125_000, 500)]
    for simplified, traditional in (("评论数", "評論數"), ("联系方式", "聯絡方式"), ("主页链接", "主頁連結")):
        assert role_of(traditional, "accounts")[0] == role_of(simplified, "accounts")[0] != ""


def test_a_unit_in_the_name_counts_for_the_cells(tmp_path: Path) -> None:
    units = {"粉丝数(万)": "万", "粉丝（w）": "w", "播放量/亿": "亿", "fans [k]": "k", "互动率(%)": "%", "粉丝数": ""}
    assert {name: unit(name) for name in units} == units
    path = write(tmp_path / "a.csv", "昵称,粉丝数(万),互动率(%)\n小安,12.5,1.39\n乙,1.2万,2%\n丙,3,-\n")
    reading = read(path)
    assert reading.metric("followers") == [Count(125_000, 500), Count(12_000, 500), Count(30_000, 5_000)]
    assert reading.metric("engagement_bp") == [139, 200, None]


def test_of_two_columns_for_one_role_the_better_name_wins_and_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "name,country,city,location,fans,followers\nann,CN,Wuhan,武汉,1,2\n")
    found = proposal(path)
    assert found.mapping.at("region").name == "location"
    assert found.mapping.at("followers").name == "followers"
    told = "\n".join(found.warnings)
    for name in ("country", "city", "fans"):
        assert f"{name}: ignored" in told
    assert [column.name for column in found.mapping.ignored] == ["country", "city", "fans"]


def test_columns_of_one_name_are_told_apart_by_their_number(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,fans,fans\nann,1,2\n")
    assert read(path).metric("followers") == [1]
    assert any("fans" in warning for warning in proposal(path).warnings)
    assert read(path, map="3=followers,2=").metric("followers") == [2]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("accounts", "mid,up主,粉丝数\n123456,小安,5\n"),
        ("accounts", "name,category\nann,tea\n"),
        ("accounts", "日期,昵称,粉丝数\n2026-05-04,小安,5\n"),
        ("snapshots", "uid,date,followers\n12345,2026-05-04,5\n"),
        ("accounts", "uid,date,region,followers\n12345,2026-05-04,CN,5\n"),
        ("posts", "bvid,title,author,play\nBV1x,t,ann,5\n"),
        ("posts", "作品标题,发布时间,昵称,点赞\n春茶,2026-05-04,小安,5\n"),
        ("posts", "笔记ID,昵称,点赞数,收藏数\nabc,小安,5,6\n"),
        ("edges", "from,to\na1234,b1234\n"),
        ("edges", "Source,Target,Weight\na1234,b1234,2\n"),
        ("edges", "follower_id,followee_id,created\na1234,b1234,2026-05-04\n"),
        ("edges", "17\t18\n19\t20\n"),
        ("edges", "17 18 3\n19 20 1\n"),
        ("", "transaction_id,status,amount\n1,PAID,5\n"),
        ("", "id,created_at,reward_type\n1,2026-05-04,5\n"),
        ("", "a,b\nx,y\n"),
        ("", "time,group_id,group_name,from_id,from_nickname,content_type,content\n2026-05-04,1,g,2,n,1,hello\n"),
    ],
)
def test_the_kind_of_a_table_shows_in_its_columns(tmp_path: Path, kind: str, text: str) -> None:
    assert proposal(write(tmp_path / "a.csv", text)).mapping.kind == kind


def test_a_table_of_nothing_known_says_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", "order,amount\n1,5\n")
    assert proposal(path).confidence == 0
    failure = read(path).failure
    assert isinstance(failure, UsageError)
    assert "order, amount" in str(failure)
    assert "say what its columns mean" in str(failure)


def test_a_column_whose_cells_are_something_else_loses_its_role(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,followers,rank,phone\nann,5,全站第35名,5f3a\nbob,6,全站第9名,99ab\n")
    assert roles(path) == {"handle": "handle", "followers": "followers"}
    told = "\n".join(proposal(path).warnings)
    assert "rank: few cells" in told
    assert "phone: few cells" in told
    assert roles(path, map="rank=rank")["rank"] == "rank"


def test_more_comments_than_likes_is_doubted(tmp_path: Path) -> None:
    rows = "".join(f"user{number},5,{50 if number % 3 else 1}\n" for number in range(30))
    doubts = proposal(write(tmp_path / "a.csv", "handle,likes,comments\n" + rows)).warnings
    assert any("comments exceeds likes in 20 of 30" in doubt for doubt in doubts)
    sane = proposal(write(tmp_path / "b.csv", "handle,likes,comments\nann,5,1\n")).warnings
    assert not any("exceeds" in doubt for doubt in sane)


def test_an_id_that_may_be_a_row_number_is_less_sure_and_its_rival_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,views,new_id\n37905227,5,1\n")
    found = proposal(path)
    assert found.confidence < 0.7
    assert any("new_id" in warning for warning in found.warnings)
    assert read(path, map="new_id=uid,id=").column("uid") == ["1"]
    assert proposal(path, map="new_id=uid,id=").confidence == 1


def test_the_operators_map_beats_every_guess(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "name,fans,score,备注\nann,5,6,x\n")
    assert roles(path, map="score=followers") == {"name": "name", "score": "followers"}
    assert roles(path, map="fans=,备注=bio") == {"name": "name", "备注": "bio"}
    assert roles(path, map="FANS = likes") == {"name": "name", "fans": "likes"}
    assert read(path, map="score=metric:shop_score").records[0].metrics == {"followers": 5, "shop_score": 6}  # type: ignore[union-attr]


def test_a_map_without_a_header_moves_what_was_guessed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "1585893877\t5\n1585893878\t6\n")
    assert roles(path, account="x") == {"1": "observed_at", "2": "followers"}
    assert roles(path, account="x", map="2=likes") == {"1": "observed_at", "2": "likes"}
    assert roles(path, account="x", map="1=followers,2=observed_at") == {"1": "followers", "2": "observed_at"}


def test_a_role_without_use_in_this_kind_of_table_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "from,to,mood\na1234,b1234,glad\n")
    assert any("mood: edges have no region" in warning for warning in proposal(path, map="mood=region").warnings)


def test_a_map_is_written_as_column_equals_role() -> None:
    names = ("粉丝数", "mid", "备注", "a,b", "x=y", "")
    assert parse_map("粉丝数=followers, mid=uid ,备注=", names) == {0: "followers", 1: "uid", 2: ""}
    assert parse_map('"a,b"=name,x=y=bio,6=url', names) == {3: "name", 4: "bio", 5: "url"}
    assert parse_map("", names) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fans=followers", "there is no column fans; there are 粉丝数, mid"),
        ("9=followers", "there is no column 9"),
        ("粉丝数=follower", "there is no role follower; there are "),
        ("粉丝数", "column=role"),
        ("粉丝数=uid,mid=uid", "two columns are mapped to uid"),
        ("粉丝数=metric:Bad Name", "there is no role"),
    ],
)
def test_a_wrong_map_names_the_column_and_what_there_is(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_map(text, ("粉丝数", "mid"))


def test_a_mapping_is_remembered_for_files_of_the_same_shape(tmp_path: Path) -> None:
    monday = write(tmp_path / "monday.csv", "name,fans,score\nann,5,6\n")
    tuesday = write(tmp_path / "tuesday.csv", "Name,FANS,score\nbob,7,8\n")
    other = write(tmp_path / "other.csv", "name,score\nbob,7\n")
    kept = proposal(monday, map="score=likes,fans=")
    assert proposal(tuesday).shape == kept.shape != proposal(other).shape
    again = json.dumps(kept.mapping.to_dict())
    assert read(tuesday, map=again).records[0].metrics == {"likes": 8}  # type: ignore[union-attr]
    for wrong in (again, "{", '{"kind": "accounts", "roles": [1, 2]}', '{"kind": "x", "roles": ["uid", ""]}'):
        assert isinstance(read(other, map=wrong).failure, UsageError)


def test_files_without_a_header_have_the_shape_of_their_contents() -> None:
    assert shape(["1", "2"], False, [["1585893877", "5"]]) == shape(["1", "2"], False, [["1685893877.5", "77"]])
    assert shape(["1", "2"], False, [["1585893877", "5"]]) != shape(["1", "2"], False, [["ann", "5"]])
    assert shape(["1", "2"], False, [["1", "5"]]) != shape(["1", "2"], True, [["1", "5"]])


@given(st.lists(st.sampled_from(sorted(EVERY_ROLE)) | st.text(max_size=6), max_size=12), st.sampled_from(KINDS))
def test_no_role_is_ever_played_twice(names: list[str], kind: str) -> None:
    columns, losers = assign(names, kind, {})
    played = [column.role for column in columns if column.role]
    assert len(played) == len(set(played))
    assert set(losers.values()) <= set(played)
    assert [column.name for column in columns] == names
