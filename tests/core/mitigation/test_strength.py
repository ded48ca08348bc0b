"""Degrees of mitigation: the formulas, the limits, and the gap between; the shared plain model."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.data.domains import CategoryDomain, Domains
from core.errors import InputError
from core.learning.models import EncodedModel
from core.mitigation import MITIGATIONS, Decider, MitigationContext, scores_of
from core.mitigation.inprocessing import reductions
from core.mitigation.postprocessing.relaxed_odds import own_gap
from core.training.spec import TrainingSpec
from core.training.spec_checks import check_spec
from core.training.training import train
from tests.core.mitigation import planted
from tests.core.mitigation.test_registry import AIMS, ORDINARY
from tests.core.worlds import DOMAINS, dataset

LEAST = 1e-9
GRADED = [item.name for item in MITIGATIONS if item.degrees]
# Those whose limit is another one than the learner's own decisions have a test of their own below.
TO_THE_PLAIN = [
    name
    for name in GRADED
    if name in ORDINARY
    and not name.startswith("exponentiated_gradient")
    and name
    not in {"grid_search", "adversarial_debiasing", "relaxed_equalized_odds", "levelling_up"}
]
PRIVATE = [item.name for item in MITIGATIONS if item.counts and item.degrees]
GROUPED = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))


class Kept:
    """A share function that makes the plain model once."""

    def __init__(self) -> None:
        self.made: list[EncodedModel] = []

    def __call__(self, make: object) -> EncodedModel:
        if not self.made:
            self.made.append(make())  # type: ignore[operator]
        return self.made[0]


def at(name: str, work: MitigationContext, strength: float) -> Decider:
    return MITIGATIONS[name].fit(replace(work, strength=strength))


@pytest.fixture(scope="module")
def work() -> MitigationContext:
    """One task whose plain model is trained once for all tests."""
    return replace(planted.task(1500), share=Kept())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reductions, "MAX_ITERATIONS", 8)


def test_which_have_degrees_and_that_page_and_document_say_what_half_means() -> None:
    without = set(MITIGATIONS.names()) - set(GRADED)
    assert without == {"none", "private_threshold"}
    text = (Path(__file__).parents[3] / "docs" / "mitigations.md").read_text()
    for name in GRADED:
        item = MITIGATIONS[name]
        assert item.degrees.startswith("At half strength ")
        assert item.degrees.endswith(".")
        assert f"| `{name}` | {item.degrees} |" in text


def test_a_strength_that_would_be_ignored_or_is_none_is_refused() -> None:
    data = dataset(100)
    for name in ("none", "private_threshold"):
        learner = "dp_binned_regression" if name == "private_threshold" else "random_forest"
        fields = {"epsilon": 1.0, "delta": 1e-6, "domains": GROUPED} if name != "none" else {}
        with pytest.raises(InputError, match="no degrees"):
            check_spec(data, TrainingSpec(learner, name, strength=0.5, **fields))  # type: ignore[arg-type]
    for strength in (0.0, -1.0, 1.1, float("nan")):
        with pytest.raises(InputError, match="above 0"):
            check_spec(data, TrainingSpec("random_forest", "reweighing", strength=strength))


@pytest.mark.parametrize("name", TO_THE_PLAIN)
def test_towards_no_strength_all_are_decided_as_without(name: str, work: MitigationContext) -> None:
    test = planted.part(4000, 99)
    plain = planted.fitted("none", work).predict(test.X, test.groups)
    assert np.array_equal(at(name, work, LEAST).predict(test.X, test.groups), plain)
    assert not np.array_equal(at(name, work, 1.0).predict(test.X, test.groups), plain)


@pytest.mark.parametrize("name", AIMS)
def test_the_gap_aimed_at_shrinks_with_the_strength(name: str, work: MitigationContext) -> None:
    test = planted.part(8000, 99)
    gap = AIMS[name][0]
    gaps = [
        gap(at(name, work, strength).predict(test.X, test.groups), test)
        for strength in (0.1, 0.5, 1.0)
    ]
    assert gaps[0] - gaps[1] > -0.01
    assert gaps[1] - gaps[2] > -0.01
    assert gaps[0] - gaps[2] > 0.03


def test_levelling_up_begins_with_one_true_positive_at_most(work: MitigationContext) -> None:
    part = work.validation
    plain = planted.fitted("none", work).predict(part.X, part.groups)
    for strength, most in ((LEAST, 1), (1.0, len(plain))):
        found = at("levelling_up", work, strength).predict(part.X, part.groups)
        assert (found >= plain).all()
        gained = [(found & ~plain & part.positive)[part.groups == g].sum() for g in "ab"]
        assert 0 < max(gained) <= most


def test_relaxed_odds_begin_at_the_own_gap_and_lose_nothing_there(work: MitigationContext) -> None:
    part = work.validation
    plain = planted.fitted("none", work).predict(part.X, part.groups)
    found = at("relaxed_equalized_odds", work, LEAST).predict(part.X, part.groups)
    # By lot, so to within what 1,500 lots make of it.
    assert own_gap(found, part).estimate < own_gap(plain, part).estimate + 0.05
    assert (found == part.positive).mean() > (plain == part.positive).mean() - 0.02


def test_adversarial_debiasing_begins_as_a_logistic_regression(work: MitigationContext) -> None:
    test = planted.part(4000, 99)
    plain = planted.fitted("none", work).predict(test.X, test.groups)
    found = at("adversarial_debiasing", work, LEAST).predict(test.X, test.groups)
    # Another way to fit and no penalty, so not the learner itself.
    assert (found == plain).mean() > 0.96


@pytest.mark.parametrize("name", PRIVATE)
def test_private_ones_go_from_their_own_baseline_to_their_full_strength(name: str) -> None:
    data = dataset(4000, seed=3)
    spec = TrainingSpec(
        "dp_binned_regression", name, epsilon=20.0, delta=1e-6, domains=GROUPED, noise="seeded"
    )

    def gap(strength: float) -> float:
        trained = train(data, replace(spec, strength=strength), with_baseline=False)
        rows = trained.split.test
        among = (
            data.target[rows].astype(bool)
            if name.endswith("true_positive_rate")
            else np.ones(len(rows), dtype=bool)
        )
        groups = data.sensitive["sex"].to_numpy(dtype=object)[rows]
        if name == "private_reweighing":
            # Few decisions hang on it in this world; all scores do.
            return abs(float(np.subtract(*(trained.scores[groups == g].mean() for g in "fm"))))
        return planted.rate_gap(trained.decisions, among, groups)

    gaps = [gap(strength) for strength in (LEAST, 0.5, 1.0)]
    assert gaps[0] > gaps[1] > gaps[2]
    if name != "private_reweighing":
        everyone = train(data, replace(spec, mitigation="private_threshold"), with_baseline=False)
        least = train(data, replace(spec, strength=LEAST), with_baseline=False)
        # The same model; its threshold for all comes from counts with other noise.
        assert np.array_equal(everyone.scores, least.scores)
        assert (everyone.decisions == least.decisions).mean() > 0.95


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", ORDINARY)
def test_a_shared_plain_model_decides_the_same_and_is_left_as_it_was(name: str) -> None:
    # Bounds below full strength ask for the plain model where full ones do not.
    kept, alone = Kept(), replace(planted.task(400), strength=0.5 if name in GRADED else 1.0)
    shared = replace(alone, share=kept)
    test = planted.part(300, 99)
    plain = shared.plain()
    before = pickle.dumps(plain)
    deciders = MITIGATIONS[name].fit(alone), MITIGATIONS[name].fit(shared)
    decided = [decider.predict(test.X, test.groups) for decider in deciders]
    scores = [scores_of(decider, test.X, test.groups) for decider in deciders]
    assert np.array_equal(*decided)
    assert np.array_equal(*scores)
    assert pickle.dumps(plain) == before


@pytest.mark.parametrize(
    "name", [item.name for item in MITIGATIONS if item.family in {"none", "after"}]
)
def test_what_comes_after_training_trains_nothing_but_the_plain_model(name: str) -> None:
    private = MITIGATIONS[name].counts != ""
    spec = (
        TrainingSpec(
            "dp_binned_regression",
            name,
            epsilon=5.0,
            delta=1e-6,
            domains=GROUPED,
            noise="seeded",
        )
        if private
        else TrainingSpec("logistic_regression", name)
    )
    kept, data = Kept(), dataset(600, seed=2)
    first = train(data, spec, share=kept)
    assert len(kept.made) == 1
    before = pickle.dumps(kept.made[0])
    again = train(data, spec, share=kept)
    alone = train(data, spec)
    for other in (again, alone):
        assert np.array_equal(other.scores, first.scores)
        assert np.array_equal(other.decisions, first.decisions)
    assert pickle.dumps(kept.made[0]) == before
