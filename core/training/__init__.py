"""From a training spec and rows to a classifier: the one way."""
