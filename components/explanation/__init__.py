"""The explanation pages."""
