"""A model made elsewhere in the place of one that is trained: the same path, no training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.attacks.attribute import attribute_attack
from core.attacks.people import people_of
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.frames import table_of
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.errors import InputError
from core.explanation.attribution.surrogate_tree import surrogate_tree
from core.explanation.person.decision_stability import refit
from core.explanation.person.what_if import PersonEditor
from core.external_models.bring import bring, roles_seen
from core.external_models.external_spec import ExternalSpec
from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.opened import forget_all, offer
from core.training.rows_apart import rows_apart
from core.training.spec import TrainingSpec
from core.training.training import train

FACTS = ModelFacts(
    "onnx", "", "", "", "1" * 64, 1, "binary", (ModelInput("income", "number", "float32"),),
    ("no", "yes"), "probability",
)  # fmt: skip


class Linear:
    """Scores by income alone."""

    facts = FACTS
    asked = 0

    def score(self, columns: dict) -> np.ndarray:
        self.asked += len(columns["income"])
        score = columns["income"] / 100
        return np.column_stack([1 - score, score])

    def close(self) -> None: ...


@pytest.fixture
def data() -> Dataset:
    rng = np.random.default_rng(0)
    count = 300
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], count),
            "income": rng.integers(0, 101, count).astype(float),
            "part": np.where(np.arange(count) < 120, "old", "new"),
        }
    )
    frame["paid"] = np.where(rng.random(count) * 100 < frame["income"], "yes", "no")
    return assign(table_of(frame, "f"), Roles("paid", "yes", ("sex",), features=("income", "part")))


@pytest.fixture
def spec(data: Dataset) -> Iterator[ExternalSpec]:
    model = Linear()
    yield bring(model, "m.onnx", data.features, "yes")
    forget_all()


def plan(external: ExternalSpec | None, **more: object) -> TrainingSpec:
    return TrainingSpec("external_model", external=external, **more)


def test_all_rows_judge_it_where_none_is_known_to_have_trained_it(
    data: Dataset, spec: ExternalSpec
) -> None:
    found = train(data, plan(spec))
    assert np.array_equal(found.split.test, np.arange(300))
    assert np.array_equal(found.scores, data.features["income"] / 100)
    assert np.array_equal(found.decisions, data.features["income"] >= 50)
    assert found.performance.evaluated_on == "all rows"
    with pytest.raises(InputError, match="which rows trained the model is not known"):
        people_of(data, found)


def test_rows_that_trained_it_judge_nothing_and_are_its_members(
    data: Dataset, spec: ExternalSpec
) -> None:
    found = train(data, plan(replace(spec, trained_on=("part", "old"))))
    assert np.array_equal(found.split.train, np.arange(120))
    assert np.array_equal(found.split.test, np.arange(120, 300))
    assert found.performance.evaluated_on == "test"
    people = people_of(data, found)
    assert np.array_equal(people.rows[people.member], np.arange(120))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("old", "new", "old"),
        (1, 0, "1"),
        (True, False, "true"),
        ("2020-01-01", "2021-01-01", "18262"),
    ],
)
def test_the_column_that_marks_training_rows_is_no_feature(
    data: Dataset, spec: ExternalSpec, old: object, new: object, said: str
) -> None:
    frame = data.features[["income"]].assign(
        sex=data.sensitive["sex"], paid=np.where(data.target, "yes", "no")
    )
    frame["part"] = [old if row < 120 else new for row in range(300)]
    table = read_bytes(frame.to_csv(index=False).encode(), "f.csv")
    external = replace(spec, trained_on=("part", said))
    marked = assign(table, roles_seen(data.roles, external))
    assert list(marked.features) == ["income"]
    found = train(marked, plan(external))
    assert np.array_equal(found.split.train, np.arange(120))
    assert np.array_equal(found.split.test, np.arange(120, 300))
    # Where it counted as a difference, nobody was like those who trained the model.
    usual = [PersonEditor(marked, found).state(position, ()).usual for position in range(180)]
    assert np.median(usual) > 0.25
    # Assigned again by the roles that were resolved, it is the same dataset.
    assert assign(table, marked.roles).fingerprint == marked.fingerprint


def test_a_person_who_is_compared_with_all_rows_is_judged_by_the_others_only(
    spec: ExternalSpec,
) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], 60),
            "income": rng.permutation(60) * 1.5,
            "paid": np.where(np.arange(60) % 3, "yes", "no"),
        }
    )
    rows = assign(table_of(frame, "f"), Roles("paid", "yes", ("sex",), features=("income",)))
    editor = PersonEditor(rows, train(rows, plan(spec)))
    income = frame["income"].to_numpy()
    unit = np.median(np.abs(income - np.median(income)))
    decided = income >= 50

    def apart(value: float, position: int) -> float:
        others = (decided == (value >= 50)) & (np.arange(60) != position)
        return float(np.sort(np.abs(income[others] - value))[:5].mean() / unit)

    own = np.array([apart(value, position) for position, value in enumerate(income)])
    for position in range(60):
        for value in (income[position], income[position] + 0.4):
            edits = editor.parse(position, {"income": float(value)})
            state = editor.state(position, edits)
            alike = own[decided == (value >= 50)]
            far = apart(float(value), position)
            assert state.usual == pytest.approx(np.mean(alike >= far - 1e-9), abs=1e-12)


@pytest.mark.parametrize("marked", [("part", "older"), ("nothing", "old")])
def test_rows_that_cannot_be_told_are_refused(
    data: Dataset, spec: ExternalSpec, marked: tuple[str, str]
) -> None:
    with pytest.raises(InputError, match=r"marks rows|which rows trained"):
        train(data, plan(replace(spec, trained_on=marked)))


def test_its_threshold_decides_on_both_sides_of_its_edge(data: Dataset, spec: ExternalSpec) -> None:
    found = train(data, plan(replace(spec, threshold=0.3)))
    assert np.array_equal(found.decisions, data.features["income"] >= 30)
    assert np.array_equal(found.scores, data.features["income"] / 100)


@pytest.mark.parametrize("mitigation", ["group_thresholds", "threshold_optimizer", "levelling_up"])
@pytest.mark.parametrize("known", [False, True])
def test_a_mitigation_is_fitted_on_rows_that_judge_nothing_and_shows_the_models_own_scores(
    data: Dataset, spec: ExternalSpec, mitigation: str, known: bool
) -> None:
    external = replace(spec, threshold=0.3, trained_on=("part", "old") if known else None)
    found = train(data, plan(external, mitigation=mitigation, seed=2))
    split = found.split
    assert not set(split.validation) & set(split.test)
    assert not (known and set(split.test) & set(range(120)))
    plain = found.unmitigated
    assert plain is not None
    own = data.features["income"].to_numpy()[split.test] / 100
    assert np.array_equal(plain.decisions, own >= 0.3)
    assert np.array_equal(plain.scores, own)
    if mitigation != "threshold_optimizer":
        # Thresholds move and scores don't.
        assert np.abs(found.scores - own).max() < 1e-12


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"mitigation": "reweighing"}, "a model made elsewhere is not trained here"),
        ({"balancing": "oversampling"}, "a model made elsewhere is not trained here"),
        ({"epsilon": 1.0}, "not private"),
    ],
)
def test_what_changes_training_is_refused(
    data: Dataset, spec: ExternalSpec, more: dict, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        train(data, plan(spec, **more))


def test_it_is_refused_beside_a_learner_and_asked_for_where_there_is_none(
    data: Dataset, spec: ExternalSpec
) -> None:
    with pytest.raises(InputError, match="one of the two"):
        train(data, TrainingSpec("random_forest", external=spec))
    with pytest.raises(InputError, match="no model was brought"):
        train(data, plan(None))


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_threshold_that_nobody_can_miss_is_refused(
    data: Dataset, spec: ExternalSpec, threshold: float
) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        train(data, plan(replace(spec, threshold=threshold)))


def test_a_column_that_is_gone_is_named(data: Dataset, spec: ExternalSpec) -> None:
    lacking = replace(data, features=data.features[["part"]])
    with pytest.raises(InputError, match="column 'income'"):
        train(lacking, plan(spec))


def test_it_cannot_be_trained_again(data: Dataset, spec: ExternalSpec) -> None:
    found = train(data, plan(spec))
    with pytest.raises(InputError, match="can't be trained again"):
        refit(data, found, 0)


def test_a_file_that_is_not_at_hand_is_asked_for(data: Dataset, spec: ExternalSpec) -> None:
    forget_all()
    with pytest.raises(InputError, match="Bring the same model again"):
        train(data, plan(spec))
    offer(spec, Linear)
    assert len(train(data, plan(spec)).scores) == 300


def test_what_is_learned_about_a_model_is_judged_by_other_rows(
    data: Dataset, spec: ExternalSpec
) -> None:
    everyone = train(data, plan(spec))
    learned, judging = rows_apart(everyone, everyone.split.train)
    assert len(learned) == len(judging) == 150
    assert not set(learned) & set(judging)
    known = train(data, plan(replace(spec, trained_on=("part", "old"))))
    learned, judging = rows_apart(known, known.split.train)
    assert np.array_equal(learned, np.arange(120))
    assert np.array_equal(judging, known.split.test)
    # The rows that an attacker learns from are none that judge.
    learned, judging = rows_apart(known, known.split.validation)
    assert sorted([*learned, *judging]) == list(range(120, 300))


def test_a_small_tree_is_judged_by_rows_that_it_was_not_grown_on(
    data: Dataset, spec: ExternalSpec
) -> None:
    assert surrogate_tree(data, train(data, plan(spec))).agreement.rows == 150


def test_an_attribute_is_guessed_only_where_members_are_known(
    data: Dataset, spec: ExternalSpec
) -> None:
    with pytest.raises(InputError, match="which rows trained the model is not known"):
        list(attribute_attack(data, train(data, plan(spec)), "sex"))
    known = train(data, plan(replace(spec, trained_on=("part", "old"))))
    found = list(attribute_attack(data, known, "sex"))[-1][1]
    assert found is not None
    # A guess from an income that says nothing of sex: judged by its own rows it would look able.
    assert found.non_members.without_model is not None
    assert found.non_members.without_model < 0.75
