"""The craft's rules: who to follow up with, when, and why. They decide; screens draw."""
