"""Learners, preprocessing and the three-part split."""
