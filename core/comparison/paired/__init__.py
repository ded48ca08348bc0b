"""Models compared on the same test rows."""
