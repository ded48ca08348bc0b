"""Two models on the same people, written down and told in lines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.comparison.paired.paired_result import PairedComparison, PairedDifference
from core.data.roles.group_labels import label_of_name
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.intervals.p_values import equation_of_p
from core.fairness.metrics.metric_registry import METRICS

SHOWN = ("accuracy", "balanced_accuracy", "selection_rate", "true_positive_rate")
GAPS = (
    "demographic_parity_difference", "equal_opportunity_difference", "equalized_odds_difference",
    "accuracy_difference",
)  # fmt: skip


def paired_json(found: PairedComparison) -> dict[str, Any]:
    """Write a comparison on the same people down, without NaN or infinity."""
    return {
        "rows": found.people,
        "notes": list(found.notes),
        "attributes": list(found.attributes),
        "level": found.level,
        "draws": found.draws,
        "everyone": {name: _difference(item) for name, item in found.everyone.items()},
        "groups": [
            {
                "group": name,
                "label": label_of_name(found.attributes, name, tuple(found.groups)),
                "figures": {metric: _difference(item) for metric, item in figures.items()},
            }
            for name, figures in found.groups.items()
        ],
        "disparities": {name: _difference(item) for name, item in found.disparities.items()},
        "mcnemar": asdict(found.mcnemar),
        "told": found.sentence(),
    }


def paired_lines(found: PairedComparison) -> list[str]:
    """Say the main figures in sentences."""
    test = found.mcnemar
    gaps = [found.sentence(name) for name in GAPS if name in found.disparities]
    return [
        *found.notes,
        found.sentence(),
        f"Only A is right about {test.only_a:,} of {test.people:,} rows and only B about "
        f"{test.only_b:,} (McNemar's exact test: {equation_of_p(test.p_value)}).",
        *(found.sentence(name) for name in SHOWN[1:] if name in found.everyone),
        *gaps,
    ]


def title_of(figure: str) -> str:
    """Return the title of a metric or a disparity."""
    return METRICS[figure].title if figure in METRICS else DISPARITIES[figure].title


def _difference(item: PairedDifference) -> dict[str, Any]:
    return {
        "a": item.a,
        "b": item.b,
        "difference": item.difference.to_json(),
        "undefined_draws": item.undefined_draws,
    }
