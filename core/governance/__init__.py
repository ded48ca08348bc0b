"""Keeping audits: the workspace on disk."""
