"""Checks of fairness: decisions, errors and recorded outcomes that differ between groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.audit.checks import harm, needs
from core.audit.checks.check import NotJudged
from core.audit.checks.registry import registered
from core.audit.checks.remedies import way_out
from core.audit.finding import Finding, Harm, Severity
from core.data.roles.group_labels import listed_labels
from core.data.table import MISSING
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.four_fifths import THRESHOLD
from core.fairness.disparities.impact_ratio import impact_of, significantly_lower
from core.fairness.disparities.impact_words import against_largest
from core.fairness.disparities.judged_gap import judged_gap
from core.fairness.metrics.constant_decisions import constant_decisions
from core.fairness.metrics.rate_ratio import RateRatio, rate_ratios
from core.fairness.metrics.small_groups import small_groups

if TYPE_CHECKING:
    from core.audit.result import AuditResult
    from core.fairness.disparities.impact_ratio import ImpactRatio, ImpactRatios
    from core.fairness.metrics.assessment import Assessment

LARGE_GAP = 0.1
"""An equalized-odds gap surely above this is a finding of high severity; one that may be above it
is not passed."""
SMALL_GAP = 0.02
"""One that is significant but not surely above this is none."""
NAMED = 6
"""So many groups are named, the others counted."""


@registered("FAIR-01", "The four-fifths rule on the favourable decision.")
def _four_fifths(result: AuditResult) -> Iterable[Finding | NotJudged]:
    for attributes, assessment in result.assessments.items():
        rule, by = assessment.four_fifths, " × ".join(attributes)
        ratios = _favourable_ratios(result, assessment)
        worst = None
        if ratios:
            metric = harm.favourable_rate(result.dataset.roles.positive_is_favourable).name
            worst = harm.ratio_harm(assessment, ratios[0], metric, "four-fifths rule")
            # The verdict rests on the rule's own interval, so that is the one that is told.
            if worst.estimate == rule.ratio.estimate:
                worst = replace(worst, low=rule.ratio.low, high=rule.ratio.high)
        if rule.verdict == "fails":
            yield Finding(
                "FAIR-01",
                "high",
                f"Four-fifths rule fails for {by}{_pair(worst)}",
                rule.sentence + _others_below(ratios),
                f"Find the cause; justify the difference or remove it. {way_out(result)}",
                worst,
            )
        elif rule.verdict == "unclear" and not _comparable(assessment):
            # FAIR-03 tells of it, once.
            yield NotJudged("not enough evidence", f"{by}: {_clause(rule.sentence)}")
        elif rule.verdict == "unclear":
            yield Finding(
                "FAIR-01",
                "medium" if len(attributes) == 1 else "low",
                f"Four-fifths rule is unclear for {by}",
                rule.sentence,
                "Collect more cases before relying on either answer",
            )
        elif rule.verdict == "undefined":
            yield NotJudged("not applicable", f"{by}: {_clause(rule.sentence)}")


def _clause(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _pair(worst: Harm | None) -> str:
    if worst is None or worst.estimate is None:
        return ""
    group, reference = (harm.named(worst, name) for name in (worst.group, worst.reference))
    return f": {group} at {worst.estimate:.2f} times the rate of {reference}"


def _favourable_ratios(result: AuditResult, assessment: Assessment) -> tuple[RateRatio, ...]:
    if assessment.cube is None:
        return ()
    metric = harm.favourable_rate(result.dataset.roles.positive_is_favourable)
    return rate_ratios(assessment.cube, metric, assessment.level)


def _others_below(ratios: tuple[RateRatio, ...]) -> str:
    """Name the further groups that are surely below four fifths of the highest rate."""
    below = [i for i in ratios[1:] if i.ratio.high is not None and i.ratio.high < THRESHOLD]
    if not below:
        return ""
    named = [
        f"{item.label} ({item.ratio.estimate:.2f}, {item.ratio.low:.2f} to {item.ratio.high:.2f})"
        for item in below
    ]
    return f" Below it too, as a share of the rate of {below[0].highest_label}: {_listed(named)}."


@registered(
    "FAIR-02",
    "A gap in true or false positive rates that is statistically significant.",
    needs.outcome,
)
def _equalized_odds(result: AuditResult) -> Iterable[Finding | NotJudged]:
    for attributes, assessment in result.assessments.items():
        gap, by = judged_gap(assessment, "equalized_odds_difference"), " × ".join(attributes)
        figure = gap.figure
        if figure.estimate is None or figure.low is None or figure.high is None:
            yield NotJudged("not enough evidence", f"{by}: {figure.reason}")
            continue
        interval = f"{figure.estimate:.3f} (95% interval {figure.low:.3f} to {figure.high:.3f})"
        if figure.low <= SMALL_GAP:
            if figure.high > LARGE_GAP:
                yield NotJudged(
                    "not enough evidence", f"{by}: equalized-odds difference {interval}"
                )
            continue
        severity: Severity = "high" if figure.low > LARGE_GAP else "medium"
        found = harm.gap_harm(assessment, gap, f"equalized odds within {LARGE_GAP:g}")
        left_out = f"; {_groups(len(gap.left_out))} too small to judge" if gap.left_out else ""
        yield Finding(
            "FAIR-02",
            severity,
            f"Errors fall unequally on the groups of {by}: {harm.named(found, found.group)} "
            f"fares worse than {harm.named(found, found.reference)}",
            f"{harm.sentence(found, result.dataset.roles.positive_is_favourable)}. Equalized-odds "
            f"difference {interval} between "
            f"{' and '.join(map(assessment.label, gap.disparity.between))}{left_out}",
            way_out(result),
            found,
        )


def _groups(count: int) -> str:
    return f"{count} group{'' if count == 1 else 's'}"


@registered("FAIR-03", "Groups too small to judge.")
def _small_groups(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        for small in small_groups(assessment):
            yield Finding(
                "FAIR-03",
                "medium" if small.compares_nobody and len(attributes) == 1 else "low",
                small.sentence,
                f"{small.reason}: {_listed(small.names)}",
                "Collect more cases, or merge groups where that makes sense",
            )


def _comparable(assessment: Assessment) -> bool:
    """Whether two groups of known value or more have enough rows for rates of decisions."""
    return not any(small.compares_nobody for small in small_groups(assessment))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return listed_labels(names[:NAMED]) + more


@registered("FAIR-06", "Rows of unknown group, which no comparison counts.")
def _unknown_groups(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        if len(attributes) > 1:
            continue
        unknown = sum(group.count for group in assessment.groups if group.is_unknown)
        if unknown:
            yield Finding(
                "FAIR-06",
                "low",
                f"{unknown:,} of {assessment.overall.count:,} rows are of unknown {attributes[0]}",
                "They are shown apart and enter no ratio and no gap between groups"
                + _said(assessment),
                "Ask why they are unknown: were they all of one group, figures would be others",
            )


def _said(assessment: Assessment) -> str:
    """Name the values that were taken to say "unknown", so that one that does not can be merged."""
    said = [g.name for g in assessment.groups if g.is_unknown and g.name != MISSING]
    if not said:
        return ""
    named, say = " and ".join(f"“{name}”" for name in said), "says" if len(said) == 1 else "say"
    return f". {named} {say} so: merged under another name, it is compared"


@registered("FAIR-04", "Decisions that are the same for nearly everybody.")
def _constant(result: AuditResult) -> Iterable[Finding]:
    trained, dataset = result.trained, result.dataset
    decisions = dataset.predictions if trained is None else trained.decisions
    assert decisions is not None
    same = constant_decisions(decisions)
    if same is None:
        return
    yield Finding(
        "FAIR-04",
        "medium",
        f"The decision is the same for {'nearly everybody' if same.exceptions else 'everybody'}",
        same.named(dataset.decision_labels)
        + ". Equal rates of such decisions say nothing about fairness"
        + "".join(f". {sentence}" for sentence in _recorded(result)),
        "Do not read equal rates as fairness: look at what the decision threshold and the features "
        "let the model tell apart, and at the recorded outcomes by group",
    )


def _recorded(result: AuditResult) -> Iterable[str]:
    """Say how far apart the recorded outcomes are that such decisions hide."""
    dataset = result.dataset
    metric = harm.favourable_rate(dataset.roles.positive_is_favourable)
    if dataset.outcome is None:
        return
    for column in dataset.sensitive.columns:
        # Labels in the place of decisions: their selection rate is the recorded one.
        cube = build_cube(
            dataset.target,
            dataset.target,
            dataset.sensitive[[column]],
            dataset.weights,
            dataset.persons,
        )
        ratios = rate_ratios(cube, metric)
        if not ratios:
            continue
        worst = ratios[0]
        yield (
            f"In the {len(dataset)} recorded outcomes the favourable one has a share of "
            f"{worst.rate:.3f} in group {worst.label} of {column} and {worst.highest_rate:.3f} in "
            f"group {worst.highest_label}: ratio {worst.ratio.estimate:.3f} (95% interval "
            f"{worst.ratio.low:.3f} to {worst.ratio.high:.3f})"
        )


@registered("FAIR-05", "Groups that get the favourable decision significantly less often.")
def _significant(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        table = impact_of(assessment)
        # Where the four-fifths rule fails, its finding says the same and more.
        if assessment.four_fifths.verdict == "fails" or table is None:
            continue
        lower = significantly_lower(table)
        if len(attributes) > 1:
            # Each attribute by itself tells of its own; at an intersection what is surely large.
            lower = tuple(item for item in lower if _significantly_below(item))
        if not lower:
            continue
        worst = min(lower, key=lambda item: item.rate or 0.0)
        yield Finding(
            "FAIR-05",
            "high" if any(map(_significantly_below, lower)) else "medium",
            f"Some groups of {' × '.join(attributes)} get the favourable decision significantly "
            f"less often: {_listed([table.label(item.group) for item in lower])}",
            "; ".join(against_largest(table, item) for item in lower)
            + ". Significant is not the same as large: the ratio says how large",
            f"Find the cause; justify the difference or remove it. {way_out(result)}",
            _harm(table, worst, result.dataset.roles.positive_is_favourable),
        )


def _significantly_below(item: ImpactRatio) -> bool:
    """Whether the whole interval of the ratio to the largest group lies below four fifths."""
    return (item.ratio_to_largest.high or 1.0) < THRESHOLD


def _harm(table: ImpactRatios, item: ImpactRatio, positive_is_favourable: bool) -> Harm:
    largest = next(other for other in table.groups if other.group == table.largest)
    ratio = item.ratio_to_largest
    return Harm(
        harm.favourable_rate(positive_is_favourable).name,
        table.attributes,
        item.group,
        largest.group,
        item.rate,
        largest.rate,
        "ratio",
        ratio.estimate,
        ratio.low,
        ratio.high,
        "no significant difference from the largest group",
        table.label(item.group),
        table.label(largest.group),
    )


@registered("FAIR-07", "Recorded outcomes that differ between groups.", needs.outcome)
def _base_rates(result: AuditResult) -> Iterable[Finding | NotJudged]:
    for attributes, assessment in result.assessments.items():
        if len(attributes) > 1:
            continue
        gap = judged_gap(assessment, "prevalence_difference")
        figure = gap.figure
        if figure.estimate is None or figure.low is None or figure.high is None:
            yield NotJudged("not enough evidence", f"{attributes[0]}: {figure.reason}")
            continue
        if figure.low <= SMALL_GAP:
            continue
        found = harm.gap_harm(assessment, gap, "equal base rates")
        yield Finding(
            "FAIR-07",
            "medium" if figure.low > LARGE_GAP else "low",
            f"Recorded outcomes differ by {attributes[0]}: {harm.named(found, found.group)} "
            f"against {harm.named(found, found.reference)}",
            f"{harm.sentence(found, result.dataset.roles.positive_is_favourable)}. Base rate "
            f"difference {figure.estimate:.3f} (95% interval {figure.low:.3f} to "
            f"{figure.high:.3f}), whatever was decided",
            "Ask how outcomes came to be recorded: a model that learns them repeats the "
            "difference, and where labels record past decisions it repeats those",
            found,
        )
