"""Mitigations that change the training rows, their labels or their weights."""
