"""diffprivlib, also under a newer scikit-learn than it was made for.

scikit-learn 1.9 took two names out of a module of its trees that diffprivlib 0.6.6 imports, and
with them the whole library. They were names of numpy's types, and are put back before the import.
Its logistic regression can't be made under 1.9 even so; ours has a solver of its own
(:mod:`core.learning.perturbed_objective`) and draws its noise alone from the library.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from sklearn.tree import _tree

for _name, _kind in (("DOUBLE", np.float64), ("DTYPE", np.float32)):
    if not hasattr(_tree, _name):
        setattr(_tree, _name, _kind)

try:
    from diffprivlib.mechanisms import GeometricTruncated, PermuteAndFlip, Vector
    from diffprivlib.models import GaussianNB
    from diffprivlib.utils import PrivacyLeakWarning, check_random_state
except ImportError as error:
    found = ", ".join(f"{name} {version(name)}" for name in ("diffprivlib", "scikit-learn"))
    raise ImportError(
        f"Equipoise draws noise by diffprivlib, which can't be loaded here ({found}): {error}. "
        "Install versions that Equipoise was tested with: pip install 'scikit-learn>=1.7.2,<1.10' "
        "'diffprivlib>=0.6.6,<0.7'."
    ) from error

__all__ = [
    "GaussianNB",
    "GeometricTruncated",
    "PermuteAndFlip",
    "PrivacyLeakWarning",
    "Vector",
    "check_random_state",
]
