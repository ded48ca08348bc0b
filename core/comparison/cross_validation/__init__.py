"""Models compared over folds."""
