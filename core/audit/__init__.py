"""One audit from a plan to its result."""
