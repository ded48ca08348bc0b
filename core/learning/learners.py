"""The registry of learners. A new learner is one ``LEARNERS.add(...)`` here.

How each is built stands in :mod:`core.learning.builders`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import InputError
from core.learning import builders
from core.learning.builders import LearnerConfiguration
from core.learning.external_model import ExternalModel
from core.learning.given_score import GivenScore
from core.learning.models import EncodedModel
from core.learning.perturbed_objective import MOST_ROWS
from core.privacy.accounting.budget import Neighbouring
from core.registry import Registry

__all__ = ["EXTERNAL_MODEL", "GIVEN_SCORE", "LEARNERS", "Learner", "LearnerConfiguration"]


@dataclass(frozen=True)
class Learner:
    """A registered learner.

    Attributes
    ----------
    name, title, sentence : str
        For the command line, for a person, and what it is in plain words.
    build : callable
        From a :class:`LearnerConfiguration` to an untrained model.
    private : bool
        Whether training is differentially private.
    neighbouring : {"replace-one", "add-or-remove"} or None
        Of its guarantee.
    needs_delta : bool
        Whether its guarantee has a δ above 0.
    baseline : str or None
        The learner without privacy to show beside it.
    leaves_out : tuple of str
        What the privacy guarantee does not cover, in words.
    given : bool
        Whether it is the existing score of an audit of predictions, and trains nothing.
    external : bool
        Whether it is a model made elsewhere, and trains nothing.
    most_rows : int or None
        Of a table that it can be trained on; None is any.
    """

    name: str
    title: str
    sentence: str
    build: Callable[[LearnerConfiguration], EncodedModel]
    private: bool = False
    neighbouring: Neighbouring | None = None
    needs_delta: bool = False
    baseline: str | None = None
    leaves_out: tuple[str, ...] = ()
    given: bool = False
    external: bool = False
    most_rows: int | None = None

    @property
    def fixed(self) -> bool:
        """Whether nothing is trained here, so that only what comes after training can change."""
        return self.given or self.external


LEARNERS: Registry[Learner] = Registry("model")


_NOT_HARDENED = (
    "attacks on the floating-point form of continuous noise: the library draws it from "
    "ordinary doubles"
)

LEARNERS.add(
    Learner(
        "logistic_regression",
        "Logistic regression",
        "Adds up one weight for each feature; quick, and easy to read.",
        builders.logistic_regression,
    )
)
LEARNERS.add(
    Learner(
        "gradient_boosting",
        "Gradient boosting",
        "Adds up many small decision trees, each mending the errors of those before it; "
        "usually the most accurate.",
        builders.gradient_boosting,
    )
)
LEARNERS.add(
    Learner(
        "random_forest",
        "Random forest",
        "Averages 100 decision trees, each grown on a random part of the data.",
        builders.random_forest,
    )
)
LEARNERS.add(
    Learner(
        "explainable_boosting",
        "Explainable boosting machine",
        "Learns one curve for each feature and adds them up, so that its explanation is exact.",
        builders.explainable_boosting,
    )
)
LEARNERS.add(
    Learner(
        "dp_logistic_regression",
        "Private logistic regression",
        "Logistic regression trained with noise, so that no single row can be told from it "
        "(perturbed objective, Chaudhuri et al. 2011; approximate minimum, Iyengar et al. 2019).",
        builders.private_logistic_regression,
        private=True,
        neighbouring="replace-one",
        baseline="logistic_regression",
        leaves_out=(_NOT_HARDENED,),
        most_rows=MOST_ROWS,
    )
)
LEARNERS.add(
    Learner(
        "dp_binned_regression",
        "Private regression on bins",
        "Learns one step curve for each feature by noisy gradients and adds them up, so that no "
        "single row can be told from it and its explanation is exact; usually the most accurate "
        "of the private ones.",
        builders.private_binned_regression,
        private=True,
        neighbouring="add-or-remove",
        needs_delta=True,
        baseline="gradient_boosting",
    )
)
LEARNERS.add(
    Learner(
        "dp_explainable_boosting",
        "Private explainable boosting machine",
        "An explainable boosting machine whose every step is noised, so that no single row can "
        "be told from it (DP-EBM, Nori et al. 2021).",
        builders.private_explainable_boosting,
        private=True,
        neighbouring="add-or-remove",
        needs_delta=True,
        baseline="gradient_boosting",
        leaves_out=(
            _NOT_HARDENED,
            "the number of training rows, which the algorithm uses as if it were public",
        ),
    )
)
LEARNERS.add(
    Learner(
        "naive_bayes",
        "Naive Bayes",
        "Compares each feature's mean and spread among the two outcomes, as if features were "
        "independent; the simplest, and a yardstick for its private form.",
        builders.naive_bayes,
    )
)
LEARNERS.add(
    Learner(
        "decision_tree",
        "Decision tree",
        "Asks at most eight questions in turn, so that each decision can be read as a path.",
        builders.decision_tree,
    )
)
LEARNERS.add(
    Learner(
        "dp_naive_bayes",
        "Private naive Bayes",
        "Naive Bayes whose counts, means and variances are noised, so that no single row can be "
        "told from it (diffprivlib; Vaidya et al. 2013).",
        builders.private_naive_bayes,
        private=True,
        neighbouring="add-or-remove",
        baseline="naive_bayes",
        leaves_out=(_NOT_HARDENED,),
    )
)
LEARNERS.add(
    Learner(
        "dp_decision_tree",
        "Private decision tree",
        "A tree of random questions whose answers are noised, so that no single row can be told "
        "from it; simple, and usually far less accurate than the others "
        "(diffprivlib; Fletcher and Islam 2017).",
        builders.private_decision_tree,
        private=True,
        neighbouring="add-or-remove",
        baseline="decision_tree",
        leaves_out=(_NOT_HARDENED,),
    )
)
LEARNERS.add(
    Learner(
        "dp_random_forest",
        "Private random forest",
        "Twenty trees of random questions, each on rows of its own and with noised answers, so "
        "that no single row can be told from it (diffprivlib; Fletcher and Islam 2017).",
        builders.private_random_forest,
        private=True,
        neighbouring="add-or-remove",
        baseline="random_forest",
        leaves_out=(_NOT_HARDENED,),
    )
)

GIVEN_SCORE = LEARNERS.add(
    Learner(
        "given_score",
        "Existing score",
        "Trains nothing: it decides by the score that is in the table.",
        lambda build: GivenScore(),
        given=True,
    ),
    listed=False,
)
"""Of an audit of existing predictions, where only what comes after training can be changed."""


def _external(build: LearnerConfiguration) -> EncodedModel:
    if build.external is None:
        raise InputError(
            "no model was brought",
            where="model 'external_model'",
            remedy="Bring a model's file, or choose a model to train",
        )
    return ExternalModel(build.external, mitigated=build.mitigated)


EXTERNAL_MODEL = LEARNERS.add(
    Learner(
        "external_model",
        "Model made elsewhere",
        "Trains nothing: it asks a model that was made elsewhere.",
        _external,
        external=True,
    ),
    listed=False,
)
"""A file, a served model or an object in memory: what the spec's ``external`` names."""
