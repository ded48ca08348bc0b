"""Mitigations that change the decisions of a trained model."""
