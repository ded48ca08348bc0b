"""Rows counted by group: the tables that every fairness metric is computed from."""
