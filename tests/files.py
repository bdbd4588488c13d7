"""An adapter of files asked as an import asks it, without a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.adapters.protocol import Page, Pull, Rejected
from kolbench.domain.clock import now
from kolbench.domain.gate import Gate
from kolbench.domain.records import InteractionRecord, MembershipRecord, MessageRecord, Record

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from kolbench.adapters.protocol import Adapter


class Pulled:
    """What a file gave: pages and records, also as they are ``kept`` (all pass the gate), and what was said of it."""

    def __init__(
        self, adapter: Adapter, path: Path | str, cursor: str | None = None, since: datetime | None = None, **told: str
    ) -> None:
        self.rejected: list[Rejected] = []
        self.warnings: list[str] = []
        settings = {"path": str(path), **told}
        pull = Pull("messages", settings, cursor, since, reject=self.rejected.append, warn=self.warnings.append)
        self.pages: list[Page] = list(adapter.pull(pull))
        self.records: list[Record] = [record for page in self.pages for record in page.records]
        gate = Gate(now())
        self.kept: list[Record] = [gate.check(record) for record in self.records]

    @property
    def cursor(self) -> str:
        """Where the next import goes on."""
        return self.pages[-1].cursor

    def of(self, kind: type[Any]) -> list[Any]:
        """The records of one kind."""
        return [record for record in self.records if type(record) is kind]

    def texts(self) -> list[str]:
        """What was said."""
        return [message.text for message in self.of(MessageRecord)]

    def acts(self) -> set[tuple[str, str, str]]:
        """Who did what towards whom."""
        return {(act.actor_uid, act.kind, act.object_uid) for act in self.of(InteractionRecord)}

    def moves(self) -> list[tuple[str, bool]]:
        """Who came (true) or left."""
        return [(move.account_uid, bool(move.joined_at)) for move in self.of(MembershipRecord) if not move.role]
