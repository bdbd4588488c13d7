"""Scripts: what they may say, what is missing from one, and how their variants are chosen and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import standing
from kolbench.domain.errors import UsageError
from kolbench.domain.outcomes import answer
from kolbench.programme import responses, scripts, variables
from kolbench.store import changes, facts, needs, notes, tags, templates
from kolbench.store import responses as kept
from kolbench.store.templates import Variant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kolbench.store.connect import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = make.store(tmp_path)
    make.write(opened, make.person("ann", name="Ann", region="上海"), make.person("ben"))
    standing.refresh(opened)
    yield opened
    opened.close()


def rendered(text: str, **known: Any) -> scripts.Rendered:
    return scripts.render(scripts.check(text), known)


def test_a_script_says_what_the_file_knows(store: Store) -> None:
    ann = make.creator(store, "ann")
    facts.edit(store, ann, {"city": "Suzhou", "language": "中文"}, "me")
    needs.write(store, ann, "users", "me", detail="more readers")
    needs.write(store, ann, "brand", "me", strength=1)
    needs.add_offer(store, "A place in the weekly list", "users", "me")
    tags.tag(store, [ann], "tea", "me")
    known = variables.of(store, ann)
    assert known["name"], known["region"] == ("Ann", "上海")
    text = "{{ name }} of {{ city }}: {{ needs }}; {{ need_detail }}; {{ offer }}; {{ tags|join('+') }}"
    assert rendered(text, **known) == (
        "Ann of Suzhou: users, brand; more readers; A place in the weekly list; tea",
        (),
        "",
    )
    assert set(known) <= set(variables.VARIABLES)
    assert variables.languages(store, [ann]) == {ann: "zh"}


@pytest.mark.parametrize("interface", ["en", "zh_CN"])
def test_a_platform_is_called_as_the_scripts_language_calls_it(interface: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", interface)
    known = {"platform": "douyin", "platform_id": "douyin"}
    assert rendered("Your {{ platform }} videos", **known).text == "Your Douyin videos"
    assert rendered("你的{{ platform }}视频", **known).text == "你的抖音视频"
    assert rendered("{% if platform_id == 'douyin' %}Hi{% endif %}", **known).text == "Hi"
    assert rendered("Hi on {{ platform }}", platform="some-forum").text == "Hi on some-forum"


def test_what_is_missing_is_shown_by_name_and_never_sent(store: Store) -> None:
    known = variables.of(store, make.creator(store, "ben"))
    found = rendered(
        "Hi {{ name }} of {{ city|upper }}, {{ tags|join(', ') }}{% for one in needs %}{{ one }}{% endfor %}", **known
    )
    assert found.text == "Hi ben of ⟦CITY?⟧, ⟦tags?⟧⟦needs?⟧"
    assert found.missing == ("city", "tags", "needs")
    with pytest.raises(UsageError, match="city, tags, needs"):
        found.to_send()


def test_a_script_may_ask_whether_something_is_known() -> None:
    text = (
        "Hi{% if city %} in {{ city }}{% endif %}{% if followers > 1000 %}, star{% endif %} {{ work|default('there') }}"
    )
    assert rendered(text).to_send() == "Hi there"
    assert rendered(text, city="Xi'an", followers=2_000, work="Tea").to_send() == "Hi in Xi'an, star Tea"


def test_a_script_that_says_nothing_of_a_person_is_not_sent() -> None:
    with pytest.raises(UsageError, match="empty for this person"):
        rendered("{% if city %}Hello{% endif %}").to_send()


def test_what_cannot_be_filled_in_for_somebody_is_told_and_not_sent() -> None:
    found = rendered("Hi {% if name < 3 %}you{% endif %}", name="Ann")
    assert not found.complete
    with pytest.raises(UsageError, match="can't be filled in"):
        found.to_send()


def test_a_name_is_never_read_as_a_script() -> None:
    name = "{{ operator }}{% for a in tags %}<b>&amp;{# no #}"
    assert rendered("Hi {{ name }}", name=name, operator="me").text == f"Hi {name}"


HOSTILE = [
    "{{ ''.__class__ }}", "{{ name.__init__ }}", "{{ name.upper() }}", "{{ name['x'] }}", "{{ self }}",
    "{% for a in range(9999999) %}{% endfor %}", "{% for a in name %}{% endfor %}", "{{ 'a' * 99999999 }}",
    "{{ 9 ** 9999999 }}", "{% set a = name %}", "{% include '/etc/passwd' %}", "{% import 'os' as os %}",
    "{% extends 'x' %}", "{% macro f() %}{{ f() }}{% endmacro %}", "{{ lipsum }}", "{{ cycler }}",
    "{{ '%9999999d'|format(1) }}",
    "{% for a in tags recursive %}{{ loop(a) }}{% endfor %}", "{{ name|attr('upper') }}", "{{ tags|map('upper') }}",
    "{% for a in tags %}{% for a in tags %}{% for a in tags %}{% endfor %}{% endfor %}{% endfor %}",
    "{{" + "(" * 2_400 + "1" + ")" * 2_400 + "}}", "{{ " + "9" * 4_900 + " }}", "{{ name", "{% if %}", "{{ loop }}",
    "x" * 5_001,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:30])
def test_a_script_can_neither_run_on_nor_reach_beyond_the_facts(text: str) -> None:
    with pytest.raises(UsageError):
        rendered(text, name="Ann", tags=["a", "b"])


def test_a_script_that_grows_too_long_is_refused() -> None:
    joined = "{% for a in tags %}{% for b in tags %}{{ tags }}{% endfor %}{% endfor %}"
    with pytest.raises(UsageError, match="too long"):
        rendered(joined, tags=["x" * 100] * 20).to_send()
    nested = "{{ tags|join(tags|join(tags|join(tags|join(tags|join(tags))))) }}"
    assert len(rendered(nested, tags=["ab"] * 3).text) <= 3 * 2 + 2 * 20


def test_a_slip_in_a_variable_names_the_one_that_is_meant() -> None:
    with pytest.raises(UsageError, match=r"no variable 'nmae'\. Do you mean 'name'"):
        scripts.check("{{ nmae }}")


PIECES = [
    "{{", "}}", "{%", "%}", "{#", "#}", "name", "tags", "if", "endif", "for", "in", "endfor", "else", "loop", "first",
    "default", "not", "|", "(", ")", "'", "~", "<", ".", "1", ",", "\n",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(text=st.lists(st.sampled_from([*PIECES, " "]), max_size=30).map("".join), name=st.text(max_size=20))
def test_whatever_is_written_is_a_script_or_a_complaint(text: str, name: str) -> None:
    try:
        found = rendered(text, name=name, tags=[name])
    except UsageError:
        return
    assert len(found.text) <= scripts.LONGEST


def test_a_changed_text_is_another_version_and_what_was_sent_stays(store: Store) -> None:
    first = templates.add(store, "hello", "Hi {{ name }}", "en", "me")
    other = templates.add(store, "Hello", "Hello {{ name }}", "en", "me")
    second = templates.edit(store, first, "Hey {{ name }}", "me")
    template_id = templates.find(store, "hello")
    assert [(one.label, one.version, one.text) for one in templates.variants(store, template_id)] == [
        ("A", 2, "Hey {{ name }}"),
        ("B", 1, "Hello {{ name }}"),
    ]
    assert len(templates.variants(store, template_id, retired=True)) == 3
    assert templates.edit(store, second, "Hey {{ name }}", "me") == second
    with pytest.raises(UsageError, match="meanwhile"):
        templates.edit(store, first, "Ho", "you")
    with pytest.raises(UsageError, match="already"):
        templates.add(store, "hello", "Hi", "en", "me", label="B")
    assert templates.retire(store, template_id, "me", "b") == 1
    assert templates.add(store, "hello", "你好", "zh", "me") != other
    assert [one.label for one in templates.variants(store, template_id)] == ["A", "C"]
    changes.undo(store, "me")
    changes.undo(store, "me")
    assert [one.label for one in templates.variants(store, template_id)] == ["A", "B"]
    assert templates.retire(store, template_id, "me") == 2
    assert templates.listed(store) == []
    assert [one.name for one in templates.listed(store, retired=True)] == ["hello"]


def test_what_something_rests_on_cannot_be_taken_back(store: Store) -> None:
    variant_id = templates.add(store, "hello", "Hi", "en", "me")
    with store.writing() as db:
        db.execute(
            "INSERT INTO touchpoint (creator_id, at, direction, channel, author, variant_id) VALUES (?, 1, 'out', 'dm', 'you', ?)",  # noqa: E501
            (make.creator(store, "ann"), variant_id),
        )
    with pytest.raises(UsageError, match="rests on it"):
        changes.undo(store, "me")
    assert templates.variant(store, variant_id).text == "Hi"


def test_variants_take_turns_in_the_language_of_the_person() -> None:
    def one(variant_id: int, label: str, language: str) -> Variant:
        return Variant(variant_id, 1, "hello", label, 1, language, "", "me", 0, None)

    every, uses, turns = [one(1, "A", "en"), one(2, "B", "en"), one(3, "C", "zh")], {1: 1}, []
    for _turn in range(4):
        chosen = scripts.choose(every, uses, "en")
        assert chosen
        uses[chosen.id] = uses.get(chosen.id, 0) + 1
        turns.append(chosen.label)
    assert turns == ["B", "A", "B", "A"]
    chinese, french = scripts.choose(every, uses, "zh"), scripts.choose(every, uses, "fr")
    assert [one and one.label for one in (chinese, french)] == ["C", "C"]
    assert scripts.choose([], uses, "en") is None


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0)],
)
def test_a_rate_has_the_bounds_that_wilson_gives(n: int, of: int, low: float, high: float) -> None:
    found = responses.rate(n, of)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_no_cases_have_no_rate() -> None:
    assert responses.rate(0, 0) == (0, 0, None, None, None)


@pytest.mark.parametrize(
    ("direction", "outcome", "said"),
    [
        ("out", None, None), ("out", "no_answer", None), ("out", "unreachable", None), ("out", "invited", None),
        ("in", "out_of_office", None), ("in", None, "replied"),
        ("out", "interested", "replied"), ("out", "she will think about it", "replied"), ("in", "agreed", "accepted"),
        ("out", "Declined", "declined"),
    ],
)  # fmt: skip
def test_an_outcome_is_an_answer_or_silence(direction: str, outcome: str | None, said: str | None) -> None:
    assert answer(direction, outcome) == said


def test_what_was_sent_by_hand_with_a_script_counts_for_its_variant(store: Store) -> None:
    variant_id = templates.add(store, "hello", "Hi", "en", "me")
    with changes.act(store, "me", "touch") as act:
        for who, outcome in (("ann", "agreed"), ("ben", None)):
            notes.add_touchpoint(act, make.creator(store, who), "dm", outcome, variant_id=variant_id)
    found = responses.response(kept.of_template(store, templates.find(store, "hello")))
    assert (found.sent, found.replied.n, found.accepted.n, found.median_ms) == (2, 1, 1, None)
    assert templates.uses(store, [1]) == {variant_id: 2}
