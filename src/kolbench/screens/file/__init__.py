"""The sections of a person's file, one module each, and what they have in common."""
