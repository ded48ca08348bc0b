"""Fairness metrics of decisions, scores, classes and amounts."""
