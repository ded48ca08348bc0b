"""What privacy costs one model: overall, by group, and with noise at the source."""
