"""Mastodon and every other server with its API: what they answer, and what becomes of it."""
