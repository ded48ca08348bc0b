"""Private releases from a notebook: charged once, told in figures that hold the noise."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import equipoise
from core.ledger.files import data_sets
from core.ledger.ledgers import charges_of
from core.storage.workspace import default_root
from tests.equipoise.test_notebook import ELSEWHERE

CAP = equipoise.Budget(100.0)


def people(rows: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], rows),
            "age": rng.integers(18, 80, rows),
            "repaid": rng.integers(0, 2, rows),
        }
    )
    return frame.assign(granted=np.where(frame["sex"] == "f", frame["repaid"], 1))


def released(kind: Any, columns: Any, **given: Any) -> equipoise.results.ReleaseResult:
    record: dict[str, Any] = {"epsilon": 20.0, "cap": CAP, "reason": "a test"}
    return equipoise.private_release(people(), kind, columns, **(record | given))


FAIR: dict[str, Any] = {
    "bounds": {"sex": ["f", "m"]}, "target": "repaid", "prediction": "granted", "positive_label": 1,
}  # fmt: skip


def spent() -> list[float]:
    root = default_root()
    return [charge.epsilon for data in data_sets(root) for charge in charges_of(root, data)]


def test_counts_hold_the_tables_own_and_empty_cells() -> None:
    found = released("counts", ["sex", "age"], bounds={"sex": ["f", "m", "x"], "age": [0, 100]},
                     bins=2)  # fmt: skip
    frame, table = people(), found.to_frame()
    assert list(table.index.names) == ["sex", "age"]
    assert len(table) == 6
    young = (frame["sex"] == "f") & (frame["age"] < 50)
    assert table.loc[("f", "0 – 50"), "noisy"] == pytest.approx(young.sum(), abs=3)
    assert table.loc[("x", "0 – 50"), "count"] == pytest.approx(0, abs=3)
    assert table["count"].between(table["count_low"], table["count_high"]).all()
    assert "contingency table of sex × age" in repr(found)


def test_a_mean_and_a_quantile_are_near_those_of_the_rows() -> None:
    ages = people()["age"]
    mean = released("mean", "age", bounds={"age": [0, 100]}).to_frame()
    assert mean.loc["these rows", "estimate"] == pytest.approx(ages.mean(), abs=0.2)
    width = (mean["high"] - mean["low"]).to_dict()
    assert width["population"] > width["these rows"]
    low = released("quantile", "age", share=0.1, bounds={"age": [0, 100]}, candidates=100)
    assert low.to_frame().loc["these rows", "estimate"] == pytest.approx(ages.quantile(0.1), abs=2)


def test_fairness_is_read_off_one_noisy_count() -> None:
    found = released("fairness", "sex", **FAIR)
    rates = found.to_frame().query("metric == 'selection_rate'").set_index("group")["estimate"]
    wanted = people().groupby("sex")["granted"].mean()
    assert rates["f"] == pytest.approx(wanted["f"], abs=0.02)
    gaps = found.disparities().set_index("disparity")["estimate"]
    assert gaps["demographic_parity_difference"] == pytest.approx(1 - wanted["f"], abs=0.02)
    assert spent() == [20.0]
    # Made of noisy counts, as if they were exact, they would be too narrow.
    assert "impact_ratios" not in json.dumps(found.to_dict())


def test_a_cell_that_is_run_again_gives_the_same_and_costs_nothing() -> None:
    first = released("mean", "age", bounds={"age": [0, 100]}, epsilon=0.5)
    again = released("mean", "age", bounds={"age": [0, 100]}, epsilon=0.5)
    assert again.to_dict() == first.to_dict()
    assert (first.charged, again.charged) == (0.5, 0.0)
    assert spent() == [0.5]
    assert "costs nothing more" in repr(again)
    other = released("mean", "age", bounds={"age": [0, 90]}, epsilon=0.5)
    assert other.charged == 0.5
    assert other.left == first.left - 0.5
    assert spent() == [0.5, 0.5]


@pytest.mark.parametrize(
    "other", [{"prediction": "repaid", "target": "granted"}, {"positive_label": 0}]
)
def test_fairness_of_other_columns_or_labels_is_another_release(other: dict[str, Any]) -> None:
    first = released("fairness", "sex", **FAIR)
    second = released("fairness", "sex", **(FAIR | other))
    assert spent() == [20.0, 20.0]
    rates = [
        found.to_frame().query("metric == 'selection_rate' and group == 'f'")["estimate"].item()
        for found in (first, second)
    ]
    frame = people().query("sex == 'f'")
    label = other.get("positive_label", 1)
    said = frame[other.get("prediction", "granted")] == label
    assert rates[1] == pytest.approx(said.mean(), abs=0.02)


def test_it_is_the_same_when_other_charges_have_turned_the_relation() -> None:
    record: dict[str, Any] = {
        "target": "repaid", "positive_label": 1, "sensitive": "sex", "explain": 0,
        "features": ["age"], "bounds": {"age": [0, 100]},
    }  # fmt: skip
    private = "dp_logistic_regression"
    equipoise.audit(people(), learner=private, epsilon=1.0, cap=CAP, reason="a test", **record)
    first = released("mean", "age", bounds={"age": [0, 100]}, epsilon=0.5)
    assert first.to_dict()["neighbouring"] == "replace-one"
    equipoise.audit(people(), learner="dp_binned_regression", epsilon=1.0, delta=1e-7,
                    cap=equipoise.Budget(100.0, 1e-6), reason="a test", **record)  # fmt: skip
    again = released("mean", "age", bounds={"age": [0, 100]}, epsilon=0.5,
                     cap=equipoise.Budget(100.0, 1e-6))  # fmt: skip
    assert again.to_dict() == first.to_dict()
    assert again.charged == 0.0


def test_the_cap_is_the_ledgers_and_a_refusal_leaves_nothing_behind() -> None:
    with pytest.raises(equipoise.InputError):
        equipoise.private_release(people(), "mean", "sex", epsilon=1.0, bounds={"sex": [0, 1]})
    assert not data_sets(default_root())
    found = equipoise.private_release(people(), "mean", "age", epsilon=1.0,
                                      bounds={"age": [0, 100]})  # fmt: skip
    assert found.left == 0.0
    with pytest.raises(equipoise.InputError, match="cap=Budget") as caught:
        equipoise.private_release(people(), "counts", "sex", epsilon=1.0,
                                  bounds={"sex": ["f", "m"]})  # fmt: skip
    assert not ELSEWHERE.search(str(caught.value))
    assert spent() == [1.0]


@pytest.mark.parametrize(
    ("kind", "columns", "given", "sentence"),
    [
        ("median", "age", {}, "Choose one of counts, mean, quantile, fairness"),
        ("mean", "agee", {}, "Perhaps 'age' was meant"),
        ("mean", "age", {}, "bounds={'age': [0, 120]}"),
        ("mean", "age", {"bounds": {"age": ["a"]}}, "two numbers that its values lie between"),
        ("mean", ["age", "sex"], {"bounds": {"age": [0, 100]}}, "2 are named"),
        ("mean", "age", {"bounds": {"age": [100, 0]}}, "the lower first"),
        ("mean", "age", {"bounds": {"age": [0, 100]}, "epsilon": 0.0}, "epsilon"),
        ("counts", [], {}, "choose at least one column"),
        ("counts", "age", {"bounds": {"age": [0, 100]}, "bins": 1}, "bins are possible"),
        ("quantile", "age", {"bounds": {"age": [0, 100]}, "share": 1.0}, "between 0 and 1"),
        ("fairness", "sex", FAIR | {"target": None}, "target=…, prediction=…"),
        ("fairness", "sex", FAIR | {"bounds": {}}, "or a list of its categories"),
        ("fairness", "sex", FAIR | {"bounds": {"sex": [0, 1]}}, "bounds of numbers name none"),
        ("fairness", "age", FAIR | {"bounds": {"age": ["18"]}}, "Give its bin edges"),
        ("fairness", "sex", FAIR | {"positive_label": None}, "positive is missing"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(
    kind: Any, columns: Any, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(equipoise.InputError) as caught:
        released(kind, columns, **given)
    assert sentence in str(caught.value)
    assert not ELSEWHERE.search(str(caught.value))
    assert not spent()


def test_groups_of_numbers_are_declared_by_edges_and_groups_can_be_merged() -> None:
    found = released("fairness", ["sex", "age"], **(FAIR | {"edges": {"age": [40]}}))
    groups = set(found.to_frame().query("by == 'age'")["group"]) - {"everyone"}
    assert len(groups) == 2
    three = people().assign(sex=np.resize(["f", "m", "x"], 500))
    merged = equipoise.private_release(
        three, "fairness", "sex", epsilon=1.0, merge_groups={"sex": {"not m": ["f", "x"]}},
        **(FAIR | {"bounds": {"sex": ["f", "m", "x"]}}),
    )  # fmt: skip
    assert set(merged.to_frame()["group"]) == {"everyone", "m", "not m"}


def test_it_shows_itself_and_escapes_what_users_wrote() -> None:
    frame = people().replace({"sex": {"f": "<script>x</script>"}})
    for kind, given in (("counts", {}), ("fairness", FAIR)):
        bounds = {"sex": ["<script>x</script>", "m"]}
        found = equipoise.private_release(frame, kind, "sex", epsilon=1.0, cap=CAP, reason="r",
                                          name="<b>", **(given | {"bounds": bounds}))  # type: ignore[arg-type]  # fmt: skip
        shown = found._repr_html_()
        assert "<script>" not in shown
        assert "<b>" not in shown
        assert "&lt;script&gt;" in shown
        assert found.guarantee.replace("'", "&#x27;") in shown
        assert json.loads(found.to_json()) == found.to_dict()
