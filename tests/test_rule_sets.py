"""Rule sets: what can be written, what is wrong named all at once, conditions alike in SQL and in words, versions."""

from __future__ import annotations

import inspect
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import figures, standing
from kolbench.domain import conditions
from kolbench.domain.errors import UsageError
from kolbench.domain.rule_sets import SEVERITIES, Ladder, parse, plain, propose
from kolbench.programme import rule_sets as writing
from kolbench.store import decisions, rule_sets

if TYPE_CHECKING:
    from kolbench.store.connect import Store

EXAMPLE = tomllib.loads(writing.example())


def changed(**facts: Any) -> dict[str, Any]:
    return {**plain(parse(EXAMPLE)), **facts}


def test_the_example_can_be_applied_and_read_back() -> None:
    rules = parse(EXAMPLE)
    assert [one.name for one in rules.stages] == ["early", "mid", "late", "lapsed"]
    assert parse(plain(rules)) == rules
    for name in conditions.METRICS:
        assert f"#   {name}: " in writing.example()


def test_every_mistake_is_named_with_its_setting_and_what_is_expected() -> None:
    with pytest.raises(UsageError) as raised:
        parse(
            {
                "nam": "x",
                "demote_every": "fortnight",
                "stages": [{"name": "early", "enter": "works >= 8"}, {"title": "?"}, "late"],
                "rules": [{"id": "spam", "severity": "mild", "text": "No."}],
            }
        )
    assert str(raised.value).splitlines() == [
        "nam: there is no such setting. Do you mean name? Those there are: "
        + ", ".join(plain(parse({"name": "x"})))
        + ".",
        "name: it is missing; write a text in quotes.",
        'demote_every: write one of day, week, month, quarter, never, not "fortnight".',
        'stages[1].enter: write a list in brackets, such as ["tea"], not "works >= 8".',
        "stages[2].name: it is missing; write a text in quotes.",
        'stages[3]: write settings with values, not "late".',
        'rules[1].severity: write one of minor, serious, grave, not "mild".',
    ]


def test_every_value_that_cannot_be_meant_is_named() -> None:
    with pytest.raises(UsageError) as raised:
        parse(
            {
                "name": " \x1b[2J ",
                "acknowledge_days": -1,
                "stages": [
                    {"name": "early", "stay": ["works >= 1"]},
                    {"name": "mid", "enter": ["wroks >= 8", "works >= many"], "at_once": 0},
                    {"name": "mid", "enter": ["kind > koc"], "playbook": [{"id": "a", "text": ""}]},
                    {"name": "out", "aside": True},
                    {"name": "off", "aside": True, "enter": ["works"]},
                ],
                "rules": [{"id": "spam", "severity": "minor", "text": "No."}],
                "ladder": {"grave": ["rope"]},
            }
        )
    said = str(raised.value)
    for line in (
        "name: give the rules a name.",
        "acknowledge_days: write a whole number from 0 to 36500.",
        "stages: 'mid' is there twice.",
        "stages.early.stay: nobody can be demoted from the first one; leave it out.",
        "stages.mid.enter: 'wroks' is not measured. Do you mean works?",
        "stages.mid.enter: 'many' is no number: write one such as 8, 5%, 10k or 1万.",
        "stages.mid.enter: 'kind' is a word: write kind = or != and one of them.",
        "stages.mid.at_once: write a whole number from 1 to",
        "stages.mid.playbook.a.text: write a sentence.",
        "stages: only one can be aside, not out, off.",
        "stages.out: a stage that is aside needs 'enter', and has no 'stay'.",
        "stages.off.enter: write a condition such as 'works >= 8', not 'works'.",
        "ladder.minor: say what follows from breaking spam.",
        "ladder.grave: there is no sanction 'rope'. Those there are: none yet.",
    ):
        assert line in said, line


def test_a_wrong_shape_hides_no_other_mistake() -> None:
    with pytest.raises(UsageError) as raised:
        parse(
            {
                "demote_every": "fortnight",
                "stages": [
                    {"name": "early", "enter": ["foo >= 1"]},
                    {"name": "mid", "stuck_days": "x", "stay": ["foo >= 2"], "playbook": [{"id": "a", "text": ""}, 3]},
                    "late",
                ],
                "grades": [{"name": "koc", "enter": ["foo >= 3"]}],
                "rules": [{"id": "spam", "severity": "mild", "text": "No."}],
                "ladder": {"minor": ["rope"], "remember_days": 0},
            }
        )
    said = [line.partition(":")[0] for line in str(raised.value).splitlines()]
    assert said == [
        "name",
        "demote_every",
        "stages[2].stuck_days",
        "stages[2].playbook[2]",
        "stages[3]",
        "rules[1].severity",
        "stages.early.enter",
        "stages.mid.stay",
        "grades.koc.enter",
        "stages.mid.playbook.a.text",
        "ladder.remember_days",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("followers >= 10k", 10_000), ("growth>5%", 0.05), ("followers < 1.5万", 15_000), ("works != -3", -3)],
)
def test_numbers_are_read_as_operators_write_them(text: str, value: float) -> None:
    ((test,),) = (conditions.parse(text).tests,)
    assert test.value == value


NAMES = ("works", "growth", "kind", "voice")
TESTS = st.one_of(
    st.tuples(
        st.sampled_from(["works", "growth", "voice"]), st.sampled_from([">=", "<=", "!=", ">", "<", "="]),
        st.sampled_from(["0", "1", "5%", "0.5", "2k", "-1"]),
    ),
    st.tuples(st.just("kind"), st.sampled_from(["=", "!="]), st.sampled_from(["kol", "koc"])),
).map(" ".join)  # fmt: skip
CONDITIONS = st.lists(st.lists(TESTS, min_size=1, max_size=3).map(" or ".join), max_size=3)
FIGURES = st.fixed_dictionaries(
    {
        "works": st.none() | st.integers(-1, 2_000),
        "growth": st.none() | st.sampled_from([0.0, 0.05, 0.5, -1.0]),
        "voice": st.none() | st.integers(0, 1),
        "kind": st.none() | st.sampled_from(["kol", "koc", "both"]),
    }
)


@settings(max_examples=150, deadline=None)
@given(texts=CONDITIONS, known=FIGURES)
def test_sql_and_words_agree_also_on_what_is_not_known(
    shared_store: Store, texts: list[str], known: dict[str, Any]
) -> None:
    asked = [conditions.parse(text) for text in texts]
    columns = ", ".join(f'? AS "{name}"' for name in NAMES)
    query = f"SELECT {conditions.sql(asked)} FROM (SELECT {columns})"
    (found,) = shared_store.reader().execute(query, [known[name] for name in NAMES]).fetchone()
    each = [conditions.holds(one, known) for one in asked]
    expected = False if False in each else None if None in each else True
    assert (None if found is None else bool(found)) is expected


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    opened = make.store(tmp_path_factory.mktemp("rules"))
    yield opened
    opened.close()


def test_every_metric_is_a_figure_of_each_person(store: Store) -> None:
    people = make.people(store, 2)
    standing.refresh(store)
    query = figures.sql("SELECT creator_id FROM standing", conditions.METRICS)
    rows = store.reader().execute(query, {"at": make.ms()})
    assert [column[0] for column in rows.description] == ["creator_id", *conditions.METRICS]
    assert sorted(row[0] for row in rows.fetchall()) == people


# The ladder of sanctions -------------------------------------------------------------------------------------


def test_what_follows_is_told_by_severity_and_how_often_and_by_nothing_else() -> None:
    assert list(inspect.signature(propose).parameters) == ["ladder", "severity", "earlier"]
    ladder = parse(EXAMPLE).ladder
    assert [propose(ladder, "minor", n) for n in range(6)] == [
        "reminder", "warning", "pause", "exclusion", "exclusion", "exclusion",
    ]  # fmt: skip
    assert [propose(ladder, severity, 0) for severity in SEVERITIES] == ["reminder", "warning", "pause"]
    with pytest.raises(UsageError, match="say nothing of what follows from 'grave'"):
        propose(Ladder(), "grave", 0)


# Versions, texts, acknowledgements ---------------------------------------------------------------------------


def test_a_chinese_text_counts_and_lists_as_chinese_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", "zh_CN")
    rule = {"severity": "minor", "text": "No."}
    ladder = {"minor": ["word", "leave"]}
    sanctions = [{"name": name, "text": name} for name in ladder["minor"]]
    rules = parse({"name": "x", "rules": [{"id": i, **rule} for i in "ab"], "sanctions": sanctions, "ladder": ladder})
    lines = writing.text(rules, 1, "zh_CN").splitlines()
    assert "违反1、2的后果：" in lines
    assert "  1. word" in lines


def test_each_applied_set_is_a_version_and_the_same_one_changes_nothing(store: Store) -> None:
    assert rule_sets.in_force(store) is None
    with pytest.raises(UsageError, match="No rules are in force yet"):
        rule_sets.require(store)
    assert rule_sets.save(store, parse(EXAMPLE), "eve") == 1
    assert rule_sets.save(store, parse(EXAMPLE), "dan") == 1
    assert rule_sets.save(store, parse(changed(demote_every="week")), "dan", base=1) == 2
    assert [(one.version, one.author, one.text_version) for one in rule_sets.versions(store)] == [
        (2, "dan", 1),
        (1, "eve", 1),
    ], "who was told version 1 knows what version 2 tells"
    with pytest.raises(UsageError, match="dan applied version 2 meanwhile"):
        rule_sets.save(store, parse(changed(demote_every="day")), "eve", base=1)
    assert rule_sets.save(store, parse(changed(intro="Hello.")), "eve") == 3
    assert rule_sets.require(store).text_version == 3
    with pytest.raises(UsageError, match="no version 9"):
        rule_sets.require(store, 9)


def test_what_differs_is_told_by_names_and_not_by_places() -> None:
    stages = plain(parse(EXAMPLE))["stages"]
    stages[1]["enter"] = ["works >= 9"]
    found = writing.differences(parse(EXAMPLE), parse(changed(stages=[stages[0], *stages[1:3]], name="Ours")))
    told = {one.setting: (one.before, one.after) for one in found}
    assert told["name"] == ("House rules", "Ours")
    assert told["stages.mid.enter"][1] == ["works >= 9"]
    assert told["stages"] == (["early", "mid", "late", "lapsed"], ["early", "mid", "late"])
    assert told["stages.lapsed.aside"] == (True, None)
    assert "stages.early.playbook.package.text" not in told
    assert writing.differences(parse(EXAMPLE), parse(EXAMPLE)) == []


def test_the_text_to_send_is_in_the_language_asked_for_where_it_is_there() -> None:
    rules = parse(EXAMPLE)
    english, chinese = writing.text(rules, 3, "en"), writing.text(rules, 3, "zh_CN")
    assert "House rules, version 3" in english
    assert "2. No advertising in our communities" in english
    assert "  from the 4. on: The cooperation ends." in english
    assert "2. 未经同意不在社群内发广告。" in chinese
    bare = parse({"name": "x", "rules": [{"id": "a", "severity": "minor", "text": "Be kind."}],
                  "sanctions": [{"name": "no", "text": "No."}], "ladder": {"minor": ["no"]}})  # fmt: skip
    assert "1. Be kind." in writing.text(bare, 1, "zh_CN")


def test_who_has_acknowledged_what_is_told_is_known_and_who_has_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bea, cat = make.people(store, 3)
    tea = make.brief(store)
    monkeypatch.setenv("KOLBENCH_NOW", "2026-06-01T12:00:00+00:00")
    rule_sets.save(store, parse(EXAMPLE), "eve")
    decisions.decide(store, tea, [ann, bea], "agreed", "eve")
    assert rule_sets.acknowledge(store, [ann], "wechat", "eve") == [ann]
    assert rule_sets.acknowledge(store, [ann], "email", "eve") == [], "once is enough"
    assert [one.creator_id for one in rule_sets.unaware(store)] == [bea], "cat takes no part"
    rule_sets.save(store, parse(changed(demote_every="week")), "eve")
    assert [one.creator_id for one in rule_sets.unaware(store)] == [bea], "what they are told is the same"
    monkeypatch.setenv("KOLBENCH_NOW", "2026-06-03T12:00:00+00:00")
    rule_sets.save(store, parse(changed(intro="New.")), "eve")
    waiting = {one.creator_id: one.version for one in rule_sets.unaware(store)}
    assert waiting == {ann: 1, bea: None}
    assert [(one.version, one.channel) for one in rule_sets.acknowledgements(store, ann)] == [(1, "wechat")]
    with pytest.raises(UsageError, match="by which channel"):
        rule_sets.acknowledge(store, [cat], " ", "eve")
