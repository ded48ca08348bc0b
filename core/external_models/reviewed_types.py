"""Types of skops files that may be built without asking anybody, and the refusal of all others.

skops trusts by itself what scikit-learn, NumPy and SciPy have in pure Python. The types here are
scikit-learn's own too, but compiled, private or functions, so that skops leaves them to its user.
They hold numbers, settings and each other; none opens files or runs what it is given. Where the
numbers of a tree point to is checked before it is asked (sandbox/sklearn_checks.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InputError

REVIEWED_TYPES = frozenset(
    (
        "functools.partial",  # What it calls is listed by itself.
        "numpy.dtype",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
        "scipy.interpolate._bsplines.BSpline",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.compose._column_transformer.make_column_selector",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.feature_selection._mutual_info.mutual_info_classif",
        "sklearn.feature_selection._univariate_selection.chi2",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.feature_selection._univariate_selection.f_regression",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process.kernels.ConstantKernel",
        "sklearn.gaussian_process.kernels.Matern",
        "sklearn.gaussian_process.kernels.Product",
        "sklearn.gaussian_process.kernels.RBF",
        "sklearn.gaussian_process.kernels.Sum",
        "sklearn.gaussian_process.kernels.WhiteKernel",
        "sklearn.impute._iterative.IterativeImputer",
        "sklearn.impute._iterative._ImputerTriplet",
        "sklearn.metrics._classification.accuracy_score",
        "sklearn.metrics._classification.balanced_accuracy_score",
        "sklearn.metrics._classification.f1_score",
        "sklearn.metrics._classification.log_loss",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.metrics._dist_metrics.MinkowskiDistance64",
        "sklearn.metrics._ranking.average_precision_score",
        "sklearn.metrics._ranking.roc_auc_score",
        "sklearn.metrics._scorer._CurveScorer",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.metrics._scorer._Scorer",
        "sklearn.model_selection._split.GroupKFold",
        "sklearn.model_selection._split.KFold",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.multiclass._ConstantPredictor",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
        "sklearn.utils._metadata_requests.MetadataRequest",
        "sklearn.utils._metadata_requests.MethodMetadataRequest",
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
