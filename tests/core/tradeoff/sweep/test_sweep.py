"""A sweep walks the path of a single audit, and nothing it finished is lost or done twice."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from core.audit.pipeline import assess_fairness
from core.data.dataset import Dataset
from core.errors import InputError
from core.mitigation import MITIGATIONS
from core.privacy.accounting.budget import Budget
from core.storage.json_format import from_json, to_json
from core.tradeoff.sweep import evaluate
from core.tradeoff.sweep.anonymised import anonymised
from core.tradeoff.sweep.evaluate import batches
from core.tradeoff.sweep.executors import Cores, Here
from core.tradeoff.sweep.grid import Grid, RunSpec, Setting
from core.tradeoff.sweep.point import SweepPoint, figure_name
from core.tradeoff.sweep.point_store import PointStore, opened_store
from core.tradeoff.sweep.runs import noise_seed_of, runs, settings, training_spec
from core.tradeoff.sweep.sweep import state_of, sweep
from core.training.training import train
from tests.core.ledgers import ledger_on_disk
from tests.core.worlds import DOMAINS, dataset

GRID = Grid(
    ("logistic_regression", "dp_binned_regression"),
    (None, 1.0, 8.0),
    (("sex",),),
    (("none", 1.0), ("threshold_optimizer", 1.0), ("reweighing", 1.0), ("private_threshold", 1.0)),
    domains=DOMAINS,
)


@pytest.fixture(scope="module")
def rows() -> Dataset:
    return dataset(800)


@pytest.fixture(scope="module")
def points(rows: Dataset) -> tuple[SweepPoint, ...]:
    return finished(rows, GRID, PointStore())


def finished(rows: Dataset, grid: Grid, store: PointStore, **options) -> tuple[SweepPoint, ...]:
    *_, last = sweep(rows, grid, store, Here(), **options)
    assert last.finished
    return last.points


def figures(points: tuple[SweepPoint, ...]) -> dict[RunSpec, object]:
    return {point.run: (dict(point.figures), point.groups) for point in points}


def test_every_combination_is_there_once_or_left_out_with_its_reason(rows: Dataset) -> None:
    kept, left = settings(rows, GRID)
    # Ordinary: none, thresholds, reweighing. Private: none and private threshold, at two ε.
    assert len(kept) == 3 + 2 * 2
    assert len(set(kept)) == len(kept)
    # 4 mitigations × (1 ordinary + 2 private) combinations in all.
    assert len(kept) + len(left) == 12
    assert all(item.reason for item in left)
    todo, _ = runs(rows, GRID)
    # Two splits; three noise seeds where there is noise.
    assert len(todo) == 2 * (3 + 4 * 3)
    assert len(set(todo)) == len(todo)


def test_a_point_is_what_a_single_audit_of_its_setting_finds(
    rows: Dataset, points: tuple[SweepPoint, ...]
) -> None:
    for point in points:
        spec = training_spec(GRID, point.run)
        trained = train(rows, spec, with_baseline=False)
        target = rows.target[trained.split.test]
        assert point.value("accuracy") == pytest.approx(accuracy_score(target, trained.decisions))
        assert point.value("roc_auc") == pytest.approx(roc_auc_score(target, trained.scores))
        gaps = assess_fairness(rows, trained, [("sex",)])[("sex",)]
        name = "equalized_odds_difference"
        assert point.value(figure_name(name, ("sex",))) == gaps.disparity(name).figure.estimate
        sex = rows.sensitive["sex"].to_numpy()[trained.split.test]
        for group in point.groups:
            own = sex == group.name
            assert group.rows == own.sum()
            assert group.true_positives == (own & target & trained.decisions).sum()
            assert group.false_positives == (own & ~target & trained.decisions).sum()
            assert group.false_negatives == (own & target & ~trained.decisions).sum()


def test_noise_differs_at_every_split_learner_and_epsilon_but_not_by_mitigation() -> None:
    run = RunSpec(Setting("dp_binned_regression", 1.0), 0, 0)
    others = [
        replace(run, split_seed=1),
        replace(run, noise_seed=1),
        replace(run, setting=replace(run.setting, epsilon=2.0)),
        replace(run, setting=replace(run.setting, learner="dp_naive_bayes")),
    ]
    assert len({noise_seed_of(item) for item in [run, *others]}) == 5
    after = replace(run, setting=replace(run.setting, mitigation="private_threshold"))
    assert noise_seed_of(after) == noise_seed_of(run)
    assert noise_seed_of(RunSpec(Setting("logistic_regression"))) is None


def test_other_noise_on_the_same_split_changes_the_model_and_not_the_rows(
    points: tuple[SweepPoint, ...],
) -> None:
    setting = Setting("dp_binned_regression", 1.0)
    same = [p for p in points if p.run.setting == setting and p.run.split_seed == 0]
    assert len(same) == 3
    assert len({p.value("roc_auc") for p in same}) == 3
    assert len({p.value("prevalence") for p in same}) == 1


def test_runs_that_differ_after_training_share_one_model(
    rows: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo, _ = runs(rows, GRID)
    found = batches(todo)
    assert sorted(map(len, found)) == [1] * 2 + [2] * (2 + 2 * 6)
    shared = [len(batch) for batch in found if len(batch) > 1]
    fits = []
    original = evaluate._shared

    def counted():
        share = original()

        def described(make):
            def once():
                fits.append(1)
                return make()

            return share(once)

        return described

    monkeypatch.setattr(evaluate, "_shared", counted)
    finished(rows, GRID, PointStore())
    assert len(fits) == len(shared)


def test_fresh_noise_is_never_shared(rows: Dataset) -> None:
    todo, _ = runs(rows, GRID, fresh=True)
    private = [run for run in todo if run.setting.epsilon is not None]
    assert {run.noise_seed for run in private} == {None}
    assert {run.repeat for run in private} == {0, 1, 2}
    assert all(training_spec(GRID, run).noise == "fresh" for run in private)
    assert all(len(b) == 1 for b in batches(todo) if b[0].setting.epsilon is not None)


def test_sharing_changes_no_figure(rows: Dataset, points: tuple[SweepPoint, ...]) -> None:
    alone = [evaluate.evaluate(rows, GRID, point.run) for point in points]
    assert figures(tuple(alone)) == figures(points)


def test_points_survive_the_way_to_disk_and_back(tmp_path: Path, points) -> None:
    for point in points:
        assert from_json(SweepPoint, to_json(point), "it") == point
    store = PointStore(tmp_path / "points.jsonl")
    store.put((str(number), point) for number, point in enumerate(points))
    again = opened_store(tmp_path / "points.jsonl")
    assert tuple(again) == points


def test_a_stopped_sweep_goes_on_where_it_was(
    rows: Dataset, points: tuple[SweepPoint, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "points.jsonl"
    work = sweep(rows, GRID, opened_store(path), Here())
    for _ in range(8):
        state = next(work)
    work.close()
    assert len(state.points) == 7
    assert state_of(rows, GRID, opened_store(path)).points == state.points
    trained = []
    original = evaluate.evaluate
    monkeypatch.setattr(evaluate, "evaluate", lambda *a: trained.append(a) or original(*a))
    assert figures(finished(rows, GRID, opened_store(path))) == figures(points)
    assert len(trained) == len(points) - 7
    trained.clear()
    assert figures(finished(rows, GRID, opened_store(path))) == figures(points)
    assert not trained


def test_another_grid_takes_over_the_runs_it_shares(rows: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    small = replace(GRID, epsilons=(1.0,), split_seeds=(0,))
    first = finished(rows, small, opened_store(path))
    known = state_of(rows, GRID, opened_store(path)).points
    assert figures(known) == figures(first)
    # Mitigating for the main attribute is the same whether it is named or not.
    named = replace(GRID, mitigate_for="sex")
    assert figures(state_of(rows, named, opened_store(path)).points) == figures(first)
    assert state_of(dataset(801), GRID, opened_store(path)).points == ()


def test_a_line_cut_short_is_one_point_to_make_again(
    rows: Dataset, points: tuple[SweepPoint, ...], tmp_path: Path
) -> None:
    path = tmp_path / "points.jsonl"
    finished(rows, GRID, opened_store(path))
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    store = opened_store(path)
    assert len(store) == len(points) - 1
    assert figures(finished(rows, GRID, store)) == figures(points)
    again = opened_store(path)
    assert again.damaged == 1
    assert len(again) == len(points)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("figures", {"accuracy": [float("nan")]}),
        ("figures", {"accuracy": [float("inf"), 0.1]}),
        ("figures", {"accuracy": ["0.9", 0.1]}),
        ("figures", {"accuracy": [10**400]}),
        ("figures", {"accuracy": [True]}),
        ("figures", {"accuracy": [0.9, "x"]}),
        ("figures", {"accuracy": "ab"}),
        ("figures", {"accuracy": [None, None, 5]}),
        ("groups", [5]),
        ("run", []),
        ("test_rows", "5"),
        ("seconds", "quick"),
        ("charged", [1]),
        ("charged", "ab"),
        ("reason", 7),
    ],
)
def test_a_line_that_is_json_and_no_point_is_made_again(
    rows: Dataset, tmp_path: Path, part: str, value: object
) -> None:
    path = tmp_path / "points.jsonl"
    small = replace(GRID, epsilons=(None,), mitigations=(("none", 1.0),))
    whole = finished(rows, small, opened_store(path))
    first, *others = path.read_text().splitlines()
    record = json.loads(first)
    record["content"][part] = value
    path.write_text("\n".join([json.dumps(record), *others]) + "\n")
    store = opened_store(path)
    assert (store.damaged, len(store)) == (1, len(whole) - 1)
    assert figures(finished(rows, small, store)) == figures(whole)


def test_a_line_of_brackets_does_not_end_the_sweep(tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    path.write_text("[" * 100_000 + "\n")
    assert opened_store(path).damaged == 1


def test_all_cores_give_the_same_points(rows: Dataset, points: tuple[SweepPoint, ...]) -> None:
    *_, last = sweep(rows, GRID, PointStore(), Cores(2))
    assert figures(last.points) == figures(points)


def test_a_run_that_cannot_be_trained_is_a_point_with_its_reason(rows: Dataset) -> None:
    grid = replace(GRID, domains=replace(DOMAINS, items=DOMAINS.items[:1]), epsilons=(1.0,))
    found = finished(rows, grid, PointStore())
    assert all("declared bounds or categories" in (point.reason or "") for point in found)
    assert all(not point.figures for point in found)


def test_anonymised_features_are_alike_k_rows_at_least(rows: Dataset) -> None:
    quasi = ("income", "city")
    made = anonymised(rows, quasi, 5)
    assert made.features.groupby(list(quasi), dropna=False).size().min() >= 5
    assert (made.target == rows.target).all()
    assert made.fingerprint != rows.fingerprint
    assert list(made.features.dtypes) == list(rows.features.dtypes)
    assert made.features["age"].equals(rows.features["age"].reset_index(drop=True))
    assert anonymised(rows, quasi, 1) is rows
    grid = replace(GRID, epsilons=(None,), ks=(1, 50), quasi=quasi)
    found = {p.run.setting: p for p in finished(rows, grid, PointStore()) if not p.run.split_seed}
    plain, coarse = (Setting("logistic_regression", k=k) for k in (1, 50))
    assert found[coarse].value("roc_auc") != found[plain].value("roc_auc")
    trained = train(made, training_spec(grid, RunSpec(plain)), with_baseline=False)
    alone = evaluate.evaluate(made, grid, RunSpec(plain))
    target = rows.target[trained.split.test]
    assert alone.value("roc_auc") == pytest.approx(roc_auc_score(target, trained.scores))


def test_balancing_changes_training_rows_alone(rows: Dataset) -> None:
    grid = replace(
        GRID,
        epsilons=(None,),
        mitigations=(("none", 1.0),),
        balancings=("none", "class_weights", "oversampling", "undersampling"),
        split_seeds=(0,),
    )
    found = {p.run.setting.balancing: p for p in finished(rows, grid, PointStore())}
    assert len({p.value("prevalence") for p in found.values()}) == 1
    selected = {name: p.value("selection_rate") for name, p in found.items()}
    assert len(set(selected.values())) > 1
    assert len({p.train_rows for p in found.values()}) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"learners": ()}, "at least one model"),
        ({"epsilons": ()}, "at least one epsilon"),
        ({"epsilons": (-1.0,)}, "above 0"),
        ({"epsilons": (float("nan"),)}, "above 0|finite"),
        ({"split_seeds": ()}, "at least one split seed"),
        ({"noise_seeds": (0, 0)}, "named twice"),
        ({"split_seeds": (-1,)}, "from 0 to 4294967295"),
        ({"learners": ("nothing",)}, "there is no model"),
        ({"ks": tuple(range(1, 800)), "quasi": ("income",)}, "combinations, more than 10,000"),
        ({"balancings": ("nothing",)}, "there is no balancing"),
        ({"mitigations": (("nothing", 1.0),)}, "there is no mitigation"),
        ({"mitigations": (("reweighing", 0.0),)}, "a strength lies above 0"),
        ({"attributes": (("city",),)}, "isn't a sensitive column"),
        ({"mitigate_for": "city"}, "isn't a sensitive column"),
        ({"ks": (0,)}, "k must be from 1"),
        ({"ks": (5,)}, "no column is named"),
        ({"ks": (5,), "quasi": ("sex",)}, "isn't a feature"),
        ({"epsilons": (None,), "learners": ("dp_naive_bayes",)}, "no combination can be tried"),
    ],
)
def test_unusable_grids_are_refused_before_anything_runs(
    rows: Dataset, change: dict, says: str
) -> None:
    store = PointStore()
    with pytest.raises(InputError, match=says):
        next(sweep(rows, replace(GRID, **change), store, Here()))
    assert not len(store)


def test_standard_errors_are_those_of_the_test_people(rows: Dataset, points) -> None:
    for point in points:
        accuracy = point.figures["accuracy"]
        assert accuracy.value is not None
        assert accuracy.error is not None
        plain = np.sqrt(accuracy.value * (1 - accuracy.value) / point.test_rows)
        assert accuracy.error == pytest.approx(plain, rel=0.05)


def test_weighted_groups_are_as_sure_as_their_effective_rows() -> None:
    data = dataset(800)
    weights = np.random.default_rng(0).exponential(size=len(data)) + 0.05
    weighted = replace(data, weights=weights)
    grid = replace(GRID, epsilons=(None,), mitigations=(("none", 1.0),), split_seeds=(0,))
    (point,) = finished(weighted, grid, PointStore())
    trained = train(weighted, training_spec(grid, point.run), with_baseline=False)
    sex = data.sensitive["sex"].to_numpy()[trained.split.test]
    own = weights[trained.split.test]
    for group in point.groups:
        kept = own[sex == group.name]
        assert group.effective_rows == pytest.approx(kept.sum() ** 2 / (kept**2).sum())
        assert group.effective_rows < group.rows
    (plain,) = finished(data, grid, PointStore())
    assert {group.effective_rows for group in plain.groups} == {None}


def test_a_sweep_on_all_cores_can_be_stopped(rows: Dataset) -> None:
    store = PointStore()
    work = sweep(rows, GRID, store, Cores(2))
    next(work)
    next(work)
    # Warnings are errors here: joblib would warn of what it cancels.
    work.close()
    assert 0 < len(store) < 30


def test_two_sweeps_that_spend_at_once_pay_once(rows: Dataset, tmp_path: Path) -> None:
    grid = replace(GRID, learners=("dp_binned_regression",), epsilons=(1.0,), split_seeds=(0,))
    path, ledger = tmp_path / "points.jsonl", ledger_on_disk(tmp_path, Budget(20.0, 1e-4))

    def spend() -> int:
        *_, last = sweep(rows, grid, opened_store(path), Here(ledger), fresh=True)
        return len(last.points)

    with ThreadPoolExecutor(2) as pool:
        counts = [task.result() for task in [pool.submit(spend) for _ in range(2)]]
    assert counts == [6, 6]
    # Two mitigations with three draws of noise each.
    assert len(ledger.charges) == 6
    assert len(opened_store(path)) == 6


def test_a_mitigation_that_takes_no_weights_names_the_balancing(rows: Dataset) -> None:
    setting = Setting("logistic_regression", None, "oversampling", 1.0, "class_weights")
    point = evaluate.evaluate(rows, GRID, RunSpec(setting))
    assert point.reason is not None
    assert "balancing 'class_weights': it gives rows weights" in point.reason
    assert "weight column" not in point.reason.partition("Choose")[2]


def test_balancing_by_weights_leaves_out_what_takes_none_before_anything_runs(
    rows: Dataset,
) -> None:
    names = ("none", "reweighing", "oversampling", "threshold_optimizer", "exponentiated_gradient")
    grid = replace(
        GRID,
        learners=("logistic_regression",),
        epsilons=(None,),
        mitigations=tuple((name, 1.0) for name in names),
        balancings=("none", "class_weights", "undersampling"),
        split_seeds=(0,),
    )
    kept, left = settings(rows, grid)
    assert {(x.setting.mitigation, x.setting.balancing) for x in left} == {
        (name, "class_weights") for name in names if not MITIGATIONS[name].takes_weights
    }
    assert len(left) == 3
    assert all("'class_weights' gives rows weights" in item.reason for item in left)
    assert len(kept) == 15 - 3
    assert all(point.reason is None for point in finished(rows, grid, PointStore()))
    # A weight column is the same hindrance, whatever the balancing.
    weighted = replace(rows, weights=np.ones(len(rows)), roles=replace(rows.roles, weight="say"))
    kept, left = settings(weighted, grid)
    assert {item.mitigation for item in kept} == {"none", "reweighing"}
    assert sum("the column 'say' holds weights" in item.reason for item in left) == 6


def test_no_mitigation_is_one_run_whatever_it_would_mitigate_for(rows: Dataset) -> None:
    plain = RunSpec(Setting("logistic_regression"))
    other = replace(GRID, attributes=(("sex",),), mitigate_for="sex")
    assert training_spec(GRID, plain) == training_spec(other, plain)
    assert training_spec(GRID, plain).mitigate_for is None
