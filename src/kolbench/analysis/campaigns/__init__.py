"""Where the participants of a campaign stand: sums along the forest of who came by whom."""
