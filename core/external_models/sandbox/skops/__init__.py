"""Skops files: scikit-learn's models, opened in the process with limits."""
