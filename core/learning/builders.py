"""How each learner is built: its encoder, its estimator and its settings.

A learner builds a model on *raw* features: encoding is part of the model, so that whatever
explains or attacks it sees the columns that a person sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from interpret.glassbox import ExplainableBoostingClassifier
from interpret.privacy import DPExplainableBoostingClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from core.data.domains import Domains
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.learning.encoding import DeclaredBins, DeclaredCodes, DeclaredOneHot, OneHot, Ordinal
from core.learning.models import (
    AdditiveModel,
    EncodedModel,
    PrivateAdditiveModel,
    PrivateBinnedModel,
    PrivateCodesModel,
)
from core.learning.naive_bayes import NaiveBayes, NoisyNaiveBayes
from core.learning.noisy_gradient import NoisyGradientLogisticRegression
from core.learning.noisy_trees import NoisyForest
from core.learning.perturbed_objective import PerturbedLogisticRegression
from core.privacy.accounting.budget import check_delta, check_epsilon
from core.privacy.accounting.noise_key import NoiseKey, NoiseSeed, library_random


@dataclass(frozen=True)
class LearnerConfiguration:
    """What a learner is built from.

    Attributes
    ----------
    seed : int
        Of everything but privacy noise.
    epsilon, delta : float or None
        Of a private learner.
    domains : Domains or None
        Public bounds and categories, for a private learner.
    noise_seed : int, NoiseKey or None
        None draws fresh noise, and a key so that the fit can be finished if it dies: as a release
        must. A number repeats it, as only a simulation may.
    external : ExternalSpec or None
        Of a model made elsewhere.
    mitigated : bool
        Whether a mitigation takes its scores, see :mod:`core.learning.external_model`.
    """

    seed: int = 0
    epsilon: float | None = None
    delta: float | None = None
    domains: Domains | None = None
    noise_seed: NoiseSeed = None
    external: ExternalSpec | None = None
    mitigated: bool = False


SMALLEST_EPSILON = 0.001
"""Below this interpret's search for the noise of DP-EBM finds no answer, and the weights of private
logistic regression are nothing but noise."""

LARGEST_EPSILON = 500.0
"""Above this interpret's e^ε overflows; e^500 guarantees nothing anyway."""


def logistic_regression(build: LearnerConfiguration) -> EncodedModel:
    """Logistic regression on standardised numbers and one-hot categories."""
    return EncodedModel(OneHot(), LogisticRegression(max_iter=2000), "linear")


def gradient_boosting(build: LearnerConfiguration) -> EncodedModel:
    """Gradient boosting on numbers and codes."""
    return EncodedModel(Ordinal(), HistGradientBoostingClassifier(random_state=build.seed), "trees")


def random_forest(build: LearnerConfiguration) -> EncodedModel:
    """Random forest on numbers and codes."""
    forest = RandomForestClassifier(n_estimators=100, min_samples_leaf=5, random_state=build.seed)
    return EncodedModel(Ordinal(fill_missing=True), forest, "trees")


def explainable_boosting(build: LearnerConfiguration) -> EncodedModel:
    """Explainable boosting machine on numbers and codes."""
    # Fewer bags and interactions than the library's defaults: on Adult 0.930 instead of 0.931
    # ROC AUC in an eighth of the time.
    machine = ExplainableBoostingClassifier(
        outer_bags=4, interactions=3, max_rounds=3000, random_state=build.seed
    )
    return AdditiveModel(Ordinal(), machine, "additive")


def _private_budget(build: LearnerConfiguration, *, delta: bool) -> tuple[float, float, Domains]:
    if build.epsilon is None:
        raise InputError("a private model needs an epsilon", where="epsilon")
    if build.domains is None:
        raise InputError("a private model needs declared bounds and categories", where="bounds")
    if delta and not build.delta:
        raise InputError(
            "this model's guarantee has a delta above 0",
            where=f"delta = {build.delta!r}",
            remedy="Give one well below 1 over the number of rows, such as 0.000001",
        )
    return check_epsilon(build.epsilon), check_delta(build.delta or 0.0), build.domains


def private_logistic_regression(build: LearnerConfiguration) -> EncodedModel:
    """Objective perturbation on rows within the unit ball."""
    epsilon, _, domains = _private_budget(build, delta=False)
    if epsilon < SMALLEST_EPSILON:
        raise InputError(
            f"the noise of this training would drown any model below {SMALLEST_EPSILON:g}",
            where=f"epsilon = {epsilon:g}",
            remedy="Nothing was charged. Spend more",
        )
    # A twentieth of epsilon pays for curvature: argued and measured in
    # docs/decisions/0005-private-logistic-regression.md.
    strength = 1 / (4 * math.expm1(min(epsilon, 100.0) / 40))
    estimator = PerturbedLogisticRegression(epsilon, strength, noise_seed=build.noise_seed)
    return EncodedModel(DeclaredOneHot(domains), estimator, "linear", takes_weights=False)


def private_explainable_boosting(build: LearnerConfiguration) -> EncodedModel:
    """DP-EBM on bounded numbers."""
    epsilon, delta, domains = _private_budget(build, delta=True)
    if epsilon < SMALLEST_EPSILON:
        raise InputError(
            f"the noise of this training cannot be set for less than {SMALLEST_EPSILON:g}",
            where=f"epsilon = {epsilon:g}",
            remedy="Nothing was charged. Spend more, or choose the private logistic regression",
        )
    if epsilon > LARGEST_EPSILON:
        raise InputError(
            f"the noise of this training cannot be set for more than {LARGEST_EPSILON:g}",
            where=f"epsilon = {epsilon:g}",
            remedy="Nothing was charged. Such an epsilon guarantees nothing: choose a model that "
            "is not private",
        )
    # The library takes no key: its seeds have 32 bits, which anyone can try out.
    seed = None if isinstance(build.noise_seed, NoiseKey) else build.noise_seed
    estimator = DPExplainableBoostingClassifier(
        epsilon=epsilon, delta=delta, random_state=seed, n_jobs=1
    )
    return PrivateAdditiveModel(DeclaredCodes(domains), estimator, "additive", takes_weights=False)


def private_binned_regression(build: LearnerConfiguration) -> EncodedModel:
    """Noisy gradients on declared bins."""
    epsilon, delta, domains = _private_budget(build, delta=True)
    estimator = NoisyGradientLogisticRegression(epsilon, delta, noise_seed=build.noise_seed)
    return PrivateBinnedModel(DeclaredBins(domains), estimator, "linear", takes_weights=False)


def naive_bayes(build: LearnerConfiguration) -> EncodedModel:
    """Gaussian naive Bayes on numbers and codes."""
    return EncodedModel(Ordinal(fill_missing=True), NaiveBayes(), "additive")


def decision_tree(build: LearnerConfiguration) -> EncodedModel:
    """One tree on numbers and codes, of a size that can be read."""
    tree = DecisionTreeClassifier(max_depth=8, min_samples_leaf=20, random_state=build.seed)
    return EncodedModel(Ordinal(fill_missing=True), tree, "trees")


def private_naive_bayes(build: LearnerConfiguration) -> EncodedModel:
    """Noisy means and variances of declared codes."""
    epsilon, _, domains = _private_budget(build, delta=False)
    random = library_random(build.noise_seed, "naive Bayes")
    estimator = NoisyNaiveBayes(epsilon=epsilon, random_state=random)
    return PrivateCodesModel(DeclaredCodes(domains), estimator, "additive", takes_weights=False)


def private_decision_tree(build: LearnerConfiguration) -> EncodedModel:
    """One tree of random splits with noisy labels."""
    return _noisy_forest(build, trees=1, depth=8)


def private_random_forest(build: LearnerConfiguration) -> EncodedModel:
    """Trees of random splits with noisy labels, each on rows of its own."""
    return _noisy_forest(build, trees=20, depth=6)


def _noisy_forest(build: LearnerConfiguration, *, trees: int, depth: int) -> EncodedModel:
    epsilon, _, domains = _private_budget(build, delta=False)
    estimator = NoisyForest(trees, depth, epsilon, noise_seed=build.noise_seed)
    return PrivateCodesModel(DeclaredCodes(domains), estimator, "any", takes_weights=False)
