"""The screens that the number keys lead to, each made, and its module imported, when somebody goes there first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from kolbench.screens.session import Session


def makers(session: Session) -> dict[str, Callable[[], Screen[None]]]:
    """What makes each place, by the names that ``work.PLACES`` has."""

    def candidates() -> Screen[None]:
        from kolbench.screens.candidates import CandidatesScreen

        return CandidatesScreen(session)

    def leaderboard() -> Screen[None]:
        from kolbench.screens.leaderboard import LeaderboardScreen

        return LeaderboardScreen(session)

    def follow_ups() -> Screen[None]:
        from kolbench.screens.follow_ups import FollowUpsScreen

        return FollowUpsScreen(session)

    def sync() -> Screen[None]:
        from kolbench.screens.sync import SyncScreen

        return SyncScreen(session)

    def programme() -> Screen[None]:
        from kolbench.screens.programme.screen import ProgrammeScreen

        return ProgrammeScreen(session)

    def campaigns() -> Screen[None]:
        from kolbench.screens.campaign.campaigns import CampaignsScreen

        return CampaignsScreen(session)

    return {
        "candidates": candidates,
        "leaderboard": leaderboard,
        "follow_ups": follow_ups,
        "sync": sync,
        "programme": programme,
        "campaigns": campaigns,
    }
