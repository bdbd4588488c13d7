"""Reddit: what its Data API answers, and what becomes of it."""
