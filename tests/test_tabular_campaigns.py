"""Tables about a campaign: participants, referrals, clicks, conversions and refunds, as shops export them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import campaigning
import make
from kolbench.adapters import registry
from kolbench.adapters.chat_archive import ChatArchive
from kolbench.adapters.tabular import preview
from kolbench.domain.errors import UsageError
from kolbench.domain.records import (
    ConversionRecord,
    ParticipantRecord,
    ReferralRecord,
    RefundRecord,
    TouchRecord,
)
from kolbench.store.connect import Store
from kolbench.sync import importing
from tables import proposal, read, workbook, write

if TYPE_CHECKING:
    from commands import Commands

AT = datetime(2026, 5, 4, 4, tzinfo=UTC)


def test_a_shops_export_becomes_conversions(tmp_path: Path) -> None:
    path = write(
        tmp_path / "orders.csv",
        "订单号,子订单号,付款时间,实付金额,优惠码,买家昵称,备注\n"
        '20260504001,1,2026-05-04 12:00,"1,299.00",TEA-ANN,小王,\n'
        "20260504002,,2026-05-04 12:00,¥88,,小李,加急\n",
    )
    reading = read(path, campaign="Tea", currency="CNY", timezone="Asia/Shanghai")
    assert not reading.rejected
    assert reading.records == [
        ConversionRecord(
            campaign="Tea", order_id="20260504001", line="1", at=AT, amount=129_900, currency="CNY", code="TEA-ANN",
            buyer_uid="小王",
        ),
        ConversionRecord(
            campaign="Tea", order_id="20260504002", at=AT, amount=8_800, currency="CNY", buyer_uid="小李"
        ),
    ]  # fmt: skip


def test_a_column_that_says_how_a_sale_ended_is_not_ignored_without_a_word(tmp_path: Path) -> None:
    header = "订单号,付款时间,实付金额,优惠码,订单状态\n"
    path = write(tmp_path / "orders.csv", f"{header}1,2026-05-04 12:00,70,ANN,已退款\n")
    told: dict[str, str] = {"campaign": "Tea", "currency": "CNY"}
    (warning,) = [one for one in proposal(path, **told).warnings if "订单状态" in one]
    assert "--set only=订单状态=VALUE" in warning
    assert not any("订单状态" in one for one in proposal(path, **told, only="订单状态=已付款").warnings)


def test_refunds_name_their_order_and_need_no_sign(tmp_path: Path) -> None:
    path = write(
        tmp_path / "refunds.csv",
        "refund_id,order_id,refund_amount,currency,refunded_at\nr1,o1,-5.50,USD,2026-05-04T04:00:00Z\n",
    )
    assert read(path, campaign="Tea").records == [
        RefundRecord(campaign="Tea", order_id="o1", refund_id="r1", amount=550, currency="USD", at=AT)
    ]


def test_sales_whose_amounts_cannot_be_read_are_left_out_and_not_taken_for_leads(tmp_path: Path) -> None:
    rows = "order_id,amount,paid_at,code\no1,1e3,2026-05-04,ANN\no2,about 5,2026-05-04,ANN\n"
    reading = read(write(tmp_path / "orders.csv", rows), campaign="Tea", currency="CNY")
    assert reading.records == []
    assert [(one.line, one.column) for one in reading.rejected] == [(2, "amount"), (3, "amount")]


def test_who_came_by_whom_who_clicked_and_who_takes_part(tmp_path: Path) -> None:
    referrals = write(
        tmp_path / "a.csv", "referee_id,referrer_id,referral_at\nben,ann,2026-05-04T04:00:00Z\ncy,null,2026-05-04\n"
    )
    clicks = write(tmp_path / "b.csv", "访客ID,推广码,点击时间\nv1,ANN8,2026-05-04T04:00:00Z\n")
    people = write(tmp_path / "c.csv", "participant_id,name,code,shown\nann,安,ANN8,打码\nben,本,,maybe\n")
    reading = read(referrals, campaign="Tea")
    assert reading.records == [ReferralRecord(campaign="Tea", child_uid="ben", parent_uid="ann", at=AT)]
    assert [(one.line, one.column, one.reason) for one in reading.rejected] == [
        (3, "referrer_id", "nobody by whom they came")
    ]
    assert read(clicks, campaign="Tea").records == [TouchRecord(campaign="Tea", visitor_uid="v1", code="ANN8", at=AT)]
    reading = read(people, campaign="Tea")
    assert reading.records == [ParticipantRecord(campaign="Tea", uid="ann", name="安", code="ANN8", shown="masked")]
    assert [(one.column, one.value) for one in reading.rejected] == [("shown", "maybe")]


def test_a_table_without_order_numbers_has_the_same_ones_each_time(tmp_path: Path) -> None:
    rows = "user,affiliate,date\nv1,ann,2026-05-04\nv1,ann,2026-05-05\nv1,ann,2026-05-04\n"
    read_once = read(write(tmp_path / "a.csv", rows), campaign="Tea", currency="CNY", kind="conversions").records
    ids = [one.order_id for one in read_once if isinstance(one, ConversionRecord)]
    assert ids[0] == ids[2] != ids[1]
    assert {one.kind for one in read_once if isinstance(one, ConversionRecord)} == {"lead"}


@pytest.mark.parametrize("cell", ["2.25E+18", "2,25E+18", "2250000000000000000.0", 2250000000000000001, "#VALUE!"])
def test_orders_whose_numbers_are_spoilt_are_left_out_and_no_number_is_made_up(cell: str | int, tmp_path: Path) -> None:
    rows: list[list[object]] = [["订单号", "时间", "实付金额", "买家"]]
    rows += [[cell, "2026-05-04 04:00", "100.00", buyer] for buyer in ("u1", "u1", "u2")]
    if isinstance(cell, int):
        path = workbook(tmp_path / "a.xlsx", {"orders": rows})
    else:
        path = write(tmp_path / "a.tsv", "\n".join("\t".join(map(str, row)) for row in rows))
    reading = read(path, campaign="Tea", currency="CNY", kind="conversions")
    assert reading.records == []
    assert [(one.line, one.column) for one in reading.rejected] == [(2, "订单号"), (3, "订单号"), (4, "订单号")]
    why = "a spreadsheet's error" if cell == "#VALUE!" else "format the column as text and export it again"
    assert all(why in one.reason for one in reading.rejected)
    (warning,) = proposal(path, campaign="Tea", currency="CNY", kind="conversions").warnings
    assert warning == "订单号: few cells make sense as order_id; the rows of the others will be left out"


def test_a_spoilt_number_of_a_line_is_not_taken_for_the_whole_order(tmp_path: Path) -> None:
    rows = "order_id,line,date,amount\no1,2.25E+18,2026-05-04,5\no1,3.11E+18,2026-05-04,5\n"
    reading = read(write(tmp_path / "a.csv", rows), campaign="Tea", currency="CNY")
    assert (reading.records, [one.column for one in reading.rejected]) == ([], ["line", "line"])


def test_what_tells_that_two_buyers_may_be_one_is_found_by_its_plain_name(tmp_path: Path) -> None:
    header = "order_id,date,amount,device,address,payment\n"
    rows = "o1,2026-05-04,5,phone,road 1,card 4242\no2,2026-05-04,5,,,Alipay\no3,2026-05-04,5,,,tok_1\n"
    reading = read(write(tmp_path / "a.csv", header + rows), campaign="Tea", currency="CNY")
    assert not reading.rejected
    assert reading.column("payment") == ["card 4242", None, "tok_1"]
    assert [reading.column(name)[0] for name in ("device", "address")] == ["phone", "road 1"]


@pytest.mark.parametrize("cell", ["支付宝", "WeChat Pay", "88.00", "¥88", "已付款"])
def test_how_or_how_much_was_paid_is_no_mark_of_the_payer(cell: str, tmp_path: Path) -> None:
    header = "order_id,date,amount,payment\n"
    path = write(tmp_path / "a.csv", header + f"o1,2026-05-04,5,{cell}\no2,2026-05-04,5,{cell}\n")
    assert read(path, campaign="Tea", currency="CNY").column("payment") == [None, None]
    (warning,) = proposal(path, campaign="Tea", currency="CNY").warnings
    assert warning == "payment: few cells make sense as payment; ignored"


def test_only_rows_with_a_value_are_read_where_that_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "ben\tann\t1341101181\tRT\ncy\tann\t1341101181\tMT\n")
    told = {"campaign": "Tea", "kind": "referrals", "header": "no", "map": "1=child,2=participant,3=at"}
    assert [one.child_uid for one in read(path, **told, only="4=RT").records if isinstance(one, ReferralRecord)] == [
        "ben"
    ]
    for only, reason in (("status=RT", "there is no column status"), ("RT", "it is column=value")):
        with pytest.raises(UsageError, match=reason):
            preview({"path": str(path), "platform": "test", **told, "only": only})


def test_what_was_said_of_columns_holds_for_the_kind_that_they_were_read_as(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    campaigning.campaign(store)
    (name,) = store.reader().execute("SELECT name FROM campaign").fetchone()
    rows = "referee_id,referrer_id,referral_at,status\nben,ann,2026-05-04T04:00:00Z,{}\ncy,ann,2026-05-04T05:00:00Z,1\n"
    may, june = write(tmp_path / "may.csv", rows.format(2)), write(tmp_path / "june.csv", rows.format(3))

    def planned(path: Path, **told: str) -> importing.Plan:
        adapter = registry.load().adapters["tabular"]
        return importing.plan(store, adapter, path, platform="gym", settings={"campaign": name, **told})

    mapped = {"map": "referee_id=buyer,referrer_id=participant,referral_at=at", "only": "status=2", "currency": "CNY"}
    importing.run(store, planned(may, kind="conversions", **mapped))
    again = planned(june, kind="conversions", currency="CNY")
    assert again.preview
    assert again.preview.proposal.mapping.at("buyer")
    assert again.settings["only"] == "status=2"
    for told in ({}, {"kind": "referrals"}):
        plain = planned(june, **told)
        assert plain.preview
        assert plain.preview.proposal.mapping.kind == "referrals"
        assert "only" not in plain.settings


@pytest.mark.parametrize(
    ("columns", "told", "problem"),
    [
        ("order_id,paid_at,amount", {"kind": "conversions"}, "name it with the setting campaign"),
        ("order_id,paid_at,amount", {"campaign": "Tea"}, "the setting currency, such as CNY"),
        ("order_id,amount", {"campaign": "Tea", "kind": "conversions"}, "conversions need the roles at"),
        ("referee_id,referral_at", {"campaign": "Tea", "kind": "referrals"}, "participant / code"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_read(
    columns: str, told: dict[str, str], problem: str, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "a.csv",
        f"{columns}\n" + ",".join("2026-05-04" if one.endswith("_at") else "1" for one in columns.split(",")) + "\n",
    )
    assert problem in proposal(path, **told).problem


@pytest.mark.parametrize("amount", ["a lot", "1.234", "5 EUR", "9" * 40, "=1+1"])
def test_an_amount_that_is_none_is_rejected_with_its_column(amount: str, tmp_path: Path) -> None:
    rows = "".join(f"o{n},2026-05-04,1.00\n" for n in range(9))
    path = write(tmp_path / "a.csv", f"order_id,paid_at,amount\n{rows}o9,2026-05-04,{amount}\n")
    reading = read(path, campaign="Tea", currency="CNY")
    assert len(reading.records) == 9
    assert [(one.line, one.column) for one in reading.rejected] == [(11, "amount")]


@pytest.mark.parametrize("amount", ["", "NaN", "null", "-"])
def test_a_row_without_an_amount_is_rejected_where_the_table_has_amounts(amount: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"order_id,paid_at,amount\no1,2026-05-04,1.00\no2,2026-05-04,{amount}\n")
    reading = read(path, campaign="Tea", currency="CNY")
    assert [one.order_id for one in reading.records if isinstance(one, ConversionRecord)] == ["o1"]
    assert [(one.line, one.column, one.value, one.reason) for one in reading.rejected] == [
        (3, "amount", amount, "this row doesn't say how much it was")
    ]
    path = write(tmp_path / "r.csv", f"refund_id,order_id,refund_amount,refunded_at\nr1,o1,{amount},2026-05-04\n")
    assert [one.column for one in read(path, campaign="Tea", currency="CNY").rejected] == ["refund_amount"]


def test_what_says_that_it_is_a_lead_or_has_no_column_of_amounts_needs_none(tmp_path: Path) -> None:
    rows = "order_id,paid_at,amount,event_type\no1,2026-05-04,,lead\no2,2026-05-04,NaN,signup\no3,2026-05-04,,sale\n"
    reading = read(write(tmp_path / "a.csv", rows), campaign="Tea", currency="CNY")
    assert [(one.kind, one.amount) for one in reading.records if isinstance(one, ConversionRecord)] == [
        ("lead", 0),
        ("signup", 0),
    ]
    assert [one.line for one in reading.rejected] == [4]
    reading = read(write(tmp_path / "b.csv", "order_id,paid_at\no1,2026-05-04\n"), campaign="Tea", currency="CNY")
    assert [one.kind for one in reading.records if isinstance(one, ConversionRecord)] == ["lead"]


def test_an_amount_with_too_many_digits_is_told_how_many_there_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "order_id,paid_at,amount\no1,2026-05-04,59.505\n")
    reading = read(path, campaign="Tea", currency="CNY")
    assert [one.reason for one in reading.rejected] == ["'59.505 CNY': CNY has 2 decimal digits."]


def test_an_import_into_no_campaign_names_those_there_are(kolbench: Commands, store: Store, tmp_path: Path) -> None:
    campaigning.campaign(store, "Spring tea")
    path = write(tmp_path / "a.csv", "order_id,paid_at,amount,code\no1,2026-01-04,1.00,ANN\n")
    command = ("import", str(path), "--platform", "shop", "--set", "currency=CNY", "--set")
    ran = kolbench(*command, "campaign=Autumn")
    assert (ran.code, "Campaigns: Spring tea" in ran.err) == (2, True)
    ran = kolbench(*command, "campaign=spring")
    assert (ran.code, ran.err) == (0, "")
    assert store.reader().execute("SELECT order_id, amount FROM conversion").fetchall() == [("o1", 100)]


@pytest.mark.parametrize("told", [("--set", "campaign=Tea"), ("--set", "campaign=Tea", "--kind", "conversions")])
def test_an_orders_table_is_no_archive_of_a_chat(
    kolbench: Commands, store: Store, tmp_path: Path, told: tuple[str, ...]
) -> None:
    campaigning.campaign(store, "Tea")
    header = "order id,line,date,buyer,amount,code,currency\n"
    path = write(tmp_path / "a.csv", header + "o1,1,2026-05-04,b1,1.00,ANN,CNY\no1,2,2026-05-04,b1,2.00,ANN,CNY\n")
    assert ChatArchive().recognise(str(path)) == 0
    ran = kolbench("import", str(path), "--platform", "shop", *told)
    assert ran.code == 0, ran.err
    assert store.reader().execute("SELECT line, amount FROM conversion").fetchall() == [("1", 100), ("2", 200)]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("id,description,created_at\n1,Pending,2024-03-08\n", ""),
        ("id,name,created_at\n1,Won,2024-03-08\n", ""),
        ("编号,名称\n1,成功\n", ""),
        ("id,name,code\n1,Ann,ANN\n", "participants"),
        ("user_id,created_at\nu1,2024-03-08\n", "participants"),
    ],
)
def test_a_column_that_could_number_the_rows_makes_nobody_a_participant(
    tmp_path: Path, content: str, kind: str
) -> None:
    path = write(tmp_path / "a.csv", content)
    found = proposal(path, campaign="Tea")
    assert found.mapping.kind == kind
    assert bool(found.problem) is not bool(kind)
    assert not proposal(path, campaign="Tea", kind="participants").problem


def test_a_consent_is_read_in_the_words_of_the_public_page(tmp_path: Path) -> None:
    words = ("部分遮盖", "不公开", "全名", "shortened", "masked")
    rows = "".join(f"p{n},{word}\n" for n, word in enumerate(words))
    reading = read(write(tmp_path / "a.csv", "participant,shown\n" + rows), campaign="Tea")
    said = [one.shown for one in reading.records if isinstance(one, ParticipantRecord)]
    assert said == ["masked", "hidden", "full", "masked", "masked"]


@pytest.mark.parametrize("whose", ["参与者", "参与者ID", "参与人"])
def test_a_chinese_table_of_those_who_take_part_is_understood(tmp_path: Path, whose: str) -> None:
    path = write(tmp_path / "a.csv", f"{whose},姓名,优惠码,加入时间\np1,王五,ANN,2026-05-04\n")
    assert proposal(path, campaign="Tea").mapping.kind == "participants"
    (one,) = read(path, campaign="Tea").records
    assert isinstance(one, ParticipantRecord)
    assert (one.uid, one.name, one.code) == ("p1", "王五", "ANN")


def test_a_report_of_what_was_left_out_says_what_its_rows_are(kolbench: Commands, store: Store, tmp_path: Path) -> None:
    campaigning.campaign(store, "Tea")
    path = write(tmp_path / "a.csv", "referee_id,referrer_id,referral_at\n,ann,2026-05-04\nben,ann,2026-05-04\n")
    kolbench("import", str(path), "--platform", "shop", "--set", "campaign=Tea")
    (report,) = Path(f"{store.path}.rejects").iterdir()
    lines = report.read_text(encoding="utf-8-sig").splitlines()
    assert lines[1:] == ["referrals,2,referee_id,this row doesn't say who came,"]


def test_a_preview_says_of_which_campaign_a_table_is_and_dates_no_counts(
    kolbench: Commands, store: Store, tmp_path: Path
) -> None:
    campaigning.campaign(store, "Tea")
    path = write(tmp_path / "a.csv", "order_id,paid_at,amount,currency\no1,2026-05-31 23:30,1.00,CNY\n")
    command = ("import", str(path), "--platform", "shop", "--set", "campaign=tea", "--preview")
    out = kolbench(*command).out
    assert out.startswith(f"{path}: conversions of the campaign Tea, read by tabular\n")
    assert "counts as of" not in out
    assert kolbench(*command, "--json").json["observed_at"] is None


def test_times_without_a_zone_are_the_campaigns(kolbench: Commands, store: Store, tmp_path: Path) -> None:
    campaigning.campaign(store, "Tea", time_zone="Asia/Shanghai", ends="2026-05-31")
    header = "order_id,paid_at,amount,currency\n"
    path = write(tmp_path / "a.csv", header + "o1,2026-05-31 23:30,1.00,CNY\no2,2026-05-31T23:30:00Z,1.00,CNY\n")
    command = ("import", str(path), "--platform", "shop", "--set", "campaign=tea")
    assert "times that name no zone are taken as Asia/Shanghai" in kolbench(*command, "--preview").out
    assert kolbench(*command, "--preview", "--json").json["timezone"] == "Asia/Shanghai"
    assert kolbench(*command).code == 0
    found = store.reader().execute("SELECT order_id, reason FROM conversion ORDER BY 1").fetchall()
    assert found == [("o1", "no-code"), ("o2", "out-of-window")]
    path = write(tmp_path / "b.csv", header + "o3,2026-05-31 23:30,1.00,CNY\n")
    kolbench(*command[:1], str(path), *command[2:], "--timezone", "UTC")
    found = store.reader().execute("SELECT reason FROM conversion WHERE order_id = 'o3'").fetchall()
    assert found == [("out-of-window",)]


@pytest.mark.parametrize(
    ("zone", "reason"), [("", "no-code"), ("timezone=auto", "no-code"), ("timezone=UTC", "out-of-window")]
)
def test_times_of_a_source_without_a_zone_are_the_campaigns_too(
    kolbench: Commands, store: Store, tmp_path: Path, zone: str, reason: str
) -> None:
    campaigning.campaign(store, "Tea", time_zone="Asia/Shanghai", ends="2026-05-31")
    path = write(tmp_path / "a.csv", "order_id,paid_at,amount,currency\no1,2026-05-31 23:30,1.00,CNY\n")
    told = [f"path={path}", "platform=shop", "campaign=Tea", *filter(None, [zone])]
    kolbench("source", "add", "orders", "tabular", *(word for one in told for word in ("--set", one)))
    assert kolbench("source", "test", "orders").code == 0
    assert kolbench("sync", "orders").code == 0
    assert store.reader().execute("SELECT reason FROM conversion").fetchall() == [(reason,)]


def test_what_is_told_of_a_campaign_decides_what_reads_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "time,name,text\n2026-05-04,Ann,hello\n")
    adapters = registry.load(()).adapters
    assert importing.choose(adapters, path).name == "chat-archive"
    assert importing.choose(adapters, path, ("campaign",)).name == "tabular"


def test_an_import_says_whom_nobody_knew_and_what_would_close_a_circle(
    kolbench: Commands, store: Store, tmp_path: Path
) -> None:
    campaigning.campaign(store, "Tea")
    path = write(tmp_path / "a.csv", "referee_id,referrer_id,referral_at\nben,ann,2026-05-04\ncy,cy,2026-05-04\n")
    command = ("import", str(path), "--platform", "shop", "--set", "campaign=Tea", "--yes")
    ran = kolbench(*command)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[-1] == (
        "1 participant that was not known before: ann; "
        "1 referral is to oneself or would close a circle: kolbench campaign referrals"
    )
    path = write(tmp_path / "b.csv", "order_id,paid_at,amount,affiliate\no1,2026-05-04,1.00,ann\n")
    assert "not known" not in kolbench(*command[:1], str(path), *command[2:], "--set", "currency=CNY").out


def test_an_import_says_what_waits_for_a_code_and_what_was_taken_up(
    kolbench: Commands, store: Store, tmp_path: Path
) -> None:
    campaigning.campaign(store, "Tea")
    options = ("--platform", "shop", "--set", "campaign=Tea", "--yes")
    path = write(tmp_path / "a.csv", "visitor,clicked_at,code\nv1,2026-01-04,ANN\nv2,2026-01-04,ANN\n")
    said = kolbench("import", str(path), *options).out.splitlines()[-1]
    assert said == "Nobody has the codes of 0 conversions, 2 clicks, 0 referrals yet"
    header = "order_id,paid_at,amount,currency,code\n"
    path = write(tmp_path / "o.csv", header + "o1,2026-01-04,1.00,CNY,\no2,2026-01-04,1.00,CNY,BO\n")
    said = kolbench("import", str(path), *options).out.splitlines()[-1]
    assert said == "Nobody has the codes of 1 conversions, 0 clicks, 0 referrals yet", "of this file alone"
    path = write(tmp_path / "b.csv", "participant,name,code\nann,Ann,ANN\n")
    said = kolbench("import", str(path), *options).out.splitlines()[-1]
    assert said == "2 conversions, clicks and referrals that waited for these codes were taken up"
    path = write(tmp_path / "c.csv", "participant,name,code\nbo,Bo,BO\n")
    kolbench("source", "add", "list", "tabular", "--set", f"path={path}", "--set", "platform=shop", *options[2:4])
    said = kolbench("sync", "list").out.splitlines()[-1]
    assert said == "1 conversion, click or referral that waited for these codes was taken up", "by a sync as well"


def test_an_import_names_the_orders_of_which_more_was_given_back_than_sold(
    kolbench: Commands, store: Store, tmp_path: Path
) -> None:
    campaigning.campaign(store, "Tea")
    options = ("--platform", "shop", "--set", "campaign=Tea", "--set", "currency=CNY", "--yes")
    path = write(tmp_path / "a.csv", "refund_id,order_id,refund_amount,refunded_at\nr1,o1,120,2026-05-06\n")
    told = "Of 1 order more was given back than is known to have been sold; the rest waits: o1 ({} CNY)"
    assert kolbench("import", str(path), *options).err.splitlines()[-1] == told.format("120.00")
    path = write(tmp_path / "b.csv", "order_id,line,paid_at,amount\no1,1,2026-05-04,100\n")
    assert kolbench("import", str(path), *options).err == ""
    assert kolbench("campaign", "quarantine", "Tea").out.splitlines()[0] == told.format("20.00")
    path = write(tmp_path / "c.csv", "order_id,line,paid_at,amount\no1,2,2026-05-04,50\n")
    kolbench("import", str(path), *options)
    assert "given back" not in kolbench("campaign", "quarantine", "Tea").out


def test_without_a_campaign_a_table_is_about_people_as_before(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "user_id,name,followers,date\n1,ann,5,2026-05-04\n")
    assert preview({"path": str(path), "platform": "demo"}).proposal.mapping.kind == "accounts"
