"""The anonymisation page."""
