"""The large tables page."""
