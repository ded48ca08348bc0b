"""Group fairness: the outcome cube, its metrics, intervals and disparities."""
