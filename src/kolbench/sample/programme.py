"""Weeks of work in the demo: whom a brief found, what was agreed with them, and how everybody was treated."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from kolbench.analysis import candidacy
from kolbench.domain import briefs as whom
from kolbench.domain import rule_sets, sequences
from kolbench.domain.agreements import Terms
from kolbench.domain.clock import DAY, HOUR, from_ms, now
from kolbench.domain.partial_dates import Recurring
from kolbench.programme import briefs, outreach, stages, variables
from kolbench.programme import rule_sets as writing
from kolbench.programme.rules import at_once, playbook, sequence_step
from kolbench.sample.story import CHEN, LIN, PEOPLE, SIGNED, TITLE, Chapter, Story
from kolbench.store import (
    agreements,
    decisions,
    enrolments,
    follow_ups,
    ladders,
    life,
    needs,
    notes,
    owners,
    tags,
    templates,
    violations,
)
from kolbench.store import rule_sets as rules
from kolbench.store import sequences as sequence_store
from kolbench.store.candidates import CandidateWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.programme.rules.rule import Rule

BRIEF = {
    "name": TITLE,
    "purpose": "convert",
    "people": 20,
    "notes": "会做饭、粉丝愿意下单的达人 / Cooks whose fans buy what they use",
    "topics": {"keywords": ["美食", "家常菜", "低卡甜品", "空气炸锅", "food", "meal prep", "sourdough"]},
    "who": {
        "platforms": ["xiaohongshu", "douyin", "bilibili", "instagram", "youtube"],
        "tiers": ["nano", "micro", "mid"],
    },
}

REJECTED = (
    "和竞品有独家，到年底 / Exclusive with a competitor until the end of the year",
    "近三个月粉丝增长异常 / Followers jumped without a reason",
    "报价超出预算 / Asks for more than the budget has",
    "风格不合适 / Another style than ours",
)

SCRIPTS = {
    "你好 Hello": (
        ("zh", "{{ name }}你好，我是{{ operator }}。一直在看你的内容，想邀请你一起做「周末厨房」，方便聊两句吗？"),
        ("zh", "{{ name }}，周末有空一起做顿饭吗？我们在找会做饭的人，样品先寄给你。"),
        ("en", "Hi {{ name }}, this is {{ operator }}. We like what you cook and plan a weekend: may I tell you more?"),
    ),
    "再问一次 Once more": (
        ("zh", "{{ name }}，上次的消息可能被淹没了。样品已经备好，你看寄到哪里方便？"),
        ("en", "Hi {{ name }}, my last message may have got lost. The samples are ready: where may we send them?"),
    ),
}
"""Scripts by name, with the language of each variant."""

SEQUENCE = {
    "name": "初次联系 First contact",
    "working_days": True,
    "plans": [
        {
            "name": "私信 direct",
            "steps": [
                {"channel": "dm", "template": "你好 Hello", "days": 0},
                {"channel": "email", "template": "再问一次 Once more", "days": 4},
            ],
        },
        {
            "name": "熟人介绍 through others",
            "steps": [{"channel": "broker", "days": 6, "note": "问问谁认识 / Ask who knows them"}],
        },
    ],
}

GRADES = {
    "B": {"enter": ["score >= 53"], "stay": ["score >= 50"]},
    "A": {"enter": ["score >= 57"], "stay": ["score >= 54"]},
}
"""By which scores partners are told apart who were all chosen for theirs."""

LATE = 2
"""Which of them is late with what they owe."""


def _rules(story: Story) -> None:
    """The rules as they were at first: nothing was said of insults."""
    written = _written()
    written["rules"] = [one for one in written["rules"] if one["id"] != "insult"]
    rules.save(story.store, rule_sets.parse(written), LIN)


def _written() -> dict[str, Any]:
    """The example's rules, with grades that tell the partners of a demo apart."""
    written = {**tomllib.loads(writing.example()), "name": "合作守则 House rules"}
    written["grades"] = [{**one, **GRADES.get(one["name"], {})} for one in written["grades"]]
    return written


def _search(story: Story) -> None:
    """A brief, and whom it found among those whom nobody has spoken to yet."""
    store = story.store
    story.brief_id = briefs.write(store, whom.parse(BRIEF), LIN)
    candidacy.score(store, story.brief_id)
    rows = {row.name: row.creator_id for row in CandidateWindow(store, brief_id=story.brief_id).rows(0, 2 * PEOPLE)}
    story.people = [one for one in rows.values() if not notes.touchpoints(store, one, 1)][:PEOPLE]
    written = variables.languages(store, story.people)
    story.chinese = frozenset(one for one in story.people if written.get(one) == "zh")
    decisions.decide(store, story.brief_id, story.people, "shortlisted", LIN)
    for one, reason in zip(story.refused, REJECTED, strict=False):
        decisions.decide(store, story.brief_id, [one], "rejected", CHEN, reason)


def _contact(story: Story) -> None:
    """The first contacts: everybody who is a partner now said yes within two days."""
    store = story.store
    decisions.decide(store, story.brief_id, story.partners, "contacted", LIN)
    owners.assign(store, story.partners[::2], LIN, LIN)
    owners.assign(store, story.partners[1::2], CHEN, LIN)
    for place, one in enumerate(story.partners):
        author, channel = (LIN, CHEN)[place % 2], ("wechat", "dm", "email")[place % 3]
        at = now() + place * HOUR // 4
        notes.touch(store, one, author, channel=channel, outcome="sent", at=at)
        answered = at + story.random.randrange(2, 44) * HOUR
        notes.touch(store, one, author, channel=channel, outcome="agreed", at=answered)


def _get_to_know(story: Story) -> None:
    """What was learnt about partners: what they need and what we have for it, and a birthday that is near."""
    store = story.store
    tags.tag(store, story.first, "会做饭", LIN)
    needs.add_offer(store, "首页推荐位 A place on our front page", "brand", LIN)
    needs.add_offer(store, "成交分成 A share of the sales", "money", LIN)
    wanted = (("brand", 3, "想把账号做成品牌", "a name of their own"), ("money", 2, "稳定的收入", "a steady income"))
    for place, one in enumerate(story.first):
        kind, strength, *detail = wanted[place % len(wanted)]
        needs.write(store, one, kind, LIN, strength=strength, detail=story.to(one, *detail))
    day = from_ms(story.ago(-5))
    title = story.to(story.first[1], "生日", "birthday")
    life.add_date(store, story.first[1], title, Recurring(day.month, day.day), CHEN)


def _agree(story: Story) -> None:
    """Agreements: of most, of one that is still to be signed, and of one for a trial."""
    store = story.store
    decisions.decide(store, story.brief_id, story.partners[SIGNED:], "agreed", LIN)
    for place, one in enumerate(story.partners[: SIGNED + 2]):
        trial = place > SIGNED
        terms = Terms(
            story.to(one, "一条视频", "one video") if trial else story.to(one, "每月两条视频", "two videos a month"),
            story.to(one, "样品，成交额的 10%", "samples, and 10 % of what they sell"),
            story.to(one, "厨具类目", "kitchenware") if place % 4 == 1 else None,
            "share",
            story.date(39),
            story.date(12) if trial else story.date(-19 * place - 12),
        )
        title = (
            story.to(one, "试合作", "A trial")
            if trial
            else story.to(one, "周末厨房长期合作", "Weekend kitchen, long term")
        )
        made = agreements.new(store, one, terms, LIN, title=title, brief_id=story.brief_id)
        agreements.move(store, made, "offered", LIN)
        if place != SIGNED:
            agreements.move(store, made, "signed", (LIN, CHEN)[place % 2])
        if place < SIGNED:
            for number, due in enumerate((story.date(20 - place), story.date(4 if place == LATE else -3 - place)), 1):
                agreements.owe(store, made, story.to(one, f"第 {number} 条视频", f"Video {number}"), LIN, due)


def _deliver(story: Story) -> None:
    """The first works came, and the trial ended."""
    store = story.store
    kept = agreements.listed(store, "in_force")
    for one in agreements.deliverables(store, [each.id for each in kept]):
        if one.due_on and one.due_on <= story.date(10):
            proof = f"https://video.example.com/{one.creator_id}/{one.id}"
            agreements.deliver(store, one.id, story.date(11 + one.id % 3), CHEN, proof)
    tried = story.partners[SIGNED + 1]
    (trial,) = (one.id for one in kept if one.creator_id == tried)
    agreements.move(store, trial, "ended", CHEN, reason=story.to(tried, "试合作已完成", "the trial is over"))


def _place(story: Story) -> None:
    stages.run(story.store)


def _coach(story: Story) -> None:
    """The next item of their playbook is done with everybody."""
    asked = _opened(story, playbook.RULE, story.partners)
    follow_ups.done(story.store, list(asked.values()), LIN)


def _acknowledge(story: Story) -> None:
    rules.acknowledge(story.store, story.partners[:-2], "wechat", CHEN)


def _tighten(story: Story) -> None:
    """The rules of now, which nobody knows yet."""
    rules.save(story.store, rule_sets.parse(_written()), CHEN)


def _acknowledge_again(story: Story) -> None:
    rules.acknowledge(story.store, story.partners[:13], "wechat", LIN)


def _write(story: Story) -> None:
    """Scripts, and a sequence with people in it."""
    store = story.store
    for name, texts in SCRIPTS.items():
        for language, text in texts:
            templates.add(store, name, text, language, LIN)
    outreach.write(store, sequences.parse(SEQUENCE), LIN)
    _enrol(story, story.asked[:6])
    _step(story, story.asked[:6])


def _write_again(story: Story) -> None:
    """Some have answered, some are written to once more."""
    for one, outcome in zip(story.asked, ("interested", "agreed"), strict=False):
        notes.touch(story.store, one, LIN, channel="dm", outcome=outcome, direction="in")
    _step(story, story.asked[2:4])


def _write_to_others(story: Story) -> None:
    """The last ones are to be written to."""
    _enrol(story, story.asked[6:])


def _enrol(story: Story, creator_ids: Iterable[int]) -> None:
    found = sequence_store.find(story.store, str(SEQUENCE["name"]))
    enrolments.enrol(story.store, found, creator_ids, LIN)
    decisions.decide(story.store, story.brief_id, creator_ids, "contacted", LIN)


def _step(story: Story, creator_ids: Iterable[int]) -> None:
    """Send what a sequence asks for with these people."""
    asked = _opened(story, sequence_step.RULE, creator_ids)
    upcoming = outreach.upcoming(story.store, now(), creator_ids=list(asked))
    sent = {asked[one.enrolment.creator_id]: one.variant.id for one in upcoming if one.variant}
    outreach.done(story.store, list(asked.values()), LIN, outcome="sent", sent=sent)


def _opened(story: Story, rule: Rule, creator_ids: Iterable[int]) -> Mapping[int, int]:
    """What a rule asks for with each of these people, by person."""
    ids = list(creator_ids)
    at_once.ask(story.store, rule, ids)
    rows = (row for one in ids for row in follow_ups.about(story.store, one))
    return {row.creator_id: row.follow_up_id for row in rows if row.rule == rule.id and row.state == "open"}


def _unlabelled(story: Story, who: int, author: str) -> int:
    one = story.partners[who]
    text = story.to(one, "视频没有标注合作", "A video without a label")
    evidence = f"https://video.example.com/{one}/unlabelled"
    return violations.add(story.store, one, "label", text, evidence, now() - 5 * HOUR, author)


def _warn(story: Story) -> None:
    violations.sanction(story.store, _unlabelled(story, 5, LIN), LIN)


def _spare(story: Story) -> None:
    """A like case that was not treated alike, for the audit to find."""
    one = _unlabelled(story, 9, CHEN)
    why = story.to(
        story.partners[9], "第一次合作，一小时内补上了标注", "their first work with us; labelled an hour later"
    )
    violations.exempt(story.store, one, why, CHEN)


def _spam(story: Story) -> None:
    who = story.partners[14]
    text = story.to(who, "在交流群里发其他品牌的广告", "Adverts for another brand in our group")
    found = violations.add(story.store, who, "spam", text, "群聊记录 / the group's log", now() - 20 * HOUR, LIN)
    violations.sanction(story.store, found, LIN)


def _again(story: Story) -> None:
    """Two that wait: a second time, for which the ladder says more, and a grave one."""
    _unlabelled(story, 5, LIN)
    who = story.partners[17]
    text = story.to(who, "三十条评论一字不差，像是刷的", "Thirty comments in the same words, as if bought")
    violations.add(story.store, who, "fraud", text, "评论区截图 / a picture of the comments", now() - DAY, CHEN)


def _hold(story: Story) -> None:
    """Somebody whom the rules would put elsewhere."""
    placed = ladders.current(story.store, "grade", story.partners)
    who = next(one for one in story.partners if placed[one].name != "A")
    why = story.to(who, "带着我们最大的交流群", "runs the largest group of our field")
    ladders.hold(story.store, "grade", [who], "A", CHEN, why)


CHAPTERS = (
    Chapter(46, 2, _rules),
    Chapter(45, 3, _search),
    Chapter(43, 2, _contact),
    Chapter(41, 5, _get_to_know),
    Chapter(40, 6, _agree),
    Chapter(40, 7, _place),
    *(Chapter(days, 8, _coach) for days in (38, 33, 27, 24)),
    Chapter(34, 3, _acknowledge),
    Chapter(29, 4, _warn),
    Chapter(22, 4, _spare),
    Chapter(20, 2, _tighten),
    Chapter(16, 3, _acknowledge_again),
    Chapter(14, 5, _hold),
    Chapter(12, 6, _spam),
    Chapter(11, 2, _write),
    Chapter(10, 7, _deliver),
    Chapter(9, 1, _place),
    Chapter(5, 3, _write_again),
    Chapter(4, 8, _again),
    Chapter(1, 7, _write_to_others),
)
