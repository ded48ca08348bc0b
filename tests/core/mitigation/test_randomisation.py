"""Decisions by lot: chances, on whom the lot falls, and thresholds without one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.mitigation import MITIGATIONS, TrainingData
from core.mitigation.inprocessing import reduced, reductions
from core.mitigation.postprocessing import calibrated_odds, threshold_optimizer
from core.mitigation.postprocessing import relaxed_odds as relaxed
from core.mitigation.postprocessing.nearest_thresholds import nearest_thresholds
from core.mitigation.postprocessing.relaxed_odds import relaxed_odds
from core.mitigation.randomisation import (
    RandomisedDecider,
    describe_randomisation,
    randomisation_sentence,
)
from core.reporting.audit_json import audit_json
from core.training.randomised import randomisation_of
from core.training.spec import TrainingSpec
from core.training.trained import SCORES_ARE_PROBABILITIES
from core.training.training import train
from tests.core.audit.checks.cases import roles_of
from tests.core.mitigation import planted
from tests.core.mitigation.test_after import scored
from tests.core.worlds import dataset, frame, table

RANDOMISED = [item.name for item in MITIGATIONS if item.randomised]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reductions, "MAX_ITERATIONS", 8)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", RANDOMISED)
def test_decisions_are_drawn_with_the_chance_that_is_told(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decider, test = planted.fitted(name, planted.task(600)), planted.part(300, 99)
    assert isinstance(decider, RandomisedDecider)
    chance = decider.positive_probability(test.X, test.groups)
    assert ((chance >= 0) & (chance <= 1 + 1e-12)).all()
    # Every hundredth of a lot once: the share of positive decisions is the chance to a hundredth.
    drawn, total = (np.arange(100) + 0.5) / 100, np.zeros(len(chance))
    for value in drawn:
        for module in (threshold_optimizer, relaxed, calibrated_odds, reduced):
            monkeypatch.setattr(
                module, "hash_uniforms", lambda X, seed, value=value: np.full(len(X), value)
            )
        total += decider.predict(test.X, test.groups)
    assert total / len(drawn) == pytest.approx(chance, abs=0.0101)


@pytest.mark.parametrize(
    "name",
    [item.name for item in MITIGATIONS if not item.randomised and not item.counts],
)
def test_the_others_draw_nothing(name: str) -> None:
    assert not isinstance(planted.fitted(name, planted.task(400)), RandomisedDecider)


people = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]),
        st.booleans(),
        st.floats(0, 1),
        st.sampled_from("ab"),
    ),
    min_size=1,
    max_size=80,
)


@given(people, st.booleans())
@settings(max_examples=100)
def test_a_lot_by_hand(parts: list[tuple[float, bool, float, str]], favourable: bool) -> None:
    chance, decisions, scores, groups = (np.array(column) for column in zip(*parts, strict=True))
    found = describe_randomisation(
        chance, decisions, scores, groups.astype(object), positive_is_favourable=favourable
    )
    drawn = [0 < c < 1 for c in chance]
    if not any(drawn):
        assert found is None
        return
    assert found is not None
    for item in found.groups:
        rows = [i for i, g in enumerate(groups) if g == item.group]
        sure = [i for i in rows if (scores[i] if favourable else 1 - scores[i]) >= 0.9]
        assert item.count == len(rows)
        assert item.drawn == sum(drawn[i] for i in rows)
        differs = [chance[i] * (1 - chance[i]) + (1 - chance[i]) * chance[i] for i in rows]
        assert item.redrawn.estimate == pytest.approx(sum(differs) / len(rows))
        assert item.surest == len(sure)
        assert item.refused == sum(drawn[i] and decisions[i] != favourable for i in sure)
    assert found.everyone.refused == sum(item.refused for item in found.groups)
    if min(np.unique(groups, return_counts=True)[1]) < 30 or len(set(groups)) < 2:
        assert found.uneven.estimate is None


def test_another_draw_changes_as_many_as_is_told() -> None:
    rng = np.random.default_rng(0)
    chance = rng.choice([0.0, 0.1, 0.6, 1.0], 400)
    groups = np.where(np.arange(400) < 150, "a", "b").astype(object)
    draws = rng.random((4000, 400)) < chance
    found = describe_randomisation(chance, draws[0], np.full(400, 0.5), groups)
    assert found is not None
    for item in found.groups:
        own = groups == item.group
        changed = (draws[::2, own] != draws[1::2, own]).mean()
        assert item.redrawn.estimate == pytest.approx(changed, abs=0.005)
    assert found.uneven.estimate == pytest.approx(
        abs(found.groups[0].redrawn.estimate - found.groups[1].redrawn.estimate)
    )


def test_rows_of_unknown_group_are_shown_and_bear_the_lot_neither_most_nor_least() -> None:
    groups = np.repeat(np.array(["(missing)", "a", "b"], dtype=object), 40)
    chance = np.repeat([0.5, 0.1, 0.0], 40)
    found = describe_randomisation(chance, chance > 0.2, np.full(120, 0.5), groups)
    assert found is not None
    assert [item.group for item in found.groups] == ["(missing)", "a", "b"]
    assert (found.most, found.least) == ("a", "b")
    assert found.uneven.estimate == pytest.approx(0.18)


def test_the_interval_of_unevenness_covers() -> None:
    rng, held = np.random.default_rng(1), 0
    for _ in range(400):
        a, b = rng.choice([0.0, 0.5], 200, p=[0.7, 0.3]), rng.choice([0.0, 0.5], 300, p=[0.9, 0.1])
        groups = np.repeat(["a", "b"], [200, 300]).astype(object)
        chance = np.r_[a, b]
        found = describe_randomisation(chance, chance > 0.9, np.full(500, 0.5), groups)
        assert found is not None
        assert found.uneven.low is not None
        held += found.uneven.low <= 0.1 <= (found.uneven.high or 0)
    assert 0.92 <= held / 400 <= 0.98


@given(scored("abc"))
@settings(max_examples=60)
def test_group_thresholds_are_the_nearest_to_what_a_lot_would_reach(
    given: tuple[np.ndarray, TrainingData],
) -> None:
    scores, part = given
    thresholds, mixtures = nearest_thresholds(scores, part), relaxed_odds(scores, part, 0.0)

    def rates(rows: np.ndarray, cut: float) -> tuple[float, float]:
        reached = scores[rows] >= cut
        return reached[part.positive[rows]].mean(), reached[~part.positive[rows]].mean()

    target = np.mean(
        [
            sum(
                share * np.array(rates(part.groups == group, cut))
                for cut, share in zip(*mixture, strict=True)
            )
            for group, mixture in mixtures.items()
        ],
        axis=0,
    )
    for group, threshold in thresholds.items():
        rows = part.groups == group
        found = max(abs(a - b) for a, b in zip(rates(rows, threshold), target, strict=True))
        for cut in [*scores[rows], np.inf]:
            other = max(abs(a - b) for a, b in zip(rates(rows, cut), target, strict=True))
            assert found <= other + 1e-9


@pytest.mark.usefixtures("quick")
def test_the_chance_of_a_decision_is_no_score_of_the_outcome() -> None:
    read = table(frame(600))
    roles = roles_of(read, "paid", "yes", "sex")
    spec = TrainingSpec("logistic_regression", "exponentiated_gradient")
    result = run(read, AuditPlan(roles, spec, explain=0))
    for name in ("roc_auc", "brier"):
        figure = result.performance.figures[name]
        assert (figure.estimate, figure.reason) == (None, SCORES_ARE_PROBABILITIES)
    (group, _) = result.assessments[("sex",)].groups
    for name in ("roc_auc", "expected_calibration_error"):
        assert group.figures[name].estimate is None
        assert SCORES_ARE_PROBABILITIES in (group.figures[name].reason or "")
    assert result.assessments[("sex",)].disparity("calibration_gap").figure.estimate is None
    record = audit_json(result)
    assert record["performance"]["undefined"]["brier"] == SCORES_ARE_PROBABILITIES
    assert record["mitigation"]["unmitigated"]["roc_auc"] > 0.5
    assert "ROC AUC" not in " ".join(f.remedy + f.evidence for f in result.findings)
    plain = run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=0))
    assert plain.performance.figures["roc_auc"].estimate is not None


def test_a_lot_names_its_groups() -> None:
    data = dataset(1500)
    trained = train(data, TrainingSpec("logistic_regression", "threshold_optimizer"))
    randomisation = randomisation_of(data, trained)
    assert randomisation is not None
    assert [item.group for item in randomisation.groups] == ["f", "m"]
    assert {randomisation.most, randomisation.least} == {"f", "m"}
    assert randomisation.everyone.count == len(trained.decisions)
    assert randomisation_sentence(randomisation, "sex").startswith("f: another draw changes ")
    assert (
        randomisation_of(data, train(data, TrainingSpec("logistic_regression", "levelling_up")))
        is None
    )
