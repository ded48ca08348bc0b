"""LightGBM's own files, opened in the process with limits."""
