"""Private releases of counts and fairness metrics."""
