"""Widgets and charts that several page areas use."""
