"""The one SQLite file, and the only package that speaks SQL to it."""
