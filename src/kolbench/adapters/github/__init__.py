"""GitHub by its REST API: requests, what it answers, and what becomes of it."""
