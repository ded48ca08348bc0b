"""Explanations on raw features: Shapley values, LIME, counterfactuals, effects, proxies, trust."""
