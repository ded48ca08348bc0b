"""Objects that are no good model, or answer in odd ways: a sentence each, and never a wrong row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import equipoise

COUNT = 400
RNG = np.random.default_rng(0)
PEOPLE = pd.DataFrame(
    {
        "sex": RNG.choice(["f", "m"], COUNT),
        "age": RNG.integers(18, 80, COUNT),
        "income": RNG.normal(40, 12, COUNT).clip(0, 100),
    }
)
PEOPLE["repaid"] = np.where(PEOPLE["income"] + RNG.normal(0, 10, COUNT) > 45, "yes", "no")
RECORD: dict[str, Any] = {
    "target": "repaid", "positive_label": "yes", "sensitive": "sex", "explain": 0,
}  # fmt: skip


def share(rows: pd.DataFrame) -> pd.Series:
    return rows["income"] / 100


def both(rows: pd.DataFrame) -> np.ndarray:
    return np.column_stack([1 - share(rows), share(rows)])


def decided(rows: pd.DataFrame) -> np.ndarray:
    return np.where(share(rows) >= 0.5, "yes", "no")


class Model:
    """What a classifier has, with answers that are handed over."""

    feature_names_in_: Any = np.array(["age", "income"])
    classes_: Any = np.array(["no", "yes"])

    def __init__(self, proba: Callable[..., Any] | None = both, predict: Any = decided):
        if proba is not None:
            self.predict_proba = proba
        if predict is not None:
            self.predict = predict


def with_(**fields: Any) -> Model:
    return type("Odd", (Model,), fields)()


class UntoldError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("nor this")


def fails(error: BaseException) -> Callable[..., Any]:
    def call(_: Any) -> Any:
        raise error

    return call


def rate(model: object, frame: pd.DataFrame = PEOPLE) -> dict[str, float]:
    found = equipoise.audit(frame, estimator=model, **RECORD).to_frame()
    found = found[found["metric"] == "selection_rate"].set_index("group")
    return {str(k): float(v) for k, v in found["estimate"].items()}


ODD = {
    "no number": (lambda rows: ["yes"] * len(rows), "its answers are no numbers, such as 'yes'"),
    "numbers as texts": (lambda rows: share(rows).astype(str), "no numbers, such as '0"),
    "complex numbers": (lambda rows: share(rows) * 1j, "no numbers"),
    "dates": (lambda rows: pd.to_datetime(share(rows)), "no numbers"),
    "beyond 1": (lambda rows: share(rows) * 3, "lie outside of 0 and 1"),
    "below 0": (lambda rows: share(rows) - 1, "400 of its 400 answers lie outside"),
    "infinite": (lambda rows: share(rows) * np.inf, "outside of 0 and 1, such as inf"),
    "missing": (lambda rows: share(rows).where(rows["age"] > 30), "it gives no number"),
    "masked": (lambda rows: np.ma.masked_array(share(rows), rows["age"] > 30), "no number"),
    "too few": (lambda rows: share(rows)[:10], "its call gave 10 answers for 400 rows"),
    "one answer": (lambda rows: share(rows)[:1].to_list(), "gave 1 answer for 400 rows"),
    "nothing": (lambda rows: None, "answered with a NoneType"),
    "a generator": (lambda rows: (value for value in share(rows)), "answered with a generator"),
    "two columns": (lambda rows: pd.DataFrame(both(rows)), "2 numbers for each row"),
    "another order": (lambda rows: share(rows).sort_values(), "has another index than the rows"),
    "other names": (lambda rows: share(rows).set_axis([f"r{k}" for k in rows.index]), "index"),
    "one name": (lambda rows: share(rows).set_axis([0] * len(rows)), "another index"),
    "dropped rows": (
        lambda rows: (rows.pop("age"), share(rows.iloc[5:]))[1],
        "its call gave 395 answers for 400 rows",
    ),
    "an error": (fails(KeyError("wealth")), r"its call failed \(KeyError: 'wealth'\)"),
    "an untold error": (fails(UntoldError()), r"its call failed \(UntoldError\)"),
    "the end": (fails(SystemExit(3)), r"failed \(SystemExit: 3\)"),
    "one column of two": (Model(lambda rows: both(rows)[:, 1:]), r"shape \(400, 1\) for 2"),
    "three columns": (Model(lambda rows: both(rows)[:, [0, 1, 1]]), r"\(400, 3\) for 2 classes_"),
    "no columns": (Model(share), r"its predict_proba gave an array of shape \(400,\)"),
    "classes in another order": (
        Model(lambda rows: pd.DataFrame(both(rows)[:, ::-1], columns=["yes", "no"])),
        "its classes_ are in another order",
    ),
    "an unknown label": (Model(None, lambda rows: ["oui"] * len(rows)), "answered 'oui'"),
    "no label": (Model(None, lambda rows: [None] * len(rows)), "no label for 400 of 400 rows"),
    "two labels": (Model(None, lambda rows: np.array([decided(rows)] * 2).T), r"\(400, 2\)"),
    "few labels": (Model(both, lambda rows: decided(rows)[:3]), "predict gave 3 answers"),
    "a failing property": (
        with_(classes_=property(fails(OSError("x")))), r"its classes_ can't be read \(OSError: x\)",
    ),
    "classes twice": (with_(classes_=np.array(["yes", "yes"])), "no list of different labels"),
    "a missing class": (with_(classes_=["yes", None]), "no list of different labels"),
    "several targets": (with_(classes_=[["a", "b"], ["a", "b", "c"]]), "no list of different"),
    "names that are none": (with_(feature_names_in_=5), "feature_names_in_ is no list"),
    "gone columns": (with_(feature_names_in_=["wealth"]), "the rows lack 'wealth'"),
    "no model": (object(), "neither predict_proba nor predict"),
    "a class": (Model, "it is a class, and no fitted model"),
}  # fmt: skip


@pytest.mark.parametrize("odd", list(ODD))
def test_an_odd_object_ends_in_a_sentence_with_its_name(odd: str) -> None:
    model, said = ODD[odd]
    frame = PEOPLE.copy()
    with pytest.raises(equipoise.InputError, match=said) as caught:
        equipoise.audit(frame, estimator=model, **RECORD)
    assert caught.value.where
    assert caught.value.remedy
    pd.testing.assert_frame_equal(frame, PEOPLE)


def test_what_the_object_raised_is_the_cause() -> None:
    with pytest.raises(equipoise.InputError) as caught:
        equipoise.audit(PEOPLE, estimator=fails(KeyError("wealth")), **RECORD)
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize(
    "answer",
    [
        share,
        lambda rows: share(rows).to_list(),
        lambda rows: share(rows).to_frame(),
        lambda rows: share(rows).astype("float32"),
        lambda rows: share(rows).astype(object),
        lambda rows: share(rows).astype("Float64"),
        lambda rows: share(rows) >= 0.5,
        Model(None),
        Model(None, lambda rows: decided(rows).reshape(-1, 1)),
        Model(lambda rows: pd.DataFrame(both(rows), columns=["no", "yes"])),
        Model(lambda rows: both(rows).tolist()),
    ],
)
def test_the_same_answers_in_many_forms_are_the_same_decisions(answer: Any) -> None:
    by = PEOPLE.assign(yes=PEOPLE["income"] >= 50).groupby("sex")["yes"].mean()
    found = rate(answer)
    assert {name: found[name] for name in by.index} == pytest.approx(by.to_dict(), abs=1e-12)


def test_an_index_of_ones_own_is_kept_apart_from_the_rows() -> None:
    odd = PEOPLE.set_axis([f"p{k}" for k in range(COUNT)][::-1])
    assert rate(share, odd) == rate(share)


def test_rows_that_the_model_changes_are_its_own() -> None:
    def change(rows: pd.DataFrame) -> pd.Series:
        answer = share(rows)
        rows["income"] = 0.0
        rows.iloc[:, 0] = rows.iloc[0, 0]
        rows.loc[:, "more"] = 1
        return answer

    frame = PEOPLE.copy()
    assert rate(change, frame) == rate(share)
    pd.testing.assert_frame_equal(frame, PEOPLE)


def test_a_model_that_draws_or_looks_at_its_batch_is_told_of() -> None:
    rng = np.random.default_rng(1)
    for model in (
        lambda rows: rng.random(len(rows)),
        lambda rows: share(rows).rank(pct=True),
    ):
        result = equipoise.audit(PEOPLE, estimator=model, **RECORD)
        assert any("Asked again about 100 rows alone" in line for line in result.limits)
        assert any("Asked again" in item.evidence for item in result.findings)
    calm = equipoise.audit(PEOPLE, estimator=share, **RECORD)
    assert not any("Asked again" in line for line in calm.limits)


@pytest.mark.parametrize(("row", "told"), [(0, True), (99, True), (100, False)])
def test_the_first_100_rows_are_asked_again(row: int, told: bool) -> None:
    income = PEOPLE["income"].iloc[row]

    def odd(rows: pd.DataFrame) -> pd.Series:
        return share(rows).mask((rows["income"] == income) & (len(rows) < COUNT), 0.0)

    result = equipoise.audit(PEOPLE, estimator=odd, **RECORD)
    assert any("otherwise for 1 of them" in line for line in result.limits) == told
