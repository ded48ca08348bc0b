"""Anonymity: measured, bought by transforms, priced, and attacked."""
