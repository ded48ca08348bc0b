"""A check of decisions that are the same for nearly everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.fairness.counts.cube import build_cube
from core.fairness.metrics.constant_decisions import constant_decisions
from core.fairness.metrics.metrics import METRICS, REJECTION_RATE, GroupMetric
from core.fairness.metrics.rate_ratio import rate_ratios

if TYPE_CHECKING:
    from core.audit.result import AuditResult


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
        f"{same.sentence}. Equal rates of such decisions say nothing about fairness"
        + "".join(f". {sentence}" for sentence in _recorded(result)),
        "Do not read equal rates as fairness: look at what the decision threshold and the features "
        "let the model tell apart, and at the recorded outcomes by group",
    )


def _recorded(result: AuditResult) -> Iterable[str]:
    """Say how far apart the recorded outcomes are that such decisions hide."""
    dataset, favourable = result.dataset, result.dataset.roles.positive_is_favourable
    metric = METRICS["selection_rate"] if favourable else REJECTION_RATE
    assert isinstance(metric, GroupMetric)
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
            f"{worst.rate:.3f} in group {worst.group} of {column} and {worst.highest_rate:.3f} in "
            f"group {worst.highest}: ratio {worst.ratio.estimate:.3f} (95% interval "
            f"{worst.ratio.low:.3f} to {worst.ratio.high:.3f})"
        )
