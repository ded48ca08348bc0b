"""Processes for files that nobody vouches for: limits, a bare environment, refused system calls."""
