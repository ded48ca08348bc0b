"""Features that stand in for a sensitive attribute."""
