"""What a column is called changes nothing: not a score, not a figure, not whether it works."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.__main__ import main
from core.data.columns import with_column
from core.data.roles.roles import Roles
from core.data.sources.engine_source import Source
from core.explanation.counterfactual.sensitive_flips import flip_steps
from core.fairness.engine.engine import count_in_engine, engine_fairness_json
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.awkward_names import NAMES, PLAIN, dataset, frame

SLOW = {
    "explainable_boosting", "dp_explainable_boosting", "adversarial_debiasing", "grid_search",
    *(found.name for found in MITIGATIONS if found.name.startswith("exponentiated_gradient_")),
}  # fmt: skip
SPECS = (
    *(TrainingSpec(learner.name) for learner in LEARNERS),
    *(TrainingSpec("logistic_regression", balancing=way.name) for way in BALANCINGS),
    *(
        TrainingSpec(
            "dp_binned_regression"
            if found.counts
            else (found.learners or ("logistic_regression",))[0],
            found.name,
        )
        for found in MITIGATIONS
        if found.name != "none"
    ),
)


@pytest.fixture(scope="module")
def tables():
    awkward, plain = dataset(NAMES), dataset(PLAIN)
    # What a row says includes the names of its columns, so that lots of the split do too.
    return awkward, (replace(plain[0], content=awkward[0].content), plain[1])


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(
            spec,
            marks=[pytest.mark.slow] if {spec.learner, spec.mitigation} & SLOW else [],
            id=f"{spec.learner} {spec.mitigation} {spec.balancing}",
        )
        for spec in SPECS
    ],
)
def test_a_model_scores_the_same_whatever_its_columns_are_called(tables, spec) -> None:
    scores = []
    for data, domains in tables:
        asked = spec
        if LEARNERS[spec.learner].private:
            asked = replace(asked, epsilon=1.0, delta=1e-5, domains=domains, noise="seeded")
        if asked.mitigation != "none":
            asked = replace(asked, mitigate_for=data.roles.sensitive[0])
        scores.append(train(data, asked).scores)
    assert np.array_equal(*scores)


@pytest.mark.parametrize("name", NAMES)
def test_one_column_is_replaced_and_the_frame_stays(name: str) -> None:
    before = frame(rows=20)
    kept = before.copy()
    after = with_column(before, name, 7.0)
    assert list(after.columns) == list(before.columns)
    assert (after[name] == 7.0).all()
    pd.testing.assert_frame_equal(before, kept)
    pd.testing.assert_frame_equal(after.drop(columns=[name]), kept.drop(columns=[name]))


def test_decisions_flip_with_a_sensitive_attribute_called_self() -> None:
    rows = pd.DataFrame({"self": ["f", "m"] * 10, "index": np.arange(20.0)})

    def decide_as(name: str) -> np.ndarray:
        given = pd.Series([name] * len(rows), dtype=object)
        return (with_column(rows, "self", given)["self"] == "m").to_numpy()

    own = list(rows["self"])
    before = (rows["self"] == "m").to_numpy()
    *_, (_, found) = flip_steps(before, own, decide_as, "self", names=["f", "m"])
    assert found.figure.estimate == 1.0


def quoted(*names: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


ODD = (
    "self", "index", "columns", "y", "sample_weight", "select", "count", "c0", "s0", "bin", "above",
    'se"l', "a,b", "*", "x=1", "-x", "--adverse", "usable", "row_weight", "prediction",
)  # fmt: skip


def given(position: int) -> tuple[pd.DataFrame, list[str]]:
    """Make existing predictions whose columns are called as four of ODD, turned by a position."""
    names = [ODD[(position + step) % len(ODD)] for step in range(6)]
    number = np.arange(240)
    columns = (
        np.where(number % 3, "f", "m"),
        number * 5 % 7 % 2,
        np.where(np.sin(number * 7.7) + number / 240 > 0.5, "yes", "no"),
        np.where(number > 100, "yes", "no"),
        number / 240,
        1.0 + number % 2,
    )
    return pd.DataFrame(dict(zip(names, columns, strict=True))), names


def rates(record: dict[str, Any], names: list[str]) -> list[tuple[str, str, float]]:
    """Groups by their values in two columns, with the share that is selected."""
    return [
        (item["group"][names[0]], item["group"][names[1]], item["selection_rate"])
        for item in record["by_group"]
    ]


@pytest.mark.parametrize("position", range(0, len(ODD), 2))
def test_the_command_and_the_engine_take_any_name(tmp_path: Path, position: int) -> None:
    rows, names = given(position)
    sex, other, label, decision, score, weight = names
    found = []
    for number, (table, told) in enumerate(
        [(rows, names), (rows.set_axis(list(PLAIN[:6]), axis=1), list(PLAIN[:6]))]
    ):
        file, out = tmp_path / f"{number}.csv", tmp_path / f"{number}.json"
        table.to_csv(file, index=False)
        words = ["fairness", f"--predictions={file}", f"--label={told[2]}", f"--out={out}"]
        words += [f"--prediction={told[3]}", f"--score={told[4]}", f"--weight={told[5]}"]
        words += ["--favourable=yes", f"--sensitive={quoted(told[0])},{quoted(told[1])}"]
        assert main(words) == 0
        found.append(rates(json.loads(out.read_text()), told))
    assert found[0] == found[1]
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), file)
    roles = Roles(label, "yes", (sex, other), prediction=decision, score=score, weight=weight)
    counted = count_in_engine(Source(str(file)), roles)
    assert counted.cube.attributes == (sex, other)
    in_engine = rates(engine_fairness_json(counted), names)
    assert [group for *group, _ in in_engine] == [group for *group, _ in found[0]]
    for (*_, ours), (*_, theirs) in zip(in_engine, found[0], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_a_column_that_is_told_to_be_a_feature_is_not_guessed_to_name_a_person(
    tmp_path: Path,
) -> None:
    file = tmp_path / "t.csv"
    frame(rows=300).to_csv(file, index=False)
    words = ["audit", f"--data={file}", "--target=target", "--favourable=yes", "--sensitive=self"]
    assert main([*words, "--features=index,y", "--explain=0", f"--out={tmp_path / 'out'}"]) == 0
    record = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert record["plan"]["roles"]["features"] == ["index", "y"]
    both = ["--features=index,y", "--identifier=index", f"--out={tmp_path / 'no'}"]
    assert main([*words, *both]) == 2
