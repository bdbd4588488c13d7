"""Matrix by its client-server API: the rooms that an account is in."""
