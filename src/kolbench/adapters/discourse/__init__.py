"""Discourse forums: what they answer, and what becomes of it."""
