"""Champion and challenger, both made elsewhere, on the rows that judge both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.comparison.paired.brought_models import Judged, compare_judged, judged_brought
from core.comparison.paired.paired_result import PairedComparison
from core.data.assign import assign
from core.data.frames import table_of
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.external_models.bring import Wishes, bring
from core.external_models.candidates import candidates_of
from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.opened import forget_all
from core.tradeoff.sweep.evaluate import evaluate
from core.tradeoff.sweep.grid import Grid, Setting
from core.tradeoff.sweep.runs import runs
from core.training.spec import TrainingSpec
from core.training.training import train


class ByOne:
    """Scores by one column."""

    def __init__(self, column: str, sha: str):
        self.column = column
        self.facts = ModelFacts(
            "onnx", "", "", "", sha * 64, 1, "binary",
            (ModelInput(column, "number", "float64", missing="allowed"),), ("no", "yes"),
            "probability",
        )  # fmt: skip

    def score(self, columns: dict) -> np.ndarray:
        score = columns[self.column] / 100
        return np.column_stack([1 - score, score])

    def close(self) -> None: ...


FRAME = pd.DataFrame(
    {
        "sex": np.where(np.arange(300) % 3, "f", "m"),
        "income": np.random.default_rng(0).integers(0, 101, 300),
        "wealth": np.random.default_rng(1).integers(0, 101, 300),
        "part": np.array(["a", "b", "c"])[np.arange(300) // 100],
    }
)
FRAME["paid"] = np.where(FRAME["income"] + np.arange(300) % 7 > 50, "yes", "no")
TABLE, ROLES = table_of(FRAME, "f"), Roles("paid", "yes", ("sex",), features=("income",))


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    forget_all()


def brought(column: str, sha: str, part: str | None = None) -> TrainingSpec:
    offered = candidates_of(TABLE, ROLES)
    wishes = Wishes({}, trained_on=None if part is None else ("part", part))
    spec = bring(ByOne(column, sha), f"{column}.onnx", offered.features, "yes", wishes)
    return TrainingSpec("external_model", external=spec)


def compared(table: Table, a: TrainingSpec, b: TrainingSpec) -> PairedComparison:
    return compare_judged(*(judged_brought(table, ROLES, spec) for spec in (a, b)), ("sex",))


def right(column: str, rows: np.ndarray) -> float:
    return float(((FRAME[column] >= 50) == (FRAME["paid"] == "yes"))[rows].mean())


def test_two_models_with_other_columns_are_compared_on_all_rows() -> None:
    found = compared(TABLE, brought("income", "1"), brought("wealth", "2"))
    assert found.mcnemar.people == 300
    every = np.arange(300)
    gained = found.mcnemar.only_b - found.mcnemar.only_a
    assert gained / 300 == pytest.approx(right("wealth", every) - right("income", every))


def test_rows_that_trained_either_judge_neither() -> None:
    pair = brought("income", "1", "a"), brought("wealth", "2", "b")
    assert compared(TABLE, *pair).mcnemar.people == 100
    # Nothing is left where the two share out all rows.
    two = table_of(FRAME[FRAME["part"] != "c"].reset_index(drop=True), "f")
    with pytest.raises(InputError, match="no row judges both"):
        compared(two, *pair)


def trained_here(features: tuple[str, ...] = ("income",), seed: int = 0) -> Judged:
    dataset = assign(TABLE, replace(ROLES, features=features))
    spec = TrainingSpec("decision_tree", seed=seed)
    return Judged(dataset, train(dataset, spec, with_baseline=False))


@pytest.mark.parametrize("part", [None, "a"])
def test_a_model_trained_here_and_a_brought_one_are_judged_by_rows_that_trained_neither(
    part: str | None,
) -> None:
    here, there = trained_here(), judged_brought(TABLE, ROLES, brought("wealth", "2", part))
    rows = here.trained.split.test
    if part is not None:
        rows = rows[rows >= 100]
    decided = pd.Series(here.trained.decisions, index=here.trained.split.test)[rows]
    truth = (FRAME["paid"] == "yes")[rows]
    wealth = (FRAME["wealth"] >= 50)[rows]
    ours, theirs = float((decided == truth).mean()), float((wealth == truth).mean())
    for a, b, gained in ((here, there, theirs - ours), (there, here, ours - theirs)):
        found = compare_judged(a, b, ("sex",))
        assert found.people == len(rows)
        assert found.everyone["accuracy"].difference.estimate == pytest.approx(gained)
        assert found.everyone["selection_rate"].a == pytest.approx(
            float((decided if a is here else wealth).mean())
        )
        for group in ("f", "m"):
            of = (FRAME["sex"] == group)[rows]
            figure = found.groups[group]["selection_rate"]
            assert figure.b == pytest.approx(float((wealth if a is here else decided)[of].mean()))
        assert f"{len(rows):,} rows that it was not trained on" in found.notes[0]
        unknown = [note for note in found.notes if "Nobody knows" in note]
        assert [("wealth.onnx" in note) for note in unknown] == ([] if part else [True])


def test_two_models_trained_here_on_other_columns_and_splits_are_judged_by_shared_test_rows() -> (
    None
):
    one, other = trained_here(), trained_here(("wealth",), seed=1)
    shared = np.intersect1d(one.trained.split.test, other.trained.split.test)
    found = compare_judged(one, other, ("sex",))
    assert (found.people, found.notes) == (len(shared), ())
    again = compare_judged(other, one, ("sex",))
    gained = found.everyone["accuracy"].difference.estimate
    assert gained is not None
    assert again.everyone["accuracy"].difference.estimate == pytest.approx(-gained)


def test_people_of_other_tables_roles_or_groups_are_not_compared() -> None:
    here = trained_here()
    one = brought("income", "1")
    other = table_of(FRAME.assign(part="z", sex=FRAME["sex"].to_numpy()[::-1]), "f")
    with pytest.raises(InputError, match="on other tables"):
        compare_judged(here, judged_brought(other, ROLES, one), ("sex",))
    weighed = replace(ROLES, weight="wealth")
    with pytest.raises(InputError, match="the weight of one is another than the other's"):
        compare_judged(here, judged_brought(TABLE, weighed, one), ("sex",))
    cut = [
        Judged(dataset, train(dataset, one, with_baseline=False))
        for dataset in (
            assign(TABLE, replace(ROLES, sensitive=("wealth",), edges=(("wealth", (edge,)),)))
            for edge in (30.0, 60.0)
        )
    ]
    with pytest.raises(InputError, match="'wealth' are cut in other ways"):
        compare_judged(cut[0], cut[1], ("wealth",))
    with pytest.raises(InputError, match="not both compared by 'part'"):
        compare_judged(here, judged_brought(TABLE, ROLES, one), ("part",))


def test_a_mitigations_own_rows_judge_neither() -> None:
    plain = brought("income", "1")
    mitigated = replace(brought("wealth", "2"), mitigation="group_thresholds")
    people = compared(TABLE, plain, mitigated).mcnemar.people
    assert 100 <= people <= 140


def test_a_sweep_of_a_brought_model_judges_every_setting_by_the_same_rows() -> None:
    spec = brought("income", "1")
    dataset = assign(TABLE, ROLES)
    grid = Grid(
        ("external_model",), (None,), (("sex",),), (("none", 1.0), ("group_thresholds", 1.0)),
        split_seeds=(0, 1), external=spec.external,
    )  # fmt: skip
    todo, left = runs(dataset, grid)
    assert (len(todo), left) == (4, ())
    points = [evaluate(dataset, grid, run) for run in todo]
    assert [point.reason for point in points] == [None] * 4
    by_seed: dict[int, set[int]] = {}
    for point in points:
        by_seed.setdefault(point.run.split_seed, set()).add(point.test_rows)
    assert all(len(counts) == 1 and max(counts) < 300 for counts in by_seed.values())


def test_what_changes_training_is_left_out_of_such_a_sweep() -> None:
    spec = brought("income", "1")
    grid = Grid(
        ("external_model",), (None,), (("sex",),), (("none", 1.0), ("reweighing", 1.0)),
        external=spec.external,
    )  # fmt: skip
    _, left = runs(assign(TABLE, ROLES), grid)
    assert [item.setting for item in left] == [Setting("external_model", None, "reweighing")]
    assert "not trained here" in left[0].reason
