"""What the backtests judge by, and that they run on the real files' shape."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parent.parent / "bench"
sys.path.insert(0, str(BENCH))

from judging import average_precision, ndcg  # noqa: E402


def backtest(*arguments: str) -> str:
    command = [sys.executable, str(BENCH / "backtest.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_discounted_gain_is_one_for_the_best_order_and_less_for_any_other() -> None:
    assert ndcg([3, 2, 0, 1], [3, 2, 1, 0]) == pytest.approx((3 + 2 / 1.584963 + 1 / 2.321928) / 4.761860)
    assert ndcg([3, 2, 1], [1, 2, 3]) == 1
    assert ndcg([0, 0], [0, 0]) == 0
    assert ndcg([1, 5], [1, 5], depth=1) == pytest.approx(0.2)


def test_average_precision_is_the_mean_share_of_hits_up_to_each_hit() -> None:
    assert average_precision([True, False, True]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([False, False]) == 0


def test_the_backtest_of_koc_runs_on_a_few_rooms(shared_data: Path, tmp_path: Path) -> None:
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    for name in ("CurriculumDevelopment", "Git"):
        (rooms / f"{name}.tsv").symlink_to(shared_data / "chat" / "gitter_rooms" / f"{name}.tsv")
    said = backtest("koc", "--data", str(rooms), "--seeds", "2")
    assert "KOLbench koc beats the best other" in said
    assert "Orbit v1 gravity" in said


def test_the_backtest_of_kol_runs_on_any_countrys_pair_of_files(tmp_path: Path) -> None:
    (tmp_path / "musae_twitch_XX_target.csv").write_text(
        "id,days,mature,views,partner,new_id\n7,1,True,900,True,0\n8,1,True,20,False,1\n9,1,True,500,True,2\n"
    )
    (tmp_path / "musae_twitch_XX_edges.csv").write_text("from,to\n0,1\n0,2\n")
    said = backtest("kol", "--data", str(tmp_path), "--seeds", "2")
    assert "3 streamers, 2 of them partners" in said
    assert "KOLbench authority    1.0000" in said
