"""The registry of disparities: what is compared between groups, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import Ints
from core.fairness.disparities.calibration_gap import calibration_gap
from core.fairness.disparities.contrasts import (
    Extreme,
    gap,
    gap_interval,
    odds_of,
    ratio,
    ratio_interval,
)
from core.fairness.metrics.assessment import Disparity, Figure
from core.fairness.metrics.group_measurement import MeasuredScores, Measurement, Sampling
from core.fairness.metrics.score_quality import CalibrationEstimate
from core.registry import Registry

NAMED_GROUPS = 3
"""So many groups are named in a reason before the rest is only counted."""


@dataclass(frozen=True)
class DisparityDefinition:
    """A difference or ratio of metrics between the groups.

    Attributes
    ----------
    name, title, sentence : str
        Registered name; name for people; explanation for a newcomer.
    metrics : tuple of str
        Names in :data:`core.fairness.metrics.metric_registry.METRICS`. Of several, the worst
        counts.
    comparison : {"difference", "ratio"}
        Highest minus lowest, 0 being parity; or lowest over highest, 1 being parity.
    source : str
        Where the definition comes from.
    judges : {"decisions", "labels", "errors", "scores"}
        What it speaks of: decisions, recorded outcomes alone, the mix of errors, or the worst bin
        of scores; gaps of the last two are not on the scale of the others.
    scale : {"figure", "odds", "bins"}
        Whether the figures are compared themselves, or their odds, or within bins of scores.
    """

    name: str
    title: str
    sentence: str
    metrics: tuple[str, ...]
    comparison: Literal["difference", "ratio"]
    source: str
    judges: Literal["decisions", "labels", "errors", "scores"] = "decisions"
    scale: Literal["figure", "odds", "bins"] = "figure"


DWORK = "Dwork et al. 2012, Fairness through awareness, ITCS"
FELDMAN = "Feldman et al. 2015, Certifying and removing disparate impact, KDD"
HARDT = "Hardt, Price and Srebro 2016, Equality of opportunity in supervised learning, NIPS"
CHOULDECHOVA = "Chouldechova 2017, Fair prediction with disparate impact, Big Data 5"
CORBETT = "Corbett-Davies et al. 2017, Algorithmic decision making and the cost of fairness, KDD"
BERK = "Berk et al. 2021, Fairness in criminal justice risk assessments, Sociol. Methods Res. 50"
BORKAN = "Borkan et al. 2019, Nuanced metrics for measuring unintended bias, WWW"
ZLIOBAITE = "Žliobaitė 2017, Measuring discrimination in algorithmic decision making, DMKD 31"
KLEINBERG = "Kleinberg et al. 2017, Inherent trade-offs in fair determination of risk scores, ITCS"
PLEISS = "Pleiss et al. 2017, On fairness and calibration, NIPS; Naeini et al. 2015, AAAI"

DISPARITIES: Registry[DisparityDefinition] = Registry("disparity")
for _definition in (
    DisparityDefinition(
        "demographic_parity_difference",
        "Demographic parity difference",
        "Demographic parity difference: how far apart the groups are in the share that gets the "
        "positive decision; 0 means that all get it equally often.",
        ("selection_rate",),
        "difference",
        DWORK,
    ),
    DisparityDefinition(
        "demographic_parity_ratio",
        "Demographic parity ratio",
        "Demographic parity ratio: the lowest share that gets the positive decision, divided by "
        "the highest; 1 means that all groups get it equally often.",
        ("selection_rate",),
        "ratio",
        FELDMAN,
    ),
    DisparityDefinition(
        "equalized_odds_difference",
        "Equalized odds difference",
        "Equalized odds difference: how far apart the groups are in true positive rate or in false "
        "positive rate, whichever is further; 0 means that people with the same true outcome are "
        "treated alike in every group.",
        ("true_positive_rate", "false_positive_rate"),
        "difference",
        HARDT,
    ),
    DisparityDefinition(
        "equalized_odds_ratio",
        "Equalized odds ratio",
        "Equalized odds ratio: the lowest rate divided by the highest, for the true positive or "
        "the false positive rate, whichever is smaller; 1 means that people with the same true "
        "outcome are treated alike in every group.",
        ("true_positive_rate", "false_positive_rate"),
        "ratio",
        HARDT,
    ),
    DisparityDefinition(
        "equal_opportunity_difference",
        "Equal opportunity difference",
        "Equal opportunity difference: how far apart the groups are in true positive rate; 0 means "
        "that those whose true outcome is positive are recognised equally often in every group.",
        ("true_positive_rate",),
        "difference",
        HARDT,
    ),
    DisparityDefinition(
        "equal_opportunity_ratio",
        "Equal opportunity ratio",
        "Equal opportunity ratio: the lowest true positive rate divided by the highest; 1 means "
        "that those whose true outcome is positive are recognised equally often in every group.",
        ("true_positive_rate",),
        "ratio",
        HARDT,
    ),
    DisparityDefinition(
        "false_positive_rate_difference",
        "False positive rate difference (predictive equality)",
        "False positive rate difference (predictive equality): how far apart the groups are in "
        "false positive rate; 0 means that those whose true outcome is negative get the positive "
        "decision equally often.",
        ("false_positive_rate",),
        "difference",
        CORBETT,
    ),
    DisparityDefinition(
        "predictive_parity_difference",
        "Predictive parity difference",
        "Predictive parity difference: how far apart the groups are in precision; 0 means that a "
        "positive decision is right equally often in every group.",
        ("precision",),
        "difference",
        CHOULDECHOVA,
    ),
    DisparityDefinition(
        "predictive_parity_ratio",
        "Predictive parity ratio",
        "Predictive parity ratio: the lowest precision divided by the highest; 1 means that a "
        "positive decision is right equally often in every group.",
        ("precision",),
        "ratio",
        CHOULDECHOVA,
    ),
    DisparityDefinition(
        "treatment_equality_difference",
        "Treatment equality difference",
        "Treatment equality difference: how far apart the groups are in the share of errors that "
        "wrongly withhold the positive decision; 0 means that false negatives stand in the same "
        "ratio to false positives in every group.",
        ("false_negative_share",),
        "difference",
        BERK,
        "errors",
    ),
    DisparityDefinition(
        "treatment_equality_ratio",
        "Treatment equality ratio",
        "Treatment equality ratio: false negatives for each false positive, the lowest number of "
        "any group divided by the highest; 1 means that the two kinds of error stand in the same "
        "ratio in every group.",
        ("false_negative_share",),
        "ratio",
        BERK,
        "errors",
        "odds",
    ),
    DisparityDefinition(
        "accuracy_difference",
        "Accuracy difference",
        "Accuracy difference: how far apart the groups are in the share of right decisions; 0 "
        "means that decisions are right equally often in every group.",
        ("accuracy",),
        "difference",
        BERK,
    ),
    DisparityDefinition(
        "roc_auc_difference",
        "ROC AUC difference",
        "ROC AUC difference: how far apart the groups are in the area under the ROC curve; 0 means "
        "that scores rank people equally well within every group.",
        ("roc_auc",),
        "difference",
        BORKAN,
    ),
    DisparityDefinition(
        "calibration_difference",
        "Calibration difference",
        "Calibration difference: how far apart the groups are in expected calibration error; 0 "
        "means that scores can be taken at their word equally well in every group.",
        ("expected_calibration_error",),
        "difference",
        PLEISS,
    ),
    DisparityDefinition(
        "calibration_gap",
        "Calibration gap at equal score",
        "Calibration gap at equal score: in the bin of scores where it is largest, how far apart "
        "two groups are in the share of positive outcomes beyond what their scores predict; 0 "
        "means that a score means the same in every group.",
        ("expected_calibration_error",),
        "difference",
        KLEINBERG,
        "scores",
        "bins",
    ),
    DisparityDefinition(
        "prevalence_difference",
        "Base rate difference",
        "Base rate difference: how far apart the groups are in the share whose recorded outcome is "
        "positive, whatever was decided; 0 is statistical parity in the labels alone.",
        ("prevalence",),
        "difference",
        ZLIOBAITE,
        "labels",
    ),
    DisparityDefinition(
        "prevalence_ratio",
        "Base rate ratio",
        "Base rate ratio: the lowest share whose recorded outcome is positive, divided by the "
        "highest, whatever was decided; 1 is statistical parity in the labels alone.",
        ("prevalence",),
        "ratio",
        ZLIOBAITE,
        "labels",
    ),
):
    DISPARITIES.add(_definition)


def compare(
    definition: DisparityDefinition,
    measurements: list[Measurement],
    names: tuple[str, ...],
    level: float,
    sampling: Sampling,
    positive_is_favourable: bool = True,
    labels: tuple[str, ...] | None = None,
) -> Disparity:
    """Compare the groups by one definition.

    Parameters
    ----------
    measurements : list of Measurement
        One for each of the definition's metrics.
    names : tuple of str
        The groups' names.
    labels : tuple of str, optional
        The same as people read them, for reasons.

    Returns
    -------
    Disparity
        Undefined if one of the metrics is undefined in any group, or with a single group.
    """
    everyone, labels = np.arange(len(names)), labels or names
    if len(names) < 2:
        reason = "there is only one group, so nothing to compare it with"
        return Disparity(definition.name, Figure(None, reason=reason))
    troubles = [
        (m.metric.title, position, reason)
        for m in measurements
        for position, reason in enumerate(m.reasons())
        if reason is not None
    ]
    if definition.scale == "odds":
        troubles += [
            (
                "Number of false negatives for each false positive",
                int(p),
                "no false positives in this group",
            )
            for m in measurements
            for p in np.flatnonzero(m.estimates() >= 1)
        ]
    left_out = {position for _, position, _ in troubles}
    defined = np.array([p for p in everyone if p not in left_out], dtype=np.int64)
    figure, among, extreme = None, None, None
    if len(defined) >= 2:
        found, extreme = _compare(definition, measurements, labels, defined, level, sampling)
        figure, among = (None, found) if troubles else (found, None)
    if figure is None:
        figure = Figure(None, reason=_undefined(troubles, labels))
    between: tuple[str, ...] = ()
    if extreme is not None and extreme[1].lowest != extreme[1].highest:
        measurement, ends = extreme
        pair = (names[defined[ends.lowest]], names[defined[ends.highest]])
        between = pair if _low_is_worse(measurement, positive_is_favourable) else pair[::-1]
    return Disparity(definition.name, figure, among, between)


def _compare(
    definition: DisparityDefinition,
    measurements: list[Measurement],
    labels: tuple[str, ...],
    chosen: Ints,
    level: float,
    sampling: Sampling,
) -> tuple[Figure, tuple[Measurement, Extreme] | None]:
    """Compare the chosen groups, in all of which every metric is defined."""
    if definition.scale == "bins":
        return _within_bins(measurements[0], chosen, level)
    found: list[tuple[Measurement, Extreme]] = []
    odds = definition.scale == "odds"
    for m in measurements:
        estimates = odds_of(m.estimates()[chosen]) if odds else m.estimates()[chosen]
        extreme = gap(estimates) if definition.comparison == "difference" else ratio(estimates)
        if extreme is None:
            return Figure(None, reason=f"the {lower(m.metric.title)} is 0 in every group"), None
        found.append((m, extreme))
    differs = definition.comparison == "difference"
    worst = (max if differs else min)(found, key=lambda item: item[1].value)
    for m in measurements:
        without = m.gaps_in_intervals()
        for position in chosen:
            if without[position] is not None:
                reason = f"no interval: {without[position]} in group {labels[position]}"
                return Figure(worst[1].value, reason=reason), worst
    if differs:
        low, high = gap_interval(measurements, chosen, level, sampling)
    else:
        low, high = ratio_interval(measurements, chosen, level, sampling, odds=odds)
    # The lower end is simultaneous over pairs, so by rounding alone could it pass the estimate.
    value = worst[1].value
    return Figure(value, min(low, value), max(high, value)), worst


def _within_bins(
    measurement: Measurement, chosen: Ints, level: float
) -> tuple[Figure, tuple[Measurement, Extreme] | None]:
    assert isinstance(measurement, MeasuredScores)
    items = [(measurement.items or ())[p] for p in chosen]
    found = calibration_gap(
        tuple(item for item in items if isinstance(item, CalibrationEstimate)), level
    )
    if found.extreme is None or found.figure.estimate is None:
        return found.figure, None
    return found.figure, (measurement, Extreme(found.figure.estimate, *found.extreme))


def _undefined(troubles: list[tuple[str, int, str]], labels: tuple[str, ...]) -> str:
    """Name the metric, the groups and why, without listing hundreds of groups."""
    if len({reason for _, _, reason in troubles}) == 1 and len(troubles) == len(labels):
        return f"{lower(troubles[0][0])} is not defined in any group: {troubles[0][2]}"
    parts = [
        f"{lower(title)} is not defined in group {labels[position]} ({reason})"
        for title, position, reason in troubles[:NAMED_GROUPS]
    ]
    rest = len({p for _, p, _ in troubles} - {p for _, p, _ in troubles[:NAMED_GROUPS]})
    if rest:
        parts.append(f"and likewise in {rest} more group{'s' if rest > 1 else ''}")
    return "; ".join(parts)


def lower(title: str) -> str:
    """Lower the first letter of a title, for use inside a sentence; "ROC AUC" stays."""
    first = title.split(" ", 1)[0]
    return title if len(first) > 1 and first.isupper() else title[:1].lower() + title[1:]


def _low_is_worse(measurement: Measurement, positive_is_favourable: bool) -> bool:
    """Whether the lower figure is that of the group worse off.

    Recorded outcomes and the mix of errors have no better end for everyone together; which of two
    groups they are worse for follows from what the positive label means.
    """
    metric = measurement.metric
    if metric.name == "false_negative_share":
        # False negatives withhold the positive decision, which is a harm where it is hoped for.
        return not positive_is_favourable
    if metric.better == "follows_decision" or metric.name == "prevalence":
        return positive_is_favourable
    return metric.better != "lower"
