from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from core.governance.kept_sweeps import kept_points, kept_sweep, sweep_and_keep
from core.governance.progress import begin_bytes
from core.governance.workspace import Workspace
from core.tradeoff.sweep import Point, SweepSpec, summarise, sweep, train_point, training_specs
from tests.core.worlds import DOMAINS, dataset, frame

SPEC = SweepSpec(
    ("dp_logistic_regression", "dp_explainable_boosting"), (0.5, 4.0), (0, 1), 1e-6, "sex", DOMAINS
)


def test_a_sweep_is_every_learner_epsilon_and_seed_once_and_each_baseline() -> None:
    models = training_specs(SPEC)
    assert len(models) == len(set(models)) == 2 * 2 + 2 * 2 * 2
    assert {m.learner for m in models if m.epsilon is None} == {
        "logistic_regression",
        "gradient_boosting",
    }
    # A simulation: noise is drawn from seeds, so that a point can be repeated.
    assert {m.noise for m in models} == {"seeded"}


def test_a_point_is_the_same_whenever_it_is_trained() -> None:
    data = dataset(400)
    for training in training_specs(SPEC)[-2:]:
        assert train_point(data, training, "sex") == train_point(data, training, "sex")


def test_points_come_one_by_one_and_more_budget_ranks_better() -> None:
    found = list(sweep(dataset(3000), SPEC))
    shares = [share for share, _, _ in found]
    assert shares == pytest.approx([(i + 1) / 12 for i in range(12)])
    points = [point for _, _, point in found]
    assert all(point.reason is None for point in points)
    means = {(s.learner, s.epsilon): s.mean for s in summarise(points, "roc_auc")}
    name = "dp_logistic_regression"
    assert means[name, 0.5] < means[name, 4.0] < means["logistic_regression", None] + 0.02


def test_a_model_that_cannot_be_trained_is_a_point_with_its_reason() -> None:
    broken = SweepSpec(("dp_logistic_regression",), (1.0,), (0,), 0.0, "sex", None)
    point = train_point(dataset(100), training_specs(broken)[-1], "sex")
    assert point.roc_auc is None
    assert point.reason is not None
    assert "a delta above 0 is needed" in point.reason


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"learners": ("logistic_regression",)}, "only private learners"),
        ({"epsilons": ()}, "at least one epsilon"),
        ({"epsilons": (-1.0,)}, "above 0"),
        ({"seeds": ()}, "at least one seed"),
        ({"learners": ("nothing",)}, "there is no learner"),
    ],
)
def test_unusable_specs_are_refused(change: dict, says: str) -> None:
    from dataclasses import replace

    with pytest.raises(InputError, match=says):
        next(sweep(dataset(100), replace(SPEC, **change)))


def test_summaries_are_mean_lowest_and_highest_over_seeds() -> None:
    points = [
        Point("a", "none", 1.0, 0, roc_auc=0.7),
        Point("a", "none", 1.0, 1, roc_auc=0.8),
        Point("a", "none", None, 0, roc_auc=0.9),
        Point("a", "none", 0.5, 0, roc_auc=None, reason="why"),
    ]
    first, last = summarise(points, "roc_auc")
    assert (first.epsilon, first.low, first.high, first.count) == (1.0, 0.7, 0.8, 2)
    assert first.mean == pytest.approx(0.75)
    assert last.epsilon is None


def test_a_stopped_sweep_goes_on_without_repeating_finished_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.data.assign import assign, default_roles
    from core.governance.progress import read_table

    workspace = Workspace(tmp_path)
    progress = begin_bytes(workspace, frame(400).to_csv(index=False).encode(), "world.csv")
    table = read_table(workspace, progress)
    data = assign(table, default_roles(table, "paid", "yes", ("sex",))[0])
    whole = [point for _, _, point in sweep(data, SPEC)]

    work = sweep_and_keep(workspace, progress, data, SPEC)
    for _ in range(5):
        next(work)
    work.close()
    assert kept_points(workspace, progress, data, SPEC) == whole[:5]

    trained = []
    monkeypatch.setattr(
        "core.tradeoff.sweep.train_point",
        lambda *a: trained.append(a) or train_point(*a),
    )
    again = [point for _, point in sweep_and_keep(workspace, progress, data, SPEC)]
    assert again == whole
    assert len(trained) == len(whole) - 5
    told = kept_sweep(workspace, progress, data)
    assert told is not None
    assert len(told["points"]) == len(whole)
    assert "simulation" in told["label"]
