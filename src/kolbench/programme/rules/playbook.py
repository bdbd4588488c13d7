"""Follow-up rule ``playbook``: the next thing to do with somebody in the stage where they are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, wanted
from kolbench.programme.rules.rule import Rule
from kolbench.store import ladders, rule_sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store

NAME = "playbook"


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    newest = rule_sets.in_force(store)
    if newest is None:
        return
    books = {stage.name: stage for stage in newest.rules.stages if stage.playbook}
    done: dict[int, dict[str, int]] = defaultdict(dict)
    for creator_id, cause, closed_at in ladders.staged_done(looking.db, NAME, looking.ids):
        done[creator_id][cause] = closed_at
    for creator_id, name, since_at in ladders.staged(looking.db, looking.ids):
        stage = books.get(name)
        if stage is None:
            continue
        mine = done[creator_id]
        # An item that was done stays so for this entry into the stage: the cause tells when that was.
        keys = {item.id: f"{name}:{since_at}:{item.id}" for item in stage.playbook}
        before = max([since_at, *(mine[key] for key in keys.values() if key in mine)])
        open_ = [item for item in stage.playbook if keys[item.id] not in mine][: stage.at_once]
        for item in open_:
            evidence = {
                "stage": stage.title or name,
                "stage_zh": stage.title_zh or stage.title or name,
                "text": item.text,
                "text_zh": item.text_zh or item.text,
                "n": stage.playbook.index(item) + 1,
                "of": len(stage.playbook),
            }
            yield Cause(creator_id, keys[item.id], evidence, before + item.days * DAY)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    chinese = wanted().startswith("zh")
    return _("{stage} {n}/{of}: {text}").format(
        stage=evidence["stage_zh" if chinese else "stage"],
        text=evidence["text_zh" if chinese else "text"],
        n=evidence["n"],
        of=evidence["of"],
    )


RULE = Rule(NAME, lambda: _("Next in their stage"), {}, _find, _why, at_most=1_000)
