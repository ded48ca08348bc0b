"""Explanations of a model on raw features: SHAP and LIME."""
