"""On what a sweep runs: what is allowed, what is said of it, and rows that are made up."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.data.roles.roles import Roles
from core.data.samples import SAMPLES
from core.errors import InputError
from core.tradeoff.sweep.accuracy_guidance import public_sample_rows
from core.tradeoff.sweep.basis import TITLES, Basis, Kind, allowed, rows_of
from core.tradeoff.sweep.synthetic import FEWEST, MOST, synthetic_rows
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset, frame, table

KNOWN = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
ROLES = dataset(50).roles


def test_protected_rows_are_never_simulated_on() -> None:
    for public in (False, True):
        for guaranteed in (False, True):
            kinds = allowed(public=public, guaranteed=guaranteed)
            assert kinds
            assert len(set(kinds)) == len(kinds)
            assert ("public" in kinds) == public
            # Only what is charged, or needs no protection, may look at protected rows.
            assert ("own" in kinds) == (not public and not guaranteed)
            assert ("spend" in kinds) == guaranteed
    assert set(TITLES) == set(get_args(Kind))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_picture_says_what_it_promises(kind: Kind) -> None:
    basis = Basis(kind, "german_credit" if kind == "stand_in" else "", 2_000)
    label = basis.label
    assert label.endswith(".")
    assert basis.spends == (kind == "spend")
    assert ("nothing is guaranteed" in label) == (kind != "spend")
    assert ("charged to the budget before" in label) == (kind == "spend")
    assert ("not on the rows of this audit" in label) == (kind in ("stand_in", "made_up"))
    assert ("within the team" in label) == (kind in ("own", "spend"))
    if kind == "stand_in":
        assert "german_credit" in label
    if kind == "made_up":
        assert "2,000" in label


@pytest.mark.parametrize("kind", ["public", "own", "spend"])
def test_own_rows_are_the_rows(kind: Kind) -> None:
    rows = dataset(100)
    assert rows_of(Basis(kind), rows, DOMAINS) == (rows, DOMAINS)
    assert rows_of(Basis(kind), rows, None) == (rows, None)


def test_a_stand_in_is_a_sample_with_its_own_domains() -> None:
    found, domains = rows_of(Basis("stand_in", "german_credit", 300), dataset(100), DOMAINS)
    assert found.provenance.name == "german_credit.csv"
    assert len(found) == 300
    assert domains == SAMPLES["german_credit"].domains
    again = public_sample_rows("german_credit", 300)
    assert again.fingerprint == found.fingerprint
    assert (again.target == found.target).all()
    assert public_sample_rows("german_credit", 301).fingerprint != found.fingerprint
    for name in ("nothing", "compas"):
        with pytest.raises(InputError, match=name):
            rows_of(Basis("stand_in", name, 300), dataset(100), None)


def test_synthetic_rows_need_declared_domains() -> None:
    with pytest.raises(InputError, match="no bounds and categories are declared"):
        rows_of(Basis("made_up", rows=300), dataset(100), None)
    with pytest.raises(InputError, match="column 'sex'"):
        rows_of(Basis("made_up", rows=300), dataset(100), DOMAINS)
    for rows in (FEWEST - 1, MOST + 1, 0, -1):
        with pytest.raises(InputError, match=f"{rows:,} rows"):
            synthetic_rows(ROLES, KNOWN, rows)


def alike(one: Dataset, other: Dataset) -> bool:
    return (
        one.features.equals(other.features)
        and one.sensitive.equals(other.sensitive)
        and bool((one.target == other.target).all())
        and one.fingerprint == other.fingerprint
        and one.roles == other.roles
    )


def test_synthetic_rows_depend_on_no_real_row() -> None:
    # Bins of a numeric sensitive column are quartiles of real rows where nobody declared them.
    from core.data.assign import assign, default_roles

    founds, bins = [], []
    for seed in (0, 1):
        data = frame(300 + seed, seed)
        data["age"] = data["age"] / (1 + seed)
        read = table(data)
        rows = assign(read, default_roles(read, "paid", "yes", ("sex", "age"))[0])
        bins.append(rows.roles.edges)
        founds.append(rows_of(Basis("made_up", rows=500), rows, KNOWN)[0])
    assert bins[0] != bins[1]
    assert alike(*founds)
    assert founds[0].sensitive["age"].nunique() > 1
    assert [name for name, _ in founds[0].roles.edges] == ["age"]
    assert founds[0].identifiers is None
    assert founds[0].weights is None


def test_synthetic_rows_are_repeatable_and_their_seed_matters() -> None:
    one = synthetic_rows(ROLES, KNOWN, 400)
    assert alike(one, synthetic_rows(ROLES, KNOWN, 400))
    other = synthetic_rows(ROLES, KNOWN, 400, seed=1)
    assert not one.features.equals(other.features)
    assert one.fingerprint != other.fingerprint
    wider = replace(KNOWN, items=(NumberDomain("income", 0, 20), *KNOWN.items[1:]))
    assert synthetic_rows(ROLES, wider, 400).fingerprint != one.fingerprint


texts = st.text("abcdéπ-<>'\"", min_size=1, max_size=4)
names = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5, unique=True)


@st.composite
def declared(draw: st.DrawFn) -> Domains:
    items = []
    for name in [*draw(names), "group"]:
        if name == "group" or draw(st.booleans()):
            values = draw(st.lists(texts, min_size=2, max_size=6, unique=True))
            items.append(CategoryDomain(name, tuple(values)))
        else:
            low = draw(st.floats(-1e6, 1e6))
            items.append(NumberDomain(name, low, low + draw(st.floats(1e-2, 1e6))))
    return Domains(tuple(items))


@given(declared(), st.integers(0, 5))
@settings(max_examples=60)
def test_declared_bounds_are_kept(domains: Domains, seed: int) -> None:
    features = tuple(item.name for item in domains.items if item.name != "group")
    roles = Roles("y", "1", ("group",), features=features)
    found = synthetic_rows(roles, domains, 300, seed)
    assert len(found) == len(found.features) == len(found.sensitive) == 300
    for item in domains.items:
        values = found.sensitive["group"] if item.name == "group" else found.features[item.name]
        if isinstance(item, CategoryDomain):
            assert set(values) <= set(item.categories)
            continue
        assert values.between(item.low, item.high).all()
        whole = float(item.low).is_integer() and float(item.high).is_integer()
        if whole and item.high - item.low > 1:
            assert (values == values.round()).all()
    # A part of each class large enough to split in three and to judge.
    assert 0.1 < found.target.mean() < 0.7


def test_there_is_something_to_learn_and_a_gap() -> None:
    found = synthetic_rows(ROLES, KNOWN, 6_000)
    assert 0.2 < found.target.mean() < 0.45
    trained = train(found, TrainingSpec("logistic_regression"))
    area = trained.performance.figures["roc_auc"].estimate
    assert area is not None
    # With log odds of standard deviation 2 the best that can be reached is about 0.87.
    assert 0.8 < area < 0.92
    counts = pd.crosstab(found.sensitive["sex"], found.target)
    assert chi2_contingency(counts).pvalue < 1e-6
    # Columns are independent of each other, so that none stands in for the group.
    apart = pd.crosstab(found.sensitive["sex"], found.features["city"])
    assert chi2_contingency(apart).pvalue > 1e-3
    assert abs(np.corrcoef(found.features["income"], found.features["age"])[0, 1]) < 0.05
