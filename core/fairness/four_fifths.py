"""The four-fifths rule on the favourable decision."""

from __future__ import annotations

from core.fairness.assessment import FourFifths
from core.fairness.cube import OutcomeCube
from core.fairness.disparities import DisparityDefinition, compare
from core.fairness.measure import Measured, Sampling
from core.fairness.metrics import METRICS, REJECTION_RATE, GroupMetric

THRESHOLD = 0.8

DEFINITION = DisparityDefinition(
    "four_fifths",
    "Four-fifths rule",
    "Four-fifths rule: the group that gets the favourable decision least often should get it at "
    "least 80 % as often as the group that gets it most often.",
    ("selection_rate",),
    "ratio",
    "Uniform Guidelines on Employee Selection Procedures 1978, 29 CFR 1607.4(D)",
)


def four_fifths(
    cube: OutcomeCube,
    names: tuple[str, ...],
    level: float,
    sampling: Sampling,
    positive_is_favourable: bool,
) -> FourFifths:
    """Judge the ratio of favourable decisions by its whole interval.

    Parameters
    ----------
    positive_is_favourable : bool
        If False, the favourable decision is the negative one.
    """
    metric = METRICS["selection_rate"] if positive_is_favourable else REJECTION_RATE
    assert isinstance(metric, GroupMetric)
    found = compare(
        DEFINITION, [Measured(metric, cube)], names, level, sampling, positive_is_favourable
    )
    figure = found.figure
    if figure.estimate is None or figure.low is None or figure.high is None:
        reason = figure.reason or "it has no interval"
        if not metric.numerator(cube.weight).any():
            reason = "nobody receives the favourable decision in any group"
        sentence = f"The four-fifths rule can't be applied: {reason}."
        return FourFifths("undefined", figure, sentence)
    interval = f"{level * 100:g} % interval {_percent(figure.low)}–{_percent(figure.high)} %"
    if found.between:
        worst, best = found.between
        fact = (
            f"Group {worst} receives the favourable decision at {_percent(figure.estimate)} % of "
            f"the rate of group {best} ({interval})"
        )
    else:
        fact = f"All groups receive the favourable decision at the same rate ({interval})"
    if figure.low >= THRESHOLD:
        return FourFifths("passes", figure, f"{fact}: not below four fifths.")
    if figure.high < THRESHOLD:
        return FourFifths("fails", figure, f"{fact}: below four fifths.")
    unclear = "the data can't tell whether that is below four fifths"
    return FourFifths("unclear", figure, f"{fact}: {unclear}.")


def _percent(share: float) -> str:
    """Write a share in whole per cent, finer where rounding would hide its side of the rule."""
    for decimals in range(4):
        text = f"{share * 100:.{decimals}f}"
        if (float(text) >= THRESHOLD * 100) == (share >= THRESHOLD):
            return text
    return text
