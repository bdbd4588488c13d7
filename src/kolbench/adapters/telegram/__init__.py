"""Telegram by the Bot API: what is asked, what it tells, and what becomes of it."""
