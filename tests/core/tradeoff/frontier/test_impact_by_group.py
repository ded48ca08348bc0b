"""Who pays: rates of groups over runs against masks on the rows, and its sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.tradeoff.frontier.differences import difference
from core.tradeoff.frontier.impact_by_group import RATES, default_reference, impact_by_group
from core.tradeoff.frontier.spread import Observation, spread_of
from core.tradeoff.sweep.grid import RunSpec, Setting
from core.tradeoff.sweep.point import GroupCounts, SweepPoint

PRIVATE = Setting("dp_logistic_regression", 1.0, "reweighing", 0.5)
PLAIN = Setting("logistic_regression")


def rows(setting: Setting, split: int, noise: int) -> pd.DataFrame:
    rng = np.random.default_rng([split, noise, setting.epsilon is None])
    group = rng.choice(["a", "b", "c"], 400, p=[0.6, 0.38, 0.02])
    label = rng.random(400) < 0.5
    wrong = rng.random(400) < np.where(group == "b", 0.4, 0.15) * (setting.epsilon is not None)
    return pd.DataFrame({"group": group, "label": label, "decision": label ^ wrong})


def point(setting: Setting, split: int, noise: int) -> SweepPoint:
    table = rows(setting, split, noise)
    found = assess(table.label.to_numpy(), table.decision.to_numpy(), table[["group"]], draws=100)
    groups = []
    for name, one in table.groupby("group"):
        counts = [float(((one.label == y) & (one.decision == d)).sum())
                  for y, d in ((1, 1), (1, 0), (0, 1), (0, 0))]  # fmt: skip
        too_small = next(g.too_small for g in found.groups if g.name == name)
        groups.append(GroupCounts("group", str(name), len(one), *counts, too_small))
    run = RunSpec(setting, split, noise if setting.epsilon else None)
    return SweepPoint(run, {}, tuple(groups), 400, 800)


@pytest.fixture(scope="module")
def points() -> list[SweepPoint]:
    found = [point(PRIVATE, split, noise) for split in range(4) for noise in range(2)]
    return found + [point(PLAIN, split, 0) for split in range(4)]


def by_mask(table: pd.DataFrame, group: str, rate: str) -> tuple[float, float] | None:
    """Rate and half of its Wilson interval over 1.96, from rows."""
    one = table[table.group == group]
    kept = {
        "selection_rate": one,
        "accuracy": one,
        "true_positive_rate": one[one.label],
        "false_positive_rate": one[~one.label],
    }[rate]
    if kept.empty:
        return None
    hits = kept.label == kept.decision if rate == "accuracy" else kept.decision
    p, n, z = float(hits.mean()), len(kept), 1.959964
    return p, z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n) / z


def test_equals_rates_by_masks(points: list[SweepPoint]) -> None:
    found = impact_by_group(points, PRIVATE, ("group",))
    assert found.reference == PLAIN
    assert set(found.groups) == {"a", "b", "c"}
    assert found.rates == RATES
    for g, group in enumerate(found.groups):
        for r, rate in enumerate(RATES):
            spreads = []
            for setting in (PRIVATE, PLAIN):
                seeds = (0, 1) if setting.epsilon else (0,)
                values = [(j, by_mask(rows(setting, j, k), group, rate))
                          for j in range(4) for k in seeds]  # fmt: skip
                seen = [Observation(j, *v, 0.5) for j, v in values if v is not None]
                spreads.append(
                    spread_of(seen, noisy=setting.epsilon is not None, bounds=(0.0, 1.0))
                )
                if setting is PRIVATE:
                    least, most = min(o.value for o in seen), max(o.value for o in seen)
            cell = found.cell(group, rate)
            assert cell.spread.mean == pytest.approx(spreads[0].mean)
            assert cell.spread.low == pytest.approx(spreads[0].low, abs=1e-6)
            assert cell.spread.people_error == pytest.approx(spreads[0].people_error, abs=1e-6)
            assert (cell.least, cell.most) == (least, most)
            change = difference(*spreads)
            assert found.table("change")[g, r] == pytest.approx(change.value)
            assert found.table("change_high")[g, r] == pytest.approx(
                min(change.high, 1.0), abs=1e-6
            )
            assert found.table("mean")[g, r] == cell.spread.mean


def test_small_groups_are_marked_and_not_named(points: list[SweepPoint]) -> None:
    found = impact_by_group(points, PRIVATE, ("group",))
    cell = found.cell("c", "accuracy")
    assert cell.too_small is not None
    assert cell.small_runs == 12
    assert found.cell("a", "accuracy").too_small is None
    text = found.sentence()
    assert text.startswith("Beside logistic regression without privacy, b is ")
    assert ", and a is " in text
    assert "points worse (" in text
    assert text.endswith("in accuracy. 1 more is too small to judge or not defined.")


def test_what_is_hoped_for_turns_the_order(points: list[SweepPoint]) -> None:
    found = impact_by_group(points, PRIVATE, ("group",))
    change = {g: found.cell(g, "selection_rate").change.value or 0 for g in ("a", "b")}
    least, most = sorted(change, key=change.__getitem__)
    assert f"privacy, {least} is" in found.sentence("selection_rate")
    assert f"privacy, {most} is" in found.sentence("selection_rate", positive_is_favourable=False)
    assert "may be chance" in found.sentence("selection_rate")
    neutral = impact_by_group(points, PRIVATE, ("group",), rates=("prevalence",)).sentence(
        "prevalence"
    )
    assert "better" not in neutral
    assert "worse" not in neutral


def test_without_the_reference_nothing_is_compared(points: list[SweepPoint]) -> None:
    private = [p for p in points if p.run.setting == PRIVATE]
    found = impact_by_group(private, PRIVATE, ("group",))
    assert found.reference is None
    assert np.isnan(found.table("change")).all()
    assert not np.isnan(found.table("mean")).any()
    assert found.cell("a", "accuracy").change.reason is not None
    assert "holds no run of the reference" in found.sentence()
    itself = impact_by_group(points, PLAIN, ("group",))
    assert "The reference itself was chosen" in itself.sentence()


def test_a_group_without_positives_has_no_true_positive_rate() -> None:
    groups = (GroupCounts("group", "a", 40, 0, 0, 10, 30), GroupCounts("group", "b", 0, 0, 0, 0, 0))
    one = SweepPoint(RunSpec(PLAIN), {}, groups, 40, 80)
    found = impact_by_group([one], PLAIN, ("group",))
    assert found.cell("a", "true_positive_rate").spread.reason == (
        "no positive labels in this group"
    )
    assert found.cell("a", "false_positive_rate").spread.mean == 0.25
    assert found.cell("b", "accuracy").least is None
    assert np.isnan(found.table("mean")).sum() == 5


def test_weighted_counts_count_as_their_rows() -> None:
    light = SweepPoint(RunSpec(PLAIN), {}, (GroupCounts("group", "a", 40, 10, 10, 5, 15),), 40, 80)
    heavy = replace(light, groups=(GroupCounts("group", "a", 40, 20, 20, 10, 30),))
    first, second = (impact_by_group([p], PLAIN, ("group",)) for p in (light, heavy))
    assert first.cells == second.cells


def test_what_is_not_there_is_refused(points: list[SweepPoint]) -> None:
    with pytest.raises(InputError, match="race: no finished run"):
        impact_by_group(points, PRIVATE, ("race",))
    with pytest.raises(InputError, match="Choose a rate"):
        impact_by_group(points, PRIVATE, ("group",), rates=("roc_auc",))


def test_the_reference_is_the_baseline_with_nothing_else_chosen() -> None:
    assert default_reference(PRIVATE) == PLAIN
    assert default_reference(Setting("naive_bayes", None, "massaging", 0.5)) == Setting(
        "naive_bayes"
    )
