"""The local differential privacy page."""
