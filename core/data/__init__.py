"""Data in: reading, kinds, roles, samples."""
