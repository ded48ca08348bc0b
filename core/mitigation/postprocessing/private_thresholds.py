"""Thresholds chosen after private training, from noisy counts of validation rows.

Definition
----------
Validation rows are counted in a cube of declared groups × score bins × outcome, with a last group
for values that were not declared. A row falls in one cell, so the cube has L1 sensitivity 1 under
add-or-remove, and discrete Laplace noise of rate ε makes it ε-differentially private
(:mod:`core.privacy.mechanisms.noise`). Everything else here looks at the noisy cube alone:
post-processing.

What training and counting cost together
-----------------------------------------
The split of a private plan gives each row its part by a lot that its own values and the seed
decide (:mod:`core.learning.split`). One row more is therefore one row more in one part, and the
other parts are what they were:

- In the training part, the model is (ε, δ)-private for it, and the cube is a function of the model
  and of the same validation rows.
- In the validation part, the model is the same, and the cube, given the model, is ε-private.
- In the test part, nothing changes.

So model and cube together are (ε, δ)-private: parallel composition (McSherry 2009, theorem 4),
which allows the cube to be chosen after seeing the model. A person whose rows share a part is one
such case too, with the rows counted by :mod:`core.privacy.accounting.contribution`.

This needs add-or-remove. A row that is *replaced* may leave one part and enter another: the
training rows then differ by one removal, of which a guarantee under replace-one says nothing, and
two parts change at once. Learners with such a guarantee are refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints, Objects
from core.learning.models import EncodedModel
from core.mitigation.postprocessing.rate_thresholds import ThresholdsDecider
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    NoisyCounting,
    ThresholdDecider,
    TrainingData,
    counting_of,
)
from core.privacy.mechanisms.noise import noise_variance, noisy

Rate = Literal["selection", "true positive"]

BINS = 100
"""Score bins of equal width: fixed beforehand, so that they tell nothing."""
THRESHOLDS: Floats = np.append(np.arange(BINS) / BINS, np.nextafter(1.0, 2.0))
"""Thresholds to choose from; the first selects everyone and the last nobody."""
_HALF = BINS // 2
CAUTION = 2.0
"""Standard deviations of noise by which another threshold must be better than 0.5."""
TOLERANCE = 0.02
"""Gap between rates of groups that is let be."""
TELLING = 4.0
"""Standard deviations of noise that a group's count must exceed for its rates to tell anything."""


def noisy_cube(scores: Floats, part: TrainingData, counting: NoisyCounting) -> Ints:
    """Count rows by declared group, score bin and outcome, with noise.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
        In [0, 1].
    part : TrainingData
    counting : NoisyCounting

    Returns
    -------
    ndarray of int64, shape (declared groups + 1, BINS, 2)
        The last group holds all rows of no declared group; the last axis is negative, positive.
        Counts may be below 0.
    """
    group = pd.Index(counting.groups, dtype=object).get_indexer(pd.Index(part.groups))
    group[group < 0] = len(counting.groups)
    # A bin holds its left edge, as a decision at that threshold does.
    score_bin = np.searchsorted(THRESHOLDS[1:BINS], scores, side="right")
    shape = (len(counting.groups) + 1, BINS, 2)
    cell = np.ravel_multi_index((group, score_bin, part.positive.astype(np.int64)), shape)
    counts = np.bincount(cell, minlength=math.prod(shape))
    found = noisy(counts, epsilon=counting.epsilon, sensitivity=1, source=counting.source)
    return np.array(found, dtype=np.int64).reshape(shape)


def _correct(cube: Ints) -> Ints:
    """Rows decided rightly at each threshold, shape (..., BINS + 1)."""
    zero = np.zeros((*cube.shape[:-2], 1), dtype=np.int64)
    rejected = np.concatenate([zero, np.cumsum(cube, axis=-2)[..., 0]], axis=-1)
    return np.asarray(rejected + _selected(cube[..., 1]))


def _selected(counts: Ints) -> Ints:
    """Rows at or above each threshold, shape (..., BINS + 1), from counts by bin."""
    above = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([above, np.zeros((*counts.shape[:-1], 1), dtype=np.int64)], axis=-1)


def most_accurate(counts: Ints, variance: float) -> int:
    """Choose the threshold of the best accuracy, 0.5 unless another is better beyond the noise.

    The number of rows decided rightly differs between a threshold and 0.5 by the counts of the
    bins between them alone, each with the noise of two cells.

    Parameters
    ----------
    counts : ndarray of int64, shape (BINS, 2)
        With noise.
    variance : float
        Of the noise of one of them.

    Returns
    -------
    int
        Position in :data:`THRESHOLDS`; of equally good ones the nearest to 0.5.
    """
    away = np.abs(np.arange(BINS + 1) - _HALF)
    correct = _correct(counts)
    gain = correct - correct[_HALF] - CAUTION * np.sqrt(2 * away * variance)
    return int(min(np.flatnonzero(gain == gain.max()), key=lambda k: away[k]))


@dataclass(frozen=True)
class GroupThresholds:
    """Thresholds of groups.

    Attributes
    ----------
    of_group : dict of str to float
        Of the declared groups of which the counts tell enough.
    others : float
        Of all other people: the most accurate one for everybody together.
    too_few : tuple of str
        Declared groups whose counts drown in the noise.
    """

    of_group: dict[str, float]
    others: float
    too_few: tuple[str, ...]

    def at(self, strength: float) -> GroupThresholds:
        """Take each group the part ``strength`` of the way from everybody's threshold to its own.

        It looks at the thresholds alone, so the guarantee stands. Towards 0 all get the most
        accurate threshold for everybody, which need not be 0.5.
        """
        moved = {
            name: (1 - strength) * self.others + strength * own
            for name, own in self.of_group.items()
        }
        return replace(self, of_group=moved)


def levelled(cube: Ints, groups: tuple[str, ...], variance: float, rate: Rate) -> GroupThresholds:
    """Choose thresholds under which the rates of groups are alike and few decisions are wrong.

    For each of 101 aims between 0 and 1, every group takes the threshold that decides the most rows
    rightly among those whose rate is within half the tolerance of the aim, or else the one nearest
    to it. Of the aims, the one is kept at which the share of wrong decisions plus the gap beyond
    the tolerance is smallest: where counts are too coarse for the tolerance, a point of gap weighs
    as much as a point of accuracy.

    Parameters
    ----------
    cube : ndarray of int64, shape (groups + 1, BINS, 2)
        With noise.
    groups : tuple of str
    variance : float
        Of the noise of one count.
    rate : {"selection", "true positive"}
    """
    others = float(THRESHOLDS[most_accurate(cube.sum(axis=0), variance)])
    judged = cube[:-1].sum(axis=2) if rate == "selection" else cube[:-1, :, 1]
    cells = 2 * BINS if rate == "selection" else BINS
    enough = judged.sum(axis=1) > TELLING * math.sqrt(cells * variance)
    too_few = tuple(name for name, large in zip(groups, enough, strict=True) if not large)
    if enough.sum() < 2:
        # With nobody to compare with there is nothing to level.
        return GroupThresholds({}, others, too_few)
    selected = _selected(judged[enough])
    rates = np.clip(selected / selected[:, :1], 0, 1)
    correct = _correct(cube[:-1][enough])
    rows = max(1, int(cube[:-1][enough].sum()))
    each = np.arange(len(rates))
    best, chosen = math.inf, np.zeros(len(rates), dtype=np.int64)
    for aim in np.linspace(0, 1, BINS + 1):
        away = np.abs(rates - aim)
        near = away <= TOLERANCE / 2
        within = np.where(near, correct, np.iinfo(np.int64).min).argmax(axis=1)
        taken = np.where(near.any(axis=1), within, away.argmin(axis=1))
        gap = float(np.ptp(rates[each, taken]))
        wrong = 1 - correct[each, taken].sum() / rows
        if (loss := wrong + max(0.0, gap - TOLERANCE)) < best:
            best, chosen = loss, taken
    named = [name for name, large in zip(groups, enough, strict=True) if large]
    return GroupThresholds(
        {name: float(THRESHOLDS[k]) for name, k in zip(named, chosen, strict=True)}, others, too_few
    )


class DeclaredThresholdsDecider(ThresholdsDecider):
    """One threshold for each declared group, and one for everybody else."""

    kept_fields = ("model", "thresholds", "others", "too_few")

    def __init__(self, model: EncodedModel, found: GroupThresholds):
        super().__init__(model, found.of_group)
        self.others = found.others
        self.too_few = found.too_few

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the score reaches the group's threshold, shape (n,)."""
        thresholds = pd.Series(groups, dtype=object).map(self.thresholds)
        return self.predict_score(X) >= thresholds.astype(np.float64).fillna(self.others).to_numpy()


def _one_threshold(task: MitigationContext) -> Decider:
    counting = counting_of(task)
    model = task.plain()
    everyone = NoisyCounting(counting.epsilon, counting.source)
    counts = noisy_cube(model.predict_score(task.validation.X), task.validation, everyone)[0]
    chosen = most_accurate(counts, noise_variance(counting.epsilon, 1))
    return ThresholdDecider(model, float(THRESHOLDS[chosen]))


def _group_thresholds(task: MitigationContext, rate: Rate) -> Decider:
    counting = counting_of(task)
    model = task.plain()
    cube = noisy_cube(model.predict_score(task.validation.X), task.validation, counting)
    found = levelled(cube, counting.groups, noise_variance(counting.epsilon, 1), rate)
    return DeclaredThresholdsDecider(model, found.at(task.strength))


_DEGREES = (
    "At half strength a group's threshold lies halfway between the most accurate one for everybody "
    "and its own."
)
_SOURCE = "Discrete Laplace counts, Ghosh et al. 2012; parallel composition, McSherry 2009"

MITIGATIONS.add(
    Mitigation(
        "private_threshold",
        "Private threshold",
        "Chooses one threshold for everybody, the most accurate on noisy counts of validation "
        "rows; private models' scores are often off, and 0.5 is then a poor one.",
        "after",
        _one_threshold,
        keeps_privacy=True,
        counts="validation",
        source=_SOURCE,
        assumes="Both kinds of error weigh alike, and it is accuracy that is wanted: no gap is "
        "aimed at.",
        takes_weights=False,
    )
)
MITIGATIONS.add(
    Mitigation(
        "private_group_thresholds",
        "Private group thresholds",
        "Chooses a threshold for each declared group so that all are selected about equally "
        "often, from noisy counts of validation rows.",
        "after",
        lambda task: _group_thresholds(task, "selection"),
        needs_group_to_decide=True,
        keeps_privacy=True,
        counts="validation",
        declared_groups=True,
        source=_SOURCE,
        assumes="Groups should be selected equally often whatever the records say, thresholds may "
        "differ by group, and a gap of 0.02 is small enough.",
        aim="demographic_parity_difference",
        degrees=_DEGREES,
        takes_weights=False,
    )
)
MITIGATIONS.add(
    Mitigation(
        "private_group_thresholds_true_positive_rate",
        "Private group thresholds, true positive rates",
        "Chooses a threshold for each declared group so that true positive rates are about equal, "
        "from noisy counts of validation rows.",
        "after",
        lambda task: _group_thresholds(task, "true positive"),
        needs_group_to_decide=True,
        keeps_privacy=True,
        counts="validation",
        declared_groups=True,
        source=_SOURCE,
        assumes="Recorded outcomes are right in every group, thresholds may differ by group, and a "
        "gap of 0.02 is small enough.",
        aim="equal_opportunity_difference",
        degrees=_DEGREES,
        takes_weights=False,
    )
)
