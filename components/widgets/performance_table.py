"""Performance of a model beside its baseline and the majority class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.tables import format_figure
from core.fairness.disparities.disparities import lower
from core.fairness.metrics.metric_registry import METRICS
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.training.model_name import external_name

if TYPE_CHECKING:
    from core.training.trained import Trained

BRIER = "Brier score: mean squared distance of the score from the outcome; smaller is better."


def describe_model(trained: Trained) -> str:
    """Say which model it is: learner, mitigation, budget and seed."""
    spec = trained.spec
    external = spec.external
    parts = [LEARNERS[spec.learner].title if external is None else external_name(external)]
    if trained.cost is not None:
        parts.append(f"ε = {trained.cost[0]:g}, δ = {trained.cost[1]:g}")
    mitigation = lower(MITIGATIONS[spec.mitigation].title)
    if spec.strength < 1:
        mitigation += f" at strength {spec.strength:g}"
    parts.append(f"{mitigation} for {spec.mitigate_for}" if spec.mitigate_for else mitigation)
    if spec.balancing != "none":
        parts.append(f"{lower(BALANCINGS[spec.balancing].title)} for balance")
    if external is None or spec.mitigation != "none":
        parts.append(f"seed {spec.seed}")
    if external is not None:
        decides = f"decides positively from a score of {external.threshold:g}"
        # A mitigation has thresholds of its own, or draws.
        parts.append(decides if spec.mitigation == "none" else f"which without it {decides}")
    return f"{', '.join(parts)}."


def performance_table(trained: Trained) -> pd.DataFrame:
    """One row for each figure, with its interval and the baseline's."""
    rows = []
    for name, figure in trained.performance.figures.items():
        row = {"Figure": METRICS[name].title if name in METRICS else "Brier score"}
        row["This model"] = format_figure(figure)
        if trained.baseline is not None and trained.baseline_learner is not None:
            title = LEARNERS[trained.baseline_learner].title
            row[f"{title}, no privacy"] = format_figure(trained.baseline.figures[name])
        rows.append(row)
    return pd.DataFrame(rows)


def result_in_short(trained: Trained) -> str:
    """Say in a line how the audited model does on its test rows."""
    told = [
        f"{METRICS[name].title} {format_figure(trained.performance.figures[name])}"
        for name in ("accuracy", "roc_auc")
        if trained.performance.figures[name].estimate is not None
    ]
    external = trained.spec.external
    if external is not None:
        return f"Asked: {external.name}. {'; '.join(told)}."
    return f"Trained: {LEARNERS[trained.spec.learner].title}. {'; '.join(told)}."


def meanings(trained: Trained) -> list[str]:
    """One sentence for each figure; everyone on the test rows is the group they speak of."""
    return [
        METRICS[name].sentence if name in METRICS else BRIER for name in trained.performance.figures
    ]
