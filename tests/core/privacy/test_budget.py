from __future__ import annotations

import math
import multiprocessing
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.ledger.ledgers import charges_of, open_ledger
from core.privacy.accounting.budget import (
    Budget,
    BudgetExceededError,
    Charge,
    compose,
    read_charges,
)
from core.privacy.accounting.ledger import Ledger
from core.privacy.guidance.meaning import membership_advantage, posterior
from tests.core.ledgers import DATA, ledger_on_disk


def test_a_charge_over_the_cap_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ledger = ledger_on_disk(tmp_path, Budget(1.0, 1e-6))
    ledger.charge("first", epsilon=0.7, delta=1e-6, neighbouring="add-or-remove")
    with pytest.raises(BudgetExceededError, match=r"second: it costs ε = 0.4.*spent are ε = 0.7"):
        ledger.charge("second", epsilon=0.4, neighbouring="add-or-remove")
    assert [c.what for c in ledger.charges] == ["first"]
    ledger.charge("third", epsilon=0.3, neighbouring="add-or-remove")
    assert ledger.spent().epsilon == pytest.approx(1.0)


def test_delta_has_a_cap_of_its_own() -> None:
    ledger = Ledger(Budget(10.0, 1e-6))
    with pytest.raises(BudgetExceededError):
        ledger.charge("x", epsilon=0.1, delta=2e-6, neighbouring="replace-one")


def test_ten_tenths_fit_into_one() -> None:
    ledger = Ledger(Budget(1.0))
    for _ in range(10):
        ledger.charge("x", epsilon=0.1, neighbouring="replace-one")
    with pytest.raises(BudgetExceededError):
        ledger.charge("x", epsilon=1e-6, neighbouring="replace-one")


def test_mixed_relations_are_stated_under_replace_one() -> None:
    # Group privacy for two, by hand: (0.5, 1e-6) → (1.0, (1 + e^0.5) 1e-6).
    total = compose(
        (Charge("a", 0.5, 1e-6, "add-or-remove"), Charge("b", 0.25, 0.0, "replace-one"))
    )
    assert total.neighbouring == "replace-one"
    assert total.epsilon == pytest.approx(1.25)
    assert total.delta == pytest.approx((1 + math.exp(0.5)) * 1e-6)


def _race(path: str, results: multiprocessing.Queue[int]) -> None:
    ledger = open_ledger(Path(path), DATA)
    assert ledger is not None
    done = 0
    for _ in range(5):
        try:
            ledger.charge("race", epsilon=0.25, neighbouring="replace-one")
            done += 1
        except BudgetExceededError:
            pass
    results.put(done)


def test_processes_cannot_overspend_together(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    ledger_on_disk(tmp_path, Budget(1.0))
    workers = [context.Process(target=_race, args=(str(tmp_path), results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    done = [results.get(timeout=240) for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(done) == 4
    assert len(charges_of(tmp_path, DATA)) == 4


def test_sixteen_threads_on_a_budget_for_one_release_get_one(tmp_path: Path) -> None:
    ledger = ledger_on_disk(tmp_path, Budget(1.0))
    released = []

    def release() -> None:
        try:
            ledger.charge("release", epsilon=1.0, neighbouring="replace-one")
            released.append(1)
        except BudgetExceededError:
            pass

    threads = [threading.Thread(target=release) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(released) == 1


@pytest.mark.parametrize(
    "line",
    [
        b'{"what": "half a li',
        b'{"what": "x", "epsilon": -50, "delta": 0, "neighbouring": "replace-one"}',
        b'{"what": "x", "epsilon": "1", "delta": 0, "neighbouring": "replace-one"}',
        b'{"what": "x", "epsilon": NaN, "delta": 0, "neighbouring": "replace-one"}',
        b'{"what": "x", "epsilon": 1, "delta": -1, "neighbouring": "replace-one"}',
        b'{"what": "x", "epsilon": 1, "delta": 0, "neighbouring": "none"}',
        b"\xff\xfe",
    ],
)
def test_a_plain_line_that_cannot_be_a_charge_is_damage(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "ledger.jsonl"
    good = b'{"what": "x", "epsilon": 1, "delta": 0, "neighbouring": "replace-one"}\n'
    path.write_bytes(good)
    assert [charge.epsilon for charge in read_charges(path)] == [1]
    path.write_bytes(good + line + b"\n")
    with pytest.raises(InputError, match=r"ledger\.jsonl line 2"):
        read_charges(path)


@pytest.mark.parametrize("epsilon", [0, -1, math.nan, math.inf, "1", True])
def test_epsilon_out_of_range_is_refused(epsilon: float) -> None:
    with pytest.raises(InputError, match="epsilon must be a finite number above 0"):
        Budget(epsilon)


@pytest.mark.parametrize("delta", [-1e-9, 1.0, math.nan, False])
def test_delta_out_of_range_is_refused(delta: float) -> None:
    with pytest.raises(InputError, match="delta must be at least 0 and below 1"):
        Budget(1.0, delta)


@given(st.floats(0.001, 20), st.floats(0.001, 0.999))
def test_posterior_is_bayes_with_a_likelihood_ratio_of_e_to_the_epsilon(
    epsilon: float, prior: float
) -> None:
    ratio = math.exp(epsilon)
    expected = prior * ratio / (prior * ratio + 1 - prior)
    assert posterior(epsilon, prior) == pytest.approx(expected, rel=1e-9)


@given(st.floats(0.001, 20), st.floats(0, 0.01))
def test_membership_advantage_is_the_published_bound(epsilon: float, delta: float) -> None:
    expected = (math.exp(epsilon) - 1 + 2 * delta) / (math.exp(epsilon) + 1)
    assert membership_advantage(epsilon, delta) == pytest.approx(min(1.0, expected), rel=1e-9)


@pytest.mark.parametrize(("composition", "half"), [("basic", 0.0), ("renyi", 5e-6)])
def test_the_delta_that_is_left_fits_to_the_last_digit(composition, half) -> None:
    cap = Budget(10.0, 1e-5, composition)
    result = tuple(Charge("x", 0.1, 7e-7, "add-or-remove") for _ in range(3))
    left = cap.delta_left(result)
    assert left == pytest.approx(1e-5 - half - 2.1e-6)
    assert cap.covers((*result, Charge("y", 0.1, left, "add-or-remove")))
    more = Charge("y", 0.1, left * (1 + 1e-12), "add-or-remove")
    assert not cap.covers((*result, more))
    assert cap.delta_left((*result, Charge("y", 0.1, 1e-4, "add-or-remove"))) == 0.0


def test_a_refusal_explains_why_promises_of_two_kinds_add_up_to_more() -> None:
    ledger = Ledger(Budget(2.0))
    ledger.charge("first", epsilon=1.0, neighbouring="add-or-remove")
    with pytest.raises(BudgetExceededError, match="would make ε = 3") as caught:
        ledger.charge("second", epsilon=1.0, neighbouring="replace-one")
    assert "leaving one out and adding another and so counts twice" in str(caught.value)
    with pytest.raises(BudgetExceededError, match=r"would make ε = 2\.5") as caught:
        ledger.charge("second", epsilon=1.5, neighbouring="add-or-remove")
    assert "counts twice" not in str(caught.value)
