"""The front of a sweep: what can be told apart, who pays, and what was chosen."""
