"""Conditional parity: gaps among people who are alike in control features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InputError
from core.fairness.assess import assess
from core.fairness.assessment import Assessment, Figure
from core.fairness.cube import as_flags, as_weights
from core.fairness.grouping import group_rows
from core.fairness.intervals import simultaneous_box
from core.fairness.measure import Sampling
from core.fairness.metrics import METRICS, GroupMetric

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ConditionalParity:
    """A metric by group, within strata and standardised over them.

    Attributes
    ----------
    metric : str
    strata : dict of str to Assessment
        By stratum, "department law".
    standardised : dict of str to Figure
        By group: mean over the strata in which every group has the metric, weighted by the
        stratum's share of everyone, so that all groups are given the same mix.
    gap : Figure
        Largest gap between groups' standardised figures, with simultaneous bounds over all pairs.
    left_out : tuple of str
        Strata in which some group has no such figure.
    """

    metric: str
    strata: dict[str, Assessment]
    standardised: dict[str, Figure]
    gap: Figure
    left_out: tuple[str, ...]


def conditional_parity(
    target: Flags,
    prediction: Flags,
    sensitive: pd.DataFrame,
    control: pd.DataFrame,
    metric: str = "selection_rate",
    *,
    weights: Floats | None = None,
    level: float = 0.95,
    sampling: Sampling | None = None,
) -> ConditionalParity:
    """Compare groups within each combination of control values, and over all by standardisation.

    Conditional statistical parity: Corbett-Davies et al. 2017, KDD; Kamiran, Žliobaitė and Calders
    2013, Knowledge and Information Systems 35. Direct standardisation: Rothman, Greenland and Lash
    2008, Modern Epidemiology, chapter 15.

    Parameters
    ----------
    target, prediction : array of bool, shape (n,)
    sensitive, control : DataFrame, shapes (n, s) and (n, c)
    metric : str
        A metric of decisions, in :data:`core.fairness.metrics.METRICS`.

    Raises
    ------
    InputError
        If the metric needs scores, or lengths differ.
    """
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric):
        raise InputError("it needs scores, which can't be compared within strata", where=metric)
    sampling = sampling or Sampling()
    n = len(sensitive)
    if len(control) != n:
        raise InputError(f"{len(control)} rows for {n} of sensitive values", where="control")
    label, decision = as_flags(target, "target", n), as_flags(prediction, "prediction", n)
    weight = None if weights is None else as_weights(weights, n)
    groups = {" · ".join(group) or "everyone" for group in group_rows(sensitive).groups}
    grouping = group_rows(control)
    found: dict[str, Assessment] = {}
    left_out = []
    values, drawn, shares = [], [], []
    for code, stratum in enumerate(grouping.groups):
        rows = np.flatnonzero(grouping.codes == code)
        name = " · ".join(f"{c} {v}" for c, v in zip(grouping.attributes, stratum, strict=True))
        part = None if weight is None else weight[rows]
        if part is not None and not part.any():
            left_out.append(name)
            continue
        found[name] = assess(
            label[rows], decision[rows], sensitive.iloc[rows], weights=part, level=level,
            draws=sampling.draws, seed=sampling.seed,
        )  # fmt: skip
        cube = found[name].cube
        assert cube is not None
        here = {" · ".join(g) or "everyone": p for p, g in enumerate(cube.groups)}
        estimates = definition.value(cube.weight)
        if set(here) != groups or np.isnan(estimates).any():
            left_out.append(name)
            continue
        order = [here[group] for group in sorted(groups)]
        rng = sampling.generator(f"{metric} {name}")
        values.append(estimates[order])
        draws = definition.draw(cube.weight, cube.weight_squared, sampling.draws, rng)
        drawn.append(draws[:, order])
        shares.append(float(cube.weight.sum()))
    names = sorted(groups)
    if not values or len(names) < 2:
        why = "there is no stratum in which at least two groups, and all of them, have the figure"
        none = Figure(None, reason=why)
        return ConditionalParity(metric, found, dict.fromkeys(names, none), none, tuple(left_out))
    share = np.array(shares) / sum(shares)
    estimate = np.tensordot(share, np.array(values), axes=1)
    sample = np.tensordot(share, np.array(drawn), axes=1)
    ends = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2], axis=0)
    standardised = {
        name: Figure(float(v), min(float(lo), float(v)), max(float(hi), float(v)))
        for name, v, lo, hi in zip(names, estimate, *ends, strict=True)
    }
    a, b = np.triu_indices(len(names), k=1)
    low, high = simultaneous_box(sample[:, a] - sample[:, b], level)
    largest = float(estimate.max() - estimate.min())
    nearest = float(np.maximum(np.maximum(low, -high), 0).max())
    furthest = float(np.maximum(np.abs(low), np.abs(high)).max())
    gap = Figure(largest, min(nearest, largest), max(furthest, largest))
    return ConditionalParity(metric, found, standardised, gap, tuple(left_out))
