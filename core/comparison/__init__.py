"""Comparing models: over splits of the data, on the same test people, and while in use."""
