"""The front of a sweep: what differs significantly, the impact by group, and what was chosen."""
