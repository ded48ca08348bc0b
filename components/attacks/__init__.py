"""The attacks page."""
