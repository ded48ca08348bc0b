"""A sweep that promises privacy to persons: as single audits do, and beside fair baselines."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.errors import InputError
from core.governance.stored_sweeps import cost_to
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.contribution import person_budget
from core.storage.json_format import from_json, to_json
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.evaluate import evaluate
from core.tradeoff.sweep.executors import Here
from core.tradeoff.sweep.grid import Grid, RunSpec, Setting
from core.tradeoff.sweep.point import SweepPoint
from core.tradeoff.sweep.point_store import PointStore, opened_store, point_key
from core.tradeoff.sweep.precomputed import all_precomputed
from core.tradeoff.sweep.runs import rows_used, runs, settings, training_spec
from core.tradeoff.sweep.sweep import state_of, sweep
from core.training.training import train
from tests.core.ledgers import ledger_on_disk
from tests.core.worlds import DOMAINS, frame, table

UNIT = "person (column 'patient', at most 2 rows)"
GRID = Grid(
    ("logistic_regression", "dp_binned_regression"),
    (None, 1.0, 8.0),
    (("sex",),),
    (("none", 1.0), ("reweighing", 1.0), ("private_threshold", 1.0)),
    noise_seeds=(0, 1),
    domains=DOMAINS,
    person="patient",
    rows_per_person=2,
)


def visits(n: int = 1200, persons: int = 300) -> Dataset:
    """Rows of persons with about four each; every twentieth row names nobody."""
    data = frame(n)
    names = np.random.default_rng(3).integers(0, persons, n)
    data["patient"] = [None if k % 20 == 0 else f"p{name}" for k, name in enumerate(names)]
    read = table(data)
    roles, _ = default_roles(read, "paid", "yes", ("sex",))
    return assign(
        read, replace(roles, features=("income", "age", "city"), identifiers=("patient",))
    )


@pytest.fixture(scope="module")
def rows() -> Dataset:
    return visits()


def finished(rows: Dataset, grid: Grid, store: PointStore, **options) -> tuple[SweepPoint, ...]:
    *_, last = sweep(rows, grid, store, options.pop("executor", Here()), **options)
    assert last.finished
    return last.points


@pytest.fixture(scope="module")
def points(rows: Dataset) -> tuple[SweepPoint, ...]:
    return finished(rows, GRID, PointStore())


def test_a_point_is_what_a_single_audit_with_that_guarantee_finds(
    rows: Dataset, points: tuple[SweepPoint, ...]
) -> None:
    assert len(points) == 2 * (2 + 2 * 2 * 2)
    for point in points:
        spec = training_spec(GRID, point.run)
        assert (spec.person, spec.rows_per_person) == ("patient", 2)
        trained = train(rows, spec, with_baseline=False)
        target = rows.target[trained.split.test]
        assert point.value("accuracy") == pytest.approx(accuracy_score(target, trained.decisions))
        assert point.value("roc_auc") == pytest.approx(roc_auc_score(target, trained.scores))
        assert (point.train_rows, point.test_rows) == (
            len(trained.split.train),
            len(trained.split.test),
        )
        if point.run.setting.epsilon is not None:
            assert trained.cost == pytest.approx((point.run.setting.epsilon, GRID.delta))


def test_nobody_is_in_two_parts_nor_with_more_rows_than_the_bound(rows: Dataset) -> None:
    assert rows.identifiers is not None
    person = rows.identifiers["patient"].to_numpy(dtype=object)
    for learner, epsilon in (("logistic_regression", None), ("dp_binned_regression", 50.0)):
        for seed in range(3):
            run = RunSpec(Setting(learner, epsilon), seed, None if epsilon is None else 0)
            split = train(rows, training_spec(GRID, run), with_baseline=False).split
            parts = [set(person[part]) for part in (split.train, split.validation, split.test)]
            assert None not in set.union(*parts)
            assert sum(map(len, parts)) == len(set.union(*parts))
            used = np.concatenate([split.train, split.validation, split.test])
            assert max(Counter(person[used]).values()) == 2
            assert len(used) == rows_used(rows, GRID) < len(rows)


def test_learners_without_privacy_use_the_same_rows_as_private_ones(
    rows: Dataset, points: tuple[SweepPoint, ...]
) -> None:
    for seed in (0, 1):
        splits = [
            train(rows, training_spec(GRID, point.run), with_baseline=False).split
            for point in points
            if point.run.split_seed == seed and point.run.setting.mitigation == "none"
        ]
        assert len(splits) == 1 + 2 * 2
        for split in splits:
            for part in ("train", "validation", "test"):
                assert np.array_equal(getattr(split, part), getattr(splits[0], part))
    assert len({p.value("prevalence") for p in points if p.run.split_seed == 0}) == 1


def test_rows_of_one_person_in_training_and_test_would_be_seen() -> None:
    """A planted leak: a feature tells the person, and outcomes are alike within each by chance."""
    rows = visits(1800, 90)
    assert rows.identifiers is not None
    codes = rows.identifiers["patient"].astype("category").cat.codes.to_numpy()
    rng = np.random.default_rng(0)
    leaking = replace(
        rows,
        features=rows.features.assign(income=10 * rng.random(91)[codes]),
        outcome=(rng.random(91) < 0.5)[codes],
    )
    by_row, by_person = (
        np.mean(
            [
                evaluate(leaking, grid, RunSpec(Setting("decision_tree"), seed)).value("accuracy")
                for seed in range(5)
            ]
        )
        for grid in (
            replace(GRID, person=None, rows_per_person=1),
            replace(GRID, rows_per_person=100),
        )
    )
    assert by_row < 0.65
    assert by_person < 0.65
    # Nobody said who is a person: now the leak is there.
    unsaid = replace(leaking, identifiers=None, roles=replace(leaking.roles, identifiers=()))
    grid = replace(GRID, person=None, rows_per_person=1)
    seen = [
        evaluate(unsaid, grid, RunSpec(Setting("decision_tree"), seed)).value("accuracy")
        for seed in range(5)
    ]
    assert np.mean(seen) > 0.8


def test_the_ledger_names_the_person_and_is_charged_what_was_foreseen(
    rows: Dataset, tmp_path: Path
) -> None:
    grid = replace(GRID, learners=("dp_binned_regression",), epsilons=(0.5,), split_seeds=(0,))
    ledger, store = ledger_on_disk(tmp_path, Budget(10.0, 1e-4)), PointStore()
    foreseen = cost_to(ledger, rows, grid, store)
    found = finished(rows, grid, store, executor=Here(ledger), fresh=True)
    assert foreseen.runs == len(found) == len(ledger.charges) == 4
    assert {charge.unit for charge in ledger.charges} == {UNIT}
    spent = ledger.budget.spent(ledger.charges)
    assert (foreseen.epsilon, foreseen.delta) == pytest.approx((spent.epsilon, spent.delta))
    # Two draws of noise and two mitigations: each row is hidden with a half of ε.
    assert spent.epsilon == pytest.approx(4 * person_budget(0.25, 0.0, 2)[0]) == 2.0
    assert all(point.charged == pytest.approx((0.5, grid.delta)) for point in found)


def test_a_guarantee_to_rows_and_one_to_persons_are_other_points(rows: Dataset) -> None:
    store = PointStore()
    small = replace(GRID, epsilons=(None, 1.0), mitigations=(("none", 1.0),), split_seeds=(0,))
    finished(rows, small, store)
    for other in (
        replace(small, person=None, rows_per_person=1),
        replace(small, rows_per_person=3),
    ):
        assert state_of(rows, other, store).points == ()
    assert len(state_of(rows, small, store).points) == 3


def test_learners_whose_guarantee_says_nothing_of_a_person_are_left_out(rows: Dataset) -> None:
    grid = replace(GRID, learners=(*GRID.learners, "dp_logistic_regression"))
    kept, left = settings(rows, grid)
    assert not any(item.learner == "dp_logistic_regression" for item in kept)
    reasons = {x.reason for x in left if x.setting.learner == "dp_logistic_regression"}
    assert any("a row that is replaced" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"person": "sex"}, "column 'sex': it is no identifier.*Choose among: patient"),
        ({"rows_per_person": 0}, "whole number from 1"),
        ({"rows_per_person": True}, "whole number from 1"),
        ({"person": None}, "no column says which rows are one person's"),
    ],
)
def test_persons_that_do_not_fit_are_refused(rows: Dataset, change: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        runs(rows, replace(GRID, **change))


def test_rows_without_an_identifier_have_no_persons(rows: Dataset) -> None:
    with pytest.raises(InputError, match="Make it an identifier"):
        runs(replace(rows, identifiers=None), GRID)


def test_every_label_says_whom_private_models_hide() -> None:
    rowwise = replace(GRID, person=None, rows_per_person=1)
    spend = Basis("spend")
    persons = "all rows of a person, by column patient, at most 2 rows each"
    assert f"guarantee of each private model is to {persons}." in spend.label_of(GRID)
    assert "to single rows" in spend.label_of(rowwise)
    assert "single rows" not in spend.label_of(GRID)
    for basis in (Basis("public"), Basis("own"), Basis("stand_in", "adult", 500)):
        assert persons in basis.label_of(GRID)
        assert basis.label_of(rowwise) == basis.label


def test_a_grid_of_before_is_one_of_single_rows_and_its_points_are_found() -> None:
    record = to_json(GRID)
    assert from_json(Grid, record, "it") == GRID
    before = {name: value for name, value in record.items() if "person" not in name}
    assert from_json(Grid, before, "it") == replace(GRID, person=None, rows_per_person=1)
    for ready in all_precomputed(
        ("adult", "german_credit", "heart_disease", "student_performance")
    ):
        assert (ready.grid.person, ready.grid.rows_per_person) == (None, 1)
        assert ready.points
    # The key of a point that was paid for, as it was made before there was a promise to persons.
    grid = replace(GRID, person=None, rows_per_person=1, attributes=(("sex",), ("sex", "race")))
    grid = replace(grid, quasi=("age",), ks=(1, 5), mitigations=(("none", 1.0),))
    private = Setting("dp_binned_regression", 1.0, "private_threshold")
    paid = "73b47005573583bd220e392350e76eb0d1ad7db325765d4ca9615d321f7de54b"
    assert point_key("f" * 64, grid, RunSpec(private, 0, None)) == paid
    # Others are made anew where rows are split by another rule, so that no two rules are mixed.
    made_before = {
        "9652f60ccfefdf8b840921d2988323cdff881949694cb82fbbb7d8c83b3f5315",
        "47ac587f655e8d343e6b7facd994a8502b31d20c709011133f01f40a12423252",
    }
    others = (RunSpec(Setting("logistic_regression"), 1), RunSpec(private, 0, 2))
    assert not {point_key("f" * 64, grid, run) for run in others} & made_before


def test_points_of_persons_survive_the_way_to_disk(rows: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    small = replace(GRID, epsilons=(1.0,), mitigations=(("none", 1.0),), split_seeds=(0,))
    found = finished(rows, small, opened_store(path))
    assert state_of(rows, small, opened_store(path)).points == found
