"""One person's decision in plain words."""
