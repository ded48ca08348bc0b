"""Differential privacy: accounting, mechanisms, releases, guidance, local noise."""
