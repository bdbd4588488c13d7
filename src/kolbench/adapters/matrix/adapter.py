"""The Matrix adapter: what it needs from the operator, and which rooms it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kolbench.adapters.matrix.members import members
from kolbench.adapters.matrix.messages import Walk
from kolbench.adapters.matrix.server import Server
from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.adapters.targets import listed
from kolbench.domain.errors import Denied, Gone, UsageError
from kolbench.domain.lang import N_, _, ngettext


class Matrix:
    """Reads rooms as the operator's account, or a bot's, sees them; what is encrypted is not read."""

    name = "matrix"
    title = N_("Matrix rooms: members, messages, replies and reactions")
    platform = "matrix"
    feeds = ("members", "messages")
    limits: RateLimit | None = RateLimit(requests=10, seconds=1)
    settings = (
        Setting("server", N_("address of the homeserver"), required=True, example="https://matrix.example.org"),
        Setting("token", N_("access token of an account that is in the rooms"), secret=True),
        Setting("user", N_("the account, if there is a password and no token"), example="@ann:example.org"),
        Setting("password", N_("to log in with, for the time of a sync"), secret=True),
        Setting("rooms", N_("ids and aliases; all rooms the account is in, if empty"), example="#tea:example.org"),
    )

    def targets(self, pull: Pull) -> Iterable[str]:
        """The rooms that are listed, else those that the account has joined."""
        rooms = listed(pull.settings.get("rooms", ""))
        for room in rooms:
            if room[0] not in "!#":
                raise UsageError(_("{room} is neither a room's id (!…) nor an alias (#…).").format(room=room))
        return rooms or Server(pull).joined()

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the members of a room with those who left it, or its messages."""
        server = Server(pull)
        try:
            room = server.room_id(pull.target)
            yield from members(server, room) if pull.feed == "members" else Walk(server, room).pages()
        finally:
            if server.is_ours and pull.feed == self.feeds[-1] and [*self.targets(pull)][-1:] == [pull.target]:
                server.log_out()

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Say whose the credentials are, and which of the rooms they read."""
        server = Server(pull)
        try:
            user = server.user()
            yield Finding(True, _("The homeserver knows you as {user}.").format(user=user))
            joined = server.joined()
            rooms = ngettext("{user} is in {n} room.", "{user} is in {n} rooms.", len(joined))
            yield Finding(bool(joined), rooms.format(user=user, n=len(joined)))
            for room in listed(pull.settings.get("rooms", "")):
                try:
                    is_in = server.room_id(room) in joined
                except (Gone, Denied):
                    is_in = False
                if not is_in:
                    yield Finding(False, _("{user} is not in {room}: join it first.").format(user=user, room=room))
        finally:
            if server.is_ours:
                server.log_out()
