"""What measuring trust in explanations finds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.explanation.trust.agreement import Agreement
from core.explanation.trust.averages import mean_over
from core.explanation.trust.by_group import GroupGap
from core.explanation.trust.complexity import Complexity
from core.explanation.trust.fidelity import Fidelity
from core.explanation.trust.off_distribution import OffDistribution
from core.explanation.trust.stability import Stability
from core.fairness.metrics.assessment import Figure


@dataclass(frozen=True)
class TrustSpec:
    """How much to measure; the numbers of people are those of overall figures.

    Attributes
    ----------
    people : int or None
        Test rows drawn for SHAP; None is by the cost of the learner's method.
    lime_people : int
        Of those, explained by LIME too.
    group_people, lime_group_people : int
        Further ones are drawn until each group has so many, for figures by group only.
    neighbours : int
        Times each person is moved slightly.
    refits : int
        Trainings with other seeds.
    seed : int
    """

    people: int | None = None
    lime_people: int = 20
    group_people: int = 30
    lime_group_people: int = 10
    neighbours: int = 5
    refits: int = 2
    seed: int = 0


@dataclass(frozen=True)
class Trust:
    """Everything that was measured so far; a part is empty until it is done.

    Attributes
    ----------
    method, explains : str
        See :class:`core.explanation.attribution.contributions.Contributions`.
    features : tuple of str
    people, explained : int
        Test rows drawn for overall figures, and with those added for figures by group.
    background_rows : int
    fidelity : tuple of Fidelity
    fits : ndarray, shape (lime people,)
        LIME's weighted R² of each.
    stability : tuple of Stability
    agreement : tuple of Agreement
    complexity : tuple of Complexity
    off : OffDistribution or None
    gaps : tuple of GroupGap
    notes : tuple of str
        What could not be measured, and why.
    complete : bool
    """

    method: str
    explains: str
    features: tuple[str, ...]
    people: int
    explained: int
    background_rows: int
    fidelity: tuple[Fidelity, ...] = ()
    fits: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    stability: tuple[Stability, ...] = ()
    agreement: tuple[Agreement, ...] = ()
    complexity: tuple[Complexity, ...] = ()
    off: OffDistribution | None = None
    gaps: tuple[GroupGap, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = False

    @property
    def fit(self) -> Figure:
        """Mean weighted R² of LIME's local models."""
        return mean_over(self.fits, "nobody was explained by LIME")
