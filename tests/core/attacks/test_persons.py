"""Attacks on models of persons with several rows ask about persons, and part nobody."""

from __future__ import annotations

import numpy as np
import pytest

from core.attacks import lira as module
from core.attacks.lira import LiraSpec, lira
from core.attacks.membership import loss_attack
from core.attacks.own_rows import audit_own_rows
from core.attacks.people import People, people_of
from core.attacks.record import Attacked, attack_json
from core.data.dataset import Dataset
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core.learning.test_dataset_split import repeated


@pytest.fixture(scope="module", params=[True, False])
def model(request: pytest.FixtureRequest) -> tuple[Dataset, Trained]:
    data = repeated(declared=request.param)
    return data, train(data, TrainingSpec("random_forest"))


def test_members_are_persons_where_the_split_kept_them(model: tuple[Dataset, Trained]) -> None:
    data, trained = model
    found = loss_attack(data, trained)
    declared = bool(trained.split.by)
    assert found.unit == ("person" if declared else "row")
    # 500 persons of three rows each, a fifth of them for validation.
    assert found.members + found.non_members == pytest.approx(400 if declared else 1200, abs=1)
    assert found.members == pytest.approx(300 if declared else 900, abs=1)
    record = attack_json(Attacked((found,), ()))
    assert record is not None
    assert record["membership"][0]["unit"] == found.unit
    # A forest remembers its training rows, and a person's the more surely for their number.
    assert found.auc.low is not None
    assert found.auc.low > 0.5


def test_shadow_models_are_trained_on_whole_persons(
    model: tuple[Dataset, Trained], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, trained = model
    people, seen = people_of(data, trained), []

    def fake(dataset: Dataset, of: Trained, rows: np.ndarray, asked: np.ndarray, seed: int):
        seen.append(np.isin(people.rows, rows))
        return np.random.default_rng(seed).random(len(asked))

    monkeypatch.setattr(module, "_shadow", fake)
    *_, (_, found) = lira(data, trained, LiraSpec(shadows=8))
    assert found is not None
    assert found.members + found.non_members == len(people.first)
    for inside in seen:
        assert inside.mean() == pytest.approx(0.5, abs=0.01)
        if people.persons is not None:
            both = np.bincount(people.persons, inside) / np.bincount(people.persons)
            assert set(both.tolist()) <= {0.0, 1.0}


def test_rows_that_share_a_lot_with_others_of_a_person_are_no_canaries(
    model: tuple[Dataset, Trained],
) -> None:
    data, trained = model
    found = audit_own_rows(data, trained)
    assert (found.canaries == 0) == bool(trained.split.by)


def test_figures_of_units_by_hand() -> None:
    people = People(np.arange(5), np.array([1, 1, 0, 0, 0], bool), np.ones(5, bool), np.zeros(5),
                    np.array([0, 0, 1, 2, 1]))  # fmt: skip
    assert people.first.tolist() == [0, 2, 3]
    assert people.mean(np.array([1.0, 3.0, 4.0, 7.0, 6.0])).tolist() == [2.0, 5.0, 7.0]
    half = people.half(np.random.default_rng(0))
    assert half[0] == half[1]
    assert half[2] == half[4]
    assert 1 <= half.sum() <= 2
