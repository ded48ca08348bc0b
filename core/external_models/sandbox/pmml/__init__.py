"""PMML, opened in the process with limits."""
