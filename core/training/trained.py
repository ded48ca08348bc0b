"""A trained model with its scores, its decisions and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.arrays import Flags, Floats
from core.learning.learners import LEARNERS
from core.learning.performance import Performance
from core.learning.split import Split
from core.mitigation import MITIGATIONS

if TYPE_CHECKING:
    from core.training.spec import TrainingSpec


from core.data.domains import Domains
from core.data.table import Repair
from core.mitigation import Decider
from core.training.spec import Noise, TrainingSpec

SCORES_ARE_PROBABILITIES = (
    "the scores are chances of being drawn for the positive decision, and say nothing of how "
    "likely the positive outcome is"
)
"""Why figures of scores are not defined for a lot between models."""
SCORES_ARE_LABELS = "the model gives the label that it decides, and no score"
"""Why figures of scores are not defined for a model made elsewhere."""


@dataclass(frozen=True)
class Trained:
    """A trained decider with its figures on untouched test rows.

    Attributes
    ----------
    spec : TrainingSpec
    split : Split
    decider : Decider
    scores : ndarray of float, shape (test rows,)
        On which decisions rest, with each person's group known to the mitigation.
    decisions : ndarray of bool, shape (test rows,)
    performance : Performance
    baseline : Performance or None
        Of the learner without privacy, trained on the same rows, beside a private one.
    baseline_learner : str or None
    domains : Domains or None
        The domains a private learner used.
    cost : tuple of (float, float) or None
        The ε and δ that were charged for a private learner.
    fingerprint : str
        Of the dataset it was trained on.
    repairs : tuple of Repair
        Rows that were left out to bound what one person contributes.
    unmitigated : Unmitigated or None
        The same learner on the same rows without the mitigation, beside a mitigated one.
    charged : tuple of (float, float)
        ε and δ of each charge that paid for it, which come to ``cost``.
    """

    spec: TrainingSpec
    split: Split
    decider: Decider
    scores: Floats
    decisions: Flags
    performance: Performance
    baseline: Performance | None
    baseline_learner: str | None
    domains: Domains | None
    cost: tuple[float, float] | None
    fingerprint: str
    repairs: tuple[Repair, ...] = ()
    unmitigated: Unmitigated | None = None
    charged: tuple[tuple[float, float], ...] = ()

    @property
    def outcome_scores(self) -> Floats | str:
        """Scores for the positive outcome, or why the scores say nothing of it."""
        return outcome_scores(self.spec, self.scores)

    @property
    def noise(self) -> Noise:
        """Whether privacy noise was drawn afresh, repeated from a seed, or there is none."""
        return self.spec.noise if LEARNERS[self.spec.learner].private else "none"


def outcome_scores(spec: TrainingSpec, scores: Floats) -> Floats | str:
    """Return scores that a spec's model gave, or why they are none of the outcome."""
    if spec.external is not None and spec.external.output == "label":
        return SCORES_ARE_LABELS
    return SCORES_ARE_PROBABILITIES if MITIGATIONS[spec.mitigation].score_is_probability else scores


@dataclass(frozen=True)
class Unmitigated:
    """Scores and decisions of the same learner on the same test rows, without mitigation.

    Attributes
    ----------
    scores : ndarray of float, shape (test rows,)
    decisions : ndarray of bool, shape (test rows,)
    performance : Performance
    """

    scores: Floats
    decisions: Flags
    performance: Performance
