"""The webhook adapter: what shops tell by themselves, which ``kolbench listen`` receives."""

from __future__ import annotations

from collections.abc import Iterator

from kolbench.adapters.protocol import Finding, Page, Pull, RateLimit, Setting
from kolbench.domain.lang import N_, _

SECRET, CAMPAIGN = "secret", "campaign"
SHORTEST_SECRET = 16
"""Characters: with fewer, somebody could find out how to sign by trying."""


class Webhook:
    """A source that is not read, but listened to."""

    name = "webhook"
    title = N_("Shops that tell of their orders by themselves: kolbench listen")
    platform = ""
    feeds = ("conversions",)
    limits: RateLimit | None = None
    settings = (
        Setting(CAMPAIGN, N_("the campaign that these orders belong to"), required=True, example="Spring tea"),
        Setting(
            SECRET,
            N_("with which the shop signs; at least 16 characters"),
            required=True,
            secret=True,
            to_listen=True,
        ),
        Setting("platform", N_("what to call the shop in the data"), required=True, example="shop"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Nothing: what there is has been received already."""
        yield Page((), pull.cursor or "0")

    def test(self, pull: Pull) -> Iterator[Finding]:
        """Whether its secret is long enough; whether the shop knows it shows when it sends something."""
        if len(pull.settings[SECRET]) < SHORTEST_SECRET:
            yield Finding(False, _("The secret is short: give it at least {n} characters.").format(n=SHORTEST_SECRET))
        else:
            yield Finding(True, _("There is nothing to read: kolbench listen receives it."))
