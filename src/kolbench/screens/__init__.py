"""What the operator sees: one file a screen, its style sheet beside it."""
