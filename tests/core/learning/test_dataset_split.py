"""Which rows share a part, whatever the others are and however the table is sorted."""

from __future__ import annotations

import copy
import itertools
import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains
from core.data.persons import persons_of
from core.data.reading.reading import read_bytes, read_path
from core.data.roles.roles import Roles
from core.data.table import Kind
from core.errors import InputError
from core.learning.dataset_split import resampled, split_dataset
from core.learning.learners import LEARNERS
from core.learning.split import Split, SplitSpec
from core.reporting.audit_json import audit_json
from core.reporting.audit_plans import same_people
from core.training.spec import TrainingSpec
from core.training.spec_checks import check_spec
from core.training.training import train
from tests.core.data.test_content import AWKWARD, COLUMNS, ROLES
from tests.core.worlds import DOMAINS, frame, table

CASES = Path(__file__).parents[2] / "cases"
PARTS = ("train", "validation", "test")
PRIVATE = [item.name for item in LEARNERS if item.private]
PLAIN = [item.name for item in LEARNERS if not item.private and not item.given]


def visits(n: int = 300, **columns: object) -> Dataset:
    read = table(frame(n).assign(**columns))
    roles = Roles(
        target="paid", positive_label="yes", sensitive=("sex",), features=("income", "age", "city"),
        identifiers=tuple(columns),
    )  # fmt: skip
    return assign(read, roles)


def parts_of(data: Dataset, split: Split) -> dict[int, str]:
    """Part of each row of the table that is used."""
    return {int(data.rows[row]): part for part in PARTS for row in getattr(split, part)}


cells = st.sampled_from(AWKWARD)
rows = st.fixed_dictionaries({name: cells for name in COLUMNS if name not in ("sex", "y")})
# Twelve times the columns' forty rows, so that every part has both labels.
LONG = {
    name: [f"{cell}{'' if name in ('sex', 'y') else k}" if name in ("note", "person") else cell
           for k in range(12) for cell in values]
    for name, values in COLUMNS.items()
}  # fmt: skip


def split_parts(
    columns: dict[str, list[str]], learner: str, roles: Roles, person: str | None
) -> tuple:
    data = assign(table(pd.DataFrame(columns)), roles)
    spec = TrainingSpec(learner, epsilon=1.0, delta=1e-6, person=person, seed=3)
    split_spec = SplitSpec(seed=spec.seed, stratified=spec.is_stratified)
    split, _ = split_dataset(data, split_spec, person=person, rows_per_person=1)
    return data, parts_of(data, split)


@lru_cache
def parts_before(learner: str, roles: Roles, person: str | None) -> dict[int, str]:
    return split_parts(LONG, learner, roles, person)[1]


@pytest.mark.parametrize("identified", ["rows", "declared", "promised"])
@pytest.mark.parametrize("learner", PRIVATE)
@given(odd=rows, label=st.sampled_from(["yes", "no", "", "perhaps"]), how=st.sampled_from(
    ["add", "change", "remove"]))  # fmt: skip
@settings(max_examples=8, deadline=None)
def test_no_row_moves_another_under_a_private_plan(
    learner: str, identified: str, odd: dict[str, str], label: str, how: str
) -> None:
    """Of the same person too: only which of their rows are kept may change."""
    roles = ROLES if identified != "rows" else replace(ROLES, identifiers=())
    person = "person" if identified == "promised" else None
    n = len(LONG["y"])
    at = n if how == "add" else 57
    row = [] if how == "remove" else [odd | {"sex": "f", "y": label}]
    changed = {
        name: [*values[:at], *(r[name] for r in row), *values[at + 1 :]]
        for name, values in LONG.items()
    }
    before = parts_before(learner, roles, person)
    _, after = split_parts(changed, learner, roles, person)
    shift = how == "remove"
    after = {r + (shift and r >= at): part for r, part in after.items() if shift or r != at}
    touched = {at}
    if person is not None:
        # A person's own rows compete for the bound: those of the row's person may change.
        touched |= {r for r, who in enumerate(LONG["person"])
                    if who in {LONG["person"][at] if at < n else "", odd["person"].strip()}
                    or float(who) == number(odd["person"])}  # fmt: skip
    assert {r: p for r, p in before.items() if r not in touched} == {
        r: p for r, p in after.items() if r not in touched
    }


def number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
@settings(max_examples=20, deadline=None)
def test_a_shuffled_table_is_split_alike(seed: int, stratified: bool, linked: bool) -> None:
    data = frame(300).assign(id=np.random.default_rng(0).integers(0, 120, 300))
    roles = Roles(
        target="paid", positive_label="yes", sensitive=("sex",), features=("income", "age", "city"),
        identifiers=("id",) if linked else (),
    )  # fmt: skip
    order = np.random.default_rng(seed).permutation(300)
    split_spec = SplitSpec(seed=seed, stratified=stratified)
    found = []
    for rows_ in (np.arange(300), order):
        made = assign(table(data.iloc[rows_]), roles)
        split, _ = split_dataset(made, split_spec)
        found.append({int(rows_[row]): part for row, part in parts_of(made, split).items()})
    assert found[0] == found[1]


@pytest.mark.parametrize("learner", [name for name in PLAIN if name != "explainable_boosting"])
@pytest.mark.parametrize("balancing", ["none", "undersampling", "oversampling"])
def test_a_shuffled_table_trains_the_same_model(learner: str, balancing: str) -> None:
    """Training rows are put in an order of their own first, so not a bit differs."""
    if balancing != "none" and learner not in ("logistic_regression", "random_forest"):
        pytest.skip("balancing is one for all models")
    data = frame(200, seed=4)
    order = np.random.default_rng(1).permutation(200)
    roles = Roles(
        target="paid", positive_label="yes", sensitive=("sex",), features=("income", "age", "city"),
    )  # fmt: skip
    spec = TrainingSpec(learner, balancing=balancing)
    scores = []
    for rows_ in (np.arange(200), order):
        made = assign(table(data.iloc[rows_]), roles)
        found = train(made, spec)
        scores.append(dict(zip(rows_[found.split.test].tolist(), found.scores, strict=True)))
    assert scores[0] == scores[1]


@pytest.mark.parametrize("stratified", [True, False])
def test_rows_of_a_person_share_a_part(stratified: bool) -> None:
    who = np.random.default_rng(2).integers(0, 110, 300)
    data = visits(id=who)
    split, repairs = split_dataset(data, SplitSpec(stratified=stratified))
    parts = parts_of(data, split)
    assert len(parts) == 300
    assert all(len({parts[r] for r in np.flatnonzero(who == k)}) == 1 for k in set(who))
    assert (split.by, split.persons, repairs) == (("id",), len(set(who)), ())


def test_a_stratified_split_follows_links_over_several_identifiers() -> None:
    n = 300
    a, b = np.arange(n) // 3, (np.arange(n) + 1) // 3
    b[:150] = 1000 + np.arange(150)  # The first half is linked by a alone.
    b[150:] = 2000 + np.minimum((np.arange(150, n) + 1) // 3, 90)
    data = visits(n, a=a, b=b)
    persons = persons_of(data.identifiers)
    assert persons is not None
    split, _ = split_dataset(data, SplitSpec())
    parts = parts_of(data, split)
    for k in set(persons.tolist()):
        assert len({parts[r] for r in np.flatnonzero(persons == k)}) == 1
    assert split.by == ("a", "b")


def test_a_lot_goes_by_one_identifier_and_says_so() -> None:
    a = np.arange(300) // 2
    split = SplitSpec(stratified=False)
    same = split_dataset(visits(a=a, b=a + 7), split)[0]
    assert same.by == ("a",)
    assert np.array_equal(same.test, split_dataset(visits(a=a), split)[0].test)
    with pytest.raises(InputError, match="goes by one identifier, 'a'") as refused:
        split_dataset(visits(a=a, b=np.where(a < 2, 0, a)), split)
    assert "column 'b'" in str(refused.value)


def test_identifiers_that_never_repeat_leave_each_row_to_itself() -> None:
    data = visits(id=np.arange(300))
    split, _ = split_dataset(data, SplitSpec())
    assert (split.by, split.persons) == ((), None)
    plain = split_dataset(data, SplitSpec(stratified=False))[0]
    assert (plain.by, plain.persons) == (("id",), 300)


@pytest.mark.parametrize(("size", "refused"), [(240, False), (244, True)])
def test_one_value_that_links_most_rows_is_refused_by_name(size: int, refused: bool) -> None:
    """240 of 300 rows in training leave 60, and so 30 each, half of what the others should have."""
    who = [*["unknown"] * size, *(f"p{i}" for i in range(300 - size))]
    data = visits(id=who)
    if not refused:
        assert len(split_dataset(data, SplitSpec())[0].train) == 240
        return
    with pytest.raises(InputError, match=r"column 'id'.*244 of 300 rows.*such as 'unknown'"):
        split_dataset(data, SplitSpec())


def repeated(*, declared: bool) -> Dataset:
    return assign(
        read_path(CASES / "repeated_persons.csv"),
        Roles(
            target="out", positive_label="yes", sensitive=("grp",), features=("a", "b", "c", "d"),
            identifiers=("person",) if declared else (),
        ),
    )  # fmt: skip


def test_of_labels_that_are_coins_of_persons_nothing_can_be_learned() -> None:
    """500 persons of three nearly equal rows; a forest finds the person again, if it may."""
    areas: dict[bool, list[float]] = {True: [], False: []}
    shares = []
    for declared, seed in itertools.product((True, False), range(5)):
        found = train(repeated(declared=declared), TrainingSpec("random_forest", seed=seed))
        areas[declared].append(found.performance.figures["roc_auc"].estimate)
        if declared:
            shares.append(found.performance.figures["accuracy"].estimate)
        assert found.split.by == (("person",) if declared else ())
        assert found.split.persons == (500 if declared else None)
    # 100 persons are tested each time: for the mean of five, 0.058 / √5 is the error of chance.
    assert np.mean(areas[True]) == pytest.approx(0.5, abs=0.06)
    assert np.mean(shares) == pytest.approx(0.5, abs=0.06)
    assert np.mean(areas[False]) > 0.6


@pytest.mark.parametrize(("size", "refused"), [(50, False), (285, True)])
def test_one_value_that_links_most_rows_is_refused_under_lots_without_counts(
    size: int, refused: bool
) -> None:
    who = [*["unknown"] * size, *(f"p{i}" for i in range(300 - size))]
    data, split = visits(id=who), SplitSpec(stratified=False, seed=2)
    if not refused:
        assert split_dataset(data, split)[0].persons == 300 - size + 1
        return
    with pytest.raises(InputError, match=r"some persons have too many rows.*a tenth") as found:
        split_dataset(data, split)
    assert not any(letter.isdigit() for letter in str(found.value))


GROUPS = CategoryDomain("age", ("<30", "30–49", "≥50"))


@pytest.mark.parametrize(("edges", "kind", "refused"), [
    ((), None, True), ((("age", (30.0, 50.0)),), None, False), ((), Kind.CATEGORY, False),
])  # fmt: skip
def test_groups_that_all_rows_cut_carry_no_private_guarantee(
    edges: tuple[tuple[str, tuple[float, ...]], ...], kind: Kind | None, refused: bool
) -> None:
    """Cut near the quartiles, the groups of others move with one row more."""
    text = frame(400).assign(age=lambda d: d["age"].fillna(40)).to_csv(index=False).encode()
    read = read_bytes(text, "t.csv", kinds={} if kind is None else {"age": kind})
    roles = Roles(target="paid", positive_label="yes", sensitive=("age",), edges=edges,
                  features=("income", "city"))  # fmt: skip
    data = assign(read, roles)
    assert data.grouped_by_rows == (("age",) if refused else ())
    spec = TrainingSpec("dp_binned_regression", "private_group_thresholds", epsilon=1.0, delta=1e-6,
                        domains=Domains((*DOMAINS.items, GROUPS)), noise="seeded")  # fmt: skip
    if refused:
        with pytest.raises(InputError, match=r"column 'age'.*all rows together decide"):
            check_spec(data, spec)
    else:
        check_spec(data, spec)
    # A private model that looks at no group is none of their business.
    check_spec(data, replace(spec, mitigation="private_threshold"))


def test_how_rows_were_kept_together_stands_in_json_and_decides_whether_people_are_the_same() -> (
    None
):
    fields = {}
    for declared in (True, False):
        data = read_path(CASES / "repeated_persons.csv")
        roles = repeated(declared=declared).roles
        result = run(data, AuditPlan(roles, TrainingSpec("decision_tree"), explain=0))
        fields[declared] = json.loads(json.dumps(audit_json(result)))
    split = fields[True]["dataset"]["split"]
    assert (split["persons_by"], split["persons"]) == (["person"], 500)
    assert fields[True]["plan"]["split_rule"]
    split = fields[False]["dataset"]["split"]
    assert (split["persons_by"], split["persons"]) == ([], None)
    assert same_people(fields[True], fields[True]).test is True
    older = copy.deepcopy(fields[True])
    del older["plan"]["split_rule"]
    del older["dataset"]["split"]["persons_by"]
    found = same_people(fields[True], older)
    assert found.test is False
    assert "dealt out by another rule" in " ".join(found.sentences)


@pytest.mark.parametrize("linked", [True, False])
def test_resamples_draw_persons_and_hang_on_no_order(linked: bool) -> None:
    ids = np.random.default_rng(0).integers(0, 90, 300)
    data = frame(300).assign(id=ids if linked else np.arange(300))
    roles = Roles(target="paid", positive_label="yes", sensitive=("sex",), identifiers=("id",),
                  features=("income", "age", "city"))  # fmt: skip
    order = np.random.default_rng(1).permutation(300)
    drawn = []
    for rows_ in (np.arange(300), order):
        made = assign(table(data.iloc[rows_]), roles)
        split, _ = split_dataset(made, SplitSpec())
        found = resampled(made, split, np.random.default_rng(7))
        assert set(found) <= set(split.train)
        drawn.append(rows_[found].tolist())
    assert drawn[0] == drawn[1]
    often = np.bincount(drawn[0], minlength=300)
    if linked:
        assert all(len(set(often[ids == k])) == 1 for k in set(ids))
        assert often.max() > 1
    else:
        assert len(drawn[0]) == 180
