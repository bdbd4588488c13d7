"""What a plugin can add to KOLbench: each hook with its meaning and an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Callable

    from kolbench.adapters.protocol import Register
    from kolbench.domain.following import FollowUpRule
    from kolbench.domain.scoring import Scorer

hookspec = pluggy.HookspecMarker("kolbench")
hookimpl = pluggy.HookimplMarker("kolbench")
"""Marks a plugin's function as the implementation of the hook of that name."""


@hookspec
def kolbench_register_adapters(register: Register) -> None:
    """Offer adapters, each of which reads one platform or one shape of file.

    Call ``register`` with an instance of each. Called once, when a command needs adapters; it should only
    build objects: no network, no files. Anything raised disables the plugin for this run, and nothing else.

    Example::

        from kolbench import hookimpl


        @hookimpl
        def kolbench_register_adapters(register):
            register(MyPlatform())
    """


@hookspec
def kolbench_register_scorers(register: Callable[[Scorer], None]) -> None:
    """Offer scorers, each of which measures people in a way of its own; briefs weigh them by name.

    Call ``register`` with an instance of each. A scorer reads the store by ``people.db``, which can't write, and
    returns a ``Measure`` from 0 to 1 for those it knows something of. Anything it raises makes its measure unknown.

    Example::

        from kolbench import Evidence, Measure, hookimpl


        class Bios:
            name = "bios"  # as weights name it
            title = "Bio"
            formula = "1 with a bio"

            def measure(self, people):
                rows = people.db.execute("SELECT creator_id, max(bio IS NOT NULL) FROM account GROUP BY creator_id")
                asked = set(people.creator_ids)
                return {creator: Measure(float(told), told) for creator, told in rows if creator in asked}

            def evidence(self, people, limit):
                for creator in people.creator_ids:
                    rows = people.db.execute("SELECT seen_at, bio, id FROM account WHERE creator_id = ?", (creator,))
                    yield from (Evidence(at, bio, 1, "account", row) for at, bio, row in rows if bio)


        @hookimpl
        def kolbench_register_scorers(register):
            register(Bios())
    """


@hookspec
def kolbench_register_follow_up_rules(register: Callable[[FollowUpRule], None]) -> None:
    """Offer rules, each of which finds people to turn to and says why; what they find joins the queue.

    Call ``register`` with an instance of each. A rule reads the store by ``looking.db``, which can't write, and
    yields a ``Cause`` for each person; the same cause asks once. Anything it raises is named, and leaves what it
    asked for before as it is.

    Example::

        from kolbench import hookimpl


        @hookimpl
        def kolbench_register_follow_up_rules(register):
            register(MyRule())
    """
