"""Local differential privacy: noise is added to each record before it leaves the person."""
