"""What each column is for: roles, checks, suggestions, labels, merged groups, decisions."""
