"""Scoring rates: the share of each group that scores above the median of everyone scored.

Definition
----------
With m the median score of the sample, the scoring rate of group g is
a_g = #{i in g: score_i > m} / #{i in g}, strictly above, so that ties at m count as not above; its
ratio is a_g / max_h a_h (6 RCNY § 5-301(c)). The median is taken over all scored rows, those of
unknown group included; where leaving these out moves it, both are given. It needs no true outcome.

A wrong answer would be caught by counting rows with a mask over a sorted sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.data.roles.unknown_values import is_unknown_value
from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.assessment.impact_record import impact_json
from core.fairness.assessment.record import four_fifths_json
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.impact_ratio import impact_of
from core.fairness.disparities.impact_standing import LEFT_OUT, standings
from core.fairness.disparities.mean_difference import MeanDifference, mean_differences
from core.fairness.metrics.assessment import Assessment, FourFifths
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec


@dataclass(frozen=True)
class ScoringRates:
    """Scoring rates of groups against one median.

    Attributes
    ----------
    median : float
    median_of : {"all scored rows", "rows of known group"}
    rows : int
        That the median is of.
    assessment : Assessment
        Of "scores above the median" as the positive decision, without outcomes: its selection rates
        are the scoring rates.
    """

    median: float
    median_of: str
    rows: int
    assessment: Assessment

    @property
    def ratio(self) -> FourFifths:
        """Lowest over highest scoring rate of the groups that are compared."""
        return self.assessment.four_fifths

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON: the median, whose it is, and the rates by group."""
        table = impact_of(self.assessment)
        return {
            "median": self.median,
            "median_of": self.median_of,
            "rows": self.rows,
            "by_group": [
                {
                    "group": dict(group.group),
                    "count": group.count,
                    "scoring_rate": group.figures["selection_rate"].to_json(),
                    "unknown": group.is_unknown,
                    "too_small": group.too_small,
                }
                for group in self.assessment.groups
            ],
            "ratio": four_fifths_json(self.ratio),
            "impact_ratios": None if table is None else impact_json(table),
        }


def scoring_rates(
    scores: Floats,
    sensitive: pd.DataFrame,
    weights: Floats | None = None,
    persons: Ints | None = None,
    impact: ImpactSpec = DEFAULT,
) -> tuple[ScoringRates, ...]:
    """Compute scoring rates by the combination of the sensitive columns.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        Finite; larger is more likely positive.
    sensitive : DataFrame of str, shape (n, s)
        Group names, "(missing)" where unknown.
    weights : ndarray of float64, shape (n,), optional
        Weigh the rates; the median is of rows.
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person, whom intervals then count.
    impact : ImpactSpec
        How groups are compared.

    Returns
    -------
    tuple of ScoringRates
        Against the median of all rows; then against that of the rows of known group, where it is
        another.

    Raises
    ------
    InputError
        If a score is not finite.
    """
    if not np.isfinite(scores).all():
        raise InputError(
            f"{int((~np.isfinite(scores)).sum())} scores are no finite numbers",
            where="scores",
            remedy="Leave those rows out",
        )
    medians = {"all scored rows": (float(np.median(scores)), len(scores))}
    known = np.ones(len(scores), dtype=np.bool_)
    for _, values in sensitive.items():
        known &= ~values.isin([v for v in values.unique() if is_unknown_value(v)]).to_numpy()
    if known.any():
        of_known = float(np.median(scores[known]))
        if of_known != medians["all scored rows"][0]:
            medians["rows of known group"] = (of_known, int(known.sum()))
    return tuple(
        ScoringRates(
            median,
            median_of,
            rows,
            assess(
                None, scores > median, sensitive, weights=weights, persons=persons, impact=impact
            ),
        )
        for median_of, (median, rows) in medians.items()
    )


def scores_json(
    scores: Floats,
    sensitive: pd.DataFrame,
    weights: Floats | None = None,
    persons: Ints | None = None,
    impact: ImpactSpec = DEFAULT,
) -> dict[str, Any]:
    """Compute what scores alone tell of groups, as it stands in JSON.

    Parameters and errors are those of :func:`scoring_rates`.

    Returns
    -------
    dict
        ``scoring``, a list of :meth:`ScoringRates.to_json`, and ``mean_differences``, one of
        :meth:`core.fairness.disparities.mean_difference.MeanDifference.to_json`.
    """
    found = scoring_rates(scores, sensitive, weights, persons, impact)
    return {
        "scoring": [item.to_json() for item in found],
        "mean_differences": [
            item.to_json()
            for item in score_differences(scores, sensitive, weights, persons, impact)
        ],
    }


def score_differences(
    scores: Floats,
    sensitive: pd.DataFrame,
    weights: Floats | None = None,
    persons: Ints | None = None,
    impact: ImpactSpec = DEFAULT,
) -> tuple[MeanDifference, ...]:
    """Compare mean scores with those of the chosen group, or of the largest one.

    Groups that whoever audits left out of impact ratios are left out here too. Parameters are those
    of :func:`scoring_rates`.
    """
    cube = build_cube(None, np.zeros(len(scores), dtype=np.bool_), sensitive)
    stands = zip(cube.groups, standings(cube, impact), strict=True)
    out = tuple(" · ".join(group) for group, standing in stands if standing == LEFT_OUT)
    names = [" · ".join(group) for group in cube.groups]
    return mean_differences(
        scores,
        sensitive,
        impact.chosen_in(names),
        weights,
        left_out=out,
        persons_repeat=persons is not None,
    )
