"""All that a private fit draws, recorded and added up, against what was charged."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

import pytest

from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.composition import compose
from core.privacy.accounting.contribution import person_budget
from core.privacy.accounting.ledger import Ledger
from core.privacy.mechanisms import noise
from core.training.compatibility import fits_learner
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, frame, table

PRIVATE = [item for item in LEARNERS if item.private]
COUNTED_IN = {
    "core.privacy.mechanisms.domain_estimate": "bounds",
    "core.mitigation.preprocessing.private_weights": "training counts",
    "core.mitigation.postprocessing.private_thresholds": "validation counts",
}
PLANS = [
    (learner.name, mitigation.name, paid, rows)
    for learner in PRIVATE
    for mitigation in MITIGATIONS
    if mitigation.keeps_privacy and fits_learner(mitigation, learner)
    for paid in (False, True)
    for rows in (None, 3)
    if not (paid and mitigation.declared_groups)
    and not (rows and learner.neighbouring == "replace-one")
]


def world() -> Dataset:
    data = frame(1200)
    data["who"] = [f"p{k % 500}" for k in range(len(data))]
    read = table(data)
    return assign(read, default_roles(read, "paid", "yes", ("sex",), identifiers=("who",))[0])


DATA = world()


class Drawn:
    """Rates of all discrete Laplace noise, by what it is drawn for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.rates: dict[str, list[Fraction]] = defaultdict(list)
        for module, what in COUNTED_IN.items():
            monkeypatch.setattr(f"{module}.noisy", self._recording(what))

    def _recording(self, what: str) -> Any:
        def recording(values: Any, *, epsilon: float, sensitivity: int, source: Any) -> Any:
            # What is tried before the charge draws from a seed and is thrown away.
            watched = Watched(source, self.rates[what] if source.noise == "fresh" else [])
            return noise.noisy(values, epsilon=epsilon, sensitivity=sensitivity, source=watched)

        return recording


class Watched:
    """A source of noise that keeps the rates it is asked for."""

    noise: Literal["fresh", "seeded"] = "fresh"

    def __init__(self, source: noise.NoiseSource, rates: list[Fraction]):
        self.source, self.rates = source, rates

    def draw(self, rate: Fraction, size: int) -> list[int]:
        self.rates.append(rate)
        return self.source.draw(rate, size)


@pytest.mark.parametrize(("learner", "mitigation", "paid", "rows"), PLANS)
def test_all_that_is_drawn_adds_up_to_what_was_charged(
    learner: str, mitigation: str, paid: bool, rows: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = Drawn(monkeypatch)
    grouped = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
    spec = TrainingSpec(
        learner,
        mitigation,
        epsilon=4.0,
        delta=1e-5,
        domains=None if paid else grouped,
        person="who" if rows else None,
        rows_per_person=rows or 1,
    )
    ledger = Ledger(Budget(4.0, 1e-5))
    trained = train(DATA, spec, ledger, with_baseline=False)
    charged = compose(ledger.charges)
    assert len(ledger.charges) == (2 if paid else 1)
    model = trained.decider.model.estimator  # type: ignore[attr-defined]
    # A row touches one count of each of these under add-or-remove, and two under replace-one.
    touched = 2 if LEARNERS[learner].neighbouring == "replace-one" else 1
    spent = {what: touched * float(sum(rates)) for what, rates in drawn.rates.items()}
    assert bool(spent.get("bounds")) == paid
    assert bool(spent.get("training counts")) == (MITIGATIONS[mitigation].counts == "training")
    of_a_row = spent.get("bounds", 0.0) + spent.get("training counts", 0.0) + model.epsilon
    delta = (spec.delta or 0.0) if LEARNERS[learner].needs_delta else 0.0
    promised, _ = person_budget(of_a_row, 0.0, rows or 1)
    assert promised == pytest.approx(4.0, rel=1e-12) == charged.epsilon
    if paid:
        bounds = person_budget(spent["bounds"], 0.0, rows or 1)[0]
        assert bounds == pytest.approx(ledger.charges[0].epsilon, rel=1e-12)
    # Other rows than those that train, so they have the whole of it, and no more.
    if MITIGATIONS[mitigation].counts == "validation":
        assert len(drawn.rates["validation counts"]) == 1
        assert spent["validation counts"] == pytest.approx(of_a_row, rel=1e-12)
    else:
        assert "validation counts" not in spent
    if delta and not paid:
        growth = sum(math.exp(k * of_a_row) for k in range(rows or 1))
        assert model.delta * growth == pytest.approx(delta, rel=1e-9)


@pytest.mark.parametrize("learner", PRIVATE, ids=lambda item: item.name)
@pytest.mark.parametrize("rows", [1, 3])
def test_the_delta_of_bounds_and_model_adds_up_to_what_was_charged(
    learner: Any, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if rows > 1 and learner.neighbouring == "replace-one":
        pytest.skip("its guarantee is for a row that is replaced")
    asked = {}
    from core.training import private_fit

    real = private_fit.estimate_domains

    def estimate(X: Any, **fields: Any) -> Any:
        asked.update(fields)
        return real(X, **fields)

    monkeypatch.setattr(private_fit, "estimate_domains", estimate)
    spec = TrainingSpec(learner.name, epsilon=4.0, delta=1e-5)
    if rows > 1:
        spec = replace(spec, person="who", rows_per_person=rows)
    ledger = Ledger(Budget(4.0, 1e-5))
    trained = train(DATA, spec, ledger, with_baseline=False)
    model = trained.decider.model.estimator  # type: ignore[attr-defined]
    of_a_row = asked["delta"] + (model.delta if learner.needs_delta else 0.0)
    growth = sum(math.exp(k * 4.0 / rows) for k in range(rows))
    assert of_a_row * growth == pytest.approx(1e-5, rel=1e-9)
    assert compose(ledger.charges).delta == pytest.approx(1e-5, rel=1e-9)
    assert compose(ledger.charges).delta <= 1e-5
    # What the bounds alone cost a person of so many rows, where the plan stops after them.
    grown = sum(math.exp(k * 0.4 / rows) for k in range(rows))
    assert asked["delta"] * grown <= ledger.charges[0].delta * (1 + 1e-12)
