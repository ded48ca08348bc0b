"""Criteria of an audit: choosing and adopting a policy, and what came of each criterion."""
