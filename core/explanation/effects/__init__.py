"""How a feature acts on predictions: ALE, partial dependence, permutation."""
