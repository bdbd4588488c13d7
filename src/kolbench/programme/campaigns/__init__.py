"""What a campaign hands to people: codes and scripts for its waves, posters, a public leaderboard, and the review."""
