"""Each group by each metric: whether it fares worse than all others, and how sure that is.

Of every pair one question is asked: does the group fare worse than everyone else by more than a
tolerance? Worse is a lower rate of what is favourable, or a higher rate of what is adverse. "Not
met" is said where the gap is larger than the tolerance and, allowing for all groups that were
tested (Benjamini and Hochberg 1995), significant; "met" where the whole interval of the gap stays
within the tolerance; "not enough evidence" between the two. A group too small is never judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from core.data.roles.group_labels import label_of_name
from core.fairness.counts.known_groups import known_positions
from core.fairness.disparities.gap_verdict import TOLERANCE
from core.fairness.disparities.rate_tests import GroupTest, against_rest
from core.fairness.disparities.reference import REST, ReferenceGap, compare_with
from core.fairness.metrics.assessment import Assessment, Figure
from core.fairness.metrics.metric_registry import METRICS

JUDGED = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "precision",
    "accuracy",
)
"""Metrics of the table, in its order."""
SIGNIFICANT = 0.05

Outcome = Literal["met", "not met", "not enough evidence", "not defined"]


@dataclass(frozen=True)
class GroupVerdict:
    """A group by one metric.

    Attributes
    ----------
    attributes : tuple of str
    group, metric : str
    rate : Figure
        The group's own.
    gap : Figure
        Its rate minus that of all others, in [−1, 1].
    worse : bool or None
        Whether that is to the group's disadvantage; None without a gap.
    outcome : Outcome
    reason : str
        Why there is not enough evidence, or why it is not defined; empty otherwise.
    called : str
        The group as people read it among the others; empty goes by its name.
    """

    attributes: tuple[str, ...]
    group: str
    metric: str
    rate: Figure
    gap: Figure
    worse: bool | None
    outcome: Outcome
    reason: str = ""
    called: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """The group as people read it."""
        return self.called or label_of_name(self.attributes, self.group)


def group_verdicts(
    found: Assessment, metrics: tuple[str, ...] = JUDGED, tolerance: float = TOLERANCE
) -> tuple[GroupVerdict, ...]:
    """Judge every group of known value by every metric.

    Parameters
    ----------
    found : Assessment
        With its cube.
    metrics : tuple of str
        Shares of rows that have a better end.
    tolerance : float
        In (0, 1).

    Returns
    -------
    tuple of GroupVerdict
        By group as in the assessment, then by metric.
    """
    assert found.cube is not None
    cube = found.cube.chosen(known_positions(found.cube))
    gaps: dict[tuple[str, str], ReferenceGap] = {}
    tests: dict[tuple[str, str], GroupTest] = {}
    for metric in metrics:
        gaps |= {(gap.group, metric): gap for gap in compare_with(cube, metric, REST)}
        tests |= {(test.group, metric): test for test in against_rest(cube, metric)}
    out = []
    for group in found.groups:
        if group.is_unknown:
            continue
        for metric in metrics:
            rate, gap = group.figures[metric], gaps[group.name, metric].difference
            test = tests[group.name, metric]
            lower_is_worse = _lower_is_worse(metric, found.positive_is_favourable)
            outcome: Outcome
            worse, reason = None, ""
            if gap.estimate is None or gap.low is None or gap.high is None:
                outcome, reason = "not defined", gap.reason or "it has no interval"
            else:
                sign = -1.0 if lower_is_worse else 1.0
                harm = sign * gap.estimate
                most = max(sign * gap.low, sign * gap.high)
                worse = harm > 0
                if not group.is_judged_by(metric):
                    outcome = "not enough evidence"
                    reason = group.too_small or "too few labels of the kind"
                elif harm > tolerance and test.adjusted is not None and test.adjusted < SIGNIFICANT:
                    outcome = "not met"
                elif most <= tolerance:
                    outcome = "met"
                else:
                    outcome = "not enough evidence"
                    reason = f"the gap may be as large as {most:.3f}"
            out.append(
                GroupVerdict(
                    found.attributes,
                    group.name,
                    metric,
                    rate,
                    gap,
                    worse,
                    outcome,
                    reason,
                    group.label,
                )
            )
    return tuple(out)


def _lower_is_worse(metric: str, positive_is_favourable: bool) -> bool:
    better = METRICS[metric].better
    return better == "higher" or (better == "follows_decision" and positive_is_favourable)
