"""Operators' real files are read in full, counted against counts made without KOLbench."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from kolbench.domain.errors import UsageError
from kolbench.domain.records import AccountRecord, Count, FollowRecord, PostRecord, SnapshotRecord
from tables import proposal, read, roles

if TYPE_CHECKING:
    from pathlib import Path


def plain(path: Path, encoding: str) -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines))


def value(cell: int | Count | None) -> int | None:
    return cell.value if isinstance(cell, Count) else cell


SAME = ("likes", "comments", "shares")


@pytest.mark.parametrize(
    ("name", "encoding"), [("douyin_top5025.csv", "utf-8-sig"), ("douyin_top5025.gbk.csv", "gb18030")]
)
def test_douyin_creators(shared_data: Path, name: str, encoding: str) -> None:
    path = shared_data / "creators" / name
    expected = [row for row in plain(path, encoding) if row["name"] != "#NAME?"]
    assert proposal(path).look.encoding == encoding
    assert any("comments exceeds likes" in warning for warning in proposal(path).warnings)
    reading = read(path)
    assert len(reading.records) == len(expected) == 5_022
    for ours, theirs in (("followers", "fans"), ("posts", "videos"), *zip(SAME, SAME)):
        assert reading.metric(ours) == [int(row[theirs]) for row in expected]
    assert reading.column("name") == [row["name"].strip() for row in expected]
    assert reading.column("category") == [row["category"] or None for row in expected]
    assert Counter(rejected.column for rejected in reading.rejected) == {"name": 3, "signature": 2}
    assert {rejected.value for rejected in reading.rejected} == {"#NAME?"}


def test_instagram_accounts(shared_data: Path) -> None:
    path = shared_data / "creators" / "instagram_top200.csv"
    rows = plain(path, "utf-8-sig")
    reading = read(path)
    assert len(reading.records) == 200
    assert reading.column("handle") == [row["channel_info"] for row in rows]
    assert reading.column("region").count(None) == 62
    scale = {"k": 10**3, "m": 10**6, "b": 10**9}
    for ours, theirs in (("followers", "followers"), ("posts", "posts"), ("likes", "total_likes")):
        expected = [round(float(row[theirs].rstrip("kmb")) * scale.get(row[theirs][-1], 1)) for row in rows]
        assert [value(cell) for cell in reading.metric(ours)] == expected
    assert reading.metric("followers")[0] == Count(475_800_000, 50_000)
    rates = [row["60_day_eng_rate"] for row in rows]
    assert reading.metric("engagement_bp") == [
        None if rate == "NaN%" else round(float(rate[:-1]) * 100) for rate in rates
    ]
    assert not reading.rejected


def test_youtube_channels_with_indian_grouping(shared_data: Path) -> None:
    path = shared_data / "creators" / "youtube_top995_indian_grouping.csv"
    rows = plain(path, "latin-1")
    assert any("lost before" in warning for warning in proposal(path).warnings)
    reading = read(path)
    assert len(reading.records) == 995
    assert reading.metric("views") == [int(row["video views"].replace(",", "")) for row in rows]
    assert reading.metric("followers") == [int(row["subscribers"]) for row in rows]
    assert reading.metric("followers_gained").count(None) == sum(
        row["subscribers_for_last_30_days"] == "nan" for row in rows
    )
    assert reading.column("region").count(None) == sum(row["Country"] == "nan" for row in rows) == 122
    assert len(set(reading.column("uid"))) == 995
    assert not reading.rejected


def test_bilibili_rankings_over_time(shared_data: Path) -> None:
    path = shared_data / "creators" / "bilibili_up_rank_2022.xlsx"
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        sheet: Any = book.active
        names, *rows = sheet.iter_rows(values_only=True)
    at = {name: index for index, name in enumerate(names)}
    reading = read(path)
    assert len(reading.records) == len(rows) == 11_917
    assert not reading.rejected
    assert reading.column("uid") == [str(row[at["mid"]]).removesuffix(".0") for row in rows]
    assert len(set(reading.column("uid"))) == 4_649, "three of the 4,652 ids are there as a number and as a text"
    assert {moment.date().isoformat() for moment in reading.column("observed_at")} == {row[at["时间"]] for row in rows}
    suffix = {"日榜": "views_day", "周榜": "views_week", "月榜": "views_month"}
    for record, row in zip(reading.records, rows):
        assert isinstance(record, AccountRecord)
        told = row[at["播放数"]]
        factor = 10**4 if told[-1] == "w" else 10**8 if told[-1] == "亿" else 1
        assert value(record.metrics[suffix[row[at["榜单类型"]]]]) == round(float(told.rstrip("w亿")) * factor)


def test_posts_of_one_bilibili_creator(shared_data: Path) -> None:
    path = shared_data / "creators" / "bilibili_one_up_videos_wan.csv"
    rows = plain(path, "utf-8")
    reading = read(path)
    author, *posts = reading.records
    assert isinstance(author, AccountRecord)
    assert (author.uid, author.name) == ("533459953", "刘庸干净又卫生")
    assert len(posts) == len(rows) == 281
    assert not reading.rejected
    for post, row in zip(posts, rows):
        assert isinstance(post, PostRecord)
        minutes, seconds = row["length"].split(":")
        assert (post.uid, post.account_uid, post.title) == (row["bvid"], "533459953", row["title"].strip())
        assert post.published_at == datetime.fromtimestamp(int(row["created"]), UTC)
        assert post.duration_s == int(minutes) * 60 + int(seconds)
        assert post.metrics["views"] == int(row["play"])
        likes = row["like"]
        expected = round(float(likes[:-1]) * 10_000) if likes.endswith("万") else int(likes or -1)
        assert value(post.metrics.get("likes", -1)) == expected


def test_followers_of_one_account_each_second(shared_data: Path) -> None:
    path = shared_data / "timeseries" / "bilibili_followers_1hz.txt.gz"
    assert isinstance(read(path).failure, UsageError)
    reading = read(path, account="17819768")
    with gzip.open(path, "rt") as lines:
        pairs = [line.split("\t") for line in lines]
    assert len(reading.records) == len(pairs) == 79_938
    assert reading.metric("followers") == [int(followers) for _epoch, followers in pairs]
    assert all(isinstance(record, SnapshotRecord) for record in reading.records)
    first, last = (reading.records[at].observed_at for at in (0, -1))
    assert first is not None
    assert last is not None
    assert abs((last - first).total_seconds() - (float(pairs[-1][0]) - float(pairs[0][0]))) < 1e-3


def test_twitch_streamers_and_their_friendships(shared_data: Path) -> None:
    target = shared_data / "graph" / "musae_twitch_DE_target.csv"
    people = plain(target, "utf-8")
    found = proposal(target)
    assert found.confidence < 0.7
    assert any("new_id" in warning for warning in found.warnings)
    reading = read(target, map="new_id=uid,id=")
    assert reading.column("uid") == [row["new_id"] for row in people]
    assert reading.metric("views") == [int(row["views"]) for row in people]
    assert Counter(reading.column("verified")) == {
        "yes": sum(row["partner"] == "True" for row in people),
        "no": sum(row["partner"] == "False" for row in people),
    }
    edges = shared_data / "graph" / "musae_twitch_DE_edges.csv"
    pairs = [(row["from"], row["to"]) for row in plain(edges, "utf-8")]
    friends = read(edges, directed="no").records
    assert len(friends) == len(pairs) == 153_138
    assert all(isinstance(edge, FollowRecord) and edge.mutual for edge in friends)
    assert [(edge.follower_uid, edge.account_uid) for edge in friends] == pairs  # type: ignore[union-attr]
    assert {uid for pair in pairs for uid in pair} <= set(reading.column("uid"))


@pytest.mark.parametrize(
    ("name", "columns"),
    [("higgs-retweet_network.edgelist.gz", {"1": "from", "2": "to"}),
     ("higgs-activity_time.txt.gz", {"1": "from", "2": "to", "3": "observed_at"})],
)  # fmt: skip
def test_bare_edge_lists_are_proposed_with_little_confidence(
    shared_data: Path, name: str, columns: dict[str, str]
) -> None:
    path = shared_data / "graph" / name
    assert roles(path) == columns
    assert proposal(path).confidence <= 0.5
    with gzip.open(path, "rt") as lines:
        pairs = [tuple(line.split()[:2]) for line in lines]
    reading = read(path)
    assert len(reading.records) == sum(one != other for one, other in pairs)
    assert len(reading.rejected) == sum(one == other for one, other in pairs)


def test_a_referral_programmes_tables_are_told_apart_from_accounts(shared_data: Path) -> None:
    kinds = {path.name: proposal(path).mapping.kind for path in sorted((shared_data / "referral").glob("*.csv"))}
    assert kinds == {
        "lead_log.csv": "",
        "paid_transactions.csv": "",
        "referral_rewards.csv": "",
        "user_logs.csv": "accounts",
        "user_referral_logs.csv": "",
        "user_referral_statuses.csv": "",
        "user_referrals.csv": "",
    }
    found = {path.name: proposal(path, campaign="Tea") for path in (shared_data / "referral").glob("*.csv")}
    assert {name: one.mapping.kind for name, one in found.items() if one.mapping.kind} == {
        "paid_transactions.csv": "conversions",
        "user_logs.csv": "participants",
        "user_referrals.csv": "referrals",
    }
    users = shared_data / "referral" / "user_logs.csv"
    assert roles(users) == {"user_id": "uid", "name": "name"}
    assert len(read(users).records) == len(plain(users, "utf-8"))


def test_chats_are_no_tables_of_creators(shared_data: Path) -> None:
    for path in sorted((shared_data / "chat").glob("**/*")):
        if path.is_file() and path.suffix != ".md":
            reading = read(path)
            assert isinstance(reading.failure, UsageError), path.name
            assert not reading.records
