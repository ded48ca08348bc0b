"""Confidence intervals of rates, differences, ratios and means."""
