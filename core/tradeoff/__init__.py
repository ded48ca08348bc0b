"""Sweeps over privacy and fairness."""
