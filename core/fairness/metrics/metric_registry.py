"""The registry of group metrics."""

from __future__ import annotations

import numpy as np

from core.arrays import Floats
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.ranking import roc_auc
from core.fairness.intervals.intervals import Ends, mean_of_two
from core.fairness.intervals.rate_intervals import RateLimits
from core.fairness.metrics.metric_definition import (
    ANY_POSITIVE,
    CORRECT,
    ERRORS,
    EVERYONE,
    FALSE_NEGATIVES,
    FALSE_POSITIVES,
    NEGATIVES,
    POSITIVES,
    REJECTED,
    SELECTED,
    TRUE_NEGATIVES,
    TRUE_POSITIVES,
    Cells,
    GroupMetric,
    ScoreMetric,
    share,
)
from core.fairness.metrics.score_quality import BINS, brier_score, expected_calibration_error
from core.registry import Registry

__all__ = ["METRICS", "REJECTION_RATE", "GroupMetric", "ScoreMetric"]

Rate = tuple[Floats, Ends]

METRICS: Registry[GroupMetric | ScoreMetric] = Registry("fairness metric")

for _metric in (
    share(
        "selection_rate",
        "Selection rate",
        "Selection rate: the share of a group that gets the positive decision.",
        "E[Ŷ | A=a]",
        (SELECTED, EVERYONE),
        "follows_decision",
    ),
    share(
        "true_positive_rate",
        "True positive rate",
        "True positive rate: of those in a group whose true outcome is positive, the share that "
        "gets the positive decision.",
        "E[Ŷ | Y=1, A=a]",
        (TRUE_POSITIVES, POSITIVES),
        "follows_decision",
    ),
    share(
        "false_positive_rate",
        "False positive rate",
        "False positive rate: of those in a group whose true outcome is negative, the share that "
        "gets the positive decision all the same.",
        "E[Ŷ | Y=0, A=a]",
        (FALSE_POSITIVES, NEGATIVES),
        "follows_decision",
    ),
    share(
        "true_negative_rate",
        "True negative rate",
        "True negative rate: of those in a group whose true outcome is negative, the share that "
        "gets the negative decision.",
        "E[1−Ŷ | Y=0, A=a]",
        (TRUE_NEGATIVES, NEGATIVES),
        "neither",
    ),
    share(
        "false_negative_rate",
        "False negative rate",
        "False negative rate: of those in a group whose true outcome is positive, the share that "
        "gets the negative decision all the same.",
        "E[1−Ŷ | Y=1, A=a]",
        (FALSE_NEGATIVES, POSITIVES),
        "neither",
    ),
    share(
        "precision",
        "Precision",
        "Precision: of those in a group who get the positive decision, the share whose true "
        "outcome is positive.",
        "E[Y | Ŷ=1, A=a]",
        (TRUE_POSITIVES, SELECTED),
        "higher",
    ),
    share(
        "negative_predictive_value",
        "Negative predictive value",
        "Negative predictive value: of those in a group who get the negative decision, the share "
        "whose true outcome is negative.",
        "E[1−Y | Ŷ=0, A=a]",
        (TRUE_NEGATIVES, REJECTED),
        "higher",
    ),
    share(
        "false_discovery_rate",
        "False discovery rate",
        "False discovery rate: of those in a group who get the positive decision, the share whose "
        "true outcome is negative.",
        "E[1−Y | Ŷ=1, A=a]",
        (FALSE_POSITIVES, SELECTED),
        "lower",
    ),
    share(
        "false_omission_rate",
        "False omission rate",
        "False omission rate: of those in a group who get the negative decision, the share whose "
        "true outcome is positive.",
        "E[Y | Ŷ=0, A=a]",
        (FALSE_NEGATIVES, REJECTED),
        "lower",
    ),
    share(
        "false_negative_share",
        "False negatives among errors",
        "False negatives among errors: of the wrong decisions in a group, the share that wrongly "
        "withholds the positive decision; the others wrongly give it.",
        "E[Y | Ŷ≠Y, A=a]",
        (FALSE_NEGATIVES, ERRORS),
        "neither",
    ),
    share(
        "accuracy",
        "Accuracy",
        "Accuracy: the share of a group for which the decision matches the true outcome.",
        "E[1{Ŷ=Y} | A=a]",
        (CORRECT, EVERYONE),
        "higher",
    ),
    share(
        "prevalence",
        "Base rate",
        "Base rate: the share of a group whose true outcome is positive, whatever was decided.",
        "E[Y | A=a]",
        (POSITIVES, EVERYONE),
        "neither",
    ),
):
    METRICS.add(_metric)


BALANCED = (TRUE_POSITIVES, POSITIVES), (TRUE_NEGATIVES, NEGATIVES)
JACCARD = TRUE_POSITIVES, ANY_POSITIVE


def _rate(cells: tuple[Cells, Cells], cube: OutcomeCube, level: float, limits: RateLimits) -> Rate:
    """Compute a share of cells with its interval."""
    hits, trials = cells
    size = cube.sizes(hits, trials, level)
    value = np.full(size.shape, np.nan)
    np.divide(hits(cube.weight), trials(cube.weight), out=value, where=size > 0)
    return value, limits(value, size, level)


def _balanced_interval(cube: OutcomeCube, level: float, limits: RateLimits) -> Ends:
    first, second = (_rate(cells, cube, level, limits) for cells in BALANCED)
    if cube.persons is None:
        return mean_of_two(first, second)
    return mean_of_two(first, second, cube.persons.correlation_within(*BALANCED))


def _f1_interval(cube: OutcomeCube, level: float, limits: RateLimits) -> Ends:
    """F1 = 2J / (1 + J) rises with J = TP / (TP + FP + FN), which is a plain share of rows."""
    _, (low, high) = _rate(JACCARD, cube, level, limits)
    return 2 * low / (1 + low), 2 * high / (1 + high)


METRICS.add(
    GroupMetric(
        "balanced_accuracy",
        "Balanced accuracy",
        "Balanced accuracy: the mean of the true positive and the true negative rate, so that a "
        "rare outcome counts as much as a common one.",
        "(E[Ŷ | Y=1, A=a] + E[1−Ŷ | Y=0, A=a]) / 2",
        lambda t: TRUE_POSITIVES(t) * NEGATIVES(t) + TRUE_NEGATIVES(t) * POSITIVES(t),
        lambda t: 2 * POSITIVES(t) * NEGATIVES(t),
        (POSITIVES, NEGATIVES),
        _balanced_interval,
        "higher",
        shares=BALANCED,
    )
)
METRICS.add(
    GroupMetric(
        "f1",
        "F1 score",
        "F1 score: the harmonic mean of precision and true positive rate; 1 is best.",
        "2 E[Ŷ·Y | A=a] / (E[Ŷ | A=a] + E[Y | A=a])",
        lambda t: 2 * TRUE_POSITIVES(t),
        lambda t: SELECTED(t) + POSITIVES(t),
        (ANY_POSITIVE,),
        _f1_interval,
        "higher",
        shares=(JACCARD,),
    )
)
METRICS.add(
    ScoreMetric(
        "roc_auc",
        "ROC AUC",
        "ROC AUC, the area under the ROC curve: how often a random member of the group with a "
        "positive outcome scores above a random member with a negative one; 0.5 is no better than "
        "chance.",
        "E[1{S>S'} + ½·1{S=S'} | Y=1, Y'=0, A=a, A'=a]",
        roc_auc,
    )
)
METRICS.add(
    ScoreMetric(
        "brier",
        "Brier score",
        "Brier score: the mean squared distance between a score and the true outcome, 1 or 0; 0 is "
        "best.",
        "E[(S−Y)² | A=a]",
        brier_score,
        "lower",
    )
)
METRICS.add(
    ScoreMetric(
        "expected_calibration_error",
        "Expected calibration error",
        "Expected calibration error: how far the mean score is from the share of positive outcomes "
        f"among people with similar scores, in {BINS} bins of equal width, on average; 0 is best.",
        "E[|E[S−Y | bin(S), A=a]| | A=a]",
        expected_calibration_error,
        "lower",
    )
)

REJECTION_RATE = share(
    "rejection_rate",
    "Rate of the favourable decision",
    "Rate of the favourable decision, which is the negative one: the share of a group that gets "
    "it.",
    "E[1−Ŷ | A=a]",
    (REJECTED, EVERYONE),
    "higher",
)
"""One minus the selection rate; the favourable decision where the positive label is adverse."""
