"""The script that a follow-up suggests: what to say to this person now, with their facts put in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.programme import scripts, variables
from kolbench.store import templates

if TYPE_CHECKING:
    from kolbench.programme.scripts import Rendered
    from kolbench.store.connect import Store
    from kolbench.store.follow_ups import FollowUp
    from kolbench.store.templates import Variant


class Suggestion(NamedTuple):
    """A variant of a template, and what it says to one person."""

    variant: Variant
    script: Rendered


def of(store: Store, row: FollowUp, template_id: int | None = None) -> Suggestion | None:
    """What a follow-up suggests to say: by the template told, else by the step of its sequence, else by the template
    that has the name of its rule. None where there is no such script in use.

    Of several variants the one in the person's language that was sent least. Raises UsageError where the facts
    can't be put in.
    """
    variant = _variant(store, row, template_id)
    return None if variant is None else Suggestion(variant, scripts.render(variant.text, _facts(store, row)))


def _facts(store: Store, row: FollowUp) -> dict[str, object]:
    return variables.of(store, row.creator_id)


def _variant(store: Store, row: FollowUp, template_id: int | None) -> Variant | None:
    if template_id is None and isinstance(shown := row.evidence.get("variant_id"), int):
        try:
            return templates.variant(store, shown)
        except UsageError:
            return None
    if template_id is None:
        template = templates.named(store, row.rule)
        if template is None:
            return None
        template_id = template.id
    every = templates.variants(store, template_id)
    language = variables.languages(store, [row.creator_id]).get(row.creator_id)
    return scripts.choose(every, templates.uses(store, [template_id]), language)
