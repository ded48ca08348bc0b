"""The private release page."""
