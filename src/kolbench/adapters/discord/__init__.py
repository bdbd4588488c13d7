"""Discord by its bots' REST API: what is asked, what it answers, and what becomes of it."""
