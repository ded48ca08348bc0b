"""The price of privacy page."""
