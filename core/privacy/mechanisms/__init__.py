"""Noise: discrete Laplace and Gaussian mechanisms, estimated domains."""
