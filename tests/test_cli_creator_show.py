"""``kolbench creator show`` tells, as text and as JSON, what the first sections of the file on the screen tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kolbench.domain.clock import now
from kolbench.programme.rule_sets import example
from kolbench.screens.file.business import BusinessPart
from kolbench.screens.file.overview import OverviewPart
from kolbench.screens.file.part import Whose
from kolbench.store import enrolments, notes
from kolbench.store.connect import Store

if TYPE_CHECKING:
    from commands import Commands

WRITTEN = (
    "brief new Tea --purpose activate",
    "brief decide Tea agreed 1",
    "rules apply rules.toml",
    "creator assign 1 --to li",
    "creator tag kitchen 1",
    "creator need 1 money",
    "creator date 1 birthday 06-05",
    "creator note 1 oolong",
    "agreement new 1 --title Spring --gives films --gets money --ends 2026-06-30",
    "agreement sign 1",
    "agreement new 1 --title Autumn --gives posts --gets money",
    "incentive grant 1 points 50 --reason answers",
    "incentive grant 1 cash 20.00CNY",
    "incentive reverse 2 --reason returned",
    "rules ack 1 --channel wechat",
    "violation add 1 spam --text advert --evidence https://example.org --on 2026-05-20",
    "sanction apply 1",
    "violation add 1 spam --text another --evidence https://example.org --on 2026-05-21",
)
LATER = {
    "label", "authority", "authenticity", "score", "confidence", "stage", "grade", "next_step", "follow_ups",
    "last_contact", "agreements", "points", "incentives", "violations", "acknowledgements",
}  # fmt: skip


@pytest.fixture
def known(sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The sample, with something of everything about its first person."""
    monkeypatch.chdir(tmp_path)
    Path("rules.toml").write_text(example(), encoding="utf-8")
    for line in WRITTEN:
        ran = sampled(*line.split())
        assert ran.code == 0, (line, ran.err)
    with_store(tmp_path, lambda store: notes.touch(store, 1, "li", channel="wechat", outcome="interested"))
    assert sampled("queue", "refresh").code == 0
    return sampled


def with_store(folder: Path, do: Any) -> Any:
    """What a function says of the store."""
    store = Store.open(folder / "kolbench.db")
    try:
        return do(store)
    finally:
        store.close()


def told(known: Commands) -> dict[str, Any]:
    """The person for programs."""
    found: dict[str, Any] = known("creator", "show", 1, "--json").json
    return found


def test_the_text_says_whatever_the_overview_and_the_business_section_say(known: Commands, tmp_path: Path) -> None:
    def lines(store: Store) -> list[tuple[Any, str]]:
        assert not enrolments.of(store, 1)
        whose = Whose(store, 1, None, now())
        items = [item for part in (OverviewPart(), BusinessPart()) for item in part.load(whose).items]
        return [(item.key, item.cells[1]) for item in items if item.key != ("hint",)]

    text = known("creator", "show", 1).out
    items = with_store(tmp_path, lines)
    assert {key[0] for key, _text in items} >= {
        "label", "score", "stage", "grade", "owner", "tags", "decision", "agreement", "step", "date", "touch", "needs",
        "note", "points", "incentive", "rules", "violation",
    }  # fmt: skip
    for key, line in items:
        assert line in text, key


def test_the_text_says_since_when_until_when_and_what_followed(known: Commands) -> None:
    lines = known("creator", "show", 1).out.splitlines()
    for line in (
        "Stage: Early · placed · since 2026-06-01",
        "Agreement: Spring · signed until 2026-06-30",
        "Agreement: Autumn · drafted",
        "Balance: 50 points",
        "Last contact: WeChat: interested (li, 2026-06-01)",
    ):
        assert line in lines
    for beginning, end in (
        ("Note: oolong", "2026-06-01)"),
        ("Violation: spam (minor): advert · A friendly reminder of the rule · ", "2026-05-20"),
        ("Violation: spam (minor): another · nothing was decided yet", "2026-05-21"),
        ("cash, reversed: ", "2026-06-01)"),
    ):
        assert [line for line in lines if line.startswith(beginning) and line.endswith(end)], (beginning, lines)


def test_programs_are_told_all_of_it_behind_what_they_were_told_before(known: Commands) -> None:
    found = told(known)
    assert set(list(found)[-len(LATER) :]) == LATER
    candidate = next(one for one in known("candidates", "--limit", 5_000, "--json").json if one["creator_id"] == 1)
    assert (found["label"], found["score"]) == (candidate["kind"], candidate["score"])
    assert (found["authority"], found["authenticity"]) == (
        candidate["authority_score"],
        candidate["authenticity_score"],
    )
    (stage,) = known("creator", "stage", 1, "--json").json
    assert found["stage"] == {**stage, "title": "Early"}
    assert found["follow_ups"][0] == found["next_step"]
    assert [one["due_at"] for one in found["follow_ups"]] == sorted(one["due_at"] for one in found["follow_ups"])
    assert (found["last_contact"]["channel"], found["last_contact"]["outcome"]) == ("wechat", "interested")
    assert [(one["title"], one["state"], one["ends_on"]) for one in found["agreements"]] == [
        ("Spring", "signed", "2026-06-30"),
        ("Autumn", "draft", None),
    ]
    assert found["points"] == 50
    assert [(one["kind"], one["amount"]) for one in found["incentives"]] == [
        ("cash", -2000), ("cash", 2000), ("points", 50),
    ]  # fmt: skip
    assert [(one["text"], one["applied"]) for one in found["violations"]] == [("another", None), ("advert", "reminder")]
    assert [(one["version"], one["channel"]) for one in found["acknowledgements"]] == [(1, "wechat")]


def test_accounts_are_told_with_their_newest_followers_and_since_when_that_is_known(known: Commands) -> None:
    (account, *_rest) = told(known)["accounts"]
    assert list(account)[-3:] == ["followers", "followers_pm", "followers_at"]
    assert account["followers"] > 0
    header, line = (
        one for one in known("creator", "show", 1).out.splitlines() if "followers" in one or account["url"] in one
    )
    assert header.split() == ["platform", "handle", "name", "followers", "seen", "url"]
    assert account["followers_at"][:10] in line


def test_of_whom_nothing_is_known_nothing_is_made_up(sampled: Commands) -> None:
    found = sampled("creator", "show", 2, "--json").json
    for name in ("stage", "grade", "last_contact", "points"):
        assert found[name] is None
    for name in ("agreements", "incentives", "violations", "acknowledgements"):
        assert found[name] == []
    text = sampled("creator", "show", 2).out
    assert "Last contact: none yet" in text
    assert "Balance" not in text
