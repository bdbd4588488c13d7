"""Operators' real files, imported by the documented commands and counted against counts made another way."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import pytest

from kolbench.cli.main import main
from kolbench.domain.identity import fold
from kolbench.store.connect import Store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


def imported(folder: Path, file: Path, *options: str) -> Store:
    """A store of its own with that file imported, and imported again without effect."""
    path = folder / f"{file.name}.db"
    command = ["import", str(file), "--yes", "--store", str(path), *options]
    assert main(command) in (0, 1)
    store = Store.open(path, create=False)
    before = totals(store)
    assert main(command) == 0
    assert totals(store) == before
    return store


def totals(store: Store) -> dict[str, int]:
    names = ("account", "account_snapshot", "post", "post_snapshot", "follow_edge", "message", "activity", "membership")
    return {name: count(store, f"SELECT count(*) FROM {name}") for name in names}


def count(store: Store, query: str) -> int:
    return int(store.reader().execute(query).fetchone()[0])


def table(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["douyin_top5025.csv", "douyin_top5025.gbk.csv"])
def test_douyin(shared_data: Path, folder: Path, name: str) -> None:
    file = shared_data / "creators" / name
    rows = table(file, "gb18030" if "gbk" in name else "utf-8-sig")
    assert len(rows) == 5025
    people: dict[str, str] = {}
    for row in rows:
        if not row["name"].startswith("#"):
            people.setdefault(fold(row["name"]), row["fans"])
    store = imported(folder, file, "--platform", "douyin", "--as-of", "2021-03-01")
    stored = store.reader().execute(
        "SELECT substr(uid, 6), value FROM account JOIN account_snapshot ON account_id = account.id"
        " JOIN metric ON metric.id = metric_id WHERE metric.name = 'followers'"
    )
    found = dict(stored.fetchall())
    assert len(people.keys() ^ found.keys()) <= 40, "names lose invisible characters, and nothing else"
    assert all(found[name] == int(people[name]) for name in people.keys() & found.keys())
    assert abs(len(found) - len(people)) <= 2


def test_instagram(shared_data: Path, folder: Path) -> None:
    file = shared_data / "creators" / "instagram_top200.csv"
    store = imported(folder, file, "--platform", "instagram", "--as-of", "2022-03-01")
    assert totals(store)["account"] == len(table(file)) == 200
    sizes = {"k": 10**3, "m": 10**6, "b": 10**9}
    wanted = sum(round(float(row["followers"][:-1]) * sizes[row["followers"][-1]]) for row in table(file))
    of_followers = "WHERE metric_id = (SELECT id FROM metric WHERE name = 'followers')"
    assert count(store, f"SELECT sum(value) FROM account_snapshot {of_followers}") == wanted
    assert count(store, f"SELECT min(plus_minus) FROM account_snapshot {of_followers}") == 50_000


def test_youtube(shared_data: Path, folder: Path) -> None:
    file = shared_data / "creators" / "youtube_top995_indian_grouping.csv"
    store = imported(folder, file, "--platform", "youtube", "--as-of", "2023-07-28")
    rows = table(file, "latin-1")
    views = sum(int(float(row["video views"].replace(",", ""))) for row in rows if row["video views"] != "nan")
    assert totals(store)["account"] == len(rows) == 995
    of_views = "WHERE metric_id = (SELECT id FROM metric WHERE name = 'views')"
    assert count(store, f"SELECT sum(value) FROM account_snapshot {of_views}") == views


def test_bilibili_rankings_over_time(shared_data: Path, folder: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    file = shared_data / "creators" / "bilibili_up_rank_2022.xlsx"
    workbook = openpyxl.load_workbook(file, read_only=True)
    header, *rows = workbook.active.values
    workbook.close()
    uids = {str(int(row[header.index("mid")])) for row in rows}
    store = imported(folder, file, "--platform", "bilibili")
    assert len(rows) == 11_917
    assert {row[0] for row in store.reader().execute("SELECT uid FROM account")} == uids
    assert len(uids) == totals(store)["account"] == 4_649


def test_one_creators_works(shared_data: Path, folder: Path) -> None:
    file = shared_data / "creators" / "bilibili_one_up_videos_wan.csv"
    store = imported(folder, file, "--platform", "bilibili")
    assert totals(store)["post"] == len({row["bvid"] for row in table(file)}) == 281
    assert totals(store)["account"] == 1
    plays = sum(int(row["play"]) for row in table(file) if row["play"].isdigit())
    of_views = "WHERE metric_id = (SELECT id FROM metric WHERE name = 'views')"
    assert count(store, f"SELECT sum(value) FROM post_snapshot {of_views}") == plays


def test_a_follower_series(shared_data: Path, folder: Path) -> None:
    file = shared_data / "timeseries" / "bilibili_followers_1hz.txt.gz"
    with gzip.open(file, "rt") as lines:
        values = [int(line.split("\t")[1]) for line in lines]
    store = imported(folder, file, "--platform", "bilibili", "--set", "account=@someone")
    assert totals(store)["account_snapshot"] == len(values) == 79_938
    assert count(store, "SELECT sum(value) FROM account_snapshot") == sum(values)


def test_twitch_people_and_friendships(shared_data: Path, folder: Path) -> None:
    people = shared_data / "graph" / "musae_twitch_DE_target.csv"
    edges = shared_data / "graph" / "musae_twitch_DE_edges.csv"
    path = folder / "twitch.db"
    common = ["--yes", "--store", str(path), "--platform", "twitch"]
    assert main(["import", str(people), *common, "--map", "new_id=uid,id="]) == 0
    assert main(["import", str(edges), *common, "--set", "directed=no"]) == 0
    store = Store.open(path)
    pairs = {frozenset((row["from"], row["to"])) for row in table(edges)}
    assert totals(store)["account"] == len(table(people)) == 9_498
    assert totals(store)["follow_edge"] == 2 * len(pairs) == 306_276
    partners = sum(row["partner"] == "True" for row in table(people))
    assert count(store, "SELECT count(*) FROM account WHERE verified = 'yes'") == partners


def test_gitter_rooms(shared_data: Path, folder: Path) -> None:
    rooms = shared_data / "chat" / "gitter_rooms"
    options = ("--platform", "gitter", "--adapter", "chat-archive", "--set", "bots=camperbot")
    store = imported(folder, rooms, *options)
    messages: set[tuple[str, str]] = set()
    members: set[tuple[str, str]] = set()
    thanks: set[tuple[str, str, str]] = set()
    csv.field_size_limit(10**9)
    for file in rooms.glob("*.tsv"):
        with file.open(encoding="utf-8", newline="") as lines:
            for room, _uri, _at, uid, handle, message, text in csv.reader(lines, delimiter="\t"):
                if not handle and not uid:
                    continue
                messages.add((room, message))
                members.add((room, uid))
                found = re.match(r"> (\S+) sends brownie points to (@.*?) :sparkles:", text)
                if handle == "camperbot" and found:
                    thanks.update((message, found[1], name) for name in re.findall(r"@([\w-]+)", found[2]))
    stored = totals(store)
    assert count(store, "SELECT count(*) FROM community") == 80
    assert abs(stored["message"] - len(messages)) <= 4
    assert abs(stored["membership"] - len(members)) <= 4
    brownies = count(store, "SELECT count(*) FROM activity WHERE type = 'brownie'")
    assert abs(brownies - sum(actor.lower() != name.lower() for _m, actor, name in thanks)) <= 5
