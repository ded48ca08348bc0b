"""Types of skops files that may be built without asking anybody, and the refusal of all others.

skops trusts by itself what scikit-learn, NumPy and SciPy have in pure Python. The types here are
scikit-learn's own too, but compiled or private, so that skops leaves them to its user. They hold
numbers and are built by constructors that skops knows, not by what the file names. Where a tree's
numbers point to is checked before it is asked (sandbox/sklearn_checks.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InputError

REVIEWED_TYPES = frozenset(
    (
        "functools.partial",  # What it calls is listed by itself.
        "numpy.dtype",
        "scipy.interpolate._bsplines.BSpline",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.metrics._dist_metrics.MinkowskiDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
        "sklearn.utils.validation.check_array",
    )
)


class UnreviewedTypesError(InputError):
    """A file holds types that nobody has reviewed or accepted.

    Attributes
    ----------
    types : tuple of str
        Their dotted names, sorted: to be accepted one by one by a named person.
    """

    def __init__(self, types: Sequence[str], where: str | None = None):
        self.types = tuple(sorted(types))
        shown = ", ".join(self.types[:10])
        more = f" and {len(self.types) - 10} more" if len(self.types) > 10 else ""
        super().__init__(
            f"it holds types that were not reviewed, and building one may run its code: "
            f"{shown}{more}",
            where=where,
            remedy="Have a named person accept them who knows where they come from, or export "
            "the model as ONNX",
        )
