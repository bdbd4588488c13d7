"""Slack: a workspace by its Web API, and the archives that it exports."""
