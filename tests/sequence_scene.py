"""A sequence with people at several of its steps, and one beside it: what the tests of its section share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import DAY, HOUR, held, now
from kolbench.domain.sequences import parse
from kolbench.programme import outreach, scripts
from kolbench.store import enrolments, follow_ups, notes, templates
from programme_scene import people

if TYPE_CHECKING:
    from kolbench.store.connect import Store


class Scene(NamedTuple):
    """Two sequences, and where everybody is.

    In the first, 李静 has not answered the first step, 张伟 said yes, 小雨 is away, Ann's first step is due, and
    somebody was taken out; 莫莫 is in the other one.
    """

    first: int
    other: int
    lijing: int
    zhangwei: int
    xiaoyu: int
    ann: int
    momo: int


def fill_sequences(store: Store) -> Scene:
    """What has happened in the ten days before the moment at which the clock is held."""
    templates.add(store, "hello", scripts.check("您好 {{ name }}，我是 {{ operator }}。"), "zh", "chen")
    templates.add(store, "hello", scripts.check("Hi {{ name }}, a minute?"), "en", "chen")
    plans = [
        {"name": "directly", "steps": [{"channel": "weibo", "template": "hello", "days": 0}, {"channel": "wechat"}]},
        {"name": "through somebody", "steps": [{"channel": "broker", "days": 14, "note": "ask whom they know"}]},
    ]
    told = {"name": "First contact", "notes": "Whoever doesn't know us.", "quiet": "21:00-09:00", "plans": plans}
    lijing, zhangwei, xiaoyu, ann, momo, mallory = everybody = people(store)
    today = now()
    with held(today - 4 * DAY):
        first = outreach.write(store, parse(told), "chen")
        other = outreach.write(store, parse({**told, "name": "Spring again", "notes": ""}), "li")
        enrolments.enrol(store, first, [lijing, zhangwei, xiaoyu, ann, mallory], "chen")
        enrolments.enrol(store, other, [momo], "li")
        outreach.refresh(store, everybody)
        for one in (lijing, zhangwei):
            step = next(row for row in follow_ups.about(store, one) if row.rule == enrolments.RULE)
            outreach.done(store, [step.follow_up_id], "chen", sent={step.follow_up_id: step.evidence["variant_id"]})
    with held(today - 4 * DAY + 5 * HOUR):
        notes.touch(store, zhangwei, "chen", channel="weibo", outcome="agreed", direction="in")
    (ill,) = [one.id for one in enrolments.of(store, xiaoyu)]
    enrolments.pause(store, [ill], "chen", today + 10 * DAY, "on holiday")
    enrolments.stop(store, [one.id for one in enrolments.of(store, mallory)], "chen", "met them in person")
    outreach.refresh(store, everybody)
    return Scene(first, other, lijing, zhangwei, xiaoyu, ann, momo)
