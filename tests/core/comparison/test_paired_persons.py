"""Two models on rows that repeat persons: persons are resampled and tested, not rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from core.comparison.paired.mcnemar import mcnemar
from core.comparison.paired.paired_bootstrap import compare_paired
from core.comparison.paired.paired_result import PairedComparison
from core.fairness.metrics.assessment import Figure


def world(persons: int, seed: int) -> tuple[dict[str, Any], pd.DataFrame]:
    rng = np.random.default_rng(seed)
    lean = rng.normal(size=persons)
    a, b = (1 / (1 + np.exp(-(lean + s * rng.normal(size=persons)))) for s in (0.8, 1.2))
    fields = {
        "target": lean + rng.normal(size=persons) > 0,
        "decisions_a": a > 0.5,
        "decisions_b": b > 0.5,
        "scores_a": a,
        "scores_b": b,
    }
    return fields, pd.DataFrame({"g": rng.choice(["x", "y"], persons)})


def compared(
    record: dict[str, Any], sensitive: pd.DataFrame, persons: Any = None
) -> PairedComparison:
    return compare_paired(
        record["target"], record["decisions_a"], record["decisions_b"], sensitive,
        scores_a=record["scores_a"], scores_b=record["scores_b"], persons=persons, draws=1500,
    )  # fmt: skip


def figures(found: PairedComparison) -> dict[str, Figure]:
    out = {f"everyone {k}": v.difference for k, v in found.everyone.items()}
    for group, metrics in found.groups.items():
        out |= {f"{group} {k}": v.difference for k, v in metrics.items()}
    return out | {k: v.difference for k, v in found.disparities.items()}


def width(figure: Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low


def test_with_one_row_a_person_nothing_changes() -> None:
    result, sensitive = world(300, 0)
    without, numbered = (compared(result, sensitive, who) for who in (None, np.arange(300)[::-1]))
    assert figures(without) == figures(numbered)
    assert without.mcnemar == numbered.mcnemar


def test_copies_of_rows_tell_no_more_than_the_rows() -> None:
    result, sensitive = world(400, 1)
    once = compared(result, sensitive)
    many = {name: np.repeat(values, 6) for name, values in result.items()}
    six = sensitive.loc[np.repeat(sensitive.index, 6)].reset_index(drop=True)
    copied, as_rows = (compared(many, six, who) for who in (np.repeat(np.arange(400), 6), None))
    narrower = 0
    for name, single in figures(once).items():
        copy, row = figures(copied)[name], figures(as_rows)[name]
        if single.low is None or copy.low is None or row.low is None:
            continue
        assert copy.estimate == pytest.approx(single.estimate, abs=1e-9), name
        assert width(copy) == pytest.approx(width(single), rel=0.2, abs=0.012), name
        narrower += width(row) < 0.6 * width(copy)
    assert narrower > 30
    assert copied.mcnemar.p_value == pytest.approx(once.mcnemar.p_value)
    assert copied.mcnemar.detectable == pytest.approx(once.mcnemar.detectable)
    assert as_rows.mcnemar.p_value < once.mcnemar.p_value


def test_mcnemar_by_persons_gives_few_false_alarms() -> None:
    rng = np.random.default_rng(2)
    who = np.repeat(np.arange(60), 8)
    alarms = [0, 0]
    for _ in range(300):
        # Which of two equally good models is right about a person leans on the person.
        lean = rng.normal(size=60)[who]
        right_b = lean + rng.normal(size=480) > 0
        for side, persons in enumerate((who, None)):
            alarms[side] += mcnemar(~right_b, right_b, persons=persons).p_value < 0.05
    assert alarms[0] <= 0.05 * 300 + 3 * (0.05 * 0.95 * 300) ** 0.5
    assert alarms[1] > 60
    plain = mcnemar(np.repeat([True, False], [30, 12]), np.repeat([False, True], [30, 12]))
    assert plain.p_value == pytest.approx(binomtest(12, 42, 0.5).pvalue)
