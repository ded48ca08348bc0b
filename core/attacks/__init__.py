"""Attacks on trained models and released tables, and audits of privacy guarantees."""
