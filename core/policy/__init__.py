"""Criteria that are set before results are seen, and what an audit shows of each."""
