"""One column as it is, as it is sent, and as it is estimated from what is sent: a simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.domains import Domain, NumberDomain
from core.fairness.metrics.assessment import Figure
from core.privacy.local_dp.estimates import frequencies, mean_of_scores
from core.privacy.local_dp.mechanisms import (
    category_mechanism,
    number_mechanism,
)
from core.privacy.local_dp.records import coded, scaled
from core.privacy.local_dp.uniforms import SeededUniforms


@dataclass(frozen=True)
class ColumnPreview:
    """What becomes of a column.

    Attributes
    ----------
    labels : tuple of str
        Categories; "mean" alone for numbers.
    true, sent : tuple of float
        Shares, or means, of the true values and of what is sent, taken at face value.
    estimates : tuple of Figure
        Unbiased, with 95 % intervals that include noise and sampling.
    mechanism : str
    epsilon : float
    """

    labels: tuple[str, ...]
    true: tuple[float, ...]
    sent: tuple[float, ...]
    estimates: tuple[Figure, ...]
    mechanism: str
    epsilon: float


def preview(
    values: pd.Series, domain: Domain, mechanism: str, epsilon: float, seed: int = 0
) -> ColumnPreview:
    """Simulate the collection of one column.

    Parameters
    ----------
    values : Series, shape (n,)
        At least one.
    domain : NumberDomain or CategoryDomain
    mechanism : str
        Registered name.
    epsilon : float
        Above 0; of this column alone.
    seed : int

    Returns
    -------
    ColumnPreview
        A missing number counts as the middle of the bounds, as on a device.
    """
    uniforms = SeededUniforms(seed)
    if isinstance(domain, NumberDomain):
        shares, _ = scaled(values, domain)
        reports, scores = number_mechanism(mechanism, epsilon).send(shares, uniforms)
        width = domain.high - domain.low
        true, sent = (domain.low + width * float(part.mean()) for part in (shares, reports))
        figure = mean_of_scores(scores, domain.low, domain.high)
        return ColumnPreview(("mean",), (true,), (sent,), (figure,), mechanism, epsilon)
    codes, labels, _ = coded(values, domain)
    chosen = category_mechanism(mechanism, epsilon, len(labels))
    support = chosen.support(codes, uniforms)
    named = support.sum(axis=0)
    return ColumnPreview(
        labels,
        tuple(float(s) for s in np.bincount(codes, minlength=len(labels)) / len(codes)),
        tuple(float(s) for s in named / max(1, named.sum())),
        frequencies(support, chosen),
        mechanism,
        epsilon,
    )
