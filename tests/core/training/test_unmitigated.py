"""Every mitigated model stands beside the same one without its mitigation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data.domains import CategoryDomain, Domains
from core.mitigation import MITIGATIONS
from core.training.spec import TrainingSpec
from core.training.training import train
from core.training.unmitigated import effect_of_mitigation
from tests.core.worlds import DOMAINS, dataset

GROUPED = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
ORDINARY = [item.name for item in MITIGATIONS if item.name != "none" and not item.counts]


@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize("balancing", ["none", "undersampling"])
def test_it_is_the_model_that_training_without_the_mitigation_gives(
    name: str, balancing: str
) -> None:
    data = dataset(500)
    spec = TrainingSpec("logistic_regression", name, seed=3, balancing=balancing)
    found = train(data, spec).unmitigated
    assert found is not None
    plain = train(data, replace(spec, mitigation="none"))
    assert plain.unmitigated is None
    assert np.array_equal(found.scores, plain.scores)
    assert np.array_equal(found.decisions, plain.decisions)
    assert found.performance == plain.performance


def test_a_private_model_is_never_trained_again() -> None:
    data = dataset(1500)
    spec = TrainingSpec(
        "dp_binned_regression", epsilon=2.0, delta=1e-6, domains=GROUPED, noise="seeded"
    )
    of_thresholds = train(data, replace(spec, mitigation="private_group_thresholds"))
    assert of_thresholds.unmitigated is not None
    assert np.array_equal(of_thresholds.unmitigated.decisions, of_thresholds.scores >= 0.5)
    weighed = train(data, replace(spec, mitigation="private_reweighing"))
    assert weighed.unmitigated is None
    assert effect_of_mitigation(data, weighed) is None


def test_a_sweep_trains_none_besides() -> None:
    spec = TrainingSpec("logistic_regression", "threshold_optimizer")
    assert train(dataset(500), spec, with_baseline=False).unmitigated is None


@pytest.mark.parametrize("name", ["threshold_optimizer", "relaxed_equalized_odds", "massaging"])
def test_the_plain_model_is_trained_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.learning import models

    fits = []
    real = models.EncodedModel.fit
    monkeypatch.setattr(
        models.EncodedModel, "fit", lambda self, *parts: (fits.append(1), real(self, *parts))[1]
    )
    train(dataset(500), TrainingSpec("logistic_regression", name))
    assert len(fits) == (2 if name == "massaging" else 1)
