"""Marks for peers that newer versions of scikit-learn took away; the product needs none of them."""

from importlib.metadata import version

import pytest

_SCIKIT_LEARN = tuple(map(int, version("scikit-learn").split(".")[:2]))

needs_library_regression = pytest.mark.skipif(
    _SCIKIT_LEARN >= (1, 9),
    reason="diffprivlib's own logistic regression can't be made under scikit-learn 1.9: it passes "
    "multi_class, which is gone",
)
needs_exact_shap = pytest.mark.skipif(
    _SCIKIT_LEARN >= (1, 9),
    reason="shap's interventional TreeExplainer is wrong of histogram boosting under scikit-learn "
    "1.9, see findings/shap_interventional_on_sklearn_1_9.sh; ours is held against brute force",
)
