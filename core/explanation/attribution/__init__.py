"""Which features drive decisions: Shapley values, LIME, surrogates."""
