"""Differences between groups, their tests and verdicts."""
