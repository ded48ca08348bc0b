"""Equipoise: an ethics audit for tabular machine learning."""
