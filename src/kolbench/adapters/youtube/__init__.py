"""YouTube: what its Data API answers, what may be asked of it in a day, and what becomes of it."""
