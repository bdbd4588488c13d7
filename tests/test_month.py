"""A month of an operator's life, played through the real terminal by the keys that an operator presses.

Files come in, people are chosen, written to by a sequence, and answer: one refuses, one never answers, one is away, one
isn't reached by that way, and one signs, breaks a rule, is rewarded, falls silent and is won back. The same story is
played on generated files and, where they are, on real ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import month
from commands import Commands
from month import AUTHOR, Desk, Material, Workbench
from programme_scene import ORDERS_REWARD

BRIEF = "好物分享官"
SOP = "初次联系"
REASON = "全是广告，不合适"

SEQUENCE = """
name = "初次联系"
a_week = 3
quiet = "22:00-08:00"

[[plans]]
name = "微信联系"

[[plans.steps]]
channel = "wechat"
template = "你好"
days = 0

[[plans.steps]]
channel = "dm"
template = "你好"
days = 3

[[plans]]
name = "找人引荐"

[[plans.steps]]
channel = "broker"
days = 4
note = "问问群主认不认识"
"""

RULES = """
name = "分享官守则"
demote_every = "month"
acknowledge_days = 7

[[stages]]
name = "early"
title_zh = "前期"
enter = ["agreed >= 1"]

[[stages]]
name = "lapsed"
title_zh = "流失"
aside = true
enter = ["days_silent >= 14"]

[[rules]]
id = "spam"
severity = "minor"
text = "No advertising that was not agreed on."
text_zh = "未经同意不在社群内发广告。"

[[sanctions]]
name = "reminder"
text = "A friendly reminder of the rule."
text_zh = "友好提醒。"

[[sanctions]]
name = "warning"
text = "A written warning."

[ladder]
minor = ["reminder", "warning"]
remember_days = 365
"""

THEIR_STORY = (
    "秋季分享, version 1: ended",
    "lapsed",
    "cash: 50.00 CNY",
    "第一条开箱, due on 2016-10-24",
    "spam (minor): 在群里发了",
    "early",
    "秋季分享, version 1: signed",
    "direct message, from us: agr",
    "初次联系: said yes",
    "初次联系 began",
    "好物分享官: shortlisted",
)
"""What the file of the one who signed tells, the newest first."""

SETTINGS = """
start = "follow_ups"

[rules.first-contact]
enabled = false

[rules.new-koc]
enabled = false

[rules.stale-data]
enabled = false
"""


@pytest.fixture(params=["made", "real"])
def material(request: pytest.FixtureRequest, tmp_path: Path) -> Material:
    """The files of the month: generated ones, and real ones where they are."""
    if request.param == "real":
        return month.real(request.getfixturevalue("shared_data"), tmp_path)
    return month.made(tmp_path)


@pytest.fixture
def desk(tmp_path: Path, kolbench: Commands, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An operator's desk with a terminal of 120 by 40."""
    yield from month.desk(tmp_path, kolbench, monkeypatch, (120, 40))


def test_a_month_of_an_operator(desk: Desk, material: Material) -> None:
    story = Story(desk, material)
    for day in DAYS:
        day(story)


def test_its_first_days_in_a_small_terminal(
    tmp_path: Path, kolbench: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextmanager(month.desk)(tmp_path, kolbench, monkeypatch, (80, 24)) as desk:
        story = Story(desk, month.made(tmp_path))
        for day in DAYS[:4]:
            day(story)


class Story:
    """What the days of the month know in common."""

    def __init__(self, desk: Desk, material: Material) -> None:
        self.desk = desk
        self.material = material
        self.cast = material.cast

    def asked(self, name: str) -> dict[str, dict[str, Any]]:
        """What the queue asks for about a person, by rule; also what still waits for their answer."""
        found = self.desk.run("queue", "--due", "all", "--limit", 1_000)
        return {row["rule"]: row for row in found if row["name"] == name}

    def waiting(self) -> list[int]:
        """All that is open in the queue."""
        return sorted(row["follow_up_id"] for row in self.desk.run("queue", "--due", "all", "--limit", 1_000))

    def until_open(self, bench: Workbench, n: int) -> None:
        """Wait until so many are open."""
        bench.until(lambda: self.desk.count("follow_up WHERE state = 'open'") == n)

    def state(self, name: str) -> str:
        """How the person's sequence stands."""
        shown = self.desk.run("sequence", "show", SOP)
        return next(str(one["state"]) for one in shown["people"] if one["name"] == name)

    def outcomes(self, name: str) -> list[str]:
        """What came of the contacts with a person, the oldest first."""
        told = self.desk.run("creator", "timeline", name, "--kind", "touchpoint")["entries"]
        return [entry["facts"]["outcome"] for entry in reversed(told)]

    def states(self) -> dict[str, str]:
        """What was decided about whom for the brief."""
        rows = [
            self.desk.run("candidates", "--brief", BRIEF, "--state", one)
            for one in ("shortlisted", "rejected", "agreed")
        ]
        return {
            row["name"]: state for state, found in zip(("shortlisted", "rejected", "agreed"), rows) for row in found
        }


def only(bench: Workbench, name: str) -> None:
    """Narrow the list in sight to one person."""
    if "[“" in bench.text:
        bench.press("\x1b")
        bench.gone("[“")
    bench.press(f"/{name}\r", f"[“{name[:4]}")


def first(bench: Workbench, name: str) -> None:
    """Narrow the queue to one person and wait for their first line."""
    only(bench, name)
    shown = re.compile(rf"❯.*({re.escape(name)}|{re.escape(name[:5])}\S*…)")  # a narrow column cuts it
    bench.until(lambda: any(shown.search(row) for row in bench.rows))


def done(story: Story, bench: Workbench, name: str, digit: str, copied: str = "") -> None:
    """Deal with the first follow-up of a person, in three keys once it is found: copy, done, what came of it."""
    first(bench, name)
    if copied:
        before = len(bench.copied)
        bench.press("y")
        bench.until(lambda: len(bench.copied) > before)
        assert bench.copied[-1] == copied
    closed = story.desk.count("follow_up WHERE state = 'done'")
    bench.press(f"d{digit}")
    bench.until(lambda: story.desk.count("follow_up WHERE state = 'done'") == closed + 1)


def contact(story: Story, bench: Workbench, name: str, digit: str) -> None:
    """Write down a contact with a person of the queue: what came of it."""
    first(bench, name)
    known = story.desk.count("touchpoint")
    bench.press(f"e{digit}")
    bench.until(lambda: story.desk.count("touchpoint") == known + 1)


def file(bench: Workbench, name: str) -> None:
    """Open a person's file from the list of everybody."""
    bench.press("1", "by score")
    first(bench, name)
    bench.press("\r", " O Overview ")


# The days.


def files_come_in(story: Story) -> None:
    """14 October: a table and a group's export are imported by keys; a brief is written, and people are chosen."""
    cast, material = story.cast, story.material
    with story.desk.day("2016-10-14 10:00") as bench:
        bench.shows("There is nobody in this store yet")
        bench.press("i", "Import a file")
        bench.press(f"{material.table}\r", "Which platform")
        bench.press("douyin\r", "Change the role", "counts as of")
        bench.press("a2016-10-01\r", "counts as of 2016-10-01")
        bench.press("y", f"done: {material.people:,} new")
        bench.press("i", "Import a file")
        bench.press(f"{material.export('2016-10-13')}\r", "knows how to read it")
        bench.press("y", "2 sources", "0 rejected")
        bench.press("1", " creators")
        bench.press("b", "write a new brief")
        bench.press(f"j\r\r{BRIEF}\rj\r2j\r5\r", "❯ People wanted            5")
        bench.press("s", f"[{BRIEF}, activate]", "0 of 5 shortlisted")
        for n, name in enumerate(cast.wanted, 1):
            first(bench, name)
            bench.press("a", f"{n} of 5 shortl")
        first(bench, cast.is_rejected)
        bench.press(f"x{REASON}\r", "rejected")
        bench.gone("why?")
    assert story.states() == dict.fromkeys(cast.wanted, "shortlisted") | {cast.is_rejected: "rejected"}
    told = story.desk.run("creator", "show", cast.is_rejected)["decisions"]
    assert REASON in str(told)


def a_sequence_begins(story: Story) -> None:
    """The same evening: the five are in the queue with a script each; four are written to, one can't be reached."""
    desk, cast = story.desk, story.cast
    desk.at("2016-10-14 20:00")
    (desk.folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    (desk.folder / "sop.toml").write_text(SEQUENCE, encoding="utf-8")
    desk.run("template", "add", "你好", "--text", "你好 {{ name }}，我是{{ operator }}，想请你做分享官。")
    desk.run("sequence", "new", "--file", desk.folder / "sop.toml")
    desk.run("sequence", "enrol", SOP, "--brief", BRIEF)
    with desk.day("2016-10-14 20:00") as bench:
        bench.shows("all open 5")
        for name in cast.wanted:
            script = f"你好 {name}，我是{AUTHOR}，想请你做分享官。"
            done(story, bench, name, "9" if name == cast.has_moved else "2", script)
    assert [story.outcomes(name) for name in cast.wanted] == [["sent"]] * 4 + [["wrong_contact"]]
    assert story.asked(cast.has_moved)["sequence-step"]["channel"] == "dm", "another way at once"


def they_answer(story: Story) -> None:
    """16 October: one agrees, one refuses for good, a machine answers for one, one answers by the other channel."""
    desk, cast = story.desk, story.cast
    with desk.day("2016-10-16 10:00") as bench:
        bench.shows("awaiting reply 4")
        contact(story, bench, cast.signs, "2")
        contact(story, bench, cast.is_away, "0")
        done(story, bench, cast.has_moved, "4", f"你好 {cast.has_moved}，我是{AUTHOR}，想请你做分享官。")
        contact(story, bench, cast.refuses, "6")
        file(bench, cast.refuses)
        bench.press("C", "consent not known")
        bench.press("+", "2 Do not contact")
        bench.press("21别再联系我了\r\r", "no contact at all: 别再联系我了")
    desk.run("sequence", "pause", cast.is_away, "--until", "2016-10-24", "--reason", "自动回复：出差中")
    assert story.state(cast.signs) == "accepted"
    assert story.state(cast.refuses) == "declined"
    assert story.state(cast.has_moved) == "replied"
    assert story.state(cast.is_away) == "paused"
    assert story.state(cast.never_answers) == "active"
    assert not story.asked(cast.refuses)
    assert story.asked(cast.never_answers)["sequence-step"]["channel"] == "dm"


def it_is_signed(story: Story) -> None:
    """18 October: an agreement with something to deliver, and the rules. Who doesn't answer is asked again."""
    desk, cast = story.desk, story.cast
    desk.at("2016-10-18 10:00")
    (desk.folder / "rules.toml").write_text(RULES, encoding="utf-8")
    terms = ("--gives", "每周两条分享", "--gets", "10% 分成", "--basis", "share", "--ends", "2017-03-31")
    agreement = desk.run("agreement", "new", cast.signs, "--title", "秋季分享", "--brief", BRIEF, *terms)["id"]
    desk.run("agreement", "offer", agreement)
    desk.run("agreement", "sign", agreement)
    desk.run("agreement", "deliverable", agreement, "第一条开箱", "--due", "2016-10-24")
    desk.run("rules", "apply", desk.folder / "rules.toml")
    with desk.day("2016-10-18 21:00") as bench:
        bench.shows("all open ")
        done(story, bench, cast.never_answers, "2", f"你好 {cast.never_answers}，我是{AUTHOR}，想请你做分享官。")
        file(bench, cast.signs)
        bench.press("B", "秋季分享 · signed until 2017-03-31", "第一条开箱", "early")
    assert story.states()[cast.signs] == "agreed"
    assert story.outcomes(cast.never_answers) == ["sent", "sent"]


def a_rule_is_broken(story: Story) -> None:
    """20 October: what happened is written down with what shows it, and what follows is what the rules say."""
    desk, cast = story.desk, story.cast
    desk.at("2016-10-20 10:00")
    shown = ("--text", "在群里发了竞品广告", "--evidence", "https://example.org/spam.png")
    violation = desk.run("violation", "add", cast.signs, "spam", *shown)
    assert desk.run("sanction", "propose", violation["id"])
    desk.run("sanction", "apply", violation["id"])
    with desk.day("2016-10-20 11:00") as bench:
        bench.shows("all open ")
        file(bench, cast.signs)
        bench.press("B", "在群里发了竞品广告")
        bench.press("T", "在群里发了竞品广告")


def another_way(story: Story) -> None:
    """23 October: twice without an answer, the sequence goes on with its other plan, and then it is at its end."""
    desk, cast = story.desk, story.cast
    with desk.day("2016-10-23 21:00") as bench:
        bench.shows("all open ")
        first(bench, cast.never_answers)
        bench.shows("找人引荐")
        done(story, bench, cast.never_answers, "6")
    assert story.state(cast.never_answers) == "finished"


def it_is_late(story: Story) -> None:
    """26 October: who was away is back. What is late is delivered, and the rules are acknowledged: both asked once."""
    desk, cast = story.desk, story.cast
    with desk.day("2016-10-26 21:00") as bench:
        bench.shows("all open ")
        done(story, bench, cast.is_away, "4", f"你好 {cast.is_away}，我是{AUTHOR}，想请你做分享官。")
        first(bench, cast.signs)
        assert bench.lines("第一条开箱")
        file(bench, cast.signs)
        bench.press("B", "第一条开箱")
        bench.press("jj", "❯   they owe us")
        bench.press("\r", "Delivered on")
        bench.press("today\rhttps://example.org/kaixiang\r", "https://example.org/kaixiang")
    assert story.state(cast.is_away) == "replied"
    assert {"deliverable-overdue", "rule-not-acknowledged"} <= story.asked(cast.signs).keys()
    desk.run("rules", "ack", cast.signs, "--channel", "wechat")


def it_is_rewarded(story: Story) -> None:
    """28 and 31 October: who earned it by a rule gets it once it is confirmed, and is asked about meanwhile."""
    desk, cast = story.desk, story.cast
    desk.at("2016-10-28 10:00")
    (desk.folder / "rewards.toml").write_text(ORDERS_REWARD, encoding="utf-8")
    earned = desk.folder / "orders.csv"
    earned.write_text(
        f"creator,orders\n{desk.run('creator', 'show', cast.signs)['creator_id']},120\n", encoding="utf-8"
    )
    (proposal,) = desk.run("incentive", "propose", desk.folder / "rewards.toml", "--counts", earned)["proposals"]
    with desk.day("2016-10-31 10:00") as bench:
        bench.shows("all open ")
        # What was delivered and acknowledged asks no more.
        bench.until(lambda: desk.open_rules(cast.signs) == {"reward-due"})
        first(bench, cast.signs)
    desk.run("incentive", "confirm", proposal["proposal_id"])
    with desk.day("2016-10-31 10:05") as bench:
        bench.shows("all open ")
        bench.until(lambda: not desk.open_rules(cast.signs))
        file(bench, cast.signs)
        bench.press("B", "50.00 CNY")
    assert [one["amount"] for one in desk.run("incentive", "list", "--creator", cast.signs)] == [5_000]


def they_fall_silent(story: Story) -> None:
    """4 November: the group's next export has nothing of theirs. The queue says so, and the agreement is ended."""
    desk, cast = story.desk, story.cast
    with desk.day("2016-11-04 10:00") as bench:
        bench.shows("all open ")
        bench.press("i", "Import a file")
        bench.press(f"{story.material.export('2016-11-03')}\r", "knows how to read it")
        bench.press("y", "done: ")
        bench.press("3", "all open ")
        bench.until(lambda: {"silent", "output-falling"} <= desk.open_rules(cast.signs))
        first(bench, cast.signs)
        bench.shows("Silent 1")
        bench.shows("works a week since they signed")
        for _rule in ("silent", "output-falling"):
            done(story, bench, cast.signs, "6")
    desk.at("2016-11-04 11:00")
    (agreement,) = desk.run("agreement", "list")
    desk.run("agreement", "end", agreement["id"], "--reason", "三周没有消息")
    assert not {"silent", "output-falling"} & story.asked(cast.signs).keys(), "what was done never comes back"


def they_are_won_back(story: Story) -> None:
    """13 November: the queue asks to win them back. It is worked to empty, all of it taken back, and done again."""
    desk, cast = story.desk, story.cast
    with desk.day("2016-11-13 20:00") as bench:
        bench.until(lambda: "win-back" in desk.open_rules(cast.signs))
        waiting = story.waiting()
        first(bench, cast.signs)
        bench.shows("'秋季分享' ended 9 days ago")
        bench.press("\x1b")
        bench.gone("[“")
        kept = (desk.count("touchpoint"), desk.count("follow_up WHERE state = 'done'"))
        bench.press("d2" * len(waiting), "Nobody waits for you.", "all open 0")
        story.until_open(bench, 0)
        assert desk.count("touchpoint") == kept[0] + len(waiting)
        for n, _taken_back in enumerate(waiting, 1):
            bench.press("u")
            story.until_open(bench, n)
        assert story.waiting() == waiting
        assert (desk.count("touchpoint"), desk.count("follow_up WHERE state = 'done'")) == kept
        bench.gone("Nobody waits for you.")
        bench.press("d2" * len(waiting), "Nobody waits for you.", "all open 0")
    assert not story.waiting()


def the_file_tells_it(story: Story) -> None:
    """The next morning: an act of yesterday is taken back when asked twice, and the file tells all in its order."""
    desk, cast = story.desk, story.cast
    with desk.day("2016-11-14 08:00") as bench:
        bench.shows("all open ")
        bench.press("u", "Not done in this session")
        bench.press("u", "Taken back")
        file(bench, cast.signs)
        bench.press("T", *THEIR_STORY)
        places = [next(n for n, row in enumerate(bench.rows) if text in row) for text in THEIR_STORY]
        assert places == sorted(places), bench.text
    assert desk.run("audit") == [], "everybody was treated alike"
    assert not story.asked(cast.refuses), "who refused was never asked again"
    told = desk.run("creator", "timeline", cast.refuses, "--kind", "touchpoint")["entries"]
    assert [entry["at"][:10] for entry in told] == ["2016-10-16", "2016-10-14"]


DAYS = (
    files_come_in,
    a_sequence_begins,
    they_answer,
    it_is_signed,
    a_rule_is_broken,
    another_way,
    it_is_late,
    it_is_rewarded,
    they_fall_silent,
    they_are_won_back,
    the_file_tells_it,
)
