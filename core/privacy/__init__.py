"""Privacy budget, declared domains and released noise."""
