"""Where campaigns are published, so that syncs keep the pages fresh."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.store.connect import Store


Format = Literal["html", "json", "csv", "md"]
FORMATS: tuple[Format, ...] = get_args(Format)


class Publication(NamedTuple):
    """A campaign's folder and what is written there; ``at`` is when that was chosen (ms)."""

    campaign_id: int
    campaign: str
    folder: str
    formats: tuple[Format, ...]
    author: str
    at: int


def keep(store: Store, campaign_id: int, folder: str, formats: Sequence[str], author: str) -> None:
    """Publish a campaign in a folder from now on, and nowhere else."""
    facts = {"folder": folder, "formats": json.dumps(list(formats))}
    with changes.act(store, author, "publish") as act:
        found = act.db.execute(
            "SELECT id, folder, formats, stopped_at FROM campaign_publication WHERE campaign_id = ?", (campaign_id,)
        ).fetchone()
        if found is None:
            act.insert("campaign_publication", campaign_id=campaign_id, **facts, author=author, at=act.at)
        elif found[1:] != (*facts.values(), None):
            act.update("campaign_publication", found[0], **facts, stopped_at=None, author=author, at=act.at)


def stop(store: Store, campaign_id: int, author: str) -> str:
    """Leave what is published as it is from now on; returns the folder. Raises UsageError where nothing is."""
    with changes.act(store, author, "publish") as act:
        found = act.db.execute(
            "SELECT id, folder FROM campaign_publication WHERE campaign_id = ? AND stopped_at IS NULL", (campaign_id,)
        ).fetchone()
        if found is None:
            raise UsageError(_("The campaign isn't published anywhere."))
        act.update("campaign_publication", found[0], stopped_at=act.at)
    return str(found[1])


def listed(store: Store) -> list[Publication]:
    """Every campaign that is published, by name; those in the archive are not kept fresh any more."""
    rows = store.reader().execute(
        "SELECT campaign_id, name, folder, formats, p.author, p.at FROM campaign_publication AS p"
        " JOIN campaign ON campaign.id = campaign_id AND archived_at IS NULL WHERE stopped_at IS NULL ORDER BY name"
    )
    return [Publication._make((*one[:3], tuple(json.loads(one[3])), *one[4:])) for one in rows.fetchall()]
