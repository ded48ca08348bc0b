"""The fairness pages."""
