"""The roles page."""
