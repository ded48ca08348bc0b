"""Inequality of benefits: generalized entropy and Theil indices, total and between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from core.arrays import Floats
from core.data.dataset import NO_OUTCOME
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.person_draws import draw_amounts
from core.fairness.metrics.assessment import Figure, Inequality
from core.fairness.metrics.group_measurement import Sampling
from core.registry import Registry

BENEFIT = np.array([[1.0, 2.0], [0.0, 1.0]])
"""By label and prediction: 1 for a right decision, 2 for a wrong gift, 0 for a wrong refusal."""


@dataclass(frozen=True)
class InequalityDefinition:
    """An index of inequality: generalized entropy of order ``alpha``, 1 being Theil's index."""

    name: str
    title: str
    sentence: str
    alpha: int
    source: str


SPEICHER = "Speicher et al. 2018, A unified approach to quantifying algorithmic unfairness, KDD"

INEQUALITIES: Registry[InequalityDefinition] = Registry("inequality index")
INEQUALITIES.add(
    InequalityDefinition(
        "generalized_entropy_index",
        "Generalized entropy index",
        "Generalized entropy index (order 2): half the squared spread of benefits relative to "
        "their mean, a person's benefit being 1 for a right decision, 2 for an unearned favourable "
        "and 0 for an undeserved unfavourable one; 0 means that all benefit alike.",
        2,
        SPEICHER,
    )
)
INEQUALITIES.add(
    InequalityDefinition(
        "theil_index",
        "Theil index",
        "Theil index: the generalized entropy of order 1 of the same benefits, which weighs the "
        "gap between nothing and something more; 0 means that all benefit alike.",
        1,
        SPEICHER,
    )
)

NO_INTERVAL = (
    "chance alone keeps a between-group part above 0, so an interval of it would mislead; the "
    "gaps between groups have theirs"
)


def inequality(
    cube: OutcomeCube, level: float, sampling: Sampling, positive_is_favourable: bool = True
) -> tuple[Inequality, ...]:
    """Compute every index of :data:`INEQUALITIES`, among individuals and between groups.

    Parameters
    ----------
    cube : OutcomeCube
    level : float
        Of the interval of the individual part, from the quantiles of draws of the cube's cells.
    sampling : Sampling
    positive_is_favourable : bool
        If False, the negative decision is the benefit.
    """
    benefit = BENEFIT if positive_is_favourable else BENEFIT.T
    found = []
    if not cube.has_outcome:
        undefined = Figure(None, reason=NO_OUTCOME)
        return tuple(Inequality(item.name, undefined, undefined) for item in INEQUALITIES)
    for definition in INEQUALITIES:
        # Group sizes are part of the index; groups of no weight hold no draws.
        heavy = np.flatnonzero(cube.weight.sum(axis=(1, 2)) > 0)
        weight = cube.weight[heavy]
        total, between = (float(v) for v in entropy(weight, benefit, definition.alpha))
        if np.isnan(total):
            why = "nobody benefits: every decision wrongly withholds the favourable outcome"
            found.append(
                Inequality(definition.name, Figure(None, reason=why), Figure(None, reason=why))
            )
            continue
        rng = sampling.generator(definition.name)
        drawn, _ = entropy(
            draw_amounts(cube.chosen(heavy), sampling.draws, rng), benefit, definition.alpha
        )
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
        figure = Figure(total, min(float(low), total), max(float(high), total))
        found.append(Inequality(definition.name, figure, Figure(between, reason=NO_INTERVAL)))
    return tuple(found)


def entropy(weight: Floats, benefit: Floats, alpha: int) -> tuple[Floats, Floats]:
    """Generalized entropy among individuals, and that of the group means (between groups).

    Parameters
    ----------
    weight : ndarray, shape (..., g, 2, 2)
    benefit : ndarray, shape (2, 2)
        By label and prediction, 0 or more.
    alpha : {1, 2}

    Returns
    -------
    tuple of ndarray, shape (...)
        At least 0; NaN where the mean benefit is 0. The rest of the first is within groups.
    """
    size = weight.sum(axis=(-3, -2, -1))
    mean = (weight * benefit).sum(axis=(-3, -2, -1)) / size
    safe = np.where(mean > 0, mean, np.nan)
    single = _term(benefit / safe[..., None, None, None], alpha)
    total = (weight * single).sum(axis=(-3, -2, -1)) / size
    group_size = weight.sum(axis=(-2, -1))
    group_mean = np.divide(
        (weight * benefit).sum(axis=(-2, -1)),
        group_size,
        out=np.zeros_like(group_size),
        where=group_size > 0,
    )
    between = (group_size * _term(group_mean / safe[..., None], alpha)).sum(axis=-1) / size
    # Rounding can leave a tiny negative where all benefit alike.
    return np.maximum(total, 0), np.maximum(between, 0)


def _term(relative: Floats, alpha: int) -> Floats:
    out: Floats = (
        xlogy(relative, relative) if alpha == 1 else (relative**alpha - 1) / (alpha * (alpha - 1))
    )
    return out
