"""The review of a campaign, its lessons, publishing by command, and the chapter about all that."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import pytest

import campaigning
import make
from chapters import Chapter
from kolbench.domain.campaigns import Target
from kolbench.domain.errors import UsageError
from kolbench.programme.campaigns import (
    charts,
    fresh,
    markdown,
    publishing,
    reasons,
    report,
    review,
    typesetting,
    waves,
)
from kolbench.programme.campaigns.review import Surprise
from kolbench.store import campaigns, changes, erasure, lessons, participants, publications
from kolbench.store import waves as kept
from kolbench.store.campaign_review import Expected
from kolbench.store.connect import Store
from test_publishing import Page

if TYPE_CHECKING:
    from pathlib import Path

    from commands import Commands

TEA = campaigning.TEA


@pytest.fixture
def campaign(store: Store, noon_of_day_100: None) -> int:
    """Two people of a first wave, who bring two more; five orders in three days, one of them given back."""
    ann, bob = make.people(store, 2)
    tea = campaigning.campaign(
        store,
        target=Target(amount=10),
        starts="2026-04-09",
        ends="2026-04-13",
        levels=("10%", "5%"),
        time_zone="Asia/Shanghai",
    )
    made = waves.start(store, tea, "eve", [ann, bob]).participants
    kept.consent(store, made[:1], "full", "eve")
    codes = [str(participants.get(store.reader(), one).code) for one in made]
    make.write(
        store,
        campaigning.takes_part("cat", name="猫 <b>"),
        campaigning.takes_part("dan"),
        campaigning.came_by("cat", participants.creator_ref(ann), 98.5),
        campaigning.came_by("dan", "cat", 99),
    )
    make.write(
        store,
        campaigning.bought("o1", 10_000, 98.5, codes[0]),
        campaigning.bought("o2", 10_000, 99.5, "CAT"),
        campaigning.bought("o3", 20_000, 99.6, "DAN"),
        campaigning.bought("o4", 10_000, 99.7, codes[1]),
        campaigning.bought("o5", 10_000, 99.8, "CAT"),
        campaigning.bought("o6", 10_000, 99.9, "NOBODYS"),
        campaigning.gave_back("o5", 10_000, 99.9),
    )
    fresh.refresh(store)
    return tea


def test_a_review_adds_up_what_came_in(store: Store, campaign: int) -> None:
    found = review.review(store, campaign)
    assert found.totals is not None
    assert (found.totals.participants, found.totals.conversions, found.totals.revenue) == (4, 4, 50_000)
    assert found.progress is not None
    assert (found.progress.actual, found.progress.goal, found.progress.due) == (4, 10, 6)
    assert [(str(one.day)[8:], one.actual, one.planned) for one in found.days] == [
        ("09", 1, 2),
        ("10", 2, 2),
        ("11", 1, 2),
        ("12", 0, 2),
        ("13", 0, 2),
    ]
    assert [(wave.name, wave.direct, wave.indirect) for wave in found.waves] == [("Wave 1", 2, 2), ("", 2, None)]
    assert found.spent == 10_000 * 0.1 + 10_000 * (0.1 + 0.05) + 20_000 * (0.1 + 0.05) + 10_000 * 0.1
    assert found.per_conversion == found.spent / 4
    assert found.gain == (50_000 - found.spent) / found.spent
    assert found.uncounted == {("quarantined", "unknown-code"): 1}
    assert "| in quarantine: nobody has this code, and nothing else leads to anybody | 1 |" in report.write(found, "md")
    assert [(one.who.ref, one.figures.direct) for one in found.newcomers] == [("cat", 1), ("dan", 1)]


@pytest.mark.parametrize("reason", sorted(reasons.WHY))
def test_why_something_does_not_count_is_said_in_words(store: Store, campaign: int, reason: str) -> None:
    found = review.review(store, campaign)._replace(uncounted={("rejected", reason): 2})
    assert f"| rejected: {reasons.WHY[reason]} | 2 |" in report.write(found, "md")
    assert escape(f"rejected: {reasons.WHY[reason]}") in report.write(found, "html")


def test_whoever_came_by_nobody_is_not_said_to_have_come_by_others(store: Store, campaign: int) -> None:
    make.write(store, campaigning.takes_part("eve"), campaigning.bought("o7", 90_000, 99.9, "EVE"))
    fresh.refresh(store)
    found = review.review(store, campaign)
    assert sorted((wave.number, wave.participants, wave.direct) for wave in found.waves) == [
        (-1, 1, 1), (0, 2, 2), (1, 2, 2),
    ]  # fmt: skip
    assert [one.who.ref for one in found.newcomers] == ["cat", "dan"]
    text = report.write(found, "md")
    assert text.count("| in no wave: came by nobody | 1 |") == 1


def test_the_daily_line_names_its_ends_and_shows_the_days_of_the_campaign_alone(store: Store, campaign: int) -> None:
    make.write(store, campaigning.bought("o8", 100, 10, "CAT"))
    text = report.write(review.review(store, campaign), "md")
    (line,) = [line for line in text.splitlines() if line.startswith("`")]
    assert line.startswith("`2026-04-09 ")
    assert line.endswith(" 2026-04-11`")
    days = [review.Day(date(2026, 1, 1) + timedelta(days=n), int(n < 2), None) for n in range(90)]
    line = report._line(review.review(store, campaign)._replace(days=days), date(2026, 4, 1))
    assert line == f"2026-01-01 ▆{'▁' * 44} 2026-03-31 (2 days a block)"


def test_the_daily_line_of_a_past_campaign_ends_with_its_last_day(store: Store, noon_of_day_100: None) -> None:
    past = campaigning.campaign(store, starts="2026-04-01", ends="2026-04-08")
    make.write(store, campaigning.takes_part("ann"), campaigning.bought("o1", 100, 94.5, "ANN"))
    fresh.refresh(store)
    days = review.review(store, past).days
    assert (days[0].day, days[-1].day) == (date(2026, 4, 5), date(2026, 4, 8))


def test_a_review_of_nothing_says_so(store: Store, noon_of_day_100: None) -> None:
    tea = campaigning.campaign(store)
    found = review.review(store, tea)
    assert (found.per_conversion, found.gain, found.resting, found.brief, found.days) == (None, None, None, None, [])
    text = report.write(found, "md")
    for told in (
        "No target was set.",
        "Nobody takes part yet.",
        "Nobody has sold anything yet.",
        "kolbench campaign lesson",
    ):
        assert told in text, told
    Page(report.write(found, "html"))


def surprise(name: str, score: float, conversions: int) -> Expected:
    return Expected(1, 1, name, 1, score, conversions, 0)


def test_who_surprised_is_measured_by_places_and_not_by_luck_of_equals() -> None:
    told = [
        surprise("a", 90, 1),
        surprise("b", 80, 5),
        surprise("c", 70, 5),
        surprise("d", 60, 9),
        surprise("e", 50, 0),
    ]
    better, worse = review.surprises(told)
    assert [(one.who.name, one.by_score, one.by_result) for one in better] == [("d", 4, 1), ("c", 3, 2)]
    assert worse == [Surprise(told[0], 1, 4)]
    assert review.surprises([]) == ([], [])


def test_who_brought_nothing_did_not_do_better_than_anybody() -> None:
    told = [surprise("a", 90, 3), surprise("b", 80, 0), surprise("c", 70, 0)]
    assert review.surprises(told) == ([], [])


def test_the_scores_come_from_the_brief_in_which_most_of_the_wave_are(store: Store, noon_of_day_100: None) -> None:
    from kolbench.analysis import candidacy, standing

    people = make.people(store, 3)
    standing.refresh(store)
    small, large = make.brief(store, "Small", exclude={"tags": ("no",)}), make.brief(store, "Large")
    candidacy.score(store, small)
    candidacy.score(store, large)
    with store.writing() as db:
        db.execute("DELETE FROM candidate WHERE brief_id = ? AND creator_id = ?", (large, people[0]))
    tea = campaigning.campaign(store)
    waves.start(store, tea, "eve", people)
    fresh.refresh(store)
    found = review.review(store, tea)
    assert (found.brief, found.compared) == ("Small", 3)


def test_a_report_is_sound_as_a_page_and_as_markdown(store: Store, campaign: int) -> None:
    lessons.add(store, campaign, "# Earlier\n<script>alert(1)</script> | [a](b)", "eve")
    found = review.review(store, campaign)
    made = report.write(found, "html")
    page = Page(made)
    assert [tag for tag, _one in page.elements].count("svg") == 3
    assert not re.search(r"(?:https?:)?//\w|url\(|@import|<link|<img|<script", made.replace("//shop", ""))
    assert "unsafe" not in made
    labelled = {one["aria-labelledby"] for _tag, one in page.elements if "aria-labelledby" in one}
    assert labelled <= {one.get("id") for _tag, one in page.elements}
    text = report.write(found, "md")
    assert "4 of 10 conversions reached (40%)." in text
    assert "> \\# Earlier\n> \\<script\\>alert(1)\\</script\\> \\| \\[a\\](b)" in text
    for heading in (
        "Target and actual",
        "Waves and coverage",
        "K by generation",
        "Who surprised",
        "What doesn't count",
    ):
        assert f"## {heading}\n" in text
        assert heading.replace("'", "&#x27;") in made
    assert json.loads(json.dumps(report.plain(found)))["cost"]["all"] == found.spent


def test_texts_in_markdown_mean_nothing() -> None:
    assert markdown.plain("*a* `b` <c> | d_e") == "\\*a\\* \\`b\\` \\<c\\> \\| d\\_e"
    assert markdown.plain("# h") == "\\# h"
    assert markdown.plain("a\n# b (c)") == "a # b (c)"
    assert (markdown.plain("-137.80"), markdown.inside("-137.80"), markdown.inside("a|b")) == (
        "\\-137.80",
        "-137.80",
        "a\\|b",
    )


@pytest.mark.parametrize("name", ["Wave 1", "in no wave: came by nobody", "第一波：核心达人与老朋友" * 9])
def test_the_names_of_bars_are_whole_or_end_in_dots(name: str) -> None:
    drawn = charts.bars([(name, 1, "1"), ("K", 2, "2")], "told")
    x, shown = re.findall(r'<text x="(\d+)" y="\d+" text-anchor="end">(.*?)</text>', drawn)[0]
    assert 14 * typesetting.width(shown) <= int(x)
    assert shown == name or shown.endswith("…")


# Publishing --------------------------------------------------------------------------------------------------------


def test_what_is_published_is_kept_fresh_and_nobody_is_shown_against_their_will(
    store: Store, campaign: int, tmp_path: Path
) -> None:
    folder = tmp_path / "www"
    publishing.publish(store, campaign, folder, ["html", "json"], "eve")
    told = json.loads((folder / "leaderboard.json").read_text("utf-8"))
    assert [(one["name"], one["value"]) for one in told["entries"]] == [("p1", 1), (None, 1), (None, 1), (None, 1)]
    assert "猫" not in (folder / "index.html").read_text("utf-8")
    make.write(store, campaigning.bought("o9", 10_000, 99.95, "DAN"))
    assert list(fresh.refresh(store)) == []
    told = json.loads((folder / "leaderboard.json").read_text("utf-8"))
    assert (told["entries"][0]["value"], told["target"]["actual"]) == (2, 5)


def test_who_is_erased_is_gone_from_the_page_too(store: Store, campaign: int, tmp_path: Path) -> None:
    publishing.publish(store, campaign, tmp_path / "www", ["html"], "eve")
    page = tmp_path / "www" / "index.html"
    assert "p1" in Page(page.read_text("utf-8")).text("bdi")
    erasure.erase(store, erasure.find(store, "demo:p1"))
    fresh.refresh(store)
    assert "p1" not in Page(page.read_text("utf-8")).text("bdi")


def test_a_folder_that_has_gone_wrong_stops_no_sync_and_is_named(store: Store, campaign: int, tmp_path: Path) -> None:
    publishing.publish(store, campaign, tmp_path / "www", ["html"], "eve")
    (tmp_path / "www" / "index.html").write_text("mine now")
    (problem,) = fresh.refresh(store)
    assert problem.campaign == TEA
    assert "has not written" in problem.reason


def test_a_folder_that_is_not_there_any_more_is_not_made_again_by_a_sync(
    store: Store, campaign: int, tmp_path: Path
) -> None:
    folder = tmp_path / "disk" / "www"
    for path in publishing.publish(store, campaign, folder, ["html"], "eve"):
        path.unlink()
    folder.rmdir()
    (problem,) = fresh.refresh(store)
    assert "No such file" in problem.reason
    assert not folder.exists()


def test_publishing_can_be_moved_stopped_and_taken_back(store: Store, campaign: int, tmp_path: Path) -> None:
    publishing.publish(store, campaign, tmp_path / "a", ["html"], "eve")
    publishing.publish(store, campaign, tmp_path / "b", ["html", "md"], "eve")
    (one,) = publications.listed(store)
    assert (one.folder, one.formats) == (str(tmp_path / "b"), ("html", "md"))
    changes.undo(store, "eve")
    assert publications.listed(store)[0].folder == str(tmp_path / "a")
    publications.stop(store, campaign, "eve")
    assert publications.listed(store) == []
    campaigns.archive(store, campaign, "eve")
    publishing.publish(store, campaign, tmp_path / "a", ["html"], "eve")
    assert publications.listed(store) == [], "what is in the archive is as it was"


def test_a_file_of_somebody_else_is_not_replaced(store: Store, campaign: int, tmp_path: Path) -> None:
    theirs = tmp_path / "leaderboard.csv"
    theirs.write_text("mine")
    with pytest.raises(UsageError, match="choose another folder"):
        publishing.publish(store, campaign, tmp_path, ["html", "csv"], "eve")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir() if path.suffix in (".csv", ".html")] == [
        ("leaderboard.csv", "mine")
    ]
    theirs.unlink()
    for _ in range(2):
        publishing.publish(store, campaign, tmp_path, ["html", "csv"], "eve")
    assert theirs.read_text() != "mine"


def test_movement_is_counted_from_the_day_before(
    store: Store, campaign: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(101.5).isoformat())
    make.write(store, *(campaigning.bought(f"d{n}", 10_000, 101, "DAN") for n in range(3)))
    fresh.refresh(store)
    publishing.publish(store, campaign, tmp_path, ["json"], "eve")
    told = json.loads((tmp_path / "leaderboard.json").read_text("utf-8"))
    assert told["movement_since"] == "2026-04-11"
    assert told["entries"][0]["moved"] > 0


# By command --------------------------------------------------------------------------------------------------------


def test_lessons_are_shown_where_a_brief_is_written_and_read(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    campaigning.campaign(store)
    store.close()
    assert kolbench("campaign", "lesson", TEA, "Agree a day earlier.\nTwice.").code == 0
    assert kolbench("campaign", "lesson", TEA, "  ").code == 2
    said = kolbench("brief", "new", "Next", "--purpose", "convert").out
    assert "Learnt from 'Tea': Agree a day earlier. Twice." in said
    assert "Learnt from 'Tea'" in kolbench("brief", "show", "Next").out
    assert kolbench("brief", "show", "Next", "--json").json["lessons"][0]["campaign"] == TEA
    assert kolbench("campaign", "lesson", "--remove", "1").code == 0
    assert "Learnt" not in kolbench("brief", "show", "Next").out
    assert kolbench("campaign", "lesson", "--remove", "1").code == 2


def test_files_that_are_kept_fresh_no_more_are_named(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    campaigning.campaign(store)
    store.close()
    www, other = tmp_path / "www", tmp_path / "other"
    every = [one for kind in ("html", "json", "csv", "md") for one in ("--format", kind)]
    assert kolbench("campaign", "publish", TEA, www, *every).err == ""
    assert kolbench("campaign", "publish", TEA, www, *every).err == ""
    told = kolbench("campaign", "publish", TEA, www, "--format", "html").err
    assert all(str(www / f"leaderboard.{kind}") in told for kind in ("json", "csv", "md"))
    assert "index.html" not in told
    assert str(www / "index.html") in kolbench("campaign", "publish", TEA, other).err
    assert str(other / "index.html") in kolbench("campaign", "publish", TEA, "--stop").err


def test_the_leaderboard_command_publishes_the_only_campaign(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    campaigning.campaign(store)
    assert kolbench("leaderboard", "publish").code == 2
    assert "leaderboard publish" in kolbench("leaderboard", "--format", "json").err
    told = kolbench("leaderboard", "publish", tmp_path / "www", "--json").json
    assert [path.rpartition("/")[2] for path in told["files"]] == ["index.html", "zh.html"]
    campaigning.campaign(store, "Coffee")
    store.close()
    assert "say which by --campaign NAME. Coffee, Tea" in kolbench("leaderboard", "publish", tmp_path / "www").err
    assert kolbench("leaderboard", "publish", tmp_path / "www", "--campaign", "Coffee").code == 0


def test_whatever_brings_facts_writes_the_page_again(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    campaigning.campaign(store)
    store.close()
    page, people = tmp_path / "www" / "index.html", tmp_path / "people.csv"
    kolbench("leaderboard", "publish", page.parent)
    page.write_text(page.read_text("utf-8") + "<!-- before the import -->", "utf-8")
    people.write_text("name,followers\nann,5\n", "utf-8")
    assert kolbench("import", people, "--platform", "demo").code == 0
    assert "before the import" not in page.read_text("utf-8")
    page.write_text("mine now", "utf-8")
    people.write_text("name,followers\nbob,5\n", "utf-8")
    ran = kolbench("import", people, "--platform", "demo")
    assert ran.code == 0
    assert "The leaderboard of 'Tea' was not published" in ran.err


def test_a_report_names_its_format_by_the_file_or_by_the_option(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    campaigning.campaign(store)
    store.close()
    assert kolbench("campaign", "report", TEA).out.startswith("# Review: Tea\n")
    assert kolbench("campaign", "report", TEA, "--out", tmp_path / "r.html").code == 0
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")
    assert "--overwrite" in kolbench("campaign", "report", TEA, "--out", tmp_path / "r.html").err
    assert kolbench("campaign", "report", TEA, "--out", tmp_path / "r.html", "--overwrite").code == 0
    assert kolbench("campaign", "report", TEA, "--out", tmp_path / "r.pdf").code == 2
    assert kolbench("campaign", "report", TEA, "--out", tmp_path / "r.pdf", "--format", "md").code == 0
    assert kolbench("campaign", "report", TEA, "--json").json["campaign"] == TEA


def test_the_commands_of_the_chapter_work(sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resvg_py")
    monkeypatch.chdir(tmp_path)
    found: list[dict[str, Any]] = sampled("candidates", "--limit", "2", "--json").json
    creator, other = (one["creator_id"] for one in found)
    assert Chapter("publishing").play(sampled, "sh", hints=True, CREATOR=creator, OTHER=other) > 20
    assert {path.name for path in (tmp_path / "www").iterdir()} >= {"index.html", "en.html", "leaderboard.csv"}
    assert len(list((tmp_path / "posters").iterdir())) == 3
