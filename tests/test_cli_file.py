"""The file of a person on the command line: written, listed, told as text and as JSON, and refused where it must be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chapters import Chapter
from kolbench.domain.facts import FIELDS
from kolbench.programme import compare
from kolbench.store import needs

if TYPE_CHECKING:
    from commands import Commands


@pytest.fixture
def ann(sampled: Commands) -> str:
    """The id of somebody in the store."""
    return str(sampled("candidates", "--limit", 1, "--json").json[0]["creator_id"])


def test_facts_are_written_told_and_taken_off(sampled: Commands, ann: str) -> None:
    done = sampled("creator", "edit", ann, "personality=warm, direct", "hours=20-23", "city=杭州", "--json").json
    assert done["changed"] == ["personality", "hours", "city"]
    assert done["facts"] == {"personality": "warm, direct", "city": "杭州", "hours": "20:00-23:00"}
    assert sampled("creator", "show", ann, "--json").json["facts"] == done["facts"]
    assert "Free hours: 20:00-23:00" in sampled("creator", "show", ann).out
    assert sampled("creator", "edit", ann, "city=").out == "Changed: city.\n"
    assert sampled("creator", "edit", ann, "city=").out == "Nothing was changed.\n"
    assert "city" not in sampled("creator", "show", ann, "--json").json["facts"]


def test_an_edit_of_what_is_different_by_now_is_refused_with_both_values(sampled: Commands, ann: str) -> None:
    sampled("creator", "edit", ann, "city=杭州")
    ran = sampled("creator", "edit", ann, "city=上海", "--was", "city=北京")
    assert (ran.code, ran.out) == (1, "")
    assert all(city in ran.err for city in ("杭州", "上海", "北京"))
    assert sampled("creator", "edit", ann, "city=上海", "--was", "city=杭州").code == 0


@pytest.mark.parametrize("fact", ["height=180", "warm", "hours=always"])
def test_what_is_no_fact_is_refused(sampled: Commands, ann: str, fact: str) -> None:
    ran = sampled("creator", "edit", ann, fact)
    assert (ran.code, ran.out) == (2, "")


def test_a_note_is_written(sampled: Commands, ann: str) -> None:
    assert sampled("creator", "note", ann, "likes oolong").out == "Noted.\n"
    written = sampled("creator", "show", ann, "--json").json["notes"][0]
    assert written["text"] == "likes oolong"
    assert sampled("creator", "note", ann, "likes green tea", "--edit", written["id"], "--json").json == {
        "note": written["id"],
        "creator_id": int(ann),
    }
    assert sampled("creator", "show", ann, "--json").json["notes"][0] == {**written, "text": "likes green tea"}
    assert sampled("creator", "note", ann, "x", "--edit", 999).code == 2


def as_colleague(sampled: Commands, monkeypatch: pytest.MonkeyPatch, *args: object) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("LOGNAME", "chen")
        assert sampled("creator", *args).code == 0


@pytest.mark.parametrize(
    ("entry", "theirs", "mine", "was"),
    [
        (("note", "likes tea"), ("note", "likes oolong"), ("note", "likes coffee"), "text=likes tea"),
        (("date", "fair", "05-04"), ("date", "fair", "05-05"), ("date", "fair", "05-06"), "day=05-04"),
        (("event", "moved"), ("event", "moved to Xi'an"), ("event", "moved home"), "text=moved"),
    ],
)
def test_what_a_colleague_wrote_meanwhile_is_not_overwritten(
    sampled: Commands, ann: str, monkeypatch: pytest.MonkeyPatch, entry: tuple[str, ...],
    theirs: tuple[str, ...], mine: tuple[str, ...], was: str,
) -> None:  # fmt: skip
    kind, *words = entry
    made = sampled("creator", kind, ann, *words, "--json").json
    number = made["note"] if kind == "note" else made[0]["id"]
    as_colleague(sampled, monkeypatch, theirs[0], ann, *theirs[1:], "--edit", number, "--was", was)
    unseen = sampled("creator", mine[0], ann, *mine[1:], "--edit", number)
    assert (unseen.code, "chen wrote it last" in unseen.err) == (2, True)
    outdated = sampled("creator", mine[0], ann, *mine[1:], "--edit", number, "--was", was)
    assert outdated.code != 0
    assert "chen changed " in outdated.err
    now = was.partition("=")[0] + "=" + theirs[-1]
    assert sampled("creator", mine[0], ann, *mine[1:], "--edit", number, "--was", now).code == 0


def test_important_dates_are_counted_down(sampled: Commands, ann: str) -> None:
    sampled("creator", "date", ann, "生日", "农历1990年八月十五")
    (one,) = sampled("creator", "date", ann, "wedding", "06-02", "--json").json[:1]
    assert (one["title"], one["next"], one["days"], one["nth"]) == ("wedding", "2026-06-02", 1, None)
    other = sampled("creator", "show", ann, "--json").json["dates"][1]
    assert (other["date"], other["lunar"], other["next"], other["nth"]) == ("lunar 1990-08-15", True, "2026-09-25", 36)
    assert "wedding: 06-02 (2026-06-02, tomorrow)" in sampled("creator", "show", ann).out
    changed = sampled("creator", "date", ann, "wedding", "06-01", "--edit", one["id"], "--json").json
    assert changed[0]["days"] == 0
    assert "today" in sampled("creator", "date", ann).out
    assert sampled("creator", "date", ann, "--remove", one["id"], "--json").json == [other]
    assert sampled("creator", "date", ann, "--remove", one["id"]).code == 2
    for day in ((), ("5/4",), ("lunar 2026 leap 06-01",)):
        assert sampled("creator", "date", ann, "birthday", *day).code == 2


def test_needs_are_told_with_what_we_can_offer(sampled: Commands, ann: str) -> None:
    sampled("offer", "add", "Cover story", "--kind", "brand", "--detail", "once a month")
    sampled("offer", "add", "Coupons", "--kind", "saving")
    told = sampled("creator", "need", ann, "brand", "--strength", "high", "--switching", "low", "--json").json
    assert [(one["kind"], one["strength"], one["switching"], one["offers"]) for one in told] == [
        ("brand", "high", "low", ["Cover story"])
    ]
    sampled("creator", "need", ann, "brand", "--detail", "in skincare")
    line = "Needs a name of their own, very much (leaving whoever gives it now costs little): in skincare"
    assert f"{line} We can offer: Cover story." in sampled("creator", "show", ann).out
    assert "Cover story" in sampled("creator", "need", ann).out
    assert sampled("creator", "need", ann, "brand", "--remove").out == "There is nothing yet.\n"
    assert sampled("creator", "need", ann, "fame").code == 2


def test_offers_are_listed_changed_and_withdrawn(sampled: Commands) -> None:
    assert sampled("offer", "list").out.startswith("There is nothing to offer yet")
    sampled("offer", "add", "Cover story", "--kind", "brand")
    sampled("offer", "edit", "cover STORY", "--kind", "users", "--name", "Front page")
    (one,) = sampled("offer", "list", "--json").json
    assert (one["name"], one["kind"]) == ("Front page", "users")
    assert sampled("offer", "list", "--kind", "brand", "--json").json == []
    assert "users and resources" in sampled("offer", "list").out
    assert sampled("offer", "edit", one["id"]).code == 2
    assert sampled("offer", "remove", one["id"], "--json").json == []
    assert sampled("offer", "remove", one["id"]).code == 2


def test_life_events_and_papers_are_kept(sampled: Commands, ann: str, tmp_path: Path) -> None:
    paper = tmp_path / "plan.txt"
    paper.write_text("x")
    sampled("creator", "event", ann, "moved to Hangzhou", "--on", "2026-03")
    told = sampled("creator", "event", ann, "is learning to bake", "--json").json
    assert [(one["on"], one["text"]) for one in told] == [
        (None, "is learning to bake"),
        ("2026-03", "moved to Hangzhou"),
    ]
    sampled("creator", "event", ann, "--edit", told[0]["id"], "--on", "yesterday")
    sampled("creator", "attach", ann, paper, "--title", "The plan")
    text = sampled("creator", "show", ann).out
    assert "2026-05-31: is learning to bake" in text
    assert f"The plan: {paper}" in text
    (one,) = sampled("creator", "attach", ann, "--json").json
    assert sampled("creator", "attach", ann, "--remove", one["id"]).out == "There is nothing yet.\n"
    sampled("creator", "attach", ann, paper)
    ran = sampled("forget", ann, "--yes")
    assert f"These files were on their file, and are where they were: {paper}." in ran.out


def test_consent_is_written_down_with_its_day(sampled: Commands, ann: str) -> None:
    ran = sampled("creator", "contact", ann, "wechat", "ann88", "--consent", "given", "--on", "2026-05-30")
    assert "WeChat: ann88 (consent given on 2026-05-30, says " in ran.out
    told = sampled("creator", "contact", ann, "wechat", "ann88", "--consent", "withdrawn", "--json").json
    (one,) = [contact for contact in told["contacts"] if contact["value"] == "ann88"]
    assert (one["consent"], one["consent_at"]) == ("withdrawn", "2026-06-01T12:00:00Z")
    assert [(refusal["scope"], refusal["reason"]) for refusal in told["do_not_contact"]] == [("wechat", "withdrawn")]
    left = sampled("creator", "contact", ann, "wechat", "ann88", "--remove", "--json").json
    assert all(contact["value"] != "ann88" for contact in left["contacts"])


@pytest.mark.parametrize(
    "options",
    [
        ("wechat",),
        ("--consent", "given"),
        ("wechat", "ann88", "--consent", "maybe"),
        ("wechat", "ann88", "--consent", "given", "--on", "2026-06-02"),
        ("wechat", "ann88", "--consent", "given", "--on", "2026-05"),
        ("wechat", "ann88", "--on", "2026-05-01"),
        ("--until", "tomorrow"),
        ("--refuse", " "),
        ("--refuse", "asked us", "--until", "2026-05-01"),
        ("email", "nobody@example.org", "--remove"),
    ],
)
def test_what_says_too_little_or_cannot_be_is_refused(sampled: Commands, ann: str, options: tuple[str, ...]) -> None:
    ran = sampled("creator", "contact", ann, *options)
    assert (ran.code, ran.out) == (2, "")


def test_who_refuses_leaves_the_candidates_of_a_brief_until_it_is_lifted(sampled: Commands) -> None:
    sampled("brief", "new", "Any", "--purpose", "activate")
    sampled("brief", "score", "Any")

    def candidates() -> list[int]:
        return [row["creator_id"] for row in sampled("candidates", "--brief", "Any", "--limit", 500, "--json").json]

    def listed() -> bool:
        return ann in candidates()

    ann = candidates()[0]
    ran = sampled("creator", "contact", ann, "--refuse", "on leave", "--until", "2026-07-01")
    assert "Do not contact until 2026-07-01: on leave" in ran.out
    assert not listed()
    assert "1 refusal was lifted." in sampled("creator", "contact", ann, "--lift").out
    sampled("creator", "contact", ann, "phone", "--refuse", "hates it")
    assert listed(), "other channels are open"
    assert "Do not contact by phone: hates it" in sampled("creator", "show", ann).out


def test_who_refuses_leaves_the_queue_at_once_and_comes_back_when_it_is_lifted(sampled: Commands) -> None:
    def asked() -> set[int]:
        rows = sampled("queue", "--due", "all", "--limit", 500, "--json").json
        return {row["creator_id"] for row in rows if row["rule"] != "stale-data"}

    ann, bob = sorted(asked())[:2]
    assert sampled("creator", "contact", ann, "--refuse", "on leave", "--json").code == 0
    assert asked() & {ann, bob} == {bob}
    sampled("creator", "contact", ann, "--lift")
    assert asked() >= {ann, bob}


def test_the_timeline_is_told_page_by_page(sampled: Commands, ann: str) -> None:
    sampled("creator", "note", ann, "likes oolong")
    sampled("creator", "edit", ann, "personality=warm")
    whole = sampled("creator", "timeline", ann, "--limit", 100_000, "--json").json
    assert whole["older"] is None
    assert {entry["kind"] for entry in whole["entries"]} >= {"note", "file"}
    found: list[object] = []
    page = sampled("creator", "timeline", ann, "--limit", 2, "--json").json
    while page["older"] is not None:
        found += page["entries"]
        page = sampled("creator", "timeline", ann, "--limit", 2, "--before", page["older"], "--json").json
    assert found + page["entries"] == whole["entries"]
    (change,) = [entry["facts"] for entry in whole["entries"] if entry["kind"] == "file"]
    assert (change["what"], change["before"]) == ("personality", None)
    assert (change["after"]["value"], change["after"]["at"]) == ("warm", "2026-06-01T12:00:00Z")
    text = sampled("creator", "timeline", ann).out
    assert "likes oolong" in text
    assert "Personality: warm" in text
    assert "There is more: --before " in sampled("creator", "timeline", ann, "--limit", 1).out
    bob = sampled("leaderboard", "--json").json["entries"][0]["creator_id"]
    said = sampled("creator", "timeline", bob, "--kind", "message", "--before", "2026-05-28", "--json").json["entries"]
    assert said
    assert all(entry["at"] < "2026-05-28" for entry in said)
    assert sampled("creator", "timeline", ann, "--kind", "unmerge").out == "There is nothing yet.\n"
    assert sampled("creator", "timeline", ann, "--before", "soon").code == 2


def test_both_sides_are_compared(sampled: Commands, ann: str) -> None:
    bob = sampled("leaderboard", "--json").json["entries"][0]["creator_id"]
    told = sampled("creator", "compare", bob, "--windows", 2, "--json").json
    assert len(told["here"]) == 2
    assert set(told["here"][0]) == {"from", "to", "messages", "addressed", "people", "thanks"}
    assert told["here"][0]["to"] <= "2026-06-01T12:00:00Z"
    assert "on ours" in sampled("creator", "compare", bob).out
    text = sampled("creator", "compare", ann).out
    assert "none of our communities" in text or "on ours" in text
    assert sampled("creator", "compare", bob, "--ours", "nowhere").code == 2


# The chapter --------------------------------------------------------------------------------------------------

CHAPTER = Chapter("file")


def test_every_command_of_the_chapter_does_what_it_says(sampled: Commands) -> None:
    CHAPTER.play(sampled)
    told = sampled("creator", "show", 1, "--json").json
    assert told["facts"]["personality"] == "shy"
    assert told["needs"][0]["offers"] == ["Cover story"]
    assert [refusal["scope"] for refusal in told["do_not_contact"]] == ["phone"]


def test_the_chapter_tells_every_field_and_need_and_the_thresholds_in_force() -> None:
    for name in (*FIELDS, *needs.KINDS):
        assert f"`{name}`" in CHAPTER.text, name
    assert f"at least {compare.ACTIVE} works" in CHAPTER.text
    assert compare.QUIET == 0.5
    assert "less than half" in CHAPTER.text
    assert f"windows of {compare.DAYS} days" in CHAPTER.text
