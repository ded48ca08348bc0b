"""Sweeps: many settings, trained and measured, run by run, kept as they come."""
