"""Numbers derived from what sources told: definitions in SQL, scores, leaderboards."""
