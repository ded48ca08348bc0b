"""One group's rate of the favourable decision against another's: ratio, test, and people.

Katz's 95 % interval of a ratio (Katz et al. 1978, Biometrics 34), the test and the practical
measures are conventions of practice and part of no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.fairness.counts.cube import OutcomeCube
from core.fairness.disparities.practical import Practical, practical
from core.fairness.intervals.pooled_test import RateDifference, compare_rates
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_definition import GroupMetric
from core.fairness.metrics.rate_ratio import katz


@dataclass(frozen=True)
class RateComparison:
    """A group against a reference.

    Attributes
    ----------
    ratio : Figure
        Of the rates of the favourable decision.
    adverse_ratio : Figure
        Of the rates of the other decision: "refused at 1.2 times the rate".
    test : RateDifference or None
        None where they are not compared.
    p_adjusted : float or None
        Over all groups of the table (Benjamini and Hochberg).
    practical : Practical or None
    """

    ratio: Figure
    adverse_ratio: Figure
    test: RateDifference | None = None
    p_adjusted: float | None = None
    practical: Practical | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON; without a comparison only why there is none."""
        out: dict[str, Any] = {"ratio": self.ratio.to_json()}
        if self.test is None or self.practical is None:
            return out
        return (
            out
            | {"adverse_ratio": self.adverse_ratio.to_json(), "p_adjusted": self.p_adjusted}
            | self.test.to_json()
            | self.practical.to_json()
        )


def no_comparison(reason: str) -> RateComparison:
    """Say why a group is compared with nobody."""
    return RateComparison(Figure(None, reason=reason), Figure(None, reason=reason))


def compare_pair(
    pair: OutcomeCube, metric: GroupMetric, level: float, reference: str
) -> RateComparison:
    """Compare the first of two groups with the second.

    Parameters
    ----------
    pair : OutcomeCube
        Of two groups with weight.
    metric : GroupMetric
        The rate of the favourable decision.
    level : float
        Of the intervals.
    reference : str
        What the second group is called.
    """
    assert metric.rate is not None
    hits, trials = metric.rate
    rate, size = metric.value(pair.weight), pair.sizes(hits, trials, level)
    common = metric.correlation(pair)
    correlation = 0.0 if common is None else float(common[0, 1])

    def ratio(own: float, other: float, what: str) -> Figure:
        if other == 0:
            return Figure(None, reason=f"the {what} of {reference} is 0")
        return katz(own, float(size[0]), other, float(size[1]), level, correlation)

    selected, weight = hits(pair.weight), trials(pair.weight)
    return RateComparison(
        ratio(float(rate[0]), float(rate[1]), "rate"),
        ratio(float(1 - rate[0]), float(1 - rate[1]), "rate of the unfavourable decision"),
        compare_rates(*(float(v) for p in (0, 1) for v in (rate[p] * size[p], size[p]))),
        practical=practical(*(float(v) for p in (0, 1) for v in (selected[p], weight[p]))),
    )
