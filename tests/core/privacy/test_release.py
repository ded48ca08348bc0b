from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.ledger.ledgers import charges_of
from core.privacy.accounting.budget import Budget, BudgetExceededError, Charge, check_epsilon
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import MemoryPending
from core.privacy.mechanisms import noise
from core.privacy.mechanisms.noise import FRESH, NoiseSource, Seeded
from core.privacy.release.axis import BinAxis, CategoryAxis, declared_groups, equal_bins
from core.privacy.release.private_fairness import noisy_cube, read_fairness
from core.privacy.release.release import Release, outcome_frame, release
from core.privacy.release.release_figures import read_counts, read_number
from core.privacy.release.release_guarantee import guarantee_of_release, release_rows
from core.privacy.release.release_plan import (
    GRID,
    CountsPlan,
    FairnessPlan,
    MeanPlan,
    Plan,
    QuantilePlan,
    numbers_released,
)
from core.privacy.release.release_preview import expected_errors
from tests.core.ledgers import DATA, ledger_on_disk
from tests.core.mechanism_audit import EpsilonBound, epsilon_lower_bound, lowest_bit

SEX = CategoryAxis("sex", ("f", "m"))
PLANS: dict[str, Callable[[float], Plan]] = {
    "histogram": lambda e: CountsPlan((SEX,), e),
    "table": lambda e: CountsPlan((SEX, equal_bins("age", 0, 100, 2)), e, "replace-one"),
    "mean": lambda e: MeanPlan("age", 0, 100, e),
    "quantile": lambda e: QuantilePlan("age", 0, 100, 0.5, e, candidates=4),
    "fairness": lambda e: FairnessPlan((SEX,), e),
}


def rows(n: int = 20) -> pd.DataFrame:
    return pd.DataFrame({"sex": ["f", "m"] * (n // 2), "age": [30.0, 70.0] * (n // 2)})


def frame_for(plan: Plan, data: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(plan, FairnessPlan):
        return data
    label = (data["age"] > 50).to_numpy()
    return outcome_frame(label, label, data, ["sex"])


def neighbours(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables that differ by one row, which lies at a bound."""
    data = rows()
    one = pd.DataFrame({"sex": ["m"], "age": [100.0]})
    if plan.neighbouring == "replace-one":
        other = pd.concat([data.iloc[1:], one], ignore_index=True)
    else:
        other = pd.concat([data, one], ignore_index=True)
    return frame_for(plan, data), frame_for(plan, other)


def shift(exact: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The likelihood direction: outputs along the difference of the two exact vectors."""
    return lambda outputs: outputs @ exact / np.abs(exact).max()


def audited(
    plan: Plan, source: NoiseSource, choose: int, fresh: int, patch: pytest.MonkeyPatch
) -> EpsilonBound:
    """Audit releases end to end; rows are counted once, so that thousands of runs are quick."""
    first, second = neighbours(plan)
    exact = {id(frame): plan.count(frame) for frame in (first, second)}
    away = np.sign(exact[id(second)] - exact[id(first)]).astype(float)

    def mechanism(frame: pd.DataFrame) -> Callable[[int], np.ndarray]:
        def run(times: int) -> np.ndarray:
            made = [release(plan, frame, _FREE, source).counts for _ in range(times)]
            return np.array(made, dtype=float)

        return run

    with patch.context() as counted:
        counted.setattr(type(plan), "count", lambda _, frame: exact[id(frame)])
        return epsilon_lower_bound(
            mechanism(first),
            mechanism(second),
            choose=choose,
            fresh=fresh,
            statistics=[shift(away), lambda x: np.mod(shift(away)(x), 2), lowest_bit],
        )


class _Free:
    """A ledger that writes nothing down, for audits of thousands of releases."""

    pending = MemoryPending()

    def charge(self, what: str, *, epsilon: float, neighbouring: str, **_: Any) -> Charge:
        return Charge(what, epsilon, 0.0, neighbouring)  # type: ignore[arg-type]


_FREE: Any = _Free()


@pytest.mark.parametrize("name", PLANS)
def test_one_row_changes_the_counts_by_no_more_than_the_sensitivity(name: str) -> None:
    plan = PLANS[name](1.0)
    first, second = neighbours(plan)
    change = np.abs(plan.count(first) - plan.count(second)).sum()
    assert change == plan.sensitivity
    assert len(plan.count(first)) == numbers_released(plan)


class Bulk:
    """Noise of the same law drawn in bulk, so that an audit of many runs is quick."""

    noise = "seeded"

    def __init__(self) -> None:
        self.rng = np.random.default_rng(11)
        self.ready: dict[Fraction, list[int]] = {}

    def draw(self, rate: Fraction, size: int) -> list[int]:
        ready = self.ready.setdefault(rate, [])
        if len(ready) < size:
            ready += noise.simulated_noise(float(rate), (size + 50_000,), self.rng).tolist()
        drawn, ready[-size:] = ready[-size:], []
        return drawn


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize(
    ("choose", "fresh"), [(2_000, 8_000), pytest.param(5_000, 20_000, marks=pytest.mark.slow)]
)
def test_no_mechanism_shows_more_than_its_epsilon_and_half_the_noise_would(
    name: str, choose: int, fresh: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = PLANS[name](1.0)
    assert 0.5 < audited(plan, Bulk(), choose, fresh, monkeypatch).epsilon <= 1.0
    monkeypatch.setattr(noise, "noise_rate", lambda e, s: 2 * Fraction(check_epsilon(e)) / s)
    assert audited(plan, Bulk(), choose, fresh, monkeypatch).epsilon > 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("epsilon", [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0])
def test_released_numbers_pass_the_audit_and_the_low_bits_attack(
    name: str, epsilon: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert audited(PLANS[name](epsilon), FRESH, 1_000, 4_000, monkeypatch).epsilon <= epsilon


@pytest.mark.parametrize("epsilon", [0.1, 0.25, 0.5, 1.0, 2.0, 4.0])
def test_the_low_bits_attack_breaks_continuous_noise_and_not_ours(epsilon: float) -> None:
    rng = np.random.default_rng(3)

    def continuous(value: float) -> Callable[[int], np.ndarray]:
        return lambda runs: value + rng.laplace(0, 1 / epsilon, runs)

    broken = epsilon_lower_bound(continuous(0), continuous(1), statistics=[lowest_bit])
    assert broken.epsilon > epsilon
    source = Bulk()

    def discrete(value: int) -> Callable[[int], np.ndarray]:
        return lambda runs: np.array(
            noise.noisy([value] * runs, epsilon=epsilon, sensitivity=1, source=source), dtype=float
        )

    assert epsilon_lower_bound(discrete(0), discrete(1), statistics=[lowest_bit]).epsilon <= epsilon


def test_a_leak_of_the_last_row_is_caught() -> None:
    def leaky(value: float) -> Callable[[int], np.ndarray]:
        return lambda runs: np.full(runs, value)

    assert epsilon_lower_bound(leaky(0), leaky(1)).epsilon > 7


@pytest.mark.parametrize("name", PLANS)
def test_a_huge_epsilon_gives_the_plain_counts(name: str) -> None:
    plan = PLANS[name](1e8)
    frame = frame_for(plan, rows(400))
    found = release(plan, frame, Ledger(Budget(1e9)))
    assert list(found.counts) == pytest.approx(list(plan.count(frame)), abs=1)
    if name == "mean":
        number = read_number(found).rows
        assert number.estimate == pytest.approx(50.0, abs=100 / GRID)


def test_counts_are_those_of_pandas_with_empty_cells_and_undeclared_values() -> None:
    data = pd.DataFrame({"c": ["a", "b", "z", None, "a"], "x": [-5.0, 10.0, 20.0, 55.0, math.nan]})
    axes = (CategoryAxis("c", ("a", "b", "empty")), BinAxis("x", (0.0, 10.0, 60.0)))
    counts = CountsPlan(axes, 1.0).count(data)
    # a: −5 is clipped into the first bin; b: 10 is the left edge of the second; others outside.
    assert counts.tolist() == [1, 0, 0, 1, 0, 0, 3]
    assert CountsPlan(axes[:1], 1.0).count(data).tolist() == [2, 1, 0, 2]
    assert CountsPlan(axes[1:], 1.0).count(data).tolist() == [1, 3, 1]


def test_a_mean_of_clipped_values_and_missing_ones() -> None:
    data = pd.DataFrame({"x": [-50.0, 0.0, 25.0, 1e9, math.nan, math.inf]})
    plan = MeanPlan("x", 0.0, 100.0, 1e8)
    found = read_number(release(plan, data, Ledger(Budget(1e9))))
    assert found.rows.estimate == pytest.approx((0 + 0 + 25 + 100 + 100) / 5, abs=1e-3)
    assert found.counted == 5


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_quantile_without_noise_is_the_plain_one(share: float) -> None:
    values = np.random.default_rng(0).uniform(0, 100, 2000)
    plan = QuantilePlan("x", 0.0, 100.0, share, 1e6, candidates=100)
    found = read_number(release(plan, pd.DataFrame({"x": values}), Ledger(Budget(1e7))))
    assert found.rows.estimate == pytest.approx(np.quantile(values, share), abs=1.0)
    assert found.rows.low is not None
    assert found.rows.high is not None
    assert found.rows.low <= np.quantile(values, share) <= found.rows.high


def test_fairness_counts_are_the_plain_cube() -> None:
    from core.fairness.counts.cube import build_cube

    rng = np.random.default_rng(0)
    sensitive = pd.DataFrame({"sex": rng.choice(["f", "m"], 300), "age": rng.choice(["o"], 300)})
    label, decision = rng.random(300) < 0.4, rng.random(300) < 0.5
    plan = FairnessPlan((SEX, CategoryAxis("age", ("o", "y"))), 1.0)
    counts = plan.count(outcome_frame(label, decision, sensitive, ["sex", "age"]))
    cube = build_cube(label, decision, sensitive)
    assert counts[:-1].reshape(2, 2, 2, 2)[:, 0].tolist() == cube.count.tolist()
    assert counts[:-1].reshape(2, 2, 2, 2)[:, 1].sum() == counts[-1] == 0


def test_a_charge_comes_before_noise_and_a_refusal_draws_none() -> None:
    class Watching:
        noise = "fresh"
        charges_seen: list[int] = []  # noqa: RUF012

        def draw(self, rate: Fraction, size: int) -> list[int]:
            self.charges_seen.append(len(ledger.charges))
            return [0] * size

    ledger, source = Ledger(Budget(1.0)), Watching()
    release(PLANS["histogram"](0.7), rows(), ledger, source)
    assert source.charges_seen == [1]
    with pytest.raises(BudgetExceededError):
        release(PLANS["histogram"](0.7), rows(), ledger, source)
    assert source.charges_seen == [1]
    with pytest.raises(InputError, match="it holds no numbers"):
        release(MeanPlan("sex", 0, 1, 0.1), rows(), ledger, source)
    assert len(ledger.charges) == 1
    with pytest.raises(ValueError, match="needs a ledger"):
        release(PLANS["mean"](1.0), rows(), None)


def test_sixteen_threads_on_a_budget_for_one_release_get_one(tmp_path: Path) -> None:
    ledger = ledger_on_disk(tmp_path, Budget(1.0))
    made, refused = [], []

    def run() -> None:
        try:
            made.append(release(PLANS["histogram"](1.0), rows(), ledger))
        except BudgetExceededError:
            refused.append(1)

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(refused)) == (1, 15)


def test_a_charge_stands_if_the_process_dies_after_it(tmp_path: Path) -> None:
    ledger_on_disk(tmp_path, Budget(1.0))
    code = f"""
import os, signal
from pathlib import Path
import pandas as pd
from core.privacy.release.axis import CategoryAxis
from core.ledger.ledgers import open_ledger
from core.privacy.release.release import release
from core.privacy.release.release_plan import CountsPlan

class Dying:
    noise = "fresh"
    def draw(self, rate, size):
        os.kill(os.getpid(), signal.SIGKILL)

plan = CountsPlan((CategoryAxis("c", ("a",)),), 0.25)
release(plan, pd.DataFrame({{"c": ["a"]}}), open_ledger(Path({str(tmp_path)!r}), {DATA!r}), Dying())
"""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    )
    assert done.returncode == -signal.SIGKILL
    assert [c.epsilon for c in charges_of(tmp_path, DATA)] == [0.25]


def test_negative_counts_show_as_zero_and_are_counted() -> None:
    found = Release(CountsPlan((SEX,), 0.5), (-3, 40, -1), "fresh")
    read = read_counts(found)
    assert [cell.count.estimate for cell in read.cells] == [0, 40]
    assert [cell.noisy for cell in read.cells] == [-3, 40]
    assert read.negative == 2
    # P(|Z| ≤ 6) ≥ 0.95 at ε = 0.5: 2 r^7 / (1 + r) = 0.0376, and r^6 gives 0.0620.
    assert (read.cells[1].count.low, read.cells[1].count.high) == (34, 46)
    assert read.cells[0].share.estimate == 0


def test_noise_that_swamps_the_rows_leaves_shares_undefined() -> None:
    read = read_counts(Release(CountsPlan((SEX,), 0.1), (5, 9, 0), "fresh"))
    assert read.cells[0].share.estimate is None
    assert "swamps" in (read.cells[0].share.reason or "")
    mean = read_number(Release(MeanPlan("x", 0, 1, 0.1), (GRID, GRID), "fresh"))
    assert mean.rows.estimate is None
    quantile = read_number(Release(QuantilePlan("x", 0, 1, 0.5, 0.1), (1,) * 51, "fresh"))
    assert quantile.population.reason is not None


def test_the_table_s_own_figures_are_covered() -> None:
    source, data = Bulk(), pd.DataFrame({"x": np.random.default_rng(1).normal(40, 10, 1000)})
    data["c"] = np.where(data["x"] < 35, "low", "high")
    truth = (data["c"] == "low").sum(), data["x"].mean(), data["x"].median()
    hits = np.zeros(3)
    for _ in range(400):
        axis = CategoryAxis("c", ("low", "high"))
        count = read_counts(release(CountsPlan((axis,), 0.5), data, None, source)).cells[0].count
        mean = read_number(release(MeanPlan("x", 0, 100, 0.5), data, None, source)).rows
        median = read_number(release(QuantilePlan("x", 0, 100, 0.5, 0.5), data, None, source)).rows
        for k, figure in enumerate((count, mean, median)):
            assert figure.low is not None
            assert figure.high is not None
            hits[k] += figure.low <= truth[k] <= figure.high
    assert (hits / 400 >= 0.925).all()  # three standard errors below 0.95 and more
    assert hits[1] / 400 <= 0.985


def test_the_preview_foretells_the_error_without_the_data() -> None:
    data = pd.DataFrame({"x": np.tile([0.0, 100.0], 500)})
    plan = MeanPlan("x", 0, 100, 0.5)
    (expected,) = expected_errors(plan, 1000)
    source = Bulk()
    errors = [
        abs((read_number(release(plan, data, None, source)).rows.estimate or 0) - 50)
        for _ in range(1000)
    ]
    assert expected.noise == pytest.approx(np.quantile(errors, 0.95), rel=0.15)
    (count,) = expected_errors(PLANS["histogram"](0.5), 1000)
    assert count.both == 6
    swamped = expected_errors(PLANS["fairness"](0.1), 50)
    assert swamped[1].both is None


def test_the_guarantee_names_what_it_leaves_out_and_a_seeded_one_is_void() -> None:
    plan = PLANS["fairness"](0.5)
    found = release(plan, frame_for(plan, rows(200)), Ledger(Budget(1.0)))
    promise = guarantee_of_release(found, "ordinary model")
    assert (promise.epsilon, promise.delta, promise.unit) == (0.5, 0.0, "row")
    assert promise.neighbouring == "add-or-remove"
    assert any("trained without noise" in item for item in promise.leaves_out)
    simulated = release(plan, frame_for(plan, rows(200)), None, Seeded(0))
    assert guarantee_of_release(simulated).epsilon is None
    written = release_rows(found)
    assert {row["figure"] for row in written} >= {"selection_rate", "equalized_odds_difference"}
    assert read_fairness(found).cells == 9
    assert noisy_cube(found).groups == (("f",), ("m",))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: CategoryAxis("c", ()), "categories must be declared"),
        (lambda: CategoryAxis("c", ("a", "a")), "each of them once"),
        (lambda: BinAxis("x", (1.0, 1.0)), "edges that ascend"),
        (lambda: MeanPlan("x", 1.0, 1.0, 1.0), "the lower first"),
        (lambda: MeanPlan("x", 0.0, math.inf, 1.0), "finite numbers"),
        (lambda: QuantilePlan("x", 0.0, 1.0, 1.0, 1.0), "between 0 and 1"),
        (lambda: CountsPlan((SEX, SEX), 1.0), "each only once"),
        (lambda: CountsPlan((SEX,), 0.0), "epsilon must be"),
        (lambda: CountsPlan((equal_bins("x", 0, 1, 5000), SEX, CategoryAxis("c", ("a", "b"))), 1.0),
         "20000 cells"),
    ],
)  # fmt: skip
def test_unusable_plans_are_refused(make: Callable[[], object], text: str) -> None:
    with pytest.raises(InputError, match=text):
        make()


@pytest.mark.parametrize("name", ["german_credit", "heart_disease", "compas"])
def test_every_row_of_a_sample_lies_in_its_declared_groups(name: str) -> None:
    from core.data.assign import assign
    from core.data.samples import SAMPLES, load_sample

    sample = SAMPLES[name]
    data, edges = assign(load_sample(name), sample.roles), dict(sample.roles.edges)
    columns = sample.roles.sensitive
    axes = tuple(CategoryAxis(c, declared_groups(c, edges, sample)) for c in columns)
    counts = FairnessPlan(axes, 1.0).count(
        outcome_frame(data.target, data.target, data.sensitive, columns)
    )
    assert counts[-1] == 0
    assert counts.sum() == len(data)


@pytest.mark.parametrize("neighbouring", ["add-or-remove", "replace-one"])
@pytest.mark.parametrize("name", PLANS)
def test_either_change_of_a_row_reaches_the_sensitivity_and_no_more(
    name: str, neighbouring: Any
) -> None:
    plan = replace(PLANS[name](1.0), neighbouring=neighbouring)
    data = rows(6)
    data.loc[0, "age"], data.loc[1, "age"] = -10.0, 110.0
    before = plan.count(frame_for(plan, data))
    changes = []
    for position in data.index:
        rest = data.drop(index=position)
        tables = [rest]
        if neighbouring == "replace-one":
            others = (data.loc[[k]] for k in data.index)
            tables = [pd.concat([rest, other], ignore_index=True) for other in others]
        changes += [np.abs(plan.count(frame_for(plan, t)) - before).sum() for t in tables]
    assert max(changes) == plan.sensitivity
