"""Untrusted files opened in a process of their own."""
