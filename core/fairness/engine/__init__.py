"""Fairness counted in a database or in files too large for memory."""
