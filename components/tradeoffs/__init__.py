"""The trade-off pages."""
