"""Twitch, by its Helix API."""
