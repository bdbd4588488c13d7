"""The tabular adapter: rows to records, identities, dates, pages and cursors."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.adapters.protocol import MAX_PAGE, Adapter
from kolbench.adapters.tabular import Tabular, fingerprint, preview
from kolbench.domain.errors import UsageError
from kolbench.domain.gate import Gate
from kolbench.domain.records import AccountRecord, Contact, Count, FollowRecord, PostRecord, SnapshotRecord
from tables import WRITTEN, proposal, read, workbook, write

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime(2026, 5, 4, tzinfo=UTC)


def test_it_is_an_adapter_that_opens_no_connection() -> None:
    adapter = Tabular()
    assert isinstance(adapter, Adapter)
    assert adapter.limits is None
    assert {setting.name for setting in adapter.settings if setting.required} == {"path", "platform"}


def test_a_row_of_an_account_becomes_all_that_it_says(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "mid,账号,昵称,粉丝数,关注数,获赞数,互动率,主页链接,头像,性别,认证,地区,领域,简介,邮箱,手机号,微信号,注册时间,数据日期\n"
        "697166795,@xuyun,徐云,4.53w,12,1亿,1.39%,https://x.example/u/1,http://i.example/a.jpg,男,是,湖北,旅行,"
        "环球骑行,a@b.example,+86 138-0013-8000,xuyun01,2019-01-02,2026-05-04 18:00\n",
    )
    reading = read(path, timezone="Asia/Shanghai")
    assert not reading.rejected
    assert reading.records == [
        AccountRecord(
            uid="697166795",
            handle="xuyun",
            name="徐云",
            bio="环球骑行",
            url="https://x.example/u/1",
            avatar_url="http://i.example/a.jpg",
            category="旅行",
            region="湖北",
            gender="male",
            verified="yes",
            created_at=datetime(2019, 1, 1, 16, tzinfo=UTC),
            contacts=(
                Contact("email", "a@b.example"),
                Contact("phone", "+8613800138000"),
                Contact("wechat", "xuyun01"),
            ),
            metrics={
                "followers": Count(45_300, 50),
                "following": 12,
                "likes": Count(100_000_000, 50_000_000),
                "engagement_bp": 139,
            },
            observed_at=datetime(2026, 5, 4, 10, tzinfo=UTC),
        )
    ]


def test_a_row_of_a_post_becomes_the_post_and_its_author_once_a_page(tmp_path: Path) -> None:
    rows = "".join(f"BV{number:04},t{number},小安,533459953,7.9万,02:24,1636948887\n" for number in range(1_200))
    path = write(tmp_path / "a.csv", "bvid,title,author,mid,like,length,created\n" + rows)
    reading = read(path)
    assert [len(page.records) for page in reading.pages] == [501, 501, 201]
    assert [type(record) for record in reading.records[:3]] == [AccountRecord, PostRecord, PostRecord]
    assert reading.records[1] == PostRecord(
        uid="BV0000",
        account_uid="533459953",
        published_at=datetime(2021, 11, 15, 4, 1, 27, tzinfo=UTC),
        title="t0",
        duration_s=144,
        metrics={"likes": Count(79_000, 500)},
        observed_at=WRITTEN,
    )


def test_a_post_without_an_id_is_known_by_its_address_or_its_words(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "标题,发布时间,昵称,点赞,链接\n春茶,2026-05-04,小安,5,https://x.example/1\n秋茶,2026-05-05,小安,6,\n",
    )
    first, second = (record for record in read(path).records if isinstance(record, PostRecord))
    assert first.uid == "https://x.example/1"
    assert second.uid.startswith("made:")
    later = write(tmp_path / "b.csv", "标题,发布时间,昵称,点赞,链接\n秋茶,2026-05-05,小安,9,\n")
    assert read(later).records[-1].uid == second.uid  # type: ignore[union-attr]


def test_posts_without_an_author_ask_whose_they_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "bvid,title,play\nBV1,t,5\n")
    assert "account" in str(read(path).failure)
    assert read(path, account="@xiaoan").records[0].account_uid == "handle:xiaoan"  # type: ignore[union-attr]


def test_a_series_of_counts_needs_an_account_from_the_operator(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "1585893877.01\t9990213\n1585893878.2\t9990218\n")
    assert "account" in str(read(path).failure)
    assert read(path, account="17819768").records == [
        SnapshotRecord(
            account_uid="17819768",
            metrics={"followers": followers},
            observed_at=datetime(2020, 4, 3, 6, 4, second, microsecond, tzinfo=UTC),
        )
        for second, microsecond, followers in ((37, 10_000, 9_990_213), (38, 200_000, 9_990_218))
    ]


def test_edges_are_follows_or_friendships_and_never_to_oneself(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "from,to,date\n1,2,2026-05-04\n3,3,2026-05-04\n,4,2026-05-04\n5,@ann,\n")
    reading = read(path)
    assert reading.records == [FollowRecord(follower_uid="1", account_uid="2", observed_at=DAY)]
    assert [(rejected.line, rejected.column) for rejected in reading.rejected] == [(3, ""), (4, "from"), (5, "date")]
    assert read(path, directed="no").records[0].mutual  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("header", "row", "uid"),
    [
        ("uid,handle,name", "u1,ann,Ann", "u1"),
        ("uid,handle,name", ",@Ann,Ann", "handle:ann"),
        ("uid,handle,name", "null,-,Ann  Lee", "name:ann lee"),
        ("url,name", "https://x.example/ann/,Ann", "handle:x.example/ann"),
        ("name,fans", "Ａｎｎ,5", "name:ann"),
        ("name,fans", "A\u200bnn\u202e,5", "name:ann"),
        ("name,fans", "\u200b,5", None),
        ("name,fans", "ann:,5", "name:ann:"),
        ("uid,fans", "\ufeffu_1,5", "u_1"),
        ("uid,fans", "697166795.0,5", "697166795"),
        ("uid,fans", '"=""00123""",5', "00123"),
        ("uid,fans", "\t123456789012345678,5", "123456789012345678"),
        ("uid,fans", "None,5", None),
        ("uid,fans", "#NAME?,5", None),
        ("name,fans", "#REF!,5", None),
        ("uid,fans", "1.23457E+17,5", None),
        ("uid,fans", ",5", None),
    ],
)
def test_an_account_is_known_by_the_surest_thing_its_row_has(
    tmp_path: Path, header: str, row: str, uid: str | None
) -> None:
    width = header.count(",") + 1
    others = "".join(",".join([f"user{number}.example"] * width) + "\n" for number in (1, 2))
    said = "fans=bio" if "fans" in header else ""
    reading = read(write(tmp_path / "a.csv", f"{header}\n{row}\n{others}"), kind="accounts", map=said)
    assert reading.column("uid")[:-2] == ([uid] if uid else [])
    told = [(rejected.line, rejected.column) for rejected in reading.rejected if rejected.line == 2]
    assert told == ([] if uid else [(2, header.split(",")[0])])


def test_a_bad_optional_cell_loses_itself_and_not_its_row(tmp_path: Path) -> None:
    header = "handle,followers,likes,created,email,bio\n"
    good = "".join(f"user{number},1,1,2020-01-01,a@b.example,x\n" for number in range(9))
    reading = read(write(tmp_path / "a.csv", header + good + f"ann,{'x' * 200},7,soon,nobody,#REF!\n"))
    kept = AccountRecord(uid="handle:ann", handle="ann", metrics={"likes": 7}, observed_at=WRITTEN)
    assert reading.records[-1] == kept
    assert {rejected.column for rejected in reading.rejected} == {"created", "bio", "followers", "email"}
    assert all("kept" in rejected.reason and rejected.line == 11 for rejected in reading.rejected)
    assert max(len(rejected.value) for rejected in reading.rejected) == 80


def test_a_row_that_says_nothing_is_rejected(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.csv", "uid,followers,bio\nuser1,,\nuser2,x,-\nuser3,5,\n"))
    assert reading.column("uid") == ["user3"]
    assert [rejected.line for rejected in reading.rejected] == [2, 3, 3]


def test_blanks_of_every_kind_are_not_told(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.csv", "handle,followers,country,bio\nann,nan,null,N/A\nbob,--,暂不设置,\\N\n"))
    assert not reading.rejected
    assert [(record.metrics, record.region, record.bio) for record in reading.records] == [({}, None, None)] * 2  # type: ignore[union-attr]


def test_only_a_gain_may_be_negative(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.csv", "昵称,涨粉数,粉丝数\n小安,-40,-40\n乙,+1.2w,5\n"))
    assert reading.metric("followers_gained") == [-40, Count(12_000, 500)]
    assert reading.metric("followers") == [None, 5]
    assert [(rejected.line, rejected.column) for rejected in reading.rejected] == [(2, "粉丝数")]


def test_counts_of_a_day_week_or_month_are_not_taken_for_totals(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", "榜单类型,昵称,日期,播放数,粉丝数\n日榜,小安,2026-05-04,5,9\n月榜,小安,2026-05-04,500,9\n"
    )
    assert [record.metrics for record in read(path).records] == [  # type: ignore[union-attr]
        {"views_day": 5, "followers": 9},
        {"views_month": 500, "followers": 9},
    ]
    assert any("榜单类型" in warning for warning in proposal(path).warnings)
    assert read(path, map="榜单类型=").metric("views") == [5, 500]


def test_counts_are_dated_by_column_setting_name_or_file_in_that_order(tmp_path: Path) -> None:
    text = "handle,followers\nann,5\n"
    dated = write(tmp_path / "fans_2024-05-01.csv", text)
    plain = write(tmp_path / "fans_2022.csv", text)
    column = write(tmp_path / "column_20240501.csv", "handle,followers,date\nann,5,2026-05-04\nbob,6,\ncat,7,soon\n")
    for path, said, how, moment in (
        (dated, {}, "name", datetime(2024, 5, 1, tzinfo=UTC)),
        (dated, {"as_of": "2025-01-01"}, "setting", datetime(2025, 1, 1, tzinfo=UTC)),
        (dated, {"timezone": "+08:00"}, "name", datetime(2024, 4, 30, 16, tzinfo=UTC)),
        (plain, {}, "time", WRITTEN),
    ):
        assert proposal(path, **said).observed == how
        assert read(path, **said).column("observed_at") == [moment]
    assert proposal(column, as_of="2025-01-01").observed == "column"
    reading = read(column)
    assert reading.column("observed_at") == [DAY]
    assert [(rejected.line, rejected.column) for rejected in reading.rejected] == [(3, "date"), (4, "date")]


def test_dates_that_could_be_two_days_stop_the_import(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,followers,date\nann,5,4/5/2026\nbob,6,25/12/2025\n")
    failure = read(path).failure
    assert isinstance(failure, UsageError)
    assert "4/5/2026" in str(failure)
    assert "set date_order to dmy" in str(failure)
    assert read(path, date_order="dmy").column("observed_at") == [DAY, datetime(2025, 12, 25, tzinfo=UTC)]


def test_the_date_that_raises_the_question_is_the_one_that_is_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,followers,date\nann,5,2025-12-30\nbob,6,31/12/2025\ncyd,7,4/5/2026\n")
    assert "dates like 4/5/2026: set date_order to dmy" in str(read(path).failure)


def test_an_unambiguous_date_among_iso_dates_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,followers,date\nann,5,2025-12-30\nbob,6,31/12/2025\n")
    found = read(path)
    assert found.column("observed_at") == [datetime(2025, 12, day, tzinfo=UTC) for day in (30, 31)]
    assert found.rejected == []


def test_a_single_ambiguous_date_among_many_is_rejected_alone(tmp_path: Path) -> None:
    rows = "".join(f"u{day},{day},2025-12-{day}\n" for day in range(10, 31))
    found = read(write(tmp_path / "a.csv", f"handle,followers,date\n{rows}bob,6,4/5/2026\n"))
    assert len(found.records) == 21
    assert [(row.line, row.column) for row in found.rejected] == [(23, "date")]


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "people"},
        {"header": "perhaps"},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"as_of": "soon"},
        {"as_of": "2999-01-01"},
        {"as_of": "5/4/2026"},
        {"date_order": "ymd"},
        {"delimiter": "ab"},
        {"encoding": "klingon"},
        {"map": "x=uid"},
    ],
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, said: dict[str, str]) -> None:
    path = write(tmp_path / "a.csv", "handle,followers\nann,5\n")
    failure = read(path, **said).failure
    assert isinstance(failure, UsageError)
    assert (
        next(iter(said.values())) in str(failure) or next(iter(said)) in str(failure) or "no column x" in str(failure)
    )


def test_a_preview_shows_records_and_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,followers,备注\n" + "ann,5,x\n,6,y\n" * 100)
    seen = preview({"path": str(path), "platform": "test"})
    assert [record.handle for record in seen.records] == ["ann"] * 100  # type: ignore[union-attr]
    assert len(seen.rejected) == 100
    assert [(one.count, one.line) for one in seen.reasons] == [(100, 3)]
    assert seen.proposal.look.sample[0] == ["ann", "5", "x"]
    assert [column.name for column in seen.proposal.mapping.ignored] == ["备注"]
    assert preview({"path": str(write(tmp_path / "b.csv", "a,b\nx,y\n"))}).proposal.problem


def test_the_fingerprint_is_of_the_bytes(tmp_path: Path) -> None:
    one, same, other = (write(tmp_path / name, text) for name, text in (("1", "a"), ("2", "a"), ("3", "b")))
    assert fingerprint(str(one)) == fingerprint(str(same)) != fingerprint(str(other))
    assert len(fingerprint(str(one))) == 64


def test_a_file_read_to_its_end_yields_nothing_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,followers\n" + "".join(f"user{number},5\n" for number in range(2_000)))
    reading = read(path)
    assert [len(page.records) for page in reading.pages] == [1_000, 1_000, 0]
    assert reading.pages[-1].total == 2_000
    end = json.loads(reading.pages[-1].cursor)
    assert end["done"]
    assert end["fingerprint"] == fingerprint(str(path))
    assert read(path, cursor=reading.pages[-1].cursor).pages == []
    os.utime(path, (0, 0))
    assert read(path, cursor=reading.pages[-1].cursor).pages == []


def test_a_changed_file_or_another_reading_starts_over(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,fans,likes\nann,5,6\n")
    done = read(path).pages[-1].cursor
    assert read(path, cursor=done, map="fans=views").metric("views") == [5]
    write(path, "handle,fans,likes\nann,7,6\n")
    assert read(path, cursor=done).metric("followers") == [7]


@pytest.mark.parametrize("cursor", ["", "{", "[]", "7", '{"fingerprint": 1}', '{"row": "x"}', "null"])
def test_a_cursor_that_means_nothing_starts_over(tmp_path: Path, cursor: str) -> None:
    path = write(tmp_path / "a.csv", "handle,fans\nann,5\n")
    assert read(path, cursor=cursor).metric("followers") == [5]


def test_the_total_is_estimated_from_the_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "handle,followers\n" + "".join(f"user{number:06},5\n" for number in range(60_000)))
    totals = [page.total for page in read(path).pages]
    assert totals[-1] == 60_000
    assert all(total is not None and 25_000 < total < 120_000 for total in totals[10:])


kinds = st.sampled_from(["accounts", "posts", "edges", "jsonlines", "xlsx", "gbk"])


@settings(max_examples=25, deadline=None)
@given(kinds, st.integers(0, 2_600), st.sets(st.integers(0, 2_600), max_size=30), st.data())
def test_resuming_from_any_page_gives_what_an_undisturbed_read_gives(
    tmp_path_factory: pytest.TempPathFactory, kind: str, count: int, broken: set[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("resume")
    good = [number for number in range(count) if number not in broken]
    if kind == "jsonlines":
        lines = [
            json.dumps({"handle": f"user{n}", "followers": n}) if n in set(good) else "broken" for n in range(count)
        ]
        path = write(folder / "a.jsonl", '{"handle": "first", "followers": 1}\n' + "\n".join(lines))
    elif kind == "xlsx":
        rows = [[f"user{n}" if n in set(good) else "#NAME?", n] for n in range(min(count, 1_500))]
        path = workbook(folder / "a.xlsx", {"S": [["handle", "followers"], ["first", 1], *rows]})
    else:
        header, row = {
            "posts": ("post_id,title,author,likes", "post{n},t,author{a},{n}"),
            "edges": ("from,to", "u{n},v{n}"),
        }.get(kind, ("handle,followers", "用户{n},{n}"))
        made = [row.format(n=n, a=n % 3) if n in set(good) else '"broken' for n in range(count)]
        text = "\n".join([header, row.format(n="first", a=0).replace("用户first,first", "first,1"), *made])
        path = write(folder / "a.csv", text.encode("gbk" if kind == "gbk" else "utf-8"))
    whole = read(path)
    assert whole.failure is None
    assert all(len(page.records) <= 1_000 <= MAX_PAGE for page in whole.pages)
    cut = data.draw(st.integers(0, len(whole.pages) - 1))
    rest = read(path, cursor=whole.pages[cut].cursor)
    before = [record for page in whole.pages[: cut + 1] for record in page.records]
    assert before + rest.records == whole.records
    assert not {rejected.line for rejected in rest.rejected} - {rejected.line for rejected in whole.rejected}


def test_a_later_file_of_the_same_people_is_another_day_of_them(tmp_path: Path) -> None:
    monday = read(write(tmp_path / "2026-05-04.csv", "mid,粉丝数\n697166795,5\n"))
    tuesday = read(write(tmp_path / "2026-05-05.csv", "mid,粉丝数\n697166795,7\n"))
    assert monday.column("uid") == tuesday.column("uid")
    assert tuesday.records[0].observed_at - monday.records[0].observed_at == timedelta(days=1)  # type: ignore[union-attr, operator]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=12),
        min_size=1,
        max_size=20,
    )
)
def test_every_name_gives_an_id_that_the_gate_keeps(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    lines = "".join(json.dumps({"name": name, "followers": 5}) + "\n" for name in names)
    gate = Gate(int(WRITTEN.timestamp() * 1000))
    for record in read(write(tmp_path_factory.mktemp("names") / "a.jsonl", lines)).records:
        assert gate.check(record).uid == record.uid  # type: ignore[union-attr]
