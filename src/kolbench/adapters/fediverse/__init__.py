"""Servers with the Mastodon client API: what they answer, and how one of them is asked."""
