"""Campaigns: all of them, and one with its leaderboard, tree, quarantine, flags, payouts, codes and review."""
