"""Discourse forums: what they answer, and how one of them is asked."""
