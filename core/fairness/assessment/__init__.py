"""All metrics of one set of predictions, with what is said of them."""
