"""What is told of lots: only where a decision is drawn, and of whom."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.explanation.attribution.explain import explain_person
from core.explanation.counterfactual.actionability import default_spec
from core.explanation.counterfactual.counterfactual import find_counterfactuals
from core.explanation.person.decision_stability import decision_stability
from core.explanation.person.person import person_story
from core.explanation.person.person_changes import describe_changes
from core.explanation.person.person_texts import describe_distance
from core.training.randomised import drawn_rows, is_randomised, randomisation_of
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core import worlds

SPEC = TrainingSpec("logistic_regression", "threshold_optimizer")


def mostly_paid() -> Dataset:
    """Features that say nothing, and nine of ten people paid: everybody is decided positively."""
    data = worlds.frame(900)
    data["paid"] = np.where(np.random.default_rng(0).random(len(data)) < 0.9, "yes", "no")
    read = worlds.table(data)
    return assign(read, default_roles(read, "paid", "yes", ("sex",))[0])


@pytest.fixture(scope="module")
def everybody() -> tuple[Dataset, Trained]:
    dataset = mostly_paid()
    return dataset, train(dataset, SPEC)


@pytest.fixture(scope="module")
def partly() -> tuple[Dataset, Trained]:
    dataset = worlds.dataset()
    return dataset, train(dataset, SPEC)


def sentences_of(dataset: Dataset, trained: Trained, position: int) -> str:
    """All sentences about one person that may speak of a lot."""
    story = person_story(dataset, trained, position, explain_person(dataset, trained, position))
    row = dataset.features.iloc[[trained.split.test[position]]]
    group = str(dataset.sensitive["sex"].iloc[trained.split.test[position]])
    found = find_counterfactuals(trained, dataset, row, default_spec(dataset), group=group)
    sure = describe_distance(decision_stability(dataset, trained, position))
    return " ".join([*story.notes, sure, describe_changes(found).remark])


def test_where_everybody_is_positive_nothing_is_said_to_be_drawn(
    everybody: tuple[Dataset, Trained],
) -> None:
    dataset, trained = everybody
    assert trained.decisions.all()
    assert randomisation_of(dataset, trained) is None
    assert not is_randomised(dataset, trained)
    text = sentences_of(dataset, trained, 0)
    assert "randomised" not in text
    assert "No single threshold is known" in text


def test_each_person_is_told_whether_their_own_decision_was_drawn(
    partly: tuple[Dataset, Trained],
) -> None:
    dataset, trained = partly
    drawn = drawn_rows(dataset, trained)
    randomisation = randomisation_of(dataset, trained)
    assert randomisation is not None
    assert 0 < drawn.sum() == randomisation.everyone.drawn < len(drawn)
    assert is_randomised(dataset, trained)
    one, other = int(np.flatnonzero(drawn)[0]), int(np.flatnonzero(~drawn)[0])
    assert "This decision was randomised (Threshold optimizer)" in sentences_of(
        dataset, trained, one
    )
    assert "partly randomised (Threshold optimizer), but not on" in sentences_of(
        dataset, trained, other
    )


def test_a_model_without_lots_draws_no_row() -> None:
    dataset = worlds.dataset()
    trained = train(dataset, TrainingSpec("logistic_regression"))
    assert not drawn_rows(dataset, trained).any()
    assert randomisation_of(dataset, trained) is None
