"""Fairness of what was counted in an engine, by some of its sensitive columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import Floats
from core.fairness.assessment.assess import assess_cube
from core.fairness.assessment.scoring_rate import ScoringRates
from core.fairness.counts.score_cube import binned_auc
from core.fairness.engine.engine_counted import Counted
from core.fairness.engine.engine_scoring import scoring_of
from core.fairness.metrics.assessment import Assessment
from core.fairness.metrics.score_calibration import brier_score, score_estimates


@dataclass(frozen=True)
class CountedAssessment:
    """An assessment from cells, and what counting scores in bins may cost.

    Attributes
    ----------
    assessment : Assessment
    auc_error : float or None
        Largest error of the area under the ROC curve, in [0, 0.5], in any of these groups and for
        everyone, that comes from counting scores in bins; 0 where no bin mixes scores, None
        without scores or outcomes, or where no such area is defined. See
        :func:`core.fairness.counts.score_cube.binned_auc`.
    brier_error : float or None
        By how much, at most, the Brier score of any of them is too small for that; see
        :func:`core.fairness.metrics.score_calibration.brier_score`.
    scoring : tuple of ScoringRates
        Who scores above the median; empty without scores, or where
        :attr:`core.fairness.engine.engine_counted.Counted.no_scoring` says why there are none.
    """

    assessment: Assessment
    auc_error: float | None = None
    brier_error: float | None = None
    scoring: tuple[ScoringRates, ...] = ()


def assess_counted(counted: Counted, attributes: Sequence[str]) -> CountedAssessment:
    """Assess by a combination of the counted sensitive columns, without another count.

    Parameters
    ----------
    counted : Counted
    attributes : sequence of str
        At least one of ``counted.cube.attributes``, in that order.
    """
    scores = counted.ranked_scores
    positive = counted.roles.positive_is_favourable
    cube = counted.cube.marginal(attributes)
    scoring: tuple[ScoringRates, ...] = ()
    if counted.scores is not None and counted.near is not None:
        scoring = scoring_of(counted.scores, counted.near, attributes)
    if scores is None:
        found = assess_cube(cube, positive_is_favourable=positive)
        return CountedAssessment(found, scoring=scoring)
    groups, everyone = scores.marginal(attributes), scores.overall()
    assessment = assess_cube(
        cube,
        scores=score_estimates(groups),
        overall_scores=score_estimates(everyone),
        positive_is_favourable=positive,
    )
    return CountedAssessment(
        assessment,
        _largest(binned_auc(groups)[1], binned_auc(everyone)[1]),
        _largest(brier_score(groups)[1], brier_score(everyone)[1]),
        scoring,
    )


def _largest(*errors: Floats) -> float | None:
    known = np.concatenate(errors)
    known = known[~np.isnan(known)]
    return float(known.max()) if len(known) else None
